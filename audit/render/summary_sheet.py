"""The sheet Summary: each section a sentence, a native chart with its text alternative, and the table behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from audit.render.book import BLUE, INK, LINE_POINTS, ORANGE, SLATE, lay_out, lines_of, with_partial
from audit.render.charts import WEEKS
from audit.render.over_time import flagged_by
from audit.render.view import View

NAME: Final = "Summary"
_WIDTH, _NARROW = 62, 11
#: pixels; as wide as the widest table, so that the printed page is full
_CHART_WIDTH: Final = 1080
#: pixels of a row that nobody made higher
_ROW_PIXELS: Final = 20
_LONGEST_ALT: Final = 2000
_GRID: Final = {"visible": True, "line": {"color": "#D8DDE0"}}
_PARTS: Final = (
    ("Met", BLUE, None),
    ("Not met", ORANGE, "dark_upward_diagonal"),
    ("Not met, with a recorded reason", ORANGE, "light_upward_diagonal"),
    ("Cannot tell", SLATE, "percent_10"),
)
#: a look for each panel of the intervals
_PANELS: Final = ((BLUE, None), (ORANGE, "dark_upward_diagonal"), (SLATE, "percent_10"))
_LEVELS: Final = {
    "median": {"color": INK, "width": 1.5},
    "mean": {"color": SLATE, "width": 1.25, "dash_type": "dash"},
}
_LIMIT: Final = {"color": SLATE, "width": 1, "dash_type": "round_dot"}


@dataclass(slots=True)
class _Page:
    """The sheet while it is written: `row` is the next free one."""

    book: Any
    sheet: Any
    formats: Mapping[str, Any]
    row: int = 2

    def heading(self, text: str) -> None:
        self.sheet.write_string(self.row, 0, text, self.formats["bold"])
        self.row += 1

    def paragraph(self, text: str) -> None:
        self.sheet.write_string(self.row, 0, text, self.formats["wrap"])
        self.sheet.set_row(self.row, LINE_POINTS * lines_of(text, _WIDTH))
        self.row += 1

    def table_below(self, height: int) -> int:
        """Where a table starts when a chart of that height in pixels stands above it."""
        return self.row + 2 + -(-height // _ROW_PIXELS)

    def table(self, top: int, headings: Sequence[str], rows: Sequence[Sequence[Any]], look: str = "number") -> None:
        """A table; its first column text, the others numbers (texts and blanks as they are)."""
        for number, heading in enumerate(headings):
            self.sheet.write_string(top, number, heading, self.formats["head"])
        self.sheet.set_row(top, 3 * LINE_POINTS)
        for line, row in enumerate(rows, top + 1):
            for number, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, str):
                    self.sheet.write_string(line, number, value, self.formats["text"])
                else:
                    kind = look if isinstance(value, float) else "number"
                    self.sheet.write_number(line, number, value, self.formats[kind])
        self.row = top + len(rows) + 2

    def chart(self, chart: Any, height: int, words: str) -> None:
        """Puts a chart at the next free row."""
        chart.set_size({"width": _CHART_WIDTH, "height": height})
        place = {"description": words[:_LONGEST_ALT], "object_position": 3}
        self.sheet.insert_chart(self.row, 0, chart, place)


def write_summary(book: Any, formats: Mapping[str, Any], view: View) -> None:
    """The whole sheet."""
    sheet = book.add_worksheet(NAME)
    lay_out(sheet, view)
    sheet.set_column(0, 0, _WIDTH)
    sheet.set_column(1, 8, _NARROW)
    sheet.write_string(0, 0, with_partial(f"Summary: {view.practice}. {view.period}", view), formats["title"])
    page = _Page(book, sheet, formats)
    for headline in view.headlines:
        page.heading(headline.heading)
        page.paragraph(" ".join(filter(None, (headline.sentence, headline.beside, headline.target))))
        page.row += 1
    if view.actions:
        page.heading("What to do now")
    for action in view.actions:
        page.paragraph(f"{action.count} {action.text}. {action.detail}")
    page.row += 1
    sheet.set_h_pagebreaks([*_outcomes(page, view), *_intervals(page, view), *_over_time(page, view)])


def _outcomes(page: _Page, view: View) -> list[int]:
    """The headline's criteria as bars, then every mandated one with its table; where pages begin."""
    starts: list[int] = []
    rows = [row for group in view.groups if group.strength == "mandated" for row in group.rows]
    if not rows:
        return starts
    page.heading("Patients by mandated criterion")
    first = sum(row.code in {item.code for item in view.headlines} for row in rows)
    heights = (150 + 60 * first, 140 + 28 * len(rows))
    top = page.table_below(sum(heights)) + 2
    charts = (("Headline criteria", first, heights[0]), ("All mandated criteria", len(rows), heights[1]))
    for title, count, height in charts:
        if count:
            words = "; ".join(f"{row.title}: {row.bar.title}" for row in rows[:count])
            starts = [page.row, top]
            page.chart(_bars(page.book, title, top, count), height, f"{title}. {words}")
            page.row += 1 + -(-height // _ROW_PIXELS)
    headings = ("Mandated criterion", *(name for name, _, _ in _PARTS), "Eligible")
    cells = [(row.title, row.met, row.not_met, row.excepted, row.not_assessable, row.eligible) for row in rows]
    page.table(top, headings, cells)
    return starts


def _bars(book: Any, title: str, top: int, count: int) -> Any:
    chart = book.add_chart({"type": "bar", "subtype": "stacked"})
    last = top + count
    for number, (_, colour, pattern) in enumerate(_PARTS, 1):
        chart.add_series(
            {
                "name": [NAME, top, number],
                "categories": [NAME, top + 1, 0, last, 0],
                "values": [NAME, top + 1, number, last, number],
                "border": {"color": INK, "width": 0.75},
                "gap": 45,
                # a number that is nothing is left out; white behind it keeps it readable on every pattern
                "data_labels": {"value": True, "num_format": "#,##0;;", "font": {"size": 8, "color": INK},
                                "fill": {"color": "#FFFFFF"}},
                **_filled(colour, pattern),
            }
        )  # fmt: skip
    _dress(chart, title, "Patients", "Criterion")
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "crossing": "max",
                      "name": "Criterion", "name_font": {"size": 9, "bold": False}})  # fmt: skip
    return chart


def _filled(colour: str, pattern: str | None) -> dict[str, Any]:
    if pattern is None:
        return {"fill": {"color": colour}}
    return {"pattern": {"pattern": pattern, "fg_color": colour, "bg_color": "#FFFFFF"}}


def _dress(chart: Any, title: str, x_name: str, y_name: str) -> None:
    """Title, named axes, the legend below."""
    name = {"name_font": {"size": 9, "bold": False}, "num_font": {"size": 9}}
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_x_axis({"name": x_name, "num_format": "0", "major_gridlines": _GRID, **name})
    chart.set_y_axis({"name": y_name, "major_gridlines": _GRID, **name})
    chart.set_legend({"position": "bottom"})


def _intervals(page: _Page, view: View) -> list[int]:
    """The intervals by week, with and without neurological involvement; where pages begin."""
    panels, start = view.rhythm.panels, page.row
    page.heading("Two- or three-monthly?")
    page.paragraph(f"{view.rhythm.sentence} {view.rhythm.neither}")
    if not panels:
        return [start]
    height = 340
    top = page.table_below(height)
    chart = page.book.add_chart({"type": "column", "subtype": "stacked"})
    last = top + len(WEEKS)
    for number, (colour, pattern) in enumerate(_PANELS[: len(panels)], 1):
        chart.add_series(
            {
                "name": [NAME, top, number],
                "categories": [NAME, top + 1, 0, last, 0],
                "values": [NAME, top + 1, number, last, number],
                "border": {"color": INK, "width": 0.5},
                "gap": 25,
                **_filled(colour, pattern),
            }
        )
    _dress(chart, "Maintenance intervals by length", "Whole weeks from one injection to the next", "Intervals")
    page.chart(chart, height, " ".join(panel.title for panel in panels))
    rows = list(zip(WEEKS, *(panel.counts for panel in panels), strict=True))
    page.table(top, ("Weeks", *(panel.heading for panel in panels)), rows)
    return [start, top]


def _over_time(page: _Page, view: View) -> list[int]:
    """The share of intervals that met the standard, by quarter; where pages begin."""
    series, start = view.over_time, page.row
    page.heading("Over time")
    page.paragraph(series.sentence)
    if series.chart is None:
        return [start]
    height = 360
    top = page.table_below(height)
    levels = [name for name, _ in series.levels]
    page.chart(_run_chart(page.book, top, len(series.rows), levels), height, series.chart.title)
    flagged = [row.value if row.rule else None for row in series.rows]
    lines = [value for _, value in series.levels]
    rows = [
        (row.name, row.value, mark, *(float(value) for value in lines), row.met, row.judged)
        for row, mark in zip(series.rows, flagged, strict=True)
    ]
    headings = ("Quarter", "Share met", "Flagged", *(name.capitalize() for name in levels), "Met", "Judged")
    page.table(top, headings, rows, "percent")
    for text in flagged_by(series.rows):
        page.paragraph(text)
    return [start, top]


def _run_chart(book: Any, top: int, count: int, levels: Sequence[str]) -> Any:
    """The share as a line, flagged points as squares, the median and the limits as lines of their own dash."""
    chart = book.add_chart({"type": "line"})
    share = {"line": {"color": BLUE, "width": 2}, "marker": _marker("circle", 6, BLUE)}
    flagged = {"line": {"none": True}, "marker": _marker("square", 10, ORANGE)}
    looks = [share, flagged, *({"line": _LEVELS.get(name, _LIMIT)} for name in levels)]
    for number, look in enumerate(looks, 1):
        chart.add_series(
            {
                "name": [NAME, top, number],
                "categories": [NAME, top + 1, 0, top + count, 0],
                "values": [NAME, top + 1, number, top + count, number],
                **look,
            }
        )
    _dress(chart, "Share of maintenance intervals that met the standard", "Quarter in which they ended", "Share")
    chart.set_y_axis({"min": 0, "max": 1, "num_format": "0%", "name": "Share", "major_gridlines": _GRID,
                      "name_font": {"size": 9, "bold": False}})  # fmt: skip
    chart.show_blanks_as("gap")
    return chart


def _marker(kind: str, size: int, colour: str) -> dict[str, Any]:
    return {"type": kind, "size": size, "fill": {"color": colour}, "border": {"color": INK}}
