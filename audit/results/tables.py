"""The published tables as frames: verdicts, intervals, patients, and the events of a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from audit.cohort.calendar import Counts, Days, Mask, to_dates
from audit.cohort.cohort import Cohort
from audit.cohort.events import pack
from audit.cohort.intervals import Schedule
from audit.cohort.outcomes import INTERVAL_REASONS, NO_OUTCOME
from audit.criteria.judgement import BLANK
from audit.intake.extract import Extract
from audit.results.judge import Verdicts
from audit.results.patterns import STATUSES, closed_in_period, status_of
from schemas.vocabulary import EVENT, INTERVAL_COLUMNS, OUTCOME, REASON, VERDICT_COLUMNS

_KEY: Final = ["practice_id", "patient_id"]
#: interval criteria by the intervals that enter them
INTERVAL_CRITERIA: Final = (
    "maintenance-started",
    "maintenance-interval-neuro",
    "maintenance-interval-dietary",
    "maintenance-interval-standard",
)


def verdict_table(extract: Extract, cohort: Cohort, verdicts: Sequence[Verdicts]) -> pd.DataFrame:
    """CONTRACT's verdicts of one input: a row a patient and criterion, sorted as published."""
    ordered = sorted(verdicts, key=lambda verdict: verdict.criterion.code)

    def stacked(name: str) -> np.ndarray:
        return np.column_stack([getattr(verdict, name) for verdict in ordered]).ravel()

    def shown(name: str) -> np.ndarray:
        return np.column_stack([getattr(verdict.evidence, name) for verdict in ordered]).ravel()

    codes = [verdict.criterion.code for verdict in ordered]
    grace = stacked("grace")
    table = pd.DataFrame(
        {
            **{key: np.repeat(extract.patients[key].to_numpy(), len(codes)) for key in _KEY},
            "criterion": words_of(np.tile(np.arange(len(codes)), cohort.size), codes),
            "outcome": words_of(stacked("outcome"), OUTCOME),
            "reason": words_of(stacked("reason"), REASON),
            "within_grace": pd.arrays.BooleanArray(grace == 1, grace < 0),
            "basis": np.repeat(basis_of(cohort), len(codes)),
            "from_date": to_dates(shown("start")),
            "due_date": to_dates(shown("due")),
            "limit_date": to_dates(shown("limit")),
            "to_date": to_dates(shown("to")),
            "days": numbers(shown("days")),
            "intervals_met": numbers(shown("met")),
            "intervals_judged": numbers(shown("judged")),
        }
    )
    return table[list(VERDICT_COLUMNS)]


def words_of(codes: np.ndarray, words: Sequence[str]) -> np.ndarray:
    """The word of each code."""
    return np.asarray(np.array(words, dtype=object)[codes])


def numbers(values: Counts) -> pd.arrays.IntegerArray:
    """Whole numbers with BLANK as missing."""
    missing = values == BLANK
    return pd.arrays.IntegerArray(np.where(missing, 0, values).astype(np.int32), missing)


def basis_of(cohort: Cohort) -> np.ndarray:
    """given, issued, or blank without doses."""
    return np.where(cohort.doses.any, np.where(cohort.doses.issued_basis, "issued", "given"), "").astype(object)


def interval_table(extract: Extract, cohort: Cohort) -> pd.DataFrame:
    """CONTRACT's intervals of one input: those that enter an interval criterion."""
    intervals, outcomes = cohort.intervals, cohort.outcomes
    at = np.flatnonzero(_entering(cohort))
    who = intervals.patient[at]
    is_open, outcome = intervals.is_open[at], outcomes.outcome[at]
    involved, unknown = intervals.neuro_yes[at], intervals.neuro_unknown[at]
    table = pd.DataFrame(
        {
            **{key: extract.patients[key].to_numpy()[who] for key in _KEY},
            "kind": np.where(intervals.transition[at], "transition", "maintenance"),
            "from_date": to_dates(intervals.start[at]),
            "to_date": np.where(is_open, np.datetime64("NaT"), to_dates(intervals.end[at])),
            "days": (intervals.end - intervals.start)[at].astype(np.int32),
            "months": months_allowed(cohort, at),
            "due_date": to_dates(outcomes.due[at]),
            "limit_date": to_dates(outcomes.limit[at]),
            "neurological": np.where(involved, "yes", np.where(unknown, "unknown", "no")),
            "criterion": words_of(criterion_of(cohort)[at], INTERVAL_CRITERIA),
            "outcome": words_of(outcome, OUTCOME),
            "reason": words_of(outcomes.reason[at], INTERVAL_REASONS),
            "basis": basis_of(cohort)[who],
        }
    )
    return table[list(INTERVAL_COLUMNS)]


def months_allowed(cohort: Cohort, at: Days) -> np.ndarray:
    """How long the intervals at these places may be, as text: 2, 3, 6, `2 or 3`, `12 weeks`."""
    shown, other = _length(cohort.intervals.shown, at), _length(cohort.intervals.other, at)
    return np.where(shown == other, shown, other + " or " + shown)


def _length(schedule: Schedule, at: Days) -> np.ndarray:
    """The number of months; "12 weeks" where a local rule counts in weeks."""
    months = schedule.months[at].astype(str).astype(object)
    if schedule.weeks is None:
        return months
    weeks = schedule.weeks[at]
    return np.where(weeks > 0, weeks.astype(str).astype(object) + " weeks", months)


def criterion_of(cohort: Cohort) -> Days:
    """Which of INTERVAL_CRITERIA each interval belongs to, by its place there."""
    intervals = cohort.intervals
    dietary = cohort.people.dietary[intervals.patient]
    return np.select([intervals.transition, intervals.neuro_yes, dietary], [0, 1, 2], 3)


def _entering(cohort: Cohort) -> Mask:
    """Judged or waiting intervals of patients who are judged on them (CONTRACT section 3)."""
    intervals, people, who = cohort.intervals, cohort.people, cohort.intervals.patient
    out = cohort.excluded | cohort.unreadable
    out |= people.indication_is("lebers_or_tobacco_amblyopia")
    transition_ok = cohort.start_observed & ~people.dietary
    kept = np.where(intervals.transition, transition_ok[who], cohort.on_injections[who])
    return np.asarray((cohort.outcomes.outcome != NO_OUTCOME) & ~out[who] & kept)


def gap_table(extract: Extract, cohort: Cohort) -> pd.DataFrame:
    """Closed maintenance intervals ending in the period: patient, days and neurological status, for the histogram."""
    at = np.flatnonzero(closed_in_period(cohort))
    intervals, who = cohort.intervals, cohort.intervals.patient[at]
    return pd.DataFrame(
        {
            **{key: extract.patients[key].to_numpy()[who] for key in _KEY},
            "from_date": to_dates(intervals.start[at]),
            "to_date": to_dates(intervals.end[at]),
            "days": (intervals.end - intervals.start)[at].astype(np.int32),
            "status": words_of(status_of(cohort)[who], STATUSES),
        }
    )


def patient_table(extract: Extract, cohort: Cohort, verdicts: Sequence[Verdicts]) -> pd.DataFrame:
    """One row a patient, as `AuditResult.patients` describes it."""
    source, doses = extract.patients, cohort.doses
    return pd.DataFrame(
        {
            "patient_id": source["patient_id"].to_numpy(),
            "practice_id": source["practice_id"].to_numpy(),
            "year_of_birth": source["year_of_birth"].array,
            **{name: _text(source[name]) for name in ("sex", "cause", "indication", "neurological_involvement")},
            "basis": basis_of(cohort),
            "first_dose": to_dates(doses.first),
            "last_dose": to_dates(doses.last),
            "doses": (doses.end - doses.begin).astype(np.int32),
            "observed_to": to_dates(cohort.people.w1),
            "in_cohort": ~cohort.excluded,
            "overdue_days": numbers(_days_overdue(cohort, verdicts)),
        }
    )


def _days_overdue(cohort: Cohort, verdicts: Sequence[Verdicts]) -> Counts:
    """Days past the limit of each patient overdue; BLANK for everyone when the standard does not ask who is."""
    past = np.full(cohort.size, BLANK, dtype=np.int64)
    for verdict in verdicts:
        if verdict.criterion.code == "not-overdue":
            late = verdict.outcome == OUTCOME.index("not_met")
            past[late] = (cohort.people.w1 - verdict.evidence.limit)[late]
    return past


def _text(column: pd.Series) -> np.ndarray:
    return np.array([*column.cat.categories, ""], dtype=object)[column.cat.codes.to_numpy()]


def event_table(extract: Extract, cohort: Cohort) -> pd.DataFrame:
    """Everything a timeline shows, in order of patient and day, each with the row of the input that it stands in."""
    doses, rows, reviews = cohort.doses, cohort.rows, cohort.reviews
    oral = rows.oral & (rows.given | rows.issued)
    other = rows.injection & ~rows.given & ~rows.issued
    parts = [
        (doses.patient, doses.day, np.full(len(doses.day), "dose"), _rows_of_doses(cohort)),
        (rows.patient[oral], rows.day[oral], np.full(int(oral.sum()), "oral"), rows.at[oral]),
        (rows.patient[other], rows.day[other], words_of(rows.event[other], EVENT), rows.at[other]),
        (reviews.patient, reviews.day, np.full(len(reviews.day), "review"), reviews.at),
    ]
    patient, day, kind, at = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((day, patient))
    units = np.full(len(day), BLANK)
    units[: len(doses.day)] = doses.units
    reviewed = np.arange(len(day)) >= len(day) - len(reviews.day)
    return pd.DataFrame(
        {
            **{key: extract.patients[key].to_numpy()[patient[order]] for key in _KEY},
            "date": to_dates(day[order]),
            "kind": kind.astype(object)[order],
            "units": numbers(units[order]),
            **_source(extract, at[order], reviewed[order]),
        }
    )


def _rows_of_doses(cohort: Cohort) -> Days:
    """Of each dose the first row of the sheet that stands for it: recorded as given, or issued."""
    rows, doses = cohort.rows, cohort.doses
    found = np.zeros(len(doses.day), dtype=np.int64)
    for stands, mine in ((rows.given, doses.given), (rows.issued, ~doses.given)):
        mask = rows.injection & stands
        keys = pack(rows.patient[mask], rows.day[mask])
        order = np.argsort(keys, kind="stable")
        place = np.searchsorted(keys[order], doses.events.keys[mine], side="left")
        found[mine] = rows.at[mask][order[place]]
    return found


def _source(extract: Extract, at: Days, reviewed: Mask) -> dict[str, np.ndarray]:
    """File, sheet and row, as Excel numbers it, of positions in the treatments, or in the reviews where so marked."""
    row, sheet, sheets = np.empty(len(at), dtype=np.int32), np.empty(len(at), dtype=np.int64), [""]
    for table, mask in ((extract.treatments, ~reviewed), (extract.reviews, reviewed)):
        row[mask] = table["row"].to_numpy()[at[mask]]
        sheet[mask] = table["sheet"].cat.codes.to_numpy()[at[mask]] + len(sheets)
        sheets += [str(name) for name in table["sheet"].cat.categories]
    files = {facts.sheet: facts.file for facts in extract.facts.sheets}
    named = [files.get(name, extract.facts.file) for name in sheets]
    return {"file": words_of(sheet, named), "sheet": words_of(sheet, sheets), "row": row}
