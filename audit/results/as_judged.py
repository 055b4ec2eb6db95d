"""One input as it was judged: what the fix list asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import Mask
from audit.cohort.cohort import Cohort
from audit.cohort.window import AuditWindow
from audit.intake.extract import Extract
from audit.results.judge import NOT_ASSESSABLE, Verdicts
from audit.standards.standard import Standard
from schemas.vocabulary import REASON

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """One input as it was judged."""

    extract: Extract
    window: AuditWindow
    standard: Standard
    cohort: Cohort
    verdicts: tuple[Verdicts, ...]

    @cached_property
    def unclear(self) -> Flags:
        """Patients by criteria: not assessable."""
        return np.column_stack([verdict.outcome == NOT_ASSESSABLE for verdict in self.verdicts])

    def because(self, *reasons: str) -> Mask:
        """Patients with a not_assessable verdict for one of these reasons."""
        codes = [REASON.index(reason) for reason in reasons]
        found: Mask = np.any([np.isin(verdict.reason, codes) for verdict in self.verdicts], axis=0)
        return found

    def number(self, key: str) -> int:
        """A number of the standard."""
        return self.standard.number(key)
