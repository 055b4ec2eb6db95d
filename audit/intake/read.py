"""The door of intake: the files of one practice become the canonical tables and their findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from audit.errors import NothingToAudit
from audit.intake.about import read_about
from audit.intake.cells import Grid
from audit.intake.contracts import check_contracts
from audit.intake.extract import About, Extract, Facts, Finding, SheetFacts
from audit.intake.findings import Findings
from audit.intake.gate import pass_gate
from audit.intake.heading_map import UNMAPPED, HeadingMap
from audit.intake.ids import read_ids
from audit.intake.patients import build_patients
from audit.intake.places import to_lines
from audit.intake.preamble import check_population, with_run_date
from audit.intake.profiles.assemble import Practice, called, is_assembled, one_practice, practices, say_assembled
from audit.intake.profiles.kinds import UNDATED
from audit.intake.profiles.refusals import no_treatments, undated_drugs
from audit.intake.profiles.translate import Translated, translate
from audit.intake.results import build_reviews, build_tests, no_reviews, no_tests
from audit.intake.second_look import look_again
from audit.intake.shapes import mend
from audit.intake.sheets import Book, choose
from audit.intake.source import Source, inputs, together
from audit.intake.tables import joined, report_unfilled
from audit.intake.treatments import Treatments, build_treatments
from audit.intake.workbook import Rectangle

__all__ = ["Opened", "Practice", "inputs", "one_practice", "open_input", "practices", "read_extract", "read_opened"]


def read_extract(given: Path | Practice, fill_down: bool = False, mapping: HeadingMap = UNMAPPED) -> Extract:
    """Read the files of one practice into canonical tables.

    Args:
        given: one of `practices`; or a file, or a folder of tables.
        fill_down: in a table that names each patient once, a blank id means the patient of the row above.
        mapping: the headings that the user gave for fields.

    Raises:
        InputRejected: it is not what it should be: no workbook, damaged, no table of treatments, a column missing,
            or in doubt, dates with the month first, formulas that were never calculated, a grouped export or one of
            last issues.
        UsageError: a heading of `mapping` is not there.
        InputIncomplete: the file is still being written, or was cut off.
        NothingToAudit: its table of treatments has no row.
    """
    practice = given if isinstance(given, Practice) else Practice((given,))
    return read_opened(open_input(practice), fill_down, mapping.of(*practice.given))


@dataclass(frozen=True, slots=True)
class Opened:
    """The opened files of one practice, and the name of the folder that they stand in, if that was named."""

    sources: tuple[Source, ...]
    name: str = ""

    @property
    def whole(self) -> Source:
        """All of them as one."""
        return together(self.sources, self.name)


def open_input(given: Path | Practice) -> Opened:
    """Open the files of a practice, and let each pass the gate; errors as for `read_extract`.

    Raises:
        IdentifiableData: one of them looks identifiable.
    """
    practice = given if isinstance(given, Practice) else Practice((given,))
    return Opened(tuple(pass_gate(source) for source in practice.opened()), practice.name)


def read_opened(opened: Opened, fill_down: bool = False, mapping: HeadingMap = UNMAPPED) -> Extract:
    """Read what `open_input` opened; arguments and errors as for `read_extract`, `mapping` that of the input."""
    sources = opened.sources
    findings = Findings()
    for finding in (finding for source in sources for finding in source.findings):
        findings.add(finding)
    for sheet in (sheet for source in sources for sheet in source.sheets):
        if sheet.note:
            findings.add(Finding("note", "CHARACTER_SET", sheet.note, sheet.file, sheet.name))
    book = choose(sources, mapping)
    for source in sources:
        look_again(source, book, findings)
    about = read_about(book.about, findings) if book.about else About()
    about = with_run_date(about, [(book.preambles[grid.file, grid.sheet], grid) for grid in book.grids], findings)
    if not opened.whole.of_lines:
        book = mend(book, _merged(sources), fill_down, findings)
    for grid in _first_of_sheets(book.grids):
        check_population(book.preambles[grid.file, grid.sheet], grid, findings)
    _check_rows(book)
    for grid in book.grids:
        _report_headings(grid, findings)
    say_assembled(book, findings)
    whole = opened.whole
    return to_lines(_extract(whole, book, about, mapping, findings), whole.sheets)


def _first_of_sheets(grids: Iterable[Grid]) -> list[Grid]:
    """Of each sheet one grid."""
    return list({(grid.file, grid.sheet): grid for grid in reversed(list(grids))}.values())


def _check_rows(book: Book) -> None:
    treated = book.of("Treatments")
    if treated and not any(map(len, (*treated, *book.lists))):
        raise NothingToAudit(
            "The table of treatments has headings but no rows.",
            where=f"{treated[0].file}, sheet {treated[0].sheet}",
            remedy="Fill in that sheet, one row for each injection or prescription "
            "(b12audit template --example shows how), or check the search that made the extract.",
            code="NO_ROWS",
        )


def _extract(source: Source, book: Book, about: About, asked: HeadingMap, findings: Findings) -> Extract:
    """Tables and facts of the sheets found."""
    for grid in book.grids:
        report_unfilled(grid, findings)
    coded = translate(book.lists, book.of("Treatments"), findings)
    _check_treated(book, coded, asked)
    roll = book.rolls[0] if book.rolls else None
    tables = [(grid, read_ids(grid)) for grid in book.grids if grid.table != "Patients"]
    name = about.practice_id or source.practice
    patients = build_patients(roll, tables, name, findings, rolls=book.rolls[1:], coded=coded.patients)
    code_of = patients.code_of
    treated = [
        *(build_treatments(grid, read_ids(grid), code_of, findings, book.flat) for grid in book.of("Treatments")),
        *(build_treatments(grid, read_ids(grid), code_of, findings, False) for grid in coded.treatments),
    ]
    tests = [build_tests(grid, read_ids(grid), code_of, findings) for grid in (*book.of("Tests"), *coded.tests)]
    reviews = [build_reviews(grid, read_ids(grid), code_of, findings) for grid in book.of("Reviews")]
    frames = {
        "Patients": patients.frame,
        "Treatments": joined([part.frame for part in treated]),
        "Tests": joined(tests) if tests else no_tests(),
        "Reviews": joined(reviews) if reviews else no_reviews(),
    }
    for finding in check_contracts(frames, source.file):
        findings.add(finding)
    facts = _facts(source, book, (coded, treated), frames)
    return Extract(
        about=about,
        facts=facts,
        patients=frames["Patients"],
        treatments=frames["Treatments"],
        tests=frames["Tests"],
        reviews=frames["Reviews"],
        findings=findings.finish(),
    )


def _check_treated(book: Book, coded: Translated, asked: HeadingMap) -> None:
    """Refuse lists in which nobody is treated: not one injection given, and no table of treatments."""
    if book.of("Treatments") or coded.gives:
        return
    undated = [note for grid in book.grids for note in grid.remarks if note.code == UNDATED]
    if undated:
        raise undated_drugs(undated[0], asked)
    kinds = [grid.table for grid in book.grids]
    where = ", ".join(dict.fromkeys(f"{grid.file}, sheet {grid.sheet}" for grid in book.grids))
    raise no_treatments(kinds, where, asked)


def _merged(sources: Sequence[Source]) -> dict[tuple[str, str], Sequence[Rectangle]]:
    books = [(source.file, source.workbook.merged) for source in sources if source.workbook]
    return {(file, sheet): rectangles for file, merged in books for sheet, rectangles in merged.items()}


def _report_headings(grid: Grid, findings: Findings) -> None:
    for remark in grid.remarks:
        findings.add(remark)
    if grid.unused:
        message = f"Columns that are not used: {', '.join(grid.unused)}."
        findings.add(Finding("note", "COLUMN_NOT_USED", message, grid.file, grid.sheet))


def _facts(
    source: Source, book: Book, treated: tuple[Translated, Sequence[Treatments]], tables: dict[str, pd.DataFrame]
) -> Facts:
    coded, parts = treated
    treatments = tables["Treatments"]["date"]
    entries = [tables[name]["date"] for name in ("Treatments", "Tests", "Reviews")]
    unmapped = [pair for part in parts for pair in part.unmapped_drugs.items()]
    own = book.of("Treatments")
    return Facts(
        file=source.file,
        sha256=source.sha256,
        sheets=tuple(_sheet_facts(grid, is_assembled(book)) for grid in book.grids),
        ignored_sheets=(*book.ignored, *source.hidden),
        has_tests=bool(book.of("Tests") or coded.tests),
        has_reviews=bool(book.of("Reviews")),
        has_event=bool(coded.treatments) or any("event" in grid.columns for grid in own),
        has_quantity=any("quantity" in grid.columns for grid in own),
        has_registered_from=any("registered_from" in grid.columns for grid in book.rolls),
        first_treatment=_day(treatments.min()),
        last_treatment=_day(treatments.max()),
        last_entry=_day(pd.concat(entries).max()),
        unmapped_drugs={name: sum(count for other, count in unmapped if other == name) for name, _ in unmapped},
        parts=source.parts,
    )


def _day(moment: object) -> date | None:
    return moment.date() if isinstance(moment, pd.Timestamp) else None


def _sheet_facts(grid: Grid, assembled: bool) -> SheetFacts:
    return SheetFacts(
        table=grid.table,
        file=grid.file,
        sheet=grid.sheet,
        rows=len(grid),
        columns={field: column.letter for field, column in grid.columns.items()},
        headings=grid.headings,
        heading_row=grid.heading_row + 1,
        label=grid.label or grid.sheet,
        called=called(grid) if assembled else "",
    )
