"""What to do now: at most three things, each with its count, what it rests on, and where on the page it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.render.fixlist import FixList
from audit.render.worklist import OVERDUE, Worklist
from audit.results.audit import AuditResult, Score
from audit.results.phrases import date_text, plural

_OVERDUE, _TO_FILL, _DIFFERS = "overdue", "to fill", "not overdue, but the record differs"
#: what follows count and noun, in the report and in the action plan
THINGS: Final = (_OVERDUE, _TO_FILL, _DIFFERS)
#: blank rows of the action plan
_ROOM: Final = 3
#: what is filled in when the report was discussed, below the action plan
SIGN_OFF: Final = ("Discussed at (meeting, date)", "Audit lead", "Next audit planned for")
_SIGN: Final = "Sign-off: "


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do now: its count, what it is, what it rests on, and where on the page it stands."""

    count: str
    text: str
    detail: str
    link: str


def build_actions(worklist: Worklist, fixes: FixList) -> tuple[Action, ...]:
    """The overdue patients, the cells that settle most, and the rest of the worklist; none that counts nobody."""
    overdue = worklist.overdue_neuro + worklist.overdue_others
    rest = len(worklist.rows) - overdue
    there = (
        (overdue, _overdue(overdue, worklist.overdue_neuro)),
        (fixes.cells, _fill(fixes)),
        (rest, _differs(rest)),
    )
    return tuple(action for count, action in there if count)


def _overdue(count: int, neuro: int) -> Action:
    involved = f"{neuro:,} with neurological involvement, listed first. " if neuro else ""
    detail = (
        f"{involved}No injection is recorded since the longest interval and its grace passed. Check the record for an "
        "injection given elsewhere or a documented reason."
    )
    return Action(f"{count:,}", f"{_noun(count, 'patient')} {_OVERDUE}", detail, "#worklist")


def _fill(fixes: FixList) -> Action:
    """The cells that settle most, as one thing to do."""
    what = f"{_noun(fixes.cells, 'cell')} {_TO_FILL}"
    return Action(f"{fixes.cells:,}", what, f"{fixes.sentence} Biggest gain first.", "#fixes")


def _differs(count: int) -> Action:
    detail = "Intervals longer than the standard, loading courses and other mandated criteria. Check for a reason."
    return Action(f"{count:,}", f"{_noun(count, 'patient')} {_DIFFERS}", detail, "#worklist")


def _noun(count: int, one: str) -> str:
    return plural(count, one).partition(" ")[2]


def problems(actions: Sequence[Action]) -> tuple[str, ...]:
    """The first column of the action plan: what is to be done, and room for what else the practice finds."""
    return (*(f"{action.count} {action.text}" for action in actions), *[""] * _ROOM)


def sign_off_problems() -> tuple[str, ...]:
    """The lines of the sign-off as they stand in the first column of the workbook's action plan."""
    return tuple(f"{_SIGN}{text}" for text in SIGN_OFF)


def signed(problem: str) -> str:
    """Which line of the sign-off that is; blank for any other problem."""
    return problem.removeprefix(_SIGN) if problem in sign_off_problems() else ""


def overdue_sentence(result: AuditResult, worklist: Worklist) -> str:
    """The first sentence of the report; blank where nobody is asked whether an injection is overdue."""
    found = [score for score in result.scores if score.criterion == OVERDUE]
    if not found or not found[0].eligible:
        return ""
    return f"{_on(result)} {_so_many(found[0], worklist.overdue_neuro)}{_unclear(found[0])}."


def _so_many(score: Score, neuro: int) -> str:
    if not score.not_met:
        return "no patient is overdue"
    many = f"{neuro:,} of them " if score.not_met > 1 else ""
    involved = f", {many}with neurological involvement" if neuro else ""
    return f"{plural(score.not_met, 'patient')} {'is' if score.not_met == 1 else 'are'} overdue{involved}"


def _on(result: AuditResult) -> str:
    days = {window.extract_date for window in result.windows}
    return f"On {date_text(next(iter(days)))}" if len(days) == 1 else "On the extract date of their file"


def _unclear(score: Score) -> str:
    return f"; for {score.not_assessable:,} more the record cannot tell" if score.not_assessable else ""
