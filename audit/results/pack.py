"""The commissioner pack as a tree of labels, published counts and shares of those: nothing else can be in it.

`audit.results.publish` is the one way from exact counts to a pack. What a renderer takes is `SafePack`; `assert_safe`
walks it and refuses any number, date, table or text that did not come through here, whatever the type checker was told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final

from audit.results.disclosure import PARTS, SUPPRESSED, Counts, SafeCount, safe
from audit.results.pack_counts import FIELDS, PackCounts
from audit.results.patterns import CLASSES
from audit.results.publish import Release
from audit.results.scores import wilson

#: what no label may hold: a day in any usual form, or a number of ten digits
_TELLING: Final = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{3} ?\d{3} ?\d{4}"
    r"|\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    re.IGNORECASE,
)
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Label:
    """A name that may be published: of a practice, criterion, field or quarter.

    Raises:
        ValueError: it is too long, or holds a day or a number that may identify somebody.
    """

    text: str

    def __post_init__(self) -> None:
        if type(self.text) is not str or len(self.text) > _LONGEST or _TELLING.search(self.text):
            raise ValueError("a label that may identify somebody cannot be published")


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, both published; every percentage and place in a chart is computed from these two alone."""

    part: SafeCount
    whole: SafeCount

    @property
    def value(self) -> float | None:
        """The fraction, at most 1; None where either is suppressed, or nobody is asked."""
        if self.part.value is None or not self.whole.value:
            return None
        return min(self.part.value / self.whole.value, 1.0)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its Wilson 95% interval; None where there is no share."""
        if self.value is None or self.part.value is None or self.whole.value is None:
            return None
        low, high = wilson(min(self.part.value, self.whole.value), self.whole.value)
        return None if low is None or high is None else (low, high)


@dataclass(frozen=True, slots=True)
class SafeRow:
    """One practice (or all together) on one criterion."""

    practice: Label
    met: SafeCount
    not_met: SafeCount
    excepted: SafeCount
    not_assessable: SafeCount
    eligible: SafeCount

    @property
    def share(self) -> Share:
        """Met among those eligible."""
        return Share(self.met, self.eligible)

    @property
    def shown(self) -> bool:
        """Whether met and eligible can be shown and somebody is eligible."""
        return self.share.value is not None


@dataclass(frozen=True, slots=True)
class SafeCriterion:
    """One criterion over the practices, in their order; `pooled` sums those whose share can be shown."""

    code: Label
    title: Label
    strength: Label
    rows: tuple[SafeRow, ...]
    pooled: SafeRow
    before: tuple[SafeRow, ...]


@dataclass(frozen=True, slots=True)
class SafePractice:
    """One practice beside the criteria.

    Attributes:
        state: whole or partial.
        patients: not excluded.
        classes: patients by class of their median interval; `with_intervals` together.
        missing: patients by missing field.
        injections: maintenance injections that ended an interval in the period.
    """

    name: Label
    state: Label
    patients: SafeCount
    classes: tuple[SafeCount, ...]
    with_intervals: SafeCount
    missing: tuple[SafeCount, ...]
    injections: SafeCount


@dataclass(frozen=True, slots=True)
class SafePack:
    """Everything that leaves: see `docs/data-dictionary.md` for the same as `pack.json`.

    Attributes:
        period: its quarter. before: that of the last release; None for a first one, or where it was another cohort.
        standard: name and edition.
        joined: practices that were not in the last release. left: those that were and are not now.
    """

    period: Label
    before: Label | None
    standard: Label
    profile: Label
    practices: tuple[SafePractice, ...]
    criteria: tuple[SafeCriterion, ...]
    classes: tuple[Label, ...]
    fields: tuple[Label, ...]
    joined: tuple[Label, ...]
    left: tuple[Label, ...]


_SAFE: Final = (SafePack, SafePractice, SafeCriterion, SafeRow, Share)
_LEAVES: Final = (Label, SafeCount)


def assert_safe(item: object) -> None:
    """Refuses a tree that holds anything but the types above; exact types, so that a look-alike is refused too.

    Raises:
        TypeError: with the kind of what was found, never its value.
    """
    if type(item) is tuple:
        for part in item:
            assert_safe(part)
    elif type(item) in _SAFE:
        for field in fields(item):  # type: ignore[arg-type]
            assert_safe(getattr(item, field.name))
    elif type(item) in _LEAVES:
        # made again: whoever went round the constructor is found here
        type(item)(*(getattr(item, field.name) for field in fields(item)))  # type: ignore[arg-type]
    elif item is not None:
        raise TypeError(f"{type(item).__name__} cannot be published")


@dataclass(frozen=True, slots=True)
class Named:
    """What a pack says beside its numbers; titles and strengths by criterion, in the order of the counts."""

    period: str
    before: str
    standard: str
    profile: str
    titles: Sequence[str]
    strengths: Sequence[str]
    joined: Sequence[str] = ()
    left: Sequence[str] = ()


def build_pack(counts: PackCounts, release: Release, named: Named, before: Release | None = None) -> SafePack:
    """The pack of a release.

    Args:
        counts: for its names alone; no count of it is read.
        release: of these counts.
        named: its words.
        before: the last release, with the same practices and criteria; None where there is none.
    """
    names = tuple(map(Label, counts.practices))
    return SafePack(
        period=Label(named.period),
        before=Label(named.before) if before else None,
        standard=Label(named.standard),
        profile=Label(named.profile),
        practices=tuple(
            _practice(name, Label("partial" if partial else "whole"), release, at)
            for at, (name, partial) in enumerate(zip(names, counts.partial, strict=True))
        ),
        criteria=tuple(
            SafeCriterion(
                Label(code),
                Label(named.titles[at]),
                Label(named.strengths[at]),
                rows := _rows(names, release, at),
                _pooled(rows),
                _rows(names, before, at) if before else (),
            )
            for at, code in enumerate(counts.criteria)
        ),
        classes=tuple(map(Label, CLASSES)),
        fields=tuple(Label(field.replace("_", " ")) for field in FIELDS),
        joined=tuple(map(Label, named.joined)),
        left=tuple(map(Label, named.left)),
    )


def _practice(name: Label, state: Label, release: Release, at: int) -> SafePractice:
    return SafePractice(
        name=name,
        state=state,
        patients=safe(release.patients[at]),
        classes=_safe(release.classes[at]),
        with_intervals=safe(release.with_intervals[at]),
        missing=_safe(release.missing[at]),
        injections=safe(release.injections[at]),
    )


def _safe(values: Counts) -> tuple[SafeCount, ...]:
    return tuple(safe(value) for value in values.tolist())


def _rows(names: Sequence[Label], release: Release, criterion: int) -> tuple[SafeRow, ...]:
    parts, totals = release.rows[:, criterion].tolist(), release.eligible[:, criterion].tolist()
    lines = zip(names, parts, totals, strict=True)
    return tuple(_row(name, map(safe, part), safe(total)) for name, part, total in lines)


def _row(name: Label, parts: Iterable[SafeCount], eligible: SafeCount) -> SafeRow:
    met, not_met, excepted, not_assessable = parts
    return SafeRow(name, met, not_met, excepted, not_assessable, eligible)


def _pooled(rows: Sequence[SafeRow]) -> SafeRow:
    """Sums over the practices whose share can be shown; a part that one of them hides is hidden."""
    shown = [row for row in rows if row.shown]
    parts = zip(*(_parts(row) for row in shown), strict=True) if shown else [(SUPPRESSED,)] * len(PARTS)
    sums = [_sum(part) for part in parts]
    return _row(Label("all practices that can be shown"), sums, _sum([row.eligible for row in shown] or [SUPPRESSED]))


def _parts(row: SafeRow) -> tuple[SafeCount, ...]:
    return row.met, row.not_met, row.excepted, row.not_assessable


def _sum(counts: Sequence[SafeCount]) -> SafeCount:
    values = [count.value for count in counts]
    return SUPPRESSED if None in values else SafeCount(sum(value or 0 for value in values))
