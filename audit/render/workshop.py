"""Where an output is built: a folder beside its place, held by one run at a time, swept by the next."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from audit.errors import CannotWrite, RunLocked

TEMPORARY: Final = ".b12audit-"
#: the name of a workshop: what is built in it, and the eight characters that `tempfile` adds
_WORKSHOP: Final = re.compile(re.escape(TEMPORARY) + r"(?P<name>.+)-[a-z0-9_]{8}")
_LOCK: Final = re.compile(re.escape(TEMPORARY) + r"(?P<name>.+)\.lock")
#: in a workshop, what stood in the target's place
_OLD: Final = f"{TEMPORARY}old"
#: names that Windows keeps for devices, whatever their ending
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
#: seconds between tries: scanners and indexers let go of a file within one or two
_WAITS: Final = (0.05, 0.1, 0.2, 0.4, 0.6)
#: what a drive says that cannot sync a folder, or a folder that its owner may write but not read
_CANNOT_SYNC: Final = (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.ENOSYS, errno.EACCES, errno.EPERM)


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """A folder beside `target` in which it is built; gone afterwards, whatever happened.

    Raises:
        RunLocked: another run builds the same target.
        CannotWrite: its name is one that Windows keeps for a device.
        OSError: the disk refused.
    """
    _check_name(target)
    with _sole_at(target):
        sweep(target.parent, target.name)
        folder = Path(tempfile.mkdtemp(prefix=f"{TEMPORARY}{target.name}-", dir=target.parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _check_name(target: Path) -> None:
    if _DEVICES.fullmatch(target.name):
        what = f"Windows keeps the name {target.name} for a device."
        raise CannotWrite(what, where=str(target), remedy="name another place with --out", code="RESERVED_NAME")


@contextmanager
def sole(lock_file: Path, what: str, where: Path) -> Iterator[None]:
    """Holds a lock: the kernel's, so that it goes with the process that held it, however that ends.

    Args:
        lock_file: stands while the lock is held, and stays only where its holder was killed; it locks nobody out then.
        what: what is said when another process holds it.
        where: the place that is locked, as the message names it.

    Raises:
        RunLocked: another process holds it.
        OSError: the lock file cannot be made.
    """
    if not lock_file.parent.is_dir():
        # filelock would make the folder
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(lock_file.parent))
    lock = FileLock(lock_file, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        remedy = "wait until it has ended; its lock goes with it, and is never stale"
        raise RunLocked(what, where=str(where), remedy=remedy, code="LOCKED") from None
    try:
        yield
    finally:
        # Removed while it is held: who opened it meanwhile sees that it has gone, and makes a new one. On Windows an
        # open file cannot be removed; there filelock does so when it lets go.
        with contextlib.suppress(OSError):
            lock_file.unlink()
        lock.release()


def sweep(place: Path, name: str) -> None:
    """Ends what killed runs had begun: what they had set aside goes back, the rest is removed.

    Args:
        place: the folder in which they were writing.
        name: of the target that they were writing; its lock is held.
    """
    named = ((path, _WORKSHOP.fullmatch(path.name)) for path in sorted(place.iterdir()))
    for left in [path for path, found in named if found and found["name"] == name]:
        _put_back(left / _OLD, place / name)
        shutil.rmtree(left, ignore_errors=True)


def put_right(target: Path) -> None:
    """Puts back what a killed run had set aside, so that whoever reads `target` now finds it.

    Raises:
        RunLocked: another run builds the same target.
        OSError: the disk refused.
    """
    names = map(_WORKSHOP.fullmatch, os.listdir(target.parent)) if target.parent.is_dir() else ()
    if any(found and found["name"] == target.name for found in names):
        with _sole_at(target):
            sweep(target.parent, target.name)


def sweep_all(place: Path) -> None:
    """Sweeps up after every target of a folder but those that somebody writes now."""
    patterns = (_WORKSHOP, _LOCK)
    names = {found["name"] for path in place.iterdir() for one in patterns if (found := one.fullmatch(path.name))}
    for name in sorted(names):
        with contextlib.suppress(RunLocked), _sole_at(place / name):
            sweep(place, name)


def _sole_at(target: Path) -> AbstractContextManager[None]:
    lock_file = target.parent / f"{TEMPORARY}{target.name}.lock"
    return sole(lock_file, "Another run is writing to this place.", target)


def swap(folder: Path, target: Path) -> None:
    """Puts a finished folder in its place; what stood there is removed, and put back on any failure."""
    if not target.exists():
        _put(folder, target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f"{TEMPORARY}{target.name}-", dir=target.parent)) / _OLD
    try:
        move(target, aside)
        _put(folder, target)
    finally:
        _put_back(aside, target)
        shutil.rmtree(aside.parent, ignore_errors=True)


def _put(folder: Path, target: Path) -> None:
    """Gives a folder a name that was free; where the disk does not keep the name, it is taken back."""
    try:
        move(folder, target)
    except OSError:
        if not folder.exists():
            rename(target, folder)
        raise


def discard(folder: Path) -> None:
    """Removes a whole folder: first its name, in one step, so that no half of it is ever taken for the whole.

    Raises:
        OSError: somebody holds it open; it stands as it stood.
    """
    # eight letters, as a workshop has: what is left of it is swept as one; no new folder, since the disk may be full
    aside = folder.with_name(f"{TEMPORARY}{folder.name}-removing")
    move(folder, aside)
    shutil.rmtree(aside, ignore_errors=True)


def _put_back(aside: Path, target: Path) -> None:
    if aside.exists() and not target.exists():
        move(aside, target)


def move(source: Path, target: Path, sleep: Callable[[float], None] = time.sleep) -> None:
    """Gives a file or folder its new name, on the disk too: a power cut does not bring the old one back.

    Who holds it open for a moment, as scanners do on Windows, is waited for.

    Raises:
        OSError: the disk refused, or somebody went on holding it. The new name may be there already.
    """
    rename(source, target, sleep)
    for folder in dict.fromkeys((target.parent, source.parent)):
        sync_names(folder)


def sync_file(path: Path) -> None:
    """Waits until what stands in a file is on the disk.

    Raises:
        OSError: the disk refused.
    """
    # Windows flushes only what is open for writing, which a file that is read-only cannot be
    if _has_folders() or os.access(path, os.W_OK):
        with path.open("rb" if _has_folders() else "rb+") as file:
            os.fsync(file.fileno())


def _has_folders() -> bool:
    """Whether folders can be opened, and synced, as files can: not on Windows."""
    return hasattr(os, "O_DIRECTORY")


def sync_names(folder: Path) -> None:
    """Waits until the names in a folder are on the disk; Windows and some network drives have no way to ask for it.

    Raises:
        OSError: the disk refused.
    """
    if not _has_folders():
        return
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def rename(source: Path, target: Path, sleep: Callable[[float], None] = time.sleep) -> None:
    """As `move`, but the name may not be on the disk yet.

    Raises:
        OSError: the disk refused, or somebody went on holding it; the old name stands.
    """
    for wait in _WAITS:
        try:
            source.replace(target)
        except PermissionError:
            sleep(wait)
        else:
            return
    source.replace(target)


def free_bytes(place: Path) -> int:
    """Free space of the volume that a place, there or not yet, is on."""
    return shutil.disk_usage(next(folder for folder in (place, *place.resolve().parents) if folder.exists())).free


def check_space(target: Path, least: int) -> None:
    """Refuses to begin where a report cannot fit.

    Args:
        target: the folder that is to be written.
        least: bytes that it may need.

    Raises:
        CannotWrite: the volume has less.
    """
    if (free := free_bytes(target)) < least:
        what = f"Too little space is free: {free / 1e6:,.0f} MB, and the report may need {least / 1e6:,.0f} MB."
        remedy = "free some space, or name a folder on another disk with --out"
        raise CannotWrite(what, where=str(target), remedy=remedy, code="NO_SPACE")
