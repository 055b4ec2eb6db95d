"""A workbook without a sheet named Treatments: which sheet is meant is asked of the one that could be it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from audit.errors import InputRejected
from audit.intake.read import read_extract
from tests.intake_files import HYDROXO, codes, write_csv, write_xlsx

Table = Sequence[Sequence[object]]
REGISTER: Table = [["Pt code", "Given on", "Injection", "Dose"], ["1", "01/03/2024", HYDROXO, "1mg"]]
PEOPLE: Table = [["Pt code", "YOB", "Sex", "Why on B12", "Joined"], ["1", 1950, "F", "PA", "01/05/2010"]]
YEAR: Table = [["Ref", "Date issued", "Drug"], ["1", "01/03/2024", HYDROXO]]


def refusal(path: Path, sheets: dict[str, Table]) -> InputRejected:
    with pytest.raises(InputRejected) as error:
        read_extract(write_xlsx(path / "a.xlsx", sheets))
    return error.value


def test_a_register_of_injections_comes_before_a_list_of_patients(tmp_path: Path) -> None:
    error = refusal(tmp_path, {"Register": REGISTER, "Patients list": PEOPLE})
    assert (error.code, "sheet Register" in error.where) == ("HEADING_UNSURE", True)
    assert '--map patient_id="Pt code" --map drug="Injection"' in error.remedy


def test_the_likeliest_sheet_is_the_one_that_lacks_least_of_what_is_needed(tmp_path: Path) -> None:
    bare = [["X1", "Given on", "Stuff"], ["1", "01/03/2024", "x"]]
    error = refusal(tmp_path, {"Register": bare, "People": PEOPLE})
    assert "The likeliest is Register, but it lacks the columns patient_id, drug." in error.what


@pytest.mark.parametrize("first", ["Ref", "patient_id"])
def test_a_sheet_for_each_year_is_asked_for_as_one_sheet(tmp_path: Path, first: str) -> None:
    year = [[first, *YEAR[0][1:]], *YEAR[1:]]
    error = refusal(tmp_path, {"2022": year, "2023": year, "2024": year, "Notes": [["run by JB"]]})
    assert "2022, 2023 and 2024 may each hold the treatments." in error.what
    assert "below each other" in error.remedy


def test_dates_under_the_headings_of_a_register_are_read(tmp_path: Path) -> None:
    for heading in ("Date issued", "Prescription date", "Inj date"):
        rows = [["patient_id", heading, "Drug"], *YEAR[1:]]
        extract = read_extract(write_xlsx(tmp_path / f"{heading}.xlsx", {"Sheet1": rows}))
        assert "HEADING_READ_AS" in codes(extract)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_injections_side_by_side_are_asked_for_one_below_the_other(tmp_path: Path, name: str) -> None:
    rows = [["Patient ID", "Sex", "Drug", "Inj 1", "Inj 2", "Inj 3", "Inj 4"], ["1", "F", HYDROXO, *["01/03/2024"] * 4]]
    write = write_csv(tmp_path / name, rows) if name.endswith("csv") else write_xlsx(tmp_path / name, {"Summary": rows})
    with pytest.raises(InputRejected) as error:
        read_extract(write)
    assert (error.value.code, '"Inj 1", "Inj 2", "Inj 3"' in error.value.what) == ("INJECTIONS_ABREAST", True)


def test_two_numbered_headings_are_nothing_yet(tmp_path: Path) -> None:
    rows = [["Patient ID", "Drug", "Line 1", "Line 2"], ["1", HYDROXO, "a", "b"]]
    assert refusal(tmp_path, {"Summary": rows}).code == "NO_TREATMENTS_SHEET"
