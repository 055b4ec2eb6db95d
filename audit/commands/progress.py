"""What a long command is doing, on stderr while a person looks on; silent for a pipe, a log, and --quiet."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def watched() -> bool:
    """Whether somebody looks on: stderr is a terminal."""
    return sys.stderr.isatty()


@contextmanager
def stage(what: str, *, quiet: bool = False) -> Iterator[None]:
    """Shows that `what` is under way until the block ends; nothing stays on the screen."""
    if quiet or not watched() or os.environ.get("TERM") == "dumb":
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - only a person at a terminal waits for it

    with Console(stderr=True).status(f"{what} ..."):
        yield
