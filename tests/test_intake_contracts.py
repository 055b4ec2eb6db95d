from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from audit.intake.contracts import check_contracts
from audit.intake.extract import Extract
from tests.intake_files import DAY, TREATMENT_HEADINGS, codes, read_sheets, read_treatments, treatment


def tables(extract: Extract) -> dict[str, pd.DataFrame]:
    names = ("Patients", "Treatments", "Tests", "Reviews")
    return dict(zip(names, (extract.patients, extract.treatments, extract.tests, extract.reviews), strict=True))


def test_a_thorough_workbook_keeps_every_contract(tmp_path: Path) -> None:
    extract = read_sheets(
        tmp_path,
        Patients=[["patient_id", "practice_id", "year_of_birth"], ["P1", "Riverside", 1950], ["P2", "", "?"]],
        Treatments=[TREATMENT_HEADINGS, treatment(), treatment(date="soon", patient_id=""), treatment(drug="x")],
        Tests=[["patient_id", "date", "test", "value"], ["P1", DAY, "Hb", 120], ["", "", "", 3]],
        Reviews=[["patient_id", "date", "outcome"], ["P1", DAY, "worse"], ["P1", DAY, "?"]],
    )
    assert "CONTRACT_BROKEN" not in codes(extract)
    assert check_contracts(tables(extract), "practice.xlsx") == []


def test_empty_tables_keep_their_contracts(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment())
    assert check_contracts({name: frame.iloc[:0] for name, frame in tables(extract).items()}, "") == []


def test_broken_cells_become_findings_with_their_places(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), [], treatment(quantity=2))
    frame = extract.treatments.assign(quantity=[1.0, 500.0], dose_micrograms=[-1.0, 1000.0])
    found = check_contracts({"Treatments": frame}, "practice.xlsx")
    assert {(one.code, one.severity, one.sheet, one.row, one.field) for one in found} == {
        ("CONTRACT_BROKEN", "error", "Treatments", 4, "quantity"),
        ("CONTRACT_BROKEN", "error", "Treatments", 2, "dose_micrograms"),
    }
    assert not any(one.value for one in found)


def test_a_column_of_another_kind_is_one_finding_about_the_table(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment())
    frame = extract.treatments.assign(row=extract.treatments["row"].astype("float64"))
    found = check_contracts({"Treatments": frame}, "practice.xlsx")
    assert [(one.sheet, one.row, one.field) for one in found] == [("Treatments", 0, "row")]


def test_a_lost_column_is_a_finding(tmp_path: Path) -> None:
    patients = read_treatments(tmp_path, treatment()).patients.drop(columns="sex")
    assert any("sex" in one.message for one in check_contracts({"Patients": patients}, ""))


def test_the_check_is_cheap_beside_writing_the_rows_out(tmp_path: Path) -> None:
    one = read_treatments(tmp_path, treatment()).treatments
    many = one.iloc[np.zeros(100_000, dtype=np.intp)].reset_index(drop=True)
    many["row"] = np.arange(2, 100_002, dtype=np.int32)
    check_contracts({"Treatments": one}, "")  # imports
    began = time.perf_counter()
    assert check_contracts({"Treatments": many}, "") == []
    checked = time.perf_counter() - began
    began = time.perf_counter()
    [date(2024, 1, 1) + timedelta(days=row % 365) for row in many["row"]]
    many.to_csv(tmp_path / "rows.csv")
    assert checked < time.perf_counter() - began
