"""`b12audit run FOLDER --engine local` or `spark`: a folder of tables too large for one sheet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit.commands.parameters import Given, standard_named
from audit.commands.reporting import print_json, print_lines, say
from audit.errors import COMPLETE, PARTIAL, THRESHOLD_MISSED, UsageError

if TYPE_CHECKING:
    from audit.commands.auditing import Asked
    from audit.engine.layout import DataFolder
    from audit.results.nation import NationResult
    from audit.standards.standard import Standard

ENGINES: Final = ("auto", "local", "spark")
_TOLD_EVERY: Final = 10
#: of a pool on Windows
_MOST_PROCESSES: Final = 61


def is_nation(engine: str, given: Given) -> bool:
    """Whether the input is to be audited partition by partition: asked for, or a folder with a folder of Treatments.

    Raises:
        UsageError: asked for, with an input that is no one folder.
    """
    folders = [path for path in given.files if path.is_dir()]
    if engine == "auto" and not any(map(_has_treatments, folders)):
        return False
    if len(given.files) == len(folders) == 1:
        return True
    raise UsageError(
        f"--engine {'local' if engine == 'auto' else engine} reads one folder of tables.",
        remedy="name the folder that holds the folders Treatments, Patients, Tests and Reviews",
        code="ENGINE_NEEDS_A_FOLDER",
    )


def _has_treatments(path: Path) -> bool:
    """Whether a folder of treatments stands in the folder; no heavy import for every other run."""
    return any(inside.name.lower() == "treatments" and inside.is_dir() for inside in path.iterdir())


def run_nation(asked: Asked, *, as_json: bool = False, opened: bool = False) -> int:
    """Audits the one folder that is named, and says what came of it; the exit code.

    Raises:
        AuditError: see `audit.engine.local.run_local`.
    """
    from audit.engine.processes import warmed_up  # noqa: PLC0415 - only for a folder

    started = datetime.now(UTC)
    _check_form(asked, opened)
    # before the heavy imports, so that they are made here and there at the same time
    with warmed_up(1 if asked.engine == "spark" else asked.workers or _cores()):
        return _run(asked, started, as_json=as_json)


def _run(asked: Asked, started: datetime, *, as_json: bool) -> int:
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.engine.layout import open_folder  # noqa: PLC0415
    from audit.engine.shared import Wanted, space_for  # noqa: PLC0415
    from audit.engine.whole import pass_folder  # noqa: PLC0415
    from audit.render.folder import check_place, finished  # noqa: PLC0415
    from audit.render.nation import write_nation  # noqa: PLC0415
    from audit.render.workshop import check_space  # noqa: PLC0415
    from audit.render.write import run_id  # noqa: PLC0415

    standard = standard_named(asked.standard)
    thresholds = _thresholds(asked, standard)
    path = asked.given.files[0]
    folder = open_folder(path, asked.given.mapping.of(path))
    strays = pass_folder(folder)
    target = asked.out or path.resolve().parent / f"{path.resolve().name}-b12audit"
    check_place(target)
    check_space(target, space_for(folder))
    today, workers = started.astimezone().date(), _workers(asked, folder)
    wanted = Wanted(DateOptions(**asked.given.dates), standard, today, workers)
    stamp = started.isoformat(timespec="seconds")
    with _engine(asked) as (digest, run):
        sha256 = digest(folder)
        identity = run_id({path.name: sha256}, asked.told(), standard.identity)
        if not asked.force and not thresholds and finished(target, identity):
            said = _Said([f"Nothing has changed: the tables stand in {target}"], already=True)
        else:
            tell = _tell_nobody if asked.quiet else _tell
            result = write_nation(lambda place: run(folder, sha256, wanted, place, strays, tell), target,
                                  identity=identity, options=asked.told(), started_at=stamp)  # fmt: skip
            said = _said(result, target, thresholds)
    return _ended(said, target, as_json=as_json, quiet=asked.quiet)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a run says at its end; `late` are the thresholds that were missed, `already` that the tables stood there."""

    lines: list[str]
    late: tuple[str, ...] = ()
    already: bool = False


def _workers(asked: Asked, folder: DataFolder) -> int:
    """Processes here; a cluster's workers have memory of their own."""
    from audit.engine.shared import check_room  # noqa: PLC0415 - heavy imports wait
    from audit.intake.memory import free_memory  # noqa: PLC0415

    if asked.engine == "spark":
        return asked.workers or _cores()
    return check_room(folder, asked.workers, _cores(), free_memory())


def _cores() -> int:
    # Windows waits for no more than so many at once
    return min(os.cpu_count() or 1, _MOST_PROCESSES)


@contextmanager
def _engine(asked: Asked) -> Iterator[tuple[Callable[[DataFolder], str], Callable[..., NationResult]]]:
    """How the input is digested and audited: here, or on a cluster."""
    from audit.engine.shared import input_digest  # noqa: PLC0415 - heavy imports wait

    if asked.engine != "spark":
        from audit.engine.local import run_local  # noqa: PLC0415

        yield input_digest, run_local
        return
    from audit.engine.spark import digests, run_spark, session  # noqa: PLC0415

    with session(asked.master) as spark:
        yield partial(input_digest, streamed=partial(digests, spark)), partial(run_spark, spark)


def _thresholds(asked: Asked, standard: Standard) -> Mapping[str, int]:
    from audit.criteria import judged_by  # noqa: PLC0415 - heavy imports wait
    from audit.results.thresholds import parse_thresholds  # noqa: PLC0415

    return parse_thresholds(asked.fail_under, [criterion.code for criterion in judged_by(standard)])


def _said(result: NationResult, target: Path, thresholds: Mapping[str, int]) -> _Said:
    from audit.render.nation import nation_lines  # noqa: PLC0415 - heavy imports wait
    from audit.results.thresholds import missed  # noqa: PLC0415

    late = tuple(missed(result.scores, thresholds))
    return _Said([*nation_lines(result, target), *late], late)


def _ended(said: _Said, target: Path, *, as_json: bool, quiet: bool) -> int:
    """Prints the lines, the counts, or nothing; the exit code, which is the same however it is asked for."""
    from audit.render.folder import read_manifest  # noqa: PLC0415 - heavy imports wait
    from audit.render.nation import SUMMARY  # noqa: PLC0415

    counts = read_manifest(target, SUMMARY) or {}
    code = PARTIAL if counts["cohort"]["partial"] else THRESHOLD_MISSED if said.late else COMPLETE
    if as_json:
        head = {"exit_code": code, "already": said.already, "missed": list(said.late), "folder": str(target)}
        print_json({**head, **counts, "run": {"run_id": counts["run"]["run_id"]}})
    elif not quiet:
        print_lines(said.lines)
    return code


def _check_form(asked: Asked, opened: bool) -> None:
    if asked.master and asked.engine != "spark":
        raise UsageError("--master names a Spark cluster.", remedy="add --engine spark", code="ENGINE_MASTER")
    aside = asked.given.fill_down or asked.compare or asked.save_map or asked.previous or asked.notes or opened
    if asked.form != "parquet" or aside:
        raise UsageError(
            "A folder of tables is audited into Parquet alone, without a report, and compared with nothing.",
            remedy="add --format parquet, and leave out --fill-down, --compare, --previous, --notes, --save-map and "
            "--open",
            code="ENGINE_FORMAT",
        )


def _tell(what: str, done: int, of: int) -> None:
    """A line of progress at every tenth."""
    if done == of or done * _TOLD_EVERY // of != (done - 1) * _TOLD_EVERY // of:
        say(f"{done:,} of {of:,} {'pieces' if what.startswith('sorted') else 'partitions'} {what}")


def _tell_nobody(what: str, done: int, of: int) -> None:
    """For --quiet."""
