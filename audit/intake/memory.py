"""Whether this machine's memory can hold an input: told from the sizes of its files, before any of them is read."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from audit.errors import CannotWrite
from audit.intake.zip_parts import BROKEN_ARCHIVE, MOST_UNPACKED

#: bytes of memory for each byte of a file, unpacked: csv and xlsx as measured with rows of about 130 bytes (see
#: benchmarks/README.md: 2.8 kB a row, read, judged and written); the others by how much smaller they store a row
_BYTES: Final = {".csv": 21.0, ".tsv": 21.0, ".txt": 21.0, ".xml": 5.5, ".bin": 12.0, ".xls": 15.0, ".parquet": 80.0}
_PACKED: Final = dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".ods"), 70.0)
_OTHER: Final = 10.0
#: the program itself
_PROGRAM: Final = 190_000_000
#: of what was measured; with less than that no input of its size was ever read
_LEAST: Final = 0.5
#: seconds for each byte of memory beyond the program, on one core of a usual machine
_SECONDS: Final = 2e-8
#: limits of this size are none
_NO_LIMIT: Final = 1 << 60
_KILOBYTE: Final = 1_024
#: of each kind of control group: its folder, the files of its limit and use, and what of that can be dropped at once
_GROUPS: Final = {
    "": ("", "memory.max", "memory.current", "inactive_file"),
    "memory": ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """What a run is likely to take: bytes of memory, and seconds."""

    memory: int
    seconds: float


def need_of(paths: Iterable[Path]) -> Need:
    """What a run of these files, or of those in these folders, is likely to take; what is not there takes nothing."""
    data = sum(_weight(file) for path in paths for file in (_inside(path) if path.is_dir() else [path]))
    return Need(_PROGRAM + int(data), data * _SECONDS)


def check_memory(paths: Iterable[Path], free: int | None) -> None:
    """Refuses to begin what this machine cannot hold.

    Args:
        paths: what is to be read.
        free: see `free_memory`.

    Raises:
        CannotWrite: far too little memory is free.
    """
    read = list(paths)
    needed = need_of(read).memory
    if free is not None and free < needed * _LEAST:
        what = f"Too little memory is free: {_gigabytes(free)}, and this input may need {_gigabytes(needed)}."
        remedy = "close other programs, or take a larger machine; docs/large-extracts.md says how it needs less"
        raise CannotWrite(what, where=", ".join(path.name for path in read), remedy=remedy, code="NO_MEMORY")


def outlook(need: Need, free: int | None) -> list[str]:
    """What a person should know before a long run, or one whose memory is tight; nothing for all others."""
    minutes = round(need.seconds / 60)
    long = [f"A large input: this takes about {minutes} minute{'s' if minutes > 1 else ''} or more."] if minutes else []
    needed = _gigabytes(need.memory)
    tight = f"Memory is tight: {needed} may be needed, and {_gigabytes(free or 0)} are free. Close other programs."
    return [*long, *([tight] if free is not None and free < need.memory else [])]


def _gigabytes(number: int) -> str:
    return f"{number / 1e9:,.1f} GB"


def _inside(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file()]


def _weight(file: Path) -> float:
    """Bytes of memory that the content of a file takes."""
    if not file.is_file():
        return 0
    size = file.stat().st_size
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                parts = [(info.filename, info.file_size) for info in archive.infolist()]
            # what unpacks to more is refused, as a bomb
            return sum(_weighs(*part) for part in parts) if sum(part[1] for part in parts) <= MOST_UNPACKED else 0
    except BROKEN_ARCHIVE:
        return size
    return _weighs(file.name, size)


def _weighs(name: str, size: int) -> float:
    return size * {**_BYTES, **_PACKED}.get(PurePosixPath(name).suffix.lower(), _OTHER)


# --- the machine


def free_memory(root: Path = Path("/")) -> int | None:
    """Bytes that this process may still take: what machine, control groups and limits leave; None: nobody knows.

    Args:
        root: under which the system shows itself.
    """
    return min((*_of_machine(root), *_of_groups(root), *_of_process(root)), default=None)


def _of_machine(root: Path) -> Iterator[int]:
    told = re.search(r"^MemAvailable:\s+(\d+) kB", _text(root / "proc" / "meminfo"), re.MULTILINE)
    if told:
        yield int(told[1]) * _KILOBYTE
    elif hasattr(os, "sysconf") and {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= os.sysconf_names.keys():
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _of_groups(root: Path) -> Iterator[int]:
    for line in _text(root / "proc" / "self" / "cgroup").splitlines():
        _, kinds, path = line.split(":", 2)
        for kind in _GROUPS.keys() & kinds.split(","):
            folder, *files = _GROUPS[kind]
            base = root / "sys" / "fs" / "cgroup" / folder
            place = PurePosixPath(path)
            for group in (place, *place.parents):
                yield from _left(base / str(group).lstrip("/"), *files)


def _left(group: Path, limit: str, use: str, dropped: str) -> Iterator[int]:
    most, used = _text(group / limit).strip(), _text(group / use).strip()
    if most.isdigit() and used.isdigit() and int(most) < _NO_LIMIT:
        told = re.search(rf"^{dropped} (\d+)$", _text(group / "memory.stat"), re.MULTILINE)
        yield max(0, int(most) - int(used) + (int(told[1]) if told else 0))


def _of_process(root: Path) -> Iterator[int]:
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    pages = _text(root / "proc" / "self" / "statm").split()
    if most != resource.RLIM_INFINITY and pages:
        yield max(0, most - int(pages[0]) * resource.getpagesize())


def _text(path: Path) -> str:
    """The file's text; blank where the system has no such file."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
