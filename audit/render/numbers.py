"""Every number the report used: its value, unit, source and file, those that differ from the national ones first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from audit.render.words import clean, source_label
from audit.standards.standard import Number, Standard

#: how the file that a number comes from is named where it is the shipped national one
_NATIONAL: Final = "national"


@dataclass(frozen=True, slots=True)
class UsedNumber:
    """One number as printed; `was` is the national value where this run used another, else blank."""

    what: str
    value: str
    source: str
    origin: str
    was: str


def used_numbers(standard: Standard) -> tuple[UsedNumber, ...]:
    """All numbers of the standard, changed ones first, in the order of their keys."""
    was = {change.key: _value(change.was) for change in standard.changes}
    keys = sorted(standard.numbers, key=lambda key: (key not in was, key))
    return tuple(_used(standard.numbers[key], standard, was.get(key, "")) for key in keys)


def changed_sentence(standard: Standard) -> str:
    """How many numbers differ from the national standard; blank when none does."""
    count = len(standard.changes)
    if not count:
        return ""
    numbers = "one number differs" if count == 1 else f"{count} numbers differ"
    return f"{clean(standard.title)}: {numbers} from the national standard; Methods lists them."


def _used(number: Number, standard: Standard, was: str) -> UsedNumber:
    what = f"{number.what[:1].upper()}{number.what[1:]}"
    label = source_label(number.source)
    source = clean(standard.sources[number.source]) if label == number.source else label
    value = f"{_value(number.value)} {number.unit}"
    return UsedNumber(clean(what), value, source, clean(number.layer or _NATIONAL), was)


def _value(value: int | tuple[int, ...] | None) -> str:
    if value is None:
        return "not used"
    return ", ".join(f"{part:,}" for part in (value if isinstance(value, tuple) else (value,)))
