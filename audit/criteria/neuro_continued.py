"""Alternate-day injections went on until no further improvement.

What good care looks like: with neurological involvement the loading course has no fixed end; it goes on while the
patient improves. Why it matters: stopping at six injections while nerves still recover leaves damage that the
guidance would have prevented, and nobody sees it afterwards. Source: BNF.

The record can show three ways of stopping early: before the review that finds no further improvement, while the
latest review says improving, or at the standard course with no such review at all.
"""

from __future__ import annotations

from audit.cohort.calendar import FAR_FUTURE, Days, Mask
from audit.cohort.cohort import Cohort
from audit.criteria.criterion import NEURO_STARTERS, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Starters with involvement at the start whose initial course has ended."""
    first, last = cohort.doses.first, cohort.courses.initial_last
    ended = cohort.courses.ended
    settled = last + cohort.number("neuro.settle_days")
    review = cohort.happenings.plateaued.first(first, FAR_FUTURE)
    found = review < FAR_FUTURE
    enough = found & (last >= review - cohort.number("neuro.plateau_days"))
    improving = ~found & _improving_at(cohort, first, settled)
    standard_course = cohort.courses.initial_units <= cohort.number("neuro.standard_units")
    silent = ended & ~found & ~improving & ~standard_course
    bulk = ended & cohort.doses.issued_basis & (cohort.courses.initial_most > 1)
    return Judgement(
        met=enough,
        outside=~cohort.neuro_at_start,
        not_assessable={
            "ISSUES_ONLY": bulk,
            "NO_REVIEW_RECORDED" if cohort.has_reviews else "NO_REVIEW_DATA": silent,
        },
        pending=~ended,
        excepted={"DECLINED": cohort.happenings.declined.any(first + 1, settled)},
        not_met={
            "STOPPED_BEFORE_PLATEAU": found & ~enough,
            "STOPPED_WHILE_IMPROVING": improving,
            "STOPPED_AT_STANDARD_COURSE": ~found & ~improving & standard_course,
        },
    )


def _improving_at(cohort: Cohort, first: Days, settled: Days) -> Mask:
    """Whether a review of the latest review day of the course says improving."""
    latest = cohort.happenings.reviews.last(first, settled)
    return cohort.happenings.improving.any(latest, latest)


_YES = {"neurological_involvement": "yes"}
_EIGHT = "0 2 4 6 8 10 12 14"
_SIX = "0 2 4 6 8 10"

CRITERION = Criterion(
    code="neuro-continued",
    title="Alternate-day injections until no further improvement",
    strength="mandated",
    why="Stopping while nerves still recover leaves damage that the guidance would have prevented.",
    who="Patients who started in the period with neurological involvement, whose first course has ended.",
    met="The last injection of the course is not earlier than {neuro.plateau_days:count} before the first review that "
    "finds no further improvement, or recovery.",
    notes="Pending while the course goes on. Without such a review: stopped while the latest review says improving, or "
    "after at most {neuro.standard_units:word} injections, is not met; otherwise the record cannot tell. A refusal up "
    "to {neuro.settle_days:count} after the course is an exception.",
    sources=("bnf",),
    judge=judge,
    gates=NEURO_STARTERS,
    examples=(
        Example("went on to the plateau", "met", doses=_EIGHT, reviews="improving 7, no_further_improvement 14",
                patient=_YES),
        Example("last injection 7 days before the review", "met", doses=_EIGHT, reviews="resolved 21", patient=_YES),
        Example("last injection 8 days before the review", "not_met, STOPPED_BEFORE_PLATEAU", doses=_EIGHT,
                reviews="resolved 22", patient=_YES),
        Example("the first such review decides", "met", doses=_EIGHT,
                reviews="no_further_improvement 14, resolved 60", patient=_YES),
        Example("a plateau on the first day counts", "met", doses=_EIGHT, reviews="resolved 0", patient=_YES),
        Example("a plateau before the start does not", "not_assessable, NO_REVIEW_RECORDED", doses=_EIGHT,
                reviews="resolved -1", patient=_YES),
        Example("latest review says improving, 14 days after", "not_met, STOPPED_WHILE_IMPROVING", doses=_EIGHT,
                reviews="improving 28", patient=_YES),
        Example("improving only 15 days after", "not_assessable, NO_REVIEW_RECORDED", doses=_EIGHT,
                reviews="improving 29", patient=_YES),
        Example("a later review of the course is not improving", "not_assessable, NO_REVIEW_RECORDED", doses=_EIGHT,
                reviews="improving 7, not_improved 14", patient=_YES),
        Example("two reviews of the latest day", "not_met, STOPPED_WHILE_IMPROVING", doses=_EIGHT,
                reviews="improving 14, other 14", patient=_YES),
        Example("stopped after six", "not_met, STOPPED_AT_STANDARD_COURSE", doses=_SIX, patient=_YES),
        Example("stopped after six, no reviews sheet", "not_met, STOPPED_AT_STANDARD_COURSE", doses=_SIX,
                patient=_YES, run={"without": "Reviews"}),
        Example("seven, no review", "not_assessable, NO_REVIEW_RECORDED", doses=_SIX + " 12", patient=_YES),
        Example("seven, no reviews sheet", "not_assessable, NO_REVIEW_DATA", doses=_SIX + " 12", patient=_YES,
                run={"without": "Reviews"}),
        Example("single issues stand for doses", "not_met, STOPPED_AT_STANDARD_COURSE",
                doses="0x1 2x1 4x1 6x1 8x1 10x1", patient=_YES),
        Example("a box of six", "not_assessable, ISSUES_ONLY", doses="0x6", patient=_YES),
        Example("declined 14 days after the course", "excepted, DECLINED", doses=_SIX, events="declined 24",
                patient=_YES),
        Example("declined 15 days after the course", "not_met, STOPPED_AT_STANDARD_COURSE", doses=_SIX,
                events="declined 25", patient=_YES),
        Example("the course goes on", "pending", doses=_SIX, patient=_YES, run={"extract": 20}),
        Example("the course has just ended", "not_met, STOPPED_AT_STANDARD_COURSE", doses=_SIX, patient=_YES,
                run={"extract": 21}),
        Example("a box of six, the course not ended", "pending", doses="0x6", patient=_YES, run={"extract": 10}),
        Example("left during the course", "not_assessable, LEFT_DURING_WINDOW", doses=_SIX,
                patient={**_YES, "registered_to": "15"}),
        Example("a gap of ten days stays in the course", "not_assessable, NO_REVIEW_RECORDED", doses=_SIX + " 20",
                patient=_YES),
        Example("a gap of eleven days ends it", "not_met, STOPPED_AT_STANDARD_COURSE", doses=_SIX + " 21",
                patient=_YES),
        Example("involvement from day 14", "not_met, STOPPED_AT_STANDARD_COURSE", doses=_SIX,
                patient={**_YES, "neurological_onset": "14"}),
        Example("involvement from day 15", "not_applicable, NOT_IN_POPULATION", doses=_SIX,
                patient={**_YES, "neurological_onset": "15"}),
        Example("no involvement", "not_applicable, NOT_IN_POPULATION", doses=_SIX,
                patient={"neurological_involvement": "no"}),
        Example("not a starter", "not_applicable, NOT_A_STARTER", doses="-200", patient=_YES),
        Example("start not observed", "not_assessable, START_NOT_OBSERVED", doses=_SIX,
                patient={**_YES, "registered_from": "-10"}),
    ),
)
