"""The same partitions judged through each of Spark's interfaces to Python, on one machine.

    python -m benchmarks.spark_interfaces [PATIENTS] [PARTITIONS]

Needs the extra `spark`. The rows are dealt and shuffled once and kept; timed is what follows: the hand-over to Python,
the judging, the tables written. Prints the least of six rounds for each interface, each first in turn, in seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa

from audit.cohort.window import DateOptions
from audit.engine import cluster
from audit.engine.layout import open_folder
from audit.engine.shared import make_folders, pieces_of
from audit.engine.spark import _SCHEMA, _numbers, session
from audit.engine.spill import survey
from audit.engine.whole import plan_of
from audit.intake.heading_map import UNMAPPED
from audit.standards.standard import load_standard
from benchmarks import nation

ROUNDS = 6
Judge = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def in_pandas(frames: Iterator[pd.DataFrame], judge: Judge) -> Iterator[pd.DataFrame]:
    """The same function for `mapInPandas`."""
    batches = (pa.RecordBatch.from_pandas(frame, cluster.PARCELS, preserve_index=False) for frame in frames)
    return (batch.to_pandas() for batch in judge(batches))


def of_group(frame: pd.DataFrame, judge: Judge) -> pd.DataFrame:
    """The same function for `applyInPandas`."""
    return pd.concat(list(in_pandas(iter([frame]), judge)))


def interfaces(parcels: Any, judge: Judge) -> dict[str, Callable[[], Any]]:
    """Each interface by name, as the frame that it gives."""
    ordered = parcels.sortWithinPartitions("partition")
    return {
        "mapInArrow": lambda: ordered.mapInArrow(judge, _SCHEMA),
        "mapInPandas": lambda: ordered.mapInPandas(partial(in_pandas, judge=judge), _SCHEMA),
        # Spark counts the function's arguments
        "applyInPandas": lambda: parcels.groupBy("partition").applyInPandas(lambda frame: of_group(frame, judge),
                                                                            _SCHEMA),
    }  # fmt: skip


def measure(spark: Any, place: Path, out: Path, partitions: int) -> dict[str, float]:
    """Least seconds of each interface."""
    folder = open_folder(place, UNMAPPED)
    pieces = list(pieces_of(folder))
    plan, _ = plan_of(folder, [survey(piece) for piece in pieces], "", DateOptions(), load_standard(),
                      date(2026, 12, 31))  # fmt: skip
    make_folders(out)
    keys = cluster.even_keys(partitions)
    dealt = _numbers(spark, len(pieces)).mapInArrow(partial(cluster.dealt, pieces=pieces, keys=keys), _SCHEMA)
    parcels = dealt.repartition(partitions, "partition").persist()
    parcels.count()
    judge = partial(cluster.judged, pieces=pieces, keys=keys, plan=plan, out=str(out))
    found: dict[str, float] = {}
    every = list(interfaces(parcels, judge).items())
    for number in range(ROUNDS):
        first = number % len(every)
        for name, frame in every[first:] + every[:first]:
            begun = time.perf_counter()
            frame().write.format("noop").mode("overwrite").save()
            found[name] = min(found.get(name, float("inf")), time.perf_counter() - begun)
    return found


def main(patients: str = "50000", partitions: str = "4") -> None:
    """Print the table; see the module's docstring."""
    with TemporaryDirectory() as scratch, session("local[2]") as spark:
        place, out = Path(scratch) / "nation", Path(scratch) / "out"
        out.mkdir()
        nation.main(patients, str(place))
        for name, seconds in measure(spark, place, out, int(partitions)).items():
            print(f"{name:<14} {seconds:6.2f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
