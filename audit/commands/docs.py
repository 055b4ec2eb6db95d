"""`b12audit docs`: the pages that are made from the code."""

from __future__ import annotations

from pathlib import Path

import click

from audit.commands.reporting import reported


@click.command(hidden=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder.")
@click.pass_context
def docs(context: click.Context, /, out: Path) -> None:
    """Write the documents that are made from the code: the catalogue of criteria and the data dictionary."""
    from audit.criteria import catalogue  # noqa: PLC0415 - heavy imports wait
    from audit.render.catalogue import catalogue_page  # noqa: PLC0415
    from audit.render.dictionary import dictionary_page  # noqa: PLC0415
    from audit.standards.standard import load_standard  # noqa: PLC0415

    with reported(debug=context.obj):
        pages = {"criteria.md": catalogue_page, "data-dictionary.md": dictionary_page}
        for name, page in pages.items():
            (out / name).write_text(page(catalogue(), load_standard()), encoding="utf-8", newline="\n")
            click.echo(f"Wrote {out / name}")
