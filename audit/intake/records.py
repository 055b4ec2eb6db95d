"""How far the cells of the binary formats reach: the records of .xls and .xlsb are walked for their places only.

No reader is asked before: one that fills a rectangle of thousands of millions of cells ends the whole process.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from audit.intake.extent import Extent, damaged

_FREE_FROM: Final = 0xFFFFFFFA
_HEADER, _ENTRY, _IN_HEADER = 512, 128, 109
_STREAMS = ("Workbook", "Book")
_BOF_KINDS: Final = frozenset((0x0009, 0x0209, 0x0409, 0x0809))
#: Records of one cell with a value: formula, label, number, RK, shared text, rich text, truth or error.
_CELLS: Final = frozenset((0x0006, 0x0206, 0x0406, 0x0004, 0x0204, 0x0003, 0x0203, 0x027E, 0x00FD, 0x00D6, 0x0205))
_MANY_NUMBERS: Final = 0x00BD
_XLSB_ROW, _XLSB_CELLS = 0, range(2, 12)
_PLACE, _MORE = 4, 0x80


# --- .xlsb


def check_xlsb_sheet(part: bytes, file: str) -> None:
    """Walk one worksheet part.

    Raises:
        InputRejected: its few cells span an enormous rectangle, or a record is cut off.
    """
    extent, row = Extent(file), 0
    try:
        for kind, at, size in _xlsb_records(part):
            if kind == _XLSB_ROW and size >= _PLACE:
                row = struct.unpack_from("<I", part, at)[0]
            elif kind in _XLSB_CELLS and size >= _PLACE:
                extent.fill(row + 1, struct.unpack_from("<I", part, at)[0] + 1)
    except (struct.error, IndexError) as error:
        raise damaged(file, "a record of a sheet is cut off") from error


def _xlsb_records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of each record; both numbers are written seven bits a byte."""
    at = 0
    while at < len(part):
        kind, at = part[at], at + 1
        if kind & _MORE:
            kind, at = kind & ~_MORE | part[at] << 7, at + 1
        size = shift = 0
        while True:
            byte, at = part[at], at + 1
            size |= (byte & ~_MORE) << shift
            shift += 7
            if byte < _MORE:
                break
        yield kind, at, size
        at += size


# --- .xls


def check_xls(content: bytes, sector: int, file: str) -> None:
    """Walk the stream of a compound file that holds the workbook.

    Raises:
        InputRejected: few cells of a sheet span an enormous rectangle, or the file is not put together rightly.
    """
    try:
        stream = _workbook(content, sector)
        extent = Extent(file)
        for kind, at, size in _xls_records(stream):
            if kind in _BOF_KINDS:
                extent = Extent(file)
            elif kind in _CELLS and size >= _PLACE:
                row, column = struct.unpack_from("<HH", stream, at)
                extent.fill(row + 1, column + 1)
            elif kind == _MANY_NUMBERS and size > _PLACE:
                row, _ = struct.unpack_from("<HH", stream, at)
                extent.fill(row + 1, struct.unpack_from("<H", stream, at + size - 2)[0] + 1)
    except (struct.error, IndexError) as error:
        raise damaged(file, "a record or sector of it is cut off") from error


def _xls_records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at + _PLACE <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + _PLACE, size
        at += _PLACE + size


def _workbook(content: bytes, sector: int) -> bytes:
    """The stream Workbook, or Book, from the sectors it is scattered over."""
    (directory,) = struct.unpack_from("<I", content, 48)
    cutoff, small_table = struct.unpack_from("<II", content, 56)
    table = _table(content, sector)
    entries = _chain(content, table, directory, sector, sector)
    small = b""
    for place in range(0, len(entries) - _ENTRY + 1, _ENTRY):
        name = entries[place : place + 64].decode("utf-16-le", "replace")
        start, size = struct.unpack_from("<II", entries, place + 116)
        if place == 0:
            small = _chain(content, table, start, sector, sector)
        elif name[: struct.unpack_from("<H", entries, place + 64)[0] // 2 - 1] in _STREAMS:
            if size >= cutoff:
                return _chain(content, table, start, sector, sector)[:size]
            links = _numbers(_chain(content, table, small_table, sector, sector))
            return _chain(small, links, start, 64, 0)[:size]
    raise IndexError


def _table(content: bytes, sector: int) -> Sequence[int]:
    """Of each sector the next one; the places of this table's own sectors stand in the header, then in a chain."""
    places = list(struct.unpack_from(f"<{_IN_HEADER}I", content, 76))
    (following,) = struct.unpack_from("<I", content, 68)
    each = sector // 4
    while following < _FREE_FROM and len(places) * sector <= len(content) + _IN_HEADER * sector:
        *more, following = struct.unpack_from(f"<{each}I", content, (following + 1) * sector)
        places += more
    used = [place for place in places if place < _FREE_FROM]
    return _numbers(b"".join(content[(place + 1) * sector : (place + 2) * sector] for place in used))


def _numbers(content: bytes) -> Sequence[int]:
    count = len(content) // 4
    return struct.unpack_from(f"<{count}I", content)


def _chain(content: bytes, table: Sequence[int], start: int, size: int, offset: int) -> bytes:
    """The bytes of a chain of sectors; no chain is longer than the table."""
    out: list[bytes] = []
    at = start
    while at < _FREE_FROM:
        if len(out) > len(table):
            raise IndexError
        out.append(content[at * size + offset : (at + 1) * size + offset])
        at = table[at]
    return b"".join(out)
