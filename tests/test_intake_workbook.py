from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from audit.errors import InputRejected
from audit.intake.read import read_extract
from audit.intake.workbook import read_workbook
from tests.intake_files import DAY, HYDROXO, TREATMENT_HEADINGS, cell, column, found, treatment, write_xlsx


def test_rows_and_columns_keep_excel_s_numbers(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "far.xlsx", {"Treatments": [["patient_id"], ["1"]]}, first=(4, 3))
    (sheet,) = read_workbook(path.read_bytes(), path.name)
    assert (sheet.rows[4][3], sheet.rows[5][3]) == ("patient_id", "1")


def test_findings_name_the_true_cell_of_a_table_that_is_not_at_a1(tmp_path: Path) -> None:
    rows = [["A practice's export"], [], TREATMENT_HEADINGS, treatment(), treatment(date="soon")]
    path = write_xlsx(tmp_path / "far.xlsx", {"Treatments": rows}, first=(2, 1))
    extract = read_extract(path)
    assert [cell(finding) for finding in found(extract, "DATE_UNREADABLE")] == ["Treatments!C7"]
    assert column(extract.treatments, "row") == [6, 7]


def test_blank_rows_are_skipped_and_keep_their_numbers(tmp_path: Path) -> None:
    rows = [TREATMENT_HEADINGS, treatment(), [], [" ", "n/a"], treatment(quantity=2)]
    extract = read_extract(write_xlsx(tmp_path / "gaps.xlsx", {"Treatments": rows}))
    assert column(extract.treatments, "row") == [2, 5]


def test_a_workbook_that_openpyxl_wrote(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Treatments"
    sheet.append(["patient_id", "date", "drug", "event"])
    sheet.append([123, datetime(2024, 3, 12, 10, 0), HYDROXO, "given"])
    book.save(tmp_path / "open.xlsx")
    extract = read_extract(tmp_path / "open.xlsx")
    assert column(extract.patients, "patient_id") == ["123"]
    assert column(extract.treatments, "date") == [date(2024, 3, 12)]


def test_chart_sheets_are_passed_over(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "chart.xlsx")
    sheet = book.add_worksheet("Treatments")
    sheet.write_row(0, 0, ["patient_id", "date", "drug"])
    sheet.write_row(1, 0, ["1", DAY.isoformat(), HYDROXO])
    chart = book.add_chart({"type": "line"})
    assert chart is not None
    chart.add_series({"values": "=Treatments!$A$1:$A$2"})
    book.add_chartsheet("Chart").set_chart(chart)
    book.close()
    assert len(read_extract(tmp_path / "chart.xlsx").treatments) == 1


def _zip(path: Path, *names: str) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html><table></table>", "HTML_NOT_WORKBOOK"),
        (b'<?xml version="1.0"?><Workbook/>', "XML_NOT_WORKBOOK"),
        # text that is a table is read, with a warning (test_formats.py)
        (b"Dear doctor", "TEXT_NOT_WORKBOOK"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "OLD_EXCEL_FORMAT"),
        (
            bytes.fromhex("D0CF11E0A1B11AE1") + bytes(99) + "EncryptedPackage".encode("utf-16-le"),
            "PASSWORD_PROTECTED",
        ),
        (b"PK\x03\x04 and no more", "NOT_A_WORKBOOK"),
        (b"\x89PNG\r\n\x00\x00", "NOT_A_WORKBOOK"),
    ],
)
def test_what_is_no_workbook_is_named(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "false.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputRejected) as error:
        read_extract(path)
    assert (error.value.code, error.value.where, bool(error.value.remedy)) == (code, "false.xlsx", True)


def test_a_zip_archive_of_other_things_is_no_workbook(tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="zip archive"):
        read_workbook(_zip(tmp_path / "a.zip", "letter.txt"), "a.xlsx")


def test_a_workbook_in_name_only_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="damaged"):
        read_workbook(_zip(tmp_path / "a.zip", "xl/workbook.xml"), "a.xlsx")
