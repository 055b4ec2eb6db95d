"""Maintenance: the interval criteria, overdue, lifelong treatment, and two months for everyone."""

from __future__ import annotations

from .criteria_loading import excuse_declined
from .dates import add_days, add_months
from .history import History
from .intervals import (
    Judged,
    covers,
    evidence_of,
    intervals_of,
    judge_overdue,
    judged_or_waiting,
    schedules,
    verdict_of,
)
from .verdict import Verdict, not_applicable, not_assessable, waiting

STARTED = "maintenance-started"
NEURO, STANDARD, DIETARY = (
    "maintenance-interval-neuro",
    "maintenance-interval-standard",
    "maintenance-interval-dietary",
)


def _not_on_injections(history: History, in_population: bool = True) -> Verdict | None:
    if history.own_schedule:
        return not_applicable("OWN_SCHEDULE")
    if not history.doses:
        return not_applicable("NO_INJECTIONS")
    if not history.on_injections:
        return not_applicable("NOT_ON_INJECTIONS")
    return None if in_population else not_applicable("NOT_IN_POPULATION")


def maintenance_started(history: History) -> Verdict:
    """The step from the initial course to maintenance."""
    if history.own_schedule:
        return not_applicable("OWN_SCHEDULE")
    if not history.doses:
        return not_applicable("NO_INJECTIONS")
    if history.dietary:
        return not_applicable("NOT_IN_POPULATION")
    if not history.start_observed:
        if history.d1_in_period:
            return not_assessable("START_NOT_OBSERVED")
        return not_applicable("NOT_IN_POPULATION")
    return verdict_of(judged_or_waiting(history, "transition"))


def criterion_of(history: History, judged: Judged) -> str:
    """Which maintenance criterion a maintenance interval belongs to."""
    if judged.neuro == "yes":
        return NEURO
    return DIETARY if history.dietary else STANDARD


def _of_criterion(history: History, criterion: str) -> list[Judged]:
    maintenance = judged_or_waiting(history, "maintenance")
    return [judged for judged in maintenance if criterion_of(history, judged) == criterion]


def maintenance_interval_neuro(history: History) -> Verdict:
    """Every two months with neurological involvement: the headline."""
    return _not_on_injections(history) or verdict_of(_of_criterion(history, NEURO))


def maintenance_interval_standard(history: History) -> Verdict:
    """Every three months at the latest without it."""
    other = _not_on_injections(history, not history.dietary)
    return other or verdict_of(_of_criterion(history, STANDARD))


def maintenance_interval_dietary(history: History) -> Verdict:
    """Twice a year with a dietary cause."""
    other = _not_on_injections(history, history.dietary)
    return other or verdict_of(_of_criterion(history, DIETARY))


def two_monthly_for_everyone(history: History) -> Verdict:
    """What the patient organisations ask for."""
    in_population = history.patient.cause not in ("dietary", "medicine", "nitrous_oxide")
    other = _not_on_injections(history, in_population)
    if other:
        return other
    judged = judged_or_waiting(history, "maintenance", two_monthly=True)
    return verdict_of([one for one in judged if one.neuro != "yes"])


def not_overdue(history: History) -> Verdict:
    """The next injection is not overdue on the extract date."""
    other = _not_on_injections(history, not history.left and not history.course_unfinished)
    if other:
        return other
    judged = judge_overdue(history, intervals_of(history)[-1])
    verdict = evidence_of(judged)
    if verdict.outcome == "met":
        verdict.within_grace = judged.needed_grace
    return verdict


def lifelong_treatment_continued(history: History) -> Verdict:
    """Treatment goes on when the cause cannot go away."""
    if history.own_schedule:
        return not_applicable("OWN_SCHEDULE")
    if not history.irreversible:
        return not_applicable("NOT_IN_POPULATION")
    if not history.doses and not any(row.is_oral for row in history.treatments):
        return _never_treated(history)
    return _still_treated(history)


def _still_treated(history: History) -> Verdict:
    window = add_months(history.w1, -6), history.w1
    cover = _cover_of_last_dose(history)
    if history.has_oral_of_a_milligram(*window) or _lasts(history, cover or 1):
        return Verdict("met")
    if any(row.dose is None for row in history.oral(*window)):
        return not_assessable("DOSE_MISSING")
    if cover is None and _lasts(history, _units_of_course(history)):
        return not_assessable("ISSUES_ONLY")
    return excuse_declined(history, Verdict("not_met"), add_months(history.w1, -12), history.w1)


def _never_treated(history: History) -> Verdict:
    diagnosis = history.patient.diagnosis
    if diagnosis is not None and add_days(history.w1, -28) <= diagnosis <= history.w1:
        return waiting(history.left)
    verdict = Verdict("not_met", "NEVER_TREATED")
    return excuse_declined(history, verdict, add_months(history.w1, -12), history.w1)


def _lasts(history: History, cover: int) -> bool:
    return bool(history.doses) and history.w1 <= add_months(history.dn, 6 * cover)


def _cover_of_last_dose(history: History) -> int | None:
    """None where it is not one number."""
    if not history.doses:
        return 1
    last = history.doses[-1]
    neuro = history.neuro_at(last.day)
    possible: set[int] = set()
    for months in schedules(history, neuro):
        found = covers(history, last, neuro, months)
        if found is None:
            return None
        possible.update(found)
    return possible.pop() if len(possible) == 1 else None


def _units_of_course(history: History) -> int:
    """Of the run from d1: only its last dose can have a cover that is not one number."""
    return sum(dose.units for dose in history.runs[0])
