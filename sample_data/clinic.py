"""The days on which the synthetic surgery is open, and the schedules on which it injects."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

HISTORY_START = date(2019, 1, 1)
EXTRACT_DATE = date(2026, 3, 31)
#: The usual audit period of that extract.
PERIOD_START = date(2025, 4, 1)
#: Injections due in the first wave of the pandemic were put off until the clinic opened again.
FIRST_WAVE = (date(2020, 3, 23), date(2020, 7, 10))
REOPENED = date(2020, 8, 3)

_SATURDAY = 5
LOADING_WEEKDAYS = (0, 2, 4)

_HOLIDAYS = {
    2019: "0101 0419 0422 0506 0527 0826 1225 1226",
    2020: "0101 0410 0413 0508 0525 0831 1225 1228",
    2021: "0101 0402 0405 0503 0531 0830 1227 1228",
    2022: "0103 0415 0418 0502 0602 0603 0829 0919 1226 1227",
    2023: "0102 0407 0410 0501 0508 0529 0828 1225 1226",
    2024: "0101 0329 0401 0506 0527 0826 1225 1226",
    2025: "0101 0418 0421 0505 0526 0825 1225 1226",
    2026: "0101 0403 0406 0504 0525 0831 1225 1228",
}
BANK_HOLIDAYS = frozenset(
    date(year, int(day[:2]), int(day[2:])) for year, days in _HOLIDAYS.items() for day in days.split()
)


def is_open(day: date) -> bool:
    """Whether the surgery is open: Monday to Friday, bank holidays aside."""
    return day.weekday() < _SATURDAY and day not in BANK_HOLIDAYS


def next_open(day: date) -> date:
    """The day itself, or the next one on which the surgery is open."""
    while not is_open(day):
        day += timedelta(days=1)
    return day


def last_open(day: date) -> date:
    """The day itself, or the last one before it on which the surgery was open."""
    while not is_open(day):
        day -= timedelta(days=1)
    return day


def appointment(day: date) -> date:
    """When an injection wanted on a day is booked: the nurse's clinic rests from Christmas Eve to New Year."""
    rests = date(day.year, 12, 24)
    if day >= rests:
        return last_open(rests - timedelta(days=1))
    return next_open(max(day, date(day.year, 1, 2)))


def add_months(day: date, months: int) -> date:
    """Calendar months later, clamped to the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def loading_days(start: date, count: int) -> list[date]:
    """Mondays, Wednesdays and Fridays from `start` on, bank holidays left out."""
    days, day = [start], start
    while len(days) < count:
        day += timedelta(days=1)
        if is_open(day) and day.weekday() in LOADING_WEEKDAYS:
            days.append(day)
    return days


@dataclass(frozen=True, slots=True)
class Every:
    """A schedule of injections, and how a prescription words it."""

    number: int
    unit: str
    wordings: tuple[str, ...]

    def after(self, day: date) -> date:
        """When the next injection is wanted after one on `day`."""
        if self.unit == "weeks":
            return day + timedelta(weeks=self.number)
        return add_months(day, self.number)


EIGHT_WEEKS = Every(
    8, "weeks", ("Inject ONE ampoule every 8 weeks", "1mg IM every 8 weeks", "1 amp every 8/52 by nurse")
)
TWO_MONTHS = Every(
    2, "months", ("1mg IM every 2 months", "Inject one ampoule every two months", "1 amp every 2/12 by nurse")
)
TEN_WEEKS = Every(10, "weeks", ("Inject ONE ampoule every 10 weeks", "1mg IM every 10-12 weeks"))
TWELVE_WEEKS = Every(
    12,
    "weeks",
    ("Inject ONE ampoule every 12 weeks", "INJECT ONE EVERY TWELVE WEEKS", "1mg IM 12 weekly", "q12w"),
)
THREE_MONTHS = Every(
    3,
    "months",
    ("1 amp every 3/12 by nurse", "1mg IM every 3 months", "three-monthly", "1mg IM every 2-3 months"),
)
SIX_MONTHS = Every(6, "months", ("1mg IM twice a year", "Inject one ampoule every 6 months"))
