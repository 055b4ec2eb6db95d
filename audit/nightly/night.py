"""One night: wait for the export, audit it once, hold back what looks cut off, keep what was there until then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from audit.errors import AuditError, CannotWrite
from audit.nightly import history, shelf
from audit.nightly.files import make_private, sole, sweep
from audit.nightly.history import Entry
from audit.nightly.journal import Journal
from audit.nightly.shrink import Extent, check_shrink
from audit.nightly.site import Site
from audit.nightly.status import FILE as STATUS
from audit.nightly.status import Status, failed, iso, read_status, write_status
from audit.nightly.steady import Waiting, check_unchanged, wait_until_steady
from audit.render import workshop
from audit.results.audit import Score


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run came to, as far as the nightly audit needs it."""

    run_id: str
    extract_date: str
    standard: str
    extent: Extent
    scores: Sequence[Score]
    exit_code: int
    partial: bool
    findings: int


class Auditor(Protocol):
    """Reads and judges the inputs; writes the report only when told to, into a folder that did not exist."""

    def inputs(self, place: Path) -> Sequence[Path]:
        """The files that an audit of the place would read."""

    def judge(self, inputs: Sequence[Path]) -> Facts:
        """Reads and judges."""

    def write(self, target: Path) -> None:
        """Writes, verifies and publishes what was judged last."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The time of day, how to wait, and what stops a night that takes too long, with an `AuditError`."""

    moment: Callable[[], datetime]
    waiting: Waiting
    limit: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True, slots=True)
class Night:
    """How it ended: the exit code, what to say, the report folder, and whether that is new."""

    exit_code: int
    message: str
    report: Path
    new: bool
    warnings: tuple[str, ...] = field(default=())


def spend_night(site: Site, auditor: Auditor, clocks: Clocks, version: str, accept_drop: bool = False) -> Night:
    """One unattended run: nothing there is harmed by any failure, and every end is written into the status.

    Args:
        site: the settings.
        auditor: reads, judges and writes.
        clocks: the time.
        version: of the program.
        accept_drop: a person has looked at an export that shrank.

    Raises:
        AuditError: the run failed; the status says so, the previous report stands.
    """
    make_private(site.out)
    make_private(site.state)
    with sole(site.state), closing(Journal(site.state, clocks.moment)) as journal:
        return _Shift(site, auditor, clocks, version, journal).work(accept_drop)


@dataclass(frozen=True, slots=True)
class _Shift:
    """Everything that one night works with."""

    site: Site
    auditor: Auditor
    clocks: Clocks
    version: str
    journal: Journal

    def work(self, accept_drop: bool) -> Night:
        """The whole night; a failure is written down and raised again."""
        try:
            self._sweep()
            self.journal.write("started")
            with self.clocks.limit():
                return self._audit(accept_drop)
        except AuditError as error:
            self._note_failure(error, error.exit_code)
            raise
        except OSError as error:
            refused = self._refused(error)
            self._note_failure(refused, refused.exit_code)
            raise refused from error
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else AuditError.exit_code
            self._note_failure(AuditError("The run was stopped before its end.", code="STOPPED"), code)
            raise
        except Exception as error:
            # the text of an exception may quote the data: its kind alone is kept
            what = f"Something went wrong inside b12audit ({type(error).__name__})."
            self._note_failure(AuditError(what, code="INTERNAL_ERROR"), AuditError.exit_code)
            raise

    def _sweep(self) -> None:
        """Removes what a night that was killed left behind."""
        sweep(self.site.state, STATUS)
        sweep(self.site.out, shelf.LATEST)
        workshop.sweep_all(self.site.out)

    def _refused(self, error: OSError, before: str = "") -> CannotWrite:
        what = f"{before}The disk refused ({error.strerror or type(error).__name__})."
        return CannotWrite(what, where=str(self.site.out), remedy="free some space", code="CANNOT_WRITE")

    def _note_failure(self, error: AuditError, exit_code: int) -> None:
        message = f"{error.code}: {error.what}" if error.code else error.what
        before, state = read_status(self.site.state), self.site.state
        try:
            write_status(state, failed(before, self.clocks.moment(), exit_code, message, self.version))
            self.journal.write("failed", code=error.code, exit_code=exit_code)
        except OSError as refusal:
            raise self._refused(refusal, f"{error.what} That could not be written down: ") from error

    def _audit(self, accept_drop: bool) -> Night:
        site = self.site
        facts = self._judged()
        with history.opened(site.state) as connection:
            entries = history.entries(connection)
        before = next((entry for entry in entries if entry.run_id == facts.run_id), None)
        if before is not None and shelf.is_whole(site.out / before.folder):
            return self._unchanged(facts, before.folder)
        last = entries[-1].extent if entries and not accept_drop else None
        drop = check_shrink(facts.extent, last, site.warn_percent, site.hold_percent)
        return self._publish(facts, (drop,) if drop else ())

    def _judged(self) -> Facts:
        """What the inbox holds, once it stands still; judged only if it still holds that afterwards."""
        site = self.site
        seen = wait_until_steady(site.inbox, self.auditor.inputs(site.inbox), self.clocks.waiting)
        facts = self.auditor.judge(inputs := self.auditor.inputs(site.inbox))
        check_unchanged(site.inbox, inputs, seen)
        return facts

    def _unchanged(self, facts: Facts, folder: str) -> Night:
        """The export is the one audited already: its report is current, and nothing is written anew."""
        message = "Already audited: the report of exactly this export is there."
        self._settle(facts, folder, message, ())
        self.journal.write("unchanged", run_id=facts.run_id, report=folder)
        return Night(facts.exit_code, message, self.site.out / folder, new=False)

    def _publish(self, facts: Facts, warnings: tuple[str, ...]) -> Night:
        site, folder = self.site, f"{facts.extract_date}-{facts.run_id[:8]}"
        self.auditor.write(site.out / folder)
        entries = self._remember(facts, folder)
        removed, stuck = shelf.prune(site.out, shelf.past_keeping(entries, site.keep_runs, folder))
        if stuck:
            warnings = (*warnings, f"{stuck} old report folders could not be removed; close what is open in them.")
        self._tell(facts, folder, removed)
        message = "A new report is there."
        self._settle(facts, folder, message, warnings)
        return Night(facts.exit_code, message, site.out / folder, new=True, warnings=warnings)

    def _remember(self, facts: Facts, folder: str) -> list[Entry]:
        """Adds the run to the history; every run there, oldest first."""
        made, standard = iso(self.clocks.moment()), facts.standard
        entry = Entry(
            facts.run_id, made, facts.extract_date, standard, self.version, folder, facts.extent, facts.partial
        )
        with history.opened(self.site.state) as connection:
            history.remember(connection, entry, facts.scores)
            return history.entries(connection)

    def _settle(self, facts: Facts, folder: str, message: str, warnings: tuple[str, ...]) -> None:
        """Points to the report and says that all went well."""
        shelf.point_to(self.site.out, folder)
        at = iso(self.clocks.moment())
        status = Status(at, facts.exit_code, message, at, facts.run_id, folder, warnings, self.version)
        write_status(self.site.state, status)

    def _tell(self, facts: Facts, folder: str, removed: int) -> None:
        extent = facts.extent
        counts = {"rows": extent.rows, "patients": extent.patients, "days": extent.days, "findings": facts.findings}
        self.journal.write("published", run_id=facts.run_id, report=folder, exit_code=facts.exit_code, **counts)
        if removed:
            self.journal.write("pruned", removed=removed)
