"""Reads the inputs of a command one after the other: those that cannot be read are left out, and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from audit.commands.parameters import Given
from audit.commands.progress import watched
from audit.commands.reporting import say
from audit.errors import AuditError, InputIncomplete
from audit.results.phrases import plural

if TYPE_CHECKING:
    from audit.intake.extract import Extract, SheetFacts
    from audit.intake.read import Practice

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that could not be read, and why; its name as messages may print it."""

    name: str
    error: AuditError


@dataclass(frozen=True, slots=True)
class Taken(Generic[Read]):
    """What could be read, each with its files, and what could not."""

    read: tuple[tuple[Practice, Read], ...]
    refused: tuple[Refused, ...]

    @property
    def partial(self) -> str:
        """A sentence about those that could not be read; blank when there are none."""
        if not self.refused:
            return ""
        named = ", ".join(item.name for item in self.refused)
        return f"{len(self.refused)} of {len(self.refused) + len(self.read)} files could not be used: {named}."


def take(given: Given, read: Callable[[Practice, Given], Read], unattended: bool = False) -> Taken[Read]:
    """Reads every input that `given` stands for with `read`.

    Args:
        given: the files, and how they are to be read.
        read: reads one input.
        unattended: one that is incomplete is left out by no night: the next may find it whole.

    Raises:
        AuditError: of the first input, when none could be read.
        InputIncomplete: of any input, when nobody looks on.
    """
    from audit.intake.identity.messages import safe_name  # noqa: PLC0415 - heavy imports wait
    from audit.intake.read import practices  # noqa: PLC0415

    done, refused = [], []
    found = practices(given.files)
    for practice in found:
        try:
            done.append((practice, read(practice, given)))
        except AuditError as error:
            if unattended and isinstance(error, InputIncomplete):
                raise
            names = [practice.name] if practice.folder else [path.name for path in practice.paths]
            refused.append(Refused(" and ".join(map(safe_name, names)), error))
            if len(found) > 1:
                say(f"Left out {refused[-1].name}: {error.what}")
    if refused and not done:
        raise refused[0].error
    return Taken(tuple(done), tuple(refused))


def told(practice: Practice, extract: Extract) -> Extract:
    """Says on stderr what each list of a practice was taken for, to a terminal every sheet too, and hands it on."""
    several = len(practice.paths) > 1
    for sheet in extract.facts.sheets:
        name = sheet.file if several else practice.paths[0].name
        taken = f", as {sheet.called}" if sheet.called else ""
        if sheet.called or watched():
            say(f'Reading {name} ... sheet "{sheet.sheet}", {sheet.rows:,} rows{_patients(sheet, extract)}{taken}')
    if several:
        say(f"These {len(practice.paths)} files are read as one practice.")
    return extract


def _patients(sheet: SheetFacts, extract: Extract) -> str:
    """How many patients the treatments are of."""
    return f", {plural(extract.treatments['patient'].nunique(), 'patient')}" if sheet.table == "Treatments" else ""
