"""Whether an unattended audit can work here: each thing it needs, looked at and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.errors import AuditError
from audit.nightly import history
from audit.nightly.files import sole, write_whole
from audit.nightly.site import Site
from audit.render.workshop import free_bytes

#: free space under which a report may not fit, in bytes
_LEAST_FREE: Final = 500_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its name, whether it is well, and what was found."""

    name: str
    well: bool
    found: str


def examine(site: Site, inputs: Callable[[Path], object], standard: Callable[[str], object]) -> list[Check]:
    """Looks at everything an unattended audit needs.

    Args:
        site: the settings.
        inputs: finds the files of the inbox, or raises.
        standard: loads a standard, or raises.
    """
    return [
        _tried("inbox", lambda: inputs(site.inbox), f"{site.inbox} holds something to read"),
        _tried("standard", lambda: standard(site.standard), f"{site.standard} can be read"),
        _tried("reports", lambda: _probe(site.out), f"{site.out} can be written"),
        _tried("state", lambda: _probe(site.state), f"{site.state} can be written"),
        _tried("lock", lambda: _lock(site.state), "nobody holds it"),
        _tried("history", lambda: _count(site.state), "it can be read"),
        _space(site.out),
    ]


def _tried(name: str, attempt: Callable[[], object], well: str) -> Check:
    try:
        attempt()
    except AuditError as error:
        return Check(name, False, error.what)
    except OSError as error:
        return Check(name, False, error.strerror or type(error).__name__)
    return Check(name, True, well)


def _probe(folder: Path) -> None:
    probe = folder / ".probe"
    write_whole(probe, "")
    probe.unlink()


def _lock(state: Path) -> None:
    with sole(state):
        pass


def _count(state: Path) -> None:
    with history.opened(state) as connection:
        history.entries(connection)


def _space(out: Path) -> Check:
    free = free_bytes(out)
    return Check("space", free >= _LEAST_FREE, f"{free / 1e9:,.1f} GB free")
