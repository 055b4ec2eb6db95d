"""The sheets that the manager writes in: the worklist, the action plan, and notes that have no row any more."""

from __future__ import annotations

from typing import Any, Final

from audit.intake.notes import Note
from audit.render.carried import day_or_text, key_of, lines_of_plan
from audit.render.sheet import Column, Sheet
from audit.render.view import View

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


def worklist_sheet(view: View) -> Sheet:
    """Every row of the worklist, with the columns that the manager fills in."""
    columns = (
        Column("Patient", 13),
        Column("Practice", 12),
        Column("Why", 64, "wrap"),
        Column("Last injection", 12, "date"),
        Column("Was due", 12, "date"),
        Column("Days late", 8, "number"),
        Column("Criterion", 24, "wrap"),
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


def plan_sheet(view: View) -> Sheet:
    """What is to be done about each problem; the lines of the workbook before stand in it as they were typed."""
    columns = (
        Column("Problem", 56, "own"),
        Column("Action", 50, "own"),
        Column("Owner", 18, "own"),
        Column("By", 14, "owndate"),
        Column("Done", 14, "owndate", ("Done", "Not yet")),
    )
    rows = [
        (line.problem, line.action, line.owner, day_or_text(line.by), day_or_text(line.done))
        for line in lines_of_plan(view.problems, view.notes.plan)
    ]
    notes = (
        "All of it is yours to fill in or change; under Done pick from the list or type the day.",
        "The next report carries it forward, the sign-off too: write over that when the new report is discussed.",
    )
    return Sheet("Action plan", f"Action plan: {view.practice}. {view.period}", columns, rows, "", notes)


def earlier_sheet(view: View) -> Sheet:
    """The notes kept from before, and why each stands here."""
    columns = (
        Column("Patient", 14),
        Column("Practice", 12),
        Column("Criterion", 40, "wrap"),
        Column("Was due", 13, "date"),
        *OWN,
        Column("Why it is here", 30, "wrap"),
    )
    rows = [
        (
            *(item.note.patient, item.note.practice, item.note.criterion, day_or_text(item.note.due)),
            *(*own_cells(item.note), item.why[:1].upper() + item.why[1:]),
        )
        for item in view.notes.earlier
    ]
    notes = (
        "Notes of earlier reports whose row is not on this worklist. They are kept from report to report; delete a row "
        "here to be rid of it.",
    )
    return Sheet("Earlier notes", "Earlier notes", columns, rows, "None.", notes)
