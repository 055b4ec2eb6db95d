"""Notes carried forward: what the manager wrote into an earlier workbook, put back in its place; nothing is dropped.

A note belongs to a patient of a practice and a criterion, as printed. Where the worklist has no such row any more, the
note stands on a sheet of its own, and goes back to its row when that turns up again with the same due date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Final

from audit.intake.cells import text
from audit.intake.notes import Note, Notes, Planned
from audit.render.todo import THINGS, sign_off_problems, signed
from audit.render.words import clean
from audit.render.worklist import Worklist, WorkRow

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str, str, str]
#: fits a cell of a workbook
_LONGEST: Final = 32_000


@dataclass(frozen=True, slots=True)
class EarlierNote:
    """A note whose row is not on the worklist, and why it stands apart."""

    note: Note
    why: str


@dataclass(frozen=True, slots=True)
class Carried:
    """The notes in their places: `rows` by practice, patient and criterion; `plan` are the manager's lines."""

    rows: Mapping[Key, Note] = field(default_factory=dict)
    earlier: tuple[EarlierNote, ...] = ()
    plan: tuple[Planned, ...] = ()


NOTHING: Final = Carried()


def together(found: Sequence[Notes]) -> Notes:
    """Notes of several workbooks as one; where two speak of one row, the first stands there."""
    return Notes(
        worklist=tuple(chain.from_iterable(notes.worklist for notes in found)),
        plan=tuple(chain.from_iterable(notes.plan for notes in found)),
        earlier=tuple(chain.from_iterable(notes.earlier for notes in found)),
    )


def digest_of(notes: Notes) -> str:
    """The same for the same notes, wherever in the workbook they stand; blank when nothing is noted."""
    noted = {_said(note) for note in map(_cleaned, (*notes.worklist, *notes.earlier))}
    content = (sorted(noted), sorted(map(astuple, _typed_lines(notes.plan))))
    return sha256(repr(content).encode()).hexdigest() if any(content) else ""


def carry(notes: Notes, worklist: Worklist, patients: pd.DataFrame) -> Carried:
    """Puts every note in its place.

    Args:
        notes: as read.
        worklist: all rows.
        patients: of the run, as `AuditResult` has them.
    """
    listed = Counter(map(key_of, worklist.rows))
    due = {key_of(row): row.due.isoformat() if row.due else "" for row in worklist.rows}
    rows: dict[Key, Note] = {}
    apart: dict[tuple[str, ...], Note] = {}
    fresh = ((note, True) for note in map(_cleaned, notes.worklist))
    for note, always in chain(fresh, ((note, False) for note in map(_cleaned, notes.earlier))):
        key = _key(note)
        if listed[key] == 1 and key not in rows and (always or note.due == due[key]):
            rows[key] = note
        elif key not in rows or _said(rows[key]) != _said(note):
            apart.setdefault(_said(note), note)
    known = set(zip(patients["practice_id"].map(_plain), patients["patient_id"].map(_plain), strict=True))
    placed = [EarlierNote(note, _why(note, listed, known)) for note in sorted(apart.values(), key=astuple)]
    return Carried(rows, tuple(placed), _typed_lines(notes.plan))


def key_of(row: WorkRow) -> Key:
    """Where the notes of a row of the worklist belong."""
    return _plain(row.practice), _plain(row.patient), _plain(row.criterion_title)


def _key(note: Note) -> Key:
    return note.practice, note.patient, note.criterion


def _said(note: Note) -> tuple[str, ...]:
    """The note without its due date, which a new report may have changed."""
    return astuple(replace(note, due=""))


def _plain(printed: str) -> str:
    """Text as it comes back from a workbook's cell."""
    return text(clean(printed))


def _cleaned(note: Note) -> Note:
    names = {name: _plain(getattr(note, name)) for name in ("patient", "practice", "criterion", "due")}
    return replace(note, **names, **{name: clean(getattr(note, name), _LONGEST) for name in _OWN})


_OWN: Final = ("action", "owner", "done", "comment")


def _why(note: Note, listed: Mapping[Key, int], known: set[tuple[str, str]]) -> str:
    if not (note.patient and note.criterion):
        return "its row names no patient or no criterion"
    if (note.practice, note.patient) not in known:
        practices = {practice for practice, _ in known}
        return "patient not in this extract" if note.practice in practices else "practice not in this extract"
    if listed.get(_key(note), 0) > 1:
        return "two patients look alike on the worklist"
    return "on the worklist again; this is an older note" if _key(note) in listed else "no longer on the worklist"


def _typed_lines(plan: Iterable[Planned]) -> tuple[Planned, ...]:
    """The lines that the manager wrote, as typed; without problems that the report itself had put there."""
    lines = (Planned(*(clean(cell, _LONGEST) for cell in astuple(line))) for line in plan)
    return tuple(dict.fromkeys(line for line in lines if line.acted or not _ours(line.problem)))


def _ours(problem: str) -> bool:
    count, _, what = problem.partition(" ")
    counted = count.replace(",", "").isdigit() and what.partition(" ")[2] in THINGS
    return counted or bool(signed(problem))


def lines_of_plan(problems: Sequence[str], typed: Sequence[Planned]) -> tuple[Planned, ...]:
    """The action plan: this report's problems with what is planned for exactly them, the manager's own, the sign-off.

    Args:
        problems: of the report, in order; blank ones are room at the end.
        typed: carried forward.
    """
    plan = _lines(problems, [line for line in typed if not signed(line.problem)])
    return (*plan, *_lines(sign_off_problems(), [line for line in typed if signed(line.problem)]))


def _lines(problems: Sequence[str], typed: Sequence[Planned]) -> tuple[Planned, ...]:
    left = list(typed)
    lines = []
    for problem in problems:
        mine = [line for line in left if problem and line.problem == problem]
        left = [line for line in left if line not in mine]
        lines.append(mine or [Planned(problem, "", "", "", "")])
    told = [line for found, problem in zip(lines, problems, strict=True) for line in found if problem]
    room = [line for found, problem in zip(lines, problems, strict=True) for line in found if not problem]
    return (*told, *left, *room)


def day_or_text(typed: str) -> date | str:
    """A date where the text is one in ISO form."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return typed
