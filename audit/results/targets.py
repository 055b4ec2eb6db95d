"""A score beside a local target: meets, below, or cannot tell yet (REPORTS section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from audit.results.audit import Score
from audit.results.scores import wilson
from audit.standards.standard import Standard

MEETS: Final = "meets the target"
BELOW: Final = "below the target"
CANNOT_TELL: Final = "cannot tell yet"


@dataclass(frozen=True, slots=True)
class TargetVerdict:
    """One criterion's local target in percent, and what the score says of it."""

    criterion: str
    percent: int
    wording: str


def compare_to_target(score: Score, target: float, least: int) -> str:
    """MEETS when the lower limit of the Wilson 95% interval reaches the target, BELOW when the upper one misses it.

    Silent in the standard: patients of whom the record cannot tell. They count against "meets" as not met and against
    "below" as met, so that missing data can neither flatter nor blame; without any this is the plain rule.

    Args:
        score: of the criterion.
        target: as a fraction.
        least: with fewer eligible patients nothing is said.
    """
    if score.eligible < least:
        return CANNOT_TELL
    assessed = score.met + score.not_met + score.not_assessable
    low, _ = wilson(score.met, assessed)
    _, high = wilson(score.met + score.not_assessable, assessed)
    if low is None or high is None:
        return CANNOT_TELL
    return MEETS if low >= target else BELOW if high < target else CANNOT_TELL


def target_verdicts(scores: Iterable[Score], standard: Standard) -> tuple[TargetVerdict, ...]:
    """One entry for each criterion that has a target and was judged, in the order of the scores."""
    least = standard.number("score.least_eligible")
    return tuple(
        TargetVerdict(score.criterion, standard.targets[score.criterion], compare_to_target(score, target, least))
        for score in scores
        if (target := standard.target(score.criterion)) is not None
    )
