"""What a child of the fork server is asked to do beside running a command."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from audit.commands import auditing
from audit.commands.auditing import Asked, Audited
from audit.commands.noted import noted
from audit.commands.parameters import given_files
from audit.commands.reporting import reported
from audit.render import write as write_module
from audit.results.forecast import Inputs

#: what the server judged before it forked
_judged: list[Audited] = []


def judge(records: Path) -> None:
    """Reads and judges once; every child inherits it."""
    _judged.append(auditing.judge(Asked(given_files(records), Inputs(), Path("unnamed"), force=True, quiet=True)))


def write(out: str) -> None:
    """Writes what was judged, as `run --force` does, on a volume of any size."""
    judged, target = _judged[0], Path(out)
    with reported(debug=False), mock.patch.object(write_module, "check_space"):
        notes, standing = noted(target, None, None, None)
        beside = replace(judged.beside, notes=notes, standing=standing)
        auditing.write(replace(judged, target=target, beside=beside))
        print("written")


def run_at(moment: str, *arguments: str) -> None:
    """Runs a command at a time of day that the test chose."""
    told = datetime.fromisoformat(moment)

    class Told(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return told.astimezone(UTC)

    from audit.cli import main  # noqa: PLC0415

    with mock.patch.object(auditing, "datetime", Told):
        main([*arguments], prog_name="b12audit")


def copy_slowly(source: str, target: str, parts: int, seconds: float) -> None:
    """Copies as a slow network does: piece by piece."""
    content = Path(source).read_bytes()
    size = len(content) // parts + 1
    with Path(target).open("wb", buffering=0) as file:
        for start in range(0, len(content), size):
            file.write(content[start : start + size])
            time.sleep(seconds / parts)


def remove_later(folder: str, seconds: float) -> None:
    """Takes a folder away while others work in it, as a network drive that goes."""
    time.sleep(seconds)
    Path(folder).rename(f"{folder}-gone")
    shutil.rmtree(f"{folder}-gone", ignore_errors=True)


def fail_inside(text: str, *arguments: str) -> None:
    """Runs a command in which something raises an exception that quotes the data."""
    from audit.cli import main  # noqa: PLC0415

    with mock.patch("audit.pipeline.audit", side_effect=ValueError(text)):
        main([*arguments], prog_name="b12audit")
    sys.exit(0)


def connect() -> None:
    """What no child may do."""
    with socket.socket() as one:
        one.connect(("192.0.2.1", 80))
