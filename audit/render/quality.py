"""Data quality as printed: what was read, what was set aside, what each gap costs, and where to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from audit.render.costs import cost
from audit.render.scoreboard import least_eligible
from audit.render.words import clean, set_aside_text, share_text
from audit.render.worklist import clean_sentence
from audit.results.audit import AuditResult, RowCount
from audit.results.completeness import Completeness
from audit.results.explain import reason_text
from audit.results.phrases import joined, plural
from audit.results.records import plain
from audit.standards.standard import Standard
from schemas.vocabulary import SEVERITY

_EXAMPLES: Final = 3
_SEVERITIES: Final = {"error": "Row not used", "warning": "Check", "note": "Note"}
#: What to fill in so that a verdict can be reached, by the reason that stands in its way.
FILL: Final = {
    "NEURO_UNKNOWN": "Record whether there is neurological involvement (yes or no)",
    "UNREADABLE_ROW": "Mend the treatment rows that could not be read",
    "UNREADABLE_TEST": "Mend the test rows that could not be read",
    "START_NOT_OBSERVED": "Record the diagnosis date or the date of registration, or extract a longer history",
    "NO_TESTS_DATA": "Add the Tests sheet",
    "NO_REVIEW_DATA": "Add the Reviews sheet",
    "NO_REVIEW_RECORDED": "Record the outcome of the review of the loading course",
    "ISSUES_ONLY": "Extract the injections given, not only the prescriptions issued",
    "DOSE_MISSING": "Record the dose",
    "ROUTE_MISSING": "Record the route",
    "CAUSE_UNKNOWN": "Record the cause of the deficiency",
    "DIRECTIONS_MISSING": "Record the directions of the latest prescription",
    "DIRECTIONS_UNREAD": "Write the interval into the directions of the latest prescription",
}


@dataclass(frozen=True, slots=True)
class TableLine:
    """Conservation of one table."""

    table: str
    read: int
    used: int
    aside: int
    reasons: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """Findings of one kind, with example cells."""

    severity: str
    code: str
    count: str
    message: str
    examples: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the record does not say: how many patients and verdicts of mandated criteria it leaves open."""

    code: str
    text: str
    fill: str
    patients: int
    verdicts: int


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field that matters: for how many patients or rows it says something, and what its gaps cost."""

    name: str
    recorded: str
    cost: str


@dataclass(frozen=True, slots=True)
class AsideLine:
    """Rows of one table set aside for one reason."""

    table: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class Quality:
    """The section's sentence and tables."""

    conservation: str
    tables: tuple[TableLine, ...]
    aside: tuple[AsideLine, ...]
    findings: tuple[FindingLine, ...]
    gaps: tuple[Gap, ...]
    fields: tuple[FieldLine, ...]


def build_quality(result: AuditResult) -> Quality:
    """The whole section."""
    merged = _merged(result.rows)
    return Quality(
        conservation=conservation(merged),
        tables=tuple(_line(row) for row in merged),
        aside=tuple(
            AsideLine(row.table, set_aside_text({reason: count}).partition(" ")[2], count)
            for row in merged
            for reason, count in row.set_aside.items()
        ),
        findings=_findings(result.findings),
        gaps=build_gaps(result),
        fields=tuple(_field(item, least_eligible(result.standard)) for item in result.completeness if item.of),
    )


_FIELDS: Final = {
    "neurological_involvement": "Neurological involvement, yes or no",
    "registered_from": "Date of registration",
    "event": "Whether given, issued or declined",
    "route": "Route of injections",
    "dose": "Dose of injections",
    "directions": "Directions with an interval, where issued",
}


def _field(item: Completeness, least: int) -> FieldLine:
    things = "patients" if item.table == "Patients" else "rows"
    counted = f"{share_text(item.of - item.blank, item.of, least)} {things}" if item.present else "no such column"
    return FieldLine(_FIELDS[item.field], counted, clean_sentence(cost(item)))


def conservation(rows: Sequence[RowCount]) -> str:
    """For example "1,842 rows read = 1,815 used + 27 set aside: 19 exact duplicates, ..."."""
    read, used = sum(row.read for row in rows), sum(row.used for row in rows)
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons.update(row.set_aside)
    aside = set_aside_text(dict(reasons))
    line = f"{plural(read, 'row')} read = {used:,} used + {read - used:,} set aside"
    return f"{line}: {aside}." if aside else f"{line}."


def _merged(rows: Sequence[RowCount]) -> list[RowCount]:
    """One count a table, over all inputs."""
    merged: dict[str, RowCount] = {}
    for row in rows:
        old = merged.get(row.table, RowCount(row.table, 0, 0, {}))
        aside = Counter(old.set_aside) + Counter(row.set_aside)
        merged[row.table] = RowCount(row.table, old.read + row.read, old.used + row.used, dict(sorted(aside.items())))
    return list(merged.values())


def _line(row: RowCount) -> TableLine:
    return TableLine(row.table, row.read, row.used, row.read - row.used, set_aside_text(dict(row.set_aside)))


def _findings(table: pd.DataFrame) -> tuple[FindingLine, ...]:
    lines = []
    for (severity, code), found in table.groupby(["severity", "code"], observed=True, sort=True):
        lines.append((SEVERITY.index(str(severity)), -len(found), str(code), found))
    return tuple(_finding_line(SEVERITY[place], code, found) for place, _, code, found in sorted(lines, key=_place))


def _place(line: tuple[int, int, str, pd.DataFrame]) -> tuple[int, int, str]:
    return line[:3]


def _finding_line(severity: str, code: str, found: pd.DataFrame) -> FindingLine:
    messages = list(dict.fromkeys(plain(found["message"])))
    cells = found[found["row"] > 0].head(_EXAMPLES)
    return FindingLine(
        severity=_SEVERITIES[severity],
        code=clean(code),
        count=f"{len(found):,}",
        message=" ".join(clean(message).rstrip(".") + "." for message in (*messages[:1], *_more(messages))),
        examples=joined([_cell(*row) for row in zip(*(plain(cells[name]) for name in _CELL), strict=True)]),
    )


_CELL: Final = ("sheet", "column", "row", "value")


def _more(messages: Sequence[str]) -> Sequence[str]:
    """The last message too where it counts what was not listed."""
    return [message for message in messages[1:] if " more " in message][:1]


def _cell(sheet: str, column: str, row: int, value: str) -> str:
    place = f"{clean(sheet)} {column}{row}" if column else f"{clean(sheet)} row {row}"
    return f"{place} (“{clean(value)}”)" if value else place


def build_gaps(result: AuditResult) -> tuple[Gap, ...]:
    """What the record cannot tell in mandated criteria, the reason behind most verdicts first."""
    mandated = [item.code for item in result.criteria if item.strength == "mandated"]
    table = result.verdicts
    open_ones = table[(table["outcome"] == "not_assessable") & table["criterion"].isin(mandated)]
    gaps = [_gap(str(reason), found, result.standard) for reason, found in open_ones.groupby("reason", observed=True)]
    return tuple(sorted(gaps, key=lambda gap: (-gap.verdicts, gap.code)))


def _gap(reason: str, found: pd.DataFrame, standard: Standard) -> Gap:
    patients = len(found[["practice_id", "patient_id"]].drop_duplicates())
    text = reason_text(reason, standard) if reason else "No reason is recorded."
    return Gap(reason, text, FILL.get(reason, ""), patients, len(found))
