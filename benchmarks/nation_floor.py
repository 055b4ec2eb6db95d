"""What a nation costs at least: reading its Parquet, coding its patients and one sort.

    python -m benchmarks.nation_floor FOLDER

prints the wall seconds. Columns are read as coded text, by all cores; the ids of all tables get one code each.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TABLES: Final = ("Patients", "Treatments", "Tests", "Reviews")


def floor(folder: Path) -> int:
    """Read, code, sort; the number of rows keeps the work from being left out."""
    tables = [pq.read_table(folder / name) for name in TABLES]
    rows = 0
    ids = pa.chunked_array([chunk for table in tables for chunk in table.column("patient_id").chunks])
    coded = ids.dictionary_encode().unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in coded.chunks])
    day = tables[1].column("date").cast(pa.int32()).to_numpy()
    begin = len(tables[0])
    keys = (codes[begin : begin + len(day)].astype(np.int64) << 32) | day
    keys.sort()
    rows += len(keys)
    return rows


def main(folder: str) -> None:
    """Measure; see the module's docstring."""
    begun = time.perf_counter()
    floor(Path(folder))
    print(time.perf_counter() - begun)


if __name__ == "__main__":
    main(*sys.argv[1:])
