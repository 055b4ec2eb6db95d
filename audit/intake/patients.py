"""The patients of one input: who they are, under which code the other tables name them, and their fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.intake.cells import Codes, Grid, Mask
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.ids import NOBODY, Ids, read_ids, together
from audit.intake.patient_fields import DATES, DEFAULTS, Said, Values, said_elsewhere
from audit.intake.tables import categorical, report_nobody
from audit.intake.words import VOCABULARY
from schemas.vocabulary import INPUT_COLUMNS


@dataclass(frozen=True, slots=True)
class Roll:
    """The patients of one input.

    Attributes:
        frame: as `schemas.canonical.PATIENTS` describes it.
        everyone: their ids, in the order in which the tables name them.
        codes: of each of these the row number in `frame`.
    """

    frame: pd.DataFrame
    everyone: tuple[str, ...]
    codes: Codes

    @property
    def code_of(self) -> dict[str, int]:
        """patient_id -> row number in `frame`."""
        return dict(zip(self.everyone, self.codes.tolist(), strict=True))


def build_patients(
    grid: Grid | None,
    tables: Sequence[tuple[Grid, Ids]],
    practice: str | Callable[[str], str],
    findings: Findings,
    *,
    own: Ids | None = None,
    rolls: Sequence[Grid] = (),
    coded: Sequence[Grid] = (),
) -> Roll:
    """Gather the patients of all sheets.

    Args:
        grid: the sheet that describes patients (Patients, or a flat sheet with a patient column), if any.
        tables: the other sheets, with their ids.
        practice: the practice of patients of whom the sheet does not say it, or what tells it from an id.
        findings: receives what is wrong.
        own: the ids of `grid`, when they have been read.
        rolls: further sheets with patients' columns, and with the same patients.
        coded: what codes say of patients.
    """
    if own is None:
        own = read_ids(grid) if grid else Ids((), np.empty(0, np.int32))
    in_rolls, in_codes = ([(one, read_ids(one)) for one in sheets] for sheets in (rolls, coded))
    own, in_rolls, in_tables, in_codes = _coded_together(own, in_rolls, tables, in_codes)
    count = len(own.distinct)
    described = [(grid, own)] if grid else []
    said = Said([*described, *in_rolls, *in_codes], count, findings)
    listed = np.logical_or.reduce([own.named, *(ids.named for _, ids in in_rolls)])
    named = _named(own.distinct, practice, said.fields)
    order = _order(named)
    frame = _frame(named, said.fields, listed)
    frame["row"] = _first_rows(grid, own)
    frame["said_elsewhere"] = said.clashing | (said_elsewhere(grid, own, said.fields, count) if grid else False)
    frame = frame.iloc[order].reset_index(drop=True)
    _report_absent(grid, listed, in_tables, findings)
    _report_zeros([*described, *in_tables], findings)
    if grid and grid.table == "Patients":
        _report_rows(grid, own, findings)
    return Roll(frame, own.distinct, np.argsort(order).astype(np.int32))


_Read = Sequence[tuple[Grid, Ids]]


def _coded_together(own: Ids, *groups: _Read) -> tuple[Any, ...]:
    """The same ids, all of them places among everyone, in the order given."""
    own, *others = together([own, *(ids for group in groups for _, ids in group)])
    coded = iter(others)
    return own, *([(grid, next(coded)) for grid, _ in group] for group in groups)


def _named(everyone: Sequence[str], practice: str | Callable[[str], str], fields: Mapping[str, Values]) -> pa.Table:
    """Of each patient the practice and the id."""
    homes = [practice] * len(everyone) if isinstance(practice, str) else list(map(practice, everyone))
    practices = fields["practice_id"].texts(homes) if "practice_id" in fields else homes
    return pa.table({"practice": pa.array(practices, pa.string()), "id": pa.array(everyone, pa.string())})


def _order(named: pa.Table) -> NDArray[np.uint64]:
    """The places of the patients by practice and id; of UTF-8 the order of the bytes is that of the characters."""
    order: NDArray[np.uint64] = pc.sort_indices(named, [("practice", "ascending"), ("id", "ascending")]).to_numpy()
    return order


def _first_rows(grid: Grid | None, own: Ids) -> Codes:
    """Of each patient the row of the sheet of patients; 0 where there is none, as for all without such a sheet."""
    numbers = np.append(grid.rows, np.int32(0)) if grid else np.zeros(1, np.int32)
    first = own.first_rows()
    return np.where(first == NOBODY, np.int32(0), numbers[first])


def _frame(named: pa.Table, fields: Mapping[str, Values], listed: Mask) -> pd.DataFrame:
    nothing = Values(np.full(len(named), -1, np.int32), [])
    columns: dict[str, object] = {
        "patient_id": pd.array(named.column("id"), dtype="str"),
        "practice_id": pd.array(named.column("practice"), dtype="str"),
    }
    for field in INPUT_COLUMNS["Patients"][2:]:
        columns[field] = _typed(field, fields.get(field, nothing))
    columns["listed"] = listed
    return pd.DataFrame(columns)


def _typed(field: str, said: Values) -> object:
    """The values as the contract of the field wants them, one for each distinct value and then spread."""
    if field in DATES:
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


def _report_absent(
    grid: Grid | None, listed: Mask, tables: Sequence[tuple[Grid, Ids]], findings: Findings
) -> None:
    """Patients whom only another sheet names; one finding for all when there is no sheet of patients."""
    code = "PATIENT_ROW_MISSING"
    if grid is None:
        table, _ = tables[0]
        message = "There is no Patients sheet and no patient column: every patient field counts as blank."
        findings.add(Finding("warning", code, message, table.file))
        return
    known = listed.copy()
    message = "The patient has no row among the patients: every patient field counts as blank."
    for table, ids in tables:
        first = ids.first_rows()[ids.named & ~known]
        known |= ids.named
        marked = np.zeros(len(table), np.bool_)
        marked[first[first != NOBODY]] = True
        findings.cells("warning", code, message, (table, "patient_id"), marked)


def _report_zeros(tables: Sequence[tuple[Grid, Ids]], findings: Findings) -> None:
    """Ids that differ by leading zeros only: a spreadsheet drops them, and one patient becomes two."""
    distinct = tables[0][1].distinct
    if "0" not in {id_[:1] for id_ in distinct}:
        return
    named = np.logical_or.reduce([ids.named for _, ids in tables])
    everyone = set(compress(distinct, named.tolist()))
    bare = {id_: id_.lstrip("0") for id_ in everyone if id_.startswith("0")}
    if not any(short in everyone for short in bare.values()) and len(set(bare.values())) == len(bare):
        return
    _report_alike(tables, findings)


def _report_alike(tables: Sequence[tuple[Grid, Ids]], findings: Findings) -> None:
    seen: dict[str, set[str]] = {}
    message = "This id and another differ by leading zeros only; they are read as two patients."
    for grid, ids in tables:
        first = zip(ids.first_rows().tolist(), ids.distinct, strict=True)
        for row, id_ in sorted((row, id_) for row, id_ in first if row != NOBODY):
            alike = seen.setdefault(id_.lstrip("0"), set())
            if alike and id_ not in alike:
                where = (grid.file, grid.sheet, int(grid.rows[row]), grid.letter("patient_id"), "patient_id")
                findings.add(Finding("warning", "ID_LEADING_ZERO", message, *where))
            alike.add(id_)
