"""Charts as plain data: places, sizes and words that a template turns into SVG, each with its text alternative.

Bars are placed in percent of the width, so that they bend with the page; timelines and histograms in pixels.

Drawn by hand because the page may load nothing and run nothing: the policy in its head forbids inline styles, which
chart libraries write, and a worklist holds up to a thousand pictures. Measured on 5,000 made-up patients: 1,000
timelines are part of a page of 2.2 MB, written in under 0.3 seconds. `benchmarks/bench_charts.py` measures libraries
beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from audit.results.audit import Score
from audit.results.phrases import date_text, joined, month_name, plural
from audit.results.records import Event, Verdict

#: Narrower than this (percent of the bar) a part carries no number; the text beside the bar does.
_LEAST_LABELLED: Final = 6.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: `kind` names its pattern, `said` is its number and what it is; places in percent."""

    kind: str
    label: str
    said: str
    x: str
    width: str
    middle: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Patients of a criterion as one bar; no parts when there are none."""

    title: str
    parts: tuple[Part, ...]


def bar(score: Score) -> Bar:
    """Met, not met, not met with a reason, cannot tell: in that order, each with its number."""
    counts = {
        "met": (score.met, "met"),
        "not-met": (score.not_met, "not met"),
        "excepted": (score.excepted, "not met with a recorded reason"),
        "unclear": (score.not_assessable, "cannot tell"),
    }
    words = [f"{count:,} {name}" for count, name in counts.values() if count]
    title = f"{plural(score.eligible, 'patient')}: {joined(words)}" if words else "No patients"
    return Bar(title, tuple(_parts(counts)))


def _parts(counts: dict[str, tuple[int, str]]) -> list[Part]:
    total, parts, done = sum(count for count, _ in counts.values()), [], 0
    for kind, (count, name) in counts.items():
        if count:
            start, width = 100 * done / total, 100 * count / total
            label = f"{count:,}" if width >= _LEAST_LABELLED else ""
            place = (f"{start:.2f}%", f"{width:.2f}%", f"{start + width / 2:.2f}%")
            parts.append(Part(kind, label, f"{count:,} {name}", *place))
            done += count
    return parts


TIMELINE_WIDTH: Final = 210
_MARGIN: Final = 6
_MARKS: Final = {
    "dose": ("injection",),
    "oral": ("oral treatment",),
    "review": ("review",),
    "declined": ("refusal",),
    "deferred": ("deferral",),
    "not_attended": ("appointment not attended", "appointments not attended"),
    "stopped": ("stop",),
}
#: What ends treatment or delays it is drawn as one cross; the title tells them apart.
_SHAPES: Final = {"oral": "oral", "review": "review"}


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a timeline, `x` in pixels."""

    shape: str
    x: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Twelve months of one patient on the common scale; `late` is the stretch past the due date as (x, width)."""

    title: str
    doses: str
    marks: tuple[Mark, ...]
    due: str
    late: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Scale:
    """The months that all timelines share, drawn once; sizes in pixels."""

    start: date
    end: date
    width: int
    right: int
    box: str
    axis: str
    first: str
    last: str

    def place(self, day: date) -> str:
        """Where a day stands, held within the scale."""
        step = TIMELINE_WIDTH / max((self.end - self.start).days, 1)
        return f"{min(max((day - self.start).days * step, 0), TIMELINE_WIDTH):.1f}"


def month_scale(start: date, end: date) -> Scale:
    """The scale of all timelines, with a tick at each first of a month."""
    width = TIMELINE_WIDTH + 2 * _MARGIN
    bare = Scale(start, end, width, TIMELINE_WIDTH, "", "", _month_label(start), _month_label(end))
    ticks = [f"M{bare.place(day)} 22v4" for day in _month_starts(start, end)]
    return replace(
        bare,
        box=f"-{_MARGIN} 0 {bare.width} 44",
        axis="".join([f"M0 12H{TIMELINE_WIDTH}M0 22H{TIMELINE_WIDTH}M0 22v6M{TIMELINE_WIDTH} 22v6", *ticks]),
    )


def timeline(events: Sequence[Event], verdict: Verdict, scale: Scale) -> Timeline:
    """The patient's events on the scale, with the due date of the verdict and what lies past it."""
    place, due = scale.place, verdict.due_date
    seen = [event for event in events if scale.start <= event.date <= scale.end]
    return Timeline(
        title=_timeline_title(seen, due),
        doses="".join(f"M{place(event.date)} 12h0" for event in seen if event.kind == "dose"),
        marks=tuple(
            Mark(_SHAPES.get(event.kind, "cross"), place(event.date)) for event in seen if event.kind != "dose"
        ),
        due=place(due) if due and scale.start <= due <= scale.end else "",
        late=_stretch(due, verdict.to_date or scale.end, place) if verdict.days is not None else None,
    )


def _stretch(due: date | None, until: date, place: Callable[[date], str]) -> tuple[str, str] | None:
    if not due or until <= due:
        return None
    left, right = float(place(due)), float(place(until))
    return (f"{left:.1f}", f"{right - left:.1f}") if right > left else None


def _timeline_title(events: Sequence[Event], due: date | None) -> str:
    """What the picture holds in a few words; its dates stand beside it."""
    counts = Counter(event.kind for event in events)
    found = [plural(counts[kind], *names) for kind, names in _MARKS.items() if counts[kind]]
    tail = f"; due {date_text(due)}" if due else ""
    return f"12 months: {joined(found) or 'nothing recorded'}{tail}"


def _month_starts(start: date, end: date) -> list[date]:
    first = start.replace(day=1)
    days = [first]
    while days[-1] < end:
        days.append((days[-1] + timedelta(days=31)).replace(day=1))
    return [day for day in days if start < day < end]


def _month_label(day: date) -> str:
    return f"{month_name(day)[:3]} {day.year}"


HISTOGRAM_HEIGHT: Final = 110
_HEADROOM: Final = 18
_BIN: Final = 15
_LEAST_HEIGHT: Final = 1.5
_LONGEST_WEEKS: Final = 26
#: Weeks that a two-monthly and a three-monthly interval takes: the bands of the picture.
_BANDS: Final = ((8, 9), (12, 14))
#: the columns' names
WEEKS: Final = (*map(str, range(_LONGEST_WEEKS)), f"{_LONGEST_WEEKS}+")
_LABELLED_WEEKS: Final = (4, 8, 12, 16, 20, 24)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Label:
    """A centred text; place in pixels."""

    x: str
    y: str
    text: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """Intervals by whole weeks, for one neurological status; `box` is the drawing's view box.

    `counts` are those of the columns, blank ones included, for writers that draw for themselves.
    """

    heading: str
    title: str
    box: str
    axis: str
    bars: tuple[Box, ...]
    bands: tuple[Box, ...]
    labels: tuple[Label, ...]
    most: tuple[Label, ...]
    counts: tuple[int, ...] = ()


def by_week(days: Sequence[int]) -> list[int]:
    """How many intervals took how many whole weeks; those of 26 weeks and more stand together at the end."""
    counts = [0] * (_LONGEST_WEEKS + 1)
    for value in days:
        counts[min(value // 7, _LONGEST_WEEKS)] += 1
    return counts


def histogram(heading: str, counts: Sequence[int]) -> Histogram:
    """The picture of `by_week`."""
    most, width = max(counts), _BIN * len(counts)
    return Histogram(
        heading=heading,
        title=_histogram_title(heading, counts),
        box=f"-4 -{_HEADROOM} {width + 8} {HISTOGRAM_HEIGHT + _HEADROOM + 24}",
        axis=f"M0 {HISTOGRAM_HEIGHT}H{width}",
        bars=tuple(_column(week, count, most) for week, count in enumerate(counts) if count),
        bands=tuple(_band(first, last) for first, last in _BANDS),
        labels=(*map(_tick, _LABELLED_WEEKS), _tick(_LONGEST_WEEKS, f"{_LONGEST_WEEKS}+")),
        most=tuple(_most(week, count) for week, count in enumerate(counts) if count and count == most),
        counts=tuple(counts),
    )


def _column(week: int, count: int, most: int) -> Box:
    height = max(_LEAST_HEIGHT, HISTOGRAM_HEIGHT * count / most)
    return Box(f"{week * _BIN + 1}", f"{HISTOGRAM_HEIGHT - height:.1f}", f"{_BIN - 2}", f"{height:.1f}")


def _band(first: int, last: int) -> Box:
    return Box(f"{first * _BIN}", "0", f"{(last - first + 1) * _BIN}", f"{HISTOGRAM_HEIGHT}")


def _tick(week: int, label: str = "") -> Label:
    return Label(f"{(week + 0.5) * _BIN:.1f}", f"{HISTOGRAM_HEIGHT + 15}", label or str(week))


def _most(week: int, count: int) -> Label:
    return Label(f"{(week + 0.5) * _BIN:.1f}", "-4", f"{count:,}")


def _histogram_title(heading: str, counts: Sequence[int]) -> str:
    inside = [f"{sum(counts[first : last + 1]):,} of {first} to {last} weeks" for first, last in _BANDS]
    return f"{heading}: {plural(sum(counts), 'interval')}, of them {joined(inside)}."
