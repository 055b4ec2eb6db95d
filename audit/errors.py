"""User errors: each says what happened, where, and what to do, and carries its own exit code.

Exit codes are those of the contract; 0 is success and 1 an internal error that nobody raises on purpose.
"""

from __future__ import annotations

from typing import ClassVar


class AuditError(Exception):
    """An error that a user can mend.

    Args:
        what: what happened, one sentence, never with text of a patient.
        where: file, sheet and cell, as far as known.
        remedy: what to do next.
        code: the message's identifier, in capitals.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.remedy, self.code = what, where, remedy, code

    def lines(self) -> list[str]:
        """The message as printed, at most a few lines."""
        head = f"{self.code}: {self.what}" if self.code else self.what
        where = [f"  where: {self.where}"] if self.where else []
        remedy = [f"  what to do: {self.remedy}"] if self.remedy else []
        return [head, *where, *remedy]


class UsageError(AuditError):
    """The command's options contradict each other."""

    exit_code = 2


class InputRejected(AuditError):
    """The input cannot be read as what it should be."""

    exit_code = 4


class IdentifiableData(AuditError):
    """The input looks like identifiable data."""

    exit_code = 5


class NothingToAudit(AuditError):
    """There is no row to audit."""

    exit_code = 6


class CannotWrite(AuditError):
    """The output cannot be written; what stood there before is untouched."""

    exit_code = 7


class Unhealthy(AuditError):
    """The unattended audit is stale, or something it needs is amiss."""

    exit_code = 9


class RunLocked(AuditError):
    """Another run holds the lock."""

    exit_code = 10


class InputIncomplete(AuditError):
    """The input is still changing, or shrank."""

    exit_code = 11


#: Exit codes of a finished run.
COMPLETE, PARTIAL, THRESHOLD_MISSED = 0, 3, 8
