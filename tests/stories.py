"""Turns the examples of criteria into extracts, and asks the engine what it says of them."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from audit.cohort.calendar import add_months_to, to_date, to_day
from audit.cohort.cohort import build_cohort
from audit.cohort.window import DateOptions, settle_window
from audit.criteria import criterion as find_criterion
from audit.criteria.criterion import Criterion, Example
from audit.intake.directions.reading import read_directions
from audit.intake.extract import About, Extract, Facts, SheetFacts
from audit.results.judge import judge
from audit.standards.standard import Standard
from schemas import vocabulary as words

DAY_0 = date(2024, 3, 1)
EXTRACT, HISTORY = 200, -2000
_OFFSET = re.compile(r"(?P<months>[+-]?\d+m)?(?P<days>[+-]?\d+)?")
_DOSE = re.compile(r"(?P<day>[^x]+?)(?:x(?P<units>\d+|\?))?")
_DATES = ("neurological_onset", "diagnosis_date", "registered_from", "registered_to")


def day_of(offset: str | int, day_0: date) -> date:
    """The date of an offset such as 12, "-3", "+2m", "-4m1"."""
    match = _OFFSET.fullmatch(str(offset))
    if match is None:
        raise ValueError(f"not an offset: {offset}")
    months = int(match["months"][:-1]) if match["months"] else 0
    return to_date(add_months_to(to_day(day_0), months)) + timedelta(days=int(match["days"] or 0))


@dataclass(frozen=True)
class Story:
    """One example of one criterion and what the engine said."""

    criterion: Criterion
    example: Example
    outcome: str = ""
    reason: str = ""
    grace: int = -1

    @property
    def said(self) -> str:
        parts = [self.outcome, self.reason, "within grace" if self.grace == 1 else ""]
        return ", ".join(part for part in parts if part)


def tell(criterion: Criterion, standard: Standard) -> list[Story]:
    """Runs every example of the criterion; examples that share an extract's settings run as one cohort."""
    return [story for group in _groups(criterion.code) for story in _run(criterion, group, standard)]


@functools.cache
def _groups(code: str) -> tuple[tuple[tuple[Example, ...], Extract, DateOptions], ...]:
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in find_criterion(code).examples:
        groups[repr((sorted(example.run.items()), "registered_from" in example.patient))].append(example)
    return tuple((tuple(group), *build_extract(group, group[0].run)) for group in groups.values())


def _run(
    criterion: Criterion, group: tuple[tuple[Example, ...], Extract, DateOptions], standard: Standard
) -> Iterator[Story]:
    examples, extract, options = group
    window, _ = settle_window(extract, options, standard, date(2100, 1, 1))
    verdict = judge(criterion, build_cohort(extract, window, standard))
    for row, example in enumerate(examples):
        outcome, reason = words.OUTCOME[verdict.outcome[row]], words.REASON[verdict.reason[row]]
        yield Story(criterion, example, outcome, reason, int(verdict.grace[row]))


def build_extract(examples: list[Example], run: Mapping[str, Any]) -> tuple[Extract, DateOptions]:
    """The canonical tables of these examples, one patient each, and the options of their run."""
    day_0 = date.fromisoformat(run.get("day_0", DAY_0.isoformat()))

    def when(key: str, default: int | None) -> date | None:
        offset = run.get(key, default)
        return None if offset is None else day_of(offset, day_0)

    options = DateOptions(when("extract", EXTRACT), when("history", HISTORY), when("start", None), when("end", None))
    treatments = [row for at, example in enumerate(examples) for row in _treatments(at, example, day_0)]
    reviews = [row for at, example in enumerate(examples) for row in _reviews(at, example, day_0)]
    tests = [row for at, example in enumerate(examples) for row in _tests(at, example, day_0)]
    without = run.get("without", "")
    facts = Facts(
        file="stories.xlsx",
        sha256="0" * 64,
        sheets=(SheetFacts("Treatments", "stories.xlsx", "Treatments", len(treatments), {"date": "B"}),),
        ignored_sheets=(),
        has_tests="Tests" not in without,
        has_reviews="Reviews" not in without,
        has_event=True,
        has_quantity=True,
        has_registered_from="registered_from" in examples[0].patient,
        first_treatment=None,
        last_treatment=None,
        last_entry=None,
    )
    patients = _patients([example.patient for example in examples], day_0)
    frames = (_frame(treatments, "Treatments"), _frame(tests, "Tests"), _frame(reviews, "Reviews"))
    return Extract(About(), facts, patients, *frames, ()), options


def _patients(fields: list[Mapping[str, str]], day_0: date) -> pd.DataFrame:
    def texts(name: str, default: str | None = None) -> list[str | None]:
        return [patient.get(name) or default for patient in fields]

    def dates(name: str) -> pd.Series:
        found = [day_of(text, day_0) if text else None for text in texts(name)]
        return pd.Series(pd.to_datetime(pd.Series(found, dtype=object))).astype("datetime64[s]")

    categories = {
        "sex": (words.SEX, None),
        "indication": (words.INDICATION, "deficiency"),
        "cause": (words.CAUSE, None),
        "neurological_involvement": (words.YES_NO_UNKNOWN, "unknown"),
        "pregnant_or_breastfeeding": (words.YES_NO, None),
        "smoker": (words.YES_NO, None),
    }
    size = len(fields)
    table = pd.DataFrame(
        {
            "patient_id": [f"P{at:04d}" for at in range(size)],
            "practice_id": ["W1"] * size,
            "year_of_birth": pd.array([int(year) if year else None for year in texts("year_of_birth")], dtype="Int16"),
            **{name: pd.Categorical(texts(name, blank), list(known)) for name, (known, blank) in categories.items()},
            **{name: dates(name) for name in _DATES},
            "listed": [True] * size,
            "row": np.arange(2, size + 2, dtype=np.int32),
            "said_elsewhere": [False] * size,
        }
    )
    return table[[*words.INPUT_COLUMNS["Patients"], "listed", "row", "said_elsewhere"]]


def _treatments(at: int, example: Example, day_0: date) -> list[dict[str, Any]]:
    rows = [{**_dose(at, token, day_0), **_directions(example.directions)} for token in example.doses.split()]
    for text in filter(None, (part.strip() for part in example.events.split(","))):
        rows.append(_event(at, text.split(), day_0))
    return rows


def _dose(at: int, token: str, day_0: date) -> dict[str, Any]:
    match = _DOSE.fullmatch(token)
    if match is None:
        raise ValueError(f"not a dose: {token}")
    units = match["units"]
    row = _injection(at, day_of(match["day"], day_0), "administered" if units is None else "issued")
    return {**row, "quantity": np.nan if units == "?" else float(units or 1)}


def _directions(text: str) -> dict[str, Any]:
    read = read_directions(text)
    interval = read.maintenance
    status = "blank" if read.status == "blank" else "read" if interval else "unread"
    return {
        "directions": text,
        "directions_status": status,
        "interval_high": np.nan if interval is None else float(interval.high),
        "interval_unit": None if interval is None else interval.unit,
    }


def _injection(at: int, day: date, event: str) -> dict[str, Any]:
    return {
        "patient": at,
        "date": day,
        "substance": "hydroxocobalamin",
        "event": event,
        "route": "intramuscular",
        "route_assumed": False,
        "dose_micrograms": 1000.0,
        "quantity": 1.0,
        **_directions(""),
        "set_aside": "",
    }


def _event(at: int, parts: list[str], day_0: date) -> dict[str, Any]:
    kind, day, *amount = parts
    row = _injection(at, day_of(day, day_0), kind)
    dose = float(amount[0]) if amount and amount[0] != "self" else np.nan
    special: dict[str, dict[str, Any]] = {
        "oral": {"event": "issued", "substance": "cyanocobalamin", "route": "oral", "dose_micrograms": dose},
        "injection": {"event": "administered", "dose_micrograms": dose},
        "folic": {"event": "issued", "substance": "folic_acid", "route": "oral", "dose_micrograms": dose},
        "cyanocobalamin": {"event": "administered", "substance": "cyanocobalamin"},
        "cyanocobalamin_issued": {"event": "issued", "substance": "cyanocobalamin"},
        "subcutaneous": {"event": "self_administered" if amount else "administered", "route": "subcutaneous"},
        "unrouted": {"event": "administered", "route": "injection"},
        "antidote": {"event": "administered", "route": "intravenous", "dose_micrograms": 5_000_000.0},
        "unreadable": {"event": None, "set_aside": "unreadable"},
    }
    return {**row, **special.get(kind, {})}


def _reviews(at: int, example: Example, day_0: date) -> list[dict[str, Any]]:
    pairs = [part.split() for part in example.reviews.split(",") if part.strip()]
    return [{"patient": at, "date": day_of(day, day_0), "outcome": outcome, "set_aside": ""} for outcome, day in pairs]


def _tests(at: int, example: Example, day_0: date) -> list[dict[str, Any]]:
    rows = []
    for test, day, *value in (part.split() for part in example.tests.split(",") if part.strip()):
        number = float(value[0]) if value and value[0] != "text" else np.nan
        unreadable = "unreadable" if test == "unreadable" else ""
        rows.append(
            {
                "patient": at,
                "date": day_of(day, day_0),
                "test": None if unreadable else test,
                "has_value": bool(value),
                "value": number,
                "unit": "",
                "set_aside": unreadable,
            }
        )
    return rows


_COLUMNS: dict[str, dict[str, Any]] = {
    "Treatments": {
        "patient": "int32",
        "date": "datetime64[s]",
        "substance": pd.CategoricalDtype(list(words.SUBSTANCE)),
        "event": pd.CategoricalDtype(list(words.EVENT)),
        "route": pd.CategoricalDtype(list(words.ROUTE)),
        "route_assumed": "bool",
        "dose_micrograms": "float64",
        "quantity": "float64",
        "directions": "str",
        "directions_status": pd.CategoricalDtype(list(words.DIRECTIONS_STATUS)),
        "interval_high": "float64",
        "interval_unit": pd.CategoricalDtype(list(words.INTERVAL_UNIT)),
    },
    "Tests": {
        "patient": "int32",
        "date": "datetime64[s]",
        "test": pd.CategoricalDtype(list(words.TEST)),
        "has_value": "bool",
        "value": "float64",
        "unit": "str",
    },
    "Reviews": {
        "patient": "int32",
        "date": "datetime64[s]",
        "outcome": pd.CategoricalDtype(list(words.REVIEW_OUTCOME)),
    },
}


def _frame(rows: list[dict[str, Any]], table: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[*_COLUMNS[table], "set_aside"])
    frame["date"] = pd.to_datetime(frame["date"])
    frame["sheet"], frame["row"] = table, np.arange(2, len(frame) + 2)
    aside = pd.CategoricalDtype(list(words.SET_ASIDE))
    return frame.astype({**_COLUMNS[table], "set_aside": aside, "sheet": "category", "row": "int32"})
