"""The commands. The only reader of the clock; heavy imports wait until a command needs them."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from audit import __version__
from audit.errors import COMPLETE, PARTIAL, THRESHOLD_MISSED, AuditError

if TYPE_CHECKING:
    from audit.intake.extract import Extract
    from audit.render.tables import Format
    from audit.results.audit import AuditResult
    from audit.results.compare_standards import StandardsCompared
    from audit.standards.standard import Standard

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
@click.option("--standard", default="national", show_default=True, help="NAME or FILE.toml.")
@click.option("--compare", multiple=True, metavar="NAME|FILE.toml", help="Judge by this standard too; may be repeated.")
@click.option("--fill-down", is_flag=True, help="A blank patient id means the patient above (grouped exports).")
@click.option("--fail-under", multiple=True, metavar="CRITERION=PERCENT", help="Exit 8 when fewer meet it.")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--force", is_flag=True, help="Write the report again even if it already exists.")
@click.pass_context
def run(context: click.Context, /, files: tuple[Path, ...], **options: Any) -> None:
    """Audit FILE (a workbook, a csv file, a folder of csv) and write the report."""
    with _reported(debug=context.obj):
        sys.exit(_run(files, _Asked.of(options)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of `run` as typed; `dates` by the field of `DateOptions`, None where not given."""

    out: Path | None
    standard: str
    compare: tuple[str, ...]
    fail_under: tuple[str, ...]
    fill_down: bool
    form: Format
    force: bool
    dates: dict[str, date | None]

    @classmethod
    def of(cls, options: dict[str, Any]) -> _Asked:
        """Sorts the dates from the rest."""
        dates = {name: options.pop(name) for name in ("extract_date", "history_start", "period_from", "period_to")}
        return cls(**options, dates=dates)

    def told(self) -> dict[str, str]:
        """The options as the report names them; standards' files without their folder, which no report should tell."""
        days = {name.replace("_", "-").removeprefix("period-"): str(day) for name, day in self.dates.items() if day}
        others = ",".join(Path(name).name for name in self.compare)
        compared = {"compare": others} if others else {}
        filled = {"fill-down": ""} if self.fill_down else {}
        return {**days, "standard": Path(self.standard).name, **compared, **filled, "format": self.form}


def _run(files: tuple[Path, ...], asked: _Asked) -> int:
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.criteria import judged_by  # noqa: PLC0415
    from audit.pipeline import audit  # noqa: PLC0415
    from audit.results.compare_standards import compare_standards  # noqa: PLC0415
    from audit.results.thresholds import missed, parse_thresholds  # noqa: PLC0415

    # one run and the process ends: looking for garbage cycles would cost a fifth of it
    gc.disable()
    started = datetime.now(UTC)
    chosen, *others = (_standard(name) for name in (asked.standard, *asked.compare))
    thresholds = parse_thresholds(asked.fail_under, [criterion.code for criterion in judged_by(chosen)])
    extracts, rejected = _read(files, asked.fill_down)
    dates, today = DateOptions(**asked.dates), started.astimezone().date()
    result = audit(extracts, dates, chosen, today, partial=rejected)
    compared = compare_standards(extracts, dates, [chosen, *others], today) if others else None
    target = asked.out or _beside(files[0], result)
    identities = " ".join(item.identity for item in (chosen, *others))
    already = _write(result, target, asked, identities, started, compared)
    _print_result(result, target, already, compared)
    _print(late := missed(result.scores, thresholds))
    return PARTIAL if result.partial else THRESHOLD_MISSED if late else COMPLETE


def _write(
    result: AuditResult,
    target: Path,
    asked: _Asked,
    identities: str,
    started: datetime,
    compared: StandardsCompared | None,
) -> bool:
    """Writes the report unless it stands there already for exactly this run; whether it did."""
    from audit.render.folder import check_place, finished  # noqa: PLC0415 - heavy imports wait
    from audit.render.write import run_id, write_output  # noqa: PLC0415

    options = asked.told()
    identity = run_id({window.file: window.sha256 for window in result.windows}, options, identities)
    check_place(target)
    if not asked.force and finished(target, identity):
        return True
    stamp = started.isoformat(timespec="seconds")
    write_output(
        result, target, identity=identity, options=options, started_at=stamp, form=asked.form, compared=compared
    )
    return False


def _read(files: tuple[Path, ...], fill_down: bool) -> tuple[list[Extract], str]:
    """The inputs that could be read, and a sentence about those that could not.

    Raises:
        AuditError: of the first input, when none could be read.
    """
    from audit.intake.identity import safe_name  # noqa: PLC0415 - heavy imports wait
    from audit.intake.read import inputs, read_extract  # noqa: PLC0415

    extracts, errors = [], []
    paths = inputs(files)
    for path in paths:
        try:
            extracts.append(_told(path, read_extract(path, fill_down=fill_down)))
        except AuditError as error:
            errors.append((path, error))
            if len(paths) > 1:
                _say(f"Left out {safe_name(path.name)}: {error.what}")
    if errors and not extracts:
        raise errors[0][1]
    named = ", ".join(safe_name(path.name) for path, _ in errors)
    return extracts, f"{len(errors)} of {len(paths)} files could not be used: {named}." if errors else ""


def _told(path: Path, extract: Extract) -> Extract:
    """Says on stderr what was read, and hands it on."""
    for sheet in extract.facts.sheets:
        _say(f'Reading {path.name} ... sheet "{sheet.sheet}", {sheet.rows:,} rows')
    return extract


def _say(text: str) -> None:
    click.echo(text, err=True)


def _beside(first: Path, result: AuditResult) -> Path:
    stem = first.resolve().name if first.is_dir() else first.stem
    latest = max(window.extract_date for window in result.windows)
    return first.parent / f"{stem}-b12audit-{latest.isoformat()}"


def _print_result(result: AuditResult, target: Path, already: bool, compared: StandardsCompared | None) -> None:
    from audit.render.standards_text import compared_lines  # noqa: PLC0415 - heavy imports wait
    from audit.render.terminal import result_lines  # noqa: PLC0415

    least = result.standard.number("score.least_eligible")
    beside = compared_lines(compared, least) if compared else []
    _print([*beside, *result_lines(result, target, already)])


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _standard(name: str) -> Standard:
    """The standard of that name or file, checked before any input is read."""
    from audit.criteria import judged_by  # noqa: PLC0415 - heavy imports wait
    from audit.standards.standard import load_standard  # noqa: PLC0415

    standard = load_standard(name)
    judged_by(standard)
    return standard


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
    except BrokenPipeError:
        # the reader of our output has gone, as `head` does: click ends quietly
        raise
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


@main.command(hidden=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder.")
@click.pass_context
def docs(context: click.Context, /, out: Path) -> None:
    """Write the documents that are made from the code: the catalogue of criteria and the data dictionary."""
    from audit.criteria import catalogue  # noqa: PLC0415 - heavy imports wait
    from audit.render.catalogue import catalogue_page  # noqa: PLC0415
    from audit.render.dictionary import dictionary_page  # noqa: PLC0415
    from audit.standards.standard import load_standard  # noqa: PLC0415

    with _reported(debug=context.obj):
        pages = {"criteria.md": catalogue_page, "data-dictionary.md": dictionary_page}
        for name, page in pages.items():
            (out / name).write_text(page(catalogue(), load_standard()), encoding="utf-8", newline="\n")
            click.echo(f"Wrote {out / name}")


@main.command()
@click.argument("given", type=click.Path(path_type=Path), metavar="IN")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option("--key-file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The practice's key.")
@click.option("--new-key", is_flag=True, help="Make the key file; for the first time only.")
@click.pass_context
def pseudonymise(context: click.Context, /, given: Path, out: Path, key_file: Path, new_key: bool) -> None:
    """Write a copy OUT of IN without identifiers: the same patient has the same pseudonym under the same key."""
    with _reported(debug=context.obj):
        for line in _pseudonymise(given, out, key_file.expanduser(), new_key):
            click.echo(line)


def _pseudonymise(given: Path, out: Path, key_file: Path, new_key: bool) -> list[str]:
    from audit.intake.copying import make_copy  # noqa: PLC0415 - heavy imports wait
    from audit.intake.pseudonyms import make_key, read_key  # noqa: PLC0415
    from audit.intake.source import open_source  # noqa: PLC0415
    from audit.render.pseudonymise import check_out, copy_lines, write_copy  # noqa: PLC0415

    check_out(out, given)
    source = open_source(given)
    key = make_key(key_file, (given, out)) if new_key else read_key(key_file)
    copy = make_copy(source, key)
    write_copy(copy, out)
    return copy_lines(copy, out, key_file)


@main.group()
def standards() -> None:
    """The standards to audit against: list them, show one or one of its criteria, compare two."""


@standards.command("list")
@click.pass_context
def list_standards(context: click.Context, /) -> None:
    """Name the standards that ship."""
    with _reported(debug=context.obj):
        from audit.criteria import catalogue  # noqa: PLC0415 - heavy imports wait
        from audit.render.standards_text import list_lines  # noqa: PLC0415
        from audit.standards.lineage import SHIPPED  # noqa: PLC0415

        _print(list_lines([_standard(name) for name in SHIPPED], catalogue()))


@standards.command("show")
@click.argument("what", metavar="CRITERION|NAME|FILE.toml")
@click.option("--standard", default="national", show_default=True, help="Whose numbers to show for a criterion.")
@click.pass_context
def show_standard(context: click.Context, /, what: str, standard: str) -> None:
    """Show one criterion, with its numbers, sources and examples, or all numbers of a standard."""
    with _reported(debug=context.obj):
        _print(_shown(what, standard))


@standards.command("diff")
@click.argument("one", metavar="NAME|FILE.toml")
@click.argument("other", metavar="NAME|FILE.toml")
@click.pass_context
def diff_standards(context: click.Context, /, one: str, other: str) -> None:
    """Show the numbers, targets and criteria in which two standards differ."""
    with _reported(debug=context.obj):
        from audit.render.standards_text import diff_lines  # noqa: PLC0415 - heavy imports wait

        _print(diff_lines(_standard(one), _standard(other)))


def _shown(what: str, standard: str) -> list[str]:
    from audit.criteria import catalogue  # noqa: PLC0415 - heavy imports wait
    from audit.render.standards_text import criterion_lines, standard_lines  # noqa: PLC0415
    from audit.standards.lineage import check_known  # noqa: PLC0415

    found = {item.code: item for item in catalogue()}
    if what in found:
        return criterion_lines(found[what], _standard(standard))
    check_known(what, found)
    return standard_lines(_standard(what))


@main.command()
@click.argument("patient")
@click.argument("criterion", required=False, default="")
@click.option("--from", "source", type=click.Path(path_type=Path), help="Report folder or input file; else the newest.")
@click.option("--what-if", metavar="FIELD=VALUE", help="Suppose another value in a field, e.g. neuro=yes.")
@click.option("--standard", default="national", show_default=True, help="NAME or FILE.toml.")
@click.pass_context
def explain(
    context: click.Context, /, patient: str, criterion: str, source: Path | None, what_if: str | None, standard: str
) -> None:
    """Tell PATIENT's verdicts in plain sentences: dates, rule, source rows, and what would change them."""
    with _reported(debug=context.obj):
        _print(_explain(patient, criterion, source, what_if, _standard(standard)))


def _explain(
    patient: str, criterion: str, source: Path | None, what_if: str | None, standard: Standard
) -> Iterable[str]:
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.intake.read import read_extract  # noqa: PLC0415
    from audit.pipeline import explain_patient  # noqa: PLC0415
    from audit.render.account_text import account_lines  # noqa: PLC0415
    from audit.render.folder import input_of  # noqa: PLC0415

    path, dates = input_of(source)
    options = DateOptions(**{name: date.fromisoformat(day) for name, day in dates.items()})
    today = datetime.now().astimezone().date()
    told = explain_patient(read_extract(path), options, standard, today, patient, criterion, what_if or "")
    return account_lines(told)
