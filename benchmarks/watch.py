"""What a command costs that starts processes of its own: they are looked at while they run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from benchmarks.measure import surroundings

#: seconds between two looks
_PAUSE: Final = 0.2


def watched(*command: str) -> dict[str, float]:
    """What a command and all its processes cost: wall and processor seconds, and the most memory at a time in MB.

    Memory that processes share is shared out among them (PSS), as Linux counts it.

    Raises:
        SystemExit: the audit failed; what it said is shown.
    """
    environment = surroundings()
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
