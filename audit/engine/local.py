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
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import reduce
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from audit.cohort.window import DateOptions
from audit.engine.gathered import Gathered
from audit.engine.judged import Counted, Plan, judge_partition
from audit.engine.layout import ROWS_A_PIECE, DataFolder
from audit.engine.spill import Piece, load, spill
from audit.engine.whole import plan_of
from audit.errors import InputRejected, NothingToAudit
from audit.intake.extract import Finding
from audit.render.folder import OWNER_FILE, OWNER_FOLDER, digest
from audit.results.nation import NationResult
from audit.results.row_counts import unusable_rows, window_of
from audit.results.scores import score_of
from audit.results.sweep import sweep_rows
from audit.standards.standard import Standard

#: treatment rows of a partition, of which a process takes about 1 kB each
ROWS_A_PARTITION: Final = 1_000_000
_MOST_PARTITIONS: Final = 4_096
_MOST_ROWS: Final = 2**31 - 3
_SPILL: Final = "spill"
_START: Final = "forkserver"


class Progress(Protocol):
    """Told of each piece of work that is done: which pass, how many are done, of how many."""

    def __call__(self, what: str, done: int, of: int) -> None:
        """Tell it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to run.

    Attributes:
        options: dates given by the user. standard: to judge by. latest: refuses an assumed extract date after it.
        workers: processes. partitions: how many, None for as many as the rows ask for.
    """

    options: DateOptions
    standard: Standard
    latest: date
    workers: int
    partitions: int | None = None


def input_digest(folder: DataFolder) -> str:
    """One SHA-256 for all files and their places."""
    lines = [f"{path.relative_to(folder.path).as_posix()} {_streamed(path)}" for path in folder.files]
    return sha256("\n".join(lines).encode()).hexdigest()


def _streamed(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            found.update(block)
    return found.hexdigest()


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
    _check_size(folder)
    partitions = wanted.partitions or _partitions(folder)
    place = out / _SPILL
    place.mkdir(mode=OWNER_FOLDER)
    for name in ("verdicts", "intervals"):
        (out / f"{name}.parquet").mkdir(mode=OWNER_FOLDER)
    gathered = Gathered(folder)
    with _pool(wanted.workers) as pool:
        pieces = list(_pieces(folder))
        jobs = [pool.submit(spill, piece, partitions, str(place), number) for number, piece in enumerate(pieces)]
        spilled = list(_finished(jobs, "sorted by patient", tell))
        plan, of_whole = plan_of(folder, spilled, digest_of_input, wanted.options, wanted.standard, wanted.latest)
        gathered.take((*strays, *of_whole))
        files = {name: [file for item in spilled if item.table == name for file in item.files] for name in
                 folder.tables}  # fmt: skip
        tasks = [pool.submit(_judge_one, number, files, plan, str(out)) for number in range(partitions)]
        total, outputs = _collected(_finished(tasks, "audited", tell), gathered)
    shutil.rmtree(place)
    if not total.belonging:
        raise _nobody(folder)
    listed = pa.Table.from_pandas(gathered.table(), preserve_index=False)
    outputs["findings.parquet"] = _written(listed, out, "findings.parquet")
    return _result(plan, total, gathered.counts(total.findings), outputs, partitions)


def _result(
    plan: Plan, total: Counted, findings: Mapping[str, Mapping[str, int]], outputs: Mapping[str, str], partitions: int
) -> NationResult:
    cohort = {
        "patients": total.patients,
        "in_cohort": total.in_cohort,
        "neurological_involvement": dict(total.status),
        "basis": dict(total.basis),
    }
    rows = [asdict(row) for row in total.rows]
    counts = {"patients": total.patients, "verdicts": total.verdicts, "intervals": total.intervals, "rows": rows}
    facts = replace(plan.reading.facts, unmapped_drugs=dict(total.unmapped))
    return NationResult(
        standard=plan.standard,
        window=window_of(plan.window, facts),
        practices=total.practices,
        cohort=cohort,
        counts={**counts, "findings": sum(findings["by_code"].values())},
        rows=total.rows,
        scores=tuple(map(score_of, total.tallies)),
        patterns=total.patterns,
        sweep=sweep_rows(total.swept),
        phases=total.phases,
        findings=findings,
        partial=unusable_rows(total.rows),
        outputs=outputs,
        partitions=partitions,
    )


def _check_size(folder: DataFolder) -> None:
    for name, table in folder.tables.items():
        if sum(part.most for part in table.parts) > _MOST_ROWS:
            remedy = "audit the practices in several folders"
            raise InputRejected(f"The table {name} has more rows than can be numbered.", where=folder.path.name,
                                remedy=remedy, code="TOO_MANY_ROWS")  # fmt: skip


def _partitions(folder: DataFolder) -> int:
    rows = max(table.rows for table in folder.tables.values())
    return min(_MOST_PARTITIONS, max(1, -(-rows // ROWS_A_PARTITION)))


def _nobody(folder: DataFolder) -> NothingToAudit:
    return NothingToAudit(
        "No patient has a vitamin B12 treatment, a recorded cause or a diagnosis date.",
        where=folder.path.name,
        remedy="check the search that made the extract, and the drug names in it",
        code="NO_B12_PATIENTS",
    )


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
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _finished(jobs: Sequence[Future[Any]], what: str, tell: Progress) -> Iterator[Any]:
    """The results in order."""
    for number, job in enumerate(jobs, 1):
        yield job.result()
        tell(what, number, len(jobs))


def _pieces(folder: DataFolder) -> Iterator[Piece]:
    """The work of the first pass: row groups up to a million rows together; a csv file is one piece."""
    for table in folder.tables.values():
        first = 0
        for part in table.parts:
            for groups, before in _groups(part.path):
                yield Piece(table.table, part.path, groups, first + before, table.names, part.practice, table.practice,
                            folder.by_practice)  # fmt: skip
            first += part.most


def _groups(path: Path) -> Iterator[tuple[tuple[int, ...] | None, int]]:
    if path.suffix.lower() == ".csv":
        yield None, 0
        return
    found = pq.read_metadata(path)
    held: list[int] = []
    begun = rows = 0
    for group in range(found.num_row_groups):
        held.append(group)
        rows += found.row_group(group).num_rows
        if rows - begun >= ROWS_A_PIECE:
            yield tuple(held), begun
            held, begun = [], rows
    if held:
        yield tuple(held), begun


def _judge_one(
    partition: int, files: Mapping[str, list[str]], plan: Plan, out: str
) -> tuple[Counted, tuple[Finding, ...], dict[str, str]]:
    """Judges a partition and writes its tables; counts, findings and the digests of the files."""
    found = {name: load(paths, partition) for name, paths in files.items()}
    judged = judge_partition({name: table for name, table in found.items() if table is not None}, plan)
    tables = {"verdicts": judged.verdicts, "intervals": judged.intervals}
    named = {f"{name}.parquet/part-{partition:05d}.parquet": table for name, table in tables.items()}
    return judged.counted, judged.findings, {name: _written(table, Path(out), name) for name, table in named.items()}


def _written(table: pa.Table, out: Path, name: str) -> str:
    """Writes a table whose coded columns are text to whoever reads it; the file's SHA-256."""
    path = out / name
    pq.write_table(table, path, store_schema=False, row_group_size=len(table) or None)
    path.chmod(OWNER_FILE)
    return digest(path)


