"""Two audit cycles as printed: the section of a report that finds a previous one, and the page of `compare`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from audit.intake.archive import Reported
from audit.render.charts import Bar, bar
from audit.render.scoreboard import GROUPS, HEADLINES, least_eligible
from audit.render.words import NONE, clean, percent, share_text, source_label
from audit.results.audit import Score
from audit.results.change import Difference
from audit.results.compare_cycles import Change, CyclesCompared, Paired, Side, other_numbers
from audit.results.phrases import date_text, joined, plural
from audit.standards.standard import Standard

_OVERDUE: Final = "not-overdue"
_POINTS: Final = 100
_SMALLEST_P: Final = 0.001


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
        people=_people(compared),
        basis=tuple(_basis(compared)),
        headlines=tuple(
            _headline(changes[code], heading, least) for code, heading in HEADLINES.items() if code in changes
        ),
        groups=tuple(_groups(compared, changes, least)),
        method=tuple(text.format(least=least) for text in METHOD),
    )


METHOD: Final = (
    "Both cycles are judged by the same numbers, the old one from the records that its run kept. Each is judged up to "
    "its own extract date; nothing is measured up to today.",
    "The share is met, of all patients of whom the question is asked, those of whom the record cannot tell included: "
    "better recording raises it too, so both counts are printed.",
    "The interval of a difference is Newcombe's hybrid score interval at 95% (Stat Med 1998;17:873-890, method 10). It "
    "takes the two cycles for separate groups; many patients are in both.",
    "Improved is not met then and met now; worsened the reverse; both of patients whom the record could judge in both "
    "cycles. The p value is McNemar's mid-p (Fagerland and others, BMC Med Res Methodol 2013;13:91): how often so "
    "uneven a split would come by chance if nothing had changed.",
    "Patients are matched by practice and reference. Under {least} patients counts are printed without a percentage, "
    "and no change is named. Many criteria are compared: some differences arise by chance.",
    "A change says nothing of its cause.",
)


def last_day(side: Side) -> str:
    """The cycle's latest extract date in words."""
    return date_text(date.fromisoformat(side.last_day))


# Sentences


def since_sentence(compared: CyclesCompared) -> str:
    """For example "Since last time (31 March 2025): with neurological involvement 5 more on time (48% to 55%); ...".

    Under the least number of patients it names both counts and no change.
    """
    changes = {change.criterion: change for change in compared.changes}
    least = least_eligible(compared.standard)
    scored = [(heading, changes[code]) for code, heading in HEADLINES.items() if code in changes]
    asked = [(heading, change) for heading, change in scored if change.old.eligible and change.new.eligible]
    parts = [f"{heading[:1].lower()}{heading[1:]}, {_on_time(change, least)}" for heading, change in asked]
    overdue = changes.get(_OVERDUE)
    if overdue is not None:
        parts.append(f"{overdue.old.not_met:,} overdue then, {overdue.new.not_met:,} now")
    return f"Since last time ({last_day(compared.old)}): {'; '.join(parts) or 'nothing that can be compared'}."


def _on_time(change: Change, least: int) -> str:
    old, new = change.old, change.new
    more, difference = new.met - old.met, change.difference
    # more patients but a smaller share, or the reverse: neither may stand for the whole
    if difference is None or more * difference.points < 0 or (not more and difference.points):
        then, now = (share_text(score.met, score.eligible, least) for score in (old, new))
        return f"{then} on time then, {now} now"
    noun = "patient" if abs(more) == 1 else "patients"
    words = f"{abs(more):,} {'more' if more > 0 else 'fewer'} {noun} on time" if more else "as many patients on time"
    return f"{words} ({percent(old.met / old.eligible)} to {percent(new.met / new.eligible)})"


def _headline(change: Change, heading: str, least: int) -> CycleHeadline:
    then, now = (_counted(score, least) for score in (change.old, change.new))
    first = f"Every maintenance injection on time: {then} then; {now} now."
    others = _difference_sentence(change.difference), _paired_sentence(change.paired, least)
    return CycleHeadline(
        change.criterion, heading, (first, *filter(None, others)), bar(change.old), bar(change.new)
    )


def _counted(score: Score, least: int) -> str:
    unclear = f", for {score.not_assessable:,} the record cannot tell" if score.not_assessable else ""
    return f"{share_text(score.met, score.eligible, least)}{unclear}"


def _difference_sentence(difference: Difference | None) -> str:
    if difference is None:
        return ""
    alone = difference.low <= 0 <= difference.high
    chance = "chance alone could make such a difference" if alone else "chance alone would seldom make it"
    return f"That is {_points(difference.points)} points, 95% interval {_range(difference)}: {chance}."


def _paired_sentence(paired: Paired, least: int) -> str:
    if not paired.both:
        return ""
    p = f" ({_mid_p(paired, least)})" if _mid_p(paired, least) else ""
    who = f"Of {plural(paired.both, 'patient')} judged in both cycles"
    return f"{who}, {paired.improved:,} improved and {paired.worsened:,} worsened{p}."


def _points(share: float) -> str:
    """A difference of shares in whole percentage points with its sign."""
    whole = int(abs(share) * _POINTS + 1 / 2)
    return f"{'+' if share > 0 else '−'}{whole}" if whole else "0"


def _range(difference: Difference) -> str:
    return f"{_points(difference.low)} to {_points(difference.high)}"


def _mid_p(paired: Paired, least: int) -> str:
    """The p value as printed; blank when nobody changed or too few are in both."""
    if paired.mid_p is None or paired.both < least:
        return ""
    return f"p {paired.mid_p:.3f}" if paired.mid_p >= _SMALLEST_P else "p under 0.001"


def _people(compared: CyclesCompared) -> str:
    total = f"{plural(compared.old.patients, 'patient')} in the audit then, {compared.new.patients:,} now"
    return f"{total}: {compared.matched:,} in both, {compared.left:,} left, {compared.joined:,} joined."


def _basis(compared: CyclesCompared) -> Iterable[str]:
    standard = compared.standard
    yield f"Both cycles are judged here by {clean(standard.title)}, edition {clean(standard.edition)}."
    for side in (compared.old, compared.new):
        if side.reported:
            yield _made(side, side.reported, standard)
        if side.partial:
            yield f"The cycle of {last_day(side)} is partial: {clean(side.partial)}"
    if not compared.old.reported:
        yield f"The cycle of {last_day(compared.old)} is read from its input file; there is no report of it here."
    first, last = _first_day(compared.new), max(window.period_to for window in compared.old.windows)
    if first <= last:
        shared = f"{date_text(first)} to {date_text(last)}"
        yield f"The audit periods overlap from {shared}: what happened then counts in both."


def _first_day(side: Side) -> date:
    return min(window.period_from for window in side.windows)


def _made(side: Side, reported: Reported, standard: Standard) -> str:
    """What the cycle's own report was made with."""
    by = f"The report of {last_day(side)} was made by b12audit {clean(reported.version)}"
    other = other_numbers(reported, standard)
    differs = f"; {plural(other, 'number')} of it {'was' if other == 1 else 'were'} not as here" if other else ""
    return f"{by} under {clean(reported.title)}, edition {clean(reported.edition)}{differs}."


# The table


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
        change=f"{_points(difference.points)} points" if difference else NONE,
        interval=_range(difference) if difference else "",
        paired=turned if paired.both else NONE,
        mid_p=_mid_p(paired, least),
        note=_printed(change, least),
    )


def _unclear(score: Score) -> str:
    return f"cannot tell: {score.not_assessable:,}" if score.not_assessable else ""


def _printed(change: Change, least: int) -> str:
    if change.printed is None or change.printed == (change.old.met, change.old.eligible):
        return ""
    return f"Printed then: {share_text(*change.printed, least)}."
