"""Recall: when the next injection of each patient on maintenance injections falls due, by the interval of the standard.

A fact of the record and no advice: the due date is that of the interval since the last injection, as every interval
criterion counts it. Where the record leaves two lengths open (neurological status unknown) both dates are shown, and
the earlier one decides the week, so that nobody is listed too late because a cell is blank.

Silent in the standard: a patient with a row that could not be read stays in the list without a date, because the row
could be an injection; somebody who refused since the last injection is counted and not listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Days, Mask, to_date, to_dates, to_day
from audit.cohort.cohort import Cohort
from audit.cohort.outcomes import (
    EXCEPTED,
    INTERVAL_REASONS,
    NOT_ASSESSABLE,
    NOT_MET,
    Outcomes,
    judge_intervals,
    not_yet_due,
)
from audit.criteria.judgement import BLANK
from audit.intake.extract import Extract
from audit.results.tables import basis_of, months_allowed, numbers, words_of
from schemas.vocabulary import NOT_IN_RECALL, RECALL_COLUMNS, RECALL_STATE

UNREADABLE: Final = "UNREADABLE_ROW"
_OVERDUE, _DEFERRED, _DUE, _TO_COME, _CANNOT_TELL = range(len(RECALL_STATE))
_DAYS_OF_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has a next injection due, one entry a patient.

    Attributes:
        listed: in the recall list. dated: and the record says when it falls due.
        left_out: everybody else, each under the first reason that holds.
    """

    listed: Mask
    dated: Mask
    left_out: Mapping[str, Mask]


@dataclass(frozen=True, slots=True)
class Recall:
    """The recall list of a run.

    Attributes:
        table: one row a patient with the columns RECALL_COLUMNS, overdue first, then by the day it falls due.
        fell_due: one flag a row: the (earlier) day lies on or before the extract date.
        left_out: patients who are not in the table, by reason.
        extract_date: the earliest one of the run; the weeks count from the day after it.
    """

    table: pd.DataFrame
    fell_due: Mask
    left_out: Mapping[str, int]
    extract_date: date


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week, Monday to Sunday, and how many patients' next injection falls due in it after the extract date."""

    name: str
    start: date
    end: date
    patients: int


@dataclass(frozen=True, slots=True)
class Weeks:
    """Everybody in the list by the week: fell_due + the weeks + later + undated = all rows."""

    fell_due: int
    weeks: tuple[Week, ...]
    later: int
    undated: int


def standing(cohort: Cohort) -> Standing:
    """Who is on maintenance injections on the extract date, and why the others are not counted among them."""
    left_out, rest = {}, np.ones(cohort.size, dtype=np.bool_)
    holds = _reasons(cohort)
    for reason in NOT_IN_RECALL:
        left_out[reason] = rest & holds[reason]
        rest &= ~holds[reason]
    return Standing(rest, rest & ~cohort.unreadable, left_out)


def _reasons(cohort: Cohort) -> dict[str, Mask]:
    """Each reason's patients, whether another holds before it or not; an unreadable row could undo most of them."""
    doses, happenings, readable = cohort.doses, cohort.happenings, ~cohort.unreadable
    return {
        **cohort.exclusions,
        "OWN_SCHEDULE": cohort.people.indication_is("lebers_or_tobacco_amblyopia"),
        "LEFT": cohort.people.left,
        "NO_INJECTIONS": readable & ~doses.any,
        "STOPPED": readable & happenings.stopped.any(doses.last, FAR_FUTURE),
        "NOT_ON_INJECTIONS": readable & ~cohort.on_injections,
        "COURSE_UNDER_WAY": readable & cohort.courses.unfinished,
        "DECLINED": readable & happenings.declined.any(doses.last + 1, FAR_FUTURE),
    }


def open_intervals(cohort: Cohort, patients: Mask) -> Days:
    """Places of the open intervals of these patients, in the order of the patients; each has at most one."""
    intervals = cohort.intervals
    return np.flatnonzero(intervals.is_open & patients[intervals.patient])


def recall(parts: Sequence[tuple[Extract, Cohort]]) -> Recall:
    """The recall list over the inputs of a run; an input's own extract date decides what has fallen due.

    Raises:
        AssertionError: a patient is neither in the list nor counted with a reason.
    """
    tables, fell_due, left_out = [], [], Counter[str]()
    for extract, cohort in parts:
        who = standing(cohort)
        rows = _rows(cohort, who)
        counted = {reason: int(mask.sum()) for reason, mask in who.left_out.items()}
        if len(rows.patient) + sum(counted.values()) != cohort.size:
            raise AssertionError("patients are not conserved in the recall list")
        tables.append(_table(extract, cohort, rows))
        fell_due.append(rows.first <= cohort.window.extract)
        left_out.update(counted)
    table, flags = _ordered(pd.concat(tables, ignore_index=True), np.concatenate(fell_due))
    found = {reason: left_out[reason] for reason in NOT_IN_RECALL if left_out[reason]}
    return Recall(table, flags, found, to_date(min(cohort.window.extract for _, cohort in parts)))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The list in columns; `at` is the place of each open interval, -1 where there is no date to tell."""

    patient: Days
    at: Days
    state: Days
    first: Days
    due: Days
    limit: Days
    reason: np.ndarray


def _rows(cohort: Cohort, who: Standing) -> _Rows:
    intervals = cohort.intervals
    at = open_intervals(cohort, who.dated)
    undated = np.flatnonzero(who.listed & ~who.dated)
    blank = np.full(len(undated), FAR_FUTURE, dtype=np.int64)
    outcomes = judge_intervals(cohort.intervals, cohort.scene, not_yet_due)
    other = intervals.other.due
    # what cannot be assessed from issues is shown as if one ampoule lasted one interval
    first = np.where(intervals.issues_only, outcomes.due, np.minimum(outcomes.due, other))[at]
    reason = words_of(outcomes.reason[at], INTERVAL_REASONS)
    return _Rows(
        patient=np.concatenate([intervals.patient[at], undated]),
        at=np.concatenate([at, np.full(len(undated), -1)]),
        state=np.concatenate([_state(cohort, outcomes, at, first), np.full(len(undated), _CANNOT_TELL)]),
        first=np.concatenate([first, blank]),
        due=np.concatenate([outcomes.due[at], blank]),
        limit=np.concatenate([outcomes.limit[at], blank]),
        reason=np.concatenate([reason, np.full(len(undated), UNREADABLE, dtype=object)]),
    )


def _state(cohort: Cohort, outcomes: Outcomes, at: Days, first: Days) -> Days:
    outcome = outcomes.outcome[at]
    fell_due = np.where(first <= cohort.window.extract, _DUE, _TO_COME)
    judged = [outcome == code for code in (NOT_MET, EXCEPTED, NOT_ASSESSABLE)]
    return np.select(judged, [_OVERDUE, _DEFERRED, _CANNOT_TELL], fell_due)


def _table(extract: Extract, cohort: Cohort, rows: _Rows) -> pd.DataFrame:
    people, known = rows.patient, rows.at >= 0
    late = (rows.state == _OVERDUE) | (rows.state == _DEFERRED)
    monday, week = _iso_weeks(rows.first)
    table = pd.DataFrame(
        {
            **{key: extract.patients[key].to_numpy()[people] for key in ("patient_id", "practice_id")},
            "state": words_of(rows.state, RECALL_STATE),
            "week": week,
            "week_from": monday,
            "last_injection": to_dates(np.where(cohort.doses.any, cohort.doses.last, FAR_PAST)[people]),
            "months": _at(months_allowed(cohort, rows.at[known]), known),
            "earlier_due_date": to_dates(np.where(rows.first < rows.due, rows.first, FAR_FUTURE)),
            "due_date": to_dates(rows.due),
            "limit_date": to_dates(rows.limit),
            "days_late": numbers(np.where(late, cohort.window.extract - rows.due, BLANK)),
            "neurological": _neurological(cohort, rows),
            "basis": basis_of(cohort)[people],
            "reason": rows.reason,
        }
    )
    return table[list(RECALL_COLUMNS)]


def _at(values: np.ndarray, known: Mask) -> np.ndarray:
    """The values where they are known, blank text elsewhere."""
    column = np.full(known.shape, "", dtype=object)
    column[known] = values
    return column


def _neurological(cohort: Cohort, rows: _Rows) -> np.ndarray:
    """As it counts for the interval; where there is none, as the patient's row says."""
    intervals, people = cohort.intervals, cohort.people
    status = np.where(people.neuro_yes, "yes", np.where(people.neuro_no, "no", "unknown"))[rows.patient].astype(object)
    at = rows.at[rows.at >= 0]
    counted = np.where(intervals.neuro_yes[at], "yes", np.where(intervals.neuro_unknown[at], "unknown", "no"))
    status[rows.at >= 0] = counted
    return status


def _iso_weeks(days: Days) -> tuple[np.ndarray, np.ndarray]:
    """The Monday of each day's ISO week, and the week's name such as 2026-W14; NaT and blank where there is no day."""
    known, place = np.unique(days, return_inverse=True)
    weeks = [("", FAR_FUTURE) if day >= FAR_FUTURE else _named_week(to_date(day)) for day in known.tolist()]
    mondays = np.array([monday for _, monday in weeks], dtype=np.int64)
    return to_dates(mondays[place]), np.array([name for name, _ in weeks], dtype=object)[place]


def _named_week(day: date) -> tuple[str, int]:
    """The ISO week of a day, and its Monday."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}", to_day(day) - day.weekday()


def _ordered(table: pd.DataFrame, fell_due: Mask) -> tuple[pd.DataFrame, Mask]:
    """Overdue first, by days late; then by the day it falls due; then those without a date."""
    overdue = (table["state"] == "overdue").to_numpy()
    first = table["earlier_due_date"].fillna(table["due_date"])
    late = -np.where(overdue, table["days_late"].fillna(0).to_numpy(dtype=np.int64), 0)
    who = {"practice": table["practice_id"], "patient": table["patient_id"]}
    keys = pd.DataFrame({"calm": ~overdue, "late": late, "first": first, **who})
    order = keys.sort_values(list(keys.columns), kind="stable", na_position="last").index.to_numpy()
    return table.iloc[order].reset_index(drop=True), fell_due[order]


def by_week(found: Recall, weeks: int) -> Weeks:
    """The list by week: `weeks` ISO weeks, beginning with the one that holds the day after the extract date."""
    first = found.extract_date + timedelta(days=1)
    monday = first - timedelta(days=first.weekday())
    starts = [monday + timedelta(days=_DAYS_OF_WEEK * number) for number in range(weeks + 1)]
    mondays = found.table["week_from"].to_numpy().astype("datetime64[D]")
    undated = np.isnat(mondays)
    to_come = mondays[~found.fell_due & ~undated]
    places = np.searchsorted(np.array(starts, dtype="datetime64[D]"), to_come, side="right") - 1
    counts = np.bincount(places, minlength=weeks + 1)
    named = tuple(_week(start, int(count)) for start, count in zip(starts[:-1], counts, strict=False))
    return Weeks(int(found.fell_due.sum()), named, int(counts[weeks]), int(undated.sum()))


def _week(start: date, patients: int) -> Week:
    name, _ = _named_week(start)
    return Week(name, start, start + timedelta(days=_DAYS_OF_WEEK - 1), patients)


def within(found: Recall, weeks: int) -> pd.DataFrame:
    """The rows that a list of so many weeks shows: what fell due, what falls due in them, and what has no date."""
    last = np.datetime64(by_week(found, weeks).weeks[-1].end)
    return found.table[~(found.table["week_from"].to_numpy() > last)].reset_index(drop=True)


def as_summary(found: Recall, weeks: int) -> dict[str, object]:
    """Counts alone, for summary.json."""
    told = by_week(found, weeks)
    states = found.table["state"].value_counts()
    return {
        "patients": len(found.table),
        "states": {state: int(states.get(state, 0)) for state in RECALL_STATE},
        "fell_due": told.fell_due,
        "weeks": [
            {"week": week.name, "from": str(week.start), "to": str(week.end), "patients": week.patients}
            for week in told.weeks
        ],
        "later": told.later,
        "undated": told.undated,
        "not_listed": dict(found.left_out),
    }
