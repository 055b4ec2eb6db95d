"""Directions of a limited list of texts: the longest maintenance interval that they allow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from .dates import add_months

# text in lower case: number and unit, None where it is not readable or holds no maintenance interval
LISTED: dict[str, tuple[int, str] | None] = {
    "3 monthly": (3, "months"),
    "three-monthly": (3, "months"),
    "2-monthly": (2, "months"),
    "every 2-3 months": (3, "months"),
    "every 10-12 weeks": (12, "weeks"),
    "10 to 12 weekly": (12, "weeks"),
    "every 8/52": (8, "weeks"),
    "12/52": (12, "weeks"),
    "3/12": (3, "months"),
    "every 2/12": (2, "months"),
    "q3m": (3, "months"),
    "q12w": (12, "weeks"),
    "once every three months": (3, "months"),
    "every other month": (2, "months"),
    "every quarter": (3, "months"),
    "twice a year": (6, "months"),
    "once a year": (12, "months"),
    "monthly": (1, "months"),
    "inject one every twelve weeks": (12, "weeks"),
    "1 amp every 3/12 by nurse": (3, "months"),
    "1mg im 3 times a week for 2 weeks then every 3 months": (3, "months"),
    "alternate days for 2 weeks then 1mg every 2 months": (2, "months"),
    "one ampoule on alternate days until no further improvement, then 2-monthly": (2, "months"),
    "every 2 days": None,
    "three times a week": None,
    "1mg im 3 times a week for 2 weeks": None,
    "alternate days for 2 weeks": None,
    "as directed": None,
    "when required": None,
    "every 2 months, every 3 months": None,
    "?": None,
}
# schedule in months: the most that a prescription may say, by unit
ALLOWED = {
    2: {"days": 62, "weeks": 8, "months": 2},
    3: {"days": 92, "weeks": 13, "months": 3},
    6: {"days": 184, "weeks": 26, "months": 6},
}


@dataclass(frozen=True)
class Every:
    """Once every `number` days, weeks or months."""

    number: int
    unit: str

    def within(self, months: int) -> bool:
        """Whether it is no longer than the schedule of so many months allows."""
        return self.number <= ALLOWED[months][self.unit]

    def days_from(self, first: date) -> int:
        """Its length in days for an injection on `first`."""
        if self.unit == "months":
            return (add_months(first, self.number) - first).days
        return self.number * 7 if self.unit == "weeks" else self.number

    def rough_days(self) -> float:
        """To tell which of two is the longer."""
        return self.number * {"days": 1, "weeks": 7, "months": 30.4375}[self.unit]


def read_directions(text: str) -> Every | None:
    """The maintenance interval, None when unread.

    Raises:
        LookupError: the text is not of the list, so that this reader must not be asked.
    """
    plain = " ".join(text.lower().split())
    simple = re.fullmatch(r"every (\d+) (days|weeks|months)", plain)
    if simple and not (simple[2] == "days" and int(simple[1]) < 7):
        return Every(int(simple[1]), simple[2])
    if plain not in LISTED:
        raise LookupError(f"directions not in the oracle's list: {text!r}")
    found = LISTED[plain]
    return Every(*found) if found else None
