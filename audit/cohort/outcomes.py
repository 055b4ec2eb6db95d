"""What came of each interval: judged under its readings, which must agree (STANDARD section 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, Days, Mask, to_day
from audit.cohort.columns import put
from audit.cohort.happenings import Happenings
from audit.cohort.intervals import Intervals, Schedule, due_days
from audit.cohort.people import Codes, People
from audit.cohort.window import AuditWindow
from audit.standards.standard import Standard
from schemas.vocabulary import OUTCOME

#: an interval that is neither judged nor waiting
NO_OUTCOME: Final = -1
MET, NOT_MET, EXCEPTED, NOT_ASSESSABLE, PENDING = (
    OUTCOME.index(name) for name in ("met", "not_met", "excepted", "not_assessable", "pending")
)
#: reasons an interval's outcome can have; the position is the code
INTERVAL_REASONS: Final = (
    "",
    "DECLINED",
    "DEFERRED",
    "ORAL_COVER",
    "COVID_DEFERRAL",
    "LATE_NOT_ATTENDED",
    "NEURO_UNKNOWN",
    "ISSUES_ONLY",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What happened in each interval, whatever its limit.

    Attributes:
        in_period: it ended in the audit period.
        declined, deferred: day of the first refusal or deferral after the first day; FAR_FUTURE when there is none.
        oral_cover, not_attended: whether there was that after the first day.
        stopped: day of the stop or leaving that ended an open interval; FAR_FUTURE when none did.
        pandemic: first and last day of its deferrals.
    """

    in_period: Mask
    declined: Days
    deferred: Days
    oral_cover: Mask
    not_attended: Mask
    stopped: Days
    pandemic: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Outcome and reason codes of each interval, its dates as shown, and whether a met one needed grace.

    Dates are those of intervals that have an outcome; of others they say nothing.
    """

    outcome: Codes
    reason: Codes
    due: Days
    limit: Days
    graced: Mask


Reading = Callable[[Intervals, Scene, Schedule], Outcomes]


def reason_code(name: str) -> int:
    """The code of an interval's reason."""
    return INTERVAL_REASONS.index(name)


def pandemic_days(standard: Standard) -> tuple[int, int]:
    """First and last day of the pandemic deferrals."""
    (entry,) = standard.dated("pandemic")
    if entry.start is None or entry.end is None:
        raise ValueError("the standard's pandemic entry needs both its dates")
    return to_day(entry.start), to_day(entry.end)


def build_scene(
    intervals: Intervals, happenings: Happenings, people: People, window: AuditWindow, standard: Standard
) -> Scene:
    """What the judging of these intervals asks for."""
    who, after, end = intervals.patient, intervals.start + 1, intervals.end
    return Scene(
        in_period=(end >= window.start) & (end <= window.end),
        declined=happenings.declined.first(after, end, who),
        deferred=happenings.deferred.first(after, end, who),
        oral_cover=happenings.oral_full.any(after, end, who),
        not_attended=happenings.not_attended.any(after, end, who),
        stopped=_stopped(intervals, happenings, people),
        pandemic=pandemic_days(standard),
    )


def _stopped(intervals: Intervals, happenings: Happenings, people: People) -> Days:
    stopped = np.full(intervals.start.shape, FAR_FUTURE, dtype=np.int64)
    at = np.flatnonzero(intervals.is_open)
    who = intervals.patient[at]
    left = np.where(people.left, people.w1, FAR_FUTURE)
    stopped[at] = np.minimum(happenings.stopped.first(intervals.start[at], FAR_FUTURE, who), left[who])
    return stopped


def judge_intervals(intervals: Intervals, scene: Scene, reading: Reading) -> Outcomes:
    """Judges every interval under both readings of its schedule; where they differ the record cannot tell."""
    shown = intervals.shown
    first, second = reading(intervals, scene, shown), reading(intervals, scene, intervals.other)
    differ = first.outcome != second.outcome
    # an interval that ended before its shortest limit is no interval, whatever its doses cover
    blocked = intervals.issues_only & ((first.outcome != NO_OUTCOME) | (second.outcome != NO_OUTCOME))
    reason, outcome = first.reason.copy(), first.outcome.copy()
    put(reason, differ & intervals.neuro_unknown, reason_code("NEURO_UNKNOWN"))
    put(reason, (differ & ~intervals.neuro_unknown) | blocked, reason_code("ISSUES_ONLY"))
    put(outcome, differ | blocked, NOT_ASSESSABLE)
    # what cannot be assessed from issues is shown as if one ampoule lasted one interval
    bare = np.flatnonzero(reason == reason_code("ISSUES_ONLY"))
    single = shown.only(bare)
    due, limit = first.due.copy(), first.limit.copy()
    due[bare] = due_days(intervals.start[bare], single.months, np.ones_like(single.cover), single.weeks)
    limit[bare] = due[bare] + single.grace
    return Outcomes(outcome, reason, due, limit, first.graced | second.graced)


def on_time(intervals: Intervals, scene: Scene, schedule: Schedule) -> Outcomes:
    """The rule of the interval criteria under one schedule: met, late, excepted, waiting, or not judged."""
    due, limit = schedule.due, schedule.due + schedule.grace
    late = intervals.end > limit
    first_day, last_day = scene.pandemic
    # in the order of the standard
    reason = _first_that_holds(
        {
            "DECLINED": late & (scene.declined <= limit),
            "DEFERRED": late & (scene.deferred <= limit),
            "ORAL_COVER": late & scene.oral_cover,
            "COVID_DEFERRAL": late & (due >= first_day) & (due <= last_day),
            "LATE_NOT_ATTENDED": late & scene.not_attended,
        }
    )
    outcome = np.full(late.shape, MET, np.int8)
    put(outcome, intervals.is_open, PENDING)
    _put_late(outcome, late, reason)
    put(outcome, ~scene.in_period | (scene.stopped <= limit), NO_OUTCOME)
    return Outcomes(outcome, reason, due, limit, (outcome == MET) & (intervals.end > due))


def not_yet_due(intervals: Intervals, scene: Scene, schedule: Schedule) -> Outcomes:
    """The rule of `not-overdue`: an open interval is met up to its limit; a refusal or deferral since excepts."""
    due, limit = schedule.due, schedule.due + schedule.grace
    late = intervals.end > limit
    reason = _first_that_holds(
        {
            "DECLINED": late & (scene.declined < FAR_FUTURE),
            "DEFERRED": late & (scene.deferred < FAR_FUTURE),
            "LATE_NOT_ATTENDED": late & scene.not_attended,
        }
    )
    outcome = np.full(late.shape, MET, np.int8)
    _put_late(outcome, late, reason)
    put(outcome, ~intervals.is_open, NO_OUTCOME)
    return Outcomes(outcome, reason, due, limit, (outcome == MET) & (intervals.end > due))


def _put_late(outcome: Codes, late: Mask, reason: Codes) -> None:
    """A late interval is not met, or excepted when its reason is one that excepts."""
    put(outcome, late, NOT_MET)
    put(outcome, (reason > 0) & (reason < reason_code("LATE_NOT_ATTENDED")), EXCEPTED)


def _first_that_holds(holds: dict[str, Mask]) -> Codes:
    reason = np.zeros(len(next(iter(holds.values()))), dtype=np.int8)
    for name in reversed(holds):
        put(reason, holds[name], reason_code(name))
    return reason
