"""Injections are intramuscular.

What good care looks like: into the muscle, as licensed. Why it matters: absorption from under the skin is less well
studied; patients who inject themselves often do so, by agreement. Source: BNF, SmPC.

Silent in the standard: a name that says only "injection" does not say which, so that the record cannot tell. A
subcutaneous row decides before a route that is not known, as another dose does before a blank one.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import INJECTION_ROWS, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Every route of the period's injections is intramuscular."""
    rows = cohort.injected_rows
    beneath = rows.route_is("subcutaneous")
    by_staff = cohort.with_row(rows, beneath & ~rows.event_is("self_administered"))
    other = cohort.with_row(rows, beneath)
    return Judgement(
        met=~other,
        outside=~cohort.with_row(rows, rows.injection),
        not_assessable={"ROUTE_MISSING": ~other & cohort.with_row(rows, rows.route_is("injection"))},
        excepted={"SELF_ADMINISTERED": other & ~by_staff},
    )


CRITERION = Criterion(
    code="intramuscular",
    title="Injections are intramuscular",
    strength="mandated",
    why="Absorption from under the skin is less well studied.",
    who="Patients with an injection in the period: given, or issued where only issues are known.",
    met="Every route is intramuscular.",
    notes="Subcutaneous is not met; excepted when every such injection was self-administered. A route that is not "
    "recorded means that the record cannot tell.",
    sources=("bnf", "smpc"),
    judge=judge,
    gates=INJECTION_ROWS,
    examples=(
        Example("intramuscular", "met", doses="0 60"),
        Example("subcutaneous", "not_met", doses="0", events="subcutaneous 60"),
        Example("subcutaneous by the patient", "excepted, SELF_ADMINISTERED", doses="0",
                events="subcutaneous 60 self"),
        Example("once by the patient, once by staff", "not_met", doses="0",
                events="subcutaneous 60 self, subcutaneous 90"),
        Example("route not recorded", "not_assessable, ROUTE_MISSING", doses="0", events="unrouted 60"),
        Example("not recorded, and subcutaneous by the patient", "excepted, SELF_ADMINISTERED", doses="0",
                events="unrouted 60, subcutaneous 90 self"),
        Example("not recorded, and subcutaneous by staff", "not_met", doses="0",
                events="unrouted 60, subcutaneous 90"),
        Example("none in the period", "not_applicable, NOT_IN_POPULATION", doses="-1", run={"start": 0}),
    ),
)
