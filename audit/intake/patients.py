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

from audit.intake.cells import Grid
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.ids import NOBODY, Ids, read_ids
from audit.intake.patient_fields import DATES, DEFAULTS, Said, Values, said_elsewhere
from audit.intake.tables import categorical, report_nobody
from audit.intake.words import VOCABULARY
from schemas.vocabulary import INPUT_COLUMNS


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
    beside = [(one, read_ids(one)) for one in (*rolls, *coded)]
    in_rolls = [id_ for _, ids in beside[: len(rolls)] for id_ in ids.distinct]
    others = chain.from_iterable(ids.distinct for _, ids in (*tables, *beside))
    everyone = list(dict.fromkeys(chain(own.distinct, in_rolls, others)))
    said = Said([(grid, own), *beside] if grid else beside, everyone, findings)
    fields = said.fields
    homes = [practice] * len(everyone) if isinstance(practice, str) else list(map(practice, everyone))
    practices = fields["practice_id"].texts(homes) if "practice_id" in fields else homes
    named = pa.table({"practice": pa.array(practices, pa.string()), "id": pa.array(everyone, pa.string())})
    # of UTF-8 the order of the bytes is that of the characters
    order = pc.sort_indices(named, [("practice", "ascending"), ("id", "ascending")]).to_numpy()
    frame = _frame(named, fields, len({*own.distinct, *in_rolls}) if in_rolls else len(own.distinct))
    first = np.full(len(everyone), NOBODY, np.int32)
    first[: len(own.distinct)] = own.first_rows()
    # without a sheet of patients nobody has a row
    numbers = np.append(grid.rows, np.int32(0)) if grid else np.zeros(1, np.int32)
    frame["row"] = np.where(first == NOBODY, np.int32(0), numbers[first])
    frame["said_elsewhere"] = said.clashing | (said_elsewhere(grid, own, fields, len(everyone)) if grid else False)
    frame = frame.iloc[order].reset_index(drop=True)
    _report_absent(grid, [*own.distinct, *in_rolls], tables, findings)
    _report_zeros([(grid, own), *tables] if grid else tables, findings)
    if grid and grid.table == "Patients":
        _report_rows(grid, own, findings)
    ordered = named.column("id").take(pa.array(order)).to_pylist()
    return Roll(frame, dict(zip(ordered, range(len(ordered)), strict=True)))


def _frame(named: pa.Table, fields: Mapping[str, Values], listed: int) -> pd.DataFrame:
    count = len(named)
    nothing = Values(np.full(count, -1, np.int32), [])
    columns: dict[str, object] = {
        "patient_id": pd.array(named.column("id"), dtype="str"),
        "practice_id": pd.array(named.column("practice"), dtype="str"),
    }
    for field in INPUT_COLUMNS["Patients"][2:]:
        columns[field] = _typed(field, fields.get(field, nothing))
    columns["listed"] = np.arange(count) < listed
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
