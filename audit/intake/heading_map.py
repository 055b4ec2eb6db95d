"""Which heading stands for which field, as the user says it: `--map date="Date of Issue"`, or a file of such pairs."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from audit.errors import UsageError
from schemas.vocabulary import TABLE_COLUMNS

_SHELL_SAFE = re.compile(r"[^\"$`\\!%\r\n]*")
_BARE = re.compile(r"[\w./:-]+")
#: A path of Windows has backslashes, which double quotation marks keep in every shell there is.
_PATH_SAFE = re.compile(r"[^\"$`!%\r\n]*")
_FORM: Final = 'write --map FIELD="Heading", such as --map date="Date of Issue", or name a file that --save-map wrote'


@dataclass(frozen=True, slots=True)
class Pair:
    """A field and the heading that stands for it; `table` is "" for every table, `heading` "" for no column at all."""

    table: str
    field: str
    heading: str

    @property
    def name(self) -> str:
        """The field as it is typed: `date`, `Tests.date`."""
        return f"{self.table}.{self.field}" if self.table else self.field

    def __str__(self) -> str:
        return f"{self.name}={_quoted(self.heading)}"


@dataclass(frozen=True, slots=True)
class HeadingMap:
    """The pairs that hold for one run.

    Attributes:
        pairs: at most one for a table and field.
        given: the input as it was typed, for commands that can be pasted.
    """

    pairs: tuple[Pair, ...] = ()
    given: tuple[str, ...] = ("FILE",)

    def of(self, *paths: Path) -> HeadingMap:
        """The same pairs, for one input."""
        return replace(self, given=tuple(map(str, paths)))

    def told(self) -> str:
        """The pairs as options give them, one to a line."""
        return "\n".join(map(str, self.pairs))

    def wanted(self, tables: Sequence[str]) -> dict[str, Pair]:
        """Field -> pair, for a sheet of one table or of several; what names a table comes first."""
        fields = {name for table in tables for name in TABLE_COLUMNS[table]}
        fitting = [pair for pair in self.pairs if pair.table in ("", *tables) and pair.field in fields]
        return {pair.field: pair for pair in sorted(fitting, key=lambda pair: pair.table != "")}

    def command(self, more: Sequence[Pair]) -> str:
        """The command with these pairs and some more; the newer of two for one field holds."""
        both = {pair.name: pair for pair in (*self.pairs, *more)}
        options = "".join(f" --map {pair}" for pair in both.values())
        return f"b12audit run {self.files()}{options}"

    def files(self) -> str:
        """The input as it can be pasted."""
        return " ".join(map(pasted, self.given))


#: Nothing is said.
UNMAPPED: Final = HeadingMap()


def pasted(path: str) -> str:
    """A path, or a word of a command, as it can be pasted into any shell, that of Windows included."""
    return path if _BARE.fullmatch(path) else _quoted(path, _PATH_SAFE)


def _quoted(typed: str, safe: re.Pattern[str] = _SHELL_SAFE) -> str:
    """In double quotation marks, which every shell reads; what they would not protect, as a Unix shell needs it."""
    return f'"{typed}"' if safe.fullmatch(typed) else shlex.quote(typed)


def read_map(given: Sequence[str]) -> HeadingMap:
    """The pairs that options give: each `FIELD=Heading`, `Table.field=Heading`, or a .toml file with a table for each.

    Raises:
        UsageError: an option is neither, a field is not known, the file cannot be read.
    """
    pairs = [pair for one in given for pair in _read(one)]
    return HeadingMap(tuple({pair.name: pair for pair in pairs}.values()))


def told_map(told: str) -> HeadingMap:
    """The pairs that `HeadingMap.told` wrote."""
    return read_map(shlex.split(told))


def _read(given: str) -> Iterator[Pair]:
    name, equals, heading = given.partition("=")
    if not equals and given.lower().endswith(".toml"):
        yield from _read_file(Path(given))
    elif equals:
        table, _, field = name.strip().rpartition(".")
        yield _pair(table, field, heading)
    else:
        what = f'"{given}" pairs no field with a heading.'
        raise UsageError(what, where="--map", remedy=_FORM, code="MAP_UNREADABLE")


def _read_file(path: Path) -> Iterator[Pair]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        what = "The file of headings cannot be read."
        raise UsageError(what, where=str(path), remedy=_FORM, code="MAP_UNREADABLE") from error
    for table, fields in tables.items():
        if not isinstance(fields, Mapping) or not all(isinstance(heading, str) for heading in fields.values()):
            what = 'The file of headings must have a [table] for each sheet, with one field = "Heading" to a line.'
            raise UsageError(what, where=str(path), remedy=_FORM, code="MAP_UNREADABLE")
        yield from (_pair(table, field, heading) for field, heading in fields.items())


def _pair(table: str, field: str, heading: str) -> Pair:
    named = {name.casefold(): name for name in TABLE_COLUMNS}.get(table.casefold(), "")
    if table and not named:
        raise _unknown("table", table, TABLE_COLUMNS)
    # a sheet of treatments may hold the patients' columns too
    tables = [named, *(["Patients"] if named == "Treatments" else [])] if named else list(TABLE_COLUMNS)
    fields = dict.fromkeys(name for one in tables for name in TABLE_COLUMNS[one])
    typed = field.strip().casefold()
    if typed not in fields:
        raise _unknown("field", field.strip(), fields)
    return Pair(named, typed, " ".join(heading.split()))


def _unknown(kind: str, typed: str, choices: Mapping[str, object]) -> UsageError:
    what = f'There is no {kind} "{typed}". Choose from: {", ".join(choices)}.'
    return UsageError(what, where="--map", remedy=_FORM, code="MAP_FIELD_UNKNOWN")
