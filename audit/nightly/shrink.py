"""Whether an export holds far less than the last good one: lost rows look like good news otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.errors import InputIncomplete

_WHOLE = 100
#: rows from which a list that shrinks is more than chance; one that is missing counts from the first row
_MANY = 20


@dataclass(frozen=True, slots=True)
class Extent:
    """How much an export holds: treatment rows, patients, and the days from its first to its last treatment.

    `lists` are the rows of each further list or sheet, by what it is called.
    """

    rows: int
    patients: int
    days: int
    lists: Mapping[str, int] = field(default_factory=dict)


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
        **{f"rows of {name}": _drop_of_list(now.lists.get(name, 0), rows) for name, rows in last.lists.items()},
    }
    name, most = max(drops.items(), key=lambda item: item[1])
    less = f"{most:.0f}% fewer {name} than the last good run" if most < _WHOLE else f"no {name}; the last good run had"
    if most >= hold_percent:
        raise InputIncomplete(
            f"The input holds {less}.",
            where="the inbox",
            remedy="look at the export; if it is right, repeat with --accept-drop",
            code="SHRUNK",
        )
    return f"The input holds {less}." if most >= warn_percent else ""


def _drop_of_list(now: int, last: int) -> float:
    return _drop(now, last) if last >= _MANY or not now else 0.0


def _drop(now: int, last: int) -> float:
    return _WHOLE * (last - now) / last if last else 0.0
