"""The cause of the deficiency is recorded.

What good care looks like: somebody asked why. Why it matters: the cause decides how long treatment goes on and
how long an interval may be; without it nobody can tell. Source: NICE NG239 (identifying the cause).
"""

from __future__ import annotations

from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Patients with a B12 treatment in the period: cause neither blank nor unknown."""
    return Judgement(met=cohort.people.cause_recorded, outside=~cohort.treated_in_period)


CRITERION = Criterion(
    code="cause-recorded",
    title="The cause of the deficiency is recorded",
    strength="permitted",
    why="The cause decides how long treatment goes on and how long an interval may be.",
    who="Patients with any vitamin B12 treatment in the period.",
    met="A cause is recorded; unknown after investigation counts.",
    notes="Blank or unknown is not met. Judged even where another row of the patient could not be read.",
    sources=("ng239",),
    judge=judge,
    gates=(),
    examples=(
        Example("pernicious anaemia", "met", doses="0", patient={"cause": "autoimmune"}),
        Example("unknown after investigation", "met", doses="0", patient={"cause": "unknown_after_investigation"}),
        Example("unknown", "not_met", doses="0", patient={"cause": "unknown"}),
        Example("blank", "not_met", doses="0"),
        Example("an issue of tablets is treatment", "not_met", events="oral 0 50"),
        Example("a refusal is no treatment", "not_applicable, NOT_IN_POPULATION", events="declined 0"),
        Example("treatment before the period", "not_applicable, NOT_IN_POPULATION", doses="-1", run={"start": 0}),
        Example("treatment on the first day", "not_met", doses="0", run={"start": 0}),
        Example("treatment on the last day", "not_met", doses="200"),
        Example("an unreadable row beside it", "not_met", doses="0", events="unreadable 3"),
        Example("only an unreadable row", "not_applicable, NOT_IN_POPULATION", events="unreadable 3"),
        Example("an issue whose quantity could not be read is none", "not_applicable, NOT_IN_POPULATION",
                doses="0x?"),
    ),
)
