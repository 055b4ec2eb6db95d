"""A changed extract is what intake would have made of changed cells; copies of patients are judged as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from audit.cohort.cohort import build_cohort
from audit.cohort.window import AuditWindow, DateOptions, settle_window
from audit.criteria import catalogue
from audit.intake.extract import Extract
from audit.results.judge import judge
from audit.results.what_if import OTHER_TEST, PATIENT_FIELDS, Value, copies, with_cell, with_field
from audit.standards.standard import load_standard
from schemas import vocabulary as words
from tests.compare import TODAY, as_extract
from tests.oracle import Options, Records
from tests.test_laws import Case, by_owner, made, owner, tables_of, with_tables

DAY = date(2024, 3, 9)
Rows = list[dict[str, str]]


def window_of(extract: Extract, options: Options) -> AuditWindow:
    dates = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
    return settle_window(extract, dates, load_standard(), TODAY)[0]


def outcomes(extract: Extract, window: AuditWindow) -> npt.NDArray[np.int64]:
    """Outcome and reason of every patient and criterion."""
    cohort = build_cohort(extract, window, load_standard())
    verdicts = [judge(criterion, cohort) for criterion in catalogue()]
    return np.stack([(verdict.outcome, verdict.reason) for verdict in verdicts]).astype(np.int64)


def tables(extract: Extract) -> list[pd.DataFrame]:
    return [extract.patients, extract.treatments, extract.tests, extract.reviews]


@cache
def case_of(seed: int, variant: str = "plain", patients: int = 120) -> tuple[Records, Options, Extract, AuditWindow]:
    """A generated practice in which every tenth treatment stands twice."""
    records, options = made(Case(seed, variant, 0), patients)
    more = [*records["treatments"], *(dict(row) for row in records["treatments"][::10])]
    records = with_tables(records, tables_of(records) | {"treatments": more})
    extract = as_extract(records)
    return records, options, extract, window_of(extract, options)


def number_of(extract: Extract) -> dict[str, int]:
    return {name: place for place, name in enumerate(extract.patients["patient_id"])}


# ---------------------------------------------------------------------- a field of patients

FIELDS: dict[str, list[tuple[Value, str]]] = {
    "year_of_birth": [(1950, "1950"), (2015, "2015"), (None, "")],
    "sex": [("male", "male"), ("female", "F"), (None, "")],
    "indication": [("prophylaxis", "prophylaxis"), ("metabolic", "metabolic"), (None, "")],
    "cause": [("dietary", "dietary"), ("autoimmune", "Pernicious anaemia"), (None, "")],
    "neurological_involvement": [("yes", "yes"), ("no", "no"), ("unknown", "unknown"), (None, "")],
    "neurological_onset": [(DAY, "09/03/2024"), (None, "")],
    "diagnosis_date": [(DAY, "2024-03-09"), (None, "")],
    "registered_from": [(date(2001, 5, 4), "2001-05-04"), (DAY, "2024-03-09"), (None, "")],
    "registered_to": [(DAY, "2024-03-09"), (None, "")],
    "pregnant_or_breastfeeding": [("yes", "yes"), (None, "")],
    "smoker": [("yes", "yes"), (None, "")],
}


def test_every_field_is_tried() -> None:
    assert set(FIELDS) == set(PATIENT_FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_a_changed_field_is_what_intake_would_have_read(field: str) -> None:
    records, options, extract, window = case_of(11)
    listed = records["patients"] or []
    single = [name for name, own in by_owner(records).items() if len(own["patients"]) == 1]
    chosen = set(Random(field).sample(single, 60))
    at = [number_of(extract)[name] for name in sorted(chosen)]
    for value, typed in FIELDS[field]:
        changed = [row | {field: typed} if owner(row) in chosen else row for row in listed]
        read = as_extract(with_tables(records, tables_of(records) | {"patients": changed}))
        asked = with_field(extract, at, field, value)
        assert_frame_equal(asked.patients.drop(columns="said_elsewhere"), read.patients.drop(columns="said_elsewhere"))
        assert (outcomes(asked, window) == outcomes(read, window_of(read, options))).all()


def test_a_mask_and_row_numbers_say_the_same_and_an_array_gives_each_patient_its_own() -> None:
    extract = case_of(12)[2]
    mask = np.arange(len(extract.patients)) % 3 == 0
    by_mask = with_field(extract, mask, "cause", "medicine")
    assert_frame_equal(by_mask.patients, with_field(extract, np.flatnonzero(mask), "cause", "medicine").patients)
    days = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[s]")
    own = with_field(extract, [3, 5], "diagnosis_date", days).patients["diagnosis_date"]
    assert [own[3].date(), own[5].date()] == [date(2020, 1, 1), date(2021, 1, 1)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cause", "bad luck"),
        ("neurological_involvement", "maybe"),
        ("year_of_birth", "soon"),
        ("diagnosis_date", "soon"),
        ("patient_id", "P1"),
        ("shoe_size", 43),
    ],
)
def test_what_a_field_cannot_be_is_refused(field: str, value: Value) -> None:
    with pytest.raises(ValueError, match=field):
        with_field(case_of(12)[2], [0], field, value)


# ---------------------------------------------------------------------- a cell of rows

CELLS: dict[str, tuple[str, list[tuple[Value, str]]]] = {
    "date": ("date", [(DAY, "2024-03-09"), (date(2030, 1, 1), "01/01/2030")]),
    "event": ("event", [(event, event) for event in words.EVENT]),
    "route": ("route", [("intramuscular", "IM"), ("oral", "oral"), ("intravenous", "intravenous")]),
    "dose_micrograms": ("dose", [(1000, "1 mg"), (500.0, "500"), (5_000_000, "5 g")]),
    "quantity": ("quantity", [(1, "1"), (5, "5"), (100.0, "100")]),
    "directions": ("directions", [((3, "months"), "every 3 months"), ((8, "weeks"), "every 8 weeks")]),
}


def changed_rows(extract: Extract, rng: Random) -> list[int]:
    """Positions of treatment rows: a handful of those used, every unreadable one, every one that stands twice."""
    aside = extract.treatments["set_aside"]
    used = np.flatnonzero(aside == "").tolist()
    again = extract.treatments["directions"].eq("") & (aside == "duplicate")
    return sorted({*rng.sample(used, 60), *np.flatnonzero(aside == "unreadable"), *_originals(extract, again)})


def _originals(extract: Extract, again: pd.Series) -> list[int]:
    """The rows that the marked ones repeat, which stand first."""
    keys = ["patient", "date", "substance", "event", "route", "dose_micrograms", "quantity"]
    table = extract.treatments
    group = table.groupby(keys, dropna=False, observed=True).ngroup()
    first = {int(key): place for place, key in reversed(list(enumerate(group)))}
    return [first[int(group[place])] for place in np.flatnonzero(again)]


@pytest.mark.parametrize("seed", [11, pytest.param(13, marks=pytest.mark.slow)])
@pytest.mark.parametrize("cell", CELLS)
def test_a_changed_cell_is_what_intake_would_have_read(cell: str, seed: int) -> None:
    records, options, extract, window = case_of(seed, patients=200)
    field, answers = CELLS[cell]
    at = changed_rows(extract, Random(seed))
    for value, typed in answers:
        rows = [dict(row) for row in records["treatments"]]
        for place in at:
            rows[place][field] = typed
        read = as_extract(with_tables(records, tables_of(records) | {"treatments": rows}))
        asked = with_cell(extract, "Treatments", at, cell, value)
        assert (outcomes(asked, window) == outcomes(read, window_of(read, options))).all()
        assert _used(asked) == _used(read)


def _used(extract: Extract) -> list[tuple[Any, ...]]:
    """What the used rows say, each once."""
    table = extract.treatments
    names = ["patient", "date", "substance", "event", "route", "dose_micrograms", "quantity", "interval_high"]
    used = table[(table["set_aside"] == "")][names].drop_duplicates()
    return sorted(map(repr, used.itertuples(index=False, name=None)))  # type: ignore[arg-type]


def test_an_array_gives_each_row_its_own() -> None:
    extract = case_of(11)[2]
    at = np.flatnonzero(extract.treatments["set_aside"] == "")[:2].tolist()
    answers: dict[str, list[Any]] = {
        "event": ["issued", "declined"],
        "dose_micrograms": [1.0, 2.0],
        "date": [np.datetime64("2024-01-01", "s"), np.datetime64("2024-01-02", "s")],
        "directions": [(3, "months"), (8, "weeks")],
    }
    for field, values in answers.items():
        array = np.empty(2, dtype=object) if field in ("event", "directions") else np.array(values)
        array[:] = [*values]
        both = with_cell(extract, "Treatments", at, field, array).treatments
        for place, value in zip(at, values, strict=True):
            alone = with_cell(extract, "Treatments", [place], field, value).treatments
            assert_frame_equal(both.iloc[[place]], alone.iloc[[place]])


def test_the_practices_hold_the_rows_that_matter() -> None:
    """Unreadable rows that one cell makes readable, and rows that repeat a row to be changed."""
    aside = pd.concat([case_of(seed, patients=200)[2].treatments for seed in (11, 13)])["set_aside"].value_counts()
    assert aside["unreadable"] >= 6
    assert aside["duplicate"] >= 60


def test_a_row_is_used_once_nothing_is_lacking() -> None:
    extract = case_of(11)[2]
    both = extract.treatments.copy()
    both.loc[[0, 1], "event"] = None
    both.loc[1, "date"] = pd.NaT
    both.loc[[0, 1], "set_aside"] = "unreadable"
    asked = with_cell(replace(extract, treatments=both), "Treatments", [0, 1], "event", "administered").treatments
    assert asked["set_aside"].iloc[:2].tolist() == ["", "unreadable"]
    assert both["set_aside"].iloc[:2].tolist() == ["unreadable", "unreadable"]


def test_what_repeats_an_unreadable_row_is_unreadable_when_that_one_is_mended() -> None:
    records, _, _, _ = case_of(11)
    rows = [dict(row) for row in records["treatments"][:40]]
    rows[3] |= {"event": "", "drug": "Hydroxocobalamin", "date": "2024-01-01"}
    extract = as_extract(with_tables(records, tables_of(records) | {"treatments": [*rows, dict(rows[3])]}))
    assert extract.treatments["set_aside"].iloc[[3, 40]].tolist() == ["unreadable", "duplicate"]
    asked = with_cell(extract, "Treatments", [3], "event", "administered").treatments
    assert asked["set_aside"].iloc[[3, 40]].tolist() == ["", "unreadable"]


def test_a_drug_that_is_not_ours_takes_its_row_out() -> None:
    extract = case_of(11)[2]
    at = int(np.flatnonzero(extract.treatments["set_aside"] == "")[0])
    asked = with_cell(extract, "Treatments", [at], "substance", "other")
    assert asked.treatments["set_aside"].iloc[at] == "not_b12"


@pytest.mark.parametrize(
    ("field", "value", "broken", "after"),
    [
        ("test", "ferritin", {"test": ""}, ""),
        ("test", OTHER_TEST, {"test": ""}, ""),
        ("test", "ferritin", {"test": "", "date": ""}, "unreadable"),
        ("date", DAY, {"date": "31/31/2024"}, ""),
    ],
)
def test_a_test_with_its_cell(field: str, value: Value, broken: dict[str, str], after: str) -> None:
    records, _, _, _ = case_of(11)
    rows = [dict(row) for row in records["tests"] or []]
    rows[2] |= broken
    extract = as_extract(with_tables(records, tables_of(records) | {"tests": rows}))
    assert extract.tests["set_aside"].iloc[2] == "unreadable"
    assert with_cell(extract, "Tests", [2], field, value).tests["set_aside"].iloc[2] == after


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("Treatments", "event", "banana"),
        ("Treatments", "event", None),
        ("Treatments", "quantity", 0),
        ("Treatments", "quantity", 2.5),
        ("Treatments", "dose_micrograms", -1),
        ("Treatments", "directions", "every 3 months"),
        ("Treatments", "directions", (3, "moons")),
        ("Treatments", "set_aside", ""),
        ("Tests", "value", 3),
        ("Reviews", "outcome", "worse"),
    ],
)
def test_what_a_cell_cannot_be_is_refused(table: str, field: str, value: Value) -> None:
    with pytest.raises(ValueError, match=field):
        with_cell(case_of(12)[2], table, [0], field, value)


# ---------------------------------------------------------------------- nothing else changes


def test_the_extract_that_is_asked_stays_as_it_is() -> None:
    extract = case_of(11)[2]
    before = [table.copy(deep=True) for table in tables(extract)]
    everyone, rows = np.arange(len(extract.patients)), np.arange(len(extract.treatments))
    with_field(extract, everyone, "cause", "dietary")
    with_cell(extract, "Treatments", rows, "event", "issued")
    with_cell(extract, "Treatments", rows, "directions", (3, "months"))
    with_cell(extract, "Tests", [0], "date", DAY + timedelta(1))
    copied = copies(extract, everyone).extract
    with_field(copied, everyone, "smoker", "yes")
    for table, own in zip(tables(extract), before, strict=True):
        assert_frame_equal(table, own)


@pytest.mark.parametrize("variant", ["plain", "no_patients", "no_tests"])
def test_copies_are_judged_as_their_originals(variant: str) -> None:
    _, _, extract, window = case_of(14, variant)
    chosen = np.array(Random(0).choices(range(len(extract.patients)), k=150))
    copied = copies(extract, chosen)
    assert (outcomes(copied.extract, window) == outcomes(extract, window)[:, :, chosen]).all()


def test_a_row_of_a_copy_is_found() -> None:
    _, _, extract, _ = case_of(14)
    rows = np.array(Random(0).choices(np.flatnonzero(extract.treatments["patient"] >= 0).tolist(), k=150))
    copied = copies(extract, extract.treatments["patient"].to_numpy(dtype=np.int64)[rows])
    found = copied.extract.treatments.iloc[copied.row("Treatments", np.arange(150), rows)]
    assert (found["row"].to_numpy() == extract.treatments["row"].to_numpy()[rows]).all()
    assert found["patient"].tolist() == list(range(150))
