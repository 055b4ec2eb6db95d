"""The result of one run, as values: everything that any writer may show, and nothing else.

Tables are pandas frames with the published columns of `schemas.vocabulary` (dates as datetime64[s], missing as
NaT; text columns as str with "" for blank; `within_grace` as nullable boolean; counts and days as Int32).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from audit.criteria.criterion import Criterion
    from audit.results.completeness import Completeness
    from audit.results.fix import Fix
    from audit.results.forecast import Forecast
    from audit.results.over_time import OverTime
    from audit.results.recall import Recall
    from audit.standards.standard import Standard


@dataclass(frozen=True, slots=True)
class Score:
    """The counts of one criterion over the whole run, and its shares (fractions; None when nobody is eligible).

    The seven counts add up to the number of patients. eligible = met + not_met + excepted + not_assessable.
    """

    criterion: str
    met: int
    not_met: int
    excepted: int
    not_assessable: int
    pending: int
    not_applicable: int
    excluded: int
    within_grace: int
    intervals_met: int
    intervals_judged: int
    reasons: Mapping[str, int]
    eligible: int
    share_met: float | None
    share_met_upper: float | None
    share_of_assessed: float | None
    wilson_low: float | None
    wilson_high: float | None


@dataclass(frozen=True, slots=True)
class Window:
    """One input's dates, and where the first two came from: `option`, `about` or `assumed`.

    `parts` are its files with their SHA-256, where it is put together from several.
    """

    file: str
    sha256: str
    extract_date: date
    extract_date_from: str
    history_start: date
    history_start_from: str
    period_from: date
    period_to: date
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowCount:
    """Conservation of one table of the input: read = used + the sum of what was set aside, by reason."""

    table: str
    read: int
    used: int
    set_aside: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PatternRow:
    """Patients whose median maintenance interval is of one class, by neurological status."""

    pattern: str
    yes: int
    no: int
    unknown: int


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """Patients in one phase of treatment on the last day of their record, by neurological status."""

    phase: str
    yes: int
    no: int
    unknown: int


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One criterion's score with another grace, everything else equal."""

    criterion: str
    grace_days: int
    met: int
    not_met: int
    excepted: int
    not_assessable: int
    eligible: int
    share_met: float | None


@dataclass(frozen=True, slots=True)
class AuditResult:
    """All of one run.

    Attributes:
        patients: one row a patient, ordered by practice and patient: patient_id, practice_id, year_of_birth (Int16),
            sex, cause, indication, neurological_involvement, basis (given, issued, blank), first_dose, last_dose,
            doses (Int32), observed_to (date), in_cohort (bool), overdue_days (Int32; missing unless `not-overdue`
            is not met).
        events: what a timeline shows, ordered by practice, patient, date: patient_id, practice_id, date, kind
            (dose, declined, deferred, not_attended, stopped, oral, review), units (Int32), file, sheet, row.
        closed_gaps: closed maintenance intervals ending in the period, as `intervals` has them, with
            `status` (the patient's neurological status yes, no, unknown): the histogram's data.
        fixes: the cells that settle verdicts, ranked (`audit.results.settle`).
        over_time, forecast, recall: the series by quarter, the coming months and what falls due when (the modules of
            these names); None where a result was put together without them.
        completeness: how often the fields that matter most say nothing, over all inputs.
    """

    standard: Standard
    criteria: tuple[Criterion, ...]
    windows: tuple[Window, ...]
    rows: tuple[RowCount, ...]
    patients: pd.DataFrame
    verdicts: pd.DataFrame
    intervals: pd.DataFrame
    findings: pd.DataFrame
    events: pd.DataFrame
    closed_gaps: pd.DataFrame
    scores: tuple[Score, ...]
    patterns: tuple[PatternRow, ...]
    sweep: tuple[SweepRow, ...]
    phases: tuple[PhaseRow, ...]
    partial: str = ""
    fixes: tuple[Fix, ...] = ()
    over_time: OverTime | None = None
    forecast: Forecast | None = None
    recall: Recall | None = None
    completeness: tuple[Completeness, ...] = ()
