"""What Windows has not, or does otherwise, taken away on this machine; nothing here has run on Windows itself."""

from __future__ import annotations

import errno
import multiprocessing
import os
import sys
import sysconfig
from pathlib import Path

import pytest

from audit.commands import site
from audit.engine import processes
from audit.errors import CannotWrite
from audit.render import folder, workshop


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No folder can be opened, nor a file that is read-only be flushed; what is flushed is listed."""
    monkeypatch.delattr(os, "O_DIRECTORY")
    flushed: list[str] = []
    fsync = os.fsync

    def told(descriptor: int) -> None:
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}") if sys.platform == "linux" else "")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", told)
    return flushed


def test_no_folder_is_flushed_and_every_file_is(tmp_path: Path, windows: list[str]) -> None:
    def build(place: Path) -> None:
        (place / "a.html").write_text("a", encoding="utf-8")
        (place / folder.MANIFEST).write_text(f'{{"outputs": {{"a.html": "{folder.digest(place / "a.html")}"}}}}')

    folder.publish(tmp_path / "out", build)
    assert sorted(Path(path).name for path in windows) == ["a.html", "run.json"]


def test_a_read_only_file_of_the_user_is_carried_along(
    tmp_path: Path, windows: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    (tmp_path / "mine.txt").touch()
    workshop.sync_file(tmp_path / "mine.txt")
    assert windows == []


def test_a_path_that_is_too_long_for_windows_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise FileNotFoundError(errno.ENOENT, "The system cannot find the path specified")

    target = tmp_path / ("x" * 100) / ("y" * 100)
    monkeypatch.setattr(folder, "_WINDOWS", True)
    with pytest.raises(CannotWrite) as refused:
        folder.publish(target, refuse)
    assert "shorter" in refused.value.remedy
    with pytest.raises(CannotWrite) as refused:
        folder.publish(tmp_path / "out", refuse)
    assert "shorter" not in refused.value.remedy


@pytest.mark.parametrize("name", ["b12audit", "b12audit.exe"])
def test_the_program_is_found_in_the_folder_of_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "Scripts").mkdir()
    (tmp_path / "Scripts" / name).touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python.exe"))
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path / "Scripts"))
    assert site._program() == tmp_path / "Scripts" / name


def test_workers_are_spawned_where_there_is_no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    with processes.warmed_up(2), processes.workers(2) as pool:
        assert list(pool.each(abs, [(-1,), (-2,), (3,)])) == [1, 2, 3]
        assert {type(one).__name__ for one in multiprocessing.active_children()} == {"SpawnProcess"}
    assert multiprocessing.active_children() == []
