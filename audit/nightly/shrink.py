"""Whether an export holds far less than the last good one: lost rows look like good news otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from audit.errors import InputIncomplete

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Extent:
    """How much an export holds: treatment rows, patients, and the days from its first to its last treatment."""

    rows: int
    patients: int
    days: int


def check_shrink(now: Extent, last: Extent | None, warn_percent: int, hold_percent: int) -> str:
    """A sentence when it shrank so much that somebody should look; blank otherwise.

    Raises:
        InputIncomplete: it shrank so much that no report is made of it.
    """
    if last is None:
        return ""
    drops = {
        "treatment rows": _drop(now.rows, last.rows),
        "patients": _drop(now.patients, last.patients),
        "days of history": _drop(now.days, last.days),
    }
    name, most = max(drops.items(), key=lambda item: item[1])
    if most >= hold_percent:
        raise InputIncomplete(
            f"The input holds {most:.0f}% fewer {name} than the last good run.",
            where="the inbox",
            remedy="look at the export; if it is right, repeat with --accept-drop",
            code="SHRUNK",
        )
    return f"The input holds {most:.0f}% fewer {name} than the last good run." if most >= warn_percent else ""


def _drop(now: int, last: int) -> float:
    return _WHOLE * (last - now) / last if last else 0.0
