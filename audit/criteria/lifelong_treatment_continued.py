"""Treatment of an irreversible cause goes on for life.

What good care looks like: someone whose stomach or ileum cannot absorb vitamin B12 is never without it for long. Why
it matters: stopping because the blood count is normal lets the deficiency return. Sources: NICE NG239 (management,
lifelong injections); BNF. A recorded stop does not excuse: it is what the criterion looks for.

Silent in the standard: where a short unobserved run and neurological involvement meet, the cover counts as not one
number even if both covers happen to be equal, as the interval is not assessable either.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Counts, Mask, add_months
from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Cause autoimmune, gastrectomy or ileal resection: the last dose, with its cover, or tablets reach W1."""
    people, happenings = cohort.people, cohort.happenings
    months = cohort.number("lifelong.months")
    since = add_months(people.w1, -months)
    by_mouth = happenings.oral_full.any(since, people.w1)
    unknown_dose = happenings.oral_unknown.any(since, people.w1)
    surely, possibly = _reaches(cohort, months)
    treated = cohort.doses.any | happenings.oral.any(FAR_PAST, FAR_FUTURE)
    met = surely | by_mouth
    pending = ~treated & _just_diagnosed(cohort)
    refused = happenings.declined.any(add_months(people.w1, -cohort.number("lifelong.decline_months")), people.w1)
    return Judgement(
        met=met,
        outside=~people.cause_is("autoimmune", "gastrectomy", "ileal_resection"),
        # the standard asks here for met first
        not_assessable={
            "DOSE_MISSING": ~met & unknown_dose,
            "ISSUES_ONLY": ~met & possibly,
        },
        pending=pending,
        excepted={"DECLINED": refused},
        not_met={"NEVER_TREATED": ~treated},
    )


def _just_diagnosed(cohort: Cohort) -> Mask:
    ago = cohort.people.w1 - cohort.people.diagnosis
    return (ago >= 0) & (ago <= cohort.number("lifelong.diagnosis_days"))


def _reaches(cohort: Cohort, months: int) -> tuple[Mask, Mask]:
    """Whether the last dose reaches W1 with the least it may cover, and with the most."""
    least, most = _covers(cohort)
    last, end = cohort.doses.last, cohort.people.w1
    has = cohort.doses.any
    return has & (end <= add_months(last, months * least)), has & (end <= add_months(last, months * most))


def _covers(cohort: Cohort) -> tuple[Counts, Counts]:
    """The least and the most the last dose may cover: its cover where that is one number, else 1 and all units."""
    intervals, last = cohort.intervals, np.flatnonzero(cohort.intervals.is_open)
    who, shown, other = intervals.patient[last], intervals.shown.cover[last], intervals.other.cover[last]
    doubtful = (shown != other) | intervals.issues_only[last]
    # a course under way has no open interval; its last dose is days old, so that any cover does
    least, most = np.ones((2, cohort.size), dtype=np.int64)
    least[who] = np.where(doubtful, 1, shown)
    most[who] = np.where(doubtful, cohort.courses.initial_units[who], shown)
    return least, most


_AUTO = {"cause": "autoimmune", "neurological_involvement": "no"}

CRITERION = Criterion(
    code="lifelong-treatment-continued",
    title="Lifelong treatment goes on where the cause is irreversible",
    strength="mandated",
    why="Stopping because the blood count is normal lets the deficiency return.",
    who="Patients with autoimmune gastritis (pernicious anaemia), gastrectomy or ileal resection.",
    met="The last injection, with what was issued, reaches to within {lifelong.months:count} of the end; or oral "
    "vitamin B12 of at least {oral.cover_micrograms:mg} a day in the last {lifelong.months:count}.",
    notes="Never treated is not met; waiting for {lifelong.diagnosis_days:count} after the diagnosis. A refusal in the "
    "last {lifelong.decline_months:count} is an exception; a recorded stop is not.",
    sources=("ng239", "bnf"),
    judge=judge,
    gates=("unreadable", "own_schedule"),
    examples=(
        Example("last injection six months ago", "met", doses="-90 0", patient=_AUTO, run={"extract": "+6m"}),
        Example("a day more than six months ago", "not_met", doses="-90 0", patient=_AUTO, run={"extract": "+6m1"}),
        Example("gastrectomy", "not_met", doses="-90 0", patient={**_AUTO, "cause": "gastrectomy"},
                run={"extract": "+6m1"}),
        Example("ileal resection", "not_met", doses="-90 0", patient={**_AUTO, "cause": "ileal_resection"},
                run={"extract": "+6m1"}),
        Example("two ampoules last twice as long", "met", doses="-90x1 0x2", patient=_AUTO, run={"extract": "+12m"}),
        Example("two ampoules do not last longer", "not_met", doses="-90x1 0x2", patient=_AUTO,
                run={"extract": "+12m1"}),
        Example("tablets of 1 mg six months before the end", "met", events="oral 0 1000", patient=_AUTO,
                run={"extract": "+6m"}),
        Example("tablets a day earlier", "not_met", events="oral 0 1000", patient=_AUTO, run={"extract": "+6m1"}),
        Example("tablets of less", "not_met", events="oral 0 999", patient=_AUTO),
        Example("tablets of unknown dose", "not_assessable, DOSE_MISSING", events="oral 100", patient=_AUTO),
        Example("eight ampoules for loading last two intervals", "met", doses="0x8", patient=_AUTO,
                run={"extract": "+12m"}),
        Example("eight ampoules for loading do not last three", "not_met", doses="0x8", patient=_AUTO,
                run={"extract": "+12m1"}),
        Example("eight ampoules with involvement", "not_assessable, ISSUES_ONLY", doses="0x8",
                patient={**_AUTO, "neurological_involvement": "yes"}, run={"extract": "+12m"}),
        Example("eight ampoules with involvement, within six months", "met", doses="0x8",
                patient={**_AUTO, "neurological_involvement": "yes"}, run={"extract": "+6m"}),
        Example("two ampoules, start unseen, beyond both", "not_met", doses="0x2",
                patient={**_AUTO, "registered_from": "-1"}, run={"extract": "+12m1"}),
        Example("two ampoules, start unseen, between", "not_assessable, ISSUES_ONLY", doses="0x2",
                patient={**_AUTO, "registered_from": "-1"}, run={"extract": "+12m"}),
        Example("stopped does not excuse", "not_met", doses="-90 0", events="stopped 10", patient=_AUTO,
                run={"extract": "+6m1"}),
        Example("declined 12 months before the end", "excepted, DECLINED", doses="-200 -100", events="declined 0",
                patient=_AUTO, run={"extract": "+12m"}),
        Example("declined a day earlier", "not_met", doses="-200 -100", events="declined 0", patient=_AUTO,
                run={"extract": "+12m1"}),
        Example("never treated", "not_met, NEVER_TREATED", patient={**_AUTO, "diagnosis_date": "0"}),
        Example("diagnosed 28 days ago", "pending", patient={**_AUTO, "diagnosis_date": "0"}, run={"extract": 28}),
        Example("diagnosed 29 days ago", "not_met, NEVER_TREATED", patient={**_AUTO, "diagnosis_date": "0"},
                run={"extract": 29}),
        Example("never treated but declined", "excepted, DECLINED", events="declined 10", patient=_AUTO),
        Example("diagnosed, then left", "not_assessable, LEFT_DURING_WINDOW",
                patient={**_AUTO, "diagnosis_date": "0", "registered_to": "20"}),
        Example("a course under way", "met", doses="0 2 4", patient=_AUTO, run={"extract": 8}),
        Example("dietary cause", "not_applicable, NOT_IN_POPULATION", doses="-90", patient={"cause": "dietary"}),
        Example("cause unknown", "not_applicable, NOT_IN_POPULATION", doses="-90", patient={"cause": "unknown"}),
        Example("own schedule", "not_applicable, OWN_SCHEDULE", doses="-90",
                patient={**_AUTO, "indication": "lebers_or_tobacco_amblyopia"}),
    ),
)
