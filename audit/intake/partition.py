"""One partition of whole patients, from Arrow columns to the canonical tables: the readers of a sheet, no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from audit.intake.cells import Codes, Column, Grid, Mask
from audit.intake.columnar import column_of, unified
from audit.intake.combined import split_columns
from audit.intake.contracts import check_contracts
from audit.intake.extract import About, Extract, Facts
from audit.intake.findings import Findings
from audit.intake.heading_words import is_combined
from audit.intake.headings import blank_cells
from audit.intake.ids import NOBODY, Ids
from audit.intake.patients import build_patients
from audit.intake.results import build_reviews, build_tests, no_reviews, no_tests
from audit.intake.treatments import build_treatments
from schemas.vocabulary import INPUT_COLUMNS

#: columns beside the fields: the patient's id as text ("" where there is none), and the row's number from 0
KEY, ROW = "__id", "__row"
#: between practice and id in the key of a patient who is known by both
_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class Reading:
    """How the tables are read: what is the same for every partition.

    Attributes:
        grids: of each table its headings, without rows.
        facts: of the whole input.
        about: of the whole input.
        practice: of patients of whom nothing says it.
        by_practice: the same id in two practices is two patients.
        flat: there is no table of patients.
    """

    grids: Mapping[str, Grid]
    facts: Facts
    about: About
    practice: str
    by_practice: bool
    flat: bool


def read_partition(tables: Mapping[str, pa.Table], reading: Reading, findings: Findings) -> Extract:
    """The canonical tables of one partition.

    Args:
        tables: by table, columns by field, and KEY and ROW; every row of a patient is there.
        reading: how they are read.
        findings: receives what is wrong.
    """
    everybody = _ids(tables, reading)
    made = {name: _grid(reading.grids[name], table, everybody[name], reading.flat) for name, table in tables.items()}
    grids = {name: grid for name, (grid, _) in made.items()}
    patients = grids.get("Patients") if not reading.flat else _with_patients(grids["Treatments"])
    own = None if patients is None else made[patients.table][1]
    others = [pair for name, pair in made.items() if name != "Patients"]
    practice = _practice_in if reading.by_practice else reading.practice
    roll = build_patients(patients, others, practice, findings, own=own)
    treated = build_treatments(*made["Treatments"], roll.codes, findings, reading.flat)
    tests = build_tests(*made["Tests"], roll.codes, findings) if "Tests" in made else no_tests()
    reviews = build_reviews(*made["Reviews"], roll.codes, findings) if "Reviews" in made else no_reviews()
    for finding in check_contracts(
        {"Patients": roll.frame, "Treatments": treated.frame, "Tests": tests, "Reviews": reviews}, reading.facts.file
    ):
        findings.add(finding)
    frame = _without_practice(roll.frame) if reading.by_practice else roll.frame
    facts = replace(reading.facts, unmapped_drugs=treated.unmapped_drugs)
    return Extract(reading.about, facts, frame, treated.frame, tests, reviews, ())


def _with_patients(treatments: Grid) -> Grid | None:
    fields = INPUT_COLUMNS["Patients"][1:]
    return treatments if any(field in treatments.columns for field in fields) else None


def _grid(headings: Grid, table: pa.Table, ids: Ids, flat: bool) -> tuple[Grid, Ids]:
    """A table as a sheet's grid, blank rows left out, with its patients."""
    # of a patient's practice the table of patients tells
    tells = headings.table == "Patients" or flat
    wanted = [name for name in table.column_names if name not in (KEY, ROW) and (tells or name != "practice_id")]
    columns = {field: column_of(headings.letter(field), table.column(field)) for field in wanted}
    if is_combined("drug", headings.headings.get("drug", "")):
        columns = split_columns(columns)
    nothing = Column(headings.letter("patient_id"), (), np.empty(0, np.int32))
    rows = table.column(ROW).to_numpy().astype(np.int32) + np.int32(headings.heading_row + 2)
    grid = replace(headings, rows=rows, columns={"patient_id": nothing, **columns})
    filled = _filled(ids, columns)
    if filled.all():
        return grid, ids
    kept = {"patient_id": nothing, **{field: column.keep(filled) for field, column in columns.items()}}
    return replace(grid, rows=rows[filled], columns=kept), replace(ids, codes=ids.codes[filled])


def _filled(ids: Ids, columns: Mapping[str, Column]) -> Mask:
    filled: Mask = ~ids.missing
    if not filled.all():
        for field, column in columns.items():
            filled = filled | ~column.spread(blank_cells(field, column))
    return filled


def _ids(tables: Mapping[str, pa.Table], reading: Reading) -> dict[str, Ids]:
    """The patients of all tables, coded together; those of the table that describes them stand first."""
    first = "Treatments" if reading.flat else "Patients"
    ordered = sorted(tables, key=lambda name: name != first)
    keys = [_keys(tables[name], reading.by_practice) for name in ordered]
    values, codes = unified(pa.chunked_array([chunk for one in keys for chunk in one.chunks]).dictionary_encode())
    names = values.to_pylist()
    if "" in names:
        blank = names.index("")
        names.pop(blank)
        codes = np.where(codes == blank, np.int32(NOBODY), codes - (codes > blank)).astype(np.int32)
    distinct, ends = tuple(names), np.cumsum([len(one) for one in keys])
    return {name: _of_one(distinct, part) for name, part in zip(ordered, np.split(codes, ends[:-1]), strict=True)}


def _of_one(distinct: tuple[str, ...], codes: Codes) -> Ids:
    named = np.zeros(len(distinct), np.bool_)
    named[codes[codes != NOBODY]] = True
    return Ids(distinct, codes, named)


def _keys(table: pa.Table, by_practice: bool) -> pa.ChunkedArray:
    """Of each row what tells its patient from others, "" of nobody."""
    keys = table.column(KEY)
    if not by_practice:
        return keys
    practice = table.column("practice_id").cast(pa.string()).fill_null("")
    named = pc.binary_join_element_wise(pc.utf8_trim_whitespace(practice), keys, _BETWEEN)
    return pc.if_else(pc.equal(keys, ""), "", named)


def _practice_in(key: str) -> str:
    return key.partition(_BETWEEN)[0]


def _without_practice(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(patient_id=frame["patient_id"].str.partition(_BETWEEN)[2])


def no_rows() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Four tables without anybody, for what asks for the facts of an extract alone."""
    return pd.DataFrame(), pd.DataFrame(), no_tests(), no_reviews()
