"""The whole `b12audit run` of a large workbook, against what merely reading the file costs."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.measure import B12AUDIT, Cost, Limit, finish, module, print_table, run
from benchmarks.workload import ROWS_A_PATIENT

PATIENTS: Final = 5_000
REPEATS: Final = 3
#: at most so many times the floor, plus the seconds that importing and writing may take
TIMES_FLOOR, SECONDS_BESIDE, MOST_MB = 4, 4.0, 700
_COMPLETE_OR_PARTIAL: Final = (0, 3)


def main() -> None:
    """Measure floor, run and stages in turn."""
    with tempfile.TemporaryDirectory() as place:
        book = Path(place) / "practice.xlsx"
        module("benchmarks.workload", PATIENTS, book)
        size = book.stat().st_size / 1e6
        print(f"A workbook of {PATIENTS * ROWS_A_PATIENT:,} treatment rows, {PATIENTS:,} patients, {size:.1f} MB.\n")
        floors = []
        runs = []
        for number in range(REPEATS):
            floors.append(module("benchmarks.floor", book))
            runs.append(_whole_run(book, Path(place) / f"out-{number}"))
        steps = json.loads(module("benchmarks.stages", book).output)
    _report(min(float(cost.output) for cost in floors), runs, steps)


def _whole_run(book: Path, out: Path) -> Cost:
    return run(*B12AUDIT, "run", book, "--out", out, accept=_COMPLETE_OR_PARTIAL)


def _report(floor: float, runs: list[Cost], steps: dict[str, float]) -> None:
    wall = min(cost.wall for cost in runs)
    peak = max(cost.peak_mb for cost in runs)
    processor = min(cost.processor for cost in runs)
    rows = [("reading with calamine alone (the floor)", floor), ("whole run", wall)]
    rows += [("- of it processor time, whatever else the machine did", processor)]
    rows += [(f"- {name}", steps[name]) for name in ("imports", "intake", "audit", "verdicts as csv")]
    print_table(("", "seconds", "x floor"), [(name, f"{cost:.2f}", f"{cost / floor:.1f}") for name, cost in rows])
    allowed = TIMES_FLOOR * floor + SECONDS_BESIDE
    finish(
        Limit(
            f"the run takes at most {TIMES_FLOOR} x the floor + {SECONDS_BESIDE:.0f} s",
            f"{wall / allowed:.2f} of that ({wall:.2f} s of {allowed:.2f} s)",
            wall <= allowed,
        ),
        Limit(f"the run stays under {MOST_MB} MB", f"{peak:.0f} MB", peak < MOST_MB),
    )


if __name__ == "__main__":
    main()
