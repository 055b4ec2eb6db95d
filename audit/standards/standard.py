"""A standard: the numbers that criteria read, each with its source and the file that set it.

Standards are layered. `national` defines every number; `patient-group`, which ships too, and a user's own TOML file
extend one and change some numbers, set targets, or switch criteria off. All files go through the same reader.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Final

from audit.standards.checks import check_names, check_setting
from audit.standards.layer import Definition, Guidance, Layer, Value, named_criteria
from audit.standards.lineage import ROOT, SHIPPED, lineage
from audit.standards.refusal import refused, unknown

_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a standard: its value, its unit, the key of its source, what it says, and the file that set it."""

    value: Value
    unit: str
    source: str
    what: str
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A number that differs from the root standard's; `was` is None for a rule that the root leaves off."""

    key: str
    was: Value | None
    number: Number


@dataclass(frozen=True)
class Standard:
    """A dated, cited set of numbers that criteria read by key, such as `maintenance.neuro_months`.

    Attributes:
        targets: local targets in percent, by criterion.
        off: criteria that are not judged.
        layers: the files it was put together from, the root first.
    """

    name: str
    title: str
    edition: str
    numbers: Mapping[str, Number]
    sources: Mapping[str, str]
    guidance: tuple[Guidance, ...] = ()
    targets: Mapping[str, int] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    layers: tuple[Layer, ...] = ()
    #: the keys read so far when not None: the pin test listens here
    read: set[str] | None = field(default=None, compare=False)

    def number(self, key: str) -> int:
        """The whole number under `key`; KeyError when the standard has none."""
        value = self._value(key)
        if not isinstance(value, int):
            raise TypeError(f"{key} is a list of numbers")
        return value

    def optional(self, key: str) -> int | None:
        """The whole number under `key`; None when no layer switches that rule on."""
        return self.number(key) if key in self.numbers else None

    def list_of(self, key: str) -> tuple[int, ...]:
        """The list of whole numbers under `key`."""
        value = self._value(key)
        return (value,) if isinstance(value, int) else value

    def _value(self, key: str) -> Value:
        if self.read is not None:
            self.read.add(key)
        return self.numbers[key].value

    def source_text(self, key: str) -> str:
        """The source's full citation."""
        return self.sources[key]

    def target(self, criterion: str) -> float | None:
        """The local target of a criterion as a fraction; None where there is none."""
        percent = self.targets.get(criterion)
        return None if percent is None else percent / _WHOLE

    def dated(self, topic: str) -> tuple[Guidance, ...]:
        """The dated statements on one topic, oldest first."""
        return tuple(entry for entry in self.guidance if entry.topic == topic)

    def with_number(self, key: str, value: int) -> Standard:
        """The same standard with one number changed."""
        return replace(self, numbers={**self.numbers, key: replace(self.numbers[key], value=value)})

    def listening(self) -> Standard:
        """The same standard, noting which keys are read from now on in its `read`."""
        return replace(self, read=set())

    @property
    def changes(self) -> tuple[Change, ...]:
        """The numbers that differ from the root standard's, by key."""
        root = self.layers[0].definitions if self.layers else {}
        changes = (Change(key, root[key].value, number) for key, number in sorted(self.numbers.items()) if key in root)
        return tuple(change for change in changes if change.number.value != change.was)

    @property
    def identity(self) -> str:
        """The edition and a hash of all that can change a verdict or a report: another file, another identity."""
        content = {
            "name": [self.name, self.title],
            "numbers": {key: asdict(number) for key, number in sorted(self.numbers.items())},
            "sources": dict(sorted(self.sources.items())),
            "guidance": [repr(entry) for entry in self.guidance],
            "targets": dict(sorted(self.targets.items())),
            "off": sorted(self.off),
        }
        return f"{self.edition} {sha256(json.dumps(content).encode()).hexdigest()[:16]}"


def load_standard(name: str = ROOT) -> Standard:
    """The shipped standard of that name, or the one in a TOML file.

    Args:
        name: a name of SHIPPED, or the path of a file ending in `.toml`.

    Raises:
        UsageError: no such standard; or a file that cannot be read or used, naming file, key and what is allowed.
    """
    if name in SHIPPED:
        return _shipped(name)
    return _put_together(lineage(name))


@cache
def _shipped(name: str) -> Standard:
    return _put_together(lineage(name))


def _put_together(layers: tuple[Layer, ...]) -> Standard:
    root = layers[0]
    numbers = {
        key: Number(value, item.unit, item.source, item.what, root.file)
        for key, item in root.definitions.items()
        if (value := item.value) is not None
    }
    sources: dict[str, str] = {}
    targets: dict[str, int] = {}
    off: set[str] = set()
    for position, layer in enumerate(layers):
        check_names(layer, layers[:position], sources)
        sources |= {**_own_source(layer), **layer.sources}
        numbers |= {key: _set(layer, key, root.definitions, sources) for key in layer.numbers}
        targets |= layer.targets
        off = (off | set(layer.off)) - set(layer.on)
    last = layers[-1]
    standard = Standard(
        name=last.name,
        title=last.title,
        edition=last.edition,
        numbers=numbers,
        sources=sources,
        guidance=root.guidance,
        targets={code: percent for code, percent in sorted(targets.items()) if code not in off},
        off=frozenset(off),
        layers=layers,
    )
    _check_cited(standard)
    _check_order(standard)
    return standard


def _own_source(layer: Layer) -> dict[str, str]:
    """The source of a number for which the layer names none: the layer itself."""
    unsourced = any(setting.source is None for setting in layer.numbers.values())
    return {layer.name: f"{layer.title}, edition {layer.edition} ({layer.file})"} if unsourced else {}


def _set(layer: Layer, key: str, definitions: Mapping[str, Definition], sources: Mapping[str, str]) -> Number:
    """The number as the layer sets it."""
    setting = layer.numbers[key]
    check_setting(layer, key, definitions, sources)
    definition = definitions[key]
    source = layer.name if setting.source is None else setting.source
    return Number(setting.value, definition.unit, source, definition.what, layer.file)


def _check_cited(standard: Standard) -> None:
    cited = {number.source for number in standard.numbers.values()} | {entry.source for entry in standard.guidance}
    missing = sorted(cited - set(standard.sources))
    if missing:
        raise ValueError(f"standard {standard.name} cites unknown sources: {', '.join(missing)}")


def _check_order(standard: Standard) -> None:
    """Numbers that must not fall, such as the three maintenance lengths."""
    for keys in standard.layers[0].ordered:
        for low, high in pairwise(keys):
            lower, higher = standard.numbers[low], standard.numbers[high]
            if standard.number(low) > standard.number(high):
                what = f"{low} is {lower.value} {lower.unit}, more than {high}, {higher.value} {higher.unit}."
                remedy = f"let {low} be at most {high}"
                raise refused(standard.layers[-1].file, low, what, remedy)


def check_criteria(standard: Standard, codes: Collection[str]) -> Standard:
    """The same standard, when every criterion its files name is one of `codes` and one at least is judged.

    Raises:
        UsageError: naming file and key.
    """
    for layer in standard.layers:
        for key, code in named_criteria(layer):
            if code not in codes:
                raise unknown(layer.file, key, code, "criterion", codes)
    if set(codes) <= standard.off:
        what = "Every criterion is switched off."
        raise refused(standard.layers[-1].file, "criteria.off", what, "leave at least one criterion on")
    return standard
