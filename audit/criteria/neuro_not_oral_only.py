"""Nobody with neurological involvement is treated by mouth only.

What good care looks like: injections, which do not depend on absorption. Why it matters: tablets reach the nerves
too slowly or not at all. Source: BNF; BSH guideline.

Silent in the standard: a patient who was never injected belongs here (that is the worst case), so "no
injections" does not make the criterion inapplicable.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement
from audit.criteria.oral_only import declined_lately, oral_only


def judge(cohort: Cohort) -> Judgement:
    """Involvement by W1 and any B12 treatment in the period: not by mouth only."""
    people = cohort.people
    involved = people.neuro_yes & (people.onset <= people.w1)
    return Judgement(
        met=~oral_only(cohort),
        outside=~(involved & cohort.treated_in_period),
        excepted={"DECLINED": declined_lately(cohort)},
    )


_YES = {"neurological_involvement": "yes"}

CRITERION = Criterion(
    code="neuro-not-oral-only",
    title="Injections, not only tablets, with neurological involvement",
    strength="mandated",
    why="Tablets reach the nerves too slowly or not at all.",
    who="Patients with neurological involvement and any vitamin B12 treatment in the period.",
    met="No oral vitamin B12 in the period, or an injection in the period or the {oral.dose_months:words} before "
    "it.",
    notes="A refusal of injections in the period or the {oral.decline_months:count} before it is an exception.",
    sources=("bnf", "bsh"),
    judge=judge,
    gates=("unreadable", "own_schedule"),
    examples=(
        Example("injections only", "met", doses="0 60 120", patient=_YES),
        Example("tablets only", "not_met", events="oral 30 1000", patient=_YES),
        Example("tablets and an injection", "met", doses="100", events="oral 30 1000", patient=_YES),
        Example("an injection three months before the period", "met", doses="-3m", events="oral 30 1000",
                patient=_YES, run={"start": 0}),
        Example("an injection a day earlier", "not_met", doses="-3m-1", events="oral 30 1000", patient=_YES,
                run={"start": 0}),
        Example("declined 12 months before the period", "excepted, DECLINED", events="oral 30 1000, declined -12m",
                patient=_YES, run={"start": 0}),
        Example("declined a day earlier", "not_met", events="oral 30 1000, declined -12m-1", patient=_YES,
                run={"start": 0}),
        Example("tablets before the period", "not_applicable, NOT_IN_POPULATION", events="oral -1 1000", patient=_YES,
                run={"start": 0}),
        Example("issued injections count as treatment", "met", doses="60x1", patient=_YES),
        Example("onset on the last day", "not_met", events="oral 30 1000",
                patient={**_YES, "neurological_onset": "200"}),
        Example("onset after the last day", "not_applicable, NOT_IN_POPULATION", events="oral 30 1000",
                patient={**_YES, "neurological_onset": "201"}),
        Example("status unknown", "not_applicable, NOT_IN_POPULATION", events="oral 30 1000"),
        Example("own schedule", "not_applicable, OWN_SCHEDULE", events="oral 30 1000",
                patient={**_YES, "indication": "lebers_or_tobacco_amblyopia"}),
    ),
)
