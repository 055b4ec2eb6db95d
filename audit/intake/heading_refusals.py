"""What is said when headings do not tell which column is which field: what was found, and the command that tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

from audit.errors import InputRejected, UsageError
from audit.intake.cells import Sheet, letter
from audit.intake.heading_map import HeadingMap, Pair
from audit.intake.heading_match import SEARCHED_ROWS, Heading, lacking
from audit.intake.heading_words import MAPPED, Words, plain, reason_of, split_group
from audit.intake.words import squash

_LISTED: Final = 30
WIDTH: Final = 40
#: With fewer headings recognised, a row may be data, and its cells are not printed.
_SURELY_HEADINGS: Final = 2
#: So alike are "patinetid" and "patientid", "dte" and "date"; "rate" and "date" are not.
_ALIKE: Final = 0.8
_SHORTEST: Final = 3
#: "Inj 1", "Inj 2", "Inj 3"
_NUMBERED: Final = re.compile(r"(\D*[^\W\d_]\D*)\d{1,2}")
_FEWEST_ABREAST: Final = 3


def check_heading(sheet: Sheet, heading: Heading, words: Words, asked: HeadingMap, tables: Sequence[str]) -> None:
    """Refuse a sheet whose headings leave a field in doubt.

    Raises:
        InputRejected: a column is missing, stands twice, or two columns may be one field.
        UsageError: the user gave a heading that this sheet lacks, or one that is never taken.
    """
    for name, pair in asked.wanted(tables).items():
        _check_pair(sheet, heading, words, name, pair)
    for name, columns in heading.contested.items():
        if len({squash(heading.full_name(place)) for place in columns}) == 1:
            raise _twice(sheet, heading, name, columns)
    missing = [name for name in lacking(heading, words.required) if name not in heading.contested]
    if missing or heading.contested:
        refused = injections_abreast(sheet, heading) if "date" in missing else None
        raise refused or unsure(sheet, heading, words, asked) or _columns_missing(sheet, heading, missing)


def _check_pair(sheet: Sheet, heading: Heading, words: Words, name: str, pair: Pair) -> None:
    never = reason_of(words.never, pair.heading)
    if never and never[0] == name and heading.how.get(name) == MAPPED:
        raise InputRejected(
            f"The column {_shown(pair.heading)} is never read as {name}: {never[1]}.",
            where=f"{sheet.file}, sheet {sheet.name}, row {heading.row + 1}",
            remedy=_EXPORT,
            code="HEADING_NEVER",
        )
    if pair.table and pair.heading and heading.how.get(name) != MAPPED:
        where = f"{sheet.file}, sheet {sheet.name}, row {heading.row + 1}"
        raise heading_unknown(pair, found_headings(heading), where)


_EXPORT: Final = (
    "Export every issue with its own date (EMIS: Medication Issues, Date of Issue, without 'Latest 1'; SystmOne: all "
    "issues in the breakdown)."
)


def heading_unknown(pair: Pair, choices: str, where: str) -> UsageError:
    """The refusal of a pair whose heading stands nowhere."""
    what = f"No column has the heading that is given for {pair.name}, {_shown(pair.heading)}."
    remedy = f"Give one of the headings found: {choices}." if choices else "Give a heading as it stands in the file."
    return UsageError(what, where=where, remedy=remedy, code="MAP_HEADING_UNKNOWN")


def unsure(sheet: Sheet, heading: Heading, words: Words, asked: HeadingMap) -> InputRejected | None:
    """The refusal that proposes columns for the fields in doubt; None when no column comes into question."""
    if len(heading.how) < _SURELY_HEADINGS:
        heading = _misspelt_row(sheet, words) or heading
    doubts: list[str] = []
    proposed: list[Pair] = []
    for name, columns in heading.contested.items():
        listed = joined(f"{_shown(heading.full_name(place))} ({letter(place)})" for place in columns)
        doubts.append(f"{listed} may each be {name}")
        proposed.append(Pair("", name, heading.full_name(columns[0])))
    for name in _missing(heading, words):
        near = candidates(heading, words, name)
        doubts += [_doubt(heading, place, name, why) for place, why in near]
        proposed += [Pair("", name, heading.full_name(place)) for place, _ in near[:1]]
    doubts = [*_barred(heading, words), *doubts]
    named = {*heading.how, *(pair.field for pair in proposed)}
    if not doubts or len(named) < _SURELY_HEADINGS:
        return None
    return _refusal(sheet, heading, words, doubts, asked.command(proposed) if proposed else "")


def may_be_whole(sheet: Sheet, heading: Heading, words: Words) -> bool:
    """Whether some column comes into question for every required field."""
    if len(heading.how) < _SURELY_HEADINGS:
        heading = _misspelt_row(sheet, words) or heading
    barred = {never[0] for typed in heading.names if typed and (never := reason_of(words.never, typed))}
    return all(name in barred or candidates(heading, words, name) for name in _missing(heading, words))


def _missing(heading: Heading, words: Words) -> list[str]:
    return [name for name in lacking(heading, words.required) if name not in heading.contested]


def _refusal(sheet: Sheet, heading: Heading, words: Words, doubts: Sequence[str], command: str) -> InputRejected:
    missing = _missing(heading, words)
    lacks = f"No heading says for certain which column is {joined(missing, 'or')}. " if missing else ""
    proposal = f"If the proposal is right:  {command}" if command else _EXPORT
    return InputRejected(
        f"{lacks}{'; '.join(doubts)}. Headings found: {_listed(heading)}.",
        where=f"{sheet.file}, sheet {sheet.name}, row {heading.row + 1}",
        remedy=proposal,
        code="HEADING_UNSURE",
    )


def _doubt(heading: Heading, place: int, name: str, why: str) -> str:
    typed = f"{_shown(heading.full_name(place))} ({letter(place)})"
    return f"{typed} may be {name}, but {why}" if why else f"{typed} may be {name}"


def _barred(heading: Heading, words: Words) -> list[str]:
    """What stands where a required field is missing and is never taken for it, with the reason."""
    found = [(place, reason_of(words.never, typed)) for place, typed in enumerate(heading.names) if typed]
    return [
        f"{_shown(heading.names[place])} ({letter(place)}) is not read as {never[0]}: {never[1]}"
        for place, never in found
        if never and never[0] in _missing(heading, words)
    ]


# --- what comes near


def candidates(heading: Heading, words: Words, name: str) -> list[tuple[int, str]]:
    """The free columns that may be a field, the likeliest first, each with what speaks against it, if anything."""
    used = {*heading.places.values(), *(place for columns in heading.contested.values() for place in columns)}
    free = [(place, typed) for place, typed in enumerate(heading.names) if typed and place not in used]
    free = [(place, typed) for place, typed in free if not reason_of(words.never, typed)]
    near = sorted(((likeness(typed, words, name), place) for place, typed in free), key=lambda pair: -pair[0])
    hinted = [(place, hint[1]) for place, typed in free if (hint := reason_of(words.hints, typed)) and hint[0] == name]
    return [*((place, "") for score, place in near if score), *hinted]


def _misspelt_row(sheet: Sheet, words: Words) -> Heading | None:
    """The row with the most headings that are known or come near one, if it has two or more."""
    best, most = None, _SURELY_HEADINGS - 1
    for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        names = tuple(map(plain, row))
        places = {found[0]: place for place, typed in enumerate(names) if (found := words.read(typed))}
        near = [name for name in words.required if name not in places and any(likeness(t, words, name) for t in names)]
        if len(places) + len(near) > most:
            how = {name: words.read(names[place]) or ("", 0) for name, place in places.items()}
            strengths = {name: strength for name, (_, strength) in how.items()}
            best, most = Heading(number, places, names, ("",) * len(names), strengths), len(places) + len(near)
    return best


def likeness(typed: str, words: Words, name: str) -> float:
    """How much a heading looks like one of a field's that is misspelt; 0 when it looks like none."""
    forms = {squash(typed), squash(split_group(typed)[1])}
    # a heading that is known is not misspelt
    if any(len(form) < _SHORTEST or form in words.known or form in words.hints for form in forms):
        return 0.0
    scores = (_ratio(form, known) for form in forms for known in words.spellings(name))
    return max((score for score in scores if score > _ALIKE), default=0.0)


def _ratio(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    close = matcher.real_quick_ratio() > _ALIKE and matcher.quick_ratio() > _ALIKE
    return matcher.ratio() if close else 0.0


# --- the rest


def injections_abreast(sheet: Sheet, heading: Heading) -> InputRejected | None:
    """The refusal of one row for each patient: three headings or more differ by a number only; else None."""
    numbered: dict[str, list[str]] = {}
    for name in heading.names:
        if found := _NUMBERED.fullmatch(name):
            numbered.setdefault(squash(found[1]), []).append(name)
    alike = max(numbered.values(), key=len, default=[])
    if len(alike) < _FEWEST_ABREAST:
        return None
    return InputRejected(
        "The sheet seems to have one row for each patient, with the injections side by side: "
        f"{', '.join(map(_shown, alike[:_FEWEST_ABREAST]))} and so on.",
        where=f"{sheet.file}, sheet {sheet.name}, row {heading.row + 1}",
        remedy="Make it one row for each injection: patient_id, date, drug. For a workbook with these columns:  "
        "b12audit template",
        code="INJECTIONS_ABREAST",
    )


def _twice(sheet: Sheet, heading: Heading, name: str, columns: Sequence[int]) -> InputRejected:
    second = f"{letter(columns[1])}{heading.row + 1}"
    typed = name if squash(heading.names[columns[0]]) == squash(name) else _shown(heading.names[columns[0]])
    return InputRejected(
        f"Two columns have the heading {typed}.",
        where=f"{sheet.address(heading.row, columns[0])} and {second}",
        remedy="Delete or rename the column that is not meant.",
        code="COLUMN_TWICE",
    )


def _columns_missing(sheet: Sheet, heading: Heading, missing: Sequence[str]) -> InputRejected:
    names = "column" if len(missing) == 1 else "columns"
    if not heading.places:
        what = f"No heading row with the {names} {', '.join(missing)} among the first {SEARCHED_ROWS} rows."
        where = f"{sheet.file}, sheet {sheet.name}"
    else:
        what = f"The {names} {', '.join(missing)} cannot be found. Headings found: {found_headings(heading)}."
        where = f"{sheet.file}, sheet {sheet.name}, row {heading.row + 1}"
    remedy = 'Give the columns these headings, in any order, or say which they are: --map FIELD="Heading".'
    return InputRejected(what, where=where, remedy=remedy, code="COLUMNS_MISSING")


def found_headings(heading: Heading) -> str:
    """The headings of a row; of one that may be data only those that are known."""
    return ", ".join(heading.how) if len(heading.how) < _SURELY_HEADINGS else _listed(heading)


def _listed(heading: Heading) -> str:
    return ", ".join([name[:WIDTH] for name in heading.names if name][:_LISTED])


def _shown(typed: str) -> str:
    return f'"{typed[:WIDTH]}"'


def joined(names: Iterable[str], word: str = "and") -> str:
    """Names as a sentence has them: "a, b and c"."""
    listed = list(names)
    return f" {word} ".join(filter(None, (", ".join(listed[:-1]), *listed[-1:])))
