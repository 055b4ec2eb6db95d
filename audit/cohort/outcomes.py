"""What came of each interval: judged under its readings, which must agree (STANDARD section 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import FAR_FUTURE, Days, Mask, to_day
from audit.cohort.happenings import Happenings
from audit.cohort.intervals import Intervals, Schedule
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
    """What else the judging of an interval asks for; `pandemic` is the first and last day of deferrals."""

    intervals: Intervals
    happenings: Happenings
    people: People
    window: AuditWindow
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


Reading = Callable[[Scene, Schedule], Outcomes]


def reason_code(name: str) -> int:
    """The code of an interval's reason."""
    return INTERVAL_REASONS.index(name)


def pandemic_days(standard: Standard) -> tuple[int, int]:
    """First and last day of the pandemic deferrals."""
    (entry,) = standard.dated("pandemic")
    if entry.start is None or entry.end is None:
        raise ValueError("the standard's pandemic entry needs both its dates")
    return to_day(entry.start), to_day(entry.end)


def judge_intervals(
    scene: Scene, reading: Reading, shown: Schedule | None = None, other: Schedule | None = None
) -> Outcomes:
    """Judges every interval under both readings of its schedule; where they differ the record cannot tell.

    Args:
        scene: the intervals and what happened in them.
        reading: judges under one schedule.
        shown: schedule in place of the intervals' own.
        other: the second reading's, likewise.
    """
    # an interval that ended before the period, most of them, has no outcome under any reading
    at = np.flatnonzero(_ends_in_period(scene) | scene.intervals.is_open)
    intervals = scene.intervals.only(at)
    judged = _judged(replace(scene, intervals=intervals), reading, (shown or scene.intervals.shown).only(at),
                     (other or scene.intervals.other).only(at))  # fmt: skip
    return _spread(judged, at, len(scene.intervals.start))


def _judged(scene: Scene, reading: Reading, shown: Schedule, other: Schedule) -> Outcomes:
    intervals = scene.intervals
    first = reading(scene, shown)
    second = _second(scene, reading, (shown, other), first)
    differ = first.outcome != second.outcome
    doubt = np.where(intervals.neuro_unknown, reason_code("NEURO_UNKNOWN"), reason_code("ISSUES_ONLY"))
    # an interval that ended before its shortest limit is no interval, whatever its doses cover
    blocked = intervals.issues_only & ((first.outcome != NO_OUTCOME) | (second.outcome != NO_OUTCOME))
    outcome = np.where(differ | blocked, NOT_ASSESSABLE, first.outcome)
    reason = np.where(blocked, reason_code("ISSUES_ONLY"), np.where(differ, doubt, first.reason))
    # what cannot be assessed from issues is shown as if one ampoule lasted one interval
    bare = np.flatnonzero(reason == reason_code("ISSUES_ONLY"))
    single = shown.only(bare)
    due, limit = first.due.copy(), first.limit.copy()
    due[bare] = replace(single, cover=np.ones_like(single.cover)).due(intervals.start[bare])
    limit[bare] = due[bare] + single.grace
    return Outcomes(outcome.astype(np.int8), reason.astype(np.int8), due, limit, first.graced | second.graced)


def _second(scene: Scene, reading: Reading, schedules: tuple[Schedule, Schedule], first: Outcomes) -> Outcomes:
    """The second reading: the first again but where the schedules differ."""
    shown, other = schedules
    at = np.flatnonzero(shown.differs(other))
    again = reading(replace(scene, intervals=scene.intervals.only(at)), other.only(at))
    columns = [getattr(first, field.name).copy() for field in fields(Outcomes)]
    for column, field in zip(columns, fields(Outcomes), strict=True):
        column[at] = getattr(again, field.name)
    return Outcomes(*columns)


def _spread(judged: Outcomes, at: Days, size: int) -> Outcomes:
    """The outcomes of all intervals from those of the intervals at some places; the others have none."""
    blank = Outcomes(
        np.full(size, NO_OUTCOME, np.int8),
        np.zeros(size, np.int8),
        np.full(size, FAR_FUTURE, np.int64),
        np.full(size, FAR_FUTURE, np.int64),
        np.zeros(size, np.bool_),
    )
    for field in fields(Outcomes):
        getattr(blank, field.name)[at] = getattr(judged, field.name)
    return blank


def on_time(scene: Scene, schedule: Schedule) -> Outcomes:
    """The rule of the interval criteria under one schedule: met, late, excepted, waiting, or not judged."""
    intervals = scene.intervals
    due = schedule.due(intervals.start)
    limit = due + schedule.grace
    late = intervals.end > limit
    reason = np.zeros(late.shape, np.int8)
    at = np.flatnonzero(late)
    reason[at] = _late_reason(replace(scene, intervals=intervals.only(at)), due[at], limit[at])
    excepted = late & (reason > 0) & (reason < reason_code("LATE_NOT_ATTENDED"))
    outcome = np.where(excepted, EXCEPTED, np.where(late, NOT_MET, np.where(intervals.is_open, PENDING, MET)))
    outcome[~_ends_in_period(scene) | _ended_early(scene, limit)] = NO_OUTCOME
    met = outcome == MET
    return Outcomes(outcome.astype(np.int8), reason, due, limit, met & (intervals.end > due))


def not_yet_due(scene: Scene, schedule: Schedule) -> Outcomes:
    """The rule of `not-overdue`: an open interval is met up to its limit; a refusal or deferral since excepts."""
    intervals, happenings = scene.intervals, scene.happenings
    due = schedule.due(intervals.start)
    limit = due + schedule.grace
    late, after = intervals.end > limit, intervals.start + 1
    reason = _first_that_holds(
        {
            "DECLINED": happenings.declined.any(after, intervals.end, intervals.patient),
            "DEFERRED": happenings.deferred.any(after, intervals.end, intervals.patient),
            "LATE_NOT_ATTENDED": happenings.not_attended.any(after, intervals.end, intervals.patient),
        }
    )
    reason[~late] = 0
    excepted = (reason > 0) & (reason < reason_code("LATE_NOT_ATTENDED"))
    outcome = np.where(excepted, EXCEPTED, np.where(late, NOT_MET, MET)).astype(np.int8)
    outcome[~intervals.is_open] = NO_OUTCOME
    return Outcomes(outcome, reason, due, limit, (outcome == MET) & (intervals.end > due))


def _ends_in_period(scene: Scene) -> Mask:
    end = scene.intervals.end
    return (end >= scene.window.start) & (end <= scene.window.end)


def _ended_early(scene: Scene, limit: Days) -> Mask:
    """Open intervals that a stop or a leaving ended on or before the limit."""
    intervals, people = scene.intervals, scene.people
    who = intervals.patient
    stopped = scene.happenings.stopped.first(intervals.start, FAR_FUTURE, who) <= limit
    left = people.left[who] & (people.w1[who] <= limit)
    return intervals.is_open & (stopped | left)


def _late_reason(scene: Scene, due: Days, limit: Days) -> npt.NDArray[np.int8]:
    """The first recorded reason for a late interval, in the order of the standard; 0 when there is none."""
    intervals, happenings = scene.intervals, scene.happenings
    who, after, end = intervals.patient, intervals.start + 1, intervals.end
    first_day, last_day = scene.pandemic
    return _first_that_holds(
        {
            "DECLINED": happenings.declined.first(after, end, who) <= limit,
            "DEFERRED": happenings.deferred.first(after, end, who) <= limit,
            "ORAL_COVER": happenings.oral_full.any(after, end, who),
            "COVID_DEFERRAL": (due >= first_day) & (due <= last_day),
            "LATE_NOT_ATTENDED": happenings.not_attended.any(after, end, who),
        }
    )


def _first_that_holds(holds: dict[str, Mask]) -> npt.NDArray[np.int8]:
    return np.select(list(holds.values()), [reason_code(name) for name in holds], 0).astype(np.int8)
