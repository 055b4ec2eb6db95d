"""A nation's tables in memory, and the engine's way from there to the outcome of every patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from audit.cohort.cohort import build_cohort
from audit.cohort.window import DateOptions
from audit.criteria import catalogue
from audit.engine.judged import Judged, Plan, judge_partition
from audit.engine.layout import open_folder
from audit.engine.shared import pieces_of
from audit.engine.spill import survey
from audit.engine.whole import plan_of
from audit.intake.columnar import clean_ids
from audit.intake.findings import Findings
from audit.intake.heading_map import UNMAPPED
from audit.intake.partition import KEY, ROW, read_partition
from audit.results.judge import judge
from audit.standards.standard import load_standard
from schemas.vocabulary import OUTCOME

EXTRACT, HISTORY, TODAY = date(2026, 3, 31), date(2019, 1, 1), date(2026, 12, 31)
TABLES: Final = ("Patients", "Treatments", "Tests", "Reviews")
#: what the criteria about injections alone need
ABOUT_INJECTIONS: Final = TABLES[:2]


def plan_for(folder: Path, tables: Sequence[str] = TABLES) -> Plan:
    """How the engine is to judge a folder of which only these tables are handed to it."""
    found = open_folder(folder, UNMAPPED)
    kept = type(found)(found.path, {name: found.tables[name] for name in tables}, found.about)
    plan, _ = plan_of(kept, [survey(piece) for piece in pieces_of(kept)], "", DateOptions(EXTRACT, HISTORY),
                      load_standard(), TODAY)  # fmt: skip
    return plan


def read(folder: Path, patients: Sequence[str] = ()) -> dict[str, pa.Table]:
    """The tables as pyarrow reads them; of these patients alone when any are named."""
    only = [("patient_id", "in", list(patients))] if patients else None
    return {name: pq.read_table(folder / name, filters=only) for name in TABLES}


def _keyed(table: pa.Table) -> pa.Table:
    """The table as a partition has it: each row with its patient's id, cleaned, and its number."""
    columns = {KEY: clean_ids(table.column("patient_id").combine_chunks()), ROW: np.arange(len(table), dtype=np.int32)}
    others = [name for name in table.column_names if name not in ("patient_id", "practice_id")]
    return pa.table({**columns, **{name: table.column(name) for name in others}})


def audit_all(tables: Mapping[str, pa.Table], plan: Plan) -> Judged:
    """What the engine does with a partition: every criterion, rows to publish and counts included."""
    return judge_partition({name: _keyed(tables[name]) for name in plan.reading.grids}, plan)


def outcomes(tables: Mapping[str, pa.Table], plan: Plan, codes: Sequence[str]) -> pd.DataFrame:
    """The outcome of every patient for these criteria and no more: a row a patient, a column a criterion."""
    extract = read_partition({name: _keyed(tables[name]) for name in plan.reading.grids}, plan.reading, Findings())
    cohort = build_cohort(extract, plan.window, plan.standard)
    words = np.array(OUTCOME)
    judged = {item.code: judge(item, cohort) for item in catalogue() if item.code in codes}
    return pd.DataFrame(
        {code: words[judged[code].outcome] for code in codes}, index=pd.Index(extract.patients["patient_id"])
    )
