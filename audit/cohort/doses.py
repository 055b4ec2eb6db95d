"""Doses: patient-days on which vitamin B12 was injected, from administrations or, failing those, from issues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Counts, Days, Mask, add_months_to
from audit.cohort.columns import masked
from audit.cohort.events import Events, day_of, distinct, pack, patient_of
from audit.cohort.people import People
from audit.cohort.rows import TreatmentRows, marked
from audit.cohort.window import AuditWindow
from audit.standards.standard import Standard


@dataclass(frozen=True, slots=True)
class Doses:
    """All doses in order of patient and day, and where each patient's begin and end.

    Attributes:
        events: the doses as events, in the same order as the columns below.
        patient, day, units: one entry a dose; `given`: recorded as given (units 1).
        begin, end: half-open positions of each patient's doses.
        first, last: day of the first (FAR_FUTURE when none) and last dose (FAR_PAST when none).
        issued_basis: the patient's basis is issues.
        bad_quantity: positions in the canonical table of issues whose quantity cannot be read.
        unreadable: patients who have such an issue.
    """

    events: Events
    patient: Days
    day: Days
    units: Counts
    given: Mask
    begin: Days
    end: Days
    first: Days
    last: Days
    issued_basis: Mask
    bad_quantity: Days
    unreadable: Mask

    @property
    def any(self) -> Mask:
        """Patients with at least one dose."""
        return self.end > self.begin

    def day_of_unit(self, number: int) -> Days:
        """The day on which each patient's cumulative units reach `number`; FAR_FUTURE when they never do."""
        total = np.concatenate([[0], np.cumsum(self.units)])
        position = np.searchsorted(total[1:], total[self.begin] + number, side="left")
        reached = position < self.end
        day = np.full(self.begin.shape, FAR_FUTURE, dtype=np.int64)
        day[reached] = self.day[position[reached]]
        return day


def injections(rows: TreatmentRows, among: Mask, people: People) -> Events:
    """The injection rows of a mask."""
    mask = rows.injection & among
    return Events.of(masked(rows.patient, mask), masked(rows.day, mask), people.size)


def basis_issued(
    rows: TreatmentRows, given: Events, people: People, window: AuditWindow, standard: Standard
) -> Mask:
    """Patients whose doses are known from issues only: STANDARD section 2, basis. `given`: the recorded injections."""
    issue_days = _unique(injections(rows, rows.issued, people))
    last_given = given.last(FAR_PAST, FAR_FUTURE)
    recent = last_given >= add_months_to(window.start, -standard.number("cohort.lookback_months"))
    later_issues = issue_days.count(last_given + 1, FAR_FUTURE)
    recorded = recent & (later_issues < standard.number("basis.issue_days"))
    return issue_days.any(FAR_PAST, FAR_FUTURE) & ~recorded


def bad_quantities(rows: TreatmentRows, issued_basis: Mask) -> Mask:
    """Rows that are unreadable because their quantity is: injection issues of a patient of basis issued only."""
    return rows.injection & rows.issued & np.isnan(rows.quantity) & issued_basis[rows.patient]


def build_doses(rows: TreatmentRows, given: Events, issued_basis: Mask, bad: TreatmentRows) -> Doses:
    """The doses of every patient; `rows` without the rows of a bad quantity, which are `bad`."""
    issue, units = _issue_days(rows, issued_basis)
    first_issue = Events(issue, given.everyone).first(FAR_PAST, FAR_FUTURE)
    keys = distinct(given.keys)
    # of basis given every recorded injection counts, of basis issued those before the first issue
    until = np.where(issued_basis, first_issue, FAR_FUTURE)
    return _assembled(masked(keys, day_of(keys) < until[patient_of(keys)]), issue, units, issued_basis, bad)


def _unique(events: Events) -> Events:
    return Events(distinct(events.keys), events.everyone)


def _issue_days(rows: TreatmentRows, issued_basis: Mask) -> tuple[Days, Counts]:
    """Keys of the issue days of patients of basis issued, and the ampoules issued that day.

    Rows of a day of the same substance and quantity count once.
    """
    issues = np.flatnonzero(rows.injection & rows.issued & issued_basis[rows.patient])
    key = pack(rows.patient[issues], rows.day[issues])
    quantity = rows.quantity[issues].astype(np.int64)
    label = rows.substance[issues].astype(np.int64) * (quantity.max(initial=0) + 1) + quantity
    order = _ordered(key, label)
    key, quantity, label = key[order], quantity[order], label[order]
    fresh = np.ones(key.shape, dtype=np.bool_)
    fresh[1:] = (key[1:] != key[:-1]) | (label[1:] != label[:-1])
    days, start = np.unique(key[fresh], return_index=True)
    return days, np.add.reduceat(quantity[fresh], start) if len(days) else quantity[:0]


def _ordered(key: Days, label: Counts) -> Days:
    """The order by key, and by label among equal keys: few are equal, so that only these are sorted twice."""
    order = np.argsort(key)
    again = np.flatnonzero(np.diff(key[order]) == 0)
    repeated = np.union1d(again, again + 1)
    at = order[repeated]
    order[repeated] = at[np.lexsort((label[at], key[at]))]
    return order


def _assembled(given: Days, issue: Days, units: Counts, issued_basis: Mask, bad: TreatmentRows) -> Doses:
    keys = np.concatenate([given, issue])
    order = np.argsort(keys, kind="stable")
    events = Events(keys[order], np.arange(len(issued_basis), dtype=np.int64))
    begin, end = events.bounds(FAR_PAST, FAR_FUTURE)
    return Doses(
        events=events,
        patient=patient_of(events.keys),
        day=day_of(events.keys),
        units=np.concatenate([np.ones(len(given), dtype=np.int64), units])[order],
        given=(order < len(given)),
        begin=begin,
        end=end,
        first=events.day_at(begin, end > begin, FAR_FUTURE),
        last=events.day_at(end - 1, end > begin, FAR_PAST),
        issued_basis=issued_basis,
        bad_quantity=bad.at,
        unreadable=marked(bad.patient, len(issued_basis)),
    )
