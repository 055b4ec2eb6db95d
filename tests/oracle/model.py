"""What the oracle reads and what it thinks with: plain dataclasses, dates as `datetime.date`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict

B12 = ("hydroxocobalamin", "cyanocobalamin", "methylcobalamin", "adenosylcobalamin")
GIVEN = ("administered", "self_administered", "given_elsewhere")
# "injection": it is injected, or taken so, but whether into muscle or under the skin is not said
INJECTION_ROUTES = ("intramuscular", "subcutaneous", "injection")
ANTIDOTE_MICROGRAMS = 2_500_000


class Records(TypedDict):
    """One workbook as text: column name to cell text, "" is blank, an absent column is in no row."""

    about: dict[str, str]
    patients: list[dict[str, str]] | None
    treatments: list[dict[str, str]]
    tests: list[dict[str, str]] | None
    reviews: list[dict[str, str]] | None
    file_stem: str


@dataclass(frozen=True)
class Options:
    """The dates of the command line; None where it says nothing."""

    extract_date: date | None = None
    history_start: date | None = None
    period_from: date | None = None
    period_to: date | None = None


@dataclass(frozen=True)
class Treatment:
    """One readable row about B12 or folic acid; `dose` in micrograms; None: unknown, unreadable."""

    day: date
    substance: str
    event: str
    route: str
    dose: float | None
    quantity: int | None
    directions: str

    @property
    def is_b12(self) -> bool:
        return self.substance in B12

    @property
    def is_antidote(self) -> bool:
        large = self.dose is not None and self.dose >= ANTIDOTE_MICROGRAMS
        return self.substance == "hydroxocobalamin" and (self.route == "intravenous" or large)

    @property
    def is_injection(self) -> bool:
        """A row about an injection of B12, whatever happened to it."""
        return self.is_b12 and not self.is_antidote and self.route in INJECTION_ROUTES

    @property
    def is_given(self) -> bool:
        return self.event in GIVEN

    @property
    def is_issued(self) -> bool:
        return self.event == "issued"

    @property
    def is_treatment(self) -> bool:
        """A B12 row, antidote aside, that is issued or given."""
        return self.is_b12 and not self.is_antidote and (self.is_given or self.is_issued)

    @property
    def is_oral(self) -> bool:
        return self.is_treatment and self.route in ("oral", "sublingual")

    @property
    def is_folic_acid(self) -> bool:
        return self.substance == "folic_acid" and (self.is_given or self.is_issued)


@dataclass(frozen=True)
class Test:
    """One test row with a date and a name; `value` is the cell's text, "" when there is no result."""

    __test__ = False  # pytest is not to collect it

    day: date
    name: str
    value: str


@dataclass(frozen=True)
class Review:
    """One review with a date and an outcome."""

    day: date
    outcome: str


@dataclass
class Patient:
    """One patient with the rows that could be read, in no order; "" and None are blank."""

    patient_id: str
    practice_id: str
    year_of_birth: int | None = None
    sex: str = ""
    indication: str = ""
    cause: str = ""
    neuro: str = ""
    onset: date | None = None
    diagnosis: date | None = None
    registered_from: date | None = None
    registered_to: date | None = None
    pregnant: bool = False
    smoker: bool = False
    treatments: list[Treatment] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    unreadable_row: bool = False
    unreadable_test: bool = False


@dataclass
class Practice:
    """One workbook, typed. `extract_date` is already the end of the audit period when that comes first."""

    extract_date: date
    history_start: date
    period_from: date
    has_tests: bool
    has_reviews: bool
    has_registered_from: bool
    patients: list[Patient]

    @property
    def period_to(self) -> date:
        """P1: a period that ends before the extract makes the run what it would have been on that day."""
        return self.extract_date
