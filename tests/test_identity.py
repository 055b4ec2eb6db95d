"""The gate: identifiable files are refused and told by place and count, never by value; others pass."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from audit.cli import main
from audit.errors import IdentifiableData
from audit.intake.asides import read_asides
from audit.intake.cells import Cell, Sheet
from audit.intake.extract import Finding
from audit.intake.identifiers import REMOVED, find, is_named, is_outward, is_postcode, mask, pass_check
from audit.intake.identity.beside import Aside
from audit.intake.identity.check import check_identity
from audit.intake.identity.judge import suspects
from audit.intake.identity.strays import without_strays
from audit.intake.source import open_source
from tests.generate import VARIANTS, practice
from tests.intake_files import HYDROXO, TREATMENT_HEADINGS, treatment, write_csv, write_xlsx

FILE = "practice.xlsx"


def nhs_numbers(count: int, first: int = 943476000, lead: str = "") -> list[str]:
    """Numbers that pass the check, by default in the range kept for tests."""
    out: list[str] = []
    while len(out) < count:
        nine = f"{lead}{first}"[:9]
        check = -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), nine, strict=True)) % 11
        out += [f"{nine}{check}"] if check < 10 else []
        first += 10 if lead else 7
    return out


NHS = nhs_numbers(40)
NAMES = ("Margaret Okonkwo", "Peter Zylberstein", "Aisha Khan", "John Aldous", "Susan Ottery", "Brian Weir")


def sheet(name: str, *rows: Sequence[Cell], delimited: bool = False) -> Sheet:
    return Sheet(FILE, name, [list(row) for row in rows], delimited=delimited)


def table(heading: str, values: Sequence[Cell], name: str = "Patients") -> Sheet:
    """Pseudonyms in column A, the values under their heading in column B."""
    return sheet(name, ["patient_id", heading], *([f"P{place:04}", value] for place, value in enumerate(values)))


def check(*sheets: Sheet) -> tuple[Finding, ...]:
    return check_identity(sheets, FILE)


def refusal(*sheets: Sheet, file: str = FILE, **more: Any) -> IdentifiableData:
    with pytest.raises(IdentifiableData) as caught:
        check_identity(sheets, file, **more)
    assert (caught.value.code, caught.value.exit_code) == ("IDENTIFIABLE", 5)
    assert caught.value.remedy
    return caught.value


# --- what must pass


@pytest.mark.parametrize("name", ["records.xlsx", "messy.xlsx"])
def test_the_samples_pass_without_a_word(root: Path, name: str) -> None:
    source = open_source(root / "sample_data" / name)
    assert source.workbook is not None
    assert check_identity(source.sheets, source.file, source.workbook.hidden, read_asides(source.content, name)) == ()


@pytest.mark.parametrize("variant", VARIANTS)
def test_generated_practices_pass(variant: str) -> None:
    for seed in range(3):
        records, _ = practice(seed, 30, variant)
        tables = {"Patients": records["patients"], "Treatments": records["treatments"], "Tests": records["tests"]}
        sheets = [
            sheet(name, list(rows[0]), *(list(row.values()) for row in rows)) for name, rows in tables.items() if rows
        ]
        assert check(*sheets) == ()


@pytest.mark.parametrize(("patients", "most"), [(2, 5), (4, 2), (5, 10), (6, 20), (8, 10), (20, 0), (300, 0)])
def test_random_ten_digit_ids_pass(patients: int, most: int) -> None:
    """One in eleven numbers passes the check: of a few patients a column of them may look real, of many never."""
    draw = random.Random(patients)
    columns = [[str(draw.randrange(10**9, 10**10)) for _ in range(patients)] for _ in range(500)]
    refused = [column for column in columns if any(suspect.refused for suspect in suspects(table("x", column)))]
    assert len(refused) <= most


CLEAN = [
    *("B12 1st dose", "VITAMIN B12 5UG", "B12 2ND DOSE", "b12 8 weekly", "B6 5TH", "Vit B12 1AMP", "B12 4TH INJ"),
    *("Do Not Miss One Dose", "DO NOT MISS YOUR INJECTION", "MR 1000mcg tablets", "1mg MR Tablets", "MS Clinic"),
    *("12/03/2024", "2024-03-12 10:15:32", "03-12-2024 10:15", "01.02.2024", "39238111000001107", "39111511000001100"),
    *("every 10-12 weeks", "2/52 then 3/12", "One To Be Given By Intramuscular Injection Every Three Months", "0.0"),
    *(HYDROXO, "Neo-Cytamen 1000micrograms/1ml solution for injection ampoules (RPH Pharmaceuticals AB)", "170826002"),
    *("0901020N0AAABAB", "Xa9Aw", "66E3.", "D010.", "W90001", "L84073", ">2000", "1.5e10", "1186880002", "at 07:30"),
]


@pytest.mark.parametrize("typed", CLEAN)
def test_what_is_written_about_b12_is_nobody(typed: str) -> None:
    assert [hit for hit in find(typed) if hit.kind != "ten_digits"] == []
    assert mask(typed) == typed
    assert not is_named(typed)


def test_columns_about_b12_pass() -> None:
    for heading in ("directions", "drug", "Name", "Date", "notes"):
        assert check(table(heading, CLEAN)) == ()


@pytest.mark.parametrize(
    "values",
    [
        ["Hydroxocobalamin", "Folic Acid", "Vitamin D", "Neo-Cytamen", "Metformin"],
        ["Pernicious Anaemia", "Crohn's Disease", "Coeliac Disease", "Vegan Diet"],
        ["Victoria Ward", "Grace House", "Queens Park", "Charlotte Street", "Rose Clinic"],
        ["Repeat Template", "Acute", "Serum Folate", "Red Cell Folate"],
    ],
)
@pytest.mark.parametrize("heading", ["Name", "anything"])
def test_drugs_and_places_are_no_people(values: list[str], heading: str) -> None:
    assert check(table(heading, values)) == ()


def test_event_dates_are_no_dates_of_birth() -> None:
    days = [date(1950, 1, 1) + timedelta(days=977 * place) for place in range(20)]
    for heading in ("date", "diagnosis_date", "registered_from", "Date of Issue", "neurological_onset"):
        assert check(table(heading, days)) == ()


# --- NHS numbers


def test_numbers_pass_their_check() -> None:
    assert pass_check(["9434765919", "9434765918", "0000000000"]).tolist() == [True, False, True]


@given(st.integers(0, 10**9 - 1))
def test_one_last_digit_at_most_passes(first: int) -> None:
    numbers = [f"{first:09}{last}" for last in range(10)]
    weighted = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), f"{first:09}", strict=True))
    expected = {0: 0, 1: None}.get(weighted % 11, 11 - weighted % 11)
    assert [last for last, passes in enumerate(pass_check(numbers)) if passes] == (
        [] if expected is None else [expected]
    )


@pytest.mark.parametrize("heading", ["patient_id", "NHS Number", "x", ""])
@pytest.mark.parametrize(
    "written",
    [str, float, lambda n: f"{n[:3]} {n[3:6]} {n[6:]}", lambda n: f"{n[:3]}-{n[3:6]}-{n[6:]}", lambda n: f'="{n}"'],
)
def test_a_column_of_nhs_numbers_is_refused(heading: str, written: Callable[[str], Cell]) -> None:
    error = refusal(table(heading, [written(number) for number in NHS[:5]]))
    assert "NHS, CHI or H&C numbers (sheet Patients, column B, 5 cells)" in error.what


def test_half_of_the_numbers_are_enough() -> None:
    wrong = [f"{number[:9]}{(int(number[9]) + 1) % 10}" for number in NHS]
    refusal(table("x", [*NHS[:5], *wrong[:5]]))
    assert check(table("x", [*NHS[:4], *wrong[:5]])) == ()


def test_few_numbers_are_refused_when_all_of_them_are_a_patients() -> None:
    refusal(table("x", NHS[:2]))
    refusal(table("x", ["943 476 5919"]))
    (found,) = check(table("x", [*NHS[:1]]))
    assert (found.severity, found.code, found.column, found.row) == ("warning", "IDENTIFIER_SUSPECTED", "B", 2)
    assert check(table("x", [NHS[0], "1234567890"])) == ()


def test_scottish_numbers_that_lost_their_zero_are_found() -> None:
    """CHI numbers begin with a date of birth; as numbers those of the first nine days of a month have nine digits."""
    numbers = [int(number) for number in nhs_numbers(6, first=101501000, lead="0")]
    assert all(len(str(number)) == 9 for number in numbers)
    refusal(table("x", [float(number) for number in numbers]))
    refusal(table("x", [f"0{number}" for number in numbers]))


def test_every_sheet_and_column_counts() -> None:
    plain = table("sex", ["female"] * 6)
    error = refusal(plain, sheet("Sheet9", *([""] * 30 + [number] for number in NHS[:6])))
    assert "sheet Sheet9, column AE, 6 cells" in error.what
    refusal(sheet("a", ["x"], *(["", "", number] for number in NHS[:6]), delimited=True))


# --- headings

NAMED = [
    ("NHS Number", "999 000 0000"),
    ("Patient Details's NHS Number", 4012345),
    ("H&C Number", "1234567"),
    ("CHI", "1234567890"),
    ("Full Name", "Xuan Thi"),
    ("Patient name", "x. y."),
    ("SURNAME", "Ó Briain"),
    ("Forename(s)", "Bo"),
    ("Calling Name", "Bo"),
    ("Name", "Okonkwo, Margaret"),
    ("Title", "Mrs"),
    ("DOB", date(1950, 3, 4)),
    ("Date of Birth", "04/03/1950"),
    ("Date of Birth", "4 Mar 1950"),
    ("D.O.B.", 18326),
    ("Patient Details Date Of Birth", "1950-03-04"),
    ("year_of_birth", "04/03/1950"),
    ("Address Line 1", "12 Elm Rise"),
    ("House Name / Flat Number", "Elm Rise"),
    ("Locality", "Otley"),
    ("Postcode", "ls1 4ap"),
    ("Postcode", "LS14AP"),
    ("Home Telephone", "0113 4960000"),
    ("Mobile", 7700900123),
    ("E-mail Address", "a@b"),
    ("EMIS Number", 4711),
    ("Patient Details EMIS Number", "4711"),
]


@pytest.mark.parametrize(("heading", "value"), NAMED)
def test_headings_that_name_identifiers_are_refused(heading: str, value: Cell) -> None:
    error = refusal(table(heading, ["", value]))
    assert "column B, 1 cell)" in error.what
    for line in error.lines():
        assert str(value) not in line


@pytest.mark.parametrize("value", ["", "n/a", "removed", "xxxx", "*****", "-"])
@pytest.mark.parametrize("heading", sorted({heading for heading, _ in NAMED}))
def test_such_headings_pass_with_nothing_below(heading: str, value: str) -> None:
    assert check(table(heading, [value] * 6)) == ()


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("year_of_birth", [1950, "1951", 1962.0]),
        ("Date of Birth", [1950, "1951"]),
        ("Postcode", ["LS1", "SW1A", "B12"]),
        ("Title", ["Hydroxocobalamin", "Folic acid"]),
        ("Practice name", ["Willow Tree"]),
        ("Patient", ["P0001", "P0002"]),
        ("Patient Ref", ["S0001"]),
    ],
)
def test_coarse_values_and_other_names_pass(heading: str, values: list[Cell]) -> None:
    assert check(table(heading, values)) == ()


def test_staff_are_warned_of() -> None:
    (found,) = check(table("Usual GP's Full Name", ["Dr Alice Brown", "Dr Omar Said"]))
    assert (found.severity, found.column) == ("warning", "B")
    assert check(table("directions", ["as Dr Brown said"])) != ()


def test_headings_of_the_practice_are_keys_not_columns() -> None:
    about = sheet("About", ["practice_id", "W90001"], ["Telephone", ""], ["Postcode", ""], ["Name", "Willow Tree"])
    assert check(about) == ()


# --- patterns in values

PATTERNS = {
    "postcodes": ["LS1 4AP", "M1 1AE", "EC1A 1BB"],
    "telephone numbers": ["07700 900123", "(0113) 496 0000", "+44 7700 900999"],
    "e-mail addresses": ["a.b@example.org", "c@nhs.example.net", "d_e@example.com"],
    "names": ["Mrs Okonkwo", "Mr Aldous", "Miss Ottery-Weir"],
    "NHS, CHI or H&C numbers": [f"{number[:3]} {number[3:6]} {number[6:]}" for number in NHS[:3]],
}


@pytest.mark.parametrize("kind", PATTERNS)
@pytest.mark.parametrize("around", ["{}", "seen {} today", "ring: {}, then book"])
def test_several_are_refused_and_one_is_warned_of(kind: str, around: str) -> None:
    hits = [around.format(one) for one in PATTERNS[kind]]
    plain = [f"every {weeks} weeks" for weeks in range(2, 12)]
    error = refusal(table("notes", [*plain, *hits]))
    assert f"{kind} (sheet Patients, column B, 3 cells)" in error.what
    if around != "{}" or "NHS" not in kind:
        (found,) = check(table("notes", [*plain, hits[0], hits[0]]))
        assert (found.severity, found.code) == ("warning", "IDENTIFIER_SUSPECTED")
        assert (found.sheet, found.column, found.row, found.value) == ("Patients", "B", 12, "")
        assert PATTERNS[kind][0] not in found.message


@pytest.mark.parametrize("values", [["07700900123", "07700900124", "01134960000"], ["LS14AP", "M11AE", "EC1A1BB"]])
def test_whole_columns_need_no_spaces(values: list[str]) -> None:
    refusal(table("x", values))
    assert check(table("x", [values[0], "a", "b", "c"])) == ()


@pytest.mark.parametrize(("typed", "full"), [("LS1 4AP", 1), ("ls14ap", 1), ("LS1", 0), ("XX1 4AP", 0), ("B12 3XY", 0)])
def test_postcodes(typed: str, full: int) -> None:
    assert is_postcode(typed) == bool(full)
    assert is_outward("LS1")


@pytest.mark.parametrize(
    "values", [NAMES, [name.upper() for name in NAMES], [f"{b}, {a}" for a, b in map(str.split, NAMES)]]
)
@pytest.mark.parametrize("heading", ["x", "Name"])
def test_columns_of_names_are_refused(values: list[str], heading: str) -> None:
    assert "names (sheet Patients, column B, 6 cells)" in refusal(table(heading, values)).what


# --- beside the cells


def test_one_stray_in_a_hidden_sheet_is_refused() -> None:
    stray = table("notes", ["ring 07700 900123", *map(str, range(9))], name="Old")
    assert len(check(stray)) == 1
    refusal(table("sex", ["female"]), hidden=[stray])


@pytest.mark.parametrize("name", ["Mrs Okonkwo", "Margaret Okonkwo", "943 476 5919", "LS1 4AP", "a@example.org"])
def test_names_of_sheets_files_and_headings(name: str) -> None:
    fine = table("sex", ["female"])
    errors = {
        "the name of sheet 1": refusal(table("sex", ["female"], name=name)),
        "column C, row 1": refusal(sheet("Patients", ["patient_id", "sex", name], ["P1", "female", ""])),
        "the file's name": refusal(fine, file=f"{name}.xlsx"),
    }
    for place, error in errors.items():
        assert place in error.what
        assert name not in "".join(error.lines())


def test_asides() -> None:
    fine = table("sex", ["female"])
    once = Aside("a comment", "ring 07700 900123", strict=True)
    assert "a comment" in refusal(fine, asides=[once]).what
    loose = Aside("the properties of the file", "a@example.org")
    (found,) = check_identity([fine], FILE, asides=[loose])
    assert (found.severity, found.value) == ("warning", "")
    refusal(fine, asides=[Aside("a link", "a@example.org\nb@example.org\nc@example.org")])


def test_asides_of_a_workbook_are_read(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / FILE, {"Patients": [["patient_id"], ["P1"]]})
    book = load_workbook(path)
    book["Patients"]["A2"].comment = Comment("Canary 943 476 5919", "nurse")
    book.properties.title = "list of quill@example.org"
    book.save(path)
    found = {aside.place: aside for aside in read_asides(path.read_bytes(), FILE)}
    assert "Canary 943 476 5919" in found["a comment"].text
    assert found["a comment"].strict
    assert "quill@example.org" in found["the properties of the file"].text


def test_strays_are_replaced_where_they_stand() -> None:
    one = table("notes", ["ring 07700 900123 at noon", "every 3 months", NHS[0], *map(str, range(9))])
    other = table("notes", ["LS1 4AP is far", *map(str, range(9))], name="Other")
    found = check(one)
    masked, same = without_strays([one, other], found)
    assert [row[1] for row in masked.rows[1:4]] == [f"ring {REMOVED} at noon", "every 3 months", NHS[0]]
    assert same is other
    assert one.rows[1][1] == "ring 07700 900123 at noon"


def test_a_big_sheet_is_judged_in_no_time() -> None:
    draw = random.Random(1)
    ids = [str(draw.randrange(10**9, 10**10)) for _ in range(20_000)]
    directions = [f"Inject {place} ampoule every {place % 13} weeks" for place in range(300)]
    rows: list[list[Cell]] = [[*TREATMENT_HEADINGS, "a", "b", "c", "d"]]
    for place in range(100_000):
        day = date(2015, 1, 1) + timedelta(days=place % 4000)
        row: list[Cell] = [draw.choice(ids), day, HYDROXO, "administered", "im", "1 mg", 1.0, draw.choice(directions)]
        rows.append([*row, "", place / 7, "yes", "no"])
    started = time.perf_counter()
    assert check(Sheet(FILE, "Treatments", rows)) == ()
    assert time.perf_counter() - started < 1.5  # 0.13 s on an idle machine


# --- canaries: identifiers that occur nowhere else

CANARIES = {
    "name": "Mrs Quillfeather",
    "number": "943 476 5919",
    "postcode": "ZE3 9QX",
    "telephone": "07700 900461",
    "email": "quillfeather@example.org",
}
SHARP = {"name": "Quillfeather", "email": "quillfeather@"}
PATIENTS = [["patient_id", "sex"], ["1", "female"]]


def base(path: Path, **sheets: Any) -> Path:
    rows = [treatment(date=date(2023, month, 5)) for month in (1, 4, 7, 10)]
    return write_xlsx(path, {"Patients": PATIENTS, "Treatments": [TREATMENT_HEADINGS, *rows], **sheets})


def in_heading(path: Path, canary: str) -> Path:
    return base(path, Patients=[[*PATIENTS[0], canary], [*PATIENTS[1], "yes"]])


def in_column(path: Path, canary: str) -> Path:
    return base(path, Patients=[[*PATIENTS[0], "about"], [*PATIENTS[1], canary]])


def in_ignored_sheet(path: Path, canary: str) -> Path:
    return base(path, Sheet9=[["note"], [canary]])


def in_sheet_name(path: Path, canary: str) -> Path:
    return base(path, **{canary: [["a", "b"], ["c", "d"]]})


def in_hidden_sheet(path: Path, canary: str) -> Path:
    book = load_workbook(
        base(path, Old=[["note"], *([f"every {place} weeks"] for place in range(9)), [f"see {canary}"]])
    )
    book["Old"].sheet_state = "veryHidden"
    book.save(path)
    return path


def in_comment(path: Path, canary: str) -> Path:
    book = load_workbook(base(path))
    book["Treatments"]["C2"].comment = Comment(f"This is {canary}", "nurse")
    book.save(path)
    return path


def in_file_name(path: Path, canary: str) -> Path:
    return base(path.with_name(f"{canary}.xlsx"))


def in_csv(path: Path, canary: str) -> Path:
    rows = [[*TREATMENT_HEADINGS, "who"], *([*treatment(date=f"2023-0{month}-05"), canary] for month in (1, 4))]
    return write_csv(path.with_suffix(".csv"), rows)


def in_drug(path: Path, canary: str) -> Path:
    """Drugs that cannot be read are quoted by findings."""
    rows = [treatment(), *(treatment(drug=f"{word} for {canary}", directions=word) for word in ("a", "b", "c"))]
    return base(path, Treatments=[TREATMENT_HEADINGS, *rows, treatment(drug="x", directions=f"y {canary}")])


PLACES = (in_heading, in_column, in_ignored_sheet, in_sheet_name, in_hidden_sheet, in_comment, in_file_name, in_csv)


def audit(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: bool) -> tuple[Result, str]:
    """Run the command; all that it said, and all that it left anywhere but in the input."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    done = CliRunner().invoke(main, [*(["--debug"] if debug else []), "run", str(path), "--out", str(tmp_path / "out")])
    said = [done.output, done.stderr, "".join(traceback.format_exception(*done.exc_info) if done.exc_info else ())]
    made = [one for folder in ("temporary", "out", "in") for one in (tmp_path / folder).rglob("*") if one != path]
    said += [text_of(one) + one.name for one in made if one.is_file()]
    return done, "\n".join(said)


def text_of(path: Path) -> str:
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        return "\n".join(str(cell.value) for page in book.worksheets for row in page.iter_rows() for cell in row)
    return path.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("kind", CANARIES)
@pytest.mark.parametrize("place", PLACES)
def test_canaries_are_refused_and_never_seen_again(
    place: Callable[[Path, str], Path], kind: str, debug: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    canary = CANARIES[kind]
    path = place(tmp_path / "in" / FILE, canary)
    done, said = audit(path, tmp_path, monkeypatch, debug)
    assert done.exit_code == 5, done.output
    assert "IDENTIFIABLE" in said
    assert SHARP.get(kind, canary) not in said
    assert canary.replace(" ", "") not in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", CANARIES)
def test_a_stray_canary_is_quoted_nowhere(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stray does not stop the audit; but the report, the tables and the findings do not repeat it."""
    (tmp_path / "in").mkdir()
    path = in_drug(tmp_path / "in" / FILE, CANARIES[kind])
    done, said = audit(path, tmp_path, monkeypatch, debug=True)
    assert done.exit_code in (0, 3), done.output
    assert "IDENTIFIER_SUSPECTED" in said
    assert SHARP.get(kind, CANARIES[kind]) not in said


def test_a_batch_leaves_the_identifiable_file_out_without_naming_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    base(tmp_path / "in" / "b.xlsx")
    in_file_name(tmp_path / "in" / FILE, CANARIES["email"])
    done, said = audit(tmp_path / "in", tmp_path, monkeypatch, debug=False)
    assert done.exit_code == 3, done.output
    assert SHARP["email"] not in said.replace(f"{CANARIES['email']}.xlsx", "", 1)


def test_an_empty_workbook_is_nobody() -> None:
    book = Workbook()
    assert book.active is not None
    assert check(sheet("Sheet")) == ()
    assert check() == ()
