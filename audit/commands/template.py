"""`b12audit template`: the workbook to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from audit.commands.reporting import print_lines, reported
from audit.errors import UsageError

_TEMPLATE, _EXAMPLE = Path("b12audit-template.xlsx"), Path("b12audit-example.xlsx")


@click.command()
@click.argument("out", required=False, type=click.Path(path_type=Path), metavar="[OUT.xlsx]")
@click.option("--example", "--filled", "filled", is_flag=True, help="Write the filled example, ready to be run.")
@click.option("--force", is_flag=True, help="Replace a file that stands there.")
@click.pass_context
def template(context: click.Context, /, out: Path | None, filled: bool, force: bool) -> None:
    """Write the workbook to fill in: dropdowns, a filled example, and how to export from EMIS, SystmOne and Vision."""
    with reported(debug=context.obj):
        print_lines(_template(out or (_EXAMPLE if filled else _TEMPLATE), filled, force))


def _template(out: Path, filled: bool, force: bool) -> list[str]:
    if out.suffix.lower() != ".xlsx":
        what = "The template is an Excel workbook; its name must end in .xlsx."
        remedy = f'b12audit template "{out.with_suffix(".xlsx")}"'
        raise UsageError(what, where=str(out), remedy=remedy, code="ENDING_NOT_WRITTEN")
    from audit.render.folder import publish_file  # noqa: PLC0415 - heavy imports wait
    from audit.render.template import template_bytes  # noqa: PLC0415
    from audit.standards.standard import load_standard  # noqa: PLC0415

    publish_file(out, template_bytes(load_standard(), filled=filled), replace=force)
    if filled:
        return [f"Example   {out}", f'Next: b12audit run "{out}"']
    return [
        f"Template  {out}",
        'Its first sheet says what to fill in; the sheets "EMIS Web", "SystmOne" and "Vision" how to export it.',
        f'Next: fill in the sheet Treatments, then  b12audit run "{out}"',
    ]
