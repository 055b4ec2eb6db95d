"""The workbook: worklist first, real dates and numbers, text that can never run, the same bytes on every run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Protocol

import xlsxwriter

from audit.render.cycles_sheets import cycles_sheet
from audit.render.recall_sheet import recall_sheet
from audit.render.sheets import (
    Column,
    Sheet,
    aside_sheet,
    criteria_sheet,
    fixes_sheet,
    intervals_sheet,
    numbers_sheet,
    quality_sheet,
    verdicts_sheet,
    worklist_sheet,
)
from audit.render.view import View
from audit.render.words import OUTCOMES
from audit.render.xlsx import CREATED, FORMULA_START, TEXT_ONLY
from audit.results.audit import AuditResult

#: Day 0 of a spreadsheet; right for every date from March 1900.
_DAY_0: Final = date(1899, 12, 30).toordinal()
_OPTIONS: Final = {
    **TEXT_ONLY,
    "in_memory": True,
    "default_date_format": "d mmm yyyy",
}
_BLUE, _ORANGE, _PALE, _INK, _GREY = "#12436D", "#F46A25", "#FBE0D3", "#212B32", "#F0F4F5"
ACTIONS: Final = (
    "To check",
    "Contacted",
    "Booked",
    "Documented reason found",
    "Given elsewhere, record updated",
    "Record corrected",
    "No action needed",
)


class Headed(Protocol):
    """What every sheet says of the whole: its title, the statement, and what is missing; blank when nothing is."""

    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def statement(self) -> str: ...  # noqa: D102
    @property
    def partial(self) -> str: ...  # noqa: D102


def write_workbook(result: AuditResult, view: View, path: Path) -> None:
    """Writes the workbook.

    Raises:
        OSError: the file cannot be written.
    """
    with _opened(view, path) as (book, formats):
        first = worklist_sheet(view)
        worklist = _write(book, formats, first, view)
        _dress_worklist(worklist, formats, first)
        _write(book, formats, recall_sheet(view.recall), view)
        _summary(book, formats, view)
        for sheet in _others(result, view):
            _mark(_write(book, formats, sheet, view), formats, sheet)
        _about(book, formats, view)
        worklist.activate()


def write_sheets(sheets: Iterable[Sheet], view: Headed, path: Path) -> None:
    """Writes a workbook of these tables, one sheet each.

    Raises:
        OSError: the file cannot be written.
    """
    with _opened(view, path) as (book, formats):
        for sheet in sheets:
            _write(book, formats, sheet, view)


@contextmanager
def _opened(view: Headed, path: Path) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """A new workbook and the looks of its cells; written when it is left."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, dict(_OPTIONS))
    book.set_properties({"title": view.title, "comments": view.statement, "created": CREATED})
    book.set_calc_mode("auto")
    yield book, _formats(book)
    book.close()
    path.write_bytes(buffer.getvalue())


def _others(result: AuditResult, view: View) -> Iterator[Sheet]:
    yield criteria_sheet(view)
    yield verdicts_sheet(result)
    yield intervals_sheet(result)
    yield fixes_sheet(view)
    yield quality_sheet(result, view)
    yield aside_sheet(view)
    yield numbers_sheet(view)
    if view.cycles:
        yield cycles_sheet(view.cycles)


def _formats(book: Any) -> Mapping[str, Any]:
    """The looks of cells. Text that begins like a formula carries a quote, so that editing it keeps it text."""
    base: dict[str, Any] = {"font_name": "Arial", "font_size": 10, "valign": "top", "font_color": _INK}
    looks: dict[str, dict[str, Any]] = {
        "text": {},
        "wrap": {"text_wrap": True},
        "quoted": {"text_wrap": True, "quote_prefix": True},
        "date": {"num_format": "d mmm yyyy", "align": "left"},
        "number": {"num_format": "#,##0"},
        "own": {"bg_color": _GREY, "text_wrap": True, "locked": False},
        "owndate": {"bg_color": _GREY, "num_format": "d mmm yyyy", "align": "left", "locked": False},
        "title": {"bold": True, "font_size": 14},
        "note": {"text_wrap": False, "font_color": "#425563"},
        "bold": {"bold": True, "text_wrap": True},
        "head": {"bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE, "text_wrap": True, "border": 1},
        "alarm": {"bold": True, "bg_color": _PALE, "font_color": _INK},
    }
    return {name: book.add_format({**base, **look}) for name, look in looks.items()}


def _write(book: Any, formats: Mapping[str, Any], sheet: Sheet, view: Headed) -> Any:
    """A sheet with title, notes and one Excel table; header frozen, landscape, one page wide."""
    page = book.add_worksheet(sheet.name)
    _lay_out(page, view)
    page.write_string(0, 0, _with_partial(sheet.title, view), formats["title"])
    for number, note in enumerate(sheet.notes, 1):
        page.write_string(number, 0, note, formats["note"])
    _table(page, formats, sheet)
    page.freeze_panes(sheet.header + 1, 1)
    page.repeat_rows(sheet.header)
    return page


def _with_partial(title: str, view: Headed) -> str:
    return f"{title} – PARTIAL: {view.partial}" if view.partial else title


def _lay_out(page: Any, view: Headed) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
    page.hide_gridlines(2)
    partial = "PARTIAL REPORT - " if view.partial else ""
    page.set_footer(f"&L{partial}Check the clinical record before acting.&C&A&RPage &P of &N")


def _table(page: Any, formats: Mapping[str, Any], sheet: Sheet) -> None:
    rows = sheet.rows or [(sheet.none, *[""] * (len(sheet.columns) - 1))]
    first, last = sheet.header, sheet.header + len(rows)
    page.add_table(
        first,
        0,
        last,
        len(sheet.columns) - 1,
        {
            "name": sheet.name.replace(" ", ""),
            "style": "Table Style Light 1",
            "banded_rows": False,
            "columns": [{"header": column.heading, "header_format": formats["head"]} for column in sheet.columns],
        },
    )
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, column.width)
        _fill(page, formats, column, number, [row[number] for row in rows], first + 1)
    page.set_row(first, 2 * _LINE_POINTS)
    _set_heights(page, sheet, rows, first + 1)


def _set_heights(page: Any, sheet: Sheet, rows: Sequence[Sequence[Any]], first: int) -> None:
    """Rows high enough for their wrapped text: not every program makes them so by itself."""
    wrapped = [(number, column.width) for number, column in enumerate(sheet.columns) if column.look == "wrap"]
    for at, row in enumerate(rows[:_MOST_HEIGHTS] if wrapped else (), first):
        lines = max(_lines(row[number], width) for number, width in wrapped)
        if lines > 1:
            page.set_row(at, _LINE_POINTS * lines)


def _lines(value: Any, width: float) -> int:
    """Lines that a text takes in a column; letters are narrower than the figures a width counts."""
    return -(-len(str(value)) * 19 // int(20 * width)) if value else 1


#: points of one line of text at ten points, and how many rows are measured
_LINE_POINTS: Final = 13
_MOST_HEIGHTS: Final = 5000


def _fill(page: Any, formats: Mapping[str, Any], column: Column, number: int, values: list[Any], first: int) -> None:
    """One column's cells; a blank stays a blank cell, but in the columns that people fill in."""
    look = formats[column.look]
    own = column.look.startswith("own")
    for row, value in enumerate(values, first):
        if value is None or value == "":
            if own:
                page.write_blank(row, number, None, look)
        elif isinstance(value, str):
            page.write_string(row, number, value, formats["quoted"] if FORMULA_START.match(value) else look)
        elif isinstance(value, date):
            page.write_number(row, number, value.toordinal() - _DAY_0, formats["date"])
        else:
            page.write_number(row, number, value, look)


def _dress_worklist(page: Any, formats: Mapping[str, Any], sheet: Sheet) -> None:
    """The dropdown, and what stands out (in words too)."""
    action, done, neuro = (sheet.place(name) for name in ("Action", "Date done", "Neurological involvement"))
    choice = {"validate": "list", "source": list(ACTIONS), "error_type": "warning", "error_title": "Action"}
    page.data_validation(
        sheet.first, action, sheet.last, action, {**choice, "error_message": "Not one of the listed actions. Keep it?"}
    )
    day = {"validate": "date", "criteria": ">", "value": CREATED, "error_type": "warning", "error_title": "Date done"}
    page.data_validation(sheet.first, done, sheet.last, done, {**day, "error_message": "This is not a date. Keep it?"})
    yes = {"type": "cell", "criteria": "==", "value": '"yes"', "format": formats["alarm"]}
    page.conditional_format(sheet.first, neuro, sheet.last, neuro, yes)


def _summary(book: Any, formats: Mapping[str, Any], view: View) -> None:
    """Headline sentences, and every mandated criterion as one native bar."""
    page = book.add_worksheet("Summary")
    _lay_out(page, view)
    page.set_column(0, 0, _SUMMARY_WIDTH)
    page.set_column(1, 5, 14)
    page.write_string(0, 0, _with_partial(f"Summary: {view.practice}. {view.period}", view), formats["title"])
    row = 2
    for headline in view.headlines:
        page.write_string(row, 0, headline.heading, formats["bold"])
        _paragraph(page, row + 1, f"{headline.sentence} {headline.beside}".strip(), formats)
        row += 3
    for action in view.actions:
        _paragraph(page, row, f"{action.count} {action.text}. {action.detail}", formats)
        row += 1
    _summary_table(book, page, formats, view, row + 1)


_SUMMARY_WIDTH: Final = 84


def _paragraph(page: Any, row: int, text: str, formats: Mapping[str, Any]) -> None:
    page.write_string(row, 0, text, formats["wrap"])
    page.set_row(row, _LINE_POINTS * _lines(text, _SUMMARY_WIDTH))


_PARTS: Final = (
    ("Met", _BLUE, None),
    ("Not met", _ORANGE, "wide_upward_diagonal"),
    ("Not met, with a recorded reason", _ORANGE, "light_upward_diagonal"),
    ("Cannot tell", "#4C6272", "percent_10"),
)


def _summary_table(book: Any, page: Any, formats: Mapping[str, Any], view: View, top: int) -> None:
    rows = [row for group in view.groups if group.strength == "mandated" for row in group.rows]
    headings = ("Mandated criterion", *(name for name, _, _ in _PARTS), "Eligible")
    for number, heading in enumerate(headings):
        page.write_string(top, number, heading, formats["head"])
    for line, row in enumerate(rows, top + 1):
        page.write_string(line, 0, row.title, formats["text"])
        for number, count in enumerate((row.met, row.not_met, row.excepted, row.not_assessable, row.eligible), 1):
            page.write_number(line, number, count, formats["number"])
    if rows:
        _chart(book, page, top, len(rows), "; ".join(f"{row.title}: {row.bar.title}" for row in rows))


def _chart(book: Any, page: Any, top: int, count: int, words: str) -> None:
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    last = top + count
    for number, (_, colour, pattern) in enumerate(_PARTS, 1):
        fill = {"fill": {"color": colour}}
        if pattern:
            fill = {"pattern": {"pattern": pattern, "fg_color": colour, "bg_color": "#FFFFFF"}}
        chart.add_series(
            {
                "name": ["Summary", top, number],
                "categories": ["Summary", top + 1, 0, last, 0],
                "values": ["Summary", top + 1, number, last, number],
                "border": {"color": _INK, "width": 0.75},
                "gap": 45,
                **fill,
            }
        )
    chart.set_title({"name": "Patients by mandated criterion", "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_x_axis({"num_format": "0", "major_gridlines": {"visible": True, "line": {"color": "#D8DDE0"}}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 960, "height": 130 + 34 * count})
    page.insert_chart(last + 2, 0, chart, {"description": words[:_LONGEST_ALT], "object_position": 3})


_LONGEST_ALT: Final = 2000


def _mark(page: Any, formats: Mapping[str, Any], sheet: Sheet) -> None:
    """Outcomes that are not met stand out; the word says so too."""
    differs = {"type": "cell", "criteria": "==", "value": f'"{OUTCOMES["not_met"]}"', "format": formats["alarm"]}
    for number, column in enumerate(sheet.columns):
        if column.heading == "Outcome":
            page.conditional_format(sheet.first, number, sheet.last, number, differs)


def _about(book: Any, formats: Mapping[str, Any], view: View) -> None:
    page = book.add_worksheet("About")
    _lay_out(page, view)
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 110)
    page.write_string(0, 0, _with_partial("About this report", view), formats["title"])
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
