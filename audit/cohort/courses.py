"""Courses: runs of doses close together, the initial one and later reloads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.cohort.calendar import FAR_PAST, Counts, Days, Mask
from audit.cohort.doses import Doses
from audit.cohort.people import People
from audit.standards.standard import Standard


@dataclass(frozen=True, slots=True)
class Courses:
    """Every dose belongs to one run; a run may be a course.

    Attributes (per dose):
        run: number of its run.
        in_course: its run is a course (initial or reload).
    Attributes (per run):
        run_dates, run_units, run_most: dose dates, units, the most units of one day.
    Attributes (per patient; meaningless where there is no dose):
        has_initial: there is an initial course; first_run: its run (or the run of the first dose).
        initial_last: dL, FAR_PAST when there is no initial course.
        initial_units, initial_most: units of the run of the first dose, and the most units of one of its days.
        ended: the initial course has ended; unfinished: the last run is a course that has not ended.
    """

    run: Days
    in_course: Mask
    run_dates: Counts
    run_units: Counts
    run_most: Counts
    has_initial: Mask
    first_run: Days
    initial_last: Days
    initial_dates: Counts
    initial_units: Counts
    initial_most: Counts
    ended: Mask
    unfinished: Mask


def build_courses(doses: Doses, people: People, start_observed: Mask, standard: Standard) -> Courses:
    """Runs and courses of every patient."""
    gap = standard.number("course.gap_days")
    starts = _run_starts(doses, gap)
    run = np.cumsum(starts) - 1
    first_dose = np.flatnonzero(starts)
    dates, units, most = _per_run(doses, first_dose)
    last_dose = first_dose + dates - 1
    run_patient = doses.patient[first_dose]
    is_first = doses.begin[run_patient] == first_dose
    is_course = (dates >= standard.number("course.least_doses")) | (is_first & start_observed[run_patient])
    has = doses.any
    first_run, last_run = _run_at(run, doses.begin, has), _run_at(run, doses.end - 1, has)
    initial = has & _per_patient(is_course, first_run, has, False)
    initial_last = np.where(initial, _per_patient(doses.day[last_dose], first_run, has, FAR_PAST), FAR_PAST)
    waiting = people.w1 <= doses.last + gap
    unfinished = has & _per_patient(is_course, last_run, has, False) & waiting
    return Courses(
        run=run,
        in_course=is_course[run],
        run_dates=dates,
        run_units=units,
        run_most=most,
        has_initial=initial,
        first_run=first_run,
        initial_last=initial_last,
        initial_dates=_per_patient(dates, first_run, has, 0),
        initial_units=_per_patient(units, first_run, has, 0),
        initial_most=_per_patient(most, first_run, has, 0),
        ended=initial & ((first_run != last_run) | ~waiting),
        unfinished=unfinished,
    )


def _run_starts(doses: Doses, gap: int) -> Mask:
    starts = np.ones(len(doses.day), dtype=np.bool_)
    starts[1:] = (doses.patient[1:] != doses.patient[:-1]) | (np.diff(doses.day) > gap)
    return starts


def _per_run(doses: Doses, first_dose: Days) -> tuple[Counts, Counts, Counts]:
    if not len(first_dose):
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    dates = np.diff(np.append(first_dose, len(doses.day)))
    return dates, np.add.reduceat(doses.units, first_dose), np.maximum.reduceat(doses.units, first_dose)


def _run_at(run: Days, position: Days, has: Mask) -> Days:
    found = np.full(position.shape, -1, dtype=np.int64)
    found[has] = run[position[has]]
    return found


def _per_patient(values: np.ndarray, run: Days, has: Mask, missing: int | bool) -> np.ndarray:
    found = np.full(run.shape, missing, dtype=values.dtype)
    found[has] = values[run[has]]
    return found
