"""No cyanocobalamin in Leber's optic atrophy or tobacco amblyopia.

What good care looks like: hydroxocobalamin. Why it matters: cyanocobalamin can harm the optic nerve in these
conditions. Source: SmPC; BNF.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Indication Leber's or tobacco amblyopia with treatment in the period: no cyanocobalamin by any route."""
    rows = cohort.treatment_rows_in_period
    who = cohort.people.indication_is("lebers_or_tobacco_amblyopia") & cohort.treated_in_period
    return Judgement(met=~cohort.with_row(rows, rows.substance_is("cyanocobalamin")), outside=~who)


_LEBER = {"indication": "lebers_or_tobacco_amblyopia"}

CRITERION = Criterion(
    code="no-cyanocobalamin-in-lebers",
    title="No cyanocobalamin in Leber's optic atrophy or tobacco amblyopia",
    strength="mandated",
    why="Cyanocobalamin can harm the optic nerve in these conditions.",
    who="Patients treated for Leber's optic atrophy or tobacco amblyopia in the period.",
    met="No cyanocobalamin by any route, issued or given.",
    notes="",
    sources=("smpc", "bnf"),
    judge=judge,
    gates=("unreadable",),
    examples=(
        Example("hydroxocobalamin", "met", doses="0", patient=_LEBER),
        Example("cyanocobalamin injected", "not_met", doses="0", events="cyanocobalamin 30", patient=_LEBER),
        Example("cyanocobalamin tablets", "not_met", events="oral 30 50", patient=_LEBER),
        Example("issued counts too", "not_met", doses="0", events="cyanocobalamin_issued 30", patient=_LEBER),
        Example("before the period", "met", doses="0", events="cyanocobalamin -1", patient=_LEBER, run={"start": 0}),
        Example("another indication", "not_applicable, NOT_IN_POPULATION", events="oral 30 50"),
    ),
)
