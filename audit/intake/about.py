"""Reads the About sheet: keys in one column, values in the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from audit.errors import InputRejected
from audit.intake.cells import Cell, Sheet, letter, text
from audit.intake.dates import read_date, serial_of
from audit.intake.extract import About, Finding
from audit.intake.findings import Findings
from audit.intake.values import is_blank
from audit.intake.words import squash
from schemas.vocabulary import ABOUT_KEYS

_TEXTS = ("practice_id", "source_system")
_HEADING = ("key", "value")
_KEYS = {squash(key): key for key in ABOUT_KEYS}


def read_about(sheet: Sheet, findings: Findings) -> About:
    """What the sheet says of the extract.

    Raises:
        InputRejected: a date cannot be read, or a key stands twice with different values.
    """
    said: dict[str, str | date] = {}
    for row, column, name, cell in pairs(sheet):
        if (squash(name), squash(text(cell))) == _HEADING:
            continue
        key = _KEYS.get(squash(name))
        if key is None:
            _report_unknown(sheet, row, column, findings)
        elif not is_blank(key, text(cell)):
            value = text(cell) if key in _TEXTS else _date(sheet, (row, column + 1), key, cell, findings)
            if said.setdefault(key, value) != value:
                what = f"The key {key} stands twice with two values"
                raise _rejected(sheet, (row, column + 1), what, "ABOUT_TWICE")
    return About(**said)  # type: ignore[arg-type]  # texts and dates by key, as read above


def pairs(sheet: Sheet) -> Iterator[tuple[int, int, str, Cell]]:
    """Row and column (from 0) of each key that has a value beside it, the key, and the value."""
    for row, cells in enumerate(sheet.rows):
        column = next((place for place, cell in enumerate(cells) if text(cell)), None)
        if column is not None and column + 1 < len(cells) and text(cells[column + 1]):
            yield row, column, text(cells[column]), cells[column + 1]


def _date(sheet: Sheet, at: tuple[int, int], key: str, cell: Cell, findings: Findings) -> date:
    day = read_date(cell, sheet.origin)
    if day is None:
        raise _rejected(sheet, at, f"The {key} is not a date that can be read", "ABOUT_DATE_UNREADABLE")
    if serial_of(cell) is not None:
        message = "The date is typed as Excel's day number, without a date format, and is read as such."
        where = (sheet.file, sheet.name, at[0] + 1, letter(at[1]), key)
        findings.add(Finding("note", "DATE_SERIAL", message, *where))
    return day


def _rejected(sheet: Sheet, at: tuple[int, int], what: str, code: str) -> InputRejected:
    remedy = "Type a date cell, 2024-03-13 or 13/03/2024."
    if code == "ABOUT_TWICE":
        remedy = "Delete the one that is wrong."
    return InputRejected(f"{what}.", where=sheet.address(*at), remedy=remedy, code=code)


def _report_unknown(sheet: Sheet, row: int, column: int, findings: Findings) -> None:
    message = f"The key is none of {', '.join(ABOUT_KEYS)}; the row is not used."
    where = (sheet.file, sheet.name, row + 1, letter(column))
    findings.add(Finding("note", "ABOUT_KEY_UNKNOWN", message, *where))
