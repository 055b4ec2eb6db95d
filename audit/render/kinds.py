"""Findings as a list of what to mend: grouped by kind, the most serious and most frequent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.intake.extract import Finding
from audit.render.remedies import remedy
from audit.render.words import clean
from schemas.vocabulary import SEVERITY

#: What each severity is called where people read it.
LABELS: Final = {"error": "Not used", "warning": "Check", "note": "Note"}


@dataclass(frozen=True, slots=True)
class Kind:
    """All findings of one kind in one input: how many, the first with a cell, and what to do about that one."""

    severity: str
    code: str
    count: int
    first: str
    problem: str
    what_to_do: str


def ranked(findings: Sequence[Finding]) -> list[Finding]:
    """Errors before warnings before notes, frequent kinds before rare ones, then by place."""
    counts = Counter((item.severity, item.code) for item in findings)
    return sorted(
        findings,
        key=lambda item: (
            *(SEVERITY.index(item.severity), -counts[item.severity, item.code], item.code),
            *(item.file, item.sheet, item.row, len(item.column), item.column),
        ),
    )


def kinds(findings: Sequence[Finding]) -> list[Kind]:
    """One line for each kind, in the order of `ranked`."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for item in ranked(findings):
        groups.setdefault((item.severity, item.code), []).append(item)
    return [_kind(group) for group in groups.values()]


def _kind(group: Sequence[Finding]) -> Kind:
    first = next((item for item in group if item.row), group[0])
    return Kind(first.severity, first.code, len(group), place(first), problem(first), remedy(first))


def place(finding: Finding) -> str:
    """For example "Treatments B12", "Treatments row 12" or "Treatments"; blank where the whole file is meant."""
    cell = f"{finding.column}{finding.row}" if finding.column and finding.row else ""
    row = f"row {finding.row}" if finding.row else ""
    return f"{clean(finding.sheet)} {cell or row}".strip()


def problem(finding: Finding) -> str:
    """The finding's message as a sentence."""
    return f"{clean(finding.message).rstrip('.')}."
