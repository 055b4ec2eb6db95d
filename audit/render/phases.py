"""The phases of treatment: how many patients are in each, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from audit.results.audit import AuditResult, PhaseRow
from audit.results.phrases import plural

#: by phase: its name, and what puts a patient in it
_NAMED: Final = {
    "loading": ("Loading", "A course of injections close together that has not ended."),
    "continuation": (
        "Continuation",
        "Neurological involvement, and the first course has gone on past the standard number of injections.",
    ),
    "maintenance": ("Maintenance", "An injection in the audit period or the year before it, and none of the below."),
    "oral": ("Oral", "No such injection, but vitamin B12 by mouth."),
    "stopped": ("Stopped", "A stop is recorded on or after the last injection."),
    "lapsed": (
        "No recent injection",
        "Injections in the past, none in the audit period or the year before it, and no stop recorded.",
    ),
    "own_schedule": ("Schedule of its own", "Leber's optic atrophy or tobacco amblyopia."),
    "untreated": ("No treatment recorded", "A cause or a diagnosis is recorded, a treatment of these kinds is not."),
    "cannot_tell": ("The record cannot tell", "A treatment row of the patient could not be read."),
}
#: loading, continuation and maintenance
_ALWAYS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """Patients in one phase, by neurological status."""

    name: str
    meaning: str
    yes: int
    no: int
    unknown: int
    total: int


@dataclass(frozen=True, slots=True)
class Phases:
    """The section: its sentence and its table."""

    sentence: str
    lines: tuple[PhaseLine, ...]


def build_phases(result: AuditResult) -> Phases:
    """Phases in the order of treatment; those that nobody is in are left out past maintenance."""
    found = {row.phase: row for row in result.phases}
    lines = [_line(text, found.get(name, PhaseRow(name, 0, 0, 0))) for name, text in _NAMED.items()]
    kept = tuple(line for number, line in enumerate(lines) if line.total or number < _ALWAYS_SHOWN)
    return Phases(_sentence({line.name: line.total for line in lines}), kept)


def _line(text: tuple[str, str], row: PhaseRow) -> PhaseLine:
    return PhaseLine(*text, row.yes, row.no, row.unknown, row.yes + row.no + row.unknown)


def _sentence(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    if not total:
        return "No patient is in the audit."
    loading, going_on = counts["Loading"], counts["Continuation"]
    said = f"On the last day of their record, {counts['Maintenance']:,} of {plural(total, 'patient')} are on"
    return f"{said} maintenance injections, {loading:,} in a loading course and {going_on:,} in a continued one."
