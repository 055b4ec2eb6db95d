"""How a standard's file is refused: the file, the key, what stands there and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from audit.errors import UsageError

_LONGEST: Final = 60
#: that many words are listed when none is near
_FEW: Final = 12
_LISTED: Final = "`b12audit standards list` lists the criteria, `b12audit standards show national` the numbers"


def refused(file: str, key: str, what: str, remedy: str, code: str = "STANDARD_INVALID") -> UsageError:
    """The error for one key of one file; `key` blank when it is about the file as a whole."""
    where = f"{file}, {printable(key)}" if key else file
    return UsageError(what, where=where, remedy=remedy, code=code)


def unknown(file: str, key: str, word: str, kind: str, known: Iterable[str]) -> UsageError:
    """The error for a word that is not among the `known` ones of its kind; names the nearest."""
    words = sorted(known)
    return refused(file, key, f'There is no {kind} named "{printable(word)}".', suggestion(word, words))


def suggestion(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a question; the list of all where none is near and they are few."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"choose one of: {', '.join(words)}" if len(words) <= _FEW else _LISTED



def printable(value: object) -> str:
    """A value of the file as it may be echoed: short, and without control characters."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
