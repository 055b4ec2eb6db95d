"""Over time as printed: a run chart by quarter, its table, and the rule of every flagged point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Final

from audit.render.charts import Label
from audit.render.words import NONE, percent
from audit.results.over_time import RULES, OverTime, Quarter
from audit.results.phrases import joined, plural
from audit.standards.standard import Standard

#: what each rule says of a point
_RULES: Final = {
    "shift": "shift: six or more in a row on one side of the median",
    "trend": "trend: five or more in a row rising or falling",
    "outside_limits": "outside the limits",
}
#: between the rules of one quarter
_BETWEEN: Final = "; "
_WIDTH, _HEIGHT = 640, 170
_BOX: Final = f"-42 -12 {_WIDTH + 54} {_HEIGHT + 40}"
_TICKS: Final = (Fraction(0), Fraction(1, 2), Fraction(1))


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """One quarter as printed; `value` is its share for writers that draw for themselves, None where it is no point."""

    name: str
    judged: int
    met: int
    not_met: int
    excepted: int
    unclear: int
    share: str
    rule: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of the chart, in pixels; a flagged one is drawn as a square."""

    x: str
    y: str
    flagged: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One level of the chart: its look (median, mean, limit), its height in pixels, and its name with its value."""

    look: str
    y: str
    name: str


@dataclass(frozen=True, slots=True)
class RunChart:
    """The drawing: `paths` join points of neighbouring quarters."""

    title: str
    box: str
    width: str
    base: str
    paths: tuple[str, ...]
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    scale: tuple[Label, ...]
    years: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class OverTimeView:
    """The section; no chart without points, no rows without intervals; `levels` are the chart's lines as fractions."""

    sentence: str
    notes: tuple[str, ...]
    chart: RunChart | None
    rows: tuple[QuarterRow, ...]
    levels: tuple[tuple[str, float], ...] = ()


def build_over_time(found: OverTime | None, standard: Standard) -> OverTimeView:
    """The whole section."""
    if found is None or not any(quarter.judged for quarter in found.quarters):
        return OverTimeView("The recorded history is too short for a series: no quarter can be counted.", (), None, ())
    sentence = _sentence(found)
    return OverTimeView(
        sentence=sentence,
        notes=_notes(found, standard),
        chart=_chart(found, sentence) if found.points else None,
        rows=tuple(_row(quarter) for quarter in found.quarters),
        levels=tuple((name, float(value)) for _, value, name in _levels(found)) if found.points else (),
    )


def _sentence(found: OverTime) -> str:
    points = found.points
    if not points or found.median is None:
        return f"No quarter has {found.least} intervals or more: counts only."
    last = points[-1]
    share = percent(last.met / last.judged)
    said = f"In {_name(last)}, {last.met:,} of {last.judged:,} maintenance intervals ({share}) "
    said += f"met the standard; the median of {plural(len(points), 'quarter')} is {percent(float(found.median))}."
    return f"{said} {_flagged(points)}"


def _flagged(points: Sequence[Quarter]) -> str:
    flagged = [point for point in points if point.flags]
    if not flagged:
        return "No point is flagged: the quarters differ no more than chance would make them."
    verb = "is" if len(flagged) == 1 else "are"
    return f"{plural(len(flagged), 'point')} {verb} flagged; the rule of each stands below."


def _notes(found: OverTime, standard: Standard) -> tuple[str, ...]:
    cited = {rule: standard.source_text(source) for rule, source in RULES.items()}
    limits = (
        f"Limits: {cited['outside_limits']}."
        if found.limits
        else "Median only: limits are drawn from 12 quarters on."
    )
    open_quarter = [quarter.name for quarter in found.quarters if not quarter.complete]
    return (
        "Every closed maintenance interval of the recorded history, by the quarter in which it ended, with and without "
        "neurological involvement, judged by this report's standard. Somebody overdue now is in the worklist instead.",
        "The share counts intervals that the record cannot tell as not met, so that missing data never flatters.",
        f"Under {found.least} intervals a quarter shows counts only and is no point of the chart.",
        f"Rules: {cited['shift']}. A flag is a reason to look, and says nothing of its cause.",
        limits,
        *([f"Not yet complete: {joined(open_quarter)}."] if open_quarter else []),
    )


def _name(quarter: Quarter) -> str:
    return quarter.name if quarter.complete else f"{quarter.name} so far"


def _row(quarter: Quarter) -> QuarterRow:
    return QuarterRow(
        name=_name(quarter),
        judged=quarter.judged,
        met=quarter.met,
        not_met=quarter.not_met,
        excepted=quarter.excepted,
        unclear=quarter.not_assessable,
        share=NONE if quarter.share is None else percent(float(quarter.share)),
        rule=_BETWEEN.join(_RULES[rule] for rule in quarter.flags),
        value=None if quarter.share is None else float(quarter.share),
    )


def flagged_by(rows: Sequence[QuarterRow]) -> list[str]:
    """A sentence for each rule that flags a quarter: what it says, and the quarters."""
    found = {text: [row.name for row in rows if text in row.rule.split(_BETWEEN)] for text in _RULES.values()}
    return [f"Flagged as {text}. Quarters: {joined(names)}." for text, names in found.items() if names]


def _chart(found: OverTime, sentence: str) -> RunChart:
    places = [(place, quarter) for place, quarter in enumerate(found.quarters) if quarter.share is not None]
    count = len(found.quarters)
    return RunChart(
        title=f"Run chart: {sentence}",
        box=_BOX,
        width=f"{_WIDTH}",
        base=f"{_HEIGHT}",
        paths=_paths([place for place, _ in places], found.quarters),
        dots=tuple(
            Dot(_x(place, count), _y(quarter.share), bool(quarter.flags))
            for place, quarter in places
            if quarter.share is not None
        ),
        lines=_lines(found),
        scale=tuple(Label("-6", f"{float(_y(tick)) + 4:.1f}", percent(float(tick))) for tick in _TICKS),
        years=_years(found.quarters),
    )


def _lines(found: OverTime) -> tuple[Line, ...]:
    return tuple(Line(look, _y(value), f"{name} {percent(float(value))}") for look, value, name in _levels(found))


def _levels(found: OverTime) -> list[tuple[str, Fraction, str]]:
    """Look, height and name of each line of the chart."""
    levels = [] if found.median is None else [("median", found.median, "median")]
    if found.limits:
        levels += [("mean", found.limits.mean, "mean"), ("limit", found.limits.lower, "lower limit"),
                   ("limit", found.limits.upper, "upper limit")]  # fmt: skip
    return levels


def _paths(places: Sequence[int], quarters: Sequence[Quarter]) -> tuple[str, ...]:
    """One path for each stretch of quarters without a gap."""
    stretches = [list(group) for _, group in groupby(enumerate(places), key=lambda item: item[1] - item[0])]
    return tuple("M" + "L".join(_point(place, quarters) for _, place in stretch) for stretch in stretches)


def _point(place: int, quarters: Sequence[Quarter]) -> str:
    return f"{_x(place, len(quarters))} {_y(quarters[place].share or Fraction(0))}"


def _x(place: int, count: int) -> str:
    return f"{_WIDTH * (place + 0.5) / count:.1f}"


def _y(share: Fraction) -> str:
    return f"{_HEIGHT * float(1 - share):.1f}"


def _years(quarters: Sequence[Quarter]) -> tuple[Label, ...]:
    """Each year below its first quarter of the series; every second where they would touch."""
    first = [place for place, quarter in enumerate(quarters) if not place or quarter.start.month == 1]
    step = 1 + len(first) // 12
    return tuple(
        Label(_x(place, len(quarters)), f"{_HEIGHT + 18}", f"{quarters[place].start.year}") for place in first[::step]
    )
