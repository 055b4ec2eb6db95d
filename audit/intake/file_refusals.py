"""What is said of a file that is no workbook, not whole or not safe to read."""

from __future__ import annotations

from typing import Final

from audit.errors import InputIncomplete, InputRejected

SAVE_AS: Final = "Open it in Excel and save it as an Excel workbook (.xlsx)."
_NOT_TRUSTED = "Do not open it. Ask for the file again from where it was made."

#: Why a file is no workbook: code, what happened, what to do.
NO_WORKBOOK = {
    "empty": ("EMPTY_FILE", "The file is empty.", "Export it again."),
    "password": (
        "PASSWORD_PROTECTED",
        "The workbook is protected with a password.",
        "Open it in Excel, remove the password (File, Info, Protect Workbook) and save it.",
    ),
    "ole": ("OLD_EXCEL_FORMAT", "The file is of an old Office format and holds no workbook to be read.", SAVE_AS),
    "zip": ("NOT_A_WORKBOOK", "The file is a zip archive, or part of one, not an .xlsx workbook.", SAVE_AS),
    "html": ("HTML_NOT_WORKBOOK", "The file is a web page (HTML) with the name of a workbook.", SAVE_AS),
    "xml": ("XML_NOT_WORKBOOK", "The file is XML with the name of a workbook.", SAVE_AS),
    "text": (
        "TEXT_NOT_WORKBOOK",
        "The file is plain text, perhaps csv, with the name of a workbook.",
        "Give its name the ending .csv.",
    ),
    "parquet": ("WRONG_ENDING", "The file is Parquet with another name.", "Give its name the ending .parquet."),
    "unknown": ("NOT_A_WORKBOOK", "The file is not an Excel workbook.", SAVE_AS),
}


def no_workbook(kind: str, file: str) -> InputRejected:
    """The file is one of the kinds of `NO_WORKBOOK`."""
    code, what, remedy = NO_WORKBOOK[kind]
    return InputRejected(what, where=file, remedy=remedy, code=code)


def incomplete(file: str) -> InputIncomplete:
    """The end of the file is missing."""
    return InputIncomplete(
        "The end of the file is missing: it may still be copied, or its copy was broken off.",
        where=file,
        remedy="Wait until it is copied, or copy it again.",
        code="FILE_INCOMPLETE",
    )


def unsafe(file: str, detail: str, code: str = "UNSAFE_FILE") -> InputRejected:
    """Reading the file could do harm."""
    return InputRejected(f"The file is not safe to read: {detail}.", where=file, remedy=_NOT_TRUSTED, code=code)
