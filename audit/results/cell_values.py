"""What a blank or unreadable cell may come to say: the values that some rule tells apart.

* quantity: 1 to 100. Units only ever lengthen cover and complete courses, so that from some quantity on nothing
  changes any more (the cover reaches past the extract date); the values up to there are asked;
* dose: on and between all doses that the standard compares with;
* directions: an interval of each unit on either side of every length that the standard compares with;
* dates: no such list; one on either side of all that is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from audit.cohort.calendar import Days, to_date
from audit.intake.values import QUANTITIES
from audit.results.as_judged import Case
from audit.results.what_if import Value
from schemas.vocabulary import INTERVAL_UNIT

#: numbers of the standard that a dose is compared with
_DOSES: Final = (
    "dose.micrograms",
    "dose.low_oral_micrograms",
    "oral.cover_micrograms",
    "folic.micrograms",
    "cohort.antidote_micrograms",
)
#: lengths in months of which a cover is a multiple
_MONTHS: Final = (
    "maintenance.neuro_months",
    "maintenance.standard_months",
    "maintenance.dietary_months",
    "everyone.months",
    "lifelong.months",
)
_INTERVALS: Final = ("neuro", "standard", "dietary")


def date_values(case: Case) -> tuple[Value, ...]:
    """Dates before everything that is judged, and after it."""
    return to_date(case.window.history), to_date(case.window.extract + 1)


def quantity_values(case: Case, rows: Days) -> tuple[Value, ...]:
    """Whole numbers from 1 to where none makes a difference any more.

    There the cover of the earliest of the rows reaches past the extract date, whatever is taken off for a course.
    """
    if not len(rows):
        return ()
    if any(case.standard.optional(f"maintenance.{kind}_weeks") is not None for kind in _INTERVALS):
        return tuple(QUANTITIES)  # a schedule in weeks may be shorter than any in months: every number is asked
    days = case.extract.treatments["date"].to_numpy(dtype="datetime64[M]")[rows]
    months = int((np.datetime64(to_date(case.window.extract), "M") - days.min()).astype(np.int64))
    shortest = min(case.number(key) for key in _MONTHS)
    course = max(case.number("loading.units"), case.number("neuro.standard_units"))
    return tuple(range(QUANTITIES.start, min(course + max(months, 0) // shortest + 2, QUANTITIES.stop - 1) + 1))


def dose_values(case: Case) -> tuple[Value, ...]:
    """Every dose that some rule compares with, one between each two, and one on either side of all."""
    edges = sorted({float(case.number(key)) for key in _DOSES})
    between = [(low + high) / 2 for low, high in pairwise(edges)]
    return (*edges, edges[0] / 2, *between, edges[-1] * 2)


def interval_values(case: Case) -> Iterator[tuple[int, str]]:
    """In each unit every length that directions are compared with, and a longer one."""
    for unit in INTERVAL_UNIT:
        edges = sorted({case.number(f"prescribed.{kind}_{unit}") for kind in _INTERVALS})
        yield from ((high, unit) for high in (*edges, edges[-1] + 1))
