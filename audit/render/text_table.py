"""Tables of plain text for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final

WIDTH: Final = 110
_BETWEEN: Final = "  "


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns of plain text; the widest column gives way where a line would be too long, but no word is broken."""
    body = [tuple(row) for row in rows]
    if not body:
        return []
    widths = _widths([tuple(headings), *body])
    rule = tuple("-" * width for width in widths)
    return [line for row in (tuple(headings), rule, *body) for line in _wrapped(row, widths)]


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    least = [max(len(word) for text in column for word in text.split() or [""]) for column in columns]
    while sum(widths) + len(_BETWEEN) * (len(widths) - 1) > WIDTH and widths != least:
        _, widest = max((width, at) for at, width in enumerate(widths) if width > least[at])
        widths[widest] -= 1
    return widths


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = (textwrap.wrap(text, width, break_on_hyphens=False) for text, width in zip(row, widths, strict=True))
    lines = list(zip_longest(*cells, fillvalue="")) or [("",) * len(widths)]
    padded = ((text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines)
    return [_BETWEEN.join(line).rstrip() for line in padded]
