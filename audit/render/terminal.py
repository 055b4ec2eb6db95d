"""What the terminal says at the end of a run: a few lines, the most important last."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from audit.results.audit import AuditResult, Score

HEADLINE: Final = "maintenance-interval-neuro"
_WORDS: Final = {
    "duplicate": "exact duplicates",
    "not_b12": "not vitamin B12",
    "unreadable": "that could not be read",
    "no_patient_id": "without a patient id",
    "patient_only": "that only name a patient",
    "after_end": "dated after the end",
}


def result_lines(result: AuditResult, target: Path, already: bool) -> list[str]:
    """The lines of one finished run."""
    scores = {score.criterion: score for score in result.scores}
    least = result.standard.number("score.least_eligible")
    return [
        *_dates(result),
        *_set_aside(result),
        *([f"Partial: {result.partial}"] if result.partial else []),
        "",
        *_overdue(result, scores["not-overdue"]),
        f"  Every maintenance injection on time, neurological involvement  {share_line(scores[HEADLINE], least)}",
        "  Every maintenance injection on time, without                   "
        + share_line(scores["maintenance-interval-standard"], least),
        "",
        *(["Already audited: this report exists for exactly this input (--force writes it again)."] if already else []),
        f"Report    {target / 'report.html'}",
        f"Workbook  {target / 'report.xlsx'}   <- start here",
    ]


def _dates(result: AuditResult) -> list[str]:
    words = {"assumed": "latest entry in your file; --extract-date changes it", "about": "from the About sheet",
             "option": "as you gave it"}  # fmt: skip
    return [
        f"{window.file}: extract date {window.extract_date.day} {window.extract_date:%B %Y} "
        f"({words[window.extract_date_from]})"
        for window in result.windows
    ]


def _set_aside(result: AuditResult) -> list[str]:
    total: Counter[str] = Counter()
    read = 0
    for row in result.rows:
        if row.table == "Treatments":
            read += row.read
            total.update(row.set_aside)
    if not total:
        return [f"Used all {read:,} treatment rows"]
    parts = ", ".join(f"{number:,} {_WORDS[reason]}" for reason, number in total.most_common())
    return [f"Used {read - total.total():,} of {read:,} treatment rows; set aside {total.total():,}: {parts}"]


def _overdue(result: AuditResult, overdue: Score) -> list[str]:
    late = result.patients[result.patients["overdue_days"].notna()]
    involved = int((late["neurological_involvement"] == "yes").sum())
    return [f"  Overdue now  {overdue.not_met:,}   ({involved:,} with neurological involvement)"]


def share_line(score: Score, least: int) -> str:
    """58 of 120, 48% (at most 75%); counts alone where fewer than `least` are eligible."""
    if not score.eligible:
        return "no patients"
    counts = f"{score.met:,} of {score.eligible:,}"
    if score.share_met is None or score.share_met_upper is None or score.eligible < least:
        return counts if not score.not_assessable else f"{counts}, for {score.not_assessable} the record cannot tell"
    upper = f" (at most {score.share_met_upper:.0%})" if score.not_assessable else ""
    return f"{counts}, {score.share_met:.0%}{upper}"

