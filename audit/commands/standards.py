"""`b12audit standards`: list, show and compare them."""

from __future__ import annotations

import click

from audit.commands.parameters import standard_named
from audit.commands.reporting import print_lines, reported


@click.group()
def standards() -> None:
    """The standards to audit against: list them, show one or one of its criteria, compare two."""


@standards.command("list")
@click.pass_context
def list_standards(context: click.Context, /) -> None:
    """Name the standards that ship."""
    with reported(debug=context.obj):
        from audit.criteria import catalogue  # noqa: PLC0415 - heavy imports wait
        from audit.render.standards_text import list_lines  # noqa: PLC0415
        from audit.standards.lineage import SHIPPED  # noqa: PLC0415

        print_lines(list_lines([standard_named(name) for name in SHIPPED], catalogue()))


@standards.command("show")
@click.argument("what", metavar="CRITERION|NAME|FILE.toml")
@click.option("--standard", default="national", show_default=True, help="Whose numbers to show for a criterion.")
@click.pass_context
def showstandard_named(context: click.Context, /, what: str, standard: str) -> None:
    """Show one criterion, with its numbers, sources and examples, or all numbers of a standard."""
    with reported(debug=context.obj):
        print_lines(_shown(what, standard))


@standards.command("diff")
@click.argument("one", metavar="NAME|FILE.toml")
@click.argument("other", metavar="NAME|FILE.toml")
@click.pass_context
def diff_standards(context: click.Context, /, one: str, other: str) -> None:
    """Show the numbers, targets and criteria in which two standards differ."""
    with reported(debug=context.obj):
        from audit.render.standards_text import diff_lines  # noqa: PLC0415 - heavy imports wait

        print_lines(diff_lines(standard_named(one), standard_named(other)))


def _shown(what: str, standard: str) -> list[str]:
    from audit.criteria import catalogue  # noqa: PLC0415 - heavy imports wait
    from audit.render.standards_text import criterion_lines, standard_lines  # noqa: PLC0415
    from audit.standards.lineage import check_known  # noqa: PLC0415

    found = {item.code: item for item in catalogue()}
    if what in found:
        return criterion_lines(found[what], standard_named(standard))
    check_known(what, found)
    return standard_lines(standard_named(what))
