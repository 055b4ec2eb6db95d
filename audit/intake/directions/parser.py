"""From words to items: tries the rules in order at each word, and has those that say no frequency."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from audit.intake.directions import vocabulary
from audit.intake.directions.frequencies import Frequencies
from audit.intake.directions.items import DAYS_IN, Amount, Break, Item, Length, Note

_ROUND_DOSE = 1000
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


class Parser(Frequencies):
    """Reads the words from left to right; every rule returns its item and moves on, or returns None and stays."""

    def __init__(self, words: list[str]) -> None:
        super().__init__(words)
        self.used: list[str] = []
        self.unread: list[str] = []

    def items(self) -> list[Item]:
        """All items; what no rule takes is put in `unread`."""
        rules: tuple[Callable[[], Item | None], ...] = (
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

    def first(self, rules: tuple[Callable[[], Item | None], ...]) -> Item | None:
        """The item of the first rule that has one here."""
        for rule in rules:
            item = self.attempt(rule)
            if item is not None:
                return item
        return None

    def length(self) -> Length | None:
        """`for 2 weeks`, `x 2/52`, `over 6 doses`, `over a 2 week period`, `x6`, `in total`."""
        if self.peek() == "in" and self.peek(1) == "total":
            self.at += 2
            return Length()
        opener = self.take("for", "over", "x", "within", "during")
        if not opener:
            return None
        for word in ("the", "a", "next", "1st", "total", "of", "period", "of"):
            self.take(word)
        start = self.at
        period = self.period()
        if period:
            self.take("period", "course")
            return Length(days=period[1] * vocabulary.UNITS[period[2]][0] * DAYS_IN[vocabulary.UNITS[period[2]][1]])
        self.at = start
        span = self.span()
        self.take("loading")
        counted = self.take("dose", "injection", "amp", "time")
        alone = opener == "x" and self.peek() not in _NOT_A_COUNT
        return Length(doses=span[1]) if span and (counted or alone) else None

    def until(self) -> Length | None:
        """`until no further improvement`, `until 01/06/2025`."""
        if not self.take("until"):
            return None
        if self.take("<date>"):
            return Length()
        start = self.at
        while self.take(*vocabulary.UNTIL):
            pass
        return Length() if self.at > start else None

    def amount(self) -> Amount | None:
        """`1 amp`, `250 to 1000mcg`, `1mg/1ml`, `1 x 1ml amp`, `6 x 1000mcg`, `6 loading doses`, a bare 1 or 1000."""
        self.take("total", "course")
        self.take("of")
        if self.peek(1) == "x" and (self.peek(2) in {"every", "amp", "injection"} or self.peek(3) in {"mg", "ml"}):
            count = self.whole()
            self.at += 1
            return None if count is None else Amount(count, "dose") if self.mass() or count != 1 else Amount(1, "")
        if self.mass():
            return Amount(1, "")
        count = self.whole()
        if count is None:
            return None
        loading = self.take("loading")
        things = self.take("amp", "dose", "injection", "tablet")
        if things:
            return Amount(count, "loading" if loading else things)
        bare = count in {1, _ROUND_DOSE} and not loading and self.peek() != "x" and not self.is_range()
        return Amount(1, "") if bare else None

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

    def date_note(self) -> Note | None:
        """`next due 6.6.24`, `starting on 1st November 2019`."""
        start = self.at
        while self.take(*vocabulary.DATE_OPENERS, ":"):
            pass
        return Note() if self.at > start and self.date() else None

    def date(self) -> bool:
        """Takes a date, `1st of November 2019`, `Nov 19`; a month's name alone is none."""
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

    def note(self) -> Note | None:
        """A listed phrase; by whom; where; a listed word."""
        for phrase in vocabulary.PHRASES:
            if tuple(self.peek(ahead) for ahead in range(len(phrase))) == phrase:
                self.at += len(phrase)
                return Note()
        for openers, words in ((("by",), vocabulary.BY_WHOM), (("in", "into", "at"), vocabulary.WHERE)):
            start = self.at
            while self.at == start and self.take(*openers):
                while self.take(*words):
                    pass
            if self.at > start + 1:
                return Note()
            self.at = start
        if self.take("loading"):
            return Note(loading=True)
        due = self.peek() == "due" and self.peek(1) == "every" and self.take("due")
        return Note() if due or self.take(*vocabulary.NOTES) else None

    def strong(self) -> Break | None:
        """`then`, `followed by`."""
        for words in _STRONG:
            if tuple(self.peek(ahead) for ahead in range(len(words))) == words:
                self.at += len(words)
                return Break(strong=True)
        return None

    def weak(self) -> Break | None:
        """Punctuation, `and`."""
        return Break(strong=False) if self.take(*_WEAK) else None
