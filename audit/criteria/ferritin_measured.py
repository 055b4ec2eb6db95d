"""Ferritin is measured at the start.

What good care looks like: iron stores are known. Why it matters: lack of iron hides the large red cells, and the
response to treatment fails without iron. Source: BSH guideline; NICE NG239 (initial tests).
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import STARTERS, Criterion
from audit.criteria.judgement import Judgement
from audit.criteria.measured import at_start, window_examples


def judge(cohort: Cohort) -> Judgement:
    """Starters: a result around the first injection."""
    return at_start(cohort, "ferritin")


CRITERION = Criterion(
    code="ferritin-measured",
    title="Ferritin is measured at the start",
    strength="permitted",
    why="Lack of iron hides the large red cells and limits the response to treatment.",
    who="Patients who started in the period.",
    met="A result from {measured.before_days:count} before the first injection to {measured.after_days:count} "
    "after it.",
    notes="Pending until day {measured.after_days}. A test without a value is no result.",
    sources=("bsh", "ng239",),
    judge=judge,
    gates=(*STARTERS, "tests"),
    examples=window_examples("ferritin"),
)
