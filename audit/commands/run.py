"""`b12audit run`: inputs in, the report out."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any, Final

import click

from audit.commands.auditing import Asked, Audited, judge, write
from audit.commands.nation import ENGINES, is_nation, run_nation
from audit.commands.parameters import forecast_inputs, input_options
from audit.commands.reporting import print_json, print_lines, reported

_SHOWN: Final = {"report": "report.html", "workbook": "report.xlsx"}


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Output folder. Default: beside the first file.")
@input_options
@click.option("--standard", default="national", show_default=True, help="NAME or FILE.toml.")
@click.option("--compare", multiple=True, metavar="NAME|FILE.toml", help="Judge by this standard too; may be repeated.")
@click.option("--save-map", type=click.Path(path_type=Path), metavar="FILE.toml", help="Save what was read as what.")
@click.option("--fail-under", multiple=True, metavar="CRITERION=PERCENT", help="Exit 8 when fewer meet it.")
@click.option("--previous", type=click.Path(path_type=Path), help="Earlier run's folder; else one found beside --out.")
@click.option("--notes", type=click.Path(path_type=Path), metavar="OLD.xlsx", help="Carry its notes forward.")
@click.option("--no-archive", is_flag=True, help="Keep no copy of what was read, for later comparisons.")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="For a large folder.")
@click.option("--workers", type=click.IntRange(1, 61), help="Processes of --engine local. Default: one a core.")
@click.option("--master", metavar="URL", help="The cluster of --engine spark. Default: what spark-submit says.")
@click.option("--force", is_flag=True, help="Write the report again even if it already exists.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON document.")
@click.option("--quiet", is_flag=True, help="Print nothing but complaints.")
@click.option("--open", "opened", is_flag=True, help="Open the report in the browser.")
@forecast_inputs
@click.pass_context
def run(context: click.Context, /, as_json: bool, opened: bool, **options: Any) -> None:
    """Audit FILE (a workbook, a csv file, a folder of csv, a FHIR export) and write the report."""
    with reported(debug=context.obj):
        asked = Asked.of(options)
        if is_nation(asked.engine, asked.given):
            sys.exit(run_nation(asked, as_json=as_json, opened=opened))
        sys.exit(run_audit(asked, as_json=as_json, opened=opened))


def run_audit(asked: Asked, *, as_json: bool = False, opened: bool = False) -> int:
    """Audits, writes, and says what came of it; the exit code."""
    # one run and the process ends: looking for garbage cycles would cost a fifth of it
    gc.disable()
    audited = judge(asked)
    already = write(audited)
    if as_json:
        print_json(_document(audited, already))
    elif not asked.quiet:
        print_lines(_lines(audited, already))
    if opened:
        click.launch(str(audited.target / "report.html"))
    return audited.exit_code


def _lines(audited: Audited, already: bool) -> list[str]:
    from audit.render.cycles_words import since_sentence  # noqa: PLC0415 - heavy imports wait
    from audit.render.standards_text import compared_lines  # noqa: PLC0415
    from audit.render.terminal import result_lines  # noqa: PLC0415

    result, beside = audited.result, audited.beside
    least = result.standard.number("score.least_eligible")
    standards = compared_lines(beside.standards, least) if beside.standards else []
    since = since_sentence(beside.previous) if beside.previous else ""
    return [*standards, *result_lines(result, audited.target, already, since), *audited.late]


def _document(audited: Audited, already: bool) -> dict[str, Any]:
    """Counts only: whoever logs it logs no patient."""
    from audit.render.tables import summary  # noqa: PLC0415 - heavy imports wait

    files = {name: str(audited.target / file) for name, file in _SHOWN.items()}
    head = {"exit_code": audited.exit_code, "already": already, "missed": list(audited.late), **files}
    return {**head, **summary(audited.result, {"run_id": audited.run_ids()[0]})}
