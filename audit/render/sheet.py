"""What a table of the workbook is: headings, widths, looks and rows as values, and cells made of a result's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from audit.render.words import OUTCOMES, clean
from audit.results.records import plain

#: At the foot of every printed page of a report.
FOOT: Final = "Check the clinical record before acting."
#: Rows at which a person can still look; the tables beside the workbook have every row.
MOST_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, its width in characters, and its cells' look: text, wrap, date, number, own or owndate (typed in).

    `choices` are what its cells offer to pick.
    """

    heading: str
    width: float
    look: str = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table on a sheet of its own; `none` stands in its first row when it is empty, `foot` below each page."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    none: str = "None."
    notes: Sequence[str] = field(default=())
    foot: str = FOOT

    @property
    def header(self) -> int:
        """Row of the table's header, from 0: below title and notes."""
        return 1 + len(self.notes)

    @property
    def first(self) -> int:
        """Row of the table's first cells."""
        return self.header + 1

    @property
    def last(self) -> int:
        """Row of the table's last cells; a table has at least one row."""
        return self.header + max(len(self.rows), 1)

    def place(self, heading: str) -> int:
        """Column of that heading, from 0."""
        return [column.heading for column in self.columns].index(heading)


def left_out(total: int, table: str) -> list[str]:
    """A note where a sheet has not all rows."""
    return [f"Only the first {MOST_ROWS:,} of {total:,}; {table} has all."] if total > MOST_ROWS else []


def cells_of(column: pd.Series) -> list[Any]:
    """A column of the result as cells; text of the input made harmless."""
    if column.name == "outcome":
        return [OUTCOMES[value] for value in plain(column)]
    return [clean(value) if isinstance(value, str) else value for value in plain(column)]
