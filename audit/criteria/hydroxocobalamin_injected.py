"""What is injected is hydroxocobalamin.

What good care looks like: hydroxocobalamin, which the body keeps far longer than cyanocobalamin. Why it matters: the
two- to three-monthly interval is meant for it; cyanocobalamin would need monthly injections. Source: BNF.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import INJECTION_ROWS, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Every injection of the period is hydroxocobalamin."""
    rows = cohort.injected_rows
    other = cohort.with_row(rows, ~rows.substance_is("hydroxocobalamin"))
    return Judgement(met=~other, outside=~cohort.with_row(rows, rows.injection))


CRITERION = Criterion(
    code="hydroxocobalamin-injected",
    title="Hydroxocobalamin is what is injected",
    strength="mandated",
    why="The two- to three-monthly interval is meant for hydroxocobalamin, which the body keeps longest.",
    who="Patients with an injection in the period: given, or issued where only issues are known.",
    met="Every injection is hydroxocobalamin.",
    notes="",
    sources=("bnf", "smpc"),
    judge=judge,
    gates=INJECTION_ROWS,
    examples=(
        Example("hydroxocobalamin", "met", doses="0 60"),
        Example("cyanocobalamin once", "not_met", doses="0 60", events="cyanocobalamin 30"),
        Example("cyanocobalamin before the period", "met", doses="0 60", events="cyanocobalamin -1", run={"start": 0}),
        Example("issued, but given is what counts", "met", doses="0 60", events="cyanocobalamin_issued 30"),
        Example("issues only", "not_met", doses="60x1", events="cyanocobalamin_issued 30"),
        Example("none in the period", "not_applicable, NOT_IN_POPULATION", doses="-1", run={"start": 0}),
        Example("no injections", "not_applicable, NO_INJECTIONS", events="oral 0 1000"),
    ),
)
