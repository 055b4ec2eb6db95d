"""Audits many files at once: each in a process of its own core, each into its own run folder."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final, NoReturn

from audit.commands.reporting import say
from audit.errors import COMPLETE, PARTIAL, AuditError, InputRejected

_MOST_NAMED = 5
_TERMINATED: Final = 143
#: Windows waits for no more than so many at once
_MOST_PROCESSES = 61


def audit_files(folder: Path, reports: Path) -> list[Path]:
    """Audits every file that `folder` holds; files audited before are left as they are.

    Args:
        folder: of workbooks or other inputs, one or more practices each; or of a folder of tables for each practice.
        reports: where each file's run folder goes.

    Returns:
        The run folders, by file name.

    Raises:
        InputRejected: a file cannot be audited; the other reports are there.
    """
    from audit.intake.read import inputs  # noqa: PLC0415 - heavy imports wait

    files = inputs((folder,))
    # each in a folder of its own: a run looks for an earlier one beside its place
    places = [reports / f"{number:04d}-{path.stem}" / "report" for number, path in enumerate(files, 1)]
    for place in places:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    say(f"Auditing {len(files):,} files on {min(_cores(), len(files)):,} cores ...")
    codes = _in_parallel(files, places)
    failed = [(path.name, code) for path, code in zip(files, codes, strict=True) if code not in (COMPLETE, PARTIAL)]
    if failed:
        named = ", ".join(f"{name} (code {code})" for name, code in failed[:_MOST_NAMED])
        raise InputRejected(
            f"{len(failed):,} of {len(files):,} files could not be audited: {named}.",
            where=str(folder),
            remedy="see why with  b12audit run FILE  and mend it, or take the file out of the folder; where a file "
            "needs an option of its own, run each, and name the folders of the runs:  b12audit pack DIR...",
            code="FILES_REJECTED",
        )
    return places


def _in_parallel(files: list[Path], places: list[Path]) -> list[int]:
    """Exit codes in the order of the files; on Ctrl-C what has begun is given up, and the rest never begins."""
    if len(files) == 1 or _cores() == 1:
        return [_audit(*pair) for pair in zip(files, places, strict=True)]
    with ProcessPoolExecutor(max_workers=min(_cores(), len(files)), initializer=_begin) as pool:
        try:
            return list(pool.map(_audit, files, places))
        except BaseException:
            for worker in multiprocessing.active_children():
                worker.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST_PROCESSES)


class _GivenUp(SystemExit):
    """The one who started this process is ending."""

    everything = False


def _begin() -> None:
    """Leaves interrupts to the process that started this one, which says when to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _give_up)


def _give_up(_signal: int, _frame: object) -> NoReturn:
    # what is half written is tidied away on the way out; what was waiting in the queue finds this and never begins
    _GivenUp.everything = True
    raise _GivenUp(_TERMINATED)


def _audit(file: Path, place: Path) -> int:
    """One `b12audit run`; its exit code. It says nothing: several would speak at once."""
    if _GivenUp.everything:
        return _TERMINATED
    from audit.commands.auditing import Asked, judge, write  # noqa: PLC0415 - heavy imports wait
    from audit.commands.parameters import given_files  # noqa: PLC0415
    from audit.results.forecast import Inputs  # noqa: PLC0415

    asked = Asked(given_files(file), Inputs(), out=place, no_archive=True, form="parquet", quiet=True)
    try:
        audited = judge(asked)
        write(audited)
    except AuditError as error:
        return error.exit_code
    return audited.exit_code
