"""A process that has imported everything and forks a child for each case: a whole run costs a fraction of a second.

It reads lists of cases from standard input, one JSON list a line; the cases of a list run at the same time. For each
list it writes one line with what became of them. No child can open a connection.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from audit.commands.stopping import stoppable
from tests.faults.disk import Disk

#: a child that is not done by then hangs
_MOST_SECONDS = 120


def _import_everything() -> None:
    import audit  # noqa: PLC0415 - what is imported here, no child imports again

    for package in pkgutil.walk_packages(audit.__path__, "audit."):
        importlib.import_module(package.name)
    for name in ("tests.faults.nights", "openpyxl", "pyarrow.parquet", "pandera.pandas", "xlsxwriter", "sqlite3"):
        importlib.import_module(name)


def _warm_up(records: Path) -> None:
    """One audit: what the libraries prepare at their first use, no child prepares again."""
    from tests.faults import deeds  # noqa: PLC0415

    deeds.judge(records)
    with tempfile.TemporaryDirectory() as place:
        deeds.write(str(Path(place) / "out"))


def _stay_here(event: str, _: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo"):
        os.write(2, b"NETWORK USED\n")
        os._exit(99)


def _call(case: dict[str, Any]) -> None:
    if "call" in case:
        module, _, name = case["call"].partition(":")
        getattr(importlib.import_module(module), name)(*case["arguments"])
        return
    from audit.cli import main  # noqa: PLC0415

    main([*case["arguments"]], prog_name="b12audit")


def _child(case: dict[str, Any]) -> None:
    """Runs a case with its standard streams in files; never returns."""
    for number, stream in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(case[stream], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    encoding = case.get("encoding", "utf-8")
    sys.stdout = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.stderr = open(2, "w", encoding=encoding, closefd=False, buffering=1, errors="backslashreplace")  # noqa: SIM115
    os.environ.update(case.get("environment", {}))
    time.tzset()
    os.umask(case.get("umask", 0o022))
    os.chdir(case["folder"])
    if "largest_file" in case:
        resource.setrlimit(resource.RLIMIT_FSIZE, (case["largest_file"], resource.RLIM_INFINITY))
    disk = Disk(**case["disk"]) if "disk" in case else None
    code = 0
    try:
        if disk:
            disk.install()
        os.close(case["said"])
        with stoppable(ends=True):
            _call(case)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback  # noqa: PLC0415

        traceback.print_exc()
        code = 1
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    if disk:
        disk.tell(case["told"])
    os._exit(code)


def _start(case: dict[str, Any]) -> int:
    """Forks; returns when the child has reached the first line of its work."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _child({**case, "said": said})
    os.close(said)
    os.read(heard, 1)
    os.close(heard)
    return child


def _wait(child: int, case: dict[str, Any], began: float) -> dict[str, Any]:
    """Sends the case's signal at its moment; the exit code, minus the signal for one that a signal ended."""
    deadline, sent = began + _MOST_SECONDS, 0.0
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        now = time.monotonic()
        if done:
            code = os.waitstatus_to_exitcode(status)
            return {"code": code, "seconds": now - began, "after_signal": now - sent if sent else 0.0}
        if "signal" in case and not sent and now - began >= case["after"]:
            os.kill(child, case["signal"])
            sent = now
        if now > deadline:
            os.kill(child, signal.SIGKILL)
            deadline = now + _MOST_SECONDS
        time.sleep(0.002)


def main() -> None:
    """Serves until standard input ends."""
    sys.path.insert(0, str(Path.cwd()))
    sys.addaudithook(_stay_here)
    with contextlib.redirect_stdout(sys.stderr):
        _import_everything()
        _warm_up(Path(sys.argv[1]))
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    print("ready", flush=True)
    for line in sys.stdin:
        cases = json.loads(line)
        children = [_start(case) for case in cases]
        began = time.monotonic()
        results = [_wait(child, case, began) for child, case in zip(children, cases, strict=True)]
        print(json.dumps(results), flush=True)


if __name__ == "__main__":
    main()
