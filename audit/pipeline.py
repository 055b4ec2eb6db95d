"""The audit as one function per command: stages in order, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import pandas as pd

from audit.cohort.calendar import to_date
from audit.cohort.cohort import Cohort, build_cohort
from audit.cohort.window import AuditWindow, DateOptions, settle_window
from audit.criteria import judged_by
from audit.errors import InputRejected, NothingToAudit, UsageError
from audit.intake.archive import Cycle
from audit.intake.extract import Extract, Finding
from audit.results.account import Account, account, no_such_patient, parse_what_if, unknown
from audit.results.audit import AuditResult
from audit.results.checked import Checked, CheckedInput
from audit.results.compare_cycles import CyclesCompared, Side, compare_cycles, side
from audit.results.completeness import completeness, over_inputs
from audit.results.findings import cohort_findings, findings_table
from audit.results.fix import Fix, ranked
from audit.results.forecast import Forecast, Inputs, forecast
from audit.results.judge import Verdicts, judge
from audit.results.over_time import over_time
from audit.results.patterns import patterns
from audit.results.phases import phases
from audit.results.phrases import date_text
from audit.results.recall import Recall, recall
from audit.results.row_counts import check_rows, row_counts, unusable_rows, window_of
from audit.results.scores import score
from audit.results.settle import fixes
from audit.results.sweep import sweep
from audit.results.tables import event_table, gap_table, interval_table, patient_table, verdict_table
from audit.standards.standard import Standard

NO_INPUTS: Final = Inputs()


@dataclass(frozen=True, slots=True)
class _Looked:
    """One input with its dates, its cohort and everything found."""

    extract: Extract
    window: AuditWindow
    cohort: Cohort
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Judged(_Looked):
    """One input, judged."""

    verdicts: tuple[Verdicts, ...]


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What lies ahead of one input; `partial` says what is missing from it, blank when it is whole."""

    recall: Recall
    forecast: Forecast
    partial: str


def audit(
    extracts: Sequence[Extract],
    options: DateOptions,
    standard: Standard,
    today: date,
    partial: str = "",
    inputs: Inputs = NO_INPUTS,
) -> AuditResult:
    """Audits the extracts, each as if it were the only one.

    Args:
        extracts: at least one.
        options: dates given by the user; they hold for every extract.
        standard: the numbers to judge by; criteria that it switches off are not judged.
        today: refuses an assumed extract date that lies later; nothing else depends on it.
        partial: what is missing from the extracts as a whole, if anything.
        inputs: what an injection takes in this practice, for the forecast.

    Raises:
        AuditError: see `settle_window`; InputRejected when two inputs hold the same patient of the same practice.
    """
    judged = [_judge(extract, options, standard, today) for extract in extracts]
    _check_apart(extracts)
    result = _result(judged, standard, inputs)
    found = ranked([fix for item in judged for fix in _fixes(item, standard)])
    return replace(result, fixes=found, partial=" ".join(filter(None, (partial, unusable_rows(result.rows)))))


def _result(judged: Sequence[_Judged], standard: Standard, inputs: Inputs = NO_INPUTS) -> AuditResult:
    """The inputs together: everything but what to fix and what is missing."""
    cohorts = [item.cohort for item in judged]
    result = AuditResult(
        standard=standard,
        criteria=judged_by(standard),
        windows=tuple(window_of(item.window, item.extract.facts) for item in judged),
        rows=tuple(row for item in judged for row in row_counts(item.extract, item.cohort)),
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
        over_time=over_time(cohorts),
        forecast=forecast(cohorts, inputs),
        recall=recall([(item.extract, item.cohort) for item in judged]),
        completeness=over_inputs([completeness(item.extract, item.cohort) for item in judged]),
    )
    _check_conserved(result)
    _check_anything(result, judged)
    return result


def _fixes(item: _Judged, standard: Standard) -> tuple[Fix, ...]:
    return fixes(item.extract, item.window, standard, item.cohort, item.verdicts)


def _check_anything(result: AuditResult, looked: Sequence[_Looked]) -> None:
    """Refuse a run that judges nobody, because nobody is in the cohort or the period ends before the first treatment.

    Raises:
        NothingToAudit: it does.
    """
    if (result.verdicts["reason"] == "NOT_IN_COHORT").all() or _too_early(looked):
        raise _nobody(looked)


def _too_early(looked: Sequence[_Looked]) -> bool:
    """Whether every treatment lies after the period."""
    firsts = [(item.extract.facts.first_treatment, to_date(item.window.end)) for item in looked]
    return all(first is not None and first > end for first, end in firsts)


def _nobody(looked: Sequence[_Looked]) -> NothingToAudit:
    files = ", ".join(item.extract.facts.file for item in looked)
    if _too_early(looked):
        facts = [item.extract.facts for item in looked]
        first = min(fact.first_treatment for fact in facts if fact.first_treatment)
        last = max(fact.last_treatment for fact in facts if fact.last_treatment)
        end = max(to_date(item.window.end) for item in looked)
        return NothingToAudit(
            f"No treatment lies in the audit period or before it: it ends on {date_text(end)}, and the treatments of "
            f"the file run from {date_text(first)} to {date_text(last)}.",
            where=files,
            remedy=f"name a period that the file covers:  --from {first} --to {last}",
            code="NO_PATIENTS_IN_PERIOD",
        )
    return NothingToAudit(
        "No patient has a vitamin B12 treatment, a recorded cause or a diagnosis date.",
        where=files,
        remedy="check the search that made the extract, and the drug names in it",
        code="NO_B12_PATIENTS",
    )


def _judge(extract: Extract, options: DateOptions, standard: Standard, today: date) -> _Judged:
    looked = _look(extract, options, standard, today)
    verdicts = tuple(judge(criterion, looked.cohort) for criterion in judged_by(standard))
    return _Judged(extract, looked.window, looked.cohort, looked.findings, verdicts)


def _look(extract: Extract, options: DateOptions, standard: Standard, today: date) -> _Looked:
    window, assumed = settle_window(extract, options, standard, today)
    cohort = build_cohort(extract, window, standard)
    return _Looked(extract, window, cohort, (*extract.findings, *assumed, *cohort_findings(extract, cohort)))


def check(
    extracts: Sequence[Extract], options: DateOptions, standard: Standard, today: date, partial: str = ""
) -> Checked:
    """What `audit` would audit, without a verdict; arguments and errors as there."""
    looked = [_look(extract, options, standard, today) for extract in extracts]
    _check_apart(extracts)
    if not any(item.cohort.belongs.any() for item in looked):
        raise _nobody(looked)
    inputs = tuple(_checked(item) for item in looked)
    for row in (row for item in inputs for row in item.rows):
        check_rows(row)
    lost = unusable_rows([row for item in inputs for row in item.rows])
    return Checked(inputs, " ".join(filter(None, (partial, lost))))


def _checked(item: _Looked) -> CheckedInput:
    return CheckedInput(
        facts=item.extract.facts,
        window=window_of(item.window, item.extract.facts),
        rows=tuple(row_counts(item.extract, item.cohort)),
        findings=item.findings,
        patients=patient_table(item.extract, item.cohort, ()),
        completeness=completeness(item.extract, item.cohort),
    )


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


def _check_conserved(result: AuditResult) -> None:
    """Every row is used or set aside, and every patient has one outcome per criterion."""
    for row in result.rows:
        check_rows(row)
    for item in result.scores:
        total = item.eligible + item.pending + item.not_applicable + item.excluded
        if total != len(result.patients):
            raise AssertionError(f"patients are not conserved in {item.criterion}")
    if sum(row.yes + row.no + row.unknown for row in result.phases) != result.patients["in_cohort"].sum():
        raise AssertionError("patients are not conserved in the phases of treatment")


def compare(
    old: Cycle, new: Cycle, standard: Standard, today: date, *, same_practice: bool = False
) -> tuple[CyclesCompared, AuditResult]:
    """Judges two cycles anew by one standard and compares them.

    Args:
        old: the earlier cycle.
        new: the later one.
        standard: to judge both by.
        today: as for `audit`.
        same_practice: the single practice of the old cycle is that of the new one, whatever their names.

    Returns:
        The comparison, and the result of the new cycle.

    Raises:
        AuditError: as for `audit` and `compare_cycles`.
    """
    later = _again(new, standard, today)
    earlier = _again(_renamed(old, later) if same_practice else old, standard, today)
    return compare_cycles(earlier, later, (_side(old, earlier), _side(new, later))), later


def since(old: Cycle, result: AuditResult, today: date) -> CyclesCompared:
    """What changed between an earlier cycle, judged anew, and the result of a run; raises as `compare`."""
    earlier = _again(old, result.standard, today)
    later = side(", ".join(window.file for window in result.windows), result, result.partial)
    return compare_cycles(earlier, result, (_side(old, earlier), later))


def _side(cycle: Cycle, result: AuditResult) -> Side:
    reported = cycle.reported
    return side(cycle.name, result, reported.partial if reported else unusable_rows(result.rows), reported)


def _again(cycle: Cycle, standard: Standard, today: date) -> AuditResult:
    _check_apart(cycle.extracts)
    return _result([_judge(extract, DateOptions(), standard, today) for extract in cycle.extracts], standard)


def _renamed(old: Cycle, later: AuditResult) -> Cycle:
    """The old cycle under the new one's practice, where each has one."""
    names = {str(name) for extract in old.extracts for name in extract.patients["practice_id"].unique()}
    (name, *others) = sorted(map(str, later.patients["practice_id"].unique()))
    if len(names) > 1 or others:
        raise UsageError(
            "--same-practice is for two cycles of one practice each.",
            remedy="compare runs of the same practices, without --same-practice",
            code="SEVERAL_PRACTICES",
        )
    tables = (extract.patients.assign(practice_id=name).astype({"practice_id": "str"}) for extract in old.extracts)
    renamed = (replace(extract, patients=table) for extract, table in zip(old.extracts, tables, strict=True))
    return replace(old, extracts=tuple(renamed))


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


def upcoming(
    extract: Extract, options: DateOptions, standard: Standard, today: date, inputs: Inputs = NO_INPUTS
) -> Upcoming:
    """What falls due when, and what the coming months take; arguments and errors as for `audit`."""
    window, _ = settle_window(extract, options, standard, today)
    cohort = build_cohort(extract, window, standard)
    partial = unusable_rows(row_counts(extract, cohort))
    return Upcoming(recall([(extract, cohort)]), forecast([cohort], inputs), partial)
