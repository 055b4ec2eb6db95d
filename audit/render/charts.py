"""Charts as plain data: places, sizes and words that a template turns into SVG, each with its text alternative.

Bars are placed in percent of the width, so that they bend with the page; timelines and histograms in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from audit.results.audit import Score
from audit.results.phrases import date_text, joined, month_name, plural
from audit.results.records import Event, Verdict

#: Narrower than this (percent of the bar) a part carries no number; the text beside the bar does.
_LEAST_LABELLED: Final = 6.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: `kind` names its pattern; places in percent."""

    kind: str
    label: str
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
    return Bar(title, tuple(_parts({kind: count for kind, (count, _) in counts.items()})))


def _parts(counts: dict[str, int]) -> list[Part]:
    total, parts, done = sum(counts.values()), [], 0
    for kind, count in counts.items():
        if count:
            start, width = 100 * done / total, 100 * count / total
            label = f"{count:,}" if width >= _LEAST_LABELLED else ""
            parts.append(Part(kind, label, f"{start:.2f}%", f"{width:.2f}%", f"{start + width / 2:.2f}%"))
            done += count
    return parts


TIMELINE_WIDTH: Final = 240
_MARKS: Final = {
    "dose": "injection",
    "oral": "oral treatment",
    "review": "review",
    "declined": "declined",
    "deferred": "deferred",
    "not_attended": "not attended",
    "stopped": "stopped",
}
#: What ends treatment or delays it is drawn as one cross; the title tells them apart.
_SHAPES: Final = {"dose": "dose", "oral": "oral", "review": "review"}


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a timeline, `x` in pixels."""

    shape: str
    x: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Twelve months of one patient; `late` is the stretch past the due date as (x, width)."""

    title: str
    width: int
    marks: tuple[Mark, ...]
    months: tuple[str, ...]
    due: str
    late: tuple[str, str] | None
    first: str
    last: str


def timeline(events: Sequence[Event], verdict: Verdict, end: date, start: date) -> Timeline:
    """The patient's events from `start` to `end`, with the due date of the verdict and what lies past it."""
    scale = TIMELINE_WIDTH / max((end - start).days, 1)

    def place(day: date) -> str:
        return f"{min(max((day - start).days * scale, 0), TIMELINE_WIDTH):.1f}"

    seen = [event for event in events if start <= event.date <= end]
    due = verdict.due_date
    return Timeline(
        title=_timeline_title(seen, due, start, end),
        width=TIMELINE_WIDTH,
        marks=tuple(Mark(_SHAPES.get(event.kind, "cross"), place(event.date)) for event in seen),
        months=tuple(place(day) for day in _month_starts(start, end)),
        due=place(due) if due and start <= due <= end else "",
        late=_stretch(due, verdict.to_date or end, place),
        first=_month_label(start),
        last=_month_label(end),
    )


def _stretch(due: date | None, until: date, place: object) -> tuple[str, str] | None:
    if not due or until <= due or not callable(place):
        return None
    left, right = float(place(due)), float(place(until))
    return (f"{left:.1f}", f"{right - left:.1f}") if right > left else None


def _timeline_title(events: Sequence[Event], due: date | None, start: date, end: date) -> str:
    found = []
    for kind, name in _MARKS.items():
        days = [date_text(event.date) for event in events if event.kind == kind]
        found += [f"{name} {joined(days)}"] if days else []
    held = "; ".join(found) or "nothing recorded"
    tail = f"; due {date_text(due)}" if due else ""
    return f"{date_text(start)} to {date_text(end)}: {held}{tail}."


def _month_starts(start: date, end: date) -> list[date]:
    first = start.replace(day=1)
    days = [first]
    while days[-1] < end:
        days.append((days[-1] + timedelta(days=31)).replace(day=1))
    return [day for day in days if start < day < end]


def _month_label(day: date) -> str:
    return f"{month_name(day)[:3]} {day.year}"


HISTOGRAM_HEIGHT: Final = 110
_BIN: Final = 15
_LONGEST_WEEKS: Final = 26
#: Weeks that a two-monthly and a three-monthly interval takes: the bands of the picture.
_BANDS: Final = ((8, 9), (12, 14))
_LABELLED_WEEKS: Final = (4, 8, 12, 16, 20, 24)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; `label` is its text, if any."""

    x: str
    y: str
    width: str
    height: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Intervals by whole weeks, for one neurological status."""

    heading: str
    title: str
    width: int
    height: int
    bars: tuple[Box, ...]
    bands: tuple[Box, ...]
    ticks: tuple[Box, ...]


def histogram(heading: str, days: Sequence[int]) -> Histogram:
    """How many intervals took how many whole weeks; those of 26 weeks and more stand together at the end."""
    counts = [0] * (_LONGEST_WEEKS + 1)
    for value in days:
        counts[min(value // 7, _LONGEST_WEEKS)] += 1
    most = max(counts)
    return Histogram(
        heading=heading,
        title=_histogram_title(heading, counts),
        width=_BIN * len(counts),
        height=HISTOGRAM_HEIGHT,
        bars=tuple(_column(week, count, most) for week, count in enumerate(counts) if count),
        bands=tuple(_band(first, last) for first, last in _BANDS),
        ticks=tuple(_tick(week) for week in _LABELLED_WEEKS) + (_tick(_LONGEST_WEEKS, f"{_LONGEST_WEEKS}+"),),
    )


def _column(week: int, count: int, most: int) -> Box:
    height = max(1.5, HISTOGRAM_HEIGHT * 0.85 * count / most)
    label = f"{count:,}" if count == most else ""
    return Box(f"{week * _BIN + 1}", f"{HISTOGRAM_HEIGHT - height:.1f}", f"{_BIN - 2}", f"{height:.1f}", label)


def _band(first: int, last: int) -> Box:
    return Box(f"{first * _BIN}", "0", f"{(last - first + 1) * _BIN}", f"{HISTOGRAM_HEIGHT}")


def _tick(week: int, label: str = "") -> Box:
    return Box(f"{week * _BIN + _BIN / 2:.1f}", "0", "0", "0", label or str(week))


def _histogram_title(heading: str, counts: Sequence[int]) -> str:
    inside = [plural(sum(counts[first : last + 1]), "interval") + f" of {first} to {last} weeks" for first, last in _BANDS]
    return f"{heading}: {plural(sum(counts), 'interval')}, of them {joined(inside)}."
