"""Rows of a list that are no events: deleted ones, rejected requests; and where a list says that an issue is from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from audit.intake.cells import Cell, Column, Grid, Mask, Sheet, letter, text
from audit.intake.extract import Finding
from audit.intake.heading_words import plain
from audit.intake.values import read_words
from audit.intake.words import read_word, squash
from schemas.vocabulary import EVENT, GIVEN_EVENTS

#: Columns that mark a row as deleted, and the words that do.
_DELETED: Final = frozenset(("removeddata", "deleted", "isdeleted"))
_TRUE: Final = frozenset(("true", "1", "y", "yes"))
#: Columns that say what became of a request, and the words of those that became nothing.
_STATUS: Final = frozenset(("requestitemstatus", "requeststatus", "itemstatus", "medicationrequestsrequestitemstatus"))
_REJECTED: Final = frozenset(("rejected", "cancelled", "canceled", "declined", "withdrawn"))
#: Columns that say where an issue is from.
_FROM: Final = frozenset(
    (
        *("issuemethod", "medicationtype", "prescriptiontype", "issuetype"),
        *("drugstatus", "drugtype", "ishospitalmedication"),
    )
)
_HOSPITAL: Final = frozenset(("hospital", "hospitalonly", "hospitalmedication", "hospitalissue"))


def live_rows(sheet: Sheet, heading_row: int) -> tuple[Sheet, list[Finding]]:
    """The sheet with its deleted and rejected rows blank, so that the others keep their numbers."""
    names = [squash(plain(cell)) for cell in sheet.rows[heading_row]]
    dead = {place: _TRUE for place, name in enumerate(names) if name in _DELETED}
    dead |= {place: _REJECTED for place, name in enumerate(names) if name in _STATUS}
    if not dead:
        return sheet, []
    gone = [number for number, row in _below(sheet, heading_row) if any(_says(row, at, dead[at]) for at in dead)]
    if not gone:
        return sheet, []
    rows = list(sheet.rows)
    for number in gone:
        rows[number] = [""] * len(rows[number])
    message = f"{len(gone):,} rows are marked as deleted, or as requests that were rejected, and are left out."
    return replace(sheet, rows=rows), [Finding("note", "ROWS_DELETED", message, sheet.file, sheet.name, gone[0] + 1)]


def _below(sheet: Sheet, heading_row: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    return enumerate(sheet.rows[heading_row + 1 :], heading_row + 1)


def _says(row: Sequence[Cell], place: int, words: frozenset[str]) -> bool:
    return place < len(row) and squash(text(row[place])) in words


def with_events(grid: Grid, sheet: Sheet) -> Grid:
    """A list of issues with the events that its rows say unmistakably; all others are prescriptions issued.

    "Hospital" is no event: who gave the injection, and whether on that day, it does not say.
    """
    if "event" in grid.columns:
        return grid
    names = [squash(plain(cell)) for cell in sheet.rows[grid.heading_row]]
    for place in (place for place, name in enumerate(names) if name in _FROM):
        cells = [_cell(sheet.rows[number - 1], place) for number in grid.rows.tolist()]
        grid = _with_given(_with_hospital(grid, place, cells, names[place]), place, cells)
    return grid


def _cell(row: Sequence[Cell], place: int) -> str:
    return text(row[place]) if place < len(row) else ""


def _with_hospital(grid: Grid, place: int, cells: Sequence[str], name: str) -> Grid:
    words = _TRUE if name == "ishospitalmedication" else _HOSPITAL
    rows: Mask = np.array([squash(cell) in words for cell in cells], np.bool_)
    if not rows.any():
        return grid
    message = (
        f"{int(rows.sum()):,} rows are marked as from a hospital. They count as prescriptions issued; where they are "
        "injections given, a column event has to say so."
    )
    where = (grid.file, grid.sheet, int(grid.rows[rows.argmax()]), letter(place))
    return replace(grid, remarks=(*grid.remarks, Finding("warning", "HOSPITAL_ROWS", message, *where)))


def _with_given(grid: Grid, place: int, cells: Sequence[str]) -> Grid:
    given = [EVENT.index(word) for word in GIVEN_EVENTS]
    if not any(read_word("event", cell) in given for cell in cells):
        return grid
    before = read_words(grid.columns["event"], "event").values if "event" in grid.columns else None
    column = Column.of(letter(place), cells)
    said = read_words(column, "event").values
    issued = np.int8(EVENT.index("issued"))
    events = np.where(np.isin(said, given), said, issued if before is None else before)
    return replace(grid, columns={**grid.columns, "event": Column(column.letter, EVENT, events.astype(np.int32))})
