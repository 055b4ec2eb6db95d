"""A first review follows the start of treatment.

What good care looks like: somebody asks after three months (one month in pregnancy and breastfeeding) whether the
symptoms have gone. Why it matters: treatment that does not help must change. Source: NICE NG239 (ongoing care and
follow-up), which does not bind starts before 6 March 2024.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, Days, add_months, to_day
from audit.cohort.cohort import Cohort
from audit.criteria.criterion import STARTERS, Criterion, Example
from audit.criteria.judgement import Evidence, Judgement


def judge(cohort: Cohort) -> Judgement:
    """Starters since the guideline: a review in the window around three months, or one in pregnancy."""
    usual, pregnant = _window(cohort, ""), _window(cohort, "pregnant_")
    start, limit = (np.where(cohort.people.pregnant, *pair) for pair in zip(pregnant, usual, strict=True))
    review = cohort.happenings.reviews.first(start, limit)
    met = review < FAR_FUTURE
    return Judgement(
        met=met,
        outside=cohort.doses.first < _guideline_day(cohort),
        pending=~met & (cohort.people.w1 < limit),
        evidence=Evidence.window(start, limit, review),
    )


def _window(cohort: Cohort, kind: str) -> tuple[Days, Days]:
    first = cohort.doses.first
    due = add_months(first, cohort.number(f"review.{kind}months"))
    return first + cohort.number(f"review.{kind}from_days"), due + cohort.number(f"review.{kind}grace_days")


def _guideline_day(cohort: Cohort) -> int:
    (entry,) = cohort.standard.dated("first-review")
    if entry.start is None:
        raise ValueError("the standard's first-review entry needs its first day")
    return to_day(entry.start)


_PREGNANT = {"pregnant_or_breastfeeding": "yes"}
_LATER = {"day_0": "2024-03-06"}

CRITERION = Criterion(
    code="first-review",
    title="A first review after the start of treatment",
    strength="mandated",
    why="Treatment that does not help must change.",
    who="Patients who started in the period, on or after 6 March 2024.",
    met="A review from {review.from_days:count} after the first injection to {review.grace_days:count} after "
    "{review.months:words}; in pregnancy or breastfeeding from {review.pregnant_from_days:count} to "
    "{review.pregnant_grace_days:count} after {review.pregnant_months:words}.",
    notes="Pending until the window's end.",
    sources=("ng239",),
    judge=judge,
    gates=(*STARTERS, "reviews"),
    examples=(
        Example("on day 14", "met", doses="0 2", reviews="other 14", run=_LATER),
        Example("on day 13", "not_met", doses="0 2", reviews="other 13", run=_LATER),
        Example("28 days after three months", "met", doses="0 2", reviews="other +3m28", run=_LATER),
        Example("29 days after three months", "not_met", doses="0 2", reviews="other +3m29", run=_LATER),
        Example("pregnant, on day 7", "met", doses="0 2", reviews="other 7", patient=_PREGNANT, run=_LATER),
        Example("pregnant, on day 6", "not_met", doses="0 2", reviews="other 6", patient=_PREGNANT, run=_LATER),
        Example("pregnant, 14 days after one month", "met", doses="0 2", reviews="other +1m14", patient=_PREGNANT,
                run=_LATER),
        Example("pregnant, 15 days after one month", "not_met", doses="0 2", reviews="other +1m15",
                patient=_PREGNANT, run=_LATER),
        Example("window open", "pending", doses="0 2", run={**_LATER, "extract": "+3m27"}),
        Example("window just closed", "not_met", doses="0 2", run={**_LATER, "extract": "+3m28"}),
        Example("left", "not_assessable, LEFT_DURING_WINDOW", doses="0 2", patient={"registered_to": "60"},
                run=_LATER),
        Example("started the day before the guideline", "not_applicable, NOT_IN_POPULATION", doses="0 2",
                run={"day_0": "2024-03-05"}),
        Example("no reviews sheet", "not_assessable, NO_REVIEW_DATA", doses="0 2",
                run={**_LATER, "without": "Reviews"}),
    ),
)
