"""Whole cohorts in columns against one patient at a time: a loop over patients, and pandas' groupby.apply.

All three go from tables in memory to the outcome of every patient for the same criteria; no start-up, no reading or
writing of files is in any of the times.
"""

from __future__ import annotations

import gc
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from audit.criteria import catalogue
from benchmarks import analyst, in_memory
from benchmarks.measure import Limit, finish, module, print_table, timed
from tests import oracle
from tests.oracle.history import History
from tests.oracle.run import verdict_of

PATIENTS: Final = 50_000
#: patients judged one at a time; their time is given for each
LOOPED, APPLIED = 1_000, 1_000
REPEATS: Final = 3
LEAST_TIMES_LOOP: Final = 50
LEAST_TIMES_APPLY: Final = 500
Tables = Mapping[str, pa.Table]


def main(patients: str = str(PATIENTS)) -> None:
    """Measure in turn, see that all say the same, compare the time of a patient."""
    size = int(patients)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "nation"
        module("benchmarks.nation", size, folder)
        whole = in_memory.read(folder)
        every, few = in_memory.plan_for(folder), in_memory.plan_for(folder, in_memory.ABOUT_INJECTIONS)
        looped = in_memory.read(folder, _first(min(LOOPED, size)))
        applied = in_memory.read(folder, _first(min(APPLIED, size)))
    codes = [criterion.code for criterion in catalogue()]
    # the loop makes many objects: it is not to pay for walking over what was there before
    gc.collect()
    gc.freeze()
    times: dict[str, list[float]] = {name: [] for name in ("every", "outcomes", "loop", "few", "apply")}
    for _ in range(REPEATS):
        seconds, judged = timed(partial(in_memory.audit_all, whole, every))
        times["every"].append(seconds / size)
        times["outcomes"].append(timed(partial(in_memory.outcomes, whole, every, codes))[0] / size)
        seconds, said = _loop(looped, codes)
        times["loop"].append(seconds / len(said))
        seconds, outcomes = timed(partial(in_memory.outcomes, whole, few, analyst.CRITERIA))
        times["few"].append(seconds / size)
        seconds, found = _apply(applied)
        times["apply"].append(seconds / len(found))
    of_loop = _agreeing(_by_patient(judged.verdicts, list(said.index)), said)
    agreeing = {"loop": (of_loop, len(said)), "apply": (_agreeing(outcomes, found), len(found))}
    _report({name: min(cost) for name, cost in times.items()}, size, agreeing)


def _first(count: int) -> list[str]:
    return [f"S{number:08d}" for number in range(1, count + 1)]


def _loop(tables: Tables, codes: list[str]) -> tuple[float, pd.DataFrame]:
    """The re-implementation of `tests/oracle`; its rows are handed over as the text that it reads, free of charge."""
    text = {name: _text(table) for name, table in tables.items()}
    records = oracle.Records(
        about={"extract_date": str(in_memory.EXTRACT), "history_start": str(in_memory.HISTORY)},
        patients=text["Patients"], treatments=text["Treatments"], tests=text["Tests"], reviews=text["Reviews"],
        file_stem="nation",
    )  # fmt: skip
    seconds, said = timed(partial(_judged_slowly, records, codes))
    return seconds, pd.DataFrame.from_dict(said, orient="index")


def _judged_slowly(records: oracle.Records, codes: list[str]) -> dict[str, dict[str, str]]:
    practice = oracle.read(records, oracle.Options())
    said = {}
    for patient in practice.patients:
        history = History(practice, patient)
        said[patient.patient_id] = {code: verdict_of(history, code).outcome for code in codes}
    return said


def _text(table: pa.Table) -> list[dict[str, str]]:
    """Rows as the re-implementation reads them: text, blank for missing."""
    frame = table.to_pandas().astype(object)
    rows = frame.where(frame.notna(), "").to_dict("records")
    return [{str(key): str(value) for key, value in row.items()} for row in rows]


def _apply(tables: Tables) -> tuple[float, pd.DataFrame]:
    """groupby.apply; its tables are handed over as pandas has them, free of charge."""
    patients, treatments = tables["Patients"].to_pandas(), tables["Treatments"].to_pandas()
    return timed(partial(analyst.outcomes, patients, treatments))


def _by_patient(verdicts: pa.Table, patients: list[str]) -> pd.DataFrame:
    """The published outcomes of some patients, a column a criterion."""
    rows = verdicts.select(["patient_id", "criterion", "outcome"]).to_pandas().astype(str)
    chosen = rows[rows["patient_id"].isin(patients)]
    return pd.DataFrame(chosen.pivot(index="patient_id", columns="criterion", values="outcome"))


def _agreeing(ours: pd.DataFrame, theirs: pd.DataFrame) -> int:
    """Patients of theirs who have the same outcome in every criterion."""
    same = ours.loc[theirs.index, theirs.columns] == theirs
    return int(same.all(axis=1).sum())


def _report(times: dict[str, float], size: int, agreeing: dict[str, tuple[int, int]]) -> None:
    few, every = f"{len(analyst.CRITERIA)} criteria", f"all {len(catalogue())} criteria"
    print(f"From tables in memory to the outcomes of each patient; ours of {size:,} patients.")
    print(f"The {few}: {', '.join(analyst.CRITERIA)}.\n")
    rows = [
        (f"{every}: ours, with rows to publish and counts", "every", "every"),
        (f"{every}: ours, outcomes alone", "outcomes", "every"),
        (f"{every}: a loop over {agreeing['loop'][1]:,} patients, outcomes alone", "loop", "every"),
        (f"{few}: ours", "few", "few"),
        (f"{few}: groupby.apply over {agreeing['apply'][1]:,} patients", "apply", "few"),
    ]
    print_table(
        ("", "processor us a patient", "x ours"),
        [(name, f"{times[one] * 1e6:,.1f}", f"{times[one] / times[ours]:,.3g}") for name, one, ours in rows],
    )
    loop, apply = times["loop"] / times["every"], times["apply"] / times["few"]
    finish(
        *(_same(name, *pair) for name, pair in agreeing.items()),
        Limit(
            f"{every} are judged at least {LEAST_TIMES_LOOP} times faster than in the loop",
            f"{loop:.0f} times",
            loop >= LEAST_TIMES_LOOP,
        ),
        Limit(
            f"the {few} are judged at least {LEAST_TIMES_APPLY} times faster than with groupby.apply",
            f"{apply:.0f} times",
            apply >= LEAST_TIMES_APPLY,
        ),
    )


def _same(name: str, same: int, of: int) -> Limit:
    what = {"loop": "the loop", "apply": "groupby.apply"}[name]
    return Limit(f"{what} gives every patient our outcomes", f"{same:,} of {of:,} patients", same == of)


if __name__ == "__main__":
    main(*sys.argv[1:])
