"""What is said of each input: its dates, and its rows, of which none is lost: read = used + set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from audit.cohort.calendar import to_date
from audit.cohort.cohort import Cohort
from audit.cohort.window import AuditWindow
from audit.intake.extract import Extract, Facts
from audit.results.audit import RowCount, Window
from schemas.vocabulary import SET_ASIDE

PERCENT: Final = 100
#: with a larger share of treatment rows unusable the report is partial
MOST_UNUSABLE_PERCENT: Final = 20


def row_counts(extract: Extract, cohort: Cohort) -> list[RowCount]:
    """Read = used + set aside, table by table; rows that only the cohort set aside are counted there."""
    others = {"Tests": extract.tests, "Reviews": extract.reviews}
    counts = [_row_count(name, table, Counter()) for name, table in others.items()]
    late = Counter({"after_end": len(cohort.after_end), "unreadable": 0})
    late["unreadable"] = len(set(cohort.doses.bad_quantity) - set(cohort.after_end))
    return [_row_count("Treatments", extract.treatments, late), *counts]


def _row_count(name: str, table: pd.DataFrame, later: Counter[str]) -> RowCount:
    codes = np.bincount(table["set_aside"].cat.codes.to_numpy(), minlength=len(SET_ASIDE)).tolist()
    aside = Counter({reason: number for reason, number in zip(SET_ASIDE, codes, strict=True) if reason})
    aside.update(later)
    named = {reason: number for reason, number in sorted(aside.items()) if number}
    return RowCount(name, len(table), len(table) - sum(named.values()), named)


def unusable_rows(counts: Sequence[RowCount]) -> str:
    """A sentence when more treatment rows were unusable than a complete report may have; blank otherwise."""
    rows = [row for row in counts if row.table == "Treatments"]
    read = sum(row.read for row in rows)
    lost = sum(row.set_aside.get(reason, 0) for row in rows for reason in ("unreadable", "no_patient_id"))
    if lost * PERCENT <= read * MOST_UNUSABLE_PERCENT:
        return ""
    return f"{lost:,} of {read:,} treatment rows could not be used."


def check_rows(row: RowCount) -> None:
    """Raises AssertionError unless every row is used or set aside."""
    if row.used < 0 or row.read != row.used + sum(row.set_aside.values()):
        raise AssertionError(f"rows of {row.table} are not conserved")


def window_of(window: AuditWindow, facts: Facts) -> Window:
    """One input's dates as a report prints them."""
    return Window(
        file=facts.file,
        sha256=facts.sha256,
        extract_date=to_date(window.extract),
        extract_date_from=window.extract_from,
        history_start=to_date(window.history),
        history_start_from=window.history_from,
        period_from=to_date(window.start),
        period_to=to_date(window.end),
        parts=facts.parts,
    )
