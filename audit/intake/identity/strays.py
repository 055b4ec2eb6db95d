"""Replaces the single strays that were warned of, so that they are read no further."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from audit.intake.cells import Sheet, letter, text
from audit.intake.extract import Finding
from audit.intake.identifiers import mask


def without_strays(sheets: Sequence[Sheet], findings: Sequence[Finding]) -> list[Sheet]:
    """The sheets with every stray that `check_identity` warned of replaced, so that nothing downstream can quote it.

    A cell that is nothing but a ten-digit number stays: it may be a patient's pseudonym.
    """
    columns: dict[tuple[str, str], set[str]] = {}
    for finding in findings:
        if finding.code == "IDENTIFIER_SUSPECTED" and finding.column:
            columns.setdefault((finding.file, finding.sheet), set()).add(finding.column)
    return [_masked(sheet, columns.get((sheet.file, sheet.name), set())) for sheet in sheets]


def _masked(sheet: Sheet, letters: set[str]) -> Sheet:
    if not letters:
        return sheet
    rows = []
    for row in sheet.rows:
        places = [
            place for place, cell in enumerate(row) if isinstance(cell, str) and cell and letter(place) in letters
        ]
        changed = {place: _masked_cell(str(row[place])) for place in places}
        rows.append([changed.get(place, cell) for place, cell in enumerate(row)] if changed else row)
    return replace(sheet, rows=rows)


def _masked_cell(typed: str) -> str:
    whole = re.fullmatch(r"\d{10}", text(typed)) is not None
    return typed if whole else mask(typed)
