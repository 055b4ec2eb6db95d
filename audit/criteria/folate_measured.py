"""Folate is measured at the start.

What good care looks like: folate is known before treatment is judged. Why it matters: lack of folate looks the same in
the blood, and is often there too. Source: BSH guideline; NICE NG239 (initial tests).
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import STARTERS, Criterion
from audit.criteria.judgement import Judgement
from audit.criteria.measured import at_start, window_examples


def judge(cohort: Cohort) -> Judgement:
    """Starters: a result around the first injection."""
    return at_start(cohort, "folate")


CRITERION = Criterion(
    code="folate-measured",
    title="Folate is measured at the start",
    strength="permitted",
    why="Lack of folate looks the same in the blood and is often there too.",
    who="Patients who started in the period.",
    met="A result from {measured.before_days:count} before the first injection to {measured.after_days:count} "
    "after it.",
    notes="Pending until day {measured.after_days}. A test without a value is no result.",
    sources=("bsh", "ng239",),
    judge=judge,
    gates=(*STARTERS, "tests"),
    examples=window_examples("folate"),
)
