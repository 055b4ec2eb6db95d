"""The interval that is prescribed is not longer than the guidance allows.

What good care looks like: the repeat prescription says every two months with neurological involvement, every two to
three months without. Why it matters: a wrong interval in the directions makes every nurse late for years. Source: BNF.

An interval in weeks or days is held against the guidance's months in its own unit (8 weeks, 62 days for two months).
"""

from __future__ import annotations

from audit.cohort.calendar import Mask
from audit.cohort.cohort import Cohort
from audit.criteria.criterion import Criterion, Example
from audit.criteria.judgement import Judgement


def judge(cohort: Cohort) -> Judgement:
    """Patients on injections outside their first course: the longest interval their latest directions allow."""
    people, prescribed, courses = cohort.people, cohort.prescribed, cohort.courses
    short, standard, dietary = (_within(cohort, kind) for kind in ("neuro", "standard", "dietary"))
    free = (people.dietary & dietary) | (~people.dietary & standard)
    involved = people.neuro_yes & (people.onset <= people.w1)
    unknown = people.neuro_unknown
    met = (involved & short) | (~involved & free & (~unknown | short))
    unsettled = unknown & free & ~short
    return Judgement(
        met=met,
        outside=~prescribed.any | (courses.has_initial & ~courses.ended),
        not_assessable={
            "DIRECTIONS_MISSING": prescribed.missing,
            "DIRECTIONS_UNREAD": prescribed.unread,
            "NEURO_UNKNOWN": unsettled,
        },
    )


def _within(cohort: Cohort, kind: str) -> Mask:
    """Patients whose directions allow no longer interval than this kind's."""
    days, weeks, months = (cohort.number(f"prescribed.{kind}_{unit}") for unit in ("days", "weeks", "months"))
    return cohort.prescribed.at_most(days, weeks, months)


_YES = {"neurological_involvement": "yes"}
_NO = {"neurological_involvement": "no"}


def _case(directions: str, expect: str, patient: dict[str, str], title: str = "") -> Example:
    return Example(title or directions, expect, doses="-60 0", directions=directions, patient=patient)


CRITERION = Criterion(
    code="prescribed-interval",
    title="The prescribed interval follows the guidance",
    strength="mandated",
    why="A wrong interval in the directions makes every injection late for years.",
    who="Patients on injections whose first course has ended or is not on record, with an injection row in the period "
    "or the {cohort.lookback_months:count} before it.",
    met="The longest interval the latest directions allow is at most {prescribed.neuro_weeks:count} or "
    "{prescribed.neuro_months:count} with neurological involvement, {prescribed.standard_weeks:count} or "
    "{prescribed.standard_months:count} without, {prescribed.dietary_weeks:count} or "
    "{prescribed.dietary_months:count} with a dietary cause.",
    notes="Directions are those of the latest issue, else of the latest injection given. Blank or unread directions: "
    "the record cannot tell; nothing is guessed. Unknown status is judged both ways.",
    sources=("bnf", "cks"),
    judge=judge,
    gates=("unreadable", "doses", "on_injections"),
    examples=(
        _case("every 2 months", "met", _YES, "two months with involvement"),
        _case("every 3 months", "not_met", _YES, "three months with involvement"),
        _case("every 8 weeks", "met", _YES, "eight weeks with involvement"),
        _case("every 9 weeks", "not_met", _YES, "nine weeks with involvement"),
        _case("every 62 days", "met", _YES, "62 days with involvement"),
        _case("every 63 days", "not_met", _YES, "63 days with involvement"),
        _case("every 2-3 months", "not_met", _YES, "the longest counts"),
        _case("every 3 months", "met", _NO, "three months"),
        _case("every 4 months", "not_met", _NO, "four months"),
        _case("every 13 weeks", "met", _NO, "thirteen weeks"),
        _case("every 14 weeks", "not_met", _NO, "fourteen weeks"),
        _case("every 92 days", "met", _NO, "92 days"),
        _case("every 93 days", "not_met", _NO, "93 days"),
        _case("every 6 months", "met", {**_NO, "cause": "dietary"}, "dietary, six months"),
        _case("every 7 months", "not_met", {**_NO, "cause": "dietary"}, "dietary, seven months"),
        _case("every 26 weeks", "met", {**_NO, "cause": "dietary"}, "dietary, 26 weeks"),
        _case("every 27 weeks", "not_met", {**_NO, "cause": "dietary"}, "dietary, 27 weeks"),
        _case("every 184 days", "met", {**_NO, "cause": "dietary"}, "dietary, 184 days"),
        _case("every 185 days", "not_met", {**_NO, "cause": "dietary"}, "dietary, 185 days"),
        _case("twice a year", "not_met", {**_YES, "cause": "dietary"}, "involvement outweighs the dietary cause"),
        _case("every 2 months", "met", {}, "unknown status, both lengths kept"),
        _case("every 3 months", "not_assessable, NEURO_UNKNOWN", {}, "unknown status, between"),
        _case("every 4 months", "not_met", {}, "unknown status, longer than both"),
        _case("every 3 months", "not_met", {**_YES, "neurological_onset": "200"}, "onset on the last day"),
        _case("every 3 months", "met", {**_YES, "neurological_onset": "201"}, "onset after the last day"),
        _case("", "not_assessable, DIRECTIONS_MISSING", _NO, "no directions"),
        _case("as directed", "not_assessable, DIRECTIONS_UNREAD", _NO, "as directed"),
        _case("three times a week for 2 weeks", "not_assessable, DIRECTIONS_UNREAD", _NO, "only a loading part"),
        Example("a course under way", "not_applicable, NOT_IN_POPULATION", doses="0 2", directions="every 3 months",
                patient=_NO, run={"extract": 5}),
        Example("not on injections", "not_applicable, NOT_ON_INJECTIONS", doses="-60 0", events="stopped 5",
                directions="every 3 months", patient=_NO),
        Example("no injections", "not_applicable, NO_INJECTIONS", events="oral 0 1000", directions="every 3 months"),
    ),
)
