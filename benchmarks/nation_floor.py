"""What a nation costs at least: reading its Parquet, one code a patient, and one sort.

    python -m benchmarks.nation_floor FOLDER

prints the wall seconds of each as JSON. It is written to be fast, not to flatter what is held against it: text with few
distinct values is read as codes, all cores read, the ids of every table are looked up among those of the patients, and
the injections' order is one sort of whole numbers, the patient above, the day below.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

TABLES: Final = ("Patients", "Treatments", "Tests", "Reviews")
_ID: Final = "patient_id"


def read(folder: Path) -> dict[str, pa.Table]:
    """The tables with every column; text other than the ids as codes."""
    found = {}
    for name in TABLES:
        kinds = pq.ParquetDataset(folder / name).schema
        coded = [field.name for field in kinds if pa.types.is_string(field.type) and field.name != _ID]
        found[name] = pq.read_table(folder / name, read_dictionary=coded)
    return found


def code(tables: dict[str, pa.Table]) -> dict[str, NDArray[np.int32]]:
    """Of every row which patient it is of, in each table."""
    known = tables["Patients"].column(_ID)
    return {name: pc.index_in(table.column(_ID), value_set=known).to_numpy() for name, table in tables.items()}


def sort(patient: NDArray[np.int32], treatments: pa.Table) -> NDArray[np.int64]:
    """The rows' patients and days in order, packed."""
    day = treatments.column("date").cast(pa.int32()).to_numpy()
    packed: NDArray[np.int64] = (patient.astype(np.int64) << 32) | day
    packed.sort()
    return packed


def main(folder: str) -> None:
    """Measure; see the module's docstring."""
    laps = [time.perf_counter()]
    tables = read(Path(folder))
    laps.append(time.perf_counter())
    codes = code(tables)
    laps.append(time.perf_counter())
    if len(sort(codes["Treatments"], tables["Treatments"])) != len(tables["Treatments"]):
        raise AssertionError("rows were lost")
    laps.append(time.perf_counter())
    print(json.dumps(dict(zip(("read", "code", "sort"), np.diff(laps).tolist(), strict=True))))


if __name__ == "__main__":
    main(*sys.argv[1:])
