"""Reads back what a manager wrote into a report's workbook: worklist, notes kept from before, action plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from audit.errors import InputRejected
from audit.intake.cells import Cell, Sheet, text
from audit.intake.extract import Finding
from audit.intake.own_files import says_report
from audit.intake.source import open_source
from audit.intake.words import squash

_WORKLIST, _EARLIER, _PLAN, _ABOUT = "Worklist", "Earlier notes", "Action plan", "About"
_KEYS: Final = ("Patient", "Practice", "Criterion")
_OWN: Final = ("Action", "Owner", "Date done", "Comment")
#: a column that a note can do without
_DUE: Final = "Was due"
_PLANNED: Final = ("Problem", "Action", "Owner", "By", "Done")
_MOST_ABOVE: Final = 50


@dataclass(frozen=True, slots=True)
class Note:
    """What the manager wrote on one row of the worklist.

    Patient, practice and criterion stand as the sheet prints them; `done` and `due` are dates (ISO) or the texts in
    their place.
    """

    patient: str
    practice: str
    criterion: str
    action: str
    owner: str
    done: str
    comment: str
    due: str = ""

    @property
    def written(self) -> bool:
        """Whether anything was written."""
        return bool(self.action or self.owner or self.done or self.comment)


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of the action plan; `by` and `done` are dates (ISO) or the texts in their place."""

    problem: str
    action: str
    owner: str
    by: str
    done: str

    @property
    def acted(self) -> bool:
        """Whether it holds more than a problem."""
        return bool(self.action or self.owner or self.by or self.done)


@dataclass(frozen=True, slots=True)
class Notes:
    """Rows on which something was written, in the order of the workbook.

    Attributes:
        worklist: of its rows; those that name no patient or criterion stand in `earlier`.
        plan: lines with any text, problems that nobody acted on included.
        rows: how many the worklist has.
        findings: what is to be known of the file.
        earlier: notes kept from before, of rows that the worklist has no more.
        sha256: of the file.
    """

    worklist: tuple[Note, ...] = ()
    plan: tuple[Planned, ...] = ()
    rows: int = 0
    findings: tuple[Finding, ...] = ()
    earlier: tuple[Note, ...] = ()
    sha256: str = ""


def read_notes(path: Path) -> Notes:
    """The notes in the `report.xlsx` of a run; columns and rows may have been moved.

    Raises:
        InputRejected: it cannot be read, is no report of this tool, or its worklist lacks a column.
        InputIncomplete: it is still being written.
    """
    source = open_source(path)
    sheets = {squash(sheet.name): sheet for sheet in source.sheets}
    worklist, about = sheets.get(squash(_WORKLIST)), sheets.get(squash(_ABOUT))
    if worklist is None or about is None or not says_report(about):
        raise InputRejected(
            "The workbook is not a report of b12audit.",
            where=str(path),
            remedy="name the report.xlsx in a run's folder, as it was saved there",
            code="NOT_A_REPORT",
        )
    plan, earlier = sheets.get(squash(_PLAN)), sheets.get(squash(_EARLIER))
    listed = _notes(worklist)
    named = [note for note in listed if note.patient and note.criterion]
    loose = [note for note in listed if not (note.patient and note.criterion)]
    return Notes(
        tuple(note for note in named if note.written),
        tuple(Planned(*row) for row in _rows(plan, _PLANNED) if any(row)) if plan else (),
        len(named),
        source.findings,
        tuple(note for note in (*loose, *(_notes(earlier) if earlier else ())) if note.written),
        source.sha256,
    )


def _notes(sheet: Sheet) -> list[Note]:
    return [Note(*row) for row in _rows(sheet, (*_KEYS, *_OWN), _DUE)]


def _rows(sheet: Sheet, names: Sequence[str], *more: str) -> Iterator[tuple[str, ...]]:
    """The named cells of each row below the headings, dates as ISO; of `more` columns blank where there is none."""
    start, places = _heading(sheet, names)
    wanted = [places.get(squash(name)) for name in (*names, *more)]
    for row in sheet.rows[start:]:
        yield tuple("" if at is None or at >= len(row) else _shown(row[at]) for at in wanted)


def _heading(sheet: Sheet, names: Sequence[str]) -> tuple[int, Mapping[str, int]]:
    """The row below the headings, and the column of each heading, squashed."""
    for number, row in enumerate(sheet.rows[:_MOST_ABOVE], 1):
        found = {squash(text(cell)): place for place, cell in reversed(list(enumerate(row)))}
        if all(squash(name) in found for name in names):
            return number, found
    raise InputRejected(
        f"The sheet {sheet.name} lacks one of its columns: {', '.join(names)}.",
        where=f"{sheet.file}, sheet {sheet.name}",
        remedy="give the columns their headings back; their order does not matter",
        code="NOTES_COLUMNS_MISSING",
    )


def _shown(cell: Cell) -> str:
    """A day as ISO, anything else as text."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else text(cell)
