"""`b12audit forecast`: injections, nurse hours and costs of the coming months."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from audit.commands.again import read_again, reading_options, standard_again
from audit.commands.parameters import forecast_inputs, inputs_of
from audit.commands.reporting import print_lines, reported, say
from audit.errors import COMPLETE, PARTIAL

if TYPE_CHECKING:
    from audit.results.forecast import Inputs
    from audit.standards.standard import Standard

_HOW: Final = "b12audit forecast FILE"


@click.command()
@click.argument("source", required=False, type=click.Path(path_type=Path), metavar="[FILE|RUN_FOLDER]")
@forecast_inputs
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as summary.json has it.")
@reading_options
@click.pass_context
def forecast(context: click.Context, /, source: Path | None, as_json: bool, **options: Any) -> None:
    """Tell how many injections the next 12 months would have: as now, at the longest and at the shortest interval."""
    with reported(debug=context.obj):
        inputs, reading = inputs_of(options), (options["mapping"], options["fill_down"])
        sources = [source] if source else []
        standard = standard_again(sources, options["standard"], _HOW)
        sys.exit(_forecast(sources, reading, standard, as_json, inputs))


def _forecast(
    sources: Sequence[Path], reading: tuple[Sequence[str], bool], standard: Standard, json: bool, inputs: Inputs
) -> int:
    from audit.pipeline import upcoming  # noqa: PLC0415 - heavy imports wait
    from audit.render.forecast import build_forecast, forecast_lines  # noqa: PLC0415
    from audit.render.tables import as_json  # noqa: PLC0415
    from audit.results.forecast import as_summary  # noqa: PLC0415

    extract, dates = read_again(sources, *reading, _HOW)
    found = upcoming(extract, dates, standard, datetime.now().astimezone().date(), inputs)
    if found.partial:
        say(f"Partial: {found.partial}")
    view = build_forecast(found.forecast, standard)
    print_lines([as_json(as_summary(found.forecast)).rstrip("\n")] if json else forecast_lines(view))
    return PARTIAL if found.partial else COMPLETE
