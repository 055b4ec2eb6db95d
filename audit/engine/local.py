"""The audit of a folder of tables on one machine: spilled by patient, then judged partition by partition.

Both passes run in processes of their own. What is held at once is a piece of a table, or a partition, in each process;
the published tables go to Parquet where they are made.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, Final

from audit.engine.gathered import Gathered
from audit.engine.judged import Counted, Plan, judge_partition
from audit.engine.layout import DataFolder
from audit.engine.processes import workers
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
    with workers(wanted.workers) as pool:
        pieces = list(pieces_of(folder))
        jobs = [(piece, partitions, str(place), number) for number, piece in enumerate(pieces)]
        spilled = list(_told(pool.each(spill, jobs), "sorted by patient", len(jobs), tell))
        plan, of_whole = plan_of(folder, spilled, digest_of_input, wanted.options, wanted.standard, wanted.latest)
        gathered.take((*strays, *of_whole))
        files = {name: [file for item in spilled if item.table == name for file in item.files] for name in
                 folder.tables}  # fmt: skip
        tasks = [(number, files, plan, str(out)) for number in range(partitions)]
        total, outputs = _collected(_told(pool.each(_judge_one, tasks), "audited", partitions, tell), gathered)
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


def _told(done: Iterator[Any], what: str, of: int, tell: Progress) -> Iterator[Any]:
    """The results, each told of."""
    for number, result in enumerate(done, 1):
        yield result
        tell(what, number, of)


def _judge_one(
    partition: int, files: Mapping[str, list[str]], plan: Plan, out: str
) -> tuple[Counted, tuple[Finding, ...], dict[str, str]]:
    """Judges a partition and writes its tables; counts, findings and the digests of the files."""
    found = {name: load(paths, partition) for name, paths in files.items()}
    judged = judge_partition({name: table for name, table in found.items() if table is not None}, plan)
    return judged.counted, judged.findings, publish_partition(judged, partition, Path(out))
