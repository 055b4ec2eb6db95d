"""Maintenance followed the loading course in time.

What good care looks like: the first maintenance injection comes one interval after the last loading injection. Why it
matters: patients are lost between the nurse's loading course and the repeat prescription. Source: BNF.

With a box of ampoules issued for loading, what is left after six covers the first maintenance intervals too.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.by_interval import from_intervals
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """The transition interval, for patients whose start is observed and whose cause is not dietary."""
    unseen, recent = ~cohort.start_observed, cohort.in_period_first
    return from_intervals(
        cohort,
        cohort.intervals.transition,
        outside=cohort.people.dietary | (unseen & ~recent),
        not_assessable={"START_NOT_OBSERVED": unseen & recent},
    )


_YES = {"neurological_involvement": "yes"}
_NO = {"neurological_involvement": "no"}
_UNKNOWN = {"neurological_involvement": "unknown"}

CRITERION = Criterion(
    code="maintenance-started",
    title="Maintenance started in time after loading",
    strength="mandated",
    why="Patients are lost between the loading course and the repeat prescription.",
    who="Patients whose interval from loading to the next injection ended in the period or is waiting; cause not "
    "dietary; start of treatment observed.",
    met="The next injection came within {maintenance.neuro:count} ({maintenance.neuro_grace_days:grace}) with "
    "neurological involvement, {maintenance.standard:count} ({maintenance.standard_grace_days:grace}) without.",
    notes="Unknown status: judged both ways; where they differ the record cannot tell. Ampoules left over from a box "
    "issued for loading lengthen the interval.",
    sources=("bnf", "smpc"),
    judge=judge,
    gates=("unreadable", "own_schedule", "doses"),
    judges_intervals=True,
    examples=(
        Example("from the end of November to the leap day", "met", doses="0 +3m", patient=_NO,
                run={"day_0": "2023-11-30"}),
        Example("three months after the last loading dose", "met", doses="0 +3m", patient=_NO),
        Example("14 days' grace", "met, within grace", doses="0 +3m14", patient=_NO),
        Example("15 days late", "not_met", doses="0 +3m15", patient=_NO),
        Example("two months with involvement", "met", doses="0 +2m", patient=_YES),
        Example("7 days' grace with involvement", "met, within grace", doses="0 +2m7", patient=_YES),
        Example("8 days late with involvement", "not_met", doses="0 +2m8", patient=_YES),
        Example("unknown, both lengths met", "met", doses="0 +2m", patient=_UNKNOWN),
        Example("unknown, both met, the shorter with grace", "met, within grace", doses="0 +2m7", patient=_UNKNOWN),
        Example("unknown, between the lengths", "not_assessable, NEURO_UNKNOWN", doses="0 +2m8", patient=_UNKNOWN),
        Example("unknown, late either way", "not_met", doses="0 +3m15", patient=_UNKNOWN),
        Example("seven ampoules cover one interval", "not_met", doses="0x7 +3m15x1", patient=_NO),
        Example("eight ampoules cover two", "met", doses="0x8 +6mx1", patient=_NO),
        Example("a box with involvement cannot be assessed", "not_assessable, ISSUES_ONLY", doses="0x7 +2mx1",
                patient=_YES),
        Example("a box with unknown status cannot be assessed", "not_assessable, ISSUES_ONLY", doses="0x7 +2mx1",
                patient=_UNKNOWN),
        Example("single issues with unknown status", "met", doses="0x1 2x1 4x1 +2mx1", patient=_UNKNOWN),
        Example("eight single issues with unknown status", "not_assessable, NEURO_UNKNOWN",
                doses="0x1 1x1 2x1 3x1 4x1 5x1 6x1 7x1 +5mx1", patient=_UNKNOWN),
        Example("declined before the limit", "excepted, DECLINED", doses="0 150", events="declined 60", patient=_NO),
        Example("declined and deferred", "excepted, DECLINED", doses="0 150", events="deferred 50, declined 60",
                patient=_NO),
        Example("deferred", "excepted, DEFERRED", doses="0 150", events="deferred 60", patient=_NO),
        Example("deferred on the limit", "excepted, DEFERRED", doses="0 150", events="deferred +3m14", patient=_NO),
        Example("deferred after the limit", "not_met", doses="0 150", events="deferred +3m15", patient=_NO),
        Example("tablets of 1 mg", "excepted, ORAL_COVER", doses="0 150", events="oral 60 1000", patient=_NO),
        Example("tablets of less", "not_met", doses="0 150", events="oral 60 999", patient=_NO),
        Example("did not attend", "not_met, LATE_NOT_ATTENDED", doses="0 150", events="not_attended 60", patient=_NO),
        Example("due in the pandemic", "excepted, COVID_DEFERRAL", doses="0 150", patient=_NO,
                run={"day_0": "2020-02-03"}),
        Example("due the day before the pandemic", "not_met", doses="0 150", patient=_NO,
                run={"day_0": "2019-12-15"}),
        Example("due on the pandemic's first day", "excepted, COVID_DEFERRAL", doses="0 150", patient=_NO,
                run={"day_0": "2019-12-16"}),
        Example("due on the pandemic's last day", "excepted, COVID_DEFERRAL", doses="0 150", patient=_NO,
                run={"day_0": "2020-12-31"}),
        Example("due the day after the pandemic", "not_met", doses="0 150", patient=_NO,
                run={"day_0": "2021-01-01"}),
        Example("waiting", "pending", doses="0", patient=_NO, run={"extract": 60}),
        Example("waiting too long", "not_met", doses="0", patient=_NO),
        Example("stopped in time ends it", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="0", events="stopped 60",
                patient=_NO),
        Example("stopped too late", "not_met", doses="0", events="stopped 150", patient=_NO),
        Example("left in time", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="0",
                patient={**_NO, "registered_to": "60"}),
        Example("left too late", "not_met", doses="0", patient={**_NO, "registered_to": "150"}),
        Example("the course goes on", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="0 2", patient=_NO,
                run={"extract": 12}),
        Example("the course has just ended", "pending", doses="0 2", patient=_NO, run={"extract": 13}),
        Example("start not observed, in the period", "not_assessable, START_NOT_OBSERVED", doses="0 +3m",
                patient={**_NO, "registered_from": "-10"}),
        Example("start not observed, before the period", "not_applicable, NOT_IN_POPULATION", doses="-300 -210",
                patient={**_NO, "registered_from": "-310"}),
        Example("dietary cause", "not_applicable, NOT_IN_POPULATION", doses="0 150",
                patient={**_NO, "cause": "dietary"}),
        Example("no injections", "not_applicable, NO_INJECTIONS", events="oral 0 50"),
        Example("own schedule", "not_applicable, OWN_SCHEDULE", doses="0 150",
                patient={"indication": "lebers_or_tobacco_amblyopia"}),
    ),
)
