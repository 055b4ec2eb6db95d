"""A result around the start of treatment, shared by the criteria that ask for one."""

from __future__ import annotations

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, Days, Mask
from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Example
from audit.criteria.judgement import Evidence, Judgement


def in_window(
    cohort: Cohort, tests: tuple[str, ...], start: Days, limit: Days, outside: Mask | None = None
) -> Judgement:
    """Met by the first result of any of the tests in [start, limit]; pending while the window is open."""
    results = cohort.measurements.results
    first = np.minimum.reduce([results[test].first(start, limit) for test in tests])
    met = first < FAR_FUTURE
    return Judgement(
        met=met,
        outside=outside,
        pending=~met & (cohort.people.w1 < limit),
        evidence=Evidence.window(start, limit, first),
    )


def at_start(cohort: Cohort, *tests: str) -> Judgement:
    """A result from 90 days before the first dose to 14 days after it."""
    first = cohort.doses.first
    start = first - cohort.number("measured.before_days")
    return in_window(cohort, tests, start, first + cohort.number("measured.after_days"))


def window_examples(test: str) -> tuple[Example, ...]:
    """The same stories for each test, on both sides of every boundary."""
    return (
        Example("measured before", "met", doses="0 2", tests=f"{test} -5 10"),
        Example("90 days before", "met", doses="0 2", tests=f"{test} -90 10"),
        Example("91 days before", "not_met", doses="0 2", tests=f"{test} -91 10"),
        Example("14 days after", "met", doses="0 2", tests=f"{test} 14 10"),
        Example("15 days after", "not_met", doses="0 2", tests=f"{test} 15 10"),
        Example("a result in words", "met", doses="0 2", tests=f"{test} 0 text"),
        Example("a test without a value", "not_met", doses="0 2", tests=f"{test} 0"),
        Example("another test", "not_met", doses="0 2", tests="vitamin_b12 0 100"),
        Example("window open", "pending", doses="0 2", run={"extract": 13}),
        Example("window just closed", "not_met", doses="0 2", run={"extract": 14}),
        Example("left", "not_assessable, LEFT_DURING_WINDOW", doses="0 2", patient={"registered_to": "10"}),
        Example("a test row that could not be read", "not_assessable, UNREADABLE_TEST", doses="0 2",
                tests=f"unreadable 0, {test} 0 10"),
        Example("unreadable test of somebody else's population", "not_assessable, UNREADABLE_TEST",
                events="oral 0 50", tests="unreadable 0"),
        Example("no tests sheet", "not_assessable, NO_TESTS_DATA", doses="0 2", run={"without": "Tests"}),
        Example("start not observed", "not_assessable, START_NOT_OBSERVED", doses="0 2",
                patient={"registered_from": "-10"}),
        Example("not a starter", "not_applicable, NOT_A_STARTER", doses="-200 0"),
        Example("no injections", "not_applicable, NO_INJECTIONS", events="oral 0 50"),
    )  # fmt: skip
