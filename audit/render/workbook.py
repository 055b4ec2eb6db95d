"""The report's workbook: worklist first, then what a manager reads, writes into and looks up, sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from audit.render.book import lay_out, opened, with_partial, write_sheet
from audit.render.by_standard_sheets import by_standard_sheets
from audit.render.cycles_sheets import cycles_sheet
from audit.render.injections_sheet import injections_sheet
from audit.render.notes_sheets import earlier_sheet, plan_sheet, worklist_sheet
from audit.render.recall_sheet import recall_sheet
from audit.render.sheet import Sheet
from audit.render.sheets import aside_sheet, criteria_sheet, fixes_sheet, numbers_sheet, quality_sheet
from audit.render.summary_sheet import write_summary
from audit.render.verdict_sheets import intervals_sheet, verdicts_sheet
from audit.render.view import View
from audit.results.audit import AuditResult


def write_workbook(result: AuditResult, view: View, path: Path) -> None:
    """Writes the workbook.

    Raises:
        OSError: the file cannot be written.
    """
    with opened(view, path) as (book, formats):
        worklist = write_sheet(book, formats, worklist_sheet(view), view)
        write_sheet(book, formats, recall_sheet(view.recall), view)
        write_summary(book, formats, view)
        for sheet in _others(result, view):
            write_sheet(book, formats, sheet, view)
        _about(book, formats, view)
        worklist.activate()


def _others(result: AuditResult, view: View) -> Iterator[Sheet]:
    yield criteria_sheet(view)
    yield verdicts_sheet(result)
    yield injections_sheet(result)
    yield intervals_sheet(result)
    yield aside_sheet(view)
    yield fixes_sheet(view)
    yield quality_sheet(result, view)
    if view.cycles:
        yield cycles_sheet(view.cycles)
    if view.by_standard:
        yield from by_standard_sheets(view.by_standard)
    yield plan_sheet(view)
    if view.notes.earlier:
        yield earlier_sheet(view)
    yield numbers_sheet(view)


def _about(book: Any, formats: Mapping[str, Any], view: View) -> None:
    page = book.add_worksheet("About")
    lay_out(page, view)
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 110)
    page.write_string(0, 0, with_partial("About this report", view), formats["title"])
    files = [(fact.name, fact.value) for file in view.files for fact in file]
    lines = [
        ("Statement", view.statement),
        ("Practice", view.practice),
        *((fact.name, fact.value) for fact in view.facts),
        *files,
        *((word.name, word.meaning) for word in view.words),
        *(("Limit", limit) for limit in view.limits),
        *(("Source", source) for source in view.sources),
        ("Command", view.command),
    ]
    for row, (name, value) in enumerate(lines, 2):
        page.write_string(row, 0, name, formats["bold"])
        page.write_string(row, 1, value, formats["wrap"])
