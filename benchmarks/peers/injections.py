"""The same injections for a peer and for ours: of a synthetic nation, as a csv file and as tables in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks import in_memory
from benchmarks.measure import module, timed

INTERVALS: Final = ("maintenance-interval-neuro", "maintenance-interval-standard", "maintenance-interval-dietary")
REPEATS: Final = 3


@dataclass(frozen=True, slots=True)
class Injections:
    """What both are given, and what ours says.

    Attributes:
        csv: patient_id and date of each injection, prescribed or given.
        frame: the same.
        patients: the table of patients.
        seconds: least processor seconds of ours, from tables in memory to the outcomes of the INTERVALS.
        outcomes: these, a row a patient.
    """

    csv: Path
    frame: pd.DataFrame
    patients: pd.DataFrame
    seconds: float
    outcomes: pd.DataFrame


@contextmanager
def injections(patients: int) -> Iterator[Injections]:
    """Of so many patients."""
    with tempfile.TemporaryDirectory() as place:
        folder, csv = Path(place) / "nation", Path(place) / "injections.csv"
        module("benchmarks.nation", patients, folder)
        tables, plan = in_memory.read(folder), in_memory.plan_for(folder, in_memory.ABOUT_INJECTIONS)
        runs = [timed(partial(in_memory.outcomes, tables, plan, INTERVALS)) for _ in range(REPEATS)]
        rows = tables["Treatments"].to_pandas()
        frame = rows.loc[rows["route"] == "intramuscular", ["patient_id", "date"]]
        frame.to_csv(csv, index=False)
        yield Injections(csv, frame, tables["Patients"].to_pandas(), min(seconds for seconds, _ in runs), runs[-1][1])
