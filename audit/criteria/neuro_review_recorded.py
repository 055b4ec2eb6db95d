"""A review is recorded while, or soon after, the neurological loading course runs.

What good care looks like: somebody looks whether the nerves still recover, which is what ends the course. Why it
matters: "until no further improvement" cannot be followed by anybody who does not look. Source: BNF; a local good
practice in how it is recorded.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.calendar import FAR_FUTURE
from audit.cohort.cohort import Cohort
from audit.criteria.criterion import NEURO_STARTERS, Criterion, Example
from audit.criteria.judgement import Evidence, Judgement


def judge(cohort: Cohort) -> Judgement:
    """Starters with involvement at the start: any review from the day after d1 to 28 days after dL."""
    ended, people = cohort.courses.ended, cohort.people
    start = cohort.doses.first + cohort.number("neuro.review_first_day")
    limit = cohort.courses.initial_last + cohort.number("neuro.review_days")
    review = cohort.happenings.reviews.first(start, limit)
    met = ended & (review < FAR_FUTURE)
    # while the course goes on nobody knows where the window ends
    shown = [np.where(ended, day, FAR_FUTURE) for day in (start, limit, review)]
    return Judgement(
        met=met,
        outside=~cohort.neuro_at_start,
        pending=~ended | (~met & (people.w1 < limit)),
        evidence=Evidence.window(*shown),
    )


_YES = {"neurological_involvement": "yes"}
_SIX = "0 2 4 6 8 10"

CRITERION = Criterion(
    code="neuro-review-recorded",
    title="A review of the neurological loading course",
    strength="permitted",
    why="'Until no further improvement' cannot be followed by anybody who does not look.",
    who="Patients who started in the period with neurological involvement, whose first course has ended.",
    met="A review of any outcome from {neuro.review_first_day:day} after the first injection to "
    "{neuro.review_days:count} after the last of the course.",
    notes="Pending while the course or the window is open.",
    sources=("bnf",),
    judge=judge,
    gates=(*NEURO_STARTERS, "reviews"),
    examples=(
        Example("reviewed on day 7", "met", doses=_SIX, reviews="improving 7", patient=_YES),
        Example("the day after the first injection", "met", doses=_SIX, reviews="other 1", patient=_YES),
        Example("on the day of the first injection", "not_met", doses=_SIX, reviews="other 0", patient=_YES),
        Example("28 days after the last", "met", doses=_SIX, reviews="worse 38", patient=_YES),
        Example("29 days after the last", "not_met", doses=_SIX, reviews="worse 39", patient=_YES),
        Example("window open", "pending", doses=_SIX, patient=_YES, run={"extract": 37}),
        Example("window just closed", "not_met", doses=_SIX, patient=_YES, run={"extract": 38}),
        Example("the course goes on, although reviewed", "pending", doses=_SIX, reviews="improving 7", patient=_YES,
                run={"extract": 12}),
        Example("left", "not_assessable, LEFT_DURING_WINDOW", doses=_SIX, patient={**_YES, "registered_to": "30"}),
        Example("no reviews sheet", "not_assessable, NO_REVIEW_DATA", doses=_SIX, patient=_YES,
                run={"without": "Reviews"}),
        Example("involvement from day 14", "not_met", doses=_SIX,
                patient={**_YES, "neurological_onset": "14"}),
        Example("involvement from day 15", "not_applicable, NOT_IN_POPULATION", doses=_SIX,
                patient={**_YES, "neurological_onset": "15"}),
        Example("no involvement", "not_applicable, NOT_IN_POPULATION", doses=_SIX),
    ),
)
