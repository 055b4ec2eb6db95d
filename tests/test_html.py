from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
from jinja2 import UndefinedError

from audit.cohort.window import DateOptions
from audit.intake.read import read_extract
from audit.pipeline import audit
from audit.render import html
from audit.render.html import render_html
from audit.render.view import build_view
from audit.render.words import STATEMENT
from audit.render.workbook import write_workbook
from audit.results.audit import AuditResult
from audit.standards.standard import load_standard
from benchmarks.workload import sheets, write_xlsx
from tests import fake_result as fake

VOID = {"meta", "input", "br", "img", "link", "hr", "wbr"}
MEGABYTE = 1_000_000
Make = Callable[[], AuditResult]
VARIANTS: dict[str, Make] = {
    "usual": fake.result,
    "empty": lambda: fake.result(()),
    "one": lambda: fake.result(fake.STORIES[:1]),
    "unknown": fake.all_unknown,
    "many": lambda: fake.many(30),
    "long": fake.long_words,
    "payloads": fake.payloads,
}


@dataclass
class Element:
    """One element: its name, attributes and text below it."""

    name: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """A page as its elements; an element left open or closed twice is a fault."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop().name != tag:
            self.faults.append(f"</{tag}> at line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, name: str) -> list[Element]:
        return [element for element in self.elements if element.name == name]

    def values(self, attribute: str) -> Iterator[str]:
        return (value for item in self.elements if (value := item.attributes.get(attribute)) is not None)


def written(make: Make) -> str:
    return render_html(build_view(make(), version="1.2.3", command="b12audit run records.xlsx"))


def parsed(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    return page


@pytest.fixture(scope="module")
def usual() -> Page:
    return parsed(written(fake.result))


@pytest.fixture(scope="module")
def hostile() -> Page:
    return parsed(written(fake.payloads))


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_is_well_formed(name: str) -> None:
    text = written(VARIANTS[name])
    page = parsed(text)
    assert text.startswith("<!doctype html>\n")
    assert (page.faults, page.open) == ([], [])
    assert "Undefined" not in text
    assert [count for count in Counter(page.values("id")).values() if count > 1] == []


@pytest.mark.parametrize("name", VARIANTS)
def test_every_link_leads_somewhere_on_the_page(name: str) -> None:
    page = parsed(written(VARIANTS[name]))
    ids = set(page.values("id"))
    links = {*page.values("href"), *(f"#{word}" for text in page.values("aria-labelledby") for word in text.split())}
    assert [link for link in links if not link.startswith("#") or link[1:] not in ids] == []


def test_an_unclosed_element_is_found() -> None:
    assert parsed("<p><b>x</p>").faults


def test_the_policy_comes_first_and_names_style_and_script(usual: Page) -> None:
    head = [element for element in usual.elements if element.name in ("meta", "style", "script", "link", "title")]
    assert head[0].attributes["http-equiv"] == "Content-Security-Policy"
    policy = head[0].attributes["content"] or ""
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for name in ("style", "script"):
        (element,) = usual.all(name)
        digest = b64encode(sha256(element.text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


def test_nothing_is_loaded_from_anywhere(usual: Page) -> None:
    assert not {"link", "iframe", "object", "embed", "base", "form", "img", "audio", "video"} & {
        element.name for element in usual.elements
    }
    assert list(usual.values("src")) == []
    (style,) = usual.all("style")
    assert "@import" not in style.text
    assert re.findall(r"url\(([^)]*)\)", style.text) and set(re.findall(r"url\(([^)]*)\)", style.text)) <= {
        "#hatch", "#pale", "#dots",
    }  # fmt: skip


def test_nothing_runs_or_styles_inline(usual: Page, hostile: Page) -> None:
    for page in (usual, hostile):
        attributes = {name for element in page.elements for name in element.attributes}
        assert not {name for name in attributes if name.startswith("on")}
        assert "style" not in attributes


def test_text_of_the_input_stays_text(usual: Page, hostile: Page) -> None:
    assert {element.name for element in hostile.elements} - {element.name for element in usual.elements} <= {"ul", "li"}
    (whole,) = hostile.all("html")
    shown = [text for text in fake.PAYLOADS if "\x00" not in text]
    assert [text for text in shown if text not in whole.text] == []
    assert "49" not in {element.text for element in hostile.all("span")}
    for character in ("\x00", "\x1b", "\u202e"):
        assert character not in whole.text


def test_the_statement_and_a_partial_run_are_said() -> None:
    (whole,) = parsed(written(lambda: fake.result(partial="1 of 3 files could not be read."))).all("body")
    assert whole.text.count(STATEMENT) >= 2
    assert whole.text.count("1 of 3 files could not be read.") == 2
    assert "partial" not in parsed(written(fake.result)).all("main")[0].text.lower()


def test_language_headings_and_landmarks(usual: Page) -> None:
    assert usual.all("html")[0].attributes["lang"] == "en-GB"
    headings = [element for element in usual.elements if re.fullmatch(r"h[1-6]", element.name)]
    levels = [int(element.name[1]) for element in headings]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for name in ("header", "nav", "main", "footer"):
        assert len(usual.all(name)) == 1
    assert usual.elements[[item.name for item in usual.elements].index("body") + 1].attributes["href"] == "#main"


def test_every_table_has_a_caption_and_scoped_headers(usual: Page) -> None:
    assert len(usual.all("caption")) == len(usual.all("table")) > 5
    assert all(element.attributes.get("scope") in ("col", "row") for element in usual.all("th"))


def test_every_picture_has_words_or_is_decoration() -> None:
    """A chart has a title and a description and stands beside its table; a row's timeline, a title and dates."""
    charts = re.findall(r"<svg\b[^>]*>.*?</svg>", written(fake.result), re.S)
    kinds: Counter[str] = Counter()
    for chart in charts:
        if 'role="img"' not in chart:
            assert 'aria-hidden="true"' in chart.partition(">")[0]
            continue
        (kind,) = re.findall(r'class="(\w+)"', chart.partition(">")[0])
        kinds[kind] += 1
        parts = (r"<title>[^<]+</title>", r"<desc>[^<]+</desc>")[: 1 if kind == "line" else 2]
        assert [part for part in parts if not re.search(part, chart)] == [], chart[:200]
    assert set(kinds) == {"bar", "line", "histogram", "runchart"}


def test_numbers_stand_on_the_parts_of_a_bar(usual: Page) -> None:
    assert "3 patients: 1 met, 1 not met and 1 cannot tell" in {element.text for element in usual.all("title")}
    assert any(str(element.attributes.get("class", "")).startswith("number-") for element in usual.all("text"))


def test_no_traffic_light_and_no_nhs_blue(usual: Page) -> None:
    text = usual.all("style")[0].text.lower() + "".join(str(value) for value in usual.values("fill")).lower()
    assert "#12436d" in text and "#f46a25" in text
    assert not re.findall(r"#005eb8|\bred\b|\bgreen\b|\bamber\b|#ff0000|#00ff00|#d5281b|#007f3b|#ffb81c", text)


def test_a_thousand_rows_and_under_three_megabytes() -> None:
    text = written(lambda: fake.many(1200))
    assert len(text.encode()) < 3 * MEGABYTE
    assert text.count('<tr role="row" id="p') == 1000
    assert "Showing the first 1,000 of 1,200; the workbook has all." in text


def test_a_page_that_would_be_larger_shows_fewer_rows_and_says_so() -> None:
    long = [replace(fake.STORIES[number % 2 * 3], patient=f"{number:04}{'é' * 290}", practice="ü" * 290)
            for number in range(1200)]  # fmt: skip
    text = written(lambda: fake.result(long))
    shown = text.count('<tr role="row" id="p')
    assert 2.8 * MEGABYTE < len(text.encode()) <= 3 * MEGABYTE
    assert 0 < shown < 1000
    assert f"Showing the first {shown:,} of 1,200; the workbook has all." in text


def test_a_page_that_no_row_fits_is_written_without_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_BYTES", 1000)
    assert "Showing the first 0 of 6; the workbook has all." in written(fake.result)


@pytest.mark.slow
def test_page_and_workbook_of_5000_patients_take_no_longer_than_reading_and_judging_them(tmp_path: Path) -> None:
    """In processor time, which a busy machine does not lengthen; the least of two goes each."""
    write_xlsx(sheets(5_000), tmp_path / "records.xlsx")
    judging, rendering = [], []
    for _ in range(2):
        clock = [process_time()]
        result = audit([read_extract(tmp_path / "records.xlsx")], DateOptions(), load_standard(), date(2026, 12, 31))
        clock.append(process_time())
        view = build_view(result, version="1.2.3", command="b12audit run records.xlsx")
        text = render_html(view)
        write_workbook(result, view, tmp_path / "report.xlsx")
        clock.append(process_time())
        judging.append(clock[1] - clock[0])
        rendering.append(clock[2] - clock[1])
        assert len(text.encode()) <= 3 * MEGABYTE
    assert min(rendering) <= min(judging)


def test_nobody_to_list_is_said() -> None:
    text = written(VARIANTS["empty"])
    assert "No patients: no record differs from a mandated criterion." in text
    assert "0%" not in parsed(text).all("main")[0].text


def test_the_same_view_is_the_same_page() -> None:
    assert written(fake.result) == written(fake.result)


def test_a_name_that_the_view_lacks_is_an_error() -> None:
    template = html.page_environment().from_string("{{ view.nothing }}")
    with pytest.raises(UndefinedError):
        template.render(view=build_view(fake.result(), version="1", command="x"))


def test_escaping_does_not_hang_on_the_templates_name() -> None:
    template = html.page_environment().from_string("{{ text }}")
    assert template.render(text="<b>") == "&lt;b&gt;"


def test_several_practices_are_named_in_the_rows() -> None:
    stories = (fake.STORIES[0], replace(fake.STORIES[0], practice="Z99999"))
    tables = parsed(written(lambda: fake.result(stories))).all("table")
    (table,) = [item for item in tables if "Z99999" in item.text]
    assert "Y12345" in table.text
