"""Writes a workbook of fixes: the list first, then the input's sheets as values, faulty cells marked in place."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from audit.intake.own_files import FIXES_TITLE
from audit.render.fixes import LIST_NAME, NO_HEADING, CopiedSheet, FixesBook, FixLine
from audit.render.xlsx import CREATED, TEXT_ONLY, CellWriter

TO_DO: Final = "What to do"
ROW_IN_FILE: Final = "Row in your file (only rows with something to mend are shown)"
#: More links than this Excel does not take.
_MOST_LINKS: Final = 60_000
_BASE: Final = {"font_name": "Arial", "font_size": 10, "valign": "top", "font_color": "#212B32"}
#: What is wrong stands out by fill and frame, and each such cell has a comment in words.
_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "": dict(_BASE),
    "error": {**_BASE, "bg_color": "#FBE0D3", "border": 5, "border_color": "#12436D"},
    "warning": {**_BASE, "bg_color": "#FBE0D3", "border": 1, "border_color": "#12436D"},
    "note": {**_BASE, "bg_color": "#F0F4F5", "border": 1, "border_color": "#4C6272"},
    "wrap": {**_BASE, "text_wrap": True},
    "title": {**_BASE, "bold": True, "font_size": 14},
    "head": {**_BASE, "bold": True, "font_color": "#FFFFFF", "bg_color": "#12436D", "text_wrap": True},
}
#: Heading and width of each column of the list, and the field it prints.
_COLUMNS: Final = (
    ("Sheet", 16, "sheet"),
    ("Cell", 10, "cell"),
    ("Problem", 62, "problem"),
    (TO_DO, 62, "what_to_do"),
    ("In the cell", 24, "value"),
    ("How serious", 12, "severity"),
    ("Kind", 26, "code"),
)
_CELL_COLUMN: Final = 1
_COMMENT: Final = {"author": "b12audit", "width": 320, "height": 110, "font_size": 9}


def write_fixes(fixes: FixesBook, path: Path) -> None:
    """Writes the workbook.

    Raises:
        OSError: the file cannot be written.
    """
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {**TEXT_ONLY, "in_memory": True, "date_1904": fixes.from_1904})
    book.set_properties({"title": FIXES_TITLE, "created": CREATED})
    formats = {name: book.add_format(look) for name, look in _LOOKS.items()}
    writer = CellWriter(book, _LOOKS)
    _write_list(book.add_worksheet(LIST_NAME), fixes, formats, writer)
    for sheet in fixes.sheets:
        _write_copy(book.add_worksheet(sheet.name), sheet, formats, writer)
    book.close()
    path.write_bytes(buffer.getvalue())


def _write_list(page: Any, fixes: FixesBook, formats: dict[str, Any], writer: CellWriter) -> None:
    page.write_string(0, 0, "Fixes: what was found in the file, and what to do about it", formats["title"])
    for row, note in enumerate(fixes.notes, 1):
        page.write_string(row, 0, note, formats[""])
    top = len(fixes.notes) + 2
    for row, line in enumerate(fixes.lines, top + 1):
        _write_line(page, row, line, writer, linked=row - top <= _MOST_LINKS)
    if not fixes.lines:
        page.write_string(top + 1, 0, "Nothing was found.", formats[""])
    heads = [{"header": heading, "header_format": formats["head"]} for heading, _, _ in _COLUMNS]
    options = {"name": LIST_NAME + "List", "style": "Table Style Light 1", "banded_rows": False, "columns": heads}
    page.add_table(top, 0, top + max(len(fixes.lines), 1), len(_COLUMNS) - 1, options)
    for place, (_, width, _) in enumerate(_COLUMNS):
        page.set_column(place, place, width)
    page.freeze_panes(top + 1, 0)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _write_line(page: Any, row: int, line: FixLine, writer: CellWriter, linked: bool) -> None:
    for place, (_, width, name) in enumerate(_COLUMNS):
        wide = "wrap" if width > 2 * _COLUMNS[0][1] else ""
        writer.write(page, row, place, getattr(line, name), wide)
    if line.link and linked:
        # both the place and its text are our own
        page.write_url(row, _CELL_COLUMN, f"internal:{line.link}", string=line.cell)


def _write_copy(page: Any, sheet: CopiedSheet, formats: dict[str, Any], writer: CellWriter) -> None:
    for number, position in sheet.positions.items():
        for place, cell in enumerate(sheet.rows[number][: sheet.width]):
            if cell != "" and (number, place) not in sheet.marks:
                writer.write(page, position, place, cell)
    for (number, place), mark in sheet.marks.items():
        position, row = sheet.positions[number], sheet.rows[number]
        writer.write(page, position, place, row[place] if place < len(row) else "", mark.look)
        page.write_comment(position, place, mark.text, _COMMENT)
    page.set_column(0, max(sheet.width - 1, 0), 14)
    if sheet.to_do:
        _write_to_do(page, sheet, formats)


def _write_to_do(page: Any, sheet: CopiedSheet, formats: dict[str, Any]) -> None:
    """The added column, and beside it the rows' own numbers where only some rows are shown."""
    page.set_column(sheet.width, sheet.width, 70)
    for number, text in sheet.to_do.items():
        if number != sheet.heading:
            page.write_string(sheet.positions[number], sheet.width, text, formats["wrap"])
    if sheet.heading != NO_HEADING:
        heading = sheet.positions[sheet.heading]
        page.write_string(heading, sheet.width, TO_DO, formats["head"])
        page.freeze_panes(heading + 1, 0)
    if not sheet.whole:
        page.write_string(max(sheet.heading, 0), sheet.width + 1, ROW_IN_FILE, formats["head"])
        for number, position in sheet.positions.items():
            if number > sheet.heading:
                page.write_number(position, sheet.width + 1, number + 1, formats[""])
