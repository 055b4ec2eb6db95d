"""The door of intake: one file, or a folder of csv files, becomes the canonical tables and their findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import pandas as pd

from audit.errors import InputRejected, NothingToAudit
from audit.intake.about import read_about
from audit.intake.cells import Grid, Sheet
from audit.intake.contracts import check_contracts
from audit.intake.delimited import read_delimited
from audit.intake.extract import About, Extract, Facts, Finding, SheetFacts
from audit.intake.findings import Findings
from audit.intake.patients import Ids, build_patients, read_ids
from audit.intake.results import build_reviews, build_tests, no_reviews, no_tests
from audit.intake.sheets import Book, choose
from audit.intake.treatments import Treatments, build_treatments
from audit.intake.words import squash
from audit.intake.workbook import read_workbook

#: Endings of files that are read; of other workbooks the user is told what to do.
_READ = (".xlsx", ".csv")
_WORKBOOKS = (*_READ, ".xlsm", ".xls", ".xlsb", ".ods")


@dataclass(frozen=True, slots=True)
class _Source:
    """The bytes of one input, read once: its names, their digest, its sheets."""

    file: str
    practice: str
    sha256: str
    sheets: Sequence[Sheet]
    #: a single csv file is the table of treatments whatever its name
    single: bool


def inputs(paths: Iterable[Path]) -> list[Path]:
    """The inputs that the paths stand for, each one practice, without repeats.

    A folder with a Treatments.csv is one input; of any other folder each workbook and csv file in it is one,
    by name; hidden files and the lock files of an open Excel are passed over.

    Raises:
        InputRejected: a path does not exist, or a folder holds nothing to read.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for one in _inside(path):
            found.setdefault(one.resolve(), one)
    return list(found.values())


def _inside(path: Path) -> list[Path]:
    if not path.exists():
        raise _unreadable(path, "NO_SUCH_FILE", "There is no such file or folder.", "Check the name.")
    if not path.is_dir() or _is_practice(path):
        return [path]
    files = _files(path, _WORKBOOKS)
    if not files:
        what = "The folder holds no .xlsx or .csv file."
        raise _unreadable(path, "NOTHING_READABLE", what, "Name the folder or file that holds the extract.")
    return files


def _files(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    files = (file for file in folder.iterdir() if file.is_file() and not file.name.startswith((".", "~$")))
    return sorted(file for file in files if file.suffix.lower() in endings)


def _is_practice(folder: Path) -> bool:
    return any(squash(file.stem) == "treatments" for file in _files(folder, (".csv",)))


def _unreadable(path: Path, code: str, what: str, remedy: str) -> InputRejected:
    return InputRejected(what, where=str(path), remedy=remedy, code=code)


def read_extract(path: Path) -> Extract:
    """Read one input of `inputs` into canonical tables.

    Raises:
        InputRejected: it is not what it should be: no workbook, no table of treatments, a column missing,
            dates with the month first.
        NothingToAudit: its table of treatments has no row.
    """
    source = _open(path)
    findings = Findings()
    for sheet in source.sheets:
        if sheet.note:
            findings.add(Finding("note", "CHARACTER_SET", sheet.note, sheet.file, sheet.name))
    book = choose(source.sheets, source.single)
    about = read_about(book.about, findings) if book.about else About()
    if not len(book.treatments):
        raise NothingToAudit(
            "The table of treatments has headings but no rows.",
            where=f"{book.treatments.file}, sheet {book.treatments.sheet}",
            remedy="Check the search that made the extract.",
            code="NO_ROWS",
        )
    for grid in book.grids:
        _report_unused(grid, findings)
    return _extract(source, book, about, findings)


def _extract(source: _Source, book: Book, about: About, findings: Findings) -> Extract:
    """Tables and facts of the sheets found."""
    ids = [(grid, read_ids(grid)) for grid in book.grids if grid is not book.patients or book.flat]
    practice = about.practice_id or source.practice
    roll = build_patients(book.patients, ids, practice, findings)
    by_grid: dict[str, tuple[Grid, Ids]] = {grid.table: (grid, own) for grid, own in ids}
    code_of = roll.code_of
    treated = build_treatments(*by_grid["Treatments"], code_of, findings, book.flat)
    tests = build_tests(*by_grid["Tests"], code_of, findings) if "Tests" in by_grid else no_tests()
    reviews = build_reviews(*by_grid["Reviews"], code_of, findings) if "Reviews" in by_grid else no_reviews()
    tables = {"Patients": roll.frame, "Treatments": treated.frame, "Tests": tests, "Reviews": reviews}
    for finding in check_contracts(tables, source.file):
        findings.add(finding)
    facts = _facts(source, book, treated, tables)
    return Extract(about, facts, roll.frame, treated.frame, tests, reviews, findings.finish())


def _open(path: Path) -> _Source:
    if path.is_dir():
        return _open_folder(path)
    if not path.exists():
        raise _unreadable(path, "NO_SUCH_FILE", "There is no such file.", "Check the name.")
    content = _content(path)
    ending = path.suffix.lower()
    if ending not in _READ:
        what = f"Files with the ending {ending or '(none)'} are not read."
        raise _unreadable(path, "FORMAT_NOT_READ", what, "Save it as an Excel workbook (.xlsx) or as csv.")
    single = ending == ".csv"
    sheets = [read_delimited(content, path.name)] if single else read_workbook(content, path.name)
    return _Source(path.name, path.stem, sha256(content).hexdigest(), sheets, single)


def _open_folder(folder: Path) -> _Source:
    if not _is_practice(folder):
        what = "The folder holds no Treatments.csv."
        raise _unreadable(folder, "NO_TREATMENTS_SHEET", what, "Name the csv files as the sheets.")
    name = folder.resolve().name
    contents = {file.name: _content(file) for file in _files(folder, (".csv",))}
    sheets = [read_delimited(content, f"{name}/{file}") for file, content in contents.items()]
    # as sha256sum would list them
    listing = "".join(f"{sha256(content).hexdigest()}  {file}\n" for file, content in contents.items())
    return _Source(name, name, sha256(listing.encode()).hexdigest(), sheets, single=False)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = "The file cannot be opened; another program may hold it, or you may not read it."
        raise _unreadable(path, "CANNOT_OPEN", what, "Close it elsewhere, or copy it.") from error


def _report_unused(grid: Grid, findings: Findings) -> None:
    if grid.unused:
        message = f"Columns that are not used: {', '.join(grid.unused)}."
        findings.add(Finding("note", "COLUMN_NOT_USED", message, grid.file, grid.sheet))


def _facts(source: _Source, book: Book, treated: Treatments, tables: dict[str, pd.DataFrame]) -> Facts:
    patient_columns = book.patients.columns if book.patients else {}
    treatments = tables["Treatments"]["date"]
    entries = [tables[name]["date"] for name in ("Treatments", "Tests", "Reviews")]
    return Facts(
        file=source.file,
        sha256=source.sha256,
        sheets=tuple(_sheet_facts(grid) for grid in book.grids),
        ignored_sheets=book.ignored,
        has_tests=book.has("Tests"),
        has_reviews=book.has("Reviews"),
        has_event="event" in book.treatments.columns,
        has_quantity="quantity" in book.treatments.columns,
        has_registered_from="registered_from" in patient_columns,
        first_treatment=_day(treatments.min()),
        last_treatment=_day(treatments.max()),
        last_entry=_day(pd.concat(entries).max()),
        unmapped_drugs=treated.unmapped_drugs,
    )


def _day(moment: object) -> date | None:
    return moment.date() if isinstance(moment, pd.Timestamp) else None


def _sheet_facts(grid: Grid) -> SheetFacts:
    letters = {field: column.letter for field, column in grid.columns.items()}
    return SheetFacts(grid.table, grid.file, grid.sheet, len(grid), letters)
