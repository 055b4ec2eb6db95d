"""Shapes of exports that need mending, saying or refusing: merged and grouped ids, footers, last issues, damaged codes.

All of it works on tables already found, so that it holds for every format alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from audit.errors import InputRejected
from audit.intake.cells import Cell, Column, Grid, Mask, letter, text
from audit.intake.check_digits import is_damaged
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.headings import blank_cells
from audit.intake.sheets import Book
from audit.intake.values import is_total, may_be_footer
from audit.intake.workbook import Rectangle
from schemas.vocabulary import INPUT_COLUMNS, TABLE_NEEDS

#: So many treatments without an id, under rows with one, and such a share of all: a grouped export.
_GROUPED_ROWS, _GROUPED_SHARE = 3, 0.2
#: From so many patients on, a table in which more than this share has a single row is one of last issues.
_LAST_ISSUE_PATIENTS, _LAST_ISSUE_SHARE = 20, 0.9


def mend(book: Book, merged: dict[tuple[str, str], Sequence[Rectangle]], fill_down: bool, findings: Findings) -> Book:
    """The same book without footers, its ids filled in where the sheet merges them or `fill_down` says so.

    Args:
        book: the tables found.
        merged: (file, sheet) -> its merged rectangles.
        fill_down: a blank id means the patient of the row above.
        findings: receives what was done.

    Raises:
        InputRejected: a grouped export without `fill_down`, or one with last issues only.
    """
    mended: dict[int, Grid] = {}
    for grid in book.grids:
        own = _fill_merged(grid, merged.get((grid.file, grid.sheet), ()), findings)
        own = _without_footers(own, findings)
        if fill_down:
            own = _fill_down(own, findings)
        elif grid.table != "Patients":
            above = book.preambles.get((grid.file, grid.sheet))
            _check_grouped(own, 1 if above and above.run else _GROUPED_ROWS)
        mended[id(grid)] = own
    out = replace(book, grids=tuple(mended.values()))
    for treatments in out.of("Treatments"):
        _check_last_issue(treatments)
        _report_codes(treatments, findings)
    return out


# --- rows


def _blank(grid: Grid, field: str) -> Mask:
    """The rows in which a field says nothing; all of them when the sheet lacks it."""
    if field not in grid.columns:
        return np.ones(len(grid), np.bool_)
    column = grid.columns[field]
    return column.spread(blank_cells(field, column))


def _events(grid: Grid) -> Mask:
    """The rows in which every column that the table needs, the id excepted, is filled."""
    filled = np.ones(len(grid), np.bool_)
    for field in TABLE_NEEDS[grid.table][1:]:
        filled &= ~_blank(grid, field)
    return filled


def _named(grid: Grid, is_kind: Callable[[str], bool]) -> Mask:
    """The rows whose id is of a kind."""
    column = grid.columns["patient_id"]
    return column.spread(np.array([is_kind(text(cell)) for cell in column.distinct], np.bool_))


def _keep(grid: Grid, rows: Mask) -> Grid:
    # built anew: a cell that stands in no row any more would still count as a patient
    columns = {
        field: Column.of(column.letter, [column.distinct[code] for code in column.codes[rows].tolist()])
        for field, column in grid.columns.items()
    }
    return replace(grid, rows=grid.rows[rows], columns=columns)


def _with(grid: Grid, field: str, cells: Sequence[Cell]) -> Grid:
    return replace(grid, columns={**grid.columns, field: Column.of(grid.letter(field), cells)})


def _note(grid: Grid, code: str, message: str, field: str = "") -> Finding:
    return Finding("note", code, message, grid.file, grid.sheet, 0, grid.letter(field), field)


# --- ids that are not repeated


def _fill_merged(grid: Grid, rectangles: Sequence[Rectangle], findings: Findings) -> Grid:
    """A cell merged over several rows holds for all of them: in the columns of the patient only."""
    if not rectangles:
        return grid
    for field in ("patient_id", *INPUT_COLUMNS["Patients"][1:]):
        if field in grid.columns:
            own = grid.letter(field)
            spans = [(top, bottom) for top, left, bottom, _ in rectangles if letter(left) == own and top < bottom]
            grid = _fill_spans(grid, field, spans, findings)
    return grid


def _fill_spans(grid: Grid, field: str, spans: Sequence[tuple[int, int]], findings: Findings) -> Grid:
    column = grid.columns[field]
    cells = [column.distinct[code] for code in column.codes.tolist()]
    filled = 0
    for top, bottom in spans:
        first, last = np.searchsorted(grid.rows, [top + 1, bottom + 2]).tolist()
        if first < last and grid.rows[first] == top + 1:
            for place in range(first + 1, last):
                filled += not text(cells[place])
                cells[place] = cells[place] if text(cells[place]) else cells[first]
    if not filled:
        return grid
    message = f"{filled:,} cells are part of a cell merged over several rows, and are read as holding the same."
    findings.add(_note(grid, "MERGED_FILLED", message, field))
    return _with(grid, field, cells)


def _fill_down(grid: Grid, findings: Findings) -> Grid:
    blank = _blank(grid, "patient_id")
    wanted = blank & _events(grid) if grid.table != "Patients" else np.zeros(len(grid), np.bool_)
    above = np.maximum.accumulate(np.where(blank, -1, np.arange(len(grid))))
    wanted &= above >= 0
    if not wanted.any():
        return grid
    column = grid.columns["patient_id"]
    codes = np.where(wanted, column.codes[above], column.codes)
    message = f"{int(wanted.sum()):,} rows have no patient id and are read as of the patient above (--fill-down)."
    findings.add(_note(grid, "FILLED_DOWN", message, "patient_id"))
    filled = Column(column.letter, column.distinct, codes.astype(np.int32))
    return replace(grid, columns={**grid.columns, "patient_id": filled})


def _check_grouped(grid: Grid, fewest: int) -> None:
    """Refuse a table with `fewest` rows and more that seem to be of the patient above; one of a report is enough."""
    events = _events(grid)
    blank = _blank(grid, "patient_id")
    without, first = events & blank, int(events.argmax()) if events.any() else -1
    if first < 0 or blank[first]:
        return
    count = int(without.sum())
    if count >= fewest and count >= _GROUPED_SHARE * int(events.sum()):
        raise InputRejected(
            f"{count:,} rows have no patient id: the export seems to name each patient once, above his or her rows.",
            where=grid.address("patient_id", int(without.argmax())),
            remedy="If so, run it again with --fill-down; if not, export it with the id on every row.",
            code="GROUPED_EXPORT",
        )


# --- rows that are no data


def _without_footers(grid: Grid, findings: Findings) -> Grid:
    """Totals, counts and page numbers stand where ids do; beside them stands nothing, beside a total no event."""
    footers = _named(grid, is_total) & ~_events(grid) if len(TABLE_NEEDS[grid.table]) > 1 else _named(grid, is_total)
    bare = _named(grid, may_be_footer)
    for field in grid.columns:
        if field != "patient_id":
            bare &= _blank(grid, field)
    footers |= bare
    if not footers.any():
        return grid
    message = f"{int(footers.sum()):,} rows are totals or the foot of a page, not data, and are left out."
    row = int(grid.rows[footers.argmax()])
    findings.add(replace(_note(grid, "TOTALS_ROW", message, "patient_id"), row=row))
    return _keep(grid, ~footers)


# --- exports that cannot be audited


def _check_last_issue(grid: Grid) -> None:
    """With one row for nearly every patient no interval can be seen, and everyone would look untreated."""
    if "event" in grid.columns:
        return
    ids = grid.columns["patient_id"].codes[_events(grid) & ~_blank(grid, "patient_id")]
    counts = np.unique(ids, return_counts=True)[1]
    single = int((counts == 1).sum())
    if len(counts) >= _LAST_ISSUE_PATIENTS and single > _LAST_ISSUE_SHARE * len(counts):
        raise InputRejected(
            f"{single:,} of {len(counts):,} patients have a single row: the export seems to hold last issues only, "
            "and intervals cannot be seen.",
            where=f"{grid.file}, sheet {grid.sheet}",
            remedy="Export every issue, not the last one (EMIS: Medication Issues without 'Latest 1'; SystmOne: all "
            "issues in the breakdown). If these are all there are, add a column event that says what each row is.",
            code="LAST_ISSUE_ONLY",
        )


def _report_codes(grid: Grid, findings: Findings) -> None:
    """Excel keeps 15 digits of a number; a longer code in a number cell is rounded, and its check digit shows it."""
    column = grid.columns["drug"]
    broken = [is_damaged(text(cell)) for cell in column.distinct]
    message = (
        "The drug's code is damaged: its check digit does not fit, as when Excel rounds a long number. It is not "
        "used; export the drug's name, or the code as text."
    )
    rows = column.spread(np.array(broken, np.bool_))
    findings.cells("warning", "CODE_DAMAGED", message, (grid, "drug"), rows)
