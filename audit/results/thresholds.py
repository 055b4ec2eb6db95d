"""Thresholds a run must reach: `--fail-under CRITERION=PERCENT`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from audit.errors import UsageError
from audit.results.account import unknown
from audit.results.audit import Score

_WHOLE: Final = 100


def parse_thresholds(texts: Sequence[str], codes: Sequence[str]) -> dict[str, int]:
    """`code=percent` texts as whole percents by criterion.

    Raises:
        UsageError: no such criterion among `codes`, or no whole percent from 0 to 100.
    """
    return dict(_parse(text, codes) for text in texts)


def missed(scores: Sequence[Score], thresholds: Mapping[str, int]) -> list[str]:
    """A sentence for each threshold that the share met does not reach; a criterion of nobody misses none."""
    shares = {score.criterion: score.share_met for score in scores}
    below = ((code, shares[code], percent) for code, percent in sorted(thresholds.items()))
    return [
        f"Threshold missed: {code} is met by {share:.0%}, under {percent}%"
        for code, share, percent in below
        if share is not None and share * _WHOLE < percent
    ]


def _parse(text: str, codes: Sequence[str]) -> tuple[str, int]:
    code, _, percent = (part.strip() for part in text.partition("="))
    if code not in codes:
        raise unknown("criterion", code, codes)
    if not (percent.isascii() and percent.isdecimal() and int(percent) <= _WHOLE):
        raise UsageError(
            f'"{percent}" is no percentage.',
            where=f"--fail-under {code}",
            remedy=f"write a whole number from 0 to 100: --fail-under {code}=90",
            code="PERCENT_WRONG",
        )
    return code, int(percent)
