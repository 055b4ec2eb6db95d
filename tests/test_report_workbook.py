from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from itertools import compress
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from audit.intake.notes import read_notes
from audit.render import verdict_sheets
from audit.render.notes_sheets import ACTIONS
from audit.render.sheet import Sheet
from audit.render.sheets import MOST_FINDINGS, quality_sheet
from audit.render.todo import sign_off_problems
from audit.render.view import View, build_view
from audit.render.words import OUTCOMES, STATEMENT, clean
from audit.render.workbook import write_workbook
from audit.results.audit import AuditResult
from tests import fake_result as fake

SHEETS = [
    "Worklist",
    "Recall",
    "Summary",
    "Criteria",
    "Verdicts",
    "Injections",
    "Intervals",
    "Set aside",
    "Fix list",
    "Data quality",
    "Action plan",
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


@pytest.fixture(scope="module")
def real(audited_once: Path) -> Any:
    """The workbook of the sample practice."""
    return openpyxl.load_workbook(audited_once / "report.xlsx")


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


@pytest.mark.slow
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


def drawn(path: Path) -> tuple[list[str], list[str]]:
    """The alternative text of every drawing, and the XML of every chart."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        drawings = "".join(archive.read(name).decode() for name in names if name.startswith("xl/drawings/drawing"))
        charts = [archive.read(name).decode() for name in names if name.startswith("xl/charts/chart")]
    frames = re.findall(r"<xdr:cNvPr[^>]*>", drawings)
    return [(re.findall(r'descr="([^"]*)"', frame) or [""])[0] for frame in frames], charts


def test_the_charts_are_native_and_have_words_titles_and_axes(tmp_path: Path) -> None:
    words, charts = drawn(written(fake.result(), tmp_path))
    assert len(words) == len(charts) == 4
    assert "with neurological involvement: 3 patients: 1 met, 1 not met and 1 cannot tell" in words[0]
    assert words[0].count(";") < words[1].count(";")
    view = view_of(fake.result())
    assert words[2] == " ".join(panel.title for panel in view.rhythm.panels)
    assert view.over_time.chart is not None and words[3] == view.over_time.chart.title
    for chart in charts:
        # its own title and those of two axes, as text, with numbers held in the file
        assert len(re.findall(r"<c:title>", chart)) == 3
        assert "<c:numCache>" in chart or "<c:numRef>" in chart
        assert set(re.findall(r'srgbClr val="([0-9A-F]{6})"', chart)) <= COLOURS


#: of REPORTS: dark blue, orange, ink, grey for lines, white; never red, amber or green
COLOURS = {"12436D", "F46A25", "212B32", "4C6272", "D8DDE0", "FFFFFF"}


def test_without_patients_there_is_no_chart(tmp_path: Path) -> None:
    words, charts = drawn(written(fake.result(()), tmp_path))
    assert all(words) and len(words) == len(charts)


def cells_of(page: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in page.iter_rows()]


def test_the_charts_stand_on_the_numbers_of_the_page(usual: Any) -> None:
    view, cells = view_of(fake.result()), cells_of(usual["Summary"])
    rows = [row for group in view.groups if group.strength == "mandated" for row in group.rows]
    shown = {row[0]: row[1:6] for row in cells if row[0]}
    for row in rows:
        assert shown[row.title] == [row.met, row.not_met, row.excepted, row.not_assessable, row.eligible]
    top = next(number for number, row in enumerate(cells) if row[0] == "Weeks")
    weeks = cells[top + 1 : top + 28]
    assert [row[0] for row in (*weeks[:3], weeks[-1])] == ["0", "1", "2", "26+"]
    assert sum(sum(row[1:4]) for row in weeks) == len(fake.result().closed_gaps)
    top = next(number for number, row in enumerate(cells) if row[0] == "Quarter")
    quarters = cells[top + 1 : top + 14]
    assert [row[0] for row in quarters] == [row.name for row in view.over_time.rows]
    assert [row[1] for row in quarters] == pytest.approx([row.value for row in view.over_time.rows])
    assert [row[2] is not None for row in quarters] == [bool(row.rule) for row in view.over_time.rows]


def test_the_printed_summary_is_as_wide_as_its_charts(real: Any) -> None:
    """What is wider than the charts would print beside blank paper."""
    page = real["Summary"]
    widths = [page.column_dimensions[cell.column_letter].width for cell in next(page.iter_rows(max_row=1))]
    # xlsxwriter groups columns of one width: openpyxl gives the first of them theirs
    known = [width if width != 13 else widths[1] for width in widths]
    printed = sum(7 * width + 5 for width in known)
    frames = [(chart.anchor._from, chart.anchor.to) for chart in page._charts]
    assert len(frames) == 4 and all(start.col == 0 for start, _ in frames)
    assert all(0.9 < sum(7 * width + 5 for width in known[: end.col + 1]) / printed <= 1 for _, end in frames)


def test_the_recall_names_everybody_of_sixteen_weeks_and_who_fell_due_before(real: Any, audited_once: Path) -> None:
    recall = json.loads((audited_once / "summary.json").read_text(encoding="utf-8"))["recall"]
    _, rows = table_of(real["Recall"])
    end = date.fromisoformat(json.loads((audited_once / "run.json").read_text())["inputs"][0]["extract_date"])
    early = [(row["Week"], row["With involvement already"] or row["Falls due"]) for row in rows]
    coming = Counter(week for week, due in early if due and due.date() > end)
    assert coming == {item["week"]: item["patients"] for item in recall["weeks"] if item["patients"]}
    assert len(recall["weeks"]) == 16
    assert len(rows) - coming.total() == recall["fell_due"] + recall["undated"]
    assert sum(row["On the extract date"] == "Overdue" for row in rows) == recall["states"]["overdue"]


def test_every_flagged_quarter_names_its_rule(real: Any, audited_once: Path) -> None:
    summary = json.loads((audited_once / "summary.json").read_text(encoding="utf-8"))
    flagged = [item for item in summary["over_time"]["quarters"] if item["flags"]]
    said = [str(row[0]) for row in cells_of(real["Summary"]) if str(row[0]).startswith("Flagged as ")]
    assert len(flagged) > 1
    assert len(said) == len({flag for item in flagged for flag in item["flags"]})
    assert sum(text.count(item["quarter"]) for text in said for item in flagged) == sum(
        len(item["flags"]) for item in flagged
    )


def test_the_numbers_are_those_of_the_summary(real: Any, audited_once: Path) -> None:
    summary = json.loads((audited_once / "summary.json").read_text(encoding="utf-8"))
    _, rows = table_of(real["Criteria"])
    names = {"eligible": "Eligible", "met": "Met", "not_met": "Not met", "excepted": "With a recorded reason",
             "not_assessable": "Cannot tell", "pending": "Waiting", "not_applicable": "Not asked",
             "excluded": "Excluded"}  # fmt: skip
    said = {item["code"]: {shown: item[key] for key, shown in names.items()} for item in summary["criteria"]}
    assert {row["Code"]: {name: row[name] for name in names.values()} for row in rows} == said
    summed = {row[0]: row[1:6] for row in cells_of(real["Summary"]) if row[0]}
    for item in summary["criteria"]:
        if item["strength"] == "mandated":
            keys = ("met", "not_met", "excepted", "not_assessable", "eligible")
            assert summed[item["title"]] == [item[key] for key in keys]
    texts = " ".join(str(row[0]) for row in cells_of(real["Summary"]))
    for code in ("maintenance-interval-neuro", "maintenance-interval-standard"):
        (item,) = (item for item in summary["criteria"] if item["code"] == code)
        assert f"{item['met']:,} of {item['eligible']:,} patients" in texts


def test_every_injection_names_its_row_in_the_records(real: Any, sample: Path) -> None:
    _, rows = table_of(real["Injections"])
    page = openpyxl.load_workbook(sample)["Treatments"]
    read = [[cell.value for cell in row] for row in page.iter_rows()]
    who, when = read[0].index("patient_id"), read[0].index("date")
    assert len(rows) > 1000
    for row in rows:
        assert (row["File"], row["Sheet"]) == ("records.xlsx", "Treatments")
        source = read[row["Row"] - 1]
        assert (source[who], source[when]) == (row["Patient"], row["Date"])
    assert len({row["Row"] for row in rows}) == len(rows)


def test_gaps_are_days_between_injections_of_one_patient(real: Any) -> None:
    _, rows = table_of(real["Injections"])
    last: dict[str, datetime] = {}
    kinds = set()
    for row in rows:
        kinds.add(row["What"])
        dose, before = row["What"] == "Injection", last.get(row["Patient"])
        expected = (row["Date"] - before).days if dose and before else None
        assert row["Days since the one before"] == expected
        if dose:
            last[row["Patient"]] = row["Date"]
    assert {"Injection", "Refused", "Not attended"} <= kinds


def test_the_action_plan_is_ready_to_fill_in(usual: Any) -> None:
    head, rows = table_of(usual["Action plan"])
    assert head == ["Problem", "Action", "Owner", "By", "Done"]
    assert [row["Problem"] or "" for row in rows] == [*view_of(fake.result()).problems, *sign_off_problems()]
    kinds = {item.type: item for item in usual["Action plan"].data_validations.dataValidation}
    assert kinds["list"].formula1 == '"Done,Not yet"'
    assert set(kinds) == {"list", "date"}


def test_what_stands_out_says_so_in_words(usual: Any) -> None:
    for name, heading, word in (("Worklist", "Neurological involvement", "yes"), ("Verdicts", "Outcome", "Not met")):
        page = usual[name]
        rules = [rule for cells in page.conditional_formatting for rule in cells.rules]
        assert [rule.formula for rule in rules] == [[f'"{word}"']]
        assert heading in table_of(page)[0]


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


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (verdict_sheets.verdicts_sheet, "Every verdict of a mandated criterion that is not met; "),
        (verdict_sheets.intervals_sheet, "Without those that are met; "),
    ],
)
def test_with_very_many_rows_those_that_nobody_acts_on_are_left_to_the_csv(
    made: Callable[[AuditResult], Sheet], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = fake.result()
    everything = made(result)
    monkeypatch.setattr(verdict_sheets, "ALL_OUTCOMES_UP_TO", len(everything.rows) - 1)
    rest, headings = made(result), [column.heading for column in everything.columns]
    mandated = {item.title for item in result.criteria if item.strength == "mandated"}
    told = [dict(zip(headings, row, strict=True)) for row in everything.rows]
    kept = [one["Outcome"] != OUTCOMES["met"] and one.get("Criterion", min(mandated)) in mandated for one in told]
    assert 0 < sum(kept) < len(kept)
    assert [*rest.rows] == list(compress(everything.rows, kept))
    assert what in rest.notes[0] and ".csv beside this file has them all" in rest.notes[0]


def rounded(value: Any) -> Any:
    return round(value, 12) if isinstance(value, float) else value


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not on this machine")
def test_another_spreadsheet_program_opens_it_whole(audited_once: Path, tmp_path: Path) -> None:
    """LibreOffice reads the workbook and writes it again: same sheets, cells and charts."""
    own, made = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", tmp_path / "again"
    command = ["soffice", own, "--headless", "--convert-to", "xlsx", "--outdir", str(made)]
    source = audited_once / "report.xlsx"
    subprocess.run([*command, str(source)], check=True, timeout=240, capture_output=True)
    ours, theirs = openpyxl.load_workbook(source), openpyxl.load_workbook(made / "report.xlsx")
    assert theirs.sheetnames == ours.sheetnames
    for page in ours.worksheets:
        read = cells_of(theirs[page.title])
        for number, row in enumerate(cells_of(page)):
            assert list(map(rounded, read[number][: len(row)])) == list(map(rounded, row)), (page.title, number + 1)
    # it writes no text alternatives of its own
    assert len(drawn(made / "report.xlsx")[1]) == len(drawn(source)[1])
    assert len(read_notes(made / "report.xlsx").worklist) == len(read_notes(source).worklist)
