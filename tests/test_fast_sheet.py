"""The fast worksheet writes what XlsxWriter's own would, byte for byte but for an attribute that nobody reads."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from audit.render.fast_sheet import FastSheet
from audit.render.xlsx import CREATED, TEXT_ONLY

ROWS: list[tuple[str | float | None, ...]] = [
    ("plain", 1, None),
    ('<&> "quoted" \u00e9 \U0001f489', 0.1 + 0.2, -3),
    (" spaces kept ", 12_345_678_901_234_567, 1e-7),
    ("=1+1", 45_000, None),
    ("plain", None, 2),
    ("\U0001f489" * 20_000, 7, 8),
    ("", 9, None),
]


def book(kind: type[Worksheet]) -> dict[str, bytes]:
    buffer = BytesIO()
    made = xlsxwriter.Workbook(buffer, {**TEXT_ONLY, "in_memory": True})
    made.set_properties({"created": CREATED})
    looks = [made.add_format({"bold": number == 1, "num_format": "0.0"}) for number in range(3)]
    page = made.add_worksheet("Table", kind)
    page.add_table(2, 1, 2 + len(ROWS), 3, {"columns": [{"header": name} for name in "ABC"]})
    page.write_string(0, 0, "no look")
    for row, cells in enumerate(ROWS, 3):
        for col, value in enumerate(cells, 1):
            put(page, row, col, value, looks[col - 1])
    page.write_boolean(20, 0, True, looks[0])
    page.set_row(3, 40)
    made.close()
    with zipfile.ZipFile(buffer) as parts:
        return {name: re.sub(rb' spans="[0-9:]+"', b"", parts.read(name)) for name in parts.namelist()}


def put(page: Any, row: int, col: int, value: str | float | None, look: Any) -> None:
    if isinstance(page, FastSheet):
        page.put(row, col, value, look)
    elif value is None:
        page.write_blank(row, col, None, look)
    elif isinstance(value, str):
        page.write_string(row, col, value, look)
    else:
        page.write_number(row, col, value, look)


def test_the_bytes_are_those_of_an_ordinary_worksheet() -> None:
    ours, theirs = book(FastSheet), book(Worksheet)
    assert ours == theirs
    assert b"spans" not in ours["xl/worksheets/sheet1.xml"]
    assert ours["xl/worksheets/sheet1.xml"].count(b"<c ") > 20


def test_it_is_the_fast_way_that_was_held_to_that(monkeypatch: Any) -> None:
    slow: list[Any] = []
    monkeypatch.setattr(Worksheet, "_write_cell", lambda self, row, col, cell: slow.append(cell))
    book(FastSheet)
    # headings and text without a look, and a truth value, go the ordinary way
    assert len(slow) == 2 + 3
