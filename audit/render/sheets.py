"""The workbook's tables that the report prints too: criteria, data quality, fix list, numbers, what was set aside."""

from __future__ import annotations

from typing import Final

from audit.render.quality import Gap
from audit.render.sheet import Column, Sheet, cells_of
from audit.render.view import View
from audit.results.audit import AuditResult
from audit.results.phrases import plural

MOST_FINDINGS: Final = 5000


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
        Column("Local target", 30, "wrap"),
    )
    rows = [
        (
            *(row.title, group.heading, row.clause),
            *(row.eligible, row.met, row.not_met, row.excepted, row.not_assessable, row.pending),
            *(row.not_applicable, row.excluded, row.share, row.upper, row.assessed, row.interval),
            *(row.who, row.rule, row.notes, row.code, row.target),
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
