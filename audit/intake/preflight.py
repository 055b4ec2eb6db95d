"""Is this workbook whole and safe? Its bytes are checked here before any reader sees them.

Readers do not notice flipped bits reliably, and some of them allocate whatever a file asks for. So an archive's names,
check sums, sizes (`audit.intake.zip_parts`) and required parts, and the beginning of every XML part
(`audit.intake.xml_parts`), are looked at first.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from xml.etree.ElementTree import Element

from audit.errors import InputRejected
from audit.intake.compound import check_compound, check_compound_end
from audit.intake.extent import SheetScan, check_extent, check_repeats, check_texts, damaged
from audit.intake.file_kind import kind_of
from audit.intake.file_refusals import NO_WORKBOOK, no_workbook
from audit.intake.records import check_xlsb_sheet
from audit.intake.xml_parts import check_prolog, is_xml, local_name, parsed
from audit.intake.zip_parts import open_archive, read_parts

_NEEDED = ("worksheet", "sharedstrings", "styles")


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
        check_compound_end(content, file)
    if kind in NO_WORKBOOK:
        raise no_workbook(kind, file)
    if kind == "xls":
        check_compound(content, file)
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


def _walk(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str, scan: SheetScan | None) -> None:
    """Unpack one part, which compares its check sum, and look at its beginning and, if a sheet, at its cells."""
    chunks = read_parts(archive, info)
    first = next(chunks, b"")
    if is_xml(info.filename, first):
        check_prolog(first, info.filename, file)
    if scan:
        scan.add(first)
    for chunk in chunks:
        if scan:
            scan.add(chunk)


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
    rels = parsed(archive, names[f"{folder}/_rels/{name}.rels"], file)
    targets: dict[str, tuple[str, str]] = {}
    for rel in rels:
        if rel.get("TargetMode") != "External":
            kind = posixpath.basename(rel.get("Type", "")).casefold()
            part = posixpath.normpath(posixpath.join("/", folder, rel.get("Target", "")))[1:].casefold()
            if kind in _NEEDED and part not in names:
                raise damaged(file, "a sheet, or a part that its sheets need, is missing")
            targets[rel.get("Id", "")] = (kind, part)
    return parsed(archive, names[main], file) if main.endswith(".xml") else rels, targets


def _worksheets(
    book: Element, targets: Mapping[str, tuple[str, str]], file: str
) -> tuple[dict[str, str], bool]:
    """Name -> part of each worksheet, and whether there are sheets of other kinds."""
    listed = [element for element in book.iter() if local_name(element.tag) == "sheet"]
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
