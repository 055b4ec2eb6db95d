"""Intervals between doses, and the length each may have.

An interval has one or two readings. Two where the record leaves two possibilities: neurological status unknown (two
lengths), or an unobserved start that may hide a loading course (two covers). Both are judged; where they
agree that is the outcome, where they differ the record cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.cohort.calendar import Counts, Days, Mask, add_months
from audit.cohort.courses import Courses
from audit.cohort.doses import Doses
from audit.cohort.people import People
from audit.cohort.rows import marked
from audit.cohort.window import AuditWindow
from audit.standards.standard import Standard


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long an interval may be under one reading, per interval.

    Attributes:
        months: length of the schedule. cover: how many lengths the doses at its beginning last. grace: days.
        due: the day that many lengths after the first one.
        weeks: length in weeks, where positive in place of the months (a local rule); None: months throughout.
    """

    months: Counts
    cover: Counts
    grace: Counts
    due: Days
    weeks: Counts | None = None

    @classmethod
    def of(cls, start: Days, months: Counts, cover: Counts, grace: Counts, weeks: Counts | None = None) -> Schedule:
        """The schedule of intervals that begin on `start`."""
        return cls(months, cover, grace, due_days(start, months, cover, weeks), weeks)

    def only(self, at: Days) -> Schedule:
        """Of the intervals at these places."""
        weeks = None if self.weeks is None else self.weeks[at]
        return Schedule(self.months[at], self.cover[at], self.grace[at], self.due[at], weeks)


def due_days(start: Days, months: Counts, cover: Counts, weeks: Counts | None) -> Days:
    """The day that lies so many lengths after `start`; where `weeks` is positive they are the length."""
    by_month = add_months(start, months * cover)
    if weeks is None:
        return by_month
    return np.where(weeks > 0, start + in_days(weeks * cover), by_month)


def in_days(weeks: Counts) -> Counts:
    """Weeks as days."""
    return weeks.astype("timedelta64[W]").astype("timedelta64[D]").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals outside courses that ended in the period or are open, by patient and first day; the open one is last.

    Attributes:
        start, end: first and last day (W1 when `is_open`).
        transition: from the initial course to the next dose; otherwise maintenance.
        in_first_run: begins in the run of doses from the patient's first one.
        neuro_yes, neuro_unknown: involvement counts, or is unknown, on the first day.
        shown, other: the two readings (equal where there is only one); `shown` gives the dates and the reason.
        issues_only: cannot be assessed from issues at all.
    """

    patient: Days
    start: Days
    end: Days
    is_open: Mask
    transition: Mask
    in_first_run: Mask
    neuro_yes: Mask
    neuro_unknown: Mask
    shown: Schedule
    other: Schedule
    issues_only: Mask

    @property
    def neuro_none(self) -> Mask:
        """Intervals without neurological involvement."""
        return ~(self.neuro_yes | self.neuro_unknown)


@dataclass(frozen=True, slots=True)
class _Spans:
    """Intervals before their schedules are known; `dose` is the position of the dose at the beginning."""

    dose: Days
    patient: Days
    start: Days
    end: Days
    is_open: Mask
    transition: Mask


def build_intervals(
    doses: Doses, courses: Courses, people: People, start_observed: Mask, window: AuditWindow, standard: Standard
) -> Intervals:
    """The intervals of every patient."""
    spans = _spans(doses, courses, people, window)
    who = spans.patient
    started = (people.onset[who] <= spans.start) & people.neuro_yes[who]
    unknown = people.neuro_unknown[who]
    covers = _covers(spans, doses, courses, start_observed, standard, started, unknown)
    shown, other = _schedules(spans.start, covers, people.dietary[who], started, unknown, standard)
    return Intervals(
        patient=who,
        start=spans.start,
        end=spans.end,
        is_open=spans.is_open,
        transition=spans.transition,
        in_first_run=courses.run[spans.dose] == courses.first_run[who],
        neuro_yes=started,
        neuro_unknown=unknown,
        shown=shown,
        other=other,
        issues_only=covers.issues_only,
    )


def _spans(doses: Doses, courses: Courses, people: People, window: AuditWindow) -> _Spans:
    end, inside = doses.day.copy(), courses.in_course.copy()
    end[:-1] = doses.day[1:]
    inside[:-1] &= courses.run[1:] == courses.run[:-1]
    # most intervals ended before the period, and nothing is asked of them
    kept = (end >= window.start) & (end <= window.end) & ~inside
    last = doses.end[doses.any] - 1
    kept[last] = ~courses.unfinished[doses.any]
    dose = np.flatnonzero(kept)
    patient, is_open = doses.patient[dose], marked(last, len(kept))[dose]
    return _Spans(
        dose=dose,
        patient=patient,
        start=doses.day[dose],
        end=np.where(is_open, people.w1[patient], end[dose]),
        is_open=is_open,
        transition=courses.has_initial[patient] & (courses.run[dose] == courses.first_run[patient]),
    )


@dataclass(frozen=True, slots=True)
class _Covers:
    """Covers under the reading with involvement, without it, and the second one without it; and what stops both."""

    involved: Counts
    free: Counts
    free_again: Counts
    issues_only: Mask


def course_cover(units: Counts, standard: Standard) -> Counts:
    """How many intervals the last issue of a loading course covers: what is left after loading, at least one."""
    return np.maximum(1, units - standard.number("loading.units"))


def _covers(
    spans: _Spans,
    doses: Doses,
    courses: Courses,
    start_observed: Mask,
    standard: Standard,
    involved: Mask,
    unknown: Mask,
) -> _Covers:
    """STANDARD section 2, due date: what the doses at the beginning of each interval last."""
    who, units = spans.patient, doses.units[spans.dose]
    issued = ~doses.given[spans.dose]
    tail = course_cover(courses.initial_units[who], standard)
    several = courses.initial_most[who] > 1
    leaves_course = spans.transition & issued
    short_run = ~start_observed[who] & (courses.initial_dates[who] < standard.number("course.least_doses"))
    leaves_run = _leaves_first_run(spans, doses, courses)
    hidden_loading = short_run & several & leaves_run
    free = np.where(leaves_course, tail, units)
    again = np.where(hidden_loading, tail, free)
    blocked = (leaves_course | hidden_loading) & several & (involved | unknown)
    return _Covers(
        involved=np.where(blocked, 1, units),
        free=np.where(blocked, 1, np.maximum(free, again)),
        free_again=np.where(blocked, 1, np.minimum(free, again)),
        issues_only=blocked,
    )


def _leaves_first_run(spans: _Spans, doses: Doses, courses: Courses) -> Mask:
    """Intervals from the last dose of the run that begins with the patient's first dose."""
    first_run = courses.first_run[spans.patient]
    last_of_run = doses.begin[spans.patient] + courses.run_dates[first_run] - 1
    return np.asarray((courses.run[spans.dose] == first_run) & (spans.dose == last_of_run))


def _schedules(
    start: Days, covers: _Covers, dietary: Mask, involved: Mask, unknown: Mask, standard: Standard
) -> tuple[Schedule, Schedule]:
    free_months = np.where(dietary, _months(standard, "dietary"), _months(standard, "standard"))
    neuro_months = np.full(free_months.shape, _months(standard, "neuro"))
    shown_months = np.where(involved, neuro_months, free_months)
    other_months = np.where(involved | unknown, neuro_months, free_months)
    shown_cover = np.where(involved, covers.involved, covers.free)
    other_cover = np.where(involved | unknown, covers.involved, covers.free_again)
    return (
        Schedule.of(
            start,
            shown_months,
            shown_cover,
            _grace(involved, dietary, standard),
            _weeks(involved, dietary, standard),
        ),
        Schedule.of(
            start,
            other_months,
            other_cover,
            _grace(involved | unknown, dietary, standard),
            _weeks(involved | unknown, dietary, standard),
        ),
    )


def _weeks(neuro: Mask, dietary: Mask, standard: Standard) -> Counts | None:
    """Lengths in weeks where a local standard books in weeks, 0 where it does not; None when it never does."""
    kinds = {kind: standard.optional(f"maintenance.{kind}_weeks") for kind in ("neuro", "dietary", "standard")}
    if not any(kinds.values()):
        return None
    lengths = [kinds["neuro"] or 0, kinds["dietary"] or 0]
    return np.select([neuro, dietary], lengths, kinds["standard"] or 0).astype(np.int64)


def _months(standard: Standard, kind: str) -> int:
    return standard.number(f"maintenance.{kind}_months")


def _grace(neuro: Mask, dietary: Mask, standard: Standard) -> Counts:
    free = np.where(
        dietary,
        standard.number("maintenance.dietary_grace_days"),
        standard.number("maintenance.standard_grace_days"),
    )
    return np.where(neuro, standard.number("maintenance.neuro_grace_days"), free).astype(np.int64)
