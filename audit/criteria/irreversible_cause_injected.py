"""Irreversible causes are treated by injection, not by mouth only.

What good care looks like: injections where the stomach or ileum cannot absorb. Why it matters: low-dose tablets do
not arrive. Source: NICE NG239 (management); BNF.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement
from audit.criteria.oral_only import declined_lately, oral_only


def judge(cohort: Cohort) -> Judgement:
    """Cause autoimmune, gastrectomy or ileal resection with B12 treatment in the period: not by mouth only."""
    who = cohort.people.cause_is("autoimmune", "gastrectomy", "ileal_resection") & cohort.treated_in_period
    return Judgement(met=~oral_only(cohort), outside=~who, excepted={"DECLINED": declined_lately(cohort)})


_AUTO = {"cause": "autoimmune"}

CRITERION = Criterion(
    code="irreversible-cause-injected",
    title="Injections, not only tablets, for an irreversible cause",
    strength="mandated",
    why="Where the stomach or the ileum cannot absorb vitamin B12, tablets may not arrive.",
    who="Patients with autoimmune gastritis (pernicious anaemia), gastrectomy or ileal resection and any vitamin B12 "
    "treatment in the period.",
    met="No oral vitamin B12 in the period, or an injection in the period or the {oral.dose_months:words} before "
    "it.",
    notes="A refusal of injections in the period or the {oral.decline_months:count} before it is an exception.",
    sources=("ng239", "bnf"),
    judge=judge,
    gates=("unreadable",),
    examples=(
        Example("injections", "met", doses="0 60", patient=_AUTO),
        Example("tablets only", "not_met", events="oral 30 1000", patient=_AUTO),
        Example("gastrectomy, tablets only", "not_met", events="oral 30 1000", patient={"cause": "gastrectomy"}),
        Example("ileal resection, tablets only", "not_met", events="oral 30 1000",
                patient={"cause": "ileal_resection"}),
        Example("an injection three months before the period", "met", doses="-3m", events="oral 30 1000",
                patient=_AUTO, run={"start": 0}),
        Example("an injection a day earlier", "not_met", doses="-3m-1", events="oral 30 1000", patient=_AUTO,
                run={"start": 0}),
        Example("declined 12 months before the period", "excepted, DECLINED", events="oral 30 1000, declined -12m",
                patient=_AUTO, run={"start": 0}),
        Example("declined a day earlier", "not_met", events="oral 30 1000, declined -12m-1", patient=_AUTO,
                run={"start": 0}),
        Example("malabsorption", "not_applicable, NOT_IN_POPULATION", events="oral 30 1000",
                patient={"cause": "malabsorption"}),
        Example("no treatment in the period", "not_applicable, NOT_IN_POPULATION", patient=_AUTO),
    ),
)
