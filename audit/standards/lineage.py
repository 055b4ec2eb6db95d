"""From the name of a standard to its files: the named one, what it extends, and so on to the root."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final

from audit.standards.layer import Layer, parse_layer
from audit.standards.refusal import printable, refused, suggestion

ROOT: Final = "national"
#: The standards that ship with the tool; the first is the default and the root of every other.
SHIPPED: Final = (ROOT, "licence", "patient-group")


def is_file_name(name: str) -> bool:
    """Whether the name of a standard means a file."""
    return Path(name).suffix.lower() == ".toml"


def check_known(name: str, others: Iterable[str]) -> None:
    """Refuses a name that is neither a standard nor one of `others`.

    Raises:
        UsageError: with the nearest known name.
    """
    if name not in SHIPPED and not is_file_name(name):
        what = f'There is no standard and no criterion named "{printable(name)}".'
        raise refused("", "", what, suggestion(name, [*SHIPPED, *others]), code="STANDARD_UNKNOWN")


def lineage(name: str) -> tuple[Layer, ...]:
    """The layers from the root to the named one; a parent's file is sought beside the file that names it.

    Raises:
        UsageError: no such standard, a file that cannot be read or has not the form, or one that extends itself.
    """
    layers: list[Layer] = []
    seen: list[str] = []
    folder, asked_by = Path(), ""
    extends: str | None = name
    while extends is not None:
        place = _place(extends, folder, asked_by)
        if place in seen:
            through = ", ".join(layer.file for layer in layers)
            what = f'"{printable(extends)}" extends itself, through {through}.'
            raise refused(asked_by, "extends", what, 'let the chain end in  extends = "national"')
        layer = _read_shipped(place) if place in SHIPPED else _read_file(Path(place))
        seen.append(place)
        layers.append(layer)
        folder, asked_by, extends = Path(place).parent, layer.file, layer.extends
    return tuple(reversed(layers))


def _place(name: str, folder: Path, asked_by: str) -> str:
    """The name of a shipped standard, else the whole path of a file."""
    if name in SHIPPED:
        return name
    if is_file_name(name):
        return str((folder / name).resolve())
    what = f'There is no standard named "{printable(name)}".'
    remedy = f"{suggestion(name, SHIPPED)} A standard of your own is given as a file ending in .toml"
    raise refused(asked_by, "extends" if asked_by else "", what, remedy, code="STANDARD_UNKNOWN")


def _read_shipped(name: str) -> Layer:
    file = f"{name}.toml"
    text = resources.files("audit.standards").joinpath(file).read_text("utf-8")
    return parse_layer(text, file, root=name == ROOT)


def _read_file(path: Path) -> Layer:
    try:
        # an editor of Windows begins a file with a mark that TOML does not know
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        what = f"The standard's file cannot be read: {why}."
        raise refused(path.name, "", what, "check the path given", code="STANDARD_UNREADABLE") from error
    layer = parse_layer(text, path.name)
    if layer.name in SHIPPED:
        raise refused(path.name, "name", f'The name "{layer.name}" is taken.', "choose another name")
    return layer
