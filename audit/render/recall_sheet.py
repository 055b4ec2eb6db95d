"""The recall list as a sheet: in the report's workbook, and alone."""

from __future__ import annotations

from collections.abc import Sequence

from audit.render.recall import RecallRow, RecallView
from audit.render.sheet import Column, Sheet


def recall_sheet(view: RecallView) -> Sheet:
    """The list as a sheet, overdue first, then by week."""
    columns = (
        Column("Patient", 14),
        Column("Practice", 12),
        Column("On the extract date", 24, "wrap"),
        Column("Week", 11),
        Column("Week begins", 13, "date"),
        Column("Falls due", 13, "date"),
        Column("With involvement already", 14, "date"),
        Column("Late after", 13, "date"),
        Column("Days late", 9, "number"),
        Column("Last injection", 13, "date"),
        Column("Neurological involvement", 14),
        Column("In words", 80, "wrap"),
    )
    notes = tuple(filter(None, (view.statement, view.sentence, view.left_out)))
    return Sheet("Recall", view.title, columns, [_cells(row) for row in view.rows], "Nobody.", notes)


def _cells(row: RecallRow) -> Sequence[object]:
    return (
        *(row.patient, row.practice, row.state, row.week, row.week_from),
        *(row.due, row.earlier_due, row.limit, row.late, row.last_injection, row.neurological, row.words),
    )
