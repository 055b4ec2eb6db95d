"""`b12audit explain`: one patient's verdicts in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from audit.commands.again import read_again, reading_options, standard_again
from audit.commands.reporting import print_lines, reported

if TYPE_CHECKING:
    from audit.cohort.window import DateOptions
    from audit.intake.extract import Extract
    from audit.standards.standard import Standard

_HOW: Final = "--from FILE"


@click.command()
@click.argument("patient")
@click.argument("criterion", required=False, default="")
@click.option(
    "--from", "sources", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Report folder or input file (each file of a practice); else the newest.",
)
@click.option("--what-if", metavar="FIELD=VALUE", help="Suppose another value in a field, e.g. neuro=yes.")
@reading_options
@click.pass_context
def explain(
    context: click.Context, /, patient: str, criterion: str, sources: tuple[Path, ...], **options: Any
) -> None:
    """Tell PATIENT's verdicts in plain sentences: dates, rule, source rows, and what would change them."""
    with reported(debug=context.obj):
        standard = standard_again(sources, options["standard"], _HOW)
        extract, dates = read_again(sources, options["mapping"], options["fill_down"], _HOW)
        print_lines(_explain(patient, criterion, options["what_if"] or "", (extract, dates, standard)))


def _explain(
    patient: str, criterion: str, what_if: str, of: tuple[Extract, DateOptions, Standard]
) -> Iterable[str]:
    from audit.pipeline import explain_patient  # noqa: PLC0415 - heavy imports wait
    from audit.render.account_text import account_lines  # noqa: PLC0415

    extract, options, standard = of
    today = datetime.now().astimezone().date()
    return account_lines(explain_patient(extract, options, standard, today, patient, criterion, what_if))
