"""The forecast as printed: injections, nurse hours and costs of the coming months in three scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.render.charts import HISTOGRAM_HEIGHT, Box, Histogram, Label
from audit.render.text_table import table
from audit.render.words import clean
from audit.results.forecast import Amounts, Forecast, Month, Scenario
from audit.results.phrases import date_text, joined, month_name, plural
from audit.standards.standard import Standard

_NAMES: Final = {
    "as_now": "As now",
    "longest": "At the longest interval allowed",
    "shortest": "At the shortest interval allowed",
}
_SHORT: Final = {"as_now": "As now", "longest": "Longest", "shortest": "Shortest"}
_COLUMN, _HEADROOM, _BELOW = 30, 18, 24
_LEAST_HEIGHT: Final = 1.5


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One month, or the total: its name and the cells under the headings."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForecastView:
    """The section: sentences, one panel a scenario, one table; no rows where nobody is on maintenance injections."""

    sentence: str
    notes: tuple[str, ...]
    panels: tuple[Histogram, ...]
    headings: tuple[str, ...]
    rows: tuple[ForecastRow, ...]
    total: ForecastRow | None


def build_forecast(found: Forecast | None, standard: Standard) -> ForecastView:
    """The whole section."""
    if found is None or not found.patients:
        return ForecastView("No patient is on maintenance injections on the extract date.", (), (), (), (), None)
    most = max(max(scenario.injections) for scenario in found.scenarios)
    each = [[found.amounts(number) for number in scenario.injections] for scenario in found.scenarios]
    totals = [found.amounts(sum(scenario.injections)) for scenario in found.scenarios]
    return ForecastView(
        sentence=_sentence(found),
        notes=_notes(found, standard),
        panels=tuple(_panel(scenario, found.months, most) for scenario in found.scenarios),
        headings=_headings(found),
        rows=tuple(
            ForecastRow(_label(month), _cells([amounts[place] for amounts in each]))
            for place, month in enumerate(found.months)
        ),
        total=ForecastRow(f"All {len(found.months)} months", _cells(totals)),
    )


def _sentence(found: Forecast) -> str:
    now, longest, shortest = (f"{sum(scenario.injections):,}" for scenario in found.scenarios)
    who = f"{plural(found.patients, 'patient')} on maintenance injections"
    said = f"In the {len(found.months)} months after the extract date {who} would have {now} injections as now"
    return f"{said}, {longest} at the longest interval allowed and {shortest} at the shortest."


def _notes(found: Forecast, standard: Standard) -> tuple[str, ...]:
    ampoules = "one ampoule" if found.ampoules_per_injection == 1 else f"{found.ampoules_per_injection} ampoules"
    lengths = f"{found.longest_months} and {found.shortest_months} months"
    due = [f"{scenario.fell_due:,} {_NAMES[scenario.name].lower()}" for scenario in found.scenarios]
    return (
        "A simple schedule from each last injection, not a plan for any patient: nobody joins or leaves, and nobody is "
        "loaded.",
        f"As now: by their own median interval in the audit period ({found.own_rhythm:,} patients); the "
        f"{found.without_rhythm:,} without one count with the longest interval.",
        f"Longest and shortest, by {clean(standard.title)}: {lengths} without neurological involvement; with it, and "
        "with a dietary cause, one length is named and both are the same.",
        f"For {plural(found.neuro_unknown, 'patient')} involvement is not recorded: the longest interval is the one "
        "without it, the shortest the one with it.",
        f"An injection that has fallen due by the extract date stands in month 1: {joined(due)}.",
        f"Each injection takes {ampoules}. {_priced(found)}".strip(),
        *_others(found),
    )


def _priced(found: Forecast) -> str:
    inputs = found.inputs
    said = (
        (inputs.minutes_per_injection, "{:,f} minutes for each injection"),
        (inputs.cost_per_ampoule, "£{:,.2f} for each ampoule"),
        (inputs.cost_per_hour, "£{:,.2f} for each nurse hour"),
    )
    given = [text.format(value) for value, text in said if value is not None]
    if not given:
        return (
            "For hours and costs give your own: --minutes-per-injection, --cost-per-ampoule, --cost-per-hour; "
            "the tool has no prices."
        )
    return f"By your own figures: {joined(given)}."


def _others(found: Forecast) -> tuple[str, ...]:
    total = sum(found.left_out.values())
    return (f"Not in the forecast: {plural(total, 'patient')} not on maintenance injections, or whose record cannot "
            "tell; the recall list of the workbook counts them by reason.",) if total else ()  # fmt: skip


def _headings(found: Forecast) -> tuple[str, ...]:
    kinds = [kind for kind, shown in zip(_KINDS, _shown(found.amounts(0)), strict=True) if shown is not None]
    return tuple(f"{_SHORT[scenario.name]}: {kind}" for kind in kinds for scenario in found.scenarios)


_KINDS: Final = ("injections", "nurse hours", "cost")


def _shown(amounts: Amounts) -> tuple[str | None, ...]:
    """Injections, hours and cost as printed, in the order of _KINDS; None where the inputs do not say."""
    hours, cost = amounts.hours, amounts.cost
    return (
        f"{amounts.injections:,}",
        None if hours is None else f"{hours:,.1f}",
        None if cost is None else f"£{cost:,.2f}",
    )


def _cells(amounts: Sequence[Amounts]) -> tuple[str, ...]:
    by_kind = zip(*(_shown(item) for item in amounts), strict=True)
    return tuple(text for kind in by_kind for text in kind if text is not None)


def _label(month: Month) -> str:
    if month.start is None or month.end is None:
        return f"Month {month.number}"
    if month.start.day == 1:
        return f"{month_name(month.start)} {month.start.year}"
    return f"{date_text(month.start)} to {date_text(month.end)}"


def _panel(scenario: Scenario, months: Sequence[Month], most: int) -> Histogram:
    """Injections by month as columns, each with its number; all panels on one scale."""
    width = _COLUMN * len(months)
    counts = scenario.injections
    name = _NAMES[scenario.name]
    heights = [max(_LEAST_HEIGHT, HISTOGRAM_HEIGHT * count / most) if count else 0 for count in counts]
    return Histogram(
        heading=name,
        title=f"{name}: {sum(counts):,} injections, between {min(counts):,} and {max(counts):,} a month.",
        box=f"-4 -{_HEADROOM} {width + 8} {HISTOGRAM_HEIGHT + _HEADROOM + _BELOW}",
        axis=f"M0 {HISTOGRAM_HEIGHT}H{width}",
        bars=tuple(_box(place, height) for place, height in enumerate(heights) if height),
        bands=(),
        labels=tuple(_text(place, HISTOGRAM_HEIGHT + 15, _short(month)) for place, month in enumerate(months)),
        most=tuple(
            _text(place, HISTOGRAM_HEIGHT - height - 4, f"{count:,}")
            for place, (count, height) in enumerate(zip(counts, heights, strict=True))
        ),
    )


def _box(place: int, height: float) -> Box:
    return Box(f"{place * _COLUMN + 3}", f"{HISTOGRAM_HEIGHT - height:.1f}", f"{_COLUMN - 6}", f"{height:.1f}")


def _text(place: int, y: float, text: str) -> Label:
    return Label(f"{(place + 0.5) * _COLUMN:.1f}", f"{y:.1f}", text)


def _short(month: Month) -> str:
    """The month in which it begins; its number where the dates differ by file."""
    return f"{month.number}" if month.start is None else month_name(month.start)[:3]


def forecast_lines(view: ForecastView) -> list[str]:
    """What the terminal says of the forecast."""
    rows = [(row.name, *row.cells) for row in (*view.rows, *((view.total,) if view.total else ()))]
    return [*table(("Month", *view.headings), rows), "", *view.notes, "", view.sentence]
