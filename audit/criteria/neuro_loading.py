"""Six injections within two weeks at the start of treatment with neurological involvement.

What good care looks like: alternate-day injections, which make six in eleven days. Why it matters: nerve damage that
is treated late may not come back. Source: BNF. The continuation beyond six is a criterion of its own.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import LOADING, Criterion, Example
from audit.criteria.judgement import Judgement
from audit.criteria.loading import loading_course


def judge(cohort: Cohort) -> Judgement:
    """Starters with involvement at the start: six units by day 14, within grace by day 21."""
    return loading_course(cohort, outside=~cohort.neuro_at_start)


_YES = {"neurological_involvement": "yes"}

CRITERION = Criterion(
    code="neuro-loading",
    title="{loading.units:Word} loading injections in {loading.days:span}, with neurological involvement",
    strength="mandated",
    why="Nerve damage that is treated late may not come back.",
    who="Patients who started in the period with neurological involvement at the start.",
    met="{loading.units:Word} injections of {dose.micrograms:mg} by day {loading.days} after the first; within "
    "grace by day {loading.days+loading.grace_days}.",
    notes="Pending until day {loading.days+loading.grace_days}. A refusal in those days is an exception. Left "
    "before: cannot tell.",
    sources=("bnf", "smpc"),
    judge=judge,
    gates=LOADING,
    examples=(
        Example("alternate days", "met", doses="0 2 4 6 8 10 12 14", patient=_YES),
        Example("sixth on day 14", "met", doses="0 2 4 6 8 14", patient=_YES),
        Example("sixth on day 15", "met, within grace", doses="0 2 4 6 8 15", patient=_YES),
        Example("sixth on day 21", "met, within grace", doses="0 2 4 6 8 21", patient=_YES),
        Example("sixth on day 22", "not_met", doses="0 2 4 6 8 22", patient=_YES),
        Example("five ampoules", "not_met", doses="0x5", patient=_YES),
        Example("six ampoules", "met", doses="0x6", patient=_YES),
        Example("dietary cause does not matter", "met", doses="0 2 4 6 8 10", patient={**_YES, "cause": "dietary"}),
        Example("onset on day 14", "met", doses="0 2 4 6 8 10", patient={**_YES, "neurological_onset": "14"}),
        Example("onset on day 15", "not_applicable, NOT_IN_POPULATION", doses="0 2 4 6 8 10",
                patient={**_YES, "neurological_onset": "15"}),
        Example("status unknown", "not_applicable, NOT_IN_POPULATION", doses="0 2 4"),
        Example("window open", "pending", doses="0 2 4", patient=_YES, run={"extract": 20}),
        Example("declined", "excepted, DECLINED", doses="0 2 4", events="declined 5", patient=_YES),
        Example("left", "not_assessable, LEFT_DURING_WINDOW", doses="0 2",
                patient={**_YES, "registered_to": "6"}),
        Example("start not observed", "not_assessable, START_NOT_OBSERVED", doses="0 2",
                patient={**_YES, "registered_from": "-10"}),
    ),
)
