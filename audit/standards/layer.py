"""One standard's file as it stands, its form checked: the keys it may have, and the kind of each value.

The national standard is the root: it defines every number with its bounds. Any other file extends one and names only
what it changes: `[numbers]`, `[targets]`, `[criteria] off` and `on`, `[sources]`. What its words mean (is there such a
number, is the value within bounds) is asked when the layers are put together, in `standard.py`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any, Final

from audit.errors import UsageError
from audit.standards.refusal import printable, refused, suggestion

Value = int | tuple[int, ...]

_HEAD: Final = ("name", "title", "edition")
_ROOT_KEYS: Final = (*_HEAD, "ordered", "bounds", "sources", "define", "guidance")
_LAYER_KEYS: Final = (*_HEAD, "extends", "sources", "numbers", "targets", "criteria", "not_expressed")
_NUMBER_KEYS: Final = ("value", "unit", "source", "what", "least", "most", "optional")
_SETTING_KEYS: Final = ("value", "source")
_GUIDANCE_KEYS: Final = ("topic", "text", "source", "from", "to", "criteria")
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_TEXT: Final = 500
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Definition:
    """A number of the root standard: its unit, source key, meaning and bounds.

    `value` is None for a rule that only a local standard may switch on; a tuple where a list is wanted.
    """

    value: Value | None
    unit: str
    source: str
    what: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Setting:
    """What a layer says of one number; `source` is the key of its source, None where it names none."""

    value: Value
    source: str | None


@dataclass(frozen=True, slots=True)
class Guidance:
    """A dated statement of guidance, and the criteria it bears on; None on either side means without end."""

    topic: str
    text: str
    source: str
    start: date | None
    end: date | None
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """One file.

    Attributes:
        file: its name, without its folder. extends: the parent as written; None for the root.
        definitions, ordered, guidance: of the root only; `ordered` are lists of keys whose values must not fall.
        numbers, targets (percent), off, on, not_expressed: what a layer changes, and what it says it cannot.
    """

    file: str
    name: str
    title: str
    edition: str
    extends: str | None
    sources: Mapping[str, str]
    definitions: Mapping[str, Definition]
    ordered: tuple[tuple[str, ...], ...]
    guidance: tuple[Guidance, ...]
    numbers: Mapping[str, Setting]
    targets: Mapping[str, int]
    off: tuple[str, ...]
    on: tuple[str, ...]
    not_expressed: tuple[str, ...]


def parse_layer(text: str, file: str, *, root: bool = False) -> Layer:
    """The layer that a file's text describes.

    Args:
        text: of the file.
        file: its name, for messages and for the report.
        root: whether it defines the numbers; any other file extends one and changes some.

    Raises:
        UsageError: naming file and key, when the text is not TOML or not of this form.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = f"The file is not TOML: {printable(error)}."
        raise refused(file, "", what, "texts stand in quotes, lists in square brackets; one key a line") from error
    return _Form(file).layer(raw, root=root)


class _Form:
    """Reads the values of one file; every refusal names the file and the key."""

    def __init__(self, file: str) -> None:
        self.file = file

    def layer(self, raw: Mapping[str, Any], *, root: bool) -> Layer:
        """The whole file."""
        self._known(raw, "", _ROOT_KEYS if root else _LAYER_KEYS)
        switches = self._table(raw, "criteria")
        self._known(switches, "criteria", ("off", "on"))
        return Layer(
            file=self.file,
            **self._head(raw),
            extends=None if root else self._extends(raw),
            sources=self._sources(raw),
            definitions=self._definitions(raw),
            ordered=tuple(tuple(keys) for keys in raw.get("ordered", ())),
            guidance=tuple(self._guidance(entry) for entry in raw.get("guidance", ())),
            numbers=self._settings(raw),
            targets=self._targets(raw),
            off=self._words(switches, "off", "criteria.off"),
            on=self._words(switches, "on", "criteria.on"),
            not_expressed=self._words(raw, "not_expressed", "not_expressed"),
        )

    # the parts of a file

    def _head(self, raw: Mapping[str, Any]) -> dict[str, str]:
        head = {key: self._text(raw, key, key) for key in _HEAD}
        if not _NAME.fullmatch(head["name"]):
            wanted = 'small letters, digits and hyphens, as in "our-surgery"'
            raise self._refused("name", "The name is not one word.", wanted)
        return head

    def _extends(self, raw: Mapping[str, Any]) -> str:
        if "extends" in raw:
            return self._text(raw, "extends", "extends")
        what = "The file does not say which standard it changes."
        raise self._refused("extends", what, 'write  extends = "national"')

    def _sources(self, raw: Mapping[str, Any]) -> dict[str, str]:
        sources = self._table(raw, "sources")
        return {key: self._text(sources, key, f"sources.{key}") for key in sources}

    def _definitions(self, raw: Mapping[str, Any]) -> dict[str, Definition]:
        bounds = self._table(raw, "bounds")
        sections = self._table(raw, "define")
        return {
            f"{section}.{key}": self._definition(f"{section}.{key}", entry, bounds)
            for section in sections
            for key, entry in self._table(sections, section).items()
        }

    def _definition(self, key: str, entry: Mapping[str, Any], bounds: Mapping[str, Any]) -> Definition:
        self._known(entry, key, _NUMBER_KEYS)
        unit, source, what = (self._text(entry, name, f"{key}.{name}") for name in ("unit", "source", "what"))
        if unit not in bounds:
            raise self._refused(key, f'The unit "{printable(unit)}" has no bounds.', suggestion(unit, bounds))
        least, most = bounds[unit]
        value = None if entry.get("optional") else self._value(entry.get("value"), key)
        return Definition(value, unit, source, what, entry.get("least", least), entry.get("most", most))

    def _guidance(self, entry: Mapping[str, Any]) -> Guidance:
        self._known(entry, "guidance", _GUIDANCE_KEYS)
        topic, text, source = (self._text(entry, name, f"guidance.{name}") for name in ("topic", "text", "source"))
        criteria = self._words(entry, "criteria", "guidance.criteria")
        return Guidance(topic, text, source, entry.get("from"), entry.get("to"), criteria)

    def _settings(self, raw: Mapping[str, Any]) -> dict[str, Setting]:
        """`"a.b" = 1`, `a.b = 1` and `[numbers.a] b = 1` are the same."""
        found: dict[str, Setting] = {}
        for key, entry in self._table(raw, "numbers").items():
            nested = isinstance(entry, dict) and "." not in key
            pairs = {f"{key}.{name}": inner for name, inner in entry.items()} if nested else {key: entry}
            for name, inner in pairs.items():
                if name in found:
                    raise self._refused(name, f"{printable(name)} is set twice.", "keep one of the two lines")
                found[name] = self._setting(name, inner)
        return found

    def _setting(self, key: str, entry: Any) -> Setting:
        if not isinstance(entry, dict):
            return Setting(self._value(entry, key), None)
        self._known(entry, key, _SETTING_KEYS)
        source = self._text(entry, "source", f"{key}.source") if "source" in entry else None
        return Setting(self._value(entry.get("value"), key), source)

    def _targets(self, raw: Mapping[str, Any]) -> dict[str, int]:
        targets = self._table(raw, "targets")
        for code, percent in targets.items():
            if type(percent) is not int or not 1 <= percent <= _WHOLE:
                what = f"The target is {printable(percent)}."
                raise self._refused(f"targets.{code}", what, "a whole number of percent from 1 to 100")
        return dict(targets)

    # the kinds of value

    def _known(self, table: Any, key: str, allowed: tuple[str, ...]) -> None:
        if not isinstance(table, dict):
            raise self._refused(key, f"{printable(table)} is not a table.", f"a table with: {', '.join(allowed)}")
        for name in table:
            if name not in allowed:
                where = f"{key}.{name}" if key else name
                what = f'"{printable(name)}" is not a key of a standard\'s file.'
                raise self._refused(where, what, f"{suggestion(name, allowed)} (allowed here: {', '.join(allowed)})")

    def _table(self, raw: Mapping[str, Any], key: str) -> dict[str, Any]:
        table = raw.get(key, {})
        if not isinstance(table, dict):
            remedy = f"write [{key}] on a line of its own, and its entries below"
            raise self._refused(key, f"{key} is not a table.", remedy)
        return table

    def _text(self, raw: Mapping[str, Any], key: str, where: str) -> str:
        text = raw.get(key)
        if isinstance(text, str) and text.strip() and text.isprintable() and len(text) <= _LONGEST_TEXT:
            return text
        what = f"{where} is missing." if text is None else f"{where} is not a text of one line."
        raise self._refused(where, what, f'write  {key} = "..."  with up to {_LONGEST_TEXT} letters between the quotes')

    def _words(self, raw: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        words = raw.get(key, [])
        if not isinstance(words, list) or not all(isinstance(word, str) and word.isprintable() for word in words):
            raise self._refused(where, f"{where} is not a list of texts.", f'write  {key} = ["...", "..."]')
        return tuple(words)

    def _value(self, value: Any, key: str) -> Value:
        """A whole number, or a list of them."""
        numbers = value if isinstance(value, list) else [value]
        if not numbers or any(type(number) is not int for number in numbers):
            what = "The value is missing." if value is None else f"The value is {_shown(value)}."
            raise self._refused(key, what, "a whole number without quotes, such as 21")
        return tuple(numbers) if isinstance(value, list) else numbers[0]

    def _refused(self, key: str, what: str, remedy: str) -> UsageError:
        return refused(self.file, key, what, remedy)



def _shown(value: Any) -> str:
    """A value as the file has it."""
    if isinstance(value, str):
        return f'the text "{printable(value)}"'
    if isinstance(value, bool):
        return str(value).lower()
    return printable(value)


def named_criteria(layer: Layer) -> list[tuple[str, str]]:
    """Every criterion the layer names, with the key that names it."""
    switched = chain((("criteria.off", code) for code in layer.off), (("criteria.on", code) for code in layer.on))
    dated = ((f"guidance {entry.topic}", code) for entry in layer.guidance for code in entry.criteria)
    return [*switched, *((f"targets.{code}", code) for code in layer.targets), *dated]
