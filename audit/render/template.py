"""The workbook to fill in: headings with their meaning, dropdowns, a filled example, and how to export the records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

import xlsxwriter

from audit.render.book import LINE_POINTS, OPTIONS, cell_formats, lines_of
from audit.render.dictionary import ABOUT, column_kind, column_meaning, column_words
from audit.render.recipes import RECIPES, Section
from audit.render.template_example import Cell, example_about, example_rows
from audit.render.template_text import (
    DATED_KEYS,
    LEGEND,
    NEEDED,
    OPTIONAL,
    TITLE,
    WORTH_MOST,
    WORTH_MOST_COLUMNS,
    read_me,
)
from audit.render.xlsx import CREATED
from audit.standards.standard import Standard
from schemas import canonical
from schemas.vocabulary import ABOUT_KEYS, EXAMPLE_PREFIX, INPUT_COLUMNS, REQUIRED_COLUMNS

#: Last row of a sheet, from 0: what people will fill in is not known.
_LAST_ROW: Final = 1_048_575
#: Columns whose cells must stay as typed: codes keep their zeros, and 3/12 does not become a day.
_AS_TYPED: Final = ("patient_id", "practice_id", "drug", "dose", "directions")
_WIDTHS: Final = {"drug": 54, "directions": 46, "indication": 27, "cause": 27, "test": 24, "outcome": 24, "value": 10}
_WIDTH: Final = 17
#: columns of the sheets of text, in figures, and how many letters surely fit into a line of the second
_LABEL_WIDTH, _TEXT_WIDTH, _LETTERS = 36, 104, 112
#: points of a row of headings
_HEADING_HEIGHT: Final = 18
#: pixels of a comment: its width, and the height of one of its lines of so many letters
_COMMENT_WIDTH, _COMMENT_LINE, _COMMENT_LETTERS = 330, 17, 46


class _Template:
    """A workbook under construction."""

    def __init__(self, book: Any, standard: Standard) -> None:
        self.book, self.standard = book, standard
        base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        self.looks: dict[str, Any] = {
            **cell_formats(book),
            "typed": book.add_format({**base, "num_format": "@"}),
            "day": book.add_format({**base, "num_format": "dd/mm/yyyy", "align": "left"}),
            "plain": book.add_format({**base, "align": "left"}),
            "optional": book.add_format({**base, "bold": True, "bg_color": "#E8EDEE", "border": 1}),
            "worth": book.add_format({**base, "bold": True, "bg_color": "#FBE0D3", "border": 1}),
            "ownday": book.add_format({**base, "num_format": "dd/mm/yyyy", "align": "left", "bg_color": "#F0F4F5"}),
        }


def template_bytes(standard: Standard, *, filled: bool) -> bytes:
    """The workbook, the same bytes every time.

    Args:
        standard: whose numbers the meanings of columns print.
        filled: the example stands in the sheets that are read, so that it can be run; else in sheets beside them.
    """
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {**OPTIONS, "default_date_format": "dd/mm/yyyy"})
    book.set_properties({"title": TITLE, "created": CREATED})
    made = _Template(book, standard)
    first = _text_sheet(made, "Read me", TITLE, read_me(filled=filled))
    _about(made, "About", example_about() if filled else [None] * len(ABOUT_KEYS))
    for sheet in INPUT_COLUMNS:
        _table(made, sheet, sheet, example_rows(sheet) if filled else [])
    _words(made)
    if not filled:
        _examples(made)
        for recipe in RECIPES:
            _text_sheet(made, recipe.system, f"Exporting from {recipe.system}", recipe.sections, recipe.known)
    first.activate()
    book.close()
    return buffer.getvalue()


def _examples(made: _Template) -> None:
    _about(made, f"{EXAMPLE_PREFIX}About", example_about())
    for sheet in INPUT_COLUMNS:
        _table(made, sheet, EXAMPLE_PREFIX + sheet, example_rows(sheet))


def _page(made: _Template, name: str) -> Any:
    page = made.book.add_worksheet(name)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&L&A&RPage &P of &N")
    return page


# --- sheets of text


def _text_sheet(made: _Template, name: str, title: str, sections: Sequence[Section], known: str = "") -> Any:
    """Labels in the first column, what is said of them in the second."""
    page = _page(made, name)
    page.hide_gridlines(2)
    page.set_column(0, 0, _LABEL_WIDTH)
    page.set_column(1, 1, _TEXT_WIDTH)
    page.write_string(0, 0, title, made.looks["title"])
    row = 0
    if known:
        _line(made, page, row := 2, ("Where this comes from", known))
    for section in sections:
        row += 2
        page.write_string(row, 0, section.heading, made.looks["section"])
        for line in section.lines:
            row += 1
            _line(made, page, row, line)
    return page


def _line(made: _Template, page: Any, row: int, line: tuple[str, str]) -> None:
    label, said = line
    page.write_string(row, 0, label, made.looks[LEGEND.get(label, "bold")])
    page.write_string(row, 1, said, made.looks["wrap"])
    page.set_row(row, LINE_POINTS * lines_of(said, _LETTERS) + 3)


def _words(made: _Template) -> None:
    """Every word of every dropdown with its meaning."""
    page = _page(made, "Words")
    for place, (heading, width) in enumerate((("sheet", 14), ("column", 27), ("word", 30), ("meaning", 80))):
        page.set_column(place, place, width)
        page.write_string(0, place, heading, made.looks["head"])
    for row, cells in enumerate(_word_rows(), 1):
        for place, said in enumerate(cells):
            page.write_string(row, place, said, made.looks["plain"])
    page.freeze_panes(1, 0)


def _word_rows() -> Iterator[tuple[str, str, str, str]]:
    for sheet, columns in INPUT_COLUMNS.items():
        for column in columns:
            for word, meaning in column_words(sheet, column).items():
                yield sheet, column, word, meaning


# --- sheets to fill in


def _about(made: _Template, name: str, values: Sequence[Cell]) -> None:
    """Keys, their values, and beside them what they mean."""
    page = _page(made, name)
    for place, width in enumerate((_LABEL_WIDTH, _LABEL_WIDTH, 76)):
        page.set_column(place, place, width)
    page.write_string(0, 0, "What the records cover", made.looks["title"])
    for row, (key, value) in enumerate(zip(ABOUT_KEYS, values, strict=True), 2):
        dated = key in DATED_KEYS
        page.write_string(row, 0, key, made.looks["bold"])
        _write(made, page, (row, 1), value, "ownday" if dated else "own")
        page.write_string(row, 2, ABOUT[key], made.looks["wrap"])
        if dated:
            page.data_validation(row, 1, row, 1, _a_date())
    page.freeze_panes(1, 0)


def _table(made: _Template, sheet: str, name: str, rows: Sequence[Sequence[Cell]]) -> None:
    """One table: its headings in the first row, so that what is below is only data."""
    page = _page(made, name)
    page.set_comments_author("")
    for place, column in enumerate(INPUT_COLUMNS[sheet]):
        look = "typed" if column in _AS_TYPED else "day" if column_kind(sheet, column) == "date" else "plain"
        page.set_column(place, place, _WIDTHS.get(column, max(_WIDTH, len(column) + 3)), made.looks[look])
        _heading(made, page, place, (sheet, column))
        if validation := _validation(sheet, column):
            page.data_validation(1, place, _LAST_ROW, place, validation)
        for row, cells in enumerate(rows, 1):
            _write(made, page, (row, place), cells[place], look)
    page.set_row(0, _HEADING_HEIGHT)
    page.freeze_panes(1, 1)
    page.repeat_rows(0)


def _heading(made: _Template, page: Any, place: int, of: tuple[str, str]) -> None:
    sheet, column = of
    needed, worth = column in REQUIRED_COLUMNS[sheet], of in WORTH_MOST_COLUMNS
    look, standing = ("head", NEEDED) if needed else ("worth", WORTH_MOST) if worth else ("optional", OPTIONAL)
    words = column_words(sheet, column)
    listed = f"\nWords: {', '.join(words)}." if words else ""
    comment = f"{standing}.\n{column_meaning(sheet, column, made.standard)}{listed}"
    lines = sum(-(-len(line) // _COMMENT_LETTERS) for line in comment.split("\n")) + 1
    page.write_string(0, place, column, made.looks[look])
    page.write_comment(0, place, comment, {"width": _COMMENT_WIDTH, "height": lines * _COMMENT_LINE, "font_size": 9})


def _write(made: _Template, page: Any, at: tuple[int, int], value: Cell, look: str) -> None:
    if value is None:
        page.write_blank(*at, None, made.looks[look])
    elif isinstance(value, date):
        page.write_datetime(*at, value, made.looks[look])
    elif isinstance(value, str):
        page.write_string(*at, value, made.looks[look])
    else:
        page.write_number(*at, value, made.looks[look])


def _validation(sheet: str, column: str) -> Mapping[str, Any] | None:
    """What a cell is asked to hold; a warning only, as reading is more forgiving than a list."""
    if words := column_words(sheet, column):
        said = "This word is not in the list; the sheet Words explains each. Keep it?"
        return {"validate": "list", "source": list(words), **_warning(column, said)}
    if column_kind(sheet, column) == "date":
        return _a_date()
    return None


def _a_date() -> Mapping[str, Any]:
    days = {"minimum": canonical.EARLIEST.to_pydatetime(), "maximum": canonical.LATEST.to_pydatetime()}
    said = "This is not a date. Type a day as 13/03/2024. Keep it?"
    return {"validate": "date", "criteria": "between", **days, **_warning("Date", said)}


def _warning(title: str, said: str) -> Mapping[str, str]:
    return {"error_type": "warning", "error_title": title, "error_message": said}
