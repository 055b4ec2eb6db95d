"""What a printed pack is made of: texts, tables and charts."""

from __future__ import annotations

from dataclasses import dataclass

from audit.render.pack_charts import Chart


@dataclass(frozen=True, slots=True)
class Table:
    """A table as printed: the first cell of a row is its heading; `bands` shades the cells after it, 0 to 4."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bands: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionPart:
    """One criterion: sentence, funnel (or why there is none), strip, table."""

    id: str
    code: str
    title: str
    strength: str
    sentence: str
    funnel: Chart | None
    said: str
    strip: Chart | None
    table: Table


@dataclass(frozen=True, slots=True)
class Section:
    """A sentence, notes, and a table; no rows when there is nothing to tell."""

    sentence: str
    notes: tuple[str, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class PackPage:
    """Everything that the pack prints; `partial` is blank where every practice's report was whole.

    Attributes:
        charted: criteria with charts and a row for each practice. others: all together, one row each; their practices
            stand in `tables`, which the workbook prints for every criterion.
    """

    title: str
    practice: str
    period: str
    statement: str
    partial: str
    facts: tuple[tuple[str, str], ...]
    participation: Section
    charted: tuple[CriterionPart, ...]
    others: Table
    tables: tuple[CriterionPart, ...]
    mix: Section
    missing: Section
    change: Section
    workload: Section
    flag: str
    method: tuple[str, ...]
    version: str
