"""With a dietary cause, an injection twice a year keeps the stores.

What good care looks like: 1 mg every six months where tablets are not taken. Why it matters: these patients need
fewer injections, and holding them to three months would call good care late. Source: NICE CKS.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.by_interval import from_intervals
from audit.criteria.criterion import ON_INJECTIONS, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Maintenance intervals with no or unknown involvement, of patients whose cause is dietary."""
    intervals = cohort.intervals
    return from_intervals(cohort, ~intervals.transition & ~intervals.neuro_yes, outside=~cohort.people.dietary)


_DIET = {"cause": "dietary", "neurological_involvement": "no"}
_UNKNOWN = {"cause": "dietary"}

CRITERION = Criterion(
    code="maintenance-interval-dietary",
    title="Every maintenance injection on time, dietary cause",
    strength="permitted",
    why="Holding these patients to {maintenance.standard:words} would call good care late.",
    who="Patients on injections with a dietary cause and a maintenance interval that ended in the period, or is "
    "waiting, without neurological involvement or with unknown status.",
    met="Every such interval is at most {maintenance.dietary:count}, with {maintenance.dietary_grace_days:grace}.",
    notes="Unknown status is judged {maintenance.neuro/maintenance.dietary:under}; where they differ the record "
    "cannot tell.",
    sources=("cks",),
    judge=judge,
    gates=ON_INJECTIONS,
    judges_intervals=True,
    examples=(
        Example("twice a year", "met", doses="-300 0 +6m", patient=_DIET, run={"start": 1}),
        Example("28 days' grace", "met, within grace", doses="-300 0 +6m28", patient=_DIET,
                run={"start": 1, "extract": "+7m"}),
        Example("29 days late", "not_met", doses="-300 0 +6m29", patient=_DIET, run={"start": 1, "extract": "+7m"}),
        Example("unknown status, within two months", "met", doses="-300 0 +2m", patient=_UNKNOWN,
                run={"start": 1, "extract": "+3m"}),
        Example("unknown status, between", "not_assessable, NEURO_UNKNOWN", doses="-300 0 +5m", patient=_UNKNOWN,
                run={"start": 1}),
        Example("another cause", "not_applicable, NOT_IN_POPULATION", doses="-300 0 +3m",
                patient={"cause": "autoimmune", "neurological_involvement": "no"}),
        Example("with involvement", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="-300 0 +3m",
                patient={"cause": "dietary", "neurological_involvement": "yes"}),
    ),
)
