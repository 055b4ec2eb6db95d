"""Finds the heading row of a sheet, and which column holds which field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from audit.errors import InputRejected
from audit.intake.cells import Cell, Column, Grid, Mask, Sheet, letter, text
from audit.intake.values import is_blank
from audit.intake.words import squash
from schemas.vocabulary import ABOUT_KEYS, INPUT_COLUMNS

#: The heading row is one of the first so many rows.
SEARCHED_ROWS = 50
_LISTED = 30
_WIDTH = 40
#: With fewer headings recognised, a row may be data, and its cells are not printed.
_SURELY_HEADINGS = 2


_KNOWN = {squash(field) for fields in INPUT_COLUMNS.values() for field in fields} | {*map(squash, ABOUT_KEYS)}


def known_headings(row: Sequence[str]) -> list[str]:
    """The cells of a row that are headings, or About keys, of any table."""
    return [cell for cell in row if squash(cell) in _KNOWN]


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading row (counted from 0) and the places of the fields it names."""

    row: int
    places: Mapping[str, int]


def matches(sheet: Sheet, fields: Sequence[str]) -> Heading:
    """The row among the first 50 that names the most of the fields; of equals the first."""
    best = Heading(0, {})
    for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        names = [squash(cell) if isinstance(cell, str) else "" for cell in row]
        places = {field: names.index(squash(field)) for field in fields if squash(field) in names}
        if len(places) > len(best.places):
            best = Heading(number, places)
    return best


def lacking(heading: Heading, required: Sequence[str]) -> list[str]:
    """The required fields that the heading row does not name."""
    return [field for field in required if field not in heading.places]


def read_grid(table: str, sheet: Sheet, fields: Sequence[str], required: Sequence[str]) -> Grid:
    """Find the heading row and take the columns of the fields; blank rows are left out.

    Raises:
        InputRejected: a required column is missing, a heading stands twice, or a csv row is too long.
    """
    heading = matches(sheet, fields)
    if missing := lacking(heading, required):
        raise _columns_missing(sheet, heading, missing)
    _check_twice(sheet, heading)
    data = sheet.rows[heading.row + 1 :]
    width = len(sheet.rows[heading.row])
    if sheet.delimited:
        data = _evened(sheet, heading.row, width)
    columns = {field: Column.of(letter(place), [row[place] for row in data]) for field, place in heading.places.items()}
    filled = _filled(columns, len(data))
    numbers = np.flatnonzero(filled).astype(np.int32) + np.int32(heading.row + 2)
    kept = {field: column.keep(filled) for field, column in columns.items()}
    unused, typed = _unused(sheet, heading), _typed(sheet, heading)
    return Grid(table, sheet.file, sheet.name, sheet.origin, numbers, kept, unused, heading.row, typed)


def blank_cells(field: str, column: Column) -> Mask:
    """Which distinct cells of a field's column are blank."""
    return np.array([is_blank(field, text(cell)) for cell in column.distinct], np.bool_)


def _filled(columns: Mapping[str, Column], count: int) -> Mask:
    filled = np.zeros(count, np.bool_)
    for field, column in columns.items():
        filled |= ~column.spread(blank_cells(field, column))
    return filled


def _evened(sheet: Sheet, heading_row: int, width: int) -> list[Sequence[Cell]]:
    """The data rows of a csv file, the shorter ones filled up with blanks."""
    out: list[Sequence[Cell]] = []
    for number, row in enumerate(sheet.rows[heading_row + 1 :], heading_row + 1):
        if len(row) > width and any(map(text, row[width:])):
            extra = next(place for place in range(width, len(row)) if text(row[place]))
            raise InputRejected(
                f"A row has more cells than the heading row, which has {width}: a cell may hold the "
                "delimiter without quotation marks round it.",
                where=sheet.address(number, extra),
                remedy="Export the file again with quoted cells, or save it as an Excel workbook (.xlsx).",
                code="ROW_TOO_LONG",
            )
        out.append([*row, *[""] * (width - len(row))] if len(row) < width else row)
    return out


def _check_twice(sheet: Sheet, heading: Heading) -> None:
    names = [squash(text(cell)) for cell in sheet.rows[heading.row]]
    count = Counter(names)
    for field, first in heading.places.items():
        if count[squash(field)] > 1:
            second = names.index(squash(field), first + 1)
            raise InputRejected(
                f"Two columns have the heading {field}.",
                where=f"{sheet.address(heading.row, first)} and {letter(second)}{heading.row + 1}",
                remedy="Delete or rename the column that is not meant.",
                code="COLUMN_TWICE",
            )


def _columns_missing(sheet: Sheet, heading: Heading, missing: Sequence[str]) -> InputRejected:
    names = "column" if len(missing) == 1 else "columns"
    if not heading.places:
        what = f"No heading row with the {names} {', '.join(missing)} among the first {SEARCHED_ROWS} rows."
        where = f"{sheet.file}, sheet {sheet.name}"
    else:
        what = f"The {names} {', '.join(missing)} cannot be found. Headings found: {_found(sheet, heading)}."
        where = f"{sheet.file}, sheet {sheet.name}, row {heading.row + 1}"
    remedy = "Give the columns these headings, in any order."
    return InputRejected(what, where=where, remedy=remedy, code="COLUMNS_MISSING")


def _found(sheet: Sheet, heading: Heading) -> str:
    if len(heading.places) < _SURELY_HEADINGS:
        return ", ".join(heading.places)
    typed = [" ".join(text(cell).split()) for cell in sheet.rows[heading.row]]
    return ", ".join([name[:_WIDTH] for name in typed if name][:_LISTED])


def _typed(sheet: Sheet, heading: Heading) -> dict[str, str]:
    """Of each field the heading that its column has."""
    cells = sheet.rows[heading.row]
    return {field: " ".join(text(cells[place]).split())[:_WIDTH] for field, place in heading.places.items()}


def _unused(sheet: Sheet, heading: Heading) -> tuple[str, ...]:
    used = set(heading.places.values())
    cells = enumerate(sheet.rows[heading.row])
    names = [(place, " ".join(text(cell).split())) for place, cell in cells if place not in used]
    return tuple(f"{name[:_WIDTH]} ({letter(place)})" for place, name in names if name)
