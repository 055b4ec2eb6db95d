"""Runs a command as a process of its own and says what it cost; prints tables and limits."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, TypeVar

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON: Final = sys.executable
#: What the entry point `b12audit` calls; so that no installed script is needed.
B12AUDIT: Final = (PYTHON, "-c", "from audit.cli import main; main(prog_name='b12audit')")
#: exit code of a benchmark that could not be run here, and how the last line that it prints begins
SKIPPED: Final = 77
NOT_MEASURED: Final = "* not measured:"
_T = TypeVar("_T")
#: Linux counts the peak in units of 1,024 bytes, macOS in bytes
_BYTES: Final = 1 if sys.platform == "darwin" else 1_024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: wall seconds, processor seconds, most resident memory in MB; and what it printed."""

    wall: float
    processor: float
    peak_mb: float
    output: str


def surroundings() -> dict[str, str]:
    """The environment of what is measured: this project on the path, modules compiled once as when installed."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    return {**{name: value for name, value in os.environ.items() if name not in left_out}, "PYTHONPATH": str(ROOT)}


def run(*command: str | Path, accept: Sequence[int] = (0,)) -> Cost:
    """Run a command and wait for it.

    A process counts the memory of the one that started it as its own peak until then, so the caller stays small:
    benchmarks load no data themselves.

    Raises:
        SystemExit: its exit code is not one of `accept`; what it said on stderr is shown.
    """
    environment = surroundings()
    with tempfile.TemporaryFile("w+") as said:
        begun = time.perf_counter()
        with subprocess.Popen(
            list(map(str, command)), stdout=subprocess.PIPE, stderr=said, text=True, env=environment
        ) as process:
            output = process.stdout.read() if process.stdout else ""
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accept:
            said.seek(0)
            sys.exit(f"{said.read()}A measured command ended with exit code {process.returncode}.")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _BYTES / 1e6, output)


def module(name: str, *arguments: object, accept: Sequence[int] = (0,)) -> Cost:
    """Run a module of this project as a process."""
    return run(PYTHON, "-m", name, *map(str, arguments), accept=accept)


def timed(function: Callable[[], _T]) -> tuple[float, _T]:
    """Processor seconds of one call in all its threads, and its value; other programs hardly disturb them."""
    begun = time.process_time()
    value = function()
    return time.process_time() - begun, value


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table; all columns but the first are numbers."""
    print("| " + " | ".join(headings) + " |")
    print("|---|" + "---:|" * (len(headings) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


@dataclass(frozen=True, slots=True)
class Limit:
    """One promise: what was measured, and whether it was kept."""

    promise: str
    measured: str
    kept: bool


def finish(*limits: Limit) -> None:
    """Print every promise with what was measured, and leave with exit code 1 when one was not kept."""
    for limit in limits:
        print(f"* {'kept' if limit.kept else 'MISSED'}: {limit.promise}; measured {limit.measured}")
    sys.exit(0 if all(limit.kept for limit in limits) else 1)


def skip(why: str) -> NoReturn:
    """Say why nothing could be measured, and leave with the exit code that says so."""
    print(f"{NOT_MEASURED} {why}")
    sys.exit(SKIPPED)
