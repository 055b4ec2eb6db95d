"""A synthetic nation of any size as canonical Parquet, made by numpy in seconds, the same on every run.

    python -m benchmarks.nation PATIENTS FOLDER

writes FOLDER/Patients, FOLDER/Treatments, FOLDER/Tests and FOLDER/Reviews, a file a million rows; twenty treatment
rows a patient, those of a patient scattered over all files, as an export by date has them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

ROWS_A_PATIENT: Final = 20
ROWS_A_FILE: Final = 1_000_000
PATIENTS_A_PRACTICE: Final = 9_000
#: days from 1970: history from 2019-01-01, extract on 2026-03-31
HISTORY, EXTRACT = 17_897, 20_543
_LOADING: Final = np.array([0, 2, 4, 7, 9, 11])
_STEPS: Final = np.array([56, 77, 84, 84, 91, 112])
_SLIPS: Final = np.array([-7, 0, 0, 3, 7, 21])
_DRUGS: Final = ("Hydroxocobalamin 1mg/1ml solution for injection ampoules", "Folic acid 5mg tablets")
_EVENTS: Final = ("administered", "issued")
_ROUTES: Final = ("intramuscular", "oral")
_DOSES: Final = ("1 mg", "5 mg")
_DIRECTIONS: Final = ("every 12 weeks", "every 2 months", "1 amp every 3/12 by nurse", "",
                      "One to be taken daily")  # fmt: skip
_CAUSES: Final = ("autoimmune", "dietary", "medicine", "malabsorption", "unknown", "")
_STATUSES: Final = ("no", "no", "yes", "unknown", "")
_OUTCOMES: Final = ("improving", "resolved")

Numbers = NDArray[np.int64]


def words(codes: Numbers, texts: tuple[str, ...]) -> pa.Array:
    """The text of each code."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(texts)).cast(pa.string())


def names(numbers: Numbers) -> pa.Array:
    """Patients' pseudonyms: S and eight digits."""
    digits = np.char.zfill(numbers.astype("U8"), 8)
    return pa.array(np.char.add("S", digits).astype(object), pa.string())


def days(numbers: Numbers) -> pa.Array:
    """Days as dates."""
    return pa.array(numbers.astype(np.int32), pa.int32()).cast(pa.date32())


def tables(patients: int) -> Mapping[str, Iterator[pa.Table]]:
    """Each table in pieces of at most ROWS_A_FILE rows."""
    rng = np.random.default_rng(12)
    first = rng.integers(HISTORY + 120, HISTORY + 2_300, patients)
    who = names(np.arange(1, patients + 1))
    return {
        "Patients": iter([_patients(rng, who, first)]),
        "Treatments": _treatments(rng, who, first),
        "Tests": iter([_tests(rng, who, first)]),
        "Reviews": iter([_reviews(rng, who, first)]),
    }


def _patients(rng: np.random.Generator, who: pa.Array, first: Numbers) -> pa.Table:
    size = len(first)
    status = rng.integers(0, len(_STATUSES), size)
    onset = days(first - rng.integers(0, 400, size))
    practice = np.arange(size) // PATIENTS_A_PRACTICE
    labels = tuple(f"PR{number:04d}" for number in range(int(practice.max(initial=0)) + 1))
    return pa.table(
        {
            "patient_id": who,
            "practice_id": words(practice, labels),
            "year_of_birth": pa.array(rng.integers(1930, 2005, size), pa.int16()),
            "sex": words(rng.integers(0, 2, size), ("female", "male")),
            "cause": words(rng.integers(0, len(_CAUSES), size), _CAUSES),
            "neurological_involvement": words(status, _STATUSES),
            "neurological_onset": pa.array(onset.to_pandas().where(status == _STATUSES.index("yes")), pa.date32()),
            "diagnosis_date": days(first - rng.integers(0, 30, size)),
            "registered_from": days(np.full(size, HISTORY - 3_000)),
        }
    )


def _treatments(rng: np.random.Generator, who: pa.Array, first: Numbers) -> Iterator[pa.Table]:
    """Loading, then injections at the patient's own interval; what would lie after the extract is folic acid."""
    size = len(first)
    gaps = rng.choice(_STEPS, size)[:, None] + rng.choice(_SLIPS, (size, ROWS_A_PATIENT - len(_LOADING)))
    day = np.hstack([first[:, None] + _LOADING, first[:, None] + _LOADING[-1] + np.cumsum(gaps, axis=1)]).ravel()
    patient = np.repeat(np.arange(size), ROWS_A_PATIENT)
    event, directions = rng.choice([0, 0, 1], size), rng.integers(0, 4, size)
    late = day > EXTRACT
    day = np.where(late, EXTRACT - rng.integers(0, 2_000, len(day)), day)
    order = rng.permutation(len(day))
    for begin in range(0, len(order), ROWS_A_FILE):
        at = order[begin : begin + ROWS_A_FILE]
        at = at[np.argsort(day[at], kind="stable")]
        person, folic = patient[at], late[at].astype(np.int64)
        yield pa.table(
            {
                "patient_id": who.take(pa.array(person)),
                "date": days(day[at]),
                "drug": words(folic, _DRUGS),
                "event": words(np.where(folic, 1, event[person]), _EVENTS),
                "route": words(folic, _ROUTES),
                "dose": words(folic, _DOSES),
                "quantity": pa.array(np.where(folic, 28, 1), pa.int16()),
                "directions": words(np.where(folic, 4, directions[person]), _DIRECTIONS),
            }
        )


def _tests(rng: np.random.Generator, who: pa.Array, first: Numbers) -> pa.Table:
    size = len(first)
    both = np.concatenate([first - 20, first + 200])
    return pa.table(
        {
            "patient_id": pa.concat_arrays([who, who]),
            "date": days(both),
            "test": words(np.zeros(2 * size, np.int64), ("haemoglobin",)),
            "value": pa.array(rng.integers(70, 160, 2 * size).astype(np.float64)),
            "unit": words(np.zeros(2 * size, np.int64), ("g/L",)),
        }
    )


def _reviews(rng: np.random.Generator, who: pa.Array, first: Numbers) -> pa.Table:
    outcome = words(rng.integers(0, 2, len(first)), _OUTCOMES)
    return pa.table({"patient_id": who, "date": days(first + 90), "outcome": outcome})


def main(patients: str, target: str) -> None:
    """Write the nation; see the module's docstring."""
    for name, pieces in tables(int(patients)).items():
        folder = Path(target) / name
        folder.mkdir(parents=True)
        for number, piece in enumerate(pieces):
            pq.write_table(piece, folder / f"part-{number:04d}.parquet")


if __name__ == "__main__":
    main(*sys.argv[1:])
