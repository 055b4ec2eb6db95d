"""Finds the heading row of a sheet, and which column is which field: certain, or contested and to be asked about.

Every column of a row scores for every field: asked for, the field's own name, another word for it, one behind the name
of its group, one that is taken for want of a better. The best wins if it is alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from audit.intake.cells import Cell, Sheet, text
from audit.intake.dates import read_date
from audit.intake.heading_map import Pair
from audit.intake.heading_words import MAPPED, OWN, Words, group_of, plain
from audit.intake.values import is_blank
from audit.intake.words import squash

#: The heading row is one of the first so many rows.
SEARCHED_ROWS: Final = 50
_DATES: Final = ("date", "neurological_onset", "diagnosis_date", "registered_from", "registered_to")


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading row (counted from 0) and the places of the fields it names.

    Attributes:
        row: its number.
        places: field -> its column.
        names: every column's heading, spaces collapsed; "" for blank cells and for what is no text.
        groups: of every column the group whose name stands in the row above, "" for none.
        how: field -> how well its heading fits, as `heading_words` counts.
        contested: field -> the columns that fit it equally well; a field's own name twice stands in `places` too.
    """

    row: int
    places: Mapping[str, int]
    names: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    how: Mapping[str, int] = field(default_factory=dict)
    contested: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def full_name(self, place: int) -> str:
        """A column's heading, behind the name of its group where another column has the same heading."""
        name, group = self.names[place], self.groups[place]
        again = sum(squash(other) == squash(name) for other in self.names) > 1
        return f"{group} {name}" if again and group else name


def find_heading(sheet: Sheet, words: Words, wanted: Mapping[str, Pair] | None = None) -> Heading:
    """The row among the first 50 that names the most of the fields; of equals the first.

    A row that has every required field by its own name comes before all others, and nothing in it is contested but
    the same name twice: columns beside them whose headings are other words for a field may stay unused.

    Args:
        sheet: rows of raw cells.
        words: the fields to find and their headings.
        wanted: field -> the pair that the user gave.
    """
    best, most = Heading(0, {}), (0, 0, 0, 0)
    for number in range(min(SEARCHED_ROWS, len(sheet.rows))):
        names = tuple(map(plain, sheet.rows[number]))
        if not any(names):
            continue
        found = _match_row(sheet, number, names, words, wanted or {})
        rank = _rank(found, words)
        if rank > most:
            best, most = found, rank
    return best


def lacking(heading: Heading, required: Sequence[str]) -> list[str]:
    """The required fields that the heading row does not name, or names more than once."""
    return [name for name in required if name not in heading.places]


def _rank(heading: Heading, words: Words) -> tuple[int, int, int, int]:
    own = [name for name, strength in heading.how.items() if strength == OWN]
    mapped = sum(strength == MAPPED for strength in heading.how.values())
    whole = len(own) if set(words.required) <= set(own) else 0
    return mapped, whole, len(heading.how), len(own)


def _match_row(sheet: Sheet, number: int, names: tuple[str, ...], words: Words, wanted: Mapping[str, Pair]) -> Heading:
    own = {words.known.get(squash(name), ("", 0)) for name in names if name}
    whole = {(name, OWN) for name in words.required} <= own
    groups = _groups(sheet, number, len(names))
    scored = _scored(names, groups, replace(words, groups={}) if whole else words, wanted)
    places: dict[str, int] = {}
    contested: dict[str, tuple[int, ...]] = {}
    for name, columns in scored.items():
        most = max(columns.values())
        best = [place for place, strength in columns.items() if strength == most]
        if len(best) > 1 and most != OWN:
            best = _filled(sheet, number, name, best)
        if len(best) == 1 or most == OWN:
            places[name] = best[0]
        if len(best) > 1 and (not whole or most in (OWN, MAPPED)):
            contested[name] = tuple(best)
    how = {name: max(scored[name].values()) for name in (*places, *contested)}
    return Heading(number, places, names, groups, how, contested)


def _scored(
    names: Sequence[str], groups: Sequence[str], words: Words, wanted: Mapping[str, Pair]
) -> dict[str, dict[int, int]]:
    """Field -> the columns that may be it, in order, and how well each fits."""
    scored: dict[str, dict[int, int]] = {}
    taken = set()
    for name, pair in wanted.items():
        pairs = enumerate(zip(names, groups, strict=True))
        columns = [place for place, (typed, group) in pairs if typed and _is_meant(pair, typed, group)]
        if columns and name in words.fields:
            scored[name] = dict.fromkeys(columns, MAPPED)
            taken.update(columns)
    for place, (typed, group) in enumerate(zip(names, groups, strict=True)):
        found = words.read(typed, group) if typed and place not in taken else None
        if found and found[0] not in scored.keys() & wanted.keys() and not _is_dropped(wanted.get(found[0])):
            scored.setdefault(found[0], {})[place] = found[1]
    return {name: scored[name] for name in words.fields if name in scored}


def stands_in(pair: Pair, sheet: Sheet) -> bool:
    """Whether any of the rows that are searched has the heading of a pair."""
    for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        names = tuple(map(plain, row))
        groups = _groups(sheet, number, len(names)) if any(names) else names
        if any(name and _is_meant(pair, name, group) for name, group in zip(names, groups, strict=True)):
            return True
    return False


def _is_meant(pair: Pair, name: str, group: str) -> bool:
    """Whether a pair means a column: by its heading as it stands, or behind the name of its group."""
    asked = squash(pair.heading)
    return bool(asked) and asked in (squash(name), squash(f"{group} {name}"))


def _is_dropped(pair: Pair | None) -> bool:
    return pair is not None and not pair.heading


# --- groups


def _groups(sheet: Sheet, number: int, width: int) -> tuple[str, ...]:
    """The groups over the columns: each name holds for the columns to its right, up to the next one."""
    none = ("",) * width
    above = next((row for row in reversed(sheet.rows[:number]) if any(map(plain, row))), None)
    if above is None or not any(map(group_of, filter(None, map(plain, above)))):
        return none
    out, group = [], ""
    for place in range(width):
        typed = plain(above[place]) if place < len(above) else ""
        group = (group_of(typed) or typed) if typed else group
        out.append(group)
    return tuple(out)


# --- when two columns fit equally well


def _filled(sheet: Sheet, number: int, name: str, columns: Sequence[int]) -> list[int]:
    """The only one of the columns that holds what the field should; all of them when more do, or none."""
    # all rows: a second column of issues may be blank for most patients
    below = sheet.rows[number + 1 :]
    fitting = [place for place in columns if any(_fits(sheet, name, row[place]) for row in below if place < len(row))]
    return fitting if len(fitting) == 1 else list(columns)


def _fits(sheet: Sheet, name: str, cell: Cell) -> bool:
    if name in _DATES:
        return read_date(cell, sheet.origin) is not None
    return not is_blank(name, text(cell))
