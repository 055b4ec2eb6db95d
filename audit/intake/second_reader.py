"""The second look at a workbook: another reader must see the same cells, and what a reader hides is brought out.

openpyxl reads the same bytes and must agree with calamine, cell by cell. Error values, formulas that were never
calculated, and hidden rows and columns are things that calamine does not tell; the sheet's own XML does.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import openpyxl

from audit.errors import InputRejected
from audit.intake.cells import Cell, Sheet, letter
from audit.intake.extent import column_number, parse
from audit.intake.preflight import Package, SheetPart

#: Workbooks with fewer rows are read twice.
READ_TWICE_BELOW = 20_000
_EARLIEST = datetime(1900, 3, 1)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REMEDY = "Open it in Excel, save it as an Excel workbook (.xlsx), and use that file."


# --- the same cells


def check_agreement(content: bytes, sheets: Sequence[Sheet], package: Package) -> bool:
    """Read the sheets once more, with openpyxl, and compare every cell.

    Args:
        content: the bytes of an .xlsx file that preflight has passed.
        sheets: what calamine read of it.
        package: what preflight saw.

    Returns:
        False when openpyxl cannot open the workbook because of a chart sheet, which it is known to do.

    Raises:
        InputRejected: the readers disagree; the message names the first cell, never what it holds.
    """
    try:
        book = _opened(content)
    except Exception as error:  # whatever openpyxl stumbles over: a file that one reader refuses is not trusted
        if package.chart_sheets:
            return False
        file = sheets[0].file if sheets else ""
        raise _rejected("Of two readers of workbooks one cannot read this file.", file) from error
    cells = {part.name: part.scan.cells for part in package.sheets}
    for sheet in sheets:
        if sheet.name not in book.sheetnames:
            raise _rejected("Two readers of workbooks see different sheets in this file.", sheet.file)
        _compare(sheet, book[sheet.name])
        # of two cells in one place both readers keep the last
        if len(book[sheet.name]._cells) < cells[sheet.name]:
            raise _rejected("Two cells stand in one place.", f"{sheet.file}, sheet {sheet.name}")
    return True


def _opened(content: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that do not matter here
        return openpyxl.load_workbook(BytesIO(content), data_only=True, keep_links=False)


def _compare(sheet: Sheet, other: Any) -> None:
    # openpyxl's own walk visits every blank row down to the last formatted one, up to a million of them
    seen = {(cell.row - 1, cell.column - 1): cell for cell in other._cells.values() if cell.value is not None}
    ours = {
        (row, column): cell for row, cells in enumerate(sheet.rows) for column, cell in enumerate(cells) if cell != ""
    }
    for place in sorted(seen.keys() | ours.keys()):
        if not _agree(ours.get(place, ""), seen.get(place)):
            what = "Two readers of workbooks see different things in a cell."
            raise _rejected(what, sheet.address(*place))


def _rejected(what: str, where: str) -> InputRejected:
    return InputRejected(what, where=where, remedy=_REMEDY, code="READERS_DISAGREE")


def _agree(ours: Cell, cell: Any) -> bool:
    if cell is None:
        return _plain(ours) == ""
    link = cell.hyperlink
    if ours == "" and link is not None and cell.value in (link.target, link.location):
        return True  # openpyxl shows the address of a link whose cell is blank
    # an error value is blank to calamine; a day outside Excel's calendar is an error to openpyxl
    theirs = "" if cell.data_type == "e" else _plain(cell.value)
    mine = _plain(ours)
    if cell.data_type == "e" or mine == theirs:
        return cell.data_type != "e" or mine == "" or not isinstance(ours, str)
    both = isinstance(mine, datetime) and isinstance(theirs, datetime)
    return both and abs(mine - theirs) <= timedelta(seconds=1)  # type: ignore[operator]  # as tested above


def _plain(value: Any) -> str | float | bool | datetime:
    """A cell as both readers should see it; times and days before March 1900, which no date is read from, as one."""
    if isinstance(value, str):
        return " ".join(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), value).split())
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, time | timedelta) or value < _EARLIEST:
        return "no day"
    moment: datetime = value
    return moment


# --- what the sheet's own XML tells


@dataclass(slots=True)
class Look:
    """What else there is in a sheet.

    Attributes:
        errors: (row, column) of cells that hold #N/A and its like, from 0.
        uncalculated: (row, column) of formulas without a saved value.
        zeros: (row, column) of formulas whose saved value is 0.
        formulas: how many formulas there are.
        hidden_rows: rows that are hidden or filtered out, as Excel numbers them.
        hidden_columns: their letters.
    """

    errors: list[tuple[int, int]] = field(default_factory=list)
    uncalculated: list[tuple[int, int]] = field(default_factory=list)
    zeros: list[tuple[int, int]] = field(default_factory=list)
    formulas: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)


class _Looker:
    """Fills a `Look` as the parser meets rows, cells, formulas and values."""

    def __init__(self) -> None:
        self.look = Look()
        self._row = self._column = -1
        self._kind, self._formula, self._value, self._inside = "", False, "", False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        match name.rsplit(":", 1)[-1]:
            case "c":
                self._place(attributes.get("r", ""))
                self._kind, self._formula, self._value = attributes.get("t", "n"), False, ""
            case "f":
                self._formula = True
            case "v":
                self._inside = True
            case "row":
                self._row, self._column = int(attributes.get("r", self._row + 2)) - 1, -1
                if attributes.get("hidden") in ("1", "true"):
                    self.look.hidden_rows.append(self._row + 1)
            case "col" if attributes.get("hidden") in ("1", "true"):
                first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
                self.look.hidden_columns += [letter(place - 1) for place in range(first, min(last, first + 50) + 1)]

    def _place(self, reference: str) -> None:
        letters = reference.rstrip("0123456789")
        self._column += 1
        if letters:
            self._row, self._column = int(reference[len(letters) :]) - 1, column_number(letters) - 1

    def text(self, typed: str) -> None:
        if self._inside:
            self._value += typed

    def end(self, name: str) -> None:
        local = name.rsplit(":", 1)[-1]
        if local == "v":
            self._inside = False
        elif local == "c":
            self._finish()

    def _finish(self) -> None:
        at = (self._row, self._column)
        if self._kind == "e":
            self.look.errors.append(at)
        if not self._formula:
            return
        self.look.formulas += 1
        # a formula whose value is the empty text says so by its type
        if not self._value and self._kind != "str":
            self.look.uncalculated.append(at)
        elif self._value == "0":
            self.look.zeros.append(at)


def look(content: bytes, part: SheetPart, file: str) -> Look:
    """What the readers do not tell of one worksheet; nothing at all when its bytes show no sign of it.

    Raises:
        InputRejected: its XML is not well-formed.
    """
    if not part.scan.looks:
        return Look()
    looker = _Looker()
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parse(lambda: archive.open(part.part), file, looker.start, looker.end, looker.text)
    return looker.look


def never_calculated(found: Look, package: Package) -> Iterator[tuple[int, int]]:
    """The formulas that no program has calculated: they have no saved value, or all of them a 0 to be replaced."""
    yield from found.uncalculated
    if package.recalculated and len(found.zeros) + len(found.uncalculated) == found.formulas:
        yield from found.zeros
