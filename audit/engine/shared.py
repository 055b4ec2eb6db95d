"""What every engine does before and after the partitions: numbers them, cuts the tables into pieces, sums up."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from audit.cohort.window import DateOptions
from audit.engine.gathered import Gathered
from audit.engine.judged import Counted, Judged, Plan
from audit.engine.layout import ROWS_A_PIECE, DataFolder
from audit.engine.spill import Piece
from audit.errors import CannotWrite, InputRejected, NothingToAudit
from audit.render.folder import OWNER_FILE, OWNER_FOLDER, digest
from audit.results.nation import NationResult
from audit.results.row_counts import unusable_rows, window_of
from audit.results.scores import score_of
from audit.results.sweep import sweep_rows
from audit.standards.standard import Standard

#: treatment rows of a partition, of which a process takes about 1 kB each
ROWS_A_PARTITION: Final = 1_000_000
#: bytes of memory of a process, and of each row of its partition; of disk for each row
_PROCESS, _BYTES_A_ROW, _SPILLED = 250_000_000, 1_000, 80
_MOST_PARTITIONS: Final = 4_096
_MOST_ROWS: Final = 2**31 - 3
#: rows handed to the writer at once
_ROWS_A_BATCH: Final = 1 << 16
_PUBLISHED: Final = ("verdicts", "intervals")
#: how the name of a file begins that is not written to its end
UNFINISHED: Final = ".unfinished-"
_FINDINGS: Final = "findings.parquet"


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


def input_digest(folder: DataFolder, streamed: Callable[[Sequence[Path]], Sequence[str]] | None = None) -> str:
    """One SHA-256 for all files and their places.

    Args:
        folder: of the input.
        streamed: the digest of each file, where another machine is to read them.
    """
    files = folder.files
    found = [file_digest(path) for path in files] if streamed is None else streamed(files)
    lines = [f"{path.relative_to(folder.path).as_posix()} {digest}" for path, digest in zip(files, found, strict=True)]
    return sha256("\n".join(lines).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file of any size."""
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            found.update(block)
    return found.hexdigest()


def finish(
    folder: DataFolder, plan: Plan, total: Counted, gathered: Gathered, outputs: Mapping[str, str], out: Path
) -> NationResult:
    """Writes the findings into `out`; the result of the whole.

    Args:
        folder: of the input.
        plan: by which every partition was judged.
        total: the counts of all partitions.
        gathered: the findings of all partitions.
        outputs: SHA-256 of every file written, by its place in `out`.
        out: the folder of this run.

    Raises:
        NothingToAudit: nobody in it has anything to do with vitamin B12.
    """
    if not total.belonging:
        raise _nobody(folder)
    listed = pa.Table.from_pandas(gathered.table(), preserve_index=False)
    written = {**outputs, _FINDINGS: _write(listed, out, _FINDINGS)}
    return _result(plan, total, gathered.counts(total.findings), written, len(outputs) // len(_PUBLISHED))


def publish_partition(judged: Judged, partition: int, out: Path) -> dict[str, str]:
    """Writes the tables of a partition into `out`; the SHA-256 of each file, by its place there."""
    tables = {"verdicts": judged.verdicts, "intervals": judged.intervals}
    named = {f"{name}.parquet/part-{partition:05d}.parquet": table for name, table in tables.items()}
    return {name: _write(table, out, name) for name, table in named.items()}


def make_folders(out: Path) -> None:
    """The folders of the published tables."""
    for name in _PUBLISHED:
        (out / f"{name}.parquet").mkdir(mode=OWNER_FOLDER)


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


def check_size(folder: DataFolder) -> None:
    """Refuses what cannot be numbered.

    Raises:
        InputRejected: a table has too many rows.
    """
    for name, table in folder.tables.items():
        if sum(part.most for part in table.parts) > _MOST_ROWS:
            remedy = "audit the practices in several folders"
            raise InputRejected(f"The table {name} has more rows than can be numbered.", where=folder.path.name,
                                remedy=remedy, code="TOO_MANY_ROWS")  # fmt: skip


def partitions_of(folder: DataFolder, wanted: Wanted) -> int:
    """Into how many partitions the patients are sorted."""
    if wanted.partitions is not None:
        return wanted.partitions
    rows = max(table.rows for table in folder.tables.values())
    return min(_MOST_PARTITIONS, max(1, -(-rows // ROWS_A_PARTITION)))


def _nobody(folder: DataFolder) -> NothingToAudit:
    return NothingToAudit(
        "No patient has a vitamin B12 treatment, a recorded cause or a diagnosis date.",
        where=folder.path.name,
        remedy="check the search that made the extract, and the drug names in it",
        code="NO_B12_PATIENTS",
    )


def check_room(folder: DataFolder, workers: int | None, cores: int, free: int | None) -> int:
    """How many processes the memory has room for.

    Args:
        folder: of the input.
        workers: as asked for; None: as many as there are cores, or fewer.
        cores: of this machine.
        free: bytes of memory, None where nobody can tell.

    Raises:
        CannotWrite: not for as many as were asked for, or not for one.
    """
    rows = max(table.rows for table in folder.tables.values())
    each = _PROCESS + min(rows, ROWS_A_PARTITION) * _BYTES_A_ROW
    if free is None or free >= each * (workers or cores):
        return workers or cores
    room = int(free / each)
    # what is needed is known to a factor of two
    if workers is None and free >= each / 2:
        return max(1, room)
    if workers is not None and free >= each * workers / 2:
        return workers
    what = f"Too little memory is free: {free / 1e9:,.1f} GB, and a process may need {each / 1e9:,.1f} GB."
    remedy = f"add  --workers {room}" if room else "close other programs, or take a larger machine"
    raise CannotWrite(what, where=folder.path.name, remedy=remedy, code="NO_MEMORY")


def space_for(folder: DataFolder) -> int:
    """Bytes that sorting and the output of an input may take on disk; about twice what was measured."""
    return _SPILLED * sum(table.rows for table in folder.tables.values())


def pieces_of(folder: DataFolder) -> Iterator[Piece]:
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


def _write(table: pa.Table, out: Path, name: str) -> str:
    """Writes a table whose coded columns are text to whoever reads it; the file's SHA-256.

    The file appears whole or not at all, so that whoever repeats the work of a lost machine finds no half of it.
    """
    path = out / name
    handle, beside = mkstemp(prefix=UNFINISHED, dir=path.parent)
    os.close(handle)
    unfinished = Path(beside)
    # patients are scattered by a hash: a smallest and a largest value of a file would help nobody to find a row
    pq.write_table(table, unfinished, store_schema=False, row_group_size=len(table) or None, write_statistics=False,
                   write_batch_size=_ROWS_A_BATCH)  # fmt: skip
    unfinished.chmod(OWNER_FILE)
    found = digest(unfinished)
    unfinished.replace(path)
    return found
