"""What was released before, and whether the next may follow: same practices, own quarter, nothing to difference.

A ledger line holds exact counts: the ledger is as confidential as the reports it was counted from, and stays outside
the pack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from audit.errors import InputRejected, UsageError
from audit.results.disclosure import PARTS, Counts
from audit.results.pack_counts import FIELDS, PackCounts
from audit.results.patterns import CLASSES
from audit.results.publish import Hidden, Release, publish
from audit.standards.disclosure import Profile

#: raised when a line of the ledger gets another form
FORM: Final = 1
_QUARTERS, _MONTHS, _FIRST_MONTH = 4, 3, 4
_CENTURY: Final = 100
_KEPT: Final = ("rows", "classes", "missing", "patients", "injections")
_PUBLISHED: Final = ("rows", "eligible", "classes", "with_intervals", "missing", "patients", "injections")


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
    """One release as the ledger keeps it."""

    quarter: Quarter
    profile: str
    standard: str
    counts: PackCounts
    release: Release


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
        UsageError: other practices, another profile, or an earlier quarter than the last release.
        InputRejected: the same quarter with other numbers that could be told from the difference.
    """
    if not ledger:
        return Settled(_published(entry, profile, None), False, None)
    last = ledger[-1]
    _check_sequence(entry, last)
    joined = tuple(sorted(set(entry.counts.practices) - set(last.counts.practices)))
    left = tuple(sorted(set(last.counts.practices) - set(entry.counts.practices)))
    _check_cohort(joined, left, new_cohort)
    same = entry.quarter.number == last.quarter.number
    remembered = [old for old in ledger if old.quarter.number < entry.quarter.number]
    memory = _memory(remembered[-1], entry.counts) if remembered else None
    found = _published(entry, profile, memory)
    if same:
        _check_same_quarter(found, last, profile)
    again = same and not (joined or left) and _equal(found, last)
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


def _check_cohort(joined: Sequence[str], left: Sequence[str], new_cohort: bool) -> None:
    if (joined or left) and not new_cohort:
        said = [*(f"{name} is missing" for name in left), *(f"{name} is new" for name in joined)]
        more = f" and {len(said) - _MONTHS:,} more" if len(said) > _MONTHS else ""
        raise UsageError(
            f"These are not the practices of the last release: {', '.join(said[:_MONTHS])}{more}.",
            remedy="add the missing reports, or say that a change is meant: --new-cohort",
            code="OTHER_PRACTICES",
        )


def _check_same_quarter(entry: Entry, last: Entry, profile: Profile) -> None:
    """A second release of a quarter may differ by nothing, or by more than a small count; practice by practice."""
    for name in _KEPT:
        new, old = _common(getattr(entry.counts, name), getattr(last.counts, name), entry, last)
        shown, before = _common(getattr(entry.release, name), getattr(last.release, name), entry, last)
        moved = np.abs(new - old)
        if ((moved > 0) & (moved <= profile.largest_small) | ((shown < 0) != (before < 0))).any():
            raise InputRejected(
                f"{entry.quarter.label} was released before, and some counts differ by so little that both together "
                "would tell them.",
                remedy="keep the earlier release, and correct the records for the next quarter's",
                code="RELEASE_TOO_CLOSE",
            )


def _common(new: Counts, old: Counts, entry: Entry, last: Entry) -> tuple[Counts, Counts]:
    """The cells of the practices, and criteria, that both have."""
    here, there = _both(entry.counts.practices, last.counts.practices)
    by_criterion = new.shape[1:2] == (len(entry.counts.criteria),) and new.shape[2:] == (len(PARTS),)
    if not by_criterion:
        return new[here], old[there]
    this, that = _both(entry.counts.criteria, last.counts.criteria)
    return new[here][:, this], old[there][:, that]


def _both(new: Sequence[str], old: Sequence[str]) -> tuple[list[int], list[int]]:
    shared = [name for name in new if name in set(old)]
    return [new.index(name) for name in shared], [old.index(name) for name in shared]


def _equal(entry: Entry, last: Entry) -> bool:
    names = entry.counts.criteria == last.counts.criteria and entry.standard == last.standard
    return names and all(np.array_equal(getattr(entry.counts, name), getattr(last.counts, name)) for name in _KEPT)


def _alike(old: Entry, new: Entry) -> bool:
    """Whether the two can stand side by side: the same practices, criteria and standard."""
    return (old.counts.practices, old.counts.criteria, old.standard) == (
        new.counts.practices,
        new.counts.criteria,
        new.standard,
    )


def _memory(old: Entry, new: PackCounts) -> Hidden:
    """What was suppressed last time, in the order of the new counts; what is new was not."""
    practice = [_find(old.counts.practices, name) for name in new.practices]
    criterion = [_find(old.counts.criteria, code) for code in new.criteria]
    hidden = old.release.hidden
    known, asked = np.array(practice) >= 0, np.array(criterion) >= 0
    rows = hidden.rows[practice][:, criterion] & known[:, None, None] & asked[None, :, None]
    return Hidden(rows, **{name: _aligned(getattr(hidden, name), practice) for name in _KEPT[1:]})


def _aligned(mask: npt.NDArray[np.bool_], practice: Sequence[int]) -> npt.NDArray[np.bool_]:
    known = np.array(practice) >= 0
    return np.asarray(mask[list(practice)] & known.reshape(-1, *[1] * (mask.ndim - 1)))


def _find(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else -1


def as_line(entry: Entry) -> dict[str, Any]:
    """The entry as the ledger keeps it."""
    counts, release = entry.counts, entry.release
    return {
        "form": FORM,
        "quarter": [entry.quarter.number, entry.quarter.months],
        "profile": entry.profile,
        "standard": entry.standard,
        "practices": list(counts.practices),
        "criteria": list(counts.criteria),
        "exact": {name: getattr(counts, name).tolist() for name in _KEPT},
        "published": {name: getattr(release, name).tolist() for name in _PUBLISHED},
    }


def from_line(said: Mapping[str, Any]) -> Entry:
    """The entry of a ledger's line; raises KeyError, TypeError or ValueError where it has another form."""
    if said["form"] != FORM:
        raise ValueError(f"form {said['form']}")
    practices, criteria = tuple(said["practices"]), tuple(said["criteria"])
    shapes = {
        "rows": (len(practices), len(criteria), len(PARTS)),
        "eligible": (len(practices), len(criteria)),
        "classes": (len(practices), len(CLASSES)),
        "missing": (len(practices), len(FIELDS)),
    }

    def array(kind: str, name: str) -> npt.NDArray[np.int64]:
        return np.array(said[kind][name], dtype=np.int64).reshape(shapes.get(name, (len(practices),)))

    kept = {name: array("exact", name) for name in _KEPT}
    counts = PackCounts(
        practices=practices,
        partial=(False,) * len(practices),
        criteria=criteria,
        injected=np.zeros(len(practices), dtype=np.int64),
        **kept,
    )
    release = Release(**{name: array("published", name) for name in _PUBLISHED})
    return Entry(Quarter(*said["quarter"]), said["profile"], said["standard"], counts, release)
