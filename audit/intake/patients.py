"""The patients of one input: who they are, under which code the other tables name them, and their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from audit.intake.cells import Grid
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.ids import Ids, read_ids
from audit.intake.patient_fields import DATES, DEFAULTS, Said, said_elsewhere
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
    frame["said_elsewhere"] = said.clashing | (said_elsewhere(grid, own, fields, len(everyone)) if grid else False)
    frame = frame.iloc[order].reset_index(drop=True)
    _report_absent(grid, [*own.distinct, *in_rolls], tables, findings)
    _report_zeros([(grid, own), *tables] if grid else tables, findings)
    if grid and grid.table == "Patients":
        _report_rows(grid, own, findings)
    return Roll(frame, code_of)


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
    if field in DATES:
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
