"""The account of one patient as lines of a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from audit.results.account import Account, Told

_WIDTH: Final = 100


def account_lines(account: Account) -> list[str]:
    """All lines of an account."""
    lines = [f"{account.patient_id}  (practice {account.practice_id})", *(f"  {fact}." for fact in account.facts)]
    for told in account.told:
        lines += ["", *_told_lines(told)]
    if account.silent:
        lines += ["", f"{account.silent} criteria are not asked of this patient; name one to see why."]
    return lines


def _told_lines(told: Told) -> Iterator[str]:
    yield f"{told.title}: {told.outcome}  [{told.criterion}]"
    yield from _wrapped("", told.sentence)
    yield from _wrapped("", told.asks)
    yield from _wrapped("Rule: ", told.rule)
    for text in told.guidance:
        yield from _wrapped("In force: ", text)
    if told.rows:
        yield from _wrapped("In the file: ", "; ".join(told.rows))
    for text in told.changes:
        yield from _wrapped("Would change it: ", text)


def _wrapped(label: str, text: str) -> list[str]:
    if not text:
        return []
    return textwrap.wrap(f"{label}{text}", _WIDTH, initial_indent="  ", subsequent_indent="    ")
