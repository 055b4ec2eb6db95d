"""The tables of two cycles as sheets: one in the report's workbook, all in that of `compare`."""

from __future__ import annotations

from collections.abc import Iterator

from audit.render.compare_page import ComparePage
from audit.render.cycles import Cycles
from audit.render.sheet import Column, Sheet


def comparison_sheets(page: ComparePage) -> Iterator[Sheet]:
    """Every table of the page, the whole of each."""
    yield _cycles(page)
    yield cycles_sheet(page.cycles)
    yield _actions(page)
    yield _moved(page)
    yield _method(page)


def cycles_sheet(cycles: Cycles) -> Sheet:
    """Every criterion in both cycles."""
    columns = (
        Column("Criterion", 44, "wrap"),
        Column("Strength", 18),
        Column(cycles.old_day, 22),
        Column("Cannot tell then", 18),
        Column(cycles.new_day, 22) if cycles.new_day != cycles.old_day else Column(f"{cycles.new_day} again", 22),
        Column("Cannot tell now", 18),
        Column("Change", 12),
        Column("95% interval", 14),
        Column("Patients in both", 40),
        Column("Mid-p", 14),
        Column("Printed then", 40, "wrap"),
        Column("Code", 30),
    )
    rows = [
        (
            *(row.title, group.heading, row.old, row.old_unclear, row.new, row.new_unclear),
            *(row.change, row.interval, row.paired, row.mid_p, row.note, row.code),
        )
        for group in cycles.groups
        for row in group.rows
    ]
    title = f"Compared: {cycles.old_day} and {cycles.new_day}"
    notes = (cycles.since, cycles.people, *cycles.basis)
    return Sheet("Compare", title, columns, rows, "No criterion was asked in either cycle.", notes)


def _cycles(page: ComparePage) -> Sheet:
    columns = (Column("Cycle", 30), Column("Fact", 22), Column("Value", 100, "wrap"))
    rows = [(side.heading, fact.name, fact.value) for side in page.sides for fact in side.facts]
    return Sheet("Cycles", f"{page.practice}. {page.period}", columns, rows, notes=(page.cycles.since, page.statement))


def _actions(page: ComparePage) -> Sheet:
    columns = (
        Column("Problem", 44, "wrap"),
        Column("Patient", 14),
        Column("Practice", 12),
        Column("Action", 30, "wrap"),
        Column("Owner", 16),
        Column("By", 18),
        Column("Done", 18),
        Column("Comment", 40, "wrap"),
        Column("In cycle 2", 28),
    )
    rows = [
        (row.problem, row.patient, row.practice, row.action, row.owner, row.by, row.done, row.comment, row.outcome)
        for row in page.actions
    ]
    return Sheet("Actions", "Actions of the first cycle", columns, rows, "No action is noted.", (page.acted,))


def _moved(page: ComparePage) -> Sheet:
    columns = (
        Column("Patient", 14),
        Column("Practice", 12),
        Column("Criterion", 60, "wrap"),
        Column("Strength", 20),
        Column("Change", 26),
    )
    rows = [(row.patient, row.practice, row.criterion, row.strength, row.what) for row in page.moved]
    return Sheet("Patients", "Who improved, who worsened", columns, rows, "Nobody has another answer.")


def _method(page: ComparePage) -> Sheet:
    rows = [
        *(("Method", text) for text in page.cycles.method),
        *(("Limit", text) for text in page.limits),
        ("Version", f"b12audit {page.version}"),
        ("Command", page.command),
    ]
    return Sheet("Method", "Method and limits", (Column("What", 14), Column("Says", 120, "wrap")), rows)
