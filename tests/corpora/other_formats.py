"""Writes workbooks as .xls, .xlsb and .ods, byte by byte: no library on hand writes all of them.

Each takes sheets as {name: rows}; cells are text, numbers and dates.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Sheets = Mapping[str, Sequence[Sequence[Any]]]
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def serial(day: date) -> int:
    """Excel's number of a day."""
    return (day - date(1899, 12, 30)).days


# --- .xls: BIFF8 records in a compound file


def xls(sheets: Sheets, hidden: Sequence[str] = ()) -> bytes:
    """A workbook of Excel 97."""
    return _compound(xls_stream(sheets, hidden))


def xls_stream(sheets: Sheets, hidden: Sequence[str] = ()) -> bytes:
    """Its records."""
    streams = [_xls_sheet(rows) for rows in sheets.values()]
    bounds = sum(len(_bound(name, 0, 0)) for name in sheets)
    head = _bof(5) + _record(0x42, struct.pack("<H", 1200)) + _xf(0) + _xf(14)
    offset, listed = len(head) + bounds + 4, b""
    for name, stream in zip(sheets, streams, strict=True):
        listed += _bound(name, offset, 1 if name in hidden else 0)
        offset += len(stream)
    return head + listed + _record(0x0A, b"") + b"".join(streams)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0x41, 6))


def _xf(form: int) -> bytes:
    return _record(0xE0, struct.pack("<HH", 0, form) + bytes(16))


def _bound(name: str, offset: int, state: int) -> bytes:
    return _record(0x85, struct.pack("<IBBBB", offset, state, 0, len(name), 0) + name.encode("latin-1"))


def _xls_sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    width = max(map(len, rows), default=0)
    out = [_bof(0x10), _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))]
    for row, cells in enumerate(rows):
        out += [_xls_cell(row, column, cell) for column, cell in enumerate(cells) if cell not in (None, "")]
    return b"".join([*out, _record(0x0A, b"")])


def _xls_cell(row: int, column: int, cell: Any) -> bytes:
    if isinstance(cell, date):
        return _record(0x0203, struct.pack("<HHHd", row, column, 1, serial(cell)))
    if isinstance(cell, int | float):
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, cell))
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(cell), 1) + cell.encode("utf-16-le"))


def _compound(stream: bytes) -> bytes:
    """One stream named Workbook: a sector of the directory, the stream, the table of sectors."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // _SECTOR)
    tables = 1
    while tables * 128 < count + 1 + tables:
        tables += 1
    chain = [_END, *range(2, count + 1), _END, *[_FAT] * tables]
    chain += [_FREE] * (tables * 128 - len(chain))
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, 0, 0, 4096, _END, 0, _END, 0)
    places = [count + 1 + place for place in range(tables)]
    header += struct.pack("<109I", *places, *[_FREE] * (109 - tables))
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 1, len(stream))
    body = directory.ljust(_SECTOR, b"\0") + stream.ljust(count * _SECTOR, b"\0")
    return header + body + struct.pack(f"<{len(chain)}I", *chain)


def in_small_sectors(stream: bytes) -> bytes:
    """A compound file whose stream Workbook, under 4,096 bytes, stands in sectors of 64 bytes."""
    small = -(-len(stream) // 64)
    count = -(-small * 64 // _SECTOR)
    links = struct.pack(f"<{small}I", *range(1, small), _END).ljust(_SECTOR, b"\xff")
    chain = [_END, *range(2, count + 1), _END, _END, _FAT]
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 0, 0, 4096, count + 1, 1, _END, 0)
    header += struct.pack("<109I", count + 2, *[_FREE] * 108)
    directory = _entry("Root Entry", 5, 1, 1, small * 64) + _entry("Workbook", 2, _FREE, 0, len(stream))
    body = directory.ljust(_SECTOR, b"\0") + stream.ljust(count * _SECTOR, b"\0") + links
    return header + body + struct.pack(f"<{len(chain)}I", *chain).ljust(_SECTOR, b"\xff")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    typed = name.encode("utf-16-le") + b"\0\0"
    head = typed.ljust(64, b"\0") + struct.pack("<HBBIII", len(typed), kind, 1, _FREE, _FREE, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


# --- .xlsb: binary records in a zip


def xlsb(sheets: Sheets) -> bytes:
    """A binary workbook of Excel 2007."""
    parts = {"xl/styles.bin": _styles()}
    bundle = b""
    for number, (name, rows) in enumerate(sheets.items(), 1):
        bundle += _binary(156, struct.pack("<II", 0, number) + _wide(f"rId{number}") + _wide(name))
        parts[f"xl/worksheets/sheet{number}.bin"] = _binary_sheet(rows)
    parts["xl/workbook.bin"] = _binary(131) + _binary(143) + bundle + _binary(144) + _binary(132)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.bin") for number in range(1, len(sheets) + 1)]
    rels.append(("rIdS", "styles", "styles.bin"))
    lines = "".join(f'<Relationship Id="{id_}" Type="{kind}/{name}" Target="{part}"/>' for id_, name, part in rels)
    space = "http://schemas.openxmlformats.org/package/2006"
    rels_part = f'<Relationships xmlns="{space}/relationships">{lines}</Relationships>'
    parts["xl/_rels/workbook.bin.rels"] = rels_part.encode()
    parts["[Content_Types].xml"] = f'<Types xmlns="{space}/content-types"/>'.encode()
    return zipped(parts)


def _binary(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 127 else 0)])
        length >>= 7
        if not length:
            return head + size + body


def _wide(typed: str) -> bytes:
    return struct.pack("<I", len(typed)) + typed.encode("utf-16-le")


def _styles() -> bytes:
    forms = [_binary(47, struct.pack("<HH", 0, form) + bytes(12)) for form in (0, 14)]
    return _binary(278) + _binary(617, struct.pack("<I", 2)) + b"".join(forms) + _binary(618) + _binary(279)


def _binary_sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    width = max(map(len, rows), default=1)
    size = struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, width - 1)
    out = [_binary(129), _binary(148, size), _binary(145)]
    for row, cells in enumerate(rows):
        out.append(_binary(0, struct.pack("<IIH", row, 0, 300) + bytes(3) + struct.pack("<I", 0)))
        out += [_binary_cell(column, cell) for column, cell in enumerate(cells) if cell not in (None, "")]
    return b"".join([*out, _binary(146), _binary(130)])


def _binary_cell(column: int, cell: Any) -> bytes:
    if isinstance(cell, date):
        return _binary(5, struct.pack("<IId", column, 1, serial(cell)))
    if isinstance(cell, int | float):
        return _binary(5, struct.pack("<IId", column, 0, cell))
    return _binary(6, struct.pack("<II", column, 0) + _wide(cell))


# --- .ods: XML in a zip

_SPACES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def ods(sheets: Sheets) -> bytes:
    """An OpenDocument spreadsheet."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>{''.join(map(_ods_row, rows))}</table:table>"
        for name, rows in sheets.items()
    )
    return ods_of(tables)


def ods_of(tables: str) -> bytes:
    """An OpenDocument spreadsheet with these tables, as XML."""
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    content = f"{head}<office:document-content{_SPACES}>{body}</office:document-content>"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    parts = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
    return zipped({name: part.encode() for name, part in parts.items()})


def _ods_row(cells: Sequence[Any]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>"


def _ods_cell(cell: Any) -> str:
    if cell in (None, ""):
        return "<table:table-cell/>"
    if isinstance(cell, date):
        kind = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
    elif isinstance(cell, int | float):
        kind = f'office:value-type="float" office:value="{cell}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(cell))}</text:p></table:table-cell>"


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A zip archive of these parts, the same bytes every time."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()
