"""Six injections within two weeks at the start of treatment, without neurological involvement.

What good care looks like: hydroxocobalamin 1 mg three times a week for two weeks. Why it matters: the stores are
empty; a shorter course leaves the patient deficient when the long intervals begin. Source: BNF.

Silent in the standard: units count whatever course they belong to, so that a gap of eleven days does not hide
a sixth dose on day 14.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import LOADING, Criterion, Example
from audit.criteria.judgement import Judgement
from audit.criteria.loading import loading_course


def judge(cohort: Cohort) -> Judgement:
    """Starters without involvement at the start: six units by day 14, within grace by day 21."""
    return loading_course(cohort, outside=cohort.neuro_at_start | cohort.people.dietary)


CRITERION = Criterion(
    code="loading-complete",
    title="{loading.units:Word} loading injections in {loading.days:span}",
    strength="mandated",
    why="The stores are empty at the start; a shorter course leaves the patient deficient when long intervals begin.",
    who="Patients who started in the period, without neurological involvement at the start, cause not dietary.",
    met="{loading.units:Word} injections of {dose.micrograms:mg} by day {loading.days} after the first; within "
    "grace by day {loading.days+loading.grace_days}.",
    notes="Pending until day {loading.days+loading.grace_days}. A refusal in those days is an exception. Left "
    "before: cannot tell.",
    sources=("bnf", "smpc"),
    judge=judge,
    gates=LOADING,
    examples=(
        Example("six in eleven days", "met", doses="0 2 4 7 9 11"),
        Example("sixth on day 14", "met", doses="0 2 4 7 9 14"),
        Example("sixth on day 15 needs the grace", "met, within grace", doses="0 2 4 7 9 15"),
        Example("sixth on day 21 needs the grace", "met, within grace", doses="0 2 4 7 9 21"),
        Example("sixth on day 22", "not_met", doses="0 2 4 7 9 22"),
        Example("five only", "not_met", doses="0 2 4 7 9"),
        Example("two on one day count once", "not_met", doses="0 2 4 7 9 9"),
        Example("six ampoules issued at once", "met", doses="0x6"),
        Example("five ampoules issued at once", "not_met", doses="0x5"),
        Example("a sixth ampoule issued on day 16", "met, within grace", doses="0x5 16x1"),
        Example("two issue rows of a day with different quantities add up", "met", doses="0x5 0x1"),
        Example("a sixth dose long after a gap still counts", "met, within grace", doses="0 1 2 3 4 15"),
        Example("declined on day 21", "excepted, DECLINED", doses="0 2 4", events="declined 21"),
        Example("declined on day 22", "not_met", doses="0 2 4", events="declined 22"),
        Example("declined on the first day only", "not_met", doses="0 2 4", events="declined 0"),
        Example("the window is still open", "pending", doses="0 2 4", run={"extract": 20}),
        Example("the window has just closed", "not_met", doses="0 2 4", run={"extract": 21}),
        Example("complete while the window is open", "met", doses="0 2 4 7 9 11", run={"extract": 12}),
        Example("left on day 20", "not_assessable, LEFT_DURING_WINDOW", doses="0 2", patient={"registered_to": "20"}),
        Example("left on day 21", "not_met", doses="0 2 4", patient={"registered_to": "21"}),
        Example("involvement began on day 14", "not_applicable, NOT_IN_POPULATION", doses="0 2",
                patient={"neurological_involvement": "yes", "neurological_onset": "14"}),
        Example("involvement began on day 15", "not_met", doses="0 2 4",
                patient={"neurological_involvement": "yes", "neurological_onset": "15"}),
        Example("status unknown", "not_met", doses="0 2 4", patient={"neurological_involvement": "unknown"}),
        Example("dietary cause", "not_applicable, NOT_IN_POPULATION", doses="0 2", patient={"cause": "dietary"}),
        Example("prophylaxis has no loading", "not_applicable, PROPHYLAXIS", doses="0 90",
                patient={"indication": "prophylaxis"}),
        Example("Leber's has a schedule of its own", "not_applicable, OWN_SCHEDULE", doses="0 30",
                patient={"indication": "lebers_or_tobacco_amblyopia"}),
        Example("no injection at all", "not_applicable, NO_INJECTIONS", events="oral 0 50"),
        Example("started before the period", "not_applicable, NOT_A_STARTER", doses="-200 0"),
        Example("registered four months before the first dose", "not_met", doses="0 2",
                patient={"registered_from": "-4m"}),
        Example("registered a day less than four months before", "not_assessable, START_NOT_OBSERVED",
                doses="0 2", patient={"registered_from": "-4m1"}),
        Example("history begins a day less than four months before", "not_assessable, START_NOT_OBSERVED",
                doses="0 2", run={"history": "-4m1"}),
        Example("diagnosed 28 days before the first dose", "not_met", doses="0 2",
                patient={"registered_from": "-30", "diagnosis_date": "-28"}),
        Example("diagnosed 29 days before the first dose", "not_assessable, START_NOT_OBSERVED", doses="0 2",
                patient={"registered_from": "-30", "diagnosis_date": "-29"}),
        Example("diagnosed after the first dose", "not_assessable, START_NOT_OBSERVED", doses="0 2",
                patient={"registered_from": "-30", "diagnosis_date": "1"}),
        Example("registration blank", "not_assessable, START_NOT_OBSERVED", doses="0 2",
                patient={"registered_from": ""}),
        Example("a row that could not be read", "not_assessable, UNREADABLE_ROW", doses="0 2", events="unreadable 3"),
        Example("a quantity that could not be read", "not_assessable, UNREADABLE_ROW", doses="0x?"),
        Example("under 16", "excluded, UNDER_16", doses="0 2", patient={"year_of_birth": "2009"}),
        Example("16 in the extract's year", "not_met", doses="0 2", patient={"year_of_birth": "2008"}),
        Example("metabolic", "excluded, METABOLIC", doses="0 2", patient={"indication": "metabolic"}),
        Example("left before the period", "excluded, LEFT_BEFORE_PERIOD", doses="-600",
                patient={"registered_to": "-300"}),
        Example("nothing of B12 recorded", "excluded, NOT_IN_COHORT"),
        Example("only the cyanide antidote", "excluded, CYANIDE_ANTIDOTE", events="antidote 0"),
        Example("a dose of 2.5 g is the antidote", "excluded, CYANIDE_ANTIDOTE", events="injection 0 2500000"),
        Example("a dose under 2.5 g is not", "not_met", events="injection 0 2499999"),
    ),
)
