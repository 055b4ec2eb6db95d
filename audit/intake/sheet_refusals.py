"""What is said when no sheet of a workbook is for certain the one of treatments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from audit.errors import InputRejected
from audit.intake.cells import Sheet
from audit.intake.heading_match import Heading, lacking
from audit.intake.heading_refusals import WIDTH, injections_abreast, joined
from schemas.vocabulary import REQUIRED_COLUMNS

_LISTED: Final = 20
_NEEDS: Final = REQUIRED_COLUMNS["Treatments"]


def no_treatments_sheet(
    sheets: Sequence[Sheet], candidates: Sequence[tuple[Sheet, Heading]], several: Sequence[Sheet]
) -> InputRejected:
    """The refusal; `several` are the sheets that may each be meant, if more than one is."""
    likely = _likeliest(candidates)
    if likely and "date" in lacking(likely[1], _NEEDS) and (refused := injections_abreast(*likely)):
        return refused
    listed = ", ".join(sheet.name[:WIDTH] for sheet in sheets[:_LISTED]) or "none"
    hint = _lacks(*likely) if likely else ""
    needs = ", ".join(_NEEDS)
    remedy = f"Name the sheet with one row per prescription or injection Treatments, with the columns {needs}."
    if len(several) > 1:
        hint = f" {joined(sheet.name[:WIDTH] for sheet in several[:_LISTED])} may each hold the treatments."
        remedy = (
            "If they belong together, copy their rows below each other into one sheet, under one row of headings; "
            "if only one of them counts, name that one Treatments."
        )
    what = f"There is no sheet named Treatments. Sheets found: {listed}.{hint}"
    return InputRejected(what, where=sheets[0].file if sheets else "", remedy=remedy, code="NO_TREATMENTS_SHEET")


def _likeliest(candidates: Sequence[tuple[Sheet, Heading]]) -> tuple[Sheet, Heading] | None:
    """The sheet that lacks least of what is needed; None when no sheet has a known heading."""

    def fitness(pair: tuple[Sheet, Heading]) -> tuple[int, int]:
        return -len(lacking(pair[1], _NEEDS)), len(pair[1].how)

    return max((pair for pair in candidates if pair[1].how), key=fitness, default=None)


def _lacks(sheet: Sheet, heading: Heading) -> str:
    missing = lacking(heading, _NEEDS)
    columns = "column" if len(missing) == 1 else "columns"
    without = f", but it lacks the {columns} {', '.join(missing)}" if missing else ""
    return f" The likeliest is {sheet.name[:WIDTH]}{without}."
