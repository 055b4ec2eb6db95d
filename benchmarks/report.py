"""Runs every benchmark and writes what they print into README.md, below its marker; draws growth.svg.

python -m benchmarks.report
"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Final

from benchmarks import chart
from benchmarks.measure import NOT_MEASURED, PYTHON, SKIPPED, run

HERE: Final = Path(__file__).resolve().parent
README: Final = HERE / "README.md"
CHART: Final = HERE / "growth.svg"
MARKER: Final = "<!-- Below this line: written by `python -m benchmarks.report`. -->"
_KEPT_OR_MISSED: Final = (0, 1)
#: the benchmark whose table is drawn, and what stands where the picture cannot be seen
_DRAWN: Final = "bench_nation"
_PICTURE: Final = f"![Seconds and memory against patients, as in the table]({CHART.name})"


def main() -> None:
    """Measure, then write: a benchmark that breaks leaves the old figures. A missed promise is written as missed."""
    printed = {script.stem: _printed(script) for script in sorted(HERE.glob("bench_*.py"))}
    head, marker, _ = README.read_text(encoding="utf-8").partition(MARKER)
    if not marker:
        raise ValueError(f"{README.name} has lost its marker")
    machine = f"Measured with Python {platform.python_version()} on {os.cpu_count()} cores, {platform.system()}."
    CHART.write_text(chart.growth(printed[_DRAWN]), encoding="utf-8")
    chapters = [_chapter(name, output) for name, output in printed.items()]
    README.write_text("\n\n".join([head + marker, machine, *chapters]) + "\n", encoding="utf-8")


def _printed(script: Path) -> str:
    output = run(PYTHON, script, accept=(*_KEPT_OR_MISSED, SKIPPED)).output.strip()
    # a traceback ends with exit code 1 too, but never comes to a promise
    last = output.rpartition("\n")[2]
    if not last.startswith(("* kept", "* MISSED", NOT_MEASURED)):
        raise ValueError(f"{script.name} did not come to its end: run it alone to see why")
    print(f"== {script.name}\n{output}\n", flush=True)
    return output


def _chapter(name: str, output: str) -> str:
    picture = f"\n\n{_PICTURE}" if name == _DRAWN else ""
    return f"## {name}{picture}\n\n{output}"


if __name__ == "__main__":
    main()
