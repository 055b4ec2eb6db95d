"""Whatever fails while a report is written: the old report stands, or the new one does, whole, and the end is said.

A fast part of every kind runs with each change; the slow part tries every place and writes its counts to the page.
"""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from audit.errors import CannotWrite
from audit.render import workshop
from audit.render.folder import digests
from tests import counts
from tests.faults.client import CODES, Done, Server, amiss, complaint, fingerprint, litter
from tests.test_cli import small

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="cases are forked")

WRITE = "tests.faults.deeds:write"
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("the disk is full from here on", {"error": errno.ENOSPC, "sticky": True}),
    ("access is denied once", {"error": errno.EACCES}),
    ("the disk fails once", {"error": errno.EIO}),
    ("kill -9", {}),
)
FAULTS, KILLS, AT_ONCE, DISKS = "faults", "kills", "runs at once", "disks"
EVERY = (FAULTS, KILLS, AT_ONCE)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small practice and its report of an earlier period."""
    folder = tmp_path_factory.mktemp("faults")
    small(folder / "practice.xlsx")
    return folder


@pytest.fixture(scope="module")
def server(base: Path) -> Iterator[Server]:
    serving = Server(base, base / "practice.xlsx")
    made = serving.run("run", base / "practice.xlsx", "--out", base / "old", "--to", "2024-03-01")
    assert made.code == 0, made.stderr
    yield serving
    serving.close()


@dataclass
class Tally:
    """What became of the cases of one kind."""

    title: str
    kinds: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, case: str, kind: str, *codes: int) -> None:
        self.kinds[kind if kind in ("old", "new", "absent") else "wrong"] += 1
        self.codes.update(codes)
        if kind not in ("old", "new", "absent"):
            self.wrong.append(f"{case}: {kind}")

    def row(self) -> str:
        said = ", ".join(f"{code} {number:,}" for code, number in sorted(self.codes.items()))
        numbers = (self.kinds.total(), *(self.kinds[kind] for kind in ("old", "new", "absent", "wrong")))
        return f"| {self.title} | {' | '.join(f'{number:,}' for number in numbers)} | {said} |"


class Place:
    """A folder with an old report in it, for one case."""

    def __init__(self, server: Server, base: Path, folder: Path | None = None) -> None:
        self.server, self.folder, self.old = server, folder or base / "place", fingerprint(base / "old")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(exist_ok=True)
        self.out = self.folder / "out"
        shutil.copytree(base / "old", self.out)

    def case(self, **options: Any) -> dict[str, Any]:
        return {"call": WRITE, "arguments": [str(self.out)], **options}

    def write(self, **options: Any) -> Done:
        return self.server.at_once(self.case(**options))[0]

    def became(self, *dones: Done) -> str:
        """old, new or absent; else what is wrong. The next run must find or make everything whole."""
        wrong = next(filter(None, map(complaint, dones)), "") or amiss(self.out)
        now = fingerprint(self.out)
        kind = wrong or ("absent" if not now else "old" if now == self.old else "new")
        codes = {done.code for done in dones}
        if 1 in codes:
            return "a disk that fails is no error of ours"
        if kind == "new" and not codes & {0, -9, 130, 143}:
            return f"a new report although the exit code is {codes}"
        if kind == "absent" and codes != {-9}:
            return f"absent with exit code {codes}"
        if kind == "old" and 0 in codes:
            return "exit code 0 and no new report"
        return kind

    def next_run(self) -> str:
        """What is wrong after the next run; blank when all is whole and nothing is left."""
        after = self.write()
        left = litter(self.folder)
        return f"the next run: {after.code} {after.stderr}" if after.code else f"left: {left}" if left else ""


def steps(place: Place) -> tuple[str, ...]:
    """Everything that writing does to files, in its order."""
    done = place.write(disk={"folder": str(place.folder)})
    assert done.code == 0, done.stderr
    assert len(done.deeds) > 80
    return done.deeds


def try_steps(server: Server, base: Path, numbers: Iterable[int], tally: Tally, fault: dict[str, Any]) -> None:
    for number in numbers:
        place = Place(server, base)
        done = place.write(disk={"folder": str(place.folder), "nth": number, **fault})
        kind = place.became(done)
        tally.add(f"{tally.title} {number}", place.next_run() or kind, done.code)


# --- the fast part: some places of every kind


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=[name for name, _ in KINDS])
def test_a_fault_while_writing_harms_no_report(server: Server, base: Path, kind: int) -> None:
    title, fault = KINDS[kind]
    tally = Tally(title)
    deeds = steps(Place(server, base))
    rename = next(number for number, deed in enumerate(deeds, 1) if deed == "os.rename out")
    try_steps(server, base, (len(deeds) // 3 + kind, len(deeds) // 2 + kind, rename, rename + 1), tally, fault)
    assert tally.wrong == []
    assert tally.kinds["old"] > 1


def test_a_run_killed_between_the_two_names_is_put_right_by_the_next(server: Server, base: Path) -> None:
    deeds = steps(Place(server, base))
    place = Place(server, base)
    swapped = next(number for number, deed in enumerate(deeds, 1) if deed == "os.rename out") + 1
    assert place.write(disk={"folder": str(place.folder), "nth": swapped}).code == -9
    assert not place.out.exists()
    workshop.sweep(place.folder, "out")
    assert fingerprint(place.out) == place.old


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_a_run(server: Server, base: Path, number: int, code: int) -> None:
    place = Place(server, base)
    disk = {"folder": str(place.folder), "nth": 30, "send": number}
    (done,) = server.at_once(run_of(place, base, disk=disk))
    assert (done.code, place.became(done)) == (code, "old")
    assert "still stands" in done.stderr
    assert litter(place.folder) == []


def run_of(place: Place, base: Path, **options: Any) -> dict[str, Any]:
    arguments = ["run", str(base / "practice.xlsx"), "--out", str(place.out), "--force"]
    return {"arguments": arguments, **options}


def together(server: Server, base: Path, many: int) -> tuple[list[Done], str]:
    place = Place(server, base)
    dones = server.at_once(*(place.case() for _ in range(many)))
    # who has read the old workbook's notes before another run replaced it writes nothing
    refused = [done for done in dones if done.code not in (0, 10) and "WORKBOOK_CHANGED" not in done.stderr]
    kind = place.became(*dones)
    left = litter(place.folder)
    return dones, f"{refused[0]}" if refused else f"left: {left}" if left else kind


def test_of_two_runs_at_once_one_writes(server: Server, base: Path) -> None:
    dones, kind = together(server, base, 3)
    assert kind == "new"
    assert any(done.code == 0 for done in dones)
    assert all("LOCKED" in done.stderr for done in dones if done.code == 10)


def test_who_holds_the_lock_turns_others_away_and_leaves_it_to_nobody(server: Server, base: Path) -> None:
    place = Place(server, base)
    with workshop.workshop(place.out):
        done = place.write()
        assert (done.code, place.became(done)) == (10, "old")
        assert "what to do" in done.stderr
    assert litter(place.folder) == []
    assert place.write().code == 0


def test_a_folder_beside_with_a_longer_name_is_not_swept(tmp_path: Path) -> None:
    with workshop.workshop(tmp_path / "out-2") as other:
        workshop.sweep(tmp_path, "out")
        assert other.is_dir()
        workshop.sweep(tmp_path, "out-2")
        assert not other.exists()


def test_a_sweep_of_all_leaves_what_somebody_writes_now(tmp_path: Path) -> None:
    for name in (f".b12audit-a-abcdefgh/{workshop._OLD}", "a", f".b12audit-b-abcdefgh/{workshop._OLD}", "mine"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".b12audit-c.lock").touch()
    with workshop.workshop(tmp_path / "d") as other:
        workshop.sweep_all(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "mine", other.name, ".b12audit-d.lock"}


def test_a_name_with_brackets_is_swept_too(tmp_path: Path) -> None:
    (tmp_path / ".b12audit-out[1]-abcdefgh").mkdir()
    workshop.sweep(tmp_path, "out[1]")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_read_is_never_left_out_of_a_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "archive").mkdir()
    scandir = os.scandir

    def refuse(path: str | Path) -> Any:
        if Path(path).name == "archive":
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError):
        digests(tmp_path)


# --- what Windows does


def test_a_rename_waits_for_a_program_that_looks_at_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").touch()
    waited: list[float] = []
    refusals = iter([True, True, True, False])
    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if next(refusals):
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    workshop.move(tmp_path / "one", tmp_path / "two", waited.append)
    assert (tmp_path / "two").exists()
    assert waited == sorted(waited)
    assert len(waited) == 3


def test_one_that_goes_on_holding_it_is_not_waited_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def replace(*_: object) -> Path:
        raise PermissionError(errno.EACCES, "The process cannot access the file")

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(PermissionError):
        workshop.move(tmp_path / "one", tmp_path / "two", waited.append)
    assert 0.5 < sum(waited) < 2


@pytest.mark.parametrize("name", ["CON", "nul", "Aux.txt", "com1", "LPT9.b12"])
def test_a_name_that_windows_keeps_is_refused(server: Server, base: Path, name: str) -> None:
    with pytest.raises(CannotWrite, match="Windows keeps") as refused, workshop.workshop(base / name):
        pass
    assert (refused.value.exit_code, bool(refused.value.remedy)) == (7, True)
    assert not (base / name).exists()


def test_a_name_that_is_too_long_is_said(server: Server, base: Path) -> None:
    done = server.call(WRITE, str(base / ("x" * 250)))
    assert (done.code, complaint(done)) == (7, "")
    assert "too long" in done.stderr


def test_a_console_without_the_letters_is_no_failure(server: Server, base: Path) -> None:
    practice = small(base / "Łódź β12 – ☃.xlsx")
    place = Place(server, base)
    for extra in ((), ("--json",)):
        done = server.run("run", practice, "--out", place.out, *extra, encoding="cp1252")
        assert (done.code, complaint(done)) == (0, "")
    for command in (("standards", "list"), ("standards", "show", "national"), ("check", practice, "--no-fixes")):
        done = server.run(*command, encoding="cp1252")
        assert done.code in (0, 3), (command, done.stderr)


def test_a_child_cannot_connect(server: Server) -> None:
    assert (server.call("tests.faults.deeds:connect").code, 99 in CODES) == (99, False)


# --- space


def test_a_volume_that_is_too_full_is_refused_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "free_bytes", lambda _: 1_000_000)
    with pytest.raises(CannotWrite, match="1 MB, and the report may need 5 MB") as refused:
        workshop.check_space(tmp_path / "out", 5_000_000)
    assert refused.value.exit_code == 7
    workshop.check_space(tmp_path / "out", 1_000_000)


def test_the_space_of_a_place_that_is_not_there_yet_is_that_of_its_volume(tmp_path: Path) -> None:
    assert workshop.free_bytes(tmp_path / "a" / "b") == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.05)


# --- the slow part: every place, and the page that says how it went


@dataclass
class Corpora:
    """Collects the rows of the page."""

    rows: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, tally: Tally, cases: int) -> None:
        self.wrong += tally.wrong
        print(tally.row(), flush=True)
        assert tally.kinds.total() == cases, tally.title
        self.rows.append(tally.row())

    def write(self, name: str) -> None:
        assert self.wrong == []
        counts.write(name, "cases", self.rows, counts.BECAME)


def every_step(server: Server, base: Path, corpora: Corpora) -> None:
    """Each deed of writing, failing in each way."""
    number = len(steps(Place(server, base)))
    for title, fault in KINDS:
        tally = Tally(f"Each of {number} deeds of a write: {title}")
        try_steps(server, base, range(1, number + 1), tally, fault)
        corpora.add(tally, number)


def hit(server: Server, base: Path, number: int, seconds: float, chance: random.Random) -> tuple[Place, Done]:
    """A run that a signal reached: its moment is drawn anew until the run was still alive then."""
    for _ in range(50):
        place = Place(server, base)
        (done,) = server.at_once(run_of(place, base, signal=number, after=chance.uniform(0, seconds)))
        if done.code:
            return place, done
        # it was quicker than those that were measured
        seconds = done.seconds
    raise AssertionError("no run was reached")


def run_time(server: Server, base: Path) -> float:
    """Seconds that an undisturbed run takes: the longest of three."""
    return max(server.at_once(run_of(Place(server, base), base))[0].seconds for _ in range(3))


def random_kills(server: Server, base: Path, corpora: Corpora, many: int, chance: random.Random) -> None:
    tally, seconds = Tally("kill -9 at a random moment of a run"), run_time(server, base)
    for case in range(many):
        place, done = hit(server, base, signal.SIGKILL, seconds, chance)
        kind = place.became(done)
        tally.add(f"kill {case}", place.next_run() or kind, done.code)
    assert tally.codes == {-signal.SIGKILL: many}
    corpora.add(tally, many)


def random_signals(server: Server, base: Path, corpora: Corpora, many: int, chance: random.Random) -> None:
    seconds = run_time(server, base)
    for number, title in ((signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "SIGINT")):
        tally = Tally(f"{title} at a random moment of a run")
        for case in range(many):
            place, done = hit(server, base, number, seconds, chance)
            late = f"{done.after_signal:.1f} s" if done.after_signal >= 2 else ""
            kind = place.became(done)
            tally.add(f"{title} {case}", late or place.next_run() or kind, done.code)
        assert tally.codes == {128 + number: many}
        corpora.add(tally, many)


@contextmanager
def volume(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A small disk of its own."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def small_volumes(server: Server, base: Path, corpora: Corpora) -> None:
    """A report beside its old one, on disks of every size from too small to large enough."""
    size = sum(path.stat().st_size for path in (base / "old").rglob("*")) // 1024
    tally = Tally("A disk that fills up while a report is written")
    for case in range(30):
        with volume(base / "volume", size + 120 + case * (size + 60) // 28) as folder:
            place = OnVolume(server, base, folder)
            done = place.write()
            kind = place.became(done)
            left = litter(folder)
            tally.add(f"volume {case}", f"left: {left}" if left else kind, done.code)
    assert min(tally.codes[0], tally.codes[7]) > 2
    corpora.add(tally, 30)
    tally = Tally("A disk that is read-only")
    for case in range(4):
        with volume(base / "volume", 4_000) as folder:
            place = OnVolume(server, base, folder)
            subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
            done = place.write()
            tally.add(f"read-only {case}", place.became(done), done.code)
    corpora.add(tally, 4)


class OnVolume(Place):
    """A place that is a mounted disk."""

    def __init__(self, server: Server, base: Path, folder: Path) -> None:
        self.server, self.folder, self.old = server, folder, fingerprint(base / "old")
        self.out = folder / "out"
        shutil.copytree(base / "old", self.out)


def limits(server: Server, base: Path, corpora: Corpora) -> None:
    tally = Tally("A quota: no file may grow beyond a size")
    for case in range(10):
        place = Place(server, base)
        done = place.write(largest_file=2_000 << case)
        kind = place.became(done)
        tally.add(f"quota {case}", place.next_run() or kind, done.code)
    assert min(tally.codes[0], tally.codes[7]) > 0
    corpora.add(tally, 10)
    tally = Tally("The folder vanishes while it is written to")
    for case in range(6):
        place = Place(server, base)
        gone = {"call": "tests.faults.deeds:remove_later", "arguments": [str(place.folder), 0.02 + case / 40]}
        done, _ = server.at_once(place.case(), gone)
        shutil.rmtree(place.folder, ignore_errors=True)
        tally.add(f"vanished {case}", complaint(done) or ("new" if done.code == 0 else "old"), done.code)
    corpora.add(tally, 6)


def concurrency(server: Server, base: Path, corpora: Corpora) -> None:
    for title, cases, many in (("Two runs at once", 100, 2), ("Eight runs at once", 20, 8)):
        tally = Tally(title)
        for case in range(cases):
            dones, kind = together(server, base, many)
            tally.add(f"{title} {case}", kind, *(done.code for done in dones))
        assert tally.codes[10] > cases / 2
        corpora.add(tally, cases)
    tally = Tally("A run that ends by kill -9 while another waits for its place")
    for case in range(20):
        for _ in range(50):
            place = Place(server, base)
            killed = place.case(disk={"folder": str(place.folder), "nth": 14 + 4 * case})
            dones = server.at_once(killed, place.case())
            # who comes second is turned away before it is killed
            if dones[0].code == -signal.SIGKILL:
                break
        strange = next((str(done) for done in dones if done.code not in (-9, 0, 10)), "")
        kind = place.became(*dones)
        tally.add(f"holder {case}", strange or place.next_run() or kind, *(done.code for done in dones))
    corpora.add(tally, 20)


@pytest.mark.slow
def test_every_deed_of_a_write_and_write_the_counts(server: Server, base: Path) -> None:
    corpora = Corpora()
    every_step(server, base, corpora)
    corpora.write(FAULTS)


@pytest.mark.slow
def test_any_moment_of_a_run_and_write_the_counts(server: Server, base: Path) -> None:
    corpora, chance = Corpora(), random.Random(20260331)
    random_kills(server, base, corpora, 320, chance)
    random_signals(server, base, corpora, 45, chance)
    corpora.write(KILLS)


@pytest.mark.slow
def test_limits_and_runs_at_once_and_write_the_counts(server: Server, base: Path) -> None:
    corpora = Corpora()
    limits(server, base, corpora)
    concurrency(server, base, corpora)
    corpora.write(AT_ONCE)


@pytest.mark.slow
def test_small_disks_and_write_the_counts(server: Server, base: Path) -> None:
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("disks are mounted by root alone; the counts of docs/reliability.md stay as they were")
    corpora = Corpora()
    small_volumes(server, base, corpora)
    corpora.write(DISKS)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        (FAULTS, 340),
        (KILLS, 410),
        (AT_ONCE, 146),
        (DISKS, 34),
        ("nights", 500),
        ("deeds of a night", 170),
        ("starts", 90),
    ],
)
def test_the_page_holds_the_counts_of_the_whole_corpora(name: str, least: int) -> None:
    rows = counts.read(name)
    assert sum(row[0] for row in rows.values()) >= least
    for cases, old, new, absent, wrong in rows.values():
        assert (old + new + absent, wrong) == (cases, 0)


def test_every_kill_and_every_signal_that_is_counted_hit_a_run() -> None:
    """Whoever was killed ended by that; a run that was over before is none of them."""
    page = counts.PAGE.read_text(encoding="utf-8")
    tables = [page.partition(f"<!-- counts of {name}: begin -->")[2].partition("<!--")[0] for name in EVERY]
    rows = "".join(tables).splitlines()
    for number, title, least in ((-9, "kill -9", 420), (143, "SIGTERM", 45), (130, "SIGINT", 45)):
        lines = [line.split(" | ") for line in rows if title in line]
        cases = sum(int(line[1].replace(",", "")) for line in lines)
        ended = re.findall(rf"(?<![0-9-]){number} ([0-9,]+)", " ".join(line[-1] for line in lines))
        assert sum(int(count.replace(",", "")) for count in ended) == cases >= least, title
