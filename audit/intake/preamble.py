"""What a report of EMIS says above its table: when it was run, and how many patients its search found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from audit.intake.cells import Cell, Grid, Sheet, letter, text
from audit.intake.dates import read_date, serial_of
from audit.intake.extract import About, Finding
from audit.intake.findings import Findings
from audit.intake.values import is_blank
from audit.intake.words import squash

_RUN = frozenset(("lastrun", "lastrunon", "rundate", "extractdate"))
_POPULATION = frozenset(("populationcount",))
_QUOTES = "\"' \t"


@dataclass(frozen=True, slots=True)
class Preamble:
    """The rows above the headings of the treatments.

    Attributes:
        run: the day of the report, None when it is not said.
        run_at: its cell, row and column from 0.
        population: how many patients the search found.
        population_at: its cell.
    """

    run: date | None = None
    run_at: tuple[int, int] = (0, 0)
    population: int | None = None
    population_at: tuple[int, int] = (0, 0)


def read_preamble(sheet: Sheet, heading_row: int) -> Preamble:
    """Read the labelled rows above the heading row (from 0); the first cell that can be read beside a label counts."""
    found = Preamble()
    for number, row in enumerate(sheet.rows[:heading_row]):
        label = squash(text(row[0]).strip(_QUOTES)) if len(row) else ""
        for place, cell in _beside(row) if label in _RUN | _POPULATION else ():
            run = read_date(cell, sheet.origin) if label in _RUN and serial_of(cell) is None else None
            if run and found.run is None:
                found = replace(found, run=run, run_at=(number, place))
            typed = text(cell).replace(",", "")
            if label in _POPULATION and found.population is None and typed.isascii() and typed.isdigit():
                found = replace(found, population=int(typed), population_at=(number, place))
    return found


def _beside(row: Sequence[Cell]) -> Iterator[tuple[int, Cell]]:
    for place, cell in enumerate(row[1:], 1):
        if text(cell):
            yield place, cell.strip(_QUOTES) if isinstance(cell, str) else cell


def with_run_date(about: About, tables: Sequence[tuple[Preamble, Grid]], findings: Findings) -> About:
    """With the day of the latest report as the extract date, unless the About sheet gives one."""
    dated = [(above.run, above.run_at, grid) for above, grid in tables if above.run is not None]
    if not dated or about.extract_date is not None:
        return about
    run, at, grid = max(dated, key=lambda one: one[0])
    message = f"The report was run on {run:%Y-%m-%d}, which is taken as the extract date."
    findings.add(_finding("EXTRACT_DATE_OF_REPORT", message, grid, at))
    for earlier, place, other in dated:
        if earlier < run:
            message = f"The list was run on {earlier:%Y-%m-%d}, before the others: what came later is missing from it."
            findings.add(replace(_finding("LIST_RUN_EARLIER", message, other, place), severity="warning"))
    return replace(about, extract_date=run)


def check_population(preamble: Preamble, grid: Grid, findings: Findings) -> None:
    """Note when the table has another number of patients than the report's search found."""
    column = grid.columns["patient_id"]
    patients = len({text(cell) for cell in column.distinct if not is_blank("patient_id", text(cell))})
    if preamble.population not in (None, patients):
        message = (
            f"The report says that its search found {preamble.population:,} patients; the table has {patients:,}. "
            "Patients without a row are not audited."
        )
        findings.add(_finding("POPULATION_DIFFERS", message, grid, preamble.population_at))


def _finding(code: str, message: str, grid: Grid, at: tuple[int, int]) -> Finding:
    return Finding("note", code, message, grid.file, grid.sheet, at[0] + 1, letter(at[1]))
