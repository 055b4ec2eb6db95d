"""Knows what this tool writes itself: lists of fixes stand beside the inputs that they copy, and reports are none."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from audit.errors import InputRejected
from audit.intake.cells import Sheet, text
from audit.intake.words import squash

#: How the name of such a workbook ends, unless another is asked for.
FIXES_ENDING: Final = "-fixes.xlsx"
#: The title in its properties, which Excel keeps.
FIXES_TITLE: Final = "b12audit check: what to mend"
_PROPERTIES: Final = "docProps/core.xml"
_MOST_BYTES: Final = 100_000
#: The manifest of a run's folder, and what the sheet About of its workbook begins with.
_MANIFEST: Final = "run.json"
_REPORT_SAYS: Final = "aboutthisreport"


def is_fixes(path: Path) -> bool:
    """Whether a file has the name and the title of a workbook of fixes; False of one that cannot be read."""
    return path.name.endswith(FIXES_ENDING) and has_fixes_title(path)


def has_fixes_title(path: Path) -> bool:
    """Whether a file is a workbook of fixes, whatever its name; False of one that cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_PROPERTIES) as part:
            return f"<dc:title>{FIXES_TITLE}</dc:title>".encode() in part.read(_MOST_BYTES)
    except (OSError, KeyError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        # damaged, locked or no workbook: whoever reads it will say so
        return False


# --- reports


def says_report(sheet: Sheet) -> bool:
    """Whether a sheet is the sheet About of a report."""
    return any(squash(text(cell)).startswith(_REPORT_SAYS) for row in sheet.rows[:1] for cell in row[:1])


def check_no_report(sheets: Sequence[Sheet], file: str, given: Path | None) -> None:
    """Refuse a report's workbook where an extract is wanted.

    Raises:
        InputRejected: it is one.
    """
    if any(squash(sheet.name) == "about" and says_report(sheet) for sheet in sheets):
        what = "The workbook is a report that b12audit wrote, not an extract."
        raise _own(what, file, given.parent if given else None)


def check_no_run(folder: Path) -> None:
    """Refuse the folder of a run where an extract is wanted.

    Raises:
        InputRejected: it is one.
    """
    if folder.is_dir() and _manifest(folder):
        raise _own("The folder holds a report that b12audit wrote, not an extract.", str(folder), folder)


def _own(what: str, where: str, folder: Path | None) -> InputRejected:
    remedy = "Name the file that was exported from the clinical system."
    inputs = _manifest(folder).get("inputs") if folder else None
    if folder and isinstance(inputs, list) and len(inputs) == 1 and isinstance(inputs[0], dict):
        audited = folder.parent / str(inputs[0].get("file"))
        if audited.exists():
            remedy = f'Name the file that was audited:  b12audit run "{audited}"'
    return InputRejected(what, where=where, remedy=remedy, code="OWN_REPORT")


def _manifest(folder: Path) -> dict[str, object]:
    """The manifest of a run's folder; empty of any other."""
    try:
        content = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # no run of ours, or none that can be told
    return content if isinstance(content, dict) and {"inputs", "outputs"} <= content.keys() else {}
