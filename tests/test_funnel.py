"""Funnel limits: against scipy's own, published properties, and both sides of a flag."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from audit.results.funnel import LEAST_PRACTICES, funnel, limits

SIZES = [20, 40, 60, 80, 100, 150, 200, 300]


def test_too_few_practices_make_no_funnel() -> None:
    assert funnel([10] * 7, [20] * 7, 10) is None
    assert funnel([10] * 8, [20] * 8, 10) is not None
    assert LEAST_PRACTICES == 8


@pytest.mark.parametrize("met", [[0] * 8, SIZES])
def test_nobody_and_everybody_make_no_funnel(met: list[int]) -> None:
    assert funnel(met, SIZES, 10) is None


@given(st.integers(1, 2_000), st.floats(0.02, 0.98))
@settings(max_examples=60, deadline=None)
def test_the_limits_enclose_whole_counts_of_the_exact_distribution(size: int, share: float) -> None:
    found = limits(np.array([size]), share)
    low, high = (float(binom.ppf(chance, size, share)) / size for chance in (0.025, 0.975))
    assert low - 1 / size <= found.inner_low[0] <= low
    assert high - 1e-9 <= found.inner_high[0] <= high + 1 / size
    assert found.outer_low[0] <= found.inner_low[0] <= found.inner_high[0] <= found.outer_high[0]


def test_the_limits_close_in_with_size() -> None:
    found = limits(np.array(SIZES), 0.5)
    assert (np.diff(found.outer_high - found.outer_low) < 0).all()
    assert found.inner_low[SIZES.index(100)] == pytest.approx(0.40, abs=0.01)


def test_a_flag_stands_outside_the_outer_limits_only() -> None:
    usual = [size // 2 for size in SIZES]
    at_100 = SIZES.index(100)
    outer = limits(np.array([100]), 0.5)
    assert 0.33 < outer.outer_low[0] < 0.36
    for met, flagged in ((38, False), (25, True)):
        changed = [*usual[:at_100], met, *usual[at_100 + 1 :]]
        found = funnel(changed, SIZES, 50)
        assert found is not None
        assert [place for place, flag in enumerate(found.flagged) if flag] == ([at_100] if flagged else [])


@pytest.mark.parametrize("share", [0.03, 0.5, 0.96])
def test_a_flag_is_what_chance_gives_once_in_a_thousand(share: float) -> None:
    """Both ends: that everybody met where nearly everybody does is no news."""
    for size in SIZES:
        found, met = limits(np.array([size]), share), np.arange(size + 1)
        flagged = (met / size < found.outer_low) | (met / size > found.outer_high)
        rare = (binom.cdf(met, size, share) < 0.001) | (binom.sf(met - 1, size, share) < 0.001)
        assert flagged.tolist() == rare.tolist(), size


def test_overdispersion_is_about_one_by_chance_and_large_otherwise() -> None:
    rng = np.random.default_rng(3)
    sizes = [100] * 200
    by_chance = funnel(rng.binomial(100, 0.6, 200).tolist(), sizes, 10)
    spread = funnel(rng.binomial(100, rng.uniform(0.3, 0.9, 200)).tolist(), sizes, 10)
    assert by_chance is not None
    assert spread is not None
    assert 0.5 < by_chance.overdispersion < 1
    assert spread.overdispersion > 5
