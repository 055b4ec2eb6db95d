"""A verdict in one full plain sentence with its dates and its clause: the same in worklist, workbook and `explain`.

Modest throughout: a sentence says what the record shows, never whose fault it is or what to give.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from audit.criteria.criterion import Criterion
from audit.results.phrases import date_text, plural
from audit.results.records import Interval, Person, Verdict
from audit.standards.standard import Standard
from audit.standards.wording import interval_length, with_numbers

DIFFERS: Final = "Differs from the {clause}; check for a documented reason."

#: Why the record gives no answer, or why the question is not asked; `{key}` is a number of the standard.
REASONS: Final = {
    "NOT_IN_COHORT": "No vitamin B12 treatment, cause or diagnosis date is recorded.",
    "UNDER_16": "Younger than {cohort.adult_age} in the year of the extract.",
    "METABOLIC": "Treated for a metabolic disorder, which has its own schedule.",
    "LEFT_BEFORE_PERIOD": "Left the practice, or died, before the audit period began.",
    "CYANIDE_ANTIDOTE": "The only treatment recorded is the cyanide antidote.",
    "OWN_SCHEDULE": "Leber's optic atrophy or tobacco amblyopia has a schedule of its own.",
    "PROPHYLAXIS": "Treatment to prevent deficiency needs no loading course.",
    "NO_INJECTIONS": "No injection is recorded.",
    "NOT_A_STARTER": "Treatment did not start in the audit period.",
    "NOT_ON_INJECTIONS": "Not on injections in the audit period, or stopped.",
    "NOT_IN_POPULATION": "Not among the patients of whom this is asked.",
    "NO_INTERVAL_IN_PERIOD": "No interval of this kind ended in the audit period or is waiting.",
    "UNREADABLE_ROW": "A treatment row of this patient could not be read, and could change the answer.",
    "UNREADABLE_TEST": "A test row of this patient could not be read, and could change the answer.",
    "START_NOT_OBSERVED": "The extract does not go back far enough to tell whether this was the start of treatment.",
    "NO_TESTS_DATA": "The extract has no sheet of tests.",
    "NO_REVIEW_DATA": "The extract has no review that could decide.",
    "NO_REVIEW_RECORDED": "No review of this patient says whether improvement had ended.",
    "LEFT_DURING_WINDOW": "The patient left the practice, or died, before there was an answer.",
    "NEURO_UNKNOWN": "Whether there is neurological involvement is not recorded, and it decides the answer.",
    "ISSUES_ONLY": "Only prescriptions issued are recorded; how many injections they stood for decides the answer.",
    "DOSE_MISSING": "A dose is not recorded, and it decides the answer.",
    "ROUTE_MISSING": "The route of an injection is not recorded, and it decides the answer.",
    "CAUSE_UNKNOWN": "The cause is not recorded, and it decides the answer.",
    "DIRECTIONS_MISSING": "The latest prescription has no directions.",
    "DIRECTIONS_UNREAD": "The directions of the latest prescription name no interval that could be read.",
    "DECLINED": "A refusal is recorded.",
    "DEFERRED": "A deferral is recorded.",
    "ORAL_COVER": "Oral vitamin B12 of at least {oral.cover_micrograms} micrograms a day was issued in that time.",
    "COVID_DEFERRAL": "It fell due in the months of pandemic deferrals.",
    "SELF_ADMINISTERED": "Given under the skin by the patient.",
    "LATE_NOT_ATTENDED": "An appointment in that time was not attended.",
    "STOPPED_BEFORE_PLATEAU": "The loading course ended more than {neuro.plateau_days} days before the first "
    "review that found no further improvement.",
    "STOPPED_WHILE_IMPROVING": "The loading course ended while the latest review said improving.",
    "STOPPED_AT_STANDARD_COURSE": "The loading course ended after at most {neuro.standard_units} injections, "
    "with no review that found no further improvement.",
    "NEVER_TREATED": "No injection and no oral treatment is recorded.",
}
#: Reasons that stand beside an interval rather than instead of it.
_OF_INTERVAL: Final = ("", "NEURO_UNKNOWN", "ISSUES_ONLY", "DECLINED", "DEFERRED", "ORAL_COVER", "COVID_DEFERRAL",
                       "LATE_NOT_ATTENDED")  # fmt: skip
#: The clause of an interval criterion; not-overdue and maintenance-started take that of their interval.
_CLAUSES: Final = {
    "maintenance-interval-neuro": ("maintenance.neuro", "with neurological involvement"),
    "maintenance-interval-standard": ("maintenance.standard", "without neurological involvement"),
    "maintenance-interval-dietary": ("maintenance.dietary", "with a dietary cause"),
    "two-monthly-for-everyone": ("everyone", "for everyone"),
}
#: How a sentence names the source of a number; one that a local file changed is named by that standard's title.
_SOURCES: Final = {
    "bnf": "BNF",
    "smpc": "SmPC",
    "cks": "NICE CKS",
    "ng239": "NICE NG239",
    "patient_group": "patient organisations",
}


def explain(
    verdict: Verdict, criterion: Criterion, standard: Standard, person: Person, interval: Interval | None = None
) -> str:
    """The verdict in full sentences, with dates and clause.

    Args:
        verdict: the row of verdicts.
        criterion: the one that it belongs to.
        standard: whose numbers the clause cites.
        person: the patient's row.
        interval: the row of intervals that begins on the verdict's from_date, where there is one: it tells which
            schedule held. Without it a criterion of several schedules names none.
    """
    if verdict.outcome in ("excluded", "not_applicable"):
        return reason_text(verdict.reason, standard)
    if criterion.judges_intervals and verdict.from_date and verdict.reason in _OF_INTERVAL:
        return _interval(verdict, standard, person, interval)
    if verdict.outcome == "not_assessable":
        return reason_text(verdict.reason, standard)
    own = _OWN.get(verdict.criterion)
    text = own(verdict, standard, person) if own else ""
    reason = reason_text(verdict.reason, standard)
    return _sentences(text or _window(verdict) or _rule(verdict, criterion), reason)


def reason_text(reason: str, standard: Standard) -> str:
    """A reason of the vocabulary as a sentence; blank for none."""
    return with_numbers(REASONS[reason], standard) if reason else ""


def differs(verdict: Verdict, criterion: Criterion, standard: Standard) -> str:
    """What a verdict that is not met asks of the reader; blank for any other."""
    if verdict.outcome != "not_met":
        return ""
    if criterion.strength == "patient_group":
        clause = "recommendation of the patient organisations"
    else:
        clause = _asked(criterion, standard)
    return DIFFERS.format(clause=clause)


def _asked(criterion: Criterion, standard: Standard) -> str:
    if standard.changes:
        return f"standard used ({standard.title})"
    return "BNF maintenance interval" if criterion.judges_intervals else "guidance"


def end_of(verdict: Verdict) -> date | None:
    """The end of the verdict's interval: the next dose, or the last day observed while it is open."""
    if verdict.to_date or not verdict.from_date or verdict.days is None:
        return verdict.to_date
    return verdict.from_date + timedelta(days=verdict.days)


def days_late(verdict: Verdict) -> int | None:
    """Days from the due date (not from the end of its grace) to the interval's end; None where there is no interval."""
    end = end_of(verdict)
    if verdict.days is None or not end or not verdict.due_date:
        return None
    return (end - verdict.due_date).days


def _sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _interval(verdict: Verdict, standard: Standard, person: Person, interval: Interval | None) -> str:
    clause = _clause(verdict, standard, interval)
    reason = reason_text(verdict.reason, standard)
    if verdict.outcome == "not_assessable":
        return _sentences(_span(verdict), reason)
    if verdict.outcome == "pending" or (verdict.outcome == "met" and not verdict.to_date):
        return _waiting(verdict, clause)
    if verdict.outcome == "met":
        return _sentences(_counted(verdict), _tightest(verdict, clause))
    return _sentences(_late(verdict, clause), reason)


def _clause(verdict: Verdict, standard: Standard, interval: Interval | None) -> str:
    """The rule in brackets, or blank where the row does not tell which schedule held."""
    months = interval.months if interval else ""
    if verdict.criterion in _CLAUSES and not (" or " in months and verdict.criterion != "two-monthly-for-everyone"):
        return f" ({_limit(verdict.criterion, standard)})"
    if interval is None:
        return ""
    if " or " in months:
        with_it, _, without = months.partition(" or ")
        return f" (at most {with_it} months with neurological involvement, {without} without; not recorded which)"
    length = interval_length("maintenance.dietary", standard)[1].removesuffix("s")
    dietary = length in (months.removesuffix("s"), f"{months} month")
    kind = "neuro" if interval.neurological == "yes" else "dietary" if dietary else "standard"
    return f" ({_limit(f'maintenance-interval-{kind}', standard)})"


def _limit(code: str, standard: Standard) -> str:
    """The clause of an interval criterion: source, longest interval, of whom."""
    stem, whom = _CLAUSES[code]
    key, length = interval_length(stem, standard)
    source = _SOURCES.get(standard.numbers[key].source, standard.title)
    return f"{source}: at most {length} {whom}"


def _event(verdict: Verdict) -> str:
    return "prescription" if verdict.basis == "issued" else "injection"


def _due(verdict: Verdict, clause: str) -> str:
    """Beginning and due date of an interval."""
    start, due = date_text(verdict.from_date), date_text(verdict.due_date)
    if verdict.basis == "issued":
        return f"What was issued on {start} lasts until {due} at the longest interval{clause}"
    return f"After the injection on {start} the next was due by {due}{clause}"


def _late(verdict: Verdict, clause: str) -> str:
    late = plural(days_late(verdict) or 0, "day")
    if verdict.to_date:
        came = "issued" if verdict.basis == "issued" else "given"
        return f"{_due(verdict, clause)}; it was {came} on {date_text(verdict.to_date)}, {late} later."
    return f"{_due(verdict, clause)}; none is recorded by {date_text(end_of(verdict))}, {late} later."


def _span(verdict: Verdict) -> str:
    start, days = date_text(verdict.from_date), plural(verdict.days or 0, "day")
    if verdict.to_date:
        return f"From the {_event(verdict)} on {start} to the next on {date_text(verdict.to_date)} is {days}."
    end = date_text(end_of(verdict))
    return f"The last {_event(verdict)} is that of {start}, {days} before the last day observed, {end}."


def _waiting(verdict: Verdict, clause: str) -> str:
    limit = date_text(verdict.limit_date)
    until = "" if verdict.limit_date == verdict.due_date else f", and counts as late only after {limit}"
    end = date_text(end_of(verdict))
    start, due = date_text(verdict.from_date), date_text(verdict.due_date)
    waits = f"The next is due by {due}{clause}{until}; the record ends on {end}."
    return f"The last {_event(verdict)} is that of {start}. {waits}"


def _counted(verdict: Verdict) -> str:
    if verdict.intervals_judged is None:
        return ""
    judged = plural(verdict.intervals_judged, "interval")
    return f"{verdict.intervals_met} of {judged} on time."


def _tightest(verdict: Verdict, clause: str) -> str:
    grace = ", within the days of grace" if verdict.within_grace else ""
    span = f"from {date_text(verdict.from_date)} to {date_text(verdict.to_date)} ({plural(verdict.days or 0, 'day')})"
    return f"The one nearest its limit ran {span}; it was due by {date_text(verdict.due_date)}{clause}{grace}."


def _loading(verdict: Verdict, standard: Standard, person: Person) -> str:
    if not verdict.from_date:
        return "The first course of injections is still going on." if verdict.outcome == "pending" else ""
    rule = with_numbers(
        "{loading.units} injections were due within {loading.days} days (BNF), by ", standard
    ) + date_text(verdict.due_date)
    begun = f"Treatment began on {date_text(verdict.from_date)}; {rule}"
    if verdict.to_date:
        grace = ", within the days of grace" if verdict.within_grace else ""
        return f"{begun}; the last of them was on {date_text(verdict.to_date)}{grace}."
    if verdict.outcome == "pending":
        return f"{begun}, and are waited for until {date_text(verdict.limit_date)}."
    return f"{begun}; fewer are recorded by {date_text(verdict.limit_date)}."


def _continued(verdict: Verdict, standard: Standard, person: Person) -> str:
    start = f"Treatment began on {date_text(person.first_dose)} with neurological involvement"
    if verdict.outcome == "met":
        return f"{start}; injections went on until a review found no further improvement (BNF)."
    if verdict.outcome == "pending":
        return f"{start}; the loading course is still going on."
    return f"{start}; alternate-day injections go on until no further improvement (BNF)."


def _lifelong(verdict: Verdict, standard: Standard, person: Person) -> str:
    day = date_text(person.last_dose)
    last = f"The last injection is that of {day}" if day else "No injection is recorded"
    rule = "treatment for life is recommended for this cause (NICE NG239)"
    if verdict.reason == "NEVER_TREATED":
        return f"{rule[:1].upper()}{rule[1:]}."
    if verdict.outcome == "met":
        return f"{last}; treatment, tablets included, reaches {date_text(person.observed_to)} (NICE NG239)."
    if verdict.outcome == "pending":
        return f"{last}; the diagnosis is recent, and {rule}."
    gap = with_numbers("{lifelong.months} months", standard)
    return f"{last}, and none reaches to within {gap} of {date_text(person.observed_to)}; {rule}."


def _prescribed(verdict: Verdict, standard: Standard, person: Person) -> str:
    involved, dietary = person.neurological_involvement == "yes", person.cause == "dietary"
    kind, who = ("standard", "BNF, without neurological involvement")
    if involved:
        kind, who = "neuro", "BNF, with neurological involvement"
    elif dietary:
        kind, who = "dietary", "NICE CKS, dietary cause"
    limit = with_numbers(f"{{prescribed.{kind}_weeks}} weeks or {{prescribed.{kind}_months}} months", standard)
    allow = "no longer" if verdict.outcome == "met" else "a longer"
    return f"The latest directions allow {allow} interval than {limit} ({who})."


def _folic_acid(verdict: Verdict, standard: Standard, person: Person) -> str:
    if not verdict.to_date:
        return ""
    begun = "had begun by then" if verdict.outcome == "met" else "is first recorded later"
    return f"Folic acid in a treatment dose is first recorded on {date_text(verdict.to_date)}; vitamin B12 {begun}."


#: What the record shows, for criteria of two plain answers: when met, and when not.
_PLAIN: Final = {
    "loading-spacing": (
        "No two of the first injections in a row lie more than {loading.largest_gap_days} days apart "
        "(BNF: three times a week).",
        "Two of the first injections in a row lie more than {loading.largest_gap_days} days apart "
        "(BNF: three times a week).",
    ),
    "neuro-not-oral-only": (
        "Not treated by mouth only in the audit period.",
        "Treated by mouth only in the audit period, with neurological involvement (BNF and BSH: by injection).",
    ),
    "irreversible-cause-injected": (
        "Not treated by mouth only in the audit period.",
        "Treated by mouth only in the audit period, with an irreversible cause (NICE NG239: by injection).",
    ),
    "cause-recorded": ("A cause is recorded.", "No cause of the deficiency is recorded (NICE NG239)."),
    "given-as-prescribed": (
        "The middle interval given is at most {prescribed.tolerance_days} days longer than the longest prescribed.",
        "The middle interval given is more than {prescribed.tolerance_days} days longer than the longest prescribed.",
    ),
    "hydroxocobalamin-injected": (
        "Every injection of the audit period is hydroxocobalamin.",
        "An injection of the audit period is not hydroxocobalamin (BNF).",
    ),
    "dose-one-milligram": (
        "Every injection of the audit period is {dose.micrograms} micrograms.",
        "An injection of the audit period is not {dose.micrograms} micrograms (BNF).",
    ),
    "intramuscular": (
        "Every injection of the audit period is intramuscular.",
        "An injection of the audit period was given under the skin (BNF: intramuscular).",
    ),
    "low-dose-oral-only-for-diet": (
        "Low-dose oral vitamin B12 is recorded, and the cause is dietary.",
        "Oral vitamin B12 of under {dose.low_oral_micrograms} micrograms a day is recorded, and the cause is not "
        "dietary (NICE CKS).",
    ),
    "no-cyanocobalamin-in-lebers": (
        "No cyanocobalamin is recorded in the audit period.",
        "Cyanocobalamin is recorded in the audit period, with Leber's optic atrophy or tobacco amblyopia (SmPC).",
    ),
    "no-cyanocobalamin-in-smokers": (
        "No cyanocobalamin injection is recorded in the audit period.",
        "A cyanocobalamin injection is recorded in the audit period, and the patient smokes (patient organisations).",
    ),
    "no-b12-retest-on-injections": (
        "Vitamin B12 was not measured in the audit period while injections went on.",
        "Vitamin B12 was measured in the audit period while injections went on (NICE NG239: follow the symptoms).",
    ),
}


def _plain(verdict: Verdict, standard: Standard, person: Person) -> str:
    if verdict.outcome == "pending":
        return ""
    met, not_met = _PLAIN[verdict.criterion]
    return with_numbers(met if verdict.outcome == "met" else not_met, standard)


_OWN: Final[dict[str, Callable[[Verdict, Standard, Person], str]]] = {
    "loading-complete": _loading,
    "neuro-loading": _loading,
    "neuro-continued": _continued,
    "lifelong-treatment-continued": _lifelong,
    "prescribed-interval": _prescribed,
    "folic-acid-not-before-b12": _folic_acid,
    **dict.fromkeys(_PLAIN, _plain),
}


def _window(verdict: Verdict) -> str:
    """A criterion that looked for an event between two dates."""
    if not verdict.limit_date or (verdict.outcome == "met" and not verdict.to_date):
        return ""
    first, last = date_text(verdict.from_date), date_text(verdict.limit_date)
    looked = f"Looked for from {first} to {last}" if first else f"Looked for until {last}"
    if verdict.to_date:
        return f"{looked}; recorded on {date_text(verdict.to_date)}."
    return f"{looked}; {'not recorded yet' if verdict.outcome == 'pending' else 'none is recorded'}."


def _rule(verdict: Verdict, criterion: Criterion) -> str:
    said = {
        "met": "The record shows what is asked",
        "not_met": "The record differs from what is asked",
        "excepted": "The record differs from what is asked, and gives a reason",
        "pending": "It is too early to tell",
    }[verdict.outcome]
    return f"{said}: {criterion.met[:1].lower()}{criterion.met[1:]}"
