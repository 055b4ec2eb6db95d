"""Every criterion for every patient: `judge`."""

from __future__ import annotations

from collections.abc import Callable

from . import criteria_loading as loading
from . import criteria_maintenance as maintenance
from . import criteria_other as other
from .dates import show_date
from .history import History
from .intervals import Judged, judged_or_waiting
from .model import Patient, Practice
from .verdict import Verdict, excluded, not_assessable

Row = dict[str, str]

CRITERIA: dict[str, Callable[[History], Verdict]] = {
    "loading-complete": loading.loading_complete,
    "loading-spacing": loading.loading_spacing,
    "neuro-loading": loading.neuro_loading,
    "neuro-continued": loading.neuro_continued,
    "neuro-review-recorded": loading.neuro_review_recorded,
    "neuro-not-oral-only": loading.neuro_not_oral_only,
    "maintenance-started": maintenance.maintenance_started,
    "maintenance-interval-neuro": maintenance.maintenance_interval_neuro,
    "maintenance-interval-standard": maintenance.maintenance_interval_standard,
    "maintenance-interval-dietary": maintenance.maintenance_interval_dietary,
    "not-overdue": maintenance.not_overdue,
    "lifelong-treatment-continued": maintenance.lifelong_treatment_continued,
    "two-monthly-for-everyone": maintenance.two_monthly_for_everyone,
    "prescribed-interval": other.prescribed_interval,
    "given-as-prescribed": other.given_as_prescribed,
    "hydroxocobalamin-injected": other.hydroxocobalamin_injected,
    "dose-one-milligram": other.dose_one_milligram,
    "intramuscular": other.intramuscular,
    "irreversible-cause-injected": other.irreversible_cause_injected,
    "low-dose-oral-only-for-diet": other.low_dose_oral_only_for_diet,
    "no-cyanocobalamin-in-lebers": other.no_cyanocobalamin_in_lebers,
    "no-cyanocobalamin-in-smokers": other.no_cyanocobalamin_in_smokers,
    "folic-acid-not-before-b12": other.folic_acid_not_before_b12,
    "folate-measured": other.folate_measured,
    "ferritin-measured": other.ferritin_measured,
    "blood-count-measured": other.blood_count_measured,
    "vitamin-b6-measured": other.vitamin_b6_measured,
    "potassium-measured-in-severe-anaemia": other.potassium_measured_in_severe_anaemia,
    "blood-count-response": other.blood_count_response,
    "first-review": other.first_review,
    "no-b12-retest-on-injections": other.no_b12_retest_on_injections,
    "cause-recorded": other.cause_recorded,
}
READ_TESTS = (
    "folate-measured",
    "ferritin-measured",
    "blood-count-measured",
    "vitamin-b6-measured",
    "potassium-measured-in-severe-anaemia",
    "blood-count-response",
    "no-b12-retest-on-injections",
)


def judge(practice: Practice) -> tuple[list[Row], list[Row]]:
    """The rows of verdicts.csv and of intervals.csv, sorted as published."""
    verdicts: list[Row] = []
    intervals: list[Row] = []
    for patient in practice.patients:
        own_verdicts, own_intervals = judge_patient(practice, patient)
        verdicts += own_verdicts
        intervals += own_intervals
    verdicts.sort(key=lambda row: (row["practice_id"], row["patient_id"], row["criterion"]))
    intervals.sort(key=lambda row: (row["practice_id"], row["patient_id"], row["from_date"]))
    return verdicts, intervals


def judge_patient(practice: Practice, patient: Patient) -> tuple[list[Row], list[Row]]:
    """One patient's rows, unsorted."""
    history = History(practice, patient)
    names = patient.patient_id, patient.practice_id
    rows = [verdict_of(history, criterion).row(*names, criterion, history.basis) for criterion in CRITERIA]
    return rows, [_interval_row(history, judged) for judged in _published_intervals(history)]


def verdict_of(history: History, criterion: str) -> Verdict:
    """What comes before a criterion's own question, then that."""
    reason = why_excluded(history)
    if reason:
        return excluded(reason)
    if history.unreadable and criterion != "cause-recorded":
        return not_assessable("UNREADABLE_ROW")
    if history.patient.unreadable_test and criterion in READ_TESTS:
        return not_assessable("UNREADABLE_TEST")
    return CRITERIA[criterion](history)


def why_excluded(history: History) -> str:
    """The first reason that holds; blank when the patient is in the cohort."""
    patient = history.patient
    b12_rows = [row for row in history.treatments if row.is_b12]
    in_cohort = b12_rows or history.cause_known or patient.diagnosis or history.unreadable
    year = history.x.year
    only_antidote = b12_rows and all(row.is_antidote for row in b12_rows) and not history.unreadable
    if not in_cohort:
        return "NOT_IN_COHORT"
    if patient.year_of_birth is not None and year - patient.year_of_birth < 16:
        return "UNDER_16"
    if patient.indication == "metabolic":
        return "METABOLIC"
    if history.w1 < history.p0:
        return "LEFT_BEFORE_PERIOD"
    return "CYANIDE_ANTIDOTE" if only_antidote else ""


def _published_intervals(history: History) -> list[Judged]:
    """Those that enter a verdict of maintenance-started or of a maintenance interval."""
    if why_excluded(history) or history.unreadable or history.own_schedule:
        return []
    found: list[Judged] = []
    if history.start_observed and not history.dietary:
        found += judged_or_waiting(history, "transition")
    if history.doses and history.on_injections:
        found += judged_or_waiting(history, "maintenance")
    return found


def _interval_row(history: History, judged: Judged) -> Row:
    interval = judged.interval
    transition = interval.kind == "transition"
    return {
        "patient_id": history.patient.patient_id,
        "practice_id": history.patient.practice_id,
        "kind": interval.kind,
        "from_date": show_date(interval.first.day),
        "to_date": "" if interval.is_open else show_date(interval.end),
        "days": str(interval.days),
        "months": judged.months,
        "due_date": show_date(judged.due),
        "limit_date": show_date(judged.limit),
        "neurological": judged.neuro,
        "criterion": maintenance.STARTED if transition else maintenance.criterion_of(history, judged),
        "outcome": judged.outcome,
        "reason": judged.reason,
        "basis": history.basis,
    }
