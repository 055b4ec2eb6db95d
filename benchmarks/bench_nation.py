"""A nation on one machine against the floor, a per-patient loop and groupby.apply; growth of time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final

from benchmarks.measure import B12AUDIT, ROOT, Limit, finish, module, print_table
from benchmarks.nation import ROWS_A_PATIENT

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
LOOPED: Final = 300
WORKERS: Final = 2
MOST_TIMES_FLOOR: Final = 4
MOST_MB: Final = 4_295
LEAST_TIMES_APPLY: Final = 500
LEAST_TIMES_LOOP: Final = 50
#: seconds between two looks at the memory
_PAUSE: Final = 0.2
#: ten times the patients may cost so many times the time: a perfect line would be ten
MOST_GROWTH: Final = 12
#: fixed costs, above all imports, are this large a part of small runs: growth is measured from here on
FROM: Final = 100_000


def main(*sizes: str) -> None:
    """Measure each size; see the module's docstring."""
    found = [_measure(int(size)) for size in sizes or map(str, SIZES)]
    print(f"{ROWS_A_PATIENT} treatment rows a patient, {WORKERS} processes, Parquet in and out, all criteria.\n")
    headings = ("patients", "wall s", "floor s", "x floor", "most MB of all processes")
    print_table(headings, [_row(one) for one in found])
    largest = found[-1]
    # all cores for the whole of the time: more than was used
    ours = largest["wall"] * WORKERS / largest["patients"]
    print(f"A patient costs at most {ours * 1e6:.0f} us of processor time, start-up included; in a loop "
          f"{largest['loop'] * 1e6:,.0f} us, with groupby.apply {largest['apply'] * 1e6:,.0f} us.\n")  # fmt: skip
    finish(*_limits(found, ours))


def _limits(found: list[dict[str, float]], ours: float) -> list[Limit]:
    largest = found[-1]
    times = largest["wall"] / largest["floor"]
    loop, apply = largest["loop"] / ours, largest["apply"] / ours
    limits = [
        Limit(f"at most {MOST_TIMES_FLOOR} times the floor", f"{times:.1f} times", times <= MOST_TIMES_FLOOR),
        Limit("peak memory under 4 GiB", f"{largest['mb']:,.0f} MB", largest["mb"] < MOST_MB),
        Limit(f"at least {LEAST_TIMES_LOOP} times the loop", f"{loop:.0f} times", loop >= LEAST_TIMES_LOOP),
        Limit(f"at least {LEAST_TIMES_APPLY} times groupby.apply", f"{apply:.0f} times", apply >= LEAST_TIMES_APPLY),
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
        floor = float(module("benchmarks.nation_floor", folder).output)
        command = (*B12AUDIT, "run", folder, "--engine", "local", "--workers", WORKERS, "--format", "parquet",
                   "--extract-date", "2026-03-31", "--history-start", "2019-01-01", "--out", out)  # fmt: skip
        wall, peak = _run_watched(*map(str, command))
        loops = json.loads(module("benchmarks.nation_loops", folder, min(patients, LOOPED)).output)
    return {"patients": patients, "wall": wall, "mb": peak, "floor": floor, **loops}


def _run_watched(*command: str) -> tuple[float, float]:
    """Wall seconds of a command, and the most memory that it and all its processes held at a time, in MB.

    Memory that processes share is shared out among them (PSS), as Linux counts it.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun, peak = time.perf_counter(), 0.0
    with tempfile.TemporaryFile("w+") as said:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": said}
        with subprocess.Popen(command, env=environment, start_new_session=True, **quiet) as process:  # type: ignore[call-overload]
            while process.poll() is None:
                peak = max(peak, _held(process.pid))
                time.sleep(_PAUSE)
        wall = time.perf_counter() - begun
        if process.returncode not in (0, 3):
            said.seek(0)
            sys.exit(f"{said.read()}The audit ended with exit code {process.returncode}.")
    return wall, peak


def _held(session: int) -> float:
    """MB held by all processes of a session."""
    total = 0
    for place in Path("/proc").glob("[0-9]*"):
        # a process may end while it is looked at
        with suppress(OSError):
            of = int((place / "stat").read_text().rpartition(")")[2].split()[3])
            lines = (place / "smaps_rollup").read_text().splitlines() if of == session else []
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1e3


def _row(one: dict[str, float]) -> tuple[str, ...]:
    return (
        f"{one['patients']:,.0f}",
        f"{one['wall']:.1f}",
        f"{one['floor']:.1f}",
        f"{one['wall'] / one['floor']:.1f}",
        f"{one['mb']:,.0f}",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
