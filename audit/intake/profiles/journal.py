"""Vision's journal: prescriptions, codes, tests and immunisations in one table, told apart by its column SUBSET.

Its files have no row of headings, and their columns differ from version to version; so they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from audit.errors import InputRejected
from audit.intake.cells import Cell, Sheet, text
from audit.intake.extract import Finding
from audit.intake.heading_map import Pair
from audit.intake.heading_match import SEARCHED_ROWS
from audit.intake.heading_words import plain
from audit.intake.words import squash

#: What a journal's headings have, and no other list's.
_SURELY: Final = frozenset(("pid", "date", "rubric", "subset"))
#: Values of SUBSET: acute therapy and repeat issue; the authorisation of a repeat, which is no issue.
_ISSUES: Final = frozenset(("A", "S"))
_PLAN: Final = "R"
_DELETED: Final = "D"
#: A row of a journal without headings: so many cells, the third and fourth of them days.
_WIDTH: Final = 30
_DAY: Final = re.compile(r"(?:19|20)\d{2}[01]\d[0-3]\d")

#: The columns of a journal that are to be read as something that they are not called.
PAIRS: Final = (
    *(Pair("Treatments", "drug", "RUBRIC"), Pair("Treatments", "quantity", "VALUE1")),
    *(Pair("Treatments", "directions", "TEXT"), Pair("Codes", "code", "SNOMED_CODE")),
    *(Pair("Codes", "other_code", "CODE"), Pair("Codes", "term", "RUBRIC")),
)
#: The headings of the version that is documented.
_HEADINGS: Final = "PID,ID,DATE,RECORDED_DATE,CODE,SNOMED_CODE,BNF_CODE,HCP,HCP_TYPE,GMS,EPISODE,TEXT,RUBRIC"


def journal_row(sheet: Sheet) -> int | None:
    """The row (from 0) of a journal's headings; None when it is none."""
    for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        if {squash(plain(cell)) for cell in row} >= _SURELY:
            return number
    return None


def check_headings(sheet: Sheet) -> None:
    """Refuse a journal without its headings.

    Raises:
        InputRejected: with how to add them.
    """
    first = next((row for row in sheet.rows if any(map(text, row))), ())
    if len(first) >= _WIDTH and all(_DAY.fullmatch(text(first[place])) for place in (2, 3)):
        raise InputRejected(
            "The file looks like a journal of Vision, which has no row of headings.",
            where=f"{sheet.file}, sheet {sheet.name}",
            remedy=f"Put the headings of your version above it as the first line ({_HEADINGS}, ... to SUBSET); its "
            "supplier's description of the extract lists them.",
            code="JOURNAL_WITHOUT_HEADINGS",
        )


def split_journal(sheet: Sheet, row: int) -> tuple[Sheet, Sheet, list[Finding]]:
    """The same sheet twice: with its prescriptions only, and with its coded events only; the other rows are blank."""
    names = [squash(plain(cell)) for cell in sheet.rows[row]]
    subset, action = names.index("subset"), names.index("action") if "action" in names else None
    kinds = ["" if number <= row else _kind(cells, subset, action) for number, cells in enumerate(sheet.rows)]
    notes = []
    if plans := kinds.count(_PLAN):
        message = f"{plans:,} rows are authorisations of a repeat, which are no issues, and are left out."
        notes.append(Finding("note", "PLANS_NOT_USED", message, sheet.file, sheet.name))
    if deleted := kinds.count(_DELETED):
        message = f"{deleted:,} rows are marked as deleted, and are left out."
        notes.append(Finding("note", "ROWS_DELETED", message, sheet.file, sheet.name))
    head = range(row + 1)
    issues = [cells if number in head or kinds[number] in _ISSUES else [] for number, cells in enumerate(sheet.rows)]
    others = {*_ISSUES, _PLAN, _DELETED}
    codes = [cells if number in head or kinds[number] not in others else [] for number, cells in enumerate(sheet.rows)]
    return _with(sheet, issues), _with(sheet, codes), notes


def _with(sheet: Sheet, rows: list[Sequence[Cell]]) -> Sheet:
    # rows without cells are filled up as those of a csv file are
    return replace(sheet, rows=rows, delimited=True)


def _kind(cells: Sequence[Cell], subset: int, action: int | None) -> str:
    """SUBSET's letter; that of a deletion where ACTION says so."""
    typed = [text(cell).upper() for cell in cells]
    if action is not None and action < len(typed) and typed[action] == _DELETED:
        return _DELETED
    return typed[subset] if subset < len(typed) else ""
