"""Every injection that was counted, and what stood in the place of one, with the row of the records that says so."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from audit.render.sheet import MOST_ROWS, Column, Sheet, cells_of, left_out
from audit.results.audit import AuditResult
from audit.results.phrases import date_text

#: with more rows than a person reads, those before the audit period are left to the records
ALL_UP_TO: Final = 20_000
_KINDS: Final = {
    "dose": "Injection",
    "declined": "Refused",
    "deferred": "Deferred",
    "not_attended": "Not attended",
    "stopped": "Stopped",
}


def injections_sheet(result: AuditResult) -> Sheet:
    """In order of patient and day; gaps are between injections."""
    columns = (
        Column("Patient", 14),
        Column("Practice", 12),
        Column("Date", 13, "date"),
        Column("What", 14),
        Column("Ampoules", 10, "number"),
        Column("Days since the one before", 14, "number"),
        Column("File", 30),
        Column("Sheet", 16),
        Column("Row", 9, "number"),
    )
    every = result.events[result.events["kind"].isin(list(_KINDS))]
    recent = every["date"].to_numpy() >= _begin(result) if len(every) > ALL_UP_TO else np.ones(len(every), np.bool_)
    shown = every[recent][:MOST_ROWS]
    gaps = _gaps(every).reindex(shown.index)
    cells = [
        *(cells_of(shown[name]) for name in ("patient_id", "practice_id", "date")),
        [_KINDS[kind] for kind in shown["kind"]],
        *(cells_of(column) for column in (shown["units"], gaps, shown["file"], shown["sheet"], shown["row"])),
    ]
    notes = (
        "Every injection that was counted, and refusals, deferrals, missed appointments and stops. Rows of one day "
        "count once, and the first is named; where only prescriptions are recorded, each stands on its day of issue.",
        *_left_out(result, len(every), int(recent.sum())),
    )
    return Sheet("Injections", "Injections, with their place in the records", columns, list(zip(*cells, strict=True)),
                 "No injection is recorded.", notes)  # fmt: skip


def _begin(result: AuditResult) -> np.datetime64:
    return np.datetime64(min(window.period_from for window in result.windows), "s")


def _left_out(result: AuditResult, every: int, recent: int) -> list[str]:
    """What the sheet has not, because nobody would read it."""
    if every == recent:
        return left_out(every, "the records")
    since = date_text(min(window.period_from for window in result.windows))
    first = f"Only those from {since} on, {recent:,} of {every:,}; the days since the one before go back further."
    return [first, *left_out(recent, "the records")]


def _gaps(events: pd.DataFrame) -> pd.Series:
    """Days from each patient's injection to the one before; missing for the first, and for what is no injection."""
    doses = events[events["kind"] == "dose"]
    day = doses["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    same = np.ones(len(doses), dtype=np.bool_)
    for name in ("practice_id", "patient_id"):
        codes = pd.factorize(doses[name])[0]
        same &= np.concatenate([[False], codes[1:] == codes[:-1]])[: len(doses)]
    gaps = pd.Series(np.diff(day, prepend=day[:1]), index=doses.index).where(same)
    return gaps.reindex(events.index).astype("Int32").rename("gap")
