"""The log of a site: JSON lines, rotated, with counts and codes and nothing of a patient."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from audit.nightly.status import iso

FILE: Final = "log.jsonl"
_LARGEST, _KEPT = 1_000_000, 5
#: what a line may say beside its event; anything else is a mistake of ours
_FIELDS: Final = frozenset(
    ("code", "exit_code", "run_id", "rows", "patients", "days", "files", "findings", "report", "removed", "seconds")
)


class _Lines(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """A line that cannot be written is a failure of the run; logging would print a traceback and go on."""
        raise  # noqa: PLE0704 - logging calls this where it caught the error


class Journal:
    """Writes lines; `now` is asked for the time of each."""

    def __init__(self, state: Path, now: Callable[[], datetime]) -> None:
        self._handler = _Lines(
            state / FILE, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8", delay=True
        )
        self._handler.setFormatter(logging.Formatter("%(message)s"))
        self._now = now

    def write(self, event: str, **facts: str | int | float) -> None:
        """One line: the time, the event, and facts that name nobody.

        Raises:
            OSError: the disk refused.
            ValueError: a fact of a name that is not known to be free of patients.
        """
        if strange := facts.keys() - _FIELDS:
            raise ValueError(f"not a fact for the log: {min(strange)}")
        line = json.dumps({"at": iso(self._now()), "event": event, **facts}, ensure_ascii=False)
        self._handler.emit(logging.LogRecord("b12audit", logging.INFO, "", 0, line, None, None))

    def close(self) -> None:
        """Lets go of the file."""
        self._handler.close()
