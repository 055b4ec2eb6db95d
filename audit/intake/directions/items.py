"""The items that a text of directions is read as, and which frequencies are an interval, a loading part or neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from audit.intake.directions import vocabulary
from audit.intake.directions.vocabulary import Unit

#: More than this is no interval: "1000 monthly" is a dose.
_LONGEST: Final[Mapping[Unit, int]] = {"days": 400, "weeks": 60, "months": 24}
DAYS_IN: Final[Mapping[Unit, int]] = {"days": 1, "weeks": 7, "months": 31}
WEEK, MOST_A_WEEK, _MOST_A_DAY = 7, 7, 6


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high` units between two injections, both at least 1; the longest allowed is `high`."""

    low: int
    high: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Loading:
    """The loading part: injections a week, how many, over how many days at most; None where not said."""

    per_week: float | None
    doses: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Often:
    """How often: an interval of a week or longer, or so many times a week. Bare: "3/12" without `every`."""

    interval: Interval | None = None
    per_week: float | None = None
    per_day: float | None = None
    bare: bool = False

    def same(self, other: Often) -> bool:
        """Whether both say the same; 12 weeks are 84 days."""
        return self._key() == other._key()

    def _key(self) -> tuple[object, ...]:
        if self.interval is None or self.interval.unit == "months":
            return self.interval, self.per_week
        days = DAYS_IN[self.interval.unit]
        return self.interval.low * days, self.interval.high * days


@dataclass(frozen=True, slots=True)
class Length:
    """For how long: days at most, or doses; neither is known of `until`."""

    days: int | None = None
    doses: int | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """How much: `count` of things, 1 for anything in milligrams or millilitres."""

    count: int
    things: str

    def several_doses(self) -> bool:
        """Whether it counts injections, more than one."""
        return self.count > 1 and self.things in {"dose", "injection", "loading"}


@dataclass(frozen=True, slots=True)
class Break:
    """Between two parts; `strong` says that the second follows the first in time."""

    strong: bool


@dataclass(frozen=True, slots=True)
class Note:
    """No frequency in it; `loading` when it names the loading part."""

    loading: bool = False


Item = Often | Length | Amount | Break | Note


def often_of(low: int, high: int, unit: str) -> Often | None:
    """Every `low` to `high` units: loading below a week, maintenance from a week on; None for what is neither."""
    factor, base = vocabulary.UNITS[unit]
    low, high = low * factor, high * factor
    if not 1 <= low <= high <= _LONGEST[base]:
        return None
    if base != "days" or low >= WEEK:
        return Often(Interval(low, high, base))
    if high >= WEEK:
        return None
    return Often(per_week=WEEK / low if low == high else None, per_day=1.0 if low == high == 1 else None)


def times_of(count: int, unit: str) -> Often | None:
    """`count` times a unit: once is every unit; a day and a week are loading; a year must divide into months."""
    if count == 1:
        return often_of(1, 1, unit)
    if unit == "day":
        return Often(per_week=count * float(WEEK), per_day=float(count)) if count <= _MOST_A_DAY else None
    if unit == "week":
        return Often(per_week=float(count)) if 1 < count <= MOST_A_WEEK else None
    factor, base = vocabulary.UNITS[unit]
    if base != "months" or count < 1 or factor % count:
        return None
    return often_of(factor // count, factor // count, "month")
