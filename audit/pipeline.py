"""The audit as one function per command: stages in order, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from audit.cohort.calendar import to_date
from audit.cohort.cohort import Cohort, build_cohort
from audit.cohort.window import AuditWindow, DateOptions, settle_window
from audit.criteria import judged_by
from audit.errors import InputRejected, NothingToAudit
from audit.intake.extract import Extract, Finding
from audit.results.account import Account, account, no_such_patient, parse_what_if, unknown
from audit.results.audit import AuditResult, RowCount, Window
from audit.results.findings import cohort_findings, findings_table
from audit.results.judge import Verdicts, judge
from audit.results.patterns import patterns
from audit.results.phases import phases
from audit.results.scores import score
from audit.results.settle import Fix, fixes, ranked
from audit.results.sweep import sweep
from audit.results.tables import event_table, gap_table, interval_table, patient_table, verdict_table
from audit.standards.standard import Standard
from schemas.vocabulary import SET_ASIDE

PERCENT: Final = 100
#: with a larger share of treatment rows unusable the report is partial
MOST_UNUSABLE_PERCENT: Final = 20


@dataclass(frozen=True, slots=True)
class _Judged:
    """One input, judged."""

    extract: Extract
    window: AuditWindow
    cohort: Cohort
    verdicts: tuple[Verdicts, ...]
    findings: tuple[Finding, ...]


def audit(
    extracts: Sequence[Extract], options: DateOptions, standard: Standard, today: date, partial: str = ""
) -> AuditResult:
    """Audits the extracts, each as if it were the only one.

    Args:
        extracts: at least one.
        options: dates given by the user; they hold for every extract.
        standard: the numbers to judge by; criteria that it switches off are not judged.
        today: refuses an assumed extract date that lies later; nothing else depends on it.
        partial: what is missing from the extracts as a whole, if anything.

    Raises:
        AuditError: see `settle_window`; InputRejected when two inputs hold the same patient of the same practice.
    """
    judged = [_judge(extract, options, standard, today) for extract in extracts]
    _check_apart(extracts)
    cohorts = [item.cohort for item in judged]
    result = AuditResult(
        standard=standard,
        criteria=judged_by(standard),
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
        phases=phases(cohorts),
        fixes=ranked([fix for item in judged for fix in _fixes(item, standard)]),
    )
    _check_conserved(result)
    _check_anything(result)
    return replace(result, partial=" ".join(filter(None, (partial, _unusable_rows(result)))))


def _fixes(item: _Judged, standard: Standard) -> tuple[Fix, ...]:
    return fixes(item.extract, item.window, standard, item.cohort, item.verdicts)


def _check_anything(result: AuditResult) -> None:
    if (result.verdicts["reason"] == "NOT_IN_COHORT").all():
        raise NothingToAudit(
            "No patient has a vitamin B12 treatment, a recorded cause or a diagnosis date.",
            where=", ".join(window.file for window in result.windows),
            remedy="check the search that made the extract, and the drug names in it",
            code="NO_B12_PATIENTS",
        )


def _unusable_rows(result: AuditResult) -> str:
    """A sentence when more treatment rows were unusable than a complete report may have; blank otherwise."""
    rows = [row for row in result.rows if row.table == "Treatments"]
    read = sum(row.read for row in rows)
    lost = sum(row.set_aside.get(reason, 0) for row in rows for reason in ("unreadable", "no_patient_id"))
    if lost * PERCENT <= read * MOST_UNUSABLE_PERCENT:
        return ""
    return f"{lost:,} of {read:,} treatment rows could not be used."


def _judge(extract: Extract, options: DateOptions, standard: Standard, today: date) -> _Judged:
    window, assumed = settle_window(extract, options, standard, today)
    cohort = build_cohort(extract, window, standard)
    verdicts = tuple(judge(criterion, cohort) for criterion in judged_by(standard))
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
        parts=facts.parts,
    )


def _row_counts(item: _Judged) -> list[RowCount]:
    """Read = used + set aside, table by table; rows that only the cohort set aside are counted there."""
    extract = item.extract
    others = {"Tests": extract.tests, "Reviews": extract.reviews}
    counts = [_row_count(name, table, Counter()) for name, table in others.items()]
    late = Counter({"after_end": len(item.cohort.after_end), "unreadable": 0})
    late["unreadable"] = len(set(item.cohort.doses.bad_quantity) - set(item.cohort.after_end))
    return [_row_count("Treatments", extract.treatments, late), *counts]


def _row_count(name: str, table: pd.DataFrame, later: Counter[str]) -> RowCount:
    codes = np.bincount(table["set_aside"].cat.codes.to_numpy(), minlength=len(SET_ASIDE)).tolist()
    aside = Counter({reason: number for reason, number in zip(SET_ASIDE, codes, strict=True) if reason})
    aside.update(later)
    named = {reason: number for reason, number in sorted(aside.items()) if number}
    return RowCount(name, len(table), len(table) - sum(named.values()), named)


def _check_conserved(result: AuditResult) -> None:
    """Every row is used or set aside, and every patient has one outcome per criterion."""
    for row in result.rows:
        if row.used < 0 or row.read != row.used + sum(row.set_aside.values()):
            raise AssertionError(f"rows of {row.table} are not conserved")
    for item in result.scores:
        total = item.eligible + item.pending + item.not_applicable + item.excluded
        if total != len(result.patients):
            raise AssertionError(f"patients are not conserved in {item.criterion}")
    if sum(row.yes + row.no + row.unknown for row in result.phases) != result.patients["in_cohort"].sum():
        raise AssertionError("patients are not conserved in the phases of treatment")


def explain_patient(
    extract: Extract, options: DateOptions, standard: Standard, today: date, patient: str, criterion: str, what_if: str
) -> Account:
    """The account of one patient (see `audit.results.account`).

    Args:
        extract: of the patient's practice.
        options: dates of the run.
        standard: to judge by.
        today: as for `audit`.
        patient: id as in the extract.
        criterion: a code, or blank for all that are asked of the patient.
        what_if: `field=value`, or blank.

    Raises:
        UsageError: no such patient, criterion, field or value.
    """
    known = [item.code for item in judged_by(standard)]
    if criterion and criterion not in known:
        raise unknown("criterion", criterion, known)
    supposed = parse_what_if(what_if) if what_if else None
    window, _ = settle_window(extract, options, standard, today)
    if not (extract.patients["patient_id"] == patient).any():
        raise no_such_patient(extract.facts.file)
    return account(extract, window, standard, patient, [criterion] if criterion else (), supposed)
