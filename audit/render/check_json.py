"""What `check --json` says: one document with stable keys, each of them explained here and in the data dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import pandas as pd

from audit import __version__
from audit.errors import AuditError
from audit.intake.extract import Finding, SheetFacts
from audit.render.costs import cost
from audit.render.kinds import kinds
from audit.render.tables import cohort_summary, findings_summary, window_text
from audit.results.audit import RowCount
from audit.results.checked import Checked, CheckedInput
from audit.results.findings import findings_table

#: Every key, in order; those after a point stand in each entry of the list before it.
KEYS: Final[Mapping[str, str]] = {
    "version": "Of this tool.",
    "can_be_audited": "Whether a run would write a report.",
    "exit_code": "Of this check, as for a run.",
    "cohort": "Patients and rows over all inputs, as in `summary.json`; null when nothing can be audited.",
    "findings": "How many findings there are, by severity and code, as in `summary.json`.",
    "inputs": "One entry for each input that can be read.",
    "inputs.file": "Its name.",
    "inputs.sha256": "Its checksum; of a folder that of its list.",
    "inputs.extract_date": "Last day that it covers.",
    "inputs.extract_date_from": "Where that came from: `option`, `about` or `assumed`.",
    "inputs.history_start": "First day from which treatments are complete.",
    "inputs.history_start_from": "Where that came from.",
    "inputs.period_from": "First day of the audit period.",
    "inputs.period_to": "Last day of the audit period.",
    "inputs.sheets": "Each table: `table`, `sheet`, `rows`, `heading_row`, and by field its `column` and `heading`.",
    "inputs.ignored_sheets": "Sheets that are no table, or hidden.",
    "inputs.rows": "Of each table the rows read, used, and set aside by reason.",
    "inputs.completeness": "Of each field that matters most: `table`, `field`, `present` (whether there is such a "
    "column), `blank` (how many say nothing that can be used), `of` (of how many), `cost` (in words).",
    "inputs.findings": "Of each kind: `severity`, `code`, `count`, `first` (cell), `problem`, `what_to_do`.",
    "inputs.fixes": "The workbook of fixes; null when none was written.",
    "refused": "One entry for each input that would be refused, or one for all of them together.",
    "refused.exit_code": "Of a run of that input alone.",
    "refused.code": "The kind of refusal.",
    "refused.what": "What is wrong.",
    "refused.where": "File, sheet and cell, as far as known.",
    "refused.remedy": "What to do.",
}


def check_document(
    checked: Checked | None, written: Sequence[str], refused: Sequence[AuditError], exit_code: int
) -> dict[str, Any]:
    """The document.

    Args:
        checked: None when nothing can be audited.
        written: the workbook of fixes of each input, in their order; empty when none was written.
        refused: why inputs would be refused.
        exit_code: of this check.
    """
    inputs = checked.inputs if checked else ()
    places: list[str | None] = [*written] or [None] * len(inputs)
    return {
        "version": __version__,
        "can_be_audited": checked is not None,
        "exit_code": exit_code,
        "cohort": _cohort(checked) if checked else None,
        "findings": findings_summary(findings_table(tuple(_all_findings(inputs)))),
        "inputs": [_input(item, place) for item, place in zip(inputs, places, strict=True)],
        "refused": [_refused(error) for error in refused],
    }


def _all_findings(inputs: Sequence[CheckedInput]) -> list[Finding]:
    return [finding for item in inputs for finding in item.findings]


def _cohort(checked: Checked) -> dict[str, Any]:
    patients = pd.concat([item.patients for item in checked.inputs], ignore_index=True)
    rows: list[RowCount] = [row for item in checked.inputs for row in item.rows]
    return cohort_summary(patients, rows, checked.partial)


def _input(item: CheckedInput, fixes: str | None) -> dict[str, Any]:
    return {
        **window_text(item.window),
        "sheets": [_sheet(sheet) for sheet in item.facts.sheets],
        "ignored_sheets": list(item.facts.ignored_sheets),
        "rows": [asdict(row) for row in item.rows],
        "completeness": [{**asdict(field), "cost": cost(field)} for field in item.completeness],
        "findings": [asdict(kind) for kind in kinds(item.findings)],
        "fixes": fixes,
    }


def _sheet(sheet: SheetFacts) -> dict[str, Any]:
    columns = {
        field: {"column": column, "heading": sheet.headings.get(field, field)}
        for field, column in sheet.columns.items()
    }
    head = {"table": sheet.table, "sheet": sheet.sheet, "rows": sheet.rows, "heading_row": sheet.heading_row}
    return {**head, "columns": columns}


def _refused(error: AuditError) -> dict[str, Any]:
    told = {"code": error.code, "what": error.what, "where": error.where, "remedy": error.remedy}
    return {"exit_code": error.exit_code, **told}
