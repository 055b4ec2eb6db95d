"""Judges a column by its heading, when something of the kind stands below; and the headings themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from audit.intake.cells import Cell, Sheet, text
from audit.intake.dates import read_date
from audit.intake.headings import SEARCHED_ROWS, known_headings
from audit.intake.identifiers import (
    heading_kind,
    is_named,
    is_outward,
    is_person_like,
    is_postcode,
    is_title,
    names_somebody,
)
from audit.intake.identity.column import Column, Suspect
from audit.intake.values import BIRTH_YEARS
from audit.intake.words import BLANK_WORDS

#: Texts of so many characters or more are no heading.
_LONGEST_HEADING = 80
_HEADINGS_OF_A_ROW = 2
#: A telephone number has so many digits or more, an NHS number has more.
_FEW_DIGITS = 5
_LAST_SERIAL = 60_000
_REDACTED = re.compile(r"(?:[x*.#?_-]+|removed|redacted|withheld|anonymised|\[removed\])", re.IGNORECASE)
_FULL_DATE = re.compile(r"\d{1,4}[ ./-]+(?:\d{1,2}|[a-z]{3,9})[ ,./-]+\d{2,4}(?:[ T]\d.*)?", re.IGNORECASE)

_kind_of_heading = lru_cache(maxsize=4096)(heading_kind)


def judge_heading(column: Column) -> Suspect | None:
    """The column when a heading says what it is, and something of the kind stands below."""
    for row, cell in enumerate(column.cells[:SEARCHED_ROWS]):
        kind = _kind_of_heading(cell) if isinstance(cell, str) and len(cell) < _LONGEST_HEADING else None
        if kind is None:
            continue
        below = [one for one in dict.fromkeys(column.cells[row + 1 :]) if _is_value(one)]
        found = [one for one in below if _ACCEPTS[kind](one, column.origin)]
        if kind == "bare_name" and 2 * len(found) < len(below):
            continue
        if found:
            refused = kind != "staff" and (kind != "birth_year" or len(found) > 1 or len(below) == 1)
            return column.suspect(_SHOWN.get(kind, kind), found, refused)
    return None


_SHOWN = {"bare_name": "name", "birth_year": "birth"}


def _is_value(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return True
    typed = text(cell)
    if typed.casefold() in BLANK_WORDS or _REDACTED.fullmatch(typed):
        return False
    return _kind_of_heading(typed) is None and not known_headings([typed])


def _has_digit(cell: Cell, _origin: date) -> bool:
    return re.search(r"\d", text(cell)) is not None


def _has_letter(cell: Cell, _origin: date) -> bool:
    return isinstance(cell, str) and re.search(r"[^\W\d_]", cell) is not None


def is_full_date(cell: Cell, origin: date) -> bool:
    """Whether a cell holds a day, not only a year."""
    if isinstance(cell, date | datetime):
        return True
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return False
    if isinstance(cell, int | float):
        return BIRTH_YEARS.stop <= cell < _LAST_SERIAL
    typed = " ".join(text(cell).split())
    return _FULL_DATE.fullmatch(typed) is not None or read_date(typed, origin) is not None


def _a_postcode(cell: Cell, _origin: date) -> bool:
    return is_postcode(text(cell)) or (_has_digit(cell, _origin) and not is_outward(text(cell)))


def _a_telephone(cell: Cell, _origin: date) -> bool:
    return len(re.findall(r"\d", text(cell))) >= _FEW_DIGITS


def _a_bare_name(cell: Cell, _origin: date) -> bool:
    typed = text(cell)
    return is_person_like(typed) or is_named(f"{typed} {typed}")


_ACCEPTS: Final[dict[str, Callable[[Cell, date], bool]]] = {
    "number": lambda cell, _: len(re.findall(r"\d", text(cell))) > _FEW_DIGITS,
    "local": _has_digit,
    "name": _has_letter,
    "bare_name": _a_bare_name,
    "title": lambda cell, _: is_title(text(cell)),
    "birth": is_full_date,
    "birth_year": is_full_date,
    "postcode": _a_postcode,
    "address": _has_letter,
    "telephone": _a_telephone,
    "email": lambda cell, _: "@" in text(cell),
    "staff": _has_letter,
}


def bad_headings(sheet: Sheet) -> Iterator[Suspect]:
    """Headings that hold a person's details themselves; messages would quote them."""
    row = heading_row(sheet)
    if row is not None:
        for place, cell in enumerate(sheet.rows[row]):
            if isinstance(cell, str) and names_somebody(cell):
                yield Suspect("heading", place, row, 1, True)


def heading_row(sheet: Sheet) -> int | None:
    """The row (from 0) with the most headings that are known, if any has two or more."""
    best, most = None, _HEADINGS_OF_A_ROW - 1
    for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        typed = [cell for cell in row if isinstance(cell, str) and cell and len(cell) < _LONGEST_HEADING]
        count = len(known_headings(typed)) + sum(_kind_of_heading(cell) is not None for cell in typed)
        if count > most:
            best, most = number, count
    return best
