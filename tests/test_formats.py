"""Every format that is read, and the things in real workbooks that a reader of cells alone would get wrong."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
import xlsxwriter

from audit.errors import AuditError
from audit.intake import second_reader
from audit.intake.check_digits import check_digit_fits
from audit.intake.extract import Extract
from audit.intake.preflight import check_workbook
from audit.intake.read import inputs, read_extract
from audit.intake.workbook import open_workbook
from tests.corpora import broken, other_formats
from tests.corpora.other_formats import zipped
from tests.intake_files import (
    DAY,
    HYDROXO,
    TREATMENT_HEADINGS,
    cell,
    codes,
    column,
    found,
    read_sheets,
    treatment,
    write_csv,
    write_xlsx,
)

SHEETS = broken.sheets()


def refused(path: Path, **options: Any) -> AuditError:
    with pytest.raises(AuditError) as error:
        read_extract(path, **options)
    assert error.value.where
    assert error.value.remedy
    return error.value


def save(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def csv_of(rows: Sequence[Sequence[Any]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in rows)


def files_of(ending: str = ".csv") -> dict[str, bytes]:
    return {f"{name}{ending}": csv_of(rows).encode() for name, rows in SHEETS.items()}


def parquet_of(rows: Sequence[Sequence[Any]]) -> bytes:
    out = BytesIO()
    table = pa.table({name: list(cells) for name, *cells in zip(*rows, strict=True)})
    pq.write_table(table, out)
    return out.getvalue()


# --- formats


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    return read_extract(save(tmp_path_factory.mktemp("reference") / "practice.xlsx", broken.workbook()))


def _assert_equal(extract: Extract, reference: Extract) -> None:
    for name in ("patients", "treatments", "tests", "reviews"):
        pd.testing.assert_frame_equal(getattr(extract, name), getattr(reference, name))


CONTENT: dict[str, Callable[[], bytes]] = {
    ".xlsx": broken.workbook,
    ".xlsm": broken.workbook,
    ".xls": lambda: other_formats.xls(SHEETS),
    ".xlsb": lambda: other_formats.xlsb(SHEETS),
    ".ods": lambda: other_formats.ods(SHEETS),
    ".zip": lambda: zipped(files_of()),
}


@pytest.mark.parametrize("ending", CONTENT)
def test_every_format_gives_the_same_tables(tmp_path: Path, reference: Extract, ending: str) -> None:
    extract = read_extract(save(tmp_path / f"practice{ending}", CONTENT[ending]()))
    _assert_equal(extract, reference)
    assert {one.severity for one in extract.findings} <= {"note"}


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet"])
def test_a_folder_of_tables_gives_the_same(tmp_path: Path, reference: Extract, ending: str) -> None:
    for name, rows in SHEETS.items():
        content = parquet_of(rows) if ending == ".parquet" else csv_of(rows, "\t" if ending == ".tsv" else ",").encode()
        save(tmp_path / "practice" / f"{name}{ending}", content)
    assert inputs([tmp_path / "practice"]) == [tmp_path / "practice"]
    _assert_equal(read_extract(tmp_path / "practice"), reference)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".txt", ".parquet", ".zip"])
def test_one_table_is_the_treatments_whatever_its_name(tmp_path: Path, reference: Extract, ending: str) -> None:
    rows = SHEETS["Treatments"]
    content = {".parquet": parquet_of(rows), ".zip": zipped({"issues 2024.csv": csv_of(rows).encode()})}
    path = save(tmp_path / f"practice{ending}", content.get(ending, csv_of(rows).encode()))
    treatments = read_extract(path).treatments
    pd.testing.assert_frame_equal(treatments.drop(columns="sheet"), reference.treatments.drop(columns="sheet"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_in_every_dress(tmp_path: Path, reference: Extract, delimiter: str, encoding: str) -> None:
    path = save(tmp_path / "practice.csv", csv_of(SHEETS["Treatments"], delimiter).encode(encoding))
    treatments = read_extract(path).treatments
    pd.testing.assert_frame_equal(treatments.drop(columns="sheet"), reference.treatments.drop(columns="sheet"))


def test_a_folder_inside_a_zip_does_not_matter(tmp_path: Path, reference: Extract) -> None:
    inside = {f"export/{name}": content for name, content in files_of().items()}
    noise = {"export/": b"", "__MACOSX/export/._Treatments.csv": b"\0\1", "export/.hidden.csv": b"x", "a.pdf": b"%"}
    _assert_equal(read_extract(save(tmp_path / "practice.zip", zipped(inside | noise))), reference)


@pytest.mark.parametrize(
    "parts", [{"book.xlsx": broken.workbook()}, {"a.txt": b"x"}, {"a/T.csv": b"x", "b/T.csv": b"y"}]
)
def test_a_zip_of_other_things_is_refused(tmp_path: Path, parts: dict[str, bytes]) -> None:
    assert refused(save(tmp_path / "a.zip", zipped(parts))).code == "NOTHING_READABLE"


def test_every_readable_file_of_a_folder_is_an_input(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsm", "c.xls", "d.xlsb", "e.ods", "f.csv", "g.tsv", "h.parquet", "i.zip", "j.docx"):
        save(tmp_path / name, b"x")
    assert [path.name[0] for path in inputs([tmp_path])] == list("abcdefghi")


# --- names that promise something else


@pytest.mark.parametrize("ending", [".xlsx", ".xls"])
def test_csv_with_the_name_of_a_workbook_is_read_with_a_warning(
    tmp_path: Path, reference: Extract, ending: str
) -> None:
    extract = read_extract(save(tmp_path / f"practice{ending}", csv_of(SHEETS["Treatments"]).encode()))
    assert [finding.severity for finding in found(extract, "WRONG_ENDING")] == ["warning"]
    assert len(extract.treatments) == len(reference.treatments)


@pytest.mark.parametrize(("ending", "kind"), [(".xlsx", ".xls"), (".xls", ".xlsx"), (".xlsx", ".ods")])
def test_a_workbook_is_read_by_what_it_holds(tmp_path: Path, reference: Extract, ending: str, kind: str) -> None:
    extract = read_extract(save(tmp_path / f"practice{ending}", CONTENT[kind]()))
    _assert_equal(extract, reference)
    assert len(found(extract, "WRONG_ENDING")) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><table><tr><td>patient_id</td></tr></table></html>", "HTML_NOT_WORKBOOK"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML_NOT_WORKBOOK"),
        (b"just a sentence", "TEXT_NOT_WORKBOOK"),
        (parquet_of([["a"], ["b"]]), "WRONG_ENDING"),
        (zipped({"word/document.xml": b"<w/>"}), "NOT_A_WORKBOOK"),
    ],
)
@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".ods"])
def test_what_is_no_workbook_is_named(tmp_path: Path, content: bytes, code: str, ending: str) -> None:
    assert refused(save(tmp_path / f"a{ending}", content)).code == code


def test_the_marker_of_an_open_workbook(tmp_path: Path) -> None:
    path = save(tmp_path / "practice.xlsx", broken.workbook())
    marker = save(tmp_path / "~$practice.xlsx", b"\x05Nurse")
    assert [one.severity for one in found(read_extract(path), "INPUT_OPEN")] == ["warning"]
    error = refused(marker)
    assert (error.code, "Nurse" in "".join(error.lines())) == ("OWNER_FILE", False)
    marker.unlink()
    assert not found(read_extract(path), "INPUT_OPEN")


def test_an_old_workbook_says_that_damage_cannot_be_noticed(tmp_path: Path) -> None:
    extract = read_extract(save(tmp_path / "practice.xls", CONTENT[".xls"]()))
    assert len(found(extract, "NO_CHECK_SUMS")) == 1


# --- Parquet


def test_typed_columns_of_parquet(tmp_path: Path) -> None:
    moment = datetime(2024, 3, 12, 10, 30)
    table = pa.table(
        {
            "patient_id": pa.array([39238111000001107, 2], pa.int64()),
            "date": pa.array([moment, None], pa.timestamp("ns")),
            "drug": pa.array([HYDROXO] * 2).dictionary_encode(),
            "quantity": pa.array([1.0, None]),
            "event": pa.array(["given", None]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    extract = read_extract(tmp_path / "a.parquet")
    assert column(extract.patients, "patient_id") == ["2", "39238111000001107"]
    assert column(extract.treatments, "date") == [date(2024, 3, 12), None]
    assert column(extract.treatments, "row") == [2, 3]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PARE" + bytes(20) + b"PARE", "PASSWORD_PROTECTED"),
        (b"patient_id,date,drug\n", "NOT_PARQUET"),
        (parquet_of(SHEETS["Treatments"])[:-3], "FILE_INCOMPLETE"),
        (b"PAR1" + bytes(50) + b"PAR1", "DAMAGED_FILE"),
        (parquet_of([["patient_id"], [["a", "list"]]]), "PARQUET_NESTED"),
    ],
)
def test_parquet_that_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(save(tmp_path / "a.parquet", content)).code == code


def test_parquet_of_too_many_rows_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Ten million and one rows of one word are a few kilobytes."""
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int32()), pa.array(["x"]))
    table = pa.Table.from_batches([pa.record_batch({"patient_id": words})] * 10_001)
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd")
    began = time.perf_counter()
    assert refused(tmp_path / "a.parquet").code == "TOO_MANY_ROWS"
    assert time.perf_counter() - began < 1


# --- csv cut off


def test_a_last_line_without_an_end_is_said(tmp_path: Path) -> None:
    text = csv_of([TREATMENT_HEADINGS, treatment(date="2024-03-12")])
    whole = read_extract(save(tmp_path / "a.csv", text.encode()))
    open_ended = read_extract(save(tmp_path / "a.csv", text.rstrip().encode()))
    assert (len(found(whole, "LAST_LINE_OPEN")), len(found(open_ended, "LAST_LINE_OPEN"))) == (0, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_last_row_cut_off_is_incomplete(tmp_path: Path, encoding: str) -> None:
    rows = [TREATMENT_HEADINGS, treatment(date="2024-03-12"), treatment(date="2024-06-12")]
    path = save(tmp_path / "a.csv", csv_of(rows).rpartition(",")[0].encode(encoding))
    error = refused(path)
    assert (error.code, error.exit_code, error.where) == ("FILE_INCOMPLETE", 11, "a.csv, row 3")


# --- as many rows as Excel holds


@pytest.mark.parametrize(("rows", "cut_off"), [(65_535, False), (65_536, True), (65_537, False)])
def test_exactly_as_many_rows_as_the_old_excel_holds(tmp_path: Path, rows: int, cut_off: bool) -> None:
    line = f"P1,2024-03-12,{HYDROXO},given\n"
    path = save(tmp_path / "a.csv", ("patient_id,date,drug,event\n" + line * (rows - 1)).encode())
    if cut_off:
        error = refused(path)
        assert (error.code, error.exit_code) == ("ROWS_AT_LIMIT", 11)
    else:
        assert len(read_extract(path).treatments) == rows - 1


def test_an_old_workbook_full_to_the_brim(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["patient_id", "date", "drug"], *([["P1", DAY, "x"]] * 65_535)]
    assert refused(save(tmp_path / "a.xls", other_formats.xls({"Treatments": rows}))).code == "ROWS_AT_LIMIT"


@pytest.mark.slow
def test_a_sheet_down_to_the_last_row_of_excel(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug"])
    sheet.write_row(1, 0, ["P1", "2024-03-12", HYDROXO])
    sheet.write(1_048_575, 0, "P2")
    book.close()
    assert refused(tmp_path / "a.xlsx").code == "ROWS_AT_LIMIT"


def test_a_format_down_to_the_last_row_is_no_data(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug"])
    sheet.write_row(1, 0, ["P1", "2024-03-12", HYDROXO])
    sheet.write_blank(1_048_575, 0, None, book.add_format({"bold": True}))
    book.close()
    began = time.perf_counter()
    assert len(read_extract(tmp_path / "a.xlsx").treatments) == 1
    # openpyxl's own walk over all the rows takes eleven seconds
    assert time.perf_counter() - began < 4


# --- two readers


def _edited(tmp_path: Path, pattern: bytes, new: bytes, sheet: str = "xl/worksheets/sheet2.xml") -> Path:
    parts = broken.parts_of(broken.workbook())
    changed, times = re.subn(pattern, new, parts[sheet], count=1)
    assert times == 1
    return save(tmp_path / "a.xlsx", zipped(parts | {sheet: changed}))


def test_readers_that_disagree_are_refused_with_the_cell_and_not_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.xlsx", broken.workbook())
    opened = second_reader._opened

    def another(content: bytes) -> Any:
        book = opened(content)
        book["Treatments"]["F9"] = "secret"
        book["Treatments"]["G12"] = "later"
        return book

    monkeypatch.setattr(second_reader, "_opened", another)
    error = refused(path)
    assert (error.code, error.where) == ("READERS_DISAGREE", "a.xlsx, sheet Treatments, cell F9")
    assert "secret" not in "".join(error.lines())
    assert "8 mg" not in "".join(error.lines())


@pytest.mark.parametrize("value", [b"4x", b"1,5", b"0x1F"])
def test_a_number_that_two_readers_see_differently(tmp_path: Path, value: bytes) -> None:
    path = _edited(tmp_path, rb'(r="B5" s="1"><v>)\d+', rb"\g<1>" + value)
    assert refused(path).code == "READERS_DISAGREE"


def test_two_cells_in_one_place(tmp_path: Path) -> None:
    path = _edited(tmp_path, rb'r="F6"', rb'r="F5"')
    assert refused(path).code == "READERS_DISAGREE"


FORMATS = (
    *("General", "0", "0.00", "@", "dd/mm/yyyy", "d mmm yyyy", "[$-809]dd mmmm yyyy", '"Due "dd/mm/yy', "mmm-yy"),
    *("yyyy-mm-dd hh:mm", "h:mm", "[h]:mm", "mm:ss.0", '0 "days"', "[Red]0", "0.0E+00", "dd\\.mm\\.yyyy", "dddd"),
    *('0" yd"', "# ?/?", "[>100]0;General", "d/m/yy;@", "[$£-809]#,##0.00", "yyyy"),
)
NUMBERS = (0, 1, 0.5, 59, 60, 61, 45_363, 45_363.25, 45_363.999_999, -1.5, 123_456.789, 2_958_465, 1e-7)


def test_both_readers_agree_on_every_format_that_people_use(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug"])
    sheet.write_row(1, 0, ["P1", "2024-03-12", HYDROXO])
    for place, name in enumerate(FORMATS):
        form = book.add_format({"num_format": name})
        for row, number in enumerate(NUMBERS, 2):
            sheet.write_number(row, place + 3, number, form)
    book.close()
    assert len(read_extract(tmp_path / "a.xlsx").treatments) == 1


def test_both_readers_agree_on_every_kind_of_cell(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", {"strings_to_formulas": False})
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug"])
    sheet.write_row(1, 0, ["P1", "2024-03-12", HYDROXO])
    bold = book.add_format({"bold": True})
    sheet.write_rich_string(2, 4, "plain ", bold, "bold", " plain")
    texts = (" spaces ", "two\nlines", "tab\there", "_x000D_", "é µg ≥ 1", "#N/A", "=1+1", "", "\xa0")
    for row, typed in enumerate(texts, 3):
        sheet.write_string(row, 4, typed)
    sheet.write_boolean(15, 4, True)
    sheet.write_url(16, 4, "https://example.org/", string="link")
    sheet.write_formula(17, 4, "=1/0", None, "#DIV/0!")
    sheet.write_formula(18, 4, "=1+1", None, 2)
    sheet.write_formula(19, 4, '="a"&"b"', None, "ab")
    sheet.write_formula(20, 4, '=""', None, "")
    sheet.write_datetime(21, 4, datetime(2024, 3, 12, 23, 59, 59), book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))
    sheet.merge_range(22, 4, 24, 5, "merged", bold)
    sheet.write_comment(25, 4, "a comment")
    sheet.insert_textbox(26, 4, "a box")
    sheet.data_validation(27, 4, 27, 4, {"validate": "list", "source": ["yes", "no"]})
    sheet.conditional_format(1, 4, 30, 4, {"type": "data_bar"})
    sheet.autofilter(0, 0, 30, 5)
    book.close()
    assert len(read_extract(tmp_path / "a.xlsx").treatments) == 1


def test_a_link_over_a_blank_cell_is_no_disagreement(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Treatments"
    for row in (["patient_id", "date", "drug"], ["P1", datetime(2024, 3, 12), HYDROXO]):
        sheet.append(row)
    sheet["E2"].hyperlink = "https://example.org/"
    sheet["E2"].value = None
    book.save(tmp_path / "a.xlsx")
    assert len(read_extract(tmp_path / "a.xlsx").treatments) == 1


def test_a_workbook_of_many_rows_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    opened = second_reader._opened

    def counted(content: bytes) -> Any:
        read.append(1)
        return opened(content)

    assert second_reader.READ_TWICE_BELOW == 20_000
    monkeypatch.setattr(second_reader, "READ_TWICE_BELOW", 200)
    monkeypatch.setattr(second_reader, "_opened", counted)
    for count, twice in ((100, True), (198, True), (199, False)):
        rows = [["patient_id", "date", "drug", "event"], *[["P1", "2024-03-12", HYDROXO, "given"]] * count]
        write_xlsx(tmp_path / "a.xlsx", {"Treatments": rows})
        read.clear()
        read_extract(tmp_path / "a.xlsx")
        assert bool(read) == twice


def test_a_1904_workbook_counts_from_1904(tmp_path: Path) -> None:
    rows = [TREATMENT_HEADINGS, treatment(), treatment(patient_id="2", date=43_901)]
    path = write_xlsx(tmp_path / "a.xlsx", {"Treatments": rows}, date_1904=True)
    days = column(read_extract(path).treatments, "date")
    assert days == [DAY, date(1904, 1, 1) + timedelta(days=43_901)]


# --- what cells do not tell


def test_error_values_are_said_and_count_as_blank(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug", "event", "dose", "my notes"])
    for row, dose in enumerate(["#N/A", "#REF!", "1 mg"], 1):
        sheet.write_row(row, 0, ["P1", f"2024-03-1{row}", HYDROXO, "given"])
        sheet.write_formula(row, 4, "=A1", None, dose)
        sheet.write_formula(row, 5, "=A1", None, "#VALUE!")
    book.close()
    extract = read_extract(tmp_path / "a.xlsx")
    assert [(cell(one), one.field, one.severity, one.value) for one in found(extract, "CELL_ERROR")] == [
        ("Treatments!E2", "dose", "warning", ""),
        ("Treatments!E3", "dose", "warning", ""),
    ]
    assert column(extract.treatments, "set_aside") == ["", "", ""]


def test_formulas_that_were_never_calculated_are_refused(tmp_path: Path) -> None:
    """As a program writes them that calculates nothing."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Treatments"
    for row in (["patient_id", "date", "drug"], ["P1", "=TODAY()-1", HYDROXO]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    error = refused(tmp_path / "a.xlsx")
    assert (error.code, error.where) == ("FORMULAS_NOT_CALCULATED", "a.xlsx, sheet Treatments, cell B2")
    assert "in Excel, save it" in error.remedy
    sheet["B2"], sheet["D2"] = datetime(2024, 3, 12), "=B2+90"
    book.save(tmp_path / "a.xlsx")
    assert len(read_extract(tmp_path / "a.xlsx").treatments) == 1, "a formula in a column that is not used does no harm"


@pytest.mark.parametrize(("values", "is_refused"), [(["0", "0"], True), (["0", "45363"], False)])
def test_formulas_whose_saved_values_are_placeholders(tmp_path: Path, values: list[str], is_refused: bool) -> None:
    """XlsxWriter saves 0 for every formula, and asks Excel to calculate them when it opens the file."""
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug", "event"])
    for row, value in enumerate(values, 1):
        sheet.write_row(row, 0, [f"P{row}", "", HYDROXO, "given"])
        sheet.write_formula(row, 1, "=TODAY()", None, int(value))
    book.close()
    if is_refused:
        assert refused(tmp_path / "a.xlsx").code == "FORMULAS_NOT_CALCULATED"
    else:
        assert len(read_extract(tmp_path / "a.xlsx").treatments) == 2


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_read_unless_it_has_a_table_s_name(tmp_path: Path, state: str) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Cover"
    for name, patient in (("Old list", "P9"), ("Treatments", "P1")):
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for row in (["patient_id", "date", "drug", "event"], [patient, datetime(2024, 3, 12), HYDROXO, "given"]):
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    extract = read_extract(tmp_path / "a.xlsx")
    assert column(extract.patients, "patient_id") == ["P1"]
    assert [(one.sheet, one.severity) for one in found(extract, "HIDDEN_SHEET")] == [
        ("Treatments", "warning"),
        ("Old list", "note"),
    ]
    assert set(extract.facts.ignored_sheets) == {"Cover", "Old list"}
    del book["Treatments"]
    book.save(tmp_path / "a.xlsx")
    assert refused(tmp_path / "a.xlsx").code == "NO_TREATMENTS_SHEET"


def test_a_hidden_sheet_of_an_old_workbook(tmp_path: Path) -> None:
    old: list[list[object]] = [["patient_id", "date", "drug"], ["P9", DAY, HYDROXO]]
    sheets: other_formats.Sheets = {"Old": old, "New": SHEETS["Treatments"]}
    extract = read_extract(save(tmp_path / "a.xls", other_formats.xls(sheets, hidden=["Old"])))
    assert "P9" not in column(extract.patients, "patient_id")
    assert [one.sheet for one in found(extract, "HIDDEN_SHEET")] == ["Old"]


def test_hidden_and_filtered_rows_count_and_it_says_so(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug", "event"])
    for row in range(1, 7):
        sheet.write_row(row, 0, [f"P{row % 2}", f"2024-03-1{row}", HYDROXO, "given"])
    sheet.autofilter(0, 0, 6, 3)
    sheet.filter_column(0, "x == P1")
    for row in (2, 4, 6, 20):
        sheet.set_row(row, None, None, {"hidden": True})
    sheet.set_column(3, 3, None, None, {"hidden": True})
    book.close()
    extract = read_extract(tmp_path / "a.xlsx")
    assert len(extract.treatments) == 6
    (rows,) = found(extract, "HIDDEN_ROWS")
    assert (rows.severity, rows.row, rows.message[:6]) == ("note", 3, "3 rows")
    assert [one.column for one in found(extract, "HIDDEN_COLUMNS")] == ["D"]


# --- ids that stand once


def _merged(path: Path, first: int, last: int) -> Path:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug", "event"])
    for row in range(1, 7):
        sheet.write_row(row, 1, [f"2024-03-1{row}", HYDROXO, "given"])
    sheet.merge_range(first, 0, last, 0, "P1")
    for row in (row for row in range(1, 7) if not first <= row <= last):
        sheet.write(row, 0, "P2")
    book.close()
    return path


def test_a_merged_id_holds_for_all_its_rows(tmp_path: Path) -> None:
    extract = read_extract(_merged(tmp_path / "a.xlsx", 1, 4))
    assert column(extract.treatments, "patient") == [0, 0, 0, 0, 1, 1]
    assert [one.message[:7] for one in found(extract, "MERGED_FILLED")] == ["3 cells"]


def test_a_merged_drug_is_not_filled(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug", "event"])
    for row in (1, 2):
        sheet.write_row(row, 0, ["P1", f"2024-03-1{row}", "", "given"])
    sheet.merge_range(1, 2, 2, 2, HYDROXO)
    book.close()
    assert column(read_extract(tmp_path / "a.xlsx").treatments, "set_aside") == ["", "unreadable"]


def _grouped(patients: int = 4, each: int = 3) -> list[list[Any]]:
    rows: list[list[Any]] = [["patient_id", "date", "drug", "event"]]
    for patient in range(patients):
        for number in range(each):
            named = f"P{patient}" if number == 0 else ""
            rows.append([named, f"2024-{number + 1:02}-1{patient}", HYDROXO, "given"])
    return rows


def test_a_grouped_export_is_refused_until_it_is_asked_for(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", _grouped())
    error = refused(path)
    assert (error.code, error.where) == ("GROUPED_EXPORT", "a.csv, sheet a, cell A3")
    assert "--fill-down" in error.remedy
    extract = read_extract(path, fill_down=True)
    assert column(extract.treatments, "patient") == [patient for patient in range(4) for _ in range(3)]
    assert [one.message[:6] for one in found(extract, "FILLED_DOWN")] == ["8 rows"]
    assert "PATIENT_ID_MISSING" not in codes(extract)


def test_filling_down_leaves_rows_above_the_first_id_and_rows_that_are_no_event(tmp_path: Path) -> None:
    rows = _grouped()
    rows.insert(1, ["", "2024-03-12", HYDROXO, "given"])
    rows.insert(5, ["", "2024-03-12", "", ""])
    extract = read_extract(write_csv(tmp_path / "a.csv", rows), fill_down=True)
    missing = [cell(one) for one in found(extract, "PATIENT_ID_MISSING")]
    assert missing == ["a!A2", "a!A6"]


def test_a_few_missing_ids_are_no_grouped_export(tmp_path: Path) -> None:
    rows = [["patient_id", "date", "drug", "event"]]
    rows += [[f"P{row}" if row % 6 else "", f"2024-03-{row + 10}", HYDROXO, "given"] for row in range(1, 19)]
    extract = read_extract(write_csv(tmp_path / "a.csv", rows))
    assert len(found(extract, "PATIENT_ID_MISSING")) == 3


def test_filling_down_changes_nothing_where_every_row_has_its_id(tmp_path: Path, reference: Extract) -> None:
    path = save(tmp_path / "practice.xlsx", broken.workbook())
    _assert_equal(read_extract(path, fill_down=True), reference)


# --- rows that are no data


@pytest.mark.parametrize("foot", ["Total", "TOTALS", "Grand Total: 12", "Count 12", "Page 1 of 3", "Printed 1/4/24"])
def test_the_foot_of_a_report_is_left_out_and_said(tmp_path: Path, foot: str) -> None:
    rows = [TREATMENT_HEADINGS, treatment(), [foot], treatment(patient_id="2"), ["Report run by practice"]]
    extract = read_sheets(tmp_path, Treatments=rows, Patients=[["patient_id", "sex"], ["1", "F"], [foot]])
    assert column(extract.patients, "patient_id") == ["1", "2"]
    assert [(one.sheet, one.row, one.message[:6]) for one in found(extract, "TOTALS_ROW")] == [
        ("Patients", 3, "1 rows"),
        ("Treatments", 3, "2 rows"),
    ]
    assert column(extract.treatments, "row") == [2, 4]


def test_a_patient_whose_id_looks_like_a_foot_is_kept(tmp_path: Path) -> None:
    extract = read_sheets(tmp_path, Treatments=[TREATMENT_HEADINGS, treatment(patient_id="Count 1")])
    assert column(extract.patients, "patient_id") == ["Count 1"]
    assert not found(extract, "TOTALS_ROW")


@pytest.mark.parametrize("beside", [[334], ["", "", "", "", "", 334], ["334 issues", ""]])
def test_a_total_with_its_number_under_any_heading_is_no_patient(tmp_path: Path, beside: list[object]) -> None:
    rows = [TREATMENT_HEADINGS, treatment(), ["Total", *beside]]
    patients = [["patient_id", "year_of_birth", "sex"], ["1", 1950, "F"], ["Total:", 20]]
    extract = read_sheets(tmp_path, Treatments=rows, Patients=patients)
    assert column(extract.patients, "patient_id") == ["1"]
    assert len(extract.treatments) == 1
    assert [one.sheet for one in found(extract, "TOTALS_ROW")] == ["Patients", "Treatments"]
    assert not [one for one in extract.findings if one.severity == "error"]


# --- last issues only


def _issues(patients: int, again: int, *extra: str) -> list[list[Any]]:
    """One issue of every patient, a second one of some."""
    rows: list[list[Any]] = [["patient_id", "date", "drug", *extra]]
    rows += [[f"P{number}", "2024-03-12", HYDROXO, *["issued"] * len(extra)] for number in range(patients)]
    return rows + [[f"P{number}", "2024-06-12", HYDROXO, *["issued"] * len(extra)] for number in range(again)]


@pytest.mark.parametrize(
    ("patients", "again", "extra", "is_refused"),
    [(20, 0, (), True), (20, 1, (), True), (20, 2, (), False), (19, 0, (), False), (60, 0, ("event",), False)],
)
def test_last_issues_only(tmp_path: Path, patients: int, again: int, extra: tuple[str, ...], is_refused: bool) -> None:
    path = write_csv(tmp_path / "a.csv", _issues(patients, again, *extra))
    if is_refused:
        error = refused(path)
        assert (error.code, "every issue" in error.remedy) == ("LAST_ISSUE_ONLY", True)
    else:
        assert len(read_extract(path).patients) == patients


# --- codes that a spreadsheet has rounded


def test_codes_with_their_check_digit() -> None:
    assert all(map(check_digit_fits, ["39238111000001107", "327531006", "24856311000001103", "84027009"]))
    assert not any(map(check_digit_fits, ["39238111000001104", "327531007", "24856311000001130", "84072009"]))


def test_a_rounded_code_is_said_and_its_row_set_aside(tmp_path: Path) -> None:
    rows = [TREATMENT_HEADINGS, treatment(drug=39238111000001107), treatment(drug=HYDROXO)]
    extract = read_sheets(tmp_path, Treatments=rows)
    assert [cell(one) for one in found(extract, "CODE_DAMAGED")] == ["Treatments!C2"]
    assert column(extract.treatments, "set_aside") == ["unreadable", ""]


def test_a_whole_code_is_not_damaged(tmp_path: Path) -> None:
    rows = [TREATMENT_HEADINGS, treatment(drug="39111511000001100")]
    assert "CODE_DAMAGED" not in codes(read_sheets(tmp_path, Treatments=rows))


# --- speed


@pytest.mark.slow
def test_reading_a_hundred_thousand_rows_costs_less_than_thrice_calamine_alone(tmp_path: Path) -> None:
    rows = [
        treatment(patient_id=f"P{place // 10}", date=date(2020, 1, 1) + timedelta(days=place % 1500))
        for place in range(100_000)
    ]
    path = write_xlsx(tmp_path / "big.xlsx", {"Treatments": [TREATMENT_HEADINGS, *rows]})
    content = path.read_bytes()

    def seconds(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    def alone() -> None:
        python_calamine.load_workbook(BytesIO(content)).get_sheet_by_name("Treatments").to_python()

    floor = min(seconds(alone) for _ in range(3))
    assert min(seconds(lambda: open_workbook(content, "a.xlsx")) for _ in range(3)) < 3 * floor
    assert min(seconds(lambda: check_workbook(content, "a.xlsx")) for _ in range(3)) < floor
