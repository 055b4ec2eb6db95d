"""Starters: who they are, and the loading and neurological criteria."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise

from .dates import add_days
from .history import History
from .verdict import Verdict, met_or_not, not_applicable, not_assessable, waiting


def not_a_starter(history: History, in_population: Callable[[], bool]) -> Verdict | None:
    """Why a starter criterion does not come to its own question; None when it does.

    `in_population` is asked only of a patient with doses whose first one lies in the period.
    """
    if not history.doses:
        return not_applicable("NO_INJECTIONS")
    if not history.d1_in_period:
        return not_applicable("NOT_A_STARTER")
    if not in_population():
        return not_applicable("NOT_IN_POPULATION")
    if not history.start_observed:
        return not_assessable("START_NOT_OBSERVED")
    return None


def in_window(
    history: History, begin: date, end: date, first: date | None, due: date | None = None
) -> Verdict:
    """Met by the first event in [begin, end]; while the window is open and has none, pending or left."""
    if first is not None:
        verdict = Verdict("met")
    elif history.w1 < end:
        verdict = waiting(history.left)
        if history.initial_unfinished:
            return verdict  # without evidence
    else:
        verdict = Verdict("not_met")
    verdict.from_date, verdict.due_date, verdict.limit_date, verdict.to_date = begin, due, end, first
    return verdict


def excuse_declined(history: History, verdict: Verdict, begin: date, end: date) -> Verdict:
    """Not met becomes excepted when an injection was declined in [begin, end]."""
    if verdict.outcome == "not_met" and history.declined(begin, end):
        verdict.outcome, verdict.reason = "excepted", "DECLINED"
    return verdict


# ---------------------------------------------------------------------- loading


def _no_loading(history: History) -> Verdict | None:
    if history.own_schedule:
        return not_applicable("OWN_SCHEDULE")
    if history.patient.indication == "prophylaxis":
        return not_applicable("PROPHYLAXIS")
    return None


def loading_complete(history: History) -> Verdict:
    """Six units within 14 days of the first dose, without neurological involvement."""
    return (
        _no_loading(history)
        or not_a_starter(history, lambda: not history.neuro_at_start and not history.dietary)
        or _six_units(history)
    )


def neuro_loading(history: History) -> Verdict:
    """Six units within 14 days of the first dose, with neurological involvement."""
    return (
        _no_loading(history) or not_a_starter(history, lambda: history.neuro_at_start) or _six_units(history)
    )


def _six_units(history: History) -> Verdict:
    due, limit = add_days(history.d1, 14), add_days(history.d1, 21)
    units, sixth = 0, None
    for dose in history.doses:
        units += dose.units
        if units >= 6 and dose.day <= limit:
            sixth = dose.day
            break
    verdict = in_window(history, history.d1, limit, sixth, due)
    if sixth is not None:
        verdict.within_grace = sixth > due
    return excuse_declined(history, verdict, add_days(history.d1, 1), limit)


def loading_spacing(history: History) -> Verdict:
    """No gap over seven days among the first six doses."""
    reason = _no_loading(history)
    if reason:
        return reason
    if not history.doses:
        return not_applicable("NO_INJECTIONS")
    if not history.d1_in_period:
        return not_applicable("NOT_A_STARTER")
    loaded = "met" in (loading_complete(history).outcome, neuro_loading(history).outcome)
    if not loaded or not history.given_basis:
        return not_applicable("NOT_IN_POPULATION")
    six = history.doses[:6]
    gaps = [(after.day - before.day).days for before, after in pairwise(six)]
    return met_or_not(max(gaps) <= 7)


# ---------------------------------------------------------------------- neurological involvement


def neuro_continued(history: History) -> Verdict:
    """Alternate-day injections until no further improvement."""
    if history.own_schedule:
        return not_applicable("OWN_SCHEDULE")
    other = not_a_starter(history, lambda: history.neuro_at_start)
    if other:
        return other
    if history.initial_unfinished:
        return waiting(history.left)
    if not history.given_basis and any(dose.units > 1 for dose in history.initial):
        return not_assessable("ISSUES_ONLY")
    end = add_days(history.dl, 14)
    return excuse_declined(history, _until_plateau(history, end), add_days(history.d1, 1), end)


def _until_plateau(history: History, end: date) -> Verdict:
    plateaus = [
        review
        for review in history.reviews_between(history.d1, history.w1)
        if review.outcome in ("no_further_improvement", "resolved")
    ]
    if plateaus:
        enough = history.dl >= add_days(plateaus[0].day, -7)
        return Verdict("met") if enough else Verdict("not_met", "STOPPED_BEFORE_PLATEAU")
    early = history.reviews_between(history.d1, end)
    latest_day = [review.outcome for review in early if review.day == early[-1].day]
    if "improving" in latest_day:
        return Verdict("not_met", "STOPPED_WHILE_IMPROVING")
    if sum(dose.units for dose in history.initial) <= 6:
        return Verdict("not_met", "STOPPED_AT_STANDARD_COURSE")
    return not_assessable("NO_REVIEW_RECORDED" if history.practice.has_reviews else "NO_REVIEW_DATA")


def neuro_review_recorded(history: History) -> Verdict:
    """A review by four weeks after the end of the initial course."""
    if history.own_schedule:
        return not_applicable("OWN_SCHEDULE")
    other = not_a_starter(history, lambda: history.neuro_at_start)
    if other:
        return other
    if not history.practice.has_reviews:
        return not_assessable("NO_REVIEW_DATA")
    if history.initial_unfinished:
        return waiting(history.left)
    begin, end = add_days(history.d1, 1), add_days(history.dl, 28)
    reviews = history.reviews_between(begin, end)
    return in_window(history, begin, end, reviews[0].day if reviews else None)


def neuro_not_oral_only(history: History) -> Verdict:
    """With neurological involvement B12 is injected."""
    if history.own_schedule:
        return not_applicable("OWN_SCHEDULE")
    if history.neuro_at(history.w1) != "yes" or not history.treatments_in_period():
        return not_applicable("NOT_IN_POPULATION")
    verdict = met_or_not(not history.oral_only())
    return excuse_declined(history, verdict, history.year_before_period, history.w1)
