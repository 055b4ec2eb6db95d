"""Nights that go wrong: any fault, any clock, exports still being copied; what stands, is said, and comes after."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from audit.errors import AuditError
from audit.intake.read import read_extract
from audit.nightly import history
from audit.nightly.status import alarm, read_status
from audit.nightly.steady import wait_until_steady
from tests.corpora import broken, other_formats
from tests.faults.client import ROOT, Done, Server, amiss, complaint, fingerprint, litter, open_to_others
from tests.test_cli import small
from tests.test_faults import KINDS, Corpora, Tally
from tests.test_nightly import Time

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="cases are forked")

SPEND = "tests.faults.nights:spend"
START = datetime(2026, 3, 27, 2, 0, tzinfo=UTC)
NIGHTS, DEEDS = "nights", "deeds of a night"
PROGRAM = "from audit.cli import main; main()"
#: of a site's folder of reports and its state folder, when nobody is at work
STATE = {"history.sqlite", "log.jsonl", "status.json"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nights")
    small(folder / "practice.xlsx")
    return folder


@pytest.fixture(scope="module")
def server(base: Path) -> Iterator[Server]:
    serving = Server(base, base / "practice.xlsx")
    yield serving
    serving.close()


class Site:
    """A site's folders, and what must hold of them after every night."""

    def __init__(self, server: Server, folder: Path, keep: int = 2) -> None:
        self.server, self.folder, self.keep = server, folder, keep
        self.reports, self.state = folder / "reports", folder / "reports" / ".state"
        (folder / "inbox").mkdir(parents=True, exist_ok=True)

    def export(self, rows: int) -> None:
        (self.folder / "inbox" / "records.txt").write_text(str(rows), encoding="utf-8")

    def night(self, moment: datetime, **options: Any) -> Done:
        return self.server.call(SPEND, str(self.folder), moment.isoformat(), self.keep, **options)

    def copied(self, folder: Path) -> Site:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return Site(self.server, folder, self.keep)

    def current(self) -> dict[str, str]:
        """The files of the report that the status calls the last good one."""
        status = read_status(self.state)
        return fingerprint(self.reports / status.report) if status else {}

    def untrue(self, done: Done, before: dict[str, str], moment: datetime) -> str:
        """What does not hold after a night; blank when all does."""
        if wrong := complaint(done):
            return f"{wrong}: {done.stderr}"
        folders = [path for path in self.reports.iterdir() if path.is_dir() and not path.name.startswith(".")]
        if damaged := next((path.name for path in folders if amiss(path)), ""):
            return f"{damaged} is damaged"
        return self._status_untrue(done, before, moment) or self._page_untrue(folders)

    def _page_untrue(self, folders: list[Path]) -> str:
        page = (self.reports / "latest.html").read_text(encoding="utf-8")
        return "" if any(f'href="{path.name}/report.html"' in page for path in folders) else "latest leads nowhere"

    def _status_untrue(self, done: Done, before: dict[str, str], moment: datetime) -> str:
        status, now = read_status(self.state), self.current()
        if status is None:
            return "no status"
        if not now or (done.code not in (0, -9, 143) and now != before and status.exit_code != done.code):
            return "the last good report is not the one that it was"
        if done.code == 0 and (status.exit_code, status.good_at) != (0, moment.isoformat(timespec="seconds")):
            return "the status does not say that all is well"
        alarmed = done.code == 0 and alarm(status, moment, timedelta(hours=26))
        return "an alarm although all is well" if alarmed else ""

    def left(self) -> str:
        """Litter, once a night has ended well."""
        strange = {path.name for path in self.state.iterdir()} - STATE
        return ", ".join([*litter(self.folder), *strange, *open_to_others(self.reports)])


@pytest.fixture(scope="module")
def two_nights(server: Server, base: Path) -> Site:
    site = Site(server, base / "two nights")
    for number, rows in enumerate((1_000, 1_010)):
        site.export(rows)
        assert site.night(START + timedelta(days=number)).code == 0
    return site


def third(site: Site, folder: Path, **options: Any) -> tuple[str, Done]:
    """The third night with a fault, and a fourth without: what is wrong, else old or new."""
    tried = site.copied(folder)
    tried.export(1_020)
    before, moment = tried.current(), START + timedelta(days=2)
    done = tried.night(moment, **options)
    wrong, now = tried.untrue(done, before, moment), tried.current()
    after = tried.night(moment + timedelta(days=1))
    wrong = wrong or tried.untrue(after, before, moment + timedelta(days=1)) or tried.left()
    if not wrong and after.code:
        wrong = f"the next night: {after.code} {after.stderr}"
    with history.opened(tried.state) as connection:
        kept = len(history.entries(connection))
    return wrong or ("" if kept == 3 else f"{kept} runs in the history") or ("old" if now == before else "new"), done


def deeds_of_a_night(site: Site, folder: Path) -> tuple[str, ...]:
    kind, done = third(site, folder, disk={"folder": str(folder)})
    assert (kind, done.code) == ("new", 0)
    return done.deeds


def test_a_night_with_a_fault_harms_nothing_and_the_next_is_well(two_nights: Site, base: Path) -> None:
    folder = base / "third"
    number, faults = len(deeds_of_a_night(two_nights, folder)), [fault for _, fault in KINDS]
    for place in range(1, number + 1, 7):
        kind, _ = third(two_nights, folder, disk={"folder": str(folder), "nth": place, **faults[place % len(faults)]})
        assert kind in ("old", "new"), place


def test_an_error_of_ours_is_written_into_the_status(two_nights: Site, base: Path) -> None:
    site = two_nights.copied(base / "ours")
    site.export(1_020)
    (site.folder / "inbox" / "records.txt").write_text("CANARY-7", encoding="utf-8")
    done = site.night(START + timedelta(days=2))
    assert (done.code, complaint(done)) == (1, "")
    status = read_status(site.state)
    assert status is not None
    assert (status.exit_code, status.message) == (
        1,
        "INTERNAL_ERROR: Something went wrong inside b12audit (ValueError).",
    )
    assert alarm(status, START + timedelta(days=2), timedelta(hours=26))
    assert not [path for path in site.state.iterdir() if b"CANARY" in path.read_bytes()]
    assert "CANARY" not in done.stderr + done.stdout


def test_a_clock_that_is_set_back_mixes_up_no_runs(server: Server, base: Path) -> None:
    site = Site(server, base / "back", keep=1)
    for rows, moment in ((1_000, START), (1_010, datetime(1970, 1, 2, tzinfo=UTC)), (900, START)):
        site.export(rows)
        done = site.night(moment)
        assert (done.code, site.untrue(done, {}, moment), site.left()) == (0, "", "")
    with history.opened(site.state) as connection:
        assert [entry.extent.rows for entry in history.entries(connection)] == [1_000, 1_010, 900]


# --- what a patient's record says stays in the report

CANARY = "Zzyzx-7Q"


def canaries(path: Path, event: str = "administered") -> Path:
    """A practice whose ids and texts are canaries; its name on disk names nobody."""
    rows = [["patient_id", "date", "drug", "event", "directions"]]
    for patient in range(6):
        for month in range(1, 10):
            drug = "Hydroxocobalamin 1mg/1ml" if month > 2 else f"{CANARY} drug"
            rows.append([f"{CANARY}-{patient}", f"2023-0{month}-02", drug, event, f"{CANARY} twice"])
    patients = [["patient_id", "cause"], *([f"{CANARY}-{patient}", f"{CANARY} cause"] for patient in range(6))]
    return small(path, Treatments=rows, Patients=patients)


def test_no_canary_gets_out_of_the_report(server: Server, base: Path) -> None:
    folder = base / "canaries"
    (folder / "in").mkdir(parents=True)
    settings = 'inbox = "in"\nout = "reports"\nsteady_seconds = 0\n'
    (folder / "site.toml").write_text(settings, encoding="utf-8")
    night = ("nightly", "--config", str(folder / "site.toml"))
    records = canaries(folder / "in" / "practice.xlsx")
    good = server.run(*night, disk={"folder": str(folder)})
    full = {"folder": str(folder), "nth": 40, "error": errno.ENOSPC, "sticky": True}
    canaries(records, event=f"{CANARY} event")
    dones = [good, server.run(*night), server.run(*night, disk=full)]
    dones.append(server.call("tests.faults.deeds:fail_inside", f"{CANARY} inside", *night))
    records.write_bytes(records.read_bytes()[:-900])
    dones.append(server.run(*night))
    said = "".join(f"{done.stdout}{done.stderr}{done.deeds}" for done in dones)
    kept = [path for path in (folder / "reports" / ".state").iterdir() if CANARY.encode() in path.read_bytes()]
    assert (CANARY in said, kept) == (False, [])
    assert good.code in (0, 3)
    assert {done.code for done in dones} >= {1, 4} or {done.code for done in dones} >= {1, 11}
    assert any(CANARY in path.read_text(encoding="utf-8") for path in folder.rglob("verdicts.csv"))


# --- exports still being copied

FORMATS: dict[str, Callable[[], bytes]] = {
    "xlsx": broken.workbook,
    "ods": lambda: other_formats.ods(broken.sheets()),
    "xlsb": lambda: other_formats.xlsb(broken.sheets()),
}


def wait_for_copy(folder: Path, name: str, part: float, pause: int) -> str:
    """An export that lands in two pieces: whether it was read whole, and only then."""
    path, content = folder / f"practice.{name}", FORMATS[name]()
    path.write_bytes(content[: int(len(content) * part)])
    time = Time(events={float(pause): partial(path.write_bytes, content)})
    try:
        read_extract(path)
    except AuditError as error:
        if error.exit_code not in (4, 11):
            return f"exit code {error.exit_code}"
    else:
        return "half of it was read as the whole"
    wait_until_steady(folder, [path], time.clocks(steady=20, at_most=1_800).waiting)
    if time.passed < pause + 20:
        return "read too early"
    return "new" if path.read_bytes() == content and read_extract(path).treatments.shape[0] else "not whole"


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_in_two_pieces_is_read_whole(tmp_path: Path, name: str) -> None:
    assert wait_for_copy(tmp_path, name, 0.6, 12) == "new"


def run_while_copied(server: Server, base: Path, parts: int, seconds: float) -> tuple[str, Done]:
    """A run of a file that is being copied: refused, or what it says is of the whole."""
    folder = base / "copying"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    copier = {
        "call": "tests.faults.deeds:copy_slowly",
        "arguments": [str(base / "practice.xlsx"), str(folder / "practice.xlsx"), parts, seconds],
    }
    runner = {"arguments": ["run", str(folder / "practice.xlsx"), "--out", str(folder / "out")]}
    _, done = server.at_once(copier, runner)
    if wrong := complaint(done) or amiss(folder / "out"):
        return f"{wrong}: {done.stderr}", done
    if done.code:
        refused = done.code in (4, 11) and not (folder / "out").exists()
        return "old" if refused else f"exit code {done.code}", done
    return "new" if same_files(folder / "out", base / "whole") else "half of it was read as the whole", done


def same_files(one: Path, other: Path) -> bool:
    """The same bytes but for the manifest's clock time."""
    first, second = fingerprint(one), fingerprint(other)
    manifests = [json.loads((folder / "run.json").read_text(encoding="utf-8")) for folder in (one, other)]
    for manifest in manifests:
        manifest.pop("started_at")
    return {**first, "run.json": ""} == {**second, "run.json": ""} and manifests[0] == manifests[1]


# --- clocks, places, and the same bytes

MOMENTS = {
    "an hour that comes twice": "2026-10-25T01:30:00+00:00",
    "an hour that there is not": "2026-03-29T01:00:00+00:00",
    "a leap day": "2028-02-29T23:59:59+00:00",
    "the last second of a year": "2026-12-31T23:59:59+00:00",
    "a clock that was reset": "1970-01-01T00:00:05+00:00",
    "far ahead": "2099-06-01T12:00:00+00:00",
}
ZONES = ("Europe/London", "Pacific/Kiritimati")


def run_at(server: Server, base: Path, moment: str, zone: str) -> tuple[str, Done]:
    out = base / "clock"
    shutil.rmtree(out, ignore_errors=True)
    arguments = ["run", str(base / "practice.xlsx"), "--out", str(out)]
    done = server.call("tests.faults.deeds:run_at", moment, *arguments, environment={"TZ": zone})
    if done.code:
        return (f"{done.stderr}" if complaint(done) or out.exists() else "old"), done
    return "new" if same_files(out, base / "whole") else "other bytes", done


@pytest.fixture(scope="module")
def whole(server: Server, base: Path) -> Path:
    done = server.run("run", base / "practice.xlsx", "--out", base / "whole")
    assert done.code == 0, done.stderr
    return base / "whole"


@pytest.mark.usefixtures("whole")
def test_the_hour_of_the_run_changes_no_byte(server: Server, base: Path) -> None:
    assert run_at(server, base, MOMENTS["an hour that comes twice"], ZONES[1])[0] == "new"


# --- the slow part


def clocks(server: Server, base: Path, corpora: Corpora) -> None:
    tally = Tally("Runs at odd hours in two time zones")
    for name, at in MOMENTS.items():
        for zone in ZONES:
            kind, done = run_at(server, base, at, zone)
            tally.add(f"{name} {zone}: {done.stderr}", kind, done.code)
    corpora.add(tally, 12)
    tally = Tally("Nights whose clock jumps")
    site, moment = Site(server, base / "jumps"), START
    for step, hours in enumerate((0, 24, -24, 1, -1, 8_784, -8_784, 0, 26, -500_000, 500_000, 48)):
        moment += timedelta(hours=hours)
        site.export(1_000 + step)
        before = site.current() if site.state.exists() else {}
        done = site.night(moment, environment={"TZ": ZONES[step % 2]})
        tally.add(f"jump {step}", site.untrue(done, before, moment) or site.left() or "new", done.code)
    corpora.add(tally, 12)


def copying(server: Server, base: Path, corpora: Corpora) -> None:
    tally, folder = Tally("An export that lands in two pieces"), base / "pieces"
    for case in range(40):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        tally.add(f"pieces {case}", wait_for_copy(folder, [*FORMATS][case % 3], 0.02 + case / 42, 1 + case % 18), 0)
    corpora.add(tally, 40)
    tally = Tally("A run of a file that is being copied")
    for case in range(20):
        kind, done = run_while_copied(server, base, 2 + case, 0.01 * 2 ** (case % 7))
        tally.add(f"copying {case}", kind, done.code)
    corpora.add(tally, 20)


def every_deed(site: Site, base: Path, corpora: Corpora) -> None:
    folder = base / "third"
    number = len(deeds_of_a_night(site, folder))
    for title, fault in KINDS:
        tally = Tally(f"Each of {number} deeds of a third night: {title}")
        for place in range(1, number + 1):
            kind, done = third(site, folder, disk={"folder": str(folder), "nth": place, **fault})
            tally.add(f"{title} {place} {done.deeds[place - 1 : place]}", kind, done.code)
        corpora.add(tally, number)


def fault_of(chance: random.Random, folder: Path) -> dict[str, Any]:
    """One of the things that happen in a year; most nights nothing does."""
    drawn = chance.random()
    if drawn > 0.5:
        return {}
    if drawn < 0.1:
        return {"signal": chance.choice((signal.SIGKILL, signal.SIGTERM)), "after": chance.uniform(0.001, 0.06)}
    error = chance.choice((0, errno.EIO, errno.EACCES, errno.ENOSPC))
    nth = chance.randrange(1, 130)
    return {"disk": {"folder": str(folder), "nth": nth, "error": error, "sticky": error == errno.ENOSPC}}


def a_year(server: Server, base: Path, corpora: Corpora) -> None:
    chance, tally = random.Random(365), Tally("Nights of one year")
    site, rows, night, good = Site(server, base / "year", keep=5), 1_000, START, 0
    site.export(rows)
    assert site.night(night).code == 0
    for number in range(365):
        night += timedelta(days=1)
        rows = max(800, int(rows * chance.uniform(0.97, 1.04)))
        shrunk = chance.random() < 0.05
        site.export(rows // 3 if shrunk else rows)
        before = site.current()
        fault = fault_of(chance, site.folder)
        done = site.night(night, **fault)
        wrong = site.untrue(done, before, night) or (shrunk and done.code == 0 and "a shrunken export went through")
        good = good + 1 if done.code == 0 else good
        wrong = wrong or (done.code == 0 and not fault and site.left())
        tally.add(f"night {number}", wrong or ("old" if site.current() == before else "new"), done.code)
    assert good > 150
    corpora.add(tally, 365)


def real_nights(server: Server, base: Path, corpora: Corpora) -> None:
    """The same by the command, of a workbook."""
    folder, tally, chance = base / "real", Tally("Nights by the command"), random.Random(12)
    folder.mkdir()
    text = 'inbox = "in"\nout = "reports"\nsteady_seconds = 0\nkeep_runs = 2\n'
    (folder / "site.toml").write_text(text, encoding="utf-8")
    (folder / "in").mkdir()
    site = Site(server, folder)
    night = ["nightly", "--config", str(folder / "site.toml")]
    for number in range(12):
        days = [f"2023-{month:02}-0{1 + number % 9}" for month in range(1, 12)]
        rows = [["patient_id", "date", "drug", "event"]]
        rows += [["A1", day, "Hydroxocobalamin 1mg/1ml solution for injection", "administered"] for day in days]
        small(folder / "in" / "practice.xlsx", Treatments=rows)
        before = site.current() if site.state.exists() else {}
        fault = fault_of(chance, folder) if number else {}
        done = server.run(*night, **fault)
        status = read_status(site.state)
        wrong = complaint(done) or next(filter(None, (amiss(path) for path in site.reports.glob("2*"))), "")
        if done.code == 0 and (status is None or status.exit_code or (not fault and site.left())):
            wrong = wrong or f"left: {site.left()}"
        tally.add(f"night {number}", wrong or ("old" if site.current() == before else "new"), done.code)
    corpora.add(tally, 12)


def same_bytes(server: Server, base: Path, corpora: Corpora) -> None:
    tally, out = Tally("The same input again: other zone, place, mask, hash seed"), base / "again"
    for case in range(40):
        shutil.rmtree(out, ignore_errors=True)
        where = {"TZ": ("UTC", *ZONES)[case % 3], "LANG": ("C", "en_GB.UTF-8")[case % 2], "COLUMNS": str(40 + case)}
        case_folder = (base, base.parent)[case % 2]
        done = server.run(
            *("run", base / "practice.xlsx", "--out", out),
            environment=where, umask=(0o000, 0o022, 0o077)[case % 3], folder=str(case_folder),
        )  # fmt: skip
        same = same_files(out, base / "whole") and not open_to_others(out)
        tally.add(f"again {case}", "new" if same else "other bytes", done.code)
    for seed in range(10):
        shutil.rmtree(out, ignore_errors=True)
        command = [sys.executable, "-c", PROGRAM, "run", str(base / "practice.xlsx"), "--out", str(out)]
        ran = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": str(seed)}, capture_output=True, check=False
        )
        tally.add(f"seed {seed}", "new" if same_files(out, base / "whole") else "other bytes", ran.returncode)
    corpora.add(tally, 50)


@pytest.mark.slow
def test_every_deed_of_a_night_and_write_the_counts(base: Path, two_nights: Site) -> None:
    corpora = Corpora()
    every_deed(two_nights, base, corpora)
    corpora.write(DEEDS)


@pytest.mark.slow
@pytest.mark.usefixtures("whole")
def test_all_nights_and_write_the_counts(server: Server, base: Path) -> None:
    corpora = Corpora()
    a_year(server, base, corpora)
    real_nights(server, base, corpora)
    copying(server, base, corpora)
    clocks(server, base, corpora)
    same_bytes(server, base, corpora)
    corpora.write(NIGHTS)
