"""Whether an export has landed whole: its files' sizes and times stand still, and nobody holds them open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.errors import InputIncomplete

#: how programs name what they have not finished
_UNFINISHED: Final = (".part", ".partial", ".crdownload", ".tmp", ".filepart", ".download")
_OWNED: Final = "~$"

Seen = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait; seconds. `clock` only moves forward, whatever is done to the time of day."""

    steady: float
    at_most: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]


def wait_until_steady(place: Path, inputs: Sequence[Path], waiting: Waiting) -> Seen:
    """Returns what stands in `place` once nothing there has changed for as long as asked.

    Raises:
        InputIncomplete: it went on changing, or a file in it is marked as unfinished.
    """
    began = since = waiting.clock()
    seen = _look(place, inputs)
    while waiting.clock() - since < waiting.steady or _unfinished(seen):
        if waiting.clock() - began > waiting.at_most:
            raise _changing(place, _unfinished(seen))
        waiting.sleep(min(1.0, max(waiting.steady, 0.1)))
        now = _look(place, inputs)
        if now != seen:
            seen, since = now, waiting.clock()
    return seen


def check_unchanged(place: Path, inputs: Sequence[Path], seen: Seen) -> None:
    """What was read must be what stands there now: another list may have landed while the others were read.

    Raises:
        InputIncomplete: it is not.
    """
    if _look(place, inputs) != seen:
        raise _changing(place, "")


def _look(place: Path, inputs: Sequence[Path]) -> Seen:
    """Size and time of every file concerned; one that goes while it is looked at counts as a change."""
    beside = sorted(place.iterdir()) if place.is_dir() else [place]
    found: dict[str, tuple[int, int]] = {}
    for path in {*beside, *inputs}:
        try:
            told = path.stat()
        except FileNotFoundError:
            continue
        found[str(path)] = (told.st_size, told.st_mtime_ns)
    return found


def _unfinished(seen: Seen) -> str:
    """The first file that its writer has not finished; blank when there is none."""
    names = (Path(path).name for path in sorted(seen))
    return next((name for name in names if name.lower().endswith(_UNFINISHED) or name.startswith(_OWNED)), "")


def _changing(place: Path, unfinished: str) -> InputIncomplete:
    what = "A file there is not finished, or is open in Excel." if unfinished else "The input goes on changing."
    remedy = "let the export end, close the workbook, and run it again"
    return InputIncomplete(what, where=str(place), remedy=remedy, code="STILL_CHANGING")
