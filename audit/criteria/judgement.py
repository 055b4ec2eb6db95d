"""What a criterion answers about every patient: boolean columns and evidence, before anyone decides an outcome."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Counts, Days, Mask

#: a count or a number of days that is not there
BLANK = -(2**31)


def far(size: int) -> Days:
    """No day, for everyone."""
    return np.full(size, FAR_FUTURE, dtype=np.int64)


def nobody(size: int) -> Mask:
    """False for everyone."""
    return np.zeros(size, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The dates and counts behind a verdict; FAR_PAST or FAR_FUTURE is a blank date, BLANK a blank number."""

    start: Days
    due: Days
    limit: Days
    to: Days
    days: Counts
    met: Counts
    judged: Counts

    @classmethod
    def window(cls, start: Days, limit: Days, to: Days, due: Days | None = None) -> Evidence:
        """Evidence of a window criterion: `to` is the first event that meets it."""
        blank = np.full(start.shape, BLANK, dtype=np.int64)
        return cls(start, far(len(start)) if due is None else due, limit, to, blank, blank, blank)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A criterion's answer on the whole cohort; masks need not be disjoint: results/judge.py asks them in order.

    Attributes:
        outside: not in the population for a reason of this criterion's own (NOT_IN_POPULATION).
        no_interval: the interval its population asks for is lacking (NO_INTERVAL_IN_PERIOD).
        not_assessable: masks by reason, in the order in which they are asked.
        pending: the window is still open.
        met: met; everybody else is not.
        graced: met only thanks to the grace; None where the criterion has none.
        excepted: masks by reason, in order, of those who are not met with a recorded reason.
        not_met: masks by reason, in order, of those who are not met without one.
        evidence: None where the criterion shows none.
    """

    met: Mask
    outside: Mask | None = None
    no_interval: Mask | None = None
    not_assessable: dict[str, Mask] = field(default_factory=dict)
    pending: Mask | None = None
    graced: Mask | None = None
    excepted: dict[str, Mask] = field(default_factory=dict)
    not_met: dict[str, Mask] = field(default_factory=dict)
    evidence: Evidence | None = None


def nearest(values: npt.NDArray[np.int64], day: Days, missing: int) -> Days:
    """`values`, or `missing` where `day` is no day."""
    known = (day > FAR_PAST) & (day < FAR_FUTURE)
    return np.where(known, values, missing)
