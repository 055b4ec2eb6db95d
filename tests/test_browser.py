"""The report in a real browser: it asks for nothing, complains of nothing, and can be read in every width."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from audit.render.html import render_html
from audit.render.view import build_view
from audit.results.audit import AuditResult
from tests import fake_result as fake

pytestmark = pytest.mark.browser
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
A4_WIDTH, A4_HEIGHT = 703, 1009  # pixels between the margins that the style sets


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "no program named chromium on the PATH: `make chromium` installs it"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield opened
        opened.close()


@dataclass
class Watched:
    """A page, and everything it said or asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog {dialog.message}"))
        self.page.on("request", lambda request: self.asked.append(request.url))


def rendered(result: AuditResult) -> str:
    return render_html(build_view(result, version="1.2.3", command="b12audit run records.xlsx"))


def open_report(browser: Browser, folder: Path, html: str, width: int = 1280, height: int = 900) -> Watched:
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8", newline="")
    watched = Watched(browser.new_page(viewport={"width": width, "height": height}))
    watched.page.goto(file.as_uri())
    return watched


VARIANTS: dict[str, Callable[[], AuditResult]] = {
    "usual": fake.result,
    "empty": lambda: fake.result(()),
    "many": lambda: fake.many(1200),
    "long": fake.long_words,
    "payloads": fake.payloads,
}


@functools.cache
def report(name: str) -> str:
    return rendered(VARIANTS[name]())


@pytest.mark.parametrize("width", [1280, 400, 320])
@pytest.mark.parametrize("name", VARIANTS)
def test_the_report_opens_in_silence_and_fits(browser: Browser, tmp_path: Path, name: str, width: int) -> None:
    watched = open_report(browser, tmp_path, report(name), width)
    picture = tmp_path / "report.png"
    watched.page.screenshot(path=picture)
    assert watched.said == []
    assert watched.asked == [(tmp_path / "report.html").as_uri()]
    assert picture.stat().st_size > 10_000
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    watched.page.close()


def test_style_and_script_apply(browser: Browser, tmp_path: Path) -> None:
    page = open_report(browser, tmp_path, report("usual")).page
    assert page.evaluate("getComputedStyle(document.querySelector('.top')).borderBottomColor") == "rgb(18, 67, 109)"
    assert page.locator("#filter").is_visible()
    page.close()


def test_a_script_that_got_in_would_not_run(browser: Browser, tmp_path: Path) -> None:
    watched = open_report(browser, tmp_path, report("usual"))
    watched.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = `ran`'}))"
    )
    assert watched.page.title() != "ran"
    assert "Content Security Policy" in " ".join(watched.said)
    watched.page.close()


def test_the_report_is_whole_without_scripts(browser: Browser, tmp_path: Path) -> None:
    open_report(browser, tmp_path, report("usual")).page.close()
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((tmp_path / "report.html").as_uri())
    assert page.locator("table.work tbody tr").count() == 6
    assert not page.locator("#filter").is_visible()
    page.locator("summary").first.click()
    assert page.locator("details[open]").count() == 1
    page.context.close()


def test_the_filter_box_hides_rows_and_counts(browser: Browser, tmp_path: Path) -> None:
    page = open_report(browser, tmp_path, report("usual")).page
    page.locator("#filter").fill("p0009")
    assert page.locator("table.work tbody tr:visible").count() == 1
    assert page.locator("#filtered").inner_text() == "1 of 6 rows"
    page.locator("#filter").fill("")
    assert page.locator("table.work tbody tr:visible").count() == 6
    page.close()


def test_the_keyboard_reaches_the_report_and_opens_details(browser: Browser, tmp_path: Path) -> None:
    page = open_report(browser, tmp_path, report("usual")).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.locator("table.work summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("table.work details[open]").count() == 1
    page.close()


def test_print_has_the_summary_on_one_page_and_repeats_headers(browser: Browser, tmp_path: Path) -> None:
    page = open_report(browser, tmp_path, report("usual"), A4_WIDTH, A4_HEIGHT).page
    page.emulate_media(media="print")
    assert page.evaluate("document.getElementById('worklist').getBoundingClientRect().top") <= A4_HEIGHT
    assert page.evaluate("getComputedStyle(document.querySelector('.work thead')).display") == "table-header-group"
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))
    assert len(pages) > 4
    assert page.locator("#criteria details[open]").count() == 0
    page.close()


def test_the_three_answers_differ_without_colour(browser: Browser, tmp_path: Path) -> None:
    page = open_report(browser, tmp_path, report("usual")).page
    fills = {
        page.evaluate(f"getComputedStyle(document.querySelector('.card .part-{kind}')).fill")
        for kind in ("met", "not-met", "unclear")
    }
    assert fills == {"rgb(18, 67, 109)", 'url("#hatch")', 'url("#dots")'}
    page.close()


def test_forced_colours_keep_the_charts(browser: Browser, tmp_path: Path) -> None:
    page = open_report(browser, tmp_path, report("usual")).page
    page.emulate_media(forced_colors="active")
    assert page.evaluate("getComputedStyle(document.querySelector('.card .part-met')).fill") == "rgb(18, 67, 109)"
    page.close()
