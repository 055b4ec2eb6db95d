"""Dates, counts and lists as sentences print them: the same on every machine, whatever its language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def month_name(day: date) -> str:
    """The day's month in full."""
    return _MONTHS[day.month - 1]


def date_text(day: date | None) -> str:
    """A date in the style of the NHS, "6 August 2018"; blank when there is none."""
    return f"{day.day} {month_name(day)} {day.year}" if day else ""


def plural(count: int, one: str, many: str = "") -> str:
    """A count and its noun: "1 patient", "1,204 patients"; `many` where adding an s is not enough."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def joined(words: Sequence[str], last: str = "and") -> str:
    """A list in words: "a, b and c"."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
