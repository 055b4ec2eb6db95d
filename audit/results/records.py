"""Rows of the result's tables as plain values, for whoever speaks of one patient at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeVar

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of verdicts; blank text is "", any other blank None."""

    patient_id: str
    practice_id: str
    criterion: str
    outcome: str
    reason: str
    within_grace: bool | None
    basis: str
    from_date: date | None
    due_date: date | None
    limit_date: date | None
    to_date: date | None
    days: int | None
    intervals_met: int | None
    intervals_judged: int | None

    @property
    def key(self) -> tuple[str, str]:
        """The patient: practice, then reference."""
        return self.practice_id, self.patient_id


@dataclass(frozen=True, slots=True)
class Person:
    """What a sentence needs of the patient's row."""

    patient_id: str
    practice_id: str
    neurological_involvement: str
    cause: str
    basis: str
    first_dose: date | None
    last_dose: date | None
    observed_to: date | None
    in_cohort: bool

    @property
    def key(self) -> tuple[str, str]:
        """The patient: practice, then reference."""
        return self.practice_id, self.patient_id


@dataclass(frozen=True, slots=True)
class Interval:
    """What a sentence needs of the interval that decided; `months` is 2, 3, 6, `2 or 3` or `2 or 6`."""

    patient_id: str
    practice_id: str
    from_date: date | None
    months: str
    neurological: str


@dataclass(frozen=True, slots=True)
class Event:
    """One mark of a timeline."""

    patient_id: str
    practice_id: str
    date: date
    kind: str
    units: int | None

    @property
    def key(self) -> tuple[str, str]:
        """The patient: practice, then reference."""
        return self.practice_id, self.patient_id


@dataclass(frozen=True, slots=True)
class Due:
    """One row of the recall list; `days_late` is None unless the limit has passed."""

    patient_id: str
    practice_id: str
    state: str
    week: str
    week_from: date | None
    last_injection: date | None
    months: str
    earlier_due_date: date | None
    due_date: date | None
    limit_date: date | None
    days_late: int | None
    neurological: str
    basis: str
    reason: str


Row = TypeVar("Row", Verdict, Person, Interval, Event, Due)


def records(table: pd.DataFrame, kind: Callable[..., Row]) -> list[Row]:
    """The table's rows as objects of `kind`, in its order; KeyError when a column is lacking."""
    columns = [plain(table[item.name]) for item in fields(kind)]  # type: ignore[arg-type]
    return [kind(*row) for row in zip(*columns, strict=True)]


def plain(column: pd.Series) -> list[Any]:
    """The column's values as plain Python ones: dates without time, None where missing."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        days: list[Any] = column.to_numpy().astype("datetime64[D]").tolist()
        return days
    missing = column.isna().to_numpy()
    values = np.array(column.astype(object), dtype=object)
    values[missing] = None
    return list(values.tolist())
