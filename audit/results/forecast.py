"""Forecast: injections, ampoules, nurse hours and costs of the coming months, in three scenarios.

A simple schedule and no advice: from each patient's last injection, one interval after another. `as_now` takes the
patient's own median interval (closed maintenance intervals that ended in the audit period, as the picture of two- and
three-monthly maintenance does; an issue of several ampoules counts as so many intervals); who has none counts with
the longest interval of the standard. `longest` and `shortest` take what the standard allows. What has fallen due by
the extract date falls into month 1 and the schedule goes on from there.

Silent in the standard: with unknown neurological status `longest` is the length without involvement and `shortest` the
one with it; for a dietary cause, and with involvement, guidance names one length, so both are the same. Patients
without a date in the recall list are not in the forecast; new patients and loading courses are not foreseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import Counts, Days, Mask, add_months, add_months_to, to_date
from audit.cohort.cohort import Cohort
from audit.cohort.grouping import medians
from audit.cohort.intervals import Schedule, due_days
from audit.errors import UsageError
from audit.results.patterns import closed_in_period
from audit.results.recall import UNREADABLE, open_intervals, standing
from schemas.vocabulary import NOT_IN_RECALL

MONTHS: Final = 12
SCENARIOS: Final = ("as_now", "longest", "shortest")
_MINUTES_OF_HOUR: Final = 60

#: the day that lies so many intervals after an anchor, patient by patient
Step = Callable[[Days, Counts], Days]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What only the practice knows; None where it did not say. Costs in pounds."""

    minutes_per_injection: Decimal | None = None
    cost_per_ampoule: Decimal | None = None
    cost_per_hour: Decimal | None = None

    def checked(self) -> Inputs:
        """The same inputs.

        Raises:
            UsageError: a cost per hour without the minutes that an injection takes.
        """
        if self.cost_per_hour is not None and self.minutes_per_injection is None:
            raise UsageError(
                "A cost per nurse hour tells nothing without the minutes that an injection takes.",
                where="--cost-per-hour",
                remedy="add the minutes of your practice, for example --minutes-per-injection 10",
                code="MINUTES_MISSING",
            )
        return self

    def told(self) -> dict[str, str]:
        """The inputs that were given, by the option's name, as they are printed."""
        given = {item.name.replace("_", "-"): getattr(self, item.name) for item in fields(self)}
        return {name: f"{value.normalize():f}" for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the forecast; the dates are None where the inputs of a run end on different days."""

    number: int
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Injections expected in each month, and how many patients' injection had fallen due by the extract date."""

    name: str
    injections: tuple[int, ...]
    fell_due: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a number of injections takes: ampoules, hours of nurses, pounds; None where the inputs do not say."""

    injections: int
    ampoules: int
    hours: Decimal | None
    cost_of_ampoules: Decimal | None
    cost_of_hours: Decimal | None

    @property
    def cost(self) -> Decimal | None:
        """The sum of the costs that are known."""
        known = [cost for cost in (self.cost_of_ampoules, self.cost_of_hours) if cost is not None]
        return sum(known, Decimal()) if known else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The forecast of a run.

    patients = own_rhythm + without_rhythm; together with those left out they are all patients of the run.

    Attributes:
        own_rhythm: patients whose own median interval is known. without_rhythm: the others.
        neuro_unknown: patients among them whose neurological status is unknown.
        longest_months, shortest_months: what the standard allows without neurological involvement.
        ampoules_per_injection: for the dose and the ampoule of the standard.
    """

    months: tuple[Month, ...]
    scenarios: tuple[Scenario, ...]
    patients: int
    own_rhythm: int
    without_rhythm: int
    neuro_unknown: int
    left_out: dict[str, int]
    longest_months: int
    shortest_months: int
    ampoules_per_injection: int
    inputs: Inputs = Inputs()

    def amounts(self, injections: int) -> Amounts:
        """What so many injections take, by the inputs."""
        ampoules, inputs = injections * self.ampoules_per_injection, self.inputs
        minutes, per_ampoule, per_hour = inputs.minutes_per_injection, inputs.cost_per_ampoule, inputs.cost_per_hour
        hours = None if minutes is None else injections * minutes / _MINUTES_OF_HOUR
        return Amounts(
            injections=injections,
            ampoules=ampoules,
            hours=hours,
            cost_of_ampoules=None if per_ampoule is None else ampoules * per_ampoule,
            cost_of_hours=None if per_hour is None or hours is None else hours * per_hour,
        )


def forecast(cohorts: Sequence[Cohort], inputs: Inputs) -> Forecast:
    """The forecast over the inputs of a run, each from the day after its own extract date.

    Args:
        cohorts: at least one.
        inputs: what an injection takes in this practice.

    Raises:
        AssertionError: a patient is neither in the forecast nor counted with a reason.
    """
    parts = [_Part.of(cohort) for cohort in cohorts]
    left_out = sum((part.left_out for part in parts), Counter[str]())
    patients, own = sum(part.size for part in parts), sum(int(part.has_own.sum()) for part in parts)
    if patients + left_out.total() != sum(cohort.size for cohort in cohorts):
        raise AssertionError("patients are not conserved in the forecast")
    standard = cohorts[0].standard
    longest = standard.number("maintenance.standard_months")
    dose, ampoule = standard.number("dose.micrograms"), standard.number("forecast.ampoule_micrograms")
    return Forecast(
        months=_months([cohort.window.extract for cohort in cohorts]),
        scenarios=tuple(_scenario(name, parts) for name in SCENARIOS),
        patients=patients,
        own_rhythm=own,
        without_rhythm=patients - own,
        neuro_unknown=sum(part.neuro_unknown for part in parts),
        left_out={reason: left_out[reason] for reason in (*NOT_IN_RECALL, UNREADABLE) if left_out[reason]},
        longest_months=longest,
        shortest_months=min(standard.number("forecast.shortest_months"), longest),
        ampoules_per_injection=-(-dose // ampoule),
        inputs=inputs.checked(),
    )


def _months(extract_days: Sequence[int]) -> tuple[Month, ...]:
    """Month 1 begins on the day after the extract date; each ends a calendar month after the one before."""
    numbers = range(1, MONTHS + 1)
    if len(set(extract_days)) > 1:
        return tuple(Month(number, None, None) for number in numbers)
    ends = [to_date(add_months_to(extract_days[0], number)) for number in range(MONTHS + 1)]
    return tuple(Month(number, ends[number - 1] + timedelta(days=1), ends[number]) for number in numbers)


@dataclass(frozen=True, slots=True)
class _Part:
    """One input's patients of the forecast, in columns.

    Attributes:
        extract: X. last: day of the last injection. cover: injections that it supplied.
        longest, other: the two readings of the open interval. short: months of the shortest interval where the
            standard names a range, 0 where it names one length.
        own: own days from one injection to the next, where `has_own`.
    """

    extract: int
    last: Days
    cover: Counts
    longest: Schedule
    other: Schedule
    short: Counts
    own: npt.NDArray[np.float64]
    has_own: Mask
    neuro_unknown: int
    left_out: Counter[str]

    @property
    def size(self) -> int:
        """Patients in the forecast."""
        return len(self.last)

    @classmethod
    def of(cls, cohort: Cohort) -> _Part:
        """The part of one input."""
        who, intervals = standing(cohort), cohort.intervals
        at = open_intervals(cohort, who.dated)
        patient = intervals.patient[at]
        median = _own_rhythm(cohort)[patient]
        ranged = ~(intervals.neuro_yes[at] | cohort.people.dietary[patient])
        left_out = Counter({reason: int(mask.sum()) for reason, mask in who.left_out.items()})
        left_out[UNREADABLE] = int((who.listed & ~who.dated).sum())
        return cls(
            extract=cohort.window.extract,
            last=intervals.start[at],
            cover=np.where(intervals.issues_only[at], 1, intervals.shown.cover[at]),
            longest=intervals.shown.only(at),
            other=intervals.other.only(at),
            short=np.where(ranged, cohort.number("forecast.shortest_months"), 0),
            own=np.nan_to_num(median),
            has_own=~np.isnan(median),
            neuro_unknown=int(intervals.neuro_unknown[at].sum()),
            left_out=left_out,
        )


def _own_rhythm(cohort: Cohort) -> npt.NDArray[np.float64]:
    """Median days from one injection to the next, one entry a patient; NaN where no interval tells."""
    intervals = cohort.intervals
    chosen = closed_in_period(cohort) & ~intervals.issues_only
    days = (intervals.end - intervals.start)[chosen] / intervals.shown.cover[chosen]
    patient, median = medians(intervals.patient[chosen], days)
    rhythm = np.full(cohort.size, np.nan)
    # no patient is injected more than once a day
    rhythm[patient] = np.maximum(median, 1)
    return rhythm


def _scenario(name: str, parts: Sequence[_Part]) -> Scenario:
    counts = np.zeros(MONTHS, dtype=np.int64)
    fell_due = 0
    for part in parts:
        step = _STEPS[name](part)
        fell_due += int((step(part.last, part.cover) <= part.extract).sum())
        counts += monthly(part.extract, part.last, part.cover, step)
    return Scenario(name, tuple(counts.tolist()), fell_due)


def monthly(extract: int, last: Days, cover: Counts, step: Step) -> Counts:
    """Injections expected in each of the months after the extract date.

    Args:
        extract: last day of the record; month 1 begins on the next.
        last: day of each patient's last injection.
        cover: how many intervals it supplied; those that have passed by the extract date are taken as given.
        step: the day that lies so many intervals after an anchor; later for more intervals.
    """
    overdue = step(last, cover) <= extract
    anchor = np.where(overdue, extract + 1, last)
    number = np.where(overdue, 0, 1)
    while (passed := step(anchor, number) <= extract).any():
        number = number + passed
    ends = add_months(np.full(MONTHS, extract), np.arange(1, MONTHS + 1))
    counts = np.zeros(MONTHS, dtype=np.int64)
    while (inside := (day := step(anchor, number)) <= ends[-1]).any():
        counts += np.bincount(np.searchsorted(ends, day[inside]), minlength=MONTHS)
        number = number + 1
    return counts


def _by(schedule: Schedule) -> Step:
    """Steps of a schedule of the standard: calendar months, or weeks where a local rule counts in them."""

    def step(anchor: Days, number: Counts) -> Days:
        return due_days(anchor, schedule.months, number, schedule.weeks)

    return step


def _as_now(part: _Part) -> Step:
    by_standard = _by(part.longest)

    def step(anchor: Days, number: Counts) -> Days:
        by_own = anchor + np.floor(part.own * number).astype(np.int64)
        return np.where(part.has_own, by_own, by_standard(anchor, number))

    return step


def _at_longest(part: _Part) -> Step:
    return _by(part.longest)


def _at_shortest(part: _Part) -> Step:
    """The earliest of all that the standard allows: never later than the longest, whatever a local standard says."""
    longest, other = _by(part.longest), _by(part.other)

    def step(anchor: Days, number: Counts) -> Days:
        allowed = np.minimum(longest(anchor, number), other(anchor, number))
        return np.where(part.short > 0, np.minimum(allowed, add_months(anchor, part.short * number)), allowed)

    return step


_STEPS: Final = {"as_now": _as_now, "longest": _at_longest, "shortest": _at_shortest}


def as_summary(found: Forecast) -> dict[str, object]:
    """The forecast's numbers for summary.json; what the inputs do not say is null."""
    return {
        "patients": found.patients,
        "own_rhythm": found.own_rhythm,
        "without_rhythm": found.without_rhythm,
        "neurological_involvement_unknown": found.neuro_unknown,
        "ampoules_per_injection": found.ampoules_per_injection,
        "inputs": {item.name: _number(getattr(found.inputs, item.name)) for item in fields(Inputs)},
        "months": [{"month": month.number, "from": _iso(month.start), "to": _iso(month.end)} for month in found.months],
        "scenarios": [_scenario_summary(scenario, found) for scenario in found.scenarios],
        "not_in_forecast": dict(found.left_out),
    }


def _scenario_summary(scenario: Scenario, found: Forecast) -> dict[str, object]:
    each = [found.amounts(number) for number in scenario.injections]
    return {
        "scenario": scenario.name,
        "fell_due": scenario.fell_due,
        **{name: [_value(getattr(amounts, name)) for amounts in each] for name in _AMOUNTS},
        "total": {name: _value(getattr(found.amounts(sum(scenario.injections)), name)) for name in _AMOUNTS},
    }


_AMOUNTS: Final = ("injections", "ampoules", "hours", "cost_of_ampoules", "cost_of_hours", "cost")


def _value(amount: int | Decimal | None) -> int | float | None:
    return amount if isinstance(amount, int) else _number(amount)


def _number(amount: Decimal | None) -> float | None:
    """A sum of pounds or hours to the second place."""
    return None if amount is None else float(round(amount, 2))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
