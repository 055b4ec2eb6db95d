"""A worksheet that takes and writes the cells of large tables in about half the time: one step a cell, not a dozen.

XlsxWriter sends every cell through the same general steps, whatever it holds; the workbook of 5,000 patients has some
300,000 cells. Text, numbers and blanks that carry a look are taken and written here at once, to the same bytes; any
other kind of cell goes the way it always went. Both ends are XlsxWriter's inner ones, so a test holds the bytes to
those of an ordinary worksheet.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellBlankTuple, CellNumberTuple, CellStringTuple, Worksheet

_column = cache(xl_col_to_name)
#: characters; a cell holds twice as many, and some count double
_SURELY_FITS: Final = 16_000


class FastSheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """A worksheet for `Workbook.add_worksheet(name, FastSheet)`."""

    def add_table(self, first_row: int, first_col: int, last_row: int, last_col: int, options: dict[str, Any]) -> Any:
        """As XlsxWriter's; the sheet now reaches as far as the table, whatever is put into it."""
        for row, col in ((first_row, first_col), (last_row, last_col)):
            self._check_dimensions(row, col)
        return super().add_table(first_row, first_col, last_row, last_col, options)

    def put(self, row: int, col: int, value: str | float | None, look: Any) -> None:
        """Takes one cell inside a table of the sheet, with its look; both count from 0."""
        if value is None:
            cell: Any = CellBlankTuple(look)
        elif not isinstance(value, str):
            cell = CellNumberTuple(value, look)
        elif len(value) <= _SURELY_FITS:
            cell = CellStringTuple(self.str_table._get_shared_string_index(value), look)
        else:
            self.write_string(row, col, value, look)
            return
        self.table[row][col] = cell

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        kind = type(cell)
        if not cell.format or kind not in _KNOWN:
            super()._write_cell(row, col, cell)
            return
        start = f'<c r="{_column(col)}{row + 1}" s="{cell.format._get_xf_index()}"'
        if kind is CellStringTuple:
            self.fh.write(f'{start} t="s"><v>{cell.string}</v></c>')
        elif kind is CellNumberTuple:
            self.fh.write(f"{start}><v>{cell.number:.16G}</v></c>")
        else:
            self.fh.write(f"{start}/>")

    def _calculate_spans(self) -> None:
        """Leaves out which columns each row uses: the format does not ask for it, and nobody reads it."""
        self.row_spans: dict[int, str] = {}


_KNOWN: Final = (CellStringTuple, CellNumberTuple, CellBlankTuple)
