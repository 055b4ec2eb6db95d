"""Columns of dates of which every true day is known: forty kinds, fifty columns each, by seed."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

Cell = str | int | float | bool | date | datetime | time | None
Cells = Sequence[Cell]
Days = Sequence[date | None]

EACH: Final = 50
LONGEST: Final = 200
_TEN_YEARS = (date(2015, 1, 1), date(2026, 11, 21))
_LAST_MONTH = 12
_SAME, _SAID = frozenset(("same",)), frozenset(("said",))


@dataclass(frozen=True)
class DateColumn:
    """One column.

    Attributes:
        kind: what it is made of.
        cells: as they stand in the file.
        days: the true day of each cell; None where it has none that a reader may know.
        becomes: what may become of the column: `same`, `said` or codes of refusals.
        workbook: it needs cells of a workbook; else it is a csv file.
        from_1904: the workbook counts its days from 1904.
    """

    kind: str
    cells: Cells
    days: Days
    becomes: frozenset[str]
    workbook: bool = False
    from_1904: bool = False


# --- days


def _size(rng: Random, least: int = 1) -> int:
    """From `least` to 200, short ones as often as long ones."""
    return max(least, min(LONGEST, int(2 ** rng.uniform(0, 7.7))))


def _day(rng: Random, first: date = _TEN_YEARS[0], last: date = _TEN_YEARS[1]) -> date:
    return first + timedelta(rng.randrange((last - first).days + 1))


def _days(rng: Random, least: int = 1, first: date = _TEN_YEARS[0], last: date = _TEN_YEARS[1]) -> list[date]:
    return [_day(rng, first, last) for _ in range(_size(rng, least))]


def _early(day: date) -> bool:
    """Whether the day of the month could be a month."""
    return day.day <= _LAST_MONTH


def _with(rng: Random, days: list[date], *wanted: bool) -> list[date]:
    """The days, of which some are exchanged so that days of 1 to 12 (True) and of 13 to 28 (False) are among them."""
    places = rng.sample(range(len(days)), len(wanted))
    for place, early in zip(places, wanted, strict=True):
        days[place] = days[place].replace(day=rng.randint(1, 12) if early else rng.randint(13, 28))
    return days


def _exchanged(day: date) -> date:
    """What a reader of the other order takes the day for."""
    return day.replace(month=day.day, day=day.month)


# --- ways of writing a day

Write = Callable[[date], Cell]


def _form(pattern: str) -> Write:
    return lambda day: day.strftime(pattern)


def _unpadded(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def _named(rng: Random, day: date) -> str:
    return day.strftime(rng.choice(("%d %b %Y", "%d %B %Y", "%d-%b-%Y", f"{day.day} %b %Y")))


def _with_time(rng: Random, day: date) -> str:
    clock = f"{rng.randrange(24):02}:{rng.randrange(60):02}"
    form = rng.choice(("%Y-%m-%d {0}", "%Y-%m-%dT{0}:59Z", "%d/%m/%Y {0}", "%d-%b-%Y {0}:00", "%d.%m.%Y {0}"))
    return day.strftime(form).format(clock)


def _spaced(rng: Random, day: date) -> str:
    typed = day.strftime(rng.choice(("%d/%m/%Y", "%d\xa0%b\xa0%Y", "%d  %B %Y")))
    return rng.choice((" {}", "{}\xa0", "\xa0{} ", "\t{}")).format(typed)


def _any_order_known(rng: Random, day: date) -> str:
    """As readers of real exports meet them in one column."""
    return day.strftime(rng.choice(("%d-%b-%y", "%Y-%m-%d", "%d/%m/%Y", "%d-%b-%Y", "%d.%m.%Y")))


def serial(day: date, from_1904: bool = False) -> int:
    """Excel's number of a day."""
    return (day - (date(1904, 1, 1) if from_1904 else date(1899, 12, 30))).days


# --- columns that are read

Made = tuple[Cells, Days, frozenset[str]]


def _written(write: Callable[[Random, date], Cell]) -> Callable[[Random], Made]:
    def make(rng: Random) -> Made:
        days = _days(rng)
        return [write(rng, day) for day in days], days, _SAME

    return make


def _plain(write: Write) -> Callable[[Random], Made]:
    return _written(lambda _, day: write(day))


def _ambiguous(rng: Random) -> Made:
    """No date shows the order: the declared one holds."""
    days = [day.replace(day=rng.randint(1, 12)) for day in _days(rng)]
    return [f"{day:%d/%m/%Y}" for day in days], days, _SAME


def _moment(rng: Random, day: date) -> datetime:
    return datetime.combine(day, time(rng.randrange(24), rng.randrange(60), rng.randrange(60)))


def _day_number(rng: Random, day: date) -> int | float:
    return serial(day) + rng.choice((0, 0, 0.25, 0.75))


def _cells_and_text(rng: Random) -> Made:
    days = _with(rng, _days(rng, 2), True)
    cells: list[Cell] = [f"{day:%d/%m/%Y}" if rng.random() < 0.5 else day for day in days]
    place = next(place for place, day in enumerate(days) if _early(day))
    cells[place] = f"{days[place]:%d/%m/%Y}"
    return cells, days, _SAME


def _from_1904(rng: Random) -> Made:
    days = _days(rng)
    return [day if rng.random() < 0.5 else serial(day, True) for day in days], days, _SAME


def _far_future(rng: Random) -> Made:
    days = _days(rng, 1, date(2090, 1, 1), date(2199, 12, 31))
    return [f"{day:%d/%m/%Y}" for day in days], days, _SAME


def _past(rng: Random) -> Made:
    days = _days(rng, 1, date(1900, 3, 1), date(1999, 12, 31))
    return [f"{day:%d/%m/%Y}" for day in days], days, _SAME


def _short_years(rng: Random) -> Made:
    days = _days(rng, 1, date(1970, 1, 1), date(2029, 12, 31))
    return [day.strftime(rng.choice(("%d/%m/%y", "%d-%b-%y", "%d %B %y"))) for day in days], days, _SAME


def _blanks(rng: Random) -> Made:
    days: list[date | None] = list(_with(rng, _days(rng, 2), False))
    for place in rng.sample(range(len(days)), 1 + len(days) // 5):
        days[place] = None
    cells = [rng.choice(("", "-", "n/a", "NULL", "\xa0")) if day is None else f"{day:%d/%m/%Y}" for day in days]
    return cells, days, _SAID


# --- columns that are refused


def _mixture(rng: Random) -> Made:
    days = _with(rng, _days(rng, 2), False, False)
    late = [place for place, day in enumerate(days) if not _early(day)]
    first, second = rng.sample(late, 2)
    month_first = [place == first or (place != second and rng.random() < 0.5) for place in range(len(days))]
    cells = [day.strftime("%m/%d/%Y" if swap else "%d/%m/%Y") for day, swap in zip(days, month_first, strict=True)]
    return cells, days, frozenset(("DATE_ORDER_MIXED",))


def _month_first(*forms: str) -> Callable[[Random], Made]:
    def make(rng: Random) -> Made:
        days = _with(rng, _days(rng, 1, date(2000, 1, 1)), False)
        return [day.strftime(rng.choice(forms)) for day in days], days, frozenset(("DATE_ORDER_MONTH_FIRST",))

    return make


def _month_first_opened_here(rng: Random) -> Made:
    """A British Excel made wrong date cells of what it could, and left the others."""
    days = _with(rng, _days(rng, 2), True, False)
    cells = [_exchanged(day) if _early(day) else f"{day:%m/%d/%Y}" for day in days]
    return cells, days, frozenset(("DATE_ORDER_MONTH_FIRST",))


def _day_first_opened_abroad(rng: Random) -> Made:
    days = _with(rng, _days(rng, 10), *[True] * 5, *[False] * 5)
    return _abroad(days), days, frozenset(("DATE_ORDER_EXCHANGED",))


def _few_opened_abroad(rng: Random) -> Made:
    wanted = [True] * rng.randint(2, 4) + [False] * rng.randint(2, 4)
    days = _with(rng, [_day(rng) for _ in wanted], *wanted)
    return _abroad(days), days, _SAID


def _abroad(days: list[date]) -> Cells:
    return [_exchanged(day) if _early(day) else f"{day:%d/%m/%Y}" for day in days]


def _digits_without_zero(rng: Random) -> Made:
    """120324 and 50324 as numbers: days, months and years of two digits, of which the second lost its zero."""
    days = _with(rng, _days(rng, 2), True, False)
    place = next(place for place, day in enumerate(days) if _early(day))
    days[place] = days[place].replace(day=rng.randint(2, 5))
    return [int(f"{day:%d%m%y}") for day in days], days, frozenset(("DATE_DIGITS_UNCLEAR",))


# --- columns that stay unread


def _unread(write: Callable[[Random, date], Cell]) -> Callable[[Random], Made]:
    def make(rng: Random) -> Made:
        cells = [write(rng, day) for day in _days(rng)]
        return cells, [None] * len(cells), _SAID

    return make


def _without_day(rng: Random, day: date) -> Cell:
    return day.strftime(rng.choice(("%b %Y", "%B %Y", "%m/%Y", "%Y-%m", "%b-%y", "%Y%m")))


def _year_alone(rng: Random, day: date) -> Cell:
    return rng.choice((f"{day.year}", day.year))


def _of_either_century(rng: Random, day: date) -> Cell:
    return rng.choice(("{:%d/%m}/{}", "{:%d-%b}-{}", "{:%d %b} {}")).format(day, rng.randint(30, 69))


def _short_year_anywhere(rng: Random, day: date) -> Cell:
    return day.strftime(rng.choice(("%y-%m-%d", "%d.%m.%y", "%d-%m-%y", "%y.%m.%d")))


_AROUND = ("on {}", "{} or later", "{}?", "before {}", "({})", "{} and {}", "c. {}", "{} am", "given {}.", "{}-{}")


def _text_around(rng: Random, day: date) -> Cell:
    typed = day.strftime(rng.choice(("%d/%m/%Y", "%Y-%m-%d", "%d %b %Y")))
    return rng.choice(_AROUND).format(typed, typed)


def _no_such_day(rng: Random, day: date) -> Cell:
    year = next(year for year in range(day.year, day.year + 8) if not calendar.isleap(year))
    wrong = [(29, 2), (30, 2), (31, 4), (31, 6), (31, 9), (31, 11), (32, 1), (0, 5)]
    number, month = rng.choice(wrong)
    names = ("", *calendar.month_abbr[1:])
    forms = (f"{number:02}/{month:02}/{year}", f"{year}-{month:02}-{number:02}", f"{number:02} {names[month]} {year}")
    return rng.choice((*forms, f"{year}{month:02}{number:02}", f"{year}-13-{day:%d}", f"{number:02}.{month:02}.{year}"))


def _no_day_number(rng: Random, day: date) -> Cell:
    return rng.choice((60, 0, -1, -40_000, 59.5, 1, 19_999, 60_001, 99_999, 2_958_466, -serial(day), 1e9))


def _beyond(rng: Random, day: date) -> Cell:
    return day.strftime(rng.choice(("%d/%m/2200", "%d/%m/9999", "3024-%m-%d", "%d %b 1899", "28/02/1900")))


def _no_date_at_all(rng: Random, day: date) -> Cell:
    return rng.choice((True, False, time(9, 30), "9:30", "soon", "yes", f"{day:%d/%m}", f"{day:%A}", "today", "#N/A"))


def _as_americans_spell(rng: Random, day: date) -> Cell:
    return day.strftime(rng.choice(("%b %d %Y", "%B %d, %Y", "%b-%d-%Y", "%Y/%m/%d", "%Y-%d-%b")))


def _six_digits(_: Random, day: date) -> Cell:
    return f"{day:%d%m%y}"


_ODD = (_without_day, _year_alone, _of_either_century, _text_around, _no_such_day, _beyond, _no_date_at_all)


def _some_unread(rng: Random) -> Made:
    days: list[date | None] = list(_days(rng, 2))
    cells: list[Cell] = [f"{day:%d/%m/%Y}" for day in days]
    for place in rng.sample(range(len(days)), 1 + len(days) // 6):
        cells[place], days[place] = rng.choice(_ODD)(rng, days[place] or _day(rng)), None
    return cells, days, _SAID


# --- all of them

_WORKBOOKS: dict[str, Callable[[Random], Made]] = {
    "date cells": _plain(lambda day: day),
    "date cells with a time": _written(_moment),
    "day numbers": _written(_day_number),
    "date cells and text": _cells_and_text,
    "month first, opened by a British Excel": _month_first_opened_here,
    "day first, opened by an American Excel": _day_first_opened_abroad,
    "the same, a few dates": _few_opened_abroad,
    "six digits that lost their zero": _digits_without_zero,
    "year alone": _unread(_year_alone),
    "numbers that are no day numbers": _unread(_no_day_number),
    "no date at all": _unread(_no_date_at_all),
    "some of them odd": _some_unread,
    "compact, as numbers": _plain(lambda day: int(f"{day:%Y%m%d}")),
}
_FROM_1904 = {"1904 workbook": _from_1904}
_TEXTS: dict[str, Callable[[Random], Made]] = {
    "2024-03-12": _plain(_form("%Y-%m-%d")),
    "12/03/2024": _plain(_form("%d/%m/%Y")),
    "2/3/2024": _plain(_unpadded),
    "12-03-2024": _plain(_form("%d-%m-%Y")),
    "12.03.2024": _plain(_form("%d.%m.%Y")),
    "12-Mar-24": _plain(_form("%d-%b-%y")),
    "12 March 2024": _written(_named),
    "20240312": _plain(_form("%Y%m%d")),
    "12/03/24": _short_years,
    "45363 in a csv file": _plain(lambda day: str(serial(day))),
    "with a time": _written(_with_time),
    "with spaces": _written(_spaced),
    "several of these forms": _written(_any_order_known),
    "all days up to 12": _ambiguous,
    "far future": _far_future,
    "last century": _past,
    "with blanks": _blanks,
    "day first and month first": _mixture,
    "03/13/2024": _month_first("%m/%d/%Y"),
    "month first, other forms": _month_first("%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y", "%m/%d/%Y 09:30"),
    "without a day": _unread(_without_day),
    "12/03/65": _unread(_of_either_century),
    "24-03-12": _unread(_short_year_anywhere),
    "text around it": _unread(_text_around),
    "29 February 2023": _unread(_no_such_day),
    "Mar 12 2024, 120324": _unread(lambda rng, day: rng.choice((_as_americans_spell, _six_digits))(rng, day)),
}
KINDS: Final = (*_TEXTS, *_WORKBOOKS, *_FROM_1904)


def date_columns(each: int = EACH, seed: int = 31) -> Iterator[DateColumn]:
    """So many columns of each kind."""
    for place, (kind, make) in enumerate({**_TEXTS, **_WORKBOOKS, **_FROM_1904}.items()):
        rng = Random(seed * 1_000 + place)
        for _ in range(each):
            cells, days, becomes = make(rng)
            yield DateColumn(kind, cells, days, becomes, kind not in _TEXTS, kind in _FROM_1904)
