"""A run under several standards as sheets: counts side by side, and whose answers depend on the choice."""

from __future__ import annotations

from collections.abc import Iterator

from audit.render.by_standard import ByStandard, StandardRow
from audit.render.sheet import MOST_ROWS, Column, Sheet, left_out

_COUNTS = {
    "Met": "met",
    "Not met": "not_met",
    "With a recorded reason": "excepted",
    "Cannot tell": "not_assessable",
    "Eligible": "eligible",
}


def by_standard_sheets(found: ByStandard) -> Iterator[Sheet]:
    """Both sheets."""
    notes = (found.sentence, found.basis)
    columns = (
        Column("Criterion", 44, "wrap"),
        Column("Strength", 18),
        *(Column(f"{name} under {item.heading}", 13, "number") for item in found.standards for name in _COUNTS),
        Column("Answers that depend", 12, "number"),
        Column("Code", 30),
    )
    rows = [_counts(row) for row in (*found.differing, *found.alike)]
    yield Sheet("By standard", "The same records by several standards", columns, rows, "Nobody was asked.", notes)
    who = (
        Column("Patient", 14),
        Column("Practice", 12),
        Column("Criterion", 60, "wrap"),
        *(Column(f"Under {item.heading}", 26, "wrap") for item in found.standards),
    )
    answers = [(row.patient, row.practice, row.title, *row.answers) for row in found.depends[:MOST_ROWS]]
    more = left_out(len(found.depends), "summary.json")
    yield Sheet("Depends", "Whose answers depend on the standard", who, answers, "Nobody's.", (*notes, *more))


def _counts(row: StandardRow) -> tuple[str | int | None, ...]:
    counts = [getattr(cell.score, name) if cell.score else None for cell in row.cells for name in _COUNTS.values()]
    return row.title, row.strength, *counts, row.turned, row.code
