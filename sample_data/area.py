"""Forty synthetic practices of realistic sizes, for the commissioner pack of the demo: `tables(number)` writes one.

Nothing is kept in a file: the same numbers give the same patients on every machine.
"""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

from sample_data.build import Rows, sheets_of
from sample_data.clinic import EXTRACT_DATE, HISTORY_START
from sample_data.person import Person
from sample_data.stories import STORIES, told

PRACTICES = 40
#: Patients on vitamin B12 in the smallest and the largest practice; most have between 50 and 150.
SMALLEST, LARGEST = 12, 330
_MIDDLE, _SPREAD = 4.5, 0.55
#: How far the share of each kind of patient differs from practice to practice.
_UNLIKE = 0.6


def name(number: int) -> str:
    """The practice's code."""
    return f"W9{1000 + number}"


def people(number: int) -> list[Person]:
    """The patients of one practice: how many and of which kind is drawn."""
    chance = Random(f"practice {number}")
    size = min(max(round(chance.lognormvariate(_MIDDLE, _SPREAD)), SMALLEST), LARGEST)
    weights = [story.patients * chance.lognormvariate(0, _UNLIKE) for story in STORIES]
    kinds = chance.choices(STORIES, weights, k=size)
    return [told(story, f"P{place:04d}", number * LARGEST + place) for place, story in enumerate(kinds, 1)]


def tables(number: int) -> dict[str, Rows]:
    """The sheets of one practice, the heading row first."""
    about = (("practice_id", name(number)), ("extract_date", EXTRACT_DATE), ("history_start", HISTORY_START))
    return sheets_of(people(number), about)


def write(number: int, folder: Path) -> Path:
    """Writes one practice as a folder of csv files below `folder`; its place."""
    place = folder / name(number)
    place.mkdir(parents=True, exist_ok=True)
    for sheet, rows in tables(number).items():
        with (place / f"{sheet}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    return place
