"""What `check` found in the inputs, as values: everything that its writers may show, and no verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from audit.intake.extract import Facts, Finding
    from audit.results.audit import RowCount, Window
    from audit.results.completeness import Completeness


@dataclass(frozen=True, slots=True)
class CheckedInput:
    """One input: its facts, dates, rows and findings; `patients` as `AuditResult` has it, nobody overdue."""

    facts: Facts
    window: Window
    rows: tuple[RowCount, ...]
    findings: tuple[Finding, ...]
    patients: pd.DataFrame
    completeness: tuple[Completeness, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """All inputs; `partial` says what is missing from them as a whole, as that of a run; blank when nothing is."""

    inputs: tuple[CheckedInput, ...]
    partial: str
