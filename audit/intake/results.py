"""The canonical tests and reviews: every data row of their sheets."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.intake.cells import Column, Grid, Mask, text
from audit.intake.dates import Dates, read_dates
from audit.intake.findings import Findings
from audit.intake.headings import blank_cells
from audit.intake.ids import CodeOf, Ids
from audit.intake.tables import categorical, reason, report_dates, report_nobody, source, texts
from audit.intake.values import read_column, read_result, read_words
from schemas.vocabulary import REVIEW_OUTCOME, SET_ASIDE, TEST


def build_tests(grid: Grid, ids: Ids, code_of: CodeOf, findings: Findings) -> pd.DataFrame:
    """The frame of `schemas.canonical.TESTS`; without a date or a name of a test a row is unreadable."""
    dates = read_dates(grid, "date")
    column = grid.columns["test"]
    named = column.spread(_has_name(column))
    says = "The test has no readable date or name: it is set aside."
    aside = _aside(grid, ids, (dates, ~named), ("TEST_UNREADABLE", "test", says), findings)
    value, has_value = _values(grid)
    return pd.DataFrame(
        {
            "patient": ids.coded(code_of),
            "date": dates.values.astype("datetime64[s]"),
            "test": categorical(read_words(column, "test").values, TEST),
            "has_value": has_value,
            "value": value,
            "unit": texts(grid, "unit"),
            **source(grid, aside),
        }
    )


def build_reviews(grid: Grid, ids: Ids, code_of: CodeOf, findings: Findings) -> pd.DataFrame:
    """The frame of `schemas.canonical.REVIEWS`; without a date or a known outcome a row is unreadable."""
    dates, outcomes = read_dates(grid, "date"), read_words(grid.columns["outcome"], "outcome")
    says = "The review has no readable date or outcome: it is set aside."
    unread = outcomes.values == -1
    aside = _aside(grid, ids, (dates, unread), ("REVIEW_UNREADABLE", "outcome", says), findings)
    return pd.DataFrame(
        {
            "patient": ids.coded(code_of),
            "date": dates.values.astype("datetime64[s]"),
            "outcome": categorical(outcomes.values, REVIEW_OUTCOME),
            **source(grid, aside),
        }
    )


def no_tests() -> pd.DataFrame:
    """The tests of an extract that has none."""
    return pd.DataFrame(
        {
            "patient": np.empty(0, np.int32),
            "date": np.empty(0, "datetime64[s]"),
            "test": categorical(np.empty(0, np.int8), TEST),
            "has_value": np.empty(0, np.bool_),
            "value": np.empty(0, np.float64),
            "unit": pd.Series([], dtype="str"),
            **_no_source(),
        }
    )


def no_reviews() -> pd.DataFrame:
    """The reviews of an extract that has none."""
    return pd.DataFrame(
        {
            "patient": np.empty(0, np.int32),
            "date": np.empty(0, "datetime64[s]"),
            "outcome": categorical(np.empty(0, np.int8), REVIEW_OUTCOME),
            **_no_source(),
        }
    )


def _no_source() -> dict[str, object]:
    nothing = np.empty(0, np.int8)
    return {
        "set_aside": categorical(nothing, SET_ASIDE),
        "sheet": categorical(nothing, [""]),
        "row": np.empty(0, np.int32),
    }


def _has_name(column: Column) -> Mask:
    """Which distinct test cells name anything: not blank, and with a letter or a digit."""
    spelt = [any(map(str.isalnum, text(cell))) for cell in column.distinct]
    return np.array(spelt, np.bool_) & ~blank_cells("test", column)


def _aside(
    grid: Grid, ids: Ids, unread: tuple[Dates, Mask], says: tuple[str, str, str], findings: Findings
) -> NDArray[np.int8]:
    """Why rows are set aside; one finding for each, at the date when that is what cannot be read."""
    dates, unnamed = unread
    code, field, message = says
    undated = dates.blank | dates.bad
    report_nobody(grid, ids.missing, findings)
    report_dates(grid, "date", dates, findings)
    findings.cells("error", code, message, (grid, "date"), undated & ~ids.missing)
    findings.cells("error", code, message, (grid, field), unnamed & ~undated & ~ids.missing)
    aside = np.where(undated | unnamed, reason("unreadable"), reason(""))
    return np.where(ids.missing, reason("no_patient_id"), aside).astype(np.int8)


def _values(grid: Grid) -> tuple[NDArray[np.float64], Mask]:
    if "value" not in grid.columns:
        return np.full(len(grid), np.nan), np.zeros(len(grid), np.bool_)
    reading = read_column(grid.columns["value"], "value", read_result, np.nan, np.float64)
    return reading.values, ~reading.blank
