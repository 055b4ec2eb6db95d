"""One partition of whole patients in, its verdicts, intervals and counts out: what every engine calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from audit.cohort.cohort import Cohort, build_cohort
from audit.cohort.window import AuditWindow
from audit.criteria import judged_by
from audit.engine.publish import intervals_of, verdicts_of
from audit.intake.extract import Extract, Finding
from audit.intake.findings import Findings
from audit.intake.identifiers import mask
from audit.intake.partition import Reading, read_partition
from audit.results.audit import PatternRow, PhaseRow, RowCount
from audit.results.findings import cohort_findings, set_aside
from audit.results.judge import judge
from audit.results.patterns import STATUSES, patterns, status_of
from audit.results.phases import phases
from audit.results.row_counts import check_rows, row_counts
from audit.results.scores import Tally, tally
from audit.results.sweep import swept
from audit.standards.standard import Standard

_Row = TypeVar("_Row", PatternRow, PhaseRow)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is the same for every partition; picklable, so that any engine can send it.

    Attributes:
        reading: how the tables are read.
        window: the dates, settled on the whole input.
        standard: to judge by.
    """

    reading: Reading
    window: AuditWindow
    standard: Standard


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of one partition, or of several added up.

    Attributes:
        patients, in_cohort: how many. status, basis: of those in the cohort, by word.
        practices: their names.
        tallies: by criterion; swept: by criterion and grace.
        patterns, phases: rows as `AuditResult` has them.
        rows: by table, how many were read, and set aside by reason.
        findings: how many by severity and code; unmapped: rows by drug that is not ours.
        verdicts, intervals: rows published.
        belonging: patients with something that puts them in the cohort.
    """

    patients: int
    in_cohort: int
    status: Counter[str]
    basis: Counter[str]
    practices: frozenset[str]
    tallies: tuple[Tally, ...]
    swept: tuple[tuple[int, Tally], ...]
    patterns: tuple[PatternRow, ...]
    phases: tuple[PhaseRow, ...]
    rows: tuple[RowCount, ...]
    findings: Counter[tuple[str, str]]
    unmapped: Counter[str]
    verdicts: int
    intervals: int
    belonging: int

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            self.patients + other.patients,
            self.in_cohort + other.in_cohort,
            self.status + other.status,
            self.basis + other.basis,
            self.practices | other.practices,
            tuple(one + two for one, two in zip(self.tallies, other.tallies, strict=True)),
            tuple((days, one + two) for (days, one), (_, two) in zip(self.swept, other.swept, strict=True)),
            tuple(_sum(one, two) for one, two in zip(self.patterns, other.patterns, strict=True)),
            tuple(_sum(one, two) for one, two in zip(self.phases, other.phases, strict=True)),
            tuple(_rows(one, two) for one, two in zip(self.rows, other.rows, strict=True)),
            self.findings + other.findings,
            self.unmapped + other.unmapped,
            self.verdicts + other.verdicts,
            self.intervals + other.intervals,
            self.belonging + other.belonging,
        )


def _sum(one: _Row, two: _Row) -> _Row:
    return replace(one, **{name: getattr(one, name) + getattr(two, name) for name in STATUSES})


def _rows(one: RowCount, two: RowCount) -> RowCount:
    aside = Counter(one.set_aside) + Counter(two.set_aside)
    return RowCount(one.table, one.read + two.read, one.used + two.used, dict(sorted(aside.items())))


@dataclass(frozen=True, slots=True)
class Judged:
    """What comes of one partition: the published tables (contracts in `schemas.outputs`), counts, sampled findings."""

    verdicts: pa.Table
    intervals: pa.Table
    counted: Counted
    findings: tuple[Finding, ...]


def judge_partition(tables: Mapping[str, pa.Table], plan: Plan) -> Judged:
    """Audits whole patients.

    Args:
        tables: by table as `audit.intake.partition.read_partition` takes them; every row of a patient is there, and
            Treatments always, be it empty.
        plan: what is the same for every partition.
    """
    found = Findings()
    extract = read_partition(tables, plan.reading, found)
    cohort = build_cohort(extract, plan.window, plan.standard)
    verdicts = tuple(judge(criterion, cohort) for criterion in judged_by(plan.standard))
    published = verdicts_of(extract, cohort, verdicts)
    intervals = intervals_of(extract, cohort)
    counted = _counted(extract, cohort, [tally(verdict) for verdict in verdicts], found)
    counted = replace(counted, verdicts=len(published), intervals=len(intervals))
    _check_conserved(counted)
    of_cohort = [finding for finding in cohort_findings(extract, cohort) if finding.row]
    return Judged(published, intervals, counted, _sampled((*found.finish(rest=False), *of_cohort)))


def _counted(extract: Extract, cohort: Cohort, tallies: Sequence[Tally], found: Findings) -> Counted:
    inside = ~cohort.excluded
    findings = found.counts()
    for rows in set_aside(cohort):
        findings[rows.severity, rows.code] += len(rows.at)
    basis = np.where(cohort.doses.any, np.where(cohort.doses.issued_basis, 1, 0), 2)[inside]
    return Counted(
        patients=cohort.size,
        in_cohort=int(inside.sum()),
        status=_by_word(status_of(cohort)[inside], STATUSES),
        basis=_by_word(basis, ("given", "issued", "none")),
        practices=frozenset(map(str, pd.unique(extract.patients["practice_id"]))),
        tallies=tuple(tallies),
        swept=tuple(swept([cohort])),
        patterns=patterns([cohort]),
        phases=phases([cohort]),
        rows=tuple(row_counts(extract, cohort)),
        findings=+findings,
        unmapped=Counter(extract.facts.unmapped_drugs),
        verdicts=0,
        intervals=0,
        belonging=int(cohort.belongs.sum()),
    )


def _by_word(places: np.ndarray, words: Sequence[str]) -> Counter[str]:
    counts = np.bincount(places, minlength=len(words)).tolist()
    return Counter(dict(zip(words, counts, strict=True)))


def _check_conserved(counted: Counted) -> None:
    """Every row is used or set aside, and every patient has one outcome a criterion."""
    for row in counted.rows:
        check_rows(row)
    if any(int(item.outcomes.sum()) != counted.patients for item in counted.tallies):
        raise AssertionError("patients are not conserved in a criterion")


def _sampled(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What the findings quote cannot name anybody: no gate has seen every cell."""
    return tuple(replace(finding, value=mask(finding.value)) if finding.value else finding for finding in findings)
