"""How a workbook is written: a table a sheet, real dates and numbers, text that never runs, the same bytes always."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Protocol

import xlsxwriter

from audit.render.fast_sheet import FastSheet
from audit.render.sheet import FOOT, Column, Sheet
from audit.render.words import OUTCOMES
from audit.render.xlsx import CREATED, FORMULA_START, TEXT_ONLY

#: Day 0 of a spreadsheet; right for every date from March 1900.
_DAY_0: Final = date(1899, 12, 30).toordinal()
OPTIONS: Final = {
    **TEXT_ONLY,
    "in_memory": True,
    "default_date_format": "d mmm yyyy",
}
BLUE, ORANGE, INK, SLATE = "#12436D", "#F46A25", "#212B32", "#4C6272"
_PALE, _GREY, _RULE = "#FBE0D3", "#F0F4F5", "#D8DDE0"
#: points of one line of text at ten points, and how many rows are measured
LINE_POINTS: Final = 13
_MOST_HEIGHTS: Final = 5000
_WRAPPED: Final = ("wrap", "own", "owndate")
#: text that stands out, by heading; the word itself says it too
_ALARMS: Final = {"Outcome": OUTCOMES["not_met"], "Neurological involvement": "yes"}


class Headed(Protocol):
    """What every sheet says of the whole: its title, the statement, and what is missing; blank when nothing is."""

    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def statement(self) -> str: ...  # noqa: D102
    @property
    def partial(self) -> str: ...  # noqa: D102


def write_sheets(sheets: Iterable[Sheet], view: Headed, path: Path) -> None:
    """Writes a workbook of these tables, one sheet each.

    Raises:
        OSError: the file cannot be written.
    """
    with opened(view, path) as (book, formats):
        for sheet in sheets:
            write_sheet(book, formats, sheet, view)


@contextmanager
def opened(view: Headed, path: Path) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """A new workbook and the looks of its cells; written when it is left."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, dict(OPTIONS))
    book.set_properties({"title": view.title, "comments": view.statement, "created": CREATED})
    book.set_calc_mode("auto")
    yield book, cell_formats(book)
    book.close()
    path.write_bytes(buffer.getvalue())


def cell_formats(book: Any) -> Mapping[str, Any]:
    """The looks of cells. Text that begins like a formula carries a quote, so that editing it keeps it text."""
    base: dict[str, Any] = {"font_name": "Arial", "font_size": 10, "valign": "top", "font_color": INK}
    own = {"bg_color": _GREY, "text_wrap": True, "locked": False, "border": 1, "border_color": _RULE}
    looks: dict[str, dict[str, Any]] = {
        "text": {},
        "wrap": {"text_wrap": True},
        "quoted": {"text_wrap": True, "quote_prefix": True},
        "date": {"num_format": "d mmm yyyy", "align": "left"},
        "number": {"num_format": "#,##0", "align": "right", "indent": 1},
        "percent": {"num_format": "0%", "align": "right", "indent": 1},
        "own": own,
        "ownquoted": {**own, "quote_prefix": True},
        "owndate": {**own, "num_format": "d mmm yyyy", "align": "left"},
        "title": {"bold": True, "font_size": 14},
        "section": {"bold": True, "font_size": 12, "font_color": BLUE},
        "note": {"text_wrap": False, "font_color": SLATE},
        "bold": {"bold": True, "text_wrap": True},
        "head": {"bold": True, "font_color": "#FFFFFF", "bg_color": BLUE, "text_wrap": True, "border": 1},
        "alarm": {"bold": True, "bg_color": _PALE, "font_color": INK},
    }
    return {name: book.add_format({**base, **look}) for name, look in looks.items()}


def write_sheet(book: Any, formats: Mapping[str, Any], sheet: Sheet, view: Headed) -> Any:
    """A sheet with title, notes and one Excel table; header frozen, landscape, one page wide."""
    page = book.add_worksheet(sheet.name, FastSheet)
    lay_out(page, view, sheet.foot)
    page.write_string(0, 0, with_partial(sheet.title, view), formats["title"])
    for number, note in enumerate(sheet.notes, 1):
        page.write_string(number, 0, note, formats["note"])
    _table(page, formats, sheet)
    page.freeze_panes(sheet.header + 1, 1)
    page.repeat_rows(sheet.header)
    return page


def with_partial(title: str, view: Headed) -> str:
    """The title, and what is missing from the whole."""
    return f"{title} – PARTIAL: {view.partial}" if view.partial else title


def lay_out(page: Any, view: Headed, foot: str = FOOT) -> None:
    """Print set-up: landscape A4, one page wide, with a footer."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
    page.hide_gridlines(2)
    partial = "PARTIAL REPORT - " if view.partial else ""
    page.set_footer(f"&L{partial}{foot}&C&A&RPage &P of &N")


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
        cells = [row[number] for row in rows]
        # one practice is named in the title; its column stays for whoever reads the sheet by machine
        hidden = {"hidden": column.heading == "Practice" and len(set(cells)) == 1}
        page.set_column(number, number, column.width, None, hidden)
        _fill(page, formats, column, number, cells, first + 1)
        _help(page, column, (first + 1, number, last, number))
        _mark(page, formats, column, (first + 1, number, last, number))
    page.set_row(first, LINE_POINTS * max(2, *(lines_of(column.heading, column.width) for column in sheet.columns)))
    _set_heights(page, sheet, rows, first + 1)


def _set_heights(page: Any, sheet: Sheet, rows: Sequence[Sequence[Any]], first: int) -> None:
    """Rows high enough for their wrapped text: not every program makes them so by itself."""
    wrapped = [(number, column.width) for number, column in enumerate(sheet.columns) if column.look in _WRAPPED]
    for at, row in enumerate(rows[:_MOST_HEIGHTS] if wrapped else (), first):
        lines = max(lines_of(row[number], width) for number, width in wrapped)
        if lines > 1:
            page.set_row(at, LINE_POINTS * lines)


def lines_of(value: Any, width: float) -> int:
    """Lines that a text takes in a column; letters are narrower than the figures a width counts."""
    return -(-len(str(value)) * 17 // int(20 * width)) if value else 1


def _fill(page: Any, formats: Mapping[str, Any], column: Column, number: int, values: list[Any], first: int) -> None:
    """One column's cells; a blank stays a blank cell, but in the columns that people fill in."""
    look = formats[column.look]
    own = column.look.startswith("own")
    quoted, dated = (formats["ownquoted"], formats["owndate"]) if own else (formats["quoted"], formats["date"])
    for row, value in enumerate(values, first):
        if value is None or value == "":
            if own:
                page.put(row, number, None, look)
        elif isinstance(value, str):
            page.put(row, number, value, quoted if FORMULA_START.match(value) else look)
        elif isinstance(value, date):
            page.put(row, number, value.toordinal() - _DAY_0, dated)
        else:
            page.put(row, number, value, look)


def _help(page: Any, column: Column, cells: tuple[int, int, int, int]) -> None:
    """The list to pick from, or the question whether that is a date; nothing is forbidden."""
    warned = {"error_type": "warning", "error_title": column.heading}
    if column.choices:
        known = {"validate": "list", "source": list(column.choices), "show_error": column.look != "owndate"}
        message = f"Not one of the list of {column.heading.lower()}. Keep it?"
        page.data_validation(*cells, {**known, **warned, "error_message": message})
    elif column.look == "owndate":
        day = {"validate": "date", "criteria": ">", "value": CREATED, "error_message": "This is not a date. Keep it?"}
        page.data_validation(*cells, {**day, **warned})


def _mark(page: Any, formats: Mapping[str, Any], column: Column, cells: tuple[int, int, int, int]) -> None:
    """What differs stands out; the word in the cell says so too."""
    if column.heading in _ALARMS:
        word = f'"{_ALARMS[column.heading]}"'
        page.conditional_format(*cells, {"type": "cell", "criteria": "==", "value": word, "format": formats["alarm"]})
