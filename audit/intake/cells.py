"""Raw cells as a spreadsheet shows them, and columns of them worked on once per distinct cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from audit.intake.extract import Finding

Cell = str | float | int | bool | date | datetime | time | timedelta
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
#: A file's name, and a line of it from 1.
Place = tuple[str, int]
_Scalar = TypeVar("_Scalar", bound=np.generic)

#: Day 0 of a workbook's numbers: the usual way (right from 1900-03-01 on), and the way of 1904.
ORIGIN_1900, ORIGIN_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, or one csv file, as raw cells.

    Attributes:
        file: the file's name, as findings print it.
        name: the sheet's name; of a csv file its name without the ending.
        rows: rows[0][0] is cell A1. Rows of a csv file may differ in length.
        delimited: True for a csv file.
        origin: the day that the number 0 stands for in a date column.
        note: how the file was read, when that needs saying.
        places: of each row the file and line that it was made from, where the input has no such sheet.
    """

    file: str
    name: str
    rows: Sequence[Sequence[Cell]]
    delimited: bool = False
    origin: date = ORIGIN_1900
    note: str = ""
    places: Sequence[Place] = ()

    def address(self, row: int, column: int) -> str:
        """File, sheet and cell as a message prints them; both numbers count from 0."""
        return f"{self.file}, sheet {self.name}, cell {letter(column)}{row + 1}"


def letter(column: int) -> str:
    """The letters Excel prints above a column, which counts from 0."""
    high, low = divmod(column, 26)
    return (letter(high - 1) if high else "") + chr(ord("A") + low)


def text(cell: Cell) -> str:
    """A cell as text: trimmed, whole numbers without `.0`, `="0123"` unwrapped, truth as TRUE or FALSE."""
    if isinstance(cell, str):
        typed = cell.strip().strip("\ufeff\u200b").strip()
        return typed[2:-1].strip() if typed.startswith('="') and typed.endswith('"') else typed
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its distinct cells, and for each data row which of them it holds."""

    letter: str
    distinct: tuple[Cell, ...]
    codes: Codes

    @classmethod
    def of(cls, letter_: str, cells: Sequence[Cell]) -> Column:
        """Find the distinct cells of a column, in order of appearance."""
        if bool in set(map(type, cells)):  # True equals 1 as a key
            cells = [text(cell) if isinstance(cell, bool) else cell for cell in cells]
        places = {cell: place for place, cell in enumerate(dict.fromkeys(cells))}
        codes = np.fromiter(map(places.__getitem__, cells), np.int32, len(cells))
        return cls(letter_, tuple(places), codes)

    def spread(self, values: NDArray[_Scalar]) -> NDArray[_Scalar]:
        """One value per distinct cell -> one per row."""
        if values.dtype == np.bool_ and not values.any():
            # nothing to look up, row by row: so it is of most columns that are asked for what is wrong in them
            return np.zeros(len(self.codes), values.dtype)
        return values.take(self.codes)

    def keep(self, rows: Mask) -> Column:
        """The same column of fewer rows."""
        return Column(self.letter, self.distinct, self.codes[rows])


@dataclass(frozen=True, slots=True)
class Grid:
    """One table as it stands in a sheet: blank rows left out, columns by field.

    Attributes:
        table: Patients, Treatments, Tests or Reviews; Codes or Procedures for a list that is translated into these.
        rows: of each data row, its number as Excel counts.
        columns: field -> column; fields the sheet lacks are absent.
        unused: headings that this table has no use for, with their letters.
        heading_row: the row of the headings, from 0.
        headings: field -> the heading that its column has.
        remarks: what is to be said of the headings.
        label: how rows name the sheet, where its name alone would not tell which file it is in.
    """

    table: str
    file: str
    sheet: str
    origin: date
    rows: Codes
    columns: Mapping[str, Column]
    unused: tuple[str, ...] = ()
    heading_row: int = 0
    headings: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[Finding, ...] = ()
    label: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def letter(self, field: str) -> str:
        """The field's column letter, "" when the sheet lacks it."""
        return self.columns[field].letter if field in self.columns else ""

    def address(self, field: str, row: int) -> str:
        """File, sheet and cell of a data row (counted from 0) as a message prints them."""
        return f"{self.file}, sheet {self.sheet}, cell {self.letter(field)}{self.rows[row]}"
