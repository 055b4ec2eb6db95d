"""An input that was audited before, read again: by a report's folder as its run read it, by its name as told now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from audit.commands.parameters import Command, standard_named
from audit.errors import UsageError

if TYPE_CHECKING:
    from audit.cohort.window import DateOptions
    from audit.intake.extract import Extract
    from audit.standards.standard import Standard

_HELP: Final = "As for run; a report has its own."
_MANNER: Final = (
    click.option("--map", "mapping", multiple=True, metavar='FIELD="HEADING"', help=_HELP),
    click.option("--fill-down", is_flag=True, help=_HELP),
)
_OPTIONS: Final = (
    *_MANNER,
    click.option("--standard", metavar="NAME|FILE.toml", help="Default: that of the report; national for a file."),
)


def reading_options(command: Command) -> Command:
    """Gives a command the options that say how its input is read and judged, for the functions below."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def manner_options(command: Command) -> Command:
    """Gives a command those that say how its input is read, and no standard."""
    for option in reversed(_MANNER):
        command = option(command)
    return command


def read_again(
    sources: Sequence[Path], mapping: Sequence[str], fill_down: bool, how: str
) -> tuple[Extract, DateOptions]:
    """The input, with the dates of its run where `sources` is a report's folder, or nothing: then the newest here.

    Args:
        sources: the folder of a report, an input, or each file of a practice.
        mapping: what `--map` was given.
        fill_down: a blank patient id means the patient above.
        how: the way in which the command takes a file, for a remedy.

    Raises:
        InputRejected: no report is there, its input has moved or changed, or it cannot be read.
        UsageError: the files are those of several practices, or a heading stands nowhere.
    """
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.intake.heading_map import read_map, told_map  # noqa: PLC0415
    from audit.intake.read import one_practice, read_extract  # noqa: PLC0415
    from audit.render.folder import input_of, options_of  # noqa: PLC0415

    paths, days, told = list(sources), dict[str, str](), dict[str, str]()
    if len(sources) < 2:  # noqa: PLR2004 - several are the files of one practice, and no report
        one = next(iter(sources), None)
        paths, days = input_of(one, how)
        told = options_of(one, how)
    asked = read_map(mapping) if mapping else told_map(told.get("map", ""))
    dates = DateOptions(**{name: date.fromisoformat(day) for name, day in days.items()})
    return read_extract(one_practice(paths), fill_down or "fill-down" in told, asked), dates


def standard_again(sources: Sequence[Path], named: str | None, how: str) -> Standard:
    """The standard that is named, else that of the report that `sources` is the folder of, else the national one.

    Raises:
        InputRejected: no report is there.
        UsageError: there is no such standard, or the report's is a file that has to be named.
    """
    from audit.render.folder import newest_run, options_of  # noqa: PLC0415 - heavy imports wait
    from audit.standards.lineage import ROOT  # noqa: PLC0415

    if named or len(sources) > 1:
        return standard_named(named or ROOT)
    place = next(iter(sources), None) or newest_run(Path(), how)
    return standard_of_run(options_of(place).get("standard", ROOT), place)


def standard_of_run(told: str, folder: Path) -> Standard:
    """The standard that a run was told: one that ships, or its file beside the run's folder.

    Raises:
        UsageError: the file does not stand there.
    """
    from audit.intake.heading_map import pasted  # noqa: PLC0415 - heavy imports wait
    from audit.standards.lineage import SHIPPED  # noqa: PLC0415

    if told in SHIPPED:
        return standard_named(told)
    file = folder.resolve().parent / Path(told).name
    if not file.is_file():
        raise UsageError(
            f"The report was made with the standard of {file.name}, which does not stand beside its folder.",
            where=str(folder),
            remedy=f"name it: --standard {pasted(file.name)}",
            code="STANDARD_NOT_FOUND",
        )
    return standard_named(str(file))
