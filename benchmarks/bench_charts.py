"""The report's own drawings against chart libraries: the bar of outcomes and a run chart of 24 quarters.

The libraries are installed into an environment of their own, away from the project.
"""

from __future__ import annotations

import io
import json
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from importlib import metadata
from statistics import median
from types import SimpleNamespace
from typing import Any, Final

#: plotly is not among them: it draws an SVG in a browser only
PINS: Final = {
    "pygal": ("pygal==3.1.3",),
    "matplotlib": ("matplotlib==3.11.2",),
    "altair": ("altair==6.3.0", "vl-convert-python==1.9.0.post1"),
}
OURS: Final = "by hand"
REPEATS: Final = 30
COUNTS: Final = {"met": 13, "not met": 13, "with a reason": 2, "cannot tell": 1}
COLOURS: Final = ("#12436D", "#F46A25", "#ffffff", "#D8DDE0")
SHARES: Final = tuple(60 + place * 7 % 31 for place in range(24))
QUARTERS: Final = tuple(f"{2020 + place // 4} Q{1 + place % 4}" for place in range(24))
TITLE: Final = "Share of maintenance intervals that met the standard, by quarter"
#: what the page's policy forbids, and what an offline page of one file cannot hold
FAULTS: Final = {
    "script": r"<script|\son\w+=",
    "style element": r"<style",
    "inline style": r"\sstyle=",
    "remote reference": r"""(?:href|src)=["']\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""",
    "external font": r"@font-face",
}
Charts = tuple[str, str]


def by_hand() -> Callable[[], Charts]:
    """The drawings of the report, through its templates; the run chart with the table beside it, which is cut off."""
    from audit.render.charts import bar  # noqa: PLC0415 - the import is measured
    from audit.render.html import page_environment  # noqa: PLC0415
    from audit.render.over_time import build_over_time  # noqa: PLC0415
    from audit.results.over_time import OverTime, Quarter  # noqa: PLC0415
    from audit.standards.standard import load_standard  # noqa: PLC0415

    page = page_environment()
    outcomes = page.from_string('{% import "parts.html" as parts %}{{ parts.bar(bar, 32) }}')
    section, standard, day = page.get_template("over_time.html"), load_standard(), date(2020, 1, 1)
    score: Any = SimpleNamespace(met=13, not_met=13, excepted=2, not_assessable=1, eligible=29)
    quarters = tuple(
        Quarter(name, day, day, True, share, 100 - share, 0, 0, Fraction(share, 100))
        for name, share in zip(QUARTERS, SHARES, strict=True)
    )
    series = OverTime(quarters, 10, Fraction(75, 100), None)

    def draw() -> Charts:
        whole = section.render(view=SimpleNamespace(over_time=build_over_time(series, standard)))
        return outcomes.render(bar=bar(score)), whole[whole.index("<svg") : whole.index("</svg>") + len("</svg>")]

    return draw


def with_pygal() -> Callable[[], Charts]:
    """As plain as it can be made: no script, no tooltips."""
    import pygal  # type: ignore[import-not-found]  # noqa: PLC0415 - of the other environment
    from pygal.style import Style  # type: ignore[import-not-found]  # noqa: PLC0415

    plain = {"js": [], "disable_xml_declaration": True, "style": Style(colors=COLOURS), "title": TITLE}

    def draw() -> Charts:
        bars = pygal.HorizontalStackedBar(**plain, print_values=True)
        for name, count in COUNTS.items():
            bars.add(name, [count])
        line = pygal.Line(**plain, x_labels=QUARTERS)
        line.add("share met", SHARES)
        line.add("median", [75] * len(SHARES), show_dots=False)
        return bars.render(is_unicode=True), line.render(is_unicode=True)

    return draw


def with_matplotlib() -> Callable[[], Charts]:
    """Text as text, no date in the file."""
    import matplotlib as mpl  # type: ignore[import-not-found]  # noqa: PLC0415 - of the other environment

    mpl.use("svg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "b12audit"})
    from matplotlib import pyplot  # noqa: PLC0415

    def saved(figure: Any) -> str:
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Title": TITLE})
        pyplot.close(figure)
        return buffer.getvalue()

    def draw() -> Charts:
        figure, axes = pyplot.subplots(figsize=(6, 0.6))
        left = 0
        for (name, count), colour in zip(COUNTS.items(), COLOURS, strict=True):
            drawn = axes.barh([0], [count], left=left, color=colour, hatch="/", label=name)
            axes.bar_label(drawn, label_type="center")
            left += count
        bars = saved(figure)
        figure, axes = pyplot.subplots(figsize=(7, 2.4))
        axes.plot(QUARTERS, SHARES, marker="o", label="share met")
        axes.axhline(75, linestyle="--", label="median")
        return bars, saved(figure)

    return draw


def with_altair() -> Callable[[], Charts]:
    """Vega-Lite, drawn by vl-convert without a browser."""
    import altair  # type: ignore[import-not-found]  # noqa: PLC0415 - of the other environment
    import vl_convert  # type: ignore[import-not-found]  # noqa: PLC0415

    rows = [{"what": name, "count": count} for name, count in COUNTS.items()]
    points = [{"quarter": name, "share": share} for name, share in zip(QUARTERS, SHARES, strict=True)]

    def draw() -> Charts:
        bars = altair.Chart(altair.Data(values=rows), description=TITLE).mark_bar().encode(x="count:Q", color="what:N")
        line = altair.Chart(altair.Data(values=points), description=TITLE, width=640, height=170)
        whole = line.mark_line(point=True).encode(x="quarter:O", y="share:Q")
        found = [vl_convert.vegalite_to_svg(json.dumps(chart.to_dict())) for chart in (bars, whole)]
        return found[0], found[1]

    return draw


MAKERS: Final = {OURS: by_hand, "pygal": with_pygal, "matplotlib": with_matplotlib, "altair": with_altair}


def measure(name: str) -> dict[str, Any]:
    """Import, draw again and again, and look into what was drawn; in a process that has done nothing else."""
    if name == OURS:
        # what a run has imported by the time it draws; the libraries would come on top of it
        import audit.render.view  # noqa: F401, PLC0415
    clock = [time.perf_counter()]
    draw = MAKERS[name]()
    clock.append(time.perf_counter())
    bars, line = draw()
    clock.append(time.perf_counter())
    again = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        same = draw() == (bars, line)
        again.append(time.perf_counter() - begun)
    text = bars + line
    named = all(re.search(r"<title>|aria-label=", chart) for chart in (bars, line))
    return {
        "import ms": 1000 * (clock[1] - clock[0]),
        "first ms": 1000 * (clock[2] - clock[1]),
        "again ms": 1000 * median(again),
        "bar bytes": len(bars.encode()),
        "chart bytes": len(line.encode()),
        "named": named and ("<desc>" in line),
        "same": same,
        "faults": [fault for fault, pattern in FAULTS.items() if re.search(pattern, text)],
        "packages": len(_closure(PINS.get(name, ()))),
    }


def _closure(pins: tuple[str, ...]) -> set[str]:
    """What the pinned packages bring with them, themselves included; extras left out."""
    found, left = set(), [pin.partition("==")[0] for pin in pins]
    while left:
        name = left.pop()
        if name in found:
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # for another Python or machine
            continue
        found.add(name)
        left += [re.split(r"[\s<>=!~;\[(]", need, maxsplit=1)[0] for need in needs if "extra ==" not in need]
    return found


def main() -> None:
    """Measure all in processes of their own, and hold our drawings to what the page promises."""
    # not in the other environment
    from benchmarks.measure import PYTHON, Limit, finish, print_table, run  # noqa: PLC0415
    from benchmarks.peers.environments import python_with  # noqa: PLC0415

    with python_with(*(pin for pinned in PINS.values() for pin in pinned)) as python:
        found = {name: json.loads(run(PYTHON if name == OURS else python, __file__, name).output) for name in MAKERS}
    names = ("bar bytes", "chart bytes", "import ms", "first ms", "again ms", "packages")
    rows = [
        (name, *(f"{one[key]:,.0f}" if key != "again ms" else f"{one[key]:.1f}" for key in names),
         "yes" if one["named"] else "no", "yes" if one["same"] else "no", ", ".join(one["faults"]) or "none")
        for name, one in found.items()
    ]  # fmt: skip
    print_table(("", *names, "title and desc", "same bytes again", "the policy forbids, or not ours"), rows)
    ours, clean = found[OURS], [name for name, one in found.items() if name != OURS and not one["faults"]]
    least = min(one["bar bytes"] + one["chart bytes"] for name, one in found.items() if name != OURS)
    size = ours["bar bytes"] + ours["chart bytes"]
    finish(
        Limit("the drawings by hand hold nothing that the policy forbids and name themselves",
              ", ".join(ours["faults"]) or "nothing", ours["named"] and not ours["faults"]),
        Limit("no library draws clean SVG in as few bytes", f"{size:,} bytes against {least:,} at least; clean: "
              f"{', '.join(clean) or 'none'}", not any(
                  found[name]["bar bytes"] + found[name]["chart bytes"] <= size for name in clean)),
    )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measure(sys.argv[1])))
    else:
        main()
