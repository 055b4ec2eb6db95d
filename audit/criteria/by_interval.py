"""From judged intervals to one answer a patient: shared by every criterion whose evidence is an interval."""

from __future__ import annotations

from typing import Final

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, Days, Mask
from audit.cohort.cohort import Cohort
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
from audit.criteria.judgement import BLANK, Evidence, Judgement, far, nobody

#: the patient's outcome is the first of these that one of the intervals has
_PRECEDENCE: Final = (NOT_MET, NOT_ASSESSABLE, MET, EXCEPTED, PENDING)
_JUDGED: Final = (MET, NOT_MET, EXCEPTED, NOT_ASSESSABLE)


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
    counts = {code: _count(cohort, counted & (outcomes.outcome == code)) for code in _PRECEDENCE}
    verdict = np.select([counts[code] > 0 for code in _PRECEDENCE], _PRECEDENCE, NO_OUTCOME)
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
        graced=_count(cohort, counted & outcomes.graced) > 0,
        excepted=_by_reason(reason, excepted),
        not_met=_by_reason(reason, late),
        evidence=_evidence(cohort, outcomes, deciding, counts if counts_intervals else None),
    )


def _count(cohort: Cohort, mask: Mask) -> Days:
    return np.bincount(cohort.intervals.patient[mask], minlength=cohort.size)


def _deciding(cohort: Cohort, counted: Mask, outcomes: Outcomes, verdict: Days) -> Days:
    """Position of each patient's worst interval among those with the verdict's outcome; -1 when there is none.

    Worst: most days past the limit as shown; of equals the latest, which is the one that stands last.
    """
    intervals = cohort.intervals
    position = np.flatnonzero(counted & (outcomes.outcome == verdict[intervals.patient]))
    past = (intervals.end - outcomes.limit)[position]
    patient = intervals.patient[position]
    order = np.lexsort((position, past, patient))
    last = np.ones(order.shape, dtype=np.bool_)
    last[:-1] = patient[order][1:] != patient[order][:-1]
    deciding = np.full(cohort.size, -1, dtype=np.int64)
    deciding[patient[order][last]] = position[order][last]
    return deciding


def _reason_of(outcomes: Outcomes, deciding: Days) -> Days:
    reason = np.zeros(deciding.shape, dtype=np.int64)
    reason[deciding >= 0] = outcomes.reason[deciding[deciding >= 0]]
    return reason


def _by_reason(reason: Days, among: Mask) -> dict[str, Mask]:
    return {name: among & (reason == code) for code, name in enumerate(INTERVAL_REASONS) if name}


def _evidence(cohort: Cohort, outcomes: Outcomes, deciding: Days, counts: dict[int, Days] | None) -> Evidence:
    intervals, has = cohort.intervals, deciding >= 0
    at = deciding[has]

    def placed(values: Days, missing: int) -> Days:
        column = np.full(cohort.size, missing, dtype=np.int64)
        column[has] = values[at]
        return column

    to = np.where(intervals.is_open, FAR_FUTURE, intervals.end)
    none = np.full(cohort.size, BLANK, dtype=np.int64)
    return Evidence(
        start=placed(intervals.start, FAR_FUTURE),
        due=placed(outcomes.due, FAR_FUTURE),
        limit=placed(outcomes.limit, FAR_FUTURE),
        to=placed(to, FAR_FUTURE) if len(to) else far(cohort.size),
        days=placed(intervals.end - intervals.start, BLANK),
        met=none if counts is None else counts[MET],
        judged=none if counts is None else sum((counts[code] for code in _JUDGED), none - BLANK),
    )
