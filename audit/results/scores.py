"""A criterion's counts, shares, bounds and interval (STANDARD section 3, counting)."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import sqrt

import numpy as np

from audit.cohort.calendar import Counts
from audit.criteria.judgement import BLANK
from audit.results.audit import Score
from audit.results.judge import Verdicts
from schemas.vocabulary import OUTCOME, REASON


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted of one criterion, so that parts of a population can be added up.

    Attributes:
        outcomes: patients by place in OUTCOME; reasons: by place in REASON.
        within_grace: met only thanks to it.
        intervals_met, intervals_judged: of all patients.
    """

    criterion: str
    outcomes: Counts
    reasons: Counts
    within_grace: int
    intervals_met: int
    intervals_judged: int

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.criterion,
            self.outcomes + other.outcomes,
            self.reasons + other.reasons,
            self.within_grace + other.within_grace,
            self.intervals_met + other.intervals_met,
            self.intervals_judged + other.intervals_judged,
        )


def tally(part: Verdicts) -> Tally:
    """The counts of one criterion over the verdicts of one input."""
    return Tally(
        part.criterion.code,
        np.bincount(part.outcome, minlength=len(OUTCOME)),
        np.bincount(part.reason, minlength=len(REASON)),
        int((part.grace == 1).sum()),
        _total(part.evidence.met),
        _total(part.evidence.judged),
    )


def score(parts: Sequence[Verdicts]) -> Score:
    """The score of one criterion over the verdicts of every input of the run."""
    return score_of(reduce(operator.add, map(tally, parts)))


def score_of(counted: Tally) -> Score:
    """The score that the counts make."""
    counts = dict(zip(OUTCOME, counted.outcomes.tolist(), strict=True))
    assessed = counts["met"] + counts["not_met"]
    eligible = assessed + counts["excepted"] + counts["not_assessable"]
    low, high = wilson(counts["met"], assessed)
    return Score(
        criterion=counted.criterion,
        **counts,
        within_grace=counted.within_grace,
        intervals_met=counted.intervals_met,
        intervals_judged=counted.intervals_judged,
        reasons=_reasons(counted.reasons),
        eligible=eligible,
        share_met=share(counts["met"], eligible),
        share_met_upper=share(counts["met"] + counts["not_assessable"], eligible),
        share_of_assessed=share(counts["met"], assessed),
        wilson_low=low,
        wilson_high=high,
    )


def share(part: int, whole: int) -> float | None:
    """Part / whole; None when the whole is nobody."""
    return part / whole if whole else None


def wilson(met: int, assessed: int) -> tuple[float | None, float | None]:
    """Wilson 95% interval of met / assessed; (None, None) when nobody was assessed."""
    if not assessed:
        return None, None
    from scipy.special import ndtri  # noqa: PLC0415 - a fifth of a second, and only where there is a score

    # as scipy.stats.binomtest(...).proportion_ci(method="wilson") has it, to the last bit, without its import
    z = float(ndtri((1 + 0.95) / 2))
    p, n = met / assessed, assessed
    denominator = 2 * (n + z**2)
    centre = (2 * n * p + z**2) / denominator
    reach = z / denominator * sqrt(4 * n * p * (1 - p) + z**2)
    return (0.0 if not met else centre - reach), (1.0 if met == n else centre + reach)


def _total(column: Counts) -> int:
    return int(column[column != BLANK].sum())


def _reasons(counts: Counts) -> dict[str, int]:
    return dict(sorted((REASON[code], number) for code, number in enumerate(counts.tolist()) if code and number))
