"""A place in the words of a text of directions: looks ahead, and takes words, numbers and lengths of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from audit.intake.directions import vocabulary
from audit.intake.directions.items import Item

_Taken = TypeVar("_Taken")


class Cursor:
    """The words, the place of the next one, and the items read so far; what is not there is not taken."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0
        self.done: list[Item] = []

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
        """The unit that `/12`, `/52` or `/7` stands for; else blank, and nothing is taken."""
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
