"""The reading of a text of directions: what it says when it is understood as a whole, else that it is unread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from audit.intake.directions import vocabulary
from audit.intake.directions.items import Interval, Loading
from audit.intake.directions.parser import Parser
from audit.intake.directions.plan import assemble

Status = Literal["blank", "read", "unread"]


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
    parser = Parser(vocabulary.words_of(text))
    items = parser.items()
    used, unread = tuple(parser.used), tuple(parser.unread)
    plan = None if unread else assemble(items)
    if plan is None or not (plan.maintenance or plan.loading):
        return Directions(text, "unread", words_used=used, unread_words=unread)
    return Directions(text, "read", plan.maintenance, plan.loading, plan.per_day, used)
