"""Releases a pack under what the ledger of releases remembers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from audit.commands.parameters import standard_named
from audit.commands.reporting import say
from audit.errors import UsageError

if TYPE_CHECKING:
    from audit.results.pack import SafePack
    from audit.results.releases import Entry, Settled
    from audit.standards.standard import Standard

_LEDGER: Final = "b12audit-ledger.jsonl"


def release(
    entry: Entry, out: Path | None = None, ledger: Path | None = None, *, new_cohort: bool = False, force: bool = False
) -> list[str]:
    """Publishes under what the ledger remembers: the ledger first, so that no pack is out that it does not know.

    Raises:
        AuditError: the ledger refuses (see `audit.results.releases.settle`), or the disk does.
    """
    from audit.render.write_pack import sole_release  # noqa: PLC0415 - heavy imports wait

    target = out or Path(f"b12audit-pack-{_slug(entry)}")
    ledger = ledger or target.resolve().parent / _LEDGER
    _check_outside(ledger, target)
    with sole_release(ledger):
        return _release(entry, target, ledger, new_cohort=new_cohort, force=force)


def _release(entry: Entry, target: Path, ledger: Path, *, new_cohort: bool, force: bool) -> list[str]:
    from audit.render.folder import check_place, finished  # noqa: PLC0415 - heavy imports wait
    from audit.render.write_pack import PACK, Telling, pack_id, write_ledger, write_pack  # noqa: PLC0415
    from audit.results.ledger_line import as_line  # noqa: PLC0415
    from audit.results.releases import settle  # noqa: PLC0415
    from audit.standards.disclosure import profiles  # noqa: PLC0415

    profile = profiles()[entry.profile]
    lines, known = _known(ledger)
    settled = settle(entry, known, profile, new_cohort=new_cohort)
    safe = _safe(settled)
    check_place(target, PACK)
    already = not force and finished(target, pack_id(safe), PACK)
    if not settled.again:
        write_ledger(ledger, [*lines, as_line(settled.entry)])
    if not already:
        write_pack(safe, target, Telling(profile, _words(settled.entry.counts.criteria, settled.entry.standard)))
    return _said(settled, target, ledger, already)


def _slug(entry: Entry) -> str:
    return entry.quarter.label.rpartition(" to ")[2].replace("/", "-").replace(" ", "-")


def _check_outside(ledger: Path, target: Path) -> None:
    if ledger.resolve().is_relative_to(target.resolve()):
        raise UsageError(
            "The ledger holds exact counts and may not stand in the pack's folder.",
            where=str(ledger),
            remedy="name another place: --ledger FILE",
            code="LEDGER_IN_PACK",
        )


def _known(path: Path) -> tuple[list[dict[str, Any]], list[Entry]]:
    """The ledger's lines, and the releases that they stand for."""
    from audit.intake.ledger import damaged, read_ledger  # noqa: PLC0415 - heavy imports wait
    from audit.results.ledger_line import from_line  # noqa: PLC0415

    lines = read_ledger(path)
    try:
        return lines, [from_line(line) for line in lines]
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(path) from error


def _safe(settled: Settled) -> SafePack:
    from audit.criteria import criterion  # noqa: PLC0415 - heavy imports wait
    from audit.results.pack import Named, build_pack  # noqa: PLC0415

    entry, before = settled.entry, settled.before
    standard = _standard_of(entry.standard)
    found = [criterion(code).worded(standard) for code in entry.counts.criteria]
    named = Named(
        period=entry.quarter.label,
        before=before.quarter.label if before else "",
        standard=entry.standard,
        profile=entry.profile,
        titles=[item.title for item in found],
        strengths=[item.strength for item in found],
        joined=settled.joined,
        left=settled.left,
    )
    return build_pack(entry.counts, entry.release, named, before.release if before else None)


def _words(codes: Sequence[str], standard: str) -> dict[str, tuple[str, str]]:
    from audit.criteria import criterion  # noqa: PLC0415 - heavy imports wait

    found = [criterion(code).worded(_standard_of(standard)) for code in codes]
    return {item.code: (item.who, item.met) for item in found}


def _standard_of(named: str) -> Standard:
    """The standard whose numbers the words give; of one that does not ship, the national one."""
    from audit.standards.lineage import SHIPPED  # noqa: PLC0415 - heavy imports wait

    name = named.split(maxsplit=1)[0]
    return standard_named(name if name in SHIPPED else "national")


def _said(settled: Settled, target: Path, ledger: Path, already: bool) -> list[str]:
    counts, release_ = settled.entry.counts, settled.entry.release
    shown = int((release_.eligible >= 0).sum())
    if settled.again:
        say("This quarter was released before, with exactly these numbers.")
    return [
        f"{len(counts.practices):,} practices, {settled.entry.quarter.label}, profile {settled.entry.profile}: "
        f"{shown:,} of {release_.eligible.size:,} rows can be shown.",
        f"Ledger    {ledger}   <- exact counts: confidential, keep it, and never send it with the pack",
        f"Pack      {target / 'pack.html'}" + ("   (already there)" if already else ""),
    ]
