"""A disk that fails: what a child process does to the files of one folder is counted, and the nth deed goes wrong."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: what Python tells its audit hooks before it does it; the first argument is the path
_DEEDS = frozenset(
    ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.listdir", "os.scandir", "os.truncate")
)
#: what it does not tell, and the package's own calls use
_UNTOLD = ("fsync",)


@dataclass
class Disk:
    """Counts deeds below `folder`; the one of number `nth` fails with `error`, or the process is killed before it.

    Args:
        folder: what stands outside is never touched.
        nth: counted from 1; 0 only counts.
        error: an errno; 0 sends the process the signal of number `send`.
        sticky: every later deed that writes fails too, as on a full disk; reading goes on.
    """

    folder: str
    nth: int = 0
    error: int = 0
    send: int = signal.SIGKILL
    sticky: bool = False
    deeds: list[str] = field(default_factory=list)

    def install(self) -> None:
        """From now on, and as long as the process lives."""
        for name in _UNTOLD:
            setattr(os, name, self._watched(getattr(os, name), f"os.{name}"))
        sqlite3.connect = self._watched(sqlite3.connect, "sqlite3.connect", sqlite3.OperationalError)
        sys.addaudithook(self._hook)

    def tell(self, path: str) -> None:
        """Writes down what was done, one line for each deed."""
        self.nth = 0
        Path(path).write_text("\n".join(self.deeds), encoding="utf-8")

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _DEEDS and arguments and isinstance(arguments[0], str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(arguments[0]))
            if path.startswith(self.folder):
                reads = event in ("os.listdir", "os.scandir") or (event == "open" and not _writes(arguments))
                self._count(f"{event}{' to read' if reads else ''} {os.path.relpath(path, self.folder)}", OSError)

    def _watched(
        self, call: Callable[..., Any], name: str, kind: type[Exception] = OSError
    ) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            self._count(name, kind)
            return call(*arguments, **options)

        return watched

    def _count(self, deed: str, kind: type[Exception]) -> None:
        if len(self.deeds) > 100_000:
            raise RuntimeError("it goes on for ever")
        self.deeds.append(deed)
        if not self.nth or len(self.deeds) < self.nth:
            return
        first = len(self.deeds) == self.nth
        if first and not self.error:
            os.kill(os.getpid(), self.send)
        if self.error and (first or (self.sticky and _fills(deed))):
            raise kind(self.error, os.strerror(self.error)) if kind is OSError else kind("disk I/O error")


def _writes(arguments: tuple[Any, ...]) -> bool:
    """Whether an `open` event is one that can write: its mode says so, or its flags."""
    mode, flags = arguments[1], arguments[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _fills(deed: str) -> bool:
    """Whether a full disk refuses it; it never refuses to read, to rename or to remove."""
    return deed.startswith(("open ", "os.mkdir", "os.fsync", "sqlite3")) and "to read" not in deed
