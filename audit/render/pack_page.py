"""What a printed pack is made of: texts, tables and charts."""

from __future__ import annotations

from dataclasses import dataclass

from audit.render.pack_charts import Chart


@dataclass(frozen=True, slots=True)
class Table:
    """A table as printed: the first cell of a row is its heading.

    Attributes:
        bands: shades of the cells after it, 0 to 4. links: the place on the page that each heading leads to.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bands: tuple[tuple[int, ...], ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionPart:
    """One criterion: its row among all, sentence, funnel (or why there is none), strip, table."""

    id: str
    code: str
    title: str
    overview: tuple[str, ...]
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
        criteria: all of them, one row each. mandated, permitted: each with charts and a row for each practice.
    """

    title: str
    practice: str
    period: str
    statement: str
    partial: str
    facts: tuple[tuple[str, str], ...]
    participation: Section
    criteria: Section
    mandated: tuple[CriterionPart, ...]
    permitted: tuple[CriterionPart, ...]
    mix: Section
    missing: Section
    change: Section
    workload: Section
    flag: str
    method: tuple[str, ...]
    version: str

    @property
    def tables(self) -> tuple[CriterionPart, ...]:
        """Every criterion."""
        return self.mandated + self.permitted
