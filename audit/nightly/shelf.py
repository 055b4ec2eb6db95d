"""The shelf of report folders: which is the newest, which are past keeping, which are whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from audit.nightly.files import write_whole
from audit.nightly.history import Entry
from audit.render.folder import MANIFEST, digests, read_manifest, unchanged
from audit.render.workshop import discard

LATEST: Final = "latest.html"


def point_to(out: Path, folder: str) -> None:
    """Makes `latest.html` lead to a report folder; a page works on every system, a link does not."""
    lead = "default-src 'none'"
    page = (
        '<!doctype html><html lang="en-GB"><head>'
        f'<meta http-equiv="Content-Security-Policy" content="{lead}"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={folder}/report.html"><title>Latest report</title></head>'
        f'<body><p><a href="{folder}/report.html">The latest report</a></p></body></html>\n'
    )
    write_whole(out / LATEST, page)


def is_whole(folder: Path) -> bool:
    """Whether a report folder holds everything its manifest names, unchanged."""
    manifest = read_manifest(folder)
    return manifest is not None and unchanged(folder, manifest)


def differing(folder: Path) -> list[str]:
    """What is amiss with a report folder: files of its manifest that are missing or changed; none when it is whole."""
    manifest = read_manifest(folder)
    if manifest is None:
        return [f"{MANIFEST} cannot be read"]
    wanted, there = manifest.get("outputs", {}), digests(folder)
    missing = [f"{name} is missing" for name in wanted if name not in there]
    changed = [f"{name} has changed" for name in wanted if name in there and there[name] != wanted[name]]
    return sorted([*missing, *changed])


def past_keeping(entries: Sequence[Entry], keep: int, current: str) -> list[str]:
    """Folders of all runs but the newest `keep`; the current one is never among them."""
    folders = list(dict.fromkeys(entry.folder for entry in entries))
    return [folder for folder in folders[:-keep] if folder != current]


def prune(out: Path, folders: Sequence[str]) -> tuple[int, int]:
    """Removes report folders of ours; what is no report folder is left alone.

    Returns:
        How many were removed, and how many could not be: somebody may have a report open.
    """
    there = [out / folder for folder in folders if read_manifest(out / folder) is not None]
    stuck = 0
    for folder in there:
        try:
            discard(folder)
        except OSError:
            stuck += 1
    return len(there) - stuck, stuck
