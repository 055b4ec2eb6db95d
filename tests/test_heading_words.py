"""Headings of foreign systems: what is certain is read, what is in doubt is asked, nothing is guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from audit.errors import IdentifiableData, InputRejected, UsageError
from audit.intake.cells import Sheet
from audit.intake.copying import make_copy
from audit.intake.extract import Extract
from audit.intake.heading_map import HeadingMap, read_map, told_map
from audit.intake.heading_match import find_heading
from audit.intake.heading_words import GROUPED, OWN, SYNONYM, Words, plain, split_group, synonyms, table_words
from audit.intake.headings import read_grid
from audit.intake.identifiers import heading_kind
from audit.intake.read import read_extract
from audit.intake.source import open_source
from audit.intake.words import squash
from schemas.vocabulary import INPUT_COLUMNS
from tests.intake_files import DAY, HYDROXO, codes, column, found, read_sheets, treatment, write_csv, write_xlsx

ROW = ["P1", DAY, HYDROXO]
LISTED = [
    (table, field, typed)
    for table, fields in INPUT_COLUMNS.items()
    for field in fields
    for typed in synonyms(table, field)
]


def sheet_of(*rows: Any, name: str = "Treatments") -> Sheet:
    return Sheet("practice.csv", name, [[*row] for row in rows])


def places(tables: Sequence[str], *rows: Any, asked: HeadingMap | None = None) -> dict[str, int]:
    wanted = asked.wanted(tables) if asked else None
    return dict(find_heading(sheet_of(*rows), table_words(*tables), wanted).places)


def refused(tmp_path: Path, *rows: Any, mapping: HeadingMap | None = None) -> InputRejected:
    path = write_xlsx(tmp_path / "practice.xlsx", {"Treatments": rows})
    with pytest.raises(InputRejected) as error:
        read_extract(path, mapping=mapping or HeadingMap())
    return error.value


def flat(tmp_path: Path, *rows: Any, mapping: str = "") -> Extract:
    asked = told_map(mapping)
    return read_extract(write_xlsx(tmp_path / "practice.xlsx", {"Export": rows}), mapping=asked)


# --- the list


@pytest.mark.parametrize(("table", "field", "typed"), LISTED)
def test_every_listed_heading_is_its_field_in_a_sheet(table: str, field: str, typed: str) -> None:
    others = [name for name in INPUT_COLUMNS[table] if name not in (field, "practice_id")][:3]
    for heading in (typed, typed.upper(), typed.replace(" ", "\xa0\n")):
        read = find_heading(sheet_of([*others, heading]), table_words(table))
        assert read.places[field] == len(others)
        assert not read.contested


@pytest.mark.parametrize(
    ("table", "typed", "field"),
    [
        ("Treatments", "Medication Issues Date of Issue", "date"),
        ("Treatments", "Medication Issues's Date of Issue", "date"),
        ("Treatments", "Medication Issues’s Quantity", "quantity"),
        ("Treatments", "Medication Requests Request Date", "date"),
        ("Treatments", "Medication Issues Name, Dosage and Quantity", "drug"),
        ("Treatments", "Patient Details's Pseudo ID", "patient_id"),
        ("Patients", "Patient Details Gender", "sex"),
        ("Patients", "Patient Details's\nYOB", "year_of_birth"),
        ("Patients", "User Detail's Organisation Code", "practice_id"),
        ("Treatments", "Date of Issue2", "date"),
        ("Tests", "Clinical Codes Code Term", "test"),
        ("Tests", "VALUE1", "value"),
        ("Tests", "VALUE1_UNITS", "unit"),
        ("Treatments", "IMMS_METHOD", "route"),
        ("Treatments", "MedicationDosage", "directions"),
        ("Treatments", "dmd_code", "drug"),
    ],
)
def test_headings_as_systems_print_them(table: str, typed: str, field: str) -> None:
    read = table_words(table).read(plain(typed))
    assert read is not None
    assert read[0] == field


@pytest.mark.parametrize(
    ("table", "typed"),
    [
        ("Treatments", "Patient Name"),
        ("Treatments", "Patient Details Name"),
        ("Treatments", "Clinical Codes Event Date"),
        ("Tests", "Medication Issues Date of Issue"),
        ("Treatments", "Last Issue Date"),
        ("Treatments", "Commencement Date"),
        ("Treatments", "date2"),
        ("Treatments", "Source"),
        ("Tests", "Associated Text"),
        ("Patients", "Age"),
        ("Patients", "Ethnicity"),
        ("Treatments", "Quantity Unit"),
    ],
)
def test_headings_of_something_else_are_no_field(table: str, typed: str) -> None:
    assert table_words(table).read(typed) is None


@pytest.mark.parametrize("tables", [*((table,) for table in INPUT_COLUMNS), ("Treatments", "Patients")])
def test_no_heading_stands_for_two_fields(tables: tuple[str, ...]) -> None:
    listed = {(squash(typed), field) for table, field, typed in LISTED if table in tables}
    listed |= {(squash(field), field) for table in tables for field in INPUT_COLUMNS[table]}
    assert [typed for typed, count in Counter(typed for typed, _ in listed).items() if count > 1] == []
    words = table_words(*tables)
    for one, other in combinations((words.known, words.hints, words.never), 2):
        assert {typed for typed in set(one) & set(other)} == set()


def test_no_heading_of_the_list_is_one_that_identifies() -> None:
    kinds = {typed: heading_kind(typed) for _, _, typed in LISTED}
    # "Name" is a drug's in some exports: its cells decide; a year of birth is none
    assert {typed for typed, kind in kinds.items() if kind} == {"name", "yob", "birth year", "year born"}


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        *((typed, "number") for typed in ("NHS Number", "Patient Details's NHS Number", "NHS No", "HC Number", "CHI")),
        *((typed, "local") for typed in ("EMIS Number", "Patient Details EMIS Number")),
        *((typed, "name") for typed in ("Full Name", "Family Name", "Calling Name", "Surname")),
        *((typed, "birth") for typed in ("Date Of Birth", "DOB", "Patient Details's Date of Birth")),
        *((typed, "address") for typed in ("House Name / Flat Number", "Number and Street", "Locality")),
        *((typed, "telephone") for typed in ("Home Telephone", "Mobile telephone", "Work Telephone")),
        *(("Title", "title"), ("Postcode", "postcode"), ("E-mail Address", "email"), ("Usual GP's Full Name", "staff")),
    ],
)
def test_headings_that_identify_are_still_known(typed: str, kind: str) -> None:
    assert heading_kind(typed) == kind


def test_an_identifiable_export_is_refused_before_its_headings_are_asked_about(tmp_path: Path) -> None:
    rows: list[Any] = [
        ["EMIS Number", "Date of Isue", "Medication Name"],
        *([4000 + n, DAY, HYDROXO] for n in range(6)),
    ]
    with pytest.raises(IdentifiableData):
        flat(tmp_path, *rows)


def test_groups_are_split_off() -> None:
    assert split_group("Medication Issues's Date of Issue") == ("Medication Issues", "Date of Issue")
    assert split_group("Patient_Details Age") == ("Patient Details", "Age")
    assert split_group("Date of Issue") == ("", "Date of Issue")


def test_the_finder_serves_other_fields_too() -> None:
    words = Words.of({"term": ["Code Term"], "day": ["Date"]}, required=["term"])
    heading = find_heading(sheet_of(["Report"], ["Clinical Codes", ""], ["Code Term", "Date"]), words)
    assert (heading.row, heading.places, heading.groups) == (2, {"term": 0, "day": 1}, ("Clinical Codes",) * 2)
    assert heading.how == {"term": SYNONYM, "day": SYNONYM}


# --- certain


def test_a_foreign_table_is_read_and_says_how(tmp_path: Path) -> None:
    rows: list[Any] = [
        ["Pseudo ID", "Date of Issue", "Medication Name", "Qty", "Clinic"],
        ["P1", DAY, HYDROXO, "5 ampoules", "x"],
    ]
    extract = flat(tmp_path, *rows)
    (note,) = found(extract, "HEADING_READ_AS")
    assert '"Date of Issue" (B1) as date, "Medication Name" (C1) as drug, "Qty" (D1) as quantity' in note.message
    assert (note.severity, note.sheet, note.row, note.column) == ("note", "Export", 1, "A")
    assert column(extract.treatments, "quantity") == [5]
    assert extract.facts.sheets[0].headings["quantity"] == "Qty"
    assert "Clinic (E)" in found(extract, "COLUMN_NOT_USED")[0].message


def test_a_table_under_its_own_names_has_no_such_note(tmp_path: Path) -> None:
    extract = read_sheets(tmp_path, Treatments=[["Patient ID", "date", "drug"], ROW])
    assert not codes(extract) & {"HEADING_READ_AS", "HEADING_NOT_TAKEN", "AGE_NOT_USED"}


def test_a_fields_own_name_beats_other_words_for_it(tmp_path: Path) -> None:
    rows: list[Any] = [
        ["Issue Date", "Date of Issue", "patient_id", "date", "drug", "Name"],
        [1, 2, "P1", DAY, HYDROXO, "x"],
    ]
    extract = read_sheets(tmp_path, Treatments=rows)
    assert extract.facts.sheets[0].columns == {"patient_id": "C", "date": "D", "drug": "E"}
    assert "HEADING_READ_AS" not in codes(extract)
    assert "Issue Date (A), Date of Issue (B), Name (F)" in found(extract, "COLUMN_NOT_USED")[0].message


def test_beside_required_names_of_its_own_a_sheet_is_asked_nothing(tmp_path: Path) -> None:
    rows: list[Any] = [["patient_id", "date", "drug", "Diagnosis", "Problem", "Qty"], [*ROW, "a", "b", 6]]
    extract = read_sheets(tmp_path, Treatments=rows)
    assert extract.facts.sheets[0].columns == {"patient_id": "A", "date": "B", "drug": "C", "quantity": "F"}


def test_a_heading_without_its_group_beats_one_with_it() -> None:
    row = ["Patient Ref", "Medication Issues Date of Issue", "Drug Name", "Date Given"]
    assert places(["Treatments"], row) == {"patient_id": 0, "date": 3, "drug": 2}
    assert find_heading(sheet_of(row[:3]), table_words("Treatments")).how["date"] == GROUPED


def test_a_code_is_the_drug_when_nothing_better_is(tmp_path: Path) -> None:
    assert places(["Treatments"], ["PID", "Issue Date", "dm+d code", "Drug Name"])["drug"] == 3
    extract = flat(tmp_path, ["PID", "Issue Date", "dm+d code"], ["P1", DAY, "327531006"])
    assert column(extract.treatments, "substance") == ["hydroxocobalamin"]


def test_groups_over_the_headings_tell_equal_ones_apart(tmp_path: Path) -> None:
    rows: list[Any] = [
        ["Patient Details", "Medication Issues", "", "Clinical Codes", "", ""],
        ["Pseudo ID", "Date", "Name", "Code Term", "Date", "Value"],
        ["P1", DAY, HYDROXO, "Serum ferritin", "01/02/2024", 12],
    ]
    extract = flat(tmp_path, *rows)
    assert extract.facts.sheets[0].columns == {"patient_id": "A", "date": "B", "drug": "C"}
    assert extract.facts.sheets[0].headings["date"] == "Medication Issues Date"


def test_of_two_columns_the_one_with_dates_is_the_date() -> None:
    rows: list[Any] = [
        ["PID", "Event Date", "Issue Date", "Drug"],
        ["P1", "", DAY, HYDROXO],
        ["P1", "soon", DAY, HYDROXO],
    ]
    assert places(["Treatments"], *rows)["date"] == 2


def test_a_second_column_of_issues_is_not_dropped_because_few_patients_have_one(tmp_path: Path) -> None:
    headings = ["PID", "Date of Issue", "Drug Name", "Date of Issue2"]
    rows: list[Any] = [headings, *(["P1", DAY, HYDROXO, ""] for _ in range(300)), ["P2", DAY, HYDROXO, "01/02/2024"]]
    assert refused(tmp_path, *rows).code == "HEADING_UNSURE"


def test_the_sheet_with_its_own_names_is_the_flat_one(tmp_path: Path) -> None:
    sheets: dict[str, Any] = {
        "Old": [["PID", "Issue Date", "Drug Name"], ROW],
        "New": [["patient_id", "date", "drug"], ROW],
    }
    extract = read_extract(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert extract.facts.sheets[0].sheet == "New"


def test_every_table_is_read_by_other_words(tmp_path: Path) -> None:
    extract = read_sheets(
        tmp_path,
        Patients=[["Patient Ref", "YOB", "Gender", "Reason for B12"], ["P1", 1950, "F", "pernicious anaemia"]],
        Treatments=[["Patient Ref", "Date Given", "Medicine", "Event Type"], [*ROW, "given"]],
        Tests=[
            ["Patient Ref", "Result Date", "Code Term", "Result", "Units"],
            ["P1", DAY, "Serum ferritin", 12, "ug/L"],
        ],
        Reviews=[["Patient Ref", "Review Date", "Review Outcome"], ["P1", DAY, "improving"]],
    )
    assert (column(extract.patients, "year_of_birth"), column(extract.patients, "cause")) == ([1950], ["autoimmune"])
    assert column(extract.treatments, "event") == ["administered"]
    assert (column(extract.tests, "test"), column(extract.tests, "unit")) == (["ferritin"], ["ug/L"])
    assert column(extract.reviews, "outcome") == ["improving"]
    assert len(found(extract, "HEADING_READ_AS")) == 4


# --- in doubt


def test_two_columns_that_fit_equally_are_asked_about_and_the_remedy_works(tmp_path: Path) -> None:
    rows: list[Any] = [["Pseudo ID", "Date of Issue", "Date Given", "Drug"], ["P1", DAY, "01/02/2024", HYDROXO]]
    error = refused(tmp_path, *rows)
    assert error.code == "HEADING_UNSURE"
    assert '"Date of Issue" (B) and "Date Given" (C) may each be date' in error.what
    assert "Headings found: Pseudo ID, Date of Issue, Date Given, Drug." in error.what
    assert error.where == "practice.xlsx, sheet Treatments, row 1"
    assert f'b12audit run {tmp_path / "practice.xlsx"} --map date="Date of Issue"' in error.remedy
    done = read_extract(tmp_path / "practice.xlsx", mapping=read_map(["date=Date Given"]))
    assert done.facts.sheets[0].columns["date"] == "C"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("Patinet ID", "patient_id"),
        ("Dte of Issue", "date"),
        ("Drug nmae", "drug"),
        ("Medication Issues Drug Nmae", "drug"),
    ],
)
def test_a_misspelt_heading_is_proposed_and_never_taken(tmp_path: Path, typed: str, field: str) -> None:
    row = [typed if name == field else name for name in ("patient_id", "date", "drug")]
    error = refused(tmp_path, row, ROW)
    assert error.code == "HEADING_UNSURE"
    assert f'--map {field}="{typed}"' in error.remedy
    assert len(flat(tmp_path, row, ROW, mapping=f"{field}='{typed}'").treatments) == 1


def test_headings_all_misspelt_are_proposed_together(tmp_path: Path) -> None:
    error = refused(tmp_path, ["Practice list"], ["Patinet ID", "Drug nmae", "Dte of issue"], ["P1", HYDROXO, DAY])
    assert error.where.endswith("row 2")
    assert '--map patient_id="Patinet ID" --map date="Dte of issue" --map drug="Drug nmae"' in error.remedy


@pytest.mark.parametrize("typed", ["product", "Treatment given", "rate", "Drg type"])
def test_what_comes_near_nothing_is_missing_as_before(tmp_path: Path, typed: str) -> None:
    assert refused(tmp_path, ["Patient ID", "date", typed], ROW).code == "COLUMNS_MISSING"


def test_a_heading_that_may_be_something_else_is_proposed_with_the_reason(tmp_path: Path) -> None:
    error = refused(tmp_path, ["Pseudo ID", "Commencement Date", "Drug"], ROW)
    assert '"Commencement Date" (B) may be date, but it says when the course was begun' in error.what
    assert '--map date="Commencement Date"' in error.remedy
    asked = flat(tmp_path, ["Pseudo ID", "Commencement Date", "Drug"], ROW, mapping='date="Commencement Date"')
    assert column(asked.treatments, "date") == [DAY]


def test_last_issues_are_refused_with_the_reason_even_when_asked_for(tmp_path: Path) -> None:
    rows: list[Any] = [["Pseudo ID", "Medication Courses Last Issue Date", "Drug"], ROW]
    error = refused(tmp_path, *rows)
    assert (error.code, "only the last issue" in error.what, "--map" in error.remedy) == ("HEADING_UNSURE", True, False)
    assert "Export every issue" in error.remedy
    asked = refused(tmp_path, *rows, mapping=read_map(["date=Medication Courses Last Issue Date"]))
    assert (asked.code, "only the last issue" in asked.what) == ("HEADING_NEVER", True)


def test_beside_a_date_of_issue_the_last_one_is_not_used(tmp_path: Path) -> None:
    rows: list[Any] = [["Pseudo ID", "Last Issue Date", "Date of Issue", "Drug"], ["P1", "01/02/2023", DAY, HYDROXO]]
    assert column(flat(tmp_path, *rows).treatments, "date") == [DAY]


def test_a_column_that_may_be_an_optional_field_is_named_and_not_used(tmp_path: Path) -> None:
    rows: list[Any] = [["patient_id", "date", "drug", "Quantiy", "Source"], [*ROW, 5, "given"]]
    extract = read_sheets(tmp_path, Treatments=rows)
    messages = [note.message for note in found(extract, "HEADING_NOT_TAKEN")]
    assert ['--map quantity="Quantiy"' in messages[1], '--map event="Source"' in messages[0]] == [True, True]
    assert "quantity" not in extract.facts.sheets[0].columns


def test_the_only_sheet_in_question_is_asked_about(tmp_path: Path) -> None:
    sheets: dict[str, Any] = {"Cover": [["March"]], "Export": [["Patient ID", "Date", "Drug nmae"], ROW]}
    with pytest.raises(InputRejected) as error:
        read_extract(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert (error.value.code, "sheet Export" in error.value.where) == ("HEADING_UNSURE", True)


def test_equal_headings_are_refused_as_such(tmp_path: Path) -> None:
    error = refused(tmp_path, ["Pseudo ID", "Event Date", "Event Date", "Drug"], ["P1", DAY, DAY, HYDROXO])
    assert (error.code, error.where) == ("COLUMN_TWICE", "practice.xlsx, sheet Treatments, cell B1 and C1")


def test_a_row_of_data_is_not_quoted_in_a_question(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["Zylberstein", "dug", "x"], ["a", "b", "c"]])
    with pytest.raises(InputRejected) as error:
        read_extract(path)
    assert "Zylberstein" not in "".join(error.value.lines())


def test_a_year_of_birth_is_not_made_from_an_age(tmp_path: Path) -> None:
    rows: list[Any] = [["Pseudo ID", "Age", "Date of Issue", "Drug"], ["P1", 12, DAY, HYDROXO]]
    extract = flat(tmp_path, *rows)
    (note,) = found(extract, "AGE_NOT_USED")
    assert (note.column, note.row) == ("B", 1)
    assert column(extract.patients, "year_of_birth") == [None]
    with_year = flat(tmp_path, [*rows[0], "YOB"], [*rows[1], 1950])
    assert ("AGE_NOT_USED" in codes(with_year), column(with_year.patients, "year_of_birth")) == (False, [1950])


# --- what the user says


def test_what_the_user_says_beats_a_fields_own_name(tmp_path: Path) -> None:
    rows: list[Any] = [["patient_id", "date", "drug", "Date Given"], ["P1", "01/02/2024", HYDROXO, DAY]]
    assert column(flat(tmp_path, *rows, mapping='date="date  given"').treatments, "date") == [DAY]


def test_a_field_can_be_left_without_a_column(tmp_path: Path) -> None:
    rows: list[Any] = [
        ["Pseudo ID", "Issue Date", "Drug", "Diagnosis", "Problem"],
        [*ROW, "pernicious anaemia", "Asthma"],
    ]
    assert refused(tmp_path, *rows).code == "HEADING_UNSURE"
    assert "cause" not in flat(tmp_path, *rows, mapping="cause=''").facts.sheets[0].columns


def test_a_pair_may_name_its_table(tmp_path: Path) -> None:
    sheets: dict[str, Any] = {
        "Treatments": [["patient_id", "date", "drug", "Day two"], ["P1", "01/02/2024", HYDROXO, DAY]],
        "Tests": [["patient_id", "date", "test", "Day two"], ["P1", "01/02/2024", "ferritin", DAY]],
    }
    extract = read_extract(write_xlsx(tmp_path / "a.xlsx", sheets), mapping=read_map(["Tests.date=Day two"]))
    assert [sheet.columns["date"] for sheet in extract.facts.sheets] == ["B", "D"]
    both = read_extract(tmp_path / "a.xlsx", mapping=read_map(["date=Day two"]))
    assert [sheet.columns["date"] for sheet in both.facts.sheets] == ["D", "D"]


def test_a_pair_may_name_the_group() -> None:
    rows: list[Any] = [["Patient Details", "Hospital", "Community"], ["Pseudo ID", "Day", "Day"], ["P1", 1, 2]]
    asked = read_map(["date=Community Day"])
    assert places(["Treatments"], *rows, asked=asked)["date"] == 2


@pytest.mark.parametrize("given", ["date=Date of Isue", "Tests.date=Issue Date", "Patients.sex=Gender "])
def test_a_heading_that_is_not_there_names_the_choices(tmp_path: Path, given: str) -> None:
    rows: dict[str, Any] = {"Treatments": [["PID", "Issue Date", "Drug"], ROW], "Patients": [["PID"], ["P1"]]}
    rows["Tests"] = [["PID", "date", "test"], ["P1", DAY, "ferritin"]]
    with pytest.raises(UsageError) as error:
        read_extract(write_xlsx(tmp_path / "a.xlsx", rows), mapping=read_map([given]))
    assert error.value.code == "MAP_HEADING_UNKNOWN"
    assert "PID" in error.value.remedy


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ("datum=X", "MAP_FIELD_UNKNOWN", "patient_id, practice_id"),
        ("Test.date=X", "MAP_FIELD_UNKNOWN", "Patients, Treatments, Tests, Reviews"),
        ("Reviews.drug=X", "MAP_FIELD_UNKNOWN", "patient_id, date, outcome"),
        ("date", "MAP_UNREADABLE", "pairs no field"),
        ("nowhere.toml", "MAP_UNREADABLE", "cannot be read"),
    ],
)
def test_what_is_no_pair_is_refused(given: str, code: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        read_map([given])
    assert (error.value.code, says in error.value.what) == (code, True)


@pytest.mark.parametrize("content", ["date = 'X'\n", "[Treatments]\ndate = 3\n", "[Treatments\n"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(content)
    with pytest.raises(UsageError) as error:
        read_map([str(path)])
    assert error.value.code == "MAP_UNREADABLE"


def test_the_last_of_two_pairs_holds_and_all_can_be_told() -> None:
    asked = read_map(["date=A", 'drug=The "b" of $c\'s', "date=C d", "cause="])
    assert asked.wanted(["Treatments"])["date"].heading == "C d"
    assert told_map(asked.told()) == asked


@pytest.mark.parametrize(
    ("given", "typed"),
    [
        ("a/list.csv", "a/list.csv"),
        ("a b/list.csv", '"a b/list.csv"'),
        ("C:\\My data\\list.csv", '"C:\\My data\\list.csv"'),
        ("it's $5.csv", "'it'\"'\"'s $5.csv'"),
    ],
)
def test_a_path_is_quoted_where_it_needs_to_be(given: str, typed: str) -> None:
    asked = HeadingMap(read_map(["date=A"]).pairs, (given,))
    assert asked.command(read_map(["drug=B c"]).pairs) == f'b12audit run {typed} --map date="A" --map drug="B c"'


# --- the copy without identifiers keeps what the audit reads


def test_a_copy_keeps_what_can_be_read_and_no_free_text(tmp_path: Path) -> None:
    headings = ["NHS Number", "Date Given", "Medicine", "Event kind", "Instructions", "Associated Text", "Description"]
    rows: list[Any] = [["943 476 5919", DAY, HYDROXO, "given", "3 monthly", "seen", "x"]]
    copy = make_copy(open_source(write_csv(tmp_path / "a.csv", [headings, *rows])), bytes(32))
    assert copy.sheets[0].rows[0] == ["patient_id", *headings[1:5]]


def test_own_names_are_read_as_before() -> None:
    heading = find_heading(sheet_of(["note"], ["PATIENT_ID*", "date*", "Drug"]), table_words("Treatments"))
    assert (heading.row, dict(heading.how)) == (1, {"patient_id": OWN, "date": OWN, "drug": OWN})
    grid = read_grid(["Treatments"], sheet_of(["patient_id", "date", "drug"], ROW))
    assert (len(grid), grid.remarks) == (1, ())
    assert len(treatment()) == 8
