"""Is this file whole and safe? Its bytes are checked here before any reader sees them.

Readers do not notice flipped bits reliably, and some of them allocate whatever a file asks for. So an archive's names,
check sums, sizes and required parts, and the beginning of every XML part, are looked at first.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Final
from xml.etree.ElementTree import Element, ParseError
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from defusedxml.expatreader import DefusedExpatParser

from audit.errors import AuditError, InputIncomplete, InputRejected
from audit.intake.extent import SheetScan, check_extent, check_repeats, check_texts, damaged
from audit.intake.records import check_xls, check_xlsb_sheet

_ZIP, _ZIP_END, _ZIP_END_SIZE = b"PK", b"PK\x05\x06", 22
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_PARQUET = (b"PAR1", b"PARE")
#: An encrypted workbook is an OLE file with a stream of this name.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: What an .xls file calls its cells: Excel 97 on, Excel 5 and 95.
_XLS_STREAMS = tuple(name.encode("utf-16-le") + b"\x00\x00" for name in ("Workbook", "Book"))
_BOM_16 = (b"\xff\xfe", b"\xfe\xff")

_MEGABYTE: Final = 2**20
MOST_UNPACKED: Final = 600 * _MEGABYTE
MOST_IN_A_PART: Final = 500 * _MEGABYTE
#: Real sheets compress about 13:1, bombs 295:1 and more; small parts may be anything.
MOST_RATIO: Final = 200
RATIO_FROM: Final = 10 * _MEGABYTE
MOST_PARTS: Final = 20_000
#: An XML part's first element starts within so many bytes.
_PROLOG = _MEGABYTE
_OLE_HEAD, _OLE_SHIFTS = 512, (9, 12)
_ENCRYPTION_FLAGS = 0x1 | 0x40 | 0x2000
_XML_NAMES = (".xml", ".rels", ".vml")
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']+)""")
_NEEDED = ("worksheet", "sharedstrings", "styles")

_DECLARES = "a part of it declares a document type or an entity"
_SAVE_AS = "Open it in Excel and save it as an Excel workbook (.xlsx)."
_NOT_TRUSTED = "Do not open it. Ask for the file again from where it was made."

#: What the libraries raise on an archive that is not what it says it is.
BROKEN_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError),
    *(struct.error, IndexError, OverflowError),
)


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One worksheet of an .xlsx package: the part that holds it, and what its bytes show."""

    name: str
    part: str
    scan: SheetScan


@dataclass(frozen=True, slots=True)
class Package:
    """A workbook that may be read.

    Attributes:
        kind: xlsx, xlsb, ods or xls.
        sheets: the worksheets of an .xlsx package in their order; empty for the other kinds.
        chart_sheets: whether it has sheets that are no worksheet.
        recalculated: the formulas are to be calculated when Excel opens it: their saved values may be none.
        from_1904: its day numbers count from 1904.
    """

    kind: str
    sheets: tuple[SheetPart, ...] = ()
    chart_sheets: bool = False
    recalculated: bool = False
    from_1904: bool = False


# --- what the bytes say


def kind_of(content: bytes) -> str:
    """What a file's bytes say it is.

    One of: empty, xlsx, xlsb, ods, zip, password, xls, ole, parquet, html, xml, text, unknown.
    """
    if not content.strip():
        return "empty"
    if content.startswith(_OLE):
        return _ole_kind(content)
    if content.startswith(_ZIP):
        return _zip_kind(content)
    if content.startswith(_PARQUET):
        return "parquet"
    if content.startswith(_BOM_16):
        return _text_kind(content[:8192].decode("utf-16", "ignore").encode())
    return _text_kind(content[:4096].removeprefix(b"\xef\xbb\xbf"))


def _ole_kind(content: bytes) -> str:
    if _ENCRYPTED in content:
        return "password"
    return "xls" if any(name in content for name in _XLS_STREAMS) else "ole"


def _zip_kind(content: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = {name.casefold() for name in archive.namelist()}
    except BROKEN_ARCHIVE:
        return "zip"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "xl/workbook.xml" in names or any(name.startswith("xl/worksheets/") for name in names):
        return "xlsx"
    return "ods" if "content.xml" in names else "zip"


def _text_kind(head: bytes) -> str:
    head = head.lstrip().lower()
    if head.startswith(b"<"):
        return "html" if b"<html" in head or b"<table" in head or b"<!doctype html" in head else "xml"
    if head.startswith(b"mime-version:"):
        return "html"
    return "unknown" if b"\x00" in head else "text"


#: Why a file is no workbook: code, what happened, what to do.
_NO_WORKBOOK = {
    "empty": ("EMPTY_FILE", "The file is empty.", "Export it again."),
    "password": (
        "PASSWORD_PROTECTED",
        "The workbook is protected with a password.",
        "Open it in Excel, remove the password (File, Info, Protect Workbook) and save it.",
    ),
    "ole": ("OLD_EXCEL_FORMAT", "The file is of an old Office format and holds no workbook to be read.", _SAVE_AS),
    "zip": ("NOT_A_WORKBOOK", "The file is a zip archive, or part of one, not an .xlsx workbook.", _SAVE_AS),
    "html": ("HTML_NOT_WORKBOOK", "The file is a web page (HTML) with the name of a workbook.", _SAVE_AS),
    "xml": ("XML_NOT_WORKBOOK", "The file is XML with the name of a workbook.", _SAVE_AS),
    "text": (
        "TEXT_NOT_WORKBOOK",
        "The file is plain text, perhaps csv, with the name of a workbook.",
        "Give its name the ending .csv.",
    ),
    "parquet": ("WRONG_ENDING", "The file is Parquet with another name.", "Give its name the ending .parquet."),
    "unknown": ("NOT_A_WORKBOOK", "The file is not an Excel workbook.", _SAVE_AS),
}


def check_workbook(content: bytes, file: str) -> Package:
    """Look at a workbook before it is read.

    Raises:
        InputRejected: it is no workbook, damaged, encrypted or a bomb.
        InputIncomplete: its end is missing.
    """
    kind = kind_of(content)
    if kind == "zip":
        _check_broken(content, file)
    if kind in ("xls", "ole"):
        _check_ole_end(content, file)
    if kind in _NO_WORKBOOK:
        code, what, remedy = _NO_WORKBOOK[kind]
        raise InputRejected(what, where=file, remedy=remedy, code=code)
    if kind == "xls":
        _check_ole(content, file)
        return Package("xls")
    with open_archive(content, file) as archive:
        if kind == "xlsx":
            return _check_xlsx(archive, file)
        return _check_xlsb(archive, file) if kind == "xlsb" else _check_ods(archive, file)


def _check_broken(content: bytes, file: str) -> None:
    """A zip archive that cannot be opened but begins as a workbook does: it was one."""
    head = content[:4096].lower()
    if any(name in head for name in (b"[content_types].xml", b"xl/", b"_rels/", b"docprops/", b"mimetype")):
        with open_archive(content, file):
            pass  # it is whole after all, and something else


def incomplete(file: str) -> InputIncomplete:
    """The end of the file is missing."""
    return InputIncomplete(
        "The end of the file is missing: it may still be copied, or its copy was broken off.",
        where=file,
        remedy="Wait until it is copied, or copy it again.",
        code="FILE_INCOMPLETE",
    )


def _unsafe(file: str, detail: str, code: str = "UNSAFE_FILE") -> InputRejected:
    return InputRejected(f"The file is not safe to read: {detail}.", where=file, remedy=_NOT_TRUSTED, code=code)


# --- the old format


def _check_ole(content: bytes, file: str) -> None:
    """A compound file is made of sectors, and each that its tables name must be inside."""
    size = _sector_size(content)
    if not size:
        raise damaged(file, "it is not an Excel workbook of the format that it begins as")
    check_xls(content, size, file)


def _sector_size(content: bytes) -> int:
    """2 to the power of the number at byte 30; 0 when that is no size that there is."""
    shift = struct.unpack_from("<H", content.ljust(_OLE_HEAD, b"\0"), 30)[0]
    return 1 << shift if shift in _OLE_SHIFTS else 0


def _check_ole_end(content: bytes, file: str) -> None:
    head, size = content.ljust(_OLE_HEAD, b"\0"), _sector_size(content)
    if not size:
        return
    tables = struct.unpack_from("<109I", head, 76)[: struct.unpack_from("<I", head, 44)[0]]
    inside = -(-len(content) // size) - 1
    if any((number + 2) * size > len(content) for number in tables) or _last_used(content, tables, size) >= inside:
        raise incomplete(file)


def _last_used(content: bytes, tables: Sequence[int], size: int) -> int:
    """The last sector in use, as the tables of sectors say; free ones are 0xFFFFFFFF."""
    free, used, each = 0xFFFFFFFF, 0, size // 4
    for place, number in enumerate(tables):
        entries = struct.unpack_from(f"<{each}I", content, (number + 1) * size)
        used = max([used, *(place * each + at for at, entry in enumerate(entries) if entry != free)])
    return used


# --- archives


@contextmanager
def open_archive(content: bytes, file: str) -> Iterator[zipfile.ZipFile]:
    """A zip archive whose names, sizes and flags are in order; what breaks while it is open is a damaged file.

    Raises:
        InputRejected: two parts of one name, a name that leads out, an encrypted part, a bomb, damage.
        InputIncomplete: its end is missing.
    """
    end = content.rfind(_ZIP_END)
    if end < 0 or end + _ZIP_END_SIZE > len(content):
        raise incomplete(file)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_list(archive.infolist(), file)
            yield archive
    except AuditError:
        raise
    except BROKEN_ARCHIVE as error:
        raise damaged(file, "a part of it does not match its check sum or its place in the archive") from error


def _check_list(parts: Sequence[zipfile.ZipInfo], file: str) -> None:
    if not parts or min(part.header_offset for part in parts) != 0:
        raise damaged(file, "something stands before the archive, or it is empty")
    names = [part.orig_filename for part in parts]
    if len({name.casefold() for name in names}) < len(names):
        raise damaged(file, "two of its parts have the same name")
    if any(_leads_out(name) for name in names):
        raise _unsafe(file, "a part's name leads out of the archive")
    if any(part.flag_bits & _ENCRYPTION_FLAGS for part in parts):
        code, what, remedy = _NO_WORKBOOK["password"]
        raise InputRejected(what, where=file, remedy=remedy, code=code)
    _check_sizes(parts, file)


def _leads_out(name: str) -> bool:
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ":" in plain or "\0" in plain or ".." in plain.split("/")


def _check_sizes(parts: Sequence[zipfile.ZipInfo], file: str) -> None:
    packed_hard = [
        part
        for part in parts
        if part.file_size > RATIO_FROM and part.file_size > MOST_RATIO * max(part.compress_size, 1)
    ]
    too_large = max(part.file_size for part in parts) > MOST_IN_A_PART
    if packed_hard or too_large or len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _unsafe(file, "it would unpack to far more than a workbook holds (a zip bomb)", "ZIP_BOMB")


def read_parts(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes, a megabyte at a time; its check sum is compared at the end."""
    with archive.open(info) as part:
        while chunk := part.read(_MEGABYTE):
            yield chunk


def _walk(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str, scan: SheetScan | None) -> None:
    """Unpack one part, which compares its check sum, and look at its beginning and, if a sheet, at its cells."""
    chunks = read_parts(archive, info)
    first = next(chunks, b"")
    if _is_xml(info.filename, first):
        _check_prolog(first, info.filename, file)
    if scan:
        scan.add(first)
    for chunk in chunks:
        if scan:
            scan.add(chunk)


# --- XML


class _FirstElement(Exception):
    """No error: what was looked for."""


class _Prolog(ContentHandler):
    def startElement(self, name: str, attrs: object) -> None:
        raise _FirstElement


def _is_xml(name: str, first: bytes) -> bool:
    if name.casefold().endswith(_XML_NAMES):
        return True
    return first[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<"))


def _check_prolog(first: bytes, name: str, file: str) -> None:
    """Only before its first element can an XML part declare a document type, and with it entities."""
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(_Prolog())
    try:
        parser.feed(first[:_PROLOG])
    except _FirstElement:
        return _check_encoding(first, name, file)
    except DefusedXmlException as error:
        raise _unsafe(file, _DECLARES, "XML_ENTITIES") from error
    except SAXParseException as error:
        raise damaged(file, "a part of it is not the XML that its name says") from error
    raise damaged(file, "a part of it is not the XML that its name says")


def _check_encoding(first: bytes, name: str, file: str) -> None:
    """The readers take the parts of a workbook as UTF-8, whatever they declare."""
    declared = _DECLARED.match(first[:512].removeprefix(b"\xef\xbb\xbf"))
    other = declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")
    if (other or first.startswith(_BOM_16)) and not name.casefold().startswith(("customxml/", "docprops/")):
        raise damaged(file, "a part of it is not in the character set UTF-8", _SAVE_AS)


def _parsed(archive: zipfile.ZipFile, name: str, file: str) -> Element:
    try:
        root: Element = fromstring(archive.read(name), forbid_dtd=True)
    except DefusedXmlException as error:
        raise _unsafe(file, _DECLARES, "XML_ENTITIES") from error
    except ParseError as error:
        raise damaged(file, "a part of it is not the XML that its name says") from error
    return root


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


# --- workbooks


def _names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names of parts, whose case does not matter -> as written."""
    return {name.casefold(): name for name in archive.namelist()}


def _need(names: Mapping[str, str], needed: Sequence[str], file: str) -> None:
    if any(name not in names for name in needed):
        raise damaged(file, "a part that every workbook has is missing")


def _check_xlsx(archive: zipfile.ZipFile, file: str) -> Package:
    names = _names(archive)
    _need(names, ("[content_types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"), file)
    book, targets = _targets(archive, names, "xl/workbook.xml", file)
    worksheets, others = _worksheets(book, targets, file)
    scans = {part: SheetScan() for part in worksheets.values()}
    for info in archive.infolist():
        _walk(archive, info, file, scans.get(info.filename.casefold()))
    cells = [(scan.finish(), partial(archive.open, names[part])) for part, scan in scans.items()]
    for scan, opened in cells:
        check_extent(scan, opened, file)
    strings = next((part for kind, part in targets.values() if kind == "sharedstrings"), "")
    if strings:
        check_texts(partial(archive.open, names[strings]), cells, file)
    sheets = tuple(SheetPart(name, names[part], scans[part]) for name, part in worksheets.items())
    return Package("xlsx", sheets, others, _says(book, "fullCalcOnLoad"), _says(book, "date1904"))


def _targets(
    archive: zipfile.ZipFile, names: Mapping[str, str], main: str, file: str
) -> tuple[Element, dict[str, tuple[str, str]]]:
    """The workbook part, and of each relationship of it the kind and the part, which must exist."""
    folder, name = posixpath.split(main)
    rels = _parsed(archive, names[f"{folder}/_rels/{name}.rels"], file)
    targets: dict[str, tuple[str, str]] = {}
    for rel in rels:
        if rel.get("TargetMode") != "External":
            kind = posixpath.basename(rel.get("Type", "")).casefold()
            part = posixpath.normpath(posixpath.join("/", folder, rel.get("Target", "")))[1:].casefold()
            if kind in _NEEDED and part not in names:
                raise damaged(file, "a sheet, or a part that its sheets need, is missing")
            targets[rel.get("Id", "")] = (kind, part)
    return _parsed(archive, names[main], file) if main.endswith(".xml") else rels, targets


def _worksheets(
    book: Element, targets: Mapping[str, tuple[str, str]], file: str
) -> tuple[dict[str, str], bool]:
    """Name -> part of each worksheet, and whether there are sheets of other kinds."""
    listed = [element for element in book.iter() if _local(element.tag) == "sheet"]
    ids = [next((value for key, value in one.items() if key.endswith("}id")), "") for one in listed]
    if any(id_ not in targets for id_ in ids):
        raise damaged(file, "a sheet, or a part that its sheets need, is missing")
    found = [(one.get("name", ""), *targets[id_]) for one, id_ in zip(listed, ids, strict=True)]
    if len({part for *_, part in found}) < len(found) or len({name.casefold() for name, *_ in found}) < len(found):
        raise damaged(file, "two of its sheets are one")
    worksheets = {name: part for name, kind, part in found if kind == "worksheet"}
    if not worksheets:
        raise InputRejected(
            "The workbook has no worksheet.", where=file, remedy="Export it again.", code="NO_WORKSHEET"
        )
    return worksheets, len(worksheets) < len(found)


def _says(book: Element, attribute: str) -> bool:
    return any(element.get(attribute) in ("1", "true") for element in book.iter())


def _check_xlsb(archive: zipfile.ZipFile, file: str) -> Package:
    names = _names(archive)
    _need(names, ("[content_types].xml", "xl/workbook.bin", "xl/_rels/workbook.bin.rels"), file)
    _, targets = _targets(archive, names, "xl/workbook.bin", file)
    if not any(kind == "worksheet" for kind, _ in targets.values()):
        raise damaged(file, "a sheet, or a part that its sheets need, is missing")
    for info in archive.infolist():
        _walk(archive, info, file, None)
    for kind, part in targets.values():
        if kind == "worksheet":
            check_xlsb_sheet(archive.read(names[part]), file)
    return Package("xlsb")


def _check_ods(archive: zipfile.ZipFile, file: str) -> Package:
    names = _names(archive)
    _need(names, ("content.xml", "mimetype", "meta-inf/manifest.xml"), file)
    for info in archive.infolist():
        _walk(archive, info, file, None)
    check_repeats(partial(archive.open, names["content.xml"]), file)
    return Package("ods")
