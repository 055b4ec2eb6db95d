"""What was released before, and whether the next may follow: same practices, own quarter, nothing to difference.

A ledger line holds exact counts: the ledger is as confidential as the reports it was counted from, and stays outside
the pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from audit.errors import InputRejected, UsageError
from audit.results.pack_counts import PackCounts
from audit.results.publish import Hidden, Release, publish
from audit.standards.disclosure import Profile

_QUARTERS, _MONTHS, _FIRST_MONTH = 4, 3, 4
_CENTURY: Final = 100
#: what a ledger's line keeps: exact counts, and what was published of them
KEPT: Final = ("rows", "classes", "missing", "patients", "injections")
PUBLISHED: Final = ("rows", "eligible", "classes", "with_intervals", "missing", "patients", "injections")


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a financial year, counted from year 0; and how many months up to its end are audited."""

    number: int
    months: int

    @property
    def label(self) -> str:
        """For example "12 months to 2025/26 Q4"."""
        year, quarter = divmod(self.number, _QUARTERS)
        return f"{self.months} months to {year}/{(year + 1) % _CENTURY:02d} Q{quarter + 1}"


def quarter_of(period: tuple[date, date]) -> Quarter:
    """The quarter in which an audit period ends."""
    first, last = period
    number = (last.year * (_QUARTERS * _MONTHS) + last.month - _FIRST_MONTH) // _MONTHS
    months = (last.year - first.year) * (_QUARTERS * _MONTHS) + last.month - first.month + 1
    return Quarter(number, months)


@dataclass(frozen=True, slots=True)
class Entry:
    """One release as the ledger keeps it; `ends` is the last day of its period, None where an old line lacks it."""

    quarter: Quarter
    profile: str
    standard: str
    counts: PackCounts
    release: Release
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be published.

    Attributes:
        entry: for the ledger. again: it stands there already, exactly.
        before: the last release in the order of this one's criteria; None where it has other practices or none.
    """

    entry: Entry
    again: bool
    before: Entry | None
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def settle(entry: Entry, ledger: Sequence[Entry], profile: Profile, *, new_cohort: bool) -> Settled:
    """Publishes under what the ledger remembers, or refuses.

    Args:
        entry: the release; its `release` is replaced.
        ledger: earlier releases, in order.
        profile: the rules.
        new_cohort: other practices than last time are meant.

    Raises:
        UsageError: other practices, another profile or cadence, or an earlier quarter than the last release.
        InputRejected: the same quarter with other numbers of a practice that was released with it.
    """
    if not ledger:
        return Settled(_published(entry, profile, None), False, None)
    last = ledger[-1]
    _check_sequence(entry, last)
    _check_cadence(entry, last, profile)
    joined = tuple(sorted(set(entry.counts.practices) - set(last.counts.practices)))
    left = tuple(sorted(set(last.counts.practices) - set(entry.counts.practices)))
    _check_cohort(joined, left, new_cohort)
    remembered = [old for old in ledger if old.quarter.number < entry.quarter.number]
    found = _published(entry, profile, _memory(remembered, entry.counts))
    this_quarter = ledger[len(remembered) :]
    _check_released(found, this_quarter)
    again = bool(this_quarter) and not (joined or left)
    earlier = remembered[-1] if remembered else None
    comparable = earlier is not None and _alike(earlier, found)
    return Settled(found, again, earlier if comparable else None, joined, left)


def _published(entry: Entry, profile: Profile, memory: Hidden | None) -> Entry:
    return replace(entry, release=publish(entry.counts, profile, memory))


def _check_sequence(entry: Entry, last: Entry) -> None:
    if entry.profile != last.profile:
        raise UsageError(
            f"The ledger holds releases under the profile {last.profile}: both together would tell more than each.",
            remedy=f"use --profile {last.profile}, or another ledger for other readers: --ledger FILE",
            code="OTHER_PROFILE",
        )
    if entry.quarter.number < last.quarter.number:
        raise UsageError(
            f"The last release was of {last.quarter.label}: one of {entry.quarter.label} is out of turn.",
            remedy="release the quarters in their order, each once",
            code="RELEASE_OUT_OF_TURN",
        )


def _check_cadence(entry: Entry, last: Entry, profile: Profile) -> None:
    """Periods of another length could be subtracted; two that end within days of each other nearly are one."""
    if entry.quarter.months != last.quarter.months:
        raise UsageError(
            f"The ledger holds releases of {last.quarter.months} months each, and these are {entry.quarter.months}.",
            remedy="audit all practices over as many months as the last release",
            code="OTHER_CADENCE",
        )
    moved = entry.ends and last.ends and entry.quarter.number > last.quarter.number and entry.ends - last.ends
    if moved and moved.days < profile.days_apart:
        raise UsageError(
            f"The period ends {moved.days} days after that of the last release: too few people change between them.",
            remedy="release again when a quarter has gone by",
            code="OTHER_CADENCE",
        )


def _check_cohort(joined: Sequence[str], left: Sequence[str], new_cohort: bool) -> None:
    if (joined or left) and not new_cohort:
        said = [*(f"{name} is missing" for name in left), *(f"{name} is new" for name in joined)]
        more = f" and {len(said) - _MONTHS:,} more" if len(said) > _MONTHS else ""
        raise UsageError(
            f"These are not the practices of the last release: {', '.join(said[:_MONTHS])}{more}.",
            remedy="add the missing reports, or say that a change is meant: --new-cohort",
            code="OTHER_PRACTICES",
        )


def _check_released(entry: Entry, released: Sequence[Entry]) -> None:
    """What was said of a practice's quarter is said again or not at all: any difference could be subtracted."""
    differing = sorted({name for old in released for name in _differing(entry, old)})
    if differing:
        more = f" and {len(differing) - _MONTHS:,} more" if len(differing) > _MONTHS else ""
        raise InputRejected(
            f"{entry.quarter.label} was released before with other numbers of {', '.join(differing[:_MONTHS])}{more}: "
            "both together could tell what neither tells.",
            remedy="keep the earlier release; corrected records count from the next quarter's release on",
            code="RELEASED_BEFORE",
        )


def _differing(new: Entry, old: Entry) -> list[str]:
    """The practices of both of which the two do not know and say exactly the same."""
    here, there = _both(new.counts.practices, old.counts.practices)
    alike = (new.quarter, new.standard, new.counts.criteria) == (old.quarter, old.standard, old.counts.criteria)
    same = np.full(len(here), alike)
    pairs = (
        *((getattr(new.counts, name), getattr(old.counts, name)) for name in KEPT),
        *((getattr(new.release, name), getattr(old.release, name)) for name in PUBLISHED),
    )
    for this, that in pairs if alike else ():
        same &= (this[here] == that[there]).reshape(len(here), -1).all(axis=1)
    return [new.counts.practices[at] for at, equal in zip(here, same.tolist(), strict=True) if not equal]


def _both(new: Sequence[str], old: Sequence[str]) -> tuple[list[int], list[int]]:
    shared = [name for name in new if name in set(old)]
    return [new.index(name) for name in shared], [old.index(name) for name in shared]


def _alike(old: Entry, new: Entry) -> bool:
    """Whether the two can stand side by side: the same practices, criteria and standard."""
    return (old.counts.practices, old.counts.criteria, old.standard) == (
        new.counts.practices,
        new.counts.criteria,
        new.standard,
    )


def _memory(earlier: Sequence[Entry], new: PackCounts) -> Hidden | None:
    """What was suppressed the last time that each practice was released, in the order of the new counts."""
    if not earlier:
        return None
    latest = {name: old for old in earlier for name in old.counts.practices}
    found = [_remembered(old, new, [latest.get(name) is old for name in new.practices]) for old in earlier]
    return Hidden(**{name: np.logical_or.reduce([getattr(one, name) for one in found]) for name in KEPT})


def _remembered(old: Entry, new: PackCounts, asked: Sequence[bool]) -> Hidden:
    """What one release suppressed of the practices that are asked for; what is new was not suppressed."""
    places = zip(new.practices, asked, strict=True)
    practice = [_find(old.counts.practices, name) if wanted else -1 for name, wanted in places]
    criterion = [_find(old.counts.criteria, code) for code in new.criteria]
    hidden = old.release.hidden
    rows = hidden.rows[:, criterion] & (np.array(criterion) >= 0)[None, :, None]
    rest = {name: _aligned(getattr(hidden, name), practice) for name in KEPT[1:]}
    return Hidden(_aligned(rows, practice), **rest)


def _aligned(mask: npt.NDArray[np.bool_], practice: Sequence[int]) -> npt.NDArray[np.bool_]:
    known = np.array(practice) >= 0
    return np.asarray(mask[list(practice)] & known.reshape(-1, *[1] * (mask.ndim - 1)))


def _find(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else -1
