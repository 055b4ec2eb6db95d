"""Files of the state folder: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from audit.errors import CannotWrite, RunLocked

_PRIVATE: Final = 0o700
LOCK: Final = "lock"


def write_whole(path: Path, text: str) -> None:
    """Puts the text at `path` in one step; on any failure what stood there stands."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def make_private(folder: Path) -> None:
    """Makes the folder, for its owner only.

    Raises:
        CannotWrite: the disk refused.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    except OSError as error:
        what = f"The folder cannot be made ({error.strerror or type(error).__name__})."
        raise CannotWrite(what, where=str(folder), remedy="check the path in site.toml", code="CANNOT_WRITE") from error


@contextmanager
def sole(state: Path) -> Iterator[None]:
    """Holds the site's lock: the kernel's, so that it goes with the process that held it, however that ends.

    Raises:
        RunLocked: another run holds it.
        CannotWrite: the lock file cannot be made.
    """
    lock = FileLock(state / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        what = "Another run is at work on this site."
        remedy = "wait until it has ended; its lock goes with it, and is never stale"
        raise RunLocked(what, where=str(state), remedy=remedy, code="LOCKED") from None
    except OSError as error:
        what = f"The lock cannot be made ({error.strerror or type(error).__name__})."
        remedy = "check the folder's permissions"
        raise CannotWrite(what, where=str(state), remedy=remedy, code="CANNOT_WRITE") from error
    try:
        yield
    finally:
        lock.release()


def sweep(folder: Path, prefix: str) -> None:
    """Removes the half-written files that a killed run left."""
    for left in folder.glob(f".{prefix}-*"):
        left.unlink(missing_ok=True)
