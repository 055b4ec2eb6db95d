"""The phase of treatment that each patient is in on the last day that the record covers: counts, no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from audit.cohort.calendar import Counts, Mask
from audit.cohort.cohort import Cohort
from audit.results.audit import PhaseRow
from audit.results.patterns import STATUSES, status_of

#: asked in this order; each patient in the audit has the first that holds
PHASES: Final = (
    "cannot_tell",
    "own_schedule",
    "continuation",
    "loading",
    "maintenance",
    "oral",
    "stopped",
    "lapsed",
    "untreated",
)


def phases(cohorts: Sequence[Cohort]) -> tuple[PhaseRow, ...]:
    """Patients in the audit by phase and neurological status, over all inputs; the counts add up to all of them."""
    table = sum((_table(cohort) for cohort in cohorts), np.zeros((len(PHASES), len(STATUSES)), dtype=np.int64))
    return tuple(PhaseRow(name, *(int(n) for n in row)) for name, row in zip(PHASES, table, strict=True))


def _table(cohort: Cohort) -> Counts:
    inside = ~cohort.excluded
    cell = (phase_of(cohort) * len(STATUSES) + status_of(cohort))[inside]
    return np.bincount(cell, minlength=len(PHASES) * len(STATUSES)).reshape(len(PHASES), len(STATUSES))


def phase_of(cohort: Cohort) -> Counts:
    """Positions in PHASES of each patient.

    An unfinished course of someone with neurological involvement that has passed the standard number of injections
    is continuation; any other unfinished course is loading. Oral treatment counts when it is as recent as an
    injection must be for a patient to be on injections.
    """
    courses = cohort.courses
    past_standard = courses.initial_units > cohort.number("neuro.standard_units")
    first_course = courses.unfinished & courses.has_initial & ~courses.ended
    stopped = cohort.doses.any & cohort.happenings.stopped.any(cohort.doses.last, cohort.people.w1)
    asked: dict[str, Mask] = {
        "cannot_tell": cohort.unreadable,
        "own_schedule": cohort.people.indication_is("lebers_or_tobacco_amblyopia"),
        "continuation": first_course & ~stopped & cohort.neuro_at_start & past_standard,
        "loading": courses.unfinished & ~stopped,
        "maintenance": cohort.on_injections,
        "oral": cohort.happenings.oral.any(cohort.months_before_period("cohort.lookback_months"), cohort.people.w1),
        "stopped": stopped,
        "lapsed": cohort.doses.any,
    }
    return np.select(list(asked.values()), [PHASES.index(name) for name in asked], PHASES.index("untreated"))
