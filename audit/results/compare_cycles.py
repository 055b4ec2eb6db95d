"""Two audit cycles under one standard: what changed, by how much chance may have moved it, and for whom.

Both cycles are judged by the same numbers. Shares are those that the report prints first, met of all eligible: what
the record cannot tell counts against both cycles alike. Patients are matched by practice and reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.criteria.criterion import Criterion
from audit.errors import InputRejected, UsageError
from audit.intake.archive import Reported
from audit.results.audit import AuditResult, RowCount, Score, Window
from audit.results.change import Difference, mcnemar_mid_p, newcombe
from audit.standards.standard import Standard

_KEY: Final = ["practice_id", "patient_id"]
_COUNTS: Final = ("met", "not_met", "excepted", "not_assessable", "pending", "eligible", "share_met", "share_met_upper")


@dataclass(frozen=True, slots=True)
class Paired:
    """Matched patients assessed (met or not met) in both cycles; `mid_p` is None when nobody changed."""

    both: int
    improved: int
    worsened: int
    mid_p: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """One criterion in both cycles.

    Attributes:
        difference: of met / eligible; None when either cycle has too few eligible patients for a percentage.
        assessed: of met / (met + not met); None likewise.
        paired: of the patients in both.
        printed: met and eligible as the old report printed them; None where it did not.
    """

    criterion: str
    old: Score
    new: Score
    difference: Difference | None
    assessed: Difference | None
    paired: Paired
    printed: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A matched patient whose answer on a criterion went from not met to met, or back."""

    practice_id: str
    patient_id: str
    criterion: str
    improved: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One cycle: where it was read from, its dates and rows, patients in the audit, what its report said of itself.

    `partial` says what is missing from it; blank when it is whole.
    """

    name: str
    windows: tuple[Window, ...]
    rows: tuple[RowCount, ...]
    practices: tuple[str, ...]
    patients: int
    partial: str
    reported: Reported | None = None

    @property
    def last_day(self) -> str:
        """The latest extract date, ISO."""
        return max(window.extract_date for window in self.windows).isoformat()


@dataclass(frozen=True, slots=True)
class CyclesCompared:
    """The comparison.

    Of the patients in the audit, `matched` are in both cycles, `left` in the old one only, `joined` in the new one.
    `changes` are in the order of the criteria; `moved` by criterion, practice and patient.
    """

    standard: Standard
    criteria: tuple[Criterion, ...]
    old: Side
    new: Side
    matched: int
    left: int
    joined: int
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]


def side(name: str, result: AuditResult, partial: str, reported: Reported | None = None) -> Side:
    """One cycle's facts."""
    practices = tuple(sorted(map(str, result.patients["practice_id"].unique())))
    inside = int(result.patients["in_cohort"].sum())
    return Side(name, result.windows, result.rows, practices, inside, partial, reported)


def compare_cycles(old: AuditResult, new: AuditResult, sides: tuple[Side, Side]) -> CyclesCompared:
    """Compares two cycles.

    Args:
        old: the earlier cycle, judged by the same standard as the later.
        new: the later cycle.
        sides: the facts of both.

    Raises:
        UsageError: the old one ends after the new one.
        InputRejected: they are not of the same practices.
    """
    _check_order(*sides)
    _check_practices(*sides)
    was, now = _outcomes(old), _outcomes(new)
    where = _keys(new).get_indexer(_keys(old))
    then_in = old.patients["in_cohort"].to_numpy(dtype=bool)
    now_in = new.patients["in_cohort"].to_numpy(dtype=bool)
    both = np.flatnonzero(then_in & (where >= 0) & now_in[where])
    before, after = was[both], now[where[both]]
    codes = sorted(item.code for item in new.criteria)
    return CyclesCompared(
        standard=new.standard,
        criteria=new.criteria,
        old=sides[0],
        new=sides[1],
        matched=len(both),
        left=int(then_in.sum()) - len(both),
        joined=int(now_in.sum()) - len(both),
        changes=_changes(old, new, sides[0].reported, dict(zip(codes, _pairs(before, after), strict=True))),
        moved=_moved(before, after, old.patients.iloc[both], codes),
    )


def _check_order(old: Side, new: Side) -> None:
    if old.last_day > new.last_day:
        raise UsageError(
            f"The old cycle ends on {old.last_day}, after the new one, {new.last_day}.",
            where=f"{old.name} and {new.name}",
            remedy="name the earlier cycle as the old one: b12audit compare OLD NEW, or run --previous OLD",
            code="CYCLES_REVERSED",
        )


def _check_practices(old: Side, new: Side) -> None:
    if old.practices != new.practices:
        alone = len(old.practices) == len(new.practices) == 1
        same = (
            "if they are one practice: b12audit compare OLD NEW --same-practice; from now on state practice_id on the "
            "About sheet"
        )
        raise InputRejected(
            "The two cycles are not of the same practices; nobody can be matched between practices.",
            where=f"old: {_listed(old.practices)}; new: {_listed(new.practices)}",
            remedy=same if alone else "compare runs of the same practices",
            code="PRACTICES_DIFFER",
        )


_MOST_LISTED: Final = 2


def _listed(practices: Sequence[str]) -> str:
    more = len(practices) - _MOST_LISTED
    return ", ".join(practices[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _keys(result: AuditResult) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(result.patients[_KEY])


def _outcomes(result: AuditResult) -> NDArray[np.object_]:
    """Outcomes, a row a patient and a column a criterion by code: the verdicts are sorted so."""
    outcomes: NDArray[np.object_] = result.verdicts["outcome"].to_numpy(dtype=object)
    return outcomes.reshape(len(result.patients), len(result.criteria))


def _pairs(before: NDArray[np.object_], after: NDArray[np.object_]) -> list[Paired]:
    """The paired counts of each criterion."""
    improved, worsened = _turns(before, after)
    kept = (before == after) & ((before == "met") | (before == "not_met"))
    counts = zip(*(table.sum(axis=0).tolist() for table in (kept, improved, worsened)), strict=True)
    return [Paired(same + up + down, up, down, mcnemar_mid_p(up, down)) for same, up, down in counts]


def _turns(before: NDArray[np.object_], after: NDArray[np.object_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return (before == "not_met") & (after == "met"), (before == "met") & (after == "not_met")


def _moved(
    before: NDArray[np.object_], after: NDArray[np.object_], patients: pd.DataFrame, codes: Sequence[str]
) -> tuple[Moved, ...]:
    improved, worsened = _turns(before, after)
    column, row = np.nonzero((improved | worsened).T)
    who = (patients[name].to_numpy()[row].tolist() for name in _KEY)
    what = (codes[place] for place in column.tolist())
    return tuple(map(Moved, *who, what, improved[row, column].tolist()))


def _changes(
    old: AuditResult, new: AuditResult, reported: Reported | None, pairs: Mapping[str, Paired]
) -> tuple[Change, ...]:
    least = new.standard.number("score.least_eligible")
    before = {score.criterion: score for score in old.scores}
    printed = reported.printed if reported else {}
    return tuple(
        Change(
            criterion=now.criterion,
            old=(then := before[now.criterion]),
            new=now,
            difference=_difference((then.met, then.eligible), (now.met, now.eligible), least),
            assessed=_difference((then.met, then.met + then.not_met), (now.met, now.met + now.not_met), least),
            paired=pairs[now.criterion],
            printed=printed.get(now.criterion),
        )
        for now in new.scores
    )


def _difference(old: tuple[int, int], new: tuple[int, int], least: int) -> Difference | None:
    return newcombe(old, new) if min(old[1], new[1]) >= max(least, 1) else None


def other_numbers(reported: Reported, standard: Standard) -> int:
    """How many numbers the report was made with that the standard has otherwise, or not at all."""
    here = {key: _plain(number.value) for key, number in standard.numbers.items()}
    there = {key: _plain(value) for key, value in reported.numbers.items()}
    return sum(here.get(key) != there.get(key) for key in {*here, *there})


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def as_summary(compared: CyclesCompared) -> dict[str, Any]:
    """The comparison as `compare.json` has it, and `summary.json` under `previous`."""
    return {
        "standard": {"name": compared.standard.name, "edition": compared.standard.edition},
        "old": _side(compared.old, compared.standard),
        "new": _side(compared.new, compared.standard),
        "patients": {"matched": compared.matched, "left": compared.left, "joined": compared.joined},
        "criteria": [_change(change) for change in compared.changes],
        "moved": [asdict(item) for item in compared.moved],
    }


def _side(item: Side, standard: Standard) -> dict[str, Any]:
    return {
        "name": item.name,
        "practices": list(item.practices),
        "patients": item.patients,
        "partial": item.partial,
        "inputs": [{key: str(value) for key, value in asdict(window).items()} for window in item.windows],
        "rows": [asdict(row) for row in item.rows],
        "reported": None if item.reported is None else _said(item.reported, standard),
    }


def _said(reported: Reported, standard: Standard) -> dict[str, Any]:
    said = {key: getattr(reported, key) for key in ("version", "standard", "edition", "hash")}
    return {**said, "other_numbers": other_numbers(reported, standard)}


def _change(change: Change) -> dict[str, Any]:
    return {
        "code": change.criterion,
        "old": {name: getattr(change.old, name) for name in _COUNTS},
        "new": {name: getattr(change.new, name) for name in _COUNTS},
        "difference": None if change.difference is None else asdict(change.difference),
        "difference_of_assessed": None if change.assessed is None else asdict(change.assessed),
        "matched_and_assessed": asdict(change.paired),
        "printed_then": None if change.printed is None else dict(zip(("met", "eligible"), change.printed, strict=True)),
    }
