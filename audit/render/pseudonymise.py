"""Writes a copy of an input without identifiers, and reads it back before anybody gets it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Final

import xlsxwriter

from audit.errors import AuditError, CannotWrite, IdentifiableData, UsageError
from audit.intake.cells import Cell, Sheet, text
from audit.intake.copying import Copy, CopySheet
from audit.intake.heading_map import pasted
from audit.intake.identity.check import check_identity
from audit.intake.source import open_source
from audit.render.folder import OWNER_FILE, OWNER_FOLDER
from audit.render.workshop import move, sync_file, workshop
from audit.render.xlsx import CREATED, TEXT_ONLY, CellWriter

#: A cell of a csv file that begins with one of these is run as a formula; full-width forms too.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001  # meant as they are


def check_out(out: Path, given: Path) -> None:
    """Refuse a place that is taken, or an ending that is not written.

    Args:
        out: the file or folder to write.
        given: the input.

    Raises:
        CannotWrite: something stands there.
        UsageError: it ends in something else than .xlsx, .csv or nothing, or stands inside the input's folder.
    """
    if out.suffix.lower() not in (".xlsx", ".csv", ""):
        what = f"A copy cannot be written with the ending {out.suffix}."
        raise UsageError(what, where=str(out), remedy="Let the name end in .xlsx or .csv.", code="ENDING_NOT_WRITTEN")
    if given.is_dir() and out.resolve().is_relative_to(given.resolve()):
        what = "The copy would stand in the folder that it is a copy of."
        raise UsageError(what, where=str(out), remedy="Name a place outside it.", code="COPY_IN_INPUT")
    if out.exists():
        what = "Something stands there already; it is not replaced."
        raise CannotWrite(
            what, where=str(out), remedy="Name another file, or delete that one first.", code="OUT_EXISTS"
        )


def write_copy(copy: Copy, out: Path) -> None:
    """Write a copy as a workbook (.xlsx), one csv file (.csv), or a folder of csv files (no ending).

    It is built beside its place, read back, put through the gate, and only then gets its name.

    Raises:
        IdentifiableData: it would still look identifiable; nothing is written.
        CannotWrite: the disk refuses; nothing is left behind.
        UsageError: a copy of several sheets does not fit into one csv file.
    """
    if out.suffix.lower() == ".csv" and len(copy.sheets) > 1:
        what = f"The copy has {len(copy.sheets)} sheets, which one csv file cannot hold."
        raise UsageError(what, where=str(out), remedy="Let the name end in .xlsx.", code="ENDING_NOT_WRITTEN")
    _check(_as_sheets(copy, out), out)
    try:
        with workshop(out) as folder:
            made = folder / out.name
            _write(copy, made)
            _check_read_back(copy, made, out)
            move(made, out)
    except OSError as error:
        what = f"The copy cannot be written ({error.strerror or type(error).__name__})."
        remedy = "Free some space, or name another place."
        raise CannotWrite(what, where=str(out), remedy=remedy, code="CANNOT_WRITE") from error


def _write(copy: Copy, made: Path) -> None:
    if made.suffix.lower() == ".xlsx":
        _write_workbook(copy, made)
    elif made.suffix.lower() == ".csv":
        _write_csv(copy.sheets[0], made)
    else:
        made.mkdir(mode=OWNER_FOLDER)
        for sheet in copy.sheets:
            _write_csv(sheet, made / f"{sheet.name}.csv")
    for path in sorted(made.iterdir()) if made.is_dir() else (made,):
        path.chmod(OWNER_FILE)
        sync_file(path)


def _write_workbook(copy: Copy, made: Path) -> None:
    book = xlsxwriter.Workbook(made, {**TEXT_ONLY, "in_memory": True})
    # the same copy twice is the same file
    book.set_properties({"created": CREATED})
    writer = CellWriter(book, {"": {}})
    for sheet in copy.sheets:
        page = book.add_worksheet(sheet.name)
        for number, row in enumerate(sheet.rows):
            for place, cell in enumerate(row):
                writer.write(page, number, place, cell)
    book.close()


def _write_csv(sheet: CopySheet, made: Path) -> None:
    width = max(map(len, sheet.rows), default=0)
    written = StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([*map(_printed, row), *[""] * (width - len(row))] for row in sheet.rows)
    made.write_text(written.getvalue(), encoding="utf-8", newline="")


def _printed(cell: Cell) -> str:
    if isinstance(cell, date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    typed = text(cell)
    risky = isinstance(cell, str) and len(typed) > 1 and typed.startswith(_FORMULA_STARTS)
    return f"'{typed}" if risky else typed


# --- the copy passes the gate


def _as_sheets(copy: Copy, out: Path) -> list[Sheet]:
    return [Sheet(out.name, sheet.name, sheet.rows, delimited=True) for sheet in copy.sheets]


def _check(sheets: list[Sheet], out: Path) -> None:
    try:
        check_identity([replace(sheet, delimited=True) for sheet in sheets], out.name)
    except IdentifiableData as error:
        raise IdentifiableData(
            f"Nothing is written, as the copy would not be safe. {error.what}",
            where=error.where,
            remedy="Remove those columns in a copy of your own, or give the copy a name that names nobody.",
            code="COPY_IDENTIFIABLE",
        ) from None


def _check_read_back(copy: Copy, made: Path, out: Path) -> None:
    """The file on the disk must hold as many rows and pass the gate as well."""
    try:
        sheets = list(open_source(made).sheets)
    except AuditError as error:
        raise OSError("the copy read back is damaged") from error
    _check(sheets, out)
    written = sorted(_filled(sheet.rows) for sheet in copy.sheets)
    if sorted(_filled(sheet.rows) for sheet in sheets) != written:
        raise OSError("the copy read back differs from the copy written")


def _filled(rows: Sequence[Sequence[Cell]]) -> int:
    return sum(any(text(cell) for cell in row) for row in rows)


# --- what is said of it


def copy_lines(copy: Copy, out: Path, key_file: Path) -> list[str]:
    """What the terminal says: counts and letters of columns, never what stood in them."""
    left_out = [f"{sheet.name} {', '.join(sheet.left_out)}" for sheet in copy.sheets if sheet.left_out]
    return [
        f"Pseudonymised {copy.patients:,} patient{'s' * (copy.patients != 1)}; dates are kept",
        *([f"Columns left out: {'; '.join(left_out)}"] if left_out else []),
        *([f"Sheets left out: {copy.sheets_left_out}"] if copy.sheets_left_out else []),
        *([f"Cells emptied because they held a person's details: {copy.blanked:,}"] if copy.blanked else []),
        f"Key   {key_file}   (keep it safe, and apart from the copy)",
        f"Copy  {out}",
        f"Next: b12audit run {pasted(str(out))}",
    ]
