"""Over time: the share of maintenance intervals that met the standard, by the quarter in which they ended.

Every closed interval of the recorded history is judged exactly as the audit period's are (dated exceptions such as the
pandemic's included); only those of the mandated interval criteria count. Open intervals are left out: somebody overdue
today is in the worklist, and enters the quarter of the next injection.

Silent in the standard: an interval counts when it begins on or after the first observed day and ends at least the
longest maintenance length later. Before that only short intervals can be seen, and the first quarters would look
better than they were. Quarters are those of the calendar; the one with the extract date may be incomplete.

Run chart and its two rules: Perla, Provost and Murray 2011. Limits from 12 points on: XmR, NHS England, Making Data
Count. Shares are kept as exact fractions, so that no rule hangs on rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import mean, median
from typing import Final

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Counts, Days, Mask, add_months, add_months_to, to_date, to_dates
from audit.cohort.cohort import Cohort
from audit.cohort.outcomes import EXCEPTED, MET, NOT_ASSESSABLE, NOT_MET
from audit.results.tables import INTERVAL_CRITERIA, criterion_of

#: the criteria whose intervals count
COUNTED: Final = ("maintenance-interval-neuro", "maintenance-interval-standard")
#: a flagged point's rule, and the source that states it
RULES: Final = {"shift": "perla2011", "trend": "perla2011", "outside_limits": "making_data_count"}
_OUTCOMES: Final = (MET, NOT_MET, EXCEPTED, NOT_ASSESSABLE)
_MONTHS_OF_QUARTER: Final = 3
_SHIFT_POINTS, _TREND_POINTS, _LIMIT_POINTS = 6, 5, 12
_LIMIT_FACTOR: Final = Fraction(266, 100)


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter of the calendar and the intervals that ended in it.

    Attributes:
        complete: no extract date lies before its last day.
        share: met of all judged; None under the least number of intervals: no point of the chart.
        flags: rules of RULES that the point breaks.
    """

    name: str
    start: date
    end: date
    complete: bool
    met: int
    not_met: int
    excepted: int
    not_assessable: int
    share: Fraction | None = None
    flags: tuple[str, ...] = ()

    @property
    def judged(self) -> int:
        """All intervals of the quarter, those that the record cannot tell included."""
        return self.met + self.not_met + self.excepted + self.not_assessable


@dataclass(frozen=True, slots=True)
class Limits:
    """XmR limits: the mean and 2.66 mean moving ranges to either side, held within 0 and 1."""

    mean: Fraction
    moving_range: Fraction
    lower: Fraction
    upper: Fraction


@dataclass(frozen=True, slots=True)
class OverTime:
    """The series of a run; `median` is None without points, `limits` under 12 of them.

    Attributes:
        least: intervals that a quarter needs to be a point.
    """

    quarters: tuple[Quarter, ...]
    least: int
    median: Fraction | None
    limits: Limits | None

    @property
    def points(self) -> tuple[Quarter, ...]:
        """The quarters that are points of the chart."""
        return tuple(quarter for quarter in self.quarters if quarter.share is not None)


def over_time(cohorts: Sequence[Cohort]) -> OverTime:
    """The series over the inputs of a run, each up to its own extract date; at least one input."""
    counts: dict[int, Counts] = {}
    for cohort in cohorts:
        for quarter, found in _counts(cohort).items():
            counts[quarter] = counts.get(quarter, 0) + found
    last = min(to_date(cohort.window.extract) for cohort in cohorts)
    quarters = [_quarter(number, counts[number], last) for number in sorted(counts)]
    return series(quarters, cohorts[0].number("score.least_eligible"))


def _counts(cohort: Cohort) -> dict[int, Counts]:
    """Intervals of each outcome (in the order of _OUTCOMES) by quarter, from the first whole quarter to the last."""
    whole = cohort.since(FAR_PAST)
    outcome = whole.outcomes.outcome
    counted = _counted(whole)
    first = _first_quarter(cohort)
    quarter = _quarter_of(np.where(counted, whole.intervals.end, cohort.window.extract))
    last = int(_quarter_of(np.array([cohort.window.extract]))[0])
    size = max(last - first + 1, 0)
    inside = counted & (quarter >= first)
    columns = [np.bincount(quarter[inside & (outcome == code)] - first, minlength=size) for code in _OUTCOMES]
    return dict(zip(range(first, last + 1), np.column_stack(columns), strict=True)) if size else {}


def _counted(cohort: Cohort) -> Mask:
    """Closed maintenance intervals within the observed history, of patients who are judged at all."""
    intervals, people, who = cohort.intervals, cohort.people, cohort.intervals.patient
    left_early = {"LEFT_BEFORE_PERIOD"}
    out = cohort.unreadable | people.indication_is("lebers_or_tobacco_amblyopia")
    for reason, mask in cohort.exclusions.items():
        out = out if reason in left_early else out | mask
    codes = [INTERVAL_CRITERIA.index(code) for code in COUNTED if code not in cohort.standard.off]
    # where the day of registration is unknown the history start stands for it
    seen = np.where(people.w0 == FAR_FUTURE, cohort.window.history, people.w0)[who]
    observed = (intervals.start >= seen) & (intervals.end >= add_months(seen, _longest(cohort)))
    kind = ~intervals.is_open & ~intervals.transition & np.isin(criterion_of(cohort), codes)
    return np.asarray(kind & observed & ~out[who])


def _longest(cohort: Cohort) -> int:
    """The longest maintenance length of the standard, in months."""
    return cohort.number("maintenance.dietary_months")


def _first_quarter(cohort: Cohort) -> int:
    """The first quarter that begins when intervals of every length can be seen."""
    day = add_months_to(cohort.window.history, _longest(cohort))
    quarter = int(_quarter_of(np.array([day]))[0])
    return quarter if _first_day(quarter) >= to_date(day) else quarter + 1


def _quarter_of(days: Days) -> Counts:
    """Quarters since the beginning of 1970."""
    return np.asarray(to_dates(days).astype("datetime64[M]").astype(np.int64) // _MONTHS_OF_QUARTER)


def _first_day(quarter: int) -> date:
    return to_date(add_months_to(0, quarter * _MONTHS_OF_QUARTER))


def _quarter(number: int, counts: Counts, last: date) -> Quarter:
    start, end = _first_day(number), _first_day(number + 1) - timedelta(days=1)
    name = f"{start.year} Q{(start.month - 1) // _MONTHS_OF_QUARTER + 1}"
    return Quarter(name, start, end, end <= last, *counts.tolist())


def series(quarters: Iterable[Quarter], least: int) -> OverTime:
    """Median, limits and flags of quarters whose counts are known.

    Args:
        quarters: in order of time.
        least: with fewer intervals a quarter is no point.
    """
    shared = [_with_share(item, least) for item in quarters]
    values = [item.share for item in shared if item.share is not None]
    if not values:
        return OverTime(tuple(shared), least, None, None)
    centre, limits = median(values), xmr(values)
    flagged = {"shift": shifts(values, centre), "trend": trends(values), "outside_limits": outside(values, limits)}
    place = iter(range(len(values)))
    told = [item if item.share is None else replace(item, flags=_flags(next(place), flagged)) for item in shared]
    return OverTime(tuple(told), least, centre, limits)


def _with_share(quarter: Quarter, least: int) -> Quarter:
    enough = quarter.judged >= max(least, 1)
    return replace(quarter, share=Fraction(quarter.met, quarter.judged) if enough else None)


def _flags(place: int, flagged: dict[str, set[int]]) -> tuple[str, ...]:
    return tuple(rule for rule in RULES if place in flagged[rule])


def shifts(values: Sequence[Fraction], centre: Fraction) -> set[int]:
    """Places in runs of six and more on one side of the median; a point on it neither counts nor breaks the run."""
    off = [place for place, value in enumerate(values) if value != centre]
    return _long_runs(off, [values[place] > centre for place in off], _SHIFT_POINTS)


def trends(values: Sequence[Fraction]) -> set[int]:
    """Places in five and more points that all rise or all fall; a repeated value neither counts nor breaks the run."""
    kept = [place for place, value in enumerate(values) if not place or value != values[place - 1]]
    rises = [values[later] > values[earlier] for earlier, later in pairwise(kept)]
    steps = _long_runs(list(range(len(rises))), rises, _TREND_POINTS - 1)
    return {place for step in steps for place in kept[step : step + 2]}


def _long_runs(places: Sequence[int], sides: Sequence[bool], least: int) -> set[int]:
    """The places of runs of one side that are at least so long."""
    found: set[int] = set()
    run: list[int] = []
    for number, place in enumerate(places):
        run = [*run, place] if number and sides[number] == sides[number - 1] else [place]
        if len(run) >= least:
            found.update(run)
    return found


def xmr(values: Sequence[Fraction]) -> Limits | None:
    """The limits; None under 12 points."""
    if len(values) < _LIMIT_POINTS:
        return None
    centre = mean(values)
    moving_range = mean([abs(later - earlier) for earlier, later in pairwise(values)])
    reach = _LIMIT_FACTOR * moving_range
    return Limits(centre, moving_range, max(centre - reach, Fraction(0)), min(centre + reach, Fraction(1)))


def outside(values: Sequence[Fraction], limits: Limits | None) -> set[int]:
    """Places of points beyond the limits; none without limits."""
    if limits is None:
        return set()
    return {place for place, value in enumerate(values) if not limits.lower <= value <= limits.upper}


def as_summary(found: OverTime) -> dict[str, object]:
    """The series for summary.json; shares as fractions, null where there is none."""
    limits = found.limits
    return {
        "least_intervals": found.least,
        "points": len(found.points),
        "median": _number(found.median),
        "mean": _number(limits.mean if limits else None),
        "mean_moving_range": _number(limits.moving_range if limits else None),
        "lower_limit": _number(limits.lower if limits else None),
        "upper_limit": _number(limits.upper if limits else None),
        "quarters": [_quarter_summary(quarter) for quarter in found.quarters],
    }


def _quarter_summary(quarter: Quarter) -> dict[str, object]:
    counts = {name: getattr(quarter, name) for name in ("met", "not_met", "excepted", "not_assessable", "judged")}
    return {
        "quarter": quarter.name,
        "from": str(quarter.start),
        "to": str(quarter.end),
        "complete": quarter.complete,
        **counts,
        "share_met": _number(quarter.share),
        "flags": list(quarter.flags),
    }


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
