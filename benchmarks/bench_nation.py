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

from audit.criteria import catalogue
from benchmarks.measure import B12AUDIT, ROOT, Limit, finish, module, print_table
from benchmarks.nation import ROWS_A_PATIENT

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
LOOPED: Final = 300
WORKERS: Final = 2
MOST_TIMES_FLOOR: Final = 4
MOST_MB: Final = 4_295
LEAST_TIMES_APPLY: Final = 500
LEAST_TIMES_LOOP: Final = 50
_CRITERIA: Final = len(catalogue())
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
    headings = ("patients", "wall s", "processor s", "floor s", "x floor", "most MB of all processes")
    print_table(headings, [_row(one) for one in found])
    largest = found[-1]
    ours = largest["processor"] / largest["patients"]
    print(f"A patient costs {ours * 1e6:.1f} us of processor time, start-up included and all {_CRITERIA} criteria;")
    print(f"in a loop {largest['loop'] * 1e6:,.0f} us. For one criterion groupby.apply takes "
          f"{largest['apply'] * 1e6:,.0f} us a patient, ours {ours / _CRITERIA * 1e6:.1f} us.\n")  # fmt: skip
    finish(*_limits(found, ours))


def _limits(found: list[dict[str, float]], ours: float) -> list[Limit]:
    largest = found[-1]
    times = largest["wall"] / largest["floor"]
    loop, apply = largest["loop"] / ours, largest["apply"] / (ours / _CRITERIA)
    limits = [
        Limit(f"at most {MOST_TIMES_FLOOR} times the floor", f"{times:.1f} times", times <= MOST_TIMES_FLOOR),
        Limit("peak memory under 4 GiB", f"{largest['mb']:,.0f} MB", largest["mb"] < MOST_MB),
        Limit(f"at least {LEAST_TIMES_LOOP} times the loop", f"{loop:.0f} times", loop >= LEAST_TIMES_LOOP),
        Limit(
            f"for one criterion at least {LEAST_TIMES_APPLY} times groupby.apply",
            f"{apply:.0f} times",
            apply >= LEAST_TIMES_APPLY,
        ),
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
        cost = _run_watched(*map(str, command))
        loops = json.loads(module("benchmarks.nation_loops", folder, min(patients, LOOPED)).output)
    return {"patients": patients, **cost, "floor": floor, **loops}


def _run_watched(*command: str) -> dict[str, float]:
    """What a command and all its processes cost: wall and processor seconds, and the most memory at a time in MB.

    Memory that processes share is shared out among them (PSS), as Linux counts it.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun, peak = time.perf_counter(), 0.0
    used: dict[str, float] = {}
    with tempfile.TemporaryFile("w+") as said:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": said}
        with subprocess.Popen(command, env=environment, start_new_session=True, **quiet) as process:  # type: ignore[call-overload]
            while process.poll() is None:
                peak = max(peak, _look(process.pid, used))
                time.sleep(_PAUSE)
        wall = time.perf_counter() - begun
        if process.returncode not in (0, 3):
            said.seek(0)
            sys.exit(f"{said.read()}The audit ended with exit code {process.returncode}.")
    return {"wall": wall, "processor": sum(used.values()), "mb": peak}


def _look(session: int, used: dict[str, float]) -> float:
    """MB held by all processes of a session; notes the processor seconds of each."""
    total = 0
    for place in Path("/proc").glob("[0-9]*"):
        # a process may end while it is looked at
        with suppress(OSError):
            stat = (place / "stat").read_text().rpartition(")")[2].split()
            if int(stat[3]) != session:
                continue
            used[place.name] = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
            lines = (place / "smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1e3


def _row(one: dict[str, float]) -> tuple[str, ...]:
    return (
        f"{one['patients']:,.0f}",
        f"{one['wall']:.1f}",
        f"{one['processor']:.1f}",
        f"{one['floor']:.1f}",
        f"{one['wall'] / one['floor']:.1f}",
        f"{one['mb']:,.0f}",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
