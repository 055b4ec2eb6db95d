"""The output folder: built beside its place, verified, then put there in one step. The old one or the new one."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NoReturn

from audit.errors import CannotWrite, InputRejected
from audit.intake.archive import ARCHIVE
from audit.render.workshop import TEMPORARY, move, swap, sync_file, sync_names, workshop

MANIFEST: Final = "run.json"
#: the one output that people write into
WORKBOOK: Final = "report.xlsx"
#: of the folder that compares two runs; it holds their numbers too
COMPARISON: Final = "compare.json"
#: what only its owner may read
OWNER_FILE: Final = 0o600
OWNER_FOLDER: Final = 0o700


def finished(target: Path, run_id: str, name: str = MANIFEST) -> bool:
    """Whether `target` holds the complete, unchanged output of exactly this run."""
    manifest = read_manifest(target, name)
    return manifest is not None and manifest.get("run_id") == run_id and unchanged(target, manifest)


def read_manifest(target: Path, name: str = MANIFEST) -> dict[str, Any] | None:
    """The manifest of an output folder; None when there is none that can be read."""
    try:
        content = json.loads((target / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def unchanged(target: Path, manifest: dict[str, Any]) -> bool:
    """Whether every file of the manifest is there with its hash; what cannot be read is not there."""
    outputs = manifest.get("outputs", {})
    try:
        return bool(outputs) and all(
            (target / name).is_file() and digest(target / name) == wanted for name, wanted in outputs.items()
        )
    except OSError:
        return False


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return sha256(path.read_bytes()).hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in the folder and its subfolders, by its place there."""
    return dict(sorted((path.relative_to(folder).as_posix(), digest(path)) for path in _files(folder)))


def _files(folder: Path) -> Iterator[Path]:
    """Every file below; a folder that cannot be read is an error, where `rglob` would leave it out in silence."""

    def refuse(error: OSError) -> NoReturn:
        raise error

    for place, _, names in os.walk(folder, onerror=refuse):
        yield from (Path(place, name) for name in names)


def earlier_run(target: Path, practices: Sequence[str], before: str) -> Path | None:
    """The newest run folder at or beside `target` of exactly these practices that keeps an archive; None without one.

    Args:
        target: where a run is about to write.
        practices: all of that run, sorted.
        before: its latest extract date, ISO; only runs of an earlier one count.
    """
    found = []
    for path in target.resolve().parent.glob(f"*/{MANIFEST}"):
        manifest = read_manifest(path.parent) or {}
        if manifest.get("practices") != list(practices) or path.parent.name.startswith(TEMPORARY):
            continue
        last = max(item["extract_date"] for item in manifest["inputs"])
        if last < before and any(name.startswith(f"{ARCHIVE}/") for name in manifest["outputs"]):
            found.append((last, path.parent))
    return max(found)[1] if found else None


_HOW: Final = "--from FILE"


def input_of(source: Path | None, how: str = _HOW) -> tuple[list[Path], dict[str, str]]:
    """The input that `source` stands for, a file or several of one practice, and the dates its run was given.

    A run folder stands for its input beside it, unchanged since; None for the newest run folder here. `how` is what a
    remedy asks for: the way in which the command takes a file.

    Raises:
        InputRejected: nothing there, several practices, or the input has moved or changed.
    """
    place = source or newest_run(Path(), how)
    manifest = read_manifest(place) if place.is_dir() else None
    if manifest is None:
        return [place], {}
    (first, *others) = manifest["inputs"]
    if others:
        raise InputRejected(
            "The report is of several practices.",
            where=str(place),
            remedy=f"name the file of the one that is meant: {how}",
            code="SEVERAL_PRACTICES",
        )
    beside = place.resolve().parent
    folder = beside / first["file"]
    parts = first.get("parts") or {first["file"]: first["sha256"]}
    found = {(folder if folder.is_dir() else beside) / name: wanted for name, wanted in parts.items()}
    if not all(path.is_file() and digest(path) == wanted for path, wanted in found.items()):
        raise InputRejected(
            "The report's input file does not stand beside it, or has changed since.",
            where=str(place),
            remedy=f"name the input file itself: {how}",
            code="INPUT_NOT_FOUND",
        )
    return list(found), {key: first[key] for key in ("extract_date", "history_start", "period_from", "period_to")}


def options_of(source: Path | None, how: str = _HOW) -> dict[str, str]:
    """The options of the run that `source` is the folder of, None for the newest; none of an input file.

    Raises:
        InputRejected: there is no report here; `how` is what its remedy asks for.
    """
    place = source or newest_run(Path(), how)
    manifest = read_manifest(place) if place.is_dir() else None
    return {} if manifest is None else dict(manifest.get("options", {}))


def newest_run(here: Path, how: str) -> Path:
    """The folder of the run that was written last into `here`.

    Raises:
        InputRejected: there is none; `how` is what the remedy asks for.
    """
    runs = sorted(here.glob(f"*/{MANIFEST}"), key=lambda path: path.stat().st_mtime)
    if not runs:
        raise InputRejected(
            "There is no report in this folder.",
            where=str(here.resolve()),
            remedy=f"name the report's folder or the input file: {how}",
            code="NO_REPORT_HERE",
        )
    return runs[-1].parent


def check_place(target: Path, name: str = MANIFEST) -> None:
    """Refuses a place that holds somebody else's files or cannot be written.

    Raises:
        CannotWrite: with what stands there.
    """
    if target.exists() and not target.is_dir():
        raise _cannot("A file stands where the output folder should be.", target, _another(target))
    try:
        taken = target.is_dir() and any(target.iterdir())
    except OSError as error:
        what = f"The output folder cannot be read ({error.strerror or type(error).__name__})."
        raise _cannot(what, target) from error
    if taken and read_manifest(target, name) is None:
        raise _cannot("The output folder holds other files; nothing there is touched.", target, _another(target))


def check_closed(book: Path) -> None:
    """Refuses to replace a workbook that somebody has open: Excel and LibreOffice keep a marker beside it.

    Raises:
        CannotWrite: with the marker.
    """
    for marker in (f"~${book.name}", f".~lock.{book.name}#"):
        if book.exists() and book.with_name(marker).exists():
            raise CannotWrite(
                "The workbook is open; nothing is overwritten.",
                where=str(book),
                remedy=f"close it in Excel, and give the same command again; if it is open nowhere, delete {marker}",
                code="WORKBOOK_OPEN",
            )


def publish(target: Path, build: Callable[[Path], None], name: str = MANIFEST) -> None:
    """Builds the output with `build(folder)` and puts it at `target`; on any failure `target` is untouched.

    Args:
        target: the folder to write.
        build: fills a folder, its manifest included.
        name: of the manifest.

    Raises:
        CannotWrite: the disk refused; what stood there before still stands.
        RunLocked: another run writes there.
    """
    check_place(target, name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with workshop(target) as folder:
            build(folder)
            _verify(folder, name)
            _carry_over(target, folder, name)
            _flush(folder)
            swap(folder, target)
    except OSError as error:
        raise _cannot(f"The output cannot be written ({error.strerror or type(error).__name__}).", target) from error


def publish_file(target: Path, content: bytes, *, replace: bool) -> None:
    """Puts one file at `target`, for its owner alone to read; on any failure `target` is untouched.

    Raises:
        CannotWrite: something stands there and is not to be replaced, or the disk refused.
    """
    if target.is_dir() or (target.exists() and not replace):
        more = "" if target.is_dir() else ", or replace it with --force"
        remedy = f"name another file{more}"
        what = "Something stands there already; it is not replaced."
        raise CannotWrite(what, where=str(target), remedy=remedy, code="OUT_EXISTS")
    try:
        with workshop(target) as folder:
            made = folder / target.name
            made.write_bytes(content)
            made.chmod(OWNER_FILE)
            sync_file(made)
            move(made, target)
    except OSError as error:
        what = f"The file cannot be written ({error.strerror or type(error).__name__})."
        remedy = "close it where it is open, make its folder, free some space, or name another file"
        raise CannotWrite(what, where=str(target), remedy=remedy, code="CANNOT_WRITE") from error


def _another(target: Path) -> str:
    return f'name another folder, for example:  --out "{target}-b12audit"'


_FREE: Final = "close the report where it is open, free some space, or name another folder with --out"


#: longer names are refused by Windows unless it is told otherwise: 260 characters, and some for the files within
_WINDOWS, _LONG = os.name == "nt", 180
_SHORTEN: Final = "name a folder with a shorter path with --out: Windows refuses paths of more than 260 characters"


def _cannot(what: str, target: Path, remedy: str = "") -> CannotWrite:
    if not remedy:
        remedy = _SHORTEN if _WINDOWS and len(str(target.absolute())) > _LONG else _FREE
    return CannotWrite(what, where=str(target), remedy=remedy, code="CANNOT_WRITE")


def _verify(folder: Path, name: str = MANIFEST) -> None:
    """Reads the finished files again: hashes as in the manifest, each workbook's zip whole."""
    manifest = read_manifest(folder, name)
    if manifest is None or not unchanged(folder, manifest):
        raise OSError("the files read back differ from the files written")
    for path in _files(folder):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                if book.testzip() is not None:
                    raise OSError("the workbook read back is damaged")


def _flush(folder: Path) -> None:
    """Waits until every file, and every name, is on the disk."""
    for path in _files(folder):
        sync_file(path)
    for place, _, _ in os.walk(folder):
        sync_names(Path(place))


def _carry_over(target: Path, folder: Path, name: str) -> None:
    """Files of the user's own in the old output folder move along."""
    old = read_manifest(target, name) if target.is_dir() else None
    if old:
        _carry(target, folder, {name, *old.get("outputs", {})})


def _carry(old: Path, new: Path, ours: Collection[str], place: str = "") -> None:
    """What stands in `old` and is not ours, by its place in the whole folder."""
    for path in old.iterdir():
        here = f"{place}{path.name}"
        if path.is_dir() and any(name.startswith(f"{here}/") for name in ours):
            _carry(path, new / path.name, ours, f"{here}/")
        elif here not in ours and not (new / path.name).exists():
            new.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
            (shutil.copytree if path.is_dir() else shutil.copy2)(path, new / path.name)
