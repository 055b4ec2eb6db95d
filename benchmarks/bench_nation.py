"""A nation on one machine against the floor of `nation_floor.py`; growth of time and memory with its size."""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Final

from benchmarks.measure import B12AUDIT, Limit, finish, module, print_table
from benchmarks.nation import ROWS_A_PATIENT
from benchmarks.watch import watched

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
WORKERS: Final = 2
MOST_TIMES_FLOOR: Final = 4
MOST_MB: Final = 4_295
FLOORS: Final = 3
#: ten times the patients may cost so many times the time: a perfect line would be ten
MOST_GROWTH: Final = 12
#: fixed costs, above all imports, are this large a part of small runs: growth is measured from here on
FROM: Final = 100_000
HEADINGS: Final = ("patients", "input MB", "wall s", "processor s", "floor s", "x floor", "peak MB of all processes",
                   "peak x input")  # fmt: skip


def main(*sizes: str) -> None:
    """Measure each size; see the module's docstring."""
    found = [_measure(int(size)) for size in sizes or map(str, SIZES)]
    print(f"{ROWS_A_PATIENT} treatment rows a patient, {WORKERS} processes, Parquet in and out, all criteria.")
    print(f"The floor reads the same files, codes the patients and sorts once; the best of {FLOORS} processes.\n")
    print_table(HEADINGS, [_row(one) for one in found])
    largest = found[-1]
    parts = ", ".join(f"{part} {largest[part]:.1f}" for part in ("read", "code", "sort"))
    print(f"The floor of {largest['patients']:,.0f} patients in seconds: {parts}.\n")
    finish(*_limits(found))


def _limits(found: list[dict[str, float]]) -> list[Limit]:
    largest = found[-1]
    times = largest["wall"] / largest["floor"]
    limits = [
        Limit(f"at most {MOST_TIMES_FLOOR} times the floor", f"{times:.1f} times", times <= MOST_TIMES_FLOOR),
        Limit("peak memory under 4 GiB", f"{largest['mb']:,.0f} MB", largest["mb"] < MOST_MB),
    ]
    pairs = [(one, two) for one, two in pairwise(found) if one["patients"] >= FROM]
    for one, two in pairs:
        growth = two["wall"] / one["wall"]
        what = f"from {one['patients']:,.0f} to {two['patients']:,.0f} patients time grows at most {MOST_GROWTH} times"
        limits.append(Limit(what, f"{growth:.1f} times", growth <= MOST_GROWTH))
    return limits


def _measure(patients: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "nation", Path(place) / "out"
        module("benchmarks.nation", patients, folder)
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 1e6
        command = (*B12AUDIT, "run", folder, "--engine", "local", "--workers", WORKERS, "--format", "parquet",
                   "--extract-date", "2026-03-31", "--history-start", "2019-01-01", "--out", out)  # fmt: skip
        # a floor before, one after, one more: what disturbs one of them hardly disturbs all
        floors = [_floor(folder)]
        cost = watched(*map(str, command))
        floors += [_floor(folder) for _ in range(FLOORS - 1)]
    least = min(floors, key=lambda floor: floor["floor"])
    return {"patients": patients, "input": size, **cost, **least}


def _floor(folder: Path) -> dict[str, float]:
    parts: dict[str, float] = json.loads(module("benchmarks.nation_floor", folder).output)
    return {**parts, "floor": sum(parts.values())}


def _row(one: dict[str, float]) -> tuple[str, ...]:
    return (
        f"{one['patients']:,.0f}",
        f"{one['input']:.1f}",
        f"{one['wall']:.1f}",
        f"{one['processor']:.1f}",
        f"{one['floor']:.2f}",
        f"{one['wall'] / one['floor']:.1f}",
        f"{one['mb']:,.0f}",
        f"{one['mb'] / one['input']:,.1f}",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
