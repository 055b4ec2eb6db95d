"""How far the cells of a sheet reach and how much text they hold: a small file may ask for more memory than there is.

A reader fills the whole rectangle from the first cell to the last, so two cells at opposite corners are 17 thousand
million cells; and one long shared text may stand in a million cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Final
from xml.parsers import expat

from audit.errors import InputRejected

#: So many cells in a rectangle are always read; more only if one in so many of them is filled.
ALWAYS_READ: Final = 10_000_000
_ONE_IN = 20
#: A rectangle that is surely small is not measured exactly.
_NOT_MEASURED = 5_000_000
#: Bytes of text that the cells of a workbook may hold together.
MOST_TEXT: Final = 1_000_000_000
MOST_IN_A_CELL: Final = 1_000_000
#: Repeated rows and columns of an .ods sheet may fill so many cells.
MOST_REPEATED: Final = 10_000_000
_LAST_DIGITS = 10_000
_COPY_AGAIN = "Copy or export the file again; if it opens in Excel, save it there as an Excel workbook (.xlsx)."

# the reference of a cell without its last four digits: a handful of distinct ones, however many cells
_REFERENCE = re.compile(rb' r="([A-Z]+\d*?)\d{1,4}"')
_CELL = re.compile(r"([A-Z]+)(\d+)")
# cells as hardly any program writes them
_ODD = (re.compile(rb"<c[\t\r\n>]"), re.compile(rb":c[\s>]"))
_SMALLEST_CELL = 10
_FEATURES = tuple(map(re.compile, (rb't="e"', rb"t='e'", rb"hidden=", rb"<f[\s>/]", rb":f[\s>/]")))


def damaged(file: str, detail: str, remedy: str = _COPY_AGAIN) -> InputRejected:
    """The file is not whole."""
    return InputRejected(f"The file is damaged: {detail}.", where=file, remedy=remedy, code="DAMAGED_FILE")


class SheetScan:
    """What the bytes of a worksheet show without being parsed, gathered a megabyte at a time.

    Attributes:
        cells: how many cells it has, blank ones with a format too.
        bound: no rectangle of its cells is larger than this many cells; 0 when the bytes do not tell.
        looks: it has formulas, error values, or hidden rows or columns: `second_reader.look` tells which.
    """

    def __init__(self) -> None:
        self.cells = self.bound = 0
        self.looks = False
        self._rest = b""
        self._references: set[bytes] = set()
        self._named = self._size = 0
        self._odd = False

    def add(self, chunk: bytes) -> None:
        """Take the next bytes; a tag that is cut waits for the rest of it."""
        whole, tag_end, self._rest = (self._rest + chunk).rpartition(b">")
        whole += tag_end
        named = _REFERENCE.findall(whole)
        self._named += len(named)
        self._references.update(named)
        self._size += len(whole)
        self.cells += whole.count(b"<c ")
        self._odd = self._odd or any(odd.search(whole) for odd in _ODD)
        self.looks = self.looks or any(feature.search(whole) for feature in _FEATURES)

    def finish(self) -> SheetScan:
        """Settle `bound` once all bytes are taken."""
        if self._odd:
            self.cells = self._size // _SMALLEST_CELL
        elif self._named >= self.cells:
            ends = [_CELL.fullmatch(one.decode() + "0") for one in self._references]
            columns = max((column_number(end[1]) for end in ends if end), default=0)
            rows = max((int(end[2]) // 10 for end in ends if end), default=0)
            self.bound = columns * (rows + 1) * _LAST_DIGITS
        return self


def column_number(letters: str) -> int:
    """A -> 1, Z -> 26, AA -> 27."""
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - ord("A") + 1
    return number


def check_extent(scan: SheetScan, opened: Callable[[], IO[bytes]], file: str) -> None:
    """Refuse a sheet whose few cells span an enormous rectangle.

    Raises:
        InputRejected: they do.
    """
    if scan.cells and (scan.bound == 0 or scan.bound > max(_NOT_MEASURED, _ONE_IN * scan.cells)):
        _measure(opened, file)


class Extent:
    """The rectangle from A1 to the last cell with a value, as cells are met."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._filled = self._height = self._width = 0

    def fill(self, row: int, column: int) -> None:
        """Count one cell; both numbers count from 1.

        Raises:
            InputRejected: it stands too far from the others.
        """
        self._filled += 1
        self._height, self._width = max(self._height, row), max(self._width, column)
        if self._height * self._width > ALWAYS_READ + _ONE_IN * self._filled:
            raise InputRejected(
                "A cell stands so far from the others that the sheet has more cells than can be read.",
                where=f"{self._file}, a cell of row {row:,}",
                remedy="In Excel delete the empty rows and columns after the table, and save the workbook.",
                code="CELL_FAR_AWAY",
            )


class _Places:
    """Hands the place of every cell with a value to an `Extent`, as the parser meets them."""

    def __init__(self, file: str) -> None:
        self._extent = Extent(file)
        self._row = self._column = 0
        self._at = (0, 0)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        kind = name.rsplit(":", 1)[-1]
        if kind == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif kind == "c":
            named = _CELL.fullmatch(attributes.get("r", ""))
            self._column = column_number(named[1]) if named else self._column + 1
            self._at = (int(named[2]) if named else self._row, self._column)
        elif kind in ("v", "is"):
            self._extent.fill(*self._at)


def _measure(opened: Callable[[], IO[bytes]], file: str) -> None:
    parse(opened, file, start=_Places(file).start)


def parse(
    opened: Callable[[], IO[bytes]],
    file: str,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Run handlers over an XML part that preflight has found free of document types and entities.

    Raises:
        InputRejected: it is not well-formed.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    with opened() as part:
        try:
            parser.ParseFile(part)
        except (expat.ExpatError, ValueError) as error:
            raise damaged(file, "a part of it is not the XML that its name says") from error


# --- texts


def check_texts(
    strings: Callable[[], IO[bytes]], sheets: Sequence[tuple[SheetScan, Callable[[], IO[bytes]]]], file: str
) -> None:
    """Refuse a workbook whose cells repeat long shared texts beyond any memory.

    Raises:
        InputRejected: they do.
    """
    longest = _longest_text(strings, file)
    if longest * sum(scan.cells for scan, _ in sheets) <= MOST_TEXT:
        return
    lengths = _lengths(strings, file)
    total = sum(_text_of(opened, lengths, file) for _, opened in sheets)
    if total > MOST_TEXT:
        raise _too_much_text(file)


def _too_much_text(file: str) -> InputRejected:
    return InputRejected(
        "The cells hold more text than can be read (a bomb of repeated texts).",
        where=file,
        remedy="Ask for the file again from where it was made.",
        code="TEXT_BOMB",
    )


def _longest_text(opened: Callable[[], IO[bytes]], file: str) -> int:
    """Bytes of the longest shared text, its formatting included; Excel itself keeps 32,767 characters."""
    longest, rest = 0, b""
    with opened() as part:
        while chunk := part.read(2**20):
            *items, rest = (rest + chunk).split(b"</")
            longest = max([longest, *map(len, items)])
            if max(longest, len(rest)) > MOST_IN_A_CELL:
                raise _too_much_text(file)
    return max(longest, len(rest))


class _Lengths:
    """Of each shared text how long it is, or of each cell with one which."""

    def __init__(self, item: str) -> None:
        self.item, self.found = item, [0]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name.rsplit(":", 1)[-1] == self.item:
            self.found.append(0)

    def text(self, typed: str) -> None:
        self.found[-1] += len(typed)


def _lengths(opened: Callable[[], IO[bytes]], file: str) -> list[int]:
    lengths = _Lengths("si")
    parse(opened, file, start=lengths.start, text=lengths.text)
    return lengths.found[1:]


class _Texts:
    """The length of all shared texts that a sheet's cells show."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.total, self._lengths, self._shared, self._typed = 0, lengths, False, ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name.rsplit(":", 1)[-1] == "c":
            self._shared = attributes.get("t") == "s"
        self._typed = ""

    def text(self, typed: str) -> None:
        self._typed += typed

    def end(self, name: str) -> None:
        if self._shared and name.rsplit(":", 1)[-1] == "v" and self._typed.strip().isdigit():
            place = int(self._typed)
            self.total += self._lengths[place] if place < len(self._lengths) else 0


def _text_of(opened: Callable[[], IO[bytes]], lengths: Sequence[int], file: str) -> int:
    texts = _Texts(lengths)
    parse(opened, file, start=texts.start, end=texts.end, text=texts.text)
    return texts.total


# --- .ods


class _Repeats:
    """The rectangle that the repeated rows and columns of an .ods sheet come to."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._row = self._repeated = self._column = self._widest = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "table:table":
            self._row = self._widest = 0
        elif name == "table:table-row":
            self._repeated = int(attributes.get("table:number-rows-repeated", 1))
            self._row, self._column = self._row + self._repeated, 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._column += int(attributes.get("table:number-columns-repeated", 1))
            if "office:value-type" in attributes:
                self._fill()

    def _fill(self) -> None:
        self._widest = max(self._widest, self._column)
        if self._row * self._widest > MOST_REPEATED:
            raise InputRejected(
                "A row or cell of the sheet is repeated beyond what can be read.",
                where=self._file,
                remedy="Delete the empty rows and columns after the table and save it as an Excel workbook (.xlsx).",
                code="CELL_FAR_AWAY",
            )


def check_repeats(opened: Callable[[], IO[bytes]], file: str) -> None:
    """Refuse an .ods sheet that fills an enormous rectangle by repetition.

    Raises:
        InputRejected: it does.
    """
    repeats = _Repeats(file)
    parse(opened, file, start=repeats.start)
