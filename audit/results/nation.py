"""The result of a run whose tables are too many for memory: counts here, tables in files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audit.results.audit import PatternRow, PhaseRow, RowCount, Score, SweepRow, Window
from audit.standards.standard import Standard


@dataclass(frozen=True, slots=True)
class NationResult:
    """Everything that is counted, as `AuditResult` has it; verdicts, intervals and findings are written already.

    Attributes:
        cohort: patients, in_cohort, neurological_involvement and basis, as summary.json has them.
        counts: rows of every table written, as run.json has them.
        findings: how many by severity and by code, those not listed included.
        outputs: SHA-256 of every file written, by its place.
        partitions: into how many the patients were sorted.
    """

    standard: Standard
    window: Window
    practices: frozenset[str]
    cohort: Mapping[str, Any]
    counts: Mapping[str, Any]
    rows: tuple[RowCount, ...]
    scores: tuple[Score, ...]
    patterns: tuple[PatternRow, ...]
    sweep: tuple[SweepRow, ...]
    phases: tuple[PhaseRow, ...]
    findings: Mapping[str, Mapping[str, int]]
    partial: str
    outputs: Mapping[str, str]
    partitions: int
