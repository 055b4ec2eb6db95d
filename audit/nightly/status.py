"""What the last run came to, for whoever watches: status.json, and whether it is an alarm."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from audit.nightly.files import write_whole

FILE: Final = "status.json"
#: clocks of two machines differ by less
_CLOCK_PLAY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Status:
    """The last attempt and the last good run; times as ISO text in UTC, blank before the first.

    Attributes:
        tried_at, exit_code, message: of the last attempt; the message names no patient.
        good_at, run_id, report: of the last run that left a whole report, made or found unchanged.
        warnings: of that run.
        version: of the program.
    """

    tried_at: str
    exit_code: int
    message: str
    good_at: str = ""
    run_id: str = ""
    report: str = ""
    warnings: tuple[str, ...] = ()
    version: str = ""


def read_status(state: Path) -> Status | None:
    """The status; None when there is none that can be read."""
    try:
        content = json.loads((state / FILE).read_text(encoding="utf-8"))
        return Status(**{**content, "warnings": tuple(content.get("warnings", ()))})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def write_status(state: Path, status: Status) -> None:
    """Puts it in place in one step."""
    write_whole(state / FILE, json.dumps(asdict(status), indent=2, ensure_ascii=False) + "\n")


def as_document(status: Status | None, wrong: str) -> dict[str, Any]:
    """The status for a program that watches: `healthy`, why not, and what is known."""
    return {"healthy": not wrong, "alarm": wrong, **(asdict(status) if status else {})}


def failed(before: Status | None, at: datetime, exit_code: int, message: str, version: str) -> Status:
    """The status after an attempt that left no new report: the last good run is still the last good run."""
    kept = before or Status("", 0, "")
    return replace(kept, tried_at=iso(at), exit_code=exit_code, message=message, version=version)


def alarm(status: Status | None, now: datetime, max_age: timedelta) -> str:
    """Why somebody should look; blank when all is well."""
    if status is None:
        return "There is no status: no run has ended here yet, or its file was damaged."
    if not status.good_at:
        return f"No run has left a report yet. The last attempt said: {status.message or 'nothing'}"
    good = datetime.fromisoformat(status.good_at)
    if good - now > _CLOCK_PLAY:
        return "The last good run lies in the future: the clock of this machine, or of the one that ran, is wrong."
    if now - good > max_age:
        hours = (now - good) // timedelta(hours=1)
        return f"The last good run was {hours:,} hours ago. The last attempt said: {status.message or 'nothing'}"
    return f"The last attempt failed: {status.message}" if _is_failure(status.exit_code) else ""


def _is_failure(exit_code: int) -> bool:
    return exit_code not in (0, 3, 8)


def iso(moment: datetime) -> str:
    """A moment as ISO text in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
