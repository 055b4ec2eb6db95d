"""Writes the whole output folder of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Final

from audit import __version__
from audit.errors import CannotWrite
from audit.intake.extract import Extract
from audit.intake.notes import Notes
from audit.render.archive import write_archive
from audit.render.book import write_sheets
from audit.render.carried import digest_of
from audit.render.compare_page import ComparePage
from audit.render.cycles_sheets import comparison_sheets
from audit.render.folder import COMPARISON, MANIFEST, OWNER_FILE, WORKBOOK, check_closed, digest, digests, publish
from audit.render.html import render_comparison, render_html
from audit.render.tables import Format, as_json, summary, window_text, write_tables
from audit.render.view import build_view
from audit.render.workbook import write_workbook
from audit.render.workshop import check_space
from audit.results.audit import AuditResult, Window
from audit.results.compare_cycles import CyclesCompared
from audit.results.compare_cycles import as_summary as cycles_summary
from audit.results.compare_standards import StandardsCompared, as_summary
from audit.results.targets import target_verdicts
from audit.standards.standard import Standard

#: libraries whose version can change a result or a file
_LIBRARIES: Final = ("numpy", "pandas", "pandera", "python-calamine", "jinja2", "XlsxWriter", "pyarrow", "scipy")

#: bytes that one row takes in all files together, and all else; about twice what was measured
_ROW, _REST = 600, 5_000_000


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands in the output beside the result.

    Attributes:
        standards: the run under several standards, where that was asked for.
        previous: the comparison with an earlier cycle, where there is one.
        archive: what was read, to be kept; empty when it is not to be.
        notes: what the manager wrote into the workbooks before; None where there is none.
        standing: SHA-256 of the workbook in the output's place, as its notes were read; blank where there is none.
    """

    standards: StandardsCompared | None = None
    previous: CyclesCompared | None = None
    archive: Sequence[Extract] = ()
    notes: Notes | None = None
    standing: str = ""


def run_id(
    inputs: Mapping[str, str], options: Mapping[str, str], standard: str, previous: str = "", notes: Notes | None = None
) -> str:
    """The identity of a run: inputs, options, standard, version, earlier cycle and notes. The same, the same files."""
    content = {"inputs": dict(inputs), "options": dict(options), "standard": standard, "version": __version__}
    more = {"previous": previous, "notes": digest_of(notes) if notes else ""}
    whole = {**content, **{name: value for name, value in more.items() if value}}
    return sha256(as_json(whole).encode()).hexdigest()[:16]


def write_output(
    result: AuditResult,
    target: Path,
    *,
    identity: str,
    options: Mapping[str, str],
    started_at: str,
    form: Format,
    beside: Beside,
) -> None:
    """Builds, verifies and publishes the output folder.

    Args:
        result: of the run.
        target: the folder; an output of an earlier run there is replaced in one step.
        identity: of the run, see `run_id`.
        options: the command's options as text.
        started_at: the one clock time, ISO.
        form: csv or parquet tables.
        beside: what else belongs to it.

    Raises:
        CannotWrite: the disk refused, or the workbook there is open or was saved since its notes were read; what stood
            there before still stands.
    """
    check_closed(target / WORKBOOK)
    run = _run(result, identity, options)

    def build(folder: Path) -> None:
        _write_report(result, folder, options, form, beside)
        (folder / "summary.json").write_text(as_json(_summary(result, run, beside)), encoding="utf-8", newline="")
        write_archive(beside.archive, folder)
        found = {"practices": _practices(result), "counts": _counts(result), **_previous(beside.previous)}
        manifest = {**run, **found, "outputs": digests(folder), "started_at": started_at}
        (folder / MANIFEST).write_text(as_json(manifest), encoding="utf-8", newline="")
        _check_standing(target / WORKBOOK, beside.standing)

    check_space(target, _REST + _ROW * (len(result.verdicts) + len(result.intervals) + len(result.findings)))
    publish(target, build)


def _write_report(
    result: AuditResult, folder: Path, options: Mapping[str, str], form: Format, beside: Beside
) -> None:
    """What people read: the page, the workbook and the tables."""
    view = build_view(
        result, version=__version__, command=_command(result, options),
        compared=beside.previous, standards=beside.standards, notes=beside.notes,
    )  # fmt: skip
    (folder / "report.html").write_text(render_html(view), encoding="utf-8", newline="")
    write_workbook(result, view, folder / WORKBOOK)
    write_tables(result, folder, form)


def _check_standing(book: Path, read: str) -> None:
    """The workbook that is about to be replaced must be the one whose notes were read."""
    if book.is_file() and digest(book) != read:
        raise CannotWrite(
            "The workbook was saved while the report was being made, here or by another run; nothing is overwritten.",
            where=str(book),
            remedy="close it in Excel, and give the same command again",
            code="WORKBOOK_CHANGED",
        )


def _run(result: AuditResult, identity: str, options: Mapping[str, str]) -> dict[str, Any]:
    return {
        "run_id": identity,
        "version": __version__,
        "standard": standard_summary(result.standard),
        "inputs": [window_text(window) for window in result.windows],
        "options": dict(options),
        "libraries": made_with(),
    }


def made_with() -> dict[str, str]:
    """The version of every library that can change a result or a file."""
    return {name: version_of(name) for name in _LIBRARIES}


def standard_summary(standard: Standard) -> dict[str, Any]:
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


def _summary(result: AuditResult, run: Mapping[str, Any], beside: Beside) -> dict[str, Any]:
    """The summary; targets and the comparisons stand in it only when there are any."""
    targets = [asdict(item) for item in target_verdicts(result.scores, result.standard)]
    return {
        **summary(result, run),
        **({"targets": targets} if targets else {}),
        **({"standards": as_summary(beside.standards)} if beside.standards else {}),
        **({"previous": cycles_summary(beside.previous)} if beside.previous else {}),
    }


def _practices(result: AuditResult) -> list[str]:
    return sorted(map(str, result.patients["practice_id"].unique()))


def _previous(compared: CyclesCompared | None) -> dict[str, Any]:
    """Which earlier cycle the report compares with: its folder and the hash that is part of the run's identity."""
    if compared is None or compared.old.reported is None:
        return {}
    return {"previous": {"name": compared.old.name, "hash": compared.old.reported.hash}}


def comparison_id(compared: CyclesCompared, page: ComparePage) -> str:
    """The identity of a comparison: the same numbers and words make the same files."""
    content = {"compared": cycles_summary(compared), "page": asdict(page), "standard": compared.standard.identity}
    return sha256(as_json(content).encode()).hexdigest()[:16]


def write_comparison(
    compared: CyclesCompared, page: ComparePage, target: Path, *, identity: str, options: Mapping[str, str]
) -> None:
    """Builds, verifies and publishes the folder that compares two cycles.

    Args:
        compared: its numbers.
        page: what it prints.
        target: the folder; an earlier comparison there is replaced in one step.
        identity: the same for the same cycles, standard, options and version.
        options: the command's options as text.

    Raises:
        CannotWrite: the disk refused; what stood there before still stands.
    """

    def build(folder: Path) -> None:
        (folder / "compare.html").write_text(render_comparison(page), encoding="utf-8", newline="")
        write_sheets(comparison_sheets(page), page, folder / "compare.xlsx")
        said = {"run_id": identity, "version": __version__, "options": dict(options), **cycles_summary(compared)}
        actions = {"worklist": page.listed, "done": page.done, "noted": [asdict(row) for row in page.actions]}
        content = {**said, "actions": actions, "outputs": digests(folder)}
        (folder / COMPARISON).write_text(as_json(content), encoding="utf-8", newline="")
        for path in folder.iterdir():
            path.chmod(OWNER_FILE)

    publish(target, build, COMPARISON)


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
