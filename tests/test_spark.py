"""Spark says what one machine says: in local mode, and on a master with two workers of which one is killed.

Needs the extra `spark`; without it every test here is skipped and says so.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from audit.cohort.window import DateOptions
from audit.engine import cluster
from audit.engine.layout import open_folder
from audit.engine.shared import UNFINISHED, Wanted, input_digest
from audit.engine.spark import digests, run_spark, session
from audit.engine.whole import pass_folder
from audit.errors import InputRejected
from audit.intake.heading_map import UNMAPPED
from audit.results.nation import NationResult
from audit.standards.standard import load_standard
from tests.compare import TODAY, engine
from tests.conftest import ROOT
from tests.generate import practice
from tests.oracle.model import Options
from tests.test_nation import command, in_order, published, run, small, written

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="PySpark is not installed: the extra spark"),
    # PySpark's own, about pandas and about sockets it leaves to the collector
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
LOCAL, LOOPBACK = "local[2]", "127.0.0.1"
PATIENTS, FILES, PARTITIONS = 120, 3, 5
#: of the run in which a worker is killed: enough that much is left to do when the first partition is written
MANY_PATIENTS, MANY_PARTITIONS = 600, 24
PATIENCE = 60.0


@pytest.fixture(scope="module", autouse=True)
def small_machines() -> Iterator[None]:
    """Little memory, everything on loopback, and this Python and this folder on every machine."""
    settings = {
        "PYSPARK_SUBMIT_ARGS": "--driver-memory 1g --conf spark.executor.memory=1g --conf spark.ui.enabled=false "
        "pyspark-shell",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_HOSTNAME": LOOPBACK,
        "SPARK_DAEMON_MEMORY": "256m",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


def on_spark(place: Path, out: Path, options: Options, master: str = LOCAL, partitions: int = PARTITIONS
             ) -> NationResult:  # fmt: skip
    dates = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
    folder = open_folder(place, UNMAPPED)
    out.mkdir()
    wanted = Wanted(dates, load_standard(), TODAY, 1, partitions)
    with session(master) as spark:
        digest = input_digest(folder, lambda files: digests(spark, files))
        return run_spark(spark, folder, digest, wanted, out, pass_folder(folder), lambda *_: None)


def different(one: NationResult, two: NationResult) -> list[str]:
    """Names of what differs: counts, scores, findings, and the SHA-256 of every file written."""
    return [field.name for field in fields(NationResult) if getattr(one, field.name) != getattr(two, field.name)]


@pytest.mark.parametrize("variant", ["plain", "no_patients", "period"])
def test_local_mode_says_what_the_local_engine_says(variant: str, tmp_path: Path) -> None:
    records, options = practice(31, PATIENTS) if variant == "plain" else practice(31, PATIENTS, variant)
    verdicts, intervals = engine(records, options)
    place = written(records, tmp_path, FILES, shuffled=True)
    local = run(place, tmp_path / "local", options, PARTITIONS)
    ours = on_spark(place, tmp_path / "spark", options)
    assert published(tmp_path / "spark", "verdicts") == in_order(verdicts)
    assert published(tmp_path / "spark", "intervals") == in_order(intervals)
    assert different(ours, local) == []


def test_every_partition_has_a_task_of_its_own() -> None:
    keys = cluster.even_keys(PARTITIONS)
    with session(LOCAL) as spark:
        numbers = spark.createDataFrame([(key,) for key in keys], "key int").repartition(PARTITIONS, "key")
        tasks = numbers.selectExpr("key", "spark_partition_id() AS task").collect()
    assert {row["key"]: row["task"] for row in tasks} == {key: task for task, key in enumerate(keys)}


@contextmanager
def collected() -> Iterator[list[list[Any]]]:
    """Every row that comes to the driver while this lasts; no other way there is left open."""
    frame = importlib.import_module("pyspark.sql.classic.dataframe").DataFrame
    original: Callable[[Any], list[Any]] = frame.collect
    rows: list[list[Any]] = []

    def recording(self: Any) -> list[Any]:
        rows.append(original(self))
        return rows[-1]

    def closed(*_: object, **__: object) -> None:
        raise AssertionError("rows came to the driver by another way")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame, "collect", recording)
        for name in ("toPandas", "toArrow", "toLocalIterator", "take", "head", "first", "tail", "foreach"):
            patch.setattr(frame, name, closed)
        patch.setattr(frame, "rdd", property(closed))
        yield rows


def test_nothing_is_collected_but_scores_and_samples(tmp_path: Path) -> None:
    sizes = []
    for number, patients in enumerate((PATIENTS, 4 * PATIENTS)):
        records, options = practice(32, patients)
        place = written(records, tmp_path / str(number), FILES)
        with collected() as rows:
            result = on_spark(place, tmp_path / f"out{number}", options)
        # digests, what is to be known of the whole, scores and samples: one row each
        assert [len(found) for found in rows] == [1, 1, 1]
        carried = b"".join(row["payload"] for found in rows for row in found)
        ids = {row["patient_id"].encode() for row in records["treatments"]}
        assert len(ids) > patients // 2
        assert not [name for name in ids if name in carried]
        assert result.counts["verdicts"] > patients
        sizes.append(len(rows[-1][0]["payload"]) - len(result.findings))
    assert sizes[1] < 2 * sizes[0]


def test_what_the_command_is_refused_here_it_is_refused_there(tmp_path: Path) -> None:
    place = small(tmp_path, ["2025-01-03"], "9.4E+09")
    with pytest.raises(InputRejected) as caught:
        on_spark(place, tmp_path / "out", Options())
    assert caught.value.code == "ID_ROUNDED"


def test_the_command_writes_the_same_folder(tmp_path: Path) -> None:
    place = small(tmp_path, ["2025-01-03", "2025-04-03"])
    for name, more in {"one": ("--workers", 1), "two": ("--engine", "spark", "--master", LOCAL)}.items():
        done = command(place, "--format", "parquet", *more, "--out", tmp_path / name)
        assert done.exit_code == 0, done.output
    one, two = ((tmp_path / name / "summary.json").read_text() for name in ("one", "two"))
    assert one == two
    again = command(place, "--format", "parquet", "--engine", "spark", "--master", LOCAL, "--out", tmp_path / "one")
    assert "Nothing has changed" in again.output


# --- a standalone cluster


def free_port() -> int:
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        port: int = found.getsockname()[1]
        return port


class Daemon:
    """A master or a worker: a process, in a group of its own, and what it logged."""

    def __init__(self, kind: str, log: Path, *arguments: str) -> None:
        (pyspark,) = importlib.util.find_spec("pyspark").submodule_search_locations  # type: ignore[union-attr,misc]
        self.log, self.address = log, f"{LOOPBACK}:{(port := free_port())}"
        with log.open("wb") as sink:
            self.process = subprocess.Popen(
                [Path(pyspark) / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", "--host", LOOPBACK,
                 "--port", str(port), "--webui-port", "0", *arguments],
                stdout=sink, stderr=sink, start_new_session=True,
            )  # fmt: skip

    def wait_for(self, text: str, times: int = 1) -> None:
        until = time.monotonic() + PATIENCE
        while self.log.read_text(errors="replace").count(text) < times:
            assert self.process.poll() is None, self.log.read_text(errors="replace")
            assert time.monotonic() < until, f"no {text!r} in {self.log.name}"
            time.sleep(0.1)

    def kill(self) -> None:
        """The daemon and the executors that it has begun."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def standalone(folder: Path) -> Iterator[tuple[str, Daemon, list[Daemon]]]:
    """A master and two workers of one core each, on loopback."""
    master = Daemon("master.Master", folder / "master.log")
    url = f"spark://{master.address}"
    workers: list[Daemon] = []
    try:
        master.wait_for("I have been elected leader")
        for name in ("one", "two"):
            workers.append(Daemon("worker.Worker", folder / f"{name}.log", "--cores", "1", "--memory", "1g",
                                  "--work-dir", str(folder / name), url))  # fmt: skip
        master.wait_for("Registering worker", len(workers))
        yield url, master, workers
    finally:
        for daemon in (*workers, master):
            daemon.kill()


def parts(out: Path) -> int:
    return len(list(out.glob("verdicts.parquet/part-*")))


def kill_when_begun(victim: Daemon, out: Path, found: list[int]) -> threading.Thread:
    """Kills a worker as soon as the first partition is written; `found` gets how many stood there then."""

    def watch() -> None:
        until = time.monotonic() + PATIENCE
        while not parts(out) and time.monotonic() < until:
            time.sleep(0.01)
        victim.kill()
        found.append(parts(out))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def test_a_worker_killed_on_the_way_loses_nothing(tmp_path: Path) -> None:
    records, options = practice(33, MANY_PATIENTS)
    place = written(records, tmp_path, FILES)
    local = run(place, tmp_path / "local", options, MANY_PARTITIONS)
    with standalone(tmp_path) as (url, master, workers):
        whole = on_spark(place, tmp_path / "whole", options, url, MANY_PARTITIONS)
        assert different(whole, local) == []
        out, found = tmp_path / "killed", list[int]()
        watcher = kill_when_begun(workers[0], out, found)
        ours = on_spark(place, out, options, url, MANY_PARTITIONS)
        watcher.join()
        master.wait_for(f"{workers[0].address} got disassociated, removing it")
        assert all("Asked to launch executor" in worker.log.read_text(errors="replace") for worker in workers)
    assert found
    assert 0 < found[0] < MANY_PARTITIONS
    assert different(ours, local) == []
    assert not list(out.rglob(f"{UNFINISHED}*"))
