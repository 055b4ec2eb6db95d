"""Exact counts of each practice, from the tables of its run: what never leaves without disclosure control.

Columns and group sums only. Nothing here may reach a renderer; `audit/results/pack.py` takes it from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from audit.results.disclosure import PARTS
from audit.results.patterns import CLASSES

if TYPE_CHECKING:
    import pandas as pd

Counts = npt.NDArray[np.int64]

#: The field that a reason of "cannot tell" misses. A reason that is not here misses no one field.
FIELD_OF: Final[Mapping[str, str]] = {
    "NEURO_UNKNOWN": "neurological_involvement",
    "CAUSE_UNKNOWN": "cause",
    "DIRECTIONS_MISSING": "directions",
    "DIRECTIONS_UNREAD": "directions",
    "DOSE_MISSING": "dose",
    "ROUTE_MISSING": "route",
    "ISSUES_ONLY": "event",
    "START_NOT_OBSERVED": "start of treatment",
    "NO_TESTS_DATA": "tests",
    "UNREADABLE_TEST": "tests",
    "NO_REVIEW_DATA": "reviews",
    "NO_REVIEW_RECORDED": "reviews",
    "UNREADABLE_ROW": "readable treatment rows",
}
FIELDS: Final = tuple(dict.fromkeys(FIELD_OF.values()))


@dataclass(frozen=True, slots=True)
class PackCounts:
    """Exact counts, practice by practice; all arrays have one row (or entry) per practice.

    Attributes:
        practices: their names, in order. partial: whether something was missing from their runs.
        criteria: codes, in order.
        rows: practices x criteria x PARTS.
        classes: practices x CLASSES, patients by the median of their closed maintenance intervals.
        missing: practices x FIELDS, patients for whom that field left an answer open.
        patients: those not excluded.
        injections: that ended an interval in the period. injected: patients who had them.
    """

    practices: tuple[str, ...]
    partial: tuple[bool, ...]
    criteria: tuple[str, ...]
    rows: Counts
    classes: Counts
    missing: Counts
    patients: Counts
    injections: Counts
    injected: Counts


def count_run(
    verdicts: pd.DataFrame,
    intervals: pd.DataFrame,
    period: tuple[date, date],
    numbers: Mapping[str, float],
    partial: bool = False,
) -> PackCounts:
    """The counts of every practice in one run's tables.

    Args:
        verdicts: one row per patient and criterion (see `audit.intake.run_folder`).
        intervals: one row per interval.
        period: first and last day.
        numbers: of the standard, by key.
        partial: of the run.
    """
    practices = sorted(map(str, verdicts["practice_id"].unique()))
    criteria = sorted(map(str, verdicts["criterion"].unique()))
    at = _places(verdicts["practice_id"], practices)
    closed = _closed(intervals, period)
    where = _places(closed["practice_id"], practices)
    return PackCounts(
        practices=tuple(practices),
        partial=(partial,) * len(practices),
        criteria=tuple(criteria),
        rows=_rows(verdicts, at, (practices, criteria)),
        classes=_classes(closed, practices, numbers),
        missing=_missing(verdicts, at, len(practices)),
        patients=_people(verdicts[(verdicts["outcome"] != "excluded").to_numpy()], practices),
        injections=np.bincount(where, minlength=len(practices)).astype(np.int64),
        injected=_people(closed, practices),
    )


def _places(column: pd.Series, known: Sequence[str]) -> npt.NDArray[np.int64]:
    """Positions of the column's words among those known; -1 for others."""
    import pandas as pd  # noqa: PLC0415 - heavy imports wait

    codes, words = pd.factorize(column)
    # a missing word has the code -1, which takes the last place: that of no word
    places = np.append(pd.Index(list(known), dtype="str").get_indexer(pd.Index(words).astype("str")), -1)
    return np.asarray(places[codes], dtype=np.int64)


def _rows(verdicts: pd.DataFrame, at: Counts, names: tuple[Sequence[str], Sequence[str]]) -> Counts:
    shape = (len(names[0]), len(names[1]), len(PARTS))
    part = _places(verdicts["outcome"], PARTS)
    cell = (at * shape[1] + _places(verdicts["criterion"], names[1])) * shape[2] + part
    return np.bincount(cell[part >= 0], minlength=int(np.prod(shape))).reshape(shape).astype(np.int64)


def _open(verdicts: pd.DataFrame) -> tuple[npt.NDArray[np.bool_], Counts]:
    """Which verdicts one missing field left open, and each one's place in FIELDS."""
    field = _places(verdicts["reason"].astype(str).map(FIELD_OF).fillna(""), FIELDS)
    return np.asarray((verdicts["outcome"] == "not_assessable").to_numpy() & (field >= 0)), field


def _missing(verdicts: pd.DataFrame, at: Counts, practices: int) -> Counts:
    """Patients by field; each counts once for a field, however many answers it leaves open."""
    import pandas as pd  # noqa: PLC0415 - heavy imports wait

    chosen, field = _open(verdicts)
    once = pd.DataFrame({"at": at, "patient": verdicts["patient_id"], "field": field})[chosen].drop_duplicates()
    cell = once["at"].to_numpy() * len(FIELDS) + once["field"].to_numpy()
    return np.bincount(cell, minlength=practices * len(FIELDS)).reshape(practices, -1).astype(np.int64)


def _closed(intervals: pd.DataFrame, period: tuple[date, date]) -> pd.DataFrame:
    """Intervals that an injection of the period ended."""
    import pandas as pd  # noqa: PLC0415 - heavy imports wait

    first, last = (pd.Timestamp(day) for day in period)
    return intervals[intervals["to_date"].between(first, last).to_numpy()]


def _classes(closed: pd.DataFrame, practices: Sequence[str], numbers: Mapping[str, float]) -> Counts:
    maintenance = closed[(closed["kind"] == "maintenance").to_numpy()]
    median = maintenance.groupby(["practice_id", "patient_id"], observed=True)["days"].median()
    edges = [
        numbers["pattern.two_monthly_from_days"],
        numbers["pattern.three_monthly_from_days"],
        # the longest class begins past its day, half days included
        np.nextafter(numbers["pattern.three_monthly_to_days"], np.inf),
    ]
    at = _places(median.index.get_level_values(0).to_series(), practices)
    cell = at * len(CLASSES) + np.digitize(median.to_numpy(dtype=np.float64), edges)
    return np.bincount(cell, minlength=len(practices) * len(CLASSES)).reshape(-1, len(CLASSES)).astype(np.int64)


def _people(table: pd.DataFrame, practices: Sequence[str]) -> Counts:
    """Different patients by practice."""
    once = table[["practice_id", "patient_id"]].drop_duplicates()
    return np.bincount(_places(once["practice_id"], practices), minlength=len(practices)).astype(np.int64)


def together(parts: Sequence[PackCounts]) -> PackCounts:
    """The counts of several runs as one, by practice; every part has the same criteria, no practice stands in two."""
    practices = [name for part in parts for name in part.practices]
    order = np.argsort(np.array(practices), kind="stable")
    partial = [flag for part in parts for flag in part.partial]
    return PackCounts(
        practices=tuple(practices[at] for at in order),
        partial=tuple(partial[at] for at in order),
        criteria=parts[0].criteria,
        rows=np.concatenate([part.rows for part in parts])[order],
        classes=np.concatenate([part.classes for part in parts])[order],
        missing=np.concatenate([part.missing for part in parts])[order],
        patients=np.concatenate([part.patients for part in parts])[order],
        injections=np.concatenate([part.injections for part in parts])[order],
        injected=np.concatenate([part.injected for part in parts])[order],
    )
