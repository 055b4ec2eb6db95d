"""What each synthetic patient is there to show: one small function a story, and the list of who tells which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sample_data.clinic import (
    EIGHT_WEEKS,
    EXTRACT_DATE,
    HISTORY_START,
    SIX_MONTHS,
    TEN_WEEKS,
    THREE_MONTHS,
    TWELVE_WEEKS,
    TWO_MONTHS,
    Every,
    add_months,
    loading_days,
    next_open,
)
from sample_data.person import (
    CYANOCOBALAMIN,
    EACH_TIME,
    FOLIC_ACID,
    IN_FIVES,
    LOADING,
    LOADING_NEURO,
    TABLETS_1_MG,
    TABLETS_50_MICROGRAMS,
    UNRECORDED,
    Person,
    late_by,
    loading_start,
)

OLDER = (1938, 1962)
#: Of those treated for years, whose B12 is measured again and whose loading is in the record.
SHARE_RETESTED, SHARE_BEGUN_LATER = 0.3, 0.4


# What stories share


def treated_for_years(person: Person, every: Every, until: date = EXTRACT_DATE) -> date:
    """Maintenance since before the history starts, or since a loading course in it; the last injection's day."""
    person.yearly_bloods(SHARE_RETESTED)
    if person.chance.random() < SHARE_BEGUN_LATER:
        start = loading_start(person.day_in(date(2019, 7, 1), date(2023, 6, 30)))
        person.fields["diagnosis_date"] = next_open(start - timedelta(days=person.chance.randint(5, 16)))
        first = person.next_appointment(person.load(start), every)
    else:
        first = person.day_in(HISTORY_START + timedelta(days=2), HISTORY_START + timedelta(days=75))
    return person.maintain(first, every, until)


def irreversible(person: Person) -> str:
    """A cause of lifelong deficiency, most often pernicious anaemia."""
    return person.chance.choices(("autoimmune", "gastrectomy", "ileal_resection"), (7, 1, 1))[0]


def any_cause(person: Person) -> str:
    """A cause as practices record it, blank where they do not."""
    causes = ("autoimmune", "gastrectomy", "ileal_resection", "malabsorption", "medicine")
    return person.chance.choices((*causes, "unknown_after_investigation", ""), (10, 2, 2, 2, 2, 2, 2))[0]


def newly_diagnosed(person: Person, start: date, haemoglobin: int, without: tuple[str, ...] = ()) -> date:
    """Blood tests and a diagnosis shortly before treatment begins; the day it begins."""
    start = loading_start(start)
    person.fields["diagnosis_date"] = next_open(start - timedelta(days=person.chance.randint(3, 9)))
    person.first_bloods(start, haemoglobin, without)
    return start


def followed_up(person: Person, start: date, outcome: str) -> None:
    """A blood count after two months and a review after three."""
    person.blood_count(start + timedelta(days=person.chance.randint(45, 75)), person.chance.randint(124, 141), 91.5)
    person.review(next_open(add_months(start, 3) + timedelta(days=person.chance.randint(-6, 12))), outcome)


# Long-term maintenance without neurological involvement


def twelve_weekly_on_time(person: Person) -> None:
    """Injections every 12 weeks, on time."""
    person.describe(irreversible(person), "no", OLDER)
    treated_for_years(person, TWELVE_WEEKS)


def three_monthly_on_time(person: Person) -> None:
    """Injections every 3 months, on time."""
    person.describe(irreversible(person), "no", OLDER)
    treated_for_years(person, THREE_MONTHS)


def ten_weekly_on_time(person: Person) -> None:
    """Injections every 10 weeks, on time."""
    person.describe(any_cause(person), "no")
    treated_for_years(person, TEN_WEEKS)


def two_monthly_without_nerves(person: Person) -> None:
    """Injections every 2 months without neurological involvement: early is never late."""
    person.describe(irreversible(person), "no")
    treated_for_years(person, TWO_MONTHS)


def within_grace_after_christmas(person: Person) -> None:
    """Due over Christmas, given in January: within grace."""
    person.describe(irreversible(person), "no", OLDER)
    before = treated_for_years(person, TWELVE_WEEKS, until=date(2025, 7, 1))
    autumn = person.maintain(min(late_by(before, 3, 0, -4), date(2025, 9, 24)), TWELVE_WEEKS, date(2025, 9, 26))
    person.maintain(late_by(autumn, 3, 0, 9), TWELVE_WEEKS)


def missed_appointment(person: Person) -> None:
    """Did not attend, and had the injection some weeks late."""
    person.describe(any_cause(person), "no")
    last = treated_for_years(person, TWELVE_WEEKS, person.day_in(date(2025, 4, 7), date(2025, 9, 30)))
    person.happen(next_open(TWELVE_WEEKS.after(last)), "not_attended")
    person.maintain(late_by(last, 3, 14, person.chance.randint(4, 30)), TWELVE_WEEKS)


def late_without_a_reason(person: Person) -> None:
    """One injection more than two weeks late, and the record does not say why."""
    person.describe(any_cause(person), "no", OLDER)
    last = treated_for_years(person, THREE_MONTHS, person.day_in(date(2025, 4, 7), date(2025, 9, 30)))
    person.maintain(late_by(last, 3, 14, person.chance.randint(3, 40)), THREE_MONTHS)


def declined_for_months(person: Person) -> None:
    """Declined injections for most of the year, then had one again."""
    person.describe("malabsorption", "no")
    last = treated_for_years(person, TWELVE_WEEKS, date(2025, 3, 28))
    person.happen(next_open(TWELVE_WEEKS.after(last)), "declined")
    person.maintain(person.day_in(date(2026, 1, 12), date(2026, 2, 6)), TWELVE_WEEKS)


def deferred_once(person: Person) -> None:
    """One injection put off while unwell."""
    person.describe("autoimmune", "no", OLDER)
    last = treated_for_years(person, TWELVE_WEEKS, date(2025, 9, 12))
    person.happen(next_open(TWELVE_WEEKS.after(last)), "deferred")
    person.maintain(late_by(last, 3, 14, 12), TWELVE_WEEKS)


def tablets_while_abroad(person: Person) -> None:
    """Bridged a long stay abroad with tablets of 1 mg."""
    person.describe("gastrectomy", "no")
    last = treated_for_years(person, THREE_MONTHS, date(2025, 3, 28))
    person.tablets(last + timedelta(days=70), TABLETS_1_MG, date(2025, 12, 12))
    person.maintain(date(2026, 1, 20), THREE_MONTHS)


def overdue_now(person: Person) -> None:
    """Overdue on the extract date."""
    person.describe(irreversible(person), person.chance.choice(("no", "")), OLDER)
    treated_for_years(person, TWELVE_WEEKS, person.day_in(date(2025, 10, 20), date(2025, 12, 1)))


def prescribed_too_seldom(person: Person) -> None:
    """Prescribed every 16 weeks, and given so."""
    person.describe("autoimmune", "no")
    person.prescribed = EACH_TIME
    treated_for_years(person, Every(16, "weeks", ("Inject ONE ampoule every 16 weeks",)))


def given_less_often_than_prescribed(person: Person) -> None:
    """Prescribed every 8 weeks, given every 12."""
    person.describe("malabsorption", "no")
    person.prescribed = EACH_TIME
    treated_for_years(person, Every(12, "weeks", ("Inject ONE ampoule every 8 weeks",)))


def directions_say_nothing(person: Person) -> None:
    """Directions that name no interval, or none at all."""
    person.describe("autoimmune", "", OLDER)
    wording = person.chance.choice(("as directed", "For administration by practice nurse", ""))
    person.prescribed = UNRECORDED
    treated_for_years(person, Every(12, "weeks", (wording,)))


def restarted_with_a_second_course(person: Person) -> None:
    """Lapsed for a year, then six injections again and maintenance."""
    person.describe("autoimmune", "")
    treated_for_years(person, TWELVE_WEEKS, date(2024, 4, 30))
    again = loading_start(date(2025, 6, 9))
    last = person.inject_on(loading_days(again, 6), LOADING)
    person.maintain(person.next_appointment(last, TWELVE_WEEKS), TWELVE_WEEKS)


# Neurological status not recorded


def status_unknown_twelve_weekly(person: Person) -> None:
    """Every 12 weeks; whether nerves are involved is not recorded, so the record cannot tell."""
    person.describe(any_cause(person), person.chance.choice(("unknown", "", "")))
    treated_for_years(person, TWELVE_WEEKS)


def status_unknown_eight_weekly(person: Person) -> None:
    """Every 8 weeks: on time whether or not nerves are involved."""
    person.describe(any_cause(person), person.chance.choice(("unknown", "")))
    treated_for_years(person, EIGHT_WEEKS)


def status_unknown_and_late(person: Person) -> None:
    """So late that it is late whether or not nerves are involved."""
    person.describe(irreversible(person), "", OLDER)
    last = treated_for_years(person, THREE_MONTHS, date(2025, 7, 10))
    person.maintain(late_by(last, 3, 14, person.chance.randint(10, 60)), THREE_MONTHS)


# Neurological involvement, long-term


def nerves_two_monthly(person: Person) -> None:
    """Neurological involvement, injections every 2 months."""
    person.describe(irreversible(person), "yes")
    person.fields["neurological_onset"] = person.day_in(date(2014, 1, 6), date(2018, 10, 31))
    treated_for_years(person, person.chance.choice((EIGHT_WEEKS, TWO_MONTHS)))


def nerves_held_to_three_monthly(person: Person) -> None:
    """Neurological involvement, held to an injection every 12 weeks or 3 months."""
    person.describe(irreversible(person), "yes")
    if person.chance.choice((True, False)):
        person.fields["neurological_onset"] = person.day_in(date(2014, 1, 6), date(2018, 10, 31))
    treated_for_years(person, person.chance.choice((TWELVE_WEEKS, THREE_MONTHS)))


def nerves_long_overdue(person: Person) -> None:
    """Neurological involvement, and no injection for five to nine months."""
    person.describe("autoimmune", "yes", OLDER)
    treated_for_years(person, TWELVE_WEEKS, person.day_in(date(2025, 7, 14), date(2025, 10, 20)))


def nerves_from_last_year(person: Person) -> None:
    """Neurological involvement since autumn 2024; two-monthly from then on."""
    person.describe("ileal_resection", "yes")
    last = treated_for_years(person, THREE_MONTHS, date(2024, 9, 20))
    person.fields["neurological_onset"] = next_open(last + timedelta(days=20))
    person.maintain(person.next_appointment(last, TWO_MONTHS), TWO_MONTHS)


def nerves_declined_for_months(person: Person) -> None:
    """Neurological involvement; declined injections for most of the year, then had one again."""
    person.describe("autoimmune", "yes")
    last = treated_for_years(person, TWO_MONTHS, date(2025, 3, 28))
    person.happen(next_open(TWO_MONTHS.after(last)), "declined")
    person.maintain(date(2026, 2, 17), TWO_MONTHS)


# Neurological involvement, treatment begun in the period


def nerves_starter(person: Person, start: date, doses: int, cause: str = "autoimmune") -> date:
    """A newly diagnosed patient with neurological involvement who has a course; its last day."""
    person.describe(cause, "yes")
    start = newly_diagnosed(person, start, person.chance.randint(104, 128))
    person.fields["neurological_onset"] = next_open(start - timedelta(days=person.chance.randint(30, 120)))
    return person.load(start, doses, LOADING_NEURO)


def nerves_until_plateau(person: Person) -> None:
    """Alternate-day injections until a review found no further improvement, then every 2 months."""
    last = nerves_starter(person, person.day_in(date(2025, 4, 28), date(2025, 6, 27)), person.chance.randint(13, 19))
    person.review(next_open(last - timedelta(days=14)), "improving")
    person.review(next_open(last), "no_further_improvement")
    person.review(next_open(last + timedelta(days=60)), "no_further_improvement")
    person.maintain(person.next_appointment(last, TWO_MONTHS), TWO_MONTHS)


def nerves_just_on_maintenance(person: Person) -> None:
    """Alternate-day injections until no further improvement; one maintenance injection so far."""
    last = nerves_starter(person, date(2025, 11, 3), 14, "gastrectomy")
    person.review(next_open(last), "no_further_improvement")
    person.maintain(person.next_appointment(last, TWO_MONTHS), TWO_MONTHS)


def nerves_stopped_while_improving(person: Person) -> None:
    """Alternate-day injections stopped although the review found improvement going on."""
    last = nerves_starter(person, date(2025, 7, 7), 9)
    person.review(next_open(last), "improving")
    person.maintain(person.next_appointment(last, TWO_MONTHS), TWO_MONTHS)


def nerves_stopped_before_plateau(person: Person) -> None:
    """Alternate-day injections stopped weeks before a review found no further improvement."""
    last = nerves_starter(person, date(2025, 6, 16), 8)
    person.review(next_open(last + timedelta(days=63)), "no_further_improvement")
    person.maintain(person.next_appointment(last, THREE_MONTHS), THREE_MONTHS)


def nerves_standard_course(person: Person) -> None:
    """Neurological involvement, but the standard six injections and then every 3 months, without a review."""
    last = nerves_starter(person, person.day_in(date(2025, 4, 14), date(2025, 9, 30)), 6)
    person.maintain(person.next_appointment(last, THREE_MONTHS), THREE_MONTHS)


def nerves_without_review(person: Person) -> None:
    """A long alternate-day course; no review tells when improvement ended."""
    last = nerves_starter(person, date(2025, 8, 18), 12)
    person.maintain(person.next_appointment(last, EIGHT_WEEKS), EIGHT_WEEKS)


def nerves_declined_more(person: Person) -> None:
    """Declined alternate-day injections after the sixth."""
    last = nerves_starter(person, date(2025, 9, 8), 6)
    person.happen(next_open(last + timedelta(days=2)), "declined")
    person.review(next_open(last + timedelta(days=80)), "improving")
    person.maintain(person.next_appointment(last, TWO_MONTHS), TWO_MONTHS)


def nerves_three_injections(person: Person) -> None:
    """Neurological involvement; loading broke off after three injections."""
    last = nerves_starter(person, date(2025, 10, 6), 3)
    person.maintain(person.next_appointment(last, THREE_MONTHS), THREE_MONTHS)


def nerves_course_under_way(person: Person) -> None:
    """An alternate-day course that is still going on at the extract date."""
    person.review(nerves_starter(person, date(2026, 3, 4), 12), "improving")


def nerves_after_nitrous_oxide(person: Person) -> None:
    """A young adult with nitrous oxide myelopathy, injected until no further improvement."""
    last = nerves_starter(person, date(2025, 5, 12), 15, "nitrous_oxide")
    person.fields["year_of_birth"] = 2003
    person.fields["registered_from"] = date(2021, 9, 20)
    person.review(next_open(last + timedelta(days=3)), "no_further_improvement")
    person.maintain(person.next_appointment(last, TWO_MONTHS), TWO_MONTHS, date(2025, 11, 14))
    person.happen(date(2025, 12, 15), "stopped")


# Treatment begun in the period, no neurological involvement


def starter(person: Person, start: date, cause: str = "autoimmune", neurological: str = "no") -> date:
    """A newly diagnosed patient; the day on which treatment begins."""
    person.describe(cause, neurological)
    return newly_diagnosed(person, start, person.chance.randint(101, 126))


def starter_on_time(person: Person) -> None:
    """Six injections in two weeks, then maintenance; tests and review done."""
    status = person.chance.choice(("no", ""))
    start = starter(person, person.day_in(date(2025, 4, 7), date(2025, 10, 31)), irreversible(person), status)
    followed_up(person, start, person.chance.choice(("improving", "resolved", "no_further_improvement")))
    person.maintain(person.next_appointment(person.load(start), TWELVE_WEEKS), TWELVE_WEEKS)


def starter_over_easter(person: Person) -> None:
    """The sixth injection fell after Easter: within grace."""
    start = starter(person, date(2025, 4, 9))
    followed_up(person, start, "resolved")
    person.maintain(person.next_appointment(person.load(start), THREE_MONTHS), THREE_MONTHS)


def starter_over_christmas(person: Person) -> None:
    """Loading over Christmas: within grace, and not yet due for maintenance."""
    start = starter(person, date(2025, 12, 15), "unknown_after_investigation")
    days = [start, *(date(2025, 12, day) for day in (17, 22, 24, 29)), date(2026, 1, 2)]
    person.inject_on(days, LOADING)
    followed_up(person, start, "improving")


def starter_with_a_gap(person: Person) -> None:
    """Six injections within three weeks, with more than a week between two of them."""
    start = starter(person, date(2025, 6, 2), "malabsorption")
    last = person.inject_on([start + timedelta(days=day) for day in (0, 2, 4, 14, 16, 18)], LOADING)
    followed_up(person, start, "improving")
    person.maintain(person.next_appointment(last, TWELVE_WEEKS), TWELVE_WEEKS)


def starter_stopped_too_early(person: Person) -> None:
    """Loading broke off after three or four injections; no review."""
    status = person.chance.choice(("no", ""))
    start = starter(person, person.day_in(date(2025, 5, 5), date(2025, 11, 7)), neurological=status)
    last = person.load(start, person.chance.choice((3, 4)))
    person.maintain(person.next_appointment(last, THREE_MONTHS), THREE_MONTHS)


def starter_once_a_week(person: Person) -> None:
    """Six injections, but one a week."""
    start = starter(person, date(2025, 9, 1), "medicine")
    last = person.inject_on([start + timedelta(weeks=week) for week in range(6)], "1mg IM weekly for 6 weeks")
    followed_up(person, start, "resolved")
    person.maintain(person.next_appointment(last, TWELVE_WEEKS), TWELVE_WEEKS)


def starter_declined_the_rest(person: Person) -> None:
    """Declined loading after the second injection."""
    start = starter(person, date(2025, 7, 14), "unknown_after_investigation")
    last = person.load(start, 2)
    person.happen(next_open(last + timedelta(days=2)), "declined")
    person.maintain(person.next_appointment(last, THREE_MONTHS), THREE_MONTHS)


def starter_under_way(person: Person) -> None:
    """Loading still under way at the extract date."""
    person.load(starter(person, date(2026, 3, 23)), 4)


def starter_forgotten_after_loading(person: Person) -> None:
    """Loading complete, maintenance never begun."""
    person.load(starter(person, person.day_in(date(2025, 6, 2), date(2025, 9, 30))))


def starter_maintenance_late(person: Person) -> None:
    """Loading complete, the first maintenance injection a month late."""
    start = starter(person, date(2025, 4, 28), "ileal_resection")
    person.maintain(late_by(person.load(start), 3, 14, 17), TWELVE_WEEKS)


def severe_anaemia_watched(person: Person) -> None:
    """Severe anaemia; potassium checked in the first days, blood count followed."""
    person.describe("autoimmune", "no", OLDER)
    start = newly_diagnosed(person, date(2025, 8, 4), 71)
    person.test(next_open(start + timedelta(days=3)), potassium=3.6)
    followed_up(person, start, "improving")
    person.maintain(person.next_appointment(person.load(start), TWELVE_WEEKS), TWELVE_WEEKS)


def severe_anaemia_not_watched(person: Person) -> None:
    """Severe anaemia; no potassium in the first two weeks, no blood count afterwards."""
    person.describe("gastrectomy", "no", OLDER)
    start = newly_diagnosed(person, date(2025, 10, 13), 76, without=("ferritin",))
    person.maintain(person.next_appointment(person.load(start), TWELVE_WEEKS), TWELVE_WEEKS)


def folic_acid_first(person: Person) -> None:
    """Folic acid 5 mg three weeks before the first B12."""
    start = starter(person, date(2025, 5, 19), "malabsorption")
    person.issue(start - timedelta(days=21), 28, "One to be taken each day", FOLIC_ACID)
    followed_up(person, start, "improving")
    person.maintain(person.next_appointment(person.load(start), TWELVE_WEEKS), TWELVE_WEEKS)


def folic_acid_afterwards(person: Person) -> None:
    """Folic acid 5 mg begun after B12."""
    start = starter(person, date(2025, 7, 21), "malabsorption")
    person.test(next_open(start - timedelta(days=5)), vitamin_b6=38)
    last = person.load(start)
    person.issue(last + timedelta(days=3), 28, "One to be taken each day", FOLIC_ACID)
    followed_up(person, start, "resolved")
    person.maintain(person.next_appointment(last, TWELVE_WEEKS), TWELVE_WEEKS)


def starter_without_tests(person: Person) -> None:
    """Treatment begun on a low B12 alone, without folate, ferritin or blood count."""
    person.describe("", "")
    start = loading_start(date(2025, 6, 25))
    person.test(next_open(start - timedelta(days=8)), vitamin_b12=131)
    person.maintain(person.next_appointment(person.load(start), TWELVE_WEEKS), TWELVE_WEEKS)


def starter_pregnant(person: Person) -> None:
    """Pregnant at the start; reviewed after one month."""
    start = starter(person, date(2025, 9, 15), "unknown_after_investigation")
    person.fields |= {"sex": "female", "year_of_birth": 1994, "pregnant_or_breastfeeding": "yes"}
    person.fields["registered_from"] = date(2018, 10, 1)
    person.review(next_open(start + timedelta(days=29)), "improving")
    person.maintain(person.next_appointment(person.load(start), TWELVE_WEEKS), TWELVE_WEEKS)


def starter_on_metformin(person: Person) -> None:
    """Deficiency through metformin; loaded, reviewed, and stopped when it had resolved."""
    start = starter(person, date(2025, 4, 22), "medicine")
    last = person.load(start)
    followed_up(person, start, "resolved")
    person.maintain(person.next_appointment(last, TWELVE_WEEKS), TWELVE_WEEKS, date(2025, 8, 20))
    person.happen(date(2025, 9, 3), "stopped")


def starter_moved_away(person: Person) -> None:
    """Moved away during loading."""
    start = starter(person, date(2025, 11, 3), "autoimmune")
    last = person.load(start, 4)
    person.fields["registered_to"] = last + timedelta(days=4)


def starter_of_2024(person: Person) -> None:
    """Treatment begun before the audit period, maintenance within it."""
    start = starter(person, person.day_in(date(2024, 3, 11), date(2025, 2, 14)), irreversible(person))
    followed_up(person, start, "resolved")
    person.maintain(person.next_appointment(person.load(start), TEN_WEEKS), TEN_WEEKS)


def newly_registered(person: Person) -> None:
    """Registered during the period while on treatment: the record does not show the start."""
    person.describe("autoimmune", person.chance.choice(("yes", "no", "")))
    joined = person.day_in(date(2025, 5, 1), date(2025, 9, 30))
    person.fields["registered_from"] = joined
    person.maintain(next_open(joined + timedelta(days=person.chance.randint(14, 60))), TWELVE_WEEKS)


# Where injections are not given by the practice's nurse


def self_injected_under_the_skin(person: Person) -> None:
    """Injects at home, under the skin."""
    person.describe("autoimmune", person.chance.choice(("yes", "no")), (1962, 1985))
    person.fields["registered_from"] = date(2016, 6, 6)
    person.injection = {"event": "self_administered", "route": "subcutaneous", "dose": "1 mg"}
    treated_for_years(person, EIGHT_WEEKS)


def self_injected_into_muscle(person: Person) -> None:
    """Injects at home into the muscle, five ampoules to a prescription."""
    person.describe("ileal_resection", "no", (1958, 1980))
    person.injection = {"event": "self_administered", "route": "intramuscular", "dose": "1 mg"}
    person.prescribed = IN_FIVES
    treated_for_years(person, TEN_WEEKS)


def district_nurse(person: Person) -> None:
    """Housebound; the district nurse injects."""
    person.describe("autoimmune", person.chance.choice(("no", "")), (1931, 1946))
    person.injection = {"event": "given_elsewhere", "route": "", "dose": ""}
    treated_for_years(person, TWELVE_WEEKS)


def nurse_under_the_skin(person: Person) -> None:
    """Injected under the skin by the nurse."""
    person.describe("malabsorption", "no")
    person.injection = {"event": "administered", "route": "subcutaneous", "dose": "1 mg"}
    treated_for_years(person, TWELVE_WEEKS)


# Only prescriptions in the record


def issue_on_schedule(person: Person, first: date, every: Every, quantity: int, until: date = EXTRACT_DATE) -> None:
    """Prescriptions of so many ampoules, each when the last is used up."""
    directions = person.chance.choice(every.wordings)
    day = first
    while day <= until:
        person.issue(next_open(day), quantity, directions)
        for _ in range(quantity):
            day = every.after(day)
        day += timedelta(days=person.chance.randint(-5, 6))


def issued_one_by_one(person: Person) -> None:
    """One ampoule a prescription; that it was injected is not recorded."""
    person.describe(any_cause(person), person.chance.choice(("no", "")))
    issue_on_schedule(person, date(2019, 1, person.chance.randint(7, 31)), TWELVE_WEEKS, 1)


def issued_in_fives(person: Person) -> None:
    """Five ampoules a prescription; that they were injected is not recorded."""
    person.describe("autoimmune", person.chance.choice(("no", "")), OLDER)
    issue_on_schedule(person, date(2019, person.chance.randint(1, 11), 14), TWELVE_WEEKS, 5)


def issued_in_fives_with_nerves(person: Person) -> None:
    """Neurological involvement, five ampoules a prescription: the first may have been a course or most of a year."""
    person.describe("autoimmune", "yes")
    person.fields["registered_from"] = date(2024, 12, 9)
    person.issue(date(2025, 1, 20), 5, "1mg IM every 2 months")
    person.issue(date(2025, 11, 17), 5, "1mg IM every 2 months")


def issued_to_start(person: Person) -> None:
    """Begun in the period with six ampoules on one prescription, then one at a time."""
    start = starter(person, date(2025, 6, 10), "autoimmune", neurological="")
    person.issue(start, 6, LOADING)
    issue_on_schedule(person, start + timedelta(days=98), TWELVE_WEEKS, 1)


def issued_to_start_with_nerves(person: Person) -> None:
    """Neurological involvement, begun with six ampoules on one prescription: the record cannot tell for how long."""
    start = starter(person, date(2025, 8, 12), "gastrectomy", neurological="yes")
    person.issue(start, 6, LOADING_NEURO)
    person.review(next_open(start + timedelta(days=20)), "improving")
    issue_on_schedule(person, start + timedelta(days=74), TWO_MONTHS, 1)


# Diet


def vegan_tablets(person: Person) -> None:
    """Vegan diet, 50 micrograms by mouth each day."""
    person.describe("dietary", "no", (1972, 2001))
    person.fields["registered_from"] = date(2014, 9, 22)
    person.tablets(person.day_in(date(2022, 1, 10), date(2024, 11, 29)), TABLETS_50_MICROGRAMS)


def vegan_twice_a_year(person: Person) -> None:
    """Vegan diet, an injection twice a year."""
    person.describe("dietary", person.chance.choice(("no", "no", "")), (1958, 1984))
    treated_for_years(person, SIX_MONTHS)


def vegan_late(person: Person) -> None:
    """Vegan diet, nine months between two injections."""
    person.describe("dietary", "no", (1958, 1984))
    last = treated_for_years(person, SIX_MONTHS, date(2025, 2, 3))
    person.maintain(late_by(last, 6, 28, 60), SIX_MONTHS)


def poor_diet_started(person: Person) -> None:
    """A poor diet in old age; six injections, then twice a year."""
    start = starter(person, date(2025, 5, 7), "dietary")
    person.fields["year_of_birth"] = 1937
    last = person.load(start)
    followed_up(person, start, "resolved")
    person.maintain(person.next_appointment(last, SIX_MONTHS), SIX_MONTHS)


# Tablets where injections would be expected


def switched_to_tablets(person: Person) -> None:
    """Lifelong cause; injections replaced by tablets of 1 mg before the period."""
    person.describe(irreversible(person), person.chance.choice(("no", "")))
    last = treated_for_years(person, TWELVE_WEEKS, date(2024, 8, 30))
    person.happen(next_open(last + timedelta(days=70)), "stopped")
    person.tablets(last + timedelta(days=75), TABLETS_1_MG)


def nerves_switched_to_tablets(person: Person) -> None:
    """Neurological involvement; injections replaced by tablets of 1 mg."""
    person.describe("autoimmune", "yes")
    last = treated_for_years(person, TWELVE_WEEKS, date(2024, 9, 30))
    person.tablets(last + timedelta(days=80), TABLETS_1_MG)


def low_dose_tablets(person: Person) -> None:
    """Pernicious anaemia, 50 micrograms by mouth each day."""
    person.describe("autoimmune", "no", OLDER)
    person.tablets(date(2024, 5, 13), TABLETS_50_MICROGRAMS)


def low_dose_tablets_cause_unrecorded(person: Person) -> None:
    """50 micrograms by mouth each day; the cause is not recorded."""
    person.describe("", "")
    person.tablets(date(2025, 2, 10), TABLETS_50_MICROGRAMS)


# Treatment that ended, or never began


def lost_to_follow_up(person: Person) -> None:
    """Lifelong cause; injections simply cease in the records."""
    person.describe(irreversible(person), person.chance.choice(("no", "")), OLDER)
    treated_for_years(person, TWELVE_WEEKS, person.day_in(date(2024, 5, 1), date(2025, 6, 30)))


def stopped_on_a_normal_level(person: Person) -> None:
    """Pernicious anaemia; stopped because the B12 level was high on treatment."""
    person.describe("autoimmune", "")
    last = treated_for_years(person, TWELVE_WEEKS, date(2025, 6, 30))
    person.test(next_open(last + timedelta(days=30)), vitamin_b12=">2000")
    person.happen(next_open(last + timedelta(days=40)), "stopped")


def declined_further_treatment(person: Person) -> None:
    """Pernicious anaemia; declined all further injections."""
    person.describe("autoimmune", "")
    last = treated_for_years(person, TWELVE_WEEKS, date(2025, 6, 13))
    person.happen(next_open(TWELVE_WEEKS.after(last)), "declined")


def never_treated(person: Person) -> None:
    """Pernicious anaemia diagnosed, and no treatment in the record."""
    person.describe("autoimmune", "")
    person.fields["diagnosis_date"] = date(2025, 6, 18)


def diagnosed_this_month(person: Person) -> None:
    """Pernicious anaemia diagnosed days before the extract date."""
    person.describe("autoimmune", "")
    person.fields["diagnosis_date"] = date(2026, 3, 19)
    person.first_bloods(date(2026, 4, 2), 109)


# Other preparations, other indications


def cyanocobalamin_in_a_smoker(person: Person) -> None:
    """A smoker injected with cyanocobalamin."""
    person.describe("malabsorption", "no")
    person.fields["smoker"] = "yes"
    person.drug = CYANOCOBALAMIN
    treated_for_years(person, TEN_WEEKS)


def smoker_on_hydroxocobalamin(person: Person) -> None:
    """A smoker on hydroxocobalamin."""
    person.describe("medicine", "no")
    person.fields["smoker"] = "yes"
    treated_for_years(person, TWELVE_WEEKS)


def a_quarter_of_the_dose(person: Person) -> None:
    """250 micrograms a month."""
    person.describe("malabsorption", "no")
    person.injection["dose"] = "250 micrograms"
    treated_for_years(person, Every(4, "weeks", ("250mcg IM every 4 weeks",)))


def dose_unrecorded(person: Person) -> None:
    """A drug name without a strength, and no dose."""
    person.describe("unknown_after_investigation", "no")
    person.drug = "Hydroxocobalamin"
    person.injection |= {"dose": "", "route": ""}
    treated_for_years(person, TWELVE_WEEKS)


def lebers_on_hydroxocobalamin(person: Person) -> None:
    """Leber's optic atrophy, hydroxocobalamin on its own schedule."""
    person.describe("", "no", (1968, 1990))
    person.fields |= {"indication": "lebers_or_tobacco_amblyopia", "sex": "male"}
    person.maintain(date(2024, 2, 5), Every(1, "months", ("1mg IM monthly",)))


def amblyopia_on_cyanocobalamin(person: Person) -> None:
    """Tobacco amblyopia treated with cyanocobalamin, which is to be avoided there."""
    person.describe("", "", (1950, 1965))
    person.fields |= {"indication": "lebers_or_tobacco_amblyopia", "smoker": "yes"}
    person.drug = CYANOCOBALAMIN
    person.maintain(date(2024, 4, 8), THREE_MONTHS)


def prophylaxis_after_gastrectomy(person: Person) -> None:
    """Prophylaxis after gastrectomy: no loading needed."""
    person.describe("gastrectomy", "no")
    person.fields |= {"indication": "prophylaxis", "diagnosis_date": date(2025, 5, 27)}
    person.maintain(date(2025, 6, 5), THREE_MONTHS)


def metabolic(person: Person) -> None:
    """An inborn error of metabolism: excluded."""
    person.describe("", "unknown", (1992, 1999))
    person.fields |= {"indication": "metabolic", "registered_from": date(2012, 8, 13)}
    person.injection["dose"] = "5 mg"
    person.maintain(date(2019, 1, 7), Every(4, "weeks", ("5mg IM every 4 weeks",)))


def child(person: Person) -> None:
    """Under 16: excluded."""
    person.describe("dietary", "no", (2013, 2013))
    person.fields |= {"registered_from": date(2013, 9, 2), "diagnosis_date": date(2025, 9, 10), "smoker": ""}
    person.load(date(2025, 9, 15))


def left_before_the_period(person: Person) -> None:
    """Left the practice before the period: excluded."""
    person.describe("autoimmune", "")
    last = treated_for_years(person, TWELVE_WEEKS, date(2024, 10, 31))
    person.fields["registered_to"] = next_open(last + timedelta(days=20))


def left_in_the_period(person: Person) -> None:
    """Moved away during the period, up to date until then."""
    person.describe("autoimmune", "no")
    last = treated_for_years(person, TWELVE_WEEKS, date(2025, 11, 14))
    person.fields["registered_to"] = next_open(last + timedelta(days=30))


def died_in_the_period(person: Person) -> None:
    """Died during the period, up to date until then."""
    person.describe("autoimmune", "yes", (1931, 1938))
    last = treated_for_years(person, TWO_MONTHS, date(2025, 9, 19))
    person.fields["registered_to"] = last + timedelta(days=25)


def cyanide_antidote(person: Person) -> None:
    """Given Cyanokit after smoke inhalation: not a vitamin injection, excluded."""
    person.describe("", "", (1970, 1985))
    person.fields |= {"indication": "", "diagnosis_date": ""}
    drug = "Cyanokit 5g powder for solution for infusion vials"
    person.write(date(2025, 11, 21), drug=drug, event="given_elsewhere", route="intravenous", dose="5 g", quantity=1)


def never_deficient(person: Person) -> None:
    """B12 measured and normal, never treated: not in the cohort."""
    person.describe("", "")
    person.fields |= {"indication": "", "diagnosis_date": ""}
    person.test(person.day_in(date(2025, 4, 7), date(2026, 2, 27)), vitamin_b12=person.chance.randint(290, 610))


@dataclass(frozen=True, slots=True)
class Story:
    """A story and how many patients tell it."""

    tell: Callable[[Person], None]
    patients: int = 1

    @property
    def shows(self) -> str:
        """What it shows, in a line: the story's own docstring."""
        return " ".join((self.tell.__doc__ or "").split())


#: The practice: patients are numbered in this order.
STORIES = (
    Story(twelve_weekly_on_time, 6),
    Story(three_monthly_on_time, 4),
    Story(ten_weekly_on_time, 2),
    Story(two_monthly_without_nerves, 2),
    Story(within_grace_after_christmas),
    Story(missed_appointment, 2),
    Story(late_without_a_reason, 2),
    Story(declined_for_months),
    Story(deferred_once),
    Story(tablets_while_abroad),
    Story(overdue_now, 2),
    Story(prescribed_too_seldom),
    Story(given_less_often_than_prescribed),
    Story(directions_say_nothing, 2),
    Story(restarted_with_a_second_course),
    Story(status_unknown_twelve_weekly, 8),
    Story(status_unknown_eight_weekly, 2),
    Story(status_unknown_and_late, 2),
    Story(nerves_two_monthly, 4),
    Story(nerves_held_to_three_monthly, 6),
    Story(nerves_long_overdue, 3),
    Story(nerves_from_last_year),
    Story(nerves_declined_for_months),
    Story(nerves_until_plateau, 2),
    Story(nerves_just_on_maintenance),
    Story(nerves_stopped_while_improving),
    Story(nerves_stopped_before_plateau),
    Story(nerves_standard_course),
    Story(nerves_without_review),
    Story(nerves_declined_more),
    Story(nerves_three_injections),
    Story(nerves_course_under_way),
    Story(nerves_after_nitrous_oxide),
    Story(starter_on_time, 3),
    Story(starter_over_easter),
    Story(starter_over_christmas),
    Story(starter_with_a_gap),
    Story(starter_stopped_too_early, 2),
    Story(starter_once_a_week),
    Story(starter_declined_the_rest),
    Story(starter_under_way),
    Story(starter_forgotten_after_loading),
    Story(starter_maintenance_late),
    Story(severe_anaemia_watched),
    Story(severe_anaemia_not_watched),
    Story(folic_acid_first),
    Story(folic_acid_afterwards),
    Story(starter_without_tests),
    Story(starter_pregnant),
    Story(starter_on_metformin),
    Story(starter_moved_away),
    Story(starter_of_2024, 2),
    Story(newly_registered, 2),
    Story(self_injected_under_the_skin),
    Story(self_injected_into_muscle),
    Story(district_nurse, 2),
    Story(nurse_under_the_skin),
    Story(issued_one_by_one, 2),
    Story(issued_in_fives, 2),
    Story(issued_in_fives_with_nerves),
    Story(issued_to_start),
    Story(issued_to_start_with_nerves),
    Story(vegan_tablets, 2),
    Story(vegan_twice_a_year, 2),
    Story(vegan_late),
    Story(poor_diet_started),
    Story(switched_to_tablets),
    Story(nerves_switched_to_tablets),
    Story(low_dose_tablets),
    Story(low_dose_tablets_cause_unrecorded),
    Story(lost_to_follow_up, 2),
    Story(stopped_on_a_normal_level),
    Story(declined_further_treatment),
    Story(never_treated),
    Story(diagnosed_this_month),
    Story(cyanocobalamin_in_a_smoker),
    Story(smoker_on_hydroxocobalamin),
    Story(a_quarter_of_the_dose),
    Story(dose_unrecorded),
    Story(lebers_on_hydroxocobalamin),
    Story(amblyopia_on_cyanocobalamin),
    Story(prophylaxis_after_gastrectomy),
    Story(metabolic),
    Story(child),
    Story(left_before_the_period),
    Story(left_in_the_period),
    Story(died_in_the_period),
    Story(cyanide_antidote),
    Story(never_deficient),
)


def cast() -> Iterator[tuple[Story, list[str]]]:
    """Each story with the ids of the patients who tell it."""
    number = 0
    for story in STORIES:
        yield story, [f"P{number + place:04d}" for place in range(1, story.patients + 1)]
        number += story.patients


def told(story: Story, patient_id: str, place: int) -> Person:
    """The story as the `place`th patient tells it (from 0)."""
    person = Person(patient_id, f"{story.tell.__name__} {place}")
    story.tell(person)
    return person
