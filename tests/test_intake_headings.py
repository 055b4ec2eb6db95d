from __future__ import annotations

from pathlib import Path

import pytest

from audit.errors import InputRejected, NothingToAudit
from audit.intake.read import read_extract
from tests.intake_files import (
    DAY,
    HYDROXO,
    TREATMENT_HEADINGS,
    codes,
    column,
    found,
    read_sheets,
    treatment,
    write_csv,
    write_xlsx,
)

ROW = ["1", DAY, HYDROXO]
BARE = [["patient_id", "date", "drug"], ROW]


@pytest.mark.parametrize(
    "headings",
    [
        ["Patient ID", "DATE", "Drug"],
        ["patient-id", " date ", "drug\n"],
        ["PATIENT_ID*", "date*", "drug*"],
        ["Patient\xa0Id", "Date", "DRUG"],
    ],
)
def test_headings_in_any_case_and_spacing(tmp_path: Path, headings: list[str]) -> None:
    assert len(read_sheets(tmp_path, Treatments=[headings, ROW]).treatments) == 1


def test_columns_in_any_order_and_unused_ones_are_named(tmp_path: Path) -> None:
    rows = [["drug", "Clinic", "date", "patient_id"], [HYDROXO, "North", DAY, "1"]]
    extract = read_sheets(tmp_path, Treatments=rows)
    (facts,) = extract.facts.sheets
    assert facts.columns == {"patient_id": "D", "date": "C", "drug": "A"}
    assert "Clinic (B)" in found(extract, "COLUMN_NOT_USED")[0].message


def test_the_heading_row_may_be_the_fiftieth_and_no_later(tmp_path: Path) -> None:
    assert column(read_sheets(tmp_path, Treatments=[*[["note"]] * 49, *BARE]).treatments, "row") == [51]
    with pytest.raises(InputRejected) as error:
        read_sheets(tmp_path, Treatments=[*[["note"]] * 50, *BARE])
    assert error.value.code == "COLUMNS_MISSING"


def test_sheets_by_name_in_any_case_and_order(tmp_path: Path) -> None:
    extract = read_sheets(
        tmp_path,
        REVIEWS=[["patient_id", "date", "outcome"], ["1", DAY, "improving"]],
        Notes=[["Dear colleague"]],
        tests=[["patient_id", "date", "test"]],
        TreatMents=BARE,
        patients=[["patient_id"], ["1"]],
    )
    facts = extract.facts
    assert {sheet.table for sheet in facts.sheets} == {"Patients", "Treatments", "Tests", "Reviews"}
    assert (facts.ignored_sheets, facts.has_tests, facts.has_reviews) == (("Notes",), True, True)


def test_the_only_sheet_with_the_columns_is_the_flat_one(tmp_path: Path) -> None:
    extract = read_sheets(tmp_path, About=[["practice_id", "P9"]], Cover=[["March"]], Export=BARE)
    assert column(extract.patients, "practice_id") == ["P9"]
    assert column(extract.treatments, "sheet") == ["Export"]
    assert extract.facts.ignored_sheets == ("Cover",)


def test_two_possible_flat_sheets_are_not_chosen_between(tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as error:
        read_sheets(tmp_path, North=BARE, South=BARE)
    assert error.value.code == "NO_TREATMENTS_SHEET"
    assert "Sheets found: North, South." in error.value.what


def test_with_patients_the_treatments_must_have_their_name(tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as error:
        read_sheets(tmp_path, Patients=[["patient_id"], ["1"]], Injections=BARE)
    assert "The likeliest is Injections." in error.value.what


def test_the_likeliest_sheet_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="likeliest is Injections, but it lacks the column drug"):
        read_sheets(tmp_path, Cover=[["x"]], Injections=[["patient_id", "date", "product"], ROW])


def test_missing_columns_are_named_with_the_headings_found(tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as error:
        read_sheets(tmp_path, Treatments=[["Patient ID", "date", "product"], ROW])
    assert error.value.code == "COLUMNS_MISSING"
    assert "drug cannot be found. Headings found: Patient ID, date, product." in error.value.what
    assert error.value.where == "practice.xlsx, sheet Treatments, row 1"


def test_a_file_without_headings_shows_none_of_its_cells(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["Mary Smith", "drug", "12/03/2024"]])
    with pytest.raises(InputRejected) as error:
        read_extract(path)
    assert "Mary" not in "".join(error.value.lines())


@pytest.mark.parametrize("table", ["Patients", "Tests", "Reviews"])
def test_every_table_needs_its_columns(tmp_path: Path, table: str) -> None:
    with pytest.raises(InputRejected) as error:
        read_sheets(tmp_path, Treatments=BARE, **{table: [["id"], ["1"]]})
    assert error.value.code == "COLUMNS_MISSING"


def test_a_heading_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as error:
        read_sheets(tmp_path, Treatments=[["patient_id", "date", "drug", "Date"], [*ROW, DAY]])
    assert (error.value.code, error.value.where) == (
        "COLUMN_TWICE",
        "practice.xlsx, sheet Treatments, cell B1 and D1",
    )


def test_a_table_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"Treatments": BARE, "treatments ": BARE})
    with pytest.raises(InputRejected) as error:
        read_extract(path)
    assert error.value.code == "SHEET_TWICE"


@pytest.mark.parametrize("rows", [[], [TREATMENT_HEADINGS], [TREATMENT_HEADINGS, [], ["", " "]]])
def test_treatments_without_a_row_are_nothing_to_audit(tmp_path: Path, rows: list[list[str]]) -> None:
    with pytest.raises(NothingToAudit) as error:
        read_sheets(tmp_path, Treatments=rows)
    assert error.value.code == "NO_ROWS"


def test_an_empty_sheet_counts_as_absent(tmp_path: Path) -> None:
    extract = read_sheets(tmp_path, Treatments=[TREATMENT_HEADINGS, treatment()], Tests=[], Patients=[])
    assert not extract.facts.has_tests
    assert "CONTRACT_BROKEN" not in codes(extract)
