"""The patients in columns: status, dates and observed window of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Days, Mask, days_of
from audit.cohort.columns import among
from audit.cohort.window import AuditWindow
from audit.intake.extract import Extract
from schemas import vocabulary as words

Codes = npt.NDArray[np.int8]
_YES = words.YES_NO.index("yes")
_NEURO_YES, _NEURO_NO = words.YES_NO_UNKNOWN.index("yes"), words.YES_NO_UNKNOWN.index("no")


@dataclass(frozen=True, slots=True)
class People:
    """One entry a patient, in the order of the canonical Patients table.

    Attributes:
        w0: first observed day; FAR_FUTURE when the day of registration is unknown.
        w1: last observed day (X, or the day of leaving).
        left: w1 < X.
        neuro_yes, neuro_no: recorded neurological involvement; neither: unknown.
        onset: day of neurological onset; FAR_PAST when blank.
        diagnosis: day of diagnosis; FAR_FUTURE when blank.
        male, smoker, pregnant (or breastfeeding at the start): recorded so; blank is no.
    """

    size: int
    w0: Days
    w1: Days
    left: Mask
    year_of_birth: npt.NDArray[np.float64]
    indication: Codes
    cause: Codes
    neuro_yes: Mask
    neuro_no: Mask
    onset: Days
    diagnosis: Days
    male: Mask
    smoker: Mask
    pregnant: Mask

    @property
    def neuro_unknown(self) -> Mask:
        """Neurological involvement neither yes nor no."""
        return ~(self.neuro_yes | self.neuro_no)

    @property
    def dietary(self) -> Mask:
        """Cause dietary."""
        return self.cause_is("dietary")

    def cause_is(self, *causes: str) -> Mask:
        """Whose cause is one of these."""
        return among(self.cause, [words.CAUSE.index(cause) for cause in causes])

    def indication_is(self, indication: str) -> Mask:
        """Whose indication is this."""
        return np.asarray(self.indication == words.INDICATION.index(indication))

    @property
    def cause_recorded(self) -> Mask:
        """Whose cause is neither blank nor unknown."""
        return (self.cause >= 0) & ~self.cause_is("unknown")


def codes(column: pd.Series) -> Codes:
    """The codes of a categorical column, -1 where blank."""
    return np.asarray(column.cat.codes.to_numpy(), dtype=np.int8)


def build_people(extract: Extract, window: AuditWindow) -> People:
    """The patients of one input within its window."""
    table = extract.patients
    registered_to = days_of(table["registered_to"], FAR_FUTURE)
    w1 = np.minimum(window.extract, registered_to)
    neuro = codes(table["neurological_involvement"])
    return People(
        size=len(table),
        w0=_observed_from(extract, window),
        w1=w1,
        left=w1 < window.extract,
        year_of_birth=table["year_of_birth"].to_numpy(dtype="float64", na_value=np.nan),
        indication=codes(table["indication"]),
        cause=codes(table["cause"]),
        neuro_yes=neuro == _NEURO_YES,
        neuro_no=neuro == _NEURO_NO,
        onset=days_of(table["neurological_onset"], FAR_PAST),
        diagnosis=days_of(table["diagnosis_date"], FAR_FUTURE),
        male=codes(table["sex"]) == words.SEX.index("male"),
        smoker=codes(table["smoker"]) == _YES,
        pregnant=codes(table["pregnant_or_breastfeeding"]) == _YES,
    )


def _observed_from(extract: Extract, window: AuditWindow) -> Days:
    """The later of H and registration; without the column H; with the cell blank unknown."""
    if not extract.facts.has_registered_from:
        return np.full(len(extract.patients), window.history, dtype=np.int64)
    registered = days_of(extract.patients["registered_from"], FAR_FUTURE)
    return np.maximum(registered, window.history)
