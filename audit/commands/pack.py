"""`b12audit pack`: the reports of many practices as one pack for a commissioner, under disclosure control."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from audit.commands.releasing import release
from audit.commands.reporting import print_lines, reported
from audit.errors import InputRejected, UsageError

if TYPE_CHECKING:
    from audit.intake.run_folder import RunTables
    from audit.results.pack_counts import PackCounts
    from audit.results.releases import Entry

#: strengths that a pack counts; what goes beyond national guidance is the practices' own
_STRENGTHS: Final = ("mandated", "permitted")


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
    return release(entry_of(_read(folders), asked.profile), asked.out, asked.ledger, new_cohort=asked.new_cohort,
                   force=asked.force)  # fmt: skip


def _runs_of(asked: Asked) -> Path:
    """Where the reports of `--from-inputs` go: beside the pack, never in it."""
    place = asked.out or Path("b12audit-pack")
    return place.with_name(f"{place.name}-reports")


def _read(folders: Sequence[Path]) -> Iterator[RunTables]:
    """The runs one after another, so that no more than one is held."""
    from audit.intake.heading_map import pasted  # noqa: PLC0415 - heavy imports wait
    from audit.intake.run_folder import read_run_folder  # noqa: PLC0415
    from audit.render.folder import MANIFEST, read_manifest  # noqa: PLC0415

    for named in folders:
        found = [named] if (named / MANIFEST).is_file() else sorted(path.parent for path in named.glob(f"*/{MANIFEST}"))
        if not found:
            raise InputRejected(
                "There is no report in this folder.",
                where=str(named),
                remedy="name the folder that a run wrote; for a folder of extracts:  "
                f"b12audit pack --from-inputs {pasted(str(named))}",
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
