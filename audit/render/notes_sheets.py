"""The sheets that belong to the manager: the action plan, and the notes whose rows are no longer on the worklist."""

from __future__ import annotations

from audit.render.carried import day_or_text, lines_of_plan
from audit.render.sheets import OWN, Column, Sheet, own_cells
from audit.render.view import View


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
    notes = ("All of it is yours to fill in or change; under Done pick from the list or type the day.",)
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
