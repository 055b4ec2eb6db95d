"""`b12audit run`: inputs in, the report out."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.commands.inputs import take, told
from audit.commands.parameters import Given, input_options, standard_named
from audit.commands.reporting import print_lines, reported
from audit.errors import COMPLETE, PARTIAL, THRESHOLD_MISSED

if TYPE_CHECKING:
    from audit.intake.extract import Extract
    from audit.render.tables import Format
    from audit.results.audit import AuditResult
    from audit.results.compare_standards import StandardsCompared


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Output folder. Default: beside the first file.")
@input_options
@click.option("--standard", default="national", show_default=True, help="NAME or FILE.toml.")
@click.option("--compare", multiple=True, metavar="NAME|FILE.toml", help="Judge by this standard too; may be repeated.")
@click.option("--fail-under", multiple=True, metavar="CRITERION=PERCENT", help="Exit 8 when fewer meet it.")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--force", is_flag=True, help="Write the report again even if it already exists.")
@click.pass_context
def run(context: click.Context, /, **options: Any) -> None:
    """Audit FILE (a workbook, a csv file, a folder of csv) and write the report."""
    with reported(debug=context.obj):
        sys.exit(_run(_Asked.of(options)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of `run` as typed."""

    given: Given
    out: Path | None
    standard: str
    compare: tuple[str, ...]
    fail_under: tuple[str, ...]
    form: Format
    force: bool

    @classmethod
    def of(cls, options: dict[str, Any]) -> _Asked:
        """Sorts what is read from the rest."""
        given = Given.of(options)
        return cls(given=given, **options)

    def told(self) -> dict[str, str]:
        """The options as the report names them; standards' files without their folder, which no report should tell."""
        others = ",".join(Path(name).name for name in self.compare)
        compared = {"compare": others} if others else {}
        standard = {"standard": Path(self.standard).name, **compared}
        return {**self.given.days(), **standard, **self.given.manner(), "format": self.form}


def _run(asked: _Asked) -> int:
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.criteria import judged_by  # noqa: PLC0415
    from audit.pipeline import audit  # noqa: PLC0415
    from audit.results.compare_standards import compare_standards  # noqa: PLC0415
    from audit.results.thresholds import missed, parse_thresholds  # noqa: PLC0415

    # one run and the process ends: looking for garbage cycles would cost a fifth of it
    gc.disable()
    started = datetime.now(UTC)
    chosen, *others = (standard_named(name) for name in (asked.standard, *asked.compare))
    thresholds = parse_thresholds(asked.fail_under, [criterion.code for criterion in judged_by(chosen)])
    taken = take(asked.given, _read)
    extracts = [extract for _, extract in taken.read]
    dates, today = DateOptions(**asked.given.dates), started.astimezone().date()
    result = audit(extracts, dates, chosen, today, partial=taken.partial)
    compared = compare_standards(extracts, dates, [chosen, *others], today) if others else None
    target = asked.out or _beside(asked.given.files[0], result)
    identities = " ".join(item.identity for item in (chosen, *others))
    already = _write(result, target, asked, identities, started, compared)
    _print_result(result, target, already, compared)
    print_lines(late := missed(result.scores, thresholds))
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


def _read(path: Path, given: Given) -> Extract:
    from audit.intake.read import read_extract  # noqa: PLC0415 - heavy imports wait

    return told(path, read_extract(path, given.fill_down))


def _beside(first: Path, result: AuditResult) -> Path:
    stem = first.resolve().name if first.is_dir() else first.stem
    latest = max(window.extract_date for window in result.windows)
    return first.parent / f"{stem}-b12audit-{latest.isoformat()}"


def _print_result(result: AuditResult, target: Path, already: bool, compared: StandardsCompared | None) -> None:
    from audit.render.standards_text import compared_lines  # noqa: PLC0415 - heavy imports wait
    from audit.render.terminal import result_lines  # noqa: PLC0415

    least = result.standard.number("score.least_eligible")
    beside = compared_lines(compared, least) if compared else []
    print_lines([*beside, *result_lines(result, target, already)])
