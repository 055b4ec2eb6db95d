"""The patients of one input: who they are, under which code the other tables name them, and their fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Ids:
    """The patient_id column of one table: the distinct ids, and for each row which of them (-1: none)."""

    distinct: tuple[str, ...]
    codes: Codes

    @property
    def missing(self) -> Mask:
        """The rows without an id."""
        missing: Mask = self.codes == NOBODY
        return missing

    def first_rows(self) -> Codes:
        """Of each distinct id, the first data row that has it, counted from 0; -1 of one that no row has."""
        rows = np.flatnonzero(~self.missing).astype(np.int32)
        first = np.full(len(self.distinct), NOBODY, np.int32)
        first[self.codes[rows[::-1]]] = rows[::-1]
        return first

    def places(self, place_of: Mapping[str, int]) -> Codes:
        """The place of each distinct id."""
        return np.fromiter(map(place_of.__getitem__, self.distinct), np.int32, len(self.distinct))

    def coded(self, code_of: Mapping[str, int]) -> Codes:
        """For each row the patient's code, -1 where there is no id."""
        return np.append(self.places(code_of), np.int32(NOBODY))[self.codes]


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
    places = {id_: place for place, id_ in enumerate(names)} | {"": NOBODY}
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


@dataclass(frozen=True, slots=True)
class _Said:
    """What a field says of each patient: a place in `values`, -1 for blank, unreadable, conflicting."""

    keys: Codes
    values: list[object]

    def texts(self, missing: Sequence[str] | NDArray[np.object_]) -> NDArray[np.object_]:
        """The values as text, and `missing` where there is none."""
        known = np.array([*self.values, None], dtype=object)[self.keys]
        return np.where(self.keys == -1, np.asarray(missing, dtype=object), known)


def build_patients(
    grid: Grid | None,
    tables: Sequence[tuple[Grid, Ids]],
    practice: str,
    findings: Findings,
    own: Ids | None = None,
    practice_in: Callable[[str], str] | None = None,
) -> Roll:
    """Gather the patients of all sheets.

    Args:
        grid: the sheet that describes patients (Patients, or a flat sheet with a patient column), if any.
        tables: the other sheets, with their ids.
        practice: the practice of patients of whom the sheet does not say it.
        findings: receives what is wrong.
        own: the ids of `grid`, when they have been read.
        practice_in: the practice of such a patient from the id, in place of `practice`.
    """
    if own is None:
        own = read_ids(grid) if grid else Ids((), np.empty(0, np.int32))
    everyone = list(dict.fromkeys(chain(own.distinct, *(ids.distinct for _, ids in tables))))
    fields = _fields(grid, own, len(everyone), findings) if grid else {}
    homes = np.full(len(everyone), practice, dtype=object)
    if practice_in is not None:
        homes = np.array([practice_in(id_) for id_ in everyone], dtype=object)
    practices = fields["practice_id"].texts(homes) if "practice_id" in fields else homes
    named = pa.table({"practice": pa.array(practices, pa.string()), "id": pa.array(everyone, pa.string())})
    # of UTF-8 the order of the bytes is that of the characters
    order = pc.sort_indices(named, [("practice", "ascending"), ("id", "ascending")]).to_numpy()
    frame = _frame(named, fields, len(own.distinct))
    first = np.full(len(everyone), NOBODY, np.int32)
    first[: len(own.distinct)] = own.first_rows()
    # without a sheet of patients nobody has a row
    numbers = np.append(grid.rows, np.int32(0)) if grid else np.zeros(1, np.int32)
    frame["row"] = np.where(first == NOBODY, np.int32(0), numbers[first])
    frame["said_elsewhere"] = _elsewhere(grid, own, fields, len(everyone)) if grid else False
    frame = frame.iloc[order].reset_index(drop=True)
    _report_absent(grid, own, tables, findings)
    _report_zeros([(grid, own), *tables] if grid else tables, findings)
    if grid and grid.table == "Patients":
        _report_rows(grid, own, findings)
    ordered = named.column("id").take(pa.array(order)).to_pylist()
    return Roll(frame, dict(zip(ordered, range(len(ordered)), strict=True)))


def _fields(grid: Grid, ids: Ids, count: int, findings: Findings) -> dict[str, _Said]:
    """Of each field in the sheet, what it says of each patient."""
    out: dict[str, _Said] = {}
    for field in INPUT_COLUMNS["Patients"][1:]:
        if field in grid.columns:
            _report_unreadable(grid, field, ids, findings)
            out[field] = _per_patient(grid, field, ids, count, findings)
    return out


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


def _per_patient(grid: Grid, field: str, ids: Ids, count: int, findings: Findings) -> _Said:
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
        first[patient] = -1
    return _Said(first, values)


def _elsewhere(grid: Grid, ids: Ids, fields: Mapping[str, _Said], count: int) -> Mask:
    """Patients of whom a status or cause that is not known is said in another row than their first.

    To fill one cell then does not make it known: two rows that differ are in conflict.
    """
    later, first = ~ids.missing, ids.first_rows()
    later[first[first != NOBODY]] = False
    out = np.zeros(count, np.bool_)
    for field in (field for field in _FILLED if field in fields):
        said = fields[field]
        unknown = (None, VOCABULARY[field].index("unknown"))
        unsettled = np.array([*(value in unknown for value in said.values), True], np.bool_)[said.keys]
        column = grid.columns[field]
        again = later & (column.spread(_keys(grid, field, column)[0]) != -1)
        out[ids.codes[again]] |= unsettled[ids.codes[again]]
    return out


def _report_conflict(grid: Grid, field: str, at: tuple[np.int32, np.int64], findings: Findings) -> None:
    before, row = int(grid.rows[at[0]]), int(grid.rows[at[1]])
    instead = "that of the file" if field == "practice_id" else _default(field)
    message = f"Rows {before} and {row} give one patient two different {field}; it counts as {instead}."
    findings.add(Finding("warning", "PATIENT_CONFLICT", message, grid.file, grid.sheet, row, grid.letter(field), field))


def _frame(named: pa.Table, fields: Mapping[str, _Said], listed: int) -> pd.DataFrame:
    count = len(named)
    nothing = _Said(np.full(count, -1, np.int32), [])
    columns: dict[str, object] = {
        "patient_id": pd.array(named.column("id"), dtype="str"),
        "practice_id": pd.array(named.column("practice"), dtype="str"),
    }
    for field in INPUT_COLUMNS["Patients"][2:]:
        columns[field] = _typed(field, fields.get(field, nothing))
    columns["listed"] = np.arange(count) < listed
    return pd.DataFrame(columns)


def _typed(field: str, said: _Said) -> object:
    """The values as the contract of the field wants them, one for each distinct value and then spread."""
    if field in _DATES:
        days = np.array([*said.values, None], dtype="datetime64[D]")[said.keys]
        return pd.Series(days).astype("datetime64[s]")
    if field == "year_of_birth":
        years = np.array([0 if year is None else int(cast(float, year)) for year in [*said.values, None]], np.int16)
        return pd.arrays.IntegerArray(years[said.keys], years[said.keys] == 0)
    words = VOCABULARY[field]
    default = words.index(DEFAULTS[field]) if field in DEFAULTS else -1
    codes = [default if value is None else cast(int, value) for value in [*said.values, None]]
    return categorical(np.array(codes, np.int8)[said.keys], words)


def _report_rows(grid: Grid, ids: Ids, findings: Findings) -> None:
    """Rows of Patients without an id, and patients with more than one row."""
    report_nobody(grid, ids.missing, findings)
    again = pd.Series(ids.codes).duplicated().to_numpy() & ~ids.missing
    message = "The patient already has a row; the rows are read together."
    findings.cells("note", "PATIENT_REPEATED", message, (grid, "patient_id"), again)


def _report_absent(grid: Grid | None, own: Ids, tables: Sequence[tuple[Grid, Ids]], findings: Findings) -> None:
    """Patients whom only another sheet names; one finding for all when there is no sheet of patients."""
    code = "PATIENT_ROW_MISSING"
    if grid is None:
        table, _ = tables[0]
        message = "There is no Patients sheet and no patient column: every patient field counts as blank."
        findings.add(Finding("warning", code, message, table.file))
        return
    known = set(own.distinct)
    message = "The patient has no row among the patients: every patient field counts as blank."
    for table, ids in tables:
        new = np.fromiter((id_ not in known for id_ in ids.distinct), np.bool_, len(ids.distinct))
        first = ids.first_rows()[new]
        known.update(ids.distinct)
        marked = np.zeros(len(table), np.bool_)
        marked[first[first != NOBODY]] = True
        findings.cells("warning", code, message, (table, "patient_id"), marked)


def _report_zeros(tables: Sequence[tuple[Grid, Ids]], findings: Findings) -> None:
    """Ids that differ by leading zeros only: a spreadsheet drops them, and one patient becomes two."""
    everyone = dict.fromkeys(chain.from_iterable(ids.distinct for _, ids in tables))
    bare = {id_: id_.lstrip("0") for id_ in everyone if id_.startswith("0")}
    if not any(short in everyone for short in bare.values()) and len(set(bare.values())) == len(bare):
        return
    _report_alike(tables, findings)


def _report_alike(tables: Sequence[tuple[Grid, Ids]], findings: Findings) -> None:
    seen: dict[str, set[str]] = {}
    message = "This id and another differ by leading zeros only; they are read as two patients."
    for grid, ids in tables:
        first = ids.first_rows().tolist()
        for row, id_ in ((row, id_) for row, id_ in zip(first, ids.distinct, strict=True) if row != NOBODY):
            alike = seen.setdefault(id_.lstrip("0"), set())
            if alike and id_ not in alike:
                where = (grid.file, grid.sheet, int(grid.rows[row]), grid.letter("patient_id"), "patient_id")
                findings.add(Finding("warning", "ID_LEADING_ZERO", message, *where))
            alike.add(id_)
