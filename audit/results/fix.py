"""A cell to fill, the order of a list of them, and what the first cells of the list settle together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.criteria import catalogue


@dataclass(frozen=True, slots=True)
class Fix:
    """One cell to fill.

    Attributes:
        table: Patients, Treatments or Tests.
        file, sheet, row, column_letter: where the cell stands; row 0: the patient has no row among the patients;
            a blank letter: the sheet has no such column.
        field: the input column.
        settles: codes of the criteria whose verdict it settles; may be empty for neurological involvement, which is
            listed for every patient whose status is unknown.
        mandated: how many of them are mandated.
        patients: always 1: a cell belongs to one patient. verdicts: how many are settled.
        certain: every value settles them; otherwise some value does.
    """

    table: str
    file: str
    sheet: str
    row: int
    column_letter: str
    patient_id: str
    practice_id: str
    field: str
    settles: tuple[str, ...]
    mandated: int
    patients: int
    verdicts: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What filling the first cells of the list settles for certain: "12 cells settle 25 verdicts of 25 patients".

    Each verdict counts once. `mandated` counts those of mandated criteria.
    """

    cells: int
    patients: int
    verdicts: int
    mandated: int


def plan(fixes: Sequence[Fix], limit: int) -> Plan:
    """The gain of the first `limit` cells of the ranked list that settle a verdict for certain."""
    chosen = [fix for fix in fixes if fix.certain and fix.settles][:limit]
    settled = {(fix.practice_id, fix.patient_id, code) for fix in chosen for code in fix.settles}
    people = {(practice, patient) for practice, patient, _ in settled}
    mandated = {criterion.code for criterion in catalogue() if criterion.strength == "mandated"}
    return Plan(len(chosen), len(people), len(settled), sum(code in mandated for _, _, code in settled))


def ranked(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """Certain ones first; by mandated verdicts settled, all verdicts settled, place."""
    return tuple(sorted(fixes, key=_rank))


def _rank(fix: Fix) -> tuple[object, ...]:
    kind = 2 if not fix.settles else 0 if fix.certain else 1
    return (kind, -fix.mandated, -fix.verdicts, fix.file, fix.sheet, fix.row, fix.column_letter, fix.field,
            fix.practice_id, fix.patient_id)  # fmt: skip
