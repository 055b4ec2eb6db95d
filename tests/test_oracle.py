"""The oracle against stories worked out by hand, so that what the engine is compared with is itself pinned."""

from __future__ import annotations

import ast
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests import generate
from tests.oracle import Options, Records, Refused, judge, read
from tests.oracle.dates import add_months
from tests.oracle.directions import read_directions
from tests.oracle.drugs import read_dose, read_route, read_substance
from tests.oracle.run import CRITERIA

Row = dict[str, str]

DRUG = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
LONG_AGO = "2001-01-01"
STANDARD = "maintenance-interval-standard"
NEURO = "maintenance-interval-neuro"
DIETARY = "maintenance-interval-dietary"
STARTED = "maintenance-started"
OVERDUE = "not-overdue"
LIFELONG = "lifelong-treatment-continued"


def treatment(day: str, event: str = "administered", **cells: str) -> Row:
    row = {"drug": DRUG, "route": "intramuscular", "dose": "", "quantity": "", "directions": ""}
    return {"patient_id": "1", "date": day, "event": event} | row | cells


def given(days: str) -> list[Row]:
    return [treatment(day) for day in days.split()]


def issues(units: dict[str, int]) -> list[Row]:
    return [treatment(day, "issued", quantity=str(quantity)) for day, quantity in units.items()]


def results_of(**results: str) -> list[Row]:
    """`name="day value"`."""
    rows = [(name, *result.split()) for name, result in results.items()]
    return [
        {"patient_id": "1", "date": day, "test": name, "value": value, "unit": ""}
        for name, day, value in rows
    ]


def reviews_of(**days: str) -> list[Row]:
    return [{"patient_id": "1", "date": day, "outcome": outcome} for outcome, day in days.items()]


def after(first: str, offsets: str) -> str:
    days = [date.fromisoformat(first) + timedelta(int(offset)) for offset in offsets.split()]
    return " ".join(day.isoformat() for day in days)


def records(rows: list[Row], x: str = "2024-12-31", **more: Any) -> Records:
    """One patient, registered long ago and neurologically free unless `fields` says otherwise."""
    fields = {"registered_from": LONG_AGO, "neurological_involvement": "no"}
    return Records(
        about={"extract_date": x, "history_start": "2015-01-01"},
        patients=more.get("patients", [{"patient_id": "1"} | fields | more.get("fields", {})]),
        treatments=rows,
        tests=more.get("tests", []),
        reviews=more.get("reviews", []),
        file_stem="records",
    )


def judged(rows: list[Row], x: str = "2024-12-31", **more: Any) -> dict[str, Row]:
    verdicts, _ = judge(read(records(rows, x, **more), more.get("options", Options())))
    return {row["criterion"]: row for row in verdicts if row["patient_id"] == "1"}


def answer(row: Row) -> str:
    """For example `met`, `met within_grace`, `excepted DECLINED`."""
    grace = "within_grace" if row["within_grace"] == "true" else ""
    return " ".join(part for part in (row["outcome"], row["reason"], grace) if part)


# ---------------------------------------------------------------------- the vectors of section 9

VECTORS = [
    ("2023-11-30", "2024-02-29", 3, 0, "met"),
    ("2023-11-30", "2024-03-01", 3, 0, "late"),
    ("2022-11-30", "2023-02-28", 3, 0, "met"),
    ("2023-12-31", "2024-03-01", 2, 7, "met within grace"),
    ("2024-02-29", "2024-05-29", 3, 0, "met"),
    ("2024-01-15", "2024-03-22", 2, 7, "met within grace"),
    ("2024-01-15", "2024-03-23", 2, 7, "late"),
]


@pytest.mark.parametrize(("first", "second", "months", "grace", "expected"), VECTORS)
def test_vectors_by_the_calendar(first: str, second: str, months: int, grace: int, expected: str) -> None:
    due, end = add_months(date.fromisoformat(first), months), date.fromisoformat(second)
    late = end > due + timedelta(grace)
    assert ("late" if late else "met within grace" if end > due else "met") == expected


@pytest.mark.parametrize(("first", "second", "months", "grace", "expected"), VECTORS)
def test_vectors_through_the_whole_oracle(
    first: str, second: str, months: int, grace: int, expected: str
) -> None:
    fields = {"neurological_involvement": "yes" if months == 2 else "no"}
    rows = given(f"2022-06-01 {first} {second}")
    _, intervals = judge(read(records(rows, second, fields=fields), Options()))
    (row,) = [row for row in intervals if row["from_date"] == first]
    late = row["to_date"] > (row["limit_date"] if grace else row["due_date"])
    needed_grace = not late and row["to_date"] > row["due_date"]
    assert ("late" if late else "met within grace" if needed_grace else "met") == expected
    assert row["outcome"] == ("not_met" if late and grace else "met")


def test_easter_loading() -> None:
    days = "2024-03-25 2024-03-27 2024-04-03 2024-04-05 2024-04-08 2024-04-10"
    row = judged(given(days))["loading-complete"]
    assert answer(row) == "met within_grace"
    assert (row["from_date"], row["due_date"]) == ("2024-03-25", "2024-04-08")
    assert (row["limit_date"], row["to_date"]) == ("2024-04-15", "2024-04-10")


# ---------------------------------------------------------------------- stories

D1 = "2024-06-03"
SIX = after(D1, "0 2 4 7 9 11")
YES = {"neurological_involvement": "yes"}
UNKNOWN = {"neurological_involvement": ""}
DIET = {"cause": "dietary"}
AUTOIMMUNE = {"cause": "autoimmune"}
OLD = "2020-01-10 2020-04-10"
TWO_YEARS = f"{OLD} 2023-10-01 2024-01-01 2024-04-01 2024-07-01 2024-10-01"

LOADING = [
    ("sixth on day 14", given(after(D1, "0 2 4 7 9 14")), {}, "met"),
    ("sixth on day 15", given(after(D1, "0 2 4 7 9 15")), {}, "met within_grace"),
    ("sixth on day 21", given(after(D1, "0 2 4 7 9 21")), {}, "met within_grace"),
    ("sixth on day 22", given(after(D1, "0 2 4 7 9 22")), {}, "not_met"),
    ("dietary", given(SIX), {"fields": DIET}, "not_applicable NOT_IN_POPULATION"),
    ("neuro", given(SIX), {"fields": YES}, "not_applicable NOT_IN_POPULATION"),
    (
        "onset on day 14",
        given(SIX),
        {"fields": YES | {"neurological_onset": after(D1, "14")}},
        "not_applicable NOT_IN_POPULATION",
    ),
    ("onset on day 15", given(SIX), {"fields": YES | {"neurological_onset": after(D1, "15")}}, "met"),
    ("prophylaxis", given(SIX), {"fields": {"indication": "prophylaxis"}}, "not_applicable PROPHYLAXIS"),
    ("first dose long ago", given(OLD), {}, "not_applicable NOT_A_STARTER"),
    ("four months registered", given(SIX), {"fields": {"registered_from": "2024-02-03"}}, "met"),
    (
        "a day less",
        given(SIX),
        {"fields": {"registered_from": "2024-02-04"}},
        "not_assessable START_NOT_OBSERVED",
    ),
    (
        "diagnosed 28 days before",
        given(SIX),
        {"fields": {"registered_from": "", "diagnosis_date": "2024-05-06"}},
        "met",
    ),
    (
        "diagnosed 29 days before",
        given(SIX),
        {"fields": {"registered_from": "", "diagnosis_date": "2024-05-05"}},
        "not_assessable START_NOT_OBSERVED",
    ),
    ("day 20, waiting", given(after(D1, "0 2 4")), {"x": after(D1, "20")}, "pending"),
    ("day 21, over", given(after(D1, "0 2 4")), {"x": after(D1, "21")}, "not_met"),
    (
        "left on day 20",
        given(after(D1, "0 2 4")),
        {"fields": {"registered_to": after(D1, "20")}},
        "not_assessable LEFT_DURING_WINDOW",
    ),
    (
        "declined on day 21",
        [*given(after(D1, "0 2")), treatment(after(D1, "21"), "declined")],
        {},
        "excepted DECLINED",
    ),
    ("declined on day 22", [*given(after(D1, "0 2")), treatment(after(D1, "22"), "declined")], {}, "not_met"),
    ("six in a box", issues({D1: 6}), {}, "met"),
    ("two equal issues count once", issues({D1: 5}) + issues({D1: 5}), {}, "not_met"),
    ("two different issues add up", issues({D1: 5}) + issues({D1: 1}), {}, "met"),
    (
        "not a number",
        [*issues({D1: 6}), treatment(D1, "issued", quantity="x")],
        {},
        "not_assessable UNREADABLE_ROW",
    ),
    ("unreadable date", [*given(SIX), treatment("31/31/2024")], {}, "not_assessable UNREADABLE_ROW"),
    (
        "unreadable drug",
        [*given(SIX), treatment(D1, drug="xyzcobalamin")],
        {},
        "not_assessable UNREADABLE_ROW",
    ),
    ("not our drug, undated", [*given(SIX), treatment("", drug="Vitamin D")], {}, "met"),
]


@pytest.mark.parametrize(("rows", "more", "expected"), [pytest.param(*s[1:], id=s[0]) for s in LOADING])
def test_loading_complete(rows: list[Row], more: dict[str, Any], expected: str) -> None:
    assert answer(judged(rows, **more)["loading-complete"]) == expected


INTERVALS = [
    (
        STANDARD,
        "due + 14",
        given("2023-10-15 2024-01-15 2024-04-29"),
        {"x": "2024-04-29"},
        "met within_grace",
    ),
    (STANDARD, "due + 15", given("2023-10-15 2024-01-15 2024-04-30"), {"x": "2024-04-30"}, "not_met"),
    (
        STANDARD,
        "ninety days, unknown",
        given("2023-10-15 2024-01-10 2024-04-10"),
        {"x": "2024-04-10", "fields": UNKNOWN},
        "not_assessable NEURO_UNKNOWN",
    ),
    (
        STANDARD,
        "two months, unknown",
        given("2023-12-01 2024-01-20 2024-03-20"),
        {"x": "2024-03-20", "fields": UNKNOWN},
        "met",
    ),
    (
        STANDARD,
        "half a year, unknown",
        given("2023-12-01 2024-02-01 2024-08-01"),
        {"x": "2024-08-01", "fields": UNKNOWN},
        "not_met",
    ),
    (
        NEURO,
        "onset on the first dose",
        given("2023-10-15 2024-01-15 2024-04-15"),
        {"x": "2024-04-15", "fields": YES | {"neurological_onset": "2024-01-15"}},
        "not_met",
    ),
    (
        NEURO,
        "onset a day later: only the open one counts",
        given("2023-10-15 2024-01-15 2024-04-15"),
        {"x": "2024-04-15", "fields": YES | {"neurological_onset": "2024-01-16"}},
        "pending",
    ),
    (
        DIETARY,
        "six months + 28",
        given("2023-10-01 2024-01-01 2024-07-29"),
        {"x": "2024-07-29", "fields": DIET},
        "met within_grace",
    ),
    (
        DIETARY,
        "six months + 29",
        given("2023-10-01 2024-01-01 2024-07-30"),
        {"x": "2024-07-30", "fields": DIET},
        "not_met",
    ),
    (
        STANDARD,
        "declined on the limit",
        [*given("2023-10-15 2024-01-15 2024-06-01"), treatment("2024-04-29", "declined")],
        {"x": "2024-06-01"},
        "excepted DECLINED",
    ),
    (
        STANDARD,
        "declined after it",
        [*given("2023-10-15 2024-01-15 2024-06-01"), treatment("2024-04-30", "declined")],
        {"x": "2024-06-01"},
        "not_met",
    ),
    (
        STANDARD,
        "did not attend",
        [*given("2023-10-15 2024-01-15 2024-06-01"), treatment("2024-04-30", "not_attended")],
        {"x": "2024-06-01"},
        "not_met LATE_NOT_ATTENDED",
    ),
    (
        STANDARD,
        "tablets of 1 mg",
        [
            *given("2023-10-15 2024-01-15 2024-06-01"),
            treatment("2024-05-30", "issued", drug="Cyanocobalamin 1mg tablets", route=""),
        ],
        {"x": "2024-06-01"},
        "excepted ORAL_COVER",
    ),
    (
        STANDARD,
        "tablets of 50 micrograms",
        [
            *given("2023-10-15 2024-01-15 2024-06-01"),
            treatment("2024-05-30", "issued", drug="Cyanocobalamin 50microgram tablets", route=""),
        ],
        {"x": "2024-06-01"},
        "not_met",
    ),
    (
        STANDARD,
        "due on the last pandemic day",
        given("2020-10-31 2020-12-31 2021-06-01"),
        {"x": "2021-06-01"},
        "excepted COVID_DEFERRAL",
    ),
    (STANDARD, "due a day later", given("2020-10-31 2021-01-01 2021-06-01"), {"x": "2021-06-01"}, "not_met"),
    (
        STANDARD,
        "stopped",
        [*given(TWO_YEARS), treatment("2024-10-01", "stopped")],
        {},
        "not_applicable NOT_ON_INJECTIONS",
    ),
    (
        STANDARD,
        "lebers",
        given(TWO_YEARS),
        {"fields": {"indication": "lebers_or_tobacco_amblyopia"}},
        "not_applicable OWN_SCHEDULE",
    ),
    (
        STANDARD,
        "two ampoules for six months",
        issues({"2023-06-01": 1, "2023-12-01": 2, "2024-06-01": 2}),
        {"x": "2024-07-01"},
        "met",
    ),
    ("two-monthly-for-everyone", "three-monthly", given(TWO_YEARS), {}, "not_met"),
    (OVERDUE, "on the limit", given(TWO_YEARS), {"x": "2025-01-15"}, "met within_grace"),
    (OVERDUE, "a day over", given(TWO_YEARS), {"x": "2025-01-16"}, "not_met"),
    (
        OVERDUE,
        "deferred after the limit",
        [*given(TWO_YEARS), treatment("2025-02-01", "deferred")],
        {"x": "2025-02-01"},
        "excepted DEFERRED",
    ),
    (
        OVERDUE,
        "left",
        given(TWO_YEARS),
        {"fields": {"registered_to": "2024-12-30"}},
        "not_applicable NOT_IN_POPULATION",
    ),
    (STARTED, "next at three months", given(f"{SIX} 2024-09-14"), {}, "met"),
    (STARTED, "waiting", given(SIX), {"x": "2024-09-28"}, "pending"),
    (STARTED, "late", given(SIX), {"x": "2024-09-29"}, "not_met"),
    (
        STARTED,
        "stopped on the limit",
        [*given(SIX), treatment("2024-09-28", "stopped")],
        {},
        "not_applicable NO_INTERVAL_IN_PERIOD",
    ),
    (STARTED, "stopped after it", [*given(SIX), treatment("2024-09-29", "stopped")], {}, "not_met"),
    (
        STARTED,
        "course still going on",
        given(SIX),
        {"x": after(D1, "21")},
        "not_applicable NO_INTERVAL_IN_PERIOD",
    ),
    (STARTED, "eight units last two lengths", issues({D1: 8, "2024-12-03": 1}), {}, "met"),
    (
        STARTED,
        "a box with neuro",
        issues({D1: 6, "2024-08-03": 1}),
        {"fields": YES},
        "not_assessable ISSUES_ONLY",
    ),
    (LIFELONG, "six months", given("2024-06-30"), {"x": "2024-12-30", "fields": AUTOIMMUNE}, "met"),
    (LIFELONG, "a day more", given("2024-06-30"), {"x": "2024-12-31", "fields": AUTOIMMUNE}, "not_met"),
    (LIFELONG, "never", [], {"fields": AUTOIMMUNE}, "not_met NEVER_TREATED"),
    (LIFELONG, "just diagnosed", [], {"fields": AUTOIMMUNE | {"diagnosis_date": "2024-12-03"}}, "pending"),
    (
        LIFELONG,
        "a box with neuro",
        issues({"2024-03-01": 8}),
        {"fields": AUTOIMMUNE | YES},
        "not_assessable ISSUES_ONLY",
    ),
]


@pytest.mark.parametrize(
    ("criterion", "rows", "more", "expected"),
    [pytest.param(s[0], *s[2:], id=f"{s[0]}: {s[1]}") for s in INTERVALS],
)
def test_intervals(criterion: str, rows: list[Row], more: dict[str, Any], expected: str) -> None:
    assert answer(judged(rows, **more)[criterion]) == expected


COURSE = given(after(D1, "0 2 4 6 8 10 12 14"))
OTHERS = [
    (
        "neuro-continued",
        "plateau a week after",
        COURSE,
        {"fields": YES, "reviews": reviews_of(resolved=after(D1, "21"))},
        "met",
    ),
    (
        "neuro-continued",
        "plateau eight days after",
        COURSE,
        {"fields": YES, "reviews": reviews_of(resolved=after(D1, "22"))},
        "not_met STOPPED_BEFORE_PLATEAU",
    ),
    (
        "neuro-continued",
        "still improving",
        COURSE,
        {"fields": YES, "reviews": reviews_of(improving=after(D1, "28"))},
        "not_met STOPPED_WHILE_IMPROVING",
    ),
    (
        "neuro-continued",
        "nothing decides",
        COURSE,
        {"fields": YES, "reviews": reviews_of(improving=after(D1, "29"))},
        "not_assessable NO_REVIEW_RECORDED",
    ),
    (
        "neuro-continued",
        "no sheet",
        COURSE,
        {"fields": YES, "reviews": None},
        "not_assessable NO_REVIEW_DATA",
    ),
    (
        "neuro-continued",
        "six and no sheet",
        given(SIX),
        {"fields": YES, "reviews": None},
        "not_met STOPPED_AT_STANDARD_COURSE",
    ),
    ("neuro-continued", "going on", COURSE, {"fields": YES, "x": after(D1, "24")}, "pending"),
    (
        "neuro-review-recorded",
        "day 28",
        COURSE,
        {"fields": YES, "reviews": reviews_of(worse=after(D1, "42"))},
        "met",
    ),
    (
        "neuro-review-recorded",
        "day 29",
        COURSE,
        {"fields": YES, "reviews": reviews_of(worse=after(D1, "43"))},
        "not_met",
    ),
    ("loading-spacing", "gap of seven", given(after(D1, "0 7 8 9 10 11")), {}, "met"),
    ("loading-spacing", "gap of eight", given(after(D1, "0 8 9 10 11 12")), {}, "not_met"),
    ("loading-spacing", "issued", issues({D1: 6}), {}, "not_applicable NOT_IN_POPULATION"),
    (
        "folic-acid-not-before-b12",
        "same day",
        [*given(SIX), treatment(D1, "issued", drug="Folic acid 5mg tablets")],
        {},
        "met",
    ),
    (
        "folic-acid-not-before-b12",
        "day before",
        [*given(SIX), treatment(after(D1, "-1"), "issued", drug="Folic acid 5mg tablets")],
        {},
        "not_met",
    ),
    (
        "folic-acid-not-before-b12",
        "400 micrograms",
        [*given(SIX), treatment(after(D1, "-1"), "issued", drug="Folic acid 400microgram tablets")],
        {},
        "not_applicable NOT_IN_POPULATION",
    ),
    (
        "folic-acid-not-before-b12",
        "dose unknown",
        [*given(SIX), treatment(after(D1, "-1"), "issued", drug="Folic acid tablets")],
        {},
        "not_assessable DOSE_MISSING",
    ),
    ("folate-measured", "day 14", given(SIX), {"tests": results_of(folate=f"{after(D1, '14')} 5")}, "met"),
    (
        "folate-measured",
        "day 15",
        given(SIX),
        {"tests": results_of(folate=f"{after(D1, '15')} 5")},
        "not_met",
    ),
    ("folate-measured", "no sheet", given(SIX), {"tests": None}, "not_assessable NO_TESTS_DATA"),
    (
        "potassium-measured-in-severe-anaemia",
        "7.9 g/dL",
        given(SIX),
        {"tests": results_of(haemoglobin=f"{D1} 7.9", potassium=f"{after(D1, '14')} 4")},
        "met",
    ),
    (
        "potassium-measured-in-severe-anaemia",
        "80",
        given(SIX),
        {"tests": results_of(haemoglobin=f"{D1} 80")},
        "not_applicable NOT_IN_POPULATION",
    ),
    (
        "blood-count-response",
        "man of 129",
        given(SIX),
        {"fields": {"sex": "male"}, "tests": results_of(haemoglobin=f"{D1} 129")},
        "not_met",
    ),
    (
        "blood-count-response",
        "woman of 129",
        given(SIX),
        {"fields": {"sex": "female"}, "tests": results_of(haemoglobin=f"{D1} 129")},
        "not_applicable NOT_IN_POPULATION",
    ),
    ("first-review", "T + 28", given(SIX), {"reviews": reviews_of(other="2024-10-01")}, "met"),
    ("first-review", "T + 29", given(SIX), {"reviews": reviews_of(other="2024-10-02")}, "not_met"),
    (
        "first-review",
        "pregnant",
        given(SIX),
        {"fields": {"pregnant_or_breastfeeding": "Y"}, "reviews": reviews_of(other="2024-07-18")},
        "not_met",
    ),
    ("first-review", "before the guideline", given("2024-03-05"), {}, "not_applicable NOT_IN_POPULATION"),
    (
        "no-b12-retest-on-injections",
        "tested",
        given(TWO_YEARS),
        {"tests": results_of(vitamin_b12="2024-05-05 800")},
        "not_met",
    ),
    (
        "no-b12-retest-on-injections",
        "on the last day",
        given(TWO_YEARS),
        {"tests": results_of(vitamin_b12="2024-12-31 800")},
        "met",
    ),
    (
        "no-b12-retest-on-injections",
        "no name",
        given(TWO_YEARS),
        {"tests": [{"patient_id": "1", "date": "2024-05-05", "test": "", "value": "1", "unit": ""}]},
        "not_assessable UNREADABLE_TEST",
    ),
    (
        "intramuscular",
        "route not said",
        [treatment("2024-05-05", route="")],
        {},
        "not_assessable ROUTE_MISSING",
    ),
    (
        "intramuscular",
        "by the patient",
        [treatment("2024-05-05", "self_administered", route="subcutaneous")],
        {},
        "excepted SELF_ADMINISTERED",
    ),
    ("dose-one-milligram", "half", [treatment("2024-05-05", dose="500 micrograms")], {}, "not_met"),
    (
        "prescribed-interval",
        "13 weeks",
        [*given(TWO_YEARS), treatment("2024-10-02", "issued", directions="every 13 weeks")],
        {},
        "met",
    ),
    (
        "prescribed-interval",
        "13 weeks, unknown",
        [*given(TWO_YEARS), treatment("2024-10-02", "issued", directions="every 13 weeks")],
        {"fields": UNKNOWN},
        "not_assessable NEURO_UNKNOWN",
    ),
    (
        "prescribed-interval",
        "14 weeks",
        [*given(TWO_YEARS), treatment("2024-10-02", "issued", directions="every 14 weeks")],
        {},
        "not_met",
    ),
    (
        "given-as-prescribed",
        "ten weeks more",
        [*given(TWO_YEARS), treatment("2024-10-02", "issued", directions="every 2 weeks")],
        {},
        "not_met",
    ),
    (
        "given-as-prescribed",
        "at three months",
        [*given(TWO_YEARS), treatment("2024-10-02", "issued", directions="3/12")],
        {},
        "met",
    ),
    (
        "low-dose-oral-only-for-diet",
        "cause blank",
        [treatment("2024-05-05", "issued", drug="Cyanocobalamin 50microgram tablets", route="")],
        {},
        "not_assessable CAUSE_UNKNOWN",
    ),
    (
        "neuro-not-oral-only",
        "tablets",
        [treatment("2024-05-05", "issued", drug="Cyanocobalamin 1mg tablets", route="")],
        {"fields": YES},
        "not_met",
    ),
    (
        "no-cyanocobalamin-in-smokers",
        "injected",
        [treatment("2024-05-05", drug="Cytamen")],
        {"fields": {"smoker": "yes"}},
        "not_met",
    ),
    (
        "cause-recorded",
        "unreadable elsewhere",
        [*given(SIX), treatment("")],
        {"fields": {"cause": "unknown_after_investigation"}},
        "met",
    ),
    (
        "cause-recorded",
        "antidote only",
        [treatment("2024-05-05", drug="Cyanokit", route="")],
        {},
        "excluded CYANIDE_ANTIDOTE",
    ),
    ("cause-recorded", "fifteen", given(SIX), {"fields": {"year_of_birth": "2009"}}, "excluded UNDER_16"),
    ("cause-recorded", "sixteen", given(SIX), {"fields": {"year_of_birth": "2008"}}, "not_met"),
    (
        "cause-recorded",
        "left before",
        given("2023-10-01"),
        {"fields": {"registered_to": "2023-12-31"}},
        "excluded LEFT_BEFORE_PERIOD",
    ),
    ("cause-recorded", "nothing known", [], {}, "excluded NOT_IN_COHORT"),
]


@pytest.mark.parametrize(
    ("criterion", "rows", "more", "expected"),
    [pytest.param(s[0], *s[2:], id=f"{s[0]}: {s[1]}") for s in OTHERS],
)
def test_other_criteria(criterion: str, rows: list[Row], more: dict[str, Any], expected: str) -> None:
    assert answer(judged(rows, **more)[criterion]) == expected


# ---------------------------------------------------------------------- basis, reading, files


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (given("2023-01-01") + issues({"2024-05-05": 1}), "given"),
        (given("2022-12-31") + issues({"2024-05-05": 1}), "issued"),
        (given("2024-01-01") + issues({"2024-05-05": 1, "2024-08-05": 1}), "issued"),
        (given("2024-08-05") + issues({"2024-05-05": 1, "2024-08-05": 1, "2024-09-05": 1}), "given"),
        (given("2010-01-01"), "given"),
        ([treatment("2024-05-05", "declined")], ""),
    ],
)
def test_basis(rows: list[Row], expected: str) -> None:
    assert judged(rows)["cause-recorded"]["basis"] == expected


def test_two_different_values_of_a_patient_are_unknown() -> None:
    patients = [
        {"patient_id": "1", "cause": cause, "registered_from": LONG_AGO} for cause in ("dietary", "medicine")
    ]
    assert judged(given(SIX), patients=patients)["cause-recorded"]["outcome"] == "not_met"


def test_a_period_that_ends_early_is_the_run_of_that_day() -> None:
    early = Options(period_to=date(2024, 8, 1))
    assert judged(given(TWO_YEARS), options=early) == judged(given(TWO_YEARS), x="2024-08-01")
    with pytest.raises(Refused):
        judged(given(TWO_YEARS), options=Options(period_to=date(2025, 1, 1)))


def test_dates_assumed_from_the_rows() -> None:
    workbook = records(given(TWO_YEARS))
    workbook["about"] = {}
    workbook["tests"] = results_of(ferritin="2024-11-11 30")
    read_back = read(workbook, Options())
    assert (read_back.extract_date, read_back.history_start) == (date(2024, 11, 11), date(2020, 1, 10))
    assert read_back.period_from == date(2023, 11, 12)


def test_patients_of_other_sheets_are_kept() -> None:
    workbook = records([], tests=results_of(ferritin="2024-11-11 30"), patients=None)
    workbook["reviews"] = [{"patient_id": " 2 ", "date": "2024-05-05", "outcome": "worse"}]
    verdicts, intervals = judge(read(workbook, Options()))
    assert Counter(row["patient_id"] for row in verdicts) == {"1": len(CRITERIA), "2": len(CRITERIA)}
    assert intervals == []


def test_intervals_of_a_patient_as_published() -> None:
    _, rows = judge(read(records(given(f"{SIX} 2024-09-14 2024-12-28"), fields=UNKNOWN), Options()))
    shown = [
        (row["kind"], row["from_date"], row["to_date"], row["months"], row["limit_date"]) for row in rows
    ]
    assert shown == [
        ("transition", "2024-06-14", "2024-09-14", "2 or 3", "2024-09-28"),
        ("maintenance", "2024-09-14", "2024-12-28", "2 or 3", "2024-12-28"),
        ("maintenance", "2024-12-28", "", "2 or 3", "2025-04-11"),
    ]
    assert [row["reason"] or row["outcome"] for row in rows] == ["NEURO_UNKNOWN", "NEURO_UNKNOWN", "pending"]


@pytest.mark.parametrize(
    ("drug", "route", "dose", "expected"),
    [
        (DRUG, "", "", ("hydroxocobalamin", "injection", 1000)),
        (
            "Hydroxocobalamin 10mg/2ml solution for injection ampoules",
            "",
            "1ml",
            ("hydroxocobalamin", "injection", 5000),
        ),
        ("Mecobalamin", "Oral", "1 mg", ("methylcobalamin", "oral", 1000)),
        ("Cyanokit", "", "", ("hydroxocobalamin", "intravenous", 5_000_000)),
        ("cytamen", "", "", ("cyanocobalamin", "injection", 1000)),
        ("Hydroxocobalamin", "", "", ("hydroxocobalamin", "", None)),
    ],
)
def test_drug_texts(drug: str, route: str, dose: str, expected: tuple[str, str, float | None]) -> None:
    assert (read_substance(drug), read_route(drug, route), read_dose(drug, dose)) == expected


def test_every_generated_direction_is_in_the_list() -> None:
    read_ones = [text for text in generate.DIRECTIONS if read_directions(text)]
    assert 0 < len(read_ones) < len(generate.DIRECTIONS)
    with pytest.raises(LookupError):
        read_directions("every now and then")


# ---------------------------------------------------------------------- the generator


def test_the_generator_is_steady_and_knows_its_variants() -> None:
    assert generate.practice(7, 20) == generate.practice(7, 20)
    assert generate.practice(7, 20) != generate.practice(8, 20)
    with pytest.raises(ValueError, match="unknown variant"):
        generate.practice(7, 20, "none")


def test_generated_patients_reach_every_outcome_of_every_criterion() -> None:
    seen: set[tuple[str, str]] = set()
    for number, variant in enumerate(generate.VARIANTS):
        practice = read(*generate.practice(number, 120, variant))
        verdicts, _ = judge(practice)
        assert len(verdicts) == len(CRITERIA) * len(practice.patients)
        seen |= {(row["criterion"], row["outcome"]) for row in verdicts}
    for criterion in CRITERIA:
        assert {(criterion, outcome) for outcome in ("excluded", "not_applicable", "met", "not_met")} <= seen


def test_shuffling_and_repeating_rows_changes_nothing() -> None:
    workbook, options = generate.practice(11, 60)
    before = judge(read(workbook, options))
    rng = Random(1)
    for rows in (workbook["patients"], workbook["treatments"], workbook["tests"], workbook["reviews"]):
        assert rows
        rows.extend(rng.sample(rows, len(rows) // 4))
        rng.shuffle(rows)
    assert judge(read(workbook, options)) == before


def test_the_oracle_shares_no_code_with_what_it_checks() -> None:
    files = sorted((Path(__file__).parent / "oracle").glob("*.py"))
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    modules |= {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    assert "dataclasses" in modules
    assert not {module for module in modules if module.split(".")[0] in ("audit", "schemas", "tests")}
