"""Which processes of a session still run; Linux only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def living(session: int) -> Iterator[int]:
    """The processes of that session, whoever started them; those that only wait to be fetched have ended."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (place / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state != "Z":
            yield int(place.name)
