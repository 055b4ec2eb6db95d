"""Which files are one practice: those of which one holds the treatments, and each other another list beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.errors import AuditError, UsageError
from audit.intake.cells import Grid
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.memory import check_memory, free_memory
from audit.intake.profiles.kinds import CALLED, TREATMENTS
from audit.intake.profiles.refusals import ambiguous
from audit.intake.sheets import Book, kinds_of
from audit.intake.source import Source, inputs, open_source


@dataclass(frozen=True, slots=True)
class Practice:
    """The files of one practice.

    Attributes:
        paths: a file, or a folder of tables; or several files, the one with the treatments first.
        folder: the folder that several files stand in, when that was named; else None.
    """

    paths: tuple[Path, ...]
    folder: Path | None = None

    @property
    def given(self) -> tuple[Path, ...]:
        """What the user names it by."""
        return (self.folder,) if self.folder else self.paths

    @property
    def name(self) -> str:
        """The folder's name; blank where there is none."""
        return self.folder.resolve().name if self.folder else ""

    @property
    def title(self) -> str:
        """As messages name it."""
        return self.name or " and ".join(path.name for path in self.paths)

    def opened(self) -> Iterator[Source]:
        """Its files, opened."""
        for path in self.paths:
            yield open_source(path)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One file, and the kinds of list in it; none and an error where it cannot be opened.

    `of_lines` is true of FHIR resources, which nothing goes beside.
    """

    path: Path
    kinds: frozenset[str]
    of_lines: bool = False
    error: AuditError | None = None

    @property
    def called(self) -> str:
        return " and ".join(CALLED[kind] for kind in CALLED if kind in self.kinds) or "not known"


def practices(paths: Iterable[Path]) -> list[Practice]:
    """The practices that the paths stand for.

    Files named together are one practice when exactly one of them holds treatments, every other is a list that goes
    beside (of codes, procedures, patients, tests or reviews), and no two are of one kind; the files of one folder
    likewise. Without such lists each file is a practice.

    Raises:
        InputRejected: a path does not exist, a folder holds nothing to read, or it cannot be told which files belong
            together.
        AuditError: of a file that cannot be opened, beside a list that may go with it.
        CannotWrite: the memory of this machine cannot hold them.
    """
    named = list(paths)
    check_memory(named, free_memory())
    folders = [path for path in named if path.is_dir()]
    files = inputs(path for path in named if path not in folders)
    out = _grouped(files, None)
    for folder in folders:
        inside = [path for path in inputs([folder]) if path.resolve() not in {one.resolve() for one in files}]
        out += _grouped(inside, folder if inside != [folder] else None)
    order = {path.resolve(): place for place, path in enumerate(inputs(named))}
    return sorted(out, key=lambda one: min(order[path.resolve()] for path in one.paths))


def one_practice(paths: Sequence[Path]) -> Practice:
    """The practice whose files, or folder, these are.

    Raises:
        UsageError: they are those of several.
        InputRejected, AuditError: as for `practices`.
    """
    first, *others = practices(paths)
    if others:
        what = "The files are those of several practices."
        where = ", ".join(path.name for path in paths)
        raise UsageError(what, where=where, remedy="name the files of one practice", code="SEVERAL_PRACTICES")
    return first


def _grouped(files: Sequence[Path], folder: Path | None) -> list[Practice]:
    """The practices of files that stand together."""
    apart = [Practice((path,)) for path in files]
    if len(files) < 2:  # noqa: PLR2004 - one file is one practice
        return apart
    seen = [_look(path) for path in files]
    parts = [one for one in seen if one.kinds and TREATMENTS not in one.kinds]
    whole = [one for one in seen if TREATMENTS in one.kinds]
    alone = not whole and len(parts) > 1 and all(one.kinds == parts[0].kinds for one in parts)
    if not parts or (alone and not any(one.error for one in seen)):
        return apart
    for one in seen:
        if one.error is not None:
            raise one.error
    kinds = [kind for one in (*whole, *parts) for kind in one.kinds]
    names = {one.path.name for one in seen}
    unclear = len(whole) > 1 or len(seen) > len(whole) + len(parts) or any(one.of_lines for one in seen)
    if unclear or len(set(kinds)) < len(kinds) or len(names) < len(seen):
        raise ambiguous([(one.path.name, one.called) for one in seen])
    return [Practice(tuple(one.path for one in (*whole, *parts)), folder)]


def _look(path: Path) -> _Seen:
    try:
        source = open_source(path)
        return _Seen(path, kinds_of(source), source.of_lines)
    except AuditError as error:
        return _Seen(path, frozenset(), error=error)


def say_assembled(book: Book, findings: Findings) -> None:
    """Note which list each sheet was taken for, where a practice is put together from several."""
    for grid in book.grids if is_assembled(book) else ():
        message = f"Read as {called(grid)} of the practice: {len(grid):,} rows."
        findings.add(Finding("note", "ASSEMBLED", message, grid.file, grid.sheet))


def called(grid: Grid) -> str:
    """What a table was taken for."""
    return CALLED[grid.table]


def is_assembled(book: Book) -> bool:
    """Whether a practice is put together from lists, and is no workbook of tables with its own names."""
    return bool(book.lists) or len({grid.file for grid in book.grids}) > 1
