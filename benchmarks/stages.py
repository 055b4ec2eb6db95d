"""One audit stage by stage, in a process of its own.

python -m benchmarks.stages INPUT

prints seconds and memory of each stage as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from audit.cohort.cohort import Cohort
    from audit.intake.extract import Extract
    from audit.results.judge import Verdicts
    from audit.standards.standard import Standard

REPEATS: Final = 3
TODAY: Final = date(2026, 12, 31)


def engine(
    extract: Extract, standard: Standard, codes: Sequence[str] = ()
) -> tuple[Cohort, tuple[Verdicts, ...]]:
    """From canonical tables to one verdict a patient and criterion; all criteria when no codes are given."""
    from audit.cohort.cohort import build_cohort  # noqa: PLC0415 - imports are a stage of their own
    from audit.cohort.window import DateOptions, settle_window  # noqa: PLC0415
    from audit.criteria import catalogue  # noqa: PLC0415
    from audit.results.judge import judge  # noqa: PLC0415

    window, _ = settle_window(extract, DateOptions(), standard, TODAY)
    cohort = build_cohort(extract, window, standard)
    chosen = [criterion for criterion in catalogue() if not codes or criterion.code in codes]
    return cohort, tuple(judge(criterion, cohort) for criterion in chosen)


def allocated_mb(function: Callable[[], object]) -> float:
    """The most memory that one call holds at a time beyond what was there before, in MB."""
    tracemalloc.start()
    function()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def stages(path: Path) -> dict[str, float]:
    """Seconds of each stage, the engine's own memory in MB, and how many rows and patients there were."""
    clock = [time.perf_counter()]

    def lap() -> float:
        clock.append(time.perf_counter())
        return clock[-1] - clock[-2]

    import pandera.pandas  # noqa: F401, PLC0415 - what a run imports

    from audit.cohort.window import DateOptions  # noqa: PLC0415
    from audit.intake.read import read_extract  # noqa: PLC0415
    from audit.pipeline import audit  # noqa: PLC0415
    from audit.render.tables import as_csv  # noqa: PLC0415
    from audit.standards.standard import load_standard  # noqa: PLC0415

    imports = lap()
    standard, extract = load_standard(), read_extract(path)
    intake = lap()
    result = audit([extract], DateOptions(), standard, TODAY)
    whole = lap()
    printed = len(as_csv(result.verdicts))
    return {
        "imports": imports,
        "intake": intake,
        "audit": whole,
        "verdicts as csv": lap(),
        "engine": min(_engine_seconds(extract, standard) for _ in range(REPEATS)),
        "engine_mb": allocated_mb(lambda: engine(extract, standard)),
        "rows": len(extract.treatments),
        "patients": len(extract.patients),
        "characters": printed,
    }


def _engine_seconds(extract: Extract, standard: Standard) -> float:
    begun = time.perf_counter()
    engine(extract, standard)
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(json.dumps(stages(Path(sys.argv[1]))))
