"""One synthetic patient, written down row by row as a clinical system would."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from sample_data.clinic import (
    EXTRACT_DATE,
    FIRST_WAVE,
    HISTORY_START,
    REOPENED,
    Every,
    add_months,
    appointment,
    is_open,
    last_open,
    loading_days,
    next_open,
)

Cell = str | int | float | date
Row = dict[str, Cell]

HYDROXOCOBALAMIN = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
BRANDS = (
    "Neo-Cytamen 1000micrograms/1ml solution for injection ampoules",
    "Cobalin-H 1mg/1ml solution for injection ampoules",
)
CYANOCOBALAMIN = "Cyanocobalamin 1mg/1ml solution for injection ampoules"
TABLETS_1_MG = "Cyanocobalamin 1mg tablets"
TABLETS_50_MICROGRAMS = "Cyanocobalamin 50microgram tablets"
FOLIC_ACID = "Folic acid 5mg tablets"

LOADING = "1mg IM three times a week for 2 weeks"
LOADING_NEURO = "One ampoule on alternate days until no further improvement, then 2-monthly"

UNITS = {
    "vitamin_b12": "ng/L",
    "folate": "ug/L",
    "ferritin": "ug/L",
    "vitamin_b6": "nmol/L",
    "haemoglobin": "g/L",
    "mcv": "fL",
    "potassium": "mmol/L",
    "intrinsic_factor_antibody": "",
}
#: Days before or after the wanted day on which a well-run recall has the injection done.
ON_TIME = (-4, 3)
#: Of the patients, how many had an injection put off in the first wave.
_SHARE_SHIELDED = 0.6
#: How a prescription accompanies injections: one ampoule each time, five now and then, or none in the record.
EACH_TIME, IN_FIVES, UNRECORDED = 1, 5, 0


def day_of(row: Row) -> date:
    """The date of a row of Treatments, Tests or Reviews."""
    day = row["date"]
    assert isinstance(day, date)
    return day


class Person:
    """One patient: the row of Patients, and the rows of the other sheets.

    Args:
        patient_id: the pseudonym.
        seed: what the patient's own chance is drawn from; equal seeds make equal patients.
    """

    def __init__(self, patient_id: str, seed: str) -> None:
        self.patient_id = patient_id
        self.chance = Random(seed)
        self.fields: Row = {}
        self.treatments: list[Row] = []
        self.tests: list[Row] = []
        self.reviews: list[Row] = []
        self.drug = self.chance.choices((HYDROXOCOBALAMIN, *BRANDS), (8, 1, 1))[0]
        self.prescribed = self.chance.choices((EACH_TIME, IN_FIVES, UNRECORDED), (5, 2, 3))[0]
        self.injection: Row = {"event": "administered", "route": "intramuscular", "dose": "1 mg"}
        self._shielded = self.chance.random() < _SHARE_SHIELDED

    # Who

    def describe(self, cause: str, neurological: str, born: tuple[int, int] = (1941, 1966)) -> None:
        """The patient's fields; sex, birth, registration and diagnosis are drawn."""
        chance = self.chance
        self.fields = {
            "year_of_birth": chance.randint(*born),
            "sex": chance.choices(("female", "male"), (6, 4))[0],
            "indication": "deficiency",
            "cause": cause,
            "neurological_involvement": neurological,
            "registered_from": self.day_in(date(max(1979, born[0] + 1), 1, 8), date(2016, 12, 20)),
            "diagnosis_date": self.day_in(date(2017, 1, 9), date(2018, 11, 30)),
            "smoker": chance.choices(("no", "yes", ""), (8, 1, 3))[0],
        }

    def day_in(self, first: date, last: date) -> date:
        """An open day between two days, drawn."""
        return next_open(first + timedelta(days=self.chance.randint(0, (last - first).days)))

    # What happened

    def write(self, day: date, **cells: Cell) -> None:
        """One row of Treatments."""
        self.treatments.append({"date": day, **cells})

    def inject(self, day: date, directions: str = "") -> None:
        """An injection that the record shows as given."""
        self.write(day, drug=self.drug, **self.injection, directions=directions)

    def issue(self, day: date, quantity: int, directions: str, drug: str = "") -> None:
        """A prescription issued, on the day or the last open one before."""
        day = last_open(max(day, HISTORY_START + timedelta(days=1)))
        self.write(day, drug=drug or self.drug, event="issued", quantity=quantity, directions=directions)

    def happen(self, day: date, event: str) -> None:
        """An injection declined, deferred, not attended or stopped."""
        self.write(day, drug=self.drug, event=event)

    def test(self, day: date, **values: Cell) -> None:
        """Results of one blood sample."""
        if day <= EXTRACT_DATE:
            for name, value in values.items():
                self.tests.append({"date": day, "test": name, "value": value, "unit": UNITS[name]})

    def review(self, day: date, outcome: str) -> None:
        """A review of treatment."""
        self.reviews.append({"date": day, "outcome": outcome})

    # Courses of injections

    def load(self, start: date, count: int = 6, directions: str = LOADING) -> date:
        """A course of injections on Mondays, Wednesdays and Fridays; its last day."""
        return self.inject_on(loading_days(start, count), directions)

    def inject_on(self, days: Iterable[date], directions: str) -> date:
        """A course of injections on the days named; its last day."""
        days = list(days)
        if self.prescribed:
            self.issue(days[0], len(days), directions)
        for day in days:
            self.inject(day, "" if self.prescribed else directions)
        return days[-1]

    def maintain(self, first: date, every: Every, until: date = EXTRACT_DATE, slack: tuple[int, int] = ON_TIME) -> date:
        """Injections on a schedule from `first` on; the last day."""
        directions = self.chance.choice(every.wordings)
        last, count = first, 0
        day = first
        while count == 0 or day <= until:
            if self.prescribed and count % self.prescribed == 0:
                self.issue(day - timedelta(days=self.chance.randint(0, 6)), self.prescribed, directions)
            self.inject(day, "" if self.prescribed else directions)
            last, count = day, count + 1
            day = self.next_appointment(day, every, slack)
        return last

    def next_appointment(self, day: date, every: Every, slack: tuple[int, int] = ON_TIME) -> date:
        """When the injection after one on `day` is done, give or take the days of `slack`."""
        wanted = every.after(day)
        if self._shielded and FIRST_WAVE[0] <= wanted <= FIRST_WAVE[1]:
            self.happen(next_open(wanted), "deferred")
            return next_open(REOPENED + timedelta(days=self.chance.randint(0, 40)))
        return appointment(wanted + timedelta(days=self.chance.randint(*slack)))

    def tablets(self, first: date, drug: str, until: date = EXTRACT_DATE) -> None:
        """One tablet a day, issued for 28 or 56 days at a time."""
        size = self.chance.choice((28, 56))
        day = first
        while day <= until:
            cells: Row = {"event": "issued", "route": "oral", "quantity": size}
            self.write(next_open(day), drug=drug, **cells, directions="One to be taken each day")
            day += timedelta(days=size - self.chance.randint(0, 3))

    # Blood samples

    def first_bloods(self, start: date, haemoglobin: int, without: tuple[str, ...] = ()) -> None:
        """The sample that led to treatment, taken one to three weeks before it."""
        chance = self.chance
        values: dict[str, Cell] = {
            "vitamin_b12": chance.randint(62, 148),
            "folate": round(chance.uniform(3.4, 12.0), 1),
            "ferritin": chance.randint(24, 190),
            "haemoglobin": haemoglobin,
            "mcv": round(chance.uniform(98.0, 118.0), 1),
            "potassium": round(chance.uniform(3.8, 4.9), 1),
            "intrinsic_factor_antibody": chance.choice(("positive", "negative")),
        }
        kept = {name: value for name, value in values.items() if name not in without}
        self.test(last_open(start - timedelta(days=chance.randint(7, 21))), **kept)

    def blood_count(self, day: date, haemoglobin: int, mcv: float) -> None:
        """A blood count on the day or the next open one."""
        self.test(next_open(day), haemoglobin=haemoglobin, mcv=mcv)

    def yearly_bloods(self, share_retested: float) -> None:
        """A blood count each year; some have B12 measured again although they are on injections."""
        retested = self.chance.random() < share_retested
        for year in range(2023, 2026):
            day = self.day_in(date(year, 5, 1), date(year, 11, 28))
            values: dict[str, Cell] = {
                "haemoglobin": self.chance.randint(118, 152),
                "mcv": round(self.chance.uniform(84.0, 97.0), 1),
            }
            if retested:
                values["vitamin_b12"] = self.chance.choice((742, 918, 1120, ">1500", ">2000"))
            self.test(day, **values)


def late_by(last: date, months: int, grace: int, days: int) -> date:
    """An appointment so many days past the latest day on which the injection would have met the standard."""
    day = add_months(last, months) + timedelta(days=grace + days)
    return next_open(day)


def loading_start(day: date) -> date:
    """The next open Monday or Wednesday: courses begin early in the week."""
    while not (is_open(day) and day.weekday() in (0, 2)):
        day += timedelta(days=1)
    return day
