"""Reports with coded events side by side: `Code Term, Date, Value` again and again, or `<topic> Term / Date / Value`.

Each such group of columns is a list of coded events of its own; together they are read as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from audit.intake.cells import Cell, Column, Grid, Sheet, letter, text
from audit.intake.dates import read_date
from audit.intake.extract import Finding
from audit.intake.heading_map import UNMAPPED, HeadingMap
from audit.intake.heading_match import SEARCHED_ROWS, find_heading
from audit.intake.heading_words import plain, table_words
from audit.intake.ids import read_ids
from audit.intake.words import squash
from schemas.vocabulary import LIST_COLUMNS

_TERMS: Final = frozenset(("term", "codeterm", "codedescription", "clinicalterm", "snomedterm", "readterm"))
_DATES: Final = frozenset(("date", "eventdate", "dateofevent"))
_REST: Final = {"value": "value", "numericvalue": "value", "result": "value", "unit": "unit", "units": "unit"}
_TOPIC: Final = re.compile(r"(.+?)[\s_.:'-]+(term|date|value|unit)s?\d*", re.IGNORECASE)
#: Of the same patient, these make two events one.
_EVENT: Final = ("date", "term", "value", "unit")

#: Field of a coded event -> its column.
Triple = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Wide:
    """Coded events side by side: the row of their headings (from 0), and the columns of each."""

    row: int
    triples: tuple[Triple, ...]

    @property
    def places(self) -> frozenset[int]:
        """All of their columns."""
        return frozenset(place for triple in self.triples for place in triple.values())


def find_wide(sheet: Sheet, asked: HeadingMap = UNMAPPED) -> Wide | None:
    """The row among the first with the most coded events side by side; None when there is none that names patients.

    A single `Code Term, Date, Value` is a list of coded events as any other, and none of this.
    """
    words = table_words("Codes")
    own = asked.wanted(("Codes",)).get("patient_id")
    ids = {squash(own.heading)} if own else set(words.spellings("patient_id"))
    best: Wide | None = None
    for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        names = tuple(map(plain, row))
        if not ids & {squash(name) for name in names if name}:
            continue
        found = (*_by_topic(names), *_in_turn(names))
        if found and (best is None or len(found) > len(best.triples)):
            best = Wide(number, found)
    return best


def without_triples(sheet: Sheet, wide: Wide) -> Sheet:
    """The same sheet, of which the columns of coded events have no heading."""
    heading: list[Cell] = ["" if place in wide.places else cell for place, cell in enumerate(sheet.rows[wide.row])]
    return replace(sheet, rows=[*sheet.rows[: wide.row], heading, *sheet.rows[wide.row + 1 :]])


def _by_topic(names: Sequence[str]) -> list[dict[str, int]]:
    topics: dict[str, dict[str, int]] = {}
    for place, name in enumerate(names):
        match = _TOPIC.fullmatch(name)
        if match and squash(name.rstrip("0123456789")) not in _TERMS | _DATES:
            topics.setdefault(squash(match[1]), {}).setdefault(match[2].casefold(), place)
    return [triple for triple in topics.values() if {"term", "date"} <= set(triple)]


def _in_turn(names: Sequence[str]) -> list[dict[str, int]]:
    """Columns of a term with those of its date and value right after it; one alone only beside a medicine's."""
    plain_names = [squash(name).rstrip("0123456789") for name in names]
    found: list[dict[str, int]] = []
    for place, name in enumerate(plain_names[:-1]):
        if name in _TERMS and plain_names[place + 1] in _DATES:
            triple = {"term": place, "date": place + 1}
            for at, one in enumerate(plain_names[place + 2 :], place + 2):
                field = _REST.get(one, "")
                if not field or field in triple:
                    break
                triple[field] = at
            found.append(triple)
    return found if len(found) > 1 or (found and _has_drug(names)) else []


def _has_drug(names: Sequence[str]) -> bool:
    known = table_words("Treatments")
    return any((read := known.read(name)) is not None and read[0] == "drug" for name in names if name)


# --- as one list


def read_wide(sheet: Sheet, wide: Wide, asked: HeadingMap = UNMAPPED) -> Grid:
    """The coded events of all the columns as one list; what repeats exactly counts once.

    Breakdowns that are merged into one report repeat each other's rows; a term may differ by spaces only.
    """
    only = _headings_only(without_triples(sheet, wide), wide.row)
    heading = find_heading(only, table_words("Codes"), asked.wanted(("Codes",)))
    own = {name: place for name, place in heading.places.items() if name not in _EVENT}
    data = sheet.rows[wide.row + 1 :]
    numbers, columns = _stacked(data, wide, own)
    letters = {name: letter(place) for name, place in own.items()}
    if len(wide.triples) == 1:
        letters |= {name: letter(place) for name, place in wide.triples[0].items()}
    grid = Grid(
        table="Codes",
        file=sheet.file,
        sheet=sheet.name,
        origin=sheet.origin,
        rows=np.array(numbers, np.int32) + np.int32(wide.row + 2),
        columns={name: Column.of(letters.get(name, ""), cells) for name, cells in columns.items()},
        heading_row=wide.row,
        headings={name: plain(sheet.rows[wide.row][place]) for name, place in own.items()},
    )
    return _once(grid)


def _headings_only(sheet: Sheet, row: int) -> Sheet:
    """Of the sheet the row of the headings, and the row above it with the names of their groups."""
    blank: list[Sequence[Cell]] = [[""]] * max(row - 1, 0)
    return replace(sheet, rows=[*blank, *sheet.rows[len(blank) : row + 1]])


def _stacked(
    data: Sequence[Sequence[Cell]], wide: Wide, own: Mapping[str, int]
) -> tuple[list[int], dict[str, list[Cell]]]:
    """Of each row and triple that says anything, the row's number and its cells by field."""
    fields = [name for name in _EVENT if any(name in triple for triple in wide.triples)]
    columns: dict[str, list[Cell]] = {name: [] for name in LIST_COLUMNS["Codes"] if name in own or name in fields}
    numbers: list[int] = []
    for number, row in enumerate(data):
        for triple in wide.triples:
            cells = {name: _at(row, place) for name, place in triple.items()}
            if any(map(text, cells.values())):
                numbers.append(number)
                cells |= {name: _at(row, place) for name, place in own.items()}
                for name, column in columns.items():
                    column.append(cells.get(name, ""))
    return numbers, columns


def _at(row: Sequence[Cell], place: int) -> Cell:
    return row[place] if place < len(row) else ""


def _once(grid: Grid) -> Grid:
    """Without events that repeat another of the same patient; rows that name no patient are not compared."""
    ids = read_ids(grid)
    keys = {"patient": ids.codes}
    for name in (name for name in _EVENT if name in grid.columns):
        column = grid.columns[name]
        plain_cells = [_normal(name, cell, grid) for cell in column.distinct]
        places = {cell: place for place, cell in enumerate(dict.fromkeys(plain_cells))}
        keys[name] = column.spread(np.array([places[cell] for cell in plain_cells], np.int32))
    again = pd.DataFrame(keys).duplicated().to_numpy() & ~ids.missing
    if not again.any():
        return grid
    message = f"{int(again.sum()):,} coded events repeat others, as when breakdowns are merged; each counts once."
    note = Finding("note", "EVENTS_REPEATED", message, grid.file, grid.sheet)
    columns = {name: column.keep(~again) for name, column in grid.columns.items()}
    return replace(grid, rows=grid.rows[~again], columns=columns, remarks=(*grid.remarks, note))


def _normal(name: str, cell: Cell, grid: Grid) -> object:
    day = read_date(cell, grid.origin) if name == "date" else None
    return day or " ".join(text(cell).split()).casefold()
