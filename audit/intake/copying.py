"""A copy of an input without identifiers: pseudonyms for ids, years for dates of birth, only columns that are needed.

What is not known to be needed is left out; dates stay as they are. Cells stay in their rows, so that a row of the copy
can be found in the original.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from audit.errors import InputRejected
from audit.intake.about import pairs
from audit.intake.cells import Cell, Sheet, letter, text
from audit.intake.dates import read_date
from audit.intake.heading_match import SEARCHED_ROWS
from audit.intake.heading_words import id_headings, readable_headings
from audit.intake.identifiers import find, heading_kind, is_named, is_title, mask
from audit.intake.identity.headings import is_full_date
from audit.intake.identity.judge import suspects
from audit.intake.pseudonyms import KINDS, normalised, pseudonym
from audit.intake.sheets import is_example
from audit.intake.source import Source
from audit.intake.values import may_be_footer, read_id
from audit.intake.words import squash
from schemas.vocabulary import ABOUT_KEYS, INPUT_COLUMNS

_ABOUT: Final = "About"
_TABLES: Final = {squash(name): name for name in INPUT_COLUMNS}
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d{2}(?!\d)")
_IN_FRONT = re.compile(
    r"^(?:patient details?|medication (?:issues?|requests?|courses?)|clinical codes?|user details?)(?:['’]?s)? ",
    re.IGNORECASE,
)
_SHORTEST_NAME = 3
_LEAST_HEADINGS = 2


@dataclass(frozen=True, slots=True)
class CopySheet:
    """One sheet of the copy: its name, its rows, and the letters of the columns of the original that it lacks."""

    name: str
    rows: list[list[Cell]]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of an input.

    Attributes:
        sheets: those of the original that hold patients' data, or dates of the extract.
        patients: how many different pseudonyms there are.
        blanked: how many cells were emptied because they held a person's details.
        sheets_left_out: how many sheets of the original are not in it.
    """

    sheets: tuple[CopySheet, ...]
    patients: int
    blanked: int
    sheets_left_out: int


@dataclass(slots=True)
class _Table:
    """A sheet with a table of patients: where its headings are, and what becomes of each column."""

    sheet: Sheet
    row: int
    ids: dict[int, str] = field(default_factory=dict)
    names: list[int] = field(default_factory=list)
    births: list[int] = field(default_factory=list)
    kept: dict[int, str] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The rows below the headings, with their numbers from 0."""
        yield from enumerate(self.sheet.rows[self.row + 1 :], self.row + 1)

    def normal_ids(self, row: Sequence[Cell]) -> list[str]:
        """The ids of a row that are not blank, the best column first."""
        cells = [(row[place], kind) for place, kind in self.ids.items() if place < len(row)]
        return [id_ for cell, kind in cells if (id_ := normalised(cell, kind))]


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    content = resources.files(__package__).joinpath("identity_words.toml").read_text(encoding="utf-8")
    words = {key: tuple(map(squash, words)) for key, words in tomllib.loads(content)["copy"].items()}
    return {**words, "own": (*words["own"], *id_headings())}


@cache
def _kept() -> frozenset[str]:
    """What the audit can read, and what beside it may tell a person how to read it."""
    return readable_headings().union(_words()["kept"])


def make_copy(source: Source, key: bytes) -> Copy:
    """Copy an input without what identifies its patients.

    Raises:
        InputRejected: no sheet has a column of patients' ids; ids contradict each other; Excel has rounded them.
    """
    tables = [table for sheet in source.sheets if not is_example(sheet.name) and (table := _table(sheet))]
    if not tables:
        raise InputRejected(
            "No sheet has a column with the patients' ids or NHS numbers.",
            where=mask(source.file),
            remedy='Give that column the heading "patient_id" or "NHS number".',
            code="NO_PATIENT_COLUMN",
        )
    people = _People(tables, key)
    copier = _Copier(people)
    made = {id(table.sheet): copier.copy(table) for table in tables}
    abouts = {id(sheet): _about(sheet) for sheet in source.sheets if squash(sheet.name) == squash(_ABOUT)}
    both = {**made, **abouts}
    sheets = [both[id(sheet)] for sheet in source.sheets if id(sheet) in both]
    named = _named(sheets, source.single)
    hidden = len(source.workbook.hidden) if source.workbook else 0
    return Copy(named, len(people.seen), copier.blanked, len(source.sheets) + hidden - len(named))


def _named(sheets: Sequence[CopySheet], single: bool) -> tuple[CopySheet, ...]:
    """The sheets under names that say nothing of a person: those of tables, else numbers."""
    out = []
    for number, sheet in enumerate(sheets, 1):
        name = _TABLES.get(squash(sheet.name), _ABOUT if squash(sheet.name) == squash(_ABOUT) else f"Table {number}")
        out.append(CopySheet("Treatments" if single else name, sheet.rows, sheet.left_out))
    return tuple(out)


# --- which column is what


def _plain(cell: Cell) -> str:
    return _IN_FRONT.sub("", " ".join(text(cell).split()))


def _heading(cell: Cell) -> str:
    typed = _plain(cell) if isinstance(cell, str) else ""
    squashed = squash(typed)
    known = squashed in _kept() or squashed.rstrip("0123456789") in _kept()
    return typed if known or _id_kind(typed) or heading_kind(typed) else ""


def _id_kind(typed: str) -> str:
    """Whose ids stand below a heading, "" when no ids do."""
    if heading_kind(typed) == "number":
        return "number"
    return next((kind for kind in KINDS[1:] if squash(typed) in _words()[kind]), "")


def _table(sheet: Sheet) -> _Table | None:
    counts = [sum(bool(_heading(cell)) for cell in row) for row in sheet.rows[:SEARCHED_ROWS]]
    if max(counts, default=0) < _LEAST_HEADINGS:
        return None
    table = _Table(sheet, counts.index(max(counts)))
    judged = {suspect.column: suspect.kind for suspect in suspects(sheet) if suspect.refused}
    for place, cell in enumerate(sheet.rows[table.row]):
        _sort_column(table, place, _heading(cell), judged.get(place, ""))
    table.ids = dict(sorted(table.ids.items(), key=lambda pair: KINDS.index(pair[1])))
    _keep_one_birth(table)
    return table if table.ids else None


def _sort_column(table: _Table, place: int, typed: str, judged: str) -> None:
    """Decide what one column is; a heading that is not known is left out, unless its values are NHS numbers."""
    kind, id_kind = heading_kind(typed), _id_kind(typed)
    if id_kind or judged == "number":
        table.ids[place] = "number" if judged == "number" else id_kind
    elif kind == "name" or judged == "name":
        table.names.append(place)
    elif kind in ("birth", "birth_year"):
        table.births.append(place)
    elif typed and kind in (None, "bare_name"):
        # in some exports "Name" is that of the drug
        table.kept[place] = typed


def _keep_one_birth(table: _Table) -> None:
    """A column of years comes before one of dates."""
    typed = table.sheet.rows[table.row]
    table.births.sort(key=lambda place: heading_kind(_plain(typed[place])) != "birth_year")
    del table.births[1:]


# --- who is who


class _People:
    """The patients of all tables: ids that stand in one row are one patient's, whose best id makes the pseudonym."""

    def __init__(self, tables: Sequence[_Table], key: bytes) -> None:
        self._key = key
        self._same: dict[str, str] = {}
        self._pseudonyms: dict[str, str] = {}
        self.names: dict[str, set[str]] = defaultdict(set)
        self.seen: set[str] = set()
        for table in tables:
            self._check_rounded(table)
            for _, row in table.rows():
                self._link(table.normal_ids(row))
        self._best = self._choose(tables)
        for table in tables:
            self._learn_names(table)

    def pseudonym(self, id_: str) -> str:
        """The pseudonym of the patient who has a normalised id."""
        best = self._best[self._root(id_)]
        if best not in self._pseudonyms:
            self._pseudonyms[best] = pseudonym(self._key, best)
        self.seen.add(self._pseudonyms[best])
        return self._pseudonyms[best]

    def _root(self, id_: str) -> str:
        while (other := self._same.get(id_, id_)) != id_:
            id_ = other
        return id_

    def _link(self, ids: Sequence[str]) -> None:
        for other in ids[1:]:
            first, second = self._root(ids[0]), self._root(other)
            if first != second:
                self._same[second] = first

    def _choose(self, tables: Sequence[_Table]) -> dict[str, str]:
        """Of each patient the best id; two of the best kind are two patients."""
        best: dict[str, str] = {}
        for again in (False, True):
            for table in tables:
                for number, row in table.rows():
                    for id_ in table.normal_ids(row):
                        chosen = best.setdefault(self._root(id_), id_)
                        if _kind(id_) < _kind(chosen):
                            best[self._root(id_)] = id_
                        elif again and _kind(id_) == _kind(chosen) and id_ != chosen:
                            raise _contradiction(table.sheet, number)
        return best

    def _learn_names(self, table: _Table) -> None:
        for _, row in table.rows():
            ids = table.normal_ids(row)
            for place in table.names if ids else ():
                words = re.findall(r"[^\W\d_]+", text(row[place]).casefold()) if place < len(row) else []
                names = {word for word in words if len(word) >= _SHORTEST_NAME and not is_title(word)}
                self.names[self._root(ids[0])] |= names

    def names_of(self, id_: str) -> set[str]:
        """The words of the names that any sheet gives the patient who has a normalised id."""
        return self.names.get(self._root(id_), set())

    @staticmethod
    def _check_rounded(table: _Table) -> None:
        for number, row in table.rows():
            for place in table.ids:
                if place < len(row) and read_id(row[place]) is None:
                    raise InputRejected(
                        "Excel has rounded the patient ids: two patients may have become one.",
                        where=f"{_place(table.sheet, number)}, column {letter(place)}",
                        remedy="Format the column as text and export it again.",
                        code="ID_ROUNDED",
                    )


def _kind(id_: str) -> int:
    return KINDS.index(id_.partition(":")[0])


def _place(sheet: Sheet, row: int) -> str:
    """Where a row is; names of files and sheets may name a person, so only known ones are shown."""
    return f"the sheet {_TABLES.get(squash(sheet.name), 'whose name is no known one')}, row {row + 1}"


def _contradiction(sheet: Sheet, row: int) -> InputRejected:
    return InputRejected(
        "The ids of this row belong to two different patients elsewhere in the file.",
        where=_place(sheet, row),
        remedy="Correct the row, or leave out the column of ids that is wrong.",
        code="IDS_CONTRADICT",
    )


# --- the copy of a sheet


class _Copier:
    """Copies tables row by row, and counts the cells that it empties."""

    def __init__(self, people: _People) -> None:
        self._people = people
        self.blanked = 0

    def copy(self, table: _Table) -> CopySheet:
        """The table under its headings; above them only dates and known words."""
        rows = [_above(row, table.sheet) for row in table.sheet.rows[: table.row]]
        places = sorted({next(iter(table.ids)), *table.births, *table.kept})
        if rows and not any(is_date(cell, table.sheet.origin) for cell in rows[-1]):
            # the names of groups stand over their columns
            above = rows[-1] + [""] * (max(places) + 1 - len(rows[-1]))
            rows[-1] = [above[place] for place in places]
        rows.append([_new_heading(table, place) for place in places])
        names: set[str] = set()
        for _, row in table.rows():
            ids = table.normal_ids(row)
            # a row without an id may go on with the patient above
            names = self._people.names_of(ids[0]) if ids else names
            rows.append([] if _is_footer(table, row) else self._row(table, (row, ids), places, names))
        width = len(table.sheet.rows[table.row])
        return CopySheet(table.sheet.name, rows, tuple(letter(place) for place in range(width) if place not in places))

    def _row(
        self, table: _Table, row: tuple[Sequence[Cell], Sequence[str]], places: Sequence[int], names: set[str]
    ) -> list[Cell]:
        cells, ids = row
        out: list[Cell] = []
        for place in places:
            cell = cells[place] if place < len(cells) else ""
            if place in table.ids:
                out.append(self._people.pseudonym(ids[0]) if ids else "")
            elif place in table.births:
                out.append(_year(cell, table.sheet.origin))
            else:
                coded = "code" in table.kept[place].casefold() or "snomed" in table.kept[place].casefold()
                out.append(self._kept(cell, table.sheet.origin, names, coded))
        return out

    def _kept(self, cell: Cell, origin: date, names: set[str], coded: bool) -> Cell:
        if cell == "" or (isinstance(cell, str) and read_date(cell, origin) is not None):
            return cell
        typed = text(cell)
        words = set(re.findall(r"[^\W\d_]+", typed.casefold())) if names else set()
        if words & names or not _is_clean(typed, coded):
            self.blanked += 1
            return ""
        return cell


@lru_cache(maxsize=65536)
def _is_clean(typed: str, coded: bool) -> bool:
    """Whether a text holds no person's details; in a column of codes a bare number is none."""
    found = [hit for hit in find(typed) if hit.kind != "ten_digits"]
    return not found or (coded and typed.isdigit())


def _above(row: Sequence[Cell], sheet: Sheet) -> list[Cell]:
    labels = _words()["labels"]
    return [cell if is_date(cell, sheet.origin) or squash(text(cell)) in labels else "" for cell in row]


def is_date(cell: Cell, origin: date) -> bool:
    """Whether a cell of the rows above a table is a date, with a time or without, and not a mere number."""
    return is_full_date(cell, origin) and not isinstance(cell, int | float)


def _new_heading(table: _Table, place: int) -> str:
    if place in table.ids:
        return "patient_id"
    return "year_of_birth" if place in table.births else _plain(table.sheet.rows[table.row][place])


def _is_footer(table: _Table, row: Sequence[Cell]) -> bool:
    cells = [text(row[place]) for place in table.ids if place < len(row)]
    return any(map(may_be_footer, cells))


def _year(cell: Cell, origin: date) -> Cell:
    """The year of a date of birth; "" when there is none, or only two digits of it."""
    if isinstance(cell, date):
        return cell.year
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return ""
    found = _YEAR.search(text(cell))
    if found:
        return int(found[0])
    serial = isinstance(cell, int | float) and is_full_date(cell, origin)
    return (origin + timedelta(days=int(cell))).year if serial else ""


def _about(sheet: Sheet) -> CopySheet:
    """Of About the keys of the contract, with a date or a text that names nobody."""
    keys = set(map(squash, ABOUT_KEYS))
    rows: list[list[Cell]] = [[] for _ in sheet.rows]
    for row, _, key, cell in pairs(sheet):
        if squash(key) in keys and not _names(cell):
            rows[row] = [key, cell]
    return CopySheet(_ABOUT, rows)


def _names(cell: Cell) -> bool:
    return isinstance(cell, str) and (is_named(cell) or any(hit.kind != "ten_digits" for hit in find(cell)))
