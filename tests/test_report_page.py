"""The page as it was printed: every number is that of summary.json, every sentence that of `explain`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from audit.cohort.window import DateOptions
from audit.intake.read import read_extract
from audit.pipeline import explain_patient
from audit.render.words import percent
from audit.results.completeness import Completeness, over_inputs
from audit.standards.standard import load_standard

TODAY = date(2026, 12, 31)
STATUSES = ("yes", "no", "unknown")


@dataclass
class Tables(HTMLParser):
    """The page's tables by their caption: rows of cells, each its text."""

    found: dict[str, list[list[str]]] = field(default_factory=dict)
    rows: list[list[str]] = field(default_factory=list)
    into: list[str] | None = None
    caption: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.rows, self.caption, self.into = [], "", None
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th", "caption"):
            self.into = [""]
        elif tag == "span" and self.into is not None:
            self.into[-1] += " | "

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.into is not None:
            self.rows[-1].append(" ".join(self.into[0].split()))
            self.into = None
        elif tag == "caption" and self.into is not None:
            self.caption, self.into = self.into[0], None
        elif tag == "table":
            self.found[self.caption] = [row for row in self.rows if row]

    def handle_data(self, data: str) -> None:
        if self.into is not None:
            self.into[-1] += data


@pytest.fixture(scope="module")
def html(audited_once: Path) -> str:
    return (audited_once / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tables(html: str) -> dict[str, list[list[str]]]:
    parser = Tables()
    parser.feed(html)
    return parser.found


@pytest.fixture(scope="module")
def summary(audited_once: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((audited_once / "summary.json").read_text(encoding="utf-8"))
    return content


def numbers(cells: list[str]) -> list[int]:
    return [int(cell.replace(",", "")) for cell in cells]


def text_of(html: str) -> str:
    body = re.sub(r"<(style|script)\b.*?</\1>", "", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", body)).split())


def test_the_criteria_are_counted_as_in_the_summary(
    tables: dict[str, list[list[str]]], summary: dict[str, Any]
) -> None:
    printed = {row[0].partition(" | ")[0]: row[1:] for name in ("Mandated", "Permitted", "Patient organisations")
               for row in tables[f"{name} criteria"][1:] if len(row) == 9}  # fmt: skip
    assert len(printed) == len(summary["criteria"]) > 30
    keys = ("eligible", "met", "not_met", "excepted", "not_assessable", "pending")
    for one in summary["criteria"]:
        cells = printed[one["title"]]
        assert numbers(cells[:6]) == [one[key] for key in keys], one["code"]
        share, assessed = cells[6], one["met"] + one["not_met"]
        if one["eligible"] < 10:
            assert share.startswith(f"{one['met']} of {one['eligible']}" if one["eligible"] else "No patients")
            assert "%" not in share
            continue
        upper = f" | at most {percent(one['share_met_upper'])}" if one["not_assessable"] else ""
        assert share == f"{percent(one['share_met'])}{upper}"
        if assessed >= 10:
            low, high = percent(one["wilson_low"]), percent(one["wilson_high"])
            judged = f"{one['met']} of {assessed} ({percent(one['share_of_assessed'])})"
            assert cells[7] == f"{judged} | 95% interval {low} to {high}"


def test_the_headlines_say_the_same_numbers(html: str, summary: dict[str, Any]) -> None:
    scores = {one["code"]: one for one in summary["criteria"]}
    text = text_of(html)
    for code in ("maintenance-interval-neuro", "maintenance-interval-standard"):
        one = scores[code]
        said = f"{one['met']} of {one['eligible']} patients ({percent(one['share_met'])}) had every"
        assert said in text
        assert f"For {one['not_assessable']} the record cannot tell; if all of these were on time it would be " in text
        card = re.search(rf'aria-labelledby="h-{code}".*?</article>', html, re.S)
        assert card
        assert re.findall(r'<p class="key">.*?</p>', card[0], re.S)[0].count(f"{one['met']} met") == 1
        drawn = re.findall(r'<rect class="part-([a-z-]+)" x="[\d.]+%" y="0" width="([\d.]+)%"', card[0])
        assert {kind: float(width) for kind, width in drawn} == pytest.approx(
            {kind: 100 * one[key] / one["eligible"] for kind, key in (
                ("met", "met"), ("not-met", "not_met"), ("excepted", "excepted"), ("unclear", "not_assessable"),
            ) if one[key]}, abs=0.006,
        )  # fmt: skip
    overdue = scores["not-overdue"]
    assert f"{overdue['not_met']} patients are overdue" in text
    assert f"for {overdue['not_assessable']} more the record cannot tell." in text
    cohort = summary["cohort"]
    outside = cohort["patients"] - cohort["in_cohort"]
    assert f"{cohort['patients']} patients = {cohort['in_cohort']} in the audit + {outside} excluded" in text


def test_rhythm_phases_and_rows_are_those_of_the_summary(
    tables: dict[str, list[list[str]]], summary: dict[str, Any]
) -> None:
    patterns = {row[0]: numbers(row[1:]) for row in tables["Patients by the median of their maintenance intervals"][1:]}
    wanted = {name: [one[status] for status in STATUSES] for name, one in summary["patterns"].items()}
    assert patterns == {name: [*counts, sum(counts)] for name, counts in wanted.items()}
    phases = tables["Patients in the audit by phase of treatment and neurological involvement"][1:]
    counted = sorted([one[status] for status in STATUSES] for one in summary["phases"].values() if any(one.values()))
    assert sorted(numbers(row[1:4]) for row in phases if row[4] != "0") == counted
    assert sum(int(row[4]) for row in phases) == summary["cohort"]["in_cohort"]
    rows = {row[0]: numbers(row[1:4]) for row in tables["Rows read, used and set aside"][1:]}
    assert rows == {
        one["table"]: [one["read"], one["used"], sum(one["set_aside"].values())] for one in summary["cohort"]["rows"]
    }
    found = {row[0].partition(" | ")[2]: int(row[1]) for row in tables["What was found while reading"][1:]}
    assert found == summary["findings"]["by_code"]


def test_the_weeks_of_the_charts_are_those_of_the_summary(
    tables: dict[str, list[list[str]]], summary: dict[str, Any], html: str
) -> None:
    (head, *rows) = tables["Maintenance intervals that ended in the audit period, by whole weeks"]
    columns = [numbers(list(column)) for column in zip(*(row[1:] for row in rows), strict=True)]
    assert head[1:] == ["With neurological involvement", "Without neurological involvement",
                        "Neurological involvement not recorded"]  # fmt: skip
    assert columns == [summary["intervals_by_week"][status] for status in STATUSES]
    titles = re.findall(r'class="histogram"[^>]*><title>([^<]*: ([\d,]+) intervals, of them [^<]*)</title>', html)
    for (title, every), counts in zip(titles, columns, strict=True):
        assert int(every.replace(",", "")) == sum(counts)
        assert f"{sum(counts[8:10])} of 8 to 9 weeks and {sum(counts[12:15])} of 12 to 14 weeks" in title


def test_what_to_do_is_counted_as_in_the_summary(html: str, summary: dict[str, Any]) -> None:
    to_do = summary["to_do"]
    text, said = text_of(html), re.findall(r'<li><a href="#\w+"><strong>([\d,]+)</strong> ([^<]*)</a>', html)
    rest = to_do["worklist"] - to_do["overdue"]
    assert numbers([count for count, _ in said]) == [to_do["overdue"], to_do["cells"], rest]
    assert f"{to_do['overdue_neurological']} with neurological involvement, listed first." in text
    settled = f"to settle {to_do['cells_settle_verdicts']} open answers of {to_do['cells_settle_patients']} patients."
    assert f"Fill {to_do['cells']} cells {settled}" in text
    assert len(rows_of(html)) == to_do["worklist"]
    assert to_do["cells_settle_mandated"] <= to_do["cells_settle_verdicts"]


def test_what_is_missing_and_what_was_read_are_counted_as_in_the_summary(
    tables: dict[str, list[list[str]]], summary: dict[str, Any], html: str
) -> None:
    (_, *gaps) = tables["What the record cannot tell, and what would settle it (mandated criteria)"]
    wanted = sorted([item["patients"], item["verdicts"]] for item in summary["open_answers"].values())
    assert sorted(numbers(row[2:4]) for row in gaps) == wanted
    mandated = (item for item in summary["criteria"] if item["strength"] == "mandated")
    assert sum(verdicts for _, verdicts in wanted) == sum(item["not_assessable"] for item in mandated)
    rows = summary["cohort"]["rows"]
    read, used = (sum(row[name] for row in rows) for name in ("read", "used"))
    assert f"{read:,} rows read = {used:,} used + {read - used:,} set aside." in text_of(html)


def test_the_fields_are_as_complete_as_the_summary_says(
    tables: dict[str, list[list[str]]], summary: dict[str, Any]
) -> None:
    rows = tables["How complete the fields are that matter most"][1:]
    assert len(rows) == len(summary["completeness"]) == 6
    for (_, recorded, costs), one in zip(rows, summary["completeness"], strict=True):
        said, things = one["of"] - one["blank"], "patients" if one["table"] == "Patients" else "rows"
        assert recorded == f"{said:,} of {one['of']:,} ({percent(said / one['of'])}) {things}"
        assert (costs == "–") == (not one["blank"])


def test_fields_of_several_inputs_are_counted_together() -> None:
    found = over_inputs([[Completeness("Patients", "registered_from", False, 4, 4)],
                         [Completeness("Patients", "registered_from", True, 1, 6)]])  # fmt: skip
    assert found == (Completeness("Patients", "registered_from", True, 5, 10),)


def test_the_sweep_is_that_of_the_summary(tables: dict[str, list[list[str]]], summary: dict[str, Any]) -> None:
    (name,) = (name for name in tables if name.startswith("The same scores"))
    cells = [cell for row in tables[name][1:] for cell in row[1:]]
    assert len(cells) == len(summary["sweep"])
    for cell, one in zip(cells, summary["sweep"], strict=True):
        upper = (one["met"] + one["not_assessable"]) / one["eligible"]
        rest = f", at most {percent(upper)}" if one["not_assessable"] else ""
        assert cell == f"{one['met']} of {one['eligible']} ({percent(one['share_met'])}){rest}"


def test_quarters_and_months_are_those_of_the_summary(
    tables: dict[str, list[list[str]]], summary: dict[str, Any]
) -> None:
    quarters = tables["Maintenance intervals by the quarter in which they ended"][1:]
    keys = ("judged", "met", "not_met", "excepted", "not_assessable")
    assert len(quarters) == len(summary["over_time"]["quarters"]) > 20
    for row, one in zip(quarters, summary["over_time"]["quarters"], strict=True):
        assert row[0].startswith(one["quarter"])
        assert numbers(row[1:6]) == [one[key] for key in keys]
        assert row[6] in (percent(one["share_met"]), "–")
        assert bool(one["flags"]) == (row[7] != "–")
    months = tables["What the coming months take"][1:]
    columns = [[*one["injections"], one["total"]["injections"]] for one in summary["forecast"]["scenarios"]]
    assert [numbers(row[1:]) for row in months] == [list(counts) for counts in zip(*columns, strict=True)]


def grade(sentences: list[str]) -> float:
    """The school year that can read this: Flesch and Kincaid's; syllables are groups of vowels, a last e is silent."""
    words = [word.lower() for text in sentences for word in re.findall(r"[A-Za-z']+", text)]
    silent = (len(re.findall(r"[aeiouy]+", re.sub(r"(?<!l)e$", "", word))) or 1 for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(silent) / len(words) - 15.59


def test_somebody_of_fourteen_can_read_the_page(html: str) -> None:
    """Year 9 of school, the sentences of each section together; the sources and the methods' citations apart."""
    assert grade(["The cat sat on the mat."]) < 1
    assert grade(["Intramuscular administration necessitates review."]) > 15
    page = re.sub(r"<(style|script|svg)\b.*?</\1>", "", html, flags=re.S)
    sections = re.findall(r'<section id="([a-z-]+)"[^>]*>(.*?)</section>', page, re.S)
    assert len(sections) >= 12
    sentences = []
    for name, body in sections:
        prose = [text_of(text) for text in re.findall(r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", body, re.S)]
        if name != "methods":
            sentences += [text for line in prose if line.endswith(".") for text in re.split(r"(?<=[.;:]) ", line)]
    assert len(sentences) > 500
    assert grade([text for text in sentences if len(text.split()) > 3]) <= 9


def rows_of(html: str) -> list[tuple[str, str, str]]:
    """Of each row of the worklist the patient, the criterion and the sentence."""
    found = []
    for row in re.findall(r'<tr role="row" id="p\d+">(.*?)</tr>', html, re.S):
        parts = (r'class="ref">(.*?)<', r'href="#c-([a-z0-9-]+)"', r'class="why"><p>(.*?)</p>')
        patient, criterion, why = (re.search(part, row, re.S) for part in parts)
        assert patient and criterion and why
        found.append((unescape(patient[1]), criterion[1], unescape(why[1])))
    return found


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
def test_the_page_and_explain_say_the_same_sentence(html: str, sample: Path, every: int) -> None:
    extract, standard, rows = read_extract(sample), load_standard(), rows_of(html)
    assert len(rows) > 40
    for patient, criterion, why in rows[::every]:
        (told,) = explain_patient(extract, DateOptions(), standard, TODAY, patient, criterion, "").told
        assert told.sentence == why, (patient, criterion)
        assert unescape(html).count(told.asks) >= 1
