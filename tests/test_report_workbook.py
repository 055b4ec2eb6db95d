from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from audit.render import sheets
from audit.render.sheets import MOST_FINDINGS, quality_sheet
from audit.render.view import View, build_view
from audit.render.words import OUTCOMES, STATEMENT, clean
from audit.render.workbook import ACTIONS, write_workbook
from audit.results.audit import AuditResult
from tests import fake_result as fake

SHEETS = [
    "Worklist",
    "Recall",
    "Summary",
    "Criteria",
    "Verdicts",
    "Intervals",
    "Fix list",
    "Data quality",
    "Set aside",
    "Standard",
    "About",
]
OWN = ["Action", "Owner", "Date done", "Comment"]
Make = Callable[[], AuditResult]
VARIANTS: dict[str, Make] = {
    "usual": fake.result,
    "empty": lambda: fake.result(()),
    "one": lambda: fake.result(fake.STORIES[:1]),
    "unknown": fake.all_unknown,
    "long": fake.long_words,
    "payloads": fake.payloads,
}


def view_of(result: AuditResult) -> View:
    return build_view(result, version="1.2.3", command="b12audit run records.xlsx")


def written(result: AuditResult, folder: Path) -> Path:
    path = folder / "report.xlsx"
    write_workbook(result, view_of(result), path)
    return path


def opened(result: AuditResult, folder: Path) -> Any:
    return openpyxl.load_workbook(BytesIO(written(result, folder).read_bytes()))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return opened(fake.result(), tmp_path_factory.mktemp("usual"))


def table_of(page: Any) -> tuple[list[str], list[dict[str, Any]]]:
    """The headings and rows of the sheet's one Excel table."""
    (table,) = page.tables.values()
    head, *rows = ([cell.value for cell in row] for row in page[table.ref])
    return head, [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_opens_with_all_sheets(name: str, tmp_path: Path) -> None:
    book = opened(VARIANTS[name](), tmp_path)
    assert book.sheetnames == SHEETS
    assert book.active.title == "Worklist"
    assert all(len(list(book[sheet].tables)) == 1 for sheet in SHEETS if sheet not in ("Summary", "About"))


def test_the_worklist_has_real_dates_and_numbers(usual: Any) -> None:
    head, rows = table_of(usual["Worklist"])
    assert head[:7] == ["Patient", "Practice", "Why", "Last injection", "Was due", "Days late", "Criterion"]
    assert head[-4:] == OWN
    first = rows[0]
    assert (first["Last injection"], first["Was due"]) == (datetime(2025, 12, 20), datetime(2026, 2, 20))
    assert first["Days late"] == 39
    assert first["Why"].startswith("After the injection on 20 December 2025 the next was due by 20 February 2026 (BNF:")


def test_the_workbook_says_what_the_page_says(usual: Any) -> None:
    view = view_of(fake.result())
    _, rows = table_of(usual["Worklist"])
    listed = [(row.patient, row.late) for row in view.worklist.rows]
    assert [(row["Patient"], row["Days late"]) for row in rows] == listed
    _, criteria = table_of(usual["Criteria"])
    shown = [(row.title, row.eligible, row.met) for group in view.groups for row in group.rows]
    assert [(row["Criterion"], row["Eligible"], row["Met"]) for row in criteria] == shown
    said = {cell.value for row in usual["Summary"].iter_rows() for cell in row}
    assert {f"{item.sentence} {item.beside}".strip() for item in view.headlines} <= said


def test_all_rows_of_a_long_worklist_are_there(tmp_path: Path) -> None:
    _, rows = table_of(opened(fake.many(1200), tmp_path)["Worklist"])
    assert len(rows) == 1200


def test_the_managers_columns_are_empty_with_a_list_of_actions(usual: Any) -> None:
    page = usual["Worklist"]
    _, rows = table_of(page)
    assert all(row[name] is None for row in rows for name in OWN)
    (choice,) = [item for item in page.data_validations.dataValidation if item.type == "list"]
    assert choice.formula1 == f'"{",".join(ACTIONS)}"'
    assert len(choice.formula1) <= 255


def test_sheets_are_ready_to_read_and_print(usual: Any) -> None:
    for page in usual.worksheets:
        setup = page.page_setup
        # one page wide is what the file format takes for granted
        assert (setup.orientation, setup.fitToWidth or 1, setup.fitToHeight) == ("landscape", 1, 0)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.merged_cells.ranges == set()
        if page.tables:
            (table,) = page.tables.values()
            head = int(re.findall(r"\d+", table.ref)[0])
            assert page.freeze_panes == f"B{head + 1}"
            assert page.print_title_rows == f"${head}:${head}"
            assert table.autoFilter is not None


def test_verdicts_are_those_that_people_read(usual: Any) -> None:
    made = fake.result().verdicts
    _, rows = table_of(usual["Verdicts"])
    asked = made[~made["outcome"].isin(["excluded", "not_applicable"])]
    assert len(rows) == len(asked)
    assert {row["Outcome"] for row in rows} == {
        "Met", "Not met", "Not met, with a recorded reason", "Cannot tell", "Waiting",
    }  # fmt: skip
    assert all(row["In words"].endswith(".") for row in rows)
    late = [row for row in rows if row["Days late"] is not None]
    assert {row["Outcome"] for row in late} <= {"Not met", "Not met, with a recorded reason"}


@pytest.mark.parametrize("name", ["usual", "payloads"])
def test_no_cell_is_a_formula_or_a_link(name: str, tmp_path: Path) -> None:
    path = written(VARIANTS[name](), tmp_path)
    book = openpyxl.load_workbook(path)
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert [cell.coordinate for cell in cells if cell.hyperlink] == []
    with zipfile.ZipFile(path) as archive:
        sheets = [part for part in archive.namelist() if part.startswith("xl/worksheets/sheet")]
        assert not [part for part in sheets if b"<f>" in archive.read(part) or b"hyperlink" in archive.read(part)]
        assert not [part for part in archive.namelist() if "externalLink" in part or "vba" in part.lower()]
        rels = b"".join(archive.read(part) for part in archive.namelist() if part.endswith(".rels"))
        assert b"External" not in rels


def test_text_of_the_input_arrives_as_text(tmp_path: Path) -> None:
    book = opened(fake.payloads(), tmp_path)
    _, rows = table_of(book["Worklist"])
    assert {row["Patient"] for row in rows} == {clean(text) for text in fake.PAYLOADS}
    _, found = table_of(book["Data quality"])
    assert [row["Value"] for row in found] == [clean(text) for text in fake.PAYLOADS]
    page = book["Worklist"]
    texts = [cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]
    quoted = [cell for cell in texts if cell.value[0] in "=+@"]
    assert quoted and all(cell.quotePrefix for cell in quoted)


def test_the_same_run_is_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = sha256(written(fake.result(), tmp_path / "a").read_bytes()).hexdigest()
    time.sleep(1.1)  # a clock that got in would show in the seconds
    assert sha256(written(fake.result(), tmp_path / "b").read_bytes()).hexdigest() == first


def test_the_file_does_not_tell_when_it_was_made(usual: Any) -> None:
    assert usual.properties.created == datetime(2000, 1, 1)
    assert usual.properties.modified == datetime(2000, 1, 1)


def test_the_chart_is_native_and_has_words(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(fake.result(), tmp_path)) as archive:
        assert "xl/charts/chart1.xml" in archive.namelist()
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert "with neurological involvement: 3 patients: 1 met, 1 not met and 1 cannot tell" in drawing


def test_the_statement_is_on_the_first_and_the_last_sheet(usual: Any) -> None:
    for name in ("Worklist", "About"):
        assert STATEMENT in {cell.value for row in usual[name].iter_rows() for cell in row}


def test_a_partial_run_is_said_on_every_sheet(tmp_path: Path) -> None:
    book = opened(fake.result(partial="1 of 3 files could not be read."), tmp_path)
    for page in book.worksheets:
        assert "1 of 3 files could not be read." in page["A1"].value
        assert "PARTIAL" in page.oddFooter.left.text


def test_an_empty_table_says_none(tmp_path: Path) -> None:
    _, rows = table_of(opened(fake.result(()), tmp_path)["Worklist"])
    assert [row["Patient"] for row in rows] == ["No patient's record differs from a mandated criterion."]


def test_findings_that_do_not_fit_are_counted() -> None:
    made = fake.result(findings=fake.findings(*[("Treatments", "x")] * (MOST_FINDINGS + 7)))
    sheet = quality_sheet(made, view_of(made))
    assert len(sheet.rows) == MOST_FINDINGS
    assert sheet.notes[-1] == "7 more findings stand in findings.csv."


def test_intervals_are_dated(usual: Any) -> None:
    _, rows = table_of(usual["Intervals"])
    assert len(rows) == len(fake.result().intervals)
    closed = [row for row in rows if row["To"]]
    assert closed and all((row["To"] - row["From"]).days == row["Days"] for row in closed)
    assert date(2025, 12, 20) in {row["From"].date() for row in rows if row["To"] is None}


def test_an_unwritable_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        write_workbook(fake.result(), view_of(fake.result()), tmp_path / "missing" / "report.xlsx")


def test_with_very_many_verdicts_those_that_are_met_are_left_to_the_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    result = fake.result()
    everything = sheets.verdicts_sheet(result)
    monkeypatch.setattr(sheets, "ALL_OUTCOMES_UP_TO", len(everything.rows) - 1)
    rest = sheets.verdicts_sheet(result)
    met = [row for row in everything.rows if row[3] == OUTCOMES["met"]]
    assert met and len(rest.rows) == len(everything.rows) - len(met)
    assert "but those that are met" in rest.notes[0]
