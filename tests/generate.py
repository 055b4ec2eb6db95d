"""Seeded practices whose patients stand on the boundaries of the standard.

`practice(seed, patients, variant)` gives one workbook as text and the options of its run; the same arguments give
the same practice. A patient gets a chain of doses made of exact and one-day-off steps; everything else (refusals,
tests, reviews, registration, onset, tablets) is then put on days that some rule looks at, or one day beside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from tests.oracle.dates import add_days, add_months
from tests.oracle.model import Options, Records

Row = dict[str, str]

VARIANTS = (
    "plain",
    "no_tests",
    "no_reviews",
    "no_event",
    "no_quantity",
    "no_registered_from",
    "no_patients",
    "period",
    "early_end",
    "assumed",
    "options",
    "pandemic",
    "ng239",
)
PATIENT_COLUMNS = (
    "patient_id",
    "practice_id",
    "year_of_birth",
    "sex",
    "indication",
    "cause",
    "neurological_involvement",
    "neurological_onset",
    "diagnosis_date",
    "registered_from",
    "registered_to",
    "pregnant_or_breastfeeding",
    "smoker",
)
TREATMENT_COLUMNS = ("patient_id", "date", "drug", "event", "route", "dose", "quantity", "directions")
CAUSES = (
    "autoimmune",
    "gastrectomy",
    "ileal_resection",
    "malabsorption",
    "medicine",
    "nitrous_oxide",
    "dietary",
    "unknown_after_investigation",
    "unknown",
)
DIRECTIONS = (
    "every 12 weeks",
    "every 13 weeks",
    "every 14 weeks",
    "every 8 weeks",
    "every 9 weeks",
    "every 26 weeks",
    "every 27 weeks",
    "every 2 months",
    "every 3 months",
    "every 4 months",
    "every 6 months",
    "every 62 days",
    "every 63 days",
    "every 84 days",
    "every 92 days",
    "every 93 days",
    "every 184 days",
    "every 185 days",
    "3 monthly",
    "three-monthly",
    "2-monthly",
    "every 2-3 months",
    "every 10-12 weeks",
    "10 to 12 weekly",
    "every 8/52",
    "12/52",
    "3/12",
    "every 2/12",
    "q3m",
    "q12w",
    "once every three months",
    "every other month",
    "every quarter",
    "twice a year",
    "once a year",
    "monthly",
    "INJECT ONE EVERY TWELVE WEEKS",
    "1 amp every 3/12 by nurse",
    "1mg IM 3 times a week for 2 weeks then every 3 months",
    "alternate days for 2 weeks then 1mg every 2 months",
    "one ampoule on alternate days until no further improvement, then 2-monthly",
    "every 2 days",
    "three times a week",
    "As directed",
    "when required",
    "every 2 months, every 3 months",
)
AMPOULES = "solution for injection ampoules"
# drug, route, dose; the first is the ordinary one
INJECTIONS: tuple[tuple[str, str, str], ...] = (
    (f"Hydroxocobalamin 1mg/1ml {AMPOULES}", "intramuscular", "1 mg"),
    (f"Hydroxocobalamin 1mg/1ml {AMPOULES}", "intramuscular", ""),
    (f"Hydroxocobalamin 1mg/1ml {AMPOULES}", "", ""),
    (f"HYDROXOCOBALAMIN 1mg/1ml {AMPOULES}", "subcutaneous", "1ml"),
    ("Hydroxocobalamin", "", ""),
    ("hydroxocobalamin", "intramuscular", "1000"),
    ("Hydroxocobalamin", "intramuscular", "500 micrograms"),
    ("Neo-Cytamen", "intramuscular", "1ml"),
    ("Neo-Cytamen", "", ""),
    ("Cobalin-H", "intramuscular", "2ml"),
    (f"Cyanocobalamin 1mg/1ml {AMPOULES}", "intramuscular", ""),
    ("Cytamen", "", ""),
    ("Methylcobalamin", "subcutaneous", "1 mg"),
    ("Mecobalamin", "intramuscular", "1000 micrograms"),
    ("Adenosylcobalamin", "intramuscular", "1 mg"),
)
TABLETS: tuple[tuple[str, str, str], ...] = (
    ("Cyanocobalamin 50microgram tablets", "oral", ""),
    ("Cyanocobalamin 50microgram tablets", "", ""),
    ("Cyanocobalamin 1mg tablets", "", ""),
    ("Cyanocobalamin 1mg tablets", "oral", "1000 micrograms"),
    ("Cyanocobalamin", "oral", "999"),
    ("Cyanocobalamin", "oral", ""),
    ("Cyanocobalamin tablets", "", ""),
    ("Methylcobalamin", "sublingual", "1 mg"),
    ("Methylcobalamin", "sublingual", ""),
    ("Hydroxocobalamin", "oral", "1 mg"),
    ("Cyanocobalamin", "nasal", "500"),
    ("Cyanocobalamin", "other", ""),
)
ANTIDOTES: tuple[tuple[str, str, str], ...] = (
    ("Cyanokit", "", ""),
    ("Cyanokit 5g powder for solution for infusion vials", "intravenous", "5 g"),
    ("Hydroxocobalamin", "intravenous", "1 mg"),
    ("Hydroxocobalamin", "intramuscular", "2.5 g"),
    ("Hydroxocobalamin", "", "5 g"),
)
FOLIC_ACID: tuple[tuple[str, str, str], ...] = (
    ("Folic acid 5mg tablets", "", ""),
    ("Folic acid 5mg tablets", "oral", "5 mg"),
    ("Folic acid 400microgram tablets", "oral", ""),
    ("Folic acid", "oral", "1 mg"),
    ("Folic acid", "oral", "999"),
    ("Folic acid tablets", "oral", ""),
)
BAD_QUANTITIES = ("", "0", "101", "2.5", "two", "-1")
HAEMOGLOBIN = (
    "79",
    "80",
    "79.9",
    "7.9",
    "8.0",
    "119",
    "120",
    "129",
    "130",
    "12.9",
    "13",
    "11.9",
    "25",
    "25.1",
)
RESULTS = ("5", "0.5", "412", ">20", "")
TESTS = (
    "vitamin_b12",
    "vitamin_b12",
    "active_b12",
    "folate",
    "ferritin",
    "vitamin_b6",
    "potassium",
    "potassium",
    "haemoglobin",
    "haemoglobin",
    "haemoglobin",
    "mcv",
    "homocysteine",
    "serum rhubarb",
)
OUTCOMES = ("improving", "improving", "no_further_improvement", "resolved", "not_improved", "worse", "other")
GRACE = {2: 7, 3: 14, 6: 28}


@dataclass
class Setting:
    """The dates of one workbook."""

    x: date
    h: date
    p0: date


@dataclass
class Story:
    """One patient while being made up."""

    rng: Random
    setting: Setting
    patient_id: str
    fields: Row = field(default_factory=dict)
    treatments: list[Row] = field(default_factory=list)
    tests: list[Row] = field(default_factory=list)
    reviews: list[Row] = field(default_factory=list)
    days: list[date] = field(default_factory=list)  # of injections
    listed: bool = True

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def treat(self, day: date | str, what: tuple[str, str, str], event: str, quantity: str = "") -> Row:
        """Add a treatment row."""
        drug, route, dose = what
        row = {
            "patient_id": self.patient_id,
            "date": day if isinstance(day, str) else day.isoformat(),
            "drug": drug,
            "event": event,
            "route": route,
            "dose": dose,
            "quantity": quantity,
            "directions": "",
        }
        self.treatments.append(row)
        return row

    def near(self) -> date:
        """A day that some rule may look at, or one beside it."""
        day, months, days = self.rng.choice(self._interesting_days())
        return add_days(add_months(day, months), days + self.rng.choice((0, 0, 0, -1, 1)))

    def _interesting_days(self) -> list[tuple[date, int, int]]:
        """Each as a day, and the months and days after it."""
        x, p0 = self.setting.x, self.setting.p0
        days = [(x, 0, 0), (p0, 0, 0), (p0, -12, 0), (p0, -3, 0), (x, -6, 0), (x, -12, 0)]
        if not self.days:
            return days
        first, some = self.days[0], self.rng.choice(self.days[-8:])
        days += [(first, 0, k) for k in (-90, -28, 0, 1, 7, 14, 21, 42, 84, 365)]
        days += [(first, 3, 28), (first, 1, 14)]
        for day in (some, self.days[-1], _end_of_first_run(self.days)):
            days += [(day, 0, k) for k in (0, 7, 10, 14, 28)]
            for months, grace in GRACE.items():
                days += [(day, months, 0), (day, months, grace), (day, months, grace + 1)]
        return days


def _end_of_first_run(days: Sequence[date]) -> date:
    end = days[0]
    for day in days[1:]:
        if (day - end).days > 10:
            break
        end = day
    return end


# ---------------------------------------------------------------------- chains of doses


def _first_day(story: Story) -> date:
    """Of the first dose: in the period, at its edges, or before it."""
    rng, x, p0, h = story.rng, story.setting.x, story.setting.p0, story.setting.h
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice((p0, add_days(p0, -1), x, add_days(x, 1), add_days(p0, 1)))
    if kind == 1:
        return add_days(add_months(h, 4), rng.choice((0, -1, 1, 30)))
    if kind == 2:
        return add_days(date(2024, 3, 6), rng.choice((-1, 0, 1)))
    if kind == 3:
        return add_days(date(x.year, rng.choice((1, 3, 5, 12)), 1), -1)
    if kind in (4, 5):
        return add_days(p0, -rng.randrange(1, 1100))
    return add_days(p0, rng.randrange(0, 330))


def _loading(story: Story, first: date) -> list[date]:
    """A course whose sixth dose lies on or beside a limit, sometimes with fewer or more doses."""
    rng = story.rng
    kind = rng.randrange(5)
    if kind == 0:
        return [first]
    if kind == 1:  # every other day
        return [add_days(first, 2 * k) for k in range(rng.choice((2, 3, 5, 6, 6, 7, 8, 12)))]
    sixth = rng.choice((12, 13, 14, 15, 20, 21, 22))
    offsets = sorted({0, *rng.sample(range(1, sixth), 4), sixth})
    if kind == 2:
        offsets = rng.choice(
            ([0, 7, 8, 9, 10, 14], [0, 8, 9, 10, 11, 14], [0, 2, 4, 7, 14, 21], [0, 2, 4, 7, 13, 21])
        )
    if kind == 3:
        offsets = offsets[: rng.choice((2, 3, 4, 5))]
    return [add_days(first, offset) for offset in offsets]


def _next(story: Story, day: date, cover: int = 1) -> date:
    """The next dose: on a due date, on its limit, or one day beside; else a short or any gap."""
    rng = story.rng
    kind = rng.randrange(10)
    if kind == 0:
        return add_days(day, rng.choice((1, 7, 8, 10, 11, 14, 28)))
    if kind == 1:
        return add_days(day, rng.randrange(12, 260))
    months = rng.choice((2, 2, 3, 3, 3, 6))
    due = add_months(day, months * cover)
    grace = GRACE[months]
    return add_days(due, rng.choice((-1, 0, 0, 1, grace - 1, grace, grace, grace + 1)))


def _last_for_extract(story: Story, cover: int = 1) -> date:
    """A dose whose due date or limit falls on the extract date or beside it."""
    rng = story.rng
    months = rng.choice((2, 3, 6))
    target = add_days(story.setting.x, rng.choice((-1, 0, 0, 1)) - rng.choice((0, GRACE[months])))
    return add_months(target, -months * cover)


def _chain(story: Story) -> list[date]:
    """All injection days of a patient, ascending and distinct."""
    rng, x = story.rng, story.setting.x
    days = _loading(story, _first_day(story))
    if story.chance(0.06):
        return days
    end = x if story.chance(0.7) else add_days(x, -rng.randrange(0, 500))
    while days[-1] < end and len(days) < 60:
        days.append(_next(story, days[-1]))
        if story.chance(0.05):
            days += [add_days(days[-1], gap) for gap in rng.choice(((2, 4), (10, 20), (11, 22), (7, 9, 11)))]
    if story.chance(0.3):
        last = _last_for_extract(story)
        days = [day for day in days if (last - day).days > 20] + [last]
    beyond = 20 if story.chance(0.2) else 0
    return sorted({day for day in days if day <= add_days(x, beyond)}) or [add_days(x, -30)]


# ---------------------------------------------------------------------- stories: what was recorded of the doses


def _injection(story: Story, usual: tuple[str, str, str]) -> tuple[str, str, str]:
    return story.rng.choice(INJECTIONS) if story.chance(0.03) else usual


def _usual(story: Story) -> tuple[str, str, str]:
    return story.rng.choice(INJECTIONS) if story.chance(0.3) else INJECTIONS[0]


def _given(story: Story, day: date, usual: tuple[str, str, str]) -> None:
    event = story.rng.choice(("administered",) * 7 + ("self_administered", "given_elsewhere"))
    row = story.treat(day, _injection(story, usual), event)
    if story.chance(0.5):
        row["directions"] = story.rng.choice(DIRECTIONS)
    if story.chance(0.04):
        story.treatments.append(dict(row))  # the same row twice
    if story.chance(0.03):
        story.treat(day, _injection(story, usual), "administered")


def _issued(story: Story, day: date, usual: tuple[str, str, str], quantity: int) -> None:
    row = story.treat(day, _injection(story, usual), "issued", str(quantity))
    row["directions"] = story.rng.choice(("", *DIRECTIONS))
    if story.chance(0.06):
        story.treatments.append(dict(row))
    if story.chance(0.06):
        second = story.treat(
            day, _injection(story, usual), "issued", str(story.rng.choice((1, 2, quantity, 5)))
        )
        second["directions"] = story.rng.choice(("", row["directions"], *DIRECTIONS))


def given_story(story: Story) -> None:
    """Injections recorded as given, sometimes with prescriptions beside them."""
    usual = _usual(story)
    story.days = _chain(story)
    for day in story.days:
        _given(story, day, usual)
        if story.chance(0.08):
            _issued(
                story, add_days(day, -story.rng.choice((0, 1, 7, 30))), usual, story.rng.choice((1, 2, 5))
            )


def self_story(story: Story) -> None:
    """Injected at home, under the skin; now and then by somebody else or into muscle."""
    story.days = _chain(story)
    for day in story.days:
        event = "administered" if story.chance(0.02) else "self_administered"
        row = story.treat(day, (INJECTIONS[0][0], "subcutaneous", "1 mg"), event)
        row["route"] = "intramuscular" if story.chance(0.1) else row["route"]


def long_course_story(story: Story) -> None:
    """Neurological involvement and a course of more than six, with the review before, at or after its end."""
    rng = story.rng
    first = add_days(story.setting.p0, rng.randrange(0, 360))
    story.days = [add_days(first, 2 * k) for k in range(rng.choice((5, 6, 7, 7, 8, 12, 20)))]
    day = _next(story, story.days[-1])
    while day <= story.setting.x and story.chance(0.8):
        story.days.append(day)
        day = _next(story, day)
    story.days = [day for day in story.days if day <= story.setting.x] or [first]
    for day in story.days:
        _given(story, day, INJECTIONS[0])
    if story.chance(0.6):
        day = add_days(_end_of_first_run(story.days), rng.choice((6, 7, 8, 14, 15)))
        _review(
            story, day.isoformat(), rng.choice(("no_further_improvement", "resolved", "improving", "worse"))
        )
    if story.chance(0.15):
        story.treat(story.near(), INJECTIONS[0], "declined")


def issued_story(story: Story) -> None:
    """Prescriptions only: courses in one box, one ampoule at a time, or several for many months."""
    rng, usual, x = story.rng, _usual(story), story.setting.x
    day = _first_day(story)
    while day <= add_days(x, 5) and len(story.days) < 40:
        quantity = rng.choice((1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 10))
        story.days.append(day)
        _issued(story, day, usual, quantity)
        short = story.chance(0.3)
        day = (
            add_days(day, rng.choice((2, 3, 7, 10, 11)))
            if short
            else _next(story, day, _cover(story, quantity))
        )
    if story.chance(0.3):
        last = _last_for_extract(story, rng.choice((1, 2)))
        story.days.append(last)
        _issued(story, last, usual, rng.choice((1, 2)))
    story.days = sorted(story.days) or [add_days(x, -40)]


def _cover(story: Story, quantity: int) -> int:
    return story.rng.choice((1, quantity, max(1, quantity - 6)))


def issued_course_story(story: Story) -> None:
    """A course of single prescriptions, or one box for it, and one long wait after it."""
    rng, usual = story.rng, _usual(story)
    story.days = _loading(story, _first_day(story))[: rng.choice((1, 2, 3, 6, 8, 12))]
    for day in story.days:
        _issued(story, day, usual, rng.choice((1, 1, 1, 1, 2, 6, 7, 8)) if story.chance(0.3) else 1)
    after = _next(story, story.days[-1], rng.choice((1, 1, 2, 3, 6)))
    for _ in range(rng.choice((0, 1, 1, 3))):
        story.days.append(after)
        _issued(story, after, usual, rng.choice((1, 2)))
        after = _next(story, after, rng.choice((1, 2)))


def mixed_story(story: Story) -> None:
    """Given up to a day, issued afterwards; or the last given one at the edge of what makes basis given."""
    rng, usual = story.rng, _usual(story)
    story.days = _chain(story)
    edge = add_days(add_months(story.setting.p0, -12), rng.choice((-1, 0, 1)))
    if story.chance(0.3):
        story.days = sorted({day for day in story.days if day < edge} | {edge})
    else:
        keep = rng.randrange(1, len(story.days) + 1)
        story.days = story.days[:keep]
    for day in story.days:
        _given(story, day, usual)
    after = story.days[-1]
    for _ in range(rng.choice((0, 1, 1, 2, 2, 3))):
        after = add_days(after, rng.choice((0, 1, 10, 28, 60, 91)))
        _issued(story, after, usual, rng.choice((1, 1, 2, 5, 6)))
    if story.chance(0.2):
        _issued(story, story.near(), usual, 5)


def oral_story(story: Story) -> None:
    """Tablets, with or without an injection once."""
    if story.chance(0.4):
        story.days = [add_days(story.setting.p0, -story.rng.randrange(0, 120)), story.near()][
            : story.rng.choice((1, 2))
        ]
        for day in story.days:
            _given(story, day, INJECTIONS[0])
    for _ in range(story.rng.choice((1, 1, 2, 3))):
        _tablets(story)


def _tablets(story: Story) -> None:
    event = story.rng.choice(("issued", "issued", "issued", "self_administered"))
    story.treat(story.near(), story.rng.choice(TABLETS), event, story.rng.choice(("28", "56", "")))


def antidote_story(story: Story) -> None:
    """Cyanide antidote, alone or beside something else."""
    story.treat(story.near(), story.rng.choice(ANTIDOTES), story.rng.choice(("administered", "issued")), "1")
    if story.chance(0.3):
        _tablets(story)
    if story.chance(0.2):
        story.treat(story.near(), INJECTIONS[0], "declined")
    if story.chance(0.2):
        story.treat(story.near(), story.rng.choice(FOLIC_ACID), "issued", "28")


def refused_story(story: Story) -> None:
    """Offered, and never given."""
    for _ in range(story.rng.choice((1, 2))):
        story.treat(
            story.near(), INJECTIONS[0], story.rng.choice(("declined", "deferred", "not_attended", "stopped"))
        )


def empty_story(story: Story) -> None:
    """No treatment at all: in Patients, Tests or Reviews only."""
    story.listed = story.chance(0.6)


STORIES: tuple[tuple[Callable[[Story], None], int], ...] = (
    (given_story, 36),
    (self_story, 3),
    (long_course_story, 5),
    (issued_story, 14),
    (issued_course_story, 12),
    (mixed_story, 13),
    (oral_story, 8),
    (antidote_story, 2),
    (refused_story, 2),
    (empty_story, 4),
)


# ---------------------------------------------------------------------- what stands beside the doses


def _add_fields(story: Story) -> None:
    rng, fields = story.rng, story.fields
    fields["practice_id"] = "B" if story.chance(0.03) else ""
    fields["year_of_birth"] = _year_of_birth(story)
    fields["sex"] = rng.choice(("female", "male", "other", "unknown", ""))
    fields["indication"] = rng.choice(
        ("",) * 12 + ("deficiency",) * 8 + ("prophylaxis", "prophylaxis", "metabolic")
    )
    if story.chance(0.04):
        fields["indication"] = "lebers_or_tobacco_amblyopia"
    fields["cause"] = rng.choice(("", "", "dietary", "autoimmune", *CAUSES))
    fields["neurological_involvement"] = rng.choice(("yes", "yes", "no", "no", "no", "unknown", ""))
    fields["neurological_onset"] = story.near().isoformat() if story.chance(0.4) else ""
    fields["diagnosis_date"] = _diagnosis(story)
    fields["registered_from"] = _registered_from(story)
    fields["registered_to"] = story.near().isoformat() if story.chance(0.17) else ""
    fields["pregnant_or_breastfeeding"] = rng.choice(("", "no", "no", "yes"))
    fields["smoker"] = rng.choice(("", "no", "yes"))
    if story.chance(0.01):
        fields[rng.choice(("neurological_onset", "diagnosis_date", "registered_from"))] = "31/31/2024"


def _year_of_birth(story: Story) -> str:
    if story.chance(0.06):
        return str(story.setting.x.year - story.rng.choice((15, 16, 17)))
    return story.rng.choice(("1948", "1960", "1990", ""))


def _diagnosis(story: Story) -> str:
    if story.days and story.chance(0.35):
        return add_days(story.days[0], -story.rng.choice((0, 1, 27, 28, 29, -1))).isoformat()
    if story.chance(0.1):
        return add_days(story.setting.x, -story.rng.choice((0, 27, 28, 29))).isoformat()
    return ""


def _registered_from(story: Story) -> str:
    if story.days and story.chance(0.4):
        return add_days(add_months(story.days[0], -4), story.rng.choice((-1, 0, 0, 1, 2))).isoformat()
    return story.rng.choice(("2001-05-04", "2001-05-04", "2010-12-31", ""))


def _add_refusals(story: Story) -> None:
    words = ("declined", "declined", "deferred", "not_attended", "not_attended", "stopped")
    for _ in range(story.rng.choice((0, 0, 0, 1, 1, 2))):
        word = story.rng.choice(words)
        on_tablets = story.chance(0.1)
        story.treat(story.near(), story.rng.choice(TABLETS[:4]) if on_tablets else INJECTIONS[0], word)
    if story.chance(0.1):
        what = story.rng.choice((("Hydroxocobalamin", "", ""), INJECTIONS[3], ANTIDOTES[0]))
        story.treat(story.near(), what, story.rng.choice(words))


def _add_drugs(story: Story) -> None:
    if story.chance(0.15):
        _tablets(story)
    if story.chance(0.03):
        story.treat(story.near(), story.rng.choice(ANTIDOTES), "administered")
    if story.chance(0.25):
        for _ in range(story.rng.choice((1, 1, 2))):
            event = story.rng.choice(("issued", "issued", "issued", "self_administered", "declined"))
            story.treat(story.near(), story.rng.choice(FOLIC_ACID), event, "28")
    if story.days and story.chance(0.1):
        day = add_days(story.days[0], story.rng.choice((-91, -90, -1, 0, 1, 365, 366)))
        story.treat(day, story.rng.choice((FOLIC_ACID[0], FOLIC_ACID[0], FOLIC_ACID[-1])), "issued", "28")
    if story.chance(0.04):
        story.treat(story.rng.choice(("", "2023-05-05")), ("Vitamin D 800unit capsules", "", ""), "")


def _add_tests(story: Story) -> None:
    for _ in range(story.rng.choice((0, 1, 2, 4, 6))):
        name = story.rng.choice(TESTS)
        value = story.rng.choice(HAEMOGLOBIN) if name == "haemoglobin" else story.rng.choice(RESULTS)
        _test(story, story.near(), name, "" if story.chance(0.05) else value)
    if story.days and story.chance(0.25):
        day = add_days(story.days[0], story.rng.choice((-29, -28, -1, 0, 0, 1)))
        _test(story, day, "haemoglobin", story.rng.choice(HAEMOGLOBIN))
        _test(story, day, "haemoglobin", story.rng.choice(HAEMOGLOBIN))
    if story.days and story.chance(0.5):
        _tests_around_start(story, story.days[0])
    if story.chance(0.015):
        row = _test(story, story.near(), "ferritin", "30")
        row.update(story.rng.choice(({"date": ""}, {"date": "31/31/2024"}, {"test": ""})))


def _tests_around_start(story: Story, first: date) -> None:
    """On the edges of the windows that count from the first dose."""
    for name in story.rng.sample(("folate", "ferritin", "mcv", "vitamin_b6"), story.rng.choice((1, 2, 3))):
        day = add_days(first, story.rng.choice((-91, -90, -20, 0, 14, 14, 15)))
        _test(story, day, name, story.rng.choice(RESULTS))
    _test(story, add_days(first, story.rng.choice((0, 1, 7, 14, 15))), "potassium", story.rng.choice(RESULTS))
    day = add_days(first, story.rng.choice((41, 42, 60, 84, 85)))
    _test(story, day, "haemoglobin", story.rng.choice(HAEMOGLOBIN))


def _test(story: Story, day: date, name: str, value: str) -> Row:
    row = {
        "patient_id": story.patient_id,
        "date": day.isoformat(),
        "test": name,
        "value": value,
        "unit": story.rng.choice(("", "g/L")) if name == "haemoglobin" else "",
    }
    story.tests.append(row)
    return row


def _add_reviews(story: Story) -> None:
    for _ in range(story.rng.choice((0, 1, 1, 2, 3))):
        _review(story, story.near().isoformat(), story.rng.choice(OUTCOMES))
    if story.days and story.chance(0.3):
        day = add_days(_end_of_first_run(story.days), story.rng.choice((6, 7, 8, 14, 15, 28, 29, -3)))
        _review(story, day.isoformat(), story.rng.choice(OUTCOMES))
        if story.chance(0.3):
            _review(story, day.isoformat(), story.rng.choice(OUTCOMES))
    if story.chance(0.03):
        _review(story, *story.rng.choice((("", "improving"), ("2024-05-05", ""), ("2024-05-05", "purple"))))


def _review(story: Story, day: str, outcome: str) -> None:
    story.reviews.append({"patient_id": story.patient_id, "date": day, "outcome": outcome})


def _spoil(story: Story) -> None:
    """Now and then a row that cannot be read, or one dated after the end."""
    after = add_days(story.setting.x, story.rng.choice((1, 5, 20)))
    if story.chance(0.04):
        story.treat(after, INJECTIONS[0], story.rng.choice(("administered", "issued", "stopped")), "1")
    issues = [row for row in story.treatments if row["event"] == "issued" and row["quantity"]]
    if issues and story.chance(0.03):
        story.rng.choice(issues)["quantity"] = story.rng.choice(BAD_QUANTITIES)
    if not story.chance(0.03):
        return
    day = story.rng.choice((story.near(), after))
    row = story.treat(day, INJECTIONS[0], "administered")
    row.update(
        story.rng.choice(
            (
                {"drug": ""},
                {"drug": "???"},
                {"drug": "xyzcobalamin"},
                {"drug": "Vit B12 jab"},
                {"date": ""},
                {"date": "31/31/2024"},
                {"event": ""},
                {"event": "banana"},
                {"drug": "Cyanocobalamin", "route": "", "dose": ""},
                {"drug": "Methylcobalamin", "route": "", "event": "declined"},
                {"drug": "Folic acid 5mg tablets", "date": ""},
            )
        )
    )


def _messy(story: Story) -> None:
    """The same words in other letters: reading is forgiving."""
    for row in story.treatments:
        if story.chance(0.02):
            row["event"] = f" {row['event'].replace('_', ' ').title()} "
        if story.chance(0.02):
            row["patient_id"] = f"  {row['patient_id']} "


def _patient_rows(story: Story) -> list[Row]:
    """One row in Patients; now and then two that agree, complete each other, or contradict."""
    if not story.listed:
        return []
    row = {"patient_id": story.patient_id, **story.fields}
    if not story.chance(0.05):
        return [row]
    second = dict(row)
    second.update(
        story.rng.choice(
            (
                {},
                dict.fromkeys(story.fields, ""),
                {"cause": "medicine"},
                {"neurological_involvement": "yes"},
                {"neurological_onset": "2015-03-01"},
                {"diagnosis_date": "2015-03-01"},
                {"registered_from": "2015-03-01"},
                {"registered_to": story.setting.p0.isoformat()},
                {"indication": "prophylaxis"},
                {"practice_id": "C"},
                {"smoker": "yes"},
                {"sex": "male"},
                {"year_of_birth": "1950"},
            )
        )
    )
    return [row, second]


def _story(rng: Random, setting: Setting, patient_id: str) -> Story:
    story = Story(rng, setting, patient_id)
    tell = rng.choices([one for one, _ in STORIES], [weight for _, weight in STORIES])[0]
    tell(story)
    beside = [_add_fields, _add_refusals, _add_drugs, _add_tests, _add_reviews, _spoil, _messy]
    if tell is empty_story:
        beside = [_add_fields, _add_tests, _add_reviews]
    if tell is long_course_story and story.chance(0.3):
        beside = [_add_fields, _add_tests]
    for add in beside:
        add(story)
    if tell is long_course_story and story.chance(0.8):
        story.fields |= {"neurological_involvement": "yes", "neurological_onset": "", "diagnosis_date": ""}
        story.fields |= {"registered_from": "2001-05-04"}
    if story.chance(0.02):
        story.listed = False
    return story


# ---------------------------------------------------------------------- the workbook

EXTRACT_DATES = (
    date(2024, 12, 31),
    date(2025, 2, 28),
    date(2024, 2, 29),
    date(2025, 3, 31),
    date(2025, 8, 14),
    date(2026, 5, 30),
    date(2019, 1, 31),
)


def _setting(rng: Random, variant: str) -> Setting:
    choices = {
        "pandemic": (date(2021, 6, 30), date(2021, 3, 31), date(2020, 11, 30)),
        "ng239": (date(2024, 11, 30),),
    }
    x = rng.choice(choices.get(variant, EXTRACT_DATES))
    h = add_days(add_months(x, -rng.choice((24, 48, 60))), rng.randrange(0, 31))
    return Setting(x, h, add_days(add_months(x, -12), 1))


def _about_and_options(rng: Random, setting: Setting, variant: str) -> tuple[Row, Options]:
    about = {"extract_date": setting.x.isoformat(), "history_start": setting.h.isoformat()}
    if rng.random() < 0.5:
        about["practice_id"] = "A"
    if variant == "assumed":
        return {key: value for key, value in about.items() if key == "practice_id"}, Options()
    if variant == "options":
        wrong = {key: "2017-01-01" for key in ("extract_date", "history_start", "period_from", "period_to")}
        begin = add_days(setting.p0, -100)
        return about | wrong, Options(setting.x, setting.h, begin, setting.x)
    if variant == "period":
        setting.p0 = add_days(setting.x, -rng.choice((90, 365, 500)))
        return about | {"period_from": setting.p0.isoformat()}, Options()
    if variant == "early_end":
        end = add_days(setting.x, -rng.choice((1, 14, 45, 200)))
        late = rng.random() < 0.5
        setting.x, setting.p0 = end, add_days(add_months(end, -12), 1)
        return (
            (about, Options(period_to=end)) if late else (about | {"period_to": end.isoformat()}, Options())
        )
    return about, Options()


def _without(rows: list[Row], column: str) -> list[Row]:
    return [{key: value for key, value in row.items() if key != column} for row in rows]


def practice(seed: int, patients: int = 300, variant: str = "plain") -> tuple[Records, Options]:
    """One made-up workbook and the options of its run.

    Raises:
        ValueError: `variant` is none of VARIANTS.
    """
    if variant not in VARIANTS:
        raise ValueError(f"unknown variant {variant!r}")
    rng = Random(f"{seed} {variant}")
    setting = _setting(rng, variant)
    about, options = _about_and_options(rng, setting, variant)
    stories = [_story(rng, setting, f"P{number:05d}") for number in range(patients)]
    listed = [row for story in stories for row in _patient_rows(story)]
    treatments = [row for story in stories for row in story.treatments]
    if rng.random() < 0.3:
        treatments.append(
            dict.fromkeys(TREATMENT_COLUMNS, "") | {"date": setting.p0.isoformat(), "drug": "Cytamen"}
        )
    records = Records(
        about=about,
        patients=listed,
        treatments=treatments,
        tests=[row for story in stories for row in story.tests],
        reviews=[row for story in stories for row in story.reviews],
        file_stem=f"practice-{seed}",
    )
    _take_away(records, variant)
    return records, options


def _take_away(records: Records, variant: str) -> None:
    if variant == "no_tests":
        records["tests"] = None
    if variant == "no_reviews":
        records["reviews"] = None
    if variant == "no_patients":
        records["patients"] = None
    if variant in ("no_event", "no_quantity"):
        records["treatments"] = _without(records["treatments"], variant.removeprefix("no_"))
    if variant == "no_registered_from" and records["patients"]:
        records["patients"] = _without(records["patients"], "registered_from")
