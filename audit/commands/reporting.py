"""How every command speaks, and how it ends: messages on stderr, results on stdout, one exit code for each failure."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import click

from audit.commands.stopping import interrupted, stoppable
from audit.errors import AuditError, UsageError

_INTERNAL_ERROR = 1
_MOST_LINES = 25
#: what a command writes, only its owner may read
_OWNER_ONLY = 0o077
#: stands in the line that says where to begin
_START_HERE: Final = "<- start here"


def say(text: str) -> None:
    """A line of progress or complaint, on stderr."""
    click.echo(text, err=True)


def print_lines(lines: Iterable[str]) -> None:
    """Lines of a result, on stdout; the one that matters most stands out where the terminal wants colour."""
    for line in lines:
        click.echo(click.style(line, bold=True) if _START_HERE in line and _wants_colour() else line)


def print_json(document: Mapping[str, Any]) -> None:
    """One JSON document, on stdout."""
    # where the console lacks a letter, JSON has its own way to write it
    ascii_only = not (sys.stdout.encoding or "").lower().startswith("utf")
    click.echo(json.dumps(document, indent=2, ensure_ascii=ascii_only, allow_nan=False))


def _wants_colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


@contextmanager
def reported(*, debug: bool) -> Iterator[None]:
    """Turns every failure into its message and exit code, a traceback only if asked for; files are private."""
    _print_what_the_console_lacks()
    before = os.umask(_OWNER_ONLY)
    try:
        with stoppable():
            yield
    except AuditError as error:
        for line in error.lines()[:_MOST_LINES]:
            say(line)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # the reader of our output has gone, as `head` does: click ends quietly
        raise
    except Exception as error:
        if debug:
            raise
        # the text of an exception may quote the data: its kind alone is shown
        say(f"INTERNAL_ERROR: something went wrong inside b12audit ({type(error).__name__}). Nothing was written.")
        say("  what to do: repeat with  b12audit --debug run ...  and send us the last lines, not your data")
        sys.exit(_INTERNAL_ERROR)
    finally:
        os.umask(before)


class Door(click.Group):
    """A group whose complaints about wrong usage look like every other message: an id, a place, what to do."""

    def main(self, *arguments: Any, **options: Any) -> Any:  # noqa: D102
        with stoppable():
            return super().main(*arguments, **options)

    def make_context(  # noqa: D102
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _house_form():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: D102
        with _house_form():
            return super().invoke(ctx)


@contextmanager
def _house_form() -> Iterator[None]:
    try:
        yield
    except click.UsageError as error:
        raise error if isinstance(error, _WrongUsage) else _WrongUsage(error) from error
    except click.Abort:
        # a question that nobody answers
        interrupted()


class _WrongUsage(click.UsageError):
    """What was typed is no command, option or value that there is."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(error.format_message(), error.ctx)
        self.code = _USAGE_CODES.get(type(error), "WRONG_USAGE")

    def show(self, file: Any = None) -> None:
        """Print it as `AuditError.lines` does; what it is about, and where its help stands."""
        command = self.ctx.command_path if self.ctx else "b12audit"
        remedy = f"see what can be typed:  {command} --help"
        for line in UsageError(self.message, where=command, remedy=remedy, code=self.code).lines():
            click.echo(line, err=True, file=file)


_USAGE_CODES: Final = {
    click.NoSuchCommand: "NO_SUCH_COMMAND",
    click.NoSuchOption: "NO_SUCH_OPTION",
    click.MissingParameter: "ARGUMENT_MISSING",
    click.BadParameter: "VALUE_WRONG",
    click.BadOptionUsage: "VALUE_WRONG",
}


def _print_what_the_console_lacks() -> None:
    """A letter that the console does not have is printed as its number instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
