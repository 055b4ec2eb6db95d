"""One primitive for nearly every question: the first, the last, the number of events in a window of each patient.

Events are kept as sorted 64-bit keys, patient in the high half and day in the low, so that both ends of a
window are one `searchsorted`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Days, Mask

#: keeps the low half of a key positive for every day between FAR_PAST and FAR_FUTURE
_OFFSET = 1 << 30
_LOW = (1 << 32) - 1

Window = int | Days


def pack(patient: npt.NDArray[np.integer], day: Window) -> Days:
    """Sortable keys of (patient, day)."""
    keys: Days = (patient.astype(np.int64, copy=False) << 32) | (np.asarray(day, dtype=np.int64) + _OFFSET)
    return keys


def patient_of(keys: Days) -> Days:
    """The patient of each key."""
    return keys >> 32


def day_of(keys: Days) -> Days:
    """The day of each key."""
    return (keys & _LOW) - _OFFSET


def distinct(keys: Days) -> Days:
    """Sorted keys without repeats; on sorted keys several times faster than `np.unique`."""
    fresh = np.ones(keys.shape, dtype=np.bool_)
    fresh[1:] = keys[1:] != keys[:-1]
    return keys[fresh]


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one kind, several a day counted each.

    Windows [lo, hi] are inclusive and given per patient (shape `patients`), or per row of `patient` when that is
    passed, so that intervals can ask too.
    """

    keys: Days
    everyone: Days

    @classmethod
    def of(cls, patient: npt.NDArray[np.integer], day: Days, patients: int) -> Events:
        """Events from unsorted columns."""
        return cls(np.sort(pack(patient, day)), np.arange(patients, dtype=np.int64))

    def bounds(self, lo: Window, hi: Window, patient: Days | None = None) -> tuple[Days, Days]:
        """Half-open positions [begin, end) of the window's events in `keys`; end is never below begin."""
        who = self.everyone if patient is None else patient
        begin = np.searchsorted(self.keys, pack(who, lo), side="left")
        end = np.searchsorted(self.keys, pack(who, hi), side="right")
        return begin, np.maximum(begin, end)

    def count(self, lo: Window, hi: Window, patient: Days | None = None) -> Days:
        """Number of events in the window."""
        begin, end = self.bounds(lo, hi, patient)
        return end - begin

    def any(self, lo: Window, hi: Window, patient: Days | None = None) -> Mask:
        """Whether the window holds an event."""
        return self.count(lo, hi, patient) > 0

    def first(self, lo: Window, hi: Window, patient: Days | None = None) -> Days:
        """Day of the window's first event; FAR_FUTURE when it has none."""
        begin, end = self.bounds(lo, hi, patient)
        return self.day_at(begin, end > begin, FAR_FUTURE)

    def last(self, lo: Window, hi: Window, patient: Days | None = None) -> Days:
        """Day of the window's last event; FAR_PAST when it has none."""
        begin, end = self.bounds(lo, hi, patient)
        return self.day_at(end - 1, end > begin, FAR_PAST)

    def day_at(self, position: Days, exists: Mask, missing: int) -> Days:
        """Day of the event at each position; `missing` where none exists."""
        found = np.full(position.shape, missing, dtype=np.int64)
        at = np.flatnonzero(exists)
        found[at] = day_of(self.keys[position[at]])
        return found
