"""The gate: a file that looks identifiable is refused before anything of it is read further, quoted or kept.

Columns are judged, not cells: a random ten-digit number passes the NHS check 1 time in 11, a column of them never does.
Every sheet and every column counts, used or not. What is said names places and counts, never what stands there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import Final

from audit.errors import IdentifiableData
from audit.intake.cells import Cell, Sheet, letter, text
from audit.intake.dates import read_date
from audit.intake.extract import Finding
from audit.intake.headings import SEARCHED_ROWS, known_headings
from audit.intake.identifiers import (
    Hit,
    find,
    heading_kind,
    is_issued,
    is_named,
    is_outward,
    is_person_like,
    is_postcode,
    is_title,
    mask,
    names_somebody,
    pass_check,
)
from audit.intake.values import BIRTH_YEARS
from audit.intake.words import BLANK_WORDS

#: From so many ten-digit numbers on, half of them passing the check make a column of NHS numbers.
_NUMBERS, _DIGITS = 5, 10
#: From so many different ones on, what looks like a person's is no stray any more.
_SEVERAL = 3
#: Of a column's different cells so many in a hundred must look like names, and have a common forename.
_NAMES_PERCENT, _FORENAMES_PERCENT, _FEWEST_NAMES = 80, 30, 2
_HEADINGS_OF_A_ROW = 2
_LISTED = 8
_WIDTH = 40

_WORDS: Final = {
    "number": "NHS, CHI or H&C numbers",
    "local": "numbers of the clinical system or a hospital",
    "name": "names",
    "person": "names",
    "title": "titles of persons",
    "birth": "dates of birth",
    "postcode": "postcodes",
    "address": "addresses",
    "telephone": "telephone numbers",
    "email": "e-mail addresses",
    "staff": "names of staff",
    "heading": "headings with a person's details",
}
_STRAY: Final = {
    "number": "an NHS, CHI or H&C number",
    "person": "a person's name",
    "birth": "a full date of birth",
    "postcode": "a postcode",
    "telephone": "a telephone number",
    "email": "an e-mail address",
    "staff": "a name of staff",
}
_REDACTED = re.compile(r"(?:[x*.#?_-]+|removed|redacted|withheld|anonymised|\[removed\])", re.IGNORECASE)
_FULL_DATE = re.compile(r"\d{1,4}[ ./-]+(?:\d{1,2}|[a-z]{3,9})[ ,./-]+\d{2,4}(?:[ T]\d.*)?", re.IGNORECASE)
_FILE_NAME: Final = "the file's name"
#: Endings of FHIR resources, whose copy is tables.
_COPIED_AS_WORKBOOK: Final = (".ndjson", ".json")
_LAST_SERIAL = 60_000
_QUOTES = " =\"'\t\xa0\ufeff\u200b"
#: Of the same length, so that places in the text stay what they are.
_SAME_LENGTH = (("\xa0", " "), ("\u202f", " "), ("\u2010", "-"), ("\u2011", "-"), ("\u2013", "-"))


@dataclass(frozen=True, slots=True)
class Aside:
    """Text of a workbook that stands in no cell.

    Attributes:
        place: what it is and where, as messages print it: "comment", "header or footer".
        text: what it says; never printed.
        strict: a single hit is enough to refuse.
    """

    place: str
    text: str
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Suspect:
    """A column that may identify people.

    Attributes:
        kind: a key of the words that messages use.
        column: its place, from 0.
        row: of the first such cell, from 0.
        cells: how many cells.
        refused: False for strays, which are only warned of.
    """

    kind: str
    column: int
    row: int
    cells: int
    refused: bool


def check_identity(
    sheets: Sequence[Sheet],
    file_name: str,
    hidden: Sequence[Sheet] = (),
    asides: Sequence[Aside] = (),
    details: Sequence[str] = (),
    given: Path | None = None,
) -> tuple[Finding, ...]:
    """Refuse what looks identifiable; of single strays give findings.

    Args:
        sheets: every sheet of the input, the ignored ones too.
        file_name: the input's name, a folder's for a folder.
        hidden: hidden sheets, where a single stray is enough.
        asides: comments, headers, properties, as `asides.read_asides` gives them.
        details: places that are known to hold a person's details, because their format says so.
        given: where the input stands, as it was typed, for the command that makes a copy without them.

    Returns:
        Findings of severity warning, with the first cell of each kind in each column, never its value.

    Raises:
        IdentifiableData: with columns and counts of cells.
    """
    found = [(sheet, suspect) for sheet in sheets for suspect in suspects(sheet)]
    found += [
        (sheet, replace(suspect, refused=True)) for sheet in hidden for suspect in suspects(sheet) if _counts(suspect)
    ]
    elsewhere = [*_bad_names([*sheets, *hidden], file_name), *details, *_bad_asides(asides)]
    refused = [(sheet, suspect) for sheet, suspect in found if suspect.refused]
    if refused or elsewhere:
        raise _identifiable(refused, elsewhere, (file_name, given))
    return (*(_warning(sheet, suspect) for sheet, suspect in found), *_aside_warnings(asides, file_name))


def _counts(suspect: Suspect) -> bool:
    return suspect.kind != "staff"


# --- columns


def suspects(sheet: Sheet) -> Iterator[Suspect]:
    """The columns of a sheet that may identify people, each with what it looks like."""
    for place, cells in enumerate(
        zip_longest(*sheet.rows, fillvalue="") if sheet.delimited else zip(*sheet.rows, strict=False)
    ):
        yield from _judge(_Cells(place, cells, sheet.origin))
    yield from _bad_headings(sheet)


class _Cells:
    """One column of raw cells, and its distinct ones that are not blank."""

    def __init__(self, place: int, cells: Sequence[Cell], origin: date) -> None:
        self.place, self.cells, self.origin = place, cells, origin
        self.distinct: list[Cell] = [cell for cell in dict.fromkeys(cells) if cell != ""]
        #: every text, and every whole number long enough to be an NHS number that lost its leading zero
        typed = [(cell, said) for cell in self.distinct if (said := _said(cell))]
        #: cells that are ten digits and nothing else; there may be as many as patients
        self.bare = [pair for pair in typed if len(pair[1]) == _DIGITS and pair[1].isascii() and pair[1].isdigit()]
        self.typed = (
            [pair for pair in typed if len(pair[1]) != _DIGITS or not pair[1].isdigit()] if self.bare else typed
        )

    def suspect(self, kind: str, of: Sequence[Cell], refused: bool) -> Suspect:
        wanted = set(of)
        count = Counter(self.cells)
        row = next(row for row, cell in enumerate(self.cells) if cell in wanted)
        return Suspect(kind, self.place, row, sum(count[cell] for cell in wanted), refused)

    def hits(self) -> list[tuple[Cell, Hit, bool]]:
        """Every hit with its cell, and whether it is all that the cell says; all texts are searched at once."""
        joined = "\n".join(said for _, said in self.typed)
        if not joined.isascii():
            for odd, plain in _SAME_LENGTH:
                joined = joined.replace(odd, plain)
        found = find(joined)
        if not found:
            return []
        starts = [0, *accumulate(len(said) + 1 for _, said in self.typed)]
        out = []
        for hit in found:
            cell, said = self.typed[bisect_right(starts, hit.start) - 1]
            out.append((cell, hit, hit.end - hit.start == len(said.strip(_QUOTES))))
        return out


def _said(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    # CHI numbers begin with the day of birth: as numbers many have nine digits
    whole = (
        isinstance(cell, int | float) and not isinstance(cell, bool) and 10**8 <= cell < 10**10 and cell == int(cell)
    )
    return f"{int(cell):010d}" if whole else ""  # type: ignore[arg-type]  # a number, as tested above


def _judge(column: _Cells) -> Iterator[Suspect]:
    heading = _judge_heading(column)
    if heading and heading.refused:
        yield heading
        return
    named = _judge_names(column)
    found = list(_judge_patterns(column, column.hits()))
    if heading:  # staff: their names are said once
        named, found = None, [suspect for suspect in found if suspect.kind not in ("person", "staff")]
        yield heading
    yield from found
    if named:
        yield named


def _judge_patterns(column: _Cells, hits: Sequence[tuple[Cell, Hit, bool]]) -> Iterator[Suspect]:
    numbers = [one for one in hits if one[1].kind in ("number", "ten_digits")]
    if numbers or column.bare:
        yield from _numbers(column, numbers)
    for kind in ("postcode", "telephone", "email", "person", "staff") if hits else ():
        yield from _patterns(column, kind, [one for one in hits if one[1].kind == kind])


def _numbers(column: _Cells, hits: Sequence[tuple[Cell, Hit, bool]]) -> Iterator[Suspect]:
    """A column of NHS numbers; or a few that are nothing but such; or strays in text."""
    passed = pass_check([digits for _, digits in column.bare])
    bare = [pair for pair, passes in zip(column.bare, passed, strict=True) if passes]
    passing = [*bare, *((cell, hit.value) for cell, hit, _ in hits if pass_check([hit.value])[0])]
    if not passing:
        return
    cells = [cell for cell, _ in passing]
    count = len(column.bare) + len({hit.value for _, hit, _ in hits})
    mostly = 2 * len({digits for _, digits in passing}) >= count
    if (count >= _NUMBERS and mostly) or (count < _NUMBERS and _only_numbers(column, hits)):
        yield column.suspect("number", cells, True)
        return
    strays = [(cell, hit.value) for cell, hit, _ in hits if hit.kind == "number"]
    if count == len(bare) == 1 and is_issued(bare[0][1]):
        strays += bare
    if strays:
        several = mostly and len({digits for _, digits in strays}) >= _SEVERAL
        yield column.suspect("number", [cell for cell, _ in strays], several)


def _only_numbers(column: _Cells, hits: Sequence[tuple[Cell, Hit, bool]]) -> bool:
    """Whether the few numbers were all given to somebody and stand alone; a single one must be written 3-3-4."""
    alone = all(whole and hit.kind == "number" for _, hit, whole in hits)
    given = all(is_issued(digits) for _, digits in column.bare)
    return alone and given and (len(hits) + len(column.bare) > 1 or bool(hits))


def _patterns(column: _Cells, kind: str, hits: Sequence[tuple[Cell, Hit, bool]]) -> Iterator[Suspect]:
    sure = [(cell, hit) for cell, hit, whole in hits if hit.sure or (kind == "telephone" and not whole)]
    whole = {cell for cell, _, whole in hits if whole}
    mostly = 2 * len(whole) >= len(column.distinct)
    if kind != "staff" and (
        len({hit.value for _, hit in sure}) >= _SEVERAL or (mostly and whole and (sure or len(whole) >= _SEVERAL))
    ):
        yield column.suspect(kind, [cell for cell, _, _ in hits], True)
    elif sure:
        yield column.suspect(kind, [cell for cell, _ in sure], False)


def _judge_names(column: _Cells) -> Suspect | None:
    """A column of names whatever its heading: nearly all look like one, and many begin with a common forename."""
    typed = [cell for cell in column.distinct if isinstance(cell, str)]
    # most columns are decided by a few of their cells
    sample = typed[:200]
    if len(typed) < _FEWEST_NAMES or not any(is_named(cell.strip()) for cell in sample):
        return None
    names = [cell for cell in typed if is_person_like(cell.strip())]
    named = sum(is_named(cell.strip()) for cell in names)
    # the heading is no name
    enough = 100 * len(names) >= _NAMES_PERCENT * (len(column.distinct) - 1)
    if enough and len(names) >= _FEWEST_NAMES and 100 * named >= _FORENAMES_PERCENT * len(names):
        return column.suspect("name", names, True)
    return None


# --- headings


_kind_of_heading = lru_cache(maxsize=4096)(heading_kind)


def _judge_heading(column: _Cells) -> Suspect | None:
    """The column when a heading says what it is, and something of the kind stands below."""
    for row, cell in enumerate(column.cells[:SEARCHED_ROWS]):
        kind = _kind_of_heading(cell) if isinstance(cell, str) and len(cell) < 2 * _WIDTH else None
        if kind is None:
            continue
        below = [one for one in dict.fromkeys(column.cells[row + 1 :]) if _is_value(one)]
        found = [one for one in below if _ACCEPTS[kind](one, column.origin)]
        if kind == "bare_name" and 2 * len(found) < len(below):
            continue
        if found:
            refused = kind != "staff" and (kind != "birth_year" or len(found) > 1 or len(below) == 1)
            return column.suspect(_SHOWN.get(kind, kind), found, refused)
    return None


_SHOWN = {"bare_name": "name", "birth_year": "birth"}


def _is_value(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return True
    typed = text(cell)
    if typed.casefold() in BLANK_WORDS or _REDACTED.fullmatch(typed):
        return False
    return _kind_of_heading(typed) is None and not known_headings([typed])


def _has_digit(cell: Cell, _origin: date) -> bool:
    return re.search(r"\d", text(cell)) is not None


def _has_letter(cell: Cell, _origin: date) -> bool:
    return isinstance(cell, str) and re.search(r"[^\W\d_]", cell) is not None


def is_full_date(cell: Cell, origin: date) -> bool:
    """Whether a cell holds a day, not only a year."""
    if isinstance(cell, date | datetime):
        return True
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return False
    if isinstance(cell, int | float):
        return BIRTH_YEARS.stop <= cell < _LAST_SERIAL
    typed = " ".join(text(cell).split())
    return _FULL_DATE.fullmatch(typed) is not None or read_date(typed, origin) is not None


def _a_postcode(cell: Cell, _origin: date) -> bool:
    return is_postcode(text(cell)) or (_has_digit(cell, _origin) and not is_outward(text(cell)))


def _a_telephone(cell: Cell, _origin: date) -> bool:
    return len(re.findall(r"\d", text(cell))) >= _NUMBERS


def _a_bare_name(cell: Cell, _origin: date) -> bool:
    typed = text(cell)
    return is_person_like(typed) or is_named(f"{typed} {typed}")


_ACCEPTS: Final[dict[str, Callable[[Cell, date], bool]]] = {
    "number": lambda cell, _: len(re.findall(r"\d", text(cell))) > _NUMBERS,
    "local": _has_digit,
    "name": _has_letter,
    "bare_name": _a_bare_name,
    "title": lambda cell, _: is_title(text(cell)),
    "birth": is_full_date,
    "birth_year": is_full_date,
    "postcode": _a_postcode,
    "address": _has_letter,
    "telephone": _a_telephone,
    "email": lambda cell, _: "@" in text(cell),
    "staff": _has_letter,
}


def _bad_headings(sheet: Sheet) -> Iterator[Suspect]:
    """Headings that hold a person's details themselves; messages would quote them."""
    row = heading_row(sheet)
    if row is not None:
        for place, cell in enumerate(sheet.rows[row]):
            if isinstance(cell, str) and names_somebody(cell):
                yield Suspect("heading", place, row, 1, True)


def heading_row(sheet: Sheet) -> int | None:
    """The row (from 0) with the most headings that are known, if any has two or more."""
    best, most = None, _HEADINGS_OF_A_ROW - 1
    for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        typed = [cell for cell in row if isinstance(cell, str) and cell and len(cell) < 2 * _WIDTH]
        count = len(known_headings(typed)) + sum(_kind_of_heading(cell) is not None for cell in typed)
        if count > most:
            best, most = number, count
    return best


# --- beside the cells


def _bad_names(sheets: Sequence[Sheet], file_name: str) -> list[str]:
    places = []
    if any(map(is_bad_file, {file_name, *(sheet.file for sheet in sheets)})):
        places.append(_FILE_NAME)
    places += [
        f"the name of sheet {number}"
        for number, sheet in enumerate(sheets, 1)
        if not sheet.delimited and names_somebody(sheet.name)
    ]
    return places


def is_bad_file(name: str) -> bool:
    """Whether a file's name, or that of its folder, holds a person's details; its ending is none of them."""
    stem = name.rpartition(".")[0] or name
    return any(names_somebody(part) for part in (stem, *stem.split("/")))


def _aside_hits(aside: Aside) -> set[str]:
    return {hit.value for hit in find(aside.text) if hit.kind not in ("ten_digits", "staff") and _is_sure(hit)}


def _is_sure(hit: Hit) -> bool:
    return hit.sure or hit.kind == "number"


def _bad_asides(asides: Sequence[Aside]) -> list[str]:
    hits: dict[tuple[str, bool], set[str]] = {}
    for aside in asides:
        hits.setdefault((aside.place, aside.strict), set()).update(_aside_hits(aside))
    return [place for (place, strict), values in hits.items() if len(values) >= (1 if strict else _SEVERAL)]


def _aside_warnings(asides: Sequence[Aside], file_name: str) -> Iterator[Finding]:
    places = dict.fromkeys(aside.place for aside in asides if _aside_hits(aside))
    for place in places:
        message = f"What looks like a person's details stands in {place}. Check it before the file is passed on."
        yield Finding("warning", "IDENTIFIER_SUSPECTED", message, file_name)


# --- what is said


def safe_name(name: str) -> str:
    """The name of a file or sheet as messages may print it."""
    return "(name not shown)" if names_somebody(name) or is_bad_file(name) else mask(name)


def _warning(sheet: Sheet, suspect: Suspect) -> Finding:
    more = f" {suspect.cells:,} cells of the column do." if suspect.cells > 1 else ""
    message = f"The cell looks as if it held {_STRAY[suspect.kind]}.{more} If it is a patient's, remove it."
    place = (sheet.file, sheet.name, suspect.row + 1, letter(suspect.column))
    return Finding("warning", "IDENTIFIER_SUSPECTED", message, *place)


def _identifiable(
    refused: Sequence[tuple[Sheet, Suspect]], elsewhere: Sequence[str], of: tuple[str, Path | None]
) -> IdentifiableData:
    file_name, given = of
    listed = [
        f"{_WORDS[suspect.kind]} ({_place(sheet, suspect)}, {suspect.cells:,} cell{'s' * (suspect.cells > 1)})"
        for sheet, suspect in refused
    ]
    listed += [f"a person's details ({place})" for place in elsewhere]
    more = f"; and {len(listed) - _LISTED} more places" if len(listed) > _LISTED else ""
    what = f"The file looks like identifiable data: {'; '.join(listed[:_LISTED])}{more}."
    remedy = _remedy(elsewhere, given or Path(file_name))
    return IdentifiableData(what, where=safe_name(file_name), remedy=remedy, code="IDENTIFIABLE")


def _place(sheet: Sheet, suspect: Suspect) -> str:
    inside = f"sheet {safe_name(sheet.name)[:_WIDTH]}, column {letter(suspect.column)}"
    return f"{inside}, row {suspect.row + 1}" if suspect.kind == "heading" else inside


def _remedy(elsewhere: Sequence[str], given: Path) -> str:
    if _FILE_NAME in elsewhere:
        return "Give the file a name without a person's details, and remove such columns."
    copied = ".xlsx" if given.suffix.lower() in _COPIED_AS_WORKBOOK else given.suffix
    out = given.with_name(f"{given.stem}-pseudonymised{copied}") if given.name else Path("pseudonymised")
    # folders above the file may be named after a person
    named = {"IN": str(given), "OUT": str(out)}
    shown = [f'"{place}"' if safe_name(place) == place else name for name, place in named.items()]
    return (
        "Remove what is named above, or write a copy without it:  "
        f"b12audit pseudonymise {' '.join(shown)} --key-file ~/b12audit-key/practice.key --new-key"
    )


# --- strays are read no further


def without_strays(sheets: Sequence[Sheet], findings: Sequence[Finding]) -> list[Sheet]:
    """The sheets with every stray that `check_identity` warned of replaced, so that nothing downstream can quote it.

    A cell that is nothing but a ten-digit number stays: it may be a patient's pseudonym.
    """
    columns: dict[tuple[str, str], set[str]] = {}
    for finding in findings:
        if finding.code == "IDENTIFIER_SUSPECTED" and finding.column:
            columns.setdefault((finding.file, finding.sheet), set()).add(finding.column)
    return [_masked(sheet, columns.get((sheet.file, sheet.name), set())) for sheet in sheets]


def _masked(sheet: Sheet, letters: set[str]) -> Sheet:
    if not letters:
        return sheet
    rows = []
    for row in sheet.rows:
        places = [
            place for place, cell in enumerate(row) if isinstance(cell, str) and cell and letter(place) in letters
        ]
        changed = {place: _masked_cell(str(row[place])) for place in places}
        rows.append([changed.get(place, cell) for place, cell in enumerate(row)] if changed else row)
    return replace(sheet, rows=rows)


def _masked_cell(typed: str) -> str:
    whole = re.fullmatch(r"\d{10}", text(typed)) is not None
    return typed if whole else mask(typed)
