"""Reads a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) into raw cells: values only, nothing is ever calculated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import cast

import python_calamine as calamine

from audit.errors import InputRejected
from audit.intake.cells import ORIGIN_1900, ORIGIN_1904, Cell, Sheet
from audit.intake.extent import damaged
from audit.intake.file_kind import kind_of
from audit.intake.preflight import Package, check_workbook
from audit.intake.words import squash
from schemas.vocabulary import INPUT_COLUMNS

__all__ = ["Workbook", "kind_of", "open_workbook", "read_workbook"]

#: First row, first column, last row, last column, from 0.
Rectangle = tuple[int, int, int, int]
_TABLE_NAMES = {squash(name) for name in ("About", *INPUT_COLUMNS)}
_NOT_XLSX = "Save it as an Excel workbook (.xlsx) and use that file."


@dataclass(frozen=True, slots=True)
class Workbook:
    """The worksheets of one file.

    Attributes:
        package: what preflight saw of it.
        sheets: every worksheet that may be a table, in its order: a hidden one only when it has a table's name.
        hidden: the other hidden worksheets; nothing of them is audited.
        hidden_tables: names of the hidden ones among `sheets`.
        merged: of each sheet its merged rectangles.
    """

    package: Package
    sheets: tuple[Sheet, ...]
    hidden: tuple[Sheet, ...] = ()
    hidden_tables: tuple[str, ...] = ()
    merged: Mapping[str, Sequence[Rectangle]] = field(default_factory=dict)


def read_workbook(content: bytes, file: str) -> list[Sheet]:
    """The worksheets that may be tables; see `open_workbook`."""
    return list(open_workbook(content, file).sheets)


def open_workbook(content: bytes, file: str) -> Workbook:
    """Read every worksheet, in its order; row and column numbers are Excel's own.

    Raises:
        InputRejected: the bytes are not a workbook that can be read, whole and safe.
        InputIncomplete: their end is missing.
    """
    package = check_workbook(content, file)
    try:
        return _read(content, file, package)
    except calamine.PasswordError as error:
        raise InputRejected(
            "The workbook is protected with a password.",
            where=file,
            remedy="Open it in Excel, remove the password (File, Info, Protect Workbook) and save it.",
            code="PASSWORD_PROTECTED",
        ) from error
    except (calamine.CalamineError, ValueError, OverflowError) as error:
        raise damaged(file, "no reader of workbooks can read it") from error
    except BaseException as error:
        # a reader written in Rust panics on some damage; its exception cannot be named otherwise
        if type(error).__name__ == "PanicException":
            raise damaged(file, "no reader of workbooks can read it") from None
        raise


def _read(content: bytes, file: str, package: Package) -> Workbook:
    origin = ORIGIN_1904 if package.from_1904 else ORIGIN_1900
    worksheet, visible = calamine.SheetTypeEnum.WorkSheet, calamine.SheetVisibleEnum.Visible
    merged: dict[str, Sequence[Rectangle]] = {}
    shown: list[Sheet] = []
    hidden: list[Sheet] = []
    tables: list[str] = []
    with calamine.load_workbook(BytesIO(content)) as book:
        for meta in (meta for meta in book.sheets_metadata if meta.typ is worksheet):
            raw = book.get_sheet_by_name(meta.name)
            # leading blank rows and columns are kept, so that positions are Excel's
            rows = cast(Sequence[Sequence[Cell]], raw.to_python(skip_empty_area=False))
            merged[meta.name] = [(*first, *last) for first, last in raw.merged_cell_ranges or ()]
            is_table = squash(meta.name) in _TABLE_NAMES
            (shown if meta.visible is visible or is_table else hidden).append(
                Sheet(file, meta.name, rows, origin=origin)
            )
            if meta.visible is not visible and is_table:
                tables.append(meta.name)
    _check_names(package, [sheet.name for sheet in (*shown, *hidden)], file)
    return Workbook(package, tuple(shown), tuple(hidden), tuple(tables), merged)


def _check_names(package: Package, names: Sequence[str], file: str) -> None:
    """The reader must see the worksheets that the workbook lists."""
    if package.kind == "xlsx" and sorted(names) != sorted(sheet.name for sheet in package.sheets):
        raise damaged(file, "its list of sheets and its sheets differ", _NOT_XLSX)
    if not names:
        raise InputRejected(
            "The workbook has no worksheet.", where=file, remedy="Export it again.", code="NO_WORKSHEET"
        )
