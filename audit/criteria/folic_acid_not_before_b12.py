"""Folic acid in full dose does not come before vitamin B12.

What good care looks like: vitamin B12 first, or on the same day. Why it matters: folic acid corrects the blood count
and hides the deficiency while the nerves suffer. Source: BNF; BSH guideline. Patient organisations advise folate before
B12; that is never a pass.

Silent in the standard: a patient with folic acid of unknown dose only belongs here when it came before the first B12
row, since that dose alone would decide.
"""

from __future__ import annotations

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST
from audit.cohort.cohort import Cohort
from audit.criteria.criterion import STARTERS, Criterion, Example
from audit.criteria.judgement import Evidence, Judgement


def judge(cohort: Cohort) -> Judgement:
    """Starters with folic acid around the start: the first B12 row of any route is not later than it."""
    start = cohort.doses.first - cohort.number("folic.before_days")
    limit = cohort.doses.first + cohort.number("folic.after_days")
    folic = cohort.happenings.folic_acid.first(start, limit)
    first_b12 = cohort.happenings.treatment.first(FAR_PAST, FAR_FUTURE)
    has, before = folic < FAR_FUTURE, folic < first_b12
    unknown = cohort.happenings.folic_acid_unknown.any(start, np.minimum(limit, first_b12 - 1))
    return Judgement(
        met=has & ~before,
        outside=~(has | unknown),
        not_assessable={"DOSE_MISSING": unknown & ~before},
        evidence=Evidence.window(start, limit, folic),
    )


CRITERION = Criterion(
    code="folic-acid-not-before-b12",
    title="Folic acid not before vitamin B12",
    strength="mandated",
    why="Folic acid corrects the blood count and hides the deficiency while the nerves suffer.",
    who="Patients who started in the period, with folic acid of at least {folic.micrograms:mg} a day from "
    "{folic.before_days:count} before the first injection to {folic.after_days:span} after it.",
    met="The first vitamin B12 of any route is not later than the first such folic acid; the same day counts.",
    notes="Folic acid of unknown dose before the first vitamin B12: the record cannot tell.",
    sources=("bnf", "bsh"),
    judge=judge,
    gates=STARTERS,
    examples=(
        Example("folic acid after", "met", doses="0 2", events="folic 10 5000"),
        Example("the same day", "met", doses="0 2", events="folic 0 5000"),
        Example("the day before", "not_met", doses="0 2", events="folic -1 5000"),
        Example("tablets of B12 came first", "met", doses="0 2", events="folic -1 5000, oral -1 50"),
        Example("a refusal of B12 is no B12", "not_met", doses="0 2", events="folic -1 5000, declined -5"),
        Example("1000 micrograms", "not_met", doses="0 2", events="folic -1 1000"),
        Example("999 micrograms", "not_applicable, NOT_IN_POPULATION", doses="0 2", events="folic -1 999"),
        Example("90 days before", "not_met", doses="0 2", events="folic -90 5000"),
        Example("91 days before", "not_applicable, NOT_IN_POPULATION", doses="0 2", events="folic -91 5000"),
        Example("365 days after", "met", doses="0 2", events="folic 365 5000", run={"extract": 365, "start": 0}),
        Example("366 days after", "not_applicable, NOT_IN_POPULATION", doses="0 2", events="folic 366 5000",
                run={"extract": 366, "start": 0}),
        Example("unknown dose before", "not_assessable, DOSE_MISSING", doses="0 2", events="folic -1, folic 5 5000"),
        Example("unknown dose before, nothing else", "not_assessable, DOSE_MISSING", doses="0 2", events="folic -1"),
        Example("unknown and full dose before", "not_met", doses="0 2", events="folic -5, folic -1 5000"),
        Example("unknown dose on the day", "met", doses="0 2", events="folic 0, folic 5 5000"),
        Example("no folic acid", "not_applicable, NOT_IN_POPULATION", doses="0 2"),
        Example("start not observed", "not_assessable, START_NOT_OBSERVED", doses="0 2", events="folic -1 5000",
                patient={"registered_from": "-10"}),
    ),
)
