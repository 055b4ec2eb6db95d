"""Memory and time before the start: what a file may need, what a machine leaves, and what is said of it."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from audit.cli import main
from audit.commands import auditing, batch
from audit.engine.shared import ROWS_A_PARTITION, check_room, space_for
from audit.errors import CannotWrite
from audit.intake import memory
from audit.intake.memory import Need, check_memory, free_memory, need_of, outlook
from audit.intake.profiles import assemble
from audit.intake.zip_parts import MOST_UNPACKED
from tests.test_cli import small

GB = 10**9


def machine(root: Path, **files: str) -> Path:
    """A system that shows itself in files; `__` in a name is a slash."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return root


MEMINFO = {"proc__meminfo": "MemTotal:       8000000 kB\nMemAvailable:    2000000 kB\n"}
V2 = {"proc__self__cgroup": "0::/user/job\n", "sys__fs__cgroup__user__memory.max": "1000000000\n",
      "sys__fs__cgroup__user__memory.current": "700000000\n",
      "sys__fs__cgroup__user__memory.stat": "anon 5\ninactive_file 100000000\n",
      "sys__fs__cgroup__user__job__memory.max": "max\n",
      "sys__fs__cgroup__user__job__memory.current": "5\n"}  # fmt: skip
V1 = {"proc__self__cgroup": "5:cpu:/\n4:memory,hugetlb:/job\n0::/\n",
      "sys__fs__cgroup__memory__job__memory.limit_in_bytes": "900000000",
      "sys__fs__cgroup__memory__job__memory.usage_in_bytes": "200000000",
      "sys__fs__cgroup__memory__memory.limit_in_bytes": "9223372036854771712",
      "sys__fs__cgroup__memory__memory.usage_in_bytes": "1"}  # fmt: skip


@pytest.mark.parametrize(
    ("files", "free"),
    [(MEMINFO, 2_048_000_000), ({**MEMINFO, **V2}, 400_000_000), ({**MEMINFO, **V1}, 700_000_000)],
    ids=["machine", "control group", "control group of the old kind"],
)
def test_what_a_machine_leaves(tmp_path: Path, files: Mapping[str, str], free: int) -> None:
    assert free_memory(machine(tmp_path, **files)) == free


def test_a_limit_of_the_process_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited = SimpleNamespace(
        getrlimit=lambda _: (500_000_000, -1), RLIMIT_AS=9, RLIM_INFINITY=-1, getpagesize=lambda: 4_096
    )
    monkeypatch.setitem(sys.modules, "resource", limited)
    root = machine(tmp_path, **MEMINFO, proc__self__statm="50000 1 1\n")
    assert free_memory(root) == 500_000_000 - 50_000 * 4_096


def test_this_machine_leaves_something() -> None:
    assert (free_memory() or 0) > 10_000_000


def test_where_nobody_can_tell_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows: no files of the system, no module `resource`, no `os.sysconf`."""
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.delattr(os, "sysconf")
    assert free_memory(tmp_path) is None
    check_memory([small(tmp_path / "practice.xlsx")], None)
    assert outlook(Need(GB, 0), None) == []


# --- files


def test_ten_times_the_file_needs_ten_times_as_much(tmp_path: Path) -> None:
    beyond = []
    for name, size in (("a.csv", 10_000), ("b.csv", 100_000)):
        (tmp_path / name).write_bytes(b"x" * size)
        beyond.append(need_of([tmp_path / name]).memory - need_of([]).memory)
    assert beyond[1] == 10 * beyond[0] > 0
    assert need_of([tmp_path]).memory - need_of([]).memory == sum(beyond)


def test_a_workbook_is_told_by_what_it_unpacks_to(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 100_000)
    assert path.stat().st_size < 10_000
    assert need_of([path]).memory - need_of([]).memory > 3_000_000


def test_bombs_and_what_is_no_archive_are_left_to_those_who_refuse_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x05\x06" + b"\xff" * 18)
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("a.xml", b"x" * 2_000)
    monkeypatch.setattr(memory, "MOST_UNPACKED", 1_000)
    beyond = need_of([tmp_path / "a.xlsx", tmp_path / "b.xlsx", tmp_path / "none.csv"]).memory - need_of([]).memory
    assert beyond < 1_000 < MOST_UNPACKED


def test_what_a_person_should_know_beforehand() -> None:
    assert outlook(Need(GB, 29), 2 * GB) == []
    assert outlook(Need(GB, 60), 2 * GB) == ["A large input: this takes about 1 minute or more."]
    (line,) = outlook(Need(2 * GB, 0), GB)
    assert line == "Memory is tight: 2.0 GB may be needed, and 1.0 GB are free. Close other programs."


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, [*map(str, arguments)])


def test_a_run_without_room_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = small(tmp_path / "practice.xlsx")
    monkeypatch.setattr(assemble, "free_memory", lambda: 50_000_000)
    for command in ("run", "check", "recall", "forecast"):
        refused = run(command, records)
        assert (refused.exit_code, "NO_MEMORY: Too little memory is free: 0.1 GB" in refused.stderr) == (7, True)
        assert "what to do" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["practice.xlsx"]


def test_a_run_whose_memory_is_tight_says_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = small(tmp_path / "practice.xlsx")
    monkeypatch.setattr(memory, "free_memory", lambda: 150_000_000)
    begun: list[object] = []
    monkeypatch.setattr(auditing, "take", lambda *_: begun.append(0))
    assert "Memory is tight: 0.2 GB may be needed, and 0.1 GB are free" in run("run", records).stderr
    assert "Memory is tight" not in run("run", records, "--quiet").stderr
    assert len(begun) == 2


# --- a folder of tables


def folder_of(rows: int) -> Any:
    return SimpleNamespace(path=Path("data"), tables={"Treatments": SimpleNamespace(rows=rows)})


@pytest.mark.parametrize(
    ("asked", "free", "workers"),
    [(None, None, 4), (None, 9 * GB, 4), (None, 3 * GB, 2), (None, GB, 1), (2, 2 * GB, 2), (8, None, 8)],
)
def test_as_many_processes_as_the_memory_has_room_for(asked: int | None, free: int | None, workers: int) -> None:
    assert check_room(folder_of(5 * ROWS_A_PARTITION), asked, 4, free) == workers


@pytest.mark.parametrize(
    ("asked", "free", "remedy"), [(8, 4 * GB, "--workers 3"), (None, GB // 2, "other programs"), (1, GB // 2, "larger")]
)
def test_more_processes_than_there_is_room_for_are_refused(asked: int | None, free: int, remedy: str) -> None:
    with pytest.raises(CannotWrite) as refused:
        check_room(folder_of(5 * ROWS_A_PARTITION), asked, 4, free)
    assert (refused.value.exit_code, refused.value.code, remedy in refused.value.remedy) == (7, "NO_MEMORY", True)


def test_sorting_takes_space_by_its_rows() -> None:
    assert space_for(folder_of(2_000)) == 2 * space_for(folder_of(1_000)) > 0


def test_no_pool_is_larger_than_windows_can_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    assert batch._cores() == 61
