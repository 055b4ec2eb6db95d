"""What is said of two audit cycles: what changed, who is in both, by which standard, and how they are compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from audit.intake.archive import Reported
from audit.render.scoreboard import HEADLINES, least_eligible
from audit.render.words import clean, percent, share_text
from audit.results.audit import Score
from audit.results.change import Difference
from audit.results.compare_cycles import Change, CyclesCompared, Paired, Side, other_numbers
from audit.results.phrases import date_text, plural
from audit.standards.standard import Standard

_OVERDUE: Final = "not-overdue"
_POINTS: Final = 100
_SMALLEST_P: Final = 0.001

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


def counted(score: Score, least: int) -> str:
    """A share and, where there are any, how many the record cannot tell of."""
    unclear = f", for {score.not_assessable:,} the record cannot tell" if score.not_assessable else ""
    return f"{share_text(score.met, score.eligible, least)}{unclear}"


def difference_sentence(difference: Difference | None) -> str:
    """The change in points with its interval; blank where none is named."""
    if difference is None:
        return ""
    alone = difference.low <= 0 <= difference.high
    chance = "chance alone could make such a difference" if alone else "chance alone would seldom make it"
    return f"That is {points(difference.points)} points, 95% interval {range_text(difference)}: {chance}."


def paired_sentence(paired: Paired, least: int) -> str:
    """What became of the patients judged in both cycles; blank when there are none."""
    if not paired.both:
        return ""
    p = f" ({mid_p(paired, least)})" if mid_p(paired, least) else ""
    who = f"Of {plural(paired.both, 'patient')} judged in both cycles"
    return f"{who}, {paired.improved:,} improved and {paired.worsened:,} worsened{p}."


def points(share: float) -> str:
    """A difference of shares in whole percentage points with its sign."""
    whole = int(abs(share) * _POINTS + 1 / 2)
    return f"{'+' if share > 0 else '−'}{whole}" if whole else "0"


def range_text(difference: Difference) -> str:
    """The interval of a difference, in points."""
    return f"{points(difference.low)} to {points(difference.high)}"


def mid_p(paired: Paired, least: int) -> str:
    """The p value as printed; blank when nobody changed or too few are in both."""
    if paired.mid_p is None or paired.both < least:
        return ""
    return f"p {paired.mid_p:.3f}" if paired.mid_p >= _SMALLEST_P else "p under 0.001"


def people_sentence(compared: CyclesCompared) -> str:
    """Who is in both cycles, who left and who joined."""
    total = f"{plural(compared.old.patients, 'patient')} in the audit then, {compared.new.patients:,} now"
    return f"{total}: {compared.matched:,} in both, {compared.left:,} left, {compared.joined:,} joined."


def basis_lines(compared: CyclesCompared) -> Iterable[str]:
    """By which standard both are judged, what each report was made with, and what limits the comparison."""
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
