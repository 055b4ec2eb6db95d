"""Small made-up results, one for each thing a report must be able to show; no engine has a part in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from audit.cohort.calendar import add_months_to, to_date, to_day
from audit.criteria import (
    cause_recorded,
    lifelong_treatment_continued,
    loading_complete,
    loading_spacing,
    maintenance_interval_dietary,
    maintenance_interval_neuro,
    maintenance_interval_standard,
    maintenance_started,
    neuro_continued,
    neuro_loading,
    neuro_not_oral_only,
    neuro_review_recorded,
    not_overdue,
    two_monthly_for_everyone,
)
from audit.results.audit import AuditResult, PatternRow, PhaseRow, RowCount, Score, SweepRow, Window
from audit.results.forecast import Forecast, Inputs, Month, Scenario
from audit.results.over_time import Quarter, series
from audit.results.recall import Recall
from audit.results.scores import share, wilson
from audit.standards.standard import load_standard
from schemas.vocabulary import FINDING_COLUMNS, INTERVAL_COLUMNS, OUTCOME, RECALL_COLUMNS, VERDICT_COLUMNS

CRITERIA = tuple(
    module.CRITERION.worded(load_standard())
    for module in (
        cause_recorded,
        lifelong_treatment_continued,
        loading_complete,
        loading_spacing,
        maintenance_interval_dietary,
        maintenance_interval_neuro,
        maintenance_interval_standard,
        maintenance_started,
        neuro_continued,
        neuro_loading,
        neuro_not_oral_only,
        neuro_review_recorded,
        not_overdue,
        two_monthly_for_everyone,
    )
)
END = date(2026, 3, 31)
START = date(2025, 4, 1)
GRACES = (0, 7, 14, 28)
GRACE = {2: 7, 3: 14, 6: 28}
NEURO, STANDARD, DIETARY = (f"maintenance-interval-{kind}" for kind in ("neuro", "standard", "dietary"))


@dataclass(frozen=True)
class Said:
    """One verdict: outcome, reason and evidence; `months` is the schedule of its interval."""

    outcome: str
    reason: str = ""
    start: date | None = None
    due: date | None = None
    limit: date | None = None
    to: date | None = None
    days: int | None = None
    months: str = ""
    grace: bool | None = None


@dataclass(frozen=True)
class Story:
    """One patient and what the criteria said; a criterion not named is not applicable."""

    patient: str
    neuro: str = "unknown"
    doses: Sequence[date] = ()
    said: Mapping[str, Said] = field(default_factory=dict)
    default: tuple[str, str] = ("not_applicable", "NOT_IN_POPULATION")
    practice: str = "Y12345"
    basis: str = "given"
    events: Sequence[tuple[date, str]] = ()
    cause: str = ""


def day(text: str) -> date:
    return date.fromisoformat(text)


def interval(outcome: str, start: str, months: int, to: str = "", reason: str = "", schedule: str = "") -> Said:
    """A verdict on the interval from `start`; open without `to`."""
    begin, end = day(start), day(to) if to else END
    due = to_date(add_months_to(to_day(begin), months))
    limit = due + timedelta(days=GRACE[months])
    grace = end > due if outcome == "met" else None
    closed = day(to) if to else None
    return Said(outcome, reason, begin, due, limit, closed, (end - begin).days, schedule or str(months), grace)


def every(days: int, first: str, count: int) -> list[date]:
    return [day(first) + timedelta(days=days * step) for step in range(count)]


OVERDUE_NEURO = interval("not_met", "2025-12-20", 2)
STORIES = (
    Story("P0001", "yes", every(60, "2025-02-23", 6), {"not-overdue": OVERDUE_NEURO, NEURO: OVERDUE_NEURO}),
    Story("P0002", "yes", every(63, "2025-03-01", 7), {NEURO: interval("met", "2025-05-03", 2, "2025-07-05")}),
    Story("P0003", "no", every(90, "2025-03-01", 5), {STANDARD: interval("met", "2025-05-30", 3, "2025-08-28")}),
    Story(
        "P0004",
        "no",
        every(91, "2025-01-01", 4),
        {"not-overdue": interval("not_met", "2025-10-01", 3, reason="LATE_NOT_ATTENDED")},
        events=((day("2026-01-20"), "not_attended"),),
    ),
    Story(
        "P0005",
        "no",
        (day("2025-03-03"), day("2025-08-11"), day("2025-11-10"), day("2026-02-09")),
        {STANDARD: interval("not_met", "2025-03-03", 3, "2025-08-11")},
    ),
    Story(
        "P0006",
        "unknown",
        every(84, "2025-02-01", 5),
        {STANDARD: interval("not_assessable", "2025-04-26", 3, "2025-07-19", "NEURO_UNKNOWN", "2 or 3")},
    ),
    Story(
        "P0007",
        "no",
        (day("2025-02-01"), day("2025-07-01")),
        {STANDARD: interval("excepted", "2025-02-01", 3, "2025-07-01", "DECLINED")},
        events=((day("2025-05-02"), "declined"), (day("2025-05-10"), "oral"), (day("2025-06-10"), "review")),
    ),
    Story(
        "P0008",
        "no",
        every(7, "2025-09-01", 4),
        {"loading-complete": Said("not_met", "", day("2025-09-01"), day("2025-09-15"), day("2025-09-22"))},
    ),
    Story(
        "P0009",
        "yes",
        every(2, "2026-01-05", 6),
        {
            "neuro-continued": Said("not_met", "STOPPED_WHILE_IMPROVING"),
            "neuro-loading": Said(
                "met", "", day("2026-01-05"), day("2026-01-19"), day("2026-01-26"), day("2026-01-15"), grace=False
            ),
        },
    ),
    Story(
        "P0010",
        "no",
        every(180, "2025-02-01", 3),
        {DIETARY: interval("met", "2025-02-01", 6, "2025-07-31"), "cause-recorded": Said("met")},
        basis="issued",
        cause="dietary",
    ),
    Story("P0011", default=("excluded", "UNDER_16")),
    Story("P0012", "no", every(91, "2025-03-01", 2), default=("not_assessable", "UNREADABLE_ROW")),
    Story("P0013", "no", (day("2026-02-01"),), {STANDARD: interval("pending", "2026-02-01", 3)}),
    Story(
        "P0014",
        said={"lifelong-treatment-continued": Said("not_met", "NEVER_TREATED")},
        basis="",
        cause="autoimmune",
    ),
)
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "=cmd|'/c calc'!A1",
    "=HYPERLINK(\"http://example.com\")",
    "+1+1",
    "@SUM(A1)",
    "http://example.com/",
    "a\x00b\x1b[31m\u202etxt",
)


def result(stories: Sequence[Story] = STORIES, **changes: Any) -> AuditResult:
    """The result of these patients; `changes` replaces whole fields."""
    verdicts = _verdicts(stories)
    made = AuditResult(
        standard=load_standard(),
        criteria=CRITERIA,
        windows=(WINDOW,),
        rows=(
            RowCount("Treatments", 60, 55, {"duplicate": 3, "unreadable": 2}),
            RowCount("Tests", 0, 0, {}),
            RowCount("Reviews", 1, 1, {}),
        ),
        patients=_patients(stories),
        verdicts=verdicts,
        intervals=_intervals(stories),
        findings=findings(("P0012 row", "31/02/2025")),
        events=_events(stories),
        closed_gaps=_gaps(stories),
        scores=tuple(_score(item.code, verdicts) for item in CRITERIA),
        patterns=(
            PatternRow("more often than 2-monthly", 0, 0, 0),
            PatternRow("2-monthly", 2, 0, 0),
            PatternRow("3-monthly", 0, 3, 1),
            PatternRow("less often than 3-monthly", 0, 2, 0),
        ),
        phases=(PhaseRow("maintenance", *(_status(stories, status) for status in ("yes", "no", "unknown"))),),
        sweep=tuple(SweepRow(code, days, 1, 1, 0, 1, 3, 1 / 3) for code in (NEURO, STANDARD) for days in GRACES),
        over_time=series(_quarters(), 10) if stories else None,
        forecast=_forecast() if stories else None,
        recall=_recall(stories) if stories else None,
    )
    return replace(made, **changes)


def _status(stories: Sequence[Story], status: str) -> int:
    return sum(story.neuro == status and story.default[0] != "excluded" for story in stories)


def _quarters() -> list[Quarter]:
    """Thirteen quarters; the sixth has too few intervals for a point, and the last lies far below."""
    counts = [(8, 4), (9, 4), (8, 5), (9, 3), (8, 4), (3, 2), (9, 4), (8, 4), (9, 5), (8, 3), (9, 4), (8, 4), (0, 12)]
    starts = [to_date(add_months_to(to_day(day("2023-01-01")), 3 * number)) for number in range(len(counts) + 1)]
    ends = [start - timedelta(days=1) for start in starts[1:]]
    return [
        Quarter(f"{start.year} Q{start.month // 3 + 1}", start, end, end <= END, met, late, 0, 1)
        for start, end, (met, late) in zip(starts, ends, counts, strict=False)
    ]


def _forecast() -> Forecast:
    months = tuple(
        Month(number, to_date(add_months_to(to_day(END), number - 1) + 1), to_date(add_months_to(to_day(END), number)))
        for number in range(1, 13)
    )
    injections = {"as_now": (9, 4, 7, 0), "longest": (8, 4, 6, 0), "shortest": (12, 8, 12, 9)}
    scenarios = tuple(Scenario(name, counts * 3, 3) for name, counts in injections.items())
    inputs = Inputs(Decimal(10), Decimal("1.50"), Decimal(40))
    return Forecast(months, scenarios, 12, 9, 3, 2, {"STOPPED": 1}, 3, 2, 1, inputs)


def _recall(stories: Sequence[Story]) -> Recall:
    """Everybody overdue since the same day, as the first one of STORIES is."""
    one = ("overdue", "2026-W08", day("2026-02-16"), day("2025-12-20"), "2", None, day("2026-02-20"), day("2026-02-27"),
           39, "yes", "given", "")  # fmt: skip
    rows = [(story.patient, story.practice, *one) for story in stories]
    table = pd.DataFrame(rows, columns=list(RECALL_COLUMNS))
    dates = ("week_from", "last_injection", "earlier_due_date", "due_date", "limit_date")
    table = table.assign(**{name: _dates(list(table[name])) for name in dates})
    return Recall(table.astype({"days_late": "Int32"}), np.ones(len(stories), dtype=np.bool_), {"STOPPED": 1}, END)


WINDOW = Window("records.xlsx", "ab12" * 16, END, "about", day("2023-01-01"), "assumed", START, END)


def many(count: int) -> AuditResult:
    """`count` overdue patients, every other one with neurological involvement."""
    return result([replace(STORIES[number % 2 * 3], patient=f"Q{number:05}") for number in range(count)])


def all_unknown() -> AuditResult:
    return result([replace(STORIES[5], patient=f"U{number:02}") for number in range(12)])


def payloads() -> AuditResult:
    """Every text of the input replaced by something that tries to run."""
    stories = [replace(STORIES[0], patient=text, practice=PAYLOADS[0]) for text in PAYLOADS]
    window = replace(WINDOW, file=PAYLOADS[1], sha256="0" * 64)
    found = findings(*((text, text) for text in PAYLOADS))
    return result(stories, windows=(window,), findings=found, partial=PAYLOADS[2])


def long_words() -> AuditResult:
    wide = replace(STORIES[0], patient="W" * 250, practice="Practice" * 20)
    longest = replace(STORIES[3], patient="x" * 40_000)
    return result((wide, longest), findings=findings(("long" * 300, "v" * 40)))


def findings(*found: tuple[str, str]) -> pd.DataFrame:
    """One finding for each sheet name and value."""
    rows = [
        ("error", "DATE_UNREADABLE", "records.xlsx", sheet, number, "B", "date", value, "Not a date that can be read")
        for number, (sheet, value) in enumerate(found, 2)
    ]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS)).astype({"row": "int32"})


def _dates(values: Sequence[date | None]) -> np.ndarray:
    return np.array([np.datetime64("NaT") if value is None else value for value in values], dtype="datetime64[s]")


def _numbers(values: Sequence[int | None]) -> pd.arrays.IntegerArray:
    missing = np.array([value is None for value in values], dtype=bool)
    return pd.arrays.IntegerArray(np.array([value or 0 for value in values], dtype=np.int32), missing)


def _said(story: Story) -> list[tuple[str, Said]]:
    return [(item.code, story.said.get(item.code, Said(*story.default))) for item in CRITERIA]


def _verdicts(stories: Sequence[Story]) -> pd.DataFrame:
    rows = [(story, code, said) for story in stories for code, said in _said(story)]
    said = [row[2] for row in rows]
    judged = [None if one.days is None or code == "not-overdue" else 1 for _, code, one in rows]
    graced = np.array([bool(one.grace) for one in said], dtype=bool)
    no_grace = np.array([one.grace is None for one in said], dtype=bool)
    return pd.DataFrame(
        {
            "patient_id": np.array([story.patient for story, _, _ in rows], dtype=object),
            "practice_id": np.array([story.practice for story, _, _ in rows], dtype=object),
            "criterion": np.array([code for _, code, _ in rows], dtype=object),
            "outcome": np.array([one.outcome for one in said], dtype=object),
            "reason": np.array([one.reason for one in said], dtype=object),
            "within_grace": pd.arrays.BooleanArray(graced, no_grace),
            "basis": np.array([story.basis for story, _, _ in rows], dtype=object),
            "from_date": _dates([one.start for one in said]),
            "due_date": _dates([one.due for one in said]),
            "limit_date": _dates([one.limit for one in said]),
            "to_date": _dates([one.to for one in said]),
            "days": _numbers([one.days for one in said]),
            "intervals_met": _numbers([None if number is None else 0 for number in judged]),
            "intervals_judged": _numbers(judged),
        },
        columns=list(VERDICT_COLUMNS),
    )


def _patients(stories: Sequence[Story]) -> pd.DataFrame:
    size = len(stories)
    late = [story.said.get("not-overdue", Said("")) for story in stories]
    return pd.DataFrame(
        {
            "patient_id": np.array([story.patient for story in stories], dtype=object),
            "practice_id": np.array([story.practice for story in stories], dtype=object),
            "year_of_birth": _numbers([1950] * size),
            "sex": np.full(size, "female", dtype=object),
            "cause": np.array([story.cause for story in stories], dtype=object),
            "indication": np.full(size, "deficiency", dtype=object),
            "neurological_involvement": np.array([story.neuro for story in stories], dtype=object),
            "basis": np.array([story.basis for story in stories], dtype=object),
            "first_dose": _dates([min(story.doses, default=None) for story in stories]),
            "last_dose": _dates([max(story.doses, default=None) for story in stories]),
            "doses": _numbers([len(story.doses) for story in stories]),
            "observed_to": _dates([END] * size),
            "in_cohort": np.array([story.default[0] != "excluded" for story in stories], dtype=bool),
            "overdue_days": _numbers([(END - one.limit).days if one.limit else None for one in late]),
        }
    )


def _intervals(stories: Sequence[Story]) -> pd.DataFrame:
    found = [(story, code, said) for story in stories for code, said in story.said.items() if said.months]
    rows = [
        (story.patient, story.practice, "maintenance", said.start, said.to, said.days, said.months, said.due,
         said.limit, story.neuro, code, said.outcome, said.reason, story.basis)
        for story, code, said in found
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(INTERVAL_COLUMNS))
    dates = {name: _dates(list(table[name].where(table[name].notna(), None))) for name in _INTERVAL_DATES}
    return table.assign(**dates, days=_numbers(list(table["days"])))


_INTERVAL_DATES = ("from_date", "to_date", "due_date", "limit_date")


def _events(stories: Sequence[Story]) -> pd.DataFrame:
    rows = [
        (story.patient, story.practice, when, kind, 1 if kind == "dose" else None, "records.xlsx", "Treatments")
        for story in stories
        for when, kind in sorted([*((dose, "dose") for dose in story.doses), *story.events])
    ]
    table = pd.DataFrame(rows, columns=["patient_id", "practice_id", "date", "kind", "units", "file", "sheet"])
    places = np.arange(2, len(rows) + 2, dtype=np.int32)
    return table.assign(date=_dates([row[2] for row in rows]), units=_numbers([row[4] for row in rows]), row=places)


def _gaps(stories: Sequence[Story]) -> pd.DataFrame:
    rows = [
        (story.patient, story.practice, first, then, (then - first).days, story.neuro)
        for story in stories
        for first, then in zip(story.doses, story.doses[1:], strict=False)
    ]
    table = pd.DataFrame(rows, columns=["patient_id", "practice_id", "from_date", "to_date", "days", "status"])
    dates = {"from_date": _dates([row[2] for row in rows]), "to_date": _dates([row[3] for row in rows])}
    return table.assign(**dates).astype({"days": "int32"})


def _score(code: str, verdicts: pd.DataFrame) -> Score:
    mine = verdicts[verdicts["criterion"] == code]
    counts = {name: int((mine["outcome"] == name).sum()) for name in OUTCOME}
    reasons = Counter(reason for reason in mine["reason"] if reason)
    assessed = counts["met"] + counts["not_met"]
    eligible = assessed + counts["excepted"] + counts["not_assessable"]
    low, high = wilson(counts["met"], assessed)
    return Score(
        criterion=code,
        **counts,
        within_grace=0,
        intervals_met=counts["met"],
        intervals_judged=assessed,
        reasons=dict(reasons),
        eligible=eligible,
        share_met=share(counts["met"], eligible),
        share_met_upper=share(counts["met"] + counts["not_assessable"], eligible),
        share_of_assessed=share(counts["met"], assessed),
        wilson_low=low,
        wilson_high=high,
    )
