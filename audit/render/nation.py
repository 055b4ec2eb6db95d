"""Writes the output of a folder of tables: published tables as Parquet, summary and manifest; no report of patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from audit import __version__
from audit.criteria import judged_by
from audit.render.folder import MANIFEST, OWNER_FILE, digest, publish
from audit.render.tables import as_json, criterion_summary
from audit.render.write import made_with, standard_summary
from audit.results.nation import NationResult
from audit.results.patterns import STATUSES

SUMMARY: Final = "summary.json"
#: what a run of one practice writes and this one does not, and why
LEFT_OUT: Final = ("report.html", "report.xlsx", "archive")


def write_nation(
    build: Callable[[Path], NationResult], target: Path, *, identity: str, options: Mapping[str, str], started_at: str
) -> NationResult:
    """Lets `build` fill a folder beside `target`, adds summary and manifest, and puts it there in one step.

    Args:
        build: audits, writes its tables into the folder it is given, and says what it found.
        target: the folder; what stands there is replaced in one step, or not at all.
        identity: of the run.
        options: the command's, as text.
        started_at: the one clock time, ISO.

    Raises:
        CannotWrite: the disk refused; what stood there before still stands.
        AuditError: of `build`.
    """
    made: list[NationResult] = []

    def whole(folder: Path) -> None:
        result = build(folder)
        run = _run(result, identity, options)
        summary = folder / SUMMARY
        summary.write_text(as_json(_summary(result, run)), encoding="utf-8", newline="")
        summary.chmod(OWNER_FILE)
        outputs = dict(sorted({**result.outputs, summary.name: digest(summary)}.items()))
        manifest = {**run, "practices": sorted(result.practices), "counts": dict(result.counts), "outputs": outputs,
                    "started_at": started_at}  # fmt: skip
        (folder / MANIFEST).write_text(as_json(manifest), encoding="utf-8", newline="")
        made.append(result)

    publish(target, whole)
    return made[0]


def _run(result: NationResult, identity: str, options: Mapping[str, str]) -> dict[str, Any]:
    return {
        "run_id": identity,
        "version": __version__,
        "standard": standard_summary(result.standard),
        "inputs": [{key: str(value) for key, value in asdict(result.window).items()}],
        "options": dict(options),
        "libraries": made_with(),
        "partitions": result.partitions,
        "left_out": list(LEFT_OUT),
    }


def _summary(result: NationResult, run: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of summary.json, as a run of one practice writes them."""
    titles = {criterion.code: criterion for criterion in judged_by(result.standard)}
    shown = [(score, titles[score.criterion]) for score in result.scores]
    return {
        "run": dict(run),
        "cohort": {**result.cohort, "rows": [asdict(row) for row in result.rows], "partial": result.partial},
        "criteria": [criterion_summary(score, item.title, item.strength, item.who) for score, item in shown],
        "patterns": {row.pattern: {status: getattr(row, status) for status in STATUSES} for row in result.patterns},
        "sweep": [asdict(row) for row in result.sweep],
        "phases": {row.phase: {status: getattr(row, status) for status in STATUSES} for row in result.phases},
        "findings": dict(result.findings),
    }


def nation_lines(result: NationResult, target: Path) -> list[str]:
    """What the command prints: the mandated criteria, and where everything stands."""
    titles = {criterion.code: criterion for criterion in judged_by(result.standard)}
    counted = result.cohort
    rows = [
        f"  {titles[score.criterion].title}: {score.met:,} of {score.eligible:,} met"
        for score in result.scores
        if titles[score.criterion].strength == "mandated" and score.eligible
    ]
    said = f"{counted['patients']:,} patients, {counted['in_cohort']:,} of them in the audit."
    partial = [f"PARTIAL: {result.partial}"] if result.partial else []
    return [said, *rows, *partial, f"Tables and {SUMMARY} in {target}"]
