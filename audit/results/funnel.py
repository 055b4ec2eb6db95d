"""Whether practices differ by more than chance: exact binomial limits around the share of all of them together.

Made from published (rounded) counts alone. After Spiegelhalter, Statistics in Medicine 2005;24:1185-1202.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]

#: with fewer practices the limits say too little
LEAST_PRACTICES: Final = 8
#: how much chance the inner and the outer limits leave out
_INNER, _OUTER = 0.05, 0.002
#: the share of the most extreme at each end that does not drive the measure of overdispersion
_WINSORISED: Final = 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the share at some numbers of patients; every array has their shape."""

    eligible: npt.NDArray[np.int64]
    inner_low: Shares
    inner_high: Shares
    outer_low: Shares
    outer_high: Shares


@dataclass(frozen=True, slots=True)
class Funnel:
    """One criterion over the practices.

    Attributes:
        share: of all practices together, the line in the middle.
        at: the limits at each practice's own number of patients, in the order given.
        curve: the limits for drawing, at even steps up to the largest practice.
        flagged: which practices lie outside the outer limits.
        overdispersion: the mean squared standardised difference, the extremes drawn in; 1 or less when chance explains
            all.
    """

    share: float
    at: Limits
    curve: Limits
    flagged: tuple[bool, ...]
    overdispersion: float


def funnel(met: Sequence[int], eligible: Sequence[int], steps: int) -> Funnel | None:
    """The funnel of some practices; None with too few of them, or when nobody or everybody met.

    Args:
        met: published counts.
        eligible: published counts above 0, of the same practices.
        steps: how many points the curve is to have.
    """
    hits, sizes = np.array(met, dtype=np.int64), np.array(eligible, dtype=np.int64)
    share = hits.sum() / sizes.sum() if len(sizes) >= LEAST_PRACTICES else 0.0
    if not 0 < share < 1:
        return None
    at = limits(sizes, share)
    shares = hits / sizes
    curve = limits(np.unique(np.linspace(1, sizes.max(), steps).astype(np.int64)), share)
    flagged = (shares < at.outer_low) | (shares > at.outer_high)
    return Funnel(float(share), at, curve, tuple(flagged.tolist()), _overdispersion(shares, sizes, share))


def limits(eligible: npt.NDArray[np.int64], share: float) -> Limits:
    """Exact binomial limits, interpolated between whole numbers of patients.

    So many met lie outside a limit exactly where chance alone gives so few, or so many, in less than half of what the
    limits leave out: both ends in the same way, the upper one seen as the lower one of those who did not meet.
    """
    inner_low, outer_low = (_lower(eligible, share, out / 2) for out in (_INNER, _OUTER))
    inner_high, outer_high = (1 - _lower(eligible, 1 - share, out / 2) for out in (_INNER, _OUTER))
    return Limits(eligible, inner_low, inner_high, outer_low, outer_high)


def _lower(eligible: npt.NDArray[np.int64], share: float, chance: float) -> Shares:
    from scipy.stats import binom  # noqa: PLC0415 - half a second, and only where there is a funnel

    count = binom.ppf(chance, eligible, share)
    past = binom.cdf(count, eligible, share) - chance
    exact = count - past / binom.pmf(count, eligible, share)
    return np.asarray(np.clip(exact / eligible, 0, 1), dtype=np.float64)


def _overdispersion(shares: Shares, eligible: npt.NDArray[np.int64], share: float) -> float:
    standard = (shares - share) / np.sqrt(share * (1 - share) / eligible)
    low, high = np.quantile(standard, [_WINSORISED, 1 - _WINSORISED])
    return float((np.clip(standard, low, high) ** 2).mean())
