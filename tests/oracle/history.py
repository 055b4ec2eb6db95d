"""One patient's history up to the last observed day: basis, doses, runs and courses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .dates import add_days, add_months
from .model import Patient, Practice, Review, Test, Treatment


@dataclass(frozen=True)
class Dose:
    """One patient-day that counts as a dose; `units` are ampoules, 1 of a given dose."""

    day: date
    units: int
    issued: bool


class History:
    """What STANDARD section 2 makes of one patient."""

    def __init__(self, practice: Practice, patient: Patient) -> None:
        self.practice, self.patient = practice, patient
        self.w1 = practice.extract_date
        if patient.registered_to is not None and patient.registered_to < self.w1:
            self.w1 = patient.registered_to
        self.treatments = [row for row in patient.treatments if row.day <= self.w1]
        self.tests: list[Test] = [row for row in patient.tests if row.day <= self.w1]
        self.reviews: list[Review] = [row for row in patient.reviews if row.day <= self.w1]
        self.given_basis = self._is_given_basis()
        dropped = self._drop_unreadable_quantities()
        self.unreadable = patient.unreadable_row or dropped
        self.doses = self._given_doses() if self.given_basis else self._issued_doses()
        self.runs = self._runs()
        self.start_observed = bool(self.doses) and self._is_start_observed()
        self.initial = self._initial_course()

    # ------------------------------------------------------------------ periods

    @property
    def x(self) -> date:
        return self.practice.extract_date

    @property
    def p0(self) -> date:
        return self.practice.period_from

    @property
    def year_before_period(self) -> date:
        return add_months(self.p0, -12)

    @property
    def left(self) -> bool:
        return self.w1 < self.x

    def in_period(self, day: date) -> bool:
        return self.p0 <= day <= self.practice.period_to

    # ------------------------------------------------------------------ basis and doses

    def injections(self) -> list[Treatment]:
        return [row for row in self.treatments if row.is_injection]

    def _is_given_basis(self) -> bool:
        given = [row.day for row in self.injections() if row.is_given]
        issued = {row.day for row in self.injections() if row.is_issued}
        if not issued:
            return True
        if not any(day >= self.year_before_period for day in given):
            return False
        return len([day for day in issued if day > max(given)]) < 2

    def _drop_unreadable_quantities(self) -> bool:
        """On basis issued an issue without a proper quantity cannot be read, whatever its date."""
        if self.given_basis:
            return False
        bad = [row for row in self.patient.treatments if _is_unreadable_issue(row)]
        self.treatments = [row for row in self.treatments if not _is_unreadable_issue(row)]
        return bool(bad)

    def _given_doses(self) -> list[Dose]:
        days = {row.day for row in self.injections() if row.is_given}
        return [Dose(day, 1, issued=False) for day in sorted(days)]

    def _issued_doses(self) -> list[Dose]:
        issues = [row for row in self.injections() if row.is_issued]
        issue_days = sorted({row.day for row in issues})
        doses = self._given_doses()
        if issue_days:
            doses = [dose for dose in doses if dose.day < issue_days[0]]
        for day in issue_days:
            different = {(row.substance, row.quantity) for row in issues if row.day == day}
            units = sum(quantity for _, quantity in different if quantity is not None)
            doses.append(Dose(day, units, issued=True))
        return doses

    @property
    def basis(self) -> str:
        """As published: blank without doses."""
        if not self.doses:
            return ""
        return "given" if self.given_basis else "issued"

    @property
    def d1(self) -> date:
        return self.doses[0].day

    @property
    def dn(self) -> date:
        return self.doses[-1].day

    # ------------------------------------------------------------------ runs and courses

    def _runs(self) -> list[list[Dose]]:
        """The doses cut wherever two consecutive ones are more than 10 days apart."""
        runs: list[list[Dose]] = []
        for dose in self.doses:
            if runs and (dose.day - runs[-1][-1].day).days <= 10:
                runs[-1].append(dose)
            else:
                runs.append([dose])
        return runs

    def _is_start_observed(self) -> bool:
        diagnosis = self.patient.diagnosis
        if diagnosis is not None and add_days(self.d1, -28) <= diagnosis <= self.d1:
            return True
        w0 = self._w0()
        return w0 is not None and self.d1 >= add_months(w0, 4)

    def _w0(self) -> date | None:
        """First observed day; None when the registration column is there and this patient's cell is blank."""
        if not self.practice.has_registered_from:
            return self.practice.history_start
        if self.patient.registered_from is None:
            return None
        return max(self.practice.history_start, self.patient.registered_from)

    def _initial_course(self) -> list[Dose]:
        """The run from d1; empty when there is no initial course."""
        if not self.doses:
            return []
        if self.start_observed or len(self.runs[0]) >= 3:
            return self.runs[0]
        return []

    @property
    def courses(self) -> list[list[Dose]]:
        """The initial course, if any, and the reload courses."""
        reloads = [run for run in self.runs[1:] if len(run) >= 3]
        return [self.initial, *reloads] if self.initial else reloads

    @property
    def dl(self) -> date:
        """dL, of a patient with an initial course."""
        return self.initial[-1].day

    @property
    def initial_unfinished(self) -> bool:
        """There is an initial course, and it may still be going on."""
        return bool(self.initial) and self.dl == self.dn and self.w1 <= add_days(self.dl, 10)

    @property
    def course_unfinished(self) -> bool:
        """The last dose belongs to a course, initial or reload, which may still be going on."""
        if not self.doses or self.w1 > add_days(self.dn, 10):
            return False
        return any(course[-1].day == self.dn for course in self.courses)

    # ------------------------------------------------------------------ who the patient is

    @property
    def d1_in_period(self) -> bool:
        return bool(self.doses) and self.in_period(self.d1)

    @property
    def on_injections(self) -> bool:
        if not any(self.year_before_period <= dose.day for dose in self.doses):
            return False
        return not self.has_event("stopped", self.dn, self.w1)

    @property
    def own_schedule(self) -> bool:
        return self.patient.indication == "lebers_or_tobacco_amblyopia"

    @property
    def dietary(self) -> bool:
        return self.patient.cause == "dietary"

    @property
    def cause_known(self) -> bool:
        return self.patient.cause not in ("", "unknown")

    @property
    def irreversible(self) -> bool:
        return self.patient.cause in ("autoimmune", "gastrectomy", "ileal_resection")

    @property
    def neuro_at_start(self) -> bool:
        """Of a patient with doses: `yes`, onset blank or at most 14 days after d1."""
        onset = self.patient.onset
        return self.patient.neuro == "yes" and (onset is None or onset <= add_days(self.d1, 14))

    def neuro_at(self, day: date) -> str:
        """Neurological involvement as it counts on a day: yes, no or unknown."""
        if self.patient.neuro == "yes":
            onset = self.patient.onset
            return "yes" if onset is None or onset <= day else "no"
        return "no" if self.patient.neuro == "no" else "unknown"

    # ------------------------------------------------------------------ events in windows, both ends included

    def has_event(self, event: str, begin: date, end: date) -> bool:
        """A declined, deferred, not attended or stopped injection."""
        return any(row.event == event and begin <= row.day <= end for row in self.injections())

    def declined(self, begin: date, end: date) -> bool:
        return self.has_event("declined", begin, end)

    def b12_treatments(self) -> list[Treatment]:
        return [row for row in self.treatments if row.is_treatment]

    def treatments_in_period(self) -> list[Treatment]:
        return [row for row in self.b12_treatments() if self.in_period(row.day)]

    def oral(self, begin: date, end: date) -> list[Treatment]:
        return [row for row in self.treatments if row.is_oral and begin <= row.day <= end]

    def has_oral_of_a_milligram(self, begin: date, end: date) -> bool:
        return any(row.dose is not None and row.dose >= 1000 for row in self.oral(begin, end))

    def oral_only(self) -> bool:
        """An oral issue in the period and no dose from three months before it on."""
        recent = [dose for dose in self.doses if dose.day >= add_months(self.p0, -3)]
        return bool(self.oral(self.p0, self.w1)) and not recent

    def reviews_between(self, begin: date, end: date) -> list[Review]:
        """By date."""
        found = [review for review in self.reviews if begin <= review.day <= end]
        return sorted(found, key=lambda review: review.day)

    def results(self, names: tuple[str, ...], begin: date, end: date) -> list[Test]:
        """Tests of these names with a value, by date."""
        rows = [test for test in self.tests if test.name in names and test.value != ""]
        return sorted((test for test in rows if begin <= test.day <= end), key=lambda test: test.day)


def _is_unreadable_issue(row: Treatment) -> bool:
    return row.is_injection and row.is_issued and row.quantity is None
