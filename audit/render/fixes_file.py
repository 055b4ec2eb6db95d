"""Where a workbook of fixes goes: beside the input or where it is asked for, never over anything but one of ours."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from audit.errors import CannotWrite, UsageError
from audit.intake.own_files import FIXES_ENDING, has_fixes_title
from audit.render.fixes import FixesBook
from audit.render.fixes_workbook import write_fixes
from audit.render.workshop import move, sync_file, workshop

_OWNER_FILE: Final = 0o600
_REMEDY: Final = "name another place with --fixes FILE.xlsx, or do without it: --no-fixes"


def fixes_places(inputs: Sequence[Path], asked: Path | None) -> list[Path]:
    """The file for each input, in their order.

    Args:
        inputs: files, and folders that are one input.
        asked: a file, a folder that is there, or None for a place beside each input.

    Raises:
        UsageError: one file for several inputs, another ending than .xlsx, two inputs with one name, or an input.
    """
    if asked is not None and not asked.is_dir():
        if len(inputs) > 1:
            raise _usage("One workbook of fixes cannot hold those of several inputs.", asked, "name a folder")
        if asked.suffix.lower() != ".xlsx":
            raise _usage("The fixes are written as a workbook.", asked, "let the name end in .xlsx")
        places = [asked]
    else:
        places = [(asked or _folder(path)) / _name(path) for path in inputs]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise _usage("Two of the inputs would share one workbook of fixes.", place, "check them one by one")
        if any(place.exists() and path.exists() and place.samefile(path) for path in inputs):
            raise _usage("That is the input, which is never written to.", place, "name another file")
    return places


def _folder(path: Path) -> Path:
    return path.resolve().parent if path.is_dir() else path.parent


def _name(path: Path) -> str:
    return (path.resolve().name if path.is_dir() else path.stem) + FIXES_ENDING


def _usage(what: str, where: Path, remedy: str) -> UsageError:
    return UsageError(what, where=str(where), remedy=remedy, code="FIXES_PLACE")


def check_place(place: Path) -> None:
    """Refuses a place where something stands that is not a workbook of fixes.

    Raises:
        CannotWrite: with its place.
    """
    if place.is_symlink() or (place.exists() and not has_fixes_title(place)):
        what = "Something stands there already that is no workbook of fixes; it is not replaced."
        raise CannotWrite(what, where=str(place), remedy=_REMEDY, code="FIXES_TAKEN")


def publish_fixes(fixes: FixesBook, place: Path) -> None:
    """Builds the workbook beside its place, reads it back and puts it there in one step, for its owner only.

    Raises:
        CannotWrite: the disk refused; what stood there before still stands.
    """
    check_place(place)
    try:
        with workshop(place) as folder:
            made = folder / place.name
            write_fixes(fixes, made)
            made.chmod(_OWNER_FILE)
            _verify(made)
            move(made, place)
    except OSError as error:
        what = f"The workbook of fixes cannot be written ({error.strerror or type(error).__name__})."
        remedy = f"close it where it is open, or {_REMEDY}"
        raise CannotWrite(what, where=str(place), remedy=remedy, code="CANNOT_WRITE") from error


def _verify(made: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        if archive.testzip() is not None:
            raise OSError("the workbook read back is damaged")
    sync_file(made)
