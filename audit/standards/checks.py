"""What a layer's words must mean beside the standards it extends: known keys, values in bounds, names not taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audit.standards.layer import Definition, Layer, Setting
from audit.standards.refusal import refused, unknown


def check_setting(
    layer: Layer, key: str, definitions: Mapping[str, Definition], sources: Mapping[str, str]
) -> None:
    """Refuses a number that the root does not define, a value out of bounds, or a source nobody names.

    Raises:
        UsageError: naming file, key and what is allowed.
    """
    if key not in definitions:
        raise unknown(layer.file, key, key, "number", definitions)
    setting, definition = layer.numbers[key], definitions[key]
    _check_shape(layer.file, key, setting, definition)
    _check_bounds(layer.file, key, setting, definition)
    if setting.source is not None and setting.source not in sources:
        raise unknown(layer.file, f"{key}.source", setting.source, "source", sources)


def _check_shape(file: str, key: str, setting: Setting, definition: Definition) -> None:
    wants_list, is_list = isinstance(definition.value, tuple), isinstance(setting.value, tuple)
    if wants_list != is_list:
        wanted = "a list of whole numbers, such as [0, 7, 14]" if wants_list else "one whole number"
        raise refused(file, key, f"{key} is {'a list' if is_list else 'a single number'}.", wanted)


def _check_bounds(file: str, key: str, setting: Setting, definition: Definition) -> None:
    values = setting.value if isinstance(setting.value, tuple) else (setting.value,)
    outside = [value for value in values if not definition.least <= value <= definition.most]
    if outside:
        raise refused(file, key, f"{key} is {outside[0]:,} {definition.unit}.", allowed(definition))
    if list(values) != sorted(set(values)):
        raise refused(file, key, f"The list of {key} does not rise.", "each number larger than the one before")


def allowed(definition: Definition) -> str:
    """The bounds in words: a whole number from 0 to 56 (days)."""
    least, most = definition.least, definition.most
    span = f"{least:,} only" if least == most else f"a whole number from {least:,} to {most:,}"
    return f"{span} ({definition.unit})"


def check_names(layer: Layer, parents: Sequence[Layer], sources: Mapping[str, str]) -> None:
    """Refuses a name or a source key that a parent uses, and a criterion that is both off and wanted.

    Raises:
        UsageError: naming file and key.
    """
    if layer.name in {parent.name for parent in parents} | set(sources):
        raise refused(layer.file, "name", f'The name "{layer.name}" is taken.', "choose another name")
    again = sorted(set(layer.sources) & set(sources))
    if again:
        what = f'The source "{again[0]}" is named already by a standard that this one extends.'
        raise refused(layer.file, f"sources.{again[0]}", what, "give yours another key")
    both = sorted(set(layer.off) & {*layer.on, *layer.targets})
    if both:
        what = f'"{both[0]}" is switched off, and switched on or given a target too.'
        raise refused(layer.file, "criteria.off", what, "keep one of the two")
