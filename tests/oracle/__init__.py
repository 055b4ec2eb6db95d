"""The audit a second time: slow, obvious, one patient at a time, and sharing no code with the engine.

An independent reading of the audit standard, compared with the engine on thousands of generated patients.
`read(records, options)` types the cells, `judge(practice)` gives the rows of verdicts.csv and intervals.csv.
"""

from __future__ import annotations

from .model import Options, Patient, Practice, Records
from .reading import Refused, read
from .run import judge, judge_patient

__all__ = ["Options", "Patient", "Practice", "Records", "Refused", "judge", "judge_patient", "read"]
