"""Treatment, review and test rows in columns, classed as the standard classes them, within each patient's window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.cohort.calendar import FAR_FUTURE, Days, Mask, days_of
from audit.cohort.columns import among
from audit.cohort.people import Codes, People, codes
from audit.standards.standard import Standard
from schemas import vocabulary as words

Floats = npt.NDArray[np.float64]

#: of the canonical Treatments, those that say what a row is
_COLUMNS = ["patient", "date", "substance", "event", "route", "dose_micrograms", "quantity"]
_B12 = [words.SUBSTANCE.index(name) for name in words.B12_SUBSTANCES]
_GIVEN = [words.EVENT.index(name) for name in words.GIVEN_EVENTS]
_INJECTION = [words.ROUTE.index(name) for name in ("intramuscular", "subcutaneous", "injection")]
_ORAL = [words.ROUTE.index(name) for name in ("oral", "sublingual")]
_FOLIC_ACID = words.SUBSTANCE.index("folic_acid")
_HYDROXOCOBALAMIN = words.SUBSTANCE.index("hydroxocobalamin")
_INTRAVENOUS = words.ROUTE.index("intravenous")


@dataclass(frozen=True, slots=True)
class TreatmentRows:
    """The rows of the Treatments sheet that are used and not after their patient's end, in the sheet's order.

    Attributes:
        at: position of each row in the canonical table.
        b12: any row of a B12 drug; antidote: the cyanide antidote among them.
        injection: B12 by injection, antidote aside; oral: B12 by mouth or under the tongue.
        given, issued: what the event is.
        treatment: B12, antidote aside, issued or given.
    """

    at: Days
    patient: Days
    day: Days
    substance: Codes
    event: Codes
    route: Codes
    dose: Floats
    quantity: Floats
    b12: Mask
    antidote: Mask
    injection: Mask
    oral: Mask
    given: Mask
    issued: Mask

    @property
    def treatment(self) -> Mask:
        """B12 rows, antidote aside, that were issued or given."""
        return self.b12 & ~self.antidote & (self.given | self.issued)

    @property
    def folic_acid(self) -> Mask:
        """Folic acid rows that were issued or given."""
        return np.asarray((self.substance == _FOLIC_ACID) & (self.given | self.issued))

    def substance_is(self, substance: str) -> Mask:
        """Rows of this substance."""
        return np.asarray(self.substance == words.SUBSTANCE.index(substance))

    def route_is(self, route: str) -> Mask:
        """Rows of this route."""
        return np.asarray(self.route == words.ROUTE.index(route))

    def event_is(self, event: str) -> Mask:
        """Rows whose event is this."""
        return np.asarray(self.event == words.EVENT.index(event))

    def only(self, keep: Mask) -> TreatmentRows:
        """The rows of a mask; themselves where it leaves out none."""
        if keep.all():
            return self
        at = np.flatnonzero(keep)
        return TreatmentRows(*(getattr(self, name)[at] for name in self.__slots__))


def used_rows(table: pd.DataFrame, columns: list[str]) -> tuple[Days, pd.DataFrame]:
    """The rows of a canonical table that intake did not set aside: their positions, and these columns of them."""
    at = np.flatnonzero(table["set_aside"].cat.codes.to_numpy() == 0)
    return at, table[columns] if len(at) == len(table) else table[columns].iloc[at]


def treatment_rows(table: pd.DataFrame, standard: Standard) -> TreatmentRows:
    """All used rows of the canonical Treatments table, whatever their date."""
    at, kept = used_rows(table, _COLUMNS)
    substance, event, route = (codes(kept[name]) for name in ("substance", "event", "route"))
    dose = kept["dose_micrograms"].to_numpy(dtype="float64")
    b12 = among(substance, _B12)
    massive = dose >= standard.number("cohort.antidote_micrograms")
    antidote = (substance == _HYDROXOCOBALAMIN) & ((route == _INTRAVENOUS) | massive)
    return TreatmentRows(
        at=at,
        patient=kept["patient"].to_numpy(dtype=np.int64),
        day=days_of(kept["date"], FAR_FUTURE),
        substance=substance,
        event=event,
        route=route,
        dose=dose,
        quantity=kept["quantity"].to_numpy(dtype="float64"),
        b12=b12,
        antidote=antidote,
        injection=b12 & among(route, _INJECTION) & ~antidote,
        oral=b12 & among(route, _ORAL) & ~antidote,
        given=among(event, _GIVEN),
        issued=event == words.EVENT.index("issued"),
    )


@dataclass(frozen=True, slots=True)
class ReviewRows:
    """Used reviews not after their patient's end; `at` is the position of each row in the canonical table."""

    at: Days
    patient: Days
    day: Days
    outcome: Codes

    def outcome_is(self, *outcomes: str) -> Mask:
        """Rows whose outcome is one of these."""
        return among(self.outcome, [words.REVIEW_OUTCOME.index(outcome) for outcome in outcomes])


def review_rows(table: pd.DataFrame, people: People) -> ReviewRows:
    """The used rows of the canonical Reviews table within each patient's window."""
    at, kept = used_rows(table, ["patient", "date", "outcome"])
    patient, day = kept["patient"].to_numpy(dtype=np.int64), days_of(kept["date"], FAR_FUTURE)
    inside = day <= people.w1[patient]
    return ReviewRows(at[inside], patient[inside], day[inside], codes(kept["outcome"])[inside])


def unreadable_patients(table: pd.DataFrame, size: int) -> Mask:
    """Patients with a row that could not be read, whatever its date."""
    lost = table["set_aside"].cat.codes.to_numpy() == words.SET_ASIDE.index("unreadable")
    patient = table["patient"].to_numpy()[lost]
    return marked(patient[patient >= 0], size)


def marked(patient: npt.NDArray[np.integer], size: int) -> Mask:
    """One flag a patient: named in `patient` at least once."""
    flags = np.zeros(size, dtype=np.bool_)
    flags[patient] = True
    return flags
