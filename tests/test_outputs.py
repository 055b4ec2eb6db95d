"""The published tables of a run keep their contracts, and a table that breaks one is refused."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest

from audit.cohort.window import DateOptions
from audit.pipeline import audit
from audit.results.audit import AuditResult
from audit.results.recall import Recall
from audit.standards.standard import load_standard
from schemas import outputs, vocabulary
from tests.compare import TODAY, as_extract
from tests.generate import practice

COLUMNS = {
    "verdicts": vocabulary.VERDICT_COLUMNS,
    "intervals": vocabulary.INTERVAL_COLUMNS,
    "findings": vocabulary.FINDING_COLUMNS,
    "recall": vocabulary.RECALL_COLUMNS,
}


@functools.cache
def result(variant: str = "plain") -> AuditResult:
    records, options = practice(3, 120, variant)
    dates = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
    return audit([as_extract(records)], dates, load_standard(), TODAY)


def table(name: str, variant: str = "plain") -> pd.DataFrame:
    part = getattr(result(variant), name)
    frame = part.table if isinstance(part, Recall) else part
    assert isinstance(frame, pd.DataFrame)
    return frame


def broken_rules(name: str, frame: pd.DataFrame) -> set[str]:
    """The columns and rules of a table that do not hold; none when it keeps its contract."""
    try:
        outputs.TABLES[name].validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        return {f"{column} {check}" for column, check in zip(cases["column"], cases["check"], strict=True)}
    return set()


@pytest.mark.parametrize("name", COLUMNS)
def test_the_columns_are_the_published_ones(name: str) -> None:
    assert tuple(outputs.TABLES[name].columns) == COLUMNS[name]


@pytest.mark.parametrize("variant", ["plain", "no_event", "no_tests", "assumed"])
@pytest.mark.parametrize("name", COLUMNS)
def test_the_tables_of_a_run_keep_their_contracts(name: str, variant: str) -> None:
    frame = table(name, variant)
    # the assumed extract date of this practice lies long after anybody's last injection
    assert len(frame) > 0 or (name, variant) == ("recall", "assumed")
    assert broken_rules(name, frame) == set()


@pytest.mark.parametrize("name", COLUMNS)
def test_empty_tables_keep_their_contracts(name: str) -> None:
    assert broken_rules(name, table(name).iloc[:0]) == set()


def first(name: str, outcome: str) -> int:
    """The place of a row with that outcome."""
    return int((table(name)["outcome"] == outcome).to_numpy().argmax())


@pytest.mark.parametrize(
    ("name", "outcome", "column", "value", "rule"),
    [
        ("verdicts", "met", "outcome", "good", "outcome isin"),
        ("verdicts", "met", "reason", "DECLINED", "reason_fits_outcome"),
        ("verdicts", "excepted", "reason", "", "reason_fits_outcome"),
        ("verdicts", "not_met", "within_grace", True, "grace_of_met_only"),
        ("verdicts", "met", "patient_id", "", "patient_id str_length"),
        ("verdicts", "met", "basis", "guessed", "basis isin"),
        ("verdicts", "met", "days", -1, "days greater_than_or_equal_to"),
        ("verdicts", "excluded", "intervals_met", 1, "met_among_judged"),
        ("intervals", "met", "outcome", "excluded", "outcome isin"),
        ("intervals", "met", "days", 9999, "days_between_the_dates"),
        ("intervals", "met", "to_date", pd.Timestamp("1950-01-01"), "from_date_not_after_to_date"),
        ("intervals", "met", "limit_date", pd.Timestamp("1950-01-01"), "due_date_not_after_limit_date"),
        ("intervals", "met", "due_date", pd.NaT, "due_date not_nullable"),
        ("intervals", "met", "months", "", "months str_matches"),
    ],
)  # fmt: skip
def test_a_broken_cell_is_refused(name: str, outcome: str, column: str, value: Any, rule: str) -> None:
    frame = table(name).copy()
    assert outcome in set(frame["outcome"])
    frame.loc[first(name, outcome), column] = value
    assert any(rule in found for found in broken_rules(name, frame))


@pytest.mark.parametrize("length", ["2", "2 or 3", "12 weeks", "8 weeks or 12 weeks", "2 or 12 weeks"])
def test_a_length_may_be_of_months_or_weeks(length: str) -> None:
    assert broken_rules("intervals", table("intervals").iloc[:1].assign(months=length)) == set()
    assert broken_rules("intervals", table("intervals").iloc[:1].assign(months=f"{length} or")) != set()


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("severity", "fatal", "severity isin"),
        ("code", "not a code", "code str_matches"),
        ("column", "3", "column str_matches"),
        ("message", "", "message str_length"),
        ("row", 0, "row greater_than_or_equal_to"),
    ],
)
def test_a_broken_finding_is_refused(column: str, value: Any, rule: str) -> None:
    frame = table("findings").copy()
    frame.loc[0, column] = value
    assert any(rule in found for found in broken_rules("findings", frame))


@pytest.mark.parametrize(
    ("name", "column", "dtype", "rule"),
    [
        ("verdicts", "from_date", "datetime64[ns]", "date"),
        ("verdicts", "days", "float64", "whole number"),
        ("verdicts", "patient_id", "category", "text"),
        ("intervals", "days", "int64", "whole number"),
    ],
)
def test_a_column_of_another_kind_is_refused(name: str, column: str, dtype: Any, rule: str) -> None:
    frame = table(name).copy()
    frame[column] = frame[column].astype(dtype)
    assert any(found.startswith(f"{column} ") and rule in found for found in broken_rules(name, frame))


def test_a_verdict_that_stands_twice_is_refused() -> None:
    frame = table("verdicts")
    assert broken_rules("verdicts", pd.concat([frame, frame.iloc[:1]], ignore_index=True))


@pytest.mark.parametrize("name", COLUMNS)
def test_a_lost_added_or_misplaced_column_is_refused(name: str) -> None:
    frame = table(name)
    assert broken_rules(name, frame.iloc[:, 1:])
    assert broken_rules(name, frame.assign(more=1))
    assert broken_rules(name, frame.iloc[:, ::-1])
