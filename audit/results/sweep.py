"""The interval scores again at other graces, so that nobody can say the tool chose its answer."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Final

import numpy as np

from audit.cohort.cohort import Cohort
from audit.cohort.intervals import Schedule
from audit.criteria import criterion
from audit.results.audit import Score, SweepRow
from audit.results.judge import judge
from audit.results.scores import Tally, score_of, tally

SWEPT: Final = ("maintenance-interval-neuro", "maintenance-interval-standard", "two-monthly-for-everyone")


def sweep(cohorts: Sequence[Cohort]) -> tuple[SweepRow, ...]:
    """One row a criterion and grace, over the cohorts of every input of the run; none for a criterion switched off."""
    return sweep_rows(swept(cohorts))


def sweep_rows(counted: Sequence[tuple[int, Tally]]) -> tuple[SweepRow, ...]:
    """The rows that counts by grace make."""
    rows = [_row(score_of(counts), days) for days, counts in counted]
    return tuple(sorted(rows, key=lambda row: (SWEPT.index(row.criterion), row.grace_days)))


def swept(cohorts: Sequence[Cohort]) -> list[tuple[int, Tally]]:
    """Counts of every criterion that is swept, by grace."""
    graces = cohorts[0].standard.list_of("sweep.grace_days") if cohorts else ()
    return [pair for days in graces for pair in _at([with_grace(cohort, days) for cohort in cohorts], days)]


def with_grace(cohort: Cohort, days: int) -> Cohort:
    """The cohort with the same grace on every interval, whatever the length of its schedule."""

    def graced(schedule: Schedule) -> Schedule:
        return replace(schedule, grace=np.full_like(schedule.grace, days))

    intervals = cohort.intervals
    moved = replace(intervals, shown=graced(intervals.shown), other=graced(intervals.other))
    return replace(cohort, intervals=moved, standard=cohort.standard.with_number("everyone.grace_days", days))


def _at(cohorts: Sequence[Cohort], days: int) -> list[tuple[int, Tally]]:
    off = cohorts[0].standard.off
    return [(days, _tallied(cohorts, code)) for code in SWEPT if code not in off]


def _tallied(cohorts: Sequence[Cohort], code: str) -> Tally:
    return reduce(operator.add, (tally(judge(criterion(code), cohort)) for cohort in cohorts))


def _row(result: Score, days: int) -> SweepRow:
    return SweepRow(
        criterion=result.criterion,
        grace_days=days,
        met=result.met,
        not_met=result.not_met,
        excepted=result.excepted,
        not_assessable=result.not_assessable,
        eligible=result.eligible,
        share_met=result.share_met,
    )
