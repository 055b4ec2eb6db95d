"""Exports in the shapes of clinical systems: rows above the table, several things in a cell, quantities with units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from audit.errors import InputRejected
from audit.intake.combined import Parts, split_cell
from audit.intake.copying import make_copy
from audit.intake.extract import Extract
from audit.intake.quantities import read_quantity
from audit.intake.read import read_extract
from audit.intake.source import open_source
from tests.intake_files import DAY, HYDROXO, cell, codes, column, found, write_csv, write_xlsx

AMPOULES = f"{HYDROXO}, One To Be Given By Intramuscular Injection Every 12 Weeks, 5 ampoule"
TABLETS = "Cyanocobalamin 50microgram tablets, Two Daily, Between Meals, 84 tablet"
PREAMBLE = [
    ["Report Path", "Audits\\B12"],
    ["Population Count", "3"],
    ["Last Run", "", "", "12/06/2024 10:15:32"],
    ["Relative Date", "", "", "01-Jun-2024"],
    [],
    ["Patient Details", "", "", "Medication Issues", "", "", ""],
]
HEADINGS = [
    "Pseudo ID",
    "Age",
    "Gender",
    "Date of Issue",
    "Name, Dosage and Quantity",
    "Issue Method",
    "Associated Text",
]
ISSUES = [
    ["P1", "71", "Female", "12-Mar-2024", AMPOULES, "Automatic", ""],
    ["P1", "71", "Female", "04 Jun 2024", f"{HYDROXO}, As Directed, 1 ampoule", "Automatic", ""],
    ["P2", "44", "Male", "01-Feb-24", TABLETS, "Handwritten", ""],
]


def report(tmp_path: Path, *, preamble: Sequence[Any] = PREAMBLE, issues: Sequence[Any] = ISSUES) -> Extract:
    return read_extract(write_csv(tmp_path / "list.csv", [*preamble, HEADINGS, *issues]))


# --- an EMIS list report


def test_a_list_report_of_emis_is_read(tmp_path: Path) -> None:
    extract = report(tmp_path)
    table = extract.treatments
    assert column(table, "date") == [DAY, date(2024, 6, 4), date(2024, 2, 1)]
    assert column(table, "substance") == ["hydroxocobalamin"] * 2 + ["cyanocobalamin"]
    assert column(table, "quantity") == [5, 1, 84]
    directions = [
        "One To Be Given By Intramuscular Injection Every 12 Weeks",
        "As Directed",
        "Two Daily, Between Meals",
    ]
    assert column(table, "directions") == directions
    assert (column(table, "row"), column(extract.patients, "sex")) == ([8, 9, 10], ["female", "male"])
    letters = extract.facts.sheets[0].columns
    assert (letters["drug"], letters["directions"], letters["quantity"]) == ("E", "E", "E")
    assert "(E7) as drug and quantity and directions" in found(extract, "HEADING_READ_AS")[0].message


def test_the_same_report_as_a_workbook_with_merged_groups(tmp_path: Path) -> None:
    issues: list[Any] = [[*row[:3], DAY, *row[4:]] for row in ISSUES]
    rows: list[Any] = [
        *PREAMBLE[:2],
        ["Last Run", "", "", datetime(2024, 6, 12, 10, 15)],
        PREAMBLE[-1],
        HEADINGS,
        *issues,
    ]
    extract = read_extract(write_xlsx(tmp_path / "list.xlsx", {"Sheet1": rows}))
    assert extract.about.extract_date == date(2024, 6, 12)
    assert column(extract.treatments, "date") == [DAY] * 3
    assert column(extract.treatments, "quantity") == [5, 1, 84]


def test_the_day_of_the_report_is_the_extract_date(tmp_path: Path) -> None:
    extract = report(tmp_path)
    assert extract.about.extract_date == date(2024, 6, 12)
    (note,) = found(extract, "EXTRACT_DATE_OF_REPORT")
    assert (cell(note), note.severity) == ("list!D3", "note")


@pytest.mark.parametrize("typed", ['"12/06/2024 10:15"', "12/06/2024", "2024-06-12 10:15:32", "12-Jun-2024 10:15"])
def test_the_day_of_the_report_as_it_may_be_typed(tmp_path: Path, typed: str) -> None:
    extract = report(tmp_path, preamble=[["Last run:", typed]])
    assert extract.about.extract_date == date(2024, 6, 12)


@pytest.mark.parametrize(
    "row", [["Last Run", "by the nurse"], ["Last Run", "", "45000"], ["Relative Date", "12/06/2024"]]
)
def test_no_day_is_made_of_anything_else(tmp_path: Path, row: list[str]) -> None:
    assert report(tmp_path, preamble=[row]).about.extract_date is None


def test_the_about_sheet_comes_before_the_report(tmp_path: Path) -> None:
    sheets: dict[str, Any] = {"About": [["extract_date", date(2024, 5, 31)]], "Issues": [*PREAMBLE, HEADINGS, *ISSUES]}
    extract = read_extract(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert extract.about.extract_date == date(2024, 5, 31)
    assert "EXTRACT_DATE_OF_REPORT" not in codes(extract)


def test_patients_without_a_row_are_noted(tmp_path: Path) -> None:
    (note,) = found(report(tmp_path), "POPULATION_DIFFERS")
    assert "found 3 patients; the table has 2" in note.message
    assert cell(note) == "list!B2"
    two = [["Population Count", "2"], *PREAMBLE[2:]]
    assert "POPULATION_DIFFERS" not in codes(report(tmp_path, preamble=two))


def test_ids_that_are_not_repeated_are_still_asked_about(tmp_path: Path) -> None:
    issues: list[Any] = [ISSUES[0], *([["", "", "", f"0{month}-Apr-2024", AMPOULES, "", ""] for month in range(1, 5)])]
    with pytest.raises(InputRejected) as error:
        report(tmp_path, issues=issues)
    assert error.value.code == "GROUPED_EXPORT"
    assert len(set(read_extract(tmp_path / "list.csv", fill_down=True).treatments["patient"])) == 1


def test_a_copy_without_identifiers_can_be_read_as_the_report_can(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", [*PREAMBLE, HEADINGS, *ISSUES])
    (sheet,) = make_copy(open_source(path), bytes(32)).sheets
    extract = read_extract(write_csv(tmp_path / "copy.csv", sheet.rows))
    assert extract.about.extract_date == date(2024, 6, 12)
    assert column(extract.treatments, "quantity") == [5, 1, 84]


# --- a SystmOne breakdown


def test_a_breakdown_of_systmone_is_read(tmp_path: Path) -> None:
    headings = [
        "Patient Ref",
        "Age",
        "Gender",
        "Event Date",
        "Drug",
        "Dosage",
        "Quantity",
        "Medication Type",
        "B12 Date",
    ]
    drug = [HYDROXO, "inject 1ml every 12 weeks", "5 ampoules", "Repeat Template", "01 Feb 2024"]
    rows: list[Any] = [["S1 ", 71, "Female", "12 Mar 2024", *drug], ["S1", 71, "Female", "04 Jun 2024", *drug]]
    extract = read_extract(write_csv(tmp_path / "s1.csv", [headings, *rows]))
    assert column(extract.patients, "patient_id") == ["S1"]
    assert column(extract.treatments, "date") == [DAY, date(2024, 6, 4)]
    assert (column(extract.treatments, "quantity"), column(extract.treatments, "interval_high")) == ([5, 5], [12, 12])
    assert "B12 Date (I)" in found(extract, "COLUMN_NOT_USED")[0].message


# --- several things in one cell


@pytest.mark.parametrize(
    ("typed", "drug", "directions", "quantity"),
    [
        (AMPOULES, HYDROXO, "One To Be Given By Intramuscular Injection Every 12 Weeks", "5 ampoule"),
        (f"{HYDROXO}, 1ml im, 12 weekly, 1 ampoule", HYDROXO, "1ml im, 12 weekly", "1 ampoule"),
        (f"{HYDROXO},As Directed,5 x 1ml ampoules", HYDROXO, "As Directed", "5 x 1ml ampoules"),
        (f"{HYDROXO}, 5 ampoule", HYDROXO, "", "5 ampoule"),
        (f"{HYDROXO}, 3 monthly", HYDROXO, "3 monthly", ""),
        (f"{HYDROXO}, 3 monthly, 5", HYDROXO, "3 monthly, 5", ""),
        (f"{HYDROXO}, , 5 amps", HYDROXO, "", "5 amps"),
        (HYDROXO, HYDROXO, "", ""),
        (
            "Hydroxocobalamin 1,000micrograms/1ml injection, stat, 1 amp",
            "Hydroxocobalamin 1,000micrograms/1ml injection",
            *("stat", "1 amp"),
        ),
        ("Vitamin B12, hydroxocobalamin 1mg, stat", "Vitamin B12, hydroxocobalamin 1mg", "stat", ""),
        ("Folic acid 5mg tablets, One Daily, 28 tablet", "Folic acid 5mg tablets", "One Daily", "28 tablet"),
        ("Vitamin B12 injection, stat, 1 ampoule", "Vitamin B12 injection, stat, 1 ampoule", "", ""),
        ("", "", "", ""),
    ],
)
def test_drug_directions_and_quantity_of_one_cell(typed: str, drug: str, directions: str, quantity: str) -> None:
    assert split_cell(typed) == Parts(drug, directions, quantity)


def test_columns_of_their_own_come_before_the_cell(tmp_path: Path) -> None:
    headings = ["Pseudo ID", "Date of Issue", "Name, Dosage and Quantity", "Quantity", "Dosage"]
    rows: list[Any] = [["P1", DAY, AMPOULES, 2, "8 weekly"], ["P2", DAY, AMPOULES, "", ""]]
    extract = read_extract(write_xlsx(tmp_path / "a.xlsx", {"Export": [headings, *rows]}))
    assert column(extract.treatments, "quantity") == [2, None]
    assert column(extract.treatments, "directions") == ["8 weekly", ""]
    assert column(extract.treatments, "substance") == ["hydroxocobalamin"] * 2


def test_a_drug_column_of_its_own_comes_before_the_cell(tmp_path: Path) -> None:
    headings = ["Pseudo ID", "Date of Issue", "Name, Dosage and Quantity", "Drug Name"]
    extract = read_extract(write_xlsx(tmp_path / "a.xlsx", {"Export": [headings, ["P1", DAY, TABLETS, HYDROXO]]}))
    assert column(extract.treatments, "substance") == ["hydroxocobalamin"]
    assert "quantity" not in extract.facts.sheets[0].columns


def test_a_cell_that_cannot_be_read_keeps_its_address(tmp_path: Path) -> None:
    issues: list[Any] = [ISSUES[0], ["P2", "", "", "13-Mar-2024", "Vitamin B12 injection, stat, 1 ampoule", "", ""]]
    (error,) = found(report(tmp_path, issues=issues), "DRUG_UNREADABLE")
    assert cell(error) == "list!E9"


# --- quantities


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("5 ampoules", 5),
        ("1 ampoule", 1),
        ("2.000 Ampoule(s)", 2),
        ("5 amps.", 5),
        ("5amp", 5),
        ("5 x 1ml ampoules", 5),
        ("10 x 1 ml amp", 10),
        ("3 vials", 3),
        ("84 tablet", 84),
        ("63 tablet(s)", 63),
        ("21 tablet(s) - 50micrograms", 21),
        ("1 ampoule - 1mg/1ml", 1),
        ("28 capsules", 28),
        ("1 pack of 5 ampoule(s)", 5),
        ("2 packs of 28 capsules", 56),
        (" 6  injections ", 6),
    ],
)
def test_a_quantity_with_its_unit(typed: str, number: int) -> None:
    assert read_quantity(typed) == number


@pytest.mark.parametrize(
    "typed", ["5 ml", "10ml - 0.5%", "2 packs", "1 box", "1.5 ampoules", "0 ampoules", "101 tablets", "5-6 ampoules"]
)
def test_what_does_not_say_how_many_is_no_quantity(typed: str) -> None:
    assert read_quantity(typed) is None
