"""`b12audit pseudonymise`: a copy without identifiers."""

from __future__ import annotations

from pathlib import Path

import click

from audit.commands.reporting import print_lines, reported


@click.command()
@click.argument("given", type=click.Path(path_type=Path), metavar="IN")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option("--key-file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The practice's key.")
@click.option("--new-key", is_flag=True, help="Make the key file; for the first time only.")
@click.pass_context
def pseudonymise(context: click.Context, /, given: Path, out: Path, key_file: Path, new_key: bool) -> None:
    """Write a copy OUT of IN without identifiers: the same patient has the same pseudonym under the same key."""
    with reported(debug=context.obj):
        print_lines(_pseudonymise(given, out, key_file.expanduser(), new_key))


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
