"""The report in a real browser: silent, within its window at every width, usable by keyboard and without colour."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

import pytest

from tests.pages import PAGES, open_report, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
SLOW = {"usual", "one", "unknown", "cycles", "pages", "many", "standards"}
#: a window as wide as a desk's, a telephone's, and one of 1280 pixels at 400 per cent
SIZES = ((1280, 900), (400, 800), (320, 256))
EVERY = [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in PAGES]


@pytest.fixture
def usual(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    page = open_report(browser, tmp_path, report("usual")).page
    yield page
    page.close()


@pytest.mark.parametrize("name", EVERY)
def test_the_page_opens_in_silence_and_fits(browser: Browser, tmp_path: Path, name: str) -> None:
    watched = open_report(browser, tmp_path, report(name))
    for width, height in SIZES:
        watched.page.set_viewport_size({"width": width, "height": height})
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.said == []
    assert watched.asked == [watched.address]
    assert watched.page.evaluate("document.querySelector('main').innerText.length") > 1000
    watched.page.close()


def test_wider_spaced_text_still_fits(usual: Page) -> None:
    usual.set_viewport_size({"width": 320, "height": 800})
    usual.evaluate("""document.querySelectorAll('main *').forEach(item => Object.assign(item.style,
        {lineHeight: '1.5', letterSpacing: '.12em', wordSpacing: '.16em'}))""")
    assert usual.evaluate("document.documentElement.scrollWidth") <= 320
    assert usual.evaluate(
        "[...document.querySelectorAll('p, dd, li, h2, h3')].filter(one => one.scrollWidth > one.clientWidth + 1 "
        "&& getComputedStyle(one).display == 'block' && !one.closest('.hide')).length"
    ) == 0  # fmt: skip


def test_the_first_screen_says_what_matters(browser: Browser, tmp_path: Path) -> None:
    page = open_report(browser, tmp_path, report("cycles"), 1280, 900).page
    for selector in (".now", ".card.first .big", "#summary .inset:not(.now)", "#actions li a"):
        assert page.locator(selector).first.bounding_box()["y"] < 900 - 20, selector  # type: ignore[index]
    page.close()


def test_no_row_of_the_criteria_is_blank_and_tall_on_a_narrow_screen(usual: Page) -> None:
    for width in (320, 400, 840, 1280):
        usual.set_viewport_size({"width": width, "height": 800})
        tallest = usual.evaluate(
            "Math.max(...[...document.querySelectorAll('.scores tbody')].map(one => one.offsetHeight))"
        )
        assert tallest < 400, width


def test_a_script_that_got_in_would_not_run(browser: Browser, tmp_path: Path) -> None:
    watched = open_report(browser, tmp_path, report("usual"))
    watched.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = `ran`'}))"
    )
    for text in ('<img src=x onerror="document.title=`ran`">', '<p id=in style="color:red">'):
        watched.page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", text)
    assert watched.page.title() != "ran"
    assert watched.page.evaluate("getComputedStyle(document.getElementById('in')).color") == "rgb(33, 43, 50)"
    assert " ".join(watched.said).count("Content Security Policy") >= 3
    watched.page.close()


def test_the_report_is_whole_without_scripts(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report("usual"), encoding="utf-8")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(file.as_uri())
    assert page.locator("table.work tbody tr").count() == 6
    assert all(section.is_visible() for section in page.locator("section").all())
    assert not page.locator("#filter").is_visible()
    page.locator("summary").first.click()
    assert page.locator("details[open]").count() == 1
    page.context.close()


def test_the_filter_box_hides_rows_and_counts(usual: Page) -> None:
    usual.locator("#filter").fill("p0009")
    assert usual.locator("table.work tbody tr:visible").count() == 1
    assert usual.locator("#filtered").inner_text() == "1 of 6 rows"
    usual.locator("#filter").fill("")
    assert usual.locator("table.work tbody tr:visible").count() == 6


STOPS = (
    "[...document.querySelectorAll('a[href], input, summary, [tabindex=\"0\"]')].filter(one => one.checkVisibility())"
)
HERE = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    return [one == document.body ? -1 : STOPS.indexOf(one), style.outlineStyle, parseFloat(style.outlineWidth),
            box.bottom > 0 && box.top < innerHeight && box.left >= 0];
}""".replace("STOPS", f"({STOPS})")


def test_the_keyboard_walks_the_page_from_end_to_end(browser: Browser, tmp_path: Path) -> None:
    """Each link, box, region and summary once and in order, each with a frame that is seen, and out at the end."""
    page = open_report(browser, tmp_path, report("one")).page
    stops = page.evaluate(f"{STOPS}.length")
    for place in range(stops):
        page.keyboard.press("Tab")
        assert page.evaluate(HERE) == [place, "solid", 3, True]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement == document.body")
    kinds = page.evaluate(f"[...new Set({STOPS}.map(one => one.tagName))]")
    assert set(kinds) == {"A", "DIV", "INPUT", "SUMMARY"}
    page.close()


def test_the_skip_link_comes_first_and_enter_opens_details(usual: Page) -> None:
    usual.keyboard.press("Tab")
    assert usual.evaluate("document.activeElement.className") == "skip"
    usual.keyboard.press("Enter")
    assert usual.evaluate("location.hash") == "#main"
    usual.locator("table.work summary").first.focus()
    usual.keyboard.press("Enter")
    assert usual.locator("table.work details[open]").count() == 1
    usual.keyboard.press("Enter")
    assert usual.locator("table.work details[open]").count() == 0


#: of a part of a picture, without its frame, the pixels' relative luminance, as WCAG counts it
LUMINANCE = """async ([source, box]) => {
    const picture = new Image(); picture.src = source; await picture.decode();
    const canvas = Object.assign(document.createElement('canvas'), {width: picture.width, height: picture.height});
    const pen = canvas.getContext('2d'); pen.drawImage(picture, 0, 0);
    const bytes = pen.getImageData(box.x + 2, box.y + 2, box.width - 4, box.height - 4).data, found = [];
    const linear = byte => byte <= 10.31475 ? byte / 3294.6 : ((byte / 255 + .055) / 1.055) ** 2.4;
    for (let at = 0; at < bytes.length; at += 4)
        found.push(.2126 * linear(bytes[at]) + .7152 * linear(bytes[at + 1]) + .0722 * linear(bytes[at + 2]));
    return found;
}"""


def luminance(browser: Browser, png: bytes, boxes: dict[str, Any]) -> dict[str, list[float]]:
    page = browser.new_page()
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    found = {kind: page.evaluate(LUMINANCE, [source, box]) for kind, box in boxes.items()}
    page.close()
    return found


def contrast(first: float, second: float) -> float:
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def test_the_answers_differ_in_grey(browser: Browser, usual: Page) -> None:
    """Met is plain and dark, the others are patterned and light, no two alike, each framed in a dark line."""
    usual.evaluate("document.documentElement.style.filter = 'grayscale(1)'")
    kinds = ("met", "not-met", "unclear")
    boxes = {kind: usual.locator(f".card.first .key .part-{kind}").bounding_box() for kind in kinds}
    grey = luminance(browser, usual.screenshot(), boxes)
    mean = {kind: fmean(pixels) for kind, pixels in grey.items()}
    assert pstdev(grey["met"]) < 0.01
    assert min(pstdev(grey["not-met"]), pstdev(grey["unclear"])) > 0.08
    assert contrast(mean["met"], mean["not-met"]) >= 3 and contrast(mean["met"], mean["unclear"]) >= 3
    assert all(contrast(mean[one], mean[two]) > 1.3 for one, two in combinations(mean, 2))
    assert contrast(0.0234, mean["not-met"]) >= 3  # the line of #212b32 between two parts


def test_every_part_of_a_bar_is_named_beside_it(usual: Page) -> None:
    cards = usual.locator(".card").all()
    assert len(cards) == 2
    for card in cards:
        assert card.locator(".bar rect").count() == card.locator(".key span").count() > 0
        label = card.locator(".bar title").text_content() or ""
        assert [text for text in card.locator(".key span").all_inner_texts() if text.strip() not in label] == []


def test_forced_colours_keep_charts_frames_and_focus(usual: Page) -> None:
    usual.emulate_media(forced_colors="active")
    fills = [
        usual.evaluate(f"getComputedStyle(document.querySelector('.card .part-{kind}')).fill")
        for kind in ("met", "not-met", "unclear")
    ]
    assert fills == ["rgb(18, 67, 109)", 'url("#hatch")', 'url("#dots")']
    assert usual.evaluate("getComputedStyle(document.querySelector('.tag')).borderTopWidth") == "1px"
    usual.keyboard.press("Tab")
    assert usual.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    drawn = usual.evaluate("getComputedStyle(document.querySelector('svg.bar')).backgroundColor")
    assert drawn == "rgb(255, 255, 255)"


def test_nothing_moves(usual: Page) -> None:
    usual.emulate_media(reduced_motion="reduce")
    assert usual.evaluate(
        """[...document.querySelectorAll('*')].map(one => getComputedStyle(one)).filter(style =>
            style.animationName != 'none' || parseFloat(style.transitionDuration) > 0 ||
            style.scrollBehavior == 'smooth').length"""
    ) == 0  # fmt: skip
