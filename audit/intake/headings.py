"""Takes the columns of a table from a sheet, by its headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from audit.errors import InputRejected
from audit.intake.cells import Cell, Column, Grid, Mask, Sheet, letter, text
from audit.intake.combined import split_columns
from audit.intake.extract import Finding
from audit.intake.heading_map import UNMAPPED, HeadingMap
from audit.intake.heading_match import SEARCHED_ROWS, Heading, find_heading
from audit.intake.heading_refusals import WIDTH, candidates, check_heading
from audit.intake.heading_words import Words, is_age, is_combined, readable_headings, split_group, table_words
from audit.intake.values import is_blank
from audit.intake.words import squash
from schemas.vocabulary import ABOUT_KEYS

__all__ = ["SEARCHED_ROWS", "blank_cells", "known_headings", "read_grid"]

_ABOUT = frozenset(map(squash, ABOUT_KEYS))


def known_headings(row: Sequence[str]) -> list[str]:
    """The cells of a row that are headings, or About keys, of any table."""
    return [cell for cell in row if _is_known(cell)]


def _is_known(cell: str) -> bool:
    known = readable_headings()
    return squash(cell) in known or squash(cell) in _ABOUT or squash(split_group(cell)[1]) in known


def read_grid(tables: Sequence[str], sheet: Sheet, asked: HeadingMap = UNMAPPED) -> Grid:
    """Find the heading row and take the columns of the fields; blank rows are left out.

    Args:
        tables: the table, and others whose fields stand in the same sheet.
        sheet: its cells.
        asked: the headings that the user gave.

    Raises:
        InputRejected: a required column is missing or in doubt, a heading stands twice, or a csv row is too long.
        UsageError: the user gave a heading that is not there.
    """
    words = table_words(*tables)
    heading = find_heading(sheet, words, asked.wanted(tables))
    check_heading(sheet, heading, words, asked, tables)
    data = sheet.rows[heading.row + 1 :]
    width = len(sheet.rows[heading.row])
    if sheet.delimited:
        data = _evened(sheet, heading.row, width)
    columns = {field: Column.of(letter(place), [row[place] for row in data]) for field, place in heading.places.items()}
    filled = _filled(columns, len(data))
    numbers = np.flatnonzero(filled).astype(np.int32) + np.int32(heading.row + 2)
    kept = {field: column.keep(filled) for field, column in columns.items()}
    named = {field: heading.full_name(place) for field, place in heading.places.items()}
    if is_combined("drug", named.get("drug", "")):
        kept = split_columns(kept)
    return Grid(
        table=tables[0],
        file=sheet.file,
        sheet=sheet.name,
        origin=sheet.origin,
        rows=numbers,
        columns=kept,
        unused=_unused(sheet, heading),
        heading_row=heading.row,
        headings=named,
        remarks=tuple(_remarks(sheet, heading, words, kept)),
    )


def blank_cells(field: str, column: Column) -> Mask:
    """Which distinct cells of a field's column are blank."""
    return np.array([is_blank(field, text(cell)) for cell in column.distinct], np.bool_)


def _filled(columns: Mapping[str, Column], count: int) -> Mask:
    filled = np.zeros(count, np.bool_)
    for field, column in columns.items():
        filled |= ~column.spread(blank_cells(field, column))
    return filled


def _evened(sheet: Sheet, heading_row: int, width: int) -> list[Sequence[Cell]]:
    """The data rows of a csv file, the shorter ones filled up with blanks."""
    out: list[Sequence[Cell]] = []
    for number, row in enumerate(sheet.rows[heading_row + 1 :], heading_row + 1):
        if len(row) > width and any(map(text, row[width:])):
            extra = next(place for place in range(width, len(row)) if text(row[place]))
            raise InputRejected(
                f"A row has more cells than the heading row, which has {width}: a cell may hold the "
                "delimiter without quotation marks round it.",
                where=sheet.address(number, extra),
                remedy="Export the file again with quoted cells, or save it as an Excel workbook (.xlsx).",
                code="ROW_TOO_LONG",
            )
        out.append([*row, *[""] * (width - len(row))] if len(row) < width else row)
    return out


# --- what is to be said of the headings


def _unused(sheet: Sheet, heading: Heading) -> tuple[str, ...]:
    used = set(heading.places.values())
    cells = enumerate(sheet.rows[heading.row])
    names = [(place, " ".join(text(cell).split())) for place, cell in cells if place not in used]
    return tuple(f"{name[:WIDTH]} ({letter(place)})" for place, name in names if name)


def _remarks(sheet: Sheet, heading: Heading, words: Words, columns: Mapping[str, Column]) -> Iterator[Finding]:
    other = [place for field, place in heading.places.items() if squash(heading.names[place]) != squash(field)]
    if other:
        listed = []
        for place in other:
            fields = " and ".join(field for field, column in columns.items() if column.letter == letter(place))
            listed.append(f'"{heading.full_name(place)[:WIDTH]}" ({letter(place)}{heading.row + 1}) as {fields}')
        yield _remark(sheet, heading, other[0], "HEADING_READ_AS", f"Headings are read so: {', '.join(listed)}.")
    yield from _not_taken(sheet, heading, words)
    age = next((place for place, typed in enumerate(heading.names) if typed and is_age(typed)), None)
    if age is not None and "year_of_birth" in words.fields and "year_of_birth" not in heading.places:
        message = "Ages are not used, because a year of birth cannot be had from them: add a column year_of_birth."
        yield _remark(sheet, heading, age, "AGE_NOT_USED", message)


def _not_taken(sheet: Sheet, heading: Heading, words: Words) -> Iterator[Finding]:
    """Columns that may be a field of which there is none: misspelt, or with a heading that may mean something else."""
    for field in words.fields:
        near = candidates(heading, words, field)[:1] if field not in heading.how else []
        for place, why in near:
            typed = heading.full_name(place)
            doubt = f", but {why}" if why else ""
            message = f'"{typed[:WIDTH]}" may be {field}{doubt}; it is not used. If it is: --map {field}="{typed}".'
            yield _remark(sheet, heading, place, "HEADING_NOT_TAKEN", message)


def _remark(sheet: Sheet, heading: Heading, place: int, code: str, message: str) -> Finding:
    return Finding("note", code, message, sheet.file, sheet.name, heading.row + 1, letter(place))
