"""What a test asks of the fork server, and what must hold after every case."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from audit.render.folder import digests, read_manifest

ROOT = Path(__file__).resolve().parent.parent.parent
#: of the contract, and -9 for a process that was killed
CODES = {0, 1, 3, 4, 7, 9, 10, 11, 130, 143, -9}


@dataclass(frozen=True)
class Done:
    """How a case ended: the exit code, what it said, what it did to files, and how long it took."""

    code: int
    stdout: str
    stderr: str
    deeds: tuple[str, ...]
    seconds: float
    after_signal: float


class Server:
    """The other end of `tests/faults/server.py`."""

    def __init__(self, folder: Path, records: Path) -> None:
        self.folder, self._number = folder, 0
        one = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.server", str(records)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=one,
        )  # fmt: skip
        self._hear("ready")

    def _hear(self, wanted: str = "") -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the fork server died"
        assert not wanted or line == wanted
        return line

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def at_once(self, *cases: dict[str, Any]) -> list[Done]:
        """Runs cases at the same time."""
        asked = [self._place(case) for case in cases]
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return [self._read(case, result) for case, result in zip(asked, json.loads(self._hear()), strict=True)]

    def run(self, *arguments: str | Path, **options: Any) -> Done:
        """Runs one command of b12audit."""
        return self.at_once({"arguments": [*map(str, arguments)], **options})[0]

    def call(self, name: str, *arguments: Any, **options: Any) -> Done:
        """Calls `module:function`."""
        return self.at_once({"call": name, "arguments": arguments, **options})[0]

    def _place(self, case: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        files = {name: str(self.folder / f"{self._number}.{name}") for name in ("stdout", "stderr", "told")}
        return {"folder": str(self.folder), **files, **case}

    def _read(self, case: dict[str, Any], result: dict[str, Any]) -> Done:
        said = {}
        for name in ("stdout", "stderr", "told"):
            path = Path(case[name])
            encoding = case.get("encoding", "utf-8") if name != "told" else "utf-8"
            said[name] = path.read_text(encoding=encoding) if path.exists() else ""
            path.unlink(missing_ok=True)
        deeds = tuple(said["told"].splitlines())
        return Done(result["code"], said["stdout"], said["stderr"], deeds, result["seconds"], result["after_signal"])


def fingerprint(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below, by its place; a folder that is not there has none."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def amiss(folder: Path) -> str:
    """What is wrong with a report folder; blank when it is absent, or complete and equal to its manifest."""
    if not folder.exists():
        return ""
    manifest = read_manifest(folder)
    if manifest is None:
        return "no manifest"
    found = digests(folder)
    found.pop("run.json")
    return "" if found == manifest["outputs"] else "not as its manifest says"


def litter(place: Path) -> list[str]:
    """Temporary files and folders that a run left."""
    return sorted(path.name for path in place.rglob(".*") if path.name != ".state")


def open_to_others(place: Path) -> list[str]:
    """What anybody but the owner could read below a folder."""
    return sorted(str(path) for path in place.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077)


def complaint(done: Done) -> str:
    """What is wrong with how a case ended: an exit code that is in no contract, a traceback, or no remedy."""
    if done.code not in CODES:
        return f"exit code {done.code}"
    if "Traceback" in done.stderr or "Logging error" in done.stderr or "Exception ignored" in done.stderr:
        return "a traceback"
    if done.code in (1, 4, 7, 10, 11) and ("what to do" not in done.stderr or len(done.stderr.splitlines()) > 25):
        return "no remedy"
    return ""


def summed(dones: Sequence[Done]) -> set[int]:
    """The exit codes that occurred."""
    return {done.code for done in dones}
