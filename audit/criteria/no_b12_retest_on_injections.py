"""Vitamin B12 is not measured again while injections go on.

What good care looks like: the symptoms are followed, not the level. Why it matters: after injections the level is high
whatever the tissues have, and a "normal" result has stopped treatment that was needed. Source: NICE NG239 (ongoing
care and follow-up); BSH guideline.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.cohort import Cohort
from audit.cohort.outcomes import NO_OUTCOME
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Patients in maintenance: no vitamin B12 test in the period after the first course and before the end."""
    intervals, courses = cohort.intervals, cohort.courses
    counted = ~intervals.transition & (cohort.outcomes.outcome != NO_OUTCOME)
    has = np.bincount(intervals.patient[counted], minlength=cohort.size) > 0
    after = np.where(courses.has_initial, courses.initial_last, cohort.doses.first)
    start = np.maximum(cohort.window.start, after + 1)
    # a test on the last day itself may belong to a later decision
    end = np.minimum(cohort.window.end, cohort.people.w1 - 1)
    return Judgement(met=~cohort.measurements.done["vitamin_b12"].any(start, end), no_interval=~has)


_STORY = "-100 0 84"

CRITERION = Criterion(
    code="no-b12-retest-on-injections",
    title="Vitamin B12 is not measured again on injections",
    strength="permitted",
    why="After injections the level is high whatever the tissues have; a 'normal' result has stopped needed treatment.",
    who="Patients on injections with a maintenance interval that ended in the period or is waiting.",
    met="No vitamin B12 test in the period after the first course (or the first injection) and before the end.",
    notes="A test without a value counts as done.",
    sources=("ng239", "bsh"),
    judge=judge,
    gates=("unreadable", "doses", "on_injections", "tests"),
    examples=(
        Example("not measured", "met", doses=_STORY),
        Example("measured", "not_met", doses=_STORY, tests="vitamin_b12 30 900"),
        Example("measured without a value", "not_met", doses=_STORY, tests="vitamin_b12 30"),
        Example("active B12 is another test", "met", doses=_STORY, tests="active_b12 30 90"),
        Example("measured before the period", "met", doses=_STORY, tests="vitamin_b12 -1 900", run={"start": 0}),
        Example("measured on the last dose of the course", "met", doses="0 2 4 90 180", tests="vitamin_b12 4 900"),
        Example("measured the day after", "not_met", doses="0 2 4 90 180", tests="vitamin_b12 5 900"),
        Example("no first course: measured on the first dose", "met", doses="0 84", tests="vitamin_b12 0 900",
                patient={"registered_from": "-10"}),
        Example("no first course: measured the day after", "not_met", doses="0 84", tests="vitamin_b12 1 900",
                patient={"registered_from": "-10"}),
        Example("measured on the extract date", "met", doses=_STORY, tests="vitamin_b12 200 900"),
        Example("measured the day before the extract date", "not_met", doses=_STORY, tests="vitamin_b12 199 900"),
        Example("no maintenance interval", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="0 2 4"),
        Example("stopped", "not_applicable, NOT_ON_INJECTIONS", doses=_STORY, events="stopped 100"),
        Example("unreadable test", "not_assessable, UNREADABLE_TEST", doses=_STORY, tests="unreadable 0"),
        Example("no tests sheet", "not_assessable, NO_TESTS_DATA", doses=_STORY, run={"without": "Tests"}),
    ),
)
