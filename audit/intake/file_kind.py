"""What a file is, as its first bytes and the names of its parts say; its ending may say anything."""

from __future__ import annotations

import zipfile
from io import BytesIO

from audit.intake.zip_parts import BROKEN_ARCHIVE

_ZIP = b"PK"
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_PARQUET = (b"PAR1", b"PARE")
#: An encrypted workbook is an OLE file with a stream of this name.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: What an .xls file calls its cells: Excel 97 on, Excel 5 and 95.
_XLS_STREAMS = tuple(name.encode("utf-16-le") + b"\x00\x00" for name in ("Workbook", "Book"))
BOM_16 = (b"\xff\xfe", b"\xfe\xff")


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
    if content.startswith(BOM_16):
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
