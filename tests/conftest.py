"""What every test shares: no network, hypothesis without chance, and where the project stands."""

from __future__ import annotations

import gc
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import settings

from audit.cli import main

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: patients of the sample who are in the little one too
LITTLE = frozenset(f"P{number:04d}" for number in (*range(1, 9), 47, 60, 112))
LOOPBACK = ("127.0.0.1", "::1", "localhost")

# The same examples on every run and machine: what `make test` says of a commit never changes.
settings.register_profile("steady", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("steady")


def pytest_configure() -> None:
    """Ctrl-C is not ignored, here and in what the tests start: a job in the background of a shell inherits that."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What was imported stays until the end: the collector need not walk all of it every few hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


class NetworkUsed(AssertionError):
    """Something tried to leave this machine."""


def _is_local(family: int, address: Any) -> bool:
    inet = family in (socket.AF_INET, socket.AF_INET6)
    return not inet or (isinstance(address, tuple) and address[0] in LOOPBACK)


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Every socket refuses to leave the machine; loopback stays, for the browser's own control channel."""
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_local(self.family, address):
            raise NetworkUsed(f"connection to {address!r}")
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        if not _is_local(self.family, address):
            raise NetworkUsed(f"connection to {address!r}")
        return connect_ex(self, address)

    def guarded_lookup(host: Any, *args: Any, **options: Any) -> Any:
        if host not in (None, *LOOPBACK):
            raise NetworkUsed(f"look-up of {host!r}")
        return lookup(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        patch.setattr(socket, "getaddrinfo", guarded_lookup)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def sample(root: Path) -> Path:
    """The sample workbook that `make demo` reads."""
    return root / "sample_data" / "records.xlsx"


@pytest.fixture(scope="session")
def little(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with eleven of its patients: a real practice, but not a whole one, for tests of the command."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - most tests need none

    from tests.intake_files import write_xlsx  # noqa: PLC0415 - most tests need none

    whole = CalamineWorkbook.from_path(sample)
    sheets = {name: whole.get_sheet_by_name(name).to_python() for name in whole.sheet_names}
    for name, rows in sheets.items():
        sheets[name] = [row for place, row in enumerate(rows) if not place or name == "About" or row[0] in LITTLE]
    return write_xlsx(tmp_path_factory.mktemp("little") / "records.xlsx", sheets)


@pytest.fixture(scope="session")
def audited_once(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one run of the sample workbook. Read it, or copy it; never write into it."""
    out = tmp_path_factory.mktemp("sample") / "out"
    done = CliRunner().invoke(main, ["run", str(sample), "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker; each test opens a page of its own."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - most tests need no browser

    program = shutil.which("chromium")
    assert program, "no program named chromium on the PATH: `make chromium` installs it"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield opened
        opened.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden outputs anew")
