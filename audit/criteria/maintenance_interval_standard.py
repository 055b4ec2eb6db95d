"""Without neurological involvement, maintenance injections come every two to three months.

What good care looks like: 1 mg every two to three months; shorter is never late. Why it matters: patients who are
forgotten relapse, slowly and without anyone noticing. Source: BNF (every 2 to 3 months since September 2018; every 3
months before). Patients of unknown neurological status belong here and are judged both ways.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.by_interval import from_intervals
from audit.criteria.criterion import ON_INJECTIONS, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Maintenance intervals with no or unknown involvement, of patients whose cause is not dietary."""
    intervals = cohort.intervals
    return from_intervals(cohort, ~intervals.transition & ~intervals.neuro_yes, outside=cohort.people.dietary)


_NO = {"neurological_involvement": "no"}
_UNKNOWN = {"neurological_involvement": ""}
_UNSEEN = {"registered_from": "-1"}

CRITERION = Criterion(
    code="maintenance-interval-standard",
    title="Every maintenance injection on time, without neurological involvement",
    strength="mandated",
    why="Patients who are forgotten relapse slowly, and nobody notices.",
    who="Patients on injections, cause not dietary, with a maintenance interval that ended in the period, or is "
    "waiting, without neurological involvement or with unknown status.",
    met="Every such interval is at most {maintenance.standard:count}, with {maintenance.standard_grace_days:grace}. "
    "Shorter intervals are never late.",
    notes="Unknown status is judged {maintenance.neuro/maintenance.standard:under}; where they differ the record "
    "cannot tell. Exceptions as with neurological involvement.",
    sources=("bnf", "bnf2018", "smpc"),
    judge=judge,
    gates=ON_INJECTIONS,
    judges_intervals=True,
    examples=(
        Example("three-monthly", "met", doses="-100 0 +3m", patient=_NO, run={"start": 1, "extract": "+5m"}),
        Example("two-monthly is never late", "met", doses="-100 0 +2m +4m", patient=_NO, run={"start": 1}),
        Example("14 days' grace", "met, within grace", doses="-100 0 +3m14", patient=_NO, run={"start": 1}),
        Example("15 days late", "not_met", doses="-100 0 +3m15", patient=_NO, run={"start": 1}),
        Example("end of November to the leap day", "met", doses="-100 0 +3m", patient=_NO,
                run={"start": 1, "day_0": "2023-11-30", "extract": "+5m"}),
        Example("unknown, two-monthly", "met", doses="-100 0 +2m +4m", patient=_UNKNOWN, run={"start": 1,
                "extract": "+5m"}),
        Example("unknown, three-monthly", "not_assessable, NEURO_UNKNOWN", doses="-100 0 +3m +6m", patient=_UNKNOWN,
                run={"start": 1}),
        Example("unknown, late either way", "not_met", doses="-100 0 +3m15", patient=_UNKNOWN, run={"start": 1}),
        Example("unknown, one late either way, one in doubt", "not_met", doses="-100 0 +3m +7m", patient=_UNKNOWN,
                run={"start": 1, "extract": "+7m"}),
        Example("unknown, open between the lengths", "not_assessable, NEURO_UNKNOWN", doses="-100 0",
                patient=_UNKNOWN, run={"start": 1, "extract": 80}),
        Example("unknown, open within both", "pending", doses="-100 0", patient=_UNKNOWN, run={"start": 1,
                "extract": 60}),
        Example("the interval of the last dose before the period", "met", doses="-200 -90 0", patient=_NO,
                run={"start": 0, "extract": 20}),
        Example("an interval that ended before the period", "pending", doses="-300 -1", patient=_NO,
                run={"start": 0, "extract": 20}),
        Example("start unseen, a box of seven: loading or seven intervals", "not_assessable, ISSUES_ONLY",
                doses="0x7 +5mx1", patient={**_NO, **_UNSEEN}, run={"start": 1}),
        Example("start unseen, a box of seven, three months", "met", doses="0x7 +3mx1", patient={**_NO, **_UNSEEN},
                run={"start": 1, "extract": "+5m"}),
        Example("start unseen, three dose dates are a course", "not_applicable, NO_INTERVAL_IN_PERIOD",
                doses="0 2 4", patient={**_NO, **_UNSEEN}, run={"start": 1, "extract": 30}),
        Example("start unseen, two dose dates are not", "met", doses="0 2", patient={**_NO, **_UNSEEN},
                run={"start": 1, "extract": 30}),
        Example("cause dietary", "not_applicable, NOT_IN_POPULATION", doses="-100 0 +3m",
                patient={**_NO, "cause": "dietary"}),
        Example("involvement throughout", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="-100 0 +3m",
                patient={"neurological_involvement": "yes"}),
        Example("cause blank is not dietary", "not_met", doses="-100 0 +4m", patient={**_NO, "cause": ""},
                run={"start": 1}),
        Example("the loading course is no interval", "not_applicable, NO_INTERVAL_IN_PERIOD", doses="0 2 4 6 8 10",
                patient=_NO, run={"extract": 60}),
    ),
)
