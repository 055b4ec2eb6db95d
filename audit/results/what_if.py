"""The extract as it would be with other cells: asked by the fix list, and by whoever asks "what if".

Nothing here judges. A changed extract is judged like any other, and as no patient's verdicts depend on another
patient, one judging answers a question for everybody at once. `copies` goes one step further: it gives each
question a patient of its own, so that many different questions are answered by one judging.

Values are those of the canonical tables: a word of the field's list, a date, a number; for directions the longest
interval, as its number and unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.cohort.calendar import Days, Mask
from audit.cohort.people import Codes, codes
from audit.intake.extract import Extract
from audit.intake.patient_fields import DEFAULTS
from audit.intake.tables import categorical
from audit.intake.values import QUANTITIES
from schemas.vocabulary import B12_SUBSTANCES, INPUT_COLUMNS, INTERVAL_UNIT, SET_ASIDE

Value = str | int | float | date | tuple[int, str] | npt.NDArray[Any] | None
Which = Mask | Days | Sequence[int]

PATIENT_FIELDS: Final = INPUT_COLUMNS["Patients"][2:]
#: cells of the canonical tables that may be changed, and the input column in which each stands
CELLS: Final = {
    "Treatments": {
        "date": "date",
        "substance": "drug",
        "event": "event",
        "route": "route",
        "dose_micrograms": "dose",
        "quantity": "quantity",
        "directions": "directions",
    },
    "Tests": {"date": "date", "test": "test"},
}
#: the name of a test that this audit does not use
OTHER_TEST: Final = "other"
_USED, _UNREADABLE, _NOT_B12, _DUPLICATE = (
    SET_ASIDE.index(word) for word in ("", "unreadable", "not_b12", "duplicate")
)
#: what two rows of a patient share when one repeats the other
_REPEATED: Final = ["patient", *(name for name in CELLS["Treatments"])]


def with_field(extract: Extract, patients: Which, field: str, value: Value) -> Extract:
    """The extract with another value in one field of some patients.

    Args:
        extract: it stays as it is.
        patients: a mask over the patients, or row numbers of them.
        field: one of PATIENT_FIELDS.
        value: a word, a date, a year; None for blank; or an array of them, one for each patient.

    Raises:
        ValueError: there is no such field, or the field cannot hold the value.
    """
    if field not in PATIENT_FIELDS:
        raise ValueError(f"{field} is not a field of a patient: {', '.join(PATIENT_FIELDS)}")
    table = extract.patients.copy(deep=False)
    table[field] = _replaced(table[field], patients, DEFAULTS.get(field) if value is None else value)
    return replace(extract, patients=table)


def with_cell(extract: Extract, table: str, rows: Which, field: str, value: Value) -> Extract:
    """The extract with another value in one column of some rows of Treatments or Tests.

    A row that was set aside because this cell could not be read is used from then on, unless it lacks something
    else. A row set aside because it repeats one of the changed rows repeats it no longer, and counts as that row did.

    Args:
        extract: it stays as it is.
        table: Treatments or Tests.
        rows: a mask over the rows of the canonical table, or positions in it.
        field: one of CELLS of the table.
        value: a value, or an array of them, one for each row (of objects for words and tuples). A tuple such as
            (3, "months") is an interval of directions; OTHER_TEST a test that is not used.

    Raises:
        ValueError: there is no such table or field, or the field cannot hold the value.
    """
    if field not in CELLS.get(table, ()):
        raise ValueError(f"{table} has no cell {field} that can be changed")
    at = _positions(rows)
    if table == "Tests":
        return replace(extract, tests=_with_test(extract.tests, at, field, value))
    changed = _with_treatment(extract.treatments, at, field, value)
    aside = _set_aside(changed, at, _unrepeated(extract.treatments, at))
    changed["set_aside"] = categorical(aside, SET_ASIDE)
    return replace(extract, treatments=changed)


def lacking(table: pd.DataFrame) -> dict[str, Mask]:
    """By field of the canonical Treatments, the rows that lack what every row must say."""
    unnamed = table["substance"].isna().to_numpy()
    b12 = table["substance"].isin(B12_SUBSTANCES).to_numpy()
    missing = {name: table[name].isna().to_numpy() for name in ("date", "event", "route")}
    return {**missing, "route": missing["route"] & b12, "substance": unnamed}


# ---------------------------------------------------------------------- changing a column


def _positions(which: Which) -> Days:
    found = np.asarray(which)
    return np.flatnonzero(found) if found.dtype == np.bool_ else found.astype(np.int64)


def _replaced(column: pd.Series, which: Which, value: Value) -> pd.Series:
    """The column with other values; ValueError when it cannot hold them."""
    at = _positions(which)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _with_word(column, at, value)
    out = column.copy()
    try:
        out.iloc[at] = pd.Timestamp(value).as_unit("s") if isinstance(value, date) else value
    except (TypeError, ValueError) as error:
        raise ValueError(f"{column.name} cannot be {value!r}") from error
    if out.dtype != column.dtype:
        raise ValueError(f"{column.name} cannot be {value!r}")
    return out


def _with_word(column: pd.Series, at: Days, word: Value) -> pd.Series:
    known = list(column.cat.categories)
    place_of = {**{name: place for place, name in enumerate(known)}, None: -1}
    typed = word.tolist() if isinstance(word, np.ndarray) else [word]
    if strange := [one for one in typed if one not in place_of]:
        raise ValueError(f"{column.name} cannot be {strange[0]!r}: {', '.join(known)}")
    places = codes(column).copy()
    places[at] = [place_of[one] for one in typed] if isinstance(word, np.ndarray) else place_of[typed[0]]
    return pd.Series(categorical(places, known), index=column.index)


def _with_treatment(table: pd.DataFrame, at: Days, field: str, value: Value) -> pd.DataFrame:
    out = table.copy(deep=False)
    if field == "directions":
        return _with_directions(out, at, value)
    if value is None:
        raise ValueError(f"{field} cannot be blank: what a blank stands for is read from the drug's name")
    if field == "quantity" and not np.isin(np.asarray(value), QUANTITIES).all():
        raise ValueError(f"quantity cannot be {value!r}: {QUANTITIES.start} to {QUANTITIES.stop - 1}")
    if field == "dose_micrograms" and not (np.asarray(value) > 0).all():
        raise ValueError(f"dose_micrograms cannot be {value!r}")
    out[field] = _replaced(out[field], at, value)
    if field == "route":
        out["route_assumed"] = _replaced(out["route_assumed"], at, False)
    return out


def _with_directions(table: pd.DataFrame, at: Days, interval: Value) -> pd.DataFrame:
    each: list[Any] = interval.tolist() if isinstance(interval, np.ndarray) else [interval] * len(at)
    for one in each:
        if not isinstance(one, tuple) or one[0] < 1 or one[1] not in INTERVAL_UNIT:
            raise ValueError(f"directions cannot be {one!r}: a whole number and {', '.join(INTERVAL_UNIT)}")
    values: dict[str, Value] = {
        "directions": np.array([f"every {high} {unit}" for high, unit in each], dtype=object),
        "directions_status": "read",
        "interval_high": np.array([high for high, _ in each], dtype=np.float64),
        "interval_unit": np.array([unit for _, unit in each], dtype=object),
    }
    for name, value in values.items():
        table[name] = _replaced(table[name], at, value)
    return table


def _with_test(table: pd.DataFrame, at: Days, field: str, value: Value) -> pd.DataFrame:
    """A test row is unreadable without a date, or without any name; a name of no use is a name."""
    out, aside = table.copy(deep=False), codes(table["set_aside"]).copy()
    dated = table["date"].notna().to_numpy()[at]
    unnamed = (aside[at] == _UNREADABLE) & dated
    out[field] = _replaced(out[field], at, _no_use(value) if field == "test" else value)
    ready = dated if field == "test" else ~unnamed
    aside[at] = np.where((aside[at] == _UNREADABLE) & ready, _USED, aside[at])
    out["set_aside"] = categorical(aside, SET_ASIDE)
    return out


def _no_use(test: Value) -> Value:
    """The name of a test that is not used stands as a blank."""
    if isinstance(test, np.ndarray):
        return np.array([None if one == OTHER_TEST else one for one in test.tolist()], dtype=object)
    return None if test == OTHER_TEST else test


# ---------------------------------------------------------------------- what is set aside then


def _set_aside(table: pd.DataFrame, at: Days, aside: Codes) -> Codes:
    """Why rows of the changed table are not used; rows that were set aside for good stay so."""
    rows = table.iloc[at]
    unreadable = np.logical_or.reduce(list(lacking(rows).values()))
    other = (rows["substance"] == "other").to_numpy()
    anew = np.where(other, _NOT_B12, np.where(unreadable, _UNREADABLE, _USED))
    aside[at] = np.where(np.isin(aside[at], (_USED, _UNREADABLE, _DUPLICATE)), anew, aside[at])
    return aside


def _unrepeated(table: pd.DataFrame, at: Days) -> Codes:
    """Why rows are not used once the rows `at` have changed and those that repeat them have not.

    What repeats one of them is found by what both say. Where that also fits a row with the same meaning in other
    words nothing is lost: a repeated row changes no verdict.
    """
    aside = codes(table["set_aside"]).copy()
    repeats = np.setdiff1d(np.flatnonzero(aside == _DUPLICATE), at)
    owner = table["patient"].to_numpy()
    repeats = repeats[np.isin(owner[repeats], owner[at])]
    if not len(repeats):
        return aside
    both = np.concatenate([at, repeats])
    group = table.iloc[both].groupby(_REPEATED, dropna=False, observed=True, sort=False).ngroup().to_numpy()
    before = dict(zip(group[: len(at)].tolist(), aside[at].tolist(), strict=True))
    found = group[len(at) :].tolist()
    aside[repeats] = [before.get(key, _DUPLICATE) for key in found]
    return aside


# ---------------------------------------------------------------------- one patient a question


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies of patients, each a patient of its own with rows of its own.

    Attributes:
        extract: the copies; patient number k of it is the k-th copy.
        moved: by table (Treatments, Tests), for each copy how far its rows stand from those of the original,
            once the original's rows are counted patient by patient.
        place: by table, the place of each original row in that count.
    """

    extract: Extract
    moved: dict[str, Days]
    place: dict[str, Days]

    def row(self, table: str, copy: Days, position: Days) -> Days:
        """Positions in the copies' table of the rows that stand at `position` in the original's."""
        return self.place[table][position] + self.moved[table][copy]


def copies(extract: Extract, patients: Days) -> Copies:
    """A copy of a patient for each number in `patients`, which may name one many times."""
    people = extract.patients.iloc[patients].reset_index(drop=True)
    tables = {"Treatments": extract.treatments, "Tests": extract.tests, "Reviews": extract.reviews}
    copied = {name: _copied(table, patients, len(extract.patients)) for name, table in tables.items()}
    treatments, tests, reviews = (rows for rows, _, _ in copied.values())
    return Copies(
        replace(extract, patients=people, treatments=treatments, tests=tests, reviews=reviews),
        moved={name: moved for name, (_, moved, _) in copied.items()},
        place={name: place for name, (_, _, place) in copied.items()},
    )


def _copied(table: pd.DataFrame, patients: Days, size: int) -> tuple[pd.DataFrame, Days, Days]:
    owner = table["patient"].to_numpy(dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    begin = np.searchsorted(owner[order], np.arange(size))
    count = np.bincount(owner[owner >= 0], minlength=size)[patients]
    copy = np.repeat(np.arange(len(patients)), count)
    moved = np.cumsum(count) - count - begin[patients]
    rows = table.iloc[order[np.arange(len(copy)) - moved[copy]]].reset_index(drop=True)
    rows["patient"] = copy.astype(np.int32)
    place = np.empty(len(owner), dtype=np.int64)
    place[order] = np.arange(len(owner))
    return rows, moved, place
