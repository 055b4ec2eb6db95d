"""Which sheet of a workbook holds which table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.errors import InputRejected, NothingToAudit
from audit.intake.cells import Grid, Sheet, text
from audit.intake.heading_map import UNMAPPED, HeadingMap
from audit.intake.heading_match import Heading, find_heading, lacking, stands_in
from audit.intake.heading_refusals import found_headings, heading_unknown, unsure
from audit.intake.heading_words import Words, table_words
from audit.intake.headings import read_grid
from audit.intake.preamble import Preamble, read_preamble
from audit.intake.words import squash
from schemas.vocabulary import INPUT_COLUMNS, REQUIRED_COLUMNS

_ABOUT = "About"
_TABLES = (_ABOUT, *INPUT_COLUMNS)
_FLAT = ("Treatments", "Patients")
_TREATMENT_NEEDS = REQUIRED_COLUMNS["Treatments"]
_PATIENT_FIELDS = INPUT_COLUMNS["Patients"][1:]
_NAME_WIDTH, _LISTED = 40, 20


@dataclass(frozen=True, slots=True)
class Book:
    """The tables of one input.

    Attributes:
        about: the About sheet, if any.
        grids: every table found, each sheet once; the treatments are among them.
        treatments: the table of treatments.
        patients: the grid with patients' columns: Patients, or `treatments` itself; None where there is none.
        flat: there is no Patients sheet.
        ignored: names of the sheets that are no table.
        preamble: what stands above the headings of the treatments.
    """

    about: Sheet | None
    grids: tuple[Grid, ...]
    treatments: Grid
    patients: Grid | None
    flat: bool
    ignored: tuple[str, ...]
    preamble: Preamble

    def has(self, table: str) -> bool:
        """Whether the input has the table."""
        return any(grid.table == table for grid in self.grids)


def choose(sheets: Sequence[Sheet], single: bool, asked: HeadingMap = UNMAPPED) -> Book:
    """Find the tables by the sheets' names; `single` takes the only sheet as Treatments.

    Raises:
        InputRejected: no sheet of treatments, a table twice, a required column missing or in doubt.
        UsageError: a heading that the user gave stands in no sheet.
        NothingToAudit: the sheet of treatments is empty.
    """
    _check_asked(sheets, asked)
    named = {"Treatments": sheets[0]} if single else _by_name(sheets)
    flat = "Patients" not in named
    main = _treatment_sheet(sheets, named, flat, asked)
    treatments = read_grid(_FLAT if flat else _FLAT[:1], main, asked)
    tables: dict[str, Grid] = {}
    for table in INPUT_COLUMNS:
        if table == "Treatments":
            tables[table] = treatments
        elif table in named:
            tables[table] = read_grid((table,), named[table], asked)
    used = [*(sheet.name for sheet in named.values()), main.name]
    ignored = tuple(sheet.name for sheet in sheets if sheet.name not in used)
    has_patients = any(field in treatments.columns for field in _PATIENT_FIELDS)
    patients = (treatments if has_patients else None) if flat else tables["Patients"]
    preamble = read_preamble(main, treatments.heading_row)
    return Book(named.get(_ABOUT), tuple(tables.values()), treatments, patients, flat, ignored, preamble)


def _check_asked(sheets: Sequence[Sheet], asked: HeadingMap) -> None:
    """Refuse a heading that the user gave and no sheet has."""
    for pair in asked.pairs:
        if pair.heading and not any(stands_in(pair, sheet) for sheet in sheets):
            rows = [find_heading(sheet, table_words(*INPUT_COLUMNS)) for sheet in sheets]
            raise heading_unknown(pair, "; ".join(filter(None, map(found_headings, rows))), sheets[0].file)


def _by_name(sheets: Sequence[Sheet]) -> dict[str, Sheet]:
    """The sheets that have a table's name; an empty one counts as absent, Treatments excepted."""
    tables = {squash(table): table for table in _TABLES}
    named: dict[str, Sheet] = {}
    for sheet in sheets:
        table = tables.get(squash(sheet.name))
        if table is None or (table != "Treatments" and _is_empty(sheet)):
            continue
        if table in named:
            raise InputRejected(
                f"Two sheets have the name {table}.",
                where=f"{sheet.file}, sheets {named[table].name} and {sheet.name}",
                remedy="Delete or rename the one that is not meant.",
                code="SHEET_TWICE",
            )
        named[table] = sheet
    return named


def _is_empty(sheet: Sheet) -> bool:
    return not any(text(cell) for row in sheet.rows for cell in row)


def _treatment_sheet(sheets: Sequence[Sheet], named: Mapping[str, Sheet], flat: bool, asked: HeadingMap) -> Sheet:
    """The sheet named Treatments; failing that, without Patients, the only one with the columns it needs."""
    if "Treatments" in named:
        if _is_empty(named["Treatments"]):
            where = f"{sheets[0].file}, sheet {named['Treatments'].name}"
            remedy = "Check the search that made the extract."
            raise NothingToAudit("The table of treatments is empty.", where=where, remedy=remedy, code="NO_ROWS")
        return named["Treatments"]
    tables = {id(sheet) for sheet in named.values()}
    words = table_words(*(_FLAT if flat else _FLAT[:1]))
    candidates = [sheet for sheet in sheets if id(sheet) not in tables]
    found = [(sheet, find_heading(sheet, words, asked.wanted(_FLAT))) for sheet in candidates]
    whole = [(sheet, heading) for sheet, heading in found if not lacking(heading, _TREATMENT_NEEDS)]
    # a sheet with the fields' own names comes before one with other words for them
    best = [pair for pair in whole if _is_plain(pair[1])] or whole
    if flat and len(best) == 1:
        return best[0][0]
    if flat and not whole:
        _check_doubts(found, words, asked)
    raise _no_treatments(sheets, best or found)


def _is_plain(heading: Heading) -> bool:
    return all(squash(heading.names[heading.places[field]]) == squash(field) for field in _TREATMENT_NEEDS)


def _check_doubts(found: Sequence[tuple[Sheet, Heading]], words: Words, asked: HeadingMap) -> None:
    """Ask about the headings of the only sheet that comes into question."""
    doubts = [doubt for sheet, heading in found if (doubt := unsure(sheet, heading, words, asked))]
    if len(doubts) == 1:
        raise doubts[0]


def _no_treatments(sheets: Sequence[Sheet], candidates: Sequence[tuple[Sheet, Heading]]) -> InputRejected:
    listed = ", ".join(sheet.name[:_NAME_WIDTH] for sheet in sheets[:_LISTED]) or "none"
    likely, heading = max(candidates, key=lambda pair: len(pair[1].how), default=(None, Heading(0, {})))
    hint = ""
    if likely and heading.how:
        missing = lacking(heading, _TREATMENT_NEEDS)
        without = f", but it lacks the column {', '.join(missing)}" if missing else ""
        hint = f" The likeliest is {likely.name[:_NAME_WIDTH]}{without}."
    file = sheets[0].file if sheets else ""
    return InputRejected(
        f"There is no sheet named Treatments. Sheets found: {listed}.{hint}",
        where=file,
        remedy="Name the sheet with one row per prescription or injection Treatments, "
        f"with the columns {', '.join(_TREATMENT_NEEDS)}.",
        code="NO_TREATMENTS_SHEET",
    )
