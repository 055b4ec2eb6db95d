"""Breaks a sound workbook in twenty ways, ten variants each; and damages bytes, by seed."""

from __future__ import annotations

import random
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import xlsxwriter

from tests.corpora.other_formats import zipped
from tests.intake_files import HYDROXO, TREATMENT_HEADINGS

Parts = dict[str, bytes]
VARIANTS = 10
_BOOK, _RELS, _TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
_STRINGS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_PATIENTS, _TREATMENTS = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"


def sheets() -> dict[str, list[list[Any]]]:
    """A small practice: no cell of its tables is blank."""
    patients: list[list[Any]] = [["patient_id", "sex", "year_of_birth"]]
    patients += [[f"P{number}", "MF"[number % 2], 1940 + number] for number in range(6)]
    rows: list[list[Any]] = [list(TREATMENT_HEADINGS)]
    for number in range(30):
        day = date(2024, 1, 1) + timedelta(days=90 * (number // 6) + number % 6)
        event = [HYDROXO, "administered", "im", f"{1 + number} mg", number % 4 + 1, "every 3 months"]
        rows.append([f"P{number % 6}", day, *event])
    return {"Patients": patients, "Treatments": rows}


def workbook() -> bytes:
    """The sound workbook, the same bytes every time."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2024, 1, 1, tzinfo=UTC)})
    form = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets().items():
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(row, column, cell, form)
                else:
                    sheet.write(row, column, cell)
    book.close()
    return zipped(parts_of(out.getvalue()))


def parts_of(content: bytes) -> Parts:
    """The parts of a zip archive."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _one(parts: Parts, name: str, pattern: bytes, new: bytes, variant: int) -> bytes:
    """Replace the variant-th match of a pattern in one part, counted round; the part must hold one."""
    matches = list(re.finditer(pattern, parts[name]))
    match = matches[(variant * 7) % len(matches)]
    changed = parts[name][: match.start()] + match.expand(new) + parts[name][match.end() :]
    return zipped(parts | {name: changed})


def part_missing(parts: Parts, variant: int) -> bytes:
    needed = [_BOOK, _RELS, _TYPES, _STRINGS, _STYLES, _PATIENTS, _TREATMENTS]
    gone = {needed[variant % 7]} | ({needed[(variant + 3) % 7]} if variant > 6 else set())
    return zipped({name: part for name, part in parts.items() if name not in gone})


def part_twice(parts: Parts, variant: int) -> bytes:
    name = sorted(parts)[variant % len(parts)]
    other = name.upper() if variant % 2 else name
    whole, again = zipped(parts), zipped({"X" * len(name): parts[_PATIENTS]})
    if variant % 2:
        return zipped(parts | {other: parts[_PATIENTS]})
    return _appended(whole, again, name)


def _appended(content: bytes, again: bytes, name: str) -> bytes:
    """A second part of one name: zipfile warns of it, so it is written under another and renamed."""
    joined = zipped(parts_of(content) | {"X" * len(name): parts_of(again)["X" * len(name)]})
    return joined.replace(b"X" * len(name), name.encode())


def part_cut_short(parts: Parts, variant: int) -> bytes:
    name = [_PATIENTS, _TREATMENTS, _STRINGS, _STYLES, _BOOK][variant % 5]
    return zipped(parts | {name: parts[name][: len(parts[name]) * (variant + 1) // 12]})


def part_empty(parts: Parts, variant: int) -> bytes:
    name = [_PATIENTS, _TREATMENTS, _STRINGS, _STYLES, _BOOK, _RELS, _TYPES][variant % 7]
    return zipped(parts | {name: b"" if variant < 7 else b"\n \n"})


def tags_crossed(parts: Parts, variant: int) -> bytes:
    return _one(parts, [_PATIENTS, _TREATMENTS][variant % 2], rb"</c>", b"</q>", variant)


def text_number_beyond(parts: Parts, variant: int) -> bytes:
    return _one(parts, _TREATMENTS, rb't="s"><v>\d+', b't="s"><v>%d' % (900 + variant), variant)


def texts_lost(parts: Parts, variant: int) -> bytes:
    items = re.findall(rb"<si>.*?</si>", parts[_STRINGS])
    return zipped(parts | {_STRINGS: parts[_STRINGS].replace(b"".join(items[-variant - 1 :]), b"")})


def sheets_share_a_part(parts: Parts, variant: int) -> bytes:
    own, other = (b"sheet2.xml", b"sheet1.xml") if variant % 2 else (b"sheet1.xml", b"sheet2.xml")
    targets = [b"worksheets/" + other, b"/xl/worksheets/" + other, b"worksheets/none.xml", b"../sheet.xml", b""]
    new = targets[variant // 2]
    return _one(parts, _RELS, b'Target="worksheets/' + own + b'"', b'Target="' + new + b'"', 0)


def no_worksheet(parts: Parts, variant: int) -> bytes:
    if variant % 2:
        return zipped(parts | {_BOOK: re.sub(rb"<sheet [^>]*>", b"", parts[_BOOK])})
    kind = [b"chartsheet", b"dialogsheet", b"macrosheet", b"theme", b"image"][variant // 2]
    return zipped(parts | {_RELS: parts[_RELS].replace(b"/worksheet", b"/" + kind)})


def cell_twice(parts: Parts, variant: int) -> bytes:
    return _one(parts, _TREATMENTS, rb'r="([A-H])(\d+)"( s="1")?( t="s")?><v>', rb'r="\g<1>3"\3\4><v>', variant + 3)


def number_unreadable(parts: Parts, variant: int) -> bytes:
    new = [b"4x", b"1,5", b"--1", b"NaN", b"inf", b"0x1F", b"1e999", b"1 2", b"", b"\xd9\xa3"][variant]
    return _one(parts, _TREATMENTS, rb"( s=\"1\"><v>)\d+", rb"\g<1>" + new, variant)


def reference_unreadable(parts: Parts, variant: int) -> bytes:
    new = [b"A0", b"0", b"ZZZZ9", b"", b"B2B", b"7B", b"B-4", b"\xc3\x84", b"A99999999", b"$B$4"][variant]
    return _one(parts, _TREATMENTS, rb'<c r="[B-D]\d+"', b'<c r="' + new + b'"', variant + 4)


def characters_broken(parts: Parts, variant: int) -> bytes:
    name = [_STRINGS, _TREATMENTS][variant % 2]
    if variant < 4:
        return zipped(parts | {name: parts[name].decode().encode("utf-16")})
    if variant < 6:
        return zipped(parts | {name: parts[name].replace(b"UTF-8", b"windows-1252")})
    return _one(parts, _STRINGS, rb"Hydroxo|every", b"\xff\xfe" if variant < 8 else b"\x00", 0)


def entity_unknown(parts: Parts, variant: int) -> bytes:
    return _one(parts, _STRINGS, rb"<t>", b"<t>&nothing;" if variant % 2 else b"<t>&#0;", variant)


def cell_kind_unknown(parts: Parts, variant: int) -> bytes:
    kind = [b"x", b"S", b"", b"date", b"number", b"ss", b"d", b"b", b"e", b"inline"][variant]
    return _one(parts, _TREATMENTS, rb't="s"><v>', b't="' + kind + b'"><v>', variant + 8)


def something_around_it(parts: Parts, variant: int) -> bytes:
    whole = zipped(parts)
    if variant < 5:
        return [b"\0" * 9, b"PK", b"\xef\xbb\xbf", b"HTTP/1.1 200 OK\r\n\r\n", whole][variant] + whole
    return whole + [b"\0" * 9, b"PK\x05\x06", b"\r\n", b"<html>", whole[:500]][variant - 5]


def name_leads_out(parts: Parts, variant: int) -> bytes:
    names = ["../evil.xml", "/etc/evil.xml", "C:/evil.xml", "xl/../../evil.xml", "..\\evil.xml", "\\\\host\\evil.xml"]
    names += ["xl/worksheets/../../../e.xml", "c:evil.xml", "../../../../tmp/x", "/"]
    return zipped(parts | {names[variant]: b"<x/>"})


def archive_flags(parts: Parts, variant: int) -> bytes:
    """Encrypted parts, unknown compression, wrong check sums, sizes and names in the list of parts."""
    content = bytearray(zipped(parts))
    entries = [match.start() for match in re.finditer(rb"PK\x01\x02", bytes(content))]
    at = entries[variant % len(entries)]
    field, form, value = [(8, "<H", 1), (10, "<H", 97), (16, "<I", 7), (24, "<I", 9), (42, "<I", 3)][variant % 5]
    struct.pack_into(form, content, at + field, value)
    return bytes(content)


def another_thing(parts: Parts, variant: int) -> bytes:
    things = [b"", b"   ", b"PK\x03\x04", b"<html><body><table></table></body></html>", b"\x89PNG\r\n\x1a\n\0\0"]
    things += [b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', b"%PDF-1.7\n\0"]
    things += [zipped({"word/document.xml": b"<w/>", _TYPES: b"<Types/>"}), zipped({"book.xlsx": zipped(parts)})]
    return [*things, bytes.fromhex("D0CF11E0A1B11AE1") + bytes(2000)][variant]


def never_calculated(parts: Parts, variant: int) -> bytes:
    value = [b"", b"<v></v>", b"<v/>"][variant % 3]
    return _one(parts, _TREATMENTS, rb"><v>\d+</v></c>", b"><f>1+1</f>" + value + b"</c>", variant + 11)


KINDS: tuple[Callable[[Parts, int], bytes], ...] = (
    *(part_missing, part_twice, part_cut_short, part_empty, tags_crossed, text_number_beyond, texts_lost),
    *(sheets_share_a_part, no_worksheet, cell_twice, number_unreadable, reference_unreadable, characters_broken),
    *(entity_unknown, cell_kind_unknown, something_around_it, name_leads_out, archive_flags, another_thing),
    never_calculated,
)


def malformed() -> Iterator[tuple[str, bytes]]:
    """Every broken workbook: its name, its bytes."""
    parts = parts_of(workbook())
    for kind in KINDS:
        for variant in range(VARIANTS):
            yield f"{kind.__name__}-{variant}", kind(dict(parts), variant)


def flipped(content: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The content with one bit turned over, at so many places."""
    chance = random.Random(seed)
    for _ in range(count):
        place, bit = chance.randrange(len(content)), chance.randrange(8)
        changed = bytearray(content)
        changed[place] ^= 1 << bit
        yield f"byte {place} bit {bit}", bytes(changed)


def truncated(content: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The content broken off, at so many places; the first and last bytes are always among them."""
    chance = random.Random(seed)
    places = [1, len(content) - 1, len(content) - 2, *(chance.randrange(1, len(content)) for _ in range(count - 3))]
    for place in places[:count]:
        yield f"first {place} bytes", content[:place]
