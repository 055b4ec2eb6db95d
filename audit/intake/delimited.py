"""Reads csv files into raw cells: one file, or a folder of them named as the sheets."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Sequence
from io import StringIO
from itertools import islice
from pathlib import PurePath

from audit.errors import InputIncomplete, InputRejected
from audit.intake.cells import Cell, Sheet
from audit.intake.file_kind import kind_of
from audit.intake.headings import SEARCHED_ROWS, known_headings

DELIMITERS = (",", ";", "\t")
_EXPORT_AGAIN = "Export it again as csv, or save it as an Excel workbook (.xlsx)."
_NOT_CSV = {
    "empty": ("EMPTY_FILE", "The file is empty."),
    "xlsx": ("WORKBOOK_NAMED_CSV", "The file is an Excel workbook with the name of a csv file."),
    "xlsb": ("WORKBOOK_NAMED_CSV", "The file is an Excel workbook with the name of a csv file."),
    "ods": ("WORKBOOK_NAMED_CSV", "The file is an OpenDocument workbook with the name of a csv file."),
    "xls": ("WORKBOOK_NAMED_CSV", "The file is an Excel workbook with the name of a csv file."),
    "html": ("HTML_NOT_CSV", "The file is a web page (HTML) with the name of a csv file."),
}


def read_delimited(content: bytes, file: str) -> Sheet:
    """Read one csv file; row numbers are those that Excel shows when it opens the file.

    Raises:
        InputRejected: it is not text, or its quotation marks do not match.
        InputIncomplete: it breaks off in the middle of a row.
    """
    typed, encoding = _decoded(content, file)
    note = "" if encoding.startswith("utf") else f"The file was read in the character set {encoding}."
    name = PurePath(file).stem
    records = _records(typed, _delimiter(typed), file)
    _check_end(typed, records, file)
    return Sheet(file, name, records, delimited=True, note=note)


def ends_open(content: bytes) -> bool:
    """Whether the last line has no end, as when the file was cut off; hardly any program writes that."""
    return not content.rstrip(b" \t\x00").endswith((b"\n", b"\r"))


def has_columns(content: bytes) -> bool:
    """Whether a text looks like csv: under some delimiter its first rows have several cells, or headings."""
    try:
        typed, _ = _decoded(content, "")
    except InputRejected:
        return False
    return any(_shape_under(typed, delimiter) > (0, 1) for delimiter in DELIMITERS)


def _check_end(typed: str, records: Sequence[Sequence[Cell]], file: str) -> None:
    """A last line without an end, and with fewer cells than the one before, was cut off."""
    cut = len(records) > 1 and len(records[-1]) < len(records[-2])
    if cut and not typed.endswith(("\n", "\r")):
        raise InputIncomplete(
            "The file breaks off in the middle of its last row: it may still be copied, or its copy was broken off.",
            where=f"{file}, row {len(records)}",
            remedy="Copy or export it again; if nothing is missing, end the last line with the Enter key.",
            code="FILE_INCOMPLETE",
        )


def _decoded(content: bytes, file: str) -> tuple[str, str]:
    """The text and the character set it is in: UTF-8, UTF-16 when marked so, else Windows-1252."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif (kind := kind_of(content)) == "text":
        encodings = ["utf-8-sig", "cp1252"]
    else:
        code, what = _NOT_CSV.get(kind, ("NOT_TEXT", "The file is not a csv text."))
        raise InputRejected(what, where=file, remedy=_EXPORT_AGAIN, code=code)
    for encoding in encodings:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue  # the next character set is tried; after the last one the file is rejected
    raise InputRejected(
        "The file's character set is none of UTF-8, UTF-16 and Windows-1252.",
        where=file,
        remedy=_EXPORT_AGAIN,
        code="CHARACTER_SET",
    )


def _delimiter(typed: str) -> str:
    """The delimiter under which the first rows hold the most headings, or else the most cells; of equals a comma."""
    return max(DELIMITERS, key=lambda delimiter: _shape_under(typed, delimiter))


def _shape_under(typed: str, delimiter: str) -> tuple[int, int]:
    """Headings in the first rows, and the width that most of them have."""
    try:
        first = list(islice(csv.reader(StringIO(typed, newline=""), delimiter=delimiter), SEARCHED_ROWS))
    except csv.Error:
        return -1, 0  # under this delimiter it is no table at all
    widths = Counter(len(row) for row in first if any(row))
    usual = widths.most_common(1)[0][0] if widths else 0
    return sum(len(known_headings(row)) for row in first), usual


def _records(typed: str, delimiter: str, file: str) -> list[list[Cell]]:
    reader = csv.reader(StringIO(typed, newline=""), delimiter=delimiter, strict=True)
    records: list[list[Cell]] = []
    try:
        for record in reader:
            records.append([*record])
    except csv.Error as error:
        # without strictness an open quotation mark would swallow the rest of the file
        raise InputRejected(
            "A quotation mark does not match, or a cell is too long.",
            where=f"{file}, row {len(records) + 1}",
            remedy=_EXPORT_AGAIN,
            code="CSV_QUOTES",
        ) from error
    return records
