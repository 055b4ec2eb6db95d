"""From exact counts to what may be published: each row for itself, then all of them together.

`publish` is the one way. A count that is suppressed in one row may be told by others, where populations hang together
(`audit/standards/related.toml`): then more is given up, until nothing is narrowed too far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from audit.results.disclosure import (
    PARTS,
    Counts,
    GivenUp,
    Mask,
    largest_small,
    publish_alone,
    publish_classes,
    publish_rows,
    small,
)
from audit.results.margins import Margins, cells_of, tables_of
from audit.results.pack_counts import FIELDS, PackCounts
from audit.standards.disclosure import Profile
from audit.standards.related import fields_of, never_excepted


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a release suppressed; the same shapes as in `PackCounts`, so that the next one can remember it."""

    rows: Mask
    classes: Mask
    missing: Mask
    patients: Mask
    injections: Mask


@dataclass(frozen=True, slots=True)
class Release:
    """Numbers as they may be published, -1 where suppressed; shapes as in `PackCounts`.

    Attributes:
        eligible: practices x criteria. with_intervals: practices.
    """

    rows: Counts
    eligible: Counts
    classes: Counts
    with_intervals: Counts
    missing: Counts
    patients: Counts
    injections: Counts

    @property
    def hidden(self) -> Hidden:
        """Which cells are suppressed."""
        masks = (self.rows, self.classes, self.missing, self.patients, self.injections)
        return Hidden(*(values < 0 for values in masks))


def publish(counts: PackCounts, profile: Profile, before: Hidden | None = None) -> Release:
    """The counts under disclosure control.

    Args:
        counts: exact.
        profile: the rules.
        before: what the last release suppressed; None for a first one.
    """
    exact, said = cells_of(_exact(counts)), cells_of(_said(counts))
    remembered = cells_of(_nothing(counts) if before is None else {**_nothing(counts), **_masks(before)})
    margins = Margins.of(exact, largest_small(exact, profile, remembered), said, counts.criteria, profile)
    given_up, open_ = np.zeros(exact.shape, dtype=bool), np.arange(len(exact))
    while True:
        release = _apart(counts, profile, before, tables_of(given_up, counts.criteria))
        more = margins.of_practices(open_).give_up(cells_of(_tables(release))[open_] < 0) & ~given_up[open_]
        given_up[open_] |= more
        open_ = open_[more.any(axis=1)]
        if not len(open_):
            return release


def _exact(counts: PackCounts) -> dict[str, Counts]:
    return {
        "patients": counts.patients,
        "injections": counts.injections,
        "with_intervals": counts.classes.sum(axis=1),
        "classes": counts.classes,
        "missing": counts.missing,
        "eligible": counts.rows.sum(axis=2),
        "rows": counts.rows,
    }


def _tables(release: Release) -> dict[str, Counts]:
    return {name: getattr(release, name) for name in Release.__slots__}


def _masks(before: Hidden) -> dict[str, Mask]:
    """Totals are not among them: what they hide is told by their parts."""
    return {name: getattr(before, name) for name in Hidden.__slots__}


def _nothing(counts: PackCounts) -> dict[str, Mask]:
    return {name: np.zeros(table.shape, dtype=bool) for name, table in _exact(counts).items()}


def _apart(counts: PackCounts, profile: Profile, before: Hidden | None, given_up: Mapping[str, Mask]) -> Release:
    """Every table for itself, without what has been given up."""
    practices, criteria, parts = counts.rows.shape
    asked = GivenUp(
        given_up["rows"].reshape(-1, parts), given_up["eligible"].reshape(-1), _known_zeros(counts).reshape(-1, parts)
    )
    memory = None if before is None else before.rows.reshape(-1, parts)
    rows = publish_rows(counts.rows.reshape(-1, parts), profile, memory, asked)
    none = np.zeros(counts.classes.shape, dtype=bool)
    mix = GivenUp(given_up["classes"], given_up["with_intervals"], none)
    classes = publish_classes(counts.classes, profile, before.classes if before else None, mix)
    missing, patients = _missing(counts, profile, before)
    few = small(counts.injected, profile)
    injections = publish_alone(counts.injections, profile, before.injections if before else None)
    patients = np.where(given_up["patients"], -1, patients)
    found = Release(
        rows=rows.parts.reshape(counts.rows.shape),
        eligible=rows.total.reshape(practices, criteria),
        classes=classes.parts,
        with_intervals=classes.total,
        missing=np.where(given_up["missing"], -1, missing),
        patients=patients,
        injections=np.where(few | given_up["injections"], -1, injections),
    )
    return _without(found, patients < 0, {**_nothing(counts), "rows": _never(counts)})


def _without(release: Release, practices: Mask, said: Mapping[str, Mask]) -> Release:
    """Nothing at all of practices whose patients are too few to say how many, but what everybody knows."""

    def hidden(table: Counts, known: Mask) -> Counts:
        return np.where(practices.reshape(-1, *[1] * (table.ndim - 1)) & ~known, -1, table)

    return Release(**{name: hidden(getattr(release, name), said[name]) for name in Release.__slots__})


def _said(counts: PackCounts) -> dict[str, Mask]:
    """Zeros that are said whatever else is suppressed."""
    return {**_nothing(counts), "rows": _known_zeros(counts), "missing": counts.missing == 0}


def _never(counts: PackCounts) -> Mask:
    """Parts that are 0 by the standard: suppressing them would hide nothing from anybody."""
    never, known = never_excepted(), np.zeros(counts.rows.shape, dtype=bool)
    known[:, :, PARTS.index("excepted")] = [code in never for code in counts.criteria]
    known[:, :, PARTS.index("not_assessable")] = [fields_of(code) == () for code in counts.criteria]
    return np.asarray(known & (counts.rows == 0))


def _known_zeros(counts: PackCounts) -> Mask:
    """Those, and parts of which the map of missing fields says that they are 0."""
    known, none_missing = _never(counts), counts.missing == 0
    for at, code in enumerate(counts.criteria):
        fields = fields_of(code)
        if fields is not None:
            of_these = none_missing[:, [FIELDS.index(name) for name in fields]]
            known[:, at, PARTS.index("not_assessable")] |= of_these.all(axis=1)
    return np.asarray(known & (counts.rows == 0))


def _missing(counts: PackCounts, profile: Profile, before: Hidden | None) -> tuple[Counts, Counts]:
    """Patients by field, and all: each field and the rest are a row whose total is the practice's patients."""
    number = counts.missing.shape[1]
    rows = np.stack([counts.missing, counts.patients[:, None] - counts.missing], axis=-1).reshape(-1, 2)
    memory = np.repeat(before.missing.reshape(-1, 1), 2, axis=1) if before else None
    found = publish_classes(rows, profile, memory)
    totals = found.total.reshape(-1, number)
    alone = publish_alone(counts.patients, profile, before.patients if before else None)
    return found.parts[:, 0].reshape(-1, number), np.where((totals < 0).any(axis=1), -1, alone)
