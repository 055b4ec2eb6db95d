"""Reads the inputs of a command one after the other: those that cannot be read are left out, and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from audit.commands.parameters import Given
from audit.commands.reporting import say
from audit.errors import AuditError

if TYPE_CHECKING:
    from audit.intake.extract import Extract

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that could not be read, and why; its name as messages may print it."""

    name: str
    error: AuditError


@dataclass(frozen=True, slots=True)
class Taken(Generic[Read]):
    """What could be read, each with its place, and what could not."""

    read: tuple[tuple[Path, Read], ...]
    refused: tuple[Refused, ...]

    @property
    def partial(self) -> str:
        """A sentence about those that could not be read; blank when there are none."""
        if not self.refused:
            return ""
        named = ", ".join(item.name for item in self.refused)
        return f"{len(self.refused)} of {len(self.refused) + len(self.read)} files could not be used: {named}."


def take(given: Given, read: Callable[[Path, Given], Read]) -> Taken[Read]:
    """Reads every input that `given` stands for with `read`.

    Raises:
        AuditError: of the first input, when none could be read.
    """
    from audit.intake.identity import safe_name  # noqa: PLC0415 - heavy imports wait
    from audit.intake.read import inputs  # noqa: PLC0415

    done, refused = [], []
    paths = inputs(given.files)
    for path in paths:
        try:
            done.append((path, read(path, given)))
        except AuditError as error:
            refused.append(Refused(safe_name(path.name), error))
            if len(paths) > 1:
                say(f"Left out {refused[-1].name}: {error.what}")
    if refused and not done:
        raise refused[0].error
    return Taken(tuple(done), tuple(refused))


def told(path: Path, extract: Extract) -> Extract:
    """Says on stderr what was read, and hands it on."""
    for sheet in extract.facts.sheets:
        say(f'Reading {path.name} ... sheet "{sheet.sheet}", {sheet.rows:,} rows')
    return extract
