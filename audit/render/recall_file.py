"""The recall list as a file of its own: a workbook or csv, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from audit.errors import CannotWrite, UsageError
from audit.render.book import write_sheets
from audit.render.recall import RecallView
from audit.render.recall_sheet import recall_sheet
from audit.render.tables import as_csv
from audit.render.workshop import move, sync_file, workshop
from audit.results.recall import Recall, within

_ENDINGS: Final = (".xlsx", ".csv")
_OWNER_FILE: Final = 0o600


def check_file(out: Path) -> None:
    """Refuses a place that is taken, or an ending that is not written.

    Raises:
        UsageError: it ends in something else than .xlsx or .csv.
        CannotWrite: something stands there.
    """
    if out.suffix.lower() not in _ENDINGS:
        what = f'A list cannot be written with the ending "{out.suffix}".'
        remedy = "let the name end in .xlsx or .csv: --out recall.xlsx"
        raise UsageError(what, where=str(out), remedy=remedy, code="ENDING_NOT_WRITTEN")
    if out.exists():
        what = "Something stands there already; it is not replaced."
        remedy = "name another file, or delete that one first"
        raise CannotWrite(what, where=str(out), remedy=remedy, code="OUT_EXISTS")


def write_recall(found: Recall, view: RecallView, out: Path, weeks: int) -> None:
    """Writes the list of so many weeks; built beside its place, it gets its name when it is whole.

    Raises:
        UsageError, CannotWrite: see `check_file`; or the disk refused, and nothing is left behind.
    """
    check_file(out)
    try:
        with workshop(out) as folder:
            made = folder / out.name
            if out.suffix.lower() == ".csv":
                made.write_text(as_csv(within(found, weeks)), encoding="utf-8", newline="")
            else:
                write_sheets([recall_sheet(view)], view, made)
            made.chmod(_OWNER_FILE)
            sync_file(made)
            move(made, out)
    except OSError as error:
        what = f"The list cannot be written ({error.strerror or type(error).__name__})."
        remedy = "free some space, or name another place with --out"
        raise CannotWrite(what, where=str(out), remedy=remedy, code="CANNOT_WRITE") from error
