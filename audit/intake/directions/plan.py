"""From items to a plan: loading parts and then one maintenance interval, or nothing when they do not fit together."""

from __future__ import annotations

from dataclasses import dataclass

from audit.intake.directions.items import DAYS_IN, Amount, Break, Interval, Item, Length, Loading, Note, Often


@dataclass
class _Part:
    """What has been said of one part of the text so far, beside how often."""

    loading: bool = False
    ended: bool = False
    doses: int | None = None
    days: int | None = None

    def course(self, followed: bool = False) -> bool:
        """Whether it is a loading part although it says no frequency: "6 doses over 2 weeks", "6 doses, then"."""
        return self.loading or (self.doses is not None and (self.days is not None or followed))


class Plan:
    """Loading parts and then one maintenance interval, put together item by item; `broken` when they do not fit."""

    def __init__(self) -> None:
        self.loading: Loading | None = None
        self.last: Often | None = None
        self.per_day: float | None = None
        self.broken = False
        self.part = _Part()
        self.gap: Break | None = None

    @property
    def maintenance(self) -> Interval | None:
        """The interval said last; None while there is none, or a loading part was said last."""
        return self.last.interval if self.last else None

    def add(self, item: Item) -> None:
        """Takes the next item."""
        if isinstance(item, Often):
            self.often(item)
        elif isinstance(item, Break):
            self.gap = item if self.gap is None or item.strong else self.gap
        else:
            self.describe(item)

    def describe(self, item: Length | Amount | Note) -> None:
        """A length, an amount or a note, of the part that is being read."""
        after_maintenance = self.maintenance is not None
        if after_maintenance and self.gap and self.gap.strong and not isinstance(item, Note):
            self.broken = True
        if isinstance(item, Length):
            self.part.ended = True
            self.part.days = self.part.days or item.days
            self.part.doses = self.part.doses or item.doses
        elif isinstance(item, Amount):
            self.part.doses = item.count if item.several_doses() else self.part.doses
            self.part.loading |= item.things == "loading"
        else:
            self.part.loading |= item.loading
        self.broken |= after_maintenance and self.part.loading

    def often(self, item: Often) -> None:
        """A frequency: of this part, or the next part's when a break lets it be."""
        if self.last is not None and self.last.same(item):
            return
        first = self.last is None
        then = self.gap is not None and self.gap.strong
        if not first or (item.interval and self.part.course(then)):
            self.broken |= not self.may_follow(item)
            self.close(then)
        elif item.interval and self.part.ended and then:
            self.broken = True  # a length of nothing: "for 2 weeks then 3 monthly"
        self.last, self.gap = item, None
        self.per_day = self.per_day or item.per_day

    def may_follow(self, item: Often) -> bool:
        """Whether `item` may come after the part before: that was loading, and has ended or `then` is written."""
        if self.maintenance is not None or self.gap is None:
            return False
        return self.gap.strong or (self.part.ended and item.interval is not None and not item.bare)

    def close(self, then: bool = False) -> None:
        """Ends a part. The first loading part is kept; a length must hold two of the intervals it is said of.

        "3 weekly for 2 weeks" is three times weekly by slip of the pen, or nothing.
        """
        if self.maintenance is not None:
            twice = 2 * self.maintenance.high * DAYS_IN[self.maintenance.unit]
            self.broken |= self.part.days is not None and self.part.days < twice
        elif self.last is not None or (self.part.course(then) and (self.part.doses or self.part.days)):
            per_week = self.last.per_week if self.last else None
            self.loading = self.loading or Loading(per_week, self.part.doses, self.part.days)
        self.part = _Part()


def assemble(items: list[Item]) -> Plan | None:
    """The items as one plan; None when they do not fit together."""
    plan = Plan()
    for item in items:
        plan.add(item)
    plan.close()
    return None if plan.broken else plan
