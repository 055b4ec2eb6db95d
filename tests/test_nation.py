"""A folder of tables, audited partition by partition, says what a run of one practice says, cell by cell."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

from audit.cohort.window import DateOptions
from audit.engine.layout import open_folder
from audit.engine.local import Wanted, input_digest, run_local
from audit.engine.whole import pass_folder
from audit.intake.heading_map import UNMAPPED
from audit.results.nation import NationResult
from audit.standards.standard import load_standard
from tests.compare import TODAY, engine, rows_of
from tests.generate import practice
from tests.oracle.model import Options, Records

Row = dict[str, str]
TABLES = ("Patients", "Treatments", "Tests", "Reviews")
PATIENTS = 60


def rows(records: Records, table: str) -> list[Row] | None:
    found: list[Row] | None = records[table.lower()]  # type: ignore[literal-required]
    return found


def as_table(found: Sequence[Row]) -> pa.Table:
    names = list(dict.fromkeys(key for row in found for key in row))
    return pa.table({name: [row.get(name, "") for row in found] for name in names})


def written(records: Records, folder: Path, files: int = 1, shuffled: bool = False) -> Path:
    """The records as a folder of tables of text, each in so many Parquet files."""
    place = folder / records["file_stem"]
    for table in TABLES:
        found = rows(records, table)
        if not found:
            continue
        if shuffled:
            random.Random(3).shuffle(found)
        (place / table).mkdir(parents=True)
        whole = as_table(found)
        step = -(-len(whole) // files)
        for number in range(files):
            pq.write_table(whole.slice(number * step, step), place / table / f"part-{number}.parquet")
    if records["about"]:
        pcsv.write_csv(pa.table({"key": list(records["about"]), "value": list(records["about"].values())}),
                       place / "About.csv")  # fmt: skip
    return place


def run(place: Path, out: Path, options: Options | None = None, partitions: int = 3) -> NationResult:
    """In this process."""
    given = options or Options()
    dates = DateOptions(given.extract_date, given.history_start, given.period_from, given.period_to)
    folder = open_folder(place, UNMAPPED)
    out.mkdir()
    wanted = Wanted(dates, load_standard(), TODAY, 1, partitions)
    return run_local(folder, input_digest(folder), wanted, out, pass_folder(folder), lambda *_: None)


def published(out: Path, name: str) -> list[Row]:
    table = pq.read_table(out / f"{name}.parquet").to_pandas()
    for column in table.columns[table.dtypes == "datetime64[ms]"]:
        table[column] = table[column].astype("datetime64[s]")
    if "within_grace" in table:
        table["within_grace"] = table["within_grace"].astype("boolean")
    for column in ("days", "intervals_met", "intervals_judged"):
        if column in table:
            table[column] = table[column].astype("Int32")
    return sorted(rows_of(table), key=lambda row: tuple(row.values()))


def in_order(found: list[Row]) -> list[Row]:
    return sorted(found, key=lambda row: tuple(row.values()))


@pytest.mark.parametrize(("partitions", "files", "shuffled"), [(1, 1, False), (3, 2, True), (8, 3, True)])
def test_verdicts_and_intervals_are_those_of_an_ordinary_run(
    partitions: int, files: int, shuffled: bool, tmp_path: Path
) -> None:
    records, options = practice(11, PATIENTS)
    verdicts, intervals = engine(records, options)
    run(written(records, tmp_path, files, shuffled), tmp_path / "out", options, partitions)
    assert published(tmp_path / "out", "verdicts") == in_order(verdicts)
    assert published(tmp_path / "out", "intervals") == in_order(intervals)


@pytest.mark.parametrize("variant", ["no_patients", "no_tests", "no_event", "no_quantity", "assumed", "period"])
def test_every_shape_of_extract_is_judged_alike(variant: str, tmp_path: Path) -> None:
    records, options = practice(12, PATIENTS, variant)
    verdicts, _ = engine(records, options)
    run(written(records, tmp_path), tmp_path / "out", options)
    assert published(tmp_path / "out", "verdicts") == in_order(verdicts)
