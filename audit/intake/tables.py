"""Columns that several canonical tables share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.intake.cells import Grid, Mask, text
from audit.intake.dates import Dates
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.headings import blank_cells
from schemas.vocabulary import SET_ASIDE

#: Columns whose absence says something else than their blank cells do.
_ABSENT_DIFFERS = ("event", "quantity", "registered_from")


def categorical(codes: NDArray[np.int8], words: Sequence[str]) -> pd.Categorical:
    """Places in a vocabulary (-1: missing) as a pandas categorical of exactly that vocabulary."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(words), dtype="str"))


def texts(grid: Grid, field: str) -> pd.Series:
    """A column of text, trimmed, "" where blank or where the sheet lacks it."""
    if field not in grid.columns:
        return pd.Series([""] * len(grid), dtype="str")
    column = grid.columns[field]
    distinct = pd.array([text(cell) for cell in column.distinct], dtype="str")
    return pd.Series(distinct.take(column.codes))


def source(grid: Grid, set_aside: NDArray[np.int8]) -> dict[str, object]:
    """Where each row came from, and why it is not used."""
    sheet = categorical(np.zeros(len(grid), np.int8), [grid.label or grid.sheet])
    return {"set_aside": categorical(set_aside, SET_ASIDE), "sheet": sheet, "row": grid.rows}


def joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames of one canonical table, one below the other."""
    if len(frames) == 1:
        return frames[0]
    sheets = list(dict.fromkeys(name for frame in frames for name in frame["sheet"].cat.categories))
    kind = pd.CategoricalDtype(pd.Index(sheets, dtype="str"))
    return pd.concat([frame.astype({"sheet": kind}) for frame in frames], ignore_index=True)


def reason(word: str) -> np.int8:
    """The place of a reason among those for setting a row aside."""
    return np.int8(SET_ASIDE.index(word))


def report_dates(grid: Grid, field: str, dates: Dates, findings: Findings) -> None:
    """Note that a date column holds day numbers in place of dates, and warn of days that may be months."""
    message = "{count} dates are typed as Excel's day numbers, without a date format, and are read as such."
    findings.first("note", "DATE_SERIAL", message, (grid, field), dates.serial)
    message = (
        "{count} date cells have days that could be months, and the typed dates beside them have none: "
        "another program may have exchanged day and month in them. Compare them with the record."
    )
    findings.first("warning", "DATE_ORDER_DOUBTFUL", message, (grid, field), dates.doubtful)


def report_nobody(grid: Grid, rows: Mask, findings: Findings) -> None:
    """Rows that name no patient."""
    message = "The row has no patient id and is not used."
    findings.cells("error", "PATIENT_ID_MISSING", message, (grid, "patient_id"), rows)


def report_unfilled(grid: Grid, findings: Findings) -> None:
    """A table, or a column whose absence would say something else, that stands there and was not filled in."""
    if not len(grid):
        message = "The sheet has headings and no rows: it counts as exported and empty. If it was not, delete it."
        findings.add(Finding("warning", "SHEET_WITHOUT_ROWS", message, grid.file, grid.sheet))
        return
    for field in _ABSENT_DIFFERS:
        if field in grid.columns and blank_cells(field, grid.columns[field]).all():
            message = "No row has a value here: all count as not known. If it was not exported, delete the column."
            where = (grid.file, grid.sheet, 0, grid.letter(field), field)
            findings.add(Finding("warning", "COLUMN_WITHOUT_VALUES", message, *where))
