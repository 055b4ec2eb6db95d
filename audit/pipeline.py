"""The audit as one function per command: stages in order, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from audit.cohort.calendar import to_date
from audit.cohort.cohort import Cohort, build_cohort
from audit.cohort.window import AuditWindow, DateOptions, settle_window
from audit.criteria import catalogue
from audit.errors import InputRejected
from audit.intake.extract import Extract, Finding
from audit.results.audit import AuditResult, RowCount, Window
from audit.results.findings import cohort_findings, findings_table
from audit.results.judge import Verdicts, judge
from audit.results.patterns import patterns
from audit.results.scores import score
from audit.results.sweep import sweep
from audit.results.tables import event_table, gap_table, interval_table, patient_table, verdict_table
from audit.standards.standard import Standard
from schemas.vocabulary import SET_ASIDE


@dataclass(frozen=True, slots=True)
class _Judged:
    """One input, judged."""

    extract: Extract
    window: AuditWindow
    cohort: Cohort
    verdicts: tuple[Verdicts, ...]
    findings: tuple[Finding, ...]


def audit(extracts: Sequence[Extract], options: DateOptions, standard: Standard, today: date) -> AuditResult:
    """Audits the extracts, each as if it were the only one.

    Raises:
        AuditError: see `settle_window`; InputRejected when two inputs hold the same patient of the same practice.
    """
    judged = [_judge(extract, options, standard, today) for extract in extracts]
    _check_apart(extracts)
    cohorts = [item.cohort for item in judged]
    result = AuditResult(
        standard=standard,
        criteria=catalogue(),
        windows=tuple(_window(item) for item in judged),
        rows=tuple(row for item in judged for row in _row_counts(item)),
        patients=_together([patient_table(item.extract, item.cohort, item.verdicts) for item in judged]),
        verdicts=_together([verdict_table(item.extract, item.cohort, item.verdicts) for item in judged]),
        intervals=_together([interval_table(item.extract, item.cohort) for item in judged]),
        findings=findings_table(tuple(finding for item in judged for finding in item.findings)),
        events=_together([event_table(item.extract, item.cohort) for item in judged]),
        closed_gaps=_together([gap_table(item.extract, item.cohort) for item in judged]),
        scores=tuple(score(parts) for parts in zip(*(item.verdicts for item in judged), strict=True)),
        patterns=patterns(cohorts),
        sweep=sweep(cohorts),
    )
    _check_conserved(result)
    return result


def _judge(extract: Extract, options: DateOptions, standard: Standard, today: date) -> _Judged:
    window, assumed = settle_window(extract, options, standard, today)
    cohort = build_cohort(extract, window, standard)
    verdicts = tuple(judge(criterion, cohort) for criterion in catalogue())
    findings = (*extract.findings, *assumed, *cohort_findings(extract, cohort))
    return _Judged(extract, window, cohort, verdicts, findings)


def _check_apart(extracts: Sequence[Extract]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for extract in extracts:
        keys = list(zip(extract.patients["practice_id"], extract.patients["patient_id"], strict=True))
        shared = [key for key in keys if key in seen]
        if shared:
            raise InputRejected(
                f"{len(shared)} patients of practice {shared[0][0]} stand in two files.",
                where=f"{seen[shared[0]]} and {extract.facts.file}",
                remedy="audit each practice from one file, or name the practices apart in practice_id",
                code="PATIENT_IN_TWO_FILES",
            )
        seen.update(dict.fromkeys(keys, extract.facts.file))


def _together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if len(parts) == 1:
        return parts[0]
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["practice_id", "patient_id"], kind="stable", ignore_index=True)


def _window(item: _Judged) -> Window:
    window, facts = item.window, item.extract.facts
    return Window(
        file=facts.file,
        sha256=facts.sha256,
        extract_date=to_date(window.extract),
        extract_date_from=window.extract_from,
        history_start=to_date(window.history),
        history_start_from=window.history_from,
        period_from=to_date(window.start),
        period_to=to_date(window.end),
    )


def _row_counts(item: _Judged) -> list[RowCount]:
    """Read = used + set aside, table by table; rows that only the cohort set aside are counted there."""
    extract = item.extract
    counts = [_row_count(name, table, Counter()) for name, table in (("Tests", extract.tests), ("Reviews", extract.reviews))]
    late = Counter({"after_end": len(item.cohort.after_end), "unreadable": 0})
    late["unreadable"] = len(set(item.cohort.doses.bad_quantity) - set(item.cohort.after_end))
    return [_row_count("Treatments", extract.treatments, late), *counts]


def _row_count(name: str, table: pd.DataFrame, later: Counter[str]) -> RowCount:
    codes = table["set_aside"].cat.codes.value_counts()
    aside = Counter({SET_ASIDE[code]: int(number) for code, number in codes.items() if code})
    aside.update(later)
    return RowCount(name, len(table), len(table) - sum(aside.values()), {key: n for key, n in sorted(aside.items()) if n})


def _check_conserved(result: AuditResult) -> None:
    """Every row is used or set aside, and every patient has one outcome per criterion."""
    for row in result.rows:
        if row.used < 0 or row.read != row.used + sum(row.set_aside.values()):
            raise AssertionError(f"rows of {row.table} are not conserved")
    for item in result.scores:
        total = item.eligible + item.pending + item.not_applicable + item.excluded
        if total != len(result.patients):
            raise AssertionError(f"patients are not conserved in {item.criterion}")
