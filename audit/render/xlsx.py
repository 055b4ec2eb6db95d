"""What a workbook of this tool is like, whatever it holds: no text ever runs, and the same input gives the same bytes.

Raw cells of an input are written as what they are: text as text, dates as dates, numbers as numbers.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from audit.intake.cells import Cell, text
from audit.render.words import clean

#: Text stays text: no formula, no link and no number is made of it.
TEXT_ONLY: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: A date that says nothing: the file must not depend on the clock.
CREATED: Final = datetime(2000, 1, 1)
#: Text that begins like a formula, in full-width forms too.
FORMULA_START: Final = re.compile(r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
#: How many characters a cell can hold, and the first year that Excel knows.
_LONGEST, _FIRST_YEAR = 32_767, 1904
_NUMBER_FORMATS: Final = {
    datetime: "dd/mm/yyyy hh:mm:ss",
    date: "dd/mm/yyyy",
    time: "hh:mm:ss",
    timedelta: "[h]:mm:ss",
}


class CellWriter:
    """Writes raw cells to the sheets of one workbook, each with a look."""

    def __init__(self, book: Any, looks: dict[str, dict[str, Any]]) -> None:
        """Takes an XlsxWriter workbook and the looks by name; "" is the plain one."""
        self._book, self._looks = book, looks
        self._formats: dict[tuple[str, str, bool], Any] = {}

    def write(self, page: Any, row: int, place: int, cell: Cell, look: str = "") -> None:
        """Writes one cell; both numbers count from 0."""
        if isinstance(cell, str) or not _is_value(cell):
            typed = clean(cell if isinstance(cell, str) else text(cell), _LONGEST)
            self._write_text(page, row, place, typed, look)
        elif isinstance(cell, bool):
            page.write_boolean(row, place, cell, self._format(look))
        elif isinstance(cell, int | float):
            page.write_number(row, place, cell, self._format(look))
        else:
            plain = cell.replace(tzinfo=None) if isinstance(cell, datetime | time) else cell
            page.write_datetime(row, place, plain, self._format(look, _NUMBER_FORMATS[type(plain)]))

    def _write_text(self, page: Any, row: int, place: int, typed: str, look: str) -> None:
        if typed:
            quoted = FORMULA_START.match(typed) is not None
            page.write_string(row, place, typed, self._format(look, quoted=quoted))
        elif look:
            page.write_blank(row, place, None, self._format(look))

    def _format(self, look: str, numbers: str = "", quoted: bool = False) -> Any:
        """The format of that look; a text that begins like a formula carries a quote, so that editing it keeps it."""
        key = (look, numbers, quoted)
        if key not in self._formats:
            shown = {**self._looks[look], **({"num_format": numbers} if numbers else {})}
            self._formats[key] = self._book.add_format({**shown, **({"quote_prefix": True} if quoted else {})})
        return self._formats[key]


def _is_value(cell: Cell) -> bool:
    """Whether Excel can hold it as a number or date: it has neither infinity nor years long ago."""
    if isinstance(cell, date):
        return cell.year >= _FIRST_YEAR
    return not isinstance(cell, float) or math.isfinite(cell)
