"""A blood count is measured at the start.

What good care looks like: haemoglobin or MCV is known before treatment. Why it matters: without it nobody can see
whether treatment works. Source: BSH guideline; NICE NG239 (initial tests).
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import STARTERS, Criterion, Example
from audit.criteria.judgement import Judgement
from audit.criteria.measured import at_start, window_examples


def judge(cohort: Cohort) -> Judgement:
    """Starters: a result around the first injection."""
    return at_start(cohort, "haemoglobin", "mcv")


CRITERION = Criterion(
    code="blood-count-measured",
    title="A blood count is measured at the start",
    strength="permitted",
    why="Without a first blood count nobody can see whether treatment works.",
    who="Patients who started in the period.",
    met="A result from {measured.before_days:count} before the first injection to {measured.after_days:count} "
    "after it.",
    notes="Pending until day {measured.after_days}. A test without a value is no result.",
    sources=("bsh", "ng239",),
    judge=judge,
    gates=(*STARTERS, "tests"),
    examples=(*window_examples("haemoglobin"), Example("MCV alone", "met", doses="0 2", tests="mcv 0 100")),
)
