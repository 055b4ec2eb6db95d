"""What leaves a practice gives away no small count: by its rules, by its type, and against a solver."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from ortools.sat.python import cp_model

from audit.results.disclosure import (
    PARTS,
    Counts,
    Mask,
    Published,
    SafeCount,
    publish_alone,
    publish_rows,
    safe,
    small,
)
from audit.standards.disclosure import Profile, profiles

MOST = 10_000
STRICT, NDA = profiles()["strict"], profiles()["nda"]
LEAST_POSSIBLE = 5


def rows(*parts: tuple[int, int, int, int]) -> Counts:
    return np.array(parts, dtype=np.int64)


def one(*parts: int) -> tuple[list[int], int]:
    found = publish_rows(np.array([parts], dtype=np.int64), STRICT)
    return found.parts[0].tolist(), int(found.total[0])


@pytest.mark.parametrize(
    ("count", "published"), [(0, 0), (1, -1), (7, -1), (8, 10), (12, 10), (13, 15), (17, 15), (18, 20), (243, 245)]
)
def test_a_count_alone(count: int, published: int) -> None:
    assert publish_alone(np.array([count]), STRICT).tolist() == [published]


@pytest.mark.parametrize(("count", "published"), [(1, -1), (5, -1), (6, 5), (7, 5), (8, 10)])
def test_a_count_alone_under_an_agreement(count: int, published: int) -> None:
    assert publish_alone(np.array([count]), NDA).tolist() == [published]


@pytest.mark.parametrize(("count", "published"), [(7, -1), (8, -1), (12, -1), (13, 15), (0, 0)])
def test_a_count_that_was_suppressed_comes_back_late(count: int, published: int) -> None:
    assert publish_alone(np.array([count]), STRICT, np.array([True])).tolist() == [published]


@pytest.mark.parametrize(
    ("parts", "published", "total"),
    [
        ((58, 30, 0, 32), [60, 30, 0, 30], 120),  # nothing is small
        ((58, 30, 3, 29), [60, 30, -1, -1], 120),  # one small part takes another with it
        ((58, 30, 3, 0), [60, -1, -1, 0], 90),
        ((58, 4, 0, 0), [-1, -1, 0, 0], 60),  # a small complement takes the share with it
        ((3, 2, 1, 0), [-1, -1, -1, -1], -1),  # a small total hides the row
        ((0, 12, 0, 0), [-1, -1, -1, -1], 10),  # nobody of few
        ((12, 0, 0, 0), [-1, -1, -1, -1], 10),  # everybody of few
        ((0, 25, 0, 0), [0, 25, 0, 0], 25),  # nobody of enough
        ((0, 0, 0, 0), [0, 0, 0, 0], 0),
    ],
)
def test_a_row(parts: tuple[int, ...], published: list[int], total: int) -> None:
    assert one(*parts) == (published, total)


@pytest.mark.parametrize("value", [1, 4, 7, 12, -5, True, 5.0])
def test_the_type_takes_nothing_that_was_not_rounded(value: int) -> None:
    with pytest.raises(ValueError, match="rounded"):
        SafeCount(value)


def test_the_type_takes_what_was_published() -> None:
    assert [safe(value).value for value in (0, 5, 120, -1)] == [0, 5, 120, None]


# --- the attacker


def random_rows(rng: np.random.Generator, count: int) -> Counts:
    """Counts as practices have them: many nothings, many small, some large."""
    kind = rng.random((count, len(PARTS)))
    few, many = rng.integers(1, 9, kind.shape), rng.integers(8, 60, kind.shape)
    return np.select([kind < 0.25, kind < 0.6], [0, few], many).astype(np.int64)


class Attacker:
    """Knows all rules, every published number, which parts are suppressed for themselves, and each row's exact total
    from elsewhere where it is published at all (the same patients stand in other criteria's rows)."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def narrowest(self, exact: Counts, published: Published, hidden_before: Mask | None = None) -> int:
        """The fewest values that any suppressed part of these rows can still have."""
        widths = (
            self._width(exact[row], published.parts[row], int(published.total[row]), column, limits[row])
            for limits in (self._limits(exact.shape, hidden_before),)
            for row, column in zip(*np.nonzero(published.parts < 0), strict=True)
        )
        return min(widths, default=MOST)

    def _limits(self, shape: tuple[int, ...], hidden_before: Mask | None) -> Counts:
        usual = np.full(shape, self.profile.largest_small)
        return usual if hidden_before is None else np.where(hidden_before, self.profile.back_from - 1, usual)

    def _width(self, exact: Counts, shown: Counts, total: int, column: int, limits: Counts) -> int:
        ends = []
        for direction in (1, -1):
            model = cp_model.CpModel()
            parts = [self._part(model, at, exact, shown, limits) for at in range(len(PARTS))]
            if total >= 0:
                model.add(sum(parts) == int(exact.sum()))
            model.minimize(direction * parts[column])
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            assert solver.solve(model) == cp_model.OPTIMAL
            ends.append(solver.value(parts[column]))
        return int(ends[1] - ends[0] + 1)

    def _part(self, model: cp_model.CpModel, at: int, exact: Counts, shown: Counts, limits: Counts) -> cp_model.IntVar:
        half, value, limit = self.profile.base // 2, int(shown[at]), int(limits[at])
        if value > 0:
            return model.new_int_var(max(value - half, limit + 1), value + half, "")
        if value == 0:
            return model.new_int_var(0, 0, "")
        if 0 < exact[at] <= limit:
            return model.new_int_var(1, limit, "")
        return model.new_int_var(limit + 1 if exact[at] else 0, MOST, "")


def packs(seed: int, number: int) -> Iterator[Counts]:
    rng = np.random.default_rng(seed)
    return (random_rows(rng, int(rng.integers(2, 9))) for _ in range(number))


def attack(seed: int, number: int) -> int:
    return min(Attacker(STRICT).narrowest(exact, publish_rows(exact, STRICT)) for exact in packs(seed, number))


def attack_next(seed: int, number: int) -> int:
    """The release after: some counts have moved a little, some much; what was suppressed is remembered."""
    rng, found = np.random.default_rng(seed), []
    for before in packs(seed + 1, number):
        moved = np.where(rng.random(before.shape) < 0.5, rng.integers(-7, 8, before.shape), rng.integers(-30, 31))
        after = np.maximum(before + np.where(rng.random(before.shape) < 0.3, 0, moved), 0)
        hidden_before = publish_rows(before, STRICT).parts < 0
        found.append(Attacker(STRICT).narrowest(after, publish_rows(after, STRICT, hidden_before), hidden_before))
    return min(found)


def test_a_solver_recovers_no_suppressed_count() -> None:
    assert LEAST_POSSIBLE <= attack(1, 25) < MOST


def test_a_solver_recovers_none_from_the_next_release_either() -> None:
    assert LEAST_POSSIBLE <= attack_next(2, 10) < MOST


def test_the_solver_does_recover_what_is_only_rounded() -> None:
    exact = rows((58, 3, 0, 0))
    careless = Published(np.array([[60, -1, 0, 0]]), np.array([60]))
    assert Attacker(STRICT).narrowest(exact, careless) < LEAST_POSSIBLE


@pytest.mark.slow
def test_a_thousand_packs() -> None:
    assert LEAST_POSSIBLE <= attack(3, 1_000) < MOST


@pytest.mark.slow
def test_two_hundred_pairs_of_releases() -> None:
    assert LEAST_POSSIBLE <= attack_next(4, 200) < MOST


def test_no_small_count_is_ever_shown() -> None:
    exact = random_rows(np.random.default_rng(5), 20_000)
    for profile in (STRICT, NDA):
        published = publish_rows(exact, profile)
        assert (published.parts[small(exact, profile)] < 0).all()
        assert (published.total[small(exact.sum(axis=1), profile)] < 0).all()
        assert not ((published.parts < 0).sum(axis=1)[published.total >= 0] == 1).any()
        assert (np.concatenate([published.parts.ravel(), published.total]) % profile.base)[:10].max() < profile.base
