"""Synthetic practices to try the audit on; nobody in them exists, README.md says which patient shows what.

`records.xlsx` is a tidy extract, `messy.xlsx` the kind of file that a practice hands over.
`python -m sample_data.build` writes both anew, byte for byte the same.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Where a file of this folder stands, for example `records.xlsx`.

    Raises:
        FileNotFoundError: there is no such file.
    """
    found = FOLDER / name
    if not found.is_file():
        raise FileNotFoundError(f"sample_data has no file {name}")
    return found
