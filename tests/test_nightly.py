"""One night and the next: what is written, what is held back, what stands after a failure, and when it is an alarm."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.errors import AuditError, CannotWrite, InputIncomplete, InputRejected, RunLocked, UsageError
from audit.nightly import history, shelf
from audit.nightly.files import write_whole
from audit.nightly.health import examine
from audit.nightly.journal import Journal
from audit.nightly.night import Clocks, Facts, spend_night
from audit.nightly.schedule import KINDS, schedule_lines
from audit.nightly.shrink import Extent, check_shrink
from audit.nightly.site import Site, read_site, seconds_of, site_text
from audit.nightly.status import Status, alarm, iso, read_status
from audit.nightly.steady import Waiting, wait_until_steady
from audit.render.folder import digest
from tests import fake_result as fake

START = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)


@dataclass
class Time:
    """A clock that moves only when somebody sleeps, and calls what is to happen at a second."""

    passed: float = 0.0
    events: dict[float, Callable[[], object]] = field(default_factory=dict)

    def clock(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        for moment in sorted(moment for moment in self.events if moment <= self.passed):
            self.events.pop(moment)()

    def moment(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def clocks(self, steady: float = 0, at_most: float = 60) -> Clocks:
        return Clocks(self.moment, Waiting(steady, at_most, self.clock, self.sleep))


USUAL = Extent(1_000, 100, 1_500)


@dataclass
class FakeAuditor:
    """Judges by what the test says and writes a small report folder."""

    extent: Extent = USUAL
    run_id: str = "a" * 16
    error: AuditError | None = None
    disk: OSError | None = None
    written: list[Path] = field(default_factory=list)

    def inputs(self, place: Path) -> Sequence[Path]:
        return sorted(place.iterdir())

    def judge(self, inputs: Sequence[Path]) -> Facts:
        if self.error:
            raise self.error
        return Facts(self.run_id, "2026-03-31", "national", self.extent, fake.result().scores, 0, False, 3)

    def write(self, target: Path) -> None:
        if self.disk:
            raise self.disk
        target.mkdir()
        (target / "report.html").write_text("report", encoding="utf-8")
        outputs = {"report.html": digest(target / "report.html")}
        manifest = {"run_id": self.run_id, "outputs": outputs}
        (target / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
        self.written.append(target)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "records.xlsx").write_text("export", encoding="utf-8")
    return Site(inbox, tmp_path / "reports", tmp_path / "reports" / ".state", keep_runs=2)


def night(site: Site, auditor: FakeAuditor, time: Time | None = None, **options: bool) -> tuple[int, bool]:
    found = spend_night(site, auditor, (time or Time()).clocks(), "1.2.3", **options)
    return found.exit_code, found.new


def lines_of_log(site: Site) -> list[dict[str, object]]:
    return [json.loads(line) for line in (site.state / "log.jsonl").read_text(encoding="utf-8").splitlines()]


# --- a night


def test_a_first_night_leaves_a_report_a_pointer_a_status_a_history_and_a_log(site: Site) -> None:
    auditor = FakeAuditor()
    assert night(site, auditor) == (0, True)
    assert [path.name for path in auditor.written] == ["2026-03-31-aaaaaaaa"]
    assert "2026-03-31-aaaaaaaa/report.html" in (site.out / "latest.html").read_text(encoding="utf-8")
    status = read_status(site.state)
    assert status is not None
    assert (status.exit_code, status.report, status.good_at) == (0, "2026-03-31-aaaaaaaa", iso(START))
    with history.opened(site.state) as connection:
        assert [entry.extent for entry in history.entries(connection)] == [auditor.extent]
        points = history.over_time(connection, fake.NEURO)
    score = next(score for score in fake.result().scores if score.criterion == fake.NEURO)
    assert [(point.met, point.eligible) for point in points] == [(score.met, score.eligible)]
    assert [line["event"] for line in lines_of_log(site)] == ["started", "published"]


def test_the_same_export_again_is_not_audited_again(site: Site) -> None:
    auditor, time = FakeAuditor(), Time()
    night(site, auditor, time)
    time.passed = 86_400
    assert night(site, auditor, time) == (0, False)
    assert len(auditor.written) == 1
    status = read_status(site.state)
    assert status is not None
    assert status.good_at == iso(START + timedelta(days=1))


def test_a_report_that_was_damaged_is_made_again(site: Site) -> None:
    auditor = FakeAuditor()
    night(site, auditor)
    (auditor.written[0] / "report.html").unlink()
    (auditor.written[0] / "run.json").unlink()
    auditor.written[0].rmdir()
    assert night(site, auditor) == (0, True)


def test_a_failure_leaves_the_last_good_run_in_the_status(site: Site) -> None:
    night(site, FakeAuditor())
    refused = FakeAuditor(error=InputRejected("It is no workbook.", where="x", remedy="y", code="NOT_A_WORKBOOK"))
    with pytest.raises(InputRejected):
        night(site, refused, Time(passed=100))
    status = read_status(site.state)
    assert status is not None
    assert (status.exit_code, status.message) == (4, "NOT_A_WORKBOOK: It is no workbook.")
    assert (status.good_at, status.report) == (iso(START), "2026-03-31-aaaaaaaa")
    assert shelf.is_whole(site.out / "2026-03-31-aaaaaaaa")
    assert lines_of_log(site)[-1]["event"] == "failed"


def test_a_full_disk_is_code_7_and_leaves_the_old_report(site: Site) -> None:
    night(site, FakeAuditor())
    with pytest.raises(CannotWrite):
        night(site, FakeAuditor(run_id="b" * 16, disk=OSError(28, "No space left on device")))
    status = read_status(site.state)
    assert status is not None
    assert (status.exit_code, status.report) == (7, "2026-03-31-aaaaaaaa")
    assert shelf.is_whole(site.out / "2026-03-31-aaaaaaaa")


def test_old_reports_are_pruned_and_their_history_stays(site: Site) -> None:
    for letter in "abcd":
        night(site, FakeAuditor(run_id=letter * 16))
    assert sorted(path.name for path in site.out.iterdir() if path.is_dir() and path.name != ".state") == [
        "2026-03-31-cccccccc",
        "2026-03-31-dddddddd",
    ]
    with history.opened(site.state) as connection:
        assert len(history.entries(connection)) == 4


def test_a_folder_that_is_no_report_is_not_pruned(site: Site) -> None:
    night(site, FakeAuditor())
    (site.out / "2026-03-31-aaaaaaaa" / "run.json").write_text("mine", encoding="utf-8")
    assert shelf.prune(site.out, ["2026-03-31-aaaaaaaa"]) == (0, 0)
    assert (site.out / "2026-03-31-aaaaaaaa" / "report.html").exists()


def test_an_old_report_that_somebody_has_open_is_a_warning(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(_: Path) -> None:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(shelf, "discard", held)
    for letter in "abc":
        assert night(site, FakeAuditor(run_id=letter * 16)) == (0, True)
    status = read_status(site.state)
    assert status is not None
    assert status.warnings == ("1 old report folders could not be removed; close what is open in them.",)
    assert shelf.is_whole(site.out / "2026-03-31-aaaaaaaa")


# --- shrinking


@pytest.mark.parametrize(
    ("rows", "said"), [(1_000, ""), (801, ""), (800, "20% fewer"), (501, "50% fewer"), (2_000, "")]
)
def test_a_smaller_export_warns(rows: int, said: str) -> None:
    found = check_shrink(Extent(rows, 100, 1_500), Extent(1_000, 100, 1_500), 20, 50)
    assert said in found
    assert bool(said) == bool(found)


@pytest.mark.parametrize("now", [Extent(500, 100, 1_500), Extent(1_000, 50, 1_500), Extent(1_000, 100, 750)])
def test_half_an_export_is_held_until_somebody_looks(site: Site, now: Extent) -> None:
    night(site, FakeAuditor())
    half = FakeAuditor(now, "b" * 16)
    with pytest.raises(InputIncomplete, match="50% fewer"):
        night(site, half)
    assert half.written == []
    assert night(site, half, accept_drop=True) == (0, True)


# --- waiting


def test_an_export_that_is_still_copied_is_waited_for(site: Site) -> None:
    growing, time = site.inbox / "records.xlsx", Time()
    time.events = {float(second): partial(growing.write_bytes, b"x" * second) for second in (2, 4, 6)}
    wait_until_steady(site.inbox, [growing], time.clocks(5).waiting)
    assert time.passed >= 11


def test_one_that_never_ends_is_given_up(site: Site) -> None:
    growing, time = site.inbox / "records.xlsx", Time()
    time.events = {float(second): partial(growing.write_bytes, b"x" * second) for second in range(1, 200)}
    with pytest.raises(InputIncomplete, match="goes on changing"):
        wait_until_steady(site.inbox, [growing], time.clocks(5, 60).waiting)
    assert 60 <= time.passed < 70


@pytest.mark.parametrize("name", ["export.xlsx.part", "records.xlsx.crdownload", "~$records.xlsx"])
def test_a_marker_of_an_unfinished_file_is_waited_for(site: Site, name: str) -> None:
    marker, time = site.inbox / name, Time()
    marker.touch()
    with pytest.raises(InputIncomplete, match="not finished"):
        wait_until_steady(site.inbox, [], time.clocks(0, 10).waiting)
    time = Time(events={3.0: marker.unlink})
    wait_until_steady(site.inbox, [], time.clocks(0, 10).waiting)
    assert time.passed >= 3


# --- the lock


HOLD = """
import sys, time
from pathlib import Path
from audit.nightly.files import sole
with sole(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(site: Site, root: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the site's lock."""
    site.state.mkdir(parents=True)
    command = [sys.executable, "-c", HOLD, str(site.state)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_run_is_turned_away_and_a_killed_holder_leaves_no_lock(
    site: Site, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(RunLocked) as locked:
        night(site, FakeAuditor())
    assert locked.value.exit_code == 10
    assert read_status(site.state) is None
    holder.kill()
    holder.wait(10)
    assert night(site, FakeAuditor()) == (0, True)


# --- the status


GOOD = Status(iso(START), 0, "A new report is there.", iso(START), "a" * 16, "r")


@pytest.mark.parametrize(
    ("status", "hours", "said"),
    [
        (GOOD, 26, ""),
        (GOOD, 26.1, "26 hours ago"),
        (replace(GOOD, exit_code=3), 1, ""),
        (replace(GOOD, exit_code=8), 1, ""),
        (replace(GOOD, exit_code=4, message="NO"), 1, "The last attempt failed: NO"),
        (replace(GOOD, good_at=""), 1, "No run has left a report yet"),
        (GOOD, -2, "in the future"),
        (GOOD, -0.5, ""),
        (None, 0, "There is no status"),
    ],
)
def test_silence_and_failure_are_alarms(status: Status | None, hours: float, said: str) -> None:
    found = alarm(status, START + timedelta(hours=hours), timedelta(hours=26))
    assert said in found
    assert bool(said) == bool(found)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tried_at": 1}', "\x00"])
def test_a_damaged_status_is_no_status(tmp_path: Path, text: str) -> None:
    (tmp_path / "status.json").write_text(text, encoding="utf-8")
    assert read_status(tmp_path) is None


def test_what_is_written_whole_replaces_or_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "status.json"
    write_whole(path, "old")
    assert path.stat().st_mode & 0o077 == 0

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="space"):
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


# --- the history


def test_an_older_history_is_brought_up_to_date(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / history.FILE) as old:
        old.executescript(history._MIGRATIONS[0] + "PRAGMA user_version = 1;")
        old.execute("INSERT INTO run VALUES ('r', 't', '2026-01-01', 'national', '0', 'f', 1, 2, 3, 0)")
    old.close()
    with history.opened(tmp_path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(history._MIGRATIONS),)
        assert [entry.run_id for entry in history.entries(connection)] == ["r"]


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at", b"SQLite format 3\x00"])
def test_a_damaged_history_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / history.FILE).write_bytes(content)
    with pytest.raises(CannotWrite, match="history"), history.opened(tmp_path):
        pass


def test_a_newer_history_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / history.FILE) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(CannotWrite), history.opened(tmp_path):
        pass


# --- the log


def test_the_log_takes_no_text_that_could_name_a_patient(tmp_path: Path) -> None:
    journal = Journal(tmp_path, lambda: START)
    with pytest.raises(ValueError, match="patient_id"):
        journal.write("published", patient_id="P0001")
    journal.write("published", patients=3)
    journal.close()
    assert json.loads((tmp_path / "log.jsonl").read_text(encoding="utf-8")) == {
        "at": "2026-03-31T02:00:00+00:00",
        "event": "published",
        "patients": 3,
    }


def test_the_log_is_rotated(tmp_path: Path) -> None:
    journal = Journal(tmp_path, lambda: START)
    for _ in range(300):
        journal.write("published", report="x" * 10_000)
    journal.close()
    sizes = [path.stat().st_size for path in tmp_path.glob("log.jsonl*")]
    assert len(sizes) > 2
    assert max(sizes) <= 1_000_000


# --- the settings


def test_the_settings_that_init_writes_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(site_text("in\\box", 'out "1"', "national"), encoding="utf-8")
    site = read_site(path)
    assert site == Site(tmp_path / "in\\box", tmp_path / 'out "1"', tmp_path / 'out "1"' / ".state")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inbox = 'a'", "out is missing"),
        ("inbox = 'a'\nout = 'b'\nkeep = 3", "no setting keep"),
        ("inbox = 'a'\nout = 'b'\nkeep_runs = 0", "keep_runs must be"),
        ("inbox = 'a'\nout = 'b'\nkeep_runs = true", "keep_runs must be"),
        ("inbox = 'a'\nout = 'b'\nwarn_percent = 60", "larger than hold"),
        ("inbox = 'a'\nout = 'b'\nfail_under = 3", "must be a table"),
        ("inbox = ", "TOML"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "site.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_site(path)


def test_settings_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_site(tmp_path / "site.toml")


@pytest.mark.parametrize(("text", "seconds"), [("26h", 93_600), ("90m", 5_400), ("2d", 172_800), ("5s", 5)])
def test_an_age(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "26", "h", "0h", "-1h", "1.5h", "26 h"])
def test_no_age(text: str) -> None:
    with pytest.raises(ValueError, match="is not an age"):
        seconds_of(text)


# --- doctor and schedule


def test_the_doctor_names_what_is_amiss(site: Site) -> None:
    site.out.mkdir()
    site.state.mkdir()

    def missing(_: object) -> None:
        raise InputRejected("There is no such file.", code="NO_SUCH_FILE")

    assert all(check.well for check in examine(site, lambda _: None, lambda _: None))
    a_file = replace(site, state=site.inbox / "records.xlsx")
    found = {check.name: check for check in examine(a_file, missing, lambda _: None)}
    assert sorted(name for name, check in found.items() if not check.well) == ["history", "inbox", "lock", "state"]
    assert found["inbox"].found == "There is no such file."


@pytest.mark.parametrize("kind", KINDS)
def test_a_schedule_names_the_program_the_settings_and_the_time(kind: str) -> None:
    lines = "\n".join(schedule_lines(kind, Path("/opt/b 12/b12audit"), Path("/srv/50%/site.toml"), 2, 5))
    assert {"systemd": "02:05", "cron": "5 2 * * *", "windows": "T02:05"}[kind] in lines
    wanted = {
        "systemd": "'/opt/b 12/b12audit' nightly --config /srv/50%%/site.toml",
        "cron": r"'/opt/b 12/b12audit' nightly --config /srv/50\%/site.toml",
        "windows": r"\opt\b 12\b12audit</Command>",
    }
    assert wanted[kind] in lines


# --- the commands


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture(scope="module")
def running(little: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose first night has passed; its settings."""
    folder = tmp_path_factory.mktemp("site")
    config = folder / "site.toml"
    made = invoke("init", "--config", config, "--inbox", "in", "--out", "reports", "--standard", "national")
    assert made.exit_code == 0, made.output
    config.write_text(config.read_text(encoding="utf-8").replace("steady_seconds = 20", "steady_seconds = 0"), "utf-8")
    shutil.copy(little, folder / "in" / "records.xlsx")
    assert invoke("status", "--config", config).exit_code == 9
    assert invoke("doctor", "--config", config).exit_code == 0
    night = invoke("nightly", "--config", config)
    assert night.exit_code == 0, night.output
    return config


def reports(config: Path) -> list[Path]:
    return sorted((config.parent / "reports").glob("2*"))


def test_a_night_by_the_command(running: Path) -> None:
    (report,) = reports(running)
    assert invoke("verify", report).exit_code == 0
    again = invoke("nightly", "--config", running)
    assert "Already audited" in again.stdout
    assert reports(running) == [report]
    assert invoke("status", "--config", running, "--max-age", "26h").exit_code == 0
    told = json.loads(invoke("status", "--config", running, "--json").stdout)
    assert (told["healthy"], told["report"]) == (True, report.name)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (running.parent / "reports").rglob("*"))


def test_the_commands_of_a_site_refuse_what_cannot_be(running: Path, tmp_path: Path) -> None:
    assert invoke("nightly", "--config", tmp_path / "none.toml").exit_code == 2
    assert invoke("status", "--config", running, "--max-age", "soon").exit_code == 2
    assert invoke("schedule", "--config", running, "--print", "cron", "--at", "25:00").exit_code == 2
    assert invoke("verify", tmp_path).exit_code == 9
    assert invoke("init", "--config", running, "--inbox", "a", "--out", "b", "--standard", "national").exit_code == 7


def test_a_changed_report_is_noticed_and_named(running: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(reports(running)[0], copy)
    (copy / "verdicts.csv").write_text("less", encoding="utf-8")
    (copy / "intervals.csv").unlink()
    refused = invoke("verify", copy)
    assert refused.exit_code == 9
    assert "intervals.csv is missing, verdicts.csv has changed" in refused.stderr


def test_half_an_export_is_held_by_the_command(running: Path) -> None:
    inbox = running.parent / "in"
    (inbox / "records.xlsx").rename(running.parent / "whole.xlsx")
    lines = ["patient_id,date,drug,event", "A1,2026-03-01,Hydroxocobalamin 1mg/1ml ampoules,administered"]
    (inbox / "records.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    held = invoke("nightly", "--config", running)
    assert held.exit_code == 11
    assert "SHRUNK" in held.stderr
    assert invoke("status", "--config", running).exit_code == 9
    assert len(reports(running)) == 1
    (inbox / "records.csv").unlink()
    (running.parent / "whole.xlsx").rename(inbox / "records.xlsx")
    assert invoke("nightly", "--config", running).exit_code == 0
    assert invoke("status", "--config", running).exit_code == 0


def test_the_commands_of_the_readme_in_their_order(
    little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke("init", "--inbox", "inbox", "--out", "reports", "--standard", "national").exit_code == 0
    config = tmp_path / "site.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("steady_seconds = 20", "steady_seconds = 0"), "utf-8")
    shutil.copy(little, tmp_path / "inbox")
    for command in ("doctor", "nightly", "status --max-age 26h", "schedule --print cron"):
        assert invoke(*command.split()).exit_code == 0, command
    assert (tmp_path / "reports" / "latest.html").is_file()
