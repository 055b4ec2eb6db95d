"""Nights of an unattended site that are cheap: a made-up auditor, and a clock that is told the time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from audit.nightly.night import Clocks, Facts, spend_night
from audit.nightly.shrink import Extent
from audit.nightly.site import Site
from audit.nightly.steady import Waiting
from audit.render.folder import digests, finished, publish
from audit.results.audit import Score
from tests import fake_result as fake


class Auditor:
    """Takes the inbox's text for the number of rows; its report is published as a real one is."""

    def __init__(self) -> None:
        self._rows, self._identity = 0, ""

    def inputs(self, place: Path) -> Sequence[Path]:
        """Every file there."""
        return sorted(place.iterdir())

    def judge(self, inputs: Sequence[Path]) -> Facts:
        """The same text, the same identity."""
        content = b"".join(path.read_bytes() for path in inputs)
        self._rows, self._identity = int(content.split()[0]), sha256(content).hexdigest()[:16]
        extent = Extent(self._rows, self._rows // 10, 1_500)
        return Facts(self._identity, "2026-03-31", "national", extent, _scores(), 0, False, 3)

    def write(self, target: Path) -> None:
        """A page and a manifest."""

        def build(folder: Path) -> None:
            (folder / "report.html").write_text(f"{self._rows} rows", encoding="utf-8")
            manifest = {"run_id": self._identity, "outputs": digests(folder)}
            (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")

        if not finished(target, self._identity):
            publish(target, build)


def _scores() -> Sequence[Score]:
    return fake.result().scores[:2]


def spend(folder: str, moment: str, keep: int) -> None:
    """One night in a folder `site`, at a moment; ends the process as the command does."""
    import sys  # noqa: PLC0415

    from audit.commands.reporting import reported  # noqa: PLC0415

    base = Path(folder)
    site = Site(base / "inbox", base / "reports", base / "reports" / ".state", keep_runs=keep, steady_seconds=0)
    waiting = Waiting(0, 60, lambda: 0.0, lambda _: None)
    with reported(debug=False):
        clocks = Clocks(lambda: datetime.fromisoformat(moment), waiting)
        sys.exit(spend_night(site, Auditor(), clocks, "1.2.3").exit_code)
