"""Reads the cells of one column: words, doses, numbers, names of patients; once per distinct cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from audit.intake.cells import Cell, Column, Mask, text
from audit.intake.words import BLANK_WORDS, NOT_KNOWN, VOCABULARY, read_word, squash

_T = TypeVar("_T", bound=np.generic)

BIRTH_YEARS: Final = range(1880, 2200)
QUANTITIES: Final = range(1, 101)
#: Excel keeps 15 digits of a number.
_ROUNDED_FROM = 10**15
#: What stands where ids do in the foot of a page or report; a total, whatever stands beside it.
_FOOTER: Final = re.compile(r"(?:grand |sub-?)?(?:total|count|report|page|printed)s?\b.*", re.IGNORECASE | re.DOTALL)
_TOTAL: Final = re.compile(r"(?:grand |sub-?)?totals?\s*:?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading(Generic[_T]):
    """What a column says: one value, and whether blank or unreadable, per row."""

    values: NDArray[_T]
    blank: Mask
    bad: Mask


def may_be_footer(typed: str) -> bool:
    """Whether a text where an id should stand is how the foot of a report begins."""
    return _FOOTER.fullmatch(typed) is not None


def is_total(typed: str) -> bool:
    """Whether a text where an id should stand is the word total and nothing else."""
    return _TOTAL.fullmatch(typed) is not None


def is_blank(field: str, typed: str) -> bool:
    """Whether a trimmed cell says nothing; a patient's id and a drug only when there is nothing at all."""
    if field in ("patient_id", "drug", "directions"):
        return not typed
    # sodium is a test like any other
    return typed.casefold() in BLANK_WORDS and not (field == "test" and typed == "Na")


def read_column(
    column: Column, field: str, read: Callable[[Cell], object], missing: object, kind: type[_T]
) -> Reading[_T]:
    """Read a column cell by distinct cell; `missing` stands for blank and unreadable ones."""
    count = len(column.distinct)
    blank = np.fromiter((is_blank(field, text(cell)) for cell in column.distinct), np.bool_, count)
    read_ = [None if skip else read(cell) for cell, skip in zip(column.distinct, blank, strict=True)]
    bad = np.fromiter((value is None for value in read_), np.bool_, count) & ~blank
    values = np.array([missing if value is None else value for value in read_], dtype=kind)
    return Reading(column.spread(values), column.spread(blank), column.spread(bad))


def read_words(column: Column, field: str) -> Reading[np.int8]:
    """Words -> places in the field's vocabulary, -1 for blank and unknown ones."""
    reading = read_column(column, field, lambda cell: read_word(field, text(cell)), -1, np.int8)
    if VOCABULARY[field] != ("yes", "no"):
        return reading
    unsaid = np.array([squash(text(cell)) in NOT_KNOWN for cell in column.distinct], np.bool_)
    says_nothing = column.spread(unsaid)
    return Reading(reading.values, reading.blank | says_nothing, reading.bad & ~says_nothing)


# --- numbers and text

_THOUSANDS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_RESULT = re.compile(rf"(?:<=?|>=?|≤|≥)?\s*([+-]?(?:{_THOUSANDS}))\s*(?:x?\s*10[\^*]\d+)?\D*", re.IGNORECASE)


def _number(typed: str) -> float:
    return float(typed.replace(",", ""))


def read_result(cell: Cell) -> float | None:
    """The number of a test's value: "142 ng/L", ">2000", "4.5 10*9/L"; None when it is not one number."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    match = _RESULT.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return _number(match[1]) if match else None


def _whole(cell: Cell, allowed: range) -> int | None:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    match = re.fullmatch(r"(\d{1,9})(?:\.0*)?", text(cell))
    return int(match[1]) if match and int(match[1]) in allowed else None


def read_year(cell: Cell) -> float | None:
    """A year of birth from 1880 to 2199."""
    number = _whole(cell, BIRTH_YEARS)
    return None if number is None else float(number)


def read_id(cell: Cell) -> str | None:
    """A patient's id as text; None when Excel has rounded it, so that two patients may have become one."""
    typed = text(cell)
    if isinstance(cell, str):
        return None if re.fullmatch(r"\d(\.\d+)?E\+\d+", typed) else typed
    rounded = isinstance(cell, int | float) and abs(cell) >= _ROUNDED_FROM
    return None if rounded else typed


# --- doses

_NUMBERS = {"one": 1.0, "two": 2.0, "half": 0.5}
_MICROGRAMS = {
    **dict.fromkeys(("", "mcg", "mcgs", "microgram", "micrograms", "ug", "µg", "μg"), 1.0),
    **dict.fromkeys(("mg", "mgs", "milligram", "milligrams"), 1e3),
    **dict.fromkeys(("g", "gram", "grams"), 1e6),
}
_MILLILITRES = frozenset(("ml", "mls", "millilitre", "millilitres"))
_UNITS = frozenset(
    (
        *("amp", "amps", "ampoule", "ampoules", "ampule", "ampules", "vial", "vials"),
        *("injection", "injections"),
        *("tab", "tabs", "tablet", "tablets", "capsule", "capsules", "dose", "doses"),
    )
)
_DOSE = re.compile(rf"({_THOUSANDS}|one|two|half)\s*([a-zµμ]*)", re.IGNORECASE)
#: "1mg/1ml" and "1mg (1ml)" say the dose and the volume that holds it.
_IN_VOLUME = re.compile(rf"\s*(?:/\s*(?:{_THOUSANDS})?\s*ml|\(\s*(?:{_THOUSANDS})\s*ml\s*\))", re.IGNORECASE)
_BY_ROUTE = re.compile(r"\s+(?:im|i\.m\.?|i/m|sc|s/c|iv|po|by injection|injection)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose as typed: an amount of `micrograms`, `ml` or `units` (ampoules, tablets)."""

    amount: float
    unit: str


def read_dose(cell: Cell) -> Dose | None:
    """A dose; a bare number is micrograms. None when it is not wholly understood."""
    typed = _BY_ROUTE.sub("", text(cell))
    match = _DOSE.match(typed)
    if isinstance(cell, bool) or not match:
        return None
    word = _NUMBERS.get(match[1].casefold())
    number = word or _number(match[1])
    # a bare word counts ampoules: nobody writes "one" for a microgram
    unit, rest = match[2].casefold() or ("dose" if word else ""), typed[match.end() :].strip()
    dose = _dose(number, unit)
    if dose is None or number <= 0:
        return None
    in_volume = dose.unit == "micrograms" and unit and _IN_VOLUME.fullmatch(rest)
    return dose if not rest or in_volume else None


def _dose(number: float, unit: str) -> Dose | None:
    if unit in _MICROGRAMS:
        return Dose(round(number * _MICROGRAMS[unit], 6), "micrograms")
    if unit in _MILLILITRES:
        return Dose(number, "ml")
    return Dose(number, "units") if unit in _UNITS else None
