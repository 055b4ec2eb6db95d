"""Reads the directions of a prescription to a maintenance interval and a loading part, by a small grammar.

The text is made uniform (case, dashes, number words, dotted abbreviations), cut into words, and read from left to
right as a list of items: how often, for how long, until when, how much, a note without a frequency, a break. A text
is `read` only when every one of its words was taken by an item and the items fit together; nothing is guessed, and
a word that is not in the vocabulary leaves the whole text unread.

Choices where the standard is silent or where its words meet:

* "weekly for 4 weeks then every 3 months" states two maintenance intervals, because weekly or longer is maintenance,
  and is therefore unread. So is a text that says "loading" or "initially" of an interval of a week or longer.
* "once a week" is weekly; twice a week or more often is loading. "4 times a year" is every 3 months, "twice a month"
  is no whole number of months and unread, and so are "bimonthly" and "biweekly", which mean two things.
* 12 weeks and 3 months are different intervals; 12 weeks and 84 days are the same.
* "n/12" without `every` is an interval, unless a frequency or a word of a date ("given 3/12") stands before it.
* "N weekly injections" and "N monthly doses" may count the injections, and stay unread; so does "1-3 monthly" (one
  ampoule every three months?), and "3 weekly for 2 weeks", whose length does not hold two of the intervals.
* Anything conditional, negated or superseded ("or as required", "not", "was", "now", "minimum", "review") is outside
  the vocabulary. A text of known words that states no frequency ("by nurse", "stat") is unread too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from audit.intake import direction_words as vocabulary
from audit.intake.direction_words import Unit

_Taken = TypeVar("_Taken")
Status = Literal["blank", "read", "unread"]


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
class Directions:
    """A direction text and its reading.

    Attributes:
        text: as it was given.
        status: `read` only when the whole text was understood and states a frequency.
        maintenance: the interval of a week or longer; None when unread, or when only a loading part was read.
        loading: the first loading part; None when unread, or when there is none.
        per_day: how many times a day, when the text says that.
        words_used: the words the grammar took, in order, as it made them uniform.
        unread_words: the words it did not, in order.
    """

    text: str
    status: Status
    maintenance: Interval | None = None
    loading: Loading | None = None
    per_day: float | None = None
    words_used: tuple[str, ...] = ()
    unread_words: tuple[str, ...] = ()


def read_directions(text: str) -> Directions:
    """Reads `text`; never raises, never guesses."""
    if not text.strip():
        return Directions(text, "blank")
    parser = _Parser(vocabulary.words_of(text))
    items = parser.items()
    used, unread = tuple(parser.used), tuple(parser.unread)
    plan = None if unread else _assemble(items)
    if plan is None or not (plan.maintenance or plan.loading):
        return Directions(text, "unread", words_used=used, unread_words=unread)
    return Directions(text, "read", plan.maintenance, plan.loading, plan.per_day, used)


#: More than this is no interval: "1000 monthly" is a dose.
_LONGEST: Final[Mapping[Unit, int]] = {"days": 400, "weeks": 60, "months": 24}
_DAYS_IN: Final[Mapping[Unit, int]] = {"days": 1, "weeks": 7, "months": 31}
_WEEK, _MOST_A_WEEK, _MOST_A_DAY, _ROUND_DOSE = 7, 7, 6, 1000

# --- items


@dataclass(frozen=True, slots=True)
class _Often:
    """How often: an interval of a week or longer, or so many times a week. Bare: "3/12" without `every`."""

    interval: Interval | None = None
    per_week: float | None = None
    per_day: float | None = None
    bare: bool = False

    def same(self, other: _Often) -> bool:
        """Whether both say the same; 12 weeks are 84 days."""
        return self._key() == other._key()

    def _key(self) -> tuple[object, ...]:
        if self.interval is None or self.interval.unit == "months":
            return self.interval, self.per_week
        days = _DAYS_IN[self.interval.unit]
        return self.interval.low * days, self.interval.high * days


@dataclass(frozen=True, slots=True)
class _Length:
    """For how long: days at most, or doses; neither is known of `until`."""

    days: int | None = None
    doses: int | None = None


@dataclass(frozen=True, slots=True)
class _Amount:
    """How much: `count` of things, 1 for anything in milligrams or millilitres."""

    count: int
    things: str

    def several_doses(self) -> bool:
        """Whether it counts injections, more than one."""
        return self.count > 1 and self.things in {"dose", "injection", "loading"}


@dataclass(frozen=True, slots=True)
class _Break:
    """Between two parts; `strong` says that the second follows the first in time."""

    strong: bool


@dataclass(frozen=True, slots=True)
class _Note:
    """No frequency in it; `loading` when it names the loading part."""

    loading: bool = False


_Item = _Often | _Length | _Amount | _Break | _Note
_STRONG: Final = (
    ("followed", "by"),
    ("after", "that"),
    ("after", "which"),
    ("then",),
    ("thereafter",),
    ("afterwards",),
)
_WEAK: Final = frozenset({*",;.:()[]-*\"'!", "and"})
#: After "x 6" these say that the 6 is not a number of doses.
_NOT_A_COUNT: Final = frozenset({*vocabulary.ADVERBS, *vocabulary.UNITS, "mg", "ml", "x", "/", "-", "a", "per"})


def _often(low: int, high: int, unit: str) -> _Often | None:
    """Every `low` to `high` units: loading below a week, maintenance from a week on; None for what is neither."""
    factor, base = vocabulary.UNITS[unit]
    low, high = low * factor, high * factor
    if not 1 <= low <= high <= _LONGEST[base]:
        return None
    if base != "days" or low >= _WEEK:
        return _Often(Interval(low, high, base))
    if high >= _WEEK:
        return None
    return _Often(per_week=_WEEK / low if low == high else None, per_day=1.0 if low == high == 1 else None)


def _times(count: int, unit: str) -> _Often | None:
    """`count` times a unit: once is every unit; a day and a week are loading; a year must divide into months."""
    if count == 1:
        return _often(1, 1, unit)
    if unit == "day":
        return _Often(per_week=count * float(_WEEK), per_day=float(count)) if count <= _MOST_A_DAY else None
    if unit == "week":
        return _Often(per_week=float(count)) if 1 < count <= _MOST_A_WEEK else None
    factor, base = vocabulary.UNITS[unit]
    if base != "months" or count < 1 or factor % count:
        return None
    return _often(factor // count, factor // count, "month")


class _Parser:
    """Reads the words from left to right; every rule returns its item and moves on, or returns None and stays."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0
        self.done: list[_Item] = []
        self.used: list[str] = []
        self.unread: list[str] = []

    def items(self) -> list[_Item]:
        """All items; what no rule takes is put in `unread`."""
        rules: tuple[Callable[[], _Item | None], ...] = (
            *(self.date_note, self.strong, self.until, self.often),
            *(self.length, self.amount, self.note, self.weak),
        )
        while self.at < len(self.words):
            start = self.at
            item = self.first(rules)
            if item is None:
                self.unread.append(self.words[self.at])
                self.at += 1
            else:
                self.done.append(item)
                self.used += self.words[start : self.at]
        return self.done

    def first(self, rules: tuple[Callable[[], _Item | None], ...]) -> _Item | None:
        """The item of the first rule that has one here."""
        for rule in rules:
            item = self.attempt(rule)
            if item is not None:
                return item
        return None

    # words

    def attempt(self, rule: Callable[[], _Taken]) -> _Taken:
        """The rule's item; when it has none, back to where it started."""
        start = self.at
        item = rule()
        if item is None:
            self.at = start
        return item

    def peek(self, ahead: int = 0) -> str:
        """The meaning of a word ahead; blank at the end."""
        at = self.at + ahead
        return vocabulary.SAME.get(self.words[at], self.words[at]) if 0 <= at < len(self.words) else ""

    def take(self, *meanings: str) -> str:
        """The next word's meaning if it is one of these, else blank."""
        word = self.peek()
        if word and word in meanings:
            self.at += 1
            return word
        return ""

    def whole(self) -> int | None:
        """A whole number."""
        word = self.peek()
        if not word.isascii() or not word.isdigit():
            return None
        self.at += 1
        return int(word)

    def span(self) -> tuple[int, int] | None:
        """`n`, `n - m`, `n to m` or `n or m`."""
        low = self.whole()
        if low is None:
            return None
        start = self.at
        high = self.whole() if self.take("-", "to", "or") else None
        if high is None:
            self.at = start
            return low, low
        return low, high

    def unit(self, short: bool = False) -> str:
        """A unit of time; after `every` also d, w, m and y."""
        if short and self.peek() in vocabulary.SHORT_UNITS:
            return vocabulary.SHORT_UNITS[self.take(*vocabulary.SHORT_UNITS)]
        self.take("calendar")
        return self.take(*vocabulary.UNITS)

    def is_range(self) -> bool:
        """Whether a number has just been taken that only begins a range."""
        return self.peek() in {"-", "to", "or"} and self.peek(1).isdigit()

    def slash(self) -> tuple[int, int, str] | None:
        """`3/12`, `2-3/12`, `2/12-3/12`: months; /52 weeks, /7 days."""
        span = self.span()
        unit = self.denominator()
        if span is None or not unit:
            return None
        start = self.at
        if span[0] == span[1] and self.take("-", "to", "or"):
            high = self.whole()
            if high is not None and self.denominator() == unit:
                return span[0], high, unit
        self.at = start
        return *span, unit

    def denominator(self) -> str:
        if self.peek() != "/" or self.peek(1) not in vocabulary.SLASH_UNITS or self.peek(2) == "/":
            return ""
        self.at += 2
        return vocabulary.SLASH_UNITS[self.peek(-1)]

    def period(self, short: bool = False) -> tuple[int, int, str] | None:
        """A length of time: slash notation, a number of units, or one unit; "weeks" alone has lost its number."""
        start = self.at
        slash = self.slash()
        if slash:
            return slash
        self.at = start
        span = self.span()
        unit = self.unit(short)
        lost = span is None and self.words[self.at - 1].endswith("s")
        return (*(span or (1, 1)), unit) if unit and not lost else None

    # how often

    def often(self) -> _Often | None:
        """How often, said in any of the ways; not right after "4 doses", which may be so many each time."""
        ways = (self.times, self.every, self.rate, self.adverb, self.spaced, self.alternate, self.weekdays)
        counted = bool(self.done) and isinstance(self.done[-1], _Amount) and self.done[-1].several_doses()
        for way in (*ways, self.abbreviated, self.bare_slash):
            found = self.attempt(way)
            if found:
                return None if counted and found.interval else found
        return None

    def times(self) -> _Often | None:
        """`twice a year`, `3 times weekly`, `3 x week`, `x3/wk`."""
        word = self.take(*vocabulary.TIMES)
        count = vocabulary.TIMES[word] if word else self.count_of_times()
        if count is None:
            return self.attempt(self.things)
        adverb = self.take(*vocabulary.ADVERBS)
        if adverb:
            return _times(count, vocabulary.ADVERBS[adverb])
        found = self.attempt(self.single) if count == 1 else None
        if found:
            return found
        if self.peek(-1) in {"x", "time"} and self.peek() in vocabulary.UNITS:
            return _times(count, self.unit())
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

    def things(self) -> _Often | None:
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

    def single(self) -> _Often | None:
        """After a count of one: `every 12 weeks`, `12 weekly`. "1 x 3 weekly" may be three times a week: no."""
        crossed = self.peek(-1) == "x"
        found = self.attempt(self.every) or self.attempt(self.adverb)
        if not found:
            return None
        interval = found.interval
        few_weeks = interval and interval.unit == "weeks" and 1 < interval.high <= _MOST_A_WEEK
        return None if crossed and few_weeks and self.peek(-1) == "weekly" else found

    def per_period(self, count: int) -> _Often | None:
        """`a week`, `per year`, `every month`, of a count; of several only of one unit."""
        if not self.take("a", "per", "every", "/") and self.peek(-1) != "in":
            return None
        period = self.period()
        if period is None:
            return None
        if count == 1:
            return _often(*period)
        return _times(count, period[2]) if period[:2] == (1, 1) else None

    def every(self) -> _Often | None:
        """`every 12 weeks`, `every other month`, `every 3rd month`, `q12w`, `every 3/12`, `every 12 weekly`."""
        if not self.take("every"):
            return None
        number = self.ordinal()
        if number:
            unit = self.unit()
            return _often(number, number, unit) if unit else None
        if self.take("half"):
            return _often(6, 6, "month") if self.take("year") else None
        if self.peek() in vocabulary.WEEKDAYS:
            return self.weekdays(every=True)
        start = self.at
        period = self.period(short=True)
        self.at = self.at if period else start
        return _often(*period) if period else self.adverb(every=True)

    def ordinal(self) -> int:
        """`other`, `alternate`, `2nd`: which one of them; 0 when none is said."""
        if self.take("other", "alternate"):
            return 2
        ordinal = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", self.peek())
        self.at += bool(ordinal)
        return int(ordinal[1]) if ordinal else 0

    def rate(self) -> _Often | None:
        """`1mg a month`, `1 amp per 12 weeks`: only of a single amount, since two of them may be two times."""
        last = self.done[-1] if self.done else None
        if not isinstance(last, _Amount) or last.count != 1 or not self.take("a", "per", "/"):
            return None
        period = self.period()
        return _often(*period) if period else None

    def adverb(self, every: bool = False) -> _Often | None:
        """`monthly`, `12 weekly`, `10 to 12 weekly`, `half yearly`; not `2 daily`, nor `6 weekly doses`.

        "1 - 3 monthly" may be one ampoule every three months, unless `every` stands before it.
        """
        if self.take("half"):
            return _often(6, 6, "month") if self.take("yearly") else None
        span = self.span()
        word = self.take(*vocabulary.ADVERBS)
        if not word or (span and word not in {"weekly", "monthly", "yearly"} and span != (1, 1)):
            return None
        if span and span[0] == 1 < span[1] and not every:
            return None
        if span and self.at < len(self.words) and self.words[self.at] in vocabulary.PLURAL:
            return None
        self.take("interval", "intervals")
        return _often(*(span or (1, 1)), vocabulary.ADVERBS[word])

    def spaced(self) -> _Often | None:
        """`at 12 week intervals`, `12 weeks apart`, `at intervals of 3 months`, `at 3 monthly intervals`."""
        at = self.take("at")
        if at and self.take("intervals"):
            period = self.period() if self.take("of") else None
            return _often(*period) if period else None
        if at and (found := self.attempt(self.adverb)):
            ended = self.peek(-1) in {"interval", "intervals"}
            return found if ended else None
        period = self.period()
        return _often(*period) if period and self.take("interval", "intervals", "apart") else None

    def alternate(self) -> _Often | None:
        """`on alternate days`, `alternate months`."""
        self.take("on")
        if not self.take("alternate"):
            return None
        unit = self.unit()
        return _often(2, 2, unit) if unit else None

    def weekdays(self, every: bool = False) -> _Often | None:
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
            return _often(1, 1, "week") if every else None
        pair = len(days) - 1 == len(named) == 2  # noqa: PLR2004
        unclear = pair and not joints & {",", "/", "and"}
        return _Often(per_week=float(len(named))) if named and not unclear else None

    def abbreviated(self) -> _Often | None:
        """`tiw`, `eod`, `bd`."""
        word = self.take(*vocabulary.ABBREVIATED_A_WEEK, *vocabulary.ABBREVIATED_A_DAY)
        if word in vocabulary.ABBREVIATED_A_WEEK:
            return _Often(per_week=vocabulary.ABBREVIATED_A_WEEK[word])
        a_day = vocabulary.ABBREVIATED_A_DAY.get(word)
        return _Often(per_week=a_day * _WEEK, per_day=a_day) if a_day else None

    def bare_slash(self) -> _Often | None:
        """`3/12` by itself, when what stands before does not make it a date or a time from now.

        "1-3/12" may be one ampoule every three months, and "24/7" is no number of days.
        """
        before, further = self.peek(-1), self.peek(-2)
        if before in vocabulary.NO_INTERVAL_AFTER - {"dose", "injection"} and further != "be":
            return None
        period = self.slash()
        idiom = self.words[self.at - 3 : self.at] == ["24", "/", "7"]
        unclear = idiom or (period is not None and period[0] == 1 < period[1])
        found = _often(*period) if period and not unclear else None
        return _Often(found.interval, found.per_week, found.per_day, bare=True) if found else None

    # everything else

    def length(self) -> _Length | None:
        """`for 2 weeks`, `x 2/52`, `over 6 doses`, `over a 2 week period`, `x6`, `in total`."""
        if self.peek() == "in" and self.peek(1) == "total":
            self.at += 2
            return _Length()
        opener = self.take("for", "over", "x", "within", "during")
        if not opener:
            return None
        for word in ("the", "a", "next", "1st", "total", "of", "period", "of"):
            self.take(word)
        start = self.at
        period = self.period()
        if period:
            self.take("period", "course")
            return _Length(days=period[1] * vocabulary.UNITS[period[2]][0] * _DAYS_IN[vocabulary.UNITS[period[2]][1]])
        self.at = start
        span = self.span()
        self.take("loading")
        counted = self.take("dose", "injection", "amp", "time")
        alone = opener == "x" and self.peek() not in _NOT_A_COUNT
        return _Length(doses=span[1]) if span and (counted or alone) else None

    def until(self) -> _Length | None:
        """`until no further improvement`, `until 01/06/2025`."""
        if not self.take("until"):
            return None
        if self.take("<date>"):
            return _Length()
        start = self.at
        while self.take(*vocabulary.UNTIL):
            pass
        return _Length() if self.at > start else None

    def amount(self) -> _Amount | None:
        """`1 amp`, `250 to 1000mcg`, `1mg/1ml`, `1 x 1ml amp`, `6 x 1000mcg`, `6 loading doses`, a bare 1 or 1000."""
        self.take("total", "course")
        self.take("of")
        if self.peek(1) == "x" and (self.peek(2) in {"every", "amp", "injection"} or self.peek(3) in {"mg", "ml"}):
            count = self.whole()
            self.at += 1
            return None if count is None else _Amount(count, "dose") if self.mass() or count != 1 else _Amount(1, "")
        if self.mass():
            return _Amount(1, "")
        count = self.whole()
        if count is None:
            return None
        loading = self.take("loading")
        things = self.take("amp", "dose", "injection", "tablet")
        if things:
            return _Amount(count, "loading" if loading else things)
        bare = count in {1, _ROUND_DOSE} and not loading and self.peek() != "x" and not self.is_range()
        return _Amount(1, "") if bare else None

    def mass(self) -> bool:
        """A mass or volume, with the volume or container it stands for."""
        start = self.at
        if re.fullmatch(r"\d*\.\d+", self.peek()):
            self.at += 1
        elif self.span() is None:
            return False
        if not self.take("mg", "ml"):
            self.at = start
            return False
        start = self.at
        if self.take("/", "per", "in"):
            self.whole()
            self.at = self.at if self.take("ml") else start
        return True

    def date_note(self) -> _Note | None:
        """`next due 6.6.24`, `starting on 1st November 2019`."""
        start = self.at
        while self.take(*vocabulary.DATE_OPENERS, ":"):
            pass
        return _Note() if self.at > start and self.date() else None

    def date(self) -> bool:
        if self.take("<date>"):
            return True
        day = re.fullmatch(r"[0-3]?\d(?:st|nd|rd|th)?", self.peek())
        self.at += bool(day)
        self.take("of")
        if not self.take(*vocabulary.MONTHS):
            return False
        year = re.fullmatch(r"(?:20)?\d\d", self.peek())
        self.at += bool(year)
        return bool(day or year)

    def note(self) -> _Note | None:
        """A listed phrase; by whom; where; a listed word."""
        for phrase in vocabulary.PHRASES:
            if tuple(self.peek(ahead) for ahead in range(len(phrase))) == phrase:
                self.at += len(phrase)
                return _Note()
        for openers, words in ((("by",), vocabulary.BY_WHOM), (("in", "into", "at"), vocabulary.WHERE)):
            start = self.at
            while self.at == start and self.take(*openers):
                while self.take(*words):
                    pass
            if self.at > start + 1:
                return _Note()
            self.at = start
        if self.take("loading"):
            return _Note(loading=True)
        due = self.peek() == "due" and self.peek(1) == "every" and self.take("due")
        return _Note() if due or self.take(*vocabulary.NOTES) else None

    def strong(self) -> _Break | None:
        """`then`, `followed by`."""
        for words in _STRONG:
            if tuple(self.peek(ahead) for ahead in range(len(words))) == words:
                self.at += len(words)
                return _Break(strong=True)
        return None

    def weak(self) -> _Break | None:
        """Punctuation, `and`."""
        return _Break(strong=False) if self.take(*_WEAK) else None


# --- putting the items together


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


class _Plan:
    """Loading parts and then one maintenance interval, put together item by item; `broken` when they do not fit."""

    def __init__(self) -> None:
        self.loading: Loading | None = None
        self.last: _Often | None = None
        self.per_day: float | None = None
        self.broken = False
        self.part = _Part()
        self.gap: _Break | None = None

    @property
    def maintenance(self) -> Interval | None:
        return self.last.interval if self.last else None

    def add(self, item: _Item) -> None:
        """Takes the next item."""
        if isinstance(item, _Often):
            self.often(item)
        elif isinstance(item, _Break):
            self.gap = item if self.gap is None or item.strong else self.gap
        else:
            self.describe(item)

    def describe(self, item: _Length | _Amount | _Note) -> None:
        """A length, an amount or a note, of the part that is being read."""
        after_maintenance = self.maintenance is not None
        if after_maintenance and self.gap and self.gap.strong and not isinstance(item, _Note):
            self.broken = True
        if isinstance(item, _Length):
            self.part.ended = True
            self.part.days = self.part.days or item.days
            self.part.doses = self.part.doses or item.doses
        elif isinstance(item, _Amount):
            self.part.doses = item.count if item.several_doses() else self.part.doses
            self.part.loading |= item.things == "loading"
        else:
            self.part.loading |= item.loading
        self.broken |= after_maintenance and self.part.loading

    def often(self, item: _Often) -> None:
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

    def may_follow(self, item: _Often) -> bool:
        """Whether `item` may come after the part before: that was loading, and has ended or `then` is written."""
        if self.maintenance is not None or self.gap is None:
            return False
        return self.gap.strong or (self.part.ended and item.interval is not None and not item.bare)

    def close(self, then: bool = False) -> None:
        """Ends a part. The first loading part is kept; a length must hold two of the intervals it is said of.

        "3 weekly for 2 weeks" is three times weekly by slip of the pen, or nothing.
        """
        if self.maintenance is not None:
            twice = 2 * self.maintenance.high * _DAYS_IN[self.maintenance.unit]
            self.broken |= self.part.days is not None and self.part.days < twice
        elif self.last is not None or (self.part.course(then) and (self.part.doses or self.part.days)):
            per_week = self.last.per_week if self.last else None
            self.loading = self.loading or Loading(per_week, self.part.doses, self.part.days)
        self.part = _Part()


def _assemble(items: list[_Item]) -> _Plan | None:
    """The items as one plan; None when they do not fit together."""
    plan = _Plan()
    for item in items:
        plan.add(item)
    plan.close()
    return None if plan.broken else plan
