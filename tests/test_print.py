"""The report on paper: A4, the summary on its first page, headers on every page that a table runs over."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pages import open_report, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
A4_WIDTH, A4_HEIGHT = 703, 1009  # pixels between the margins that the style sets
#: on the first page, from top to bottom
FIRST_PAGE = ("Summary", "What to do now", "What this rests on")


def opened(browser: Browser, folder: Path, name: str) -> Page:
    page = open_report(browser, folder, report(name), A4_WIDTH, A4_HEIGHT).page
    page.emulate_media(media="print")
    return page


def printed(page: Page, folder: Path) -> list[str]:
    """The text of each printed page, in reading order of its lines."""
    file = folder / "report.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    read = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True, text=True)
    return read.stdout.split("\f")[:-1]


@pytest.mark.parametrize("name", ["usual", "several"])
def test_the_summary_is_one_page_and_nothing_is_cut_off(browser: Browser, tmp_path: Path, name: str) -> None:
    page = opened(browser, tmp_path, name)
    bottom = page.evaluate("document.getElementById('run').getBoundingClientRect().bottom")
    tops = [page.evaluate(f"document.getElementById('{one}').getBoundingClientRect().top") for one in (
        "summary", "actions", "run",
    )]  # fmt: skip
    assert tops == sorted(tops) and bottom <= A4_HEIGHT
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH
    assert page.evaluate("[...document.querySelectorAll('.scroll')].every(one => one.scrollWidth <= one.clientWidth)")
    assert page.evaluate("getComputedStyle(document.querySelector('.work thead')).display") == "table-header-group"
    page.close()


def test_the_sheets_are_a4_and_details_are_as_they_were(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, "usual")
    paper = page.pdf(prefer_css_page_size=True)
    assert {tuple(map(round, map(float, box.split()))) for box in re.findall(rb"/MediaBox \[([^]]*)\]", paper)} <= {
        (0, 0, 595, 842), (0, 0, 596, 843), (0, 0, 595, 843), (0, 0, 596, 842),
    }  # fmt: skip
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 4
    assert page.locator("#criteria details[open]").count() == 0
    page.close()


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler's pdftotext")
def test_the_pages_read_as_drawn(browser: Browser, tmp_path: Path) -> None:
    """Page 1 the summary, then the worklist under its headers, then the criteria with their rules opened."""
    page = opened(browser, tmp_path, "pages")
    sheets = printed(page, tmp_path)
    places = [sheets[0].index(heading) for heading in FIRST_PAGE]
    assert places == sorted(places) and "Version" in sheets[0] and "Worklist" not in sheets[0]
    start = next(number for number, text in enumerate(sheets) if "Criteria\n" in text)
    work = sheets[1:start]
    assert len(work) > 2 and work[0].lstrip().startswith("Worklist")
    assert [number for number, text in enumerate(work) if not re.search(r"Patient +Why.*12 months", text)] == []
    assert sum(len(re.findall(r"\bQ\d{5}\b", text)) for text in work) == 40
    rules = sheets[start : next(number for number, text in enumerate(sheets) if "Two- or three-monthly?" in text)]
    assert [number for number, text in enumerate(rules) if "Of those assessed" not in text] == []
    assert sum(text.count("Who:") for text in rules) == page.locator("#criteria details").count()
    page.close()
