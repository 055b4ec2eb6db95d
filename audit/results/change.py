"""How far chance may have moved a share between two cycles: Newcombe's interval, and McNemar's mid-p value."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from audit.results.scores import wilson


@dataclass(frozen=True, slots=True)
class Difference:
    """New share less old share, as a fraction, with its Newcombe 95% interval."""

    points: float
    low: float
    high: float


def newcombe(old: tuple[int, int], new: tuple[int, int]) -> Difference:
    """The difference of two shares, new less old, with Newcombe's hybrid score interval at 95% (his method 10).

    R. G. Newcombe, Interval estimation for the difference between independent proportions: comparison of eleven
    methods, Statistics in Medicine 1998;17:873-890. It is built from the Wilson limits of each share; scipy has those.

    Args:
        old: met and all, of at least one.
        new: likewise.
    """
    share_old, share_new = old[0] / old[1], new[0] / new[1]
    low_old, high_old = _limits(*old)
    low_new, high_new = _limits(*new)
    points = share_new - share_old
    below = sqrt((share_new - low_new) ** 2 + (high_old - share_old) ** 2)
    above = sqrt((high_new - share_new) ** 2 + (share_old - low_old) ** 2)
    return Difference(points, points - below, points + above)


def _limits(met: int, whole: int) -> tuple[float, float]:
    low, high = wilson(met, whole)
    if low is None or high is None:
        raise ValueError("a share of nobody has no interval")
    return low, high


def mcnemar_mid_p(improved: int, worsened: int) -> float | None:
    """Two-sided mid-p value of McNemar's test on the patients who changed; None when nobody did.

    M. W. Fagerland, S. Lydersen, P. Laake, The McNemar test for binary matched-pairs data: mid-p and asymptotic are
    better than exact conditional, BMC Medical Research Methodology 2013;13:91.
    """
    changed = improved + worsened
    if not changed:
        return None
    from scipy.stats import binom  # noqa: PLC0415 - half a second, and only where somebody changed

    fewer = min(improved, worsened)
    chance = binom(changed, 1 / 2)
    return min(1.0, float(2 * chance.cdf(fewer) - chance.pmf(fewer)))
