"""Keeps what was read in the run's folder, so that a later standard can judge it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from audit.intake.archive import ARCHIVE, FACTS, FORM, TABLES
from audit.intake.extract import Extract
from audit.render.folder import OWNER_FILE, OWNER_FOLDER
from audit.render.tables import as_json


def write_archive(extracts: Sequence[Extract], folder: Path) -> None:
    """Writes a folder `archive` into `folder`; nothing when there is no extract to keep.

    Raises:
        OSError: the disk refused.
    """
    for number, extract in enumerate(extracts, 1):
        place = folder / ARCHIVE / str(number)
        place.mkdir(mode=OWNER_FOLDER, parents=True)
        place.parent.chmod(OWNER_FOLDER)
        for field in TABLES:
            getattr(extract, field).to_parquet(place / f"{field}.parquet", index=False, compression="zstd")
        (place / FACTS).write_text(as_json(_said(extract)), encoding="utf-8", newline="")
        for path in place.iterdir():
            path.chmod(OWNER_FILE)


def _said(extract: Extract) -> dict[str, Any]:
    return {
        "form": FORM,
        "about": _plain(asdict(extract.about)),
        "facts": _plain(asdict(extract.facts)),
        "findings": [asdict(finding) for finding in extract.findings],
    }


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}
