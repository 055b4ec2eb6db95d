"""What may be told of a practice outside it: rounded counts, small ones suppressed, and none to be worked out.

Everything downstream of this module (the pack's view, its charts, its tables) is made from `SafeCount`s alone: a
multiple of the rounding base, or nothing. A published value depends on its own count's bucket and, where a row has a
total, on what that total would give away; never on any other practice. Sums over practices are sums of published
values, so they give away nothing that is not published already.

The rules stand in `audit/standards/disclosure.toml`: those of official statistics (primary suppression, rounding, and
secondary suppression against differencing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from audit.standards.disclosure import Profile, profiles

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: the parts of a criterion's row, in the order of its columns; they add up to those eligible
PARTS: Final = ("met", "not_met", "excepted", "not_assessable")
#: which part is given up first when one more must be suppressed
_GIVEN_UP: Final = ("excepted", "not_assessable", "not_met", "met")
#: four of them still fit
_UNBOUNDED: Final = np.int64(np.iinfo(np.int64).max >> 2)


@dataclass(frozen=True, slots=True)
class SafeCount:
    """A count that may be published: a multiple of the base, or None when it is suppressed.

    Raises:
        ValueError: it is neither, so it has not been through `publish`.
    """

    value: int | None

    def __post_init__(self) -> None:
        if self.value is not None and (type(self.value) is not int or self.value < 0 or self.value % _base()):
            raise ValueError("a count that was not rounded cannot be published")


def _base() -> int:
    return next(iter(profiles().values())).base


SUPPRESSED: Final = SafeCount(None)


@dataclass(frozen=True, slots=True)
class Published:
    """Rows of counts as they may be published; -1 where suppressed.

    Attributes:
        parts: rows x parts. total: rows.
    """

    parts: Counts
    total: Counts


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What else a row has to do without, because counts elsewhere would tell what it suppresses.

    Attributes:
        parts: rows x parts, suppressed whatever they are. whole: rows, suppressed with their totals.
        plain: rows x parts, zeros that everybody knows; they are said.
    """

    parts: Mask
    whole: Mask
    plain: Mask

    @classmethod
    def nothing(cls, shape: tuple[int, int]) -> GivenUp:
        """Of rows of this shape."""
        none = np.zeros(shape, dtype=bool)
        return cls(none, none[:, 0], none)


def rounded(counts: Counts, profile: Profile) -> Counts:
    """The nearest multiples of the profile's base, halves up."""
    return (counts + profile.base // 2) // profile.base * profile.base


def small(counts: Counts, profile: Profile, hidden_before: Mask | None = None) -> Mask:
    """Which counts are suppressed for themselves: from 1 to the largest small one."""
    return np.asarray((counts > 0) & (counts <= largest_small(counts, profile, hidden_before)))


def largest_small(counts: Counts, profile: Profile, hidden_before: Mask | None) -> Counts:
    """Up to where each count is small.

    Where a count was suppressed last time it stays so until it is well past the threshold: seeing it cross would
    tell almost exactly what it was.
    """
    usual = np.full(counts.shape, profile.largest_small, dtype=np.int64)
    return usual if hidden_before is None else np.where(hidden_before, profile.back_from - 1, usual)


def publish_alone(counts: Counts, profile: Profile, hidden_before: Mask | None = None) -> Counts:
    """Counts that belong to no published total; -1 where suppressed."""
    return np.where(small(counts, profile, hidden_before), -1, rounded(counts, profile))


def publish_rows(
    parts: Counts, profile: Profile, hidden_before: Mask | None = None, given_up: GivenUp | None = None
) -> Published:
    """Rows of PARTS with their totals.

    A row is published so that somebody who knows every rule here, and even the exact total, is left with at least
    `least_possible` values for each suppressed part; and never with one suppressed part alone.

    Args:
        parts: exact counts, rows x PARTS.
        profile: the rules.
        hidden_before: which parts the last release suppressed (same shape); None for a first release.
        given_up: what other rows ask of these; None for nothing.
    """
    extremes = _extremes(parts, parts.sum(axis=1), profile)
    order = [PARTS.index(part) for part in _GIVEN_UP]
    return _publish(_Rows.of(parts, profile, hidden_before, given_up), extremes, order)


def publish_classes(
    parts: Counts, profile: Profile, hidden_before: Mask | None = None, given_up: GivenUp | None = None
) -> Published:
    """Rows of any classes that add up to their totals, under the same promise; the last class is given up first."""
    order = list(range(parts.shape[1]))[::-1]
    none = np.zeros(len(parts), dtype=bool)
    return _publish(_Rows.of(parts, profile, hidden_before, given_up), none, order)


def _publish(row: _Rows, extremes: Mask, order: Sequence[int]) -> Published:
    sayable = ~row.given_up.plain
    hidden_total = small(row.total, row.profile) | row.given_up.whole
    hidden = row.primary | row.given_up.parts | ((extremes | hidden_total)[:, None] & sayable)
    for column in order:
        exposed = row.exposed(hidden) & ~hidden_total
        hidden[:, column] |= exposed & (row.parts[:, column] > 0)
    # what is still exposed is made to look like a row in which nobody or everybody met, its zeros hidden too: another
    # row with the same patients may show the same total, so hiding the total alone would hide little
    hidden |= row.exposed(hidden)[:, None] & sayable
    hidden_total |= row.exposed(hidden)
    shown_parts = np.where(hidden, -1, rounded(row.parts, row.profile))
    return Published(shown_parts, np.where(hidden_total, -1, rounded(row.total, row.profile)))


def _extremes(parts: Counts, total: Counts, profile: Profile) -> Mask:
    """Rows in which nobody or everybody met the criterion, among too few to say so."""
    met = parts[:, PARTS.index("met")]
    return np.asarray((total < profile.extremes_below) & ((met == 0) | (met == total)) & (total > 0))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Exact rows, and what somebody could work out of them who knows every rule."""

    parts: Counts
    total: Counts
    largest_small: Counts
    profile: Profile
    given_up: GivenUp

    @classmethod
    def of(cls, parts: Counts, profile: Profile, hidden_before: Mask | None, given_up: GivenUp | None) -> _Rows:
        limit = largest_small(parts, profile, hidden_before)
        asked = given_up or GivenUp.nothing((parts.shape[0], parts.shape[1]))
        return cls(parts, parts.sum(axis=1), limit, profile, asked)

    @property
    def primary(self) -> Mask:
        """Parts that are suppressed for themselves."""
        return np.asarray((self.parts > 0) & (self.parts <= self.largest_small))

    def exposed(self, hidden: Mask) -> Mask:
        """Rows with one hidden part alone, or with one that could be worked out too closely."""
        low, high = self._possible(hidden)
        others_low, others_high = low.sum(axis=1)[:, None] - low, high.sum(axis=1)[:, None] - high
        least = np.maximum(low, self.total[:, None] - others_high)
        most = np.minimum(high, self.total[:, None] - others_low)
        close = hidden & (most - least + 1 < self.profile.least_possible)
        return np.asarray(close.any(axis=1) | (hidden.sum(axis=1) == 1))

    def _possible(self, hidden: Mask) -> tuple[Counts, Counts]:
        """The least and most that each part can be."""
        shown, half, past = rounded(self.parts, self.profile), self.profile.base // 2, self.largest_small + 1
        zero = self.parts == 0
        low = np.where(zero, 0, np.maximum(shown - half, past))
        high = np.where(zero, 0, shown + half)
        # somebody may know which parts are suppressed for themselves, and so that the others are no small counts
        hidden_low = np.where(self.primary, 1, np.where(zero, 0, past))
        hidden_high = np.where(self.primary, self.largest_small, _UNBOUNDED)
        return np.where(hidden, hidden_low, low), np.where(hidden, hidden_high, high)


def safe(value: int) -> SafeCount:
    """A published number as the type that a renderer takes; -1 is suppressed."""
    return SUPPRESSED if value < 0 else SafeCount(int(value))
