"""Work in processes side by side: in order, and gone at once when it is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from operator import truediv
from pathlib import Path

import pytest

from audit.engine import processes
from audit.engine.processes import WorkerLost, Workers, warmed_up, workers
from benchmarks.nation import main as make_nation
from tests.faults.session import living

COUNT = 2
#: what RELIABILITY promises
SECONDS = 2.0
#: rows enough that both passes are still running when the signal comes
PATIENTS = 60_000


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """Processes that share no heavy import."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "_SHARED", [])
        with warmed_up(COUNT):
            yield


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("count", [1, COUNT])
def test_results_come_in_the_order_of_the_tasks_and_so_does_the_first_error(count: int) -> None:
    with workers(count) as pool:
        # the first task takes longest
        assert list(pool.each(sleep_and_say, [(0.2, 1), (0, 2), (0, 3), (0, 4)])) == [1, 2, 3, 4]
        done = pool.each(truediv, [(1, 1), (1, 0), (1, "x")])
        assert next(done) == 1
        with pytest.raises(ZeroDivisionError):
            next(done)


def sleep_and_say(seconds: float, what: int) -> int:
    time.sleep(seconds)
    return what


@pytest.mark.usefixtures("quick")
def test_an_interrupt_waits_for_nobody() -> None:
    begun, pids = time.monotonic(), list[int]()
    with pytest.raises(KeyboardInterrupt), workers(COUNT) as pool:
        pids += [process.pid for process in pool._processes]
        started = pool.each(time.sleep, [(0,), (600,), (600,)])
        next(started)
        raise KeyboardInterrupt
    assert len(pids) == COUNT
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert time.monotonic() - begun < 60


@pytest.mark.usefixtures("quick")
def test_a_process_that_the_machine_ends_is_no_endless_wait() -> None:
    with workers(COUNT) as pool, pytest.raises(WorkerLost):
        list(pool.each(os._exit, [(1,), (1,)]))


def test_nothing_is_started_for_one() -> None:
    pool = Workers()
    pool.start(1)
    assert list(pool.each(os.getpid, [()])) == [os.getpid()]


# --- the command


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("nation") / "data"
    make_nation(str(PATIENTS), str(place))
    return place


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("after", [None, "pieces sorted", "partitions audited"])
def test_a_signal_ends_the_command_and_all_its_processes(
    after: str | None, number: signal.Signals, code: int, nation: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", "from audit.cli import main; main()", "run", str(nation), "--engine", "local",
               "--workers", str(COUNT), "--format", "parquet", "--out", str(tmp_path / "out")]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        if after is None:
            # in the middle of the imports, here and there
            time.sleep(1)
        else:
            assert any(after in line for line in process.stderr)
        begun = time.monotonic()
        process.send_signal(number)
        process.stderr.read()
        assert process.wait() == code
        # everybody else on this machine slows the command down
        allowed = SECONDS * max(1.0, os.getloadavg()[0])
        while any(living(process.pid)) and time.monotonic() - begun < allowed:
            time.sleep(0.01)
        assert time.monotonic() - begun < allowed
    assert list(tmp_path.iterdir()) == []
