"""Names on the disk: what is flushed, in which order, and what stands where the disk refuses."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from audit.errors import CannotWrite
from audit.nightly.files import write_whole
from audit.render import folder, workshop
from audit.render.folder import MANIFEST, digest, publish
from tests.faults.client import fingerprint

pytestmark = pytest.mark.skipif(not hasattr(os, "O_DIRECTORY"), reason="folders cannot be flushed here")


def build(text: str, place: Path) -> None:
    (place / "archive").mkdir()
    (place / "archive" / "a.csv").write_text(text, encoding="utf-8")
    outputs = f'{{"archive/a.csv": "{digest(place / "archive" / "a.csv")}"}}'
    (place / MANIFEST).write_text(f'{{"outputs": {outputs}}}', encoding="utf-8")


@pytest.fixture
def deeds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is flushed, renamed and removed, in its order."""
    found: list[str] = []
    fsync, replace, rmtree = os.fsync, Path.replace, shutil.rmtree

    def flushed(descriptor: int) -> None:
        told = os.fstat(descriptor)
        found.append(f"flush {'folder' if stat.S_ISDIR(told.st_mode) else 'file'} {told.st_ino}")
        fsync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        found.append(f"rename to {target.name}")
        return replace(self, target)

    def removed(path: Path, **options: Any) -> None:
        found.append("remove")
        rmtree(path, **options)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    monkeypatch.setattr(shutil, "rmtree", removed)
    return found


def test_every_name_is_on_the_disk_before_the_old_report_goes(tmp_path: Path, deeds: list[str]) -> None:
    out = tmp_path / "out"
    publish(out, partial(build, "old"))
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    deeds.clear()
    publish(out, partial(build, "new"))
    places = [out / "archive" / "a.csv", out / MANIFEST, out / "mine.txt", out, out / "archive"]
    flushed = {f"flush {'folder' if path.is_dir() else 'file'} {path.stat().st_ino}" for path in places}
    renames = [place for place, deed in enumerate(deeds) if deed.startswith("rename")]
    assert [deeds[place] for place in renames] == [f"rename to {workshop._OLD}", "rename to out"]
    assert flushed <= set(deeds[: renames[0]])
    parent = f"flush folder {tmp_path.stat().st_ino}"
    assert parent in deeds[renames[0] : renames[1]]
    assert parent in deeds[renames[1] : deeds.index("remove")]


def test_a_status_is_on_the_disk_under_its_name(tmp_path: Path, deeds: list[str]) -> None:
    write_whole(tmp_path / "status.json", "{}")
    written = (tmp_path / "status.json").stat().st_ino
    assert deeds == [f"flush file {written}", "rename to status.json", f"flush folder {tmp_path.stat().st_ino}"]


def refusing(nth: int, error: int) -> Callable[[Path], None]:
    calls = iter(range(100))

    def sync(_: Path) -> None:
        if next(calls) == nth:
            raise OSError(error, os.strerror(error))

    return sync


@pytest.mark.parametrize("replaced", [True, False])
def test_a_name_that_the_disk_does_not_keep_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    out, failed = tmp_path / "out", 0
    if replaced:
        publish(out, partial(build, "old"))
    before = fingerprint(out)
    for nth in range(20):
        refuse = refusing(nth, errno.EIO)
        for module in (workshop, folder):
            monkeypatch.setattr(module, "sync_names", refuse)
        try:
            publish(out, partial(build, "new"))
        except CannotWrite:
            failed += 1
            assert (fingerprint(out), out.exists()) == (before, replaced)
        else:
            break
    assert failed == (5 if replaced else 3)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOTSUP])
def test_a_drive_that_cannot_flush_names_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def refuse(_: int) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "fsync", refuse)
    workshop.sync_names(tmp_path)
    (tmp_path / "a").touch()
    with pytest.raises(OSError, match=os.strerror(error)):
        workshop.sync_file(tmp_path / "a")


def test_a_status_that_stands_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "sync_names", refusing(0, errno.ENOSPC))
    write_whole(tmp_path / "status.json", "{}")
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]
