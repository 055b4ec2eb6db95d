"""The pack's tables as sheets of a workbook: every criterion practice by practice, every number as printed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from audit.render.pack_page import PackPage, Section, Table
from audit.render.sheet import Column, Sheet

#: at the foot of every printed page
_sheet: Final = partial(Sheet, foot="Suppressed is never 0. A flag is no judgement: check the data first.")

_NARROWEST, _WIDEST, _CODE_WIDTH = 8, 34, 22


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
    yield _sheet("Methods", "Methods and disclosure control", (Column("What", 140, "wrap"),), rows)


def _columns(table: Table) -> tuple[Column, ...]:
    """As wide as what stands in them, so that the width of one page is enough to read the sheet."""
    by_column = zip(table.headings, *table.rows, strict=True)
    longest = [max(_longest_word(heading), *map(len, cells or ("",))) for heading, *cells in by_column]
    looks = ("text" if at else "wrap" for at in range(len(longest)))
    widths = (min(max(length + 2, _NARROWEST), _WIDEST) for length in longest)
    return tuple(map(Column, table.headings, widths, looks))


def _longest_word(heading: str) -> int:
    return max(map(len, heading.split()))


def _section(name: str, part: Section) -> Sheet:
    table = part.table
    return _sheet(name, table.caption, _columns(table), table.rows, part.sentence, (part.sentence, *part.notes))


def _criteria(page: PackPage) -> Sheet:
    part = page.criteria
    code = Column("Code", _CODE_WIDTH, "wrap")
    rows = [(*row, one.code) for row, one in zip(part.table.rows, page.tables, strict=True)]
    columns = (*_columns(part.table), code)
    return _sheet("Criteria", part.table.caption, columns, rows, part.sentence, (part.sentence, *part.notes))


def _practices(page: PackPage) -> Sheet:
    tables = [part.table for part in page.tables]
    rows = tuple((table.caption, *row) for table in tables for row in table.rows)
    whole = Table("Criteria, practice by practice", ("Criterion", *(tables[0].headings if tables else ())), rows)
    return _sheet("Practices", whole.caption, _columns(whole), rows, notes=(page.flag,))
