"""`b12audit demo`: the report of a made-up practice, to look at before there are records."""

from __future__ import annotations

import sys
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.commands.reporting import print_lines, reported

if TYPE_CHECKING:
    from audit.commands.auditing import Asked


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default="b12audit-demo", show_default=True, help="Folder.")
@click.option("--pack", is_flag=True, help="Instead, packs of 40 made-up practices: a year of quarterly releases.")
@click.option("--open", "opened", is_flag=True, help="Open the report in the browser.")
@click.pass_context
def demo(context: click.Context, /, out: Path, pack: bool, opened: bool) -> None:
    """Make the report of the sample practice, whose patients are made up."""
    from audit.commands.demo_pack import demo_packs  # noqa: PLC0415 - heavy imports wait
    from audit.commands.run import run_audit  # noqa: PLC0415

    if pack:
        with reported(debug=context.obj):
            print_lines(demo_packs(out.with_name(f"{out.name}-packs")))
        return
    with reported(debug=context.obj), as_file(files("sample_data") / "records.xlsx") as sample:
        sys.exit(run_audit(_asked(sample, out), opened=opened))


def _asked(sample: Path, out: Path) -> Asked:
    from audit.commands.auditing import Asked  # noqa: PLC0415 - heavy imports wait
    from audit.commands.parameters import given_files  # noqa: PLC0415
    from audit.results.forecast import Inputs  # noqa: PLC0415

    return Asked(given_files(sample), Inputs(), out=out)
