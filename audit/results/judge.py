"""The order of populations, written once: from a criterion's columns to one outcome a patient.

excluded -> not_applicable -> not_assessable -> pending -> met or not_met -> excepted (STANDARD section 3).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import FAR_FUTURE, Mask
from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Criterion
from audit.criteria.judgement import BLANK, Evidence, Judgement, nobody
from schemas.vocabulary import OUTCOME, REASON

EXCLUDED, NOT_APPLICABLE, NOT_ASSESSABLE, PENDING, MET, NOT_MET, EXCEPTED = range(len(OUTCOME))
_UNDECIDED: Final = -1
#: reasons of a not_assessable interval criterion that still show the interval
_SHOWN_REASONS: Final = ("NEURO_UNKNOWN", "ISSUES_ONLY")
Grace = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts of one criterion, one entry a patient.

    Attributes:
        outcome: positions in OUTCOME. reason: positions in REASON.
        grace: 1 a met verdict that needed grace, 0 one that did not, -1 blank.
        evidence: blank where nothing is shown.
    """

    criterion: Criterion
    outcome: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int8]
    grace: Grace
    evidence: Evidence


class _Decider:
    """Gives each patient the first outcome that is put to them."""

    def __init__(self, size: int) -> None:
        self.outcome = np.full(size, _UNDECIDED, dtype=np.int8)
        self.reason = np.zeros(size, dtype=np.int8)

    def put(self, outcome: int, mask: Mask, reason: str = "") -> None:
        # most reasons are nobody's
        if not mask.any():
            return
        chosen = np.flatnonzero(mask & (self.outcome == _UNDECIDED))
        self.outcome[chosen] = outcome
        self.reason[chosen] = REASON.index(reason)

    def put_all(self, outcome: int, masks: dict[str, Mask]) -> None:
        for reason, mask in masks.items():
            self.put(outcome, mask, reason)


def judge(criterion: Criterion, cohort: Cohort) -> Verdicts:
    """One criterion's verdict on every patient of the cohort."""
    answer = criterion.judge(cohort)
    decider = _Decider(cohort.size)
    decider.put_all(EXCLUDED, cohort.exclusions)
    _put_unreadable(decider, criterion, cohort)
    decider.put_all(NOT_APPLICABLE, _not_applicable(criterion, cohort, answer))
    decider.put_all(NOT_ASSESSABLE, _not_assessable(criterion, cohort, answer))
    waiting = nobody(cohort.size) if answer.pending is None else answer.pending
    decider.put(NOT_ASSESSABLE, waiting & cohort.people.left, "LEFT_DURING_WINDOW")
    decider.put(PENDING, waiting)
    decider.put(MET, answer.met)
    decider.put_all(EXCEPTED, answer.excepted)
    decider.put_all(NOT_MET, answer.not_met)
    decider.put(NOT_MET, ~nobody(cohort.size))
    return Verdicts(
        criterion,
        decider.outcome,
        decider.reason,
        _grace(decider, answer),
        _evidence(criterion, cohort, decider, answer),
    )


def _put_unreadable(decider: _Decider, criterion: Criterion, cohort: Cohort) -> None:
    if "unreadable" in criterion.gates:
        decider.put(NOT_ASSESSABLE, cohort.unreadable, "UNREADABLE_ROW")
    if "tests" in criterion.gates:
        decider.put(NOT_ASSESSABLE, cohort.measurements.unreadable, "UNREADABLE_TEST")


def _not_applicable(criterion: Criterion, cohort: Cohort, answer: Judgement) -> dict[str, Mask]:
    """The reasons in the order of the standard, as far as the criterion asks for them."""
    gates = {
        "OWN_SCHEDULE": ("own_schedule", cohort.people.indication_is("lebers_or_tobacco_amblyopia")),
        "PROPHYLAXIS": ("prophylaxis", cohort.people.indication_is("prophylaxis")),
        "NO_INJECTIONS": ("doses", ~cohort.doses.any),
        "NOT_A_STARTER": ("starter", ~cohort.in_period_first),
        "NOT_ON_INJECTIONS": ("on_injections", ~cohort.on_injections),
    }
    asked = {reason: mask for reason, (gate, mask) in gates.items() if gate in criterion.gates}
    own = {"NOT_IN_POPULATION": answer.outside, "NO_INTERVAL_IN_PERIOD": answer.no_interval}
    return {**asked, **{reason: mask for reason, mask in own.items() if mask is not None}}


def _not_assessable(criterion: Criterion, cohort: Cohort, answer: Judgement) -> dict[str, Mask]:
    everyone = ~nobody(cohort.size)
    before = {}
    if "starter" in criterion.gates:
        before["START_NOT_OBSERVED"] = ~cohort.start_observed
    if "tests" in criterion.gates and not cohort.has_tests:
        before["NO_TESTS_DATA"] = everyone
    if "reviews" in criterion.gates and not cohort.has_reviews:
        before["NO_REVIEW_DATA"] = everyone
    return {**before, **answer.not_assessable}


def _grace(decider: _Decider, answer: Judgement) -> Grace:
    if answer.graced is None:
        return np.full(decider.outcome.shape, -1, dtype=np.int8)
    return np.where(decider.outcome == MET, answer.graced, -1).astype(np.int8)


def _evidence(criterion: Criterion, cohort: Cohort, decider: _Decider, answer: Judgement) -> Evidence:
    """The criterion's evidence where the contract shows it, blank elsewhere."""
    if answer.evidence is None:
        return _blank(answer.met.shape[0])
    hidden = np.flatnonzero(~_shown(criterion, cohort, decider))
    columns = [getattr(answer.evidence, item.name).copy() for item in fields(Evidence)]
    for column, blank in zip(columns, _BLANKS, strict=True):
        column[hidden] = blank
    return Evidence(*columns)


_BLANKS: Final = (FAR_FUTURE, FAR_FUTURE, FAR_FUTURE, FAR_FUTURE, BLANK, BLANK, BLANK)


def _blank(size: int) -> Evidence:
    return Evidence(*(np.full(size, blank, dtype=np.int64) for blank in _BLANKS))


def _shown(criterion: Criterion, cohort: Cohort, decider: _Decider) -> Mask:
    outcome, reason = decider.outcome, decider.reason
    left = reason == REASON.index("LEFT_DURING_WINDOW")
    unclear = criterion.judges_intervals & np.isin(reason, [REASON.index(name) for name in _SHOWN_REASONS])
    course_open = cohort.courses.has_initial & ~cohort.courses.ended
    waiting = (outcome == PENDING) | left
    decided = (outcome != EXCLUDED) & (outcome != NOT_APPLICABLE) & (outcome != NOT_ASSESSABLE)
    shown: Mask = (decided | left | unclear) & ~(waiting & course_open)
    return shown
