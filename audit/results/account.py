"""One patient's verdicts in plain sentences: with source rows, the guidance in force, and what would change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Final

import numpy as np
import pandas as pd

from audit.cohort.cohort import build_cohort
from audit.cohort.window import AuditWindow
from audit.criteria import judged_by
from audit.criteria.criterion import Criterion
from audit.errors import UsageError
from audit.intake.extract import Extract
from audit.results.explain import differs, explain
from audit.results.judge import judge
from audit.results.phrases import date_text, joined
from audit.results.records import Interval, Person, Verdict, records
from audit.results.tables import interval_table, patient_table, verdict_table
from audit.results.what_if import Value, with_field
from audit.standards.standard import Standard
from schemas import vocabulary as words

#: the answers that are asked of a verdict, by field, and how a sentence begins with them
_ANSWERS: Final = {"neurological_involvement": words.YES_NO_UNKNOWN, "cause": words.CAUSE}
_SUPPOSED: Final = {"neurological_involvement": "if neurological involvement were", "cause": "if the cause were"}
_Supposed = Mapping[tuple[str, str], "_Judged"]
_SILENT: Final = ("excluded", "not_applicable")
_OUTCOMES: Final = {
    "excluded": "not in the audit",
    "not_applicable": "not asked",
    "not_assessable": "the record cannot tell",
    "pending": "too early to tell",
    "met": "met",
    "not_met": "not met",
    "excepted": "not met, with a recorded reason",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One verdict as it is told.

    Attributes:
        outcome: in plain words. sentence: the verdict with dates, days and clause. asks: of the reader, or blank.
        rule: when it is met. guidance: what was in force. rows: where the dates stand. changes: what would change it.
    """

    criterion: str
    title: str
    outcome: str
    sentence: str
    asks: str
    rule: str
    guidance: tuple[str, ...]
    rows: tuple[str, ...]
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What is told of one patient; `silent` counts criteria that are not asked of them."""

    patient_id: str
    practice_id: str
    facts: tuple[str, ...]
    told: tuple[Told, ...]
    silent: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """One patient, judged."""

    person: Person
    verdicts: Mapping[str, Verdict]
    intervals: Sequence[Interval]


def account(
    extract: Extract,
    window: AuditWindow,
    standard: Standard,
    patient_id: str,
    criteria: Iterable[str] = (),
    what_if: tuple[str, Value] | None = None,
) -> Account:
    """The account of one patient of the extract.

    Args:
        extract: whole; only the patient's own rows are judged, which changes no verdict.
        window: of the whole extract.
        standard: to judge by.
        patient_id: as in the extract; KeyError when it is not there.
        criteria: codes to tell of; all that are asked of the patient when empty.
        what_if: a patient field and the value to suppose in it.
    """
    alone = only_patient(extract, patient_id)
    if what_if is not None:
        alone = with_field(alone, [0], *what_if)
    now = _judged(alone, window, standard)
    wanted = tuple(criteria) or tuple(code for code, item in now.verdicts.items() if item.outcome not in _SILENT)
    others = _supposed(alone, window, standard, now)
    chosen = [criterion for criterion in judged_by(standard) if criterion.code in wanted]
    told = [_told(criterion, now, others, alone, standard) for criterion in chosen]
    return Account(patient_id, now.person.practice_id, _facts(now.person), tuple(told), len(now.verdicts) - len(told))


def only_patient(extract: Extract, patient_id: str) -> Extract:
    """The extract with one patient; KeyError when it has none of that id."""
    at = np.flatnonzero((extract.patients["patient_id"] == patient_id).to_numpy())
    if not len(at):
        raise KeyError(patient_id)

    def own(table: pd.DataFrame) -> pd.DataFrame:
        kept: pd.DataFrame = table[table["patient"] == at[0]].reset_index(drop=True)
        return kept.assign(patient=np.zeros(len(kept), dtype=np.int32))

    return replace(
        extract,
        patients=extract.patients.iloc[at].reset_index(drop=True),
        treatments=own(extract.treatments),
        tests=own(extract.tests),
        reviews=own(extract.reviews),
    )


def _judged(alone: Extract, window: AuditWindow, standard: Standard) -> _Judged:
    cohort = build_cohort(alone, window, standard)
    answers = [judge(criterion, cohort) for criterion in judged_by(standard)]
    verdicts = records(verdict_table(alone, cohort, answers), Verdict)
    (person,) = records(patient_table(alone, cohort, answers), Person)
    intervals = records(interval_table(alone, cohort), Interval)
    return _Judged(person, {verdict.criterion: verdict for verdict in verdicts}, list(intervals))


def _supposed(alone: Extract, window: AuditWindow, standard: Standard, now: _Judged) -> _Supposed:
    """The patient judged again under each answer that differs from the record's."""
    recorded = {
        "neurological_involvement": now.person.neurological_involvement,
        "cause": now.person.cause or "unknown",
    }
    return {
        (field, value): _judged(with_field(alone, [0], field, value), window, standard)
        for field, values in _ANSWERS.items()
        for value in values
        if recorded[field] != value
    }


def _told(
    criterion: Criterion, now: _Judged, others: _Supposed, alone: Extract, standard: Standard
) -> Told:
    verdict = now.verdicts[criterion.code]
    return Told(
        criterion=criterion.code,
        title=criterion.title,
        outcome=_OUTCOMES[verdict.outcome],
        sentence=explain(verdict, criterion, standard, now.person, _interval_of(verdict, now.intervals)),
        asks=differs(verdict, criterion, standard),
        rule=criterion.met,
        guidance=_guidance(criterion, verdict, now.person, standard),
        rows=_rows(verdict, alone),
        changes=tuple(_changes(verdict, others)),
    )


def _interval_of(verdict: Verdict, intervals: Sequence[Interval]) -> Interval | None:
    own = (item for item in intervals if item.from_date == verdict.from_date)
    return next(own, None)


def _guidance(criterion: Criterion, verdict: Verdict, person: Person, standard: Standard) -> tuple[str, ...]:
    """The dated statement in force on the day that is judged, else the criterion's sources."""
    day = verdict.to_date or verdict.from_date or person.observed_to
    dated = [entry for entry in standard.guidance if criterion.code in entry.criteria]
    in_force = [entry.text for entry in dated if day is not None and _covers(entry.start, entry.end, day)]
    return tuple(in_force) or tuple(standard.source_text(key) for key in criterion.sources)


def _covers(start: date | None, end: date | None, day: date) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)


def _rows(verdict: Verdict, alone: Extract) -> tuple[str, ...]:
    """Where the verdict's dates stand in the file."""
    days = [day for day in (verdict.from_date, verdict.to_date) if day is not None]
    found = []
    for table in (alone.treatments, alone.tests, alone.reviews):
        used = table[(table["set_aside"] == "") & table["date"].isin([pd.Timestamp(day) for day in days])]
        for day, sheet, row in zip(used["date"], used["sheet"], used["row"], strict=True):
            found.append(f"{sheet} row {row} ({date_text(day.date())})")
    return tuple(found)


def _changes(verdict: Verdict, others: _Supposed) -> Iterable[str]:
    """Answers under which the outcome would be another; those of one field and outcome in one sentence."""
    found: dict[tuple[str, str], list[str]] = {}
    for (field, value), other in others.items():
        outcome = other.verdicts[verdict.criterion].outcome
        if outcome != verdict.outcome:
            found.setdefault((field, outcome), []).append(value.replace("_", " "))
    for (field, outcome), values in found.items():
        yield f"{_SUPPOSED[field]} {joined(values, 'or')}: {_OUTCOMES[outcome]}"


def _facts(person: Person) -> tuple[str, ...]:
    status = {"yes": "recorded", "no": "recorded as absent", "unknown": "not recorded"}
    doses = f"injections from {date_text(person.first_dose)} to {date_text(person.last_dose)}"
    basis = {"given": "as given", "issued": "from prescriptions issued"}
    return (
        f"Neurological involvement {status[person.neurological_involvement]}; "
        f"cause {person.cause.replace('_', ' ') or 'not recorded'}",
        f"Known {basis[person.basis]}: {doses}" if person.basis else "No injection on record",
        f"Observed to {date_text(person.observed_to)}",
    )


#: short names of patient fields, as people type them
_SHORT: Final = {
    "neuro": "neurological_involvement",
    "onset": "neurological_onset",
    "pregnant": "pregnant_or_breastfeeding",
}
_WORDS: Final = {
    "neurological_involvement": words.YES_NO_UNKNOWN,
    "cause": words.CAUSE,
    "indication": words.INDICATION,
    "sex": words.SEX,
    "smoker": words.YES_NO,
    "pregnant_or_breastfeeding": words.YES_NO,
}
_DATES: Final = ("neurological_onset", "diagnosis_date", "registered_from", "registered_to")


def parse_what_if(text: str) -> tuple[str, Value]:
    """`neuro=yes` as field and value; UsageError when there is no such field or value."""
    name, _, typed = (part.strip() for part in text.partition("="))
    field, value = _SHORT.get(name, name), typed.lower().replace(" ", "_")
    if field in _WORDS:
        if value not in _WORDS[field]:
            raise unknown(f"value of {field}", typed, _WORDS[field])
        return field, value
    if field not in _DATES:
        raise unknown("field", name, [*_SHORT, *_WORDS, *_DATES])
    try:
        return field, date.fromisoformat(typed)
    except ValueError:
        raise unknown(f"date of {field}", typed, ["a day as YYYY-MM-DD"]) from None


def unknown(what: str, typed: str, known: Sequence[str]) -> UsageError:
    """The error for a name that is not among the known ones, with the nearest of them."""
    near = get_close_matches(typed, known, 1)
    meant = f'did you mean "{near[0]}"? ' if near else ""
    return UsageError(
        f'There is no {what} "{typed}".', remedy=f"{meant}choose one of: {', '.join(known)}", code="UNKNOWN_NAME"
    )


def no_such_patient(file: str) -> UsageError:
    """The error for an id that is not in the file; the id is not repeated."""
    return UsageError(
        "There is no patient of that reference.",
        where=file,
        remedy="write the reference exactly as it stands in the file, leading zeros included",
        code="NO_SUCH_PATIENT",
    )
