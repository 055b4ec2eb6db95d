"""Ten times the rows cost about ten times the time and memory, up to a million treatment rows."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.measure import Limit, finish, module, print_table
from benchmarks.workload import ROWS_A_PATIENT

PATIENTS: Final = (500, 5_000, 50_000)
#: growth may exceed the tenfold of the rows by what sorting and a smaller share of the caches cost
MOST_TIMES: Final = 15


def main() -> None:
    """Measure each size in a process of its own."""
    print("From csv files; the engine is cohort and criteria, from canonical tables in memory to verdicts.\n")
    found = [_measure(patients) for patients in PATIENTS]
    headings = ("treatment rows", "intake s", "engine s", "engine us a row", "engine MB", "whole process MB")
    print_table(headings, [_row(steps) for steps in found])
    (_, middle, largest) = found
    time, memory = (largest[name] / middle[name] for name in ("engine", "engine_mb"))
    rows = f"{middle['rows']:,} to {largest['rows']:,} rows"
    finish(
        Limit(f"from {rows} the engine's time grows at most {MOST_TIMES} times", f"{time:.1f}", time <= MOST_TIMES),
        Limit(
            f"from {rows} the engine's memory grows at most {MOST_TIMES} times", f"{memory:.1f}", memory <= MOST_TIMES
        ),
    )


def _measure(patients: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "practice"
        module("benchmarks.workload", patients, folder)
        cost = module("benchmarks.stages", folder)
    steps: dict[str, float] = json.loads(cost.output)
    if steps["rows"] != patients * ROWS_A_PATIENT:
        raise ValueError(f"{steps['rows']} rows were read in place of {patients * ROWS_A_PATIENT}")
    return {**steps, "peak_mb": cost.peak_mb}


def _row(steps: dict[str, float]) -> tuple[str, ...]:
    return (
        f"{steps['rows']:,}",
        f"{steps['intake']:.2f}",
        f"{steps['engine']:.3f}",
        f"{steps['engine'] / steps['rows'] * 1e6:.2f}",
        f"{steps['engine_mb']:.0f}",
        f"{steps['peak_mb']:.0f}",
    )


if __name__ == "__main__":
    main()
