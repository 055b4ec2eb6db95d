"""Ctrl-C and termination while many practices are audited for a pack: at once, and nothing half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audit.intake.run_folder import read_run_folder
from audit.render.folder import MANIFEST, read_manifest
from sample_data import area

COMMAND = [sys.executable, "-c", "from audit.cli import main; main()", "pack", "--from-inputs"]
PRACTICES = 8


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.5, 3.0, 6.0])
@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_pack_that_is_interrupted_ends_at_once(moment: float, how: signal.Signals, code: int, tmp_path: Path) -> None:
    for number in range(1, PRACTICES + 1):
        area.write(number, tmp_path / "inputs")
    command = [*COMMAND, str(tmp_path / "inputs"), "--out", str(tmp_path / "out" / "pack")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    time.sleep(moment)
    begun, used = time.monotonic(), os.times()
    # a terminal interrupts everybody in front of it, a machine that shuts down the one that it started
    (os.killpg if how is signal.SIGINT else os.kill)(process.pid, how)
    _, said = process.communicate(timeout=60)
    if process.returncode != 0:
        assert process.returncode in (code, -how), said
        assert time.monotonic() - begun < 2 + 10 * (os.getloadavg()[0] > (os.cpu_count() or 1)), used
        assert "INTERNAL_ERROR" not in said
        assert not list(tmp_path.rglob("pack.json"))
    assert [path for path in tmp_path.rglob(".*") if path.name.startswith(".")] == []
    for report in tmp_path.rglob(MANIFEST):
        read_run_folder(report.parent, read_manifest(report.parent) or {})
