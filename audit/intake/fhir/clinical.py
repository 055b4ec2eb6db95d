"""Conditions, procedures, immunisations and observations: a list of coded events, as `coded_events` reads one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from audit.intake.cells import Cell
from audit.intake.fhir.elements import (
    Element,
    Names,
    Pair,
    code_word,
    first_day,
    is_true,
    number,
    pairs,
    part,
    parts,
    patient_of,
    word,
    words_of,
)
from audit.intake.fhir.medicines import NOT_DONE, NOT_IN_FORCE, reason_of

#: Why a resource is no event, and what is said of one that is.
UNCERTAIN, FALLBACK = "uncertain", "fallback"
_NO_DIAGNOSIS: Final = frozenset(("refuted", "differential", "provisional", "unconfirmed"))
_ERROR: Final = "entered-in-error"
_DONE: Final = frozenset(("completed", "unknown"))
_FINAL: Final = frozenset(("final", "amended", "corrected", "unknown"))
#: Words of `codes.toml` for an injection that did not take place.
_NOT_GIVEN: Final = {
    "declined": "Vitamin B12 injection declined",
    "deferred": "Vitamin B12 injection deferred",
    "not_attended": "Vitamin B12 injection did not attend",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One coded event.

    Attributes:
        pairs: codes and words, of which the first that is known counts.
        answers: the same of what was answered, where the event is a question.
        instead: the words that stand for an injection that the event says did not take place.
        fallback: the date is not that of the event itself.
    """

    patient: str
    date: str
    pairs: tuple[Pair, ...]
    value: Cell = ""
    unit: str = ""
    answers: tuple[Pair, ...] = ()
    instead: str = ""
    fallback: bool = False


def condition(resource: Element, names: Names) -> Event | str:
    """A Condition as an event, or why it is none."""
    verified = code_word(resource, "verificationStatus")
    if verified == _ERROR:
        return NOT_IN_FORCE
    if verified in _NO_DIAGNOSIS:
        return UNCERTAIN
    onset = first_day(resource, "onsetDateTime", "onsetPeriod")
    day = onset or first_day(resource, "recordedDate", "assertedDate")
    said = tuple(pairs(part(resource, "code")))
    return Event(patient_of(resource, names), day, said, fallback=bool(day and not onset))


def procedure(resource: Element, names: Names) -> Event | str:
    """A Procedure as an event, or why it is none."""
    day = first_day(resource, "performedDateTime", "performedPeriod")
    return _done(resource, names, (day, "code"), ("statusReason", "notDoneReason"))


def immunization(resource: Element, names: Names) -> Event | str:
    """An Immunization as an event, or why it is none."""
    day = first_day(resource, "occurrenceDateTime", "date")
    return _done(resource, names, (day, "vaccineCode"), ("statusReason",))


def _done(resource: Element, names: Names, at: tuple[str, str], reasons: tuple[str, ...]) -> Event | str:
    day, code = at
    said, patient = tuple(pairs(part(resource, code))), patient_of(resource, names)
    # STU3 says in an element of its own that nothing was done
    if word(resource, "status") == "not-done" or is_true(resource, "notDone") or is_true(resource, "notGiven"):
        event = reason_of(resource, *reasons)
        return Event(patient, day, said, instead=_NOT_GIVEN[event]) if event else NOT_DONE
    return Event(patient, day, said) if word(resource, "status") in _DONE else NOT_IN_FORCE


def observation(resource: Element, names: Names) -> Iterator[Event | str]:
    """An Observation as an event, its components as others; or why it is none."""
    if word(resource, "status") not in _FINAL:
        yield NOT_IN_FORCE
        return
    patient = patient_of(resource, names)
    own = first_day(resource, "effectiveDateTime", "effectiveInstant", "effectivePeriod")
    day = own or first_day(resource, "issued")
    for one in (resource, *parts(resource, "component")):
        value, unit = _value(one)
        answers = tuple(pairs(part(one, "valueCodeableConcept")))
        yield Event(patient, day, tuple(pairs(part(one, "code"))), value, unit, answers, fallback=bool(day and not own))


def _value(observation_: Element) -> tuple[Cell, str]:
    quantity = part(observation_, "valueQuantity")
    amount = number(quantity, "value")
    if amount is not None:
        comparator = word(quantity, "comparator")
        return f"{comparator}{amount}" if comparator else amount, word(quantity, "unit") or word(quantity, "code")
    whole = number(observation_, "valueInteger")
    if whole is not None:
        return whole, ""
    return word(observation_, "valueString") or words_of(part(observation_, "valueCodeableConcept")), ""
