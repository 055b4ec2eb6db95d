"""The columns of a sheet that may identify people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from audit.intake.cells import Sheet
from audit.intake.identity.column import Column, Suspect
from audit.intake.identity.contents import judge_names, judge_patterns
from audit.intake.identity.headings import bad_headings, judge_heading


def suspects(sheet: Sheet) -> Iterator[Suspect]:
    """The columns of a sheet that may identify people, each with what it looks like."""
    for place, cells in enumerate(
        zip_longest(*sheet.rows, fillvalue="") if sheet.delimited else zip(*sheet.rows, strict=False)
    ):
        yield from _judge(Column(place, cells, sheet.origin))
    yield from bad_headings(sheet)


def _judge(column: Column) -> Iterator[Suspect]:
    heading = judge_heading(column)
    if heading and heading.refused:
        yield heading
        return
    named = judge_names(column)
    found = list(judge_patterns(column, column.hits()))
    if heading:  # staff: their names are said once
        named, found = None, [suspect for suspect in found if suspect.kind not in ("person", "staff")]
        yield heading
    yield from found
    if named:
        yield named
