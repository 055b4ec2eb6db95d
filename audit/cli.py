"""The commands. The only reader of the clock; heavy imports wait until a command needs them."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from audit import __version__
from audit.errors import COMPLETE, PARTIAL, AuditError

if TYPE_CHECKING:
    from audit.intake.extract import Extract
    from audit.render.tables import Format
    from audit.results.audit import AuditResult

_INTERNAL_ERROR = 1
_INTERRUPTED, _TERMINATED = 130, 143
_MOST_LINES = 25


class IsoDate(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date, or a usage error that says which form is wanted."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is not a date; write it as YYYY-MM-DD, for example 2026-03-31', param, ctx)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="b12audit")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_context
def main(context: click.Context, debug: bool) -> None:
    """Audits vitamin B12 injections of a practice against the BNF/NICE pattern."""
    context.obj = debug


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--out", type=click.Path(path_type=Path), help="Output folder. Default: beside the first file.")
@click.option("--extract-date", type=IsoDate(), help="Last day the extract covers.")
@click.option("--history-start", type=IsoDate(), help="First day from which the history is complete.")
@click.option("--from", "period_from", type=IsoDate(), help="First day of the audit period.")
@click.option("--to", "period_to", type=IsoDate(), help="Last day of the audit period.")
@click.option("--standard", default="national", show_default=True, help="The standard to audit against.")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--force", is_flag=True, help="Write the report again even if it already exists.")
@click.pass_context
def run(context: click.Context, /, files: tuple[Path, ...], **options: Any) -> None:
    """Audit FILE (a workbook, a csv file, a folder of csv) and write the report."""
    with _reported(debug=context.obj):
        sys.exit(_run(files, **options))


def _run(
    files: tuple[Path, ...], *, out: Path | None, standard: str, form: Format, force: bool, **dates: date | None
) -> int:
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.pipeline import audit  # noqa: PLC0415
    from audit.render.folder import check_place, finished  # noqa: PLC0415
    from audit.render.write import run_id, write_output  # noqa: PLC0415
    from audit.standards.standard import load_standard  # noqa: PLC0415

    # one run and the process ends: looking for garbage cycles would cost a fifth of it
    gc.disable()
    started = datetime.now(UTC)
    chosen = load_standard(standard)
    extracts, rejected = _read(files)
    result = audit(extracts, DateOptions(**dates), chosen, datetime.now().astimezone().date(), partial=rejected)
    target = out or _beside(files[0], result)
    given = {name.replace("_", "-").removeprefix("period-"): str(day) for name, day in dates.items() if day}
    options = {**given, "standard": standard, "format": form}
    identity = run_id({window.file: window.sha256 for window in result.windows}, options, chosen.edition)
    check_place(target)
    already = not force and finished(target, identity)
    if not already:
        stamp = started.isoformat(timespec="seconds")
        write_output(result, target, identity=identity, options=options, started_at=stamp, form=form)
    _print_result(result, target, already)
    return PARTIAL if result.partial else COMPLETE


def _read(files: tuple[Path, ...]) -> tuple[list[Extract], str]:
    """The inputs that could be read, and a sentence about those that could not.

    Raises:
        AuditError: of the first input, when none could be read.
    """
    from audit.intake.read import inputs, read_extract  # noqa: PLC0415 - heavy imports wait

    extracts, errors = [], []
    paths = inputs(files)
    for path in paths:
        try:
            extracts.append(_read_one(path, read_extract))
        except AuditError as error:
            errors.append((path, error))
            if len(paths) > 1:
                _say(f"Left out {path.name}: {error.what}")
    if errors and not extracts:
        raise errors[0][1]
    named = ", ".join(path.name for path, _ in errors)
    return extracts, f"{len(errors)} of {len(paths)} files could not be used: {named}." if errors else ""


def _read_one(path: Path, read_extract: Any) -> Extract:
    extract: Extract = read_extract(path)
    for sheet in extract.facts.sheets:
        _say(f'Reading {path.name} ... sheet "{sheet.sheet}", {sheet.rows:,} rows')
    return extract


def _say(text: str) -> None:
    click.echo(text, err=True)


def _beside(first: Path, result: AuditResult) -> Path:
    stem = first.resolve().name if first.is_dir() else first.stem
    latest = max(window.extract_date for window in result.windows)
    return first.parent / f"{stem}-b12audit-{latest.isoformat()}"


def _print_result(result: AuditResult, target: Path, already: bool) -> None:
    from audit.render.terminal import result_lines  # noqa: PLC0415 - heavy imports wait

    for line in result_lines(result, target, already):
        click.echo(line)


@contextmanager
def _reported(*, debug: bool) -> Iterator[None]:
    """Turns every failure into its message and exit code; no traceback unless asked for."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    except AuditError as error:
        for line in error.lines()[:_MOST_LINES]:
            _say(line)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _say("Interrupted. The previous report is untouched.")
        sys.exit(_INTERRUPTED)
    except Exception as error:
        if debug:
            raise
        # the text of an exception may quote the data: its kind alone is shown
        _say(f"INTERNAL_ERROR: something went wrong inside b12audit ({type(error).__name__}). Nothing was written.")
        _say("  what to do: repeat with  b12audit --debug run ...  and send us the last lines, not your data")
        sys.exit(_INTERNAL_ERROR)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    _say("Terminated. The previous report is untouched.")
    sys.exit(_TERMINATED)
