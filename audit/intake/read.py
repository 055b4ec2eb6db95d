"""The door of intake: one input becomes the canonical tables and their findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from audit.errors import NothingToAudit
from audit.intake.about import read_about
from audit.intake.cells import Grid
from audit.intake.contracts import check_contracts
from audit.intake.extract import About, Extract, Facts, Finding, SheetFacts
from audit.intake.findings import Findings
from audit.intake.gate import pass_gate
from audit.intake.heading_map import UNMAPPED, HeadingMap
from audit.intake.patients import Ids, build_patients, read_ids
from audit.intake.places import to_lines
from audit.intake.preamble import check_population, with_run_date
from audit.intake.results import build_reviews, build_tests, no_reviews, no_tests
from audit.intake.second_look import look_again
from audit.intake.shapes import mend
from audit.intake.sheets import Book, choose
from audit.intake.source import Source, inputs, open_source
from audit.intake.tables import report_unfilled
from audit.intake.treatments import Treatments, build_treatments
from audit.intake.workbook import Rectangle

__all__ = ["inputs", "open_input", "read_extract", "read_opened"]


def read_extract(path: Path, fill_down: bool = False, mapping: HeadingMap = UNMAPPED) -> Extract:
    """Read one input of `inputs` into canonical tables.

    Args:
        path: a file, or a folder of tables.
        fill_down: in a table that names each patient once, a blank id means the patient of the row above.
        mapping: the headings that the user gave for fields.

    Raises:
        InputRejected: it is not what it should be: no workbook, damaged, no table of treatments, a column missing,
            or in doubt, dates with the month first, formulas that were never calculated, a grouped export or one of
            last issues.
        UsageError: a heading of `mapping` is not there.
        InputIncomplete: the file is still being written, or was cut off.
        NothingToAudit: its table of treatments has no row.
    """
    return read_opened(open_input(path), fill_down, mapping.of(path))


def open_input(path: Path) -> Source:
    """Open one input of `inputs`, and let it pass the gate; errors as for `read_extract`.

    Raises:
        IdentifiableData: it looks identifiable.
    """
    return pass_gate(open_source(path))


def read_opened(source: Source, fill_down: bool = False, mapping: HeadingMap = UNMAPPED) -> Extract:
    """Read what `open_input` opened; arguments and errors as for `read_extract`, `mapping` that of the input."""
    findings = Findings()
    for finding in source.findings:
        findings.add(finding)
    for sheet in source.sheets:
        if sheet.note:
            findings.add(Finding("note", "CHARACTER_SET", sheet.note, sheet.file, sheet.name))
    book = choose(source.sheets, source.single, mapping)
    look_again(source, book, findings)
    about = read_about(book.about, findings) if book.about else About()
    about = with_run_date(about, book.preamble, book.treatments, findings)
    if not source.of_lines:
        book = mend(book, _merged(source), fill_down, findings)
    check_population(book.preamble, book.treatments, findings)
    if not len(book.treatments):
        raise NothingToAudit(
            "The table of treatments has headings but no rows.",
            where=f"{book.treatments.file}, sheet {book.treatments.sheet}",
            remedy="Fill in that sheet, one row for each injection or prescription "
            "(b12audit template --example shows how), or check the search that made the extract.",
            code="NO_ROWS",
        )
    for grid in book.grids:
        _report_headings(grid, findings)
    return to_lines(_extract(source, book, about, findings), source.sheets)


def _extract(source: Source, book: Book, about: About, findings: Findings) -> Extract:
    """Tables and facts of the sheets found."""
    for grid in book.grids:
        report_unfilled(grid, findings)
    ids = [(grid, read_ids(grid)) for grid in book.grids if grid is not book.patients or book.flat]
    practice = about.practice_id or source.practice
    roll = build_patients(book.patients, ids, practice, findings)
    by_grid: dict[str, tuple[Grid, Ids]] = {grid.table: (grid, own) for grid, own in ids}
    code_of = roll.code_of
    treated = build_treatments(*by_grid["Treatments"], code_of, findings, book.flat)
    tests = build_tests(*by_grid["Tests"], code_of, findings) if "Tests" in by_grid else no_tests()
    reviews = build_reviews(*by_grid["Reviews"], code_of, findings) if "Reviews" in by_grid else no_reviews()
    tables = {"Patients": roll.frame, "Treatments": treated.frame, "Tests": tests, "Reviews": reviews}
    for finding in check_contracts(tables, source.file):
        findings.add(finding)
    facts = _facts(source, book, treated, tables)
    return Extract(about, facts, roll.frame, treated.frame, tests, reviews, findings.finish())


def _merged(source: Source) -> dict[tuple[str, str], Sequence[Rectangle]]:
    merged = source.workbook.merged if source.workbook else {}
    return {(source.file, sheet): rectangles for sheet, rectangles in merged.items()}


def _report_headings(grid: Grid, findings: Findings) -> None:
    for remark in grid.remarks:
        findings.add(remark)
    if grid.unused:
        message = f"Columns that are not used: {', '.join(grid.unused)}."
        findings.add(Finding("note", "COLUMN_NOT_USED", message, grid.file, grid.sheet))


def _facts(source: Source, book: Book, treated: Treatments, tables: dict[str, pd.DataFrame]) -> Facts:
    patient_columns = book.patients.columns if book.patients else {}
    treatments = tables["Treatments"]["date"]
    entries = [tables[name]["date"] for name in ("Treatments", "Tests", "Reviews")]
    hidden = [sheet.name for sheet in source.workbook.hidden] if source.workbook else []
    return Facts(
        file=source.file,
        sha256=source.sha256,
        sheets=tuple(_sheet_facts(grid) for grid in book.grids),
        ignored_sheets=(*book.ignored, *hidden),
        has_tests=book.has("Tests"),
        has_reviews=book.has("Reviews"),
        has_event="event" in book.treatments.columns,
        has_quantity="quantity" in book.treatments.columns,
        has_registered_from="registered_from" in patient_columns,
        first_treatment=_day(treatments.min()),
        last_treatment=_day(treatments.max()),
        last_entry=_day(pd.concat(entries).max()),
        unmapped_drugs=treated.unmapped_drugs,
    )


def _day(moment: object) -> date | None:
    return moment.date() if isinstance(moment, pd.Timestamp) else None


def _sheet_facts(grid: Grid) -> SheetFacts:
    letters = {field: column.letter for field, column in grid.columns.items()}
    return SheetFacts(grid.table, grid.file, grid.sheet, len(grid), letters, grid.headings, grid.heading_row + 1)
