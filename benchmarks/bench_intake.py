"""Preflight, identity gate and reading of a workbook into canonical tables, against calamine alone."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from audit.intake.read import read_extract
from benchmarks import floor, workload
from benchmarks.measure import Limit, finish, print_table, timed

PATIENTS: Final = 5_000
MOST_TIMES: Final = 3
REPEATS: Final = 5


def main() -> None:
    """Write the workbook, read it both ways in turn, compare the least disturbed times."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.xlsx"
        workload.write_xlsx(workload.sheets(PATIENTS), path)
        read_extract(path)  # imports
        alone, whole = [], []
        for _ in range(REPEATS):
            alone.append(timed(partial(floor.read, str(path)))[0])
            whole.append(timed(partial(read_extract, path))[0])
    least, cost = min(alone), min(whole)
    print(f"A workbook of {PATIENTS * workload.ROWS_A_PATIENT:,} treatment rows; imports left out.\n")
    rows = [("reading with calamine alone (the floor)", least), ("preflight, identity gate and reading", cost)]
    print_table(("", "processor seconds", "x floor"), [(n, f"{s:.2f}", f"{s / least:.1f}") for n, s in rows])
    finish(
        Limit(f"intake takes at most {MOST_TIMES} x the floor", f"{cost / least:.1f} x", cost <= MOST_TIMES * least)
    )


if __name__ == "__main__":
    main()
