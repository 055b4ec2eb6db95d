"""The picture of two- versus three-monthly maintenance: each patient's median interval, classed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import Counts, Days, Mask
from audit.cohort.cohort import Cohort
from audit.cohort.grouping import medians
from audit.results.audit import PatternRow

CLASSES: Final = (
    "more often than 2-monthly",
    "2-monthly",
    "3-monthly",
    "less often than 3-monthly",
)
STATUSES: Final = ("yes", "no", "unknown")


def closed_in_period(cohort: Cohort) -> Mask:
    """Closed maintenance intervals ending in the period, of patients who are judged at all."""
    intervals, window = cohort.intervals, cohort.window
    ends = (intervals.end >= window.start) & (intervals.end <= window.end)
    judged = ~(cohort.excluded | cohort.unreadable)
    judged &= ~cohort.people.indication_is("lebers_or_tobacco_amblyopia")
    return np.asarray(~intervals.is_open & ~intervals.transition & ends & judged[intervals.patient])


def patterns(cohorts: Sequence[Cohort]) -> tuple[PatternRow, ...]:
    """Patients by class of their median interval and by neurological status, over all inputs."""
    table = sum((_table(cohort) for cohort in cohorts), np.zeros((len(CLASSES), len(STATUSES)), dtype=np.int64))
    return tuple(PatternRow(name, *(int(n) for n in row)) for name, row in zip(CLASSES, table, strict=True))


def _table(cohort: Cohort) -> Counts:
    patient, median = _medians(cohort)
    edges = [
        cohort.number("pattern.two_monthly_from_days"),
        cohort.number("pattern.three_monthly_from_days"),
        # the longest class begins past its day, half days included
        np.nextafter(cohort.number("pattern.three_monthly_to_days"), np.inf),
    ]
    cell = np.digitize(median, edges) * len(STATUSES) + status_of(cohort)[patient]
    counts = np.bincount(cell, minlength=len(CLASSES) * len(STATUSES))
    return counts.reshape(len(CLASSES), len(STATUSES))


def status_of(cohort: Cohort) -> npt.NDArray[np.int64]:
    """Positions in STATUSES of each patient's neurological status."""
    return np.where(cohort.people.neuro_yes, 0, np.where(cohort.people.neuro_no, 1, 2))


def _medians(cohort: Cohort) -> tuple[Days, npt.NDArray[np.float64]]:
    """Patients with such an interval, and the median of theirs in days."""
    chosen = closed_in_period(cohort)
    patient = cohort.intervals.patient[chosen]
    return medians(patient, (cohort.intervals.end - cohort.intervals.start)[chosen])
