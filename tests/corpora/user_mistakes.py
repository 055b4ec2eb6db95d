"""What users do to a sound practice by mistake: forty-nine kinds, six variants each, and what must become of each.

Patients and names here are made up, and so odd that any message that repeats one is caught.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.intake_files import HYDROXO, TREATMENT_HEADINGS, write_xlsx

Rows = list[list[Any]]
Sheets = dict[str, Rows]
Make = Callable[[Path], None]
Patch = Callable[[pytest.MonkeyPatch, Path], None]

EACH: Final = 6
INPUT: Final = "records.xlsx"
PATIENTS: Final = tuple(f"QX7Z-{number:02}" for number in range(1, 9))
EXTRACT, HISTORY = date(2025, 3, 31), date(2022, 1, 1)
PATIENT_HEADINGS: Final = (
    *("patient_id", "year_of_birth", "sex", "indication", "cause", "neurological_involvement"),
    *("diagnosis_date", "registered_from"),
)


@dataclass(frozen=True)
class Mistake:
    """One mistake, and how it must end.

    Attributes:
        kind: what was done.
        make: puts the input into an empty folder.
        argv: what is typed there, without `b12audit`.
        exit_code: of it.
        says: the id of its refusal, or the code of a finding that tells it; "" when nothing need be said.
        reads: `same` verdicts as of the sound workbook, `said` (others, and none of them better), or "" when nothing
            is written.
        then: how the remedy is followed: `paste` the command in it, `add` the options in it to what was typed.
        after: the exit codes that following it may have.
        ids: the patients' ids in the input, when they are others than in the sound workbook -> there.
        patch: what is amiss with the machine.
    """

    kind: str
    make: Make
    argv: tuple[str, ...] = ("run", INPUT)
    exit_code: int = 0
    says: str = ""
    reads: str = ""
    then: str = ""
    after: frozenset[int] = frozenset((0, 3))
    ids: Mapping[str, str] = field(default_factory=dict)
    patch: Patch | None = None


# --- the sound practice


def _months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _course(patient: str, first: date, every: int, late: int = 0, until: date = EXTRACT) -> Rows:
    """Six injections in a fortnight, then one every so many months, the second of them late by so many days."""
    days = [first + timedelta(days=step) for step in (0, 2, 5, 7, 9, 12)]
    count = 1
    while (due := _months(days[5], every * count) + timedelta(days=late if count >= 2 else 0)) <= until:
        days.append(due)
        count += 1
    usual = [HYDROXO, "administered", "im", "1 mg", 1, f"every {every} months"]
    return [[patient, day, *usual] for day in days]


def practice() -> Sheets:
    """Eight patients: on time, late, overdue, with and without neurological involvement, and one of whom it is open."""
    first = date(2023, 6, 13)
    about: Rows = [["practice_id", "W99"], ["extract_date", EXTRACT], ["history_start", HISTORY]]
    people: Rows = [list(PATIENT_HEADINGS)]
    neuro = ("no", "no", "yes", "yes", "", "no", "no", "no")
    causes = (*("autoimmune", "gastrectomy", "autoimmune", "ileal_resection", "autoimmune", "malabsorption"),)
    for place, patient in enumerate(PATIENTS):
        cause = (*causes, "dietary", "unknown")[place]
        diagnosed = first - timedelta(days=10 + place)
        row = [patient, 1941 + 3 * place, ("female", "male")[place % 2], "deficiency", cause, neuro[place]]
        people.append([*row, diagnosed, HISTORY])
    rows: Rows = [list(TREATMENT_HEADINGS)]
    for place, patient in enumerate(PATIENTS):
        every = 2 if neuro[place] == "yes" else 6 if place == 6 else 3
        until = date(2024, 9, 30) if place == 5 else EXTRACT
        rows += _course(patient, first + timedelta(days=place), every, 40 if place in (1, 3) else 0, until)
    for row in rows[1:]:
        row[3] = "issued" if row[0] == PATIENTS[7] else row[3]
    tests: Rows = [["patient_id", "date", "test", "value", "unit"]]
    tests += [[patient, first - timedelta(days=14), "vitamin_b12", 96 + place, "ng/L"] for place, patient in
              enumerate(PATIENTS)]  # fmt: skip
    reviews: Rows = [["patient_id", "date", "outcome"]]
    reviews += [[patient, _months(first, 3), "improving"] for patient in PATIENTS[:4]]
    return {"About": about, "Patients": people, "Treatments": rows, "Tests": tests, "Reviews": reviews}


def written(sheets: Mapping[str, Rows], name: str = INPUT, **options: Any) -> Make:
    """Writes these sheets as a workbook."""
    return lambda folder: void(write_xlsx(folder / name, sheets, **options))


def void(_: object) -> None:
    """Nothing: the file is what is wanted."""


def one_table(sheets: Sheets) -> Rows:
    """The treatments with the patients' columns repeated on every row, as one flat table."""
    heads, *people = sheets["Patients"]
    of = {row[0]: row[1:] for row in people}
    top, *rows = sheets["Treatments"]
    return [[*top, *heads[1:]], *([*row, *of[row[0]]] for row in rows)]


def place_of(sheets: Sheets, sheet: str, heading: str) -> int:
    """The place of a column."""
    return sheets[sheet][0].index(heading)


def cells(sheets: Sheets, sheet: str, heading: str, change: Callable[[Any], Any]) -> Sheets:
    """The same practice with every cell of a column changed."""
    made, place = deepcopy(sheets), place_of(sheets, sheet, heading)
    for row in made[sheet][1:]:
        row[place] = change(row[place])
    return made


# --- the corpus

Variants = Callable[[Random], Iterator[Mistake]]
_KINDS: dict[str, Variants] = {}


def kind(name: str) -> Callable[[Callable[[Random, str], Iterator[Mistake]]], None]:
    """Registers the variants of one kind."""

    def register(variants: Callable[[Random, str], Iterator[Mistake]]) -> None:
        _KINDS[name] = lambda rng: variants(rng, name)

    return register


def kinds() -> tuple[str, ...]:
    """The names of all kinds; nothing is made."""
    from tests.corpora import mistakes_in_cells, mistakes_in_files, mistakes_typed  # noqa: F401, PLC0415 - they register

    return tuple(_KINDS)


def user_mistakes() -> dict[str, tuple[Mistake, ...]]:
    """Every kind with its variants, the same on every machine."""
    return {name: tuple(_KINDS[name](Random(name))) for name in kinds()}
