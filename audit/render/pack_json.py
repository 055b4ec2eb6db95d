"""The pack as `pack.json`: published counts, null where suppressed; shares from published counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audit.results.disclosure import SafeCount
from audit.results.pack import Label, SafeCriterion, SafePack, SafePractice, SafeRow, assert_safe

_DIGITS = 3


def pack_content(pack: SafePack) -> dict[str, Any]:
    """Every number of the pack, as the data dictionary names them.

    Raises:
        TypeError: something in the pack is not of the types that may be published.
    """
    assert_safe(pack)
    return {
        "period": pack.period.text,
        "before": pack.before.text if pack.before else None,
        "standard": pack.standard.text,
        "profile": pack.profile.text,
        "joined": _texts(pack.joined),
        "left": _texts(pack.left),
        "practices": [_practice(item, pack) for item in pack.practices],
        "criteria": [_criterion(item) for item in pack.criteria],
    }


def _texts(labels: Sequence[Label]) -> list[str]:
    return [label.text for label in labels]


def _practice(item: SafePractice, pack: SafePack) -> dict[str, Any]:
    return {
        "practice": item.name.text,
        "report": item.state.text,
        "patients": item.patients.value,
        "with_intervals": item.with_intervals.value,
        "patterns": _named(pack.classes, item.classes),
        "missing": _named(pack.fields, item.missing),
        "injections": item.injections.value,
    }


def _named(labels: Sequence[Label], counts: Sequence[SafeCount]) -> dict[str, int | None]:
    return {label.text: count.value for label, count in zip(labels, counts, strict=True)}


def _criterion(item: SafeCriterion) -> dict[str, Any]:
    return {
        "code": item.code.text,
        "title": item.title.text,
        "strength": item.strength.text,
        "pooled": _row(item.pooled),
        "practices": [_row(row) for row in item.rows],
        "before": [_row(row) for row in item.before],
    }


def _row(row: SafeRow) -> dict[str, Any]:
    share, interval = row.share.value, row.share.interval
    low, high = interval or (None, None)
    return {
        "practice": row.practice.text,
        "eligible": row.eligible.value,
        "met": row.met.value,
        "not_met": row.not_met.value,
        "excepted": row.excepted.value,
        "not_assessable": row.not_assessable.value,
        "share_met": _rounded(share),
        "wilson_low": _rounded(low),
        "wilson_high": _rounded(high),
    }


def _rounded(fraction: float | None) -> float | None:
    return None if fraction is None else round(fraction, _DIGITS)
