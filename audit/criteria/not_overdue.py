"""Nobody on injections is overdue on the extract date.

What good care looks like: the open interval has not passed its limit. Why it matters: this is the list the practice
can act on today. Source: BNF.

Silent in the standard: the exceptions here are only those its line names (a refusal or deferral at any date after
the last dose); a missed appointment is shown as the reason, as for any late interval.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.cohort.outcomes import judge_intervals, not_yet_due
from audit.criteria.by_interval import from_intervals
from audit.criteria.criterion import ON_INJECTIONS, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """The open interval of patients observed to the extract date, outside a course."""
    return from_intervals(
        cohort,
        cohort.intervals.is_open,
        judge_intervals(cohort.intervals, cohort.scene, not_yet_due),
        outside=cohort.people.left | cohort.courses.unfinished,
        counts_intervals=False,
    )


_YES = {"neurological_involvement": "yes"}
_NO = {"neurological_involvement": "no"}

CRITERION = Criterion(
    code="not-overdue",
    title="Nobody overdue on the extract date",
    strength="mandated",
    why="These are the patients the practice can act on today.",
    who="Patients on injections and still registered on the extract date, no course under way.",
    met="The extract date is not later than the limit of the interval that began with the last injection.",
    notes="A refusal or deferral at any date after the last injection is an exception.",
    sources=("bnf",),
    judge=judge,
    gates=ON_INJECTIONS,
    judges_intervals=True,
    examples=(
        Example("on the limit with involvement", "met, within grace", doses="-60 0", patient=_YES,
                run={"extract": "+2m7"}),
        Example("past the limit with involvement", "not_met", doses="-60 0", patient=_YES, run={"extract": "+2m8"}),
        Example("on the due date", "met", doses="-60 0", patient=_NO, run={"extract": "+3m"}),
        Example("on the limit", "met, within grace", doses="-60 0", patient=_NO, run={"extract": "+3m14"}),
        Example("past the limit", "not_met", doses="-60 0", patient=_NO, run={"extract": "+3m15"}),
        Example("dietary, on the limit", "met, within grace", doses="-60 0", patient={**_NO, "cause": "dietary"},
                run={"extract": "+6m28"}),
        Example("dietary, past the limit", "not_met", doses="-60 0", patient={**_NO, "cause": "dietary"},
                run={"extract": "+6m29"}),
        Example("unknown status, between", "not_assessable, NEURO_UNKNOWN", doses="-60 0", run={"extract": "+2m8"}),
        Example("unknown status, past both", "not_met", doses="-60 0", run={"extract": "+3m15"}),
        Example("declined long after the limit", "excepted, DECLINED", doses="-60 0", events="declined 190",
                patient=_NO),
        Example("deferred", "excepted, DEFERRED", doses="-60 0", events="deferred 1", patient=_NO),
        Example("deferred, then declined", "excepted, DECLINED", doses="-60 0", events="deferred 1, declined 9",
                patient=_NO),
        Example("declined on the day of the last dose", "not_met", doses="-60 0", events="declined 0", patient=_NO),
        Example("did not attend", "not_met, LATE_NOT_ATTENDED", doses="-60 0", events="not_attended 92", patient=_NO),
        Example("tablets do not except here", "not_met", doses="-60 0", events="oral 90 1000", patient=_NO),
        Example("loading not continued", "not_met", doses="0 2 4 6 8 10", patient=_NO),
        Example("a course under way", "not_applicable, NOT_IN_POPULATION", doses="0 2 4", patient=_NO,
                run={"extract": 14}),
        Example("a course just ended", "met", doses="0 2 4", patient=_NO, run={"extract": 15}),
        Example("a reload course under way", "not_applicable, NOT_IN_POPULATION", doses="-90 0 2 4", patient=_NO,
                run={"extract": 14}),
        Example("two dose dates are no reload course", "met", doses="-90 0 2", patient=_NO, run={"extract": 12}),
        Example("left", "not_applicable, NOT_IN_POPULATION", doses="-60 0", patient={**_NO, "registered_to": "150"}),
        Example("stopped", "not_applicable, NOT_ON_INJECTIONS", doses="-60 0", events="stopped 150", patient=_NO),
        Example("a box with involvement", "not_assessable, ISSUES_ONLY", doses="0x6", patient=_YES),
    ),
)
