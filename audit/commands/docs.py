"""`b12audit docs`: the pages that are made from the code."""

from __future__ import annotations

from pathlib import Path

import click

from audit.commands.reporting import reported


@click.command(hidden=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder.")
@click.pass_context
def docs(context: click.Context, /, out: Path) -> None:
    """Write the documents that are made from the code: criteria, data dictionary, how to export."""
    from audit.criteria import catalogue  # noqa: PLC0415 - heavy imports wait
    from audit.render.catalogue import catalogue_page  # noqa: PLC0415
    from audit.render.dictionary import dictionary_page  # noqa: PLC0415
    from audit.render.recipes import exporting_page  # noqa: PLC0415
    from audit.standards.standard import load_standard  # noqa: PLC0415

    with reported(debug=context.obj):
        criteria, standard = catalogue(), load_standard()
        pages = {
            "criteria.md": catalogue_page(criteria, standard),
            "data-dictionary.md": dictionary_page(criteria, standard),
            "exporting.md": exporting_page(),
        }
        for name, page in pages.items():
            (out / name).write_text(page, encoding="utf-8", newline="\n")
            click.echo(f"Wrote {out / name}")
