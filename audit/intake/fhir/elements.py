"""Takes elements out of a FHIR resource: what is absent, or of another shape than FHIR gives it, is empty."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

#: One JSON object: a resource, or an element of one.
Element = Mapping[str, Any]

_SNOMED: Final = "http://snomed.info/sct"
#: Systems whose codes are read; of another system only the words count.
_READ_SYSTEMS: Final = ("", _SNOMED, "https://dmd.nhs.uk", "http://read.info", "https://read.info")
_INSTANT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})")
_REFERENCE: Final = re.compile(r"(?:^|/)(?P<kind>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$")
_UUID: Final = "urn:uuid:"
_MARCH, _OCTOBER, _SUNDAY, _CHANGE_AT = 3, 10, 6, 1


def part(element: Element, *names: str) -> Element:
    """The element below, by its names."""
    found: Any = element
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def parts(element: Element, name: str) -> list[Element]:
    """The repeated element below."""
    found = element.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def word(element: Element, name: str) -> str:
    """A text below, in one line."""
    found = element.get(name)
    return " ".join(found.split()) if isinstance(found, str) else ""


def number(element: Element, name: str) -> float | int | None:
    """A number below."""
    found = element.get(name)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def is_true(element: Element, name: str) -> bool:
    """Whether a truth value stands below, and is true."""
    return element.get(name) is True


# --- concepts


@dataclass(frozen=True, slots=True)
class Pair:
    """A code that may be read, and the words beside it; either may be blank."""

    code: str
    term: str


def pairs(concept: Element) -> list[Pair]:
    """What a CodeableConcept says, a pair for each coding, SNOMED CT first, and its own text last."""
    own = word(concept, "text")
    listed = sorted(parts(concept, "coding"), key=lambda coding: word(coding, "system") != _SNOMED)
    found = [
        Pair(word(coding, "code") if _is_read(word(coding, "system")) else "", word(coding, "display") or own)
        for coding in listed
    ]
    return [pair for pair in dict.fromkeys([*found, Pair("", own)]) if pair.code or pair.term]


def _is_read(system: str) -> bool:
    return system in _READ_SYSTEMS or system.startswith(_READ_SYSTEMS[-2:])


def words_of(concept: Element) -> str:
    """A CodeableConcept in words: its text, else what is displayed of its first coding, else that code."""
    shown = [word(coding, name) for name in ("display", "code") for coding in parts(concept, "coding")]
    return next(filter(None, [word(concept, "text"), *shown]), "")


def code_word(element: Element, name: str) -> str:
    """A status that is a code in one version of FHIR and a concept in another."""
    return word(element, name) or next((word(one, "code") for one in parts(part(element, name), "coding")), "")


# --- references


@dataclass(frozen=True, slots=True)
class Names:
    """What a Bundle calls its entries: full URL -> id of the resource."""

    ids: Mapping[str, str]

    def id_of(self, reference: Element, kind: str) -> str:
        """The id of the resource of this kind that is referred to; blank when it is of another kind, or none."""
        said = word(reference, "reference")
        if said.startswith(_UUID):
            return self.ids.get(said, said.removeprefix(_UUID))
        match = _REFERENCE.search(said)
        return match["id"] if match and match["kind"] == kind else ""


def patient_of(resource: Element, names: Names) -> str:
    """The id of the patient whom a resource is about; blank when it names none."""
    for element in ("subject", "patient"):
        if id_ := names.id_of(part(resource, element), "Patient"):
            return id_
    return ""


# --- dates


def day_of(said: str) -> str:
    """The day of a date, or of an instant on the clock of the United Kingdom; parts of a date stay as they are.

    Systems that keep a day as its midnight export 1 July as 23:00 of 30 June, UTC.
    """
    match = _INSTANT.fullmatch(said)
    if match is None:
        return said
    try:
        moment = datetime.fromisoformat(said).astimezone(UTC)
    except (ValueError, OverflowError):
        return said  # no moment that there is, and no day either
    summer = _last_sunday(moment.year, _MARCH) <= moment < _last_sunday(moment.year, _OCTOBER)
    return (moment + timedelta(hours=summer)).date().isoformat()


def _last_sunday(year: int, month: int) -> datetime:
    """When the clocks change: the last Sunday of a month of 31 days, at one o'clock."""
    last = datetime(year, month, 31, _CHANGE_AT, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() - _SUNDAY) % 7)


def first_day(resource: Element, *names: str) -> str:
    """The first of some elements that is a date, an instant, or a period with a beginning."""
    for name in names:
        said = word(resource, name) or word(part(resource, name), "start")
        if said:
            return day_of(said)
    return ""


# --- all texts


def texts(element: Element, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in an element, with the names of the two elements that hold it: "note.text"."""
    for key, value in element.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                yield f"{name}.{key}" if name else key, one
            elif isinstance(one, Mapping):
                yield from texts(one, key)
