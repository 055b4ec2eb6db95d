"""`b12audit demo --pack`: a year of quarterly packs of made-up practices, released one after the other."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit.commands.pack import entry_of
from audit.commands.releasing import release
from audit.commands.reporting import say

if TYPE_CHECKING:
    from audit.intake.run_folder import RunTables
    from audit.standards.standard import Standard

_QUARTERS: Final = (date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31), date(2026, 3, 31))


def demo_packs(folder: Path) -> list[str]:
    """Writes the four packs and their ledger into `folder`; the lines to print.

    Raises:
        AuditError: as `release`; a second call finds everything there already.
    """
    from audit.commands.parameters import standard_named  # noqa: PLC0415 - heavy imports wait

    standard, lines = standard_named("national"), []
    with tempfile.TemporaryDirectory() as place:
        runs = audited_practices(Path(place), standard)
    for quarter, found in zip(_QUARTERS, runs, strict=True):
        entry = entry_of(found, "strict")
        out = folder / f"pack-{quarter.isoformat()[:7]}"
        lines = release(entry, out, folder / "ledger.jsonl")
        say(lines[0])
    return lines[1:]


def audited_practices(place: Path, standard: Standard) -> list[list[RunTables]]:
    """Every made-up practice in every quarter; one practice's records are held at a time."""
    from sample_data.area import PRACTICES  # noqa: PLC0415 - heavy imports wait

    gc.disable()
    say(f"Auditing {PRACTICES} made-up practices in {len(_QUARTERS)} quarters ...")
    practices = [list(_quarters(number, place, standard)) for number in range(1, PRACTICES + 1)]
    return [list(quarter) for quarter in zip(*practices, strict=True)]


def _quarters(number: int, place: Path, standard: Standard) -> Iterator[RunTables]:
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.intake.read import read_extract  # noqa: PLC0415
    from audit.intake.run_folder import INTERVAL_COLUMNS, VERDICT_COLUMNS, RunTables  # noqa: PLC0415
    from audit.pipeline import audit  # noqa: PLC0415
    from sample_data.area import write  # noqa: PLC0415

    extract = read_extract(write(number, place))
    for quarter in _QUARTERS:
        result = audit([extract], DateOptions(extract_date=quarter), standard, datetime.now().astimezone().date())
        (window,) = result.windows
        yield RunTables(
            name=window.file,
            period=(window.period_from, window.period_to),
            standard=(standard.name, standard.edition),
            numbers={key: item.value for key, item in standard.numbers.items() if isinstance(item.value, int)},
            partial=bool(result.partial),
            verdicts=result.verdicts[list(VERDICT_COLUMNS)],
            intervals=result.intervals[list(INTERVAL_COLUMNS)],
        )
