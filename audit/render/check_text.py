"""What `check` says on the screen: what was read, what is blank, what was found, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from audit.intake.extract import Facts, SheetFacts
from audit.intake.words import squash
from audit.render.costs import cost
from audit.render.kinds import kinds
from audit.render.terminal import date_lines, used_lines
from audit.render.words import clean
from audit.results.audit import RowCount
from audit.results.checked import Checked, CheckedInput
from audit.results.completeness import Completeness
from audit.results.phrases import joined, plural
from schemas.vocabulary import INPUT_COLUMNS, TABLE_COLUMNS, TABLE_NEEDS

_MOST_KINDS: Final = 5
_LONGEST: Final = 118


def checked_lines(
    checked: Checked, written: Sequence[str], refused: Mapping[str, str], command: str
) -> list[str]:
    """The lines of one check.

    Args:
        checked: what was found.
        written: the workbook of fixes of each input, in their order; empty when none was written.
        refused: of each file that could not be read, why.
        command: the run of the same files with the same options.
    """
    one = len(checked.inputs) == 1
    return [
        *(line for item in checked.inputs for line in (_whole(item) if one else _short(item))),
        *(f"{clean(name)}: would be refused. {clean(what)}" for name, what in refused.items()),
        "",
        *(f"Fixes  {place}   <- what to mend, cell by cell" for place in written),
        f"Can be audited only in part: {clean(checked.partial)}" if checked.partial else "Can be audited.",
        f"Next: {command}",
    ]


def _whole(item: CheckedInput) -> list[str]:
    found = kinds(item.findings)
    shown = [kind for kind in found if kind.severity != "note"][:_MOST_KINDS]
    return [
        clean(item.facts.file),
        *(_sheet_line(sheet, _is_flat(item.facts)) for sheet in item.facts.sheets),
        *_ignored(item.facts),
        *date_lines([item.window]),
        *used_lines(item.rows),
        *_others(item.rows),
        *_gaps(item.completeness),
        _found(item),
        *(_cut(f"  {kind.count:,} x {kind.problem}{_first(kind.first)}") for kind in shown),
    ]


def _short(item: CheckedInput) -> list[str]:
    """One input among several."""
    return [*date_lines([item.window]), *(f"  {line}" for line in (*used_lines(item.rows), _found(item)))]


def _is_flat(facts: Facts) -> bool:
    return all(sheet.table != "Patients" for sheet in facts.sheets)


def _sheet_line(sheet: SheetFacts, flat: bool) -> str:
    """For example: Sheet "Treatments", 1,842 rows: patient_id A, date B ("Date given"); no quantity."""
    taken = [f"{field} {column}{_as_typed(field, sheet)}" for field, column in sheet.columns.items()]
    fields = [field for field in TABLE_COLUMNS[sheet.table] if field not in sheet.columns]
    lacking = [field for field in fields if sheet.table in INPUT_COLUMNS and field not in TABLE_NEEDS[sheet.table]]
    without = f"; no {joined(lacking, 'or')}" if lacking and not (flat and sheet.table == "Patients") else ""
    head = f'  Sheet "{clean(sheet.sheet)}", {plural(sheet.rows, "row")} below row {sheet.heading_row}: '
    return f"{head}{', '.join(taken)}{without}"


def _as_typed(field: str, sheet: SheetFacts) -> str:
    typed = sheet.headings.get(field, field)
    return "" if squash(typed) == squash(field) else f' ("{clean(typed)}")'


def _ignored(facts: Facts) -> list[str]:
    return [_cut(f"  Not read: {', '.join(map(clean, facts.ignored_sheets))}")] if facts.ignored_sheets else []


def _others(rows: Sequence[RowCount]) -> list[str]:
    """The other tables, where rows of them were set aside."""
    others = [row for row in rows if row.set_aside and row.table != "Treatments"]
    lost = [f"{row.read - row.used:,} of {plural(row.read, 'row')} of {row.table}" for row in others]
    return [f"Set aside {joined(lost)}"] if lost else []


def _gaps(items: Sequence[Completeness]) -> list[str]:
    lines = [_gap(item) for item in items if cost(item)]
    return ["Not recorded, and what that costs", *lines] if lines else []


def _gap(item: Completeness) -> str:
    things = plural(item.of, "patient") if item.table == "Patients" else plural(item.of, "row")
    how_many = f"{item.blank:,} of {things}" if item.present else "no such column"
    return f"  {item.field:<25} {how_many}: {cost(item)}"


def _found(item: CheckedInput) -> str:
    counts = Counter[str](finding.severity for finding in item.findings)
    if not counts:
        return "Nothing was found to mend"
    return f"Found {counts['error']:,} not used, {counts['warning']:,} to check, {plural(counts['note'], 'note')}"


def _first(cell: str) -> str:
    return f" First: {cell}" if cell else ""


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
