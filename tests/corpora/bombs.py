"""Small files that ask for enormous work, or reach for other files: 24 of them, each to be refused at once."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

from tests.corpora.broken import Parts, parts_of, workbook
from tests.corpora.other_formats import ods_of, zipped

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
_DOCTYPES = {
    "laughs": f"<!DOCTYPE x [{_LAUGHS}]>",
    "quadratic": f'<!DOCTYPE x [<!ENTITY a "{"a" * 60_000}">]>',
    "file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "network": '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/a">]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>',
    "external": '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    "empty": "<!DOCTYPE x>",
}
_STRINGS, _STYLES, _BOOK = "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
_TYPES, _RELS, _SHEET = "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet2.xml"
_CORE, _OTHER = "docProps/core.xml", "customXml/item1.xml"
_ATTACKS = (
    *(("laughs", _BOOK), ("laughs", _SHEET), ("laughs", _STRINGS), ("laughs", _STYLES), ("laughs", _TYPES)),
    *(("laughs", _RELS), ("quadratic", _STRINGS), ("file", _SHEET), ("file", _STRINGS), ("network", _BOOK)),
    *(("parameter", _SHEET), ("external", _CORE), ("empty", _SHEET), ("file", _OTHER)),
)
_MEGABYTE = 2**20


def _with_doctype(kind: str, name: str) -> bytes:
    parts = parts_of(workbook())
    head, part = b'<?xml version="1.0"?>', parts.get(name, b"<x>&a;</x>")
    body = part.partition(b"?>")[2] if part.startswith(b"<?xml") else part
    use = b"<t>&l9;" if kind == "laughs" else b"<t>&a;"
    return zipped(parts | {name: head + _DOCTYPES[kind].encode() + body.replace(b"<t>", use, 1)})


def _wide_doctype() -> bytes:
    parts = parts_of(workbook())
    hidden = f'<?xml version="1.0" encoding="UTF-16"?>{_DOCTYPES["file"]}<worksheet>&a;</worksheet>'
    return zipped(parts | {_SHEET: hidden.encode("utf-16")})


def _plus(extra: Parts) -> bytes:
    return zipped(parts_of(workbook()) | extra)


def _large_part(megabytes: int) -> bytes:
    out = BytesIO(workbook())
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/media/image.bin", "w", force_zip64=True) as part,
    ):
        for _ in range(megabytes):
            part.write(bytes(_MEGABYTE))
    return out.getvalue()


def _spaces_in_a_sheet() -> bytes:
    parts = parts_of(workbook())
    return zipped(parts | {_SHEET: parts[_SHEET].replace(b"<sheetData>", b"<sheetData>" + b" " * 12 * _MEGABYTE)})


def _lying_about_its_size() -> bytes:
    content = bytearray(_plus({"xl/zzz.bin": bytes(20 * _MEGABYTE)}))
    at = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 100)
    return bytes(content)


def _one_content_many_parts() -> bytes:
    """Every part of the list points at the same packed bytes."""
    content = zipped({f"xl/{number:04}.bin": bytes(9 * _MEGABYTE) if not number else b"" for number in range(99)})
    start = content.index(b"PK\x01\x02")
    first = content[start : start + 46 + 11]
    listed = b"".join(first.replace(b"xl/0000.bin", f"xl/{number:04}.bin".encode()) for number in range(99))
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 99, 99, len(listed), start, 0)
    return content[:start] + listed + end


def _far_cells(named: bool) -> bytes:
    parts = parts_of(workbook())
    if named:
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    else:
        far = b'<row r="9">' + b"<c\n><v>1</v></c>" * 16_384 + b'</row><row r="1048576"><c><v>1</v></c></row>'
    return zipped(parts | {_SHEET: parts[_SHEET].replace(b"</sheetData>", far + b"</sheetData>")})


def _texts_repeated() -> bytes:
    parts = parts_of(workbook())
    strings = parts[_STRINGS].replace(b"</sst>", b"<si><t>" + b"long " * 6_000 + b"</t></si></sst>")
    place = strings.count(b"<si>") - 1
    rows = b"".join(
        b'<row r="%d"><c r="J%d" t="s"><v>%d</v></c></row>' % (number, number, place) for number in range(100, 60_000)
    )
    return zipped(parts | {_STRINGS: strings, _SHEET: parts[_SHEET].replace(b"</sheetData>", rows + b"</sheetData>")})


def _ods_repeated() -> bytes:
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>x</text:p>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-cell></table:table-row>'
    return ods_of(f'<table:table table:name="Treatments">{row}</table:table>')


def _csv_in_a_zip() -> bytes:
    return zipped({"Treatments.csv": b"patient_id,date,drug\r\n" + b"," * 30 * _MEGABYTE})


def bombs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name, with its ending, and maker of every bomb."""
    for kind, name in _ATTACKS:
        yield f"{kind} {name.rpartition('/')[2]}.xlsx", partial(_with_doctype, kind, name)
    yield "UTF-16.xlsx", _wide_doctype
    yield "520 MB.xlsx", partial(_large_part, 520)
    yield "spaces.xlsx", _spaces_in_a_sheet
    yield "lying.xlsx", _lying_about_its_size
    yield "one content.xlsx", _one_content_many_parts
    yield "far cell.xlsx", partial(_far_cells, named=True)
    yield "far cell without a name.xlsx", partial(_far_cells, named=False)
    yield "texts.xlsx", _texts_repeated
    yield "repeated.ods", _ods_repeated
    yield "table.zip", _csv_in_a_zip
