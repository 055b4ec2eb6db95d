"""The evidence page of `compare`: both cycles, their actions, who changed; everything as printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from audit.intake.notes import Note, Notes, Planned
from audit.render.cycles import Cycles, build_cycles
from audit.render.cycles_words import last_day
from audit.render.quality import conservation
from audit.render.scoreboard import GROUPS
from audit.render.todo import signed
from audit.render.words import NONE, OUTCOMES, STATEMENT, clean
from audit.render.worklist import Fact, shown_note
from audit.results.audit import AuditResult
from audit.results.compare_cycles import CyclesCompared, Side
from audit.results.phrases import date_text, joined, plural

#: rows of the page; the workbook has them all
MOST_ROWS: Final = 1000
_NOT_DONE: Final = frozenset(("", "no", "n", "not yet", "-", "–"))
_LONGEST_NOTE: Final = 1000


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A patient whose answer on a criterion changed."""

    patient: str
    practice: str
    criterion: str
    strength: str
    what: str


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action of the old cycle; `outcome` is what the new one says of its problem. A plan names no patient."""

    patient: str
    practice: str
    problem: str
    action: str
    owner: str
    by: str
    done: str
    comment: str
    outcome: str


@dataclass(frozen=True, slots=True)
class SideFacts:
    """One cycle's facts."""

    heading: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Everything that `compare` prints.

    Attributes:
        partial: of either cycle; blank when both are whole.
        moved: everyone who improved or worsened, mandated criteria first. shown: those on the page. note: says so.
        acted_on: the actions on the page. acted_note: says so.
        acted: how many actions there are, and how many are done; `listed` patients stood on the old worklist, None
            where it is not there.
    """

    title: str
    practice: str
    period: str
    statement: str
    partial: str
    cycles: Cycles
    sides: tuple[SideFacts, ...]
    moved: tuple[MovedRow, ...]
    shown: tuple[MovedRow, ...]
    note: str
    acted: str
    listed: int | None
    done: int
    actions: tuple[ActionRow, ...]
    acted_on: tuple[ActionRow, ...]
    acted_note: str
    limits: tuple[str, ...]
    version: str
    command: str

    def first(self, count: int) -> ComparePage:
        """The same with at most `count` patients and as many actions on the page, and the sentences that say so."""
        return replace(
            self,
            shown=self.shown[:count],
            note=shown_note(min(count, len(self.shown)), len(self.moved)),
            acted_on=self.acted_on[:count],
            acted_note=shown_note(min(count, len(self.acted_on)), len(self.actions)),
        )


def build_page(
    compared: CyclesCompared, new: AuditResult, notes: Notes | None, *, version: str, command: str
) -> ComparePage:
    """The page.

    Args:
        compared: the comparison.
        new: the result of the new cycle, for what became of each action.
        notes: from the old report's workbook; None when there is none.
        version: the tool's.
        command: the one that makes the page again, as typed.
    """
    moved = tuple(_moved(compared))
    actions = tuple(_actions(notes or Notes(), new))
    done = sum(row.done.casefold() not in _NOT_DONE for row in actions)
    return ComparePage(
        title="Vitamin B12 injections: two audit cycles",
        practice=_practices(compared.new.practices),
        period=f"Cycle 1 up to {last_day(compared.old)}, cycle 2 up to {last_day(compared.new)}",
        statement=STATEMENT,
        partial=" ".join(clean(side.partial) for side in (compared.old, compared.new) if side.partial),
        cycles=build_cycles(compared),
        sides=(_facts(compared.old, "Cycle 1", _sign_off(notes)), _facts(compared.new, "Cycle 2")),
        moved=moved,
        shown=moved[:MOST_ROWS],
        note=shown_note(min(len(moved), MOST_ROWS), len(moved)),
        acted=_acted(notes, len(actions), done),
        listed=notes.rows if notes else None,
        done=done,
        actions=actions,
        acted_on=actions[:MOST_ROWS],
        acted_note=shown_note(min(len(actions), MOST_ROWS), len(actions)),
        limits=LIMITS,
        version=version,
        command=clean(command),
    )


LIMITS: Final = (
    "The records show what was entered. An injection given elsewhere counts only if the record holds it, in either "
    "cycle.",
    "A prescription issued is not proof of an injection.",
    "An action stands here as the practice wrote it into the first report's workbook; that a problem is gone does not "
    "show that the action was the reason.",
    "No clinician is scored, and nothing here is advice on treatment.",
)


def _practices(names: Sequence[str]) -> str:
    shown = [clean(name) for name in names]
    return f"{'Practices' if len(shown) > 1 else 'Practice'} {joined(shown)}"


def _facts(side: Side, heading: str, more: Sequence[Fact] = ()) -> SideFacts:
    facts = [
        Fact("Read from", clean(side.name)),
        *(fact for window in side.windows for fact in (
            Fact("Input", f"{clean(window.file)} (SHA-256 {window.sha256})"),
            Fact("Extract date", date_text(window.extract_date)),
            Fact("Audit period", f"{date_text(window.period_from)} to {date_text(window.period_to)}"),
        )),
        Fact("Rows", conservation(side.rows)),
        Fact("Patients", f"{plural(side.patients, 'patient')} in the audit"),
    ]  # fmt: skip
    if side.reported:
        facts.append(Fact("Report", f"b12audit {clean(side.reported.version)}, {clean(side.reported.title)}"))
    return SideFacts(f"{heading}: {last_day(side)}", (*facts, *more))


def _sign_off(notes: Notes | None) -> list[Fact]:
    """What the sign-off of the first report's action plan says, where it was filled in."""
    lines = [line for line in (notes or Notes()).plan if signed(line.problem) and line.acted]
    said = ((line.problem, (line.action, line.owner, _day(line.by), _day(line.done))) for line in lines)
    return [Fact(signed(problem), ", ".join(map(_typed, filter(None, cells)))) for problem, cells in said]


def _moved(compared: CyclesCompared) -> Iterable[MovedRow]:
    criteria = {item.code: item for item in compared.criteria}
    order = {strength: place for place, strength in enumerate(GROUPS)}
    ordered = sorted(compared.moved, key=lambda item: (order[criteria[item.criterion].strength], item.improved))
    for item in ordered:
        criterion = criteria[item.criterion]
        what = "Improved: met now" if item.improved else "Worsened: not met now"
        heading = GROUPS[criterion.strength][0]
        yield MovedRow(clean(item.patient_id), clean(item.practice_id), criterion.title, heading, what)


# Actions


def _actions(notes: Notes, new: AuditResult) -> Iterable[ActionRow]:
    now = _outcomes_now(notes.worklist, new)
    for note in notes.worklist:
        outcome = now.get(_place(note.practice, note.patient, note.criterion, new), "Not in cycle 2")
        yield ActionRow(
            patient=clean(note.patient),
            practice=clean(note.practice),
            problem=clean(note.criterion),
            action=_typed(note.action),
            owner=_typed(note.owner),
            by="",
            done=_day(note.done),
            comment=_typed(note.comment),
            outcome=outcome,
        )
    yield from (_planned(line) for line in notes.plan if line.acted and not signed(line.problem))


def _planned(line: Planned) -> ActionRow:
    action, owner = _typed(line.action), _typed(line.owner)
    return ActionRow("", "", _typed(line.problem), action, owner, _day(line.by), _day(line.done), "", "")


def _typed(text: str) -> str:
    return clean(text, _LONGEST_NOTE)


def _day(text: str) -> str:
    try:
        return date_text(date.fromisoformat(text))
    except ValueError:
        return _typed(text)


_Place = tuple[str, str, str]


def _place(practice: str, patient: str, title: str, new: AuditResult) -> _Place:
    """Where a note belongs; of a single practice its name does not matter."""
    alone = new.patients["practice_id"].nunique() == 1
    return "" if alone else practice, patient, title


def _outcomes_now(notes: Sequence[Note], new: AuditResult) -> Mapping[_Place, str]:
    """What the new cycle says of each note's problem; nothing where two patients look alike as printed."""
    titles = {item.code: item.title for item in new.criteria}
    wanted = {note.patient for note in notes}
    table = new.verdicts
    mine = table[table["patient_id"].map(clean).isin(wanted)]
    found: dict[_Place, list[str]] = {}
    columns = (mine[name] for name in ("practice_id", "patient_id", "criterion", "outcome"))
    for practice, patient, code, outcome in zip(*columns, strict=True):
        place = _place(clean(practice), clean(patient), titles[code], new)
        found.setdefault(place, []).append(OUTCOMES[outcome])
    return {place: outcomes[0] if len(outcomes) == 1 else NONE for place, outcomes in found.items()}


def _acted(notes: Notes | None, noted: int, done: int) -> str:
    if notes is None:
        return "There is no workbook of the first cycle here, so no actions can be listed."
    listed = f"The first report's worklist has {plural(notes.rows, 'patient')}."
    if not noted:
        return f"{listed} Nobody wrote an action into it."
    return f"{listed} {plural(noted, 'action')} {'is' if noted == 1 else 'are'} noted, {done:,} done."
