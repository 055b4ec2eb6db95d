"""What the terminal says at the end of a run: a few lines, the most important last."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from audit.intake.heading_map import pasted
from audit.render.compare_page import ComparePage
from audit.render.text_table import WIDTH
from audit.render.words import clean
from audit.results.audit import AuditResult, RowCount, Score, Window
from audit.results.fix import plan
from audit.results.phrases import plural
from audit.results.targets import target_verdicts
from audit.standards.standard import Standard

HEADLINE: Final = "maintenance-interval-neuro"
_OVERDUE: Final = "not-overdue"
#: as many cells as somebody fills in one sitting
MOST_CELLS: Final = 12
_SHARES: Final = {
    HEADLINE: "  Every maintenance injection on time, neurological involvement  ",
    "maintenance-interval-standard": "  Every maintenance injection on time, without                   ",
}
_WORDS: Final = {
    "duplicate": "exact duplicates",
    "not_b12": "not vitamin B12",
    "unreadable": "that could not be read",
    "no_patient_id": "without a patient id",
    "patient_only": "that only name a patient",
    "after_end": "dated after the end",
}


def result_lines(result: AuditResult, target: Path, already: bool, since: str = "") -> list[str]:
    """The lines of one finished run; `since` says what changed since the last one, where there is one."""
    scores = {score.criterion: score for score in result.scores}
    least = result.standard.number("score.least_eligible")
    return [
        *date_lines(result.windows),
        *_standard(result.standard),
        *used_lines(result.rows),
        *([f"Partial: {result.partial}"] if result.partial else []),
        "",
        *_overdue(result, scores),
        *(f"{text}{share_line(scores[code], least)}" for code, text in _SHARES.items() if code in scores),
        *_targets(result),
        *_cannot_tell(result),
        *textwrap.wrap(since, WIDTH, initial_indent="  ", subsequent_indent="    "),
        "",
        *(["Already audited: this report exists for exactly this input (--force writes it again)."] if already else []),
        f"Report    {target / 'report.html'}",
        f"Workbook  {target / 'report.xlsx'}   <- start here",
        *_next(result, target),
    ]


def comparison_lines(page: ComparePage, target: Path, already: bool) -> list[str]:
    """The lines of a finished comparison."""
    return [
        page.cycles.people,
        *page.cycles.basis,
        "",
        *textwrap.wrap(page.cycles.since, WIDTH, subsequent_indent="  "),
        page.acted,
        "",
        *(["Already compared: the page exists for exactly these cycles (--force writes it again)."] if already else []),
        f"Workbook  {target / 'compare.xlsx'}",
        f"Evidence  {target / 'compare.html'}   <- start here",
    ]


def _next(result: AuditResult, target: Path) -> list[str]:
    """The command that tells of the patient longest overdue, neurological involvement first."""
    late = result.patients[result.patients["overdue_days"].notna()]
    if late.empty or len(result.windows) > 1:
        return []
    involved = late["neurological_involvement"] == "yes"
    order = late.assign(involved=involved).sort_values(["involved", "overdue_days"], ascending=False, kind="stable")
    patient = clean(str(order["patient_id"].iloc[0]))
    return [f"Next: b12audit explain {pasted(patient)} --from {pasted(str(target))}"]


def date_lines(windows: Sequence[Window]) -> list[str]:
    """Each input's extract date, and where it came from."""
    words = {"assumed": "latest entry in your file; --extract-date changes it", "about": "stated in the file",
             "option": "as you gave it"}  # fmt: skip
    return [
        f"{window.file}: extract date {window.extract_date.day} {window.extract_date:%B %Y} "
        f"({words[window.extract_date_from]})"
        for window in windows
    ]


def used_lines(rows: Sequence[RowCount]) -> list[str]:
    """How many treatment rows were used, and why the others were not."""
    total: Counter[str] = Counter()
    read = 0
    for row in rows:
        if row.table == "Treatments":
            read += row.read
            total.update(row.set_aside)
    if not total:
        return [f"Used all {read:,} treatment rows"]
    parts = ", ".join(f"{number:,} {_WORDS[reason]}" for reason, number in total.most_common())
    return [f"Used {read - total.total():,} of {read:,} treatment rows; set aside {total.total():,}: {parts}"]


def _standard(standard: Standard) -> list[str]:
    """What was audited against, when it is not the national standard."""
    parents = [layer.name for layer in standard.layers[:-1]]
    if not parents:
        return []
    changed = plural(len(standard.changes), "number")
    off = f", {plural(len(standard.off), 'criterion', 'criteria')} switched off" if standard.off else ""
    return [f"Standard: {standard.title}, edition {standard.edition}; differs from {parents[0]} in {changed}{off}"]


def _targets(result: AuditResult) -> list[str]:
    found = target_verdicts(result.scores, result.standard)
    return [f"  Local target {item.percent}% for {item.criterion}: {item.wording}" for item in found]


def _cannot_tell(result: AuditResult) -> list[str]:
    """How many mandated verdicts the record leaves open, and how many the few best cells of the fix list settle."""
    mandated = {criterion.code for criterion in result.criteria if criterion.strength == "mandated"}
    unclear = sum(score.not_assessable for score in result.scores if score.criterion in mandated)
    best = plan(result.fixes, MOST_CELLS)
    fill = f"   fill {plural(best.cells, 'cell')} to settle {best.mandated:,} of them" if best.mandated else ""
    return [f"  Cannot tell  {plural(unclear, 'verdict')}{fill}"]


def _overdue(result: AuditResult, scores: Mapping[str, Score]) -> list[str]:
    if _OVERDUE not in scores:
        return []
    overdue = scores[_OVERDUE]
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

