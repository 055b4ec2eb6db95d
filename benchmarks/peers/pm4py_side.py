"""Temporal conformance by pm4py: run by the Python of its own environment, which has nothing of this project.

    python pm4py_side.py INJECTIONS.csv DAYS

INJECTIONS.csv has the columns patient_id and date, a row an injection. Prints as JSON the processor seconds of putting
the log into pm4py's form and of its check, and each injection that came more than DAYS after the one before, as the
patient and its number from 1.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import warnings

import pandas as pd

_CASE, _ACTIVITY, _TIME = "case:concept:name", "concept:name", "time:timestamp"


def main(path: str, days: str) -> None:
    """Measure; see the module's docstring."""
    warnings.simplefilter("ignore")
    pm4py = importlib.import_module("pm4py")
    frame = pd.read_csv(path, parse_dates=["date"])
    laps = [time.process_time()]
    log = pm4py.format_dataframe(_log(frame), case_id=_CASE, activity_key=_ACTIVITY, timestamp_key=_TIME)
    # from one injection to the next anything from no time to so many days: the mean of it, and once the deviation
    half = int(days) * 86_400 / 2
    most = int(frame.groupby("patient_id").size().max())
    profile = {(f"injection {number}", f"injection {number + 1}"): (half, half) for number in range(1, most)}
    laps.append(time.process_time())
    deviations = pm4py.conformance_temporal_profile(log, profile, zeta=1.0)
    laps.append(time.process_time())
    cases = log[_CASE].unique().tolist()
    pairs = zip(cases, deviations, strict=True)
    late = [(case, int(one[1].rpartition(" ")[2])) for case, found in pairs for one in found]
    print(json.dumps({"form": laps[1] - laps[0], "check": laps[2] - laps[1], "late": late}))


def _log(frame: pd.DataFrame) -> pd.DataFrame:
    """One activity for each injection by its number, because pm4py compares any two that follow one another."""
    frame = frame.sort_values(["patient_id", "date"], kind="stable")
    number = frame.groupby("patient_id").cumcount() + 1
    activity = "injection " + number.astype(str)
    return pd.DataFrame({_CASE: frame["patient_id"], _ACTIVITY: activity, _TIME: frame["date"]})


if __name__ == "__main__":
    main(*sys.argv[1:])
