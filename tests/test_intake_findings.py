from __future__ import annotations

from pathlib import Path

from tests.intake_files import TREATMENT_HEADINGS, found, read_sheets, treatment

MANY = 1_234


def test_a_thousand_of_a_kind_and_one_that_counts_the_rest(tmp_path: Path) -> None:
    rows = [treatment(date="soon", quantity=1, patient_id=str(row)) for row in range(MANY)]
    extract = read_sheets(tmp_path, Treatments=[TREATMENT_HEADINGS, *rows])
    findings = found(extract, "DATE_UNREADABLE")
    assert [finding.row for finding in findings[:1000]] == list(range(2, 1002))
    (rest,) = findings[1000:]
    assert (rest.row, rest.column, rest.value, rest.sheet) == (0, "", "", "Treatments")
    assert rest.message.startswith("234 more findings")
    assert len(extract.treatments) == MANY


def test_the_limit_is_one_for_all_columns_of_a_sheet(tmp_path: Path) -> None:
    patients = [["patient_id", "sex", "cause"], *([str(row), "x", "x"] for row in range(600))]
    extract = read_sheets(tmp_path, Patients=patients, Treatments=[TREATMENT_HEADINGS, treatment()])
    findings = found(extract, "VALUE_UNKNOWN")
    assert (len(findings), findings[-1].message[:16]) == (1001, "200 more finding")


def test_conflicts_are_limited_too(tmp_path: Path) -> None:
    patients = [["patient_id", "sex"], *([str(row), sex] for row in range(MANY) for sex in "FM")]
    extract = read_sheets(tmp_path, Patients=patients, Treatments=[TREATMENT_HEADINGS, treatment()])
    assert found(extract, "PATIENT_CONFLICT")[-1].message.startswith("234 more")


def test_a_quoted_cell_is_cut_short(tmp_path: Path) -> None:
    extract = read_sheets(tmp_path, Treatments=[TREATMENT_HEADINGS, treatment(event="x" * 500)])
    assert found(extract, "EVENT_UNREADABLE")[0].value == "x" * 40
