"""Potassium is measured after the start of treatment in severe anaemia.

What good care looks like: potassium is checked in the first two weeks. Why it matters: when the marrow wakes, it takes
up potassium, and the heart can suffer. Source: BSH guideline; SmPC.

Silent in the standard: a haemoglobin without a number cannot show severe anaemia; the latest one with a number counts.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import STARTERS, Criterion, Example
from audit.criteria.judgement import Judgement
from audit.criteria.measured import in_window


def judge(cohort: Cohort) -> Judgement:
    """Starters with severe anaemia at the start: potassium in the days after the first dose."""
    first = cohort.doses.first
    latest = cohort.measurements.haemoglobin.latest(first - cohort.number("haemoglobin.severe_before_days"), first)
    severe = latest < cohort.number("haemoglobin.severe")
    start, limit = first + cohort.number("potassium.from_days"), first + cohort.number("potassium.to_days")
    # without a Tests sheet nobody knows who is anaemic
    return in_window(cohort, ("potassium",), start, limit, outside=~severe & cohort.has_tests)


_HB = "haemoglobin -3 79"

CRITERION = Criterion(
    code="potassium-measured-in-severe-anaemia",
    title="Potassium is measured early in severe anaemia",
    strength="permitted",
    why="When the marrow wakes it takes up potassium, and the heart can suffer.",
    who="Patients who started in the period with haemoglobin under {haemoglobin.severe} g/L in the "
    "{haemoglobin.severe_before_days:count} before the first injection.",
    met="A potassium result from {potassium.from_days} to {potassium.to_days:count} after the first injection.",
    notes="Pending until day {potassium.to_days}.",
    sources=("bsh", "smpc"),
    judge=judge,
    gates=(*STARTERS, "tests"),
    examples=(
        Example("measured on day 1", "met", doses="0 2", tests=f"{_HB}, potassium 1 4"),
        Example("measured on the first day", "not_met", doses="0 2", tests=f"{_HB}, potassium 0 4"),
        Example("measured on day 14", "met", doses="0 2", tests=f"{_HB}, potassium 14 4"),
        Example("measured on day 15", "not_met", doses="0 2", tests=f"{_HB}, potassium 15 4"),
        Example("haemoglobin 79", "not_met", doses="0 2", tests=_HB),
        Example("haemoglobin 80", "not_applicable, NOT_IN_POPULATION", doses="0 2", tests="haemoglobin -3 80"),
        Example("haemoglobin 79.9", "not_met", doses="0 2", tests="haemoglobin -3 79.9"),
        Example("7.9 is g/dL", "not_met", doses="0 2", tests="haemoglobin -3 7.9"),
        Example("25 is g/dL", "not_applicable, NOT_IN_POPULATION", doses="0 2", tests="haemoglobin -3 25"),
        Example("26 is g/L", "not_met", doses="0 2", tests="haemoglobin -3 26"),
        Example("24.5 is g/dL", "not_applicable, NOT_IN_POPULATION", doses="0 2", tests="haemoglobin -3 24.5"),
        Example("8.8 is 88 g/L", "not_applicable, NOT_IN_POPULATION", doses="0 2", tests="haemoglobin -3 8.8"),
        Example("7.5 is 75 g/L", "not_met", doses="0 2", tests="haemoglobin -3 7.5"),
        Example("haemoglobin on the first day", "not_met", doses="0 2", tests="haemoglobin 0 79"),
        Example("haemoglobin 28 days before", "not_met", doses="0 2", tests="haemoglobin -28 79"),
        Example("haemoglobin 29 days before", "not_applicable, NOT_IN_POPULATION", doses="0 2",
                tests="haemoglobin -29 79"),
        Example("the latest counts", "not_applicable, NOT_IN_POPULATION", doses="0 2",
                tests="haemoglobin -9 70, haemoglobin -3 90"),
        Example("of two on a day the lower", "not_met", doses="0 2", tests="haemoglobin -3 90, haemoglobin -3 70"),
        Example("window open", "pending", doses="0 2", tests=_HB, run={"extract": 13}),
        Example("window just closed", "not_met", doses="0 2", tests=_HB, run={"extract": 14}),
        Example("no tests sheet", "not_assessable, NO_TESTS_DATA", doses="0 2", run={"without": "Tests"}),
    ),
)
