"""Knows the workbooks of fixes that this tool writes: they stand beside the inputs that they copy, and are none."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Final

#: How the name of such a workbook ends, unless another is asked for.
FIXES_ENDING: Final = "-fixes.xlsx"
#: The title in its properties, which Excel keeps.
FIXES_TITLE: Final = "b12audit check: what to mend"
_PROPERTIES: Final = "docProps/core.xml"
_MOST_BYTES: Final = 100_000


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
