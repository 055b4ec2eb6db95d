"""Processes that do pieces of work side by side; all of them are gone when the work ends, however it ends.

They only write into a folder that is swept after a failure: so nobody waits for what is half done, it is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection
from typing import Any, Final

_FORKSERVER: Final = "forkserver"
#: imported once by the process that starts the others, and shared by all of them
_SHARED: Final = ["audit.engine.preload"]

Work = Callable[..., Any]


@contextmanager
def warmed_up(count: int) -> Iterator[None]:
    """Lets the process that starts the others import what they need, while this one does the same; it ends after."""
    try:
        _warm_up(count)
        yield
    finally:
        _cool_down()


def _warm_up(count: int) -> None:
    if count == 1 or _FORKSERVER not in multiprocessing.get_all_start_methods():
        return
    from multiprocessing import forkserver, resource_tracker  # noqa: PLC0415 - Windows has none

    # it would let interrupts through again
    resource_tracker.ensure_running()
    forkserver.set_forkserver_preload(_SHARED)
    # whoever is at the keyboard interrupts this process, which ends the others
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _cool_down() -> None:
    """The process that starts the others would end by itself, but take its time."""
    if _FORKSERVER not in multiprocessing.get_all_start_methods():
        return
    from multiprocessing import forkserver  # noqa: PLC0415 - Windows has none

    # no public name stops it
    server: Any = forkserver._forkserver
    if server._forkserver_pid is not None:
        os.kill(server._forkserver_pid, signal.SIGKILL)
        server._stop()


class Workers:
    """Some processes; with one worker, this process alone."""

    def __init__(self) -> None:
        """None yet."""
        self._processes: list[Any] = []
        self._pipes: list[connection.Connection] = []

    def start(self, count: int) -> None:
        """Start so many; for one nothing has to be started."""
        _warm_up(count)
        context: Any = multiprocessing.get_context(_start_method())
        for _ in range(count if count > 1 else 0):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._processes.append(process)
            process.start()
            theirs.close()
            self._pipes.append(ours)

    def each(self, work: Work, tasks: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """What the work makes of each task, in the order of the tasks; the first that fails raises its error.

        Raises:
            WorkerLost: the machine has ended a process.
        """
        if not self._pipes:
            yield from (work(*task) for task in tasks)
            return
        waiting, at, done = iter(enumerate(tasks)), dict[connection.Connection, int](), dict[int, tuple[bool, Any]]()
        idle = list(self._pipes)
        for due in range(len(tasks)):
            while due not in done:
                for pipe, (number, task) in zip(idle, waiting, strict=False):
                    at[pipe] = number
                    pipe.send((work, task))
                idle = connection.wait(list(at))  # type: ignore[assignment]
                done |= {at.pop(pipe): _answer(pipe) for pipe in idle}
            well, result = done.pop(due)
            if not well:
                raise result
            yield result

    def stop(self) -> None:
        """End them at once."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """So many processes, which are gone afterwards."""
    ours = Workers()
    try:
        ours.start(count)
        yield ours
    finally:
        ours.stop()


class WorkerLost(RuntimeError):
    """A process has ended in the middle of its work: the machine had no memory left, or somebody killed it."""


def _start_method() -> str:
    return _FORKSERVER if _FORKSERVER in multiprocessing.get_all_start_methods() else "spawn"


def _answer(pipe: connection.Connection) -> tuple[bool, Any]:
    try:
        answer: tuple[bool, Any] = pipe.recv()
    except (EOFError, ConnectionError) as error:
        raise WorkerLost("a process ended in the middle of its work") from error
    return answer


def _serve(pipe: connection.Connection) -> None:
    """Does one piece of work after the other, until nobody is there to ask for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            work, task = pipe.recv()
        except EOFError:
            return
        try:
            answer = True, work(*task)
        except Exception as error:  # raised where the work was asked for
            answer = False, error
        pipe.send(answer)
