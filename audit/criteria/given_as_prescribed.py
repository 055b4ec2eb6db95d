"""Injections are given as often as they are prescribed.

What good care looks like: the recall follows the directions. Why it matters: a good prescription helps nobody if
the injection comes a month later every time. A local good practice; source of the interval: the patient's directions.

Silent in the standard: a patient of basis issued is outside the population, one without such an interval lacks it.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.calendar import Days, Mask
from audit.cohort.cohort import Cohort
from audit.cohort.grouping import medians
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement, nobody


def judge(cohort: Cohort) -> Judgement:
    """Basis given: the median closed maintenance interval against the longest prescribed one."""
    chosen = _chosen(cohort)
    intervals, prescribed = cohort.intervals, cohort.prescribed
    patient, median = medians(intervals.patient[chosen], (intervals.end - intervals.start)[chosen])
    longest = prescribed.longest_days(_last_start(cohort, chosen))
    has, met = nobody(cohort.size), nobody(cohort.size)
    has[patient] = True
    met[patient] = median <= longest[patient] + cohort.number("prescribed.tolerance_days")
    return Judgement(
        met=met,
        outside=cohort.doses.issued_basis | ~prescribed.any,
        no_interval=~has,
        not_assessable={"DIRECTIONS_MISSING": prescribed.missing, "DIRECTIONS_UNREAD": prescribed.unread},
    )


def _chosen(cohort: Cohort) -> Mask:
    """Closed maintenance intervals ending in the period that do not begin in the run of the first dose."""
    intervals, window = cohort.intervals, cohort.window
    ends = (intervals.end >= window.start) & (intervals.end <= window.end)
    return ~intervals.is_open & ~intervals.transition & ~intervals.in_first_run & ends


def _last_start(cohort: Cohort, chosen: Mask) -> Days:
    """First day of each patient's chosen interval that ends last; day 0 where there is none."""
    start = np.zeros(cohort.size, dtype=np.int64)
    # intervals stand in order of their days, so that the last assignment is the latest
    start[cohort.intervals.patient[chosen]] = cohort.intervals.start[chosen]
    return start


_NO = {"neurological_involvement": "no"}

CRITERION = Criterion(
    code="given-as-prescribed",
    title="Injections are given as often as prescribed",
    strength="permitted",
    why="A good prescription helps nobody if the injection comes a month later every time.",
    who="Patients whose injections are recorded as given, with a closed maintenance interval ending in the period that "
    "does not begin in the first run of doses.",
    met="The median of those intervals is at most {prescribed.tolerance_days:count} longer than the longest interval "
    "prescribed.",
    notes="Months are counted as the actual days of the interval that ends last. Blank or unread directions: the "
    "record cannot tell.",
    sources=("standard",),
    judge=judge,
    gates=("unreadable", "doses"),
    examples=(
        Example("as prescribed", "met", doses="-100 0 84", directions="every 12 weeks", patient=_NO),
        Example("14 days longer", "met", doses="-100 0 98", directions="every 12 weeks", patient=_NO),
        Example("15 days longer", "not_met", doses="-100 0 99", directions="every 12 weeks", patient=_NO),
        Example("months as actual days", "met", doses="-100 0 +3m14", directions="every 3 months", patient=_NO),
        Example("months as actual days, a day more", "not_met", doses="-100 0 +3m15", directions="every 3 months",
                patient=_NO),
        Example("the median of three", "met", doses="-200 -100 0 84 182", directions="every 12 weeks", patient=_NO,
                run={"start": 1}),
        Example("days", "not_met", doses="-100 0 99", directions="every 84 days", patient=_NO),
        Example("the longest of a range", "met", doses="-100 0 98", directions="every 10-12 weeks", patient=_NO),
        Example("blank directions", "not_assessable, DIRECTIONS_MISSING", doses="-100 0 84", patient=_NO),
        Example("unread directions", "not_assessable, DIRECTIONS_UNREAD", doses="-100 0 84", directions="as directed",
                patient=_NO),
        Example("only the interval after the first run", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="0 84",
                directions="every 12 weeks", patient=_NO),
        Example("issues", "not_applicable, NOT_IN_POPULATION", doses="-100x1 0x1 84x1", directions="every 12 weeks",
                patient=_NO),
        Example("no injections", "not_applicable, NO_INJECTIONS", events="oral 0 1000"),
    ),
)
