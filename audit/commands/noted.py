"""Finds the workbooks whose notes a run carries forward, and reads them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from audit.commands.reporting import say
from audit.errors import AuditError, CannotWrite, InputRejected
from audit.results.phrases import plural

if TYPE_CHECKING:
    from audit.intake.notes import Notes
    from audit.results.compare_cycles import CyclesCompared


def noted(
    target: Path, named: Path | None, before: Path | None, compared: CyclesCompared | None
) -> tuple[Notes | None, str]:
    """The notes to carry forward, and the SHA-256 of the workbook in the target's place (blank where there is none).

    Those of the workbook that was named come first, then those of the one that is about to be replaced; where there is
    neither, those of the earlier cycle.

    Args:
        target: the folder that the run is about to write.
        named: the workbook that the user named, if any.
        before: the earlier run's folder, when the user named one.
        compared: the earlier cycle that the run compares itself with.

    Raises:
        InputRejected: a workbook that was named or stands in the way cannot be read: its notes would be lost.
        CannotWrite: the one in the way cannot even be opened.
    """
    from audit.intake.notes import read_notes  # noqa: PLC0415 - heavy imports wait
    from audit.render.carried import together  # noqa: PLC0415
    from audit.render.folder import WORKBOOK, check_place  # noqa: PLC0415

    _put_right(target)
    check_place(target)
    found = [read_notes(named)] if named is not None else []
    standing = _standing(target / WORKBOOK)
    found += [standing] if standing else []
    if not found and compared is not None:
        earlier = _earlier((before or target.resolve().parent / compared.old.name) / WORKBOOK)
        found += [earlier] if earlier else []
    _tell(found)
    return (together(found) if found else None), standing.sha256 if standing else ""


def _put_right(target: Path) -> None:
    from audit.render.workshop import put_right  # noqa: PLC0415 - heavy imports wait

    try:
        put_right(target)
    except OSError as error:
        what = f"What an interrupted run left cannot be put right ({error.strerror or type(error).__name__})."
        remedy = "check the folder's permissions, or name another folder with --out"
        raise CannotWrite(what, where=str(target.parent), remedy=remedy, code="CANNOT_WRITE") from error


def _standing(book: Path) -> Notes | None:
    """The notes of the workbook that is about to be replaced."""
    from audit.intake.notes import read_notes  # noqa: PLC0415 - heavy imports wait

    if not book.exists():
        return None
    try:
        return read_notes(book)
    except AuditError as error:
        if error.code == "CANNOT_OPEN":
            raise CannotWrite(
                "The workbook that stands there cannot be opened, so that its notes cannot be kept.",
                where=str(book),
                remedy="close it in Excel, and give the same command again",
                code="WORKBOOK_OPEN",
            ) from error
        raise InputRejected(
            f"The notes in the workbook that stands there cannot be read, and are not overwritten. {error.what}",
            where=error.where or str(book),
            remedy="mend it in Excel and save it; or move it out of the folder, to have a report without its notes",
            code=error.code,
        ) from error


def _earlier(book: Path) -> Notes | None:
    """The notes of an earlier cycle; nothing there is overwritten, so a workbook that cannot be read is only told."""
    from audit.intake.notes import read_notes  # noqa: PLC0415 - heavy imports wait

    if not book.exists():
        return None
    try:
        return read_notes(book)
    except AuditError as error:
        say(f"No notes carried forward from {book.parent.name}: {error.what}")
        return None


def _tell(found: list[Notes]) -> None:
    count = sum(len(notes.worklist) + len(notes.earlier) for notes in found)
    if count:
        say(f"Carrying {plural(count, 'note')} forward into the new workbook")
