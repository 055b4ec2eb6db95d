"""The pack's charts as places and words, from published counts alone: the funnel, and practices ordered by size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from audit.render.charts import Label
from audit.render.words import percent
from audit.results.funnel import Funnel, Limits
from audit.results.pack import SafeRow

_WIDTH, _HEIGHT = 540, 220
_BOX: Final = f"-42 -12 {_WIDTH + 54} {_HEIGHT + 46}"
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
#: how many points the drawn limits have
STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class Dot:
    """One practice, in pixels; a flagged one is drawn as a square. low, high: the ends of its interval."""

    x: str
    y: str
    low: str
    high: str
    flagged: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of shares: `level` is the height of the line of all together, blank for none; curves are paths."""

    title: str
    box: str
    width: str
    base: str
    level: str
    inner: tuple[str, ...]
    outer: tuple[str, ...]
    dots: tuple[Dot, ...]
    scale: tuple[Label, ...]
    below: tuple[Label, ...]


def funnel_chart(title: str, rows: Sequence[SafeRow], found: Funnel) -> Chart:
    """Shares by size between the limits of chance.

    Args:
        title: the text alternative.
        rows: those shown, as given to `funnel`.
        found: their funnel.
    """
    most = max(row.eligible.value or 0 for row in rows)
    flags = zip(rows, found.flagged, strict=True)
    curve = found.curve
    return Chart(
        title=title,
        **_FRAME,
        level=_y(found.share),
        inner=tuple(_path(curve, most, side) for side in (curve.inner_low, curve.inner_high)),
        outer=tuple(_path(curve, most, side) for side in (curve.outer_low, curve.outer_high)),
        dots=tuple(_dot(row, _x((row.eligible.value or 0) / most), flag) for row, flag in flags),
        scale=_SCALE,
        below=(
            Label("0", f"{_HEIGHT + 18}", "0"),
            Label(f"{_WIDTH / 2:.0f}", f"{_HEIGHT + 18}", "patients asked"),
            Label(f"{_WIDTH - 8}", f"{_HEIGHT + 18}", f"{most:,}"),
        ),
    )


def strip_chart(title: str, rows: Sequence[SafeRow], pooled: float) -> Chart:
    """A dot and its interval for each practice, in the order given: by size."""
    places = [_x((at + 0.5) / len(rows)) for at in range(len(rows))]
    return Chart(
        title=title,
        **_FRAME,
        level=_y(pooled),
        inner=(),
        outer=(),
        dots=tuple(_dot(row, x, False) for row, x in zip(rows, places, strict=True)),
        scale=_SCALE,
        below=(
            Label("24", f"{_HEIGHT + 18}", "smallest"),
            Label(f"{_WIDTH - 20}", f"{_HEIGHT + 18}", "largest"),
        ),
    )


def _dot(row: SafeRow, x: str, flagged: bool) -> Dot:
    low, high = row.share.interval or (0.0, 1.0)
    return Dot(x, _y(row.share.value or 0.0), _y(low), _y(high), flagged)


def _path(curve: Limits, most: int, side: Iterable[float]) -> str:
    points = zip(curve.eligible.tolist(), side, strict=True)
    return "M" + "L".join(f"{_x(size / most)} {_y(share)}" for size, share in points)


def _x(place: float) -> str:
    return f"{_WIDTH * place:.1f}"


def _y(share: float) -> str:
    return f"{_HEIGHT * (1 - share):.1f}"


_SCALE: Final = tuple(Label("-6", f"{float(_y(tick)) + 4:.1f}", percent(tick)) for tick in _TICKS)
_FRAME: Final = {"box": _BOX, "width": f"{_WIDTH}", "base": f"{_HEIGHT}"}
