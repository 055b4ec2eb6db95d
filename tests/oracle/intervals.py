"""Intervals between doses, and their judgement (STANDARD section 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from .dates import add_days, add_months
from .history import Dose, History
from .verdict import Verdict, not_applicable

GRACE = {2: 7, 3: 14, 6: 28}
PANDEMIC_FROM, PANDEMIC_TO = date(2020, 3, 16), date(2021, 3, 31)
JUDGED = ("met", "not_met", "excepted", "not_assessable")
WORST_FIRST = ("not_met", "not_assessable", "met", "excepted", "pending")


@dataclass(frozen=True)
class Interval:
    """From a dose to the next one, or (open) from the last dose to the last observed day."""

    kind: str
    first: Dose
    end: date
    is_open: bool

    @property
    def days(self) -> int:
        return (self.end - self.first.day).days


@dataclass(frozen=True)
class Reading:
    """The interval under one schedule and one cover; outcome `ended`: a stop or a leaving, not judged."""

    due: date
    limit: date
    outcome: str
    reason: str = ""
    needed_grace: bool = False


@dataclass(frozen=True)
class Judged:
    """An interval with its outcome, and the dates it is shown with."""

    interval: Interval
    neuro: str
    months: str
    outcome: str
    reason: str
    due: date
    limit: date
    needed_grace: bool

    @property
    def days_past_limit(self) -> int:
        return (self.interval.end - self.limit).days


# history, interval, due, limit -> outcome and reason
Rule = Callable[[History, Interval, date, date], tuple[str, str]]


def intervals_of(history: History) -> list[Interval]:
    """All intervals that could be judged, by date: those inside a course are left out."""
    found = []
    for before, after in pairwise(history.doses):
        if not _same_course(history, before, after):
            found.append(Interval(_kind(history, before), before, after.day, is_open=False))
    if history.doses and not history.course_unfinished:
        last = history.doses[-1]
        found.append(Interval(_kind(history, last), last, history.w1, is_open=True))
    return found


def _kind(history: History, first: Dose) -> str:
    return "transition" if history.initial and first.day == history.dl else "maintenance"


def _same_course(history: History, before: Dose, after: Dose) -> bool:
    return any(before in course and after in course for course in history.courses)


# ---------------------------------------------------------------------- schedules and covers


def schedules(history: History, neuro: str) -> list[int]:
    """The lengths in months under which an interval is judged, the shorter first."""
    if neuro == "yes":
        return [2]
    without = 6 if history.dietary else 3
    return [without] if neuro == "no" else [2, without]


def covers(history: History, first: Dose, neuro: str, months: int) -> list[int] | None:
    """How many schedule lengths the dose may cover, the shorter first; None when that cannot be told."""
    if not first.issued:
        return [1]
    run = history.runs[0]
    if first.day != run[-1].day:
        return [first.units]
    units = sum(dose.units for dose in run)
    several = any(dose.units > 1 for dose in run)
    if history.initial:
        return _cover_of_course(units, several, neuro, months)
    if not several:
        return [first.units]
    return sorted([first.units, max(1, units - 6)]) if neuro == "no" else None


def _cover_of_course(units: int, several: bool, neuro: str, months: int) -> list[int] | None:
    if neuro == "no":
        return [max(1, units - 6)]
    if several:
        return None
    return [1] if months == 2 else [max(1, units - 6)]


# ---------------------------------------------------------------------- one interval


def judge_interval(history: History, interval: Interval) -> Judged:
    """As the maintenance criteria see it."""
    lengths = schedules(history, history.neuro_at(interval.first.day))
    return _judge(history, interval, lengths, interval_rule)


def judge_two_monthly(history: History, interval: Interval) -> Judged:
    """As if every two months were everybody's schedule."""
    return _judge(history, interval, [2], interval_rule)


def judge_overdue(history: History, interval: Interval) -> Judged:
    """The open interval: is the next injection overdue on the extract date?"""
    lengths = schedules(history, history.neuro_at(interval.first.day))
    return _judge(history, interval, lengths, overdue_rule)


def _judge(history: History, interval: Interval, lengths: list[int], rule: Rule) -> Judged:
    neuro = history.neuro_at(interval.first.day)
    at_one = [_read(history, interval, months, 1, rule) for months in lengths]
    readings, cannot_tell = [], False
    for months in lengths:
        possible = covers(history, interval.first, neuro, months)
        if possible is None:
            cannot_tell = True
            continue
        readings += [_read(history, interval, months, cover, rule) for cover in possible]
    if cannot_tell:
        # whatever the cover, a stop or a leaving within the shortest limit leaves nothing to judge
        ended = all(reading.outcome == "ended" for reading in at_one)
        outcome, reason, shown = ("ended", "", at_one) if ended else ("not_assessable", "ISSUES_ONLY", at_one)
    elif len({reading.outcome for reading in readings}) == 1:
        outcome, reason, shown = readings[-1].outcome, readings[-1].reason, readings
    elif len(lengths) == 2:
        outcome, reason, shown = "not_assessable", "NEURO_UNKNOWN", readings
    else:
        outcome, reason, shown = "not_assessable", "ISSUES_ONLY", at_one
    return Judged(
        interval=interval,
        neuro=neuro,
        months=" or ".join(str(months) for months in lengths),
        outcome=outcome,
        reason=reason,
        due=shown[-1].due,
        limit=shown[-1].limit,
        needed_grace=outcome == "met" and any(reading.needed_grace for reading in readings),
    )


def _read(history: History, interval: Interval, months: int, cover: int, rule: Rule) -> Reading:
    due = add_months(interval.first.day, months * cover)
    limit = add_days(due, GRACE[months])
    outcome, reason = rule(history, interval, due, limit)
    return Reading(due, limit, outcome, reason, needed_grace=outcome == "met" and interval.end > due)


def interval_rule(history: History, interval: Interval, due: date, limit: date) -> tuple[str, str]:
    """Met, late, waiting or ended, as in section 2."""
    first, end = interval.first.day, interval.end
    if interval.is_open and (history.has_event("stopped", first, limit) or (history.left and end <= limit)):
        return "ended", ""
    if end <= limit:
        return ("pending" if interval.is_open else "met"), ""
    after = add_days(first, 1)
    for event in ("declined", "deferred"):
        if history.has_event(event, after, limit):
            return "excepted", event.upper()
    if history.has_oral_of_a_milligram(after, end):
        return "excepted", "ORAL_COVER"
    if PANDEMIC_FROM <= due <= PANDEMIC_TO:
        return "excepted", "COVID_DEFERRAL"
    return "not_met", _not_attended(history, interval)


def overdue_rule(history: History, interval: Interval, due: date, limit: date) -> tuple[str, str]:
    """On the extract date the next injection is not overdue, or was declined or deferred since the last."""
    del due
    if interval.end <= limit:
        return "met", ""
    for event in ("declined", "deferred"):
        if history.has_event(event, add_days(interval.first.day, 1), interval.end):
            return "excepted", event.upper()
    return "not_met", _not_attended(history, interval)


def _not_attended(history: History, interval: Interval) -> str:
    seen = history.has_event("not_attended", add_days(interval.first.day, 1), interval.end)
    return "LATE_NOT_ATTENDED" if seen else ""


# ---------------------------------------------------------------------- all intervals of a patient


def judged_or_waiting(history: History, kind: str, two_monthly: bool = False) -> list[Judged]:
    """Intervals of a kind whose end lies in the period and that neither a stop nor a leaving ended."""
    judge = judge_two_monthly if two_monthly else judge_interval
    found = []
    for interval in intervals_of(history):
        if interval.kind == kind and history.in_period(interval.end):
            judged = judge(history, interval)
            if judged.outcome != "ended":
                found.append(judged)
    return found


def verdict_of(judged: list[Judged]) -> Verdict:
    """The patient's verdict from the intervals that the criterion looks at."""
    for outcome in WORST_FIRST:
        deciding = [one for one in judged if one.outcome == outcome]
        if deciding:
            break
    else:
        return not_applicable("NO_INTERVAL_IN_PERIOD")
    worst = max(deciding, key=lambda one: (one.days_past_limit, one.interval.first.day))
    verdict = evidence_of(worst)
    if outcome == "met":
        verdict.within_grace = any(one.needed_grace for one in deciding)
    verdict.intervals_met = len([one for one in judged if one.outcome == "met"])
    verdict.intervals_judged = len([one for one in judged if one.outcome in JUDGED])
    return verdict


def evidence_of(judged: Judged) -> Verdict:
    """Outcome, reason and dates of one interval."""
    interval = judged.interval
    return Verdict(
        outcome=judged.outcome,
        reason=judged.reason,
        from_date=interval.first.day,
        due_date=judged.due,
        limit_date=judged.limit,
        to_date=None if interval.is_open else interval.end,
        days=interval.days,
    )
