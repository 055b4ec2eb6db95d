"""Environments for peers, made by pip and npm as they are set up here: versions pinned by whoever asks.

They are made in a temporary folder that goes with the run, or kept in the folder that BENCHMARK_CACHE names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.measure import PYTHON, skip

#: seconds that making an environment may take
_PATIENCE: Final = 300
_MADE: Final = "made"


@contextmanager
def python_with(*packages: str) -> Iterator[Path]:
    """The Python of a virtual environment that holds these packages, as `name==version`.

    Raises:
        SystemExit: it cannot be made here.
    """
    with _folder(packages) as (place, made):
        python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        if not made:
            _make((PYTHON, "-m", "venv", place), place, packages)
            _make((python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--only-binary", ":all:",
                   *packages), place, packages)  # fmt: skip
            (place / _MADE).touch()
        yield python


@contextmanager
def node_with(*packages: str) -> Iterator[Path]:
    """A folder in which Node finds these packages, as `name@version`.

    Raises:
        SystemExit: it cannot be made here, or there is no Node.
    """
    if not shutil.which("node") or not shutil.which("npm"):
        skip(f"there is no Node here for {', '.join(packages)}.")
    with _folder(packages) as (place, made):
        if not made:
            place.mkdir(parents=True, exist_ok=True)
            (place / "package.json").write_text('{"private": true}\n', encoding="utf-8")
            _make(("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--save-exact",
                   *packages), place, packages)  # fmt: skip
            (place / _MADE).touch()
        yield place


@contextmanager
def _folder(packages: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    """Where the environment is, and whether it is made already."""
    if cache := os.environ.get("BENCHMARK_CACHE"):
        place = Path(cache) / "-".join(packages).replace("/", "-")
        made = (place / _MADE).exists()
        if not made:
            shutil.rmtree(place, ignore_errors=True)
        yield place, made
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch) / "environment", False


def _make(command: Sequence[str | Path], place: Path, packages: Sequence[str]) -> None:
    where = place if place.is_dir() else None
    try:
        done = subprocess.run(list(map(str, command)), cwd=where, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        skip(f"no environment for {', '.join(packages)} within {_PATIENCE} s.")
    if done.returncode:
        skip(f"no environment for {', '.join(packages)} could be made here (offline, or no such version).")
