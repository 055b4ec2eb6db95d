"""What kind of list a sheet is, by its headings alone: certain, in doubt (its own reader then asks), or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from audit.intake.cells import Grid, Sheet, letter, text
from audit.intake.extract import Finding
from audit.intake.heading_map import UNMAPPED, HeadingMap, Pair
from audit.intake.heading_match import Heading, find_heading, lacking
from audit.intake.heading_words import is_age, plain, table_words
from audit.intake.headings import read_grid
from audit.intake.profiles.journal import PAIRS, journal_row, split_journal
from audit.intake.profiles.rows import live_rows, with_events
from audit.intake.profiles.wide import Wide, find_wide, read_wide, without_triples
from audit.intake.words import squash
from schemas.vocabulary import INPUT_COLUMNS, REQUIRED_COLUMNS

FLAT: Final = ("Treatments", "Patients")
TREATMENTS: Final = "Treatments"
CODES: Final = "Codes"
PROCEDURES: Final = "Procedures"
#: What the kinds are called in messages.
CALLED: Final[Mapping[str, str]] = {
    TREATMENTS: "treatments",
    CODES: "a list of coded events",
    PROCEDURES: "a list of immunisations or procedures",
    "Patients": "a list of patients",
    "Tests": "a list of tests",
    "Reviews": "a list of reviews",
}
#: The finding that medicines are named without a day.
UNDATED: Final = "ISSUES_UNDATED"
_CODED: Final = frozenset(("code", "term", "other_code", "other_term"))
#: Headings of things that are done, not found.
_DONE: Final = frozenset(
    (
        *("batch", "batchnumber", "vaccbatchnumber", "immsbatch", "site", "immssite", "injectionsite", "dosenumber"),
        *("vaccinationsite", "vaccpart", "expirydate", "batchexpiry", "procedure", "immunisation"),
    )
)
_PATIENT_FIELDS: Final = frozenset(INPUT_COLUMNS["Patients"][1:])


@dataclass(frozen=True, slots=True)
class Kind:
    """What a sheet holds.

    Attributes:
        tables: keys of `CALLED`: one, or treatments and coded events in one sheet.
        sure: False where its headings leave a doubt, which reading it will ask about.
        wide: the coded events that stand side by side, if any.
        journal: the row of the headings of a Vision journal.
    """

    tables: tuple[str, ...] = ()
    sure: bool = True
    wide: Wide | None = None
    journal: int | None = None


#: Neither a table nor a list.
NONE: Final = Kind()


def kind_of(sheet: Sheet, asked: HeadingMap = UNMAPPED) -> Kind:
    """Recognise a sheet."""
    if (row := journal_row(sheet)) is not None:
        return Kind((TREATMENTS, CODES), journal=row)
    wide = find_wide(sheet, asked)
    beside = without_triples(sheet, wide) if wide else sheet
    treatments = find_heading(beside, table_words(*FLAT), asked.wanted(FLAT))
    if not lacking(treatments, REQUIRED_COLUMNS[TREATMENTS]):
        return Kind((TREATMENTS, CODES) if wide else (TREATMENTS,), wide=wide)
    if wide:
        return Kind((CODES,), wide=wide)
    return _listed(sheet, treatments, asked)


def _listed(sheet: Sheet, treatments: Heading, asked: HeadingMap) -> Kind:
    """The kind of a sheet that is no whole table of treatments."""
    codes = find_heading(sheet, table_words(CODES), asked.wanted((CODES,)))
    named, coded = set(codes.how), bool(_CODED & set(codes.how))
    if {"patient_id", "date"} <= set(codes.places) and coded:
        return Kind((_coded_kind(codes),))
    for table in ("Tests", "Reviews"):
        if not lacking(find_heading(sheet, table_words(table)), REQUIRED_COLUMNS[table]):
            return Kind((table,))
    if "patient_id" in treatments.how and "drug" in treatments.how:
        return Kind((TREATMENTS,), sure=False)
    if coded and "patient_id" in named:
        return Kind((CODES,), sure=False)
    return Kind(("Patients",)) if _is_patients(treatments) else NONE


def _coded_kind(heading: Heading) -> str:
    names = {squash(name) for name in heading.names}
    if "test" in names:
        return "Tests"
    return PROCEDURES if "route" in heading.how or names & _DONE else CODES


def _is_patients(heading: Heading) -> bool:
    known = _PATIENT_FIELDS & set(heading.how) or any(is_age(name) for name in heading.names if name)
    return "patient_id" in heading.places and bool(known) and "date" not in heading.how


# --- reading


def read_kind(sheet: Sheet, kind: Kind, asked: HeadingMap) -> list[Grid]:
    """The tables of a sheet of a known kind.

    Raises:
        InputRejected: headings leave a doubt, or a row is too long.
        UsageError: the user gave a heading that is not there.
    """
    if kind.journal is not None:
        return _read_journal(sheet, kind.journal, asked)
    grids = []
    rest = without_triples(sheet, kind.wide) if kind.wide else sheet
    for table in kind.tables:
        if table == CODES and kind.wide:
            live, notes = live_rows(sheet, kind.wide.row)
            undated = [] if TREATMENTS in kind.tables else _undated(rest)
            grids.append(_noted(read_wide(live, kind.wide, asked), [*notes, *undated]))
        elif table in (CODES, PROCEDURES):
            grids.append(_read_codes(sheet, table, asked))
        elif table == TREATMENTS:
            grids.append(_with_groups(read_treatments(rest, FLAT, asked), sheet, asked))
        else:
            grids.append(read_grid((table,), sheet, asked))
    return grids


def read_treatments(sheet: Sheet, tables: Sequence[str], asked: HeadingMap) -> Grid:
    """A table of treatments: without rows that are marked as deleted, and with the events that its rows say.

    Raises:
        InputRejected, UsageError: as for `read_kind`.
    """
    heading = find_heading(sheet, table_words(*tables), asked.wanted(tables))
    live, notes = live_rows(sheet, heading.row)
    return _noted(with_events(read_grid(tables, live, asked), live), notes)


def _with_groups(grid: Grid, sheet: Sheet, asked: HeadingMap) -> Grid:
    """The table with its headings as the whole sheet has them: where coded events have the same, behind their group."""
    whole = find_heading(sheet, table_words(*FLAT), asked.wanted(FLAT))
    if whole.row != grid.heading_row:
        return grid
    places = {letter(place): place for place in range(len(whole.names))}
    named = {name: whole.full_name(places[grid.letter(name)]) for name in grid.headings}
    return replace(grid, headings=named)


def _read_codes(sheet: Sheet, table: str, asked: HeadingMap) -> Grid:
    heading = find_heading(sheet, table_words(table), asked.wanted((table,)))
    live, notes = live_rows(sheet, heading.row)
    return _noted(read_grid((table,), live, asked), notes)


def _read_journal(sheet: Sheet, row: int, asked: HeadingMap) -> list[Grid]:
    issues, codes, notes = split_journal(sheet, row)
    names = {squash(plain(cell)) for cell in sheet.rows[row]}
    own = tuple(pair for pair in PAIRS if squash(pair.heading) in names)
    both = replace(asked, pairs=_first_of(own, asked.pairs))
    treated = _noted(read_grid((TREATMENTS,), issues, both), notes)
    return [treated, read_grid((CODES,), codes, both)]


def _first_of(own: Sequence[Pair], asked: Sequence[Pair]) -> tuple[Pair, ...]:
    """The pairs of a journal, but what the user says comes first."""
    said = {(pair.table, pair.field) for pair in asked} | {("", pair.field) for pair in asked if not pair.table}
    return (*(pair for pair in own if not {(pair.table, pair.field), ("", pair.field)} & said), *asked)


def _undated(sheet: Sheet) -> list[Finding]:
    """Of a sheet without treatments, that it names medicines all the same."""
    heading = find_heading(sheet, table_words(*FLAT))
    if "drug" not in heading.how:
        return []
    message = "Medicines are named without a date of issue, and are not used: intervals cannot be seen."
    return [Finding("warning", UNDATED, message, sheet.file, sheet.name, heading.row + 1)]


def _noted(grid: Grid, notes: Sequence[Finding]) -> Grid:
    return replace(grid, remarks=(*notes, *grid.remarks))


# --- what cannot be audited, whatever is done to it

_PRESCRIBING: Final = frozenset(
    ("items", "actualcost", "nic", "totalquantity", "adqusage", "yearmonth", "unidentified", "netingredientcost")
)
_FEWEST: Final = 2


def is_practice_level(sheet: Sheet) -> bool:
    """Whether a sheet counts what practices prescribe, without patients: NHS Business Services' open data."""
    rows = ({squash(plain(cell)) for cell in row} for row in sheet.rows[:2])
    return any(len(_PRESCRIBING & names) >= _FEWEST for names in rows)


def is_code_list(sheet: Sheet) -> bool:
    """Whether a sheet lists codes and their terms, without patients."""
    heading = find_heading(sheet, table_words(CODES))
    return {"code", "term"} <= set(heading.how) and not {"patient_id", "date"} & set(heading.how)


def is_empty(sheet: Sheet) -> bool:
    """Whether no cell of a sheet says anything."""
    return not any(text(cell) for row in sheet.rows for cell in row)
