"""No gap over a week among the first six injections.

What good care looks like: three times a week, so gaps of two or three days; a gap over a week makes two short
courses of one. Why it matters: completeness by day 21 can hide a course that stopped and began again. Source: BNF.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.calendar import Mask
from audit.cohort.cohort import Cohort
from audit.criteria import loading_complete, neuro_loading
from audit.criteria.criterion import LOADING, Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Those who completed loading, on administrations: the largest of the first five gaps is at most a week."""
    return Judgement(met=_largest_gap_small(cohort), outside=~_loaded(cohort) | cohort.doses.issued_basis)


def _loaded(cohort: Cohort) -> Mask:
    plain, neuro = loading_complete.judge(cohort), neuro_loading.judge(cohort)
    return cohort.start_observed & np.where(cohort.neuro_at_start, _met(neuro), _met(plain))


def _met(judgement: Judgement) -> Mask:
    return judgement.met & ~judgement.outside if judgement.outside is not None else judgement.met


def _largest_gap_small(cohort: Cohort) -> Mask:
    doses, counted = cohort.doses, cohort.number("loading.units")
    rank = np.arange(len(doses.day)) - doses.begin[doses.patient]
    wide = np.zeros(len(doses.day), dtype=np.bool_)
    wide[1:] = np.diff(doses.day) > cohort.number("loading.largest_gap_days")
    among_first = (rank > 0) & (rank < counted)
    return np.asarray(np.bincount(doses.patient[wide & among_first], minlength=cohort.size) == 0)


CRITERION = Criterion(
    code="loading-spacing",
    title="Loading injections without a gap of more than {loading.largest_gap_days:span}",
    strength="permitted",
    why="A course that stopped and began again is not three times a week for two weeks.",
    who="Patients who met a loading criterion, where injections are recorded as given.",
    met="No gap over {loading.largest_gap_days:count} among the first {loading.units:word} injections.",
    notes="Not asked where only issues are known: an issue does not say when the injection was given.",
    sources=("bnf",),
    judge=judge,
    gates=LOADING,
    examples=(
        Example("gaps of two and three days", "met", doses="0 2 4 7 9 11"),
        Example("a gap of seven days", "met", doses="0 2 4 6 8 15"),
        Example("a gap of eight days", "not_met", doses="0 2 4 6 8 16"),
        Example("a wide gap after the sixth injection", "met", doses="0 2 4 7 9 11 20"),
        Example("a wide gap before the sixth of a longer course", "not_met", doses="0 8 9 10 11 12 13"),
        Example("sixth on day 21", "met", doses="0 4 8 12 16 21"),
        Example("sixth on day 22", "not_applicable, NOT_IN_POPULATION", doses="0 4 8 12 16 22"),
        Example("dietary cause, involvement from day 14", "met", doses="0 2 4 7 9 11",
                patient={"cause": "dietary", "neurological_involvement": "yes", "neurological_onset": "14"}),
        Example("dietary cause, involvement from day 15", "not_applicable, NOT_IN_POPULATION", doses="0 2 4 7 9 11",
                patient={"cause": "dietary", "neurological_involvement": "yes", "neurological_onset": "15"}),
        Example("with neurological involvement", "not_met", doses="0 8 9 10 11 12",
                patient={"neurological_involvement": "yes"}),
        Example("loading not met", "not_applicable, NOT_IN_POPULATION", doses="0 2 4"),
        Example("loading still open", "not_applicable, NOT_IN_POPULATION", doses="0 2", run={"extract": 5}),
        Example("issues only", "not_applicable, NOT_IN_POPULATION", doses="0x6"),
        Example("dietary cause", "not_applicable, NOT_IN_POPULATION", doses="0 2 4 7 9 11",
                patient={"cause": "dietary"}),
        Example("start not observed", "not_applicable, NOT_IN_POPULATION", doses="0 2 4 7 9 11",
                patient={"registered_from": "-30"}),
        Example("not a starter", "not_applicable, NOT_A_STARTER", doses="-200 0"),
        Example("prophylaxis", "not_applicable, PROPHYLAXIS", doses="0 2 4 7 9 11",
                patient={"indication": "prophylaxis"}),
    ),
)
