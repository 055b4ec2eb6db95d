"""Which sheet of a workbook holds which table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.errors import InputRejected, NothingToAudit
from audit.intake.cells import Grid, Sheet, text
from audit.intake.headings import lacking, matches, read_grid
from audit.intake.words import squash
from schemas.vocabulary import EXAMPLE_PREFIX, INPUT_COLUMNS, REQUIRED_COLUMNS

_ABOUT = "About"
_TABLES = (_ABOUT, *INPUT_COLUMNS)
_TREATMENT_FIELDS, _TREATMENT_NEEDS = INPUT_COLUMNS["Treatments"], REQUIRED_COLUMNS["Treatments"]
_PATIENT_FIELDS = INPUT_COLUMNS["Patients"][1:]
_EXAMPLES = frozenset(squash(EXAMPLE_PREFIX + table) for table in _TABLES)
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
    """

    about: Sheet | None
    grids: tuple[Grid, ...]
    treatments: Grid
    patients: Grid | None
    flat: bool
    ignored: tuple[str, ...]

    def has(self, table: str) -> bool:
        """Whether the input has the table."""
        return any(grid.table == table for grid in self.grids)


def choose(sheets: Sequence[Sheet], single: bool) -> Book:
    """Find the tables by the sheets' names; `single` takes the only sheet as Treatments.

    Raises:
        InputRejected: no sheet of treatments, a table twice, a required column missing.
        NothingToAudit: the sheet of treatments is empty.
    """
    named = {"Treatments": sheets[0]} if single else _by_name(sheets)
    flat = "Patients" not in named
    main = _treatment_sheet(sheets, named, flat)
    fields = (*_TREATMENT_FIELDS, *(_PATIENT_FIELDS if flat else ()))
    treatments = read_grid("Treatments", main, fields, _TREATMENT_NEEDS)
    tables: dict[str, Grid] = {}
    for table, its_fields in INPUT_COLUMNS.items():
        if table == "Treatments":
            tables[table] = treatments
        elif table in named:
            tables[table] = read_grid(table, named[table], its_fields, REQUIRED_COLUMNS[table])
    used = [*(sheet.name for sheet in named.values()), main.name]
    ignored = tuple(sheet.name for sheet in sheets if sheet.name not in used)
    has_patients = any(field in treatments.columns for field in _PATIENT_FIELDS)
    patients = (treatments if has_patients else None) if flat else tables["Patients"]
    return Book(named.get(_ABOUT), tuple(tables.values()), treatments, patients, flat, ignored)


def is_example(name: str) -> bool:
    """Whether a sheet of that name is the template's example: made-up patients."""
    return squash(name) in _EXAMPLES


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


def _treatment_sheet(sheets: Sequence[Sheet], named: Mapping[str, Sheet], flat: bool) -> Sheet:
    """The sheet named Treatments; failing that, without Patients, the only one with the columns it needs."""
    if "Treatments" in named:
        if _is_empty(named["Treatments"]):
            where = f"{sheets[0].file}, sheet {named['Treatments'].name}"
            raise NothingToAudit("The table of treatments is empty.", where=where, code="NO_ROWS")
        return named["Treatments"]
    # the template's made-up patients must never pass for the practice's
    sheets = [sheet for sheet in sheets if not is_example(sheet.name)]
    tables = {id(sheet) for sheet in named.values()}
    candidates = [sheet for sheet in sheets if id(sheet) not in tables]
    whole = [sheet for sheet in candidates if not _lacks(sheet)]
    if flat and len(whole) == 1:
        return whole[0]
    raise _no_treatments(sheets, whole or candidates)


def _lacks(sheet: Sheet) -> list[str]:
    return lacking(matches(sheet, _TREATMENT_FIELDS), _TREATMENT_NEEDS)


def _no_treatments(sheets: Sequence[Sheet], candidates: Sequence[Sheet]) -> InputRejected:
    listed = ", ".join(sheet.name[:_NAME_WIDTH] for sheet in sheets[:_LISTED]) or "none"
    likely = max(candidates, key=lambda sheet: len(matches(sheet, _TREATMENT_FIELDS).places), default=None)
    hint = ""
    if likely and matches(likely, _TREATMENT_FIELDS).places:
        missing = _lacks(likely)
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
