"""The pack's tables as sheets of a workbook: every criterion practice by practice, every number as printed."""

from __future__ import annotations

from collections.abc import Iterator

from audit.render.pack_page import PackPage, Section, Table
from audit.render.sheet import Column, Sheet

_NAME_WIDTH, _WIDTH = 40, 18


def pack_sheets(page: PackPage) -> Iterator[Sheet]:
    """One sheet for each part of the pack; text alone, so that suppressed is a word and no cell is a formula."""
    yield _section("Participation", page.participation)
    yield _criteria(page)
    yield _practices(page)
    yield _section("Interval mix", page.mix)
    yield _section("Missing fields", page.missing)
    yield _section("Change", page.change)
    yield _section("Workload", page.workload)
    rows = [*((text,) for text in page.method), (f"b12audit {page.version}",)]
    yield Sheet("Methods", "Methods and disclosure control", (Column("What", 140, "wrap"),), rows)


def _columns(table: Table) -> tuple[Column, ...]:
    return tuple(Column(heading, _WIDTH if at else _NAME_WIDTH) for at, heading in enumerate(table.headings))


def _section(name: str, part: Section) -> Sheet:
    table = part.table
    return Sheet(name, table.caption, _columns(table), table.rows, part.sentence, (part.sentence, *part.notes))


def _criteria(page: PackPage) -> Sheet:
    columns = (
        Column("Criterion", 60, "wrap"),
        Column("Strength", _WIDTH),
        Column("All together", 80, "wrap"),
        Column("Funnel", 60, "wrap"),
        Column("Code", 30),
    )
    rows = [(part.title, part.strength, part.sentence, part.said, part.code) for part in page.tables]
    return Sheet("Criteria", "Criteria, all practices together", columns, rows, notes=(page.flag,))


def _practices(page: PackPage) -> Sheet:
    tables = [part.table for part in page.tables]
    first = ("Criterion", *tables[0].headings) if tables else ("Criterion",)
    columns = tuple(Column(heading, _WIDTH if at else _NAME_WIDTH) for at, heading in enumerate(first))
    rows = [(table.caption, *row) for table in tables for row in table.rows]
    return Sheet("Practices", "Criteria, practice by practice", columns, rows, notes=(page.flag,))
