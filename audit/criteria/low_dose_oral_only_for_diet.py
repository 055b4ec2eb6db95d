"""Low-dose tablets are for a dietary cause only.

What good care looks like: cyanocobalamin 50 to 150 micrograms a day where the diet lacks vitamin B12. Why it matters:
with any other cause so little is not absorbed. Source: NICE CKS.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Patients with oral B12 of low or unknown dose in the period: the cause is dietary."""
    rows, people = cohort.treatment_rows_in_period, cohort.people
    low = cohort.with_row(rows, rows.oral & (rows.dose < cohort.number("dose.low_oral_micrograms")))
    unknown = cohort.with_row(rows, rows.oral & np.isnan(rows.dose))
    return Judgement(
        met=people.dietary,
        outside=~(low | unknown),
        not_assessable={"DOSE_MISSING": ~low, "CAUSE_UNKNOWN": ~people.cause_recorded},
    )


CRITERION = Criterion(
    code="low-dose-oral-only-for-diet",
    title="Low-dose tablets only for a dietary cause",
    strength="permitted",
    why="With any other cause a low oral dose is not absorbed.",
    who="Patients with oral vitamin B12 of under {dose.low_oral_micrograms:plain} micrograms a day, or of unknown "
    "dose, in the period.",
    met="The cause is dietary.",
    notes="Only unknown doses, or a cause blank or unknown: the record cannot tell.",
    sources=("cks",),
    judge=judge,
    gates=("unreadable",),
    examples=(
        Example("dietary", "met", events="oral 0 50", patient={"cause": "dietary"}),
        Example("autoimmune", "not_met", events="oral 0 50", patient={"cause": "autoimmune"}),
        Example("unknown after investigation", "not_met", events="oral 0 50",
                patient={"cause": "unknown_after_investigation"}),
        Example("999 micrograms", "not_met", events="oral 0 999", patient={"cause": "autoimmune"}),
        Example("1000 micrograms", "not_applicable, NOT_IN_POPULATION", events="oral 0 1000",
                patient={"cause": "autoimmune"}),
        Example("unknown dose only", "not_assessable, DOSE_MISSING", events="oral 0", patient={"cause": "dietary"}),
        Example("unknown and low dose", "not_met", events="oral 0, oral 9 50", patient={"cause": "autoimmune"}),
        Example("cause unknown", "not_assessable, CAUSE_UNKNOWN", events="oral 0 50", patient={"cause": "unknown"}),
        Example("cause blank", "not_assessable, CAUSE_UNKNOWN", events="oral 0 50"),
        Example("tablets before the period", "not_applicable, NOT_IN_POPULATION", events="oral -1 50, oral 9 1000",
                run={"start": 0}),
    ),
)
