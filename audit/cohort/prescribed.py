"""The interval a patient's latest directions allow (STANDARD section 4, what was prescribed)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Counts, Days, Mask, add_months
from audit.cohort.events import Events
from audit.cohort.people import Codes, People, codes
from audit.cohort.rows import TreatmentRows, marked
from schemas.vocabulary import DIRECTIONS_STATUS, INTERVAL_UNIT

_DAYS, _WEEKS, _MONTHS = (INTERVAL_UNIT.index(unit) for unit in ("days", "weeks", "months"))
#: days of a week: a fact of the calendar, not of care
_WEEK = 7
#: of the canonical Treatments, those that say what the directions are
_COLUMNS = ["directions_status", "interval_unit", "interval_high"]


@dataclass(frozen=True, slots=True)
class Prescribed:
    """The latest injection rows, several of one day, and their directions.

    Attributes:
        any: patients with such a row. missing: one of them has no directions; unread: one cannot be read.
        patient, high, unit: per row that was read, the longest interval it allows.
    """

    any: Mask
    missing: Mask
    unread: Mask
    patient: Days
    high: Counts
    unit: Codes

    def at_most(self, days: int, weeks: int, months: int) -> Mask:
        """Patients none of whose rows allows a longer interval than this, each in its own unit."""
        limit = np.select([self.unit == _DAYS, self.unit == _WEEKS], [days, weeks], months)
        return ~marked(self.patient[self.high > limit], len(self.any))

    def longest_days(self, start: Days) -> Counts:
        """The longest allowed interval in days, months counted from `start` (one day a patient)."""
        begin = start[self.patient]
        by_month = add_months(begin, np.where(self.unit == _MONTHS, self.high, 0)) - begin
        days = np.select([self.unit == _DAYS, self.unit == _WEEKS], [self.high, self.high * _WEEK], by_month)
        longest = np.zeros(len(self.any), dtype=np.int64)
        np.maximum.at(longest, self.patient, days)
        return longest


def build_prescribed(
    rows: TreatmentRows, table: pd.DataFrame, people: People, since: int, until: int
) -> Prescribed:
    """From the latest injection row in [since, until]: of the issued rows when there are any, else of the given."""
    recent = rows.only(rows.injection & (rows.day >= since) & (rows.day <= until))
    issued = marked(recent.patient[recent.issued], people.size)
    eligible = recent.only(np.where(issued[recent.patient], recent.issued, recent.given))
    latest = Events.of(eligible.patient, eligible.day, people.size).last(FAR_PAST, FAR_FUTURE)
    chosen = eligible.day == latest[eligible.patient]
    return _read(eligible.patient[chosen], table[_COLUMNS].iloc[eligible.at[chosen]], people.size)


def _read(patient: Days, rows: pd.DataFrame, size: int) -> Prescribed:
    status, unit = codes(rows["directions_status"]), codes(rows["interval_unit"])
    high: npt.NDArray[np.float64] = rows["interval_high"].to_numpy(dtype="float64")
    read = status == DIRECTIONS_STATUS.index("read")
    return Prescribed(
        any=marked(patient, size),
        missing=marked(patient[status == DIRECTIONS_STATUS.index("blank")], size),
        unread=marked(patient[status == DIRECTIONS_STATUS.index("unread")], size),
        patient=patient[read],
        high=high[read].astype(np.int64),
        unit=unit[read],
    )
