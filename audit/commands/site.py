"""The commands of an unattended site: init, nightly, status, verify, doctor, schedule."""

from __future__ import annotations

import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from audit import __version__
from audit.commands.parameters import standard_named
from audit.commands.reporting import print_json, print_lines, reported
from audit.commands.stopping import at_most
from audit.errors import CannotWrite, Unhealthy, UsageError

if TYPE_CHECKING:
    from audit.commands.auditing import Audited
    from audit.nightly.night import Facts
    from audit.nightly.site import Site

_MINUTE: Final = 60
_CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default="site.toml",
    show_default=True,
    help="Settings.",
)


@click.command()
@_CONFIG
@click.option("--inbox", prompt="Folder that the export lands in", default="inbox", help="Where exports land.")
@click.option("--out", prompt="Folder for the reports", default="reports", help="Where reports go.")
@click.option("--standard", prompt="Standard", default="national", help="NAME or FILE.toml.")
@click.option("--force", is_flag=True, help="Replace settings that are there.")
@click.pass_context
def init(context: click.Context, /, config: Path, inbox: str, out: str, standard: str, force: bool) -> None:
    """Write the settings of an unattended site, by asking or from the options, and make its folders."""
    with reported(debug=context.obj):
        from audit.nightly.files import make_private  # noqa: PLC0415 - heavy imports wait
        from audit.nightly.site import read_site, site_text  # noqa: PLC0415
        from audit.render.folder import publish_file  # noqa: PLC0415

        standard_named(standard)
        publish_file(config, site_text(inbox, out, standard).encode(), replace=force)
        site = read_site(config)
        for folder in (site.inbox, site.out, site.state):
            make_private(folder)
        print_lines([f"Settings  {config}", f"Inbox     {site.inbox}", f"Next: b12audit doctor --config {config}"])


@click.command()
@_CONFIG
@click.option("--accept-drop", is_flag=True, help="Somebody has looked at an export that shrank.")
@click.pass_context
def nightly(context: click.Context, /, config: Path, accept_drop: bool) -> None:
    """Audit the export in the inbox unattended: wait for it, audit it once, hold back what looks cut off."""
    with reported(debug=context.obj):
        from audit.nightly.night import Clocks, spend_night  # noqa: PLC0415 - heavy imports wait
        from audit.nightly.site import read_site  # noqa: PLC0415
        from audit.nightly.steady import Waiting  # noqa: PLC0415

        site = read_site(config)
        waiting = Waiting(site.steady_seconds, site.wait_minutes * _MINUTE, time.monotonic, time.sleep)
        limit = partial(at_most, site.most_minutes * _MINUTE, _too_long(site))
        clocks = Clocks(lambda: datetime.now(UTC), waiting, limit)
        night = spend_night(site, _Auditor(site), clocks, __version__, accept_drop)
        print_lines([*night.warnings, night.message, f"Report    {night.report / 'report.html'}"])
        sys.exit(night.exit_code)


def _too_long(site: Site) -> Unhealthy:
    return Unhealthy(
        f"The night was stopped after {site.most_minutes} minutes; no report was lost.",
        where=str(site.inbox),
        remedy="look whether the machine was busy, or set a larger most_minutes in site.toml",
        code="TOOK_TOO_LONG",
    )


@dataclass(slots=True)
class _Auditor:
    """Audits as `run` does, without a word on the screen."""

    site: Site
    audited: Audited | None = None

    def inputs(self, place: Path) -> Sequence[Path]:
        """The files that an audit of the place would read."""
        from audit.intake.read import inputs  # noqa: PLC0415 - heavy imports wait

        return inputs([place])

    def judge(self, inputs: Sequence[Path]) -> Facts:
        """Reads and judges."""
        from audit.commands.auditing import Asked, judge  # noqa: PLC0415 - heavy imports wait
        from audit.commands.parameters import given_files  # noqa: PLC0415
        from audit.results.forecast import Inputs  # noqa: PLC0415

        wanted = tuple(f"{code}={percent}" for code, percent in self.site.fail_under.items())
        place = self.site.out / "unnamed"
        asked = Asked(given_files(*inputs), Inputs(), place, self.site.standard, fail_under=wanted, quiet=True)
        self.audited = judge(replace(asked, unattended=True))
        return _facts(self.audited)

    def write(self, target: Path) -> None:
        """Writes, verifies and publishes what was judged last."""
        from audit.commands.auditing import write  # noqa: PLC0415 - heavy imports wait

        if self.audited is None:
            raise RuntimeError("nothing was judged")
        write(replace(self.audited, target=target))


def _facts(audited: Audited) -> Facts:
    from audit.nightly.night import Facts  # noqa: PLC0415 - heavy imports wait
    from audit.nightly.shrink import Extent  # noqa: PLC0415

    result = audited.result
    rows = sum(row.read for row in result.rows if row.table == "Treatments")
    doses = result.patients[["first_dose", "last_dose"]]
    span = (doses["last_dose"].max() - doses["first_dose"].min()).days if doses["first_dose"].notna().any() else 0
    return Facts(
        run_id=audited.run_ids()[0],
        extract_date=max(window.extract_date for window in result.windows).isoformat(),
        standard=result.standard.name,
        extent=Extent(rows, len(result.patients), int(span), _lists(audited)),
        scores=result.scores,
        exit_code=audited.exit_code,
        partial=bool(result.partial),
        findings=len(result.findings),
    )


def _lists(audited: Audited) -> dict[str, int]:
    """The rows of every list or sheet beside the treatments, by what it is called."""
    from audit.intake.profiles.kinds import CALLED, TREATMENTS  # noqa: PLC0415 - heavy imports wait

    sheets = [sheet for extract in audited.beside.archive for sheet in extract.facts.sheets]
    rows: Counter[str] = Counter()
    for sheet in sheets:
        if sheet.table != TREATMENTS:
            rows[CALLED.get(sheet.table, sheet.table).removeprefix("a list of ")] += sheet.rows
    return dict(sorted(rows.items()))


@click.command()
@_CONFIG
@click.option("--max-age", metavar="26h", help="Older than this is an alarm; default: as the settings say.")
@click.option("--json", "as_json", is_flag=True, help="Print the status as JSON.")
@click.pass_context
def status(context: click.Context, /, config: Path, max_age: str | None, as_json: bool) -> None:
    """Say how the last unattended run ended; exit code 9 when it failed, or is too long ago."""
    with reported(debug=context.obj):
        from audit.nightly.site import read_site  # noqa: PLC0415 - heavy imports wait
        from audit.nightly.status import alarm, as_document, read_status  # noqa: PLC0415

        site = read_site(config)
        found = read_status(site.state)
        wrong = alarm(found, datetime.now(UTC), _age(max_age, site))
        if as_json:
            print_json(as_document(found, wrong))
        elif found is not None:
            print_lines([f"Last good run  {found.good_at or 'none'}", f"Report         {site.out / found.report}"])
        if wrong:
            remedy = f"b12audit doctor --config {config}"
            raise Unhealthy(wrong, where=str(site.state), remedy=remedy, code="STALE_OR_FAILED")


def _age(typed: str | None, site: Site) -> timedelta:
    from audit.nightly.site import seconds_of  # noqa: PLC0415 - heavy imports wait

    if typed is None:
        return timedelta(hours=site.max_age_hours)
    try:
        return timedelta(seconds=seconds_of(typed))
    except ValueError as error:
        raise UsageError(str(error), remedy="for example  --max-age 26h", code="NOT_AN_AGE") from None


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR")
@click.pass_context
def verify(context: click.Context, /, folder: Path) -> None:
    """Check a report folder against its manifest: every file there, and unchanged; exit code 9 when not."""
    with reported(debug=context.obj):
        from audit.nightly.shelf import differing  # noqa: PLC0415 - heavy imports wait

        wrong = differing(folder)
        if wrong:
            named = ", ".join(wrong[:10])
            what = f"The folder is not as it was written: {named}."
            remedy = "make the report again from its input, with  b12audit run --force"
            raise Unhealthy(what, where=str(folder), remedy=remedy, code="CHANGED")
        print_lines(["Every file is there and as it was written."])


@click.command()
@_CONFIG
@click.pass_context
def doctor(context: click.Context, /, config: Path) -> None:
    """Look at everything an unattended run needs; exit code 9 when something is amiss."""
    with reported(debug=context.obj):
        from audit.intake.read import inputs  # noqa: PLC0415 - heavy imports wait
        from audit.nightly.health import examine  # noqa: PLC0415
        from audit.nightly.site import read_site  # noqa: PLC0415

        checks = examine(read_site(config), lambda place: inputs([place]), standard_named)
        print_lines(f"{'ok ' if check.well else 'NO '} {check.name:<9} {check.found}" for check in checks)
        if amiss := [check.name for check in checks if not check.well]:
            what = f"Not ready for an unattended run: {', '.join(amiss)}."
            remedy = "mend what is marked NO, and look again"
            raise Unhealthy(what, where=str(config), remedy=remedy, code="NOT_READY")
        print_lines([f"Next: b12audit schedule --print systemd --config {config}"])


@click.command()
@_CONFIG
@click.option("--print", "kind", type=click.Choice(["systemd", "cron", "windows"]), required=True, help="For which.")
@click.option("--at", default="02:00", show_default=True, metavar="HH:MM", help="When, by the local clock.")
@click.pass_context
def schedule(context: click.Context, /, config: Path, kind: str, at: str) -> None:
    """Print what makes this machine run the audit every night; nothing is changed."""
    with reported(debug=context.obj):
        from audit.nightly.schedule import schedule_lines  # noqa: PLC0415 - heavy imports wait

        try:
            when = datetime.strptime(at, "%H:%M")
        except ValueError:
            what = f'"{at}" is no time of day.'
            raise UsageError(what, remedy="write it as HH:MM, for example 02:00", code="NOT_A_TIME") from None
        print_lines(schedule_lines(kind, _program(), config.resolve(), when.hour, when.minute))


def _program() -> Path:
    """The b12audit that is running."""
    # on Windows the programs of a Python stand in a folder beneath it
    folders = (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
    names = [folder / name for folder in folders for name in ("b12audit", "b12audit.exe")]
    found = next((path for path in names if path.is_file()), None)
    if found is None:
        raise CannotWrite("The program b12audit was not found beside Python.", remedy="install it", code="NO_PROGRAM")
    return found
