"""The machine-readable files: the three tables as csv or Parquet, and summary.json."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from audit.render.fixlist import MOST_SHOWN
from audit.render.quality import build_gaps
from audit.render.recall import WEEKS
from audit.render.rhythm import weeks
from audit.results import forecast, over_time, recall
from audit.results.audit import AuditResult, RowCount, Score, Window
from audit.results.fix import plan
from audit.results.patterns import STATUSES

Format = Literal["csv", "parquet"]
#: A cell that begins with one of these is run as a formula by spreadsheet programs; full-width forms too.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_tables(result: AuditResult, folder: Path, form: Format) -> None:
    """Writes verdicts, intervals and findings into `folder`."""
    tables = {"verdicts": result.verdicts, "intervals": result.intervals, "findings": result.findings}
    for name, table in tables.items():
        path = folder / f"{name}.{form}"
        if form == "parquet":
            table.to_parquet(path, index=False)
        else:
            path.write_text(as_csv(table), encoding="utf-8", newline="")


def as_csv(table: pd.DataFrame) -> str:
    """The table as CONTRACT writes it: UTF-8, comma, line feed, ISO dates, lower-case truth, blank for missing."""
    printed = pd.DataFrame({name: _printed(table[name]) for name in table.columns}, columns=table.columns)
    text = printed.to_csv(index=False, lineterminator="\n")
    return str(text)


def _printed(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        dates: pd.Series = column.dt.strftime("%Y-%m-%d").astype(object).where(column.notna(), "")
        return dates
    if pd.api.types.is_bool_dtype(column):
        return column.map({True: "true", False: "false"}).astype(object).where(column.notna(), "")
    if pd.api.types.is_numeric_dtype(column):
        return column
    return _harmless(column)


def _harmless(column: pd.Series) -> pd.Series:
    """Text that a spreadsheet program would run as a formula gets a leading apostrophe."""
    codes, known = pd.factorize(column)
    safe = [f"'{text}" if _runs(str(text)) else text for text in known]
    return pd.Series(pd.Series(safe, dtype=object).to_numpy()[codes], index=column.index, dtype=object)


def _runs(text: str) -> bool:
    return unicodedata.normalize("NFKC", text[:1]).startswith(_FORMULA_STARTS)


def summary(result: AuditResult, run: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the report prints as a number; `run` says how it was made."""
    titles = {criterion.code: criterion for criterion in result.criteria}
    return {
        "run": dict(run),
        "cohort": cohort_summary(result.patients, result.rows, result.partial),
        "criteria": [criterion_summary(score, titles[score.criterion].title, titles[score.criterion].strength,
                                titles[score.criterion].who) for score in result.scores],
        "patterns": {
            row.pattern: {status: getattr(row, status) for status in STATUSES} for row in result.patterns
        },
        "sweep": [asdict(row) for row in result.sweep],
        "phases": {row.phase: {status: getattr(row, status) for status in STATUSES} for row in result.phases},
        "findings": findings_summary(result.findings),
        "intervals_by_week": weeks(result),
        "to_do": _to_do(result),
        "open_answers": {
            gap.code: {"patients": gap.patients, "verdicts": gap.verdicts} for gap in build_gaps(result)
        },
        **_series(result),
    }  # fmt: skip


def _to_do(result: AuditResult) -> dict[str, int]:
    """Who is on the worklist and overdue, and what the first cells of the fix list settle."""
    mandated = [criterion.code for criterion in result.criteria if criterion.strength == "mandated"]
    table = result.verdicts
    listed = table[(table["outcome"] == "not_met") & table["criterion"].isin(mandated)]
    late = result.patients[result.patients["overdue_days"].notna()]
    gain = plan(result.fixes, MOST_SHOWN)
    return {
        "worklist": len(listed.drop_duplicates(["practice_id", "patient_id"])),
        "overdue": len(late),
        "overdue_neurological": int((late["neurological_involvement"] == "yes").sum()),
        "cells": gain.cells,
        "cells_settle_verdicts": gain.verdicts,
        "cells_settle_mandated": gain.mandated,
        "cells_settle_patients": gain.patients,
    }


def _series(result: AuditResult) -> dict[str, Any]:
    """What has been over time and what falls due, in counts; no key where the result has no such part."""
    parts = {
        "completeness": [asdict(item) for item in result.completeness] or None,
        "over_time": result.over_time and over_time.as_summary(result.over_time),
        "forecast": result.forecast and forecast.as_summary(result.forecast),
        "recall": result.recall and recall.as_summary(result.recall, WEEKS),
    }
    return {name: part for name, part in parts.items() if part is not None}


def window_text(window: Window) -> dict[str, Any]:
    """One input's dates as text; its files only where there are several."""
    content = asdict(window)
    parts = content.pop("parts")
    return {key: str(value) for key, value in content.items()} | ({"parts": parts} if parts else {})


def cohort_summary(patients: pd.DataFrame, rows: Sequence[RowCount], partial: str) -> dict[str, Any]:
    """Counts of patients and rows; `patients` as `AuditResult` has them."""
    inside = patients[patients["in_cohort"]]
    status = inside["neurological_involvement"].value_counts()
    basis = inside["basis"].value_counts()
    return {
        "patients": len(patients),
        "in_cohort": len(inside),
        "neurological_involvement": {name: int(status.get(name, 0)) for name in STATUSES},
        "basis": {name or "none": int(basis.get(name, 0)) for name in ("given", "issued", "")},
        "rows": [asdict(row) for row in rows],
        "partial": partial,
    }


def criterion_summary(score: Score, title: str, strength: str, who: str) -> dict[str, Any]:
    """A criterion's numbers as summary.json has them."""
    counts = {key: value for key, value in asdict(score).items() if key not in ("criterion", "reasons")}
    head = {"code": score.criterion, "title": title, "strength": strength, "population": who}
    first = ("met", "not_met", "excepted", "not_assessable", "pending", "not_applicable", "excluded", "eligible")
    last = ("share_met", "share_met_upper", "share_of_assessed", "wilson_low", "wilson_high")
    order = (*first, *last, "intervals_met", "intervals_judged", "within_grace")
    return {**head, **{key: counts[key] for key in order}, "reasons": dict(score.reasons)}


def findings_summary(findings: pd.DataFrame) -> dict[str, Any]:
    """How many findings there are by severity, and by code."""
    by_code = findings["code"].value_counts().sort_index()
    by_severity = findings["severity"].value_counts().sort_index()
    return {
        "by_severity": {str(name): int(number) for name, number in by_severity.items()},
        "by_code": {str(name): int(number) for name, number in by_code.items()},
    }


def as_json(content: Mapping[str, Any]) -> str:
    """JSON as it is written: indented, UTF-8, a final line feed."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
