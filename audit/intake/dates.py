"""Reads a column of dates in one declared order, day before month; what is no whole day stays unread."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from audit.errors import InputRejected
from audit.intake.cells import Cell, Column, Grid, Mask, text
from audit.intake.values import Reading, read_column

EARLIEST, LATEST = date(1900, 3, 1), date(2199, 12, 31)
#: Numbers that a date column may hold in place of dates: 1954 to 2064.
SERIALS: Final = range(20_000, 60_001)
#: Two-digit years: up to 29 of this century, from 70 on of the last. Between them either may be meant, so neither is.
_LAST_OF_THIS_CENTURY, _FIRST_OF_THE_LAST = 29, 70
_MONTHS = 12
#: Of so many dates of each kind it may be, and is no longer, chance that they share out the days of the month.
_NO_SIGN, _NO_CHANCE = 1, 5

NO_DATE: Final = np.datetime64("NaT", "D")

_TIME = r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
_ISO = re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}}){_TIME}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}")
_NAMED = re.compile(rf"(\d{{1,2}})([ -])([a-z]{{3,9}})\2(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_SIX_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{2})")
_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_MONTH = {name[:size]: place for place, name in enumerate(_NAMES, 1) for size in (3, len(name))} | {"sept": 9}


# --- one cell


def read_date(cell: Cell, origin: date) -> date | None:
    """One cell as a day, day before month always; None when it is not one of 1900-03-01 to 2199-12-31."""
    if isinstance(cell, datetime):
        day: date | None = cell.date()
    elif isinstance(cell, date):
        day = cell
    elif (serial := serial_of(cell)) is not None:
        day = origin + timedelta(days=serial)
    elif isinstance(cell, bool | time | timedelta):
        day = None
    else:
        day = _typed_date(_spaced(cell))
    return day if day is not None and EARLIEST <= day <= LATEST else None


def serial_of(cell: Cell) -> int | None:
    """The whole days of a cell that holds a day number in place of a date."""
    if isinstance(cell, str):
        number = float(text(cell)) if _SERIAL.fullmatch(text(cell)) else -1.0
    else:
        number = float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else -1.0
    return int(number) if SERIALS.start <= number < SERIALS.stop else None


def _spaced(cell: Cell) -> str:
    return " ".join(text(cell).split())


def _typed_date(typed: str) -> date | None:
    if match := _ISO.fullmatch(typed) or _COMPACT.fullmatch(typed):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _in_either_order(typed):
        return _day(_year(match[4]), int(match[3]), int(match[1]))
    if (match := _NAMED.fullmatch(typed)) and (month := _MONTH.get(match[3].casefold())):
        return _day(_year(match[4]), month, int(match[1]))
    return None


def _in_either_order(typed: str) -> re.Match[str] | None:
    """A date of numbers with its year last; 24-03-12 may begin with its year, with slashes a short year stands last."""
    match = _NUMERIC.fullmatch(typed)
    return None if match is None or (len(match[4]) == len("yy") and match[2] != "/") else match


def _year(typed: str) -> int | None:
    year = int(typed)
    if len(typed) == len("yyyy"):
        return year
    if year <= _LAST_OF_THIS_CENTURY:
        return 2000 + year
    return 1900 + year if year >= _FIRST_OF_THE_LAST else None


def _day(year: int | None, month: int, day: int) -> date | None:
    try:
        return None if year is None else date(year, month, day)
    except ValueError:
        return None  # 31 February and its like: unreadable


# --- a column


@dataclass(frozen=True, slots=True)
class Dates(Reading[np.datetime64]):
    """Days as datetime64[D] (missing: NaT), and rows to tell of.

    Attributes:
        serial: rows that held a day number in place of a date.
        doubtful: date cells in which another program may have taken the day for the month.
    """

    serial: Mask
    doubtful: Mask


def read_dates(grid: Grid, field: str) -> Dates:
    """Read a date column in one order, day before month.

    Raises:
        InputRejected: some of its dates can only be month before day, or are numbers of another kind than Excel's, or
            a program with the other order has made date cells of some of them.
    """
    column = grid.columns[field]
    if (cells := date_cells(column)) is not None:
        return _in_range(column, cells)
    _check_order(grid, field, column)
    _check_digits(grid, field, column)
    doubtful = _exchanged(grid, field, column)
    reading = read_column(column, field, lambda cell: read_date(cell, grid.origin), NO_DATE, np.datetime64)
    serials = _mask(column, lambda cell: serial_of(cell) is not None)
    days = reading.values.astype("datetime64[D]")
    return Dates(days, reading.blank, reading.bad, serials & ~reading.bad, doubtful)


def date_cells(column: Column) -> NDArray[np.datetime64] | None:
    """The days of a column of date cells alone, blank ones missing: of nothing in it an order can be in doubt."""
    if not set(map(type, column.distinct)) <= {date, datetime, str}:
        return None
    if any(cell for cell in column.distinct if isinstance(cell, str)):
        return None
    days = [cell.date() if isinstance(cell, datetime) else cell or None for cell in column.distinct]
    return np.array(days, "datetime64[D]")


def bad_days(days: NDArray[np.datetime64]) -> Mask:
    """Which days no date of a record can be; a missing one may stay missing."""
    bad: Mask = (days < np.datetime64(EARLIEST)) | (days > np.datetime64(LATEST))
    return bad


def _in_range(column: Column, days: NDArray[np.datetime64]) -> Dates:
    blank, bad = np.isnat(days), bad_days(days)
    nothing = np.zeros(len(column.codes), np.bool_)
    values = np.where(bad, NO_DATE, days)
    return Dates(column.spread(values), column.spread(blank), column.spread(bad), nothing, nothing)


def _mask(column: Column, holds: Callable[[Cell], bool]) -> Mask:
    return column.spread(np.fromiter(map(holds, column.distinct), np.bool_, len(column.distinct)))


def _order(cell: Cell) -> str:
    """`day` or `month`: which alone may stand first in a typed date; "" when either may, or neither."""
    match = _in_either_order(_spaced(cell)) if isinstance(cell, str) else None
    if match is None:
        return ""
    first, second = int(match[1]), int(match[3])
    # a leap year stands for the two-digit years that are not read: an order shows in them all the same
    year = _year(match[4]) or 2000
    if first > _MONTHS:
        return "day" if _day(year, second, first) else ""
    return "month" if second > _MONTHS and _day(year, first, second) else ""


def _check_order(grid: Grid, field: str, column: Column) -> None:
    day_first = _mask(column, lambda cell: _order(cell) == "day")
    month_first = _mask(column, lambda cell: _order(cell) == "month")
    if not month_first.any():
        return
    if day_first.any():
        code, what = "DATE_ORDER_MIXED", f"The column {field} mixes day-first and month-first dates."
        _refuse(code, what, f"day first: {_first(grid, field, day_first)}; month first: "
                            f"{_first(grid, field, month_first)}")  # fmt: skip
    what = f"The column {field} holds dates with the month first."
    _refuse("DATE_ORDER_MONTH_FIRST", what, f"first seen in {_first(grid, field, month_first)}")


def _check_digits(grid: Grid, field: str, column: Column) -> None:
    """Numbers like 120324 are days, months and years without a break, and 50324 may then be one that lost its zero."""
    six, serials = _mask(column, _is_six_digits), _mask(column, lambda cell: serial_of(cell) is not None)
    if six.any() and serials.any():
        what = f"The column {field} holds dates as six digits, and numbers that may be such dates without their zero."
        where = f"six digits: {_first(grid, field, six)}; five: {_first(grid, field, serials)}"
        _refuse("DATE_DIGITS_UNCLEAR", what, where)


def _is_six_digits(cell: Cell) -> bool:
    """120324, 240312 or 031224: days, months and years of two digits in any order."""
    match = None if isinstance(cell, date) else _SIX_DIGITS.fullmatch(text(cell))
    if match is None:
        return False
    one, two, three = (int(part) for part in match.groups())
    orders = ((three, two, one), (one, two, three), (three, one, two))
    return any(_day(2000 + year, month, day) for year, month, day in orders)


def _exchanged(grid: Grid, field: str, column: Column) -> Mask:
    """Date cells of a column whose every typed date has a day that cannot be a month, and whose date cells none.

    So it looks when a program with the month first has opened a file with the day first: 12/03/2024 became the date
    cell of 3 December, and 13/03/2024 stayed text.

    Raises:
        InputRejected: there are so many of both that it is no chance.
    """
    typed = _mask(column, lambda cell: isinstance(cell, str) and _in_either_order(_spaced(cell)) is not None)
    day_first = _mask(column, lambda cell: _order(cell) == "day")
    cells = _mask(column, lambda cell: _day_of_month(cell, grid.origin) > 0)
    early = _mask(column, lambda cell: 0 < _day_of_month(cell, grid.origin) <= _MONTHS)
    if not day_first.any() or not cells.any() or (typed != day_first).any() or (cells != early).any():
        return np.zeros(len(grid), np.bool_)
    least = min(day_first.sum(), cells.sum())
    if least >= _NO_CHANCE:
        what = f"In the column {field} a program has probably taken the day for the month in the dates that allow it."
        where = f"date cells from {_first(grid, field, cells)}, text from {_first(grid, field, day_first)}"
        _refuse("DATE_ORDER_EXCHANGED", what, where)
    return cells if least > _NO_SIGN else np.zeros(len(grid), np.bool_)


def _day_of_month(cell: Cell, origin: date) -> int:
    """Of a date cell or a day number; 0 of anything else."""
    day = None if isinstance(cell, str) and serial_of(cell) is None else read_date(cell, origin)
    return 0 if day is None or (not isinstance(cell, date) and _COMPACT.fullmatch(text(cell))) else day.day


def _first(grid: Grid, field: str, rows: Mask) -> str:
    return grid.address(field, int(rows.argmax()))


def _refuse(code: str, what: str, where: str) -> None:
    remedy = "Export the dates as real date cells, as 2024-03-13 or as 13/03/2024. No order is guessed."
    raise InputRejected(what, where=where, remedy=remedy, code=code)
