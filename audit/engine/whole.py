"""What has to be known of all rows before a partition can be judged: headings, gate, dates, window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from audit.cohort.window import DateOptions, settle_window
from audit.engine.judged import Plan
from audit.engine.layout import DataFolder, TableFiles
from audit.engine.spill import Spilled
from audit.errors import InputRejected, NothingToAudit
from audit.intake.about import read_about
from audit.intake.cells import Cell, Column
from audit.intake.dates import Dates, read_dates
from audit.intake.extract import About, Extract, Facts, Finding, SheetFacts
from audit.intake.findings import Findings
from audit.intake.identity.check import check_identity
from audit.intake.partition import Reading, no_rows
from audit.standards.standard import Standard


def pass_folder(folder: DataFolder) -> tuple[Finding, ...]:
    """Holds the first rows of the files against the identity gate; strays found there are warned of.

    Raises:
        IdentifiableData: it looks identifiable.
    """
    sheets = [table.sample for table in folder.tables.values()]
    return check_identity([*sheets, *([folder.about] if folder.about else [])], folder.path.name)


def plan_of(
    folder: DataFolder, spilled: Sequence[Spilled], sha256: str, options: DateOptions, standard: Standard, today: date
) -> tuple[Plan, tuple[Finding, ...]]:
    """What is the same for every partition, and the findings about the whole.

    Raises:
        InputRejected: dates that cannot be read in one order.
        NothingToAudit: no row of treatments.
        AuditError: see `settle_window`.
    """
    findings = Findings()
    about = read_about(folder.about, findings) if folder.about else About()
    rows = {name: sum(item.rows for item in spilled if item.table == name) for name in folder.tables}
    if not rows["Treatments"]:
        raise NothingToAudit("The table of treatments has no rows.", where=folder.path.name,
                             remedy="Check the search that made the extract.", code="NO_ROWS")  # fmt: skip
    ranges = {name: _checked_dates(table, spilled) for name, table in folder.tables.items()}
    facts = _facts(folder, rows, ranges, sha256)
    empty = no_rows()
    extract = Extract(about, facts, *empty, ())
    window, assumed = settle_window(extract, options, standard, today)
    for table in folder.tables.values():
        for remark in table.grid.remarks:
            findings.add(remark)
    grids = {name: replace(table.grid, remarks=()) for name, table in folder.tables.items()}
    reading = Reading(grids, facts, about, about.practice_id or folder.path.name, folder.by_practice, folder.flat)
    return Plan(reading, window, standard), (*findings.finish(), *assumed)


def _checked_dates(table: TableFiles, spilled: Sequence[Spilled]) -> tuple[date | None, date | None]:
    """First and last day of the column date; the manner of every date column is checked on all its distinct cells."""
    span: tuple[date | None, date | None] = (None, None)
    for field in table.names:
        seen = [item.dates[field] for item in spilled if item.table == table.table and field in item.dates]
        if seen:
            days = _dates(table, field, frozenset[Cell]().union(*seen)).values
            known = days[~np.isnat(days)]
            if field == "date" and len(known):
                span = (known.min().item(), known.max().item())
    return span


def _dates(table: TableFiles, field: str, cells: frozenset[Cell]) -> Dates:
    column = Column(table.grid.letter(field), tuple(cells), np.arange(len(cells), dtype=np.int32))
    grid = replace(table.grid, columns={field: column}, rows=np.zeros(len(cells), np.int32))
    try:
        return read_dates(grid, field)
    except InputRejected as error:
        where = f"{grid.file}, table {table.table}, column {table.names[field]}"
        raise InputRejected(error.what, where=where, remedy=error.remedy, code=error.code) from error


def _facts(
    folder: DataFolder, rows: Mapping[str, int], spans: Mapping[str, tuple[date | None, date | None]], sha256: str
) -> Facts:
    treatments = folder.tables["Treatments"]
    patients = treatments if folder.flat else folder.tables["Patients"]
    last = [span[1] for span in spans.values() if span[1] is not None]
    return Facts(
        file=folder.path.name,
        sha256=sha256,
        sheets=tuple(_sheet(table, rows[name]) for name, table in folder.tables.items()),
        ignored_sheets=(),
        has_tests="Tests" in folder.tables,
        has_reviews="Reviews" in folder.tables,
        has_event="event" in treatments.names,
        has_quantity="quantity" in treatments.names,
        has_registered_from="registered_from" in patients.names,
        first_treatment=spans["Treatments"][0],
        last_treatment=spans["Treatments"][1],
        last_entry=max(last, default=None),
    )


def _sheet(table: TableFiles, rows: int) -> SheetFacts:
    letters = {field: table.grid.letter(field) for field in table.names}
    return SheetFacts(table.table, table.grid.file, table.grid.sheet, rows, letters, table.grid.headings)
