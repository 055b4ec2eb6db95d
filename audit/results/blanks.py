"""Which cells could settle something once they are filled: blank ones, and those that could not be read.

Each kind of field answers for itself: whose cell it is, in which row, and what it is filled with, one after another.
Neurological involvement, cause, event, route and test may come to say every word of their list that says more than
what stands there; what the other fields may say is `audit.results.cell_values`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Days, Mask, to_date, to_dates
from audit.cohort.events import Events
from audit.cohort.rows import TreatmentRows, unreadable_patients
from audit.results.as_judged import Case
from audit.results.cell_values import date_values, dose_values, interval_values, quantity_values
from audit.results.judge import EXCLUDED
from audit.results.what_if import OTHER_TEST, Value, lacking
from schemas.vocabulary import CAUSE, DIRECTIONS_STATUS, EVENT, ROUTE, SET_ASIDE, TEST

PATIENTS: Final = "Patients"
_UNREADABLE: Final = SET_ASIDE.index("unreadable")


@dataclass(frozen=True, slots=True)
class Blank:
    """Blank cells of one field.

    Attributes:
        table, field: of the canonical tables.
        patient: whose each cell is. row: its position in the table.
        answers: what the cells are filled with, one after another.
        exact: the answers stand for every value that the cells may hold.
        hint: worth listing even where only some answer settles a verdict.
        listed: listed even where none does.
    """

    table: str
    field: str
    patient: Days
    row: Days
    answers: tuple[Value, ...]
    exact: bool = True
    hint: bool = False
    listed: bool = False


def all_blanks(case: Case) -> Iterator[Blank]:
    """Every cell that could settle something; those that cannot are left out only where that is plain."""
    yield from _status_and_cause(case)
    yield from _starts(case)
    yield from _unreadable_rows(case)
    yield from _unreadable_tests(case)
    yield _quantities(case)
    yield _doses(case)
    yield _routes(case)
    yield _directions(case)


def _of_patients(field: str, who: Mask, answers: tuple[Value, ...], exact: bool = True, hint: bool = False) -> Blank:
    at = np.flatnonzero(who)
    return Blank(PATIENTS, field, at, at, answers, exact, hint)


def _status_and_cause(case: Case) -> Iterator[Blank]:
    people = case.cohort.people
    included = case.verdicts[0].outcome != EXCLUDED
    at = np.flatnonzero(included & people.neuro_unknown)
    yield Blank(PATIENTS, "neurological_involvement", at, at, ("no", "yes"), hint=True, listed=True)
    # a cause that absorbs nothing changes no other verdict than a blank does, so that other reasons stay
    causes = tuple(cause for cause in CAUSE if cause != "unknown")
    yield _of_patients("cause", case.because("CAUSE_UNKNOWN") & ~people.cause_recorded, causes)


def _starts(case: Case) -> Iterator[Blank]:
    """The dates that could show the start; that they may show it was not leaves the verdict as it is."""
    table, first = case.extract.patients, case.cohort.doses.first
    unseen = case.because("START_NOT_OBSERVED")
    if case.extract.facts.has_registered_from:
        blank = unseen & table["registered_from"].isna().to_numpy()
        yield _of_patients("registered_from", blank, (to_date(case.window.history),), exact=False, hint=True)
    blank = unseen & table["diagnosis_date"].isna().to_numpy()
    yield _of_patients("diagnosis_date", blank, (to_dates(first[blank]),), exact=False, hint=True)


def _unreadable_rows(case: Case) -> Iterator[Blank]:
    """The only unreadable row of a patient, when it lacks one cell: with another, or another such row, none settles."""
    table = case.extract.treatments
    rows = np.flatnonzero(table["set_aside"].cat.codes.to_numpy() == _UNREADABLE)
    missing = lacking(table.iloc[rows])
    patient = table["patient"].to_numpy(dtype=np.int64)[rows]
    alone = _only_one(patient, case.cohort.size) & ~case.cohort.doses.unreadable[patient]
    alone &= np.sum(list(missing.values()), axis=0) == 1
    exact: dict[str, tuple[Value, ...]] = {"event": EVENT, "route": ROUTE}
    ends: dict[str, tuple[Value, ...]] = {"date": date_values(case), "substance": ("other",)}
    for field, answers in {**exact, **ends}.items():
        chosen = alone & missing[field]
        known = field in exact
        yield Blank("Treatments", field, patient[chosen], rows[chosen], answers, exact=known, hint=not known)


def _unreadable_tests(case: Case) -> Iterator[Blank]:
    table = case.extract.tests
    rows = np.flatnonzero(table["set_aside"].cat.codes.to_numpy() == _UNREADABLE)
    patient = table["patient"].to_numpy(dtype=np.int64)[rows]
    alone = _only_one(patient, case.cohort.size)
    dated = table["date"].notna().to_numpy()[rows]
    named, undated = alone & dated, alone & ~dated
    yield Blank("Tests", "test", patient[named], rows[named], (*TEST, OTHER_TEST))
    yield Blank("Tests", "date", patient[undated], rows[undated], date_values(case), exact=False, hint=True)


def _quantities(case: Case) -> Blank:
    """The only unreadable quantity of a patient without an unreadable row."""
    rows, size = case.cohort.doses.bad_quantity, case.cohort.size
    patient = case.extract.treatments["patient"].to_numpy(dtype=np.int64)[rows]
    alone = _only_one(patient, size) & ~unreadable_patients(case.extract.treatments, size)[patient]
    return Blank("Treatments", "quantity", patient[alone], rows[alone], quantity_values(case, rows[alone]))


def _doses(case: Case) -> Blank:
    """Of the injections that are judged the only one without a dose; any tablets without."""
    cohort = case.cohort
    rows, judged = cohort.rows, cohort.injected_rows
    blank = judged.only(np.isnan(judged.dose))
    injected = blank.at[_only_one(blank.patient, cohort.size)]
    others = rows.only(np.isnan(rows.dose) & ((rows.oral & (rows.given | rows.issued)) | rows.folic_acid))
    at = np.concatenate([injected, others.at])
    return _of_rows(case, "dose_micrograms", at, case.because("DOSE_MISSING"), dose_values(case))


def _routes(case: Case) -> Blank:
    """Of the injections that are judged the only one whose route is not stated."""
    judged = case.cohort.injected_rows
    unsaid = judged.only(judged.route_is("injection"))
    at = unsaid.at[_only_one(unsaid.patient, case.cohort.size)]
    says_more = tuple(route for route in ROUTE if route != "injection")
    return _of_rows(case, "route", at, case.because("ROUTE_MISSING"), says_more)


def _directions(case: Case) -> Blank:
    """Directions without an interval on the latest day of issues, and on that of given injections."""
    cohort, rows = case.cohort, case.cohort.rows
    since = cohort.months_before_period("cohort.lookback_months")
    recent = rows.injection & (rows.day >= since) & (rows.day <= case.window.end)
    latest = _on_latest_day(rows, recent & rows.issued) | _on_latest_day(rows, recent & rows.given)
    read = case.extract.treatments["directions_status"].cat.codes.to_numpy() == DIRECTIONS_STATUS.index("read")
    at = rows.at[latest & ~read[rows.at]]
    unread = case.because("DIRECTIONS_MISSING", "DIRECTIONS_UNREAD")
    return _of_rows(case, "directions", at, unread, tuple(interval_values(case)))


def _on_latest_day(rows: TreatmentRows, chosen: Mask) -> Mask:
    size = int(rows.patient.max(initial=0)) + 1
    latest = Events.of(rows.patient[chosen], rows.day[chosen], size).last(FAR_PAST, FAR_FUTURE)
    return np.asarray(chosen & (rows.day == latest[rows.patient]))


def _of_rows(case: Case, field: str, at: Days, who: Mask, answers: tuple[Value, ...]) -> Blank:
    patient = case.extract.treatments["patient"].to_numpy(dtype=np.int64)[at]
    kept = who[patient]
    return Blank("Treatments", field, patient[kept], at[kept], answers)


def _only_one(patient: Days, size: int) -> Mask:
    """The entries whose patient has no other entry."""
    return np.asarray(np.bincount(patient, minlength=size)[patient] == 1)
