"""The copy without identifiers: nothing of a person is left in it, one person stays one, and it can be audited."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.errors import InputRejected, UsageError
from audit.intake.cells import Cell, Sheet
from audit.intake.copying import Copy, make_copy
from audit.intake.gate import pass_gate
from audit.intake.pseudonyms import make_key, normalised, pseudonym, read_key
from audit.intake.source import Source, open_source
from tests.intake_files import HYDROXO, write_csv, write_xlsx
from tests.test_identity import NHS, text_of

KEY = bytes(range(32))
PEOPLE = ("Margaret Okonkwo", "Peter Zylberstein", "Aisha Qureshi-Vane", "Grace Day", "Susan Ottery", "Brian Weirdale")
SECRETS = ["Okonkwo", "Zylberstein", "Qureshi", "Ottery", "Weirdale", "Brownlow", "07700", "1QX", "Elm Rise", *NHS[:6]]
FLAT = ["NHS Number", "Patient name", "DOB", "Postcode", "date", "drug", "event", "directions", "notes"]


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["pseudonymise", *map(str, arguments)])


def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "safe" / "practice.key"
    path.parent.mkdir(exist_ok=True)
    path.write_text(KEY.hex(), encoding="ascii")
    return path


def clinic(path: Path) -> Path:
    """Six patients with all that identifies them: numbers in one sheet, the numbers of EMIS in the other."""
    patients: list[list[Any]] = [
        ["NHS Number", "Full Name", "Date of Birth", "Postcode", "sex", "Mobile Telephone", "EMIS Number", "Usual GP"]
    ]
    treatments: list[list[Any]] = [
        ["EMIS Number", "date", "drug", "event", "route", "dose", "quantity", "directions", "Associated Text"]
    ]
    for place, name in enumerate(PEOPLE):
        own = [f"LS{place + 1} 1QX", "female", f"07700 90012{place}", 4000 + place, "Dr Brownlow"]
        patients.append([NHS[place], name, date(1940 + place, 3, 1), *own])
        for month in (1, 4, 7, 10):
            text = {1: f"{name.split()[1]} every 3 months", 4: "Dr Brownlow said every 3 months"}.get(
                month, "3 monthly"
            )
            row = [HYDROXO, "administered", "im", "1 mg", 1, text, f"{name}, 12 Elm Rise"]
            treatments.append([4000 + place, date(2023, month, 1 + place), *row])
    about = [["extract_date", date(2024, 2, 1)], ["history_start", date(2019, 1, 1)], ["source_system", "Mrs Ottery"]]
    notes = [["who", "what"], ["Mrs Okonkwo", "moved"]]
    return write_xlsx(path, {"About": about, "Patients": patients, "Treatments": treatments, "Mrs Okonkwo": notes})


def flat(path: Path, *rows: Sequence[Any]) -> Path:
    return write_csv(path, [FLAT, *rows])


def source_of(*sheets: tuple[str, Sequence[Sequence[Cell]]], single: bool = False) -> Source:
    return Source("a.xlsx", "a", "", [Sheet("a.xlsx", name, rows) for name, rows in sheets], single)


def copy_of(*sheets: tuple[str, Sequence[Sequence[Cell]]]) -> Copy:
    return make_copy(source_of(*sheets), KEY)


def everything(path: Path) -> str:
    """All text of a file, the parts of a workbook unpacked."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            return "\n".join(archive.read(name).decode("utf-8") for name in archive.namelist()) + text_of(path)
    return text_of(path)


# --- the key


def test_a_new_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "practice.key"
    key = make_key(path, [tmp_path / "data.xlsx"])
    assert len(key) == 32
    assert key == read_key(path)
    assert make_key(tmp_path / "keys" / "other.key", []) != key
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    key, given = key_file(tmp_path), clinic(tmp_path / "in.xlsx")
    done = command(given, tmp_path / "out.xlsx", "--key-file", key, "--new-key")
    assert done.exit_code == 7
    assert "KEY_EXISTS" in done.stderr
    assert key.read_text() == KEY.hex()
    assert not (tmp_path / "out.xlsx").exists()


@pytest.mark.parametrize("place", ["data/practice.key", "copies/practice.key"])
def test_a_key_does_not_stand_beside_the_data(tmp_path: Path, place: str) -> None:
    for folder in ("data", "copies"):
        (tmp_path / folder).mkdir()
    given = clinic(tmp_path / "data" / "in.xlsx")
    done = command(given, tmp_path / "copies" / "out.xlsx", "--key-file", tmp_path / place, "--new-key")
    assert done.exit_code == 2
    assert "KEY_BESIDE_DATA" in done.stderr
    assert not (tmp_path / place).exists()


def test_a_key_may_stand_elsewhere_below_the_same_folder(tmp_path: Path) -> None:
    done = command(clinic(tmp_path / "in.xlsx"), tmp_path / "out.xlsx", "--key-file", tmp_path / "k" / "k", "--new-key")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("content", [b"", b"secret", b"ab" * 31, b"\xff\xfe", b"zz" * 32])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.key").write_bytes(content)
    with pytest.raises(UsageError, match="not a key"):
        read_key(tmp_path / "a.key")
    with pytest.raises(UsageError, match="no such key"):
        read_key(tmp_path / "b.key")


# --- pseudonyms


def test_a_pseudonym_is_a_keyed_hash() -> None:
    """Computed here by the definition of HMAC."""
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in KEY.ljust(64, b"\0")) + b"number:9434765919").digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in KEY.ljust(64, b"\0")) + inner).digest()
    expected = "P-" + base64.b32encode(outer[:10]).decode()
    assert pseudonym(KEY, normalised("943 476 5919", "number")) == expected
    assert len(expected) == 18


def test_an_id_is_the_same_however_it_is_typed() -> None:
    forms: list[Cell] = [
        "9434765919",
        9434765919.0,
        "943-476-5919",
        " 943 476 5919 ",
        '="9434765919"',
        "NHS No: 9434765919",
    ]
    assert len({pseudonym(KEY, normalised(form, "number")) for form in forms}) == 1
    # under a heading of ids of any sort, too
    assert pseudonym(KEY, normalised("943 476 5919", "own")) == pseudonym(KEY, normalised(forms[0], "number"))
    assert normalised(" p0001 ", "own") == normalised("P0001", "own") != normalised("P001", "own")
    assert [normalised(blank, "own") for blank in ("", " ", "n/a", "-")] == [""] * 4
    assert normalised(101500122.0, "number") == "number:0101500122"


def test_another_key_makes_other_pseudonyms() -> None:
    assert pseudonym(KEY, "own:1") != pseudonym(KEY[::-1], "own:1")


def test_one_person_is_one_in_every_file_and_month(tmp_path: Path) -> None:
    key = key_file(tmp_path)
    row = [PEOPLE[0], "01/03/1940", "LS1 1QX", "05/01/2024", HYDROXO, "given", "", ""]
    march = flat(tmp_path / "march.csv", *([number, *row] for number in NHS[:6]))
    april = write_xlsx(
        tmp_path / "april.xlsx",
        {
            "Treatments": [
                ["patient_id", "date", "drug"],
                *([f"{n[:3]} {n[3:6]} {n[6:]}", "x", "y"] for n in NHS[5:0:-1]),
            ]
        },
    )
    assert command(march, tmp_path / "m.csv", "--key-file", key).exit_code == 0
    assert command(april, tmp_path / "a.xlsx", "--key-file", key).exit_code == 0
    first = [row[0] for row in open_source(tmp_path / "m.csv").sheets[0].rows[1:]]
    second = [row[0] for row in open_source(tmp_path / "a.xlsx").sheets[0].rows[1:]]
    assert first[1:] == second[::-1]
    assert len(set(first)) == 6


# --- the copy


def test_nothing_of_a_person_is_left_and_the_rest_is(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    done = command(clinic(tmp_path / "in.xlsx"), out, "--key-file", key_file(tmp_path))
    assert done.exit_code == 0, done.output
    said = done.output + everything(out)
    assert [secret for secret in SECRETS if secret.casefold() in said.casefold()] == []
    assert KEY.hex() not in said
    source = pass_gate(open_source(out))
    assert source.findings == ()
    about, patients, treatments = source.sheets
    assert [sheet.name for sheet in source.sheets] == ["About", "Patients", "Treatments"]
    assert about.rows == [["extract_date", date(2024, 2, 1)], ["history_start", date(2019, 1, 1)]]
    assert patients.rows[0] == ["patient_id", "year_of_birth", "sex"]
    assert [row[1] for row in patients.rows[1:]] == [1940 + place for place in range(6)]
    assert treatments.rows[0] == ["patient_id", "date", "drug", "event", "route", "dose", "quantity", "directions"]
    # the ids of EMIS are the same people, as the other sheet says
    assert [row[0] for row in treatments.rows[1::4]] == [row[0] for row in patients.rows[1:]]
    assert [row[1] for row in treatments.rows[1:5]] == [date(2023, month, 1) for month in (1, 4, 7, 10)]
    assert [row[7] for row in treatments.rows[1:5]] == ["", "", "3 monthly", "3 monthly"]
    assert "Sheets left out: 1" in done.stdout
    assert "Cells emptied because they held a person's details: 12" in done.stdout
    if os.name == "posix":
        assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_copy_is_audited_like_its_original(tmp_path: Path, little: Path) -> None:
    """It has no identifiers but its ids: every number of the report stays."""
    copy = tmp_path / "records.xlsx"
    assert command(little, copy, "--key-file", key_file(tmp_path)).exit_code == 0
    summaries = []
    for name, given in {"one": little, "two": copy}.items():
        done = CliRunner().invoke(main, ["run", str(given), "--out", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
        summaries.append(json.loads((tmp_path / name / "summary.json").read_text(encoding="utf-8")))
    assert summaries[0]["criteria"] == summaries[1]["criteria"]
    assert summaries[0]["findings"] == summaries[1]["findings"]


def test_the_same_copy_twice_is_the_same_file(tmp_path: Path) -> None:
    given, key = clinic(tmp_path / "in.xlsx"), key_file(tmp_path)
    for name in ("a.xlsx", "b.xlsx"):
        command(given, tmp_path / name, "--key-file", key)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_csv_stays_csv_and_no_formula_gets_in(tmp_path: Path) -> None:
    own = [PEOPLE[0], "01/03/1940", "LS1 1QX"]
    rows = [[number, *own, "05/01/2024", "=1+1", "given", "@x", "free text"] for number in NHS[:6]]
    done = command(flat(tmp_path / "in.csv", *rows), tmp_path / "out.csv", "--key-file", key_file(tmp_path))
    assert done.exit_code == 0, done.output
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == ["patient_id", "year_of_birth", "date", "drug", "event", "directions"]
    assert written[1][1:] == ["1940", "05/01/2024", "'=1+1", "given", "'@x"]
    assert "Columns left out: Treatments B, D, I" in done.stdout


def test_a_folder_stays_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "practice"
    folder.mkdir()
    write_csv(folder / "Patients.csv", [["patient_id", "Surname", "sex"], *([n, "Ottery", "female"] for n in NHS[:6])])
    write_csv(
        folder / "Treatments.csv", [["patient_id", "date", "drug"], *([n, "05/01/2024", HYDROXO] for n in NHS[:6])]
    )
    out = tmp_path / "copy"
    done = command(folder, out, "--key-file", key_file(tmp_path))
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == ["Patients.csv", "Treatments.csv"]
    assert "Ottery" not in "".join(map(everything, out.iterdir()))
    assert pass_gate(open_source(out)).findings == ()
    assert command(folder, folder / "copy", "--key-file", key_file(tmp_path)).exit_code == 2
    assert command(folder, tmp_path / "one.csv", "--key-file", key_file(tmp_path)).exit_code == 2


def test_an_export_of_emis_keeps_its_dates_and_its_groups() -> None:
    rows: list[list[Cell]] = [
        ["Report Path", "Dr Brown\\B12"],
        ["Last Run", "", "", "12/06/2024 10:15:32"],
        [],
        ["Patient Details", "", "Medication Issues", "", ""],
        ["EMIS Number", "Calling Name", "Date of Issue", "Name, Dosage and Quantity", "Associated Text"],
        ["4711", "Bo", "12-Mar-2024", f"{HYDROXO}, 5 ampoule", "given by DN"],
        ["", "", "04-Jun-2024", "Bo has it", "given by DN"],
        ["4712", "Mei", "", "Bo has it", ""],
        ["Total", "", "2", "", ""],
    ]
    copy = copy_of(("Mrs Brown", rows))
    (sheet,) = copy.sheets
    one, two = pseudonym(KEY, "emis:4711"), pseudonym(KEY, "emis:4712")
    assert sheet.rows == [
        ["", ""],
        ["Last Run", "", "", "12/06/2024 10:15:32"],
        [],
        ["Patient Details", "Medication Issues", ""],
        ["patient_id", "Date of Issue", "Name, Dosage and Quantity"],
        [one, "12-Mar-2024", f"{HYDROXO}, 5 ampoule"],
        ["", "04-Jun-2024", "Bo has it"],
        [two, "", "Bo has it"],
        [],
    ]
    assert (sheet.name, sheet.left_out, copy.patients) == ("Table 1", ("B", "E"), 2)


def test_a_patients_own_name_is_found_in_text_wherever_it_stands() -> None:
    patients: list[list[Cell]] = [["patient_id", "Surname"], ["1", "Zylberstein"], ["2", "March"]]
    texts = ["ZYLBERSTEIN 3 monthly", "zylberstein's amp", "3 monthly", "12 March 2024", "in march"]
    treatments: list[Sequence[Cell]] = [
        ("patient_id", "directions"),
        *(("1", text) for text in texts),
        ["2", texts[4]],
        ["2", texts[3]],
    ]
    copy = copy_of(("Patients", patients), ("Treatments", treatments))
    kept = [row[1] for row in copy.sheets[1].rows[1:]]
    assert kept == ["", "", "3 monthly", "12 March 2024", "in march", "", "12 March 2024"]
    assert copy.blanked == 3


@pytest.mark.parametrize(
    ("typed", "year"),
    [
        (date(1950, 3, 4), 1950),
        (datetime(1950, 3, 4), 1950),
        ("04/03/1950", 1950),
        ("4 Mar 1950", 1950),
        (1950, 1950),
        (18326.0, 1950),
        ("04/03/50", ""),
        ("", ""),
        ("?", ""),
    ],
)
def test_a_date_of_birth_becomes_a_year(typed: Cell, year: Cell) -> None:
    copy = copy_of(("Patients", [["patient_id", "Date of Birth"], ["1", typed]]))
    assert copy.sheets[0].rows == [["patient_id", "year_of_birth"], [pseudonym(KEY, "own:1"), year]]


def test_a_year_of_birth_comes_before_a_date() -> None:
    rows: list[list[Cell]] = [["patient_id", "DOB", "year_of_birth"], ["1", date(1950, 3, 4), 1951]]
    assert copy_of(("Patients", rows)).sheets[0].rows[1][1:] == [1951]


def test_a_drugs_name_is_no_persons() -> None:
    rows: list[list[Cell]] = [["patient_id", "Name", "date"], ["1", "Folic acid", ""], ["2", HYDROXO, ""]]
    assert copy_of(("Treatments", rows)).sheets[0].rows[1][1] == "Folic acid"


def test_codes_are_no_numbers_of_patients() -> None:
    rows: list[list[Cell]] = [["patient_id", "SNOMED Code", "directions"], ["1", "4012345678", "see 943 476 5919"]]
    assert copy_of(("Treatments", rows)).sheets[0].rows[1][1:] == ["4012345678", ""]


def test_ids_that_contradict_each_other_are_refused() -> None:
    rows: list[list[Cell]] = [["NHS Number", "patient_id", "date"], [NHS[0], "1", ""], [NHS[1], "1", ""], ["", "1", ""]]
    with pytest.raises(InputRejected, match="two different patients") as caught:
        copy_of(("Treatments", rows))
    assert caught.value.where == "the sheet Treatments, row 3"
    # a number beats all ids that one practice gave
    rows = [["patient_id", "EMIS Number", "NHS Number"], ["1", "7", NHS[0]], ["2", "7", ""], ["1", "", ""]]
    copy = copy_of(("Treatments", rows))
    assert {row[0] for row in copy.sheets[0].rows[1:]} == {pseudonym(KEY, f"number:{NHS[0]}")}


def test_ids_of_two_sorts_are_not_mixed_up() -> None:
    """EMIS's 7 is not the practice's 7."""
    rows: list[list[Cell]] = [["patient_id", "EMIS Number"], ["7", "8"], ["8", "7"]]
    assert copy_of(("Patients", rows)).patients == 2


def test_ten_digit_pseudonyms_beside_numbers_are_no_contradiction() -> None:
    """One in eleven of them passes the check as well."""
    rows: list[Sequence[Cell]] = [
        ("patient_id", "NHS Number"),
        *((str(4012345600 + place), n) for place, n in enumerate(NHS)),
    ]
    assert copy_of(("Patients", rows)).patients == len(NHS)


def test_without_ids_there_is_no_copy(tmp_path: Path) -> None:
    given = write_csv(tmp_path / "in.csv", [["Surname", "date", "drug"], ["Ottery", "05/01/2024", HYDROXO]])
    done = command(given, tmp_path / "out.csv", "--key-file", key_file(tmp_path))
    assert done.exit_code == 4
    assert "NO_PATIENT_COLUMN" in done.stderr
    assert "Ottery" not in done.output
    with pytest.raises(InputRejected, match="rounded"):
        copy_of(("Patients", [["patient_id", "sex"], ["9.43477E+09", "f"]]))


# --- the place of the copy


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("there.xlsx", 7, "OUT_EXISTS"),
        ("in.xlsx", 7, "OUT_EXISTS"),
        ("out.xls", 2, "ENDING_NOT_WRITTEN"),
        ("no/out.xlsx", 7, "CANNOT_WRITE"),
    ],
)
def test_places_that_are_refused(tmp_path: Path, name: str, code: int, message: str) -> None:
    (tmp_path / "there.xlsx").write_bytes(b"mine")
    given = clinic(tmp_path / "in.xlsx")
    before = given.read_bytes()
    done = command(given, tmp_path / name, "--key-file", key_file(tmp_path))
    assert done.exit_code == code, done.output
    assert message in done.stderr
    assert (given.read_bytes(), (tmp_path / "there.xlsx").read_bytes()) == (before, b"mine")


def test_a_copy_that_names_a_patient_by_its_name_is_not_written(tmp_path: Path) -> None:
    done = command(clinic(tmp_path / "in.xlsx"), tmp_path / "Mrs Okonkwo.xlsx", "--key-file", key_file(tmp_path))
    assert done.exit_code == 5
    assert "COPY_IDENTIFIABLE" in done.stderr
    assert "Okonkwo" not in done.output
    assert not (tmp_path / "Mrs Okonkwo.xlsx").exists()


@pytest.mark.parametrize("step", ["replace", "chmod"])
def test_on_a_full_disk_nothing_is_left_behind(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given, key = clinic(tmp_path / "in.xlsx"), key_file(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, step, full)
    done = command(given, tmp_path / "out.xlsx", "--key-file", key)
    monkeypatch.undo()
    assert done.exit_code == 7
    assert "No space left" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.xlsx", "safe"]


def test_the_remedy_of_a_refusal_works_when_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    clinic(tmp_path / "in.xlsx")
    refused = CliRunner().invoke(main, ["run", "in.xlsx"])
    assert refused.exit_code == 5
    _, _, pasted = refused.stderr.partition("b12audit pseudonymise ")
    done = command(*pasted.strip().replace('"', "").split())
    assert done.exit_code == 0, done.output
    again = CliRunner().invoke(main, ["run", "in-pseudonymised.xlsx"])
    assert again.exit_code == 0, again.output


def test_of_about_only_the_cell_beside_a_key_is_its_value() -> None:
    about = [["extract_date", "", "last day covered"], ["source_system", "EMIS", "printed only"], ["practice_id", "W1"]]
    made = copy_of(("About", about), ("Treatments", [["patient_id", "date", "drug"], ["1", date(2024, 1, 2), HYDROXO]]))
    assert made.sheets[0].rows == [[], ["source_system", "EMIS"], ["practice_id", "W1"]]


def test_the_template_s_example_is_left_out_of_a_copy() -> None:
    rows: list[list[Cell]] = [["patient_id", "date", "drug"], ["1", date(2024, 1, 2), HYDROXO]]
    example: list[list[Cell]] = [rows[0], ["EX1", date(2024, 1, 2), HYDROXO]]
    made = copy_of(("Treatments", rows), ("Example Treatments", example))
    assert ([sheet.name for sheet in made.sheets], made.patients, made.sheets_left_out) == (["Treatments"], 1, 1)
