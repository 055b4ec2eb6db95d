"""Smokers are not given cyanocobalamin injections: the patient organisations' advice.

What it asks: hydroxocobalamin for smokers. Why it is shown: the organisations advise smokers against cyanocobalamin;
BNF and NICE do not say so. Never in the headline.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Smokers with treatment in the period: no cyanocobalamin by injection."""
    rows = cohort.treatment_rows_in_period
    injected = cohort.with_row(rows, rows.injection & rows.substance_is("cyanocobalamin"))
    return Judgement(met=~injected, outside=~(cohort.people.smoker & cohort.treated_in_period))


_SMOKER = {"smoker": "yes"}

CRITERION = Criterion(
    code="no-cyanocobalamin-in-smokers",
    title="No cyanocobalamin injections for smokers",
    strength="patient_group",
    why="The patient organisations advise smokers against cyanocobalamin.",
    who="Smokers with any vitamin B12 treatment in the period.",
    met="No cyanocobalamin by injection, issued or given.",
    notes="Blank counts as not smoking.",
    sources=("patient_group",),
    judge=judge,
    gates=("unreadable",),
    examples=(
        Example("hydroxocobalamin", "met", doses="0", patient=_SMOKER),
        Example("cyanocobalamin injected", "not_met", doses="0", events="cyanocobalamin 30", patient=_SMOKER),
        Example("cyanocobalamin issued", "not_met", doses="0", events="cyanocobalamin_issued 30", patient=_SMOKER),
        Example("tablets", "met", events="oral 30 50", patient=_SMOKER),
        Example("no smoker", "not_applicable, NOT_IN_POPULATION", doses="0", events="cyanocobalamin 30",
                patient={"smoker": "no"}),
    ),
)
