"""A synthetic practice of any size, twenty treatment rows a patient, the same on every run.

    python -m benchmarks.workload PATIENTS TARGET

writes it to TARGET: a workbook when that ends in .xlsx, else a folder of csv files.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

import xlsxwriter

ROWS_A_PATIENT: Final = 20
EXTRACT_DATE: Final = date(2026, 3, 31)
HISTORY_START: Final = date(2019, 1, 1)
HEADINGS: Final = {
    "About": ("key", "value"),
    "Patients": (
        *("patient_id", "year_of_birth", "sex", "cause", "neurological_involvement"),
        *("neurological_onset", "diagnosis_date", "registered_from"),
    ),
    "Treatments": ("patient_id", "date", "drug", "event", "route", "dose", "quantity", "directions"),
    "Tests": ("patient_id", "date", "test", "value", "unit"),
    "Reviews": ("patient_id", "date", "outcome"),
}
Row = Sequence[str | int | date]

_HYDROXOCOBALAMIN: Final = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
_FOLIC_ACID: Final = ("Folic acid 5mg tablets", "issued", "oral", "5 mg", 28, "One to be taken daily")
_DIRECTIONS: Final = ("Inject ONE ampoule every 12 weeks", "1mg IM every 3 months", "1 amp every 8/52 by nurse", "")
_CAUSES: Final = ("autoimmune", "dietary", "medicine", "malabsorption", "unknown", "")
_STATUSES: Final = ("no", "no", "yes", "unknown", "")
_LOADING: Final = (0, 2, 4, 7, 9, 11)
_USUAL_DAYS: Final = (56, 77, 84, 84, 91, 112)
#: one row in so many has a date that nobody can read
_UNREADABLE_EVERY: Final = 400


def sheets(patients: int) -> dict[str, list[Row]]:
    """The rows of every sheet, without headings; treatments by date, as an export has them."""
    rng = Random("b12audit benchmarks")
    tables: dict[str, list[Row]] = {name: [] for name in HEADINGS}
    tables["About"] = [("extract_date", EXTRACT_DATE), ("history_start", HISTORY_START), ("practice_id", "BENCH")]
    for number in range(1, patients + 1):
        _add_patient(tables, rng, f"S{number:06d}")
    tables["Treatments"].sort(key=lambda row: str(row[1]))
    return tables


def _add_patient(tables: dict[str, list[Row]], rng: Random, name: str) -> None:
    first = HISTORY_START + timedelta(days=rng.randrange(120, 2_500))
    status = rng.choice(_STATUSES)
    onset: date | str = first - timedelta(days=rng.randrange(400)) if status == "yes" else ""
    born, sex, cause = rng.randrange(1930, 2005), rng.choice(("female", "male")), rng.choice(_CAUSES)
    diagnosed = first - timedelta(days=rng.randrange(30))
    tables["Patients"].append((name, born, sex, cause, status, onset, diagnosed, date(2010, 5, 4)))
    tables["Treatments"] += islice(_treatments(rng, name, first), ROWS_A_PATIENT)
    for days in (-20, 200):
        day = first + timedelta(days=days)
        tables["Tests"].append((name, day, "haemoglobin", rng.randrange(70, 160), "g/L"))
    tables["Reviews"].append((name, first + timedelta(days=90), rng.choice(("improving", "resolved"))))


def _treatments(rng: Random, name: str, first: date) -> Iterator[Row]:
    """Loading, then injections at the patient's own interval to the extract; folic acid fills what is left."""
    event = rng.choice(("administered", "administered", "issued"))
    step, directions = rng.choice(_USUAL_DAYS), rng.choice(_DIRECTIONS)
    day, given = first, 0
    while day <= EXTRACT_DATE:
        shown: date | str = "not known" if rng.randrange(_UNREADABLE_EVERY) == 0 else day
        yield name, shown, _HYDROXOCOBALAMIN, event, "intramuscular", "1 mg", 1, directions
        given += 1
        pause = step + rng.choice((-7, 0, 0, 3, 7, 21))
        day = first + timedelta(days=_LOADING[given]) if given < len(_LOADING) else day + timedelta(days=pause)
    while True:
        yield (name, EXTRACT_DATE - timedelta(days=rng.randrange(2_000)), *_FOLIC_ACID)


def write_xlsx(tables: dict[str, list[Row]], path: Path) -> None:
    """Write a workbook whose dates are date cells."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADINGS[name])
            for number, row in enumerate(rows, 1):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, place, cell, day)
                    else:
                        sheet.write(number, place, cell)


def write_csv(tables: dict[str, list[Row]], folder: Path) -> None:
    """Write a folder of csv files, one a sheet."""
    folder.mkdir()
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADINGS[name], *rows])


def main(patients: str, target: str) -> None:
    """Write the practice; see the module's docstring."""
    path = Path(target)
    (write_xlsx if path.suffix == ".xlsx" else write_csv)(sheets(int(patients)), path)


if __name__ == "__main__":
    main(*sys.argv[1:])
