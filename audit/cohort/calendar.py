"""Whole days and calendar months, on arrays.

A day is an int64: days since 1 January 1970. A missing day is FAR_PAST or FAR_FUTURE, whichever makes the
comparison at hand come out as "no such event".
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Days = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

FAR_PAST: Final = -500_000_000
FAR_FUTURE: Final = 500_000_000
_EPOCH: Final = date(1970, 1, 1)


#: the first day of every month of nine centuries, and for every day in them the place of its month in that list
_FIRST: Final = np.arange("1800-01", "2700-01", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
_MONTH_OF: Final = np.repeat(np.arange(len(_FIRST) - 1, dtype=np.int16), np.diff(_FIRST))
#: the last day of each of these months
_LAST: Final = _FIRST[1:] - 1


def add_months(day: Days, months: int | Counts) -> Days:
    """`day` plus calendar months, clamped to the month's last day (30 Nov 2023 + 3 = 29 Feb 2024).

    A day that stands for "never" stays what it is. (A table of month starts: three times as fast as datetime64.)
    """
    place = day - _FIRST[0]
    month = _MONTH_OF.take(place, mode="clip")
    target = month + np.asarray(months)
    moved: Days = np.minimum(day + (_FIRST.take(target, mode="clip") - _FIRST[month]), _LAST.take(target, mode="clip"))
    listed, within = (place >= 0) & (place < len(_MONTH_OF)), (target >= 0) & (target < len(_LAST))
    if listed.all() and within.all():
        return moved
    beyond = np.where(target > 0, FAR_FUTURE, FAR_PAST)
    return np.where(listed, np.where(within, moved, beyond), day)


def add_months_to(day: int, months: int) -> int:
    """`add_months` for one day."""
    return int(add_months(np.array([day], dtype=np.int64), months)[0])


def to_day(value: date) -> int:
    """The day of a date."""
    return (value - _EPOCH).days


def to_date(day: int) -> date:
    """The date of a day."""
    return date.fromordinal(day + _EPOCH.toordinal())


def days_of(column: pd.Series, missing: int) -> Days:
    """A datetime column as days, blank as `missing`."""
    dates = column.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(dates), missing, dates.astype(np.int64))


def to_dates(days: Days) -> npt.NDArray[np.datetime64]:
    """Days as datetime64[s], FAR_PAST and FAR_FUTURE as NaT."""
    known = (days > FAR_PAST) & (days < FAR_FUTURE)
    dates = np.where(known, days, 0).astype("datetime64[D]").astype("datetime64[s]")
    dates[~known] = np.datetime64("NaT")
    return dates
