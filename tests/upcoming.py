"""Small practices for the tests of what lies ahead and behind: stories of patients, as the criteria's examples tell."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from typing import Any

from audit.cohort.cohort import Cohort, build_cohort
from audit.cohort.window import DateOptions, settle_window
from audit.criteria.criterion import Example
from audit.intake.extract import Extract
from audit.pipeline import audit
from audit.results.audit import AuditResult
from audit.standards.standard import Standard, load_standard
from tests.compare import TODAY, as_extract
from tests.generate import practice
from tests.stories import build_extract

NO = {"neurological_involvement": "no"}
YES = {"neurological_involvement": "yes"}


def patient(doses: str, events: str = "", **fields: str) -> Example:
    """One patient; days count from Friday 1 March 2024."""
    return Example("", "", doses=doses, events=events, patient=fields)


def told(patients: list[Example], standard: Standard | None = None, **run: Any) -> tuple[Extract, Cohort]:
    """The extract and cohort of these patients."""
    extract, options = build_extract(patients, run)
    used = standard or load_standard()
    window, _ = settle_window(extract, options, used, date(2100, 1, 1))
    return extract, build_cohort(extract, window, used)


def generated(seed: int, patients: int, changes: Mapping[str, list[dict[str, str]]] | None = None) -> AuditResult:
    """A generated practice, audited; `changes` replaces whole sheets."""
    records, options = practice(seed, patients)
    dates = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
    return audit([as_extract({**records, **(changes or {})})], dates, load_standard(), TODAY)  # type: ignore[typeddict-item]


def turned(seed: int, patients: int) -> AuditResult:
    """The same practice with its patients and treatments in the opposite order."""
    records, _ = practice(seed, patients)
    people, rows = list(reversed(records["patients"] or [])), list(reversed(records["treatments"]))
    return generated(seed, patients, {"patients": people, "treatments": rows})


@functools.cache
def usual() -> AuditResult:
    """One generated practice, audited once."""
    return generated(5, 250)
