from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from audit.errors import InputRejected
from audit.intake.read import read_extract
from tests.intake_files import HYDROXO, cell, column, found, write_csv

HEADINGS = ["patient_id", "date", "drug", "event"]
ROWS = [HEADINGS, ["0123", "12/03/2024", HYDROXO, "given"], ["123", "13/03/2024", HYDROXO, "given"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_one_flat_csv(tmp_path: Path, delimiter: str, encoding: str) -> None:
    extract = read_extract(write_csv(tmp_path / "Riverside.csv", ROWS, delimiter, encoding))
    assert column(extract.patients, "patient_id") == ["0123", "123"]
    assert column(extract.patients, "practice_id") == ["Riverside"] * 2
    assert column(extract.treatments, "date") == [date(2024, 3, 12), date(2024, 3, 13)]
    assert column(extract.treatments, "sheet") == ["Riverside"] * 2
    assert not found(extract, "CHARACTER_SET")


def test_windows_characters_are_read_and_noted(tmp_path: Path) -> None:
    rows = [[*HEADINGS, "dose"], ["1", "12/03/2024", HYDROXO, "given", "1000µg"]]
    extract = read_extract(write_csv(tmp_path / "old.csv", rows, encoding="cp1252"))
    assert column(extract.treatments, "dose_micrograms") == [1000.0]
    assert len(found(extract, "CHARACTER_SET")) == 1


def test_rows_are_numbered_as_excel_would(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Extract of March\r\n\r\npatient_id,date,drug,directions\r\n"
        f'1,2024-03-12,{HYDROXO},"every\r\n3 months"\r\n\r\n1,soon,{HYDROXO}\r\n',
        newline="",
    )
    extract = read_extract(path)
    assert column(extract.treatments, "row") == [4, 6]
    assert column(extract.treatments, "directions") == ["every\r\n3 months", ""]
    assert [cell(finding) for finding in found(extract, "DATE_UNREADABLE")] == ["a!B6"]


def test_a_row_longer_than_the_headings_is_refused_with_its_place(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [*ROWS, ["1", "12/03/2024", HYDROXO, "given", "", "shifted"]])
    with pytest.raises(InputRejected) as error:
        read_extract(path)
    assert (error.value.code, error.value.where) == ("ROW_TOO_LONG", "a.csv, sheet a, cell F4")
    assert "shifted" not in "".join(error.value.lines())


def test_commas_at_the_end_of_a_row_do_no_harm(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [*ROWS, [*ROWS[1], "", " "]])
    assert column(read_extract(path).treatments, "set_aside") == ["", "", "duplicate"]


def test_an_open_quotation_mark_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'patient_id,date,drug\n1,2024-03-12,"{HYDROXO}\n2,2024-03-12,{HYDROXO}\n')
    with pytest.raises(InputRejected) as error:
        read_extract(path)
    assert (error.value.code, error.value.where) == ("CSV_QUOTES", "a.csv, row 2")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b" \n", "EMPTY_FILE"),
        (b"<html><table>", "HTML_NOT_CSV"),
        (b"\x00\x01\x02", "NOT_TEXT"),
        (b"patient_id,date,drug\n\x81,,", "CHARACTER_SET"),
    ],
)
def test_what_is_no_csv_is_named(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputRejected) as error:
        read_extract(tmp_path / "a.csv")
    assert error.value.code == code


def test_a_folder_of_csv_files_named_as_the_sheets(tmp_path: Path) -> None:
    folder = tmp_path / "Hill Surgery"
    folder.mkdir()
    write_csv(folder / "TREATMENTS.csv", ROWS)
    write_csv(folder / "patients.csv", [["patient_id", "sex"], ["123", "F"]])
    write_csv(folder / "Tests.csv", [["patient_id", "date", "test", "value"], ["123", "1/3/2024", "Hb", "120"]])
    write_csv(folder / "About.csv", [["extract_date", "31/03/2024"]], ";")
    write_csv(folder / "Notes.csv", [["anything"]])
    extract = read_extract(folder)
    assert extract.about.extract_date == date(2024, 3, 31)
    assert column(extract.patients, "practice_id") == ["Hill Surgery"] * 2
    assert column(extract.patients, "listed") == [False, True]
    assert (extract.facts.file, extract.facts.ignored_sheets) == ("Hill Surgery", ("Notes",))
    assert {facts.file for facts in extract.facts.sheets} == {
        *("Hill Surgery/TREATMENTS.csv", "Hill Surgery/patients.csv", "Hill Surgery/Tests.csv")
    }


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    assert read_extract(path).facts.sha256 == sha256(path.read_bytes()).hexdigest()


def test_the_digest_of_a_folder_covers_every_file(tmp_path: Path) -> None:
    write_csv(tmp_path / "Treatments.csv", ROWS)
    before = read_extract(tmp_path).facts.sha256
    write_csv(tmp_path / "Reviews.csv", [["patient_id", "date", "outcome"]])
    assert read_extract(tmp_path).facts.sha256 != before
