"""Six of the criteria as an analyst would write them with pandas: a function of one patient's rows, and groupby.apply.

It is written from the audit standard, not from the engine, and as well as the manner allows: what can be done for all
rows at once is done before (which rows are injections), and a patient's intervals are judged together, by operations on
columns. `bench_patients.py` demands that its outcomes equal the engine's on every patient.

What it leaves out, because no record of the synthetic nation has it: patients who refused, stopped, left, are children
or have no injection; vitamin B12 by mouth; patients with both issued and given injections; several ampoules on one
prescription; further courses; rows and dates that cannot be read. It gives no reasons, dates or findings either. The
engine looks for all of that.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

CRITERIA: Final = (
    "loading-complete",
    "maintenance-interval-neuro",
    "maintenance-interval-standard",
    "not-overdue",
    "hydroxocobalamin-injected",
    "intramuscular",
)
_EXTRACT: Final = pd.Timestamp("2026-03-31")
_PERIOD: Final = pd.Timestamp("2025-04-01")
_RECENT: Final = pd.Timestamp("2024-04-01")
#: days past the due date that still count, by the months of the schedule
_GRACE: Final = {2: 7, 3: 14, 6: 28}
_WORST_FIRST: Final = ("not_met", "not_assessable", "met", "pending")


def outcomes(patients: pd.DataFrame, treatments: pd.DataFrame) -> pd.DataFrame:
    """The outcome of each patient, a column a criterion, from the tables as pandas has them."""
    injected = treatments["drug"].str.contains("cobalamin") & (treatments["route"] != "oral")
    counted = treatments["event"].isin(["administered", "issued"])
    rows = treatments[injected & counted].merge(patients, on="patient_id", suffixes=("", "_of_patient"))
    for column in ("date", "neurological_onset", "diagnosis_date", "registered_from"):
        rows[column] = pd.to_datetime(rows[column])
    rows["hydroxocobalamin"] = rows["drug"].str.startswith("Hydroxocobalamin")
    return pd.DataFrame(rows.groupby("patient_id").apply(_patient))


def _patient(rows: pd.DataFrame) -> pd.Series:
    """Every criterion for one patient."""
    person = rows.iloc[0]
    days = rows["date"].drop_duplicates().sort_values().reset_index(drop=True)
    run = (days.diff().dt.days > 10).cumsum()
    intervals = _intervals(days, run, person)
    recent = rows[rows["date"].between(_PERIOD, _EXTRACT)]
    return pd.Series(
        {
            "loading-complete": _loading(days, person),
            "maintenance-interval-neuro": _maintenance(intervals, days, ["yes"]),
            "maintenance-interval-standard": _maintenance(intervals, days, ["no", "unknown"], person["cause"]),
            "not-overdue": _overdue(intervals, days),
            "hydroxocobalamin-injected": _every(recent["hydroxocobalamin"]),
            "intramuscular": _every(recent["route"] == "intramuscular"),
        }
    )


def _intervals(days: pd.Series, run: pd.Series, person: pd.Series) -> pd.DataFrame:
    """From each injection to the next or the extract date, but inside the first course; and what came of each."""
    table = pd.DataFrame({"start": days, "end": days.shift(-1).fillna(_EXTRACT)})
    table["open"] = table.index == len(days) - 1
    table["transition"] = table["start"] == days[run == 0].max()
    inside = (run == 0) & (run.shift(-1) == 0)
    table = table[~inside].copy()
    involved = person["neurological_involvement"]
    since = person["neurological_onset"]
    table["neuro"] = involved if involved in ("no", "yes") else "unknown"
    if involved == "yes" and not pd.isna(since):
        table.loc[table["start"] < since, "neuro"] = "no"
    usual = 6 if person["cause"] == "dietary" else 3
    two, longer = _judged(table, 2), _judged(table, usual)
    table["outcome"] = longer.where(two == longer, "not_assessable")
    table["outcome"] = table["outcome"].where(table["neuro"] == "unknown", longer)
    table["outcome"] = table["outcome"].where(table["neuro"] != "yes", two)
    return table


def _judged(table: pd.DataFrame, months: int) -> pd.Series:
    """What comes of each interval when injections are due after so many months."""
    limit = table["start"] + pd.DateOffset(months=months) + pd.Timedelta(days=_GRACE[months])
    outcome = pd.Series("met", index=table.index)
    outcome[table["open"]] = "pending"
    outcome[table["end"] > limit] = "not_met"
    return outcome


def _maintenance(intervals: pd.DataFrame, days: pd.Series, neuro: list[str], cause: str = "") -> str:
    """The worst outcome of the maintenance intervals that end in the period."""
    if days.max() < _RECENT or cause == "dietary":
        return "not_applicable"
    asked = intervals[~intervals["transition"] & intervals["neuro"].isin(neuro) & (intervals["end"] >= _PERIOD)]
    found = set(asked["outcome"])
    return next((outcome for outcome in _WORST_FIRST if outcome in found), "not_applicable")


def _overdue(intervals: pd.DataFrame, days: pd.Series) -> str:
    """The interval since the last injection, met while it waits."""
    if days.max() < _RECENT or not intervals["open"].any():
        return "not_applicable"
    outcome = str(intervals.loc[intervals["open"], "outcome"].iloc[0])
    return "met" if outcome == "pending" else outcome


def _loading(days: pd.Series, person: pd.Series) -> str:
    """Six injections within three weeks of the first, of patients who started in the period."""
    first = days.iloc[0]
    if not _PERIOD <= first <= _EXTRACT:
        return "not_applicable"
    onset = person["neurological_onset"]
    neuro = person["neurological_involvement"] == "yes" and (pd.isna(onset) or onset <= first + pd.Timedelta(days=14))
    if neuro or person["cause"] == "dietary":
        return "not_applicable"
    seen = max(pd.Timestamp("2019-01-01"), person["registered_from"]) + pd.DateOffset(months=4)
    diagnosed = 0 <= (first - person["diagnosis_date"]).days <= 28
    if first < seen and not diagnosed:
        return "not_assessable"
    limit = first + pd.Timedelta(days=21)
    if (days <= limit).sum() >= 6:
        return "met"
    return "pending" if limit > _EXTRACT else "not_met"


def _every(holds: pd.Series) -> str:
    if holds.empty:
        return "not_applicable"
    return "met" if holds.all() else "not_met"
