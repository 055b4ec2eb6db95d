"""pdcscore, a package for the proportion of days covered by a medicine, against ours: the same injections."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import pandas as pd

from benchmarks.measure import Limit, finish, print_table, run
from benchmarks.peers.environments import python_with
from benchmarks.peers.injections import INTERVALS, Injections, injections

PACKAGES: Final = ("pdcscore==1.1.9", "pandas==3.1.1", "numpy==2.4.6")
PATIENTS: Final = 2_000
#: days that an injection covers, and the period
DAYS, FIRST, LAST = 91, "2025-04-01", "2026-03-31"
_SIDE: Final = Path(__file__).parent / "peers" / "pdcscore_side.py"
_NOTES: Final = f"""
{PACKAGES[0].replace("==", " ")} gives each patient and medicine the share of days in a period on which a supply of so
many days lasted: one number, the same days for everyone. It has no due date, no status or cause, no outcome and no
"cannot tell"; ours has no such share, and judges {len(INTERVALS)} interval criteria. Of the same kind, not measured:
propdayscov 1.2.0 calls what pandas 2 took away, and AdhereR, the fullest, needs R.
"""


def main(patients: str = str(PATIENTS)) -> None:
    """Measure both; see the module's docstring."""
    with python_with(*PACKAGES) as python, injections(int(patients)) as given:
        found: dict[str, Any] = json.loads(run(python, _SIDE, given.csv, str(DAYS), FIRST, LAST).output)
    print(_NOTES.strip() + "\n")
    size, theirs = len(given.patients), float(found["seconds"])
    rows = [("pdcscore: one share a patient", theirs), (f"ours: {len(INTERVALS)} criteria", given.seconds)]
    print_table(
        (f"{size:,} patients", "processor s", "us a patient", "x ours"),
        [(name, f"{cost:.2f}", f"{cost / size * 1e6:,.0f}", f"{cost / given.seconds:,.0f}") for name, cost in rows],
    )
    plain = _covered(given)
    differ = sum(days != plain[patient] for patient, (days, _) in found["covered"].items())
    times = theirs / given.seconds
    finish(
        Limit("pdcscore covers the days that a plain count covers", f"{differ} patients differ", not differ),
        Limit("ours takes less processor time", f"pdcscore {times:.0f} times ours", times > 1),
    )


def _covered(given: Injections) -> dict[str, int]:
    """Days of the period within DAYS of an injection, counted plainly."""
    period = pd.date_range(FIRST, LAST)
    found = {}
    for patient, rows in given.frame.groupby("patient_id"):
        days = {day for start in pd.to_datetime(rows["date"]) for day in pd.date_range(start, periods=DAYS)}
        found[str(patient)] = len(days & set(period))
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
