"""`b12audit recall`: when the next injection of each patient falls due."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from audit.commands.again import read_again, reading_options, standard_again
from audit.commands.reporting import print_lines, reported
from audit.errors import COMPLETE, PARTIAL

if TYPE_CHECKING:
    from audit.standards.standard import Standard

_MOST_WEEKS = 104
_HOW: Final = "b12audit recall FILE"


@click.command()
@click.argument("source", required=False, type=click.Path(path_type=Path), metavar="[FILE|RUN_FOLDER]")
@click.option("--weeks", type=click.IntRange(1, _MOST_WEEKS), default=16, show_default=True, help="How far ahead.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The list as a file: .xlsx or .csv.")
@reading_options
@click.pass_context
def recall(
    context: click.Context, /, source: Path | None, weeks: int, out: Path | None, standard: str | None, **reading: Any
) -> None:
    """Tell week by week whose next injection falls due, by the interval of the standard, overdue first."""
    with reported(debug=context.obj):
        sources = [source] if source else []
        sys.exit(_recall(sources, reading, weeks, out, standard_again(sources, standard, _HOW)))


def _recall(
    sources: Sequence[Path], reading: Mapping[str, Any], weeks: int, out: Path | None, standard: Standard
) -> int:
    from audit.pipeline import upcoming  # noqa: PLC0415 - heavy imports wait
    from audit.render.recall import build_recall, recall_lines  # noqa: PLC0415
    from audit.render.recall_file import check_file, write_recall  # noqa: PLC0415

    if out:
        check_file(out)
    extract, dates = read_again(sources, **reading, how=_HOW)
    found = upcoming(extract, dates, standard, datetime.now().astimezone().date())
    view = build_recall(found.recall, standard, found.partial, weeks)
    if out:
        write_recall(found.recall, view, out, weeks)
    last = f"Recall list  {out}" if out else "For the list by patient: --out recall.xlsx or --out recall.csv"
    print_lines([*recall_lines(view), last])
    return PARTIAL if found.partial else COMPLETE
