"""What sheets say of each patient: a field's value, or that nothing is said, or two things are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.intake.cells import Cell, Codes, Column, Grid, Mask, text
from audit.intake.dates import bad_days, date_cells, read_date, read_dates
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.ids import NOBODY, Ids
from audit.intake.tables import report_dates
from audit.intake.values import is_blank, read_words, read_year
from audit.intake.words import NOT_KNOWN, VOCABULARY, read_word, squash
from schemas.vocabulary import INPUT_COLUMNS

#: What a patient's field becomes when nothing is said, or two things are.
DEFAULTS = {"indication": "deficiency", "neurological_involvement": "unknown"}
#: Fields that are days.
DATES = ("neurological_onset", "diagnosis_date", "registered_from", "registered_to")
#: Fields that count as unknown until they are filled.
_FILLED = ("neurological_involvement", "cause")
#: In place of a key, and of a value: two that differ.
_TWO, _CLASH = -2, object()


@dataclass(frozen=True, slots=True)
class Values:
    """What a field says of each patient: a place in `values`, -1 for blank, unreadable, conflicting."""

    keys: Codes
    values: list[object]

    @classmethod
    def of(cls, said: Sequence[object]) -> Values:
        """Of values by patient; two that differ say nothing."""
        places: dict[object, int] = {None: -1, _CLASH: _TWO}
        keys = [places.setdefault(value, len(places) - 2) for value in said]
        return cls(np.array(keys, np.int32), [value for value, key in places.items() if key >= 0])

    def by_patient(self) -> list[object]:
        """The value of each patient; _CLASH where two differ."""
        known = [*self.values, _CLASH, None]
        return [known[key] for key in self.keys.tolist()]

    def settled(self) -> Values:
        """The same, where two that differ count as blank."""
        return Values(np.maximum(self.keys, np.int32(-1)), self.values)

    def texts(self, missing: Sequence[str] | NDArray[np.object_]) -> NDArray[np.object_]:
        """The values as text, and `missing` where there is none."""
        known = np.array([*self.values, None], dtype=object)[self.keys]
        return np.where(self.keys == -1, np.asarray(missing, dtype=object), known)


class Said:
    """What several sheets say of each patient.

    A field that one sheet leaves blank or unknown is what another says; two that contradict each other make it blank.

    Attributes:
        fields: field -> what it says of each patient.
        clashing: the patients of whom two sheets contradict each other in a status or cause.
    """

    def __init__(self, sheets: Sequence[tuple[Grid, Ids]], count: int, findings: Findings) -> None:
        """Read the sheets, the first in order first; their ids are places among `count` patients."""
        self.fields: dict[str, Values] = {}
        self.clashing = np.zeros(count, np.bool_)
        self._findings = findings
        self._from: dict[str, list[tuple[Grid, Codes]]] = {}
        for grid, ids in sheets:
            for field in (field for field in INPUT_COLUMNS["Patients"][1:] if field in grid.columns):
                self._add(grid, field, ids)
        self.fields = {field: values.settled() for field, values in self.fields.items()}

    def _add(self, grid: Grid, field: str, ids: Ids) -> None:
        _report_unreadable(grid, field, ids, self._findings)
        values = _per_patient(grid, field, ids, len(ids.distinct), self._findings)
        self._from.setdefault(field, []).append((grid, ids.codes))
        if field not in self.fields:
            self.fields[field] = values
            return
        self.fields[field] = Values.of(self._joined(field, self.fields[field].by_patient(), values.by_patient()))

    def _joined(self, field: str, before: list[object], values: list[object]) -> list[object]:
        """What one more sheet adds; `before` is changed."""
        unknown = VOCABULARY[field].index("unknown") if "unknown" in VOCABULARY.get(field, ()) else None
        for place, value in enumerate(values):
            if value is None or value == before[place] or before[place] is _CLASH:
                continue
            if before[place] is None or before[place] == unknown:
                before[place] = value
            elif value != unknown or value is _CLASH:
                before[place] = _CLASH
                self._clash(field, place)
        return before

    def _clash(self, field: str, place: int) -> None:
        self.clashing[place] |= field in _FILLED
        places = [(grid, _row_of(grid, field, codes, place)) for grid, codes in self._from[field]]
        (first, row), (grid, at) = next(pair for pair in places if pair[1]), places[-1]
        message = (
            f"Row {row} of {first.label or first.sheet} and row {at} of {grid.label or grid.sheet} give one patient "
            f"two different {field}; it counts as {_instead(field)}."
        )
        where = (grid.file, grid.sheet, at, grid.letter(field), field)
        self._findings.add(Finding("warning", "PATIENT_CONFLICT", message, *where))


def _row_of(grid: Grid, field: str, codes: Codes, place: int) -> int:
    """The first row of a patient in which a field says anything; 0 for none."""
    column = grid.columns[field]
    filled = np.array([not is_blank(field, text(cell)) for cell in column.distinct], np.bool_)
    rows = np.flatnonzero((codes == place) & column.spread(filled))
    return int(grid.rows[rows[0]]) if len(rows) else 0


def _report_unreadable(grid: Grid, field: str, ids: Ids, findings: Findings) -> None:
    column = grid.columns[field]
    if field in DATES:
        dates = read_dates(grid, field)
        bad, code = dates.bad, "DATE_UNREADABLE"
        report_dates(grid, field, dates, findings)
    elif field in VOCABULARY:
        bad, code = read_words(column, field).bad, "VALUE_UNKNOWN"
    else:
        readings = [is_blank(field, text(cell)) or _read(field, cell, grid) for cell in column.distinct]
        unread = np.array([reading is None for reading in readings], np.bool_)
        bad, code = column.spread(unread), "VALUE_UNKNOWN"
    message = f"The {field} cannot be read; it counts as {_default(field)}."
    findings.cells("warning", code, message, (grid, field), bad & ~ids.missing)


def _default(field: str) -> str:
    return DEFAULTS.get(field, "blank")


def _read(field: str, cell: Cell, grid: Grid) -> object:
    """One cell's value, comparable and printable: a date, a year, a word's place, or text."""
    if field in DATES:
        return read_date(cell, grid.origin)
    if field in VOCABULARY:
        return read_word(field, text(cell))
    return read_year(cell) if field == "year_of_birth" else text(cell)


def _keys(grid: Grid, field: str, column: Column) -> tuple[Codes, list[object]]:
    """Of each distinct cell a key (-1: blank) that equal readings share, and of each key the value."""
    if field in DATES and (days := date_cells(column)) is not None and not bad_days(days).any():
        codes, known = pd.factorize(days)
        return codes.astype(np.int32), [*known.tolist()]
    values: dict[object, int] = {}
    keys = []
    for cell in column.distinct:
        typed = text(cell)
        unsaid = field in ("pregnant_or_breastfeeding", "smoker") and squash(typed) in NOT_KNOWN
        if unsaid or is_blank(field, typed):
            keys.append(-1)
            continue
        value = _read(field, cell, grid)
        # an unreadable cell differs from every readable one
        keys.append(values.setdefault(("unreadable", squash(typed)) if value is None else value, len(values)))
    return np.array(keys, np.int32), [None if isinstance(value, tuple) else value for value in values]


def _per_patient(grid: Grid, field: str, ids: Ids, count: int, findings: Findings) -> Values:
    column = grid.columns[field]
    keys, values = _keys(grid, field, column)
    said = column.spread(keys)
    rows = np.flatnonzero((said != -1) & ~ids.missing)
    patients = ids.codes[rows]
    first, before = np.full((2, count), -1, np.int32)
    first[patients[::-1]], before[patients[::-1]] = said[rows][::-1], rows[::-1]
    clashing = rows[said[rows] != first[patients]]
    for patient, place in zip(*np.unique(ids.codes[clashing], return_index=True), strict=True):
        _report_conflict(grid, field, (before[patient], clashing[place]), findings)
        first[patient] = _TWO
    return Values(first, values)


def said_elsewhere(grid: Grid, ids: Ids, fields: Mapping[str, Values], count: int) -> Mask:
    """Patients of whom a status or cause that is not known is said in another row than their first.

    To fill one cell then does not make it known: two rows that differ are in conflict.
    """
    later, first = ~ids.missing, ids.first_rows()
    later[first[first != NOBODY]] = False
    out = np.zeros(count, np.bool_)
    for field in (field for field in _FILLED if field in fields and field in grid.columns):
        unknown = (None, VOCABULARY[field].index("unknown"))
        said = fields[field]
        unsettled = np.array([*(value in unknown for value in said.values), True], np.bool_)[said.keys]
        column = grid.columns[field]
        again = later & (column.spread(_keys(grid, field, column)[0]) != -1)
        out[ids.codes[again]] |= unsettled[ids.codes[again]]
    return out


def _report_conflict(grid: Grid, field: str, at: tuple[np.int32, np.int64], findings: Findings) -> None:
    before, row = int(grid.rows[at[0]]), int(grid.rows[at[1]])
    message = f"Rows {before} and {row} give one patient two different {field}; it counts as {_instead(field)}."
    findings.add(Finding("warning", "PATIENT_CONFLICT", message, grid.file, grid.sheet, row, grid.letter(field), field))


def _instead(field: str) -> str:
    return "that of the file" if field == "practice_id" else _default(field)
