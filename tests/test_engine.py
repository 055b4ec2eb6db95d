"""The engine against the oracle, cell by cell, on generated practices of every variant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from audit.criteria import catalogue
from tests import compare
from tests.compare import differences, without_advice
from tests.generate import VARIANTS, practice
from tests.oracle import Options, Records
from tests.oracle.run import CRITERIA

SHOWN = 20
# 13 variants of 240 patients are about 3,000
PATIENTS, MANY_PATIENTS = 240, 600
FIRST_SEED, SLOW_SEEDS = 7, range(1000, 1004)


@pytest.fixture(autouse=True)
def verdicts_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "slow" not in request.keywords:
        without_advice(monkeypatch)


def found(seed: int, patients: int, variant: str) -> list[str]:
    """The first differences of one practice."""
    records, options = practice(seed, patients, variant)
    return list(islice(differences(records, options), SHOWN))


def report(seed: int, variant: str, lines: list[str]) -> str:
    return "\n".join([f"practice({seed}, variant={variant!r}): engine and oracle differ", *lines])


@pytest.mark.parametrize("variant", VARIANTS)
def test_engine_agrees_with_the_oracle(variant: str) -> None:
    lines = found(FIRST_SEED, PATIENTS, variant)
    assert not lines, report(FIRST_SEED, variant, lines)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SLOW_SEEDS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_engine_agrees_with_the_oracle_on_many(variant: str, seed: int) -> None:
    lines = found(seed, MANY_PATIENTS, variant)
    assert not lines, report(seed, variant, lines)


def test_engine_and_oracle_judge_the_same_criteria() -> None:
    """`differences` compares the criteria that the engine has; none may be missing."""
    assert sorted(criterion.code for criterion in catalogue()) == sorted(CRITERIA)


def test_default_and_slow_runs_are_as_large_as_they_claim() -> None:
    assert len(VARIANTS) * PATIENTS >= 3_000
    assert len(VARIANTS) * MANY_PATIENTS * len(SLOW_SEEDS) >= 30_000


Tables = tuple[list[compare.Row], list[compare.Row]]


def tampered(table: int, column: str, value: str) -> Iterator[str]:
    """The differences after one cell of the engine's first row of a table was changed."""

    def engine(records: Records, options: Options) -> Tables:
        tables = original(records, options)
        assert tables[table][0][column] != value
        tables[table][0][column] = value
        return tables

    original = compare.engine
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "engine", engine)
        yield from differences(*practice(FIRST_SEED, 30))


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (0, "outcome", "tampered"),
        (0, "reason", "TAMPERED"),
        (0, "within_grace", "maybe"),
        (0, "basis", "tampered"),
        (0, "from_date", "1999-01-01"),
        (0, "intervals_judged", "99"),
        (1, "days", "99999"),
        (1, "due_date", "1999-01-01"),
        (1, "months", "99"),
    ],
)
def test_one_changed_cell_is_one_difference(table: int, column: str, value: str) -> None:
    lines = list(tampered(table, column, value))
    assert len(lines) == 1
    assert f"{column} engine {value!r}" in lines[0]


@pytest.mark.parametrize(("table", "kind"), [(0, "verdict"), (1, "interval")])
def test_a_row_of_another_patient_is_two_differences(table: int, kind: str) -> None:
    lines = sorted(tampered(table, "patient_id", "nobody"))
    assert len(lines) == 2
    assert all(line.startswith(kind) for line in lines)
    assert sorted(line.rpartition("only ")[2] for line in lines) == ["engine", "oracle"]


@pytest.mark.parametrize("table", [0, 1])
def test_a_lost_row_is_a_difference(table: int, monkeypatch: pytest.MonkeyPatch) -> None:
    original = compare.engine

    def engine(records: Records, options: Options) -> Tables:
        tables = original(records, options)
        tables[table].pop()
        return tables

    monkeypatch.setattr(compare, "engine", engine)
    lines = list(differences(*practice(FIRST_SEED, 30)))
    assert len(lines) == 1
    assert lines[0].endswith("only oracle")
