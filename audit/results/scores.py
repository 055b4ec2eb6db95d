"""A criterion's counts, shares, bounds and interval (STANDARD section 3, counting)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from audit.criteria.judgement import BLANK
from audit.results.audit import Score
from audit.results.judge import Verdicts
from schemas.vocabulary import OUTCOME, REASON


def score(parts: Sequence[Verdicts]) -> Score:
    """The score of one criterion over the verdicts of every input of the run."""
    outcome = np.concatenate([part.outcome for part in parts])
    counts = dict(zip(OUTCOME, np.bincount(outcome, minlength=len(OUTCOME)).tolist(), strict=True))
    assessed = counts["met"] + counts["not_met"]
    eligible = assessed + counts["excepted"] + counts["not_assessable"]
    low, high = wilson(counts["met"], assessed)
    return Score(
        criterion=parts[0].criterion.code,
        **counts,
        within_grace=sum(int((part.grace == 1).sum()) for part in parts),
        intervals_met=_total([part.evidence.met for part in parts]),
        intervals_judged=_total([part.evidence.judged for part in parts]),
        reasons=_reasons(np.concatenate([part.reason for part in parts])),
        eligible=eligible,
        share_met=share(counts["met"], eligible),
        share_met_upper=share(counts["met"] + counts["not_assessable"], eligible),
        share_of_assessed=share(counts["met"], assessed),
        wilson_low=low,
        wilson_high=high,
    )


def share(part: int, whole: int) -> float | None:
    """Part / whole; None when the whole is nobody."""
    return part / whole if whole else None


def wilson(met: int, assessed: int) -> tuple[float | None, float | None]:
    """Wilson 95% interval of met / assessed; (None, None) when nobody was assessed."""
    if not assessed:
        return None, None
    from scipy.stats import binomtest  # noqa: PLC0415 - half a second, and only where there is a score

    interval = binomtest(met, assessed).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def _total(columns: Sequence[np.ndarray]) -> int:
    return sum(int(column[column != BLANK].sum()) for column in columns)


def _reasons(codes: np.ndarray) -> dict[str, int]:
    found = Counter({REASON[code]: int(number) for code, number in enumerate(np.bincount(codes)) if code and number})
    return dict(sorted(found.items()))
