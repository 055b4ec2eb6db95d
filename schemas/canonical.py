"""Pandera contracts of the canonical tables that intake hands to the cohort.

Every table names its patient by `patient`, the row number in `patients` (-1: the row has no patient id).
Dates are whole days as datetime64[s]; a word of a list is a pandas categorical with exactly the list of
`schemas.vocabulary` as its categories, in that order; blank is missing. `sheet` and `row` say where a row came from.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pandera.pandas as pa

from schemas import vocabulary as words

EARLIEST, LATEST = pd.Timestamp("1900-03-01"), pd.Timestamp("2199-12-31")


def _date(nullable: bool = True) -> pa.Column:
    return pa.Column("datetime64[s]", pa.Check.in_range(EARLIEST, LATEST), nullable=nullable)


def _word(categories: Sequence[str], nullable: bool = True) -> pa.Column:
    return pa.Column(pd.CategoricalDtype(list(categories)), nullable=nullable)


def _source() -> dict[str, pa.Column]:
    return {
        "set_aside": _word(words.SET_ASIDE, nullable=False),
        "sheet": pa.Column("category"),
        "row": pa.Column("int32", pa.Check.ge(1)),
    }


def _patient() -> pa.Column:
    return pa.Column("int32", pa.Check.ge(-1))


#: Sorted by practice_id, then patient_id; one row a patient of any sheet.
PATIENTS = pa.DataFrameSchema(
    {
        "patient_id": pa.Column("str", pa.Check.str_length(min_value=1), unique=True),
        "practice_id": pa.Column("str", pa.Check.str_length(min_value=1)),
        "year_of_birth": pa.Column("Int16", pa.Check.in_range(1880, 2199), nullable=True),
        "sex": _word(words.SEX),
        "indication": _word(words.INDICATION, nullable=False),
        "cause": _word(words.CAUSE),
        "neurological_involvement": _word(words.YES_NO_UNKNOWN, nullable=False),
        "neurological_onset": _date(),
        "diagnosis_date": _date(),
        "registered_from": _date(),
        "registered_to": _date(),
        "pregnant_or_breastfeeding": _word(words.YES_NO),
        "smoker": _word(words.YES_NO),
        # False: the patient stands in another sheet only
        "listed": pa.Column("bool"),
        # the patient's first row among the patients; 0 when there is none
        "row": pa.Column("int32", pa.Check.ge(0)),
        # True: another row than that says something of a status or cause that is not known
        "said_elsewhere": pa.Column("bool"),
    },
    strict=True,
    ordered=True,
)

#: Every data row of the sheet, in its order; `set_aside` blank means the row is used.
TREATMENTS = pa.DataFrameSchema(
    {
        "patient": _patient(),
        "date": _date(),
        "substance": _word(words.SUBSTANCE),
        "event": _word(words.EVENT),
        "route": _word(words.ROUTE),
        # True: hydroxocobalamin of which nothing says how it was given
        "route_assumed": pa.Column("bool"),
        "dose_micrograms": pa.Column("float64", pa.Check.gt(0), nullable=True),
        # a whole number from 1 to 100, else missing; all 1 when the sheet has no such column
        "quantity": pa.Column("float64", pa.Check.in_range(1, 100), nullable=True),
        "directions": pa.Column("str"),
        # what the directions say of maintenance, and the longest interval they allow when they say one
        "directions_status": _word(words.DIRECTIONS_STATUS, nullable=False),
        "interval_high": pa.Column("float64", pa.Check.ge(1), nullable=True),
        "interval_unit": _word(words.INTERVAL_UNIT),
        **_source(),
    },
    strict=True,
    ordered=True,
)

TESTS = pa.DataFrameSchema(
    {
        "patient": _patient(),
        "date": _date(),
        # missing on a row that is not set aside: a test this audit does not use
        "test": _word(words.TEST),
        "has_value": pa.Column("bool"),
        # the number of the value cell; missing when it holds none
        "value": pa.Column("float64", nullable=True),
        "unit": pa.Column("str"),
        **_source(),
    },
    strict=True,
    ordered=True,
)

REVIEWS = pa.DataFrameSchema(
    {"patient": _patient(), "date": _date(), "outcome": _word(words.REVIEW_OUTCOME), **_source()},
    strict=True,
    ordered=True,
)

TABLES = {"Patients": PATIENTS, "Treatments": TREATMENTS, "Tests": TESTS, "Reviews": REVIEWS}
