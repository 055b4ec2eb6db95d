"""Two- or three-monthly: the picture of maintenance intervals, without a verdict on which is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from audit.render.charts import WEEKS, Histogram, by_week, histogram
from audit.render.scoreboard import least_eligible
from audit.render.words import percent, share_text
from audit.results.audit import AuditResult, PatternRow, SweepRow
from audit.results.phrases import plural
from audit.results.records import plain
from audit.standards.standard import Standard
from audit.standards.wording import interval_length

PANELS: Final = {
    "yes": "With neurological involvement",
    "no": "Without neurological involvement",
    "unknown": "Neurological involvement not recorded",
}
NEITHER: Final = "Without neurological involvement both follow the BNF: neither is better."
#: the swept criteria: the stem of their length's key, and whom it is for
_SWEPT: Final = {
    "maintenance-interval-neuro": ("maintenance.neuro", "with neurological involvement"),
    "maintenance-interval-standard": ("maintenance.standard", "without or not recorded"),
    "two-monthly-for-everyone": ("everyone", "for everyone (patient organisations)"),
}


@dataclass(frozen=True, slots=True)
class PatternLine:
    """Patients of one class of interval, by neurological status."""

    name: str
    yes: int
    no: int
    unknown: int
    total: int


@dataclass(frozen=True, slots=True)
class WeekLine:
    """The charts' columns of one week, one count for each panel."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SweepLine:
    """One rule at every grace: its name and a cell for each."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Histograms, classes and the sensitivity sweep."""

    sentence: str
    neither: str
    everyone: str
    benchmark: str
    panels: tuple[Histogram, ...]
    weeks: tuple[WeekLine, ...]
    patterns: tuple[PatternLine, ...]
    graces: tuple[str, ...]
    sweep: tuple[SweepLine, ...]


def build_rhythm(result: AuditResult) -> Rhythm:
    """The whole section."""
    counts = {status: found for status, found in weeks(result).items() if any(found)}
    graces = sorted({row.grace_days for row in result.sweep})
    return Rhythm(
        sentence=_sentence(result.patterns),
        neither=NEITHER,
        everyone=_everyone(result),
        benchmark=f"For context only: {result.standard.source_text('fraser1995')}.",
        panels=tuple(histogram(PANELS[status], found) for status, found in counts.items()),
        weeks=tuple(WeekLine(name, tuple(found)) for name, *found in zip(WEEKS, *counts.values(), strict=True)),
        patterns=tuple(_line(row) for row in result.patterns),
        graces=tuple(plural(days, "day") for days in graces),
        sweep=_sweep(result, graces),
    )


def weeks(result: AuditResult) -> dict[str, list[int]]:
    """By neurological status, how many closed maintenance intervals took 0, 1, 2 ... whole weeks."""
    gaps = result.closed_gaps
    return {status: by_week(plain(gaps.loc[gaps["status"] == status, "days"])) for status in PANELS}


def _line(row: PatternRow) -> PatternLine:
    return PatternLine(row.pattern, row.yes, row.no, row.unknown, row.yes + row.no + row.unknown)


def _sentence(patterns: tuple[PatternRow, ...]) -> str:
    lines = [_line(row) for row in patterns]
    total = sum(line.total for line in lines)
    if not total:
        return "No maintenance interval between two injections ended in the audit period."
    counts = {line.name: line.total for line in lines}
    two, three = counts.get("2-monthly", 0), counts.get("3-monthly", 0)
    said = "By the median of their intervals"
    return f"{said}, {two:,} of {plural(total, 'patient')} are on 2-monthly and {three:,} on 3-monthly injections."


def _everyone(result: AuditResult) -> str:
    """What if two-monthly injections were the rule for everyone."""
    found = [score for score in result.scores if score.criterion == "two-monthly-for-everyone"]
    if not found or not found[0].eligible:
        return ""
    share = share_text(found[0].met, found[0].eligible, least_eligible(result.standard))
    return f"With two-monthly as the rule for everyone, every injection would have been on time for {share}."


def _sweep(result: AuditResult, graces: list[int]) -> tuple[SweepLine, ...]:
    found = {(row.criterion, row.grace_days): row for row in result.sweep}
    least = least_eligible(result.standard)
    codes = list(dict.fromkeys(row.criterion for row in result.sweep))
    return tuple(
        SweepLine(_swept(code, result.standard), tuple(_cell(found.get((code, days)), least) for days in graces))
        for code in codes
    )


def _swept(code: str, standard: Standard) -> str:
    """The length as the run's own standard has it, and whom it is for."""
    stem, whom = _SWEPT[code]
    return f"{interval_length(stem, standard)[1]}, {whom}"


def _cell(row: SweepRow | None, least: int) -> str:
    if row is None or not row.eligible:
        return "no patients"
    text = share_text(row.met, row.eligible, least)
    if not row.not_assessable:
        return text
    best = row.met + row.not_assessable
    return f"{text}, at most {best:,}" if row.eligible < least else f"{text}, at most {percent(best / row.eligible)}"
