"""The audit of a folder of tables on one machine: spilled by patient, then judged partition by partition.

Both passes run in processes of their own. What is held at once is a piece of a table, or a partition, in each process;
the published tables go to Parquet where they are made.
"""

from __future__ import annotations

import multiprocessing
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import Any, Final

from audit.engine.gathered import Gathered
from audit.engine.judged import Counted, Plan, judge_partition
from audit.engine.layout import DataFolder
from audit.engine.shared import (
    Progress,
    Wanted,
    check_size,
    finish,
    make_folders,
    partitions_of,
    pieces_of,
    publish_partition,
)
from audit.engine.spill import load, spill
from audit.engine.whole import plan_of
from audit.intake.extract import Finding
from audit.render.folder import OWNER_FOLDER
from audit.results.nation import NationResult

_SPILL: Final = "spill"
_START: Final = "forkserver"


def run_local(
    folder: DataFolder, digest_of_input: str, wanted: Wanted, out: Path, strays: Sequence[Finding], tell: Progress
) -> NationResult:
    """Audits the folder and writes verdicts, intervals and findings as Parquet into `out`.

    Args:
        folder: of the input.
        digest_of_input: see `input_digest`.
        wanted: how.
        out: a folder of this run's own; what is spilled there is gone afterwards.
        strays: what the identity gate warned of.
        tell: is told of the progress.

    Raises:
        AuditError: as for `audit.pipeline.audit`.
    """
    check_size(folder)
    partitions = partitions_of(folder, wanted)
    place = out / _SPILL
    place.mkdir(mode=OWNER_FOLDER)
    make_folders(out)
    gathered = Gathered(folder)
    with _pool(wanted.workers) as pool:
        pieces = list(pieces_of(folder))
        jobs = [pool.submit(spill, piece, partitions, str(place), number) for number, piece in enumerate(pieces)]
        spilled = list(_finished(jobs, "sorted by patient", tell))
        plan, of_whole = plan_of(folder, spilled, digest_of_input, wanted.options, wanted.standard, wanted.latest)
        gathered.take((*strays, *of_whole))
        files = {name: [file for item in spilled if item.table == name for file in item.files] for name in
                 folder.tables}  # fmt: skip
        tasks = [pool.submit(_judge_one, number, files, plan, str(out)) for number in range(partitions)]
        total, outputs = _collected(_finished(tasks, "audited", tell), gathered)
    shutil.rmtree(place)
    return finish(folder, plan, total, gathered, outputs, out)


def _collected(done: Iterator[tuple[Counted, tuple[Finding, ...], dict[str, str]]], gathered: Gathered
               ) -> tuple[Counted, dict[str, str]]:  # fmt: skip
    counts, outputs = [], {}
    for counted, findings, written in done:
        counts.append(counted)
        gathered.take(findings)
        outputs.update(written)
    return reduce(lambda one, two: one + two, counts), outputs


# --- processes


class _Here(Executor):
    """Does the work at once, in this process: for one worker."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Do it."""
        done: Future[Any] = Future()
        done.set_result(work(*arguments, **named))
        return done


@contextmanager
def _pool(workers: int) -> Iterator[Executor]:
    """Processes that leave interrupts to the one that started them; on any failure nothing more is begun."""
    if workers == 1:
        yield _Here()
        return
    start = _START if _START in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(start)
    if start == _START:
        # imported once, and shared by the processes that it starts
        context.set_forkserver_preload(["audit.engine.preload"])
    pool = ProcessPoolExecutor(workers, context, initializer=_leave_interrupts)
    try:
        yield pool
    except BaseException:
        _end_workers()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _end_workers() -> None:
    """Ends the processes that this one has started, so that whoever stops it need not wait for their work."""
    for process in multiprocessing.active_children():
        process.terminate()


def _leave_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _finished(jobs: Sequence[Future[Any]], what: str, tell: Progress) -> Iterator[Any]:
    """The results in order."""
    for number, job in enumerate(jobs, 1):
        yield job.result()
        tell(what, number, len(jobs))


def _judge_one(
    partition: int, files: Mapping[str, list[str]], plan: Plan, out: str
) -> tuple[Counted, tuple[Finding, ...], dict[str, str]]:
    """Judges a partition and writes its tables; counts, findings and the digests of the files."""
    found = {name: load(paths, partition) for name, paths in files.items()}
    judged = judge_partition({name: table for name, table in found.items() if table is not None}, plan)
    return judged.counted, judged.findings, publish_partition(judged, partition, Path(out))
