"""What is said when no sheet of a workbook is for certain the one of treatments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from audit.errors import InputRejected
from audit.intake.cells import Sheet
from audit.intake.heading_match import Heading, lacking
from audit.intake.heading_refusals import WIDTH, joined
from schemas.vocabulary import REQUIRED_COLUMNS

_LISTED: Final = 20
_NEEDS: Final = REQUIRED_COLUMNS["Treatments"]


def no_treatments_sheet(
    sheets: Sequence[Sheet], candidates: Sequence[tuple[Sheet, Heading]], several: Sequence[Sheet]
) -> InputRejected:
    """The refusal; `several` are the sheets that may each be meant, if more than one is."""
    listed = ", ".join(sheet.name[:WIDTH] for sheet in sheets[:_LISTED]) or "none"
    what = f"There is no sheet named Treatments. Sheets found: {listed}."
    if len(several) > 1:
        names = joined([sheet.name[:WIDTH] for sheet in several[:_LISTED]])
        hint = f" {names} may each hold the treatments."
        remedy = (
            "If they belong together, copy their rows below each other into one sheet, under one row of headings; "
            "if only one of them counts, name that one Treatments."
        )
    else:
        hint = _likeliest(candidates)
        remedy = (
            "Name the sheet with one row per prescription or injection Treatments, "
            f"with the columns {', '.join(_NEEDS)}."
        )
    return InputRejected(what + hint, where=sheets[0].file if sheets else "", remedy=remedy, code="NO_TREATMENTS_SHEET")


def _likeliest(candidates: Sequence[tuple[Sheet, Heading]]) -> str:
    """A sentence on the sheet that lacks least of what is needed; none when no sheet has a known heading."""

    def fitness(pair: tuple[Sheet, Heading]) -> tuple[int, int]:
        return -len(lacking(pair[1], _NEEDS)), len(pair[1].how)

    known = [pair for pair in candidates if pair[1].how]
    if not known:
        return ""
    sheet, heading = max(known, key=fitness)
    missing = lacking(heading, _NEEDS)
    columns = "column" if len(missing) == 1 else "columns"
    without = f", but it lacks the {columns} {', '.join(missing)}" if missing else ""
    return f" The likeliest is {sheet.name[:WIDTH]}{without}."
