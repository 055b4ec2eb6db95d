"""The last net: the finished tables are held against their contracts, and what fails becomes findings."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from audit.intake.extract import Finding


def check_contracts(tables: Mapping[str, pd.DataFrame], file: str) -> list[Finding]:
    """Validate the canonical tables, all rules of all columns, against `schemas.canonical`.

    Args:
        tables: Patients, Treatments, Tests and Reviews.
        file: the input's name, for the findings.

    Returns:
        One error per broken rule and row; row 0 when the whole column breaks it.
    """
    import pandera.pandas as pa  # noqa: PLC0415  # a second's import

    from schemas import canonical  # noqa: PLC0415  # imports pandera

    findings = []
    for name, frame in tables.items():
        try:
            canonical.TABLES[name].validate(frame, lazy=True)
        except pa.errors.SchemaErrors as errors:
            findings += _findings(errors.failure_cases, name, frame, file)
    return findings


def _findings(failures: pd.DataFrame, table: str, frame: pd.DataFrame, file: str) -> list[Finding]:
    out = []
    columns = failures[["column", "check", "index", "failure_case"]]
    for named, check, index, case in columns.itertuples(index=False, name=None):
        # of a lost, added or misplaced column the name stands in place of a cell
        column = case if str(check).startswith("column_") else named
        # a rule about a whole column, or about the table, has no row
        place = None if pd.isna(index) else int(index)
        sheet, row = _source(frame, place, table)
        message = f"The column {column} of the table {table} breaks the rule {check}."
        out.append(Finding("error", "CONTRACT_BROKEN", message, file, sheet, row, field=str(column or "")))
    return out


def _source(frame: pd.DataFrame, place: int | None, table: str) -> tuple[str, int]:
    if place is None or not {"sheet", "row"} <= set(frame.columns):
        return table, 0
    return str(frame["sheet"].iloc[place]), int(frame["row"].iloc[place])
