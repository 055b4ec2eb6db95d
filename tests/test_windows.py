"""What Windows has not, or does otherwise, taken away on this machine; nothing here has run on Windows itself."""

from __future__ import annotations

import errno
import multiprocessing
import os
import sys
import sysconfig
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from audit.commands import site
from audit.engine import local
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
    started: list[str] = []

    class Pool(ProcessPoolExecutor):
        def __init__(self, workers: int, context: multiprocessing.context.BaseContext, **_: object) -> None:
            started.append(context.get_start_method())
            super().__init__(workers, context)

    monkeypatch.setattr(local, "ProcessPoolExecutor", Pool)
    with local._pool(2):
        pass
    assert started == ["spawn"]


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="workers are forked, to be quick")
def test_who_stops_a_run_does_not_wait_for_its_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_START", "fork")
    monkeypatch.setattr(multiprocessing.get_context("fork"), "set_forkserver_preload", lambda _: None)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), local._pool(2) as pool:
        for _ in range(4):
            pool.submit(time.sleep, 30)
        raise KeyboardInterrupt
    assert time.monotonic() - began < 2
    assert multiprocessing.active_children() == []
