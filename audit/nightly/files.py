"""Files of the state folder: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from audit.errors import CannotWrite
from audit.render import workshop

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
        workshop.rename(Path(name), path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    # the new file stands and says what is true: were its name lost in a power cut, the old one would, and be an alarm
    with contextlib.suppress(OSError):
        workshop.sync_names(path.parent)


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
    """Holds the site's lock.

    Raises:
        RunLocked: another run holds it.
        CannotWrite: the lock file cannot be made.
    """
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(workshop.sole(state / LOCK, "Another run is at work on this site.", state))
        except OSError as error:
            what = f"The lock cannot be made ({error.strerror or type(error).__name__})."
            remedy = "check the folder's permissions"
            raise CannotWrite(what, where=str(state), remedy=remedy, code="CANNOT_WRITE") from error
        yield


def sweep(folder: Path, prefix: str) -> None:
    """Removes the half-written files that a killed run left."""
    for left in folder.glob(f".{prefix}-*"):
        left.unlink(missing_ok=True)
