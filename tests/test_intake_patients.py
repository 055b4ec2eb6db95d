from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.errors import InputRejected
from tests.intake_files import (
    DAY,
    HYDROXO,
    TREATMENT_HEADINGS,
    cell,
    codes,
    column,
    found,
    read_sheets,
    read_treatments,
    treatment,
)

FLAT = ["patient_id", "date", "drug", "event", "sex", "cause", "practice_id"]


def test_every_field_of_a_patient(tmp_path: Path) -> None:
    headings = [
        *("patient_id", "practice_id", "year_of_birth", "sex", "indication", "cause"),
        *("neurological_involvement", "neurological_onset", "diagnosis_date", "registered_from"),
        *("registered_to", "pregnant_or_breastfeeding", "smoker"),
    ]
    typed = ["1", 84, 1950, "F", "prophylactic", "Pernicious anaemia", True, "1/2/2020", DAY]
    typed += ["2019-01-01", 45363, "no", "Y"]
    extract = read_treatments(tmp_path, treatment(), Patients=[headings, typed])
    (row,) = extract.patients.to_dict("records")
    assert {name: getattr(value, "date", lambda v=value: v)() for name, value in row.items()} == {
        "patient_id": "1",
        "practice_id": "84",
        "year_of_birth": 1950,
        "sex": "female",
        "indication": "prophylaxis",
        "cause": "autoimmune",
        "neurological_involvement": "yes",
        "neurological_onset": date(2020, 2, 1),
        "diagnosis_date": DAY,
        "registered_from": date(2019, 1, 1),
        "registered_to": DAY,
        "pregnant_or_breastfeeding": "no",
        "smoker": "yes",
        "listed": True,
        "row": 2,
        "said_elsewhere": False,
    }
    assert codes(extract) == {"DATE_SERIAL"}
    assert extract.facts.has_registered_from


def test_blank_fields_and_absent_columns(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), Patients=[["patient_id", "sex", "cause"], ["1", "", "n/a"]])
    (row,) = extract.patients.to_dict("records")
    assert (row["indication"], row["neurological_involvement"]) == ("deficiency", "unknown")
    never_blank = ["patient_id", "practice_id", "indication", "neurological_involvement"]
    assert extract.patients.drop(columns=[*never_blank, "listed", "row", "said_elsewhere"]).isna().all(axis=None)
    assert (extract.findings, extract.facts.has_registered_from) == ((), False)


@pytest.mark.parametrize(
    ("field", "typed", "then", "code", "value"),
    [
        ("sex", "x", None, "VALUE_UNKNOWN", "x"),
        ("cause", "coeliac", None, "VALUE_UNKNOWN", "coeliac"),
        ("indication", "tired", "deficiency", "VALUE_UNKNOWN", "tired"),
        ("neurological_involvement", "maybe", "unknown", "VALUE_UNKNOWN", "maybe"),
        ("year_of_birth", 1850, None, "VALUE_UNKNOWN", ""),
        ("year_of_birth", "19o4", None, "VALUE_UNKNOWN", ""),
        ("diagnosis_date", "last spring", None, "DATE_UNREADABLE", ""),
    ],
)
def test_an_unknown_word_is_a_finding_and_its_field_blank(
    tmp_path: Path, field: str, typed: Any, then: str | None, code: str, value: str
) -> None:
    extract = read_treatments(tmp_path, treatment(), Patients=[["patient_id", field], ["1", typed]])
    assert column(extract.patients, field) == [then]
    (finding,) = extract.findings
    assert (finding.code, cell(finding), finding.value) == (code, "Patients!B2", value)


def test_unknown_is_no_finding_where_the_answer_is_yes_or_no(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), Patients=[["patient_id", "smoker"], ["1", "Not known"]])
    assert (column(extract.patients, "smoker"), extract.findings) == ([None], ())


def test_patients_are_sorted_by_practice_then_id_and_codes_follow(tmp_path: Path) -> None:
    patients = [["patient_id", "practice_id"], ["9", "A"], ["10", "B"], ["2", "B"], ["1", "A"]]
    extract = read_treatments(tmp_path, *(treatment(patient_id=id_) for id_ in ("2", "9", "1")), Patients=patients)
    assert column(extract.patients, "patient_id") == ["1", "9", "10", "2"]
    assert column(extract.treatments, "patient") == [3, 1, 0]


def test_the_practice_is_the_column_s_else_about_s_else_the_file_s(tmp_path: Path) -> None:
    patients = [["patient_id", "practice_id"], ["1", "A"], ["2", "-"]]
    with_about = read_treatments(tmp_path, treatment(), Patients=patients, About=[["practice_id", "Q"]])
    without = read_treatments(tmp_path, treatment(), Patients=patients)
    assert column(with_about.patients, "practice_id") == ["A", "Q"]
    assert column(without.patients, "practice_id") == ["A", "practice"]


def test_two_values_of_one_patient_conflict_and_the_field_is_blank(tmp_path: Path) -> None:
    patients = [
        ["patient_id", "practice_id", "sex", "cause", "neurological_involvement", "indication", "diagnosis_date"],
        ["1", "A", "F", "dietary", "yes", "prophylaxis", DAY],
        ["1", "B", "male", "", "no", "metabolic", "13/03/2024"],
        ["1", "A", "Female", "vegan", "", "", ""],
    ]
    extract = read_treatments(tmp_path, treatment(), Patients=patients)
    (row,) = extract.patients.to_dict("records")
    assert (row["practice_id"], row["cause"], row["indication"]) == ("practice", "dietary", "deficiency")
    assert row["neurological_involvement"] == "unknown"
    assert column(extract.patients, "sex") == column(extract.patients, "diagnosis_date") == [None]
    conflicts = found(extract, "PATIENT_CONFLICT")
    assert sorted(map(cell, conflicts)) == [f"Patients!{place}3" for place in "BCEFG"]
    assert all("Rows 2 and 3 " in finding.message for finding in conflicts)


def test_the_same_value_in_other_words_is_no_conflict(tmp_path: Path) -> None:
    patients = [["patient_id", "sex", "diagnosis_date"], ["1", "F", DAY], ["1", "Female", "12/03/2024"]]
    extract = read_treatments(tmp_path, treatment(), Patients=patients)
    assert codes(extract) == {"PATIENT_REPEATED"}
    assert column(extract.patients, "sex") == ["female"]


def test_an_unreadable_value_conflicts_with_a_readable_one(tmp_path: Path) -> None:
    patients = [["patient_id", "neurological_involvement"], ["1", "yes"], ["1", "perhaps"]]
    extract = read_treatments(tmp_path, treatment(), Patients=patients)
    assert column(extract.patients, "neurological_involvement") == ["unknown"]
    assert {"PATIENT_CONFLICT", "VALUE_UNKNOWN"} <= codes(extract)


def test_a_patient_row_without_id_is_a_finding(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), Patients=[["patient_id", "sex"], ["1", "F"], ["", "M"]])
    assert [cell(finding) for finding in found(extract, "PATIENT_ID_MISSING")] == ["Patients!A3"]
    assert len(extract.patients) == 1


def test_patients_of_other_sheets_without_a_row(tmp_path: Path) -> None:
    extract = read_treatments(
        tmp_path,
        treatment(),
        treatment(patient_id="7"),
        treatment(patient_id="7", quantity=2),
        Tests=[["patient_id", "date", "test"], ["7", DAY, "Hb"], ["8", DAY, "Hb"]],
        Reviews=[["patient_id", "date", "outcome"], ["9", DAY, "worse"]],
    )
    missing = found(extract, "PATIENT_ROW_MISSING")
    assert len(missing) == 3
    assert {finding.sheet for finding in missing} == {"Treatments", "Tests", "Reviews"}
    assert column(extract.patients, "listed") == [True, False, False, False]


def test_without_patients_one_finding_is_enough(tmp_path: Path) -> None:
    extract = read_sheets(tmp_path, Treatments=[TREATMENT_HEADINGS, treatment(), treatment(patient_id="2"), ["3"]])
    (finding,) = extract.findings
    assert (finding.code, finding.row) == ("PATIENT_ROW_MISSING", 0)
    assert column(extract.patients, "listed") == [False] * 3


def test_one_flat_sheet(tmp_path: Path) -> None:
    rows = [
        FLAT,
        ["2", DAY, HYDROXO, "given", "F", "", "P1"],
        ["2", "13/03/2024", HYDROXO, "given", "", "vegan", "P1"],
        ["1", "", "", "", "M", "dietary", ""],
        ["3", "", "", "", "M", "", ""],
        ["3", DAY, HYDROXO, "given", "F", "", "P2"],
    ]
    tests = [["patient_id", "date", "test"], ["4", DAY, "Hb"]]
    extract = read_sheets(tmp_path, Export=rows, Tests=tests)
    patients = extract.patients.set_index("patient_id")
    assert patients["sex"].astype(object).where(patients["sex"].notna(), None).to_dict() == {
        "2": "female",
        "3": None,
        "1": "male",
        "4": None,
    }
    assert patients["cause"].loc["2"] == "dietary"
    assert patients["practice_id"].to_dict() == {"2": "P1", "3": "P2", "1": "practice", "4": "practice"}
    assert patients["listed"].to_dict() == {"2": True, "3": True, "1": True, "4": False}
    assert column(extract.treatments, "set_aside") == ["", "", "patient_only", "patient_only", ""]
    assert codes(extract) == {"PATIENT_CONFLICT", "PATIENT_ROW_MISSING", "QUANTITY_ASSUMED"}


def test_the_row_of_a_patient_and_what_other_rows_say_of_the_unknown(tmp_path: Path) -> None:
    headings = ["patient_id", "cause", "neurological_involvement"]
    rows = [["1", "", ""], ["2", "", "unknown"], ["3", "vegan", "no"], ["4", "", "yes"], ["5", "", ""], ["6", "", ""]]
    again = [["1", "", ""], ["2", "", ""], ["3", "vegan", "no"], ["4", "", "no"], ["5", "", "unknown"], ["6", "x", ""]]
    treatments = [TREATMENT_HEADINGS, treatment(patient_id="7")]
    extract = read_sheets(tmp_path, Treatments=treatments, Patients=[headings, *rows, *again])
    assert column(extract.patients, "row") == [2, 3, 4, 5, 6, 7, 0]
    assert column(extract.patients, "said_elsewhere") == [False, False, False, True, True, True, False]


def test_beside_patients_a_row_with_an_id_alone_is_unreadable(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, ["1"])
    assert column(extract.treatments, "set_aside") == ["unreadable"]


def test_ids_that_differ_by_leading_zeros_stay_apart_and_are_reported(tmp_path: Path) -> None:
    extract = read_treatments(
        tmp_path, treatment(), treatment(patient_id="001"), Patients=[["patient_id"], ["001"], [1]]
    )
    assert column(extract.patients, "patient_id") == ["001", "1"]
    (finding,) = found(extract, "ID_LEADING_ZERO")
    assert (cell(finding), finding.severity, finding.value) == ("Patients!A3", "warning", "")


def test_rounded_ids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as error:
        read_treatments(tmp_path, treatment(), treatment(patient_id="9.43477E+09"))
    assert (error.value.code, error.value.where[-2:]) == ("ID_ROUNDED", "A3")
