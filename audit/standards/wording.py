"""Numbers of a standard inside texts, in words or figures: a text names the key, the standard in use fills it in.

A placeholder is `{key}` or `{key:form}`. A form that begins with a capital begins its words with one. Two keys with `+`
are added; two with `/` belong to a form of two.

Silent in the standard: numbers up to twelve may be spelled out, as in the style of the NHS; larger ones are figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from audit.standards.standard import Standard

_WORDS: Final = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_WEEK, _YEAR, _MG = 7, 365, 1000
_PLACEHOLDER: Final = re.compile(r"\{([a-z0-9_.+/-]+)(?::([A-Za-z]+))?\}")


def with_numbers(text: str, standard: Standard) -> str:
    """The text with each placeholder replaced by the standard's number; KeyError for an unknown key or form."""
    return _PLACEHOLDER.sub(lambda found: _filled(found[1], found[2] or "", standard), text)


def interval_length(stem: str, standard: Standard) -> tuple[str, str]:
    """The key of an interval's length, and the length as printed: weeks where a practice books in weeks.

    Args:
        stem: such as `maintenance.neuro`, or `everyone`.
        standard: whose numbers are printed.
    """
    return _key(stem, standard), _count(stem, standard)


def keys_in(text: str, standard: Standard) -> frozenset[str]:
    """Keys of the numbers that the text's placeholders read."""
    names = (name for found, _ in _PLACEHOLDER.findall(text) for name in re.split(r"[+/]", found))
    return frozenset(_key(name, standard) for name in names)


def _filled(name: str, form: str, standard: Standard) -> str:
    said = _FORMS[form.lower()](name, standard)
    return said[:1].upper() + said[1:] if form[:1].isupper() else said


def _value(name: str, standard: Standard) -> int:
    """A number, or a sum of numbers. Not by `Standard.number`: what a text prints decides no verdict."""
    values = [standard.numbers[_key(part, standard)].value for part in name.split("+")]
    if not all(isinstance(value, int) for value in values):
        raise TypeError(f"{name} is a list of numbers")
    return sum(value for value in values if isinstance(value, int))


def _key(name: str, standard: Standard) -> str:
    """The name itself where it is a number's; else it is the stem of a length, in weeks where the standard has them."""
    for key in (name, f"{name}_weeks", f"{name}_months", f"{name}.months"):
        if key in standard.numbers:
            return key
    raise KeyError(name)


def _word(count: int) -> str:
    return _WORDS[count] if 0 <= count < len(_WORDS) else f"{count:,}"


def _unit(count: int, units: str) -> str:
    """The name of a unit: "day" for one; what is no plural stays."""
    return units.removesuffix("s") if count == 1 else units


def _count(name: str, standard: Standard) -> str:
    """For example "3 months"."""
    count = _value(name, standard)
    return f"{count:,} {_unit(count, standard.numbers[_key(name, standard)].unit)}"


def _in_words(name: str, standard: Standard) -> str:
    """For example "three months"."""
    count = _value(name, standard)
    return f"{_word(count)} {_unit(count, standard.numbers[_key(name, standard)].unit)}"


def _grace(key: str, standard: Standard) -> str:
    """For example "7 days' grace"."""
    days = _value(key, standard)
    whose = "day's" if days == 1 else "days'"
    return f"{days} {whose} grace" if days else "no grace"


def _span(key: str, standard: Standard) -> str:
    """Days in the largest unit that holds them: "a year", "a week", "two weeks", "10 days"."""
    days = _value(key, standard)
    if days in (_WEEK, _YEAR):
        return "a week" if days == _WEEK else "a year"
    return f"{_word(days // _WEEK)} weeks" if days and days % _WEEK == 0 else f"{days:,} {_unit(days, 'days')}"


def _range(pair: str, standard: Standard) -> str:
    """From one number of days to another: "six to twelve weeks", "40 to 84 days"."""
    first, last = (_value(key, standard) for key in pair.split("/"))
    if first % _WEEK or last % _WEEK:
        return f"{first} to {last} days"
    return f"{_word(first // _WEEK)} to {_word(last // _WEEK)} weeks"


def _under(pair: str, standard: Standard) -> str:
    """Two lengths: "under 2 and under 3 months", "under 8 weeks and under 3 months"."""
    first, last = (_count(stem, standard) for stem in pair.split("/"))
    same = first.split()[1] == last.split()[1]
    return f"under {first.split()[0] if same else first} and under {last}"


def _monthly(stem: str, standard: Standard) -> str:
    """For example "three-monthly", "13-weekly"."""
    unit, count = standard.numbers[_key(stem, standard)].unit.removesuffix("s"), _value(stem, standard)
    return f"{unit}ly" if count == 1 else f"{_word(count)}-{unit}ly"


def _the_day(key: str, standard: Standard) -> str:
    """For example "the day" (after), "2 days" (after)."""
    return "the day" if _value(key, standard) == 1 else _count(key, standard)


_FORMS: Final[Mapping[str, Callable[[str, Standard], str]]] = {
    "": lambda name, standard: f"{_value(name, standard):,}",
    "plain": lambda name, standard: str(_value(name, standard)),
    "word": lambda name, standard: _word(_value(name, standard)),
    "mg": lambda name, standard: f"{_value(name, standard) / _MG:,.10g} mg",
    "count": _count,
    "words": _in_words,
    "grace": _grace,
    "span": _span,
    "range": _range,
    "under": _under,
    "monthly": _monthly,
    "day": _the_day,
}
