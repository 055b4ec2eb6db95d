"""The headings that practices' systems print, and the field that each stands for.

They stand in `heading_words.toml`; a set of other fields can be made with `Words.of`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from audit.intake.cells import Cell, text
from audit.intake.words import squash
from schemas.vocabulary import INPUT_COLUMNS, LIST_COLUMNS, TABLE_COLUMNS, TABLE_NEEDS

#: How well a heading fits: asked for; the field's own name; another word for it; one behind the name of its group;
#: one of a cell that holds several fields; one that is taken for want of a better.
MAPPED, OWN, SYNONYM, GROUPED, COMBINED, SECOND = 6, 5, 4, 3, 2, 1
#: No heading is longer.
LONGEST: Final = 80
_ANY, _CODES = "any", "Codes"
_DIGITS: Final = "0123456789"

Reasons = Mapping[str, tuple[str, str]]


@cache
def _data() -> Mapping[str, Any]:
    content = resources.files(__package__).joinpath("heading_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(content)


@dataclass(frozen=True, slots=True)
class Words:
    """The headings that a table's fields may have; all keys are squashed.

    Attributes:
        fields: in their published order.
        required: those that the table cannot do without.
        known: heading -> its field, and how well it fits.
        hints: heading -> the field that it may be, and what speaks against it, if anything.
        never: heading -> the field that it is never taken for, and why.
        groups: the name of a group of columns -> the fields that may stand in it; any in a group that is not listed.
    """

    fields: tuple[str, ...]
    required: tuple[str, ...]
    known: Mapping[str, tuple[str, int]]
    hints: Reasons = field(default_factory=dict)
    never: Reasons = field(default_factory=dict)
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, headings: Mapping[str, Sequence[str]], required: Sequence[str]) -> Words:
        """Words of fields that are no table's: field -> the headings that it may have beside its own name."""
        known = {squash(typed): (name, SYNONYM) for name, words in headings.items() for typed in words}
        own = {squash(name): (name, OWN) for name in headings}
        return cls(tuple(headings), tuple(required), {**known, **own})

    def read(self, heading: str, group: str = "") -> tuple[str, int] | None:
        """The field of a heading, and how well it fits; None when it is none's, or of a group that cannot hold it."""
        found = self.known.get(squash(heading))
        in_front, rest = split_group(heading)
        if found is None:
            found = self._numbered(rest)
            if found and (in_front or found[1] == OWN):
                found = (found[0], min(found[1], GROUPED)) if in_front else None
            group = in_front or group
        fields = self.groups.get(squash(group))
        return None if fields is not None and found and found[0] not in fields else found

    def _numbered(self, heading: str) -> tuple[str, int] | None:
        squashed = squash(heading)
        return self.known.get(squashed) or self.known.get(squashed.rstrip(_DIGITS))

    def spellings(self, name: str) -> list[str]:
        """The squashed headings of one field, its own name among them."""
        return [typed for typed, (other, _) in self.known.items() if other == name]


@cache
def table_words(*tables: str) -> Words:
    """The words of a table, or of several that stand in one sheet: the first says what is required."""
    fields = tuple(dict.fromkeys(name for table in tables for name in TABLE_COLUMNS[table]))
    known: dict[str, tuple[str, int]] = {}
    for kind, strength in (("second", SECOND), ("combined", COMBINED), ("synonyms", SYNONYM)):
        known |= {typed: (name, strength) for typed, name in _listed(kind, tables, fields)}
    known |= {squash(name): (name, OWN) for name in fields}
    hints, never = _reasons("hint", tables), _reasons("never", tables)
    return Words(fields, TABLE_NEEDS[tables[0]], known, hints, never, _group_fields(tables))


def _group_fields(tables: Sequence[str]) -> dict[str, frozenset[str]]:
    groups = {
        squash(name): frozenset(INPUT_COLUMNS[table] if table in (*tables, "Patients") else ())
        for table, names in _data()["groups"].items()
        for name in names
        if table != _ANY
    }
    lists = {
        squash(name): frozenset(TABLE_COLUMNS[table])
        for table, names in _data()["list_groups"].items()
        for name in names
        if table in map(_words_of, tables)
    }
    return groups | lists


def _words_of(table: str) -> str:
    """The table whose words a table's columns have."""
    return _CODES if table in LIST_COLUMNS else table


def _listed(kind: str, tables: Sequence[str], fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Squashed heading and field, of the lists of one kind that go with the tables."""
    for table in (*map(_words_of, tables), _ANY):
        for name, words in _data()[kind].get(table, {}).items():
            if name in fields:
                yield from ((squash(typed), name) for typed in words)


def _reasons(kind: str, tables: Sequence[str]) -> Reasons:
    lists = _data()[kind]
    return {
        squash(typed): (name, why)
        for table in (_ANY, *map(_words_of, tables))
        for name, words in lists.get(table, {}).items()
        for typed, why in words.items()
    }


def reason_of(reasons: Reasons, heading: str) -> tuple[str, str] | None:
    """The field and the words that a list of hints gives a heading, with or without its group in front."""
    return reasons.get(squash(heading)) or reasons.get(squash(split_group(heading)[1]))


# --- as they are printed


def plain(cell: Cell) -> str:
    """A cell as a heading: spaces of every kind and line feeds made one space; "" when it is no text."""
    if not isinstance(cell, str) or not cell or len(cell) > 2 * LONGEST:
        return ""
    return _plain(cell)


@lru_cache(maxsize=4096)
def _plain(typed: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text(typed)).split())


@cache
def _in_front() -> re.Pattern[str]:
    names = sorted(_group_names(), key=len, reverse=True)
    either = "|".join(re.escape(name) for name in names)
    return re.compile(rf"({either})(?:['’]?s)?[ :.-]+(?=\w)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def split_group(heading: str) -> tuple[str, str]:
    """The group named in front of a heading, "" when none is, and the rest: "Medication Issues's Date of Issue"."""
    typed = heading.replace("_", " ")
    match = _in_front().match(typed)
    return (match[1], typed[match.end() :]) if match else ("", heading)


def group_of(cell: str) -> str:
    """The group that a cell above the headings names, "" when it names none."""
    name = re.sub(r"['’]s?$", "", cell)
    return name if squash(name) in _groups() else ""


@cache
def _groups() -> frozenset[str]:
    return frozenset(map(squash, _group_names()))


def _group_names() -> set[str]:
    return {name for kind in ("groups", "list_groups") for names in _data()[kind].values() for name in names}


@cache
def _ages() -> frozenset[str]:
    return frozenset(map(squash, _data()["age"]["headings"]))


def is_age(heading: str) -> bool:
    """Whether a patient's age stands under a heading."""
    return squash(split_group(heading)[1]) in _ages() or squash(heading) in _ages()


@cache
def readable_headings() -> frozenset[str]:
    """Every squashed heading that a table can read, and those of ages."""
    return _ages().union(*(table_words(table).known for table in TABLE_COLUMNS))


def id_headings() -> frozenset[str]:
    """The squashed headings of patients' ids that are pseudonyms."""
    return frozenset(table_words("Patients").spellings("patient_id"))


def is_combined(name: str, heading: str) -> bool:
    """Whether a field's heading is that of a cell that holds several fields."""
    listed = {squash(typed) for fields in _data()["combined"].values() for typed in fields.get(name, ())}
    return bool({squash(heading), squash(split_group(heading)[1]).rstrip(_DIGITS)} & listed)


def synonyms(table: str, name: str) -> tuple[str, ...]:
    """The headings that a field may have beside its own name, as the documents print them."""
    kinds = ("synonyms", "combined", "second")
    lists = (_data()[kind].get(of, {}).get(name, ()) for kind in kinds for of in (_ANY, table))
    return tuple(dict.fromkeys(typed for words in lists for typed in words))
