"""Reads the ledger of releases: one JSON object a line, the oldest first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from audit.errors import InputRejected


def read_ledger(path: Path) -> list[dict[str, Any]]:
    """Every line of the ledger; none where there is no file.

    Raises:
        InputRejected: it cannot be read, or is no ledger.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        found = [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise damaged(path) from error
    if not all(isinstance(item, dict) for item in found):
        raise damaged(path)
    return found


def damaged(path: Path) -> InputRejected:
    """The error of a ledger that cannot be read."""
    return InputRejected(
        "The ledger of releases cannot be read: without it nobody knows what was released before.",
        where=str(path),
        remedy="put back the ledger as it was, from a backup; or name it: --ledger FILE",
        code="LEDGER_DAMAGED",
    )
