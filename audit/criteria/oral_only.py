"""Treatment by mouth only, shared by the criteria that ask for injections."""

from __future__ import annotations

from audit.cohort.calendar import Mask, add_months_to
from audit.cohort.cohort import Cohort


def oral_only(cohort: Cohort) -> Mask:
    """An oral vitamin B12 treatment in the period, and no dose in it or shortly before."""
    window, people = cohort.window, cohort.people
    by_mouth = cohort.happenings.oral.any(window.start, window.end)
    return by_mouth & ~cohort.doses.events.any(cohort.months_before_period("oral.dose_months"), people.w1)


def declined_lately(cohort: Cohort) -> Mask:
    """Injections declined in the period or the months before it."""
    since = add_months_to(cohort.window.start, -cohort.number("oral.decline_months"))
    return cohort.happenings.declined.any(since, cohort.people.w1)
