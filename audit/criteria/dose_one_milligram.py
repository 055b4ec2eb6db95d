"""Each injection is 1 mg.

What good care looks like: 1 mg hydroxocobalamin. Why it matters: less does not last the interval; an imported ampoule
of 10 mg is a mistake or a reason to ask. Source: BNF.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import INJECTION_ROWS, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Every dose of the period's injections is {dose.micrograms:plain} micrograms."""
    rows = cohort.injected_rows
    blank = np.isnan(rows.dose)
    other = cohort.with_row(rows, ~blank & (rows.dose != cohort.number("dose.micrograms")))
    return Judgement(
        met=~other,
        outside=~cohort.with_row(rows, rows.injection),
        not_assessable={"DOSE_MISSING": ~other & cohort.with_row(rows, blank)},
    )


CRITERION = Criterion(
    code="dose-one-milligram",
    title="Each injection is {dose.micrograms:mg}",
    strength="mandated",
    why="Less than {dose.micrograms:mg} does not last the interval.",
    who="Patients with an injection in the period: given, or issued where only issues are known.",
    met="Every dose is {dose.micrograms:plain} micrograms.",
    notes="Any other dose is not met; otherwise any blank dose means that the record cannot tell.",
    sources=("bnf", "smpc"),
    judge=judge,
    gates=INJECTION_ROWS,
    examples=(
        Example("1000 micrograms", "met", doses="0", events="injection 60 1000"),
        Example("999 micrograms", "not_met", doses="0", events="injection 60 999"),
        Example("1001 micrograms", "not_met", doses="0", events="injection 60 1001"),
        Example("a blank dose", "not_assessable, DOSE_MISSING", doses="0", events="injection 60"),
        Example("a blank and a wrong dose", "not_met", doses="0", events="injection 60, injection 90 500"),
        Example("none in the period", "not_applicable, NOT_IN_POPULATION", doses="-1", run={"start": 0}),
    ),
)
