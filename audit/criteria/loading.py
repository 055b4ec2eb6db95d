"""The loading course's window and counting, shared by the two criteria that judge it."""

from __future__ import annotations

import numpy as np

from audit.cohort.calendar import FAR_FUTURE, Mask
from audit.cohort.cohort import Cohort
from audit.criteria.judgement import Evidence, Judgement


def loading_course(cohort: Cohort, outside: Mask) -> Judgement:
    """Cumulative units reach the loading course's number in time, with grace; both criteria's rule."""
    first = cohort.doses.first
    due = first + cohort.number("loading.days")
    limit = due + cohort.number("loading.grace_days")
    sixth = cohort.loaded
    met = sixth <= limit
    return Judgement(
        met=met,
        outside=outside,
        pending=~met & (cohort.people.w1 < limit),
        graced=sixth > due,
        excepted={"DECLINED": cohort.happenings.declined.any(first + 1, limit)},
        evidence=Evidence.window(first, limit, np.where(met, sixth, FAR_FUTURE), due),
    )
