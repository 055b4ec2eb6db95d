"""The template's filled example: three made-up patients, and what each of them shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from schemas.vocabulary import ABOUT_KEYS, INPUT_COLUMNS

Cell = str | int | float | date | None

_DRUG: Final = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
_LOADING: Final = "1mg IM 3 times a week for 2 weeks then every 3 months"
#: Days of injections given, by patient, each with its directions.
_GIVEN: Final = (
    *(("EX1", date(2025, 12, day), _LOADING) for day in (8, 10, 12, 15, 17, 19)),
    ("EX1", date(2026, 3, 10), "1mg IM every 3 months"),
    *(("EX2", day, "1mg IM every 8 weeks") for day in (date(2025, 9, 2), date(2025, 10, 28), date(2026, 2, 3))),
    *(("EX3", day, "1mg IM every 12 weeks") for day in (date(2025, 3, 18), date(2025, 6, 10), date(2025, 9, 2))),
)


def _given(patient: str, day: date, directions: str) -> Mapping[str, Cell]:
    known = {"drug": _DRUG, "event": "administered", "route": "intramuscular", "dose": "1 mg"}
    return {"patient_id": patient, "date": day, **known, "directions": directions}


_TREATMENTS: Final[Sequence[Mapping[str, Cell]]] = (
    *(_given(*told) for told in _GIVEN),
    {
        "patient_id": "EX3",
        "date": date(2025, 11, 18),
        "drug": _DRUG,
        "event": "issued",
        "quantity": 1,
        "directions": "1mg IM every 12 weeks",
    },
    {"patient_id": "EX3", "date": date(2025, 11, 25), "drug": _DRUG, "event": "declined"},
)
_PATIENTS: Final[Sequence[Mapping[str, Cell]]] = (
    {
        "patient_id": "EX1",
        "year_of_birth": 1951,
        "sex": "female",
        "indication": "deficiency",
        "cause": "autoimmune",
        "neurological_involvement": "no",
        "diagnosis_date": date(2025, 12, 3),
        "registered_from": date(2012, 5, 14),
    },
    {
        "patient_id": "EX2",
        "year_of_birth": 1968,
        "sex": "male",
        "indication": "deficiency",
        "cause": "unknown_after_investigation",
        "neurological_involvement": "yes",
        "neurological_onset": date(2023, 2, 1),
        "diagnosis_date": date(2023, 3, 6),
        "registered_from": date(2025, 7, 1),
    },
    {
        "patient_id": "EX3",
        "year_of_birth": 1940,
        "sex": "female",
        "indication": "deficiency",
        "cause": "malabsorption",
        "neurological_involvement": "no",
        "diagnosis_date": date(2016, 10, 17),
        "registered_from": date(2025, 1, 6),
    },
)
_TESTS: Final[Sequence[Mapping[str, Cell]]] = (
    {"patient_id": "EX1", "date": date(2025, 12, 1), "test": "vitamin_b12", "value": 118, "unit": "ng/L"},
    {"patient_id": "EX1", "date": date(2025, 12, 1), "test": "folate", "value": 6.2, "unit": "ug/L"},
    {"patient_id": "EX1", "date": date(2025, 12, 1), "test": "haemoglobin", "value": 126, "unit": "g/L"},
)
_REVIEWS: Final[Sequence[Mapping[str, Cell]]] = (
    {"patient_id": "EX1", "date": date(2026, 3, 9), "outcome": "improving"},
    {"patient_id": "EX2", "date": date(2025, 10, 28), "outcome": "no_further_improvement"},
)
_ABOUT: Final[Mapping[str, Cell]] = {
    "practice_id": "EXAMPLE",
    "extract_date": date(2026, 3, 31),
    "history_start": date(2021, 4, 1),
    "source_system": "made up",
}
#: What the report says of each patient, in words.
SHOWS: Final = (
    ("EX1", "Began in December 2025: six injections in two weeks, the next within three months, a review. All on time. "
     "Ferritin was not measured, and the report says so."),
    ("EX2", "Nerves are involved, so every two months. The injection of 3 February 2026 came after more than three: "
     "not met. Was already treated on joining in 2025, so the report cannot tell how the treatment began."),
    ("EX3", "On time until the patient refused in November 2025: overdue since, with a recorded reason. The "
     "prescription a week earlier does not count as an injection."),
)  # fmt: skip


def example_about() -> list[Cell]:
    """The values of the About sheet, in the order of its keys."""
    return [_ABOUT.get(key) for key in ABOUT_KEYS]


def example_rows(sheet: str) -> list[list[Cell]]:
    """The rows of a table of the workbook, in the order of its columns; None is a blank cell."""
    rows = {"Patients": _PATIENTS, "Treatments": _TREATMENTS, "Tests": _TESTS, "Reviews": _REVIEWS}[sheet]
    return [[row.get(column) for column in INPUT_COLUMNS[sheet]] for row in rows]
