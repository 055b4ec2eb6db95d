"""Medians of groups, in columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import Days


def medians(group: Days, values: npt.NDArray[np.number]) -> tuple[Days, npt.NDArray[np.float64]]:
    """The groups, ascending, and the median of each one's values."""
    order = np.lexsort((values, group))
    values = values[order]
    found, start, count = np.unique(group[order], return_index=True, return_counts=True)
    middle = (values[start + (count - 1) // 2] + values[start + count // 2]) / 2
    return found, middle
