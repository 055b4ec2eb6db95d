from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.errors import InputRejected
from tests.intake_files import DAY, cell, codes, column, found, read_treatments, treatment

TESTS = ["patient_id", "date", "test", "value", "unit"]
REVIEWS = ["patient_id", "date", "outcome"]


def test_a_whole_test(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), Tests=[TESTS, ["1", DAY, "Serum B12", ">2000", " ng/L "]])
    (row,) = extract.tests.to_dict("records")
    assert row.pop("date").date() == DAY
    assert row == {
        "patient": 0,
        "test": "vitamin_b12",
        "has_value": True,
        "value": 2000.0,
        "unit": "ng/L",
        "set_aside": "",
        "sheet": "Tests",
        "row": 2,
    }


@pytest.mark.parametrize(
    ("typed", "has_value", "value"),
    [(142, True, 142.0), ("142 ng/L", True, 142.0), ("positive", True, None), ("", False, None), ("n/a", False, None)],
)
def test_values(tmp_path: Path, typed: Any, has_value: bool, value: float | None) -> None:
    extract = read_treatments(tmp_path, treatment(), Tests=[TESTS, ["1", DAY, "Hb", typed]])
    assert column(extract.tests, "has_value") == [has_value]
    assert column(extract.tests, "value") == [value]


def test_without_a_value_column_no_test_has_a_value(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), Tests=[TESTS[:3], ["1", DAY, "Hb"]])
    assert column(extract.tests, "has_value") == [False]


@pytest.mark.parametrize(
    ("day", "test", "at"), [("", "Hb", "B2"), ("soon", "Hb", "B2"), (DAY, "", "C2"), (DAY, "??", "C2"), ("", "", "B2")]
)
def test_a_test_without_date_or_name_is_unreadable(tmp_path: Path, day: Any, test: str, at: str) -> None:
    extract = read_treatments(tmp_path, treatment(), Tests=[TESTS, ["1", day, test, 5]])
    assert column(extract.tests, "set_aside") == ["unreadable"]
    assert [cell(finding) for finding in found(extract, "TEST_UNREADABLE")] == [f"Tests!{at}"]


@pytest.mark.parametrize("name", ["HbA1c", "Na", "Cholesterol"])
def test_a_test_that_is_not_ours_is_kept_without_a_word(tmp_path: Path, name: str) -> None:
    extract = read_treatments(tmp_path, treatment(), Tests=[TESTS, ["1", DAY, name, 5]])
    assert (column(extract.tests, "test"), column(extract.tests, "set_aside")) == ([None], [""])
    assert extract.findings == ()


def test_results_without_a_patient(tmp_path: Path) -> None:
    extract = read_treatments(
        tmp_path, treatment(), Tests=[TESTS, ["", "", "Hb", 5]], Reviews=[REVIEWS, ["", DAY, "worse"]]
    )
    for frame in (extract.tests, extract.reviews):
        assert (column(frame, "set_aside"), column(frame, "patient")) == (["no_patient_id"], [-1])
    assert [finding.code for finding in extract.findings] == ["PATIENT_ID_MISSING"] * 2


def test_a_whole_review(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), Reviews=[REVIEWS, ["1", "12.03.2024", "No improvement"]])
    (row,) = extract.reviews.to_dict("records")
    assert row.pop("date").date() == DAY
    assert row == {"patient": 0, "outcome": "not_improved", "set_aside": "", "sheet": "Reviews", "row": 2}


@pytest.mark.parametrize(
    ("day", "outcome", "at"),
    [("", "worse", "B2"), (DAY, "", "C2"), (DAY, "seen by nurse", "C2"), ("31/04/2024", "worse", "B2")],
)
def test_a_review_without_date_or_known_outcome_is_unreadable(tmp_path: Path, day: Any, outcome: str, at: str) -> None:
    extract = read_treatments(tmp_path, treatment(), Reviews=[REVIEWS, ["1", day, outcome]])
    assert column(extract.reviews, "set_aside") == ["unreadable"]
    assert [cell(finding) for finding in found(extract, "REVIEW_UNREADABLE")] == [f"Reviews!{at}"]


def test_absent_sheets_are_empty_tables_of_the_same_columns(tmp_path: Path) -> None:
    without = read_treatments(tmp_path, treatment())
    within = read_treatments(tmp_path, treatment(), Tests=[TESTS], Reviews=[REVIEWS])
    assert (without.facts.has_tests, within.facts.has_tests) == (False, True)
    assert (without.facts.has_reviews, within.facts.has_reviews) == (False, True)
    for name in ("tests", "reviews"):
        assert list(getattr(without, name).columns) == list(getattr(within, name).columns)
    # headings without rows count as exported and empty, which is said
    assert (codes(without), codes(within)) == (set(), {"SHEET_WITHOUT_ROWS"})
    assert [finding.sheet for finding in found(within, "SHEET_WITHOUT_ROWS")] == ["Tests", "Reviews"]


def test_day_numbers_and_month_first_in_tests(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), Tests=[TESTS, ["1", 45363, "Hb", 120]])
    assert (column(extract.tests, "date"), codes(extract)) == ([date(2024, 3, 12)], {"DATE_SERIAL"})
    with pytest.raises(InputRejected, match="month first"):
        read_treatments(tmp_path, treatment(), Tests=[TESTS, ["1", "03/13/2024", "Hb", 120]])
