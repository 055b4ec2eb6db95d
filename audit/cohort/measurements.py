"""Test results as windows can ask for them, and the haemoglobin values in one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.cohort.calendar import FAR_FUTURE, Days, Mask, days_of
from audit.cohort.events import Events, Window, pack
from audit.cohort.people import People, codes
from audit.cohort.rows import unreadable_patients, used_rows
from audit.standards.standard import Standard
from schemas.vocabulary import TEST

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Haemoglobin:
    """Numeric haemoglobin values in g/L, by patient and day; of one day the lowest stands last."""

    events: Events
    values: Floats

    def latest(self, lo: Window, hi: Window) -> Floats:
        """The lowest value of the window's latest day; NaN where the window holds none."""
        begin, end = self.events.bounds(lo, hi)
        found = np.full(begin.shape, np.nan)
        found[end > begin] = self.values[end[end > begin] - 1]
        return found


@dataclass(frozen=True, slots=True)
class Measurements:
    """Tests within each patient's window.

    Attributes:
        done: by test, every test, with or without a value. results: those with a value.
        unreadable: patients with a test row that has no date or no name.
    """

    done: Mapping[str, Events]
    results: Mapping[str, Events]
    haemoglobin: Haemoglobin
    unreadable: Mask


def build_measurements(table: pd.DataFrame, people: People, standard: Standard) -> Measurements:
    """The canonical Tests table as events."""
    _, kept = used_rows(table, ["patient", "date", "test", "has_value", "value"])
    patient, day = kept["patient"].to_numpy(dtype=np.int64), days_of(kept["date"], FAR_FUTURE)
    inside = day <= people.w1[patient]
    test, has_value = codes(kept["test"]), kept["has_value"].to_numpy(dtype=np.bool_)

    def events(name: str, among: Mask) -> Events:
        chosen = among & (test == TEST.index(name))
        return Events.of(patient[chosen], day[chosen], people.size)

    numeric = inside & (test == TEST.index("haemoglobin")) & kept["value"].notna().to_numpy()
    values = kept["value"].to_numpy(dtype="float64")[numeric]
    return Measurements(
        done={name: events(name, inside) for name in TEST},
        results={name: events(name, inside & has_value) for name in TEST},
        haemoglobin=_haemoglobin(patient[numeric], day[numeric], values, people.size, standard),
        unreadable=unreadable_patients(table, people.size),
    )


def _haemoglobin(patient: Days, day: Days, values: Floats, size: int, standard: Standard) -> Haemoglobin:
    """g/L; small numbers are g/dL whatever the unit says."""
    per_decilitre = values <= standard.number("haemoglobin.g_dl_most")
    values = np.where(per_decilitre, values * standard.number("haemoglobin.per_dl"), values)
    keys = pack(patient, day)
    order = np.lexsort((-values, keys))
    return Haemoglobin(Events(keys[order], np.arange(size, dtype=np.int64)), values[order])
