"""Proportion of days covered by pdcscore: run by the Python of its own environment, which has nothing of this project.

    python pdcscore_side.py INJECTIONS.csv DAYS FROM TO

INJECTIONS.csv has the columns patient_id and date, a row an injection, each of which covers DAYS. Prints as JSON the
processor seconds and, for each patient, days covered in the period and days looked at.
"""

from __future__ import annotations

import importlib
import json
import sys
import time

import pandas as pd


def main(path: str, days: str, first: str, last: str) -> None:
    """Measure; see the module's docstring."""
    pdcscore = importlib.import_module("pdcscore")
    frame = pd.read_csv(path, parse_dates=["date"])
    frame = frame.assign(drug="B12", days=int(days), first=pd.Timestamp(first), last=pd.Timestamp(last))
    begun = time.process_time()
    columns = ("patient_id", "drug", "date", "days", "first", "last")
    found = pdcscore.pdcCalc(frame, *columns, overlap_adjustment=False).calculate_pdc_scores()
    seconds = time.process_time() - begun
    covered = {row.patient_id: [int(row.dayscovered), int(row.totaldays)] for row in found.itertuples()}
    print(json.dumps({"seconds": seconds, "covered": covered}))


if __name__ == "__main__":
    main(*sys.argv[1:])
