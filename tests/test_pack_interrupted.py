"""Ctrl-C and termination while many practices are audited or packed: at once, nothing half written, nobody left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audit.intake.run_folder import read_run_folder
from audit.render.folder import MANIFEST, digests, read_manifest
from audit.render.write_pack import PACK
from sample_data import area
from tests.faults.session import living

B12AUDIT = [sys.executable, "-m", "audit"]
PRACTICES = 8
SIGNALS = pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("area") / "inputs"
    for number in range(1, PRACTICES + 1):
        area.write(number, folder)
    return folder


@pytest.fixture(scope="module")
def reports(inputs: Path) -> list[Path]:
    place = inputs.with_name("first")
    done = subprocess.run([*B12AUDIT, "pack", "--from-inputs", str(inputs), "--out", str(place)], check=True)
    assert done.returncode == 0
    return sorted(place.with_name("first-reports").iterdir())


def interrupted(arguments: list[str], out: Path, moment: float, how: signal.Signals, code: int) -> None:
    """The command is hit at that moment, or at an earlier one where it has ended by then; `out` is where it writes."""
    while not _hit(arguments, moment, how, code):
        shutil.rmtree(out)
        moment *= 0.7


def _hit(arguments: list[str], moment: float, how: signal.Signals, code: int) -> bool:
    """Whether the signal came before the end; then the command ended at once, in its own words and alone."""
    process = subprocess.Popen([*B12AUDIT, *arguments], stderr=subprocess.PIPE, text=True, start_new_session=True)
    time.sleep(moment)
    begun = time.monotonic()
    # a terminal interrupts everybody in front of it, a machine that shuts down the one that it started
    (os.killpg if how is signal.SIGINT else os.kill)(process.pid, how)
    _, said = process.communicate(timeout=60)
    assert [*living(process.pid)] == []
    if process.returncode == 0:
        return False
    # before the program has begun, the signal ends Python itself
    assert process.returncode in (code, -how), said
    # everybody else on this machine slows the command down
    assert time.monotonic() - begun < 2 * max(1.0, os.getloadavg()[0])
    assert "INTERNAL_ERROR" not in said
    return True


def nothing_is_half_written(folder: Path) -> None:
    assert list(folder.rglob(".*")) == []
    for report in folder.rglob(MANIFEST):
        read_run_folder(report.parent, read_manifest(report.parent) or {})
    for pack in folder.rglob(PACK):
        told = read_manifest(pack.parent, PACK) or {}
        found = digests(pack.parent)
        assert {name: found[name] for name in told["outputs"]} == told["outputs"]


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.5, 3.0, 6.0])
@SIGNALS
def test_a_pack_of_inputs(inputs: Path, moment: float, how: signal.Signals, code: int, tmp_path: Path) -> None:
    arguments = ["pack", "--from-inputs", str(inputs), "--out", str(tmp_path / "out" / "pack")]
    interrupted(arguments, tmp_path / "out", moment, how, code)
    assert not list(tmp_path.rglob(PACK))
    nothing_is_half_written(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.5, 1.5, 3.0, 5.0])
@SIGNALS
def test_a_run_over_a_folder(inputs: Path, moment: float, how: signal.Signals, code: int, tmp_path: Path) -> None:
    out = tmp_path / "out" / "report"
    interrupted(["run", str(inputs), "--out", str(out)], out.parent, moment, how, code)
    assert not out.exists()
    nothing_is_half_written(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.5, 1.0, 1.5, 2.0, 2.5])
@SIGNALS
def test_a_pack_of_reports(reports: list[Path], moment: float, how: signal.Signals, code: int, tmp_path: Path) -> None:
    """The ledger may know the release already: then the same command makes the same pack, and adds no line."""
    out, ledger = tmp_path / "out" / "pack", tmp_path / "out" / "ledger.jsonl"
    arguments = ["pack", *map(str, reports), "--out", str(out), "--ledger", str(ledger)]
    interrupted(arguments, out.parent, moment, how, code)
    # the signal may come after the pack is in its place: then it is whole
    assert not out.exists() or ledger.exists()
    nothing_is_half_written(tmp_path)
    assert subprocess.run([*B12AUDIT, *arguments], check=False).returncode == 0
    nothing_is_half_written(tmp_path)
    assert len(ledger.read_text().splitlines()) == 1
