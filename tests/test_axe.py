"""The rules of axe-core for WCAG 2.2 AA and good practice: nothing on any page breaks one."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pages import PAGES, open_report, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: `long` and `several` hold all that the other reports hold, a previous cycle and what is partial too
FAST = {"long", "compare"}
#: looked up anew for each element, minutes for 1,000 rows: forty of the same rows (`pages`) are held to them
PER_ELEMENT = ("color-contrast", "target-size")
EVERY = [pytest.param(name, marks=[] if name in FAST else [pytest.mark.slow]) for name in PAGES]


@cache
def axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def broken(page: Page, without: tuple[str, ...] = ()) -> list[str]:
    """Each broken rule, and the first element that breaks it."""
    page.evaluate(axe())
    rules = {name: {"enabled": False} for name in without}
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "rules": rules}
    found = page.evaluate("options => axe.run(document, options)", options)
    assert len(found["passes"]) > 30, "axe has hardly looked"
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found["violations"]]


@pytest.mark.parametrize("name", EVERY)
def test_no_rule_is_broken(browser: Browser, tmp_path: Path, name: str) -> None:
    page = open_report(browser, tmp_path, report(name)).page
    assert broken(page, PER_ELEMENT if name == "many" else ()) == []
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 320])
def test_no_rule_is_broken_by_the_sample(browser: Browser, tmp_path: Path, audited_once: Path, width: int) -> None:
    html = (audited_once / "report.html").read_text(encoding="utf-8")
    page = open_report(browser, tmp_path, html, width).page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert broken(page) == []
    page.close()


def test_a_broken_rule_is_found(browser: Browser, tmp_path: Path) -> None:
    page = open_report(browser, tmp_path, report("compare")).page
    page.evaluate("document.querySelector('h1').remove()")
    assert [text.partition(":")[0] for text in broken(page)] == ["page-has-heading-one"]
    page.close()
