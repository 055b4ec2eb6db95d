"""A verdict: one patient, one criterion, one outcome, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .dates import show_date


@dataclass
class Verdict:
    """Blank evidence is None."""

    outcome: str
    reason: str = ""
    within_grace: bool | None = None
    from_date: date | None = None
    due_date: date | None = None
    limit_date: date | None = None
    to_date: date | None = None
    days: int | None = None
    intervals_met: int | None = None
    intervals_judged: int | None = None

    def row(self, patient_id: str, practice_id: str, criterion: str, basis: str) -> dict[str, str]:
        """The row of verdicts.csv."""
        return {
            "patient_id": patient_id,
            "practice_id": practice_id,
            "criterion": criterion,
            "outcome": self.outcome,
            "reason": self.reason,
            "within_grace": "" if self.within_grace is None else str(self.within_grace).lower(),
            "basis": basis,
            "from_date": show_date(self.from_date),
            "due_date": show_date(self.due_date),
            "limit_date": show_date(self.limit_date),
            "to_date": show_date(self.to_date),
            "days": show_number(self.days),
            "intervals_met": show_number(self.intervals_met),
            "intervals_judged": show_number(self.intervals_judged),
        }


def show_number(number: int | None) -> str:
    """Blank for None."""
    return "" if number is None else str(number)


def excluded(reason: str) -> Verdict:
    return Verdict("excluded", reason)


def not_applicable(reason: str) -> Verdict:
    return Verdict("not_applicable", reason)


def not_assessable(reason: str) -> Verdict:
    return Verdict("not_assessable", reason)


def met_or_not(is_met: bool) -> Verdict:
    """Without reason and without evidence."""
    return Verdict("met" if is_met else "not_met")


def waiting(left: bool) -> Verdict:
    """Pending; of a patient who left, the window was never seen to its end."""
    return not_assessable("LEFT_DURING_WINDOW") if left else Verdict("pending")
