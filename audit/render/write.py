"""Writes the whole output folder of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Final

from audit import __version__
from audit.render.folder import MANIFEST, digest, publish
from audit.render.html import render_html
from audit.render.tables import Format, as_json, summary, write_tables
from audit.render.view import build_view
from audit.render.workbook import write_workbook
from audit.results.audit import AuditResult, Window
from audit.results.compare_standards import StandardsCompared, as_summary
from audit.results.targets import target_verdicts
from audit.standards.standard import Standard

#: libraries whose version can change a result or a file
_LIBRARIES: Final = ("numpy", "pandas", "pandera", "python-calamine", "jinja2", "XlsxWriter", "pyarrow", "scipy")


def run_id(inputs: Mapping[str, str], options: Mapping[str, str], standard: str) -> str:
    """The identity of a run: the same inputs, options, standard and version make the same files."""
    content = {"inputs": dict(inputs), "options": dict(options), "standard": standard, "version": __version__}
    return sha256(as_json(content).encode()).hexdigest()[:16]


def write_output(
    result: AuditResult,
    target: Path,
    *,
    identity: str,
    options: Mapping[str, str],
    started_at: str,
    form: Format,
    compared: StandardsCompared | None = None,
) -> None:
    """Builds, verifies and publishes the output folder.

    Args:
        result: of the run.
        target: the folder; an output of an earlier run there is replaced in one step.
        identity: of the run, see `run_id`.
        options: the command's options as text.
        started_at: the one clock time, ISO.
        form: csv or parquet tables.
        compared: the run under several standards, where that was asked for.

    Raises:
        CannotWrite: the disk refused; what stood there before still stands.
    """
    run = _run(result, identity, options)
    command = _command(result, options)

    def build(folder: Path) -> None:
        view = build_view(result, version=__version__, command=command)
        (folder / "report.html").write_text(render_html(view), encoding="utf-8", newline="")
        write_workbook(result, view, folder / "report.xlsx")
        write_tables(result, folder, form)
        (folder / "summary.json").write_text(as_json(_summary(result, run, compared)), encoding="utf-8", newline="")
        outputs = {path.name: digest(path) for path in sorted(folder.iterdir())}
        manifest = {**run, "counts": _counts(result), "outputs": outputs, "started_at": started_at}
        (folder / MANIFEST).write_text(as_json(manifest), encoding="utf-8", newline="")

    publish(target, build)


def _run(result: AuditResult, identity: str, options: Mapping[str, str]) -> dict[str, Any]:
    return {
        "run_id": identity,
        "version": __version__,
        "standard": _standard(result.standard),
        "inputs": [_input(window) for window in result.windows],
        "options": dict(options),
        "libraries": {name: version_of(name) for name in _LIBRARIES},
    }


def _input(window: Window) -> dict[str, Any]:
    """One input as text; its files only where there are several."""
    content = asdict(window)
    parts = content.pop("parts")
    return {key: str(value) for key, value in content.items()} | ({"parts": parts} if parts else {})


def _standard(standard: Standard) -> dict[str, Any]:
    """Every number that was used, and the file that set it."""
    kept = ("value", "unit", "source", "layer")
    return {
        "name": standard.name,
        "title": standard.title,
        "edition": standard.edition,
        "files": [layer.file for layer in standard.layers],
        "changed": [change.key for change in standard.changes],
        "off": sorted(standard.off),
        "targets": dict(standard.targets),
        "numbers": {
            key: {name: getattr(number, name) for name in kept} for key, number in sorted(standard.numbers.items())
        },
    }


def _summary(result: AuditResult, run: Mapping[str, Any], compared: StandardsCompared | None) -> dict[str, Any]:
    """The summary; targets and the comparison of standards stand in it only when there are any."""
    content = summary(result, run)
    targets = [asdict(item) for item in target_verdicts(result.scores, result.standard)]
    with_targets = {**content, "targets": targets} if targets else content
    return with_targets if compared is None else {**with_targets, "standards": as_summary(compared)}


def _counts(result: AuditResult) -> dict[str, Any]:
    return {
        "patients": len(result.patients),
        "verdicts": len(result.verdicts),
        "intervals": len(result.intervals),
        "findings": len(result.findings),
        "rows": [asdict(row) for row in result.rows],
    }


def _command(result: AuditResult, options: Mapping[str, str]) -> str:
    files = " ".join(" ".join(_typed(window)) for window in result.windows)
    given = (f"--{name} {part}" for name, value in options.items() for part in _parts(name, value))
    return " ".join(["b12audit run", files, *given])


def _typed(window: Window) -> list[str]:
    """What names an input on the command line: its files, or the folder that they stand in."""
    joined = " + ".join(window.parts)
    return list(window.parts) if window.parts and window.file == joined else [window.file]


def _parts(name: str, value: str) -> list[str]:
    """The values of an option; only `compare` and `map` may be given several times."""
    return value.split(",") if name == "compare" else value.split("\n") if name == "map" else [value]
