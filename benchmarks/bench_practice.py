"""One practice of 200 patients, workbook in and every report out, against starting Python and its imports.

What a run imports is asked of a run: its modules, in the order in which it began to import them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.measure import B12AUDIT, PYTHON, Cost, Limit, finish, module, print_table, run
from benchmarks.workload import ROWS_A_PATIENT

PATIENTS: Final = 200
REPEATS: Final = 7
MOST_TIMES: Final = 3
_COMPLETE_OR_PARTIAL: Final = (0, 3)
#: runs the command and then names the modules that a name leads to
_NAMING: Final = """
import sys
from audit.cli import main
try:
    main(sys.argv[1:], prog_name="b12audit")
finally:
    specs = {name: getattr(module, "__spec__", None) for name, module in list(sys.modules.items())}
    print("\\n".join(name for name, spec in specs.items() if spec is not None and spec.name == name != "__main__"))
"""
_IMPORTING: Final = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"


def main(patients: str = str(PATIENTS)) -> None:
    """Measure in turn, so that a busy machine slows both."""
    with tempfile.TemporaryDirectory() as place:
        book = Path(place) / "practice.xlsx"
        module("benchmarks.workload", patients, book)
        first = Path(place) / "first"
        naming = (PYTHON, "-c", _NAMING, "run", book, "--quiet", "--out", first)
        names = run(*naming, accept=_COMPLETE_OR_PARTIAL).output.split()
        written = sorted(file.name for file in first.iterdir())
        nothing, imports, whole = [], [], []
        for number in range(REPEATS):
            nothing.append(run(PYTHON, "-c", "pass"))
            imports.append(run(PYTHON, "-c", _IMPORTING, *names))
            command = (*B12AUDIT, "run", book, "--quiet", "--out", Path(place) / f"out-{number}")
            whole.append(run(*command, accept=_COMPLETE_OR_PARTIAL))
    rows = int(patients) * ROWS_A_PATIENT
    print(f"A workbook of {int(patients):,} patients, {rows:,} treatment rows; the least of {REPEATS} runs, in turn.")
    print(f"Written: {', '.join(written)}. Imported by it: {len(names):,} modules.\n")
    _report(nothing, imports, whole)


def _report(nothing: list[Cost], imports: list[Cost], whole: list[Cost]) -> None:
    start, run_ = (min(cost.wall for cost in costs) for costs in (imports, whole))
    rows = {"python -c pass": nothing, "Python and all that a run imports (start-up)": imports, "the whole run": whole}
    headings = ("", "seconds", "processor s", "x start-up")
    print_table(headings, [_row(name, costs, start) for name, costs in rows.items()])
    what = f"one practice end to end takes under {MOST_TIMES} times the start-up"
    finish(Limit(what, f"{run_ / start:.2f} times", run_ < MOST_TIMES * start))


def _row(name: str, costs: list[Cost], start: float) -> tuple[str, ...]:
    wall, processor = (min(getattr(cost, kind) for cost in costs) for kind in ("wall", "processor"))
    return name, f"{wall:.2f}", f"{processor:.2f}", f"{wall / start:.2f}"


if __name__ == "__main__":
    main(*sys.argv[1:])
