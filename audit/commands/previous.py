"""The earlier cycle that a run compares itself with: the one that was named, else the newest that stands beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from audit.commands.reporting import say
from audit.errors import AuditError, InputRejected

if TYPE_CHECKING:
    from audit.intake.archive import Cycle
    from audit.results.audit import AuditResult
    from audit.results.compare_cycles import CyclesCompared


def compare_with_previous(
    result: AuditResult, target: Path, named: Path | None, today: date
) -> CyclesCompared | None:
    """What changed since the earlier cycle; None when there is none.

    Args:
        result: of this run.
        target: the folder that it is about to write.
        named: the earlier run's folder, when the user named one.
        today: as for `audit`.

    Raises:
        AuditError: the named folder cannot be compared with. One that was only found is left out, and that is said.
    """
    from audit.pipeline import since  # noqa: PLC0415 - heavy imports wait
    from audit.render.folder import earlier_run  # noqa: PLC0415

    if named is not None:
        return since(cycle_of(named), result, today)
    last = max(window.extract_date for window in result.windows).isoformat()
    found = earlier_run(target, sorted(map(str, result.patients["practice_id"].unique())), last)
    if found is None:
        return None
    try:
        return since(cycle_of(found), result, today)
    except AuditError as error:
        say(f"Not compared with {found.name}: {error.what}")
        return None


def cycle_of(folder: Path) -> Cycle:
    """The cycle that a run's folder keeps.

    Raises:
        InputRejected: it is no run's folder, keeps no archive, or is damaged.
    """
    from audit.intake.archive import read_cycle  # noqa: PLC0415 - heavy imports wait
    from audit.render.folder import read_manifest  # noqa: PLC0415

    manifest = read_manifest(folder)
    if manifest is None:
        raise InputRejected(
            "There is no report in this folder.",
            where=str(folder),
            remedy="name the folder that a run wrote; to make one: b12audit run FILE",
            code="NO_REPORT_HERE",
        )
    return read_cycle(folder, manifest)


def previous_hashes(compared: CyclesCompared | None, target: Path) -> list[str]:
    """Of the earlier cycle, for the run's identity: the one to write under first; blank without an earlier cycle.

    Where the earlier cycle is found no more (the run itself took its place), a report at `target` that was compared
    with it is still the report of this run.
    """
    from audit.render.folder import read_manifest  # noqa: PLC0415 - heavy imports wait

    if compared is not None and compared.old.reported is not None:
        return [compared.old.reported.hash]
    return ["", str(((read_manifest(target) or {}).get("previous") or {}).get("hash", ""))]
