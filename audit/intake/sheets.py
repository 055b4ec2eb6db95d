"""Which sheets of an input hold which tables: by their names, else by their headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from audit.errors import InputRejected, NothingToAudit
from audit.intake.cells import Grid, Sheet
from audit.intake.heading_map import UNMAPPED, HeadingMap
from audit.intake.heading_match import Heading, find_heading, stands_in
from audit.intake.heading_refusals import found_headings, heading_unknown, may_be_whole, unsure
from audit.intake.heading_words import table_words
from audit.intake.headings import read_grid
from audit.intake.preamble import Preamble, read_preamble
from audit.intake.profiles.journal import check_headings
from audit.intake.profiles.kinds import FLAT, NONE, TREATMENTS, Kind, is_empty, kind_of, read_kind, read_treatments
from audit.intake.profiles.refusals import check_patients, twice
from audit.intake.sheet_refusals import no_treatments_sheet
from audit.intake.source import Source
from audit.intake.words import squash
from schemas.vocabulary import EXAMPLE_PREFIX, INPUT_COLUMNS, LIST_COLUMNS, REQUIRED_COLUMNS, TABLE_COLUMNS

_ABOUT = "About"
_TABLES = (_ABOUT, *INPUT_COLUMNS)
_TREATMENT_NEEDS = REQUIRED_COLUMNS[TREATMENTS]
_PATIENT_FIELDS = INPUT_COLUMNS["Patients"][1:]
_EXAMPLES = frozenset(squash(EXAMPLE_PREFIX + table) for table in _TABLES)


@dataclass(frozen=True, slots=True)
class Book:
    """The tables of one practice.

    Attributes:
        about: the About sheet, if any.
        grids: every table found, each sheet's once; a list of coded events is a table of its own.
        flat: there is no sheet named Patients beside one named Treatments.
        ignored: names of the sheets that are no table.
        preambles: (file, sheet) -> what stands above its headings.
    """

    about: Sheet | None
    grids: tuple[Grid, ...]
    flat: bool
    ignored: tuple[str, ...] = ()
    preambles: Mapping[tuple[str, str], Preamble] = field(default_factory=dict)

    def of(self, table: str) -> tuple[Grid, ...]:
        """The grids of one table."""
        return tuple(grid for grid in self.grids if grid.table == table)

    @property
    def lists(self) -> tuple[Grid, ...]:
        """The lists of coded events, immunisations and procedures."""
        return tuple(grid for grid in self.grids if grid.table in LIST_COLUMNS)

    @property
    def rolls(self) -> tuple[Grid, ...]:
        """The grids with patients' columns, the table of patients first."""
        listed = self.of("Patients")
        beside = (*self.of(TREATMENTS), *self.lists) if self.flat else ()
        return (*listed, *(grid for grid in beside if any(name in grid.columns for name in _PATIENT_FIELDS)))


def choose(sources: Sequence[Source], asked: HeadingMap = UNMAPPED) -> Book:
    """Find the tables of one practice in its files.

    Raises:
        InputRejected: no sheet of treatments nor a list that may tell of injections, a table twice, a required column
            missing or in doubt.
        UsageError: a heading that the user gave stands in no sheet.
        NothingToAudit: the sheet of treatments is empty.
    """
    sheets = [sheet for source in sources for sheet in source.sheets]
    _check_asked(sheets, asked)
    named = [_by_name(source) for source in sources]
    flat = not any({TREATMENTS, "Patients"} <= set(own) for own in named)
    grids: list[Grid] = []
    for source, own in zip(sources, named, strict=True):
        grids += _by_names(own, asked) if TREATMENTS in own else _by_headings(source, own, asked)
    _check_once([(grid.table, grid.file, grid.sheet) for grid in grids])
    abouts = [own[_ABOUT] for own in named if _ABOUT in own]
    _check_once([(_ABOUT, sheet.file, sheet.name) for sheet in abouts])
    used = {(one.file, one.sheet) for one in grids} | {(sheet.file, sheet.name) for sheet in abouts}
    ignored = tuple(sheet.name for sheet in sheets if (sheet.file, sheet.name) not in used)
    cells = {(sheet.file, sheet.name): sheet for sheet in sheets}
    above = {(one.file, one.sheet): read_preamble(cells[one.file, one.sheet], one.heading_row) for one in grids}
    return Book(abouts[0] if abouts else None, _labelled(grids), flat, ignored, above)


def kinds_of(source: Source) -> frozenset[str]:
    """The kinds of list that a source holds, as `profiles.kinds.CALLED` names them; nothing is refused."""
    names = {} if source.single else {squash(table): table for table in INPUT_COLUMNS}
    own = [sheet for sheet in source.sheets if squash(sheet.name) in names and not is_empty(sheet)]
    kinds = {names[squash(sheet.name)] for sheet in own}
    if TREATMENTS in kinds:
        return frozenset(kinds)
    passed_over = set(names) if source.single else {*names, *_EXAMPLES}
    unnamed = [sheet for sheet in source.sheets if squash(sheet.name) not in passed_over]
    return frozenset(kinds.union(*(kind_of(sheet).tables for sheet in unnamed)))


def is_example(name: str) -> bool:
    """Whether a sheet of that name is the template's example: made-up patients."""
    return squash(name) in _EXAMPLES


def _labelled(grids: Sequence[Grid]) -> tuple[Grid, ...]:
    """Grids of sheets with one name in several files are labelled with their file too."""
    files: dict[str, set[str]] = {}
    for grid in grids:
        files.setdefault(grid.sheet, set()).add(grid.file)
    return tuple(
        replace(grid, label=f"{grid.file}, {grid.sheet}") if len(files[grid.sheet]) > 1 else grid for grid in grids
    )


def _check_asked(sheets: Sequence[Sheet], asked: HeadingMap) -> None:
    """Refuse a heading that the user gave and no sheet has."""
    for pair in asked.pairs:
        if pair.heading and not any(stands_in(pair, sheet) for sheet in sheets):
            rows = [find_heading(sheet, table_words(*TABLE_COLUMNS)) for sheet in sheets]
            raise heading_unknown(pair, "; ".join(filter(None, map(found_headings, rows))), sheets[0].file)


def _check_once(tables: Sequence[tuple[str, str, str]]) -> None:
    """Refuse a table that stands in two sheets."""
    seen: dict[str, tuple[str, str]] = {}
    for table, *place in tables:
        if table in seen:
            raise twice(table, [seen[table], (place[0], place[1])])
        seen[table] = (place[0], place[1])


# --- by name


def _by_name(source: Source) -> dict[str, Sheet]:
    """The sheets that have a table's name; an empty one counts as absent, Treatments excepted."""
    tables = {} if source.single else {squash(table): table for table in _TABLES}
    named: dict[str, Sheet] = {}
    for sheet in source.sheets:
        table = tables.get(squash(sheet.name))
        if table is None or (table != TREATMENTS and is_empty(sheet)):
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


def _by_names(named: Mapping[str, Sheet], asked: HeadingMap) -> list[Grid]:
    """The tables of a workbook with a sheet named Treatments."""
    main = named[TREATMENTS]
    if is_empty(main):
        raise _no_rows(main)
    treated = FLAT if "Patients" not in named else FLAT[:1]
    return [
        read_treatments(main, treated, asked) if table == TREATMENTS else read_grid((table,), named[table], asked)
        for table in INPUT_COLUMNS
        if table in named
    ]


def _no_rows(sheet: Sheet) -> NothingToAudit:
    where, remedy = f"{sheet.file}, sheet {sheet.name}", "Check the search that made the extract."
    return NothingToAudit("The table of treatments is empty.", where=where, remedy=remedy, code="NO_ROWS")


# --- by headings


def _by_headings(source: Source, named: Mapping[str, Sheet], asked: HeadingMap) -> list[Grid]:
    """The tables of a source without a sheet named Treatments."""
    grids = [read_grid((table,), named[table], asked) for table in INPUT_COLUMNS if table in named]
    tables = {id(sheet) for sheet in named.values()}
    if source.single:
        return _read_single(source.sheets[0], kind_of(source.sheets[0], asked), asked)
    # the template's made-up patients must never pass for the practice's
    shown = [sheet for sheet in source.sheets if not is_example(sheet.name)]
    others = [(sheet, kind_of(sheet, asked)) for sheet in shown if id(sheet) not in tables]
    treated = _treatment_sheet(shown, "Patients" in named, others, asked)
    for sheet, kind in others:
        if sheet is treated or (kind.sure and TREATMENTS not in kind.tables):
            grids += read_kind(sheet, kind, asked)
    return grids


def _read_single(sheet: Sheet, kind: Kind, asked: HeadingMap) -> list[Grid]:
    """The tables of the only sheet of a file: treatments, unless its headings say something else."""
    if is_empty(sheet):
        raise _no_rows(sheet)
    if kind == NONE:
        check_headings(sheet)
        check_patients(sheet)
        return [read_treatments(sheet, FLAT, asked)]
    return read_kind(sheet, kind, asked)


def _treatment_sheet(
    sheets: Sequence[Sheet], named: bool, kinds: Sequence[tuple[Sheet, Kind]], asked: HeadingMap
) -> Sheet | None:
    """The only sheet with the columns that treatments need; None where lists of codes may tell of them.

    Beside a sheet named Patients (`named`) treatments have to have their name too, unless there are other lists.
    """
    whole = [sheet for sheet, kind in kinds if kind.sure and TREATMENTS in kind.tables]
    words = table_words(*FLAT)
    found = [(sheet, find_heading(sheet, words, asked.wanted(FLAT))) for sheet, _ in kinds]
    likely = [pair for pair in found if any(pair[0] is sheet for sheet in whole)]
    # a sheet with the fields' own names comes before one with other words for them
    best = [pair for pair in likely if _is_plain(pair[1])] or likely
    lists = any(kind.sure and kind.tables and TREATMENTS not in kind.tables for _, kind in kinds)
    if len(best) == 1 and (lists or not named):
        return best[0][0]
    if not whole:
        if lists:
            return None
        if not named:
            _check_doubts(found, asked)
        for sheet, _ in kinds:
            check_headings(sheet)
    several = [sheet for sheet, _ in best] or [sheet for sheet, heading in found if may_be_whole(sheet, heading, words)]
    raise no_treatments_sheet(sheets, best or found, several if not named else ())


def _is_plain(heading: Heading) -> bool:
    places = heading.places
    return all(name in places and squash(heading.names[places[name]]) == squash(name) for name in _TREATMENT_NEEDS)


def _check_doubts(found: Sequence[tuple[Sheet, Heading]], asked: HeadingMap) -> None:
    """Ask about the headings of the only sheet that comes into question; of several, one that lacks no field."""
    words = table_words(*FLAT)
    likely = found if len(found) == 1 else [pair for pair in found if may_be_whole(*pair, words)]
    doubts = [doubt for sheet, heading in likely if (doubt := unsure(sheet, heading, words, asked))]
    if len(doubts) == 1:
        raise doubts[0]
