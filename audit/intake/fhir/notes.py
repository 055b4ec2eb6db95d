"""What is to be said of resources that are not rows: one finding for each file and reason, with the first line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from audit.intake.cells import Place
from audit.intake.extract import Finding, Severity
from audit.intake.fhir.clinical import FALLBACK, UNCERTAIN
from audit.intake.fhir.medicines import NOT_DONE, NOT_IN_FORCE, PLAN, STATEMENT

_SAYS: Final[Mapping[str, tuple[Severity, str, str]]] = {
    PLAN: (
        "note",
        "FHIR_PLAN",
        "{count} prescriptions are plans or proposals (a template of repeats), not issues; none counts as a dose.",
    ),
    STATEMENT: (
        "warning",
        "FHIR_STATEMENT",
        "{count} statements say that somebody takes vitamin B12, not that a dose was given on a day; none counts as a "
        "dose. Injections given elsewhere count when they are recorded as administrations or procedures.",
    ),
    NOT_IN_FORCE: (
        "note",
        "FHIR_NOT_IN_FORCE",
        "{count} resources are cancelled, drafts, on hold, not finished or entered in error, and are not used.",
    ),
    NOT_DONE: (
        "warning",
        "FHIR_NOT_DONE",
        "{count} resources say that something was not done, and not why in words that can be read; they are not used.",
    ),
    UNCERTAIN: (
        "note",
        "FHIR_UNCERTAIN",
        "{count} conditions are refuted, unconfirmed, provisional or one of several thought of, and are not used.",
    ),
    FALLBACK: (
        "note",
        "FHIR_DATE_RECORDED",
        "{count} resources have no date of onset or of the sample; the day of recording or issue counts in its place.",
    ),
}


@dataclass(slots=True)
class Notes:
    """Counts reasons by file."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, place: Place, why: str) -> None:
        """Count one resource."""
        file, line = place
        self.counts[file, why] += 1
        self.first.setdefault((file, why), line)

    def findings(self, source: str) -> Iterator[Finding]:
        """One finding for each file and reason, in the order of appearance."""
        for (file, why), count in self.counts.items():
            severity, code, message = _SAYS[why]
            line = self.first[file, why]
            yield Finding(severity, code, message.format(count=f"{count:,}"), source, file, line)
