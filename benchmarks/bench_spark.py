"""The two engines for large folders on one machine: the same folder through Spark, and through processes of our own.

Needs the extra `spark` in the Python that runs this, or in the one that BENCHMARK_SPARK_PYTHON names.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

from benchmarks.measure import B12AUDIT, PYTHON, Limit, finish, module, print_table, skip, surroundings
from benchmarks.watch import watched

SIZES: Final = (10_000, 100_000)
WORKERS: Final = 2
_ENGINES: Final = {"local": ("--workers", str(WORKERS)), "spark": ("--master", f"local[{WORKERS}]")}
_PUBLISHED: Final = ("verdicts.parquet", "intervals.parquet")


def main(*sizes: str) -> None:
    """Measure both on each size, and see that they write the same."""
    python = _python()
    print(f"{WORKERS} processes or tasks at a time, Parquet in and out, start-up included.\n")
    rows, same, times = [], True, 0.0
    for size in sizes or map(str, SIZES):
        costs, digests = _both(python, size)
        same = same and digests["local"] == digests["spark"]
        times = costs["spark"]["wall"] / costs["local"]["wall"]
        rows += [(f"{int(size):,}", engine, f"{cost['wall']:.1f}", f"{cost['processor']:.1f}", f"{cost['mb']:,.0f}",
                  f"{cost['wall'] / costs['local']['wall']:.1f}") for engine, cost in costs.items()]  # fmt: skip
    print_table(("patients", "engine", "wall s", "processor s", "peak MB of all processes", "x local"), rows)
    print(f"On one machine, at the largest size, Spark takes {times:.1f} times as long: it is for more than one.\n")
    finish(Limit("both engines write the same tables", "every byte" if same else "they differ", same))


def _python() -> str:
    """The Python that has the extra."""
    python = os.environ.get("BENCHMARK_SPARK_PYTHON", PYTHON)
    found = subprocess.run((python, "-c", "import pyspark"), capture_output=True, check=False, env=surroundings())
    if found.returncode:
        skip("the extra `spark` is not installed here; requirements/spark.txt pins it.")
    return python


def _both(python: str, patients: str) -> tuple[dict[str, dict[str, float]], dict[str, list[str]]]:
    costs, digests = {}, {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "nation"
        module("benchmarks.nation", patients, folder)
        for engine, options in _ENGINES.items():
            out = Path(place) / engine
            command = (python, *B12AUDIT[1:], "run", folder, "--engine", engine, *options, "--format", "parquet",
                       "--extract-date", "2026-03-31", "--history-start", "2019-01-01", "--out", out)  # fmt: skip
            costs[engine] = watched(*map(str, command))
            digests[engine] = _digests(out)
    return costs, digests


def _digests(out: Path) -> list[str]:
    files = sorted(file for name in _PUBLISHED for file in (out / name).iterdir())
    return [f"{file.name} {sha256(file.read_bytes()).hexdigest()}" for file in files]


if __name__ == "__main__":
    main(*sys.argv[1:])
