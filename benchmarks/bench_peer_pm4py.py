"""pm4py's temporal conformance, of process mining, against ours: which patients waited too long between injections."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import pandas as pd

from benchmarks.in_memory import EXTRACT
from benchmarks.measure import Limit, finish, print_table, run
from benchmarks.peers.environments import python_with
from benchmarks.peers.injections import INTERVALS, Injections, injections

PACKAGES: Final = ("pm4py==2.7.23.11", "pandas==3.1.1", "numpy==2.4.6")
PATIENTS: Final = 20_000
REPEATS: Final = 3
#: three months and two weeks, in days because pm4py has no months
DAYS: Final = 106
#: the audit period's first day
FIRST: Final = "2025-04-01"
_SIDE: Final = Path(__file__).parent / "peers" / "pm4py_side.py"
_NOTES: Final = f"""
{PACKAGES[0].replace("==", " ")} checks any log of events against spans between any two of them, learned or given, in
seconds, one span for all patients. It is given {DAYS} days from each injection to the next, and the extract date as the
last event of each patient. It has no calendar months, no status or cause that changes the schedule, no refusals, no
course, no row that cannot be read and no "cannot tell"; ours judges {len(INTERVALS)} criteria with all that, and checks
no log but this kind.
"""


def main(patients: str = str(PATIENTS)) -> None:
    """Measure both; see the module's docstring."""
    with python_with(*PACKAGES) as python, injections(int(patients)) as given:
        frame = _log(given)
        frame[["patient_id", "date"]].to_csv(given.csv, index=False)
        command = (python, _SIDE, given.csv, str(DAYS))
        runs: list[dict[str, Any]] = [json.loads(run(*command).output) for _ in range(REPEATS)]
    print(_NOTES.strip() + "\n")
    form, check = (min(one[part] for one in runs) for part in ("form", "check"))
    size = len(given.patients)
    rows = [("pm4py: the log in its form", form), ("pm4py: temporal conformance", check), ("ours", given.seconds)]
    print_table(
        (f"{size:,} patients", "processor s", "us a patient", "x ours"),
        [(name, f"{cost:.2f}", f"{cost / size * 1e6:,.0f}", f"{cost / given.seconds:.1f}") for name, cost in rows],
    )
    frame = frame.set_index(["patient_id", "number"])
    late = pd.MultiIndex.from_tuples(runs[-1]["late"])
    apart = frame.index[frame["gap"] > DAYS]
    print(f"{_agreement(given, frame.loc[late])}\n")
    differ = len(set(late) ^ set(apart))
    times = (form + check) / given.seconds
    finish(
        Limit("pm4py finds the injections that came too late, counted plainly", f"{differ} differ", not differ),
        Limit("ours takes less processor time", f"pm4py {times:.1f} times ours", times > 1),
    )


def _log(given: Injections) -> pd.DataFrame:
    """Each injection and the extract date by patient and number, with the days since the one before."""
    ends = given.patients[["patient_id"]].assign(date=EXTRACT)
    frame = pd.concat([given.frame, ends]).astype({"date": "datetime64[s]"}).sort_values(["patient_id", "date"])
    of_patient = frame.groupby("patient_id")
    return frame.assign(gap=of_patient["date"].diff().dt.days, number=of_patient.cumcount() + 1)


def _agreement(given: Injections, late: pd.DataFrame) -> str:
    """How often its answer is ours where it could be: patients without involvement and not of dietary cause."""
    people = given.patients.set_index("patient_id")
    simple = (people["neurological_involvement"] == "no") & (people["cause"] != "dietary")
    ours = given.outcomes.loc[simple.index[simple], "maintenance-interval-standard"]
    ours = ours[ours.isin(["met", "not_met"])]
    found = late.index[late["date"] >= FIRST].get_level_values(0)
    same = int(((ours == "not_met") == ours.index.isin(found)).sum())
    return (
        f"Both say the same of {same:,} of {len(ours):,} patients without neurological involvement whom ours judges;\n"
        "to others a month's length or the end of the loading course makes the difference."
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
