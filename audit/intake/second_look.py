"""What a reader of sheets does not tell: hidden things, error values, formulas never calculated, rows cut off."""

from __future__ import annotations

from collections.abc import Sequence

from audit.errors import InputIncomplete, InputRejected
from audit.intake.cells import Grid, Sheet, letter, text
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.sheets import Book
from audit.intake.source import Source
from audit.intake.workbook import Workbook

#: An extract of exactly so many rows was cut off by Excel, the old one or today's.
_CUT_OFF_AT = (65_536, 1_048_576)


def look_again(source: Source, book: Book, findings: Findings) -> None:
    """Look once more at the sheets that hold the tables; of an .xlsx workbook with a second reader.

    Raises:
        InputRejected: two readers disagree, or a formula that is needed was never calculated.
        InputIncomplete: a sheet has exactly as many rows as Excel can hold.
    """
    used = _used(source, book)
    for sheet in used:
        _check_height(sheet)
    if source.workbook is None:
        return
    _report_hidden_sheets(source.workbook, source.file, findings)
    if source.workbook.package.kind == "xlsx":
        _look_twice(source, source.workbook, (book, used), findings)


def _used(source: Source, book: Book) -> list[Sheet]:
    """The sheets that hold the tables, and About."""
    names = {(grid.file, grid.sheet) for grid in book.grids}
    return [sheet for sheet in source.sheets if sheet is book.about or (sheet.file, sheet.name) in names]


def _check_height(sheet: Sheet) -> None:
    if len(sheet.rows) in _CUT_OFF_AT and not sheet.places:
        raise InputIncomplete(
            f"The sheet has exactly {len(sheet.rows):,} rows, where Excel cuts off what is longer: rows are missing.",
            where=f"{sheet.file}, sheet {sheet.name}",
            remedy="Export it as csv, or in two parts with fewer years each; no row after the last may be left behind.",
            code="ROWS_AT_LIMIT",
        )


def _report_hidden_sheets(book: Workbook, file: str, findings: Findings) -> None:
    for name in book.hidden_tables:
        message = "The sheet is hidden in Excel; it has the name of a table and is read."
        findings.add(Finding("warning", "HIDDEN_SHEET", message, file, name))
    for sheet in book.hidden:
        message = "The sheet is hidden in Excel and is not read."
        findings.add(Finding("note", "HIDDEN_SHEET", message, file, sheet.name))


def _look_twice(source: Source, workbook: Workbook, of: tuple[Book, Sequence[Sheet]], findings: Findings) -> None:
    from audit.intake import second_reader as second  # noqa: PLC0415  # imports openpyxl

    book, used = of
    rows = sum(len(sheet.rows) for sheet in (*workbook.sheets, *workbook.hidden))
    # as they were read: the sheets of the source may have had cells blanked since
    names = {sheet.name for sheet in used}
    as_read = [sheet for sheet in workbook.sheets if sheet.name in names]
    if rows < second.READ_TWICE_BELOW and not second.check_agreement(source.content, as_read, workbook.package):
        message = "The workbook has a chart sheet, and only one of two readers can open it; it was read once."
        findings.add(Finding("note", "READ_ONCE", message, source.file))
    parts = {part.name: part for part in workbook.package.sheets}
    for sheet in used:
        seen = second.look(source.content, parts[sheet.name], source.file)
        grid = next((grid for grid in book.grids if grid.sheet == sheet.name), None)
        _check_calculated(sheet, grid, list(second.never_calculated(seen, workbook.package)))
        _report_hidden_cells(sheet, seen.hidden_rows, seen.hidden_columns, findings)
        _report_errors(sheet, grid, seen.errors, findings)


def _field_at(grid: Grid | None, column: int) -> str | None:
    """The field of a column, None when the table does not use it; of About every column counts."""
    if grid is None:
        return ""
    return next((field for field, one in grid.columns.items() if one.letter == letter(column)), None)


def _check_calculated(sheet: Sheet, grid: Grid | None, cells: Sequence[tuple[int, int]]) -> None:
    first = next((at for at in cells if _field_at(grid, at[1]) is not None), None)
    if first is not None:
        raise InputRejected(
            "A formula was never calculated: the program that wrote the workbook left its value out.",
            where=sheet.address(*first),
            remedy="Open the workbook in Excel, save it, and run it again.",
            code="FORMULAS_NOT_CALCULATED",
        )


def _report_hidden_cells(sheet: Sheet, rows: Sequence[int], columns: Sequence[str], findings: Findings) -> None:
    filled = [row for row in rows if row <= len(sheet.rows) and any(map(text, sheet.rows[row - 1]))]
    if filled:
        one = len(filled) == 1
        counted = "1 row is" if one else f"{len(filled):,} rows are"
        message = f"{counted} hidden or filtered out in Excel; {'it counts' if one else 'they count'} like the others."
        findings.add(Finding("note", "HIDDEN_ROWS", message, sheet.file, sheet.name, filled[0]))
    width = max(map(len, sheet.rows), default=0)
    known = [column for column in columns if column in {letter(place) for place in range(width)}]
    if known:
        message = f"Columns are hidden in Excel and are read like the others: {', '.join(known)}."
        findings.add(Finding("note", "HIDDEN_COLUMNS", message, sheet.file, sheet.name, 0, known[0]))


def _report_errors(sheet: Sheet, grid: Grid | None, cells: Sequence[tuple[int, int]], findings: Findings) -> None:
    message = "The cell holds an error value of Excel (such as #N/A) and counts as blank."
    for row, column in cells:
        field = _field_at(grid, column)
        if field is not None:
            where = (sheet.file, sheet.name, row + 1, letter(column), field)
            findings.add(Finding("warning", "CELL_ERROR", message, *where))
