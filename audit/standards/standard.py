"""Reads and checks the standards: every clinical number the criteria use, with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from audit.errors import UsageError

#: The files that ship with the tool; the national one is the default, the other adds what goes beyond it.
SHIPPED: Final = ("national", "patient-group")
_HEADER: Final = ("name", "title", "edition", "sources", "guidance")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a standard: its value, its unit, the key of its source and what it says."""

    value: int | tuple[int, ...]
    unit: str
    source: str
    what: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """A dated statement of guidance; None on either side means without end."""

    topic: str
    text: str
    source: str
    start: date | None
    end: date | None


@dataclass(frozen=True)
class Standard:
    """A dated, cited set of numbers that criteria read by key, such as `maintenance.neuro_months`."""

    name: str
    title: str
    edition: str
    numbers: Mapping[str, Number]
    sources: Mapping[str, str]
    guidance: tuple[Guidance, ...] = ()
    #: the keys read so far when not None: the pin test listens here
    read: set[str] | None = field(default=None, compare=False)

    def number(self, key: str) -> int:
        """The whole number under `key`; KeyError when the standard has none."""
        value = self._value(key)
        if not isinstance(value, int):
            raise TypeError(f"{key} is a list of numbers")
        return value

    def list_of(self, key: str) -> tuple[int, ...]:
        """The list of whole numbers under `key`."""
        value = self._value(key)
        return (value,) if isinstance(value, int) else value

    def _value(self, key: str) -> int | tuple[int, ...]:
        if self.read is not None:
            self.read.add(key)
        return self.numbers[key].value

    def source_text(self, key: str) -> str:
        """The source's full citation."""
        return self.sources[key]

    def dated(self, topic: str) -> tuple[Guidance, ...]:
        """The dated statements on one topic, oldest first."""
        return tuple(entry for entry in self.guidance if entry.topic == topic)

    def with_number(self, key: str, value: int) -> Standard:
        """The same standard with one number changed."""
        return replace(self, numbers={**self.numbers, key: replace(self.numbers[key], value=value)})

    def listening(self) -> Standard:
        """The same standard, noting which keys are read from now on in its `read`."""
        return replace(self, read=set())


@cache
def load_standard(name: str = "national") -> Standard:
    """The shipped standard of that name.

    Raises:
        UsageError: when no standard has that name.
    """
    if name not in SHIPPED:
        raise UsageError(
            f'There is no standard named "{name}".',
            remedy=f"choose one of: {', '.join(SHIPPED)}",
            code="STANDARD_UNKNOWN",
        )
    layers = [_parse(_shipped(file)) for file in SHIPPED]
    chosen = next(layer for layer in layers if layer.name == name)
    return _checked(_merged(layers, chosen))


def _shipped(name: str) -> str:
    return resources.files("audit.standards").joinpath(f"{name}.toml").read_text("utf-8")


def _merged(layers: list[Standard], chosen: Standard) -> Standard:
    numbers = {key: number for layer in layers for key, number in layer.numbers.items()}
    sources = {key: text for layer in layers for key, text in layer.sources.items()}
    guidance = tuple(entry for layer in layers for entry in layer.guidance)
    return replace(chosen, numbers=numbers, sources=sources, guidance=guidance)


def _parse(text: str) -> Standard:
    raw = tomllib.loads(text)
    numbers = {
        f"{section}.{key}": _number(entry)
        for section, entries in raw.items()
        if section not in _HEADER
        for key, entry in entries.items()
    }
    guidance = tuple(_guidance(entry) for entry in raw.get("guidance", ()))
    return Standard(raw["name"], raw["title"], raw["edition"], numbers, raw.get("sources", {}), guidance)


def _number(entry: Mapping[str, Any]) -> Number:
    value = entry["value"]
    whole = tuple(value) if isinstance(value, list) else int(value)
    return Number(whole, entry["unit"], entry["source"], entry["what"])


def _guidance(entry: Mapping[str, Any]) -> Guidance:
    return Guidance(entry["topic"], entry["text"], entry["source"], entry.get("from"), entry.get("to"))


def _checked(standard: Standard) -> Standard:
    cited = {number.source for number in standard.numbers.values()} | {entry.source for entry in standard.guidance}
    missing = sorted(cited - set(standard.sources))
    if missing:
        raise ValueError(f"standard {standard.name} cites unknown sources: {', '.join(missing)}")
    return standard
