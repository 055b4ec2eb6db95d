"""Shares and intervals, with the values the specification gives."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from audit.results.scores import share, wilson


@pytest.mark.parametrize(("met", "assessed", "low", "high"), [(5, 5, 56.6, 100), (21, 38, 39.7, 69.9), (0, 38, 0, 9.2)])
def test_wilson_intervals(met: int, assessed: int, low: float, high: float) -> None:
    found = wilson(met, assessed)
    assert [round(100 * (value or 0), 1) for value in found] == [low, high]


def test_nobody_has_no_share() -> None:
    assert wilson(0, 0) == (None, None)
    assert share(0, 0) is None
    assert share(58, 120) == 58 / 120


def test_wilson_is_that_of_scipy_to_the_last_bit() -> None:
    pairs = [(met, assessed) for assessed in (1, 2, 7, 38, 120, 99_991) for met in {0, 1, assessed // 3, assessed}]
    theirs = [binomtest(met, assessed).proportion_ci(0.95, method="wilson") for met, assessed in pairs]
    assert [wilson(*pair) for pair in pairs] == [(float(found.low), float(found.high)) for found in theirs]
