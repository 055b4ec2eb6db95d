"""Findings of the cohort stage: rows that only a patient's history shows to be unusable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from audit.cohort.calendar import Days
from audit.cohort.cohort import Cohort
from audit.intake.extract import Extract, Finding, Severity, SheetFacts
from schemas.vocabulary import FINDING_COLUMNS, LIST_COLUMNS, SEVERITY

#: more than this of one kind is one finding that says how many more
MOST_OF_A_KIND: Final = 1000


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows that the cohort set aside for one reason: their places in the canonical table, and what is said of them."""

    at: Days
    severity: Severity
    code: str
    field: str
    message: str


def set_aside(cohort: Cohort) -> tuple[SetAside, ...]:
    """What the cohort set aside, by reason."""
    antidote = cohort.rows.at[cohort.rows.antidote]
    return (
        SetAside(cohort.after_end, "note", "EVENT_AFTER_END", "date",
                 "Dated after the end of the audit or of this patient's registration; not used"),
        SetAside(cohort.doses.bad_quantity, "error", "QUANTITY_UNREADABLE", "quantity",
                 "Not a whole number from 1 to 100; write the number of ampoules issued"),
        SetAside(antidote, "note", "CYANIDE_ANTIDOTE", "dose",
                 "Intravenous, or 2.5 g and more: the cyanide antidote, not a dose"),
    )  # fmt: skip


def cohort_findings(extract: Extract, cohort: Cohort) -> tuple[Finding, ...]:
    """What the cohort set aside, with the place of each row."""
    return tuple(finding for rows in set_aside(cohort) for finding in _at(extract, rows))


def _at(extract: Extract, rows: SetAside) -> Iterator[Finding]:
    if not len(rows.at):
        return
    places = _places(extract)
    shown = extract.treatments.iloc[np.sort(rows.at)[:MOST_OF_A_KIND]]
    for sheet, row in zip(shown["sheet"].astype(str), shown["row"], strict=True):
        facts = places.get(sheet)
        where = (facts.file, facts.sheet) if facts else (extract.facts.file, sheet)
        column = facts.columns.get(rows.field, "") if facts else ""
        yield Finding(rows.severity, rows.code, rows.message, *where, int(row), column, rows.field)
    if len(rows.at) > MOST_OF_A_KIND:
        more = f"{len(rows.at) - MOST_OF_A_KIND:,} more rows: {rows.message[0].lower()}{rows.message[1:]}"
        yield Finding(rows.severity, rows.code, more, extract.facts.file)


def _places(extract: Extract) -> dict[str, SheetFacts]:
    """The sheets with treatments, by the name that rows give them; a list of codes may hold some."""
    sheets = [facts for facts in extract.facts.sheets if facts.table in ("Treatments", *LIST_COLUMNS)]
    by_name = {facts.label or facts.sheet: facts for facts in sheets if facts.table != "Treatments"}
    return by_name | {facts.label or facts.sheet: facts for facts in sheets if facts.table == "Treatments"}


def findings_table(findings: tuple[Finding, ...]) -> pd.DataFrame:
    """CONTRACT's findings: errors first, then by code and place."""
    ordered = sorted(
        findings,
        key=lambda item: (SEVERITY.index(item.severity), item.code, item.file, item.sheet, item.row, item.column),
    )
    table = pd.DataFrame(
        [[getattr(item, name) for name in FINDING_COLUMNS] for item in ordered], columns=list(FINDING_COLUMNS)
    )
    table = table.astype({name: object for name in FINDING_COLUMNS if name != "row"})
    # a finding about a whole sheet or file has no row
    table["row"] = table["row"].astype("Int32").where(table["row"] > 0)
    return table
