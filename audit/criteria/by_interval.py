"""From judged intervals to one answer a patient: shared by every criterion whose evidence is an interval."""

from __future__ import annotations

from typing import Final

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, Days, Mask
from audit.cohort.cohort import Cohort
from audit.cohort.columns import masked
from audit.cohort.events import day_of, pack
from audit.cohort.outcomes import (
    EXCEPTED,
    INTERVAL_REASONS,
    MET,
    NO_OUTCOME,
    NOT_ASSESSABLE,
    NOT_MET,
    PENDING,
    Outcomes,
)
from audit.cohort.people import Codes
from audit.cohort.rows import marked
from audit.criteria.judgement import BLANK, Evidence, Judgement, nobody

#: the patient's outcome is the first of these that one of the intervals has
_PRECEDENCE: Final = (NOT_MET, NOT_ASSESSABLE, MET, EXCEPTED, PENDING)


def from_intervals(
    cohort: Cohort,
    chosen: Mask,
    outcomes: Outcomes | None = None,
    outside: Mask | None = None,
    not_assessable: dict[str, Mask] | None = None,
    counts_intervals: bool = True,
) -> Judgement:
    """The patient verdict from the chosen intervals (STANDARD section 2, last paragraph).

    Args:
        cohort: whose intervals.
        chosen: the intervals that enter, shape of `cohort.intervals`.
        outcomes: theirs; the cohort's own unless another schedule is asked for.
        outside: patients outside the population; they are not looked at further.
        not_assessable: asked before the intervals.
        counts_intervals: whether the evidence says how many intervals were met and judged.
    """
    outcomes = cohort.outcomes if outcomes is None else outcomes
    counted = chosen & (outcomes.outcome != NO_OUTCOME)
    verdict = _verdict(cohort, counted, outcomes)
    before = not_assessable or {}
    asked_before = np.logical_or.reduce([nobody(cohort.size), *before.values()])
    deciding = _deciding(cohort, counted, outcomes, verdict)
    reason = _reason_of(outcomes, deciding)
    excepted, late, unclear = (verdict == code for code in (EXCEPTED, NOT_MET, NOT_ASSESSABLE))
    return Judgement(
        met=verdict == MET,
        outside=outside,
        no_interval=(verdict == NO_OUTCOME) & ~asked_before,
        not_assessable={**before, **_by_reason(reason, unclear)},
        pending=verdict == PENDING,
        graced=marked(masked(cohort.intervals.patient, counted & outcomes.graced), cohort.size),
        excepted=_by_reason(reason, excepted),
        not_met=_by_reason(reason, late),
        evidence=_evidence(cohort, outcomes, deciding, counted if counts_intervals else None),
    )


def _verdict(cohort: Cohort, counted: Mask, outcomes: Outcomes) -> Codes:
    """Each patient's outcome, NO_OUTCOME where no interval counts."""
    verdict = np.full(cohort.size, NO_OUTCOME, dtype=np.int8)
    # written last, the first in the order of precedence stands
    for code in reversed(_PRECEDENCE):
        verdict[masked(cohort.intervals.patient, counted & (outcomes.outcome == code))] = code
    return verdict


def _count(cohort: Cohort, mask: Mask) -> Days:
    return np.bincount(masked(cohort.intervals.patient, mask), minlength=cohort.size)


def _deciding(cohort: Cohort, counted: Mask, outcomes: Outcomes, verdict: Codes) -> Days:
    """Position of each patient's worst interval among those with the verdict's outcome; -1 when there is none.

    Worst: most days past the limit as shown; of equals the latest, which is the one that stands last.
    """
    intervals = cohort.intervals
    position = np.flatnonzero(counted & (outcomes.outcome == verdict[intervals.patient]))
    patient = intervals.patient[position]
    first = np.flatnonzero(np.diff(patient, prepend=-1))
    # days past the limit above, position below: the largest is the worst, and of equals the latest
    worst = np.maximum.reduceat(pack(intervals.end[position] - outcomes.limit[position], position), first)
    deciding = np.full(cohort.size, -1, dtype=np.int64)
    deciding[patient[first]] = day_of(worst)
    return deciding


def _reason_of(outcomes: Outcomes, deciding: Days) -> Codes:
    reason = np.zeros(deciding.shape, dtype=np.int8)
    has = np.flatnonzero(deciding >= 0)
    reason[has] = outcomes.reason[deciding[has]]
    return reason


def _by_reason(reason: Codes, among: Mask) -> dict[str, Mask]:
    """The masked patients by the reasons that some of them have."""
    found = np.flatnonzero(np.bincount(masked(reason, among)))
    return {INTERVAL_REASONS[code]: among & (reason == code) for code in found if code}


def _evidence(cohort: Cohort, outcomes: Outcomes, deciding: Days, counted: Mask | None) -> Evidence:
    """The deciding interval, and how many of the counted ones are met and judged; blank when they are not told."""
    intervals, has = cohort.intervals, np.flatnonzero(deciding >= 0)
    at = deciding[has]
    start, end = intervals.start[at], intervals.end[at]

    def placed(values: Days, missing: int) -> Days:
        column = np.full(cohort.size, missing, dtype=np.int64)
        column[has] = values
        return column

    none = np.full(cohort.size, BLANK, dtype=np.int64)
    return Evidence(
        start=placed(start, FAR_FUTURE),
        due=placed(outcomes.due[at], FAR_FUTURE),
        limit=placed(outcomes.limit[at], FAR_FUTURE),
        to=placed(np.where(intervals.is_open[at], FAR_FUTURE, end), FAR_FUTURE),
        days=placed(end - start, BLANK),
        met=none if counted is None else _count(cohort, counted & (outcomes.outcome == MET)),
        judged=none if counted is None else _count(cohort, counted & (outcomes.outcome != PENDING)),
    )
