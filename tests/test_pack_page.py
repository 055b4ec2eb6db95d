"""What the commissioner's page says: each part by hand from published counts, and nothing of an exact one."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from audit.render.pack_page import PackPage
from audit.render.pack_view import build_pack_page
from audit.render.write_pack import write_pack
from audit.results.disclosure import SafeCount
from audit.results.pack import SafePack
from audit.results.pack_counts import FIELDS, PackCounts
from audit.results.patterns import CLASSES
from audit.results.publish import publish
from audit.results.releases import KEPT
from tests.test_pack import CODES, STRICT, counts, made, telling

SECTIONS = ["participation", "criteria", "mandated", "permitted", "mix", "missing", "change", "workload", "methods"]


@pytest.fixture(scope="module")
def pack() -> SafePack:
    """Twelve practices with an earlier release."""
    return made(counts(9, practices=12), before=publish(counts(10, practices=12), STRICT))


@pytest.fixture(scope="module")
def page(pack: SafePack) -> PackPage:
    return build_pack_page(pack, STRICT, version="1")


@pytest.fixture(scope="module")
def written(pack: SafePack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pack") / "pack"
    write_pack(pack, place, telling(counts(9, practices=12)))
    return place


class Outline(HTMLParser):
    """The page's sections, charts and tables in their order; a table with its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[str] = []
        self.parts: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "section":
            self.sections.append(said["id"] or "")
        elif tag in {"h2", "h3"}:
            self.parts.append([])
        elif tag == "table" or (tag == "svg" and said.get("class") == "runchart"):
            self.parts[-1].append(tag)


def outline(written: Path) -> Outline:
    found = Outline()
    found.feed((written / "pack.html").read_text(encoding="utf-8"))
    return found


def test_participation_comes_first_and_then_the_parts_in_their_order(written: Path) -> None:
    assert outline(written).sections == SECTIONS


def test_a_text_table_stands_beside_every_chart(written: Path, page: PackPage, pack: SafePack) -> None:
    parts = [part for part in outline(written).parts if "svg" in part]
    assert len(parts) == sum(part.strip is not None for part in page.tables) > 1
    assert {part[-1] for part in parts} == {"table"}
    rows = {item.code.text: item.rows for item in pack.criteria}
    for part in page.tables:
        shown = [row.practice.text for row in rows[part.code] if row.shown]
        percents = [line[0] for line in part.table.rows if line[7] not in ("–", "suppressed")]
        assert set(percents) <= set(shown)
        assert len(part.strip.dots if part.strip else ()) == len(shown)


def test_practices_stand_by_size_and_each_dot_is_where_its_published_share_is(page: PackPage, pack: SafePack) -> None:
    for part in page.tables:
        (item,) = (one for one in pack.criteria if one.code.text == part.code)
        by_size = sorted((row for row in item.rows if row.shown), key=lambda row: row.eligible.value or 0)
        assert part.strip, "these practices all show something"
        places = [float(dot.x) for dot in part.strip.dots]
        assert places == sorted(places)
        # of the same size either may come first
        expected = sorted((row.eligible.value or 0, round(220 * (1 - (row.share.value or 0)), 1)) for row in by_size)
        drawn = zip(by_size, part.strip.dots, strict=True)
        assert sorted((row.eligible.value or 0, float(dot.y)) for row, dot in drawn) == expected


def test_each_number_beside_the_criteria_is_the_published_one(page: PackPage, pack: SafePack) -> None:
    def text(count: SafeCount) -> str:
        return "suppressed" if count.value is None else f"{count.value:,}"

    for at, one in enumerate(pack.practices):
        mix, work, gaps = (table.rows[at] for table in (page.mix.table, page.workload.table, page.missing.table))
        assert mix == (one.name.text, text(one.with_intervals), *map(text, one.classes))
        assert work == (one.name.text, text(one.patients), text(one.injections))
        assert [cell.split(" ")[0] for cell in gaps[1:]] == [text(count) for count in one.missing]
    assert page.mix.table.headings[2:] == tuple(name.capitalize() for name in CLASSES)
    assert {"2-monthly", "3-monthly"} <= set(CLASSES)
    assert len(page.missing.table.headings) == len(FIELDS) + 1
    total = sum(one.injections.value or 0 for one in pack.practices)
    assert page.workload.sentence.startswith(f"About {total:,} maintenance injections")


def test_the_map_is_darker_where_more_is_missing(page: PackPage) -> None:
    shades = {
        (int(found[1]), shade)
        for row, bands in zip(page.missing.table.rows, page.missing.table.bands, strict=True)
        for cell, shade in zip(row[1:], bands, strict=True)
        if (found := re.search(r"\((\d+)%\)", cell))
    }
    darkness = [shade for _, shade in sorted(shades)]
    assert darkness == sorted(darkness)
    assert len(set(darkness)) > 2


def test_a_change_is_between_the_practices_shown_both_times(page: PackPage, pack: SafePack) -> None:
    mandated = [item for item in pack.criteria if item.strength.text == "mandated"]
    assert len(page.change.table.rows) == len(mandated) > 1
    for line, item in zip(page.change.table.rows, mandated, strict=True):
        both = [(a, b) for a, b in zip(item.before, item.rows, strict=True) if a.shown and b.shown]
        then, now = ([sum(count.value or 0 for count in pair) for pair in (
            [row[side].met for row in both], [row[side].eligible for row in both])] for side in (0, 1))  # fmt: skip
        assert line[1] == str(len(both))
        assert line[2].startswith(f"{then[0]:,} of {then[1]:,} (")
        assert line[3].startswith(f"{now[0]:,} of {now[1]:,} (")
        points = float(line[4].replace("−", "-").split()[0])
        assert points == pytest.approx(100 * (now[0] / now[1] - then[0] / then[1]), abs=0.51)


# Nothing exact


def told(folder: Path) -> str:
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.*") if path.suffix != ".xlsx"]
    with zipfile.ZipFile(folder / "pack.xlsx") as book:
        return "\n".join([*texts, *(book.read(name).decode() for name in book.namelist())])


def canaries() -> PackCounts:
    """Counts that no rounding leaves as they are, and that no other number looks like; some small ones among them."""
    numbers = iter(range(60_001, 100_000, 5))
    found = counts(9, practices=10)

    def large(shape: tuple[int, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        return np.array([next(numbers) for _ in range(int(np.prod(shape)))], dtype=np.int64).reshape(shape)

    rows = large(found.rows.shape)
    rows[::2, :, 2] = 3
    tables = {name: large(getattr(found, name).shape) for name in KEPT if name != "rows"}
    return replace(found, rows=rows, **{**tables, "patients": rows.sum(axis=2).max(axis=1) + tables["patients"] + 1})


def test_no_exact_count_is_in_any_file(tmp_path: Path) -> None:
    exact = canaries()
    write_pack(made(exact), tmp_path / "pack", telling(exact))
    whole = told(tmp_path / "pack")
    every = np.concatenate([getattr(exact, name).ravel() for name in KEPT])
    large = {int(number) for number in every if number > 1_000}
    assert len(large) > 300
    printed = {int(number.replace(",", "")) for number in set(re.findall(r"\d{1,3}(?:,\d{3})+|\d+", whole))}
    assert large & printed == set()
    assert {5 * round(number / 5) for number in exact.patients.tolist()} <= printed, "what is published is found"
    assert '"excepted": 3' not in whole and '"count": 3,' not in whole


def test_the_files_follow_from_the_published_numbers_alone(written: Path, tmp_path: Path) -> None:
    """Other exact counts with the same release make the same bytes: what was suppressed may be anything."""
    found = counts(9, practices=12)
    nothing = replace(found, **{name: np.zeros_like(getattr(found, name)) for name in (*KEPT, "injected")})
    before = publish(counts(10, practices=12), STRICT)
    write_pack(made(nothing, publish(found, STRICT), before), tmp_path / "pack", telling(found))
    names = [path.relative_to(written) for path in written.rglob("*") if path.is_file()]
    assert len(names) > 4
    assert [name for name in names if (written / name).read_bytes() != (tmp_path / "pack" / name).read_bytes()] == []


def test_every_part_of_a_pack_of_all_criteria_is_there(tmp_path: Path) -> None:
    found = counts(6, practices=9, criteria=len(CODES))
    # the same patients stand in several criteria
    found.rows[:, 1:] = found.rows[:, :1]
    write_pack(made(found), tmp_path / "pack", telling(found))
    content = json.loads((tmp_path / "pack/pack.json").read_text())
    html = (tmp_path / "pack/pack.html").read_text(encoding="utf-8")
    assert [item["code"] for item in content["criteria"]] == list(CODES)
    assert [code for code in CODES if html.count(f'id="c-{code}"') != 1 or f'href="#c-{code}"' not in html] == []
    names = re.findall(r'role="region" aria-label="([^"]*)"', html)
    assert len(names) > 2 * len(CODES) and len(set(names)) == len(names), "whoever hears the page tells them apart"
    assert "<script" not in html and "script-src" in html
