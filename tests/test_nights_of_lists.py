"""Nights whose export is several lists of one practice, nights that are stopped, and nights that take too long."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.commands.stopping import Stopped, stoppable
from audit.errors import InputIncomplete, Unhealthy, UsageError
from audit.nightly import history
from audit.nightly.night import Clocks, Facts, spend_night
from audit.nightly.shrink import Extent, check_shrink
from audit.nightly.site import Site, read_site
from audit.nightly.status import Status, read_status
from audit.nightly.steady import Waiting
from tests.faults.client import fingerprint
from tests.intake_files import write_csv
from tests.test_nightly import START, FakeAuditor, Time, night, site

__all__ = ["site"]

INJECTION = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
PATIENTS = [f"P{number}" for number in range(1, 9)]
LISTS = {
    "issues": [
        ["Pseudo ID", "Date of Issue", "Name", "Dosage", "Quantity"],
        *([id_, f"0{day}-{month}-2025", INJECTION, "1 every 3 months", "1"]
          for day, id_ in enumerate(PATIENTS, 1) for month in ("Jan", "Apr", "Jul", "Oct")),
    ],
    "coded": [
        ["Pseudo ID", "Date", "SNOMED Code", "Code Term"],
        *([id_, "03-Feb-2020", "84027009", "Pernicious anaemia"] for id_ in PATIENTS),
    ],
    "immunisations": [
        ["Pseudo ID", "Date", "Code Term", "Route", "Batch Number"],
        *([id_, "05-Jan-2025", "Hydroxocobalamin injection", "Intramuscular", "A1"] for id_ in PATIENTS),
    ],
    "people": [
        ["Pseudo ID", "Gender", "Year of Birth", "Registration Date"],
        *([id_, "Female", "1950", "01-Jan-2010"] for id_ in PATIENTS),
    ],
}  # fmt: skip


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


@dataclass
class Practice:
    """A site by its folder, and its lists beside it."""

    folder: Path

    def lands(self, *names: str) -> None:
        for name in names:
            write_csv(self.folder / "in" / f"{name}.csv", LISTS[name])

    def night(self, *options: str) -> Result:
        return invoke("nightly", "--config", self.folder / "site.toml", *options)

    def status(self) -> Status:
        found = read_status(self.folder / "reports" / ".state")
        assert found is not None
        return found

    def reports(self) -> list[Path]:
        return sorted((self.folder / "reports").glob("2*"))


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    (tmp_path / "in").mkdir()
    text = 'inbox = "in"\nout = "reports"\nsteady_seconds = 0\nwait_minutes = 0\n'
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    return Practice(tmp_path)


def test_four_lists_are_one_practice_as_for_a_run_of_them(practice: Practice, tmp_path: Path) -> None:
    practice.lands(*LISTS)
    done = practice.night()
    assert done.exit_code in (0, 3), done.output
    (report,) = practice.reports()
    ran = invoke("run", *sorted((tmp_path / "in").iterdir()), "--out", tmp_path / "run")
    assert ran.exit_code == done.exit_code
    tables = ("verdicts.csv", "intervals.csv", "findings.csv")
    assert [(report / name).read_bytes() for name in tables] == [
        (tmp_path / "run" / name).read_bytes() for name in tables
    ]
    (given,) = json.loads((report / "run.json").read_text(encoding="utf-8"))["inputs"]
    assert sorted(given["parts"]) == ["coded.csv", "immunisations.csv", "issues.csv", "people.csv"]
    with history.opened(tmp_path / "reports" / ".state") as connection:
        (entry,) = history.entries(connection)
    rows = {"coded events": 8, "immunisations or procedures": 8, "patients": 8}
    assert (entry.extent.patients, entry.extent.lists) == (8, rows)


def test_a_list_that_is_missing_or_half_copied_holds_the_night(practice: Practice, tmp_path: Path) -> None:
    practice.lands("issues", "coded")
    assert practice.night().exit_code in (0, 3)
    (report,), before = practice.reports(), fingerprint(practice.reports()[0])
    coded = tmp_path / "in" / "coded.csv"
    landed = coded.rename(tmp_path / "coded.csv")
    held = practice.night()
    assert (held.exit_code, practice.status().message) == (
        11,
        "SHRUNK: The input holds no rows of coded events; the last good run had.",
    )
    shutil.copy(landed, tmp_path / "in" / "coded.csv.part")
    assert (practice.night().exit_code, practice.status().message[:14]) == (11, "STILL_CHANGING")
    (tmp_path / "in" / "coded.csv.part").unlink()
    coded.write_bytes(landed.read_bytes()[:-40])
    cut = practice.night()
    assert (cut.exit_code, practice.status().message[:15]) == (11, "FILE_INCOMPLETE")
    assert (practice.reports(), fingerprint(report), practice.status().report) == ([report], before, report.name)
    landed.replace(coded)
    assert (practice.night().exit_code, practice.status().exit_code) in ((0, 0), (3, 3))
    assert practice.reports() == [report]


def test_lists_without_their_treatments_are_refused(practice: Practice) -> None:
    practice.lands("coded", "people")
    refused = practice.night()
    assert (refused.exit_code, practice.reports()) == (4, [])
    assert practice.status().message.startswith("TREATMENTS_MISSING: The list of medication issues is missing")


# --- what shrinks


@pytest.mark.parametrize(
    ("now", "last", "said"),
    [
        (100, 100, ""), (80, 100, "20% fewer rows of reviews"), (60, 100, "40% fewer"), (200, 100, ""),
        (1, 19, ""), (10, 19, ""),
    ],
)  # fmt: skip
def test_a_smaller_list_warns_unless_it_is_of_few_rows(now: int, last: int, said: str) -> None:
    before = Extent(1_000, 100, 1_500, {"reviews": last})
    found = check_shrink(Extent(1_000, 100, 1_500, {"reviews": now}), before, 20, 50)
    assert (said in found, bool(found)) == (True, bool(said))


@pytest.mark.parametrize(("now", "last"), [({}, 1), ({"reviews": 0}, 3), ({"reviews": 10}, 20)])
def test_a_list_that_is_missing_is_held(now: dict[str, int], last: int) -> None:
    with pytest.raises(InputIncomplete, match="rows of reviews"):
        check_shrink(Extent(1_000, 100, 1_500, now), Extent(1_000, 100, 1_500, {"reviews": last}), 20, 50)


# --- while it is read


@dataclass
class LateAuditor(FakeAuditor):
    """Another list lands while the first is read."""

    def judge(self, inputs: Sequence[Path]) -> Facts:
        (inputs[0].parent / "coded.csv").write_text("late", encoding="utf-8")
        return super().judge(inputs)


def test_a_list_that_lands_while_the_others_are_read_holds_the_night(site: Site) -> None:
    with pytest.raises(InputIncomplete, match="goes on changing"):
        night(site, late := LateAuditor())
    assert late.written == []
    assert night(site, FakeAuditor()) == (0, True)


# --- stopped


@dataclass
class SlowAuditor(FakeAuditor):
    """Takes its time; `signal` comes meanwhile."""

    signal: int = 0

    def judge(self, inputs: Sequence[Path]) -> Facts:
        if self.signal:
            signal.raise_signal(self.signal)
        time.sleep(0 if self.signal else 5)
        return super().judge(inputs)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_night_that_is_stopped_says_so_in_its_status(site: Site, number: int, code: int) -> None:
    night(site, FakeAuditor())
    with pytest.raises(Stopped), stoppable():
        night(site, SlowAuditor(signal=number), Time(passed=100))
    status = read_status(site.state)
    assert status is not None
    assert (status.exit_code, status.message) == (code, "STOPPED: The run was stopped before its end.")
    assert status.report == "2026-03-31-aaaaaaaa"


def test_a_night_that_takes_too_long_ends_by_itself_and_says_so(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit.commands import site as commands  # noqa: PLC0415

    practice.lands("issues")
    monkeypatch.setattr(commands, "_MINUTE", 0.002)
    monkeypatch.setattr(commands._Auditor, "judge", lambda *_: time.sleep(5))
    config = practice.folder / "site.toml"
    config.write_text(config.read_text(encoding="utf-8") + "most_minutes = 25\n", encoding="utf-8")
    began = time.monotonic()
    ended = practice.night()
    assert time.monotonic() - began < 2
    assert (ended.exit_code, "what to do" in ended.stderr, practice.reports()) == (Unhealthy.exit_code, True, [])
    assert practice.status().message == "TOOK_TOO_LONG: The night was stopped after 25 minutes; no report was lost."
    assert invoke("status", "--config", config).exit_code == 9


def test_a_night_may_not_end_while_it_waits(practice: Practice) -> None:
    config = practice.folder / "site.toml"
    config.write_text('inbox = "in"\nout = "reports"\nwait_minutes = 30\nmost_minutes = 30\n', encoding="utf-8")
    with pytest.raises(UsageError, match="while it waits"):
        read_site(config)


def test_an_interrupt_while_it_waits_is_told_too(site: Site) -> None:
    def interrupt(_: float) -> None:
        signal.raise_signal(signal.SIGTERM)

    waiting = Waiting(5, 60, lambda: 0.0, interrupt)
    with pytest.raises(Stopped), stoppable():
        spend_night(site, FakeAuditor(), Clocks(lambda: START, waiting), "1.2.3")
    status = read_status(site.state)
    assert (status and status.exit_code, site.out.is_dir()) == (143, True)
