"""Exports of clinical systems: each list is taken for what it is, and together they are the practice they came from."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.cohort.window import DateOptions
from audit.errors import IdentifiableData, InputRejected, UsageError
from audit.intake.archive import read_archive
from audit.intake.extract import Extract
from audit.intake.profiles.kinds import kind_of
from audit.intake.profiles.wide import find_wide
from audit.intake.read import one_practice, practices, read_extract
from audit.intake.source import open_source
from audit.pipeline import audit
from audit.standards.standard import load_standard
from sample_data.clinic import EXTRACT_DATE, HISTORY_START
from tests import profile_files as files
from tests.intake_files import DAY, HYDROXO, codes, column, found, write_csv, write_xlsx
from tests.profile_files import EMIS, INJECTION, TPP, Style

TODAY = date(2026, 6, 1)


def verdicts(extract: Extract) -> pd.DataFrame:
    options = DateOptions(history_start=HISTORY_START, extract_date=EXTRACT_DATE)
    result = audit([extract], options, load_standard(), TODAY)
    return result.verdicts.drop(columns="practice_id")


def assert_same(lists: Extract, workbook: Path) -> None:
    """Every patient has the verdicts, with their dates, that the same facts in a workbook give."""
    expected = verdicts(read_extract(workbook))
    got = verdicts(lists)
    differing = got.ne(expected) & ~(got.isna() & expected.isna())
    assert got.loc[differing.any(axis=1)].to_dict("records") == []
    assert len(expected) > 1000
    assert {"met", "not_met", "not_assessable", "excepted"} <= set(expected["outcome"])


@pytest.fixture(scope="module")
def emis(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return files.export(tmp_path_factory.mktemp("exports") / "riverside", EMIS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    treatments = [*files.issues(), *files.given(), *files.said()]
    path = tmp_path_factory.mktemp("whole") / "whole.xlsx"
    return files.workbook(path, files.people(), treatments, files.sample()["Tests"])


# --- lists put together give what the tables give


@pytest.mark.parametrize("style", [EMIS, TPP], ids=["EMIS", "TPP"])
def test_four_lists_are_the_practice_they_came_from(style: Style, whole: Path, tmp_path: Path) -> None:
    found_ = practices(files.export(tmp_path / "x", style))
    assert [len(practice.paths) for practice in found_] == [4]
    assert_same(read_extract(found_[0]), whole)


def test_the_sheets_of_one_workbook_are_put_together(whole: Path, tmp_path: Path) -> None:
    sheets = {
        "Issues": files.issue_list(EMIS),
        "Coded": files.coded_list(EMIS),
        "Imms": files.procedure_list(EMIS),
        "People": files.patient_list(EMIS),
    }
    assert_same(read_extract(write_xlsx(tmp_path / "all.xlsx", sheets)), whole)


def test_a_folder_and_a_zip_are_put_together(emis: list[Path], tmp_path: Path) -> None:
    (practice,) = practices([emis[0].parent])
    extract = read_extract(practice)
    assert (extract.facts.file, set(extract.patients["practice_id"])) == ("riverside", {"riverside"})
    with zipfile.ZipFile(tmp_path / "riverside.zip", "w") as archive:
        for path in emis:
            archive.write(path, path.name)
    zipped = read_extract(tmp_path / "riverside.zip")
    pd.testing.assert_frame_equal(zipped.patients.drop(columns="row"), extract.patients.drop(columns="row"))
    assert len(zipped.treatments) == len(extract.treatments)


def test_a_breakdown_of_systmone_is_read_with_its_results(tmp_path: Path) -> None:
    extract = read_extract(files.breakdown(tmp_path / "s1.csv"))
    patients = [{"patient_id": row["patient_id"], "sex": row["sex"]} for row in files.sample()["Patients"]]
    tests = [row for row in files.sample()["Tests"] if row["test"] in ("vitamin_b12", "haemoglobin")]
    assert_same(extract, files.workbook(tmp_path / "w.xlsx", patients, files.issues(), tests))
    assert len(extract.tests) == len(tests)
    assert "EVENTS_REPEATED" in codes(extract)
    assert "folate, ferritin, potassium, vitamin_b6" in found(extract, "TESTS_NOT_LISTED")[0].message


def test_a_journal_of_vision_is_read(tmp_path: Path) -> None:
    extract = read_extract(files.journal(tmp_path / "journal.csv"))
    given = [{**row, "drug": INJECTION} for row in files.given()]
    treatments = [*files.issues(), *given, *files.said()]
    people, tests = files.people(roll=False), files.sample()["Tests"]
    assert_same(extract, files.workbook(tmp_path / "w.xlsx", people, treatments, tests))
    assert f"{len(files.issues()):,} rows are authorisations" in found(extract, "PLANS_NOT_USED")[0].message


def test_deleted_rows_of_a_journal_are_left_out_and_counted(tmp_path: Path) -> None:
    headings = ["PID", "DATE", "RUBRIC", "VALUE1", "SUBSET", "ACTION"]
    rows = [["P1", "20240312", HYDROXO, "1", "S", "A"], ["P1", "20240313", HYDROXO, "1", "S", "D"]]
    extract = read_extract(write_csv(tmp_path / "journal.csv", [headings, *rows]))
    assert column(extract.treatments, "date") == [DAY]
    assert found(extract, "ROWS_DELETED")[0].message.startswith("1 rows")


def test_a_journal_without_headings_is_asked_for_them(tmp_path: Path) -> None:
    row = ["P1", "1", "20240312", "20240312", *[""] * 37, "S"]
    with pytest.raises(InputRejected) as error:
        read_extract(write_csv(tmp_path / "journal.csv", [row, row]))
    assert error.value.code == "JOURNAL_WITHOUT_HEADINGS"
    with pytest.raises(InputRejected) as error:
        read_extract(write_csv(tmp_path / "other.csv", [row[:20], row[:20]]))
    assert error.value.code == "COLUMNS_MISSING"


# --- small lists, by hand

ISSUES = [["Pseudo ID", "Date of Issue", "Drug Name", "Quantity"], ["P1", "12/03/2024", HYDROXO, "1"]]
CODED = [
    ["Pseudo ID", "Event Date", "Code Term", "Value"],
    ["P1", "01/02/2024", "Pernicious anaemia", ""],
    ["P1", "02/02/2024", "Serum vitamin B12 level", "142 ng/L"],
]
GIVEN = [["P1", "20/03/2024", "Intramuscular injection of vitamin B12", ""]]
IMMS = [["Pseudo ID", "Date Given", "Immunisation", "Route"], ["P1", "20/03/2024", "Vitamin B12 injection", "s/c"]]
PEOPLE = [["Pseudo ID", "Gender", "YOB"], ["P1", "F", "1950"], ["P9", "M", "1960"]]


def write(tmp_path: Path, **lists: Sequence[Any]) -> list[Path]:
    return [write_csv(tmp_path / f"{name}.csv", rows) for name, rows in lists.items()]


def together(tmp_path: Path, **lists: Sequence[Any]) -> Extract:
    return read_extract(one_practice(write(tmp_path, **lists)))


@pytest.mark.parametrize(
    ("rows", "tables"),
    [
        (ISSUES, ("Treatments",)),
        (CODED, ("Codes",)),
        (IMMS, ("Procedures",)),
        (PEOPLE, ("Patients",)),
        ([["patient_id", "date", "test", "value"], ["1", DAY, "b12", 1]], ("Tests",)),
        ([["patient_id", "date", "outcome"], ["1", DAY, "worse"]], ("Reviews",)),
        ([["Pseudo ID", "SNOMED Code", "Date"], ["1", "84027009", DAY]], ("Codes",)),
        ([["Pseudo ID", "Code Term", "Date", "Batch Number"], ["1", "x", DAY, "b"]], ("Procedures",)),
        ([["Pseudo ID", "Age"], ["1", "70"]], ("Patients",)),
        ([["Pseudo ID", "Ethnicity"], ["1", "x"]], ()),
        ([["Pseudo ID", "Gender", "Date"], ["1", "F", DAY]], ()),
        ([["Gender", "YOB"], ["F", "1950"]], ()),
        ([["Code Term", "Date", "Value"], ["x", DAY, 1]], ()),
    ],
)
def test_the_kind_of_a_list(tmp_path: Path, rows: Sequence[Any], tables: tuple[str, ...]) -> None:
    (sheet,) = open_source(write_csv(tmp_path / "a.csv", rows)).sheets
    assert kind_of(sheet).tables == tables


@pytest.mark.parametrize(
    ("headings", "triples"),
    [
        ("Pseudo ID,Code Term,Date,Value,Code Term,Date,Value", 2),
        ("Pseudo ID,Code Term,Date,Value,Code Term2,Date2,Value2", 2),
        ("Pseudo ID,Code Term,Date,Value", 0),
        ("Pseudo ID,Code Term,Date,Value,Drug Name,Date of Issue", 1),
        ("Pseudo ID,B12 Term,B12 Date,B12 Value", 1),
        ("Pseudo ID,B12 Term,B12 Date,Hb Term,Hb Date,Hb Value", 2),
        ("Pseudo ID,B12 Term,Hb Date", 0),
        ("Code Term,Date,Value,Code Term,Date,Value", 0),
    ],
)
def test_coded_events_side_by_side(tmp_path: Path, headings: str, triples: int) -> None:
    (sheet,) = open_source(write_csv(tmp_path / "a.csv", [headings.split(","), ["P1"]])).sheets
    wide = find_wide(sheet)
    assert (len(wide.triples) if wide else 0) == triples


def test_each_row_names_its_file_and_row(tmp_path: Path) -> None:
    bad = [*CODED, ["P1", "no day", "Serum vitamin B12 level", "1"]]
    extract = together(tmp_path, issues=ISSUES, coded=[*bad, *GIVEN])
    rows = list(zip(column(extract.treatments, "sheet"), column(extract.treatments, "row"), strict=True))
    assert rows == [("issues", 2), ("coded", 5)]
    (error,) = found(extract, "TEST_UNREADABLE")
    assert (error.file, error.sheet, error.row, error.column) == ("coded.csv", "coded", 4, "B")
    assert {note.file for note in found(extract, "ASSEMBLED")} == {"issues.csv", "coded.csv"}
    assert [facts.table for facts in extract.facts.sheets] == ["Treatments", "Codes"]


def test_sheets_of_one_name_are_told_apart_by_their_file(tmp_path: Path) -> None:
    paths = [write_xlsx(tmp_path / f"{name}.xlsx", {"Sheet1": rows}) for name, rows in (("a", ISSUES), ("b", CODED))]
    extract = read_extract(one_practice(paths))
    assert column(extract.treatments, "sheet") == ["a.xlsx, Sheet1"]
    assert set(column(extract.tests, "sheet")) == {"b.xlsx, Sheet1"}
    assert {note.sheet for note in extract.findings if note.file} <= {"Sheet1", ""}


def test_a_code_for_an_injection_is_of_the_drug_that_is_prescribed(tmp_path: Path) -> None:
    extract = together(tmp_path, issues=ISSUES, coded=[*CODED, *GIVEN])
    assert column(extract.treatments, "event") == ["issued", "administered"]
    assert column(extract.treatments, "substance") == ["hydroxocobalamin"] * 2
    assert column(extract.treatments, "route")[1] == "intramuscular"
    assert (column(extract.patients, "cause"), column(extract.patients, "neurological_involvement")) == (
        ["autoimmune"],
        ["unknown"],
    )


# --- immunisations and procedures


@pytest.mark.parametrize(
    ("term", "event", "substance"),
    [
        ("Vitamin B12 injection", "administered", "hydroxocobalamin"),
        ("Cyanocobalamin 1mg/1ml injection", "administered", "cyanocobalamin"),
        ("Neo-Cytamen 1000micrograms/1ml solution for injection ampoules", "administered", "hydroxocobalamin"),
        ("B12 injection declined", "declined", "hydroxocobalamin"),
    ],
)
def test_what_a_list_of_what_was_done_says(tmp_path: Path, term: str, event: str, substance: str) -> None:
    extract = together(tmp_path, issues=ISSUES, imms=[IMMS[0], ["P1", "20/03/2024", term, "s/c"]])
    (row,) = extract.treatments[extract.treatments["sheet"] == "imms"].to_dict("records")
    assert (row["event"], row["substance"], row["route"]) == (event, substance, "subcutaneous")


@pytest.mark.parametrize(
    "term",
    [
        *("Vitamin B12 injection due", "Hydroxocobalamin injection advice"),
        *("Cyanocobalamin 50microgram tablets", "Influenza"),
    ],
)
def test_what_was_not_done_is_no_injection(tmp_path: Path, term: str) -> None:
    extract = together(tmp_path, issues=ISSUES, imms=[IMMS[0], ["P1", "20/03/2024", term, "s/c"]])
    assert column(extract.treatments, "event") == ["issued"]


def test_a_bare_name_on_a_list_of_codes_is_no_injection(tmp_path: Path) -> None:
    rows = [CODED[0], ["P1", "20/03/2024", "Vitamin B12 injection", ""], *CODED[1:]]
    assert column(together(tmp_path, issues=ISSUES, coded=rows).treatments, "event") == ["issued"]


# --- which files are one practice


def grouped(paths: Sequence[Path]) -> list[list[str]]:
    return [[path.name for path in practice.paths] for practice in practices(paths)]


def test_two_lists_of_issues_are_two_practices(tmp_path: Path) -> None:
    paths = write(tmp_path, north=ISSUES, south=ISSUES)
    assert grouped(paths) == [["north.csv"], ["south.csv"]]
    assert grouped([tmp_path]) == [["north.csv"], ["south.csv"]]


@pytest.mark.parametrize("order", [("issues", "coded"), ("coded", "issues")])
def test_issues_and_codes_are_one_practice_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    lists = {"issues": ISSUES, "coded": CODED}
    assert grouped(write(tmp_path, **{name: lists[name] for name in order})) == [["issues.csv", "coded.csv"]]


@pytest.mark.parametrize(
    "lists",
    [
        {"a": ISSUES, "b": ISSUES, "c": CODED},
        {"a": ISSUES, "b": CODED, "c": CODED},
        {"a": ISSUES, "b": CODED, "c": [["something", "else"], ["1", "2"]]},
    ],
)
def test_files_that_may_be_of_several_practices_are_asked_about(tmp_path: Path, lists: dict[str, Any]) -> None:
    paths = write(tmp_path, **lists)
    with pytest.raises(InputRejected) as error:
        practices(paths)
    assert error.value.code == "PRACTICES_UNCLEAR"
    assert error.value.where == "a.csv, b.csv, c.csv"
    folders = []
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        folders.append(tmp_path / name)
        for path in paths[1:] if name == "south" and lists["b"] is ISSUES else paths[:1]:
            shutil.copy(path, tmp_path / name)
    assert len(practices(folders)) == 2


def test_nothing_goes_beside_fhir_resources(tmp_path: Path) -> None:
    resource = {
        "resourceType": "MedicationRequest",
        "id": "1",
        "status": "completed",
        "intent": "order",
        "subject": {"reference": "Patient/P1"},
        "authoredOn": "2024-03-12",
        "medicationCodeableConcept": {"text": HYDROXO},
    }
    lines = tmp_path / "requests.ndjson"
    lines.write_text(json.dumps(resource) + "\n", encoding="utf-8")
    with pytest.raises(InputRejected) as error:
        practices([lines, *write(tmp_path, coded=CODED)])
    assert error.value.code == "PRACTICES_UNCLEAR"


def test_lists_of_codes_alone_are_each_a_practice(tmp_path: Path) -> None:
    assert grouped(write(tmp_path, a=CODED, b=CODED)) == [["a.csv"], ["b.csv"]]


def test_a_file_that_cannot_be_opened_beside_a_list_stops_the_run(tmp_path: Path) -> None:
    paths = write(tmp_path, issues=ISSUES, coded=CODED)
    (tmp_path / "x.xlsx").write_bytes(b"PK nothing")
    with pytest.raises(InputRejected):
        practices([*paths, tmp_path / "x.xlsx"])
    assert len(practices([paths[0], tmp_path / "x.xlsx"])) == 2, "without lists each file is judged alone"


def test_files_of_several_practices_are_not_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        one_practice(write(tmp_path, north=ISSUES, south=ISSUES))


def test_the_gate_looks_at_every_file(tmp_path: Path) -> None:
    named = [[*PEOPLE[0], "NHS Number"], *([*row, f"943476591{n}"] for n, row in enumerate(PEOPLE[1:]))]
    with pytest.raises(IdentifiableData):
        together(tmp_path, issues=ISSUES, people=named)


# --- a part alone


def test_codes_alone_are_audited_when_they_give_injections(tmp_path: Path) -> None:
    rows = [*CODED, ["P1", "20/03/2024", "Hydroxocobalamin injection given", ""]]
    extract = read_extract(write(tmp_path, coded=rows)[0])
    assert column(extract.treatments, "event") == ["administered"]
    assert "QUANTITY_ASSUMED" not in codes(extract)


@pytest.mark.parametrize("rows", [CODED, [*CODED, ["P1", "20/03/2024", "B12 injection declined", ""]], PEOPLE])
def test_a_list_without_treatment_says_what_is_missing(tmp_path: Path, rows: Sequence[Any]) -> None:
    with pytest.raises(InputRejected) as error:
        read_extract(write(tmp_path, part=rows)[0])
    assert error.value.code == "TREATMENTS_MISSING"
    assert "b12audit run issues.csv" in error.value.remedy
    assert "part.csv" in error.value.remedy


def test_medicines_without_a_day_are_refused(tmp_path: Path) -> None:
    headings = ["Pseudo ID", *["Code Term", "Date", "Value"] * 2, "Name, Dosage and Quantity"]
    row = ["P1", *["Serum ferritin level", "01-Feb-2024", "<10"] * 2, f"{HYDROXO}, 12 weekly, 1 ampoule"]
    with pytest.raises(InputRejected) as error:
        read_extract(write_csv(tmp_path / "wide.csv", [headings, row]))
    assert error.value.code == "ISSUES_UNDATED"
    beside = read_extract(one_practice([*write(tmp_path, issues=ISSUES), tmp_path / "wide.csv"]))
    assert "ISSUES_UNDATED" in codes(beside)
    assert len(beside.tests) == 1


@pytest.mark.parametrize(
    ("headings", "code"),
    [
        ("YEAR_MONTH,PRACTICE_CODE,BNF_CODE,QUANTITY,ITEMS,NIC,ACTUAL_COST", "PRACTICE_LEVEL"),
        ("group,system,code,term,source", "CODE_LIST"),
        ("text,provenance,source", "COLUMNS_MISSING"),
    ],
)
def test_what_holds_no_patients_is_refused(tmp_path: Path, headings: str, code: str) -> None:
    names = headings.split(",")
    with pytest.raises(InputRejected) as error:
        read_extract(write_csv(tmp_path / "a.csv", [names, ["x"] * len(names)]))
    assert error.value.code == code


# --- patients


def test_what_codes_say_fills_what_the_list_leaves_open(tmp_path: Path) -> None:
    people = [["Pseudo ID", "Cause", "Diagnosis Date", "Neuro"], ["P1", "unknown", "", "unknown"]]
    cord = ["P1", "03/02/2024", "Subacute combined degeneration of spinal cord", ""]
    extract = together(tmp_path, issues=ISSUES, people=people, coded=[*CODED, cord])
    (row,) = extract.patients.to_dict("records")
    assert (row["cause"], row["neurological_involvement"]) == ("autoimmune", "yes")
    assert (row["diagnosis_date"], row["neurological_onset"]) == (pd.Timestamp(2024, 2, 1), pd.Timestamp(2024, 2, 3))
    assert "PATIENT_CONFLICT" not in codes(extract)


def test_two_lists_that_contradict_each_other_leave_the_field_open(tmp_path: Path) -> None:
    people = [["Pseudo ID", "Cause"], ["P1", "dietary"]]
    extract = together(tmp_path, issues=ISSUES, people=people, coded=CODED)
    assert column(extract.patients, "cause") == [None]
    (conflict,) = found(extract, "PATIENT_CONFLICT")
    assert (conflict.file, conflict.row) == ("coded.csv", 2)
    assert "Row 2 of people and row 2 of coded" in conflict.message
    assert column(extract.patients, "said_elsewhere") == [True]


def test_two_that_agree_and_a_conflict_within_one_list(tmp_path: Path) -> None:
    people = [["Pseudo ID", "Cause"], ["P1", "dietary"], ["P1", "autoimmune"], ["P2", "pernicious anaemia"]]
    second = ["P2", "01/02/2024", "Pernicious anaemia", ""]
    extract = together(tmp_path, issues=ISSUES, people=people, coded=[*CODED, second])
    assert column(extract.patients, "cause") == [None, "autoimmune"]
    assert [one.file for one in found(extract, "PATIENT_CONFLICT")] == ["people.csv"]


def test_a_patient_of_any_list_is_a_patient(tmp_path: Path) -> None:
    extract = together(tmp_path, issues=ISSUES, people=PEOPLE, coded=[*CODED, ["P2", "01/02/2024", "Smoker", ""]])
    assert column(extract.patients, "patient_id") == ["P1", "P2", "P9"]
    assert column(extract.patients, "listed") == [True, False, True]
    assert [one.file for one in found(extract, "PATIENT_ROW_MISSING")] == ["coded.csv"]


# --- rows of issues


def test_deleted_and_rejected_rows_are_left_out(tmp_path: Path) -> None:
    rows = [
        [*ISSUES[0], "RemovedData", "Request Item Status"],
        [*ISSUES[1], "0", "Issued"],
        ["P1", "13/03/2024", HYDROXO, "1", "TRUE", ""],
        ["P1", "14/03/2024", HYDROXO, "1", "", "Rejected"],
    ]
    extract = read_extract(write(tmp_path, issues=rows)[0])
    assert column(extract.treatments, "date") == [DAY]
    (note,) = found(extract, "ROWS_DELETED")
    assert (note.message[:6], note.row) == ("2 rows", 3)


def test_only_unmistakable_words_make_an_issue_something_else(tmp_path: Path) -> None:
    methods = ["Automatic", "Hospital", "Administered by nurse", "", "Repeat"]
    rows = [["P1", f"{day:02}/03/2024", HYDROXO, "1", method] for day, method in enumerate(methods, 1)]
    extract = read_extract(write(tmp_path, issues=[[*ISSUES[0], "Issue Method"], *rows])[0])
    assert column(extract.treatments, "event") == ["issued", "issued", "administered", "issued", "issued"]
    (note,) = found(extract, "HOSPITAL_ROWS")
    assert (note.severity, note.row, note.column) == ("warning", 3, "E")


def test_the_latest_run_of_the_lists_is_the_extract_date(tmp_path: Path) -> None:
    older = [["Last Run", "", "", "01/06/2024 09:00"], [], *CODED]
    newer = [["Last Run", "", "", "12/06/2024 09:00"], [], *ISSUES]
    extract = together(tmp_path, issues=newer, coded=older)
    assert extract.about.extract_date == date(2024, 6, 12)
    (warning,) = found(extract, "LIST_RUN_EARLIER")
    assert (warning.severity, warning.file) == ("warning", "coded.csv")
    same = together(tmp_path, issues=newer, coded=[newer[0], *older[1:]])
    assert "LIST_RUN_EARLIER" not in codes(same)


def test_one_row_without_an_id_in_a_report_is_asked_about(tmp_path: Path) -> None:
    rows = [*ISSUES, ["", "13/06/2024", HYDROXO, "1"]]
    with pytest.raises(InputRejected) as error:
        read_extract(write(tmp_path, issues=[["Last Run", "", "", "12/07/2024 09:00"], [], *rows])[0])
    assert error.value.code == "GROUPED_EXPORT"
    assert len(found(read_extract(write(tmp_path, plain=rows)[0]), "PATIENT_ID_MISSING")) == 1


# --- the commands


def b12audit(*words: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, words)))


def test_the_command_takes_the_lists_and_explains_from_its_report(tmp_path: Path) -> None:
    paths = write(tmp_path, issues=ISSUES, coded=[*CODED, *GIVEN])
    ran = b12audit("run", *paths)
    assert ran.exit_code == 0
    assert 'Reading coded.csv ... sheet "coded", 3 rows, as a list of coded events' in ran.stderr
    assert "2 files are read as one practice" in ran.stderr
    (report,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert report.name.startswith("issues-b12audit-")
    (given,) = json.loads((report / "run.json").read_text(encoding="utf-8"))["inputs"]
    assert given["file"] == "issues.csv + coded.csv"
    assert list(given["parts"]) == ["issues.csv", "coded.csv"]
    told = b12audit("explain", "P1", "--from", report)
    assert told.exit_code == 0
    assert b12audit("explain", "P1", "--from", paths[0], "--from", paths[1]).exit_code == 0
    paths[1].write_text(paths[1].read_text(encoding="utf-8").replace("Pernicious", "pernicious"), encoding="utf-8")
    assert b12audit("explain", "P1", "--from", report).exit_code == 4
    assert "already" not in b12audit("run", *paths, "--out", report).output, "another file is another run"


def test_a_folder_is_reported_beside_it_and_explained_from_there(tmp_path: Path) -> None:
    folder = tmp_path / "riverside"
    folder.mkdir()
    write(folder, issues=ISSUES, coded=[*CODED, *GIVEN])
    assert b12audit("run", folder).exit_code == 0
    (report,) = tmp_path.glob("riverside-b12audit-*")
    assert b12audit("explain", "P1", "--from", report).exit_code == 0


def test_saved_headings_of_lists_are_taken_next_time(tmp_path: Path) -> None:
    imms = [["Pseudo ID", "Date Given", "Immunisation", "Route"], ["P1", "20/03/2024", "Vitamin B12 injection", "s/c"]]
    paths = write(tmp_path, issues=ISSUES, coded=CODED, imms=imms)
    saved = tmp_path / "map.toml"
    assert b12audit("run", *paths, "--out", tmp_path / "a", "--save-map", saved).exit_code == 0
    assert '[Procedures]\ndate = "Date Given"' in saved.read_text(encoding="utf-8")
    assert b12audit("run", *paths, "--out", tmp_path / "b", "--map", saved).exit_code == 0
    tables = [path.read_bytes() for path in sorted(tmp_path.glob("[ab]/verdicts.csv"))]
    assert tables[0] == tables[1]


def test_what_a_run_of_lists_keeps_is_what_it_read(tmp_path: Path) -> None:
    paths = write(tmp_path, issues=ISSUES, coded=[*CODED, *GIVEN])
    assert b12audit("run", *paths, "--out", tmp_path / "out").exit_code == 0
    manifest = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    (kept,) = read_archive(tmp_path / "out", manifest)
    extract = read_extract(one_practice(paths))
    assert kept.facts == extract.facts
    for name in ("patients", "treatments", "tests", "reviews"):
        pd.testing.assert_frame_equal(getattr(kept, name), getattr(extract, name))


def test_check_takes_the_lists_of_a_practice(tmp_path: Path) -> None:
    paths = write(tmp_path, issues=ISSUES, coded=[*CODED, *GIVEN])
    checked = b12audit("check", *paths)
    assert checked.exit_code == 0
    assert "issues-fixes.xlsx" in checked.output
    assert json.loads(b12audit("check", *paths, "--json", "--no-fixes").stdout)["inputs"][0]["parts"]


def test_a_refusal_names_what_is_missing(tmp_path: Path) -> None:
    (path,) = write(tmp_path, coded=CODED)
    refused = b12audit("run", path)
    assert refused.exit_code == 4
    assert "TREATMENTS_MISSING" in refused.stderr
