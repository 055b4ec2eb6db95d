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
from audit.commands.parameters import INPUTS, Given, forecast_inputs, input_options, inputs_of, standard_named
from audit.commands.previous import compare_with_previous, previous_hashes
from audit.commands.reporting import print_lines, reported, say
from audit.errors import COMPLETE, PARTIAL, THRESHOLD_MISSED

if TYPE_CHECKING:
    from audit.intake.extract import Extract
    from audit.intake.read import Practice
    from audit.render.tables import Format
    from audit.render.write import Beside
    from audit.results.audit import AuditResult
    from audit.results.forecast import Inputs


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Output folder. Default: beside the first file.")
@input_options
@click.option("--standard", default="national", show_default=True, help="NAME or FILE.toml.")
@click.option("--compare", multiple=True, metavar="NAME|FILE.toml", help="Judge by this standard too; may be repeated.")
@click.option("--save-map", type=click.Path(path_type=Path), metavar="FILE.toml", help="Save what was read as what.")
@click.option("--fail-under", multiple=True, metavar="CRITERION=PERCENT", help="Exit 8 when fewer meet it.")
@click.option("--previous", type=click.Path(path_type=Path), help="Earlier run's folder; else one found beside --out.")
@click.option("--no-archive", is_flag=True, help="Keep no copy of what was read, for later comparisons.")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--force", is_flag=True, help="Write the report again even if it already exists.")
@forecast_inputs
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
    save_map: Path | None
    previous: Path | None
    no_archive: bool
    form: Format
    force: bool
    inputs: Inputs

    @classmethod
    def of(cls, options: dict[str, Any]) -> _Asked:
        """Sorts what is read, and what an injection takes, from the rest."""
        given = Given.of(options)
        inputs = inputs_of({name: options.pop(name) for name in INPUTS})
        return cls(given=given, inputs=inputs, **options)

    def told(self) -> dict[str, str]:
        """The options as the report names them; standards' files without their folder, which no report should tell."""
        others = ",".join(Path(name).name for name in self.compare)
        compared = {"compare": others} if others else {}
        archive = {"no-archive": ""} if self.no_archive else {}
        earlier = {"previous": self.previous.resolve().name} if self.previous else {}
        named = {"standard": Path(self.standard).name, **compared, **self.given.manner(), **archive, **earlier}
        return {**self.given.days(), **named, "format": self.form, **self.inputs.told()}


def _run(asked: _Asked) -> int:
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.criteria import judged_by  # noqa: PLC0415
    from audit.pipeline import audit  # noqa: PLC0415
    from audit.render.write import Beside  # noqa: PLC0415
    from audit.results.compare_standards import compare_standards  # noqa: PLC0415
    from audit.results.thresholds import missed, parse_thresholds  # noqa: PLC0415

    # one run and the process ends: looking for garbage cycles would cost a fifth of it
    gc.disable()
    started = datetime.now(UTC)
    chosen, *others = (standard_named(name) for name in (asked.standard, *asked.compare))
    thresholds = parse_thresholds(asked.fail_under, [criterion.code for criterion in judged_by(chosen)])
    taken = take(asked.given, _read)
    extracts = [extract for _, extract in taken.read]
    _save_map(extracts, asked)
    dates, today = DateOptions(**asked.given.dates), started.astimezone().date()
    result = audit(extracts, dates, chosen, today, partial=taken.partial, inputs=asked.inputs)
    compared = compare_standards(extracts, dates, [chosen, *others], today) if others else None
    target = asked.out or _beside(asked.given.files[0], result)
    identities = " ".join(item.identity for item in (chosen, *others))
    previous = compare_with_previous(result, target, asked.previous, today)
    beside = Beside(compared, previous, () if asked.no_archive else tuple(extracts))
    already = _write(result, target, asked, (identities, started), beside)
    _print_result(result, target, already, beside)
    print_lines(late := missed(result.scores, thresholds))
    return PARTIAL if result.partial else THRESHOLD_MISSED if late else COMPLETE


def _write(
    result: AuditResult, target: Path, asked: _Asked, made: tuple[str, datetime], beside: Beside
) -> bool:
    """Writes the report unless it stands there already for exactly this run; whether it did."""
    from audit.render.folder import check_place, finished  # noqa: PLC0415 - heavy imports wait
    from audit.render.write import run_id, write_output  # noqa: PLC0415

    (identities, started), options = made, asked.told()
    inputs = {window.file: window.sha256 for window in result.windows}
    hashes = previous_hashes(beside.previous, target)
    identity, *others = (run_id(inputs, options, identities, one) for one in hashes)
    check_place(target)
    if not asked.force and any(finished(target, one) for one in (identity, *others)):
        return True
    stamp = started.isoformat(timespec="seconds")
    write_output(result, target, identity=identity, options=options, started_at=stamp, form=asked.form, beside=beside)
    return False


def _read(practice: Practice, given: Given) -> Extract:
    from audit.intake.read import read_extract  # noqa: PLC0415 - heavy imports wait

    return told(practice, read_extract(practice, given.fill_down, given.mapping))


def _save_map(extracts: list[Extract], asked: _Asked) -> None:
    """Saves what was read as what, where that is asked for."""
    if asked.save_map is None:
        return
    from audit.render.heading_map import save_map, used_headings  # noqa: PLC0415 - heavy imports wait

    save_map(asked.save_map, used_headings(extracts, asked.given.mapping))
    say(f"Saved the headings in {asked.save_map}; next time:  --map {asked.save_map}")


def _beside(first: Path, result: AuditResult) -> Path:
    stem = first.resolve().name if first.is_dir() else first.stem
    latest = max(window.extract_date for window in result.windows)
    return first.parent / f"{stem}-b12audit-{latest.isoformat()}"


def _print_result(result: AuditResult, target: Path, already: bool, beside: Beside) -> None:
    from audit.render.cycles import since_sentence  # noqa: PLC0415 - heavy imports wait
    from audit.render.standards_text import compared_lines  # noqa: PLC0415 - heavy imports wait
    from audit.render.terminal import result_lines  # noqa: PLC0415

    least = result.standard.number("score.least_eligible")
    standards = compared_lines(beside.standards, least) if beside.standards else []
    since = since_sentence(beside.previous) if beside.previous else ""
    print_lines([*standards, *result_lines(result, target, already, since)])
