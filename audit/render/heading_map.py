"""Saves which heading was read as which field, in a file that `--map` takes next time."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from audit.errors import CannotWrite, UsageError
from audit.intake.extract import Extract
from audit.intake.heading_map import HeadingMap
from audit.render.workshop import move
from schemas.vocabulary import TABLE_COLUMNS

_HEADER: Final = (
    "# The heading of each field, as b12audit read it, for --map; with nothing in quotation marks no column.\n"
)

Tables = Mapping[str, Mapping[str, str]]


def used_headings(extracts: Iterable[Extract], asked: HeadingMap) -> dict[str, dict[str, str]]:
    """Table -> field -> the heading that was read as it; "" for a field that was to have no column.

    Raises:
        UsageError: two inputs have different headings for one field.
    """
    used: dict[str, dict[str, str]] = {}
    for table, field, heading, file in _pairs(extracts, asked):
        if used.setdefault(table, {}).setdefault(field, heading) != heading:
            raise UsageError(
                f"The files have different headings for {table}.{field}.",
                where=file,
                remedy="save the headings of each file by itself: --save-map with one FILE",
                code="MAP_DIFFERS",
            )
    return used


def _pairs(extracts: Iterable[Extract], asked: HeadingMap) -> Iterator[tuple[str, str, str, str]]:
    for extract in extracts:
        for sheet in extract.facts.sheets:
            yield from ((sheet.table, name, heading, sheet.file) for name, heading in sheet.headings.items())
            dropped = asked.wanted([sheet.table]).values()
            yield from ((sheet.table, pair.field, "", sheet.file) for pair in dropped if not pair.heading)


def map_text(tables: Tables) -> str:
    """The content of the file: a table for each sheet, its fields in order of the alphabet."""
    parts = [_HEADER]
    for table in (name for name in TABLE_COLUMNS if name in tables):
        parts.append(f"\n[{table}]\n")
        parts += [f"{name} = {_string(heading)}\n" for name, heading in sorted(tables[table].items())]
    return "".join(parts)


def _string(typed: str) -> str:
    return json.dumps(typed, ensure_ascii=False).replace("\x7f", "\\u007f")


def _check_place(path: Path) -> None:
    """Refuse a place where something else stands than a file of headings."""
    if path.suffix.lower() != ".toml":
        what = "The headings are saved in a .toml file."
        raise UsageError(what, where=str(path), remedy="write --save-map map.toml", code="ENDING_NOT_WRITTEN")
    try:
        taken = path.exists() and not path.read_bytes().startswith(_HEADER.encode())
    except OSError:
        taken = True
    if taken:
        what = "Something else stands there; it is not replaced."
        raise CannotWrite(what, where=str(path), remedy="name another file with --save-map", code="OUT_EXISTS")


def save_map(path: Path, tables: Tables) -> None:
    """Write the file beside its place and put it there in one step; an older one is replaced.

    Raises:
        UsageError: the name does not end in .toml.
        CannotWrite: another file stands there, or the disk refuses; what stood there still stands.
    """
    _check_place(path)
    made = None
    try:
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=".b12audit-", delete=False) as file:
            made = Path(file.name)
            file.write(map_text(tables).encode())
            file.flush()
            os.fsync(file.fileno())
        move(made, path)
    except OSError as error:
        if made is not None:
            made.unlink(missing_ok=True)
        what = f"The headings cannot be saved ({error.strerror or type(error).__name__})."
        remedy = "name another file with --save-map"
        raise CannotWrite(what, where=str(path), remedy=remedy, code="CANNOT_WRITE") from error
