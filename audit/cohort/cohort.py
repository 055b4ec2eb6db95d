"""The cohort: everything a criterion may look at, one input at a time, in columns over patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, Days, Mask, add_months, add_months_to, to_date
from audit.cohort.courses import Courses, build_courses
from audit.cohort.doses import Doses, bad_quantities, basis_issued, build_doses, injections
from audit.cohort.happenings import Happenings, build_happenings
from audit.cohort.intervals import Intervals, build_intervals
from audit.cohort.measurements import Measurements, build_measurements
from audit.cohort.outcomes import Outcomes, Scene, build_scene, judge_intervals, on_time
from audit.cohort.people import People, build_people
from audit.cohort.prescribed import Prescribed, build_prescribed
from audit.cohort.rows import (
    ReviewRows,
    TreatmentRows,
    marked,
    review_rows,
    treatment_rows,
    unreadable_patients,
)
from audit.cohort.window import AuditWindow
from audit.intake.extract import Extract
from audit.standards.standard import Standard


@dataclass(frozen=True)
class Cohort:
    """Patients of one input with their doses, courses, intervals and everything else that happened.

    Attributes:
        rows: the treatment rows within each patient's window; reviews likewise.
        intervals: those that ended in the period, and the open ones; scene: what happened in them.
        any_b12: patients with a B12 row of any kind; only_antidote: all of them the antidote.
        unreadable: patients with a treatment row that could not be read.
        start_observed: STANDARD section 1.
        after_end: positions in the canonical table of rows dated after their patient's end.
    """

    window: AuditWindow
    standard: Standard
    has_reviews: bool
    has_tests: bool
    people: People
    rows: TreatmentRows
    reviews: ReviewRows
    happenings: Happenings
    measurements: Measurements
    prescribed: Prescribed
    doses: Doses
    courses: Courses
    intervals: Intervals
    scene: Scene
    any_b12: Mask
    only_antidote: Mask
    unreadable: Mask
    start_observed: Mask
    after_end: Days

    @property
    def size(self) -> int:
        """Number of patients."""
        return self.people.size

    def number(self, key: str) -> int:
        """A number of the standard."""
        return self.standard.number(key)

    def since(self, day: int) -> Cohort:
        """The cohort as if its period had begun on that day, with the intervals that ended since."""
        window = replace(self.window, start=day)
        intervals = build_intervals(self.doses, self.courses, self.people, self.start_observed, window, self.standard)
        scene = build_scene(intervals, self.happenings, self.people, window, self.standard)
        return replace(self, window=window, intervals=intervals, scene=scene)

    @cached_property
    def outcomes(self) -> Outcomes:
        """What came of each interval under the standard."""
        return judge_intervals(self.intervals, self.scene, on_time)

    @cached_property
    def belongs(self) -> Mask:
        """Patients with a B12 row, a row that cannot be read, a recorded cause or a diagnosis."""
        diagnosed = self.people.diagnosis < FAR_FUTURE
        return self.any_b12 | self.unreadable | self.people.cause_recorded | diagnosed

    @cached_property
    def exclusions(self) -> dict[str, Mask]:
        """Why patients are excluded, in the order in which it is asked."""
        return _exclusions(self)

    @cached_property
    def excluded(self) -> Mask:
        """Patients who are excluded for any reason."""
        return np.asarray(np.logical_or.reduce(list(self.exclusions.values())))

    @cached_property
    def in_period_first(self) -> Mask:
        """Patients whose first dose lies in the audit period."""
        return self._in_period(self.doses.first)

    @cached_property
    def on_injections(self) -> Mask:
        """At least one recent dose, and no stop on or after the last one."""
        since = self.months_before_period("cohort.lookback_months")
        stopped = self.happenings.stopped.any(self.doses.last, FAR_FUTURE)
        return self.doses.any & (self.doses.last >= since) & ~stopped

    @cached_property
    def loaded(self) -> Days:
        """The day on which each patient's units reach those of a loading course; FAR_FUTURE when they never do."""
        return self.doses.day_of_unit(self.number("loading.units"))

    @cached_property
    def neuro_at_start(self) -> Mask:
        """Neurological involvement at the start of treatment."""
        return self.people.neuro_yes & (self.people.onset <= self.doses.first + self.number("neuro.onset_days"))

    @cached_property
    def injected_rows(self) -> TreatmentRows:
        """Injection rows in the period that stand for doses: given on basis given, issues on basis issued."""
        rows = self.rows
        stands = np.where(self.doses.issued_basis[rows.patient], rows.issued, rows.given)
        return rows.only(rows.injection & stands & self._in_period(rows.day))

    @cached_property
    def treatment_rows_in_period(self) -> TreatmentRows:
        """B12 treatments of any route in the period, issued and given alike."""
        return self.rows.only(self.rows.treatment & self._in_period(self.rows.day))

    def with_row(self, rows: TreatmentRows, mask: Mask) -> Mask:
        """Patients with at least one of the masked rows."""
        return marked(rows.patient[mask], self.size)

    @cached_property
    def treated_in_period(self) -> Mask:
        """Patients with a B12 treatment of any route in the audit period."""
        return self.happenings.treatment.any(self.window.start, self.window.end)

    def months_before_period(self, key: str) -> int:
        """The day that lies the standard's number of months before the audit period begins."""
        return add_months_to(self.window.start, -self.number(key))

    def _in_period(self, day: Days) -> Mask:
        return (day >= self.window.start) & (day <= self.window.end)


def build_cohort(extract: Extract, window: AuditWindow, standard: Standard) -> Cohort:
    """The cohort of one input."""
    people = build_people(extract, window)
    every = treatment_rows(extract.treatments, standard)
    inside = every.day <= people.w1[every.patient]
    rows = every.only(inside)
    given = injections(rows, rows.given, people)
    issued_basis = basis_issued(rows, given, people, window, standard)
    bad = every.only(bad_quantities(every, issued_basis))
    rows = rows.only(~bad_quantities(rows, issued_basis))
    reviews = review_rows(extract.reviews, people)
    doses = build_doses(rows, given, issued_basis, bad)
    observed = _start_observed(doses, people, standard)
    courses = build_courses(doses, people, observed, standard)
    happenings = build_happenings(rows, reviews, people.size, standard)
    intervals = build_intervals(doses, courses, people, observed, window, standard)
    since = add_months_to(window.start, -standard.number("cohort.lookback_months"))
    return Cohort(
        window=window,
        standard=standard,
        has_reviews=extract.facts.has_reviews,
        has_tests=extract.facts.has_tests,
        people=people,
        rows=rows,
        reviews=reviews,
        happenings=happenings,
        measurements=build_measurements(extract.tests, people, standard),
        prescribed=build_prescribed(rows, extract.treatments, people, since, window.end),
        doses=doses,
        courses=courses,
        intervals=intervals,
        scene=build_scene(intervals, happenings, people, window, standard),
        any_b12=marked(rows.patient[rows.b12], people.size),
        only_antidote=_only_antidote(rows, people.size),
        unreadable=doses.unreadable | unreadable_patients(extract.treatments, people.size),
        start_observed=observed,
        after_end=every.at[~inside],
    )


def _start_observed(doses: Doses, people: People, standard: Standard) -> Mask:
    seen_before = doses.first >= add_months(people.w0, standard.number("start.observed_months"))
    ago = doses.first - people.diagnosis
    diagnosed = (ago >= 0) & (ago <= standard.number("start.diagnosis_days"))
    return doses.any & (seen_before | diagnosed)


def _only_antidote(rows: TreatmentRows, size: int) -> Mask:
    antidote = marked(rows.patient[rows.antidote], size)
    return antidote & ~marked(rows.patient[rows.b12 & ~rows.antidote], size)


def _exclusions(cohort: Cohort) -> dict[str, Mask]:
    """STANDARD section 3, cohort."""
    people = cohort.people
    with np.errstate(invalid="ignore"):
        age = to_date(cohort.window.extract).year - people.year_of_birth
    return {
        "NOT_IN_COHORT": ~cohort.belongs,
        "UNDER_16": age < cohort.number("cohort.adult_age"),
        "METABOLIC": people.indication_is("metabolic"),
        "LEFT_BEFORE_PERIOD": people.w1 < cohort.window.start,
        "CYANIDE_ANTIDOTE": cohort.only_antidote & ~cohort.unreadable,
    }
