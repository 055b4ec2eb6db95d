"""The interval scores again at other graces, so that nobody can say the tool chose its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from audit.cohort.cohort import Cohort
from audit.cohort.intervals import Schedule
from audit.criteria import criterion
from audit.results.audit import SweepRow
from audit.results.judge import judge
from audit.results.scores import score

SWEPT: Final = ("maintenance-interval-neuro", "maintenance-interval-standard", "two-monthly-for-everyone")


def sweep(cohorts: Sequence[Cohort]) -> tuple[SweepRow, ...]:
    """One row a criterion and grace, over the cohorts of every input of the run; none for a criterion switched off."""
    graces = cohorts[0].standard.list_of("sweep.grace_days") if cohorts else ()
    rows = [row for days in graces for row in _rows([with_grace(cohort, days) for cohort in cohorts], days)]
    return tuple(sorted(rows, key=lambda row: (SWEPT.index(row.criterion), row.grace_days)))


def with_grace(cohort: Cohort, days: int) -> Cohort:
    """The cohort with the same grace on every interval, whatever the length of its schedule."""

    def graced(schedule: Schedule) -> Schedule:
        return replace(schedule, grace=np.full_like(schedule.grace, days))

    intervals = cohort.intervals
    moved = replace(intervals, shown=graced(intervals.shown), other=graced(intervals.other))
    return replace(cohort, intervals=moved, standard=cohort.standard.with_number("everyone.grace_days", days))


def _rows(cohorts: Sequence[Cohort], days: int) -> list[SweepRow]:
    off = cohorts[0].standard.off
    return [_swept(cohorts, code, days) for code in SWEPT if code not in off]


def _swept(cohorts: Sequence[Cohort], code: str, days: int) -> SweepRow:
    result = score([judge(criterion(code), cohort) for cohort in cohorts])
    return SweepRow(
        criterion=code,
        grace_days=days,
        met=result.met,
        not_met=result.not_met,
        excepted=result.excepted,
        not_assessable=result.not_assessable,
        eligible=result.eligible,
        share_met=result.share_met,
    )
