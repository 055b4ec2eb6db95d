"""The cells that settle most, as printed: where each stands, what to fill in, what it settles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from audit.render.words import clean
from audit.results.audit import AuditResult
from audit.results.fix import Fix, plan
from audit.results.phrases import plural

#: as many cells as somebody fills in one sitting; the page shows these, the workbook has them all
MOST_SHOWN: Final = 12
_FIELDS: Final = {
    "neurological_involvement": "Whether there is neurological involvement (yes or no)",
    "cause": "The cause of the deficiency",
    "event": "What happened (administered, issued, declined ...)",
    "route": "The route",
    "dose": "The dose",
    "quantity": "The number of ampoules issued",
    "directions": "The directions, with the interval",
    "date": "The date",
    "drug": "The drug",
    "test": "The test",
    "diagnosis_date": "The diagnosis date",
    "registered_from": "The day of registration",
}


@dataclass(frozen=True, slots=True)
class FixRow:
    """One cell: its place in the file, whose it is, what belongs there, what it settles."""

    place: str
    patient: str
    practice: str
    what: str
    settles: str
    verdicts: int
    certain: bool


@dataclass(frozen=True, slots=True)
class FixList:
    """The ranked cells and the sentence on the first of them; blank when nothing can be settled."""

    sentence: str
    cells: int
    rows: tuple[FixRow, ...]
    shown: tuple[FixRow, ...]


def build_fixlist(result: AuditResult) -> FixList:
    """All cells that settle a verdict, most first."""
    titles = {criterion.code: criterion.title for criterion in result.criteria}
    rows = tuple(_row(fix, titles, len(result.windows) > 1) for fix in result.fixes if fix.settles)
    gain = plan(result.fixes, MOST_SHOWN)
    cells, people = plural(gain.cells, "cell"), plural(gain.patients, "patient")
    answers = plural(gain.verdicts, "open answer")
    sentence = f"Fill {cells} to settle {answers} of {people}." if gain.cells else ""
    return FixList(sentence, gain.cells, rows, tuple(row for row in rows if row.certain)[:MOST_SHOWN])


def _cell(fix: Fix) -> str:
    """The cell as Excel names it; of FHIR, which has none, the line of the resource."""
    if fix.row and fix.sheet.endswith((".ndjson", ".json")):
        return f"line {fix.row}"
    return f"{fix.column_letter}{fix.row}" if fix.column_letter and fix.row else "a row to add"


def _row(fix: Fix, titles: Mapping[str, str], several: bool) -> FixRow:
    place = f"{clean(fix.sheet) or fix.table} {_cell(fix)}"
    return FixRow(
        place=f"{clean(fix.file)}: {place}" if several else place,
        patient=clean(fix.patient_id),
        practice=clean(fix.practice_id),
        what=_FIELDS.get(fix.field, fix.field.replace("_", " ").capitalize()),
        settles="; ".join(titles[code] for code in fix.settles),
        verdicts=fix.verdicts,
        certain=fix.certain,
    )
