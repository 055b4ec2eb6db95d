"""The output folder: built beside its place, verified, then put there in one step. The old one or the new one."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from audit.errors import CannotWrite, InputRejected

MANIFEST: Final = "run.json"
_TEMPORARY: Final = ".b12audit-"


def finished(target: Path, run_id: str) -> bool:
    """Whether `target` holds the complete, unchanged output of exactly this run."""
    manifest = read_manifest(target)
    return manifest is not None and manifest.get("run_id") == run_id and unchanged(target, manifest)


def read_manifest(target: Path) -> dict[str, Any] | None:
    """The manifest of an output folder; None when there is none that can be read."""
    try:
        content = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def unchanged(target: Path, manifest: dict[str, Any]) -> bool:
    """Whether every file of the manifest is there with its hash."""
    outputs = manifest.get("outputs", {})
    return bool(outputs) and all(
        (target / name).is_file() and digest(target / name) == wanted for name, wanted in outputs.items()
    )


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return sha256(path.read_bytes()).hexdigest()


def input_of(source: Path | None) -> tuple[list[Path], dict[str, str]]:
    """The input that `source` stands for, a file or several of one practice, and the dates its run was given.

    A run folder stands for its input beside it, unchanged since; None for the newest run folder here.

    Raises:
        InputRejected: nothing there, or the input has moved or changed.
    """
    place = source or _newest(Path())
    manifest = read_manifest(place) if place.is_dir() else None
    if manifest is None:
        return [place], {}
    (first, *others) = manifest["inputs"]
    beside = place.resolve().parent
    folder = beside / first["file"]
    parts = first.get("parts") or {first["file"]: first["sha256"]}
    found = {(folder if folder.is_dir() else beside) / name: wanted for name, wanted in parts.items()}
    if others or not all(path.is_file() and digest(path) == wanted for path, wanted in found.items()):
        raise InputRejected(
            "The report's input file does not stand beside it, or has changed since.",
            where=str(place),
            remedy="name the input file itself: --from FILE",
            code="INPUT_NOT_FOUND",
        )
    return list(found), {key: first[key] for key in ("extract_date", "history_start", "period_from", "period_to")}


def options_of(source: Path | None) -> dict[str, str]:
    """The options of the run that `source` is the folder of, None for the newest; none of an input file."""
    place = source or _newest(Path())
    manifest = read_manifest(place) if place.is_dir() else None
    return {} if manifest is None else dict(manifest.get("options", {}))


def _newest(here: Path) -> Path:
    runs = sorted(here.glob(f"*/{MANIFEST}"), key=lambda path: path.stat().st_mtime)
    if not runs:
        raise InputRejected(
            "There is no report in this folder.",
            where=str(here.resolve()),
            remedy="name the report's folder or the input file: --from FILE",
            code="NO_REPORT_HERE",
        )
    return runs[-1].parent


def check_place(target: Path) -> None:
    """Refuses a place that holds somebody else's files or cannot be written.

    Raises:
        CannotWrite: with what stands there.
    """
    if target.exists() and not target.is_dir():
        raise _cannot("A file stands where the output folder should be.", target)
    if target.is_dir() and any(target.iterdir()) and read_manifest(target) is None:
        raise _cannot("The output folder holds other files; nothing there is touched.", target)


def publish(target: Path, build: Callable[[Path], None]) -> None:
    """Builds the output with `build(folder)` and puts it at `target`; on any failure `target` is untouched.

    Raises:
        CannotWrite: the disk refused; what stood there before still stands.
    """
    check_place(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        with _workshop(target) as folder:
            build(folder)
            _verify(folder)
            _carry_over(target, folder)
            _swap(folder, target)
    except OSError as error:
        raise _cannot(f"The output cannot be written ({error.strerror or type(error).__name__}).", target) from error


def _cannot(what: str, target: Path) -> CannotWrite:
    remedy = "close the report where it is open, free some space, or name another folder with --out"
    return CannotWrite(what, where=str(target), remedy=remedy, code="CANNOT_WRITE")


@contextmanager
def _workshop(target: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"{_TEMPORARY}{target.name}-", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(target: Path) -> None:
    """Removes what a run that was killed left behind."""
    for left in target.parent.glob(f"{_TEMPORARY}{target.name}-*"):
        shutil.rmtree(left, ignore_errors=True)


def _verify(folder: Path) -> None:
    """Reads the finished files again: hashes as in the manifest, the workbook's archive whole, all on disk."""
    manifest = read_manifest(folder)
    if manifest is None or not unchanged(folder, manifest):
        raise OSError("the files read back differ from the files written")
    with zipfile.ZipFile(folder / "report.xlsx") as archive:
        if archive.testzip() is not None:
            raise OSError("the workbook read back is damaged")
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _carry_over(target: Path, folder: Path) -> None:
    """Files of the user's own in the old output folder move along."""
    old = read_manifest(target) if target.is_dir() else None
    ours = {MANIFEST, *(old or {}).get("outputs", {})}
    for path in target.iterdir() if old else ():
        if path.name not in ours and not (folder / path.name).exists():
            (shutil.copytree if path.is_dir() else shutil.copy2)(path, folder / path.name)


def _swap(folder: Path, target: Path) -> None:
    if not target.exists():
        folder.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f"{_TEMPORARY}{target.name}-", dir=target.parent)) / "old"
    target.rename(aside)
    try:
        folder.rename(target)
    except OSError:
        aside.rename(target)
        raise
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)
