"""With neurological involvement, maintenance injections come every two months. The headline.

What good care looks like: 1 mg every two months. Why it matters: these patients are held to three-monthly injections
against the guidance every day, and nobody notices. Source: BNF.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.by_interval import from_intervals
from audit.criteria.criterion import ON_INJECTIONS, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Maintenance intervals on whose first day there was neurological involvement."""
    intervals = cohort.intervals
    return from_intervals(cohort, ~intervals.transition & intervals.neuro_yes)


_YES = {"neurological_involvement": "yes"}

CRITERION = Criterion(
    code="maintenance-interval-neuro",
    title="Every maintenance injection on time, with neurological involvement",
    strength="mandated",
    why="Nerve damage can progress, and may not come back, when injections are {maintenance.standard:monthly} "
    "instead of {maintenance.neuro:monthly}.",
    who="Patients on injections with a maintenance interval that ended in the period, or is waiting, and that has "
    "neurological involvement.",
    met="Every such interval is at most {maintenance.neuro:count}, with {maintenance.neuro_grace_days:grace}.",
    notes="A refusal or deferral by the limit, oral cover of {oral.cover_micrograms:mg} a day, or a due date in the "
    "pandemic is an exception. An open interval is not met once its limit has passed, and waiting until then.",
    sources=("bnf", "smpc"),
    judge=judge,
    gates=ON_INJECTIONS,
    judges_intervals=True,
    examples=(
        Example("two-monthly", "met", doses="-60 0 +2m +4m", patient=_YES, run={"start": 1, "extract": "+5m"}),
        Example("7 days' grace", "met, within grace", doses="-200 0 +2m7", patient=_YES,
                run={"start": 1, "extract": "+4m"}),
        Example("8 days late", "not_met", doses="-200 0 +2m8", patient=_YES, run={"start": 1}),
        Example("held to three-monthly", "not_met", doses="-184 -92 0 92 184", patient=_YES),
        Example("one late of three", "not_met", doses="-200 0 +2m +5m", patient=_YES, run={"start": 1}),
        Example("one excepted, the others met", "met", doses="-200 0 +2m 190", events="declined 100", patient=_YES,
                run={"start": 1}),
        Example("only excepted ones", "excepted, DECLINED", doses="-200 0 100", events="declined 50", patient=_YES,
                run={"start": 1, "extract": 120}),
        Example("waiting only", "pending", doses="-200 0", patient=_YES, run={"start": 1, "extract": 60}),
        Example("open beyond the limit", "not_met", doses="-200 0", patient=_YES, run={"start": 1, "extract": "+2m8"}),
        Example("open on the limit", "pending", doses="-200 0", patient=_YES, run={"start": 1, "extract": "+2m7"}),
        Example("an interval that began before the onset", "not_applicable, NO_INTERVAL_IN_PERIOD",
                doses="-200 0 +3m", patient={**_YES, "neurological_onset": "+3m1"}, run={"start": 1}),
        Example("an interval that began on the onset", "not_met", doses="-200 0 +3m",
                patient={**_YES, "neurological_onset": "0"}, run={"start": 1}),
        Example("involvement outweighs the dietary cause", "not_met", doses="-200 0 +3m",
                patient={**_YES, "cause": "dietary"}, run={"start": 1}),
        Example("two ampoules cover two intervals", "met", doses="-200x1 0x2 +4mx1", patient=_YES,
                run={"start": 1, "extract": "+5m"}),
        Example("two ampoules, three intervals", "not_met", doses="-200x1 0x2 +5mx1", patient=_YES,
                run={"start": 1}),
        Example("start unseen, a box leaves it open", "not_assessable, ISSUES_ONLY", doses="0x7 +2mx1",
                patient={**_YES, "registered_from": "-1"}, run={"start": 1, "extract": "+2m"}),
        Example("intervals inside a reload course are not judged", "met", doses="-200 0 55 57 59 110", patient=_YES,
                run={"start": 1, "extract": 120}),
        Example("the interval that leaves a reload course is judged", "not_met", doses="-200 0 55 57 59 150",
                patient=_YES, run={"start": 1, "extract": 160}),
        Example("a given injection before the first issue lasts one interval", "not_met",
                doses="-200 0 +3mx1 +5mx1", patient=_YES, run={"start": 1}),
        Example("single issues, start unseen", "met", doses="0x1 +2mx1 +4mx1",
                patient={**_YES, "registered_from": "-1"}, run={"extract": "+5m"}),
        Example("one issue day after the last given injection changes nothing", "met",
                doses="-60x1 0 +2m +4m +4m5x1", patient=_YES, run={"extract": "+5m"}),
        Example("two issue days after it: issues are all that is recorded", "met",
                doses="-60x1 0 +2m +4m5x1 +4m20x1", patient=_YES, run={"extract": "+5m"}),
        Example("status no", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="-200 0 +3m"),
        Example("stopped on the day of the last dose", "not_applicable, NOT_ON_INJECTIONS", doses="-200 0",
                events="stopped 0", patient=_YES),
        Example("stopped before the last dose", "not_met", doses="-200 0", events="stopped -1", patient=_YES),
        Example("last dose 12 months before the period", "not_met", doses="-500 -12m", patient=_YES,
                run={"start": 0}),
        Example("last dose earlier still", "not_applicable, NOT_ON_INJECTIONS", doses="-500 -12m-1", patient=_YES,
                run={"start": 0}),
        Example("left in time", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="-100 0",
                patient={**_YES, "registered_to": "30"}, run={"start": 1}),
        Example("no injections", "not_applicable, NO_INJECTIONS", events="oral 0 1000", patient=_YES),
    ),
)
