"""`b12audit compare`: two audit cycles, the old one judged again by the new standard."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from audit.commands.again import manner_options, standard_of_run
from audit.commands.parameters import standard_named
from audit.commands.previous import cycle_of
from audit.commands.reporting import print_lines, reported, say
from audit.intake.heading_map import HeadingMap, read_map

if TYPE_CHECKING:
    from audit.intake.archive import Cycle
    from audit.intake.notes import Notes
    from audit.standards.standard import Standard


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Output folder. Default: beside NEW.")
@click.option("--standard", metavar="NAME|FILE.toml", help="Judge both by this. Default: what NEW was made with.")
@manner_options
@click.option("--same-practice", is_flag=True, help="OLD's practice is NEW's, though it is named otherwise.")
@click.option("--force", is_flag=True, help="Write the comparison again even if it already exists.")
@click.pass_context
def compare(context: click.Context, /, old: Path, new: Path, **options: Any) -> None:
    """Compare two audit cycles: OLD (a run's folder, or an input file) and NEW (a run's folder)."""
    with reported(debug=context.obj):
        manner = Manner(read_map(options.pop("mapping")), options.pop("fill_down"))
        print_lines(_compare((old, manner), new, **options))


class Manner(NamedTuple):
    """How OLD is to be read, where it is an input."""

    mapping: HeadingMap
    fill_down: bool

    def flags(self) -> str:
        """The same as options of the command line."""
        return "".join(f" --map {pair}" for pair in self.mapping.pairs) + " --fill-down" * self.fill_down


def _compare(
    given: tuple[Path, Manner], new: Path, out: Path | None, standard: str | None, same_practice: bool, force: bool
) -> list[str]:
    from audit import __version__, pipeline  # noqa: PLC0415 - heavy imports wait
    from audit.render.compare_page import build_page  # noqa: PLC0415
    from audit.render.folder import COMPARISON, check_place, finished  # noqa: PLC0415
    from audit.render.terminal import comparison_lines  # noqa: PLC0415
    from audit.render.write import comparison_id, write_comparison  # noqa: PLC0415

    (old, manner), later, today = given, cycle_of(new), datetime.now().astimezone().date()
    earlier = _earlier(old, manner)
    chosen = standard_named(standard) if standard else _standard_of(later, new)
    compared, result = pipeline.compare(earlier, later, chosen, today, same_practice=same_practice)
    notes = _notes(old)
    options = {"standard": Path(standard).name} if standard else {}
    options |= {"same-practice": ""} if same_practice else {}
    flags = "".join(f" --{name} {value}".rstrip() for name, value in options.items())
    command = f"b12audit compare {earlier.name} {later.name}{flags}{manner.flags()}"
    page = build_page(compared, result, notes, version=__version__, command=command)
    target = out or new.resolve().parent / f"{later.name}-compared-with-{compared.old.last_day}"
    identity = comparison_id(compared, page)
    check_place(target, COMPARISON)
    already = not force and finished(target, identity, COMPARISON)
    if not already:
        write_comparison(compared, page, target, identity=identity, options=options)
    return comparison_lines(page, target, already)


def _earlier(old: Path, manner: Manner) -> Cycle:
    """The old cycle, from a run's folder or an input."""
    from audit.intake.archive import Cycle  # noqa: PLC0415 - heavy imports wait
    from audit.intake.read import practices, read_extract  # noqa: PLC0415
    from audit.render.folder import read_manifest  # noqa: PLC0415

    if old.is_dir() and read_manifest(old) is not None:
        return cycle_of(old)
    read = (read_extract(practice, manner.fill_down, manner.mapping) for practice in practices((old,)))
    return Cycle(old.resolve().name, tuple(read))


def _standard_of(later: Cycle, new: Path) -> Standard:
    """The standard of the new run."""
    from audit.standards.lineage import ROOT, SHIPPED  # noqa: PLC0415 - heavy imports wait

    made = later.reported
    if made is None:
        return standard_named(ROOT)
    return standard_of_run(made.standard if made.standard in SHIPPED else made.file, new)


def _notes(old: Path) -> Notes | None:
    """What was noted in the old report's workbook; None where there is none."""
    from audit.intake.notes import read_notes  # noqa: PLC0415 - heavy imports wait

    book = old / "report.xlsx"
    if not book.is_file():
        return None
    notes = read_notes(book)
    for finding in notes.findings:
        say(f"{book.name}: {finding.message}")
    return notes
