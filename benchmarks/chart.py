"""Draws growth as SVG: seconds and memory against patients, both axes in powers of ten, so that a straight line is one.

The numbers are those of the table that `bench_nation.py` prints, read from there: chart and table cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

WIDTH, HEIGHT = 400, 300
_LEFT, _TOP, _PLOT_WIDTH, _PLOT_HEIGHT = 62, 44, 240, 200
_COLOURS: Final = ("#005eb8", "#8a3c00", "#4c6272")
_DASHES: Final = ("", "7 4", "2 4")
_MARK: Final = 4


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: its title, and lines by name over the same patients."""

    title: str
    lines: Mapping[str, Sequence[float]]


def rows_of(printed: str) -> list[dict[str, float]]:
    """The rows of the first Markdown table of numbers that a benchmark printed, by heading."""
    lines = [line.strip("| ").split(" | ") for line in printed.splitlines() if line.startswith("|")]
    headings, _, *rows = lines
    return [dict(zip(headings, (float(cell.replace(",", "")) for cell in row), strict=True)) for row in rows]


def growth(printed: str) -> str:
    """The SVG of what `bench_nation.py` printed."""
    rows = rows_of(printed)
    patients = [row["patients"] for row in rows]

    def line(heading: str) -> list[float]:
        return [row[heading] for row in rows]

    panels = (
        Panel("Seconds by the clock", {"b12audit": line("wall s"), "floor": line("floor s")}),
        Panel("MB", {"most memory": line("peak MB of all processes"), "input": line("input MB")}),
    )
    said = "; ".join(f"{name} {_numbers(values)}" for panel in panels for name, values in panel.lines.items())
    drawn = [part for place, panel in enumerate(panels) for part in _panel(panel, patients, place * WIDTH)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(panels)} {HEIGHT}" role="img" '
            'font-family="sans-serif" font-size="12" fill="#212b32">',
            "<title>Time and memory against the number of patients</title>",
            f"<desc>For {_numbers(patients)} patients: {said}.</desc>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *drawn,
            "</svg>\n",
        ]
    )


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:,.10g}" for value in values)


def _panel(panel: Panel, patients: Sequence[float], left: int) -> Iterator[str]:
    values = [value for line in panel.lines.values() for value in line]
    across, up = _Scale(patients, _PLOT_WIDTH), _Scale(values, _PLOT_HEIGHT)
    yield f'<g transform="translate({left + _LEFT} {_TOP})">'
    yield f'<text x="0" y="-18" font-weight="bold">{panel.title}</text>'
    for tick in up.ticks:
        y = _PLOT_HEIGHT - up.at(tick)
        yield f'<path d="M0 {y:.1f}H{_PLOT_WIDTH}" stroke="#d8dde0"/>'
        yield f'<text x="-8" y="{y + 4:.1f}" text-anchor="end">{tick:,.10g}</text>'
    for tick in across.ticks:
        x = across.at(tick)
        yield f'<path d="M{x:.1f} 0V{_PLOT_HEIGHT}" stroke="#d8dde0"/>'
        yield f'<text x="{x:.1f}" y="{_PLOT_HEIGHT + 18}" text-anchor="middle">{tick:,.0f}</text>'
    yield f'<text x="{_PLOT_WIDTH / 2}" y="{_PLOT_HEIGHT + 38}" text-anchor="middle">patients</text>'
    for (name, line), colour, dash in zip(panel.lines.items(), _COLOURS, _DASHES, strict=False):
        yield from _line(name, [(across.at(x), _PLOT_HEIGHT - up.at(y)) for x, y in zip(patients, line, strict=True)],
                         f'stroke="{colour}" stroke-dasharray="{dash}"', colour)  # fmt: skip
    yield "</g>"


def _line(name: str, points: Sequence[tuple[float, float]], stroke: str, colour: str) -> Iterator[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{path}" fill="none" stroke-width="2" {stroke}/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_MARK}" fill="{colour}"/>'
    x, y = points[-1]
    yield f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{name}</text>'


class _Scale:
    """Powers of ten that hold all values, over so many pixels."""

    def __init__(self, values: Sequence[float], pixels: int) -> None:
        self._low, high = floor(log10(min(values))), ceil(log10(max(values)))
        self._step = pixels / max(high - self._low, 1)
        self.ticks = [10.0**power for power in range(self._low, high + 1)]

    def at(self, value: float) -> float:
        """Pixels from the low end."""
        return (log10(value) - self._low) * self._step
