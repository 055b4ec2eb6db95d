"""The patients of one input: who they are, under which code the other tables name them, and their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from audit.errors import InputRejected
from audit.intake.cells import Cell, Codes, Column, Grid, Mask, text
from audit.intake.dates import read_date, read_dates
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.tables import categorical, report_dates, report_nobody
from audit.intake.values import is_blank, read_id, read_words, read_year
from audit.intake.words import NOT_KNOWN, VOCABULARY, read_word, squash
from schemas.vocabulary import INPUT_COLUMNS

#: What a patient's field becomes when nothing is said, or two things are.
DEFAULTS = {"indication": "deficiency", "neurological_involvement": "unknown"}
_DATES = ("neurological_onset", "diagnosis_date", "registered_from", "registered_to")
#: Fields that count as unknown until they are filled.
_FILLED = ("neurological_involvement", "cause")
_NOBODY = -1
#: In place of a key, and of a value: two that differ.
_TWO, _CLASH = -2, object()


@dataclass(frozen=True, slots=True)
class Ids:
    """The patient_id column of one table: the distinct ids, and for each row which of them (-1: none)."""

    distinct: tuple[str, ...]
    codes: Codes

    @property
    def missing(self) -> Mask:
        """The rows without an id."""
        missing: Mask = self.codes == _NOBODY
        return missing

    def first_rows(self) -> dict[str, int]:
        """Of each id, the first data row that has it, counted from 0."""
        codes, rows = np.unique(self.codes, return_index=True)
        pairs = zip(codes.tolist(), rows.tolist(), strict=True)
        return {self.distinct[code]: row for code, row in pairs if code != _NOBODY}

    def coded(self, code_of: Mapping[str, int]) -> Codes:
        """For each row the patient's code, -1 where there is no id."""
        codes = np.array([*(code_of[id_] for id_ in self.distinct), _NOBODY], np.int32)
        return codes[self.codes]


def read_ids(grid: Grid) -> Ids:
    """Read the patient_id column.

    Raises:
        InputRejected: Excel has rounded ids to 15 digits or written them as 9.4E+09.
    """
    column = grid.columns["patient_id"]
    typed = [read_id(cell) for cell in column.distinct]
    if None in typed:
        row = int(np.flatnonzero(column.codes == typed.index(None))[0])
        raise InputRejected(
            "Excel has rounded the patient ids: two patients may have become one.",
            where=grid.address("patient_id", row),
            remedy="Format the column as text and export it again.",
            code="ID_ROUNDED",
        )
    names = tuple(dict.fromkeys(id_ for id_ in typed if id_))
    places = {id_: place for place, id_ in enumerate(names)} | {"": _NOBODY}
    codes = np.array([places[cast(str, id_)] for id_ in typed], np.int32)
    return Ids(names, column.spread(codes))


@dataclass(frozen=True, slots=True)
class Roll:
    """The patients of one input.

    Attributes:
        frame: as `schemas.canonical.PATIENTS` describes it.
        code_of: patient_id -> row number in `frame`.
    """

    frame: pd.DataFrame
    code_of: Mapping[str, int]


def build_patients(
    grid: Grid | None,
    tables: Sequence[tuple[Grid, Ids]],
    practice: str,
    findings: Findings,
    rolls: Sequence[Grid] = (),
    coded: Sequence[Grid] = (),
) -> Roll:
    """Gather the patients of all sheets.

    Args:
        grid: the sheet that describes patients (Patients, or a flat sheet with a patient column), if any.
        tables: the other sheets, with their ids.
        practice: the practice of patients of whom the sheet does not say it.
        findings: receives what is wrong.
        rolls: further sheets with patients' columns, and with the same patients.
        coded: what codes say of patients.
    """
    own = read_ids(grid) if grid else Ids((), np.empty(0, np.int32))
    beside = [(one, read_ids(one)) for one in (*rolls, *coded)]
    in_rolls = [id_ for _, ids in beside[: len(rolls)] for id_ in ids.distinct]
    others = [id_ for _, ids in (*tables, *beside) for id_ in ids.distinct]
    everyone = list(dict.fromkeys([*own.distinct, *in_rolls, *others]))
    listed = len({*own.distinct, *in_rolls})
    said = Said([(grid, own), *beside] if grid else beside, everyone, findings)
    fields = said.fields
    typed = fields.get("practice_id", [None] * len(everyone))
    practices = [cast(str, name) if name else practice for name in typed]
    order = sorted(range(len(everyone)), key=lambda place: (practices[place], everyone[place]))
    code_of = {everyone[place]: code for code, place in enumerate(order)}
    frame = _frame(everyone, practices, fields, listed)
    first = own.first_rows()
    frame["row"] = np.array([grid.rows[first[id_]] if grid and id_ in first else 0 for id_ in everyone], np.int32)
    frame["said_elsewhere"] = said.clashing | (_elsewhere(grid, own, fields, len(everyone)) if grid else False)
    frame = frame.iloc[order].reset_index(drop=True)
    _report_absent(grid, [*own.distinct, *in_rolls], tables, findings)
    _report_zeros([(grid, own), *tables] if grid else tables, findings)
    if grid and grid.table == "Patients":
        _report_rows(grid, own, findings)
    return Roll(frame, code_of)


class Said:
    """What several sheets say of each patient.

    A field that one sheet leaves blank or unknown is what another says; two that contradict each other make it blank.

    Attributes:
        fields: field -> of each patient its value: None for blank, unreadable, conflicting.
        clashing: the patients of whom two sheets contradict each other in a status or cause.
    """

    def __init__(self, sheets: Sequence[tuple[Grid, Ids]], everyone: Sequence[str], findings: Findings) -> None:
        """Read the sheets, the first in order first."""
        self.fields: dict[str, list[object]] = {}
        self.clashing = np.zeros(len(everyone), np.bool_)
        self._findings = findings
        self._from: dict[str, list[tuple[Grid, Codes]]] = {}
        place_of = {id_: place for place, id_ in enumerate(everyone)}
        for grid, own in sheets:
            # of each row the patient's place among all
            ids = Ids(tuple(everyone), own.coded(place_of))
            for field in (field for field in INPUT_COLUMNS["Patients"][1:] if field in grid.columns):
                self._add(grid, field, ids)
        self.fields = {
            field: [None if value is _CLASH else value for value in values] for field, values in self.fields.items()
        }

    def _add(self, grid: Grid, field: str, ids: Ids) -> None:
        _report_unreadable(grid, field, ids, self._findings)
        values = _per_patient(grid, field, ids, len(ids.distinct), self._findings)
        self._from.setdefault(field, []).append((grid, ids.codes))
        if field not in self.fields:
            self.fields[field] = values
            return
        before = self.fields[field]
        unknown = VOCABULARY[field].index("unknown") if "unknown" in VOCABULARY.get(field, ()) else None
        for place, value in enumerate(values):
            if value is None or value == before[place] or before[place] is _CLASH:
                continue
            if before[place] is None or before[place] == unknown:
                before[place] = value
            elif value != unknown or value is _CLASH:
                self._clash(field, place)

    def _clash(self, field: str, place: int) -> None:
        self.fields[field][place] = _CLASH
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
    if field in _DATES:
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
    if field in _DATES:
        return read_date(cell, grid.origin)
    if field in VOCABULARY:
        return read_word(field, text(cell))
    return read_year(cell) if field == "year_of_birth" else text(cell)


def _keys(grid: Grid, field: str, column: Column) -> tuple[Codes, list[object]]:
    """Of each distinct cell a key (-1: blank) that equal readings share, and of each key the value."""
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


def _per_patient(grid: Grid, field: str, ids: Ids, count: int, findings: Findings) -> list[object]:
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
    return [_CLASH if key == _TWO else None if key == -1 else values[key] for key in first.tolist()]


def _elsewhere(grid: Grid, ids: Ids, fields: Mapping[str, list[object]], count: int) -> Mask:
    """Patients of whom a status or cause that is not known is said in another row than their first.

    To fill one cell then does not make it known: two rows that differ are in conflict.
    """
    firsts = np.fromiter(ids.first_rows().values(), np.int64)
    later = ~ids.missing & ~np.isin(np.arange(len(grid)), firsts)
    out = np.zeros(count, np.bool_)
    for field in (field for field in _FILLED if field in fields and field in grid.columns):
        unknown = (None, VOCABULARY[field].index("unknown"))
        unsettled = np.array([value in unknown for value in fields[field]], np.bool_)
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


def _frame(
    everyone: Sequence[str], practices: Sequence[str], fields: Mapping[str, list[object]], listed: int
) -> pd.DataFrame:
    columns: dict[str, object] = {
        "patient_id": pd.array(np.array(everyone, dtype=object), dtype="str"),
        "practice_id": pd.array(np.array(practices, dtype=object), dtype="str"),
    }
    for field in INPUT_COLUMNS["Patients"][2:]:
        columns[field] = _typed(field, fields.get(field, [None] * len(everyone)))
    columns["listed"] = np.arange(len(everyone)) < listed
    return pd.DataFrame(columns)


def _typed(field: str, values: list[object]) -> object:
    if field in _DATES:
        return pd.Series(np.array(values, dtype="datetime64[D]")).astype("datetime64[s]")
    if field == "year_of_birth":
        return pd.array([None if year is None else int(cast(float, year)) for year in values], dtype="Int16")
    words = VOCABULARY[field]
    default = words.index(DEFAULTS[field]) if field in DEFAULTS else -1
    codes = [default if value is None else cast(int, value) for value in values]
    return categorical(np.array(codes, np.int8), words)


def _report_rows(grid: Grid, ids: Ids, findings: Findings) -> None:
    """Rows of Patients without an id, and patients with more than one row."""
    report_nobody(grid, ids.missing, findings)
    again = pd.Series(ids.codes).duplicated().to_numpy() & ~ids.missing
    message = "The patient already has a row; the rows are read together."
    findings.cells("note", "PATIENT_REPEATED", message, (grid, "patient_id"), again)


def _report_absent(
    grid: Grid | None, listed: Sequence[str], tables: Sequence[tuple[Grid, Ids]], findings: Findings
) -> None:
    """Patients whom only another sheet names; one finding for all when there is no sheet of patients."""
    code = "PATIENT_ROW_MISSING"
    if grid is None:
        table, _ = tables[0]
        message = "There is no Patients sheet and no patient column: every patient field counts as blank."
        findings.add(Finding("warning", code, message, table.file))
        return
    known = set(listed)
    message = "The patient has no row among the patients: every patient field counts as blank."
    for table, ids in tables:
        absent = [row for id_, row in ids.first_rows().items() if id_ not in known]
        known.update(ids.distinct)
        marked = np.zeros(len(table), np.bool_)
        marked[absent] = True
        findings.cells("warning", code, message, (table, "patient_id"), marked)


def _report_zeros(tables: Sequence[tuple[Grid, Ids]], findings: Findings) -> None:
    """Ids that differ by leading zeros only: a spreadsheet drops them, and one patient becomes two."""
    seen: dict[str, set[str]] = {}
    message = "This id and another differ by leading zeros only; they are read as two patients."
    for grid, ids in tables:
        for id_, row in ids.first_rows().items():
            alike = seen.setdefault(id_.lstrip("0"), set())
            if alike and id_ not in alike:
                where = (grid.file, grid.sheet, int(grid.rows[row]), grid.letter("patient_id"), "patient_id")
                findings.add(Finding("warning", "ID_LEADING_ZERO", message, *where))
            alike.add(id_)
