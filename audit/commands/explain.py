"""`b12audit explain`: one patient's verdicts in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.commands.parameters import standard_named
from audit.commands.reporting import print_lines, reported

if TYPE_CHECKING:
    from audit.standards.standard import Standard


@click.command()
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
    with reported(debug=context.obj):
        print_lines(_explain(patient, criterion, source, what_if, standard_named(standard)))


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
