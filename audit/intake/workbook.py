"""Reads an Excel workbook into raw cells."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import cast

import python_calamine as calamine

from audit.errors import InputRejected
from audit.intake.cells import ORIGIN_1900, ORIGIN_1904, Cell, Sheet

_ZIP, _OLE = b"PK", bytes.fromhex("D0CF11E0A1B11AE1")
#: An encrypted workbook is an OLE file with a stream of this name.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_IS_1904 = re.compile(rb"""date1904\s*=\s*["'](1|true)["']""")
_SAVE_AS = "Open it in Excel and save it as an Excel workbook (.xlsx)."


def read_workbook(content: bytes, file: str) -> list[Sheet]:
    """Read every worksheet of an .xlsx file, in its order; row and column numbers are Excel's own.

    Raises:
        InputRejected: the bytes are not a readable Excel workbook.
    """
    _check_kind(content, file)
    try:
        book = calamine.load_workbook(BytesIO(content))
        worksheet = calamine.SheetTypeEnum.WorkSheet
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ is worksheet]
        # leading blank rows and columns are kept, so that positions are Excel's
        cells = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names]
    except calamine.CalamineError as error:
        raise _rejected("NOT_A_WORKBOOK", "The workbook is damaged and cannot be read.", file) from error
    origin = _origin(content)
    rows = (cast(Sequence[Sequence[Cell]], sheet) for sheet in cells)
    return [Sheet(file, name, sheet, origin=origin) for name, sheet in zip(names, rows, strict=True)]


def kind_of(content: bytes) -> str:
    """What a file's bytes say it is: empty, xlsx, zip, password, xls, html, xml, text or unknown."""
    if not content.strip():
        return "empty"
    if content.startswith(_OLE):
        return "password" if _ENCRYPTED in content else "xls"
    if content.startswith(_ZIP):
        return "xlsx" if _is_xlsx(content) else "zip"
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(b"<"):
        return "html" if b"<html" in head or b"<table" in head or b"<!doctype html" in head else "xml"
    return "unknown" if b"\x00" in head else "text"


def _is_xlsx(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


#: Why a file with an .xlsx name is not read: code, what happened, what to do.
_NOT_XLSX = {
    "empty": ("EMPTY_FILE", "The file is empty.", "Export it again."),
    "password": (
        "PASSWORD_PROTECTED",
        "The workbook is protected with a password.",
        "Open it in Excel, remove the password (File, Info, Protect Workbook) and save it.",
    ),
    "xls": ("OLD_EXCEL_FORMAT", "The file is in the format of Excel 97-2003, or another old one.", _SAVE_AS),
    "zip": ("NOT_A_WORKBOOK", "The file is a zip archive, or part of one, not an .xlsx workbook.", _SAVE_AS),
    "html": ("HTML_NOT_WORKBOOK", "The file is a web page (HTML) with the name of a workbook.", _SAVE_AS),
    "xml": ("XML_NOT_WORKBOOK", "The file is XML with the name of a workbook.", _SAVE_AS),
    "text": (
        "TEXT_NOT_WORKBOOK",
        "The file is plain text, perhaps csv, with the name of a workbook.",
        "Give its name the ending .csv.",
    ),
    "unknown": ("NOT_A_WORKBOOK", "The file is not an Excel workbook.", _SAVE_AS),
}


def _check_kind(content: bytes, file: str) -> None:
    if (kind := kind_of(content)) != "xlsx":
        code, what, remedy = _NOT_XLSX[kind]
        raise InputRejected(what, where=file, remedy=remedy, code=code)


def _rejected(code: str, what: str, file: str) -> InputRejected:
    return InputRejected(what, where=file, remedy="Export or save it again.", code=code)


def _origin(content: bytes) -> date:
    """Day 0 of the workbook's numbers: only cells without a date format need it."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return ORIGIN_1904 if _IS_1904.search(archive.read("xl/workbook.xml")) else ORIGIN_1900
