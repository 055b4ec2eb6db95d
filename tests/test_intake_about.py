from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.errors import InputRejected
from audit.intake.extract import About
from tests.intake_files import cell, codes, found, read_treatments, treatment


def about(tmp_path: Path, *rows: list[Any]) -> About:
    return read_treatments(tmp_path, treatment(), About=rows).about


def test_every_key(tmp_path: Path) -> None:
    said = about(
        tmp_path,
        ["key", "value"],
        [],
        ["Practice ID", 84],
        ["Extract date", date(2024, 3, 31)],
        ["HISTORY_START", "1/4/2019"],
        ["period-from", "2023-04-01"],
        ["period_to", "31-Mar-2024"],
        ["source_system", "EMIS Web"],
    )
    assert said == About("84", date(2024, 3, 31), date(2019, 4, 1), date(2023, 4, 1), date(2024, 3, 31), "EMIS Web")


def test_blank_values_say_nothing(tmp_path: Path) -> None:
    assert about(tmp_path, ["extract_date", ""], ["history_start", "n/a"], ["practice_id"]) == About()


def test_no_sheet_says_nothing(tmp_path: Path) -> None:
    assert read_treatments(tmp_path, treatment()).about == About()


def test_keys_may_stand_in_any_column(tmp_path: Path) -> None:
    assert about(tmp_path, ["", "", "extract_date", "31/03/2024"]).extract_date == date(2024, 3, 31)


@pytest.mark.parametrize("typed", ["soon", "March 2024", "03/13/2024", 7])
def test_an_unreadable_date_is_refused_with_its_cell(tmp_path: Path, typed: Any) -> None:
    with pytest.raises(InputRejected) as error:
        about(tmp_path, ["practice_id", "A"], ["extract_date", typed])
    assert (error.value.code, error.value.where) == (
        "ABOUT_DATE_UNREADABLE",
        "practice.xlsx, sheet About, cell B2",
    )


def test_unknown_keys_are_noted_without_their_words(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), About=[["made by", "Mary"]])
    (note,) = extract.findings
    assert (note.code, note.severity, cell(note)) == ("ABOUT_KEY_UNKNOWN", "note", "About!A1")
    assert "Mary" not in str(note)


def test_the_heading_of_the_two_columns_is_no_unknown_key(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), About=[["Key", "Value"], ["practice_id", "A"], ["Key", "A4"]])
    assert [cell(note) for note in found(extract, "ABOUT_KEY_UNKNOWN")] == ["About!A3"]


def test_a_day_number_is_noted(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), About=[["extract_date", 45363]])
    assert extract.about.extract_date == date(2024, 3, 12)
    assert [cell(note) for note in found(extract, "DATE_SERIAL")] == ["About!B1"]


def test_a_key_that_stands_twice(tmp_path: Path) -> None:
    same = [["extract_date", "31/03/2024"], ["Extract Date", "2024-03-31"]]
    assert codes(read_treatments(tmp_path, treatment(), About=same)) == set()
    with pytest.raises(InputRejected) as error:
        about(tmp_path, *same, ["extract_date", "01/04/2024"])
    assert (error.value.code, error.value.where[-2:]) == ("ABOUT_TWICE", "B3")
