"""Pages to be held to the report's promises: every kind of run, and the page of two cycles."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit.cohort.window import DateOptions
from audit.intake.archive import Cycle
from audit.intake.notes import Note, Notes, Planned
from audit.intake.read import read_extract
from audit.pipeline import compare
from audit.render.compare_page import build_page
from audit.render.html import render_comparison, render_html
from audit.render.todo import sign_off_problems
from audit.render.view import build_view
from audit.results.audit import AuditResult
from audit.results.compare_cycles import CyclesCompared
from audit.results.compare_standards import compare_standards
from audit.standards.standard import load_standard
from tests import fake_result as fake
from tests import test_compare_cycles as cycles

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COMMAND: Final = "b12audit run records.xlsx"


@functools.cache
def two_cycles() -> tuple[CyclesCompared, AuditResult]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [cycles.records(Path(folder), cycles.PRACTICE, until) for until in (cycles.FIRST, cycles.SECOND)]
        old, new = (Cycle(path.name, (read_extract(path),)) for path in paths)
    return compare(old, new, load_standard(), cycles.TODAY)


def rendered(result: AuditResult, compared: CyclesCompared | None = None) -> str:
    return render_html(build_view(result, version="1.2.3", command=COMMAND, compared=compared))


def several_practices() -> AuditResult:
    stories = [replace(fake.STORIES[0], practice=name) for name in ("Y12345", "Z99999")]
    windows = tuple(replace(fake.WINDOW, file=f"{name}.xlsx") for name in ("one", "two"))
    return fake.result(stories, windows=windows, partial="1 of 3 files could not be read.")


def _comparison() -> str:
    noted = Note("I0", "Y1", "Every maintenance injection on time, without neurological involvement", "recall",
                 "AB", "2025-06-01", "x" * 300)  # fmt: skip
    discussed = Planned(sign_off_problems()[0], "Practice meeting", "AB", "2025-06-03", "")
    notes = Notes((noted,), (discussed,), 9)
    return render_comparison(build_page(*two_cycles(), notes, version="1.2.3", command=COMMAND))


def _standards() -> str:
    with tempfile.TemporaryDirectory() as folder:
        extract = read_extract(cycles.records(Path(folder), cycles.PRACTICE, cycles.SECOND))
    standards = (load_standard(), load_standard("patient-group"))
    found = compare_standards([extract], DateOptions(), standards, cycles.TODAY)
    return render_html(build_view(fake.result(), version="1.2.3", command=COMMAND, standards=found))


#: every page: what it shows, and how it is made
PAGES: Final[dict[str, Callable[[], str]]] = {
    "usual": lambda: rendered(fake.result()),
    "empty": lambda: rendered(fake.result(())),
    "one": lambda: rendered(fake.result(fake.STORIES[:1])),
    "unknown": lambda: rendered(fake.all_unknown()),
    "long": lambda: rendered(fake.long_words()),
    "payloads": lambda: rendered(fake.payloads()),
    "several": lambda: rendered(several_practices(), two_cycles()[0]),
    "cycles": lambda: rendered(two_cycles()[1], two_cycles()[0]),
    "standards": _standards,
    "compare": _comparison,
    "pages": lambda: rendered(fake.many(40)),
    "many": lambda: rendered(fake.many(1200)),
}


@functools.cache
def report(name: str) -> str:
    return PAGES[name]()


@dataclass
class Watched:
    """A page, and everything it said or asked for; whatever it asks for beside itself is refused."""

    page: Page
    address: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog {dialog.message}"))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.route(
            "**/*", lambda route: route.continue_() if route.request.url == self.address else route.abort()
        )
        self.page.goto(self.address)


def open_report(browser: Browser, folder: Path, html: str, width: int = 1280, height: int = 900) -> Watched:
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8", newline="")
    return Watched(browser.new_page(viewport={"width": width, "height": height}), file.as_uri())
