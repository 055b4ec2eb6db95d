"""`b12audit pack`: the reports of many practices as one pack for a commissioner, under disclosure control."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from audit.commands.parameters import standard_named
from audit.commands.reporting import print_lines, reported, say
from audit.errors import InputRejected, UsageError

if TYPE_CHECKING:
    from audit.intake.run_folder import RunTables
    from audit.results.pack import SafePack
    from audit.results.pack_counts import PackCounts
    from audit.results.releases import Entry, Settled
    from audit.standards.standard import Standard

#: strengths that a pack counts; what goes beyond national guidance is the practices' own
_STRENGTHS: Final = ("mandated", "permitted")
_LEDGER: Final = "b12audit-ledger.jsonl"


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="DIR...")
@click.option("--from-inputs", type=click.Path(path_type=Path), metavar="FOLDER", help="Audit each file in it first.")
@click.option("--out", type=click.Path(path_type=Path), help="Output folder. Default: b12audit-pack-<quarter>.")
@click.option("--profile", type=click.Choice(["strict", "nda"]), default="strict", show_default=True)
@click.option("--ledger", type=click.Path(path_type=Path), metavar="FILE", help="Of releases. Default: beside --out.")
@click.option("--new-cohort", is_flag=True, help="Other practices than in the last release are meant.")
@click.option("--force", is_flag=True, help="Write the pack again even if it already exists.")
@click.pass_context
def pack(context: click.Context, /, folders: tuple[Path, ...], **options: Any) -> None:
    """Make the commissioner pack of the run folders DIR, or of folders that hold run folders."""
    with reported(debug=context.obj):
        print_lines(make_pack(folders, Asked(**options)))


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as typed."""

    from_inputs: Path | None = None
    out: Path | None = None
    profile: str = "strict"
    ledger: Path | None = None
    new_cohort: bool = False
    force: bool = False


def make_pack(folders: Sequence[Path], asked: Asked) -> list[str]:
    """Reads the runs, and releases their pack.

    Returns:
        Lines to print, the most important one last.

    Raises:
        AuditError: see `entry_of` and `release`.
    """
    from audit.commands.batch import audit_files  # noqa: PLC0415 - heavy imports wait

    if asked.from_inputs is not None:
        folders = [*folders, *audit_files(asked.from_inputs, _runs_of(asked))]
    if not folders:
        raise UsageError(
            "No run's folder was named.",
            remedy="name the folders that runs wrote: b12audit pack DIR...; or --from-inputs FOLDER",
            code="NOTHING_NAMED",
        )
    return release(entry_of(_read(folders), asked.profile), asked)


def _runs_of(asked: Asked) -> Path:
    """Where the reports of `--from-inputs` go: beside the pack, never in it."""
    place = asked.out or Path("b12audit-pack")
    return place.with_name(f"{place.name}-reports")


def _read(folders: Sequence[Path]) -> Iterator[RunTables]:
    """The runs one after another, so that no more than one is held."""
    from audit.intake.run_folder import read_run_folder  # noqa: PLC0415 - heavy imports wait
    from audit.render.folder import MANIFEST, read_manifest  # noqa: PLC0415

    for named in folders:
        found = [named] if (named / MANIFEST).is_file() else sorted(path.parent for path in named.glob(f"*/{MANIFEST}"))
        if not found:
            raise InputRejected(
                "There is no report in this folder.",
                where=str(named),
                remedy="name the folder that a run wrote; to make one: b12audit run FILE",
                code="NO_REPORT_HERE",
            )
        for folder in found:
            yield read_run_folder(folder, read_manifest(folder) or {})


def entry_of(runs: Iterable[RunTables], profile: str) -> Entry:
    """All runs counted, as a release that is not yet published.

    Raises:
        InputRejected: two runs differ in period, standard or criteria, or hold the same practice.
    """
    from audit.results.pack_counts import count_run, together  # noqa: PLC0415 - heavy imports wait
    from audit.results.publish import publish  # noqa: PLC0415
    from audit.results.releases import Entry, quarter_of  # noqa: PLC0415
    from audit.standards.disclosure import profiles  # noqa: PLC0415

    parts: list[PackCounts] = []
    seen: dict[str, str] = {}
    first: RunTables | None = None
    for run in runs:
        first = first or run
        verdicts = run.verdicts[run.verdicts["criterion"].isin(published_codes())]
        part = count_run(verdicts, run.intervals, run.period, run.numbers, run.partial)
        _check_alike(first, run, same_criteria=part.criteria == (parts[0] if parts else part).criteria)
        _check_apart(part, run.name, seen)
        parts.append(part)
    assert first is not None
    counts = together(parts)
    edition = " ".join(first.standard)
    release_ = publish(counts, profiles()[profile])
    return Entry(quarter_of(first.period), profile, edition, counts, release_, first.period[1])


def published_codes() -> list[str]:
    """The criteria that a pack counts."""
    from audit.criteria import catalogue  # noqa: PLC0415 - heavy imports wait

    return [item.code for item in catalogue() if item.strength in _STRENGTHS]


def _check_alike(first: RunTables, run: RunTables, *, same_criteria: bool) -> None:
    different = {
        "period": first.period == run.period,
        "standard or edition": first.standard == run.standard and first.numbers == run.numbers,
        "set of criteria": same_criteria,
    }
    wrong = [name for name, alike in different.items() if not alike]
    if wrong:
        raise InputRejected(
            f"Two reports have not the same {wrong[0]}: {first.name} and {run.name}.",
            where=run.name,
            remedy="audit all practices with the same --from, --to and --standard",
            code="REPORTS_DIFFER",
        )


def _check_apart(part: PackCounts, name: str, seen: dict[str, str]) -> None:
    for practice in part.practices:
        if practice in seen:
            raise InputRejected(
                f"Practice {practice} stands in two reports: {seen[practice]} and {name}.",
                where=name,
                remedy="name each practice's report once",
                code="PRACTICE_TWICE",
            )
        seen[practice] = name


def release(entry: Entry, asked: Asked) -> list[str]:
    """Publishes under what the ledger remembers: the ledger first, so that no pack is out that it does not know.

    Raises:
        AuditError: the ledger refuses (see `audit.results.releases.settle`), or the disk does.
    """
    from audit.render.write_pack import sole_release  # noqa: PLC0415 - heavy imports wait

    target = asked.out or Path(f"b12audit-pack-{_slug(entry)}")
    ledger = asked.ledger or target.resolve().parent / _LEDGER
    _check_outside(ledger, target)
    with sole_release(ledger):
        return _release(entry, asked, target, ledger)


def _release(entry: Entry, asked: Asked, target: Path, ledger: Path) -> list[str]:
    from audit.render.folder import check_place, finished  # noqa: PLC0415 - heavy imports wait
    from audit.render.write_pack import PACK, Telling, pack_id, write_ledger, write_pack  # noqa: PLC0415
    from audit.results.ledger_line import as_line  # noqa: PLC0415
    from audit.results.releases import settle  # noqa: PLC0415
    from audit.standards.disclosure import profiles  # noqa: PLC0415

    profile = profiles()[asked.profile]
    lines, known = _known(ledger)
    settled = settle(entry, known, profile, new_cohort=asked.new_cohort)
    safe = _safe(settled)
    check_place(target, PACK)
    already = not asked.force and finished(target, pack_id(safe), PACK)
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
