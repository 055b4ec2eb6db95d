"""The blood count is repeated to see whether treatment works.

What good care looks like: haemoglobin again after six to twelve weeks. Why it matters: an anaemia that does not
respond has another cause as well. Source: BSH guideline.

Silent in the standard: a haemoglobin without a number cannot show anaemia; the repeat counts whatever its value says.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import STARTERS, Criterion, Example
from audit.criteria.judgement import Judgement
from audit.criteria.measured import in_window


def judge(cohort: Cohort) -> Judgement:
    """Starters with low haemoglobin around the start: haemoglobin again 42 to 84 days after the first dose."""
    first, number = cohort.doses.first, cohort.number
    latest = cohort.measurements.haemoglobin.latest(
        first - number("measured.before_days"), first + number("measured.after_days")
    )
    low = latest < np.where(cohort.people.male, number("haemoglobin.low_male"), number("haemoglobin.low_other"))
    start, limit = first + number("response.from_days"), first + number("response.to_days")
    # without a Tests sheet nobody knows who is anaemic
    return in_window(cohort, ("haemoglobin",), start, limit, outside=~low & cohort.has_tests)


_LOW = "haemoglobin 0 119"

CRITERION = Criterion(
    code="blood-count-response",
    title="The blood count is repeated after {response.from_days/response.to_days:range}",
    strength="permitted",
    why="An anaemia that does not respond has another cause as well.",
    who="Patients who started in the period and whose haemoglobin around the start was low (under "
    "{haemoglobin.low_male} g/L in men, under {haemoglobin.low_other} in everyone else).",
    met="A haemoglobin result {response.from_days} to {response.to_days:count} after the first injection.",
    notes="Pending until day {response.to_days}.",
    sources=("bsh",),
    judge=judge,
    gates=(*STARTERS, "tests"),
    examples=(
        Example("repeated on day 42", "met", doses="0 2", tests=f"{_LOW}, haemoglobin 42 130"),
        Example("repeated on day 41", "not_met", doses="0 2", tests=f"{_LOW}, haemoglobin 41 130"),
        Example("repeated on day 84", "met", doses="0 2", tests=f"{_LOW}, haemoglobin 84 130"),
        Example("repeated on day 85", "not_met", doses="0 2", tests=f"{_LOW}, haemoglobin 85 130"),
        Example("119, a woman", "not_met", doses="0 2", tests=_LOW, patient={"sex": "female"}),
        Example("120, a woman", "not_applicable, NOT_IN_POPULATION", doses="0 2", tests="haemoglobin 0 120",
                patient={"sex": "female"}),
        Example("129, a man", "not_met", doses="0 2", tests="haemoglobin 0 129", patient={"sex": "male"}),
        Example("130, a man", "not_applicable, NOT_IN_POPULATION", doses="0 2", tests="haemoglobin 0 130",
                patient={"sex": "male"}),
        Example("90 days before", "not_met", doses="0 2", tests="haemoglobin -90 100"),
        Example("91 days before", "not_applicable, NOT_IN_POPULATION", doses="0 2", tests="haemoglobin -91 100"),
        Example("14 days after", "not_met", doses="0 2", tests="haemoglobin 14 100"),
        Example("15 days after", "not_applicable, NOT_IN_POPULATION", doses="0 2", tests="haemoglobin 15 100"),
        Example("the latest counts", "not_applicable, NOT_IN_POPULATION", doses="0 2",
                tests="haemoglobin 0 100, haemoglobin 5 140"),
        Example("window open", "pending", doses="0 2", tests=_LOW, run={"extract": 83}),
        Example("window just closed", "not_met", doses="0 2", tests=_LOW, run={"extract": 84}),
        Example("left", "not_assessable, LEFT_DURING_WINDOW", doses="0 2", tests=_LOW,
                patient={"registered_to": "60"}),
        Example("no tests sheet", "not_assessable, NO_TESTS_DATA", doses="0 2", run={"without": "Tests"}),
    ),
)
