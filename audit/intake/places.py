"""Rows that were made from lines of other files say so: in findings, and in the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from audit.intake.cells import Place, Sheet
from audit.intake.extract import Extract, Finding, SheetFacts

#: File and sheet -> the places of its rows.
_Places = Mapping[tuple[str, str], Sequence[Place]]


def to_lines(extract: Extract, sheets: Sequence[Sheet]) -> Extract:
    """The same extract, with file and line in place of the sheet and row of every sheet that has `places`."""
    places = {(sheet.file, sheet.name): sheet.places for sheet in sheets if sheet.places}
    if not places:
        return extract
    tables = {facts.table: places.get((facts.file, facts.sheet), ()) for facts in extract.facts.sheets}
    patients = extract.patients.assign(row=_lines(extract.patients["row"], tables.get("Patients", ())))
    return replace(
        extract,
        facts=replace(extract.facts, sheets=tuple(_facts(one, tables[one.table]) for one in extract.facts.sheets)),
        patients=patients,
        treatments=_moved(extract.treatments, tables.get("Treatments", ())),
        tests=_moved(extract.tests, tables.get("Tests", ())),
        findings=findings_to_lines(extract.findings, places),
    )


def findings_to_lines(findings: Sequence[Finding], places: _Places) -> tuple[Finding, ...]:
    """The same findings, with file and line in place of the cell of a sheet that has none."""
    return tuple(_found(finding, places.get((finding.file, finding.sheet), ())) for finding in findings)


def _found(finding: Finding, places: Sequence[Place]) -> Finding:
    if not places:
        return finding
    name, line = places[finding.row - 1] if finding.row else (finding.sheet, 0)
    return replace(finding, sheet=name, row=line, column="")


def _facts(facts: SheetFacts, places: Sequence[Place]) -> SheetFacts:
    """Without letters of columns; a table that was made from one file has its name."""
    names = {name for name, line in places if line}
    letters = dict.fromkeys(facts.columns, "") if places else facts.columns
    return replace(facts, columns=letters, sheet=names.pop() if len(names) == 1 else facts.sheet)


def _lines(rows: pd.Series, places: Sequence[Place]) -> pd.Series:
    """Of each row its line; 0, which is no row, stays 0."""
    lines = np.array([0, *(line for _, line in places)], np.int32)
    return pd.Series(lines[rows.to_numpy()], index=rows.index) if places else rows


def _moved(table: pd.DataFrame, places: Sequence[Place]) -> pd.DataFrame:
    if not places:
        return table
    names = pd.Categorical([name for name, _ in places])
    return table.assign(sheet=names[table["row"].to_numpy() - 1], row=_lines(table["row"], places))
