"""Ctrl-C and the end of the machine: one message and one exit code, wherever in a command they come.

Nothing heavy is imported here: from the first line of the program on, both are taken.
"""

from __future__ import annotations

import _thread
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, NoReturn

INTERRUPTED, TERMINATED = 130, 143
_SIGNALS: Final = {INTERRUPTED: signal.SIGINT, TERMINATED: signal.SIGTERM}
_SAID: Final = {INTERRUPTED: "Interrupted", TERMINATED: "Terminated"}
_NO_HARM: Final = "What stood there before still stands, unless the new report is there already, whole."
#: seconds until a signal that was lost is sent again: the code that lost it has ended by then
_PAUSE: Final = 0.02


class Stopped(SystemExit):
    """Somebody ended the process, or the machine shuts down; `code` is the exit code, `asked` that of the last one."""

    code: int
    told = False
    asked: int | None = None


@contextmanager
def stoppable(*, ends: bool = False) -> Iterator[None]:
    """SIGINT and SIGTERM end the block, imports included, with their message, once, and `Stopped`.

    Args:
        ends: the process ends with the block; a signal that comes later changes nothing any more.
    """
    with _taken(ends):
        try:
            yield
        except KeyboardInterrupt:
            interrupted()
        except Stopped as stopped:
            _tell(stopped)
            raise
        except Exception:
            if Stopped.asked is None:
                raise
            # it came in the middle of an import, which said it in its own words
            end = Stopped(Stopped.asked)
            _tell(end)
            raise end from None


def interrupted() -> NoReturn:
    """Ends the command as Ctrl-C does.

    Raises:
        Stopped: always.
    """
    stopped = Stopped(INTERRUPTED)
    _tell(stopped)
    raise stopped from None


def _tell(stopped: Stopped) -> None:
    if not stopped.told:
        stopped.told = True
        # the terminal may have gone with whoever sat there
        with contextlib.suppress(OSError, ValueError):
            print(f"{_SAID[stopped.code]}. {_NO_HARM}", file=sys.stderr, flush=True)


@contextmanager
def _taken(ends: bool) -> Iterator[None]:
    """Both signals raise `Stopped`; in a block within a block, and in a thread, nothing changes."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is _stop:
        yield
        return
    Stopped.asked = None
    before = {number: signal.getsignal(number) for number in _SIGNALS.values()}
    _set({number: _stop for number, handler in before.items() if handler is not signal.SIG_IGN})
    hook, sys.unraisablehook = sys.unraisablehook, _send_again
    try:
        yield
    finally:
        _set(dict.fromkeys(before, signal.SIG_IGN) if ends else before)
        sys.unraisablehook = hook


def _set(handlers: dict[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        # None: set by something that is not Python, which cannot be put back
        if handler is not None:
            signal.signal(number, handler)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    # nothing is said here: the signal may have come in the middle of saying something
    Stopped.asked = next(code for code, one in _SIGNALS.items() if one == number)
    raise Stopped(Stopped.asked)


def _send_again(lost: Any) -> None:
    """Where nothing can be raised, as in callbacks of imports, Python drops what is raised: the signal comes again."""
    if isinstance(lost.exc_value, Stopped):
        later(_PAUSE, _SIGNALS[lost.exc_value.code]).start()
    else:
        sys.__unraisablehook__(lost)


def later(seconds: float, number: signal.Signals, first: Callable[[], object] = bool) -> threading.Timer:
    """A timer, not started, that sends the main thread a signal; `first` is called before.

    It works where there is no alarm signal too, as on Windows; there a wait is not cut short.
    """

    def send() -> None:
        first()
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(threading.main_thread().ident or 0, number)
        else:
            _thread.interrupt_main(number)

    timer = threading.Timer(seconds, send)
    timer.daemon = True
    return timer


@contextmanager
def at_most(seconds: float, too_long: Exception) -> Iterator[None]:
    """Raises `too_long` in a block that is still at work after so many seconds, as Ctrl-C would end it."""
    over = threading.Event()
    timer = later(seconds, signal.SIGTERM, over.set)
    try:
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
    except Stopped:
        if over.is_set():
            Stopped.asked = None
            raise too_long from None
        raise
