"""The workbook's tables as values: one sheet each, with headings, widths, looks and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from audit.intake.notes import Note
from audit.render.carried import day_or_text, key_of
from audit.render.quality import Gap
from audit.render.view import View
from audit.render.words import OUTCOMES, clean
from audit.render.worklist import Teller
from audit.results.audit import AuditResult
from audit.results.phrases import plural
from audit.results.records import Verdict, plain, records

#: Rows at which a person can still look; the tables beside the workbook have every row.
MOST_FINDINGS: Final = 5000
MOST_ROWS: Final = 100_000
@dataclass(frozen=True, slots=True)
class Column:
    """A heading, its width in characters, and its cells' look: text, wrap, date, number, own or owndate (typed in).

    `choices` are what its cells offer to pick.
    """

    heading: str
    width: float
    look: str = "text"
    choices: tuple[str, ...] = ()


ACTIONS: Final = (
    "To check",
    "Contacted",
    "Booked",
    "Documented reason found",
    "Given elsewhere, record updated",
    "Record corrected",
    "No action needed",
)
#: the columns that the manager fills in
OWN: Final = (
    Column("Action", 20, "own", ACTIONS),
    Column("Owner", 12, "own"),
    Column("Date done", 12, "owndate"),
    Column("Comment", 26, "own"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table on a sheet of its own; `none` stands in its first row when it is empty."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    none: str = "None."
    notes: Sequence[str] = field(default=())

    @property
    def header(self) -> int:
        """Row of the table's header, from 0: below title and notes."""
        return 1 + len(self.notes)

    @property
    def first(self) -> int:
        """Row of the table's first cells."""
        return self.header + 1

    @property
    def last(self) -> int:
        """Row of the table's last cells; a table has at least one row."""
        return self.header + max(len(self.rows), 1)

    def place(self, heading: str) -> int:
        """Column of that heading, from 0."""
        return [column.heading for column in self.columns].index(heading)


def worklist_sheet(view: View) -> Sheet:
    """Every row of the worklist, with the columns that the manager fills in."""
    columns = (
        Column("Patient", 14),
        Column("Practice", 12),
        Column("Why", 70, "wrap"),
        Column("Last injection", 13, "date"),
        Column("Was due", 13, "date"),
        Column("Days late", 9, "number"),
        Column("Criterion", 32, "wrap"),
        Column("Neurological involvement", 14),
        *OWN,
    )
    rows = [
        (
            row.patient,
            row.practice,
            " ".join([row.why, *[f"Also: {other.title}: {other.why}" for other in row.others]]),
            row.last_injection,
            row.due,
            row.late,
            row.criterion_title,
            "yes" if row.neuro else "",
            *own_cells(view.notes.rows.get(key_of(row))),
        )
        for row in view.worklist.rows
    ]
    notes = (view.statement, _YOURS)
    title = f"Worklist: {view.practice}. {view.period}"
    return Sheet("Worklist", title, columns, rows, "No patient's record differs from a mandated criterion.", notes)


_YOURS: Final = (
    "The grey columns are yours: pick an action, name its owner, note when it was done. The next report carries them, "
    "and the action plan, forward; anything typed elsewhere in this workbook it does not."
)


def own_cells(note: Note | None) -> tuple[Any, ...]:
    """What stands in the manager's columns of a row."""
    return (note.action, note.owner, day_or_text(note.done), note.comment) if note else ("", "", "", "")


def criteria_sheet(view: View) -> Sheet:
    """Counts and rule of every criterion."""
    columns = (
        Column("Criterion", 40, "wrap"),
        Column("Strength", 18, "wrap"),
        Column("Source", 18, "wrap"),
        *(Column(name, 10, "number") for name in _COUNTS),
        Column("Share met", 13),
        Column("Upper bound", 13),
        Column("Of those assessed", 18),
        Column("95% interval", 15),
        Column("Who", 46, "wrap"),
        Column("Met when", 46, "wrap"),
        Column("Notes", 46, "wrap"),
        Column("Code", 30),
    )
    rows = [
        (
            *(row.title, group.heading, row.clause),
            *(row.eligible, row.met, row.not_met, row.excepted, row.not_assessable, row.pending),
            *(row.not_applicable, row.excluded, row.share, row.upper, row.assessed, row.interval),
            *(row.who, row.rule, row.notes, row.code),
        )
        for group in view.groups
        for row in group.rows
    ]
    return Sheet("Criteria", "Criteria: what was asked, of whom, and what the record shows", columns, rows)


_COUNTS: Final = (
    "Eligible",
    "Met",
    "Not met",
    "With a recorded reason",
    "Cannot tell",
    "Waiting",
    "Not asked",
    "Excluded",
)


#: with more verdicts than a person reads, those that are met are left to the csv file
ALL_OUTCOMES_UP_TO: Final = 20_000


def verdicts_sheet(result: AuditResult) -> Sheet:
    """The verdicts that people read: those of criteria that were asked."""
    table = result.verdicts
    shown = table[~table["outcome"].isin(["excluded", "not_applicable"])]
    what = "Every patient and criterion that was asked; verdicts.csv beside this file has the others too."
    if len(shown) > ALL_OUTCOMES_UP_TO:
        shown = shown[shown["outcome"] != "met"]
        what = "Every verdict but those that are met; verdicts.csv beside this file has them all."
    teller = Teller(result)
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


def left_out(total: int, table: str) -> list[str]:
    """A note where a sheet has not all rows."""
    return [f"Only the first {MOST_ROWS:,} of {total:,}; {table} has all."] if total > MOST_ROWS else []


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
    """Every judged or waiting interval."""
    table = result.intervals[:MOST_ROWS]
    looks = {"patient_id": 14, "practice_id": 12, "from_date": 13, "to_date": 13, "due_date": 13, "days": 8}
    shown = [name for name in _INTERVALS if name in table]
    cells = [cells_of(table[name]) for name in shown]
    columns = [
        Column(_INTERVALS[name], looks.get(name, 14), "date" if name.endswith("_date") else "text") for name in shown
    ]
    what = "From one injection to the next, or from the last one to the end of the record."
    notes = (what, *left_out(len(result.intervals), "intervals.csv"))
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


def cells_of(column: pd.Series) -> list[Any]:
    """A column of the result as cells; text of the input made harmless."""
    if column.name == "outcome":
        return [OUTCOMES[value] for value in plain(column)]
    return [clean(value) if isinstance(value, str) else value for value in plain(column)]


def quality_sheet(result: AuditResult, view: View) -> Sheet:
    """Findings with their cells; above them what each gap costs."""
    table = result.findings[:MOST_FINDINGS]
    columns = [
        Column(name.capitalize(), width, "wrap" if name == "message" else "text") for name, width in _FINDING.items()
    ]
    # row 0 is the whole sheet
    rows = list(zip(*([cell or None for cell in cells_of(table[name])] for name in _FINDING), strict=True))
    more = len(result.findings) - len(table)
    rest = [f"{more:,} more findings stand in findings.csv."] if more else []
    notes = (view.quality.conservation, *(_gap_line(gap) for gap in view.quality.gaps), *rest)
    return Sheet("Data quality", "Data quality", columns, rows, "Nothing to report.", notes)


_FINDING: Final = {
    "severity": 10,
    "code": 26,
    "message": 70,
    "file": 22,
    "sheet": 14,
    "row": 8,
    "column": 8,
    "field": 18,
    "value": 24,
}


def _gap_line(gap: Gap) -> str:
    counts = f"{plural(gap.patients, 'patient')}, {plural(gap.verdicts, 'open answer')}"
    return f"{gap.text} {gap.fill}: {counts}." if gap.fill else f"{gap.text} {counts}."


def fixes_sheet(view: View) -> Sheet:
    """Every cell that settles a verdict, most first."""
    columns = (
        Column("Cell", 22),
        Column("Patient", 14),
        Column("Practice", 12),
        Column("What to fill in", 48, "wrap"),
        Column("What it settles", 80, "wrap"),
        Column("Open answers", 12, "number"),
        Column("For certain", 12),
    )
    rows = [
        (row.place, row.patient, row.practice, row.what, row.settles, row.verdicts, "yes" if row.certain else "perhaps")
        for row in view.fixes.rows
    ]
    notes = (view.fixes.sentence,) if view.fixes.sentence else ()
    return Sheet("Fix list", "Fix list: the cells that settle most", columns, rows, "No cell would settle more.", notes)


def numbers_sheet(view: View) -> Sheet:
    """Every number of the standard, those that differ from the national ones first."""
    columns = (
        Column("What", 70, "wrap"),
        Column("Value", 24),
        Column("National value", 16),
        Column("Source", 40, "wrap"),
        Column("Set by", 24),
    )
    rows = [(number.what, number.value, number.was, number.source, number.origin) for number in view.numbers]
    notes = (view.changed,) if view.changed else ()
    return Sheet("Standard", "Standard: every number that this report used", columns, rows, "No number.", notes)


def aside_sheet(view: View) -> Sheet:
    """How many rows were set aside, by table and reason."""
    columns = (Column("Table", 16), Column("Why", 44), Column("Rows", 10, "number"))
    rows = [(line.table, line.reason, line.rows) for line in view.quality.aside]
    notes = (view.quality.conservation,)
    return Sheet("Set aside", "Rows set aside, by reason", columns, rows, "No row was set aside.", notes)
