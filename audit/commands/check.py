"""`b12audit check`: inputs read and validated, nothing judged."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from audit.commands.inputs import Taken, take, told
from audit.commands.parameters import Given, input_options, standard_named
from audit.commands.progress import stage
from audit.commands.reporting import print_lines, reported
from audit.errors import COMPLETE, PARTIAL, AuditError, CannotWrite, UsageError

if TYPE_CHECKING:
    from audit.intake.extract import Extract
    from audit.intake.read import Opened, Practice
    from audit.results.checked import Checked


@click.command()
@input_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option("--fixes", type=click.Path(path_type=Path), help="The workbook of fixes. Default: beside each FILE.")
@click.option("--no-fixes", is_flag=True, help="Write no workbook of fixes.")
@click.pass_context
def check(context: click.Context, /, **options: Any) -> None:
    """Read and validate FILE without judging anybody: what was understood, what is missing, which cells to mend."""
    with reported(debug=context.obj):
        asked = _Asked(Given.of(options), **options)
        try:
            code = _check(asked)
        except AuditError as error:
            if asked.as_json and not isinstance(error, CannotWrite):
                _print_json(None, (), [error], error.exit_code)
            raise
        sys.exit(code)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of `check` as typed."""

    given: Given
    as_json: bool
    fixes: Path | None
    no_fixes: bool

    def command(self) -> str:
        """The run of the same files with the same options, as any shell takes it."""
        asked = self.given.mapping.of(*self.given.files).command(())
        days = "".join(f" --{name} {day}" for name, day in self.given.days().items())
        return f"{asked}{days}{' --fill-down' * self.given.fill_down}"


class _Opened(NamedTuple):
    """One input, as raw cells and as tables."""

    opened: Opened
    extract: Extract


def _check(asked: _Asked) -> int:
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.pipeline import check as check_all  # noqa: PLC0415

    # one check and the process ends: looking for garbage cycles would cost a fifth of it
    gc.disable()
    today = datetime.now().astimezone().date()
    places = _places(asked)
    with stage("Reading and validating"):
        taken = take(asked.given, _read)
        extracts = [opened.extract for _, opened in taken.read]
        dates = DateOptions(**asked.given.dates)
        checked = check_all(extracts, dates, standard_named("national"), today, partial=taken.partial)
    code = PARTIAL if checked.partial else COMPLETE
    try:
        written = [str(place) for place in _write(checked, taken, places)]
    except CannotWrite as error:
        # what was found is worth saying all the same
        _print(asked, checked, (), taken, error.exit_code)
        raise
    _print(asked, checked, written, taken, code)
    return code


def _places(asked: _Asked) -> dict[Practice, Path]:
    """Of each input where its workbook of fixes goes; none when none is wanted."""
    from audit.intake.read import practices  # noqa: PLC0415 - heavy imports wait
    from audit.render.fixes_file import fixes_places  # noqa: PLC0415

    if asked.no_fixes and asked.fixes:
        what = "--fixes and --no-fixes contradict each other."
        raise UsageError(what, remedy="give one of them", code="OPTIONS_CONTRADICT")
    if asked.no_fixes:
        return {}
    found = practices(asked.given.files)
    return dict(zip(found, fixes_places([practice.given[0] for practice in found], asked.fixes), strict=True))


def _read(practice: Practice, given: Given) -> _Opened:
    from audit.intake.read import open_input, read_opened  # noqa: PLC0415 - heavy imports wait

    opened = open_input(practice)
    mapping = given.mapping.of(*practice.given)
    return _Opened(opened, told(practice, read_opened(opened, given.fill_down, mapping)))


def _write(checked: Checked, taken: Taken[_Opened], places: dict[Practice, Path]) -> list[Path]:
    from audit.render.fixes import build_fixes  # noqa: PLC0415 - heavy imports wait
    from audit.render.fixes_file import publish_fixes  # noqa: PLC0415

    if not places:
        return []
    for (practice, read), item in zip(taken.read, checked.inputs, strict=True):
        publish_fixes(build_fixes(read.opened.whole, item), places[practice])
    return [places[practice] for practice, _ in taken.read]


def _print(asked: _Asked, checked: Checked, written: Sequence[str], taken: Taken[_Opened], code: int) -> None:
    from audit.render.check_text import checked_lines  # noqa: PLC0415 - heavy imports wait

    if asked.as_json:
        _print_json(checked, written, [item.error for item in taken.refused], code)
    else:
        refused = {item.name: item.error.what for item in taken.refused}
        print_lines(checked_lines(checked, written, refused, asked.command()))


def _print_json(checked: Checked | None, written: Sequence[str], refused: Sequence[AuditError], code: int) -> None:
    from audit.render.check_json import check_document  # noqa: PLC0415 - heavy imports wait
    from audit.render.tables import as_json  # noqa: PLC0415

    click.echo(as_json(check_document(checked, written, refused, code)), nl=False)
