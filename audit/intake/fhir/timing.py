"""Writes the structured timing of a dosage in the words that `audit.intake.directions` reads.

A timing that has no such words is written with a word that nothing reads, so that it stays unread and is never guessed.
Its own text, when there is one, is what the prescriber wrote, and is taken in place of the structure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from audit.intake.fhir.elements import Element, is_true, number, part, parts, word, words_of

_UNITS: Final = {"d": "day", "wk": "week", "mo": "month", "a": "year"}
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIMES: Final = {1: "once", 2: "twice"}
_OTHER: Final = "(a timing that has no words here)"
#: GP Connect writes this where an old record has no directions.
_NOTHING: Final = "no information available"
#: Elements of `repeat` that have words.
_WRITTEN: Final = frozenset(
    ("frequency", "period", "periodMax", "periodUnit", "count", "boundsDuration", "boundsPeriod", "dayOfWeek")
)


def directions_of(dosages: Sequence[Element]) -> str:
    """All dosages of a prescription as one text, those that follow in sequence joined with "then"."""
    ordered = sorted(dosages, key=lambda one: number(one, "sequence") or 0)
    out, before = "", None
    for dosage in ordered:
        said, place = _one(dosage), number(dosage, "sequence")
        if out and said:
            out += " then " if place != before else " and "
        out, before = out + said, place
    return out


def _one(dosage: Element) -> str:
    text = word(dosage, "text")
    if text:
        return "" if text.casefold().rstrip(".") == _NOTHING else text
    timing = part(dosage, "timing")
    repeat = part(timing, "repeat")
    said = [_repeat(repeat) if repeat else words_of(part(timing, "code"))]
    said += [words_of(instruction) for instruction in parts(dosage, "additionalInstruction")]
    if is_true(dosage, "asNeededBoolean") or part(dosage, "asNeededCodeableConcept"):
        said.append("when required")
    return " ".join(filter(None, said))


def _repeat(repeat: Element) -> str:
    """3 per 1 wk for 2 wk: "3 times a week for 2 weeks"."""
    days = _weekdays(repeat)
    often = days if days else _often(repeat)
    if not often or any(name not in _WRITTEN for name in repeat if not name.startswith("_")):
        return _OTHER
    length = _length(repeat)
    return _OTHER if length is None else f"{often} {length}".strip()


def _whole(element: Element, name: str, usual: int) -> int:
    """A whole number above 0; `usual` where there is none, 0 where it is no such number."""
    said = number(element, name)
    if said is None:
        return usual if name not in element else 0
    return int(said) if said > 0 and said == int(said) else 0


def _weekdays(repeat: Element) -> str:
    days = repeat.get("dayOfWeek")
    if not isinstance(days, list) or not days or any(day not in _DAYS for day in days):
        return ""
    once_a_day = _whole(repeat, "frequency", 1) in (1, len(days)) and word(repeat, "periodUnit") in ("", "d", "wk")
    return "every " + ", ".join(days) if once_a_day and _whole(repeat, "period", 1) == 1 else ""


def _often(repeat: Element) -> str:
    times, period = _whole(repeat, "frequency", 1), _whole(repeat, "period", 0)
    unit = _UNITS.get(word(repeat, "periodUnit"), "")
    most = _whole(repeat, "periodMax", period)
    if not (times and period and unit and most >= period) or "dayOfWeek" in repeat:
        return ""
    if period == most == 1:
        return f"{_TIMES.get(times, f'{times} times')} a {unit}"
    span = f"{period}-{most}" if most > period else str(period)
    # "6 times every 2 weeks" has no reading, and gets none
    return f"every {span} {unit}s" if times == 1 else f"{times} times every {span} {unit}s"


def _length(repeat: Element) -> str | None:
    """For how long; blank where there is no end, None where it cannot be said."""
    if "count" in repeat:
        count = _whole(repeat, "count", 0)
        return f"for {count} doses" if count else None
    if "boundsDuration" in repeat:
        bounds = part(repeat, "boundsDuration")
        unit = _UNITS.get(word(bounds, "code") or word(bounds, "unit")) or word(bounds, "unit").rstrip("s")
        count = _whole(bounds, "value", 0)
        return f"for {count} {unit}s" if count and unit in _UNITS.values() else None
    return _between(part(repeat, "boundsPeriod"))


def _between(period: Element) -> str | None:
    if not word(period, "end"):
        return ""
    try:
        first, last = (date.fromisoformat(word(period, name)[:10]) for name in ("start", "end"))
    except ValueError:
        return None  # no whole days: for how long is not known
    return f"for {(last - first).days + 1} days"
