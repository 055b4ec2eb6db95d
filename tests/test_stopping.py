"""Ctrl-C and SIGTERM wherever they come: one message, one code, no traceback; and the night that takes too long."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit.cli import main
from audit.commands.stopping import Stopped, at_most, interrupted, stoppable
from audit.errors import Unhealthy
from tests import counts
from tests.test_cli import small
from tests.test_faults import Tally

#: sends the signal of the first argument at the nth import that matches the second, then begins as `b12audit` does
START = """
import os, sys
number, wanted, nth = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
seen = []
def watch(event, arguments):
    if event == "import" and arguments[0].startswith(wanted):
        seen.append(0)
        if len(seen) == nth:
            os.kill(os.getpid(), number)
from audit.__main__ import main
sys.addaudithook(watch)
sys.argv[:] = ["b12audit", *sys.argv[4:]]
main()
"""
ENDS = [(signal.SIGINT, 130, "Interrupted."), (signal.SIGTERM, 143, "Terminated.")]


def begin(records: Path, number: int, wanted: str, nth: int = 1) -> subprocess.CompletedProcess[str]:
    """A run that gets a signal while it imports."""
    command = [sys.executable, "-c", START, str(number), wanted, str(nth), "run", str(records), "--force"]
    return subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name == "nt", reason="a process cannot send itself these signals")
@pytest.mark.parametrize(("number", "code", "said", "wanted"), [(*ENDS[0], "click"), (*ENDS[1], "pandas")])
def test_a_signal_while_the_program_starts(tmp_path: Path, number: int, code: int, said: str, wanted: str) -> None:
    ran = begin(small(tmp_path / "practice.xlsx"), number, wanted)
    (line,) = ran.stderr.splitlines()
    assert (ran.returncode, ran.stdout, line.startswith(said)) == (code, "", True)
    assert [path.name for path in tmp_path.iterdir()] == ["practice.xlsx"]


def test_a_question_that_is_not_answered_is_an_interrupt(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["init", "--config", str(tmp_path / "site.toml")], input="")
    assert (ended.exit_code, "Interrupted." in ended.stderr, "Aborted" in ended.output) == (130, True, False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "code", "said"), ENDS)
def test_a_signal_ends_a_block_and_is_told_once(
    capsys: pytest.CaptureFixture[str], number: signal.Signals, code: int, said: str
) -> None:
    before = signal.getsignal(number)
    with pytest.raises(Stopped) as stopped, stoppable(), stoppable():
        signal.raise_signal(number)
    assert (stopped.value.code, capsys.readouterr().err.count(said)) == (code, 1)
    assert signal.getsignal(number) is before


def test_who_started_us_with_ctrl_c_switched_off_meant_it() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stoppable():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_a_thread_nothing_changes() -> None:
    found: list[object] = []

    def look() -> None:
        with stoppable():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGTERM)]


def test_a_signal_that_python_drops_comes_again() -> None:
    class Deaf:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Stopped), stoppable():
        deaf = Deaf()
        del deaf
        time.sleep(5)
        pytest.fail("it was lost")


def test_any_other_exception_that_python_drops_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError("inside")

    with stoppable():
        broken = Broken()
        del broken
    assert "ValueError: inside" in capsys.readouterr().err


# --- a limit of time

TOO_LONG = Unhealthy("It took too long.", code="TOOK_TOO_LONG")


@pytest.mark.parametrize("system", ["posix", "windows"])
def test_what_takes_too_long_is_stopped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    if system == "windows":
        monkeypatch.delattr(signal, "pthread_kill")
    began = time.monotonic()
    with pytest.raises(Unhealthy) as stopped, stoppable(), at_most(0.05, TOO_LONG):
        while time.monotonic() - began < 5:
            pass
    assert (stopped.value.exit_code, capsys.readouterr().err) == (9, "")
    assert time.monotonic() - began < 2


def test_what_ends_in_time_and_what_somebody_else_stops_is_no_matter_of_the_limit() -> None:
    with stoppable(), at_most(0.05, TOO_LONG):
        pass
    time.sleep(0.1)
    with pytest.raises(Stopped) as stopped, stoppable(), at_most(60, TOO_LONG):
        interrupted()
    assert stopped.value.code == 130


# --- the slow part


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a process cannot send itself these signals")
def test_a_signal_at_any_import_and_write_the_counts(tmp_path: Path) -> None:
    records, chance, rows = small(tmp_path / "practice.xlsx"), random.Random(130), []
    for number, code, said in ENDS:
        tally = Tally(f"{said.removesuffix('.')} at an import, from the first on")
        while tally.kinds.total() < 45:
            nth = int(1_300 ** chance.random())
            ran = begin(records, number, "", nth)
            if ran.returncode:
                told = ran.stderr.splitlines()[-1].startswith(said) and "Traceback" not in ran.stderr
                clean = [path.name for path in tmp_path.iterdir()] == ["practice.xlsx"]
                kind = "old" if told and clean and ran.returncode == code else "wrong"
                tally.add(f"{number} {nth}: {ran.stderr}", kind, ran.returncode)
        assert tally.wrong == []
        rows.append(tally.row())
    counts.write("starts", "cases", rows, counts.BECAME)
