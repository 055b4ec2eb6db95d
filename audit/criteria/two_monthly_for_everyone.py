"""Two-monthly maintenance for everyone: the patient organisations' recommendation, beyond BNF and NICE.

What it asks: the interval that the guidance keeps for neurological involvement, for every lasting cause. Why it is
shown: many patients report that symptoms return before three months; the practice sees how far it is from that
recommendation. Never in the headline.

Silent in the standard: whether an interval is judged or waiting is asked under the two months of this criterion, so
that a patient who left between two and three months after the last injection is late here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from audit.cohort.cohort import Cohort
from audit.cohort.intervals import Schedule
from audit.cohort.outcomes import Outcomes, judge_intervals, on_time
from audit.criteria.by_interval import from_intervals
from audit.criteria.criterion import ON_INJECTIONS, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Maintenance intervals with no or unknown involvement, judged as if two months were the limit for all."""
    intervals = cohort.intervals
    return from_intervals(
        cohort,
        ~intervals.transition & ~intervals.neuro_yes,
        two_monthly(cohort, cohort.number("everyone.grace_days")),
        outside=cohort.people.cause_is("dietary", "medicine", "nitrous_oxide"),
    )


def two_monthly(cohort: Cohort, grace: int) -> Outcomes:
    """Every interval judged at two months with `grace` days."""
    own = cohort.intervals

    def schedule(reading: Schedule) -> Schedule:
        months = np.full_like(reading.months, cohort.number("everyone.months"))
        return Schedule.of(own.start, months, reading.cover, np.full_like(reading.grace, grace))

    intervals = replace(own, shown=schedule(own.shown), other=schedule(own.other))
    return judge_intervals(intervals, cohort.scene, on_time)


_NO = {"neurological_involvement": "no"}

CRITERION = Criterion(
    code="two-monthly-for-everyone",
    title="{everyone:Monthly} injections for everyone",
    strength="patient_group",
    why="Many patients report that symptoms return before three months have passed.",
    who="As for maintenance without neurological involvement; cause not dietary, a medicine or nitrous oxide.",
    met="Every maintenance interval is at most {everyone:count}, with {everyone.grace_days:grace}.",
    notes="Beyond BNF and NICE: both two and three months follow the BNF without neurological involvement.",
    sources=("patient_group",),
    judge=judge,
    gates=ON_INJECTIONS,
    judges_intervals=True,
    examples=(
        Example("two-monthly", "met", doses="-100 0 +2m", patient=_NO, run={"start": 1, "extract": "+3m"}),
        Example("7 days' grace", "met, within grace", doses="-100 0 +2m7", patient=_NO,
                run={"start": 1, "extract": "+3m"}),
        Example("8 days late", "not_met", doses="-100 0 +2m8", patient=_NO, run={"start": 1, "extract": "+3m"}),
        Example("unknown status needs no second reading", "met", doses="-100 0 +2m",
                run={"start": 1, "extract": "+3m"}),
        Example("declined", "excepted, DECLINED", doses="-100 0 +3m", events="declined 40", patient=_NO,
                run={"start": 1, "extract": "+3m"}),
        Example("waiting", "pending", doses="-100 0", patient=_NO, run={"start": 1, "extract": 60}),
        Example("a medicine", "not_applicable, NOT_IN_POPULATION", doses="-100 0 +2m",
                patient={**_NO, "cause": "medicine"}),
        Example("nitrous oxide", "not_applicable, NOT_IN_POPULATION", doses="-100 0 +2m",
                patient={**_NO, "cause": "nitrous_oxide"}),
        Example("dietary", "not_applicable, NOT_IN_POPULATION", doses="-100 0 +2m",
                patient={**_NO, "cause": "dietary"}),
        Example("start unseen, a box: two covers differ", "not_assessable, ISSUES_ONLY", doses="0x7 +4mx1",
                patient={**_NO, "registered_from": "-1"}, run={"start": 1, "extract": "+4m"}),
        Example("involvement throughout", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="-100 0 +2m",
                patient={"neurological_involvement": "yes"}),
    ),
)
