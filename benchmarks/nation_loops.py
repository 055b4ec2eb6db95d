"""The same audit of a few patients in the two ways it is usually written: a loop over patients, and groupby.apply.

    python -m benchmarks.nation_loops FOLDER PATIENTS

prints seconds a patient of each as JSON. The loop is the re-implementation in `tests/oracle` with all of its criteria;
groupby.apply does less: of each patient the intervals between injections in order, and which of them are late.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from audit.criteria import catalogue
from tests import oracle
from tests.oracle.history import History
from tests.oracle.run import verdict_of


def main(folder: str, patients: str) -> None:
    """Measure both on the first patients; see the module's docstring."""
    chosen = [f"S{number:08d}" for number in range(1, int(patients) + 1)]
    names = ("Patients", "Treatments", "Tests", "Reviews")
    tables = {name: pq.read_table(Path(folder) / name, filters=[("patient_id", "in", chosen)]) for name in names}
    found = {"loop": _loop(tables) / len(chosen), "apply": _apply(tables["Treatments"]) / len(chosen)}
    print(json.dumps(found))


def _loop(tables: dict[str, pa.Table]) -> float:
    text = {name: _text(table) for name, table in tables.items()}
    records = oracle.Records(
        about={"extract_date": "2026-03-31", "history_start": "2019-01-01"},
        patients=text["Patients"], treatments=text["Treatments"], tests=text["Tests"], reviews=text["Reviews"],
        file_stem="nation",
    )  # fmt: skip
    codes = [criterion.code for criterion in catalogue()]
    begun = time.process_time()
    practice = oracle.read(records, oracle.Options())
    for patient in practice.patients:
        history = History(practice, patient)
        for code in codes:
            verdict_of(history, code)
    return time.process_time() - begun


def _text(table: pa.Table) -> list[dict[str, str]]:
    """Rows as the re-implementation reads them: text, blank for missing."""
    frame = table.to_pandas().astype(object)
    rows = frame.where(frame.notna(), "").to_dict("records")
    return [{str(key): str(value) for key, value in row.items()} for row in rows]


def _apply(treatments: pa.Table) -> float:
    frame = treatments.to_pandas()
    frame["date"] = pd.to_datetime(frame["date"])
    begun = time.process_time()
    frame.groupby("patient_id")[["date", "drug", "event"]].apply(_late)
    return time.process_time() - begun


def _late(rows: pd.DataFrame) -> pd.Series:
    given = rows[rows["drug"].str.startswith("Hydroxocobalamin") & rows["event"].isin(["administered", "issued"])]
    days = given["date"].drop_duplicates().sort_values()
    due = days + pd.DateOffset(months=3)
    late = days.shift(-1) > due + pd.Timedelta(days=14)
    return pd.Series({"judged": len(days), "late": int(late.sum())})


if __name__ == "__main__":
    main(*sys.argv[1:])
