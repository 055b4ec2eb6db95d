"""Vitamin B6 is measured at the start.

What it asks: vitamin B6, one of the cofactors the patient organisations name, is known at the start. Why it is shown:
BNF and NICE do not ask for it. Never in the headline.
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import STARTERS, Criterion
from audit.criteria.judgement import Judgement
from audit.criteria.measured import at_start, window_examples


def judge(cohort: Cohort) -> Judgement:
    """Starters: a result around the first injection."""
    return at_start(cohort, "vitamin_b6")


CRITERION = Criterion(
    code="vitamin-b6-measured",
    title="Vitamin B6 is measured at the start",
    strength="patient_group",
    why="The patient organisations name vitamin B6 among the cofactors of treatment.",
    who="Patients who started in the period.",
    met="A result from {measured.before_days:count} before the first injection to {measured.after_days:count} "
    "after it.",
    notes="Pending until day {measured.after_days}. A test without a value is no result.",
    sources=("patient_group",),
    judge=judge,
    gates=(*STARTERS, "tests"),
    examples=window_examples("vitamin_b6"),
)
