"""`b12audit recall`: when the next injection of each patient falls due."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.commands.again import read_again, reading_options
from audit.commands.parameters import standard_named
from audit.commands.reporting import print_lines, reported
from audit.errors import COMPLETE, PARTIAL

if TYPE_CHECKING:
    from audit.standards.standard import Standard

_MOST_WEEKS = 104


@click.command()
@click.argument("source", required=False, type=click.Path(path_type=Path), metavar="[FILE|RUN_FOLDER]")
@click.option("--weeks", type=click.IntRange(1, _MOST_WEEKS), default=16, show_default=True, help="How far ahead.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The list as a file: .xlsx or .csv.")
@click.option("--standard", default="national", show_default=True, help="NAME or FILE.toml.")
@reading_options
@click.pass_context
def recall(
    context: click.Context, /, source: Path | None, weeks: int, out: Path | None, standard: str, **reading: Any
) -> None:
    """Tell week by week whose next injection falls due, by the interval of the standard, overdue first."""
    with reported(debug=context.obj):
        sys.exit(_recall(source, reading, weeks, out, standard_named(standard)))


def _recall(
    source: Path | None, reading: Mapping[str, Any], weeks: int, out: Path | None, standard: Standard
) -> int:
    from audit.pipeline import upcoming  # noqa: PLC0415 - heavy imports wait
    from audit.render.recall import build_recall, recall_lines  # noqa: PLC0415
    from audit.render.recall_file import check_file, write_recall  # noqa: PLC0415

    if out:
        check_file(out)
    extract, dates = read_again([source] if source else [], **reading, how="b12audit recall FILE")
    found = upcoming(extract, dates, standard, datetime.now().astimezone().date())
    view = build_recall(found.recall, standard, found.partial, weeks)
    if out:
        write_recall(found.recall, view, out, weeks)
    last = f"Recall list  {out}" if out else "For the list by patient: --out recall.xlsx or --out recall.csv"
    print_lines([*recall_lines(view), last])
    return PARTIAL if found.partial else COMPLETE
