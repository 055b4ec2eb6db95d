"""`b12audit run`: inputs in, the report out."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.commands.parameters import IsoDate, standard_named
from audit.commands.reporting import print_lines, reported, say
from audit.errors import COMPLETE, PARTIAL, THRESHOLD_MISSED, AuditError
from audit.intake.heading_map import HeadingMap, read_map

if TYPE_CHECKING:
    from audit.intake.extract import Extract
    from audit.intake.read import Practice
    from audit.render.tables import Format
    from audit.results.audit import AuditResult
    from audit.results.compare_standards import StandardsCompared


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--out", type=click.Path(path_type=Path), help="Output folder. Default: beside the first file.")
@click.option("--extract-date", type=IsoDate(), help="Last day the extract covers.")
@click.option("--history-start", type=IsoDate(), help="First day from which the history is complete.")
@click.option("--from", "period_from", type=IsoDate(), help="First day of the audit period.")
@click.option("--to", "period_to", type=IsoDate(), help="Last day of the audit period.")
@click.option("--standard", default="national", show_default=True, help="NAME or FILE.toml.")
@click.option("--compare", multiple=True, metavar="NAME|FILE.toml", help="Judge by this standard too; may be repeated.")
@click.option("--fill-down", is_flag=True, help="A blank patient id means the patient above (grouped exports).")
@click.option("--map", "mapping", multiple=True, metavar='FIELD="HEADING"', help="Which column is which; or FILE.toml.")
@click.option("--save-map", type=click.Path(path_type=Path), metavar="FILE.toml", help="Save what was read as what.")
@click.option("--fail-under", multiple=True, metavar="CRITERION=PERCENT", help="Exit 8 when fewer meet it.")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--force", is_flag=True, help="Write the report again even if it already exists.")
@click.pass_context
def run(context: click.Context, /, files: tuple[Path, ...], **options: Any) -> None:
    """Audit FILE (a workbook, a csv file, a folder of csv) and write the report."""
    with reported(debug=context.obj):
        sys.exit(_run(files, _Asked.of(options)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of `run` as typed; `dates` by the field of `DateOptions`, None where not given."""

    out: Path | None
    standard: str
    compare: tuple[str, ...]
    fail_under: tuple[str, ...]
    fill_down: bool
    mapping: HeadingMap
    save_map: Path | None
    form: Format
    force: bool
    dates: dict[str, date | None]

    @classmethod
    def of(cls, options: dict[str, Any]) -> _Asked:
        """Sorts the dates from the rest, and reads the headings."""
        dates = {name: options.pop(name) for name in ("extract_date", "history_start", "period_from", "period_to")}
        return cls(**{**options, "mapping": read_map(options["mapping"])}, dates=dates)

    def told(self) -> dict[str, str]:
        """The options as the report names them; standards' files without their folder, which no report should tell."""
        days = {name.replace("_", "-").removeprefix("period-"): str(day) for name, day in self.dates.items() if day}
        others = ",".join(Path(name).name for name in self.compare)
        compared = {"compare": others} if others else {}
        filled = {"fill-down": ""} if self.fill_down else {}
        mapped = {"map": self.mapping.told()} if self.mapping.pairs else {}
        return {**days, "standard": Path(self.standard).name, **compared, **filled, **mapped, "format": self.form}


def _run(files: tuple[Path, ...], asked: _Asked) -> int:
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
    extracts, rejected = _read(files, asked)
    _save_map(extracts, asked)
    dates, today = DateOptions(**asked.dates), started.astimezone().date()
    result = audit(extracts, dates, chosen, today, partial=rejected)
    compared = compare_standards(extracts, dates, [chosen, *others], today) if others else None
    target = asked.out or _beside(files[0], result)
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


def _read(files: tuple[Path, ...], asked: _Asked) -> tuple[list[Extract], str]:
    """The inputs that could be read, and a sentence about those that could not.

    Raises:
        AuditError: of the first input, when none could be read.
    """
    from audit.intake.identity import safe_name  # noqa: PLC0415 - heavy imports wait
    from audit.intake.read import practices, read_extract  # noqa: PLC0415

    extracts, errors = [], []
    found = practices(files)
    for practice in found:
        try:
            extracts.append(_told(practice, read_extract(practice, asked.fill_down, asked.mapping)))
        except AuditError as error:
            errors.append((practice, error))
            if len(found) > 1:
                say(f"Left out {safe_name(practice.title)}: {error.what}")
    if errors and not extracts:
        raise errors[0][1]
    named = ", ".join(safe_name(practice.title) for practice, _ in errors)
    return extracts, f"{len(errors)} of {len(found)} files could not be used: {named}." if errors else ""


def _save_map(extracts: list[Extract], asked: _Asked) -> None:
    """Saves what was read as what, where that is asked for."""
    if asked.save_map is None:
        return
    from audit.render.heading_map import save_map, used_headings  # noqa: PLC0415 - heavy imports wait

    save_map(asked.save_map, used_headings(extracts, asked.mapping))
    say(f"Saved the headings in {asked.save_map}; next time:  --map {asked.save_map}")


def _told(practice: Practice, extract: Extract) -> Extract:
    """Says on stderr what was read, and what each list of a practice was taken for, and hands it on."""
    several = len(practice.paths) > 1
    for sheet in extract.facts.sheets:
        name = sheet.file if several else practice.paths[0].name
        taken = f", as {sheet.called}" if sheet.called else ""
        say(f'Reading {name} ... sheet "{sheet.sheet}", {sheet.rows:,} rows{taken}')
    if several:
        say(f"These {len(practice.paths)} files are read as one practice.")
    return extract


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
