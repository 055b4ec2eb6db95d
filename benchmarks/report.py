"""Runs every benchmark and writes what they print into README.md, below its marker.

python -m benchmarks.report
"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Final

from benchmarks.measure import PYTHON, run

HERE: Final = Path(__file__).resolve().parent
README: Final = HERE / "README.md"
MARKER: Final = "<!-- Below this line: written by `python -m benchmarks.report`. -->"
_KEPT_OR_MISSED: Final = (0, 1)


def main() -> None:
    """Measure, then write: a benchmark that breaks leaves the old figures. A missed promise is written as missed."""
    chapters = [_chapter(script) for script in sorted(HERE.glob("bench_*.py"))]
    head, marker, _ = README.read_text(encoding="utf-8").partition(MARKER)
    if not marker:
        raise ValueError(f"{README.name} has lost its marker")
    machine = f"Measured with Python {platform.python_version()} on {os.cpu_count()} cores, {platform.system()}."
    README.write_text("\n\n".join([head + marker, machine, *chapters]) + "\n", encoding="utf-8")


def _chapter(script: Path) -> str:
    output = run(PYTHON, script, accept=_KEPT_OR_MISSED).output.strip()
    # a traceback ends with exit code 1 too, but never comes to a promise
    if not output.splitlines()[-1:] or not output.splitlines()[-1].startswith(("* kept", "* MISSED")):
        raise ValueError(f"{script.name} did not come to its end: run it alone to see why")
    print(f"== {script.name}\n{output}\n")
    return f"## {script.stem}\n\n{output}"


if __name__ == "__main__":
    main()
