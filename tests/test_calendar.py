"""Calendar months on arrays, and the test vectors of the standard's section 9 through the engine's own schedule."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, add_months, add_months_to, to_date, to_day
from audit.cohort.intervals import Schedule
from audit.criteria import criterion
from audit.criteria.criterion import Example
from audit.standards.standard import load_standard
from tests import stories

DAYS = st.dates(date(1900, 3, 1), date(2199, 12, 31))

VECTORS = [
    ("2023-11-30", "2024-02-29", 3, 0, "met"),
    ("2023-11-30", "2024-03-01", 3, 0, "late"),
    ("2022-11-30", "2023-02-28", 3, 0, "met"),
    ("2023-12-31", "2024-03-01", 2, 7, "met within grace"),
    ("2024-02-29", "2024-05-29", 3, 0, "met"),
    ("2024-01-15", "2024-03-22", 2, 7, "met within grace"),
    ("2024-01-15", "2024-03-23", 2, 7, "late"),
]


@pytest.mark.parametrize(("previous", "following", "months", "grace", "outcome"), VECTORS)
def test_vectors_of_the_standard(previous: str, following: str, months: int, grace: int, outcome: str) -> None:
    start = np.array([to_day(date.fromisoformat(previous))])
    due = Schedule.of(start, np.array([months]), np.array([1]), np.array([grace])).due[0]
    end = to_day(date.fromisoformat(following))
    said = "late" if end > due + grace else "met within grace" if end > due else "met"
    assert said == outcome


def test_loading_over_easter_is_met_within_grace() -> None:
    """Six doses from Monday 25 March to Wednesday 10 April 2024."""
    days = "0 2 4 9 11 16"
    easter = Example("Easter", "met, within grace", doses=days, run={"day_0": "2024-03-25"})
    extract, options = stories.build_extract([easter], easter.run)
    told = list(stories._run(criterion("loading-complete"), ((easter,), extract, options), load_standard()))
    assert [story.said for story in told] == ["met, within grace"]


def plainly(day: date, months: int) -> date:
    """The day of that month, or the month's last one."""
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


@given(day=DAYS, months=st.integers(-240, 600))
def test_months_are_those_of_the_calendar(day: date, months: int) -> None:
    assert to_date(add_months_to(to_day(day), months)) == plainly(day, months)


@given(days=st.lists(DAYS, min_size=1, max_size=5), months=st.integers(-24, 24))
def test_arrays_are_single_days_side_by_side(days: list[date], months: int) -> None:
    together = add_months(np.array([to_day(day) for day in days]), months)
    assert together.tolist() == [add_months_to(to_day(day), months) for day in days]


def test_never_stays_never() -> None:
    never = np.array([FAR_PAST, FAR_FUTURE])
    assert add_months(never, 6).tolist() == never.tolist()
    assert add_months(np.array([to_day(date(2024, 1, 1))]), 12 * 900).tolist() == [FAR_FUTURE]
