"""One column of raw cells, the hits in it, and what is found of it."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from audit.intake.cells import Cell
from audit.intake.identifiers import Hit, find

#: Of an NHS number.
_DIGITS = 10
#: From so many different ones on, what looks like a person's is no stray any more.
SEVERAL = 3
_QUOTES = " =\"'\t\xa0\ufeff\u200b"
#: Of the same length, so that places in the text stay what they are.
_SAME_LENGTH = (("\xa0", " "), ("\u202f", " "), ("\u2010", "-"), ("\u2011", "-"), ("\u2013", "-"))


@dataclass(frozen=True, slots=True)
class Suspect:
    """A column that may identify people.

    Attributes:
        kind: a key of the words that messages use.
        column: its place, from 0.
        row: of the first such cell, from 0.
        cells: how many cells.
        refused: False for strays, which are only warned of.
    """

    kind: str
    column: int
    row: int
    cells: int
    refused: bool


class Column:
    """One column of raw cells, and its distinct ones that are not blank."""

    def __init__(self, place: int, cells: Sequence[Cell], origin: date) -> None:
        self.place, self.cells, self.origin = place, cells, origin
        self.distinct: list[Cell] = [cell for cell in dict.fromkeys(cells) if cell != ""]
        #: every text, and every whole number long enough to be an NHS number that lost its leading zero
        typed = [(cell, said) for cell in self.distinct if (said := _said(cell))]
        #: cells that are ten digits and nothing else; there may be as many as patients
        self.bare = [pair for pair in typed if len(pair[1]) == _DIGITS and pair[1].isascii() and pair[1].isdigit()]
        self.typed = (
            [pair for pair in typed if len(pair[1]) != _DIGITS or not pair[1].isdigit()] if self.bare else typed
        )

    def suspect(self, kind: str, of: Sequence[Cell], refused: bool) -> Suspect:
        """What is found of the column: all cells that hold one of these values, which must stand in it."""
        wanted = set(of)
        count = Counter(self.cells)
        row = next(row for row, cell in enumerate(self.cells) if cell in wanted)
        return Suspect(kind, self.place, row, sum(count[cell] for cell in wanted), refused)

    def hits(self) -> list[tuple[Cell, Hit, bool]]:
        """Every hit with its cell, and whether it is all that the cell says; all texts are searched at once."""
        joined = "\n".join(said for _, said in self.typed)
        if not joined.isascii():
            for odd, plain in _SAME_LENGTH:
                joined = joined.replace(odd, plain)
        found = find(joined)
        if not found:
            return []
        starts = [0, *accumulate(len(said) + 1 for _, said in self.typed)]
        out = []
        for hit in found:
            cell, said = self.typed[bisect_right(starts, hit.start) - 1]
            out.append((cell, hit, hit.end - hit.start == len(said.strip(_QUOTES))))
        return out


def _said(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    # CHI numbers begin with the day of birth: as numbers many have nine digits
    whole = (
        isinstance(cell, int | float) and not isinstance(cell, bool) and 10**8 <= cell < 10**10 and cell == int(cell)
    )
    return f"{int(cell):010d}" if whole else ""  # type: ignore[arg-type]  # a number, as tested above
