"""A run under several standards as the report and the workbook print it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from audit.criteria.criterion import Example
from audit.render.by_standard import MOST_SHOWN, build_by_standard
from audit.render.html import render_html
from audit.render.view import build_view
from audit.render.workbook import write_workbook
from audit.results.compare_standards import StandardsCompared, as_summary, compare_standards
from audit.standards.standard import load_standard
from tests import fake_result as fake
from tests.stories import build_extract
from tests.test_report_page import Tables, text_of

STANDARD, OFF = "maintenance-interval-standard", "two-monthly-for-everyone"
SAME, OTHER = "Criteria that come out the same", "Criteria that come out differently"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> StandardsCompared:
    """Four patients under the patient organisations' standard, the national one, and one that leaves a question out."""
    ours = tmp_path_factory.mktemp("standard") / "ours.toml"
    body = 'name = "ours"\ntitle = "Our <b>surgery</b>"\nedition = "1"\nextends = "national"\n'
    ours.write_text(f'{body}[criteria]\noff = ["{OFF}"]\n', encoding="utf-8")
    patient, run = {"neurological_involvement": "no", "cause": "autoimmune"}, {"start": 1, "extract": 300}
    days = ("-60 0 61 122 183 244 300", "-90 0 92 184 276", "-90 0 92 184 276", "-120 0 122 190")
    stories = [Example("", "", doses=doses, patient=patient, run=run) for doses in days]
    extract, options = build_extract(stories, run)
    standards = [load_standard(str(ours)), load_standard(), load_standard("patient-group")]
    return compare_standards([extract], options, standards, date(2100, 1, 1))


def page(compared: StandardsCompared) -> str:
    return render_html(build_view(fake.result(), version="1.2.3", command="b12audit run", standards=compared))


def with_many(compared: StandardsCompared, count: int) -> StandardsCompared:
    return replace(compared, verdicts=tuple(replace(compared.verdicts[0], patient_id=f"Q{n}") for n in range(count)))


def test_the_page_prints_the_counts_of_the_summary(compared: StandardsCompared) -> None:
    html, summary = page(compared), as_summary(compared)
    tables = Tables()
    tables.feed(html)
    rows = [*tables.found[OTHER][1:], *tables.found[SAME][1:]]
    view = build_by_standard(compared)
    titles = {row.title: row.code for row in (*view.differing, *view.alike)}
    scores = {item["code"]: item["scores"] for item in summary["criteria"]}
    asked = [code for code, under in scores.items() if any(one and one["eligible"] for one in under.values())]
    printed = {titles[row[0].partition(" | ")[0]]: row[1:] for row in rows}
    assert sorted(printed) == sorted(asked) and {STANDARD, OFF} <= set(asked)
    for code, (*cells, turned) in printed.items():
        for cell, one in zip(cells, scores[code].values(), strict=True):
            assert cell.split(" | ")[0] == ("switched off" if one is None else fraction(one)), (code, cell)
            unclear = f"{one['not_assessable']} cannot tell" if one and one["not_assessable"] else None
            assert unclear is None or unclear in cell
        assert int(turned) == sum(item["criterion"] == code for item in summary["verdicts"])
    answers = f"{len(summary['verdicts'])} answers of {summary['patients']} patients"
    assert f"{answers} depend on the standard" in text_of(html)


def fraction(one: dict[str, Any]) -> str:
    return f"{one['met']} of {one['eligible']}" if one["eligible"] else "no patients"


def test_only_a_criterion_of_the_report_is_linked_and_a_title_stays_text(compared: StandardsCompared) -> None:
    html = page(compared)
    assert f'<a href="#c-{STANDARD}">' in html.partition('id="standards"')[2]
    assert f'<a href="#c-{OFF}">' not in html.partition('id="standards"')[2].partition("</section>")[0]
    assert "Our &lt;b&gt;surgery&lt;/b&gt;" in html and "<b>surgery" not in html
    assert '<a href="#standards">' in html
    assert "standards" not in render_html(build_view(fake.result(), version="1", command="")).partition("<section")[0]


def test_each_answer_that_depends_is_listed_with_both_answers(compared: StandardsCompared) -> None:
    tables = Tables()
    tables.feed(page(compared))
    head, *rows = tables.found["Whose answers depend on the standard"]
    assert head == ["Patient", "Criterion", "Our <b>surgery</b>", "BNF and NICE", "Patient organisations"]
    assert len(rows) == len(compared.verdicts)
    titles = {row.code: row.title for row in build_by_standard(compared).differing}
    assert ["P0002", titles[STANDARD], "Met", "Met", "Not met"] in rows


def test_more_than_the_page_shows_stand_in_the_workbook(compared: StandardsCompared, tmp_path: Path) -> None:
    many = with_many(compared, MOST_SHOWN + 50)
    html = page(many)
    assert f"The first {MOST_SHOWN} of {MOST_SHOWN + 50}; the workbook has all." in text_of(html)
    assert f"Q{MOST_SHOWN - 1}<" in html and f"Q{MOST_SHOWN}<" not in html
    view = build_view(fake.result(), version="1.2.3", command="b12audit run", standards=many)
    write_workbook(fake.result(), view, tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    (who,) = book["Depends"].tables.values()
    assert len(book["Depends"][who.ref]) == 1 + MOST_SHOWN + 50
    (table,) = book["By standard"].tables.values()
    head, *rows = ([cell.value for cell in row] for row in book["By standard"][table.ref])
    row = {tuple(row)[-1]: dict(zip(head, row, strict=True)) for row in rows}[OFF]
    assert (row["Met under Our <b>surgery</b>"], row["Met under BNF and NICE"]) == (None, 1)


def test_standards_of_one_title_are_told_apart_by_their_names(compared: StandardsCompared) -> None:
    first, second, third = compared.standards
    same = (first, replace(second, title=third.title), third)
    view = build_by_standard(replace(compared, standards=same))
    assert [item.heading for item in view.standards] == ["ours", "national", "patient-group"]


def test_nothing_that_depends_is_said(compared: StandardsCompared) -> None:
    nothing = replace(compared, verdicts=())
    html = page(nothing)
    assert "No patient's answer depends on the standard: " in text_of(html)
    assert "Whose answers depend on the standard" not in html
