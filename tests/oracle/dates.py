"""Calendar months and ISO dates."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """The same day `months` calendar months on, or that month's last day."""
    count = day.year * 12 + (day.month - 1) + months
    year, month = count // 12, count % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day.day, last))


def add_days(day: date, days: int) -> date:
    """The day `days` days on."""
    return day + timedelta(days=days)


def read_date(text: str) -> date | None:
    """An ISO date; None when blank or not one."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def show_date(day: date | None) -> str:
    """ISO text, blank for None."""
    return "" if day is None else day.isoformat()
