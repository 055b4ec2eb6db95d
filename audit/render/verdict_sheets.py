"""The sheets of what was judged: every verdict that people read, and every interval."""

from __future__ import annotations

from typing import Any, Final

from audit.render.sheet import MOST_ROWS, Column, Sheet, cells_of, left_out
from audit.render.words import OUTCOMES, clean
from audit.render.worklist import Teller
from audit.results.audit import AuditResult
from audit.results.records import Verdict, records

#: with more rows than a person reads, those that nobody acts on are left to the csv file
ALL_OUTCOMES_UP_TO: Final = 10_000


def verdicts_sheet(result: AuditResult) -> Sheet:
    """The verdicts that people read: those of criteria that were asked."""
    table, teller = result.verdicts, Teller(result)
    shown = table[~table["outcome"].isin(["excluded", "not_applicable"])]
    what = "Every patient and criterion that was asked; verdicts.csv beside this file has the others too."
    if len(shown) > ALL_OUTCOMES_UP_TO:
        shown = shown[(shown["outcome"] != "met") & shown["criterion"].isin(teller.mandated)]
        what = "Every verdict of a mandated criterion that is not met; verdicts.csv beside this file has them all."
    columns = (
        Column("Patient", 14),
        Column("Practice", 12),
        Column("Criterion", 44),
        Column("Outcome", 20),
        Column("In words", 90),
        Column("Due", 13, "date"),
        Column("Days late", 9, "number"),
    )
    rows = [_verdict_row(item, teller) for item in records(shown[:MOST_ROWS], Verdict)]
    notes = (what, *left_out(len(shown), "verdicts.csv"))
    return Sheet("Verdicts", "Verdicts", columns, rows, "No criterion was asked of any patient.", notes)


def _verdict_row(verdict: Verdict, teller: Teller) -> tuple[Any, ...]:
    return (
        clean(verdict.patient_id),
        clean(verdict.practice_id),
        teller.criteria[verdict.criterion].title,
        OUTCOMES[verdict.outcome],
        teller.why(verdict),
        verdict.due_date,
        teller.late(verdict),
    )


def intervals_sheet(result: AuditResult) -> Sheet:
    """The judged or waiting intervals that people read."""
    shown, what = result.intervals, "From one injection to the next, or from the last one to the end of the record."
    if len(shown) > ALL_OUTCOMES_UP_TO:
        shown = shown[shown["outcome"] != "met"]
        what += " Without those that are met; intervals.csv beside this file has them all."
    table = shown[:MOST_ROWS]
    looks = {"patient_id": 14, "practice_id": 12, "from_date": 13, "to_date": 13, "due_date": 13, "days": 8}
    names = [name for name in _INTERVALS if name in table]
    cells = [cells_of(table[name]) for name in names]
    columns = [
        Column(_INTERVALS[name], looks.get(name, 14), "date" if name.endswith("_date") else "text") for name in names
    ]
    notes = (what, *left_out(len(shown), "intervals.csv"))
    return Sheet("Intervals", "Intervals", columns, list(zip(*cells, strict=True)), "No interval was judged.", notes)


_INTERVALS: Final = {
    "patient_id": "Patient",
    "practice_id": "Practice",
    "kind": "Kind",
    "from_date": "From",
    "to_date": "To",
    "days": "Days",
    "months": "Months allowed",
    "due_date": "Due",
    "neurological": "Neurological",
    "outcome": "Outcome",
}
