"""A nation on one machine against the floor, a per-patient loop and groupby.apply; growth of time and memory."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.measure import B12AUDIT, Limit, finish, module, print_table, run
from benchmarks.nation import ROWS_A_PATIENT

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
LOOPED: Final = 300
WORKERS: Final = 2
MOST_TIMES_FLOOR: Final = 4
MOST_MB: Final = 4_295
LEAST_TIMES_APPLY, LEAST_TIMES_LOOP: Final = 500, 50
#: ten times the patients may cost so many times the time: a perfect line would be ten
MOST_GROWTH: Final = 12
#: fixed costs, above all imports, are this large a part of small runs: growth is measured from here on
FROM: Final = 100_000


def main(*sizes: str) -> None:
    """Measure each size; see the module's docstring."""
    found = [_measure(int(size)) for size in sizes or map(str, SIZES)]
    print(f"{ROWS_A_PATIENT} treatment rows a patient, {WORKERS} processes, Parquet in and out, all criteria.\n")
    headings = ("patients", "wall s", "floor s", "x floor", "most MB of one process", "MB of all, at most")
    print_table(headings, [_row(one) for one in found])
    largest = found[-1]
    ours = largest["processor"] / largest["patients"]
    print(f"A patient costs {ours * 1e6:.0f} us of processor time; {LOOPED} patients cost a loop {largest['loop']:.4f} s "
          f"and groupby.apply {largest['apply']:.4f} s each.\n")  # fmt: skip
    finish(*_limits(found, ours))


def _limits(found: list[dict[str, float]], ours: float) -> list[Limit]:
    largest = found[-1]
    times = largest["wall"] / largest["floor"]
    loop, apply = largest["loop"] / ours, largest["apply"] / ours
    limits = [
        Limit(f"at most {MOST_TIMES_FLOOR} times the floor", f"{times:.1f} times", times <= MOST_TIMES_FLOOR),
        Limit("peak memory under 4 GiB", f"{largest['all_mb']:,.0f} MB", largest["all_mb"] < MOST_MB),
        Limit(f"at least {LEAST_TIMES_LOOP} times the loop", f"{loop:.0f} times", loop >= LEAST_TIMES_LOOP),
        Limit(f"at least {LEAST_TIMES_APPLY} times groupby.apply", f"{apply:.0f} times", apply >= LEAST_TIMES_APPLY),
    ]
    pairs = [(one, two) for one, two in zip(found, found[1:], strict=False) if one["patients"] >= FROM]
    for one, two in pairs:
        growth = two["wall"] / one["wall"]
        what = f"from {one['patients']:,.0f} to {two['patients']:,.0f} patients time grows at most {MOST_GROWTH} times"
        limits.append(Limit(what, f"{growth:.1f} times", growth <= MOST_GROWTH))
    return limits


def _measure(patients: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "nation", Path(place) / "out"
        module("benchmarks.nation", patients, folder)
        floor = float(module("benchmarks.nation_floor", folder).output)
        command = (*B12AUDIT, "run", folder, "--engine", "local", "--workers", WORKERS, "--format", "parquet",
                   "--extract-date", "2026-03-31", "--history-start", "2019-01-01", "--out", out)  # fmt: skip
        cost = run(*map(str, command), accept=(0, 3))
        loops = json.loads(module("benchmarks.nation_loops", folder, min(patients, LOOPED)).output)
    found = {"patients": patients, "wall": cost.wall, "processor": cost.processor, "floor": floor, **loops}
    # the largest process, and as if all that run at a time, the one that started them included, were as large
    return {**found, "peak_mb": cost.peak_mb, "all_mb": cost.peak_mb * (WORKERS + 1)}


def _row(one: dict[str, float]) -> tuple[str, ...]:
    return (
        f"{one['patients']:,.0f}",
        f"{one['wall']:.1f}",
        f"{one['floor']:.1f}",
        f"{one['wall'] / one['floor']:.1f}",
        f"{one['peak_mb']:,.0f}",
        f"{one['all_mb']:,.0f}",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
