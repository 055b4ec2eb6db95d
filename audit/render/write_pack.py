"""Writes the commissioner pack's folder, and adds its release to the ledger."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from audit import __version__
from audit.errors import CannotWrite
from audit.render.book import write_sheets
from audit.render.fhir_measures import measures, reports
from audit.render.folder import OWNER_FILE, OWNER_FOLDER, digests, publish
from audit.render.html import render_pack
from audit.render.pack_json import pack_content
from audit.render.pack_sheets import pack_sheets
from audit.render.pack_view import build_pack_page
from audit.render.tables import as_json
from audit.render.workshop import move, sole
from audit.results.pack import SafePack
from audit.standards.disclosure import Profile

#: the manifest of a pack's folder, and its numbers
PACK: Final = "pack.json"
FHIR: Final = "fhir"


@dataclass(frozen=True, slots=True)
class Telling:
    """What the pack is told with: its disclosure profile, and who is asked and when it is met, by criterion."""

    profile: Profile
    words: Mapping[str, tuple[str, str]]


def pack_id(pack: SafePack) -> str:
    """The identity of a pack: the same published numbers and version make the same files."""
    content = {"pack": pack_content(pack), "version": __version__}
    return sha256(as_json(content).encode()).hexdigest()[:16]


def write_pack(pack: SafePack, target: Path, telling: Telling) -> None:
    """Builds, verifies and publishes the pack.

    Args:
        pack: disclosure-safe; nothing else is accepted.
        target: the folder; an earlier pack there is replaced in one step.
        telling: what goes beside the numbers.

    Raises:
        CannotWrite: the disk refused; what stood there before still stands.
        TypeError: the pack holds something that may not be published.
    """
    page = build_pack_page(pack, telling.profile, version=__version__)

    def build(folder: Path) -> None:
        (folder / "pack.html").write_text(render_pack(page), encoding="utf-8", newline="")
        write_sheets(pack_sheets(page), page, folder / "pack.xlsx")
        place = folder / FHIR
        place.mkdir(mode=OWNER_FOLDER)
        (place / "measures.json").write_text(as_json(measures(pack, telling.words)), encoding="utf-8", newline="")
        lines = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in reports(pack))
        (place / "reports.ndjson").write_text(lines, encoding="utf-8", newline="")
        content = {"run_id": pack_id(pack), "version": __version__, **pack_content(pack)}
        (folder / PACK).write_text(as_json({**content, "outputs": digests(folder)}), encoding="utf-8", newline="")
        for path in filter(Path.is_file, folder.rglob("*")):
            path.chmod(OWNER_FILE)

    publish(target, build, PACK)


def write_ledger(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Puts the ledger in place in one step, readable by its owner alone.

    Raises:
        CannotWrite: the disk refused; the old ledger still stands.
    """
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(OWNER_FILE)
            move(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise _cannot(path, error) from error


@contextmanager
def sole_release(path: Path) -> Iterator[None]:
    """Holds the ledger, from reading it until the pack is out: two releases at once would not know each other.

    Raises:
        RunLocked: another release is under way.
        CannotWrite: the disk refused.
    """
    with ExitStack() as held:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            what = "Another pack is being released under this ledger."
            held.enter_context(sole(path.with_name(f".{path.name}.lock"), what, path))
        except OSError as error:
            raise _cannot(path, error) from error
        yield


def _cannot(path: Path, error: OSError) -> CannotWrite:
    return CannotWrite(
        f"The ledger of releases cannot be written ({error.strerror or type(error).__name__}).",
        where=str(path),
        remedy="free some space, or name another place: --ledger FILE",
        code="CANNOT_WRITE",
    )
