"""Two audit cycles as printed: the section of a report that finds a previous one, and the page of `compare`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit.render.charts import Bar, bar
from audit.render.cycles_words import (
    METHOD,
    basis_lines,
    counted,
    difference_sentence,
    last_day,
    mid_p,
    paired_sentence,
    people_sentence,
    points,
    range_text,
    since_sentence,
)
from audit.render.scoreboard import GROUPS, HEADLINES, least_eligible
from audit.render.words import NONE, share_text, source_label
from audit.results.audit import Score
from audit.results.compare_cycles import Change, CyclesCompared
from audit.results.phrases import joined


@dataclass(frozen=True, slots=True)
class CycleRow:
    """One criterion in both cycles; `note` says what the old report printed where that was something else."""

    code: str
    title: str
    clause: str
    old: str
    old_unclear: str
    new: str
    new_unclear: str
    change: str
    interval: str
    paired: str
    mid_p: str
    note: str


@dataclass(frozen=True, slots=True)
class CycleGroup:
    """Criteria of one strength that somebody was asked in either cycle."""

    strength: str
    heading: str
    rows: tuple[CycleRow, ...]


@dataclass(frozen=True, slots=True)
class CycleHeadline:
    """One score of the summary in both cycles."""

    code: str
    heading: str
    sentences: tuple[str, ...]
    old: Bar
    new: Bar


@dataclass(frozen=True, slots=True)
class Cycles:
    """What both pages print of the comparison.

    Attributes:
        old_day: the old cycle's extract date. new_day: the new one's.
        since: what changed, in one sentence.
        people: who is in both cycles.
        basis: by which standard, and what each report was made with; what limits the comparison.
    """

    old_day: str
    new_day: str
    since: str
    people: str
    basis: tuple[str, ...]
    headlines: tuple[CycleHeadline, ...]
    groups: tuple[CycleGroup, ...]
    method: tuple[str, ...]


def build_cycles(compared: CyclesCompared) -> Cycles:
    """The comparison in words."""
    changes = {change.criterion: change for change in compared.changes}
    least = least_eligible(compared.standard)
    return Cycles(
        old_day=last_day(compared.old),
        new_day=last_day(compared.new),
        since=since_sentence(compared),
        people=people_sentence(compared),
        basis=tuple(basis_lines(compared)),
        headlines=tuple(
            _headline(changes[code], heading, least) for code, heading in HEADLINES.items() if code in changes
        ),
        groups=tuple(_groups(compared, changes, least)),
        method=tuple(text.format(least=least) for text in METHOD),
    )


def _headline(change: Change, heading: str, least: int) -> CycleHeadline:
    then, now = (counted(score, least) for score in (change.old, change.new))
    first = f"Every maintenance injection on time: {then} then; {now} now."
    others = difference_sentence(change.difference), paired_sentence(change.paired, least)
    return CycleHeadline(change.criterion, heading, (first, *filter(None, others)), bar(change.old), bar(change.new))


def _groups(compared: CyclesCompared, changes: Mapping[str, Change], least: int) -> Iterable[CycleGroup]:
    criteria = sorted(compared.criteria, key=lambda item: (item.code not in HEADLINES, item.code))
    for strength, (heading, _) in GROUPS.items():
        rows = tuple(
            _row(changes[item.code], item.title, joined([source_label(key) for key in item.sources]), least)
            for item in criteria
            if item.strength == strength and _is_asked(changes[item.code])
        )
        if rows:
            yield CycleGroup(strength, heading, rows)


def _is_asked(change: Change) -> bool:
    return bool(change.old.eligible or change.new.eligible)


def _row(change: Change, title: str, clause: str, least: int) -> CycleRow:
    paired, difference = change.paired, change.difference
    turned = f"{paired.improved:,} improved, {paired.worsened:,} worsened of {paired.both:,} in both"
    return CycleRow(
        code=change.criterion,
        title=title,
        clause=clause,
        old=share_text(change.old.met, change.old.eligible, least),
        old_unclear=_unclear(change.old),
        new=share_text(change.new.met, change.new.eligible, least),
        new_unclear=_unclear(change.new),
        change=f"{points(difference.points)} points" if difference else NONE,
        interval=range_text(difference) if difference else "",
        paired=turned if paired.both else NONE,
        mid_p=mid_p(paired, least),
        note=_printed(change, least),
    )


def _unclear(score: Score) -> str:
    return f"cannot tell: {score.not_assessable:,}" if score.not_assessable else ""


def _printed(change: Change, least: int) -> str:
    if change.printed is None or change.printed == (change.old.met, change.old.eligible):
        return ""
    return f"Printed then: {share_text(*change.printed, least)}."
