"""How often: the ways in which a text of directions states a frequency."""

from __future__ import annotations

import re

from audit.intake.directions import vocabulary
from audit.intake.directions.cursor import Cursor
from audit.intake.directions.items import MOST_A_WEEK, WEEK, Amount, Often, often_of, times_of


class Frequencies(Cursor):
    """The rules for how often; each returns its item and moves on, or returns None."""

    def often(self) -> Often | None:
        """How often, said in any of the ways; not right after "4 doses", which may be so many each time."""
        ways = (self.times, self.every, self.rate, self.adverb, self.spaced, self.alternate, self.weekdays)
        counted = bool(self.done) and isinstance(self.done[-1], Amount) and self.done[-1].several_doses()
        for way in (*ways, self.abbreviated, self.bare_slash):
            found = self.attempt(way)
            if found:
                return None if counted and found.interval else found
        return None

    def times(self) -> Often | None:
        """`twice a year`, `3 times weekly`, `3 x week`, `x3/wk`."""
        word = self.take(*vocabulary.TIMES)
        count = vocabulary.TIMES[word] if word else self.count_of_times()
        if count is None:
            return self.attempt(self.things)
        adverb = self.take(*vocabulary.ADVERBS)
        if adverb:
            return times_of(count, vocabulary.ADVERBS[adverb])
        found = self.attempt(self.single) if count == 1 else None
        if found:
            return found
        if self.peek(-1) in {"x", "time"} and self.peek() in vocabulary.UNITS:
            return times_of(count, self.unit())
        if word:
            self.take("in")
        return self.per_period(count)

    def count_of_times(self) -> int | None:
        """`3 times`, `3 x`, `x 3`; None, and nowhere, otherwise."""
        start = self.at
        if self.take("x"):
            count = self.whole()
            if count is not None and count > 1:
                return count
        else:
            count = self.whole()
            if self.take("x", "time"):
                self.take("time")
                return count
        self.at = start
        return None

    def things(self) -> Often | None:
        """`2 injections a year`, `1 amp every 12 weeks`, `3 a week`, `3/wk`."""
        count = self.whole()
        if count is None:
            return None
        self.take("loading")
        named = self.take("injection", "dose") or (count == 1 and self.take("amp", "tablet"))
        found = self.attempt(self.single) if named and count == 1 else None
        if found:
            return found
        slash_unit = self.peek() == "/" and self.peek(1) in vocabulary.UNITS
        return self.per_period(count) if named or slash_unit or self.peek() in {"a", "per"} else None

    def single(self) -> Often | None:
        """After a count of one: `every 12 weeks`, `12 weekly`. "1 x 3 weekly" may be three times a week: no."""
        crossed = self.peek(-1) == "x"
        found = self.attempt(self.every) or self.attempt(self.adverb)
        if not found:
            return None
        interval = found.interval
        few_weeks = interval and interval.unit == "weeks" and 1 < interval.high <= MOST_A_WEEK
        return None if crossed and few_weeks and self.peek(-1) == "weekly" else found

    def per_period(self, count: int) -> Often | None:
        """`a week`, `per year`, `every month`, of a count; of several only of one unit."""
        if not self.take("a", "per", "every", "/") and self.peek(-1) != "in":
            return None
        period = self.period()
        if period is None:
            return None
        if count == 1:
            return often_of(*period)
        return times_of(count, period[2]) if period[:2] == (1, 1) else None

    def every(self) -> Often | None:
        """`every 12 weeks`, `every other month`, `every 3rd month`, `q12w`, `every 3/12`, `every 12 weekly`."""
        if not self.take("every"):
            return None
        number = self.ordinal()
        if number:
            unit = self.unit()
            return often_of(number, number, unit) if unit else None
        if self.take("half"):
            return often_of(6, 6, "month") if self.take("year") else None
        if self.peek() in vocabulary.WEEKDAYS:
            return self.weekdays(every=True)
        start = self.at
        period = self.period(short=True)
        self.at = self.at if period else start
        return often_of(*period) if period else self.adverb(every=True)

    def ordinal(self) -> int:
        """`other`, `alternate`, `2nd`: which one of them; 0 when none is said."""
        if self.take("other", "alternate"):
            return 2
        ordinal = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", self.peek())
        self.at += bool(ordinal)
        return int(ordinal[1]) if ordinal else 0

    def rate(self) -> Often | None:
        """`1mg a month`, `1 amp per 12 weeks`: only of a single amount, since two of them may be two times."""
        last = self.done[-1] if self.done else None
        if not isinstance(last, Amount) or last.count != 1 or not self.take("a", "per", "/"):
            return None
        period = self.period()
        return often_of(*period) if period else None

    def adverb(self, every: bool = False) -> Often | None:
        """`monthly`, `12 weekly`, `10 to 12 weekly`, `half yearly`; not `2 daily`, nor `6 weekly doses`.

        "1 - 3 monthly" may be one ampoule every three months, unless `every` stands before it.
        """
        if self.take("half"):
            return often_of(6, 6, "month") if self.take("yearly") else None
        span = self.span()
        word = self.take(*vocabulary.ADVERBS)
        if not word or (span and word not in {"weekly", "monthly", "yearly"} and span != (1, 1)):
            return None
        if span and span[0] == 1 < span[1] and not every:
            return None
        if span and self.at < len(self.words) and self.words[self.at] in vocabulary.PLURAL:
            return None
        self.take("interval", "intervals")
        return often_of(*(span or (1, 1)), vocabulary.ADVERBS[word])

    def spaced(self) -> Often | None:
        """`at 12 week intervals`, `12 weeks apart`, `at intervals of 3 months`, `at 3 monthly intervals`."""
        at = self.take("at")
        if at and self.take("intervals"):
            period = self.period() if self.take("of") else None
            return often_of(*period) if period else None
        if at and (found := self.attempt(self.adverb)):
            ended = self.peek(-1) in {"interval", "intervals"}
            return found if ended else None
        period = self.period()
        return often_of(*period) if period and self.take("interval", "intervals", "apart") else None

    def alternate(self) -> Often | None:
        """`on alternate days`, `alternate months`."""
        self.take("on")
        if not self.take("alternate"):
            return None
        unit = self.unit()
        return often_of(2, 2, unit) if unit else None

    def weekdays(self, every: bool = False) -> Often | None:
        """`Mon, Wed and Fri`; one day only after `every`. Of "Mon-Fri" all the days between may be meant: no."""
        self.take("on")
        days, joints = [self.take(*vocabulary.WEEKDAYS)], set()
        while days[-1]:
            start = self.at
            joints |= {self.take(",", "/", "-", "and"), self.take("and")}
            days.append(self.take(*vocabulary.WEEKDAYS))
            self.at = self.at if days[-1] else start
        named = set(filter(None, days))
        if len(named) == 1:
            return often_of(1, 1, "week") if every else None
        pair = len(days) - 1 == len(named) == 2  # noqa: PLR2004
        unclear = pair and not joints & {",", "/", "and"}
        return Often(per_week=float(len(named))) if named and not unclear else None

    def abbreviated(self) -> Often | None:
        """`tiw`, `eod`, `bd`."""
        word = self.take(*vocabulary.ABBREVIATED_A_WEEK, *vocabulary.ABBREVIATED_A_DAY)
        if word in vocabulary.ABBREVIATED_A_WEEK:
            return Often(per_week=vocabulary.ABBREVIATED_A_WEEK[word])
        a_day = vocabulary.ABBREVIATED_A_DAY.get(word)
        return Often(per_week=a_day * WEEK, per_day=a_day) if a_day else None

    def bare_slash(self) -> Often | None:
        """`3/12` by itself, when what stands before does not make it a date or a time from now.

        "1-3/12" may be one ampoule every three months, and "24/7" is no number of days.
        """
        before, further = self.peek(-1), self.peek(-2)
        if before in vocabulary.NO_INTERVAL_AFTER - {"dose", "injection"} and further != "be":
            return None
        period = self.slash()
        idiom = self.words[self.at - 3 : self.at] == ["24", "/", "7"]
        unclear = idiom or (period is not None and period[0] == 1 < period[1])
        found = often_of(*period) if period and not unclear else None
        return Often(found.interval, found.per_week, found.per_day, bare=True) if found else None
