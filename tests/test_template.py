"""The workbook to fill in: it is read as it stands, offers the vocabulary, and its example is never taken for data."""

from __future__ import annotations

import csv
import os
import re
import shlex
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.intake.check_digits import check_digit_fits
from audit.intake.dates import read_date
from audit.intake.directions.reading import read_directions
from audit.intake.drugs import read_drug
from audit.intake.read import read_extract
from audit.render.dictionary import ABOUT, FIELDS
from audit.render.recipes import HISTORY, RECIPES
from audit.render.template import template_bytes
from audit.render.template_text import NEEDED, OPTIONAL, WORTH_MOST, read_me
from audit.standards.standard import load_standard
from schemas import vocabulary
from tests.intake_files import DAY, HYDROXO, TREATMENT_HEADINGS, codes, read_sheets, treatment

SYSTEMS = ["EMIS Web", "SystmOne", "Vision"]
TABLES = list(vocabulary.INPUT_COLUMNS)
EXAMPLES = [f"Example {name}" for name in ("About", *TABLES)]
WORD_COLUMNS = {
    ("Patients", "sex"): vocabulary.SEX,
    ("Patients", "indication"): vocabulary.INDICATION,
    ("Patients", "cause"): vocabulary.CAUSE,
    ("Patients", "neurological_involvement"): vocabulary.YES_NO_UNKNOWN,
    ("Patients", "pregnant_or_breastfeeding"): vocabulary.YES_NO,
    ("Patients", "smoker"): vocabulary.YES_NO,
    ("Treatments", "event"): vocabulary.EVENT,
    ("Treatments", "route"): vocabulary.ROUTE,
    ("Tests", "test"): vocabulary.TEST,
    ("Reviews", "outcome"): vocabulary.REVIEW_OUTCOME,
}
PATIENT_DATES = ("neurological_onset", "diagnosis_date", "registered_from", "registered_to")
DATE_COLUMNS = {
    *((sheet, "date") for sheet in ("Treatments", "Tests", "Reviews")),
    *(("Patients", name) for name in PATIENT_DATES),
}
COLUMNS = [(sheet, column) for sheet, columns in vocabulary.INPUT_COLUMNS.items() for column in columns]
LAST_ROW = 1_048_576
NHS = ("9434765919", "9990548609")


def b12audit(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both workbooks, as the command writes them."""
    made = tmp_path_factory.mktemp("template")
    assert b12audit("template", made / "t.xlsx").exit_code == 0
    assert b12audit("template", "--example", made / "e.xlsx").exit_code == 0
    return made


@pytest.fixture(scope="module")
def book(folder: Path) -> Any:
    return openpyxl.load_workbook(folder / "t.xlsx")


def heading(book: Any, sheet: str, column: str) -> Any:
    return book[sheet].cell(1, 1 + vocabulary.INPUT_COLUMNS[sheet].index(column))


def cells(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def filled(template: Path, path: Path, rows: list[list[Any]], drop: tuple[str, ...] = ()) -> Path:
    """The template with rows of treatments typed in, and sheets deleted."""
    book = openpyxl.load_workbook(template)
    for row, typed in enumerate(rows, 2):
        for place, value in enumerate(typed, 1):
            book["Treatments"].cell(row, place).value = value
    for name in drop:
        del book[name]
    book.save(path)
    return path


# The command


def test_without_a_name_it_is_written_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "b12audit-template.xlsx" in b12audit("template").stdout
    assert "b12audit run" in b12audit("template", "--filled").stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b12audit-example.xlsx", "b12audit-template.xlsx"]


def test_what_stands_there_is_replaced_by_force_only(tmp_path: Path) -> None:
    out = tmp_path / "mine.xlsx"
    out.write_text("filled in by hand")
    refused = b12audit("template", out)
    assert (refused.exit_code, out.read_text()) == (7, "filled in by hand")
    assert "OUT_EXISTS" in refused.stderr
    assert "--force" in refused.stderr
    assert b12audit("template", out, "--force").exit_code == 0
    assert openpyxl.load_workbook(out).sheetnames[0] == "Read me"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.xlsx"]


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    refused = b12audit("template", tmp_path / "a.xlsx", "--force")
    assert (refused.exit_code, "OUT_EXISTS" in refused.stderr) == (7, True)


def test_a_missing_folder_cannot_be_written_to(tmp_path: Path) -> None:
    refused = b12audit("template", tmp_path / "nowhere" / "a.xlsx")
    assert (refused.exit_code, "CANNOT_WRITE" in refused.stderr) == (7, True)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "mine.xlsx"
    out.write_text("filled in by hand")
    monkeypatch.setattr(os, "fsync", full)
    refused = b12audit("template", out, "--force")
    assert (refused.exit_code, "No space left on device" in refused.stderr) == (7, True)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("mine.xlsx", "filled in by hand")]


def test_another_ending_is_wrong_usage_with_the_right_one(tmp_path: Path) -> None:
    refused = b12audit("template", tmp_path / "a b.csv")
    assert (refused.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert f'b12audit template "{tmp_path / "a b.xlsx"}"' in refused.stderr


@pytest.mark.parametrize("filled_in", [True, False])
def test_the_same_bytes_every_time(filled_in: bool) -> None:
    standard = load_standard()
    assert template_bytes(standard, filled=filled_in) == template_bytes(standard, filled=filled_in)


# What is in it


def test_the_sheets_in_order_with_the_first_one_open(book: Any) -> None:
    assert book.sheetnames == ["Read me", "About", *TABLES, "Words", *EXAMPLES, *SYSTEMS]
    assert book.active.title == "Read me"


def test_there_is_no_formula(folder: Path) -> None:
    for name in ("t.xlsx", "e.xlsx"):
        with zipfile.ZipFile(folder / name) as archive:
            sheets = [part for part in archive.namelist() if part.startswith("xl/worksheets/sheet")]
            assert sheets
            assert [part for part in sheets if b"<f>" in archive.read(part)] == []


@pytest.mark.parametrize("sheet", TABLES)
def test_the_headings_are_the_canonical_words_and_nothing_else(book: Any, sheet: str) -> None:
    assert cells(book[sheet]) == [list(vocabulary.INPUT_COLUMNS[sheet])]
    assert book[sheet].freeze_panes == "B2"


@pytest.mark.parametrize(("sheet", "column"), COLUMNS)
def test_a_comment_says_what_a_heading_means(book: Any, sheet: str, column: str) -> None:
    said = heading(book, sheet, column).comment.text
    worth = column in ("event", "neurological_involvement", "registered_from")
    needed = column in vocabulary.REQUIRED_COLUMNS[sheet]
    assert said.splitlines()[0] == f"{NEEDED if needed else WORTH_MOST if worth else OPTIONAL}."
    assert "{" not in said
    assert FIELDS[sheet][column].split("{")[0] in said
    assert all(word in said for word in WORD_COLUMNS.get((sheet, column), ()))


def test_needed_worth_most_and_other_headings_look_different(book: Any) -> None:
    looks = {
        of: heading(book, *of).fill.fgColor.rgb for of in (("Treatments", "drug"), ("Treatments", "event"))
    } | {("Treatments", "dose"): heading(book, "Treatments", "dose").fill.fgColor.rgb}
    assert len(set(looks.values())) == 3
    needed = {heading(book, sheet, name).fill.fgColor.rgb for sheet, names in vocabulary.REQUIRED_COLUMNS.items()
              for name in names}  # fmt: skip
    assert needed == {looks["Treatments", "drug"]}


def validations(book: Any, sheet: str) -> Iterator[tuple[str, Any]]:
    """Each column of a sheet with what its cells are asked to hold, from the second row to the last."""
    for rule in book[sheet].data_validations.dataValidation:
        (area,) = rule.sqref.ranges
        assert (area.min_row, area.max_row, area.min_col) == (2, LAST_ROW, area.max_col)
        yield vocabulary.INPUT_COLUMNS[sheet][area.min_col - 1], rule


def test_dropdowns_hold_the_vocabulary_and_dates_are_asked_for(book: Any) -> None:
    lists, dates = {}, set()
    for sheet in TABLES:
        for column, rule in validations(book, sheet):
            assert rule.errorStyle == "warning"
            if rule.type == "list":
                lists[sheet, column] = tuple(rule.formula1.strip('"').split(","))
            else:
                assert (rule.type, rule.operator or "between") == ("date", "between")
                dates.add((sheet, column))
    assert lists == WORD_COLUMNS
    assert dates == DATE_COLUMNS


def test_codes_and_directions_stay_as_typed_and_dates_look_like_dates(book: Any) -> None:
    for sheet, column in COLUMNS:
        place = vocabulary.INPUT_COLUMNS[sheet].index(column) + 1
        (shown,) = {one.number_format for one in book[sheet].column_dimensions.values() if one.min <= place <= one.max}
        if column in ("patient_id", "practice_id", "drug", "directions"):
            assert shown == "@", column
        assert (shown == "dd/mm/yyyy") == ((sheet, column) in DATE_COLUMNS), column


def test_about_has_every_key_with_its_meaning(book: Any) -> None:
    rows = [row for row in cells(book["About"]) if row[0] in vocabulary.ABOUT_KEYS]
    assert rows == [[key, None, ABOUT[key]] for key in vocabulary.ABOUT_KEYS]
    assert {rule.type for rule in book["About"].data_validations.dataValidation} == {"date"}


def test_the_words_are_those_of_the_dropdowns(book: Any) -> None:
    rows = cells(book["Words"])[1:]
    assert [tuple(row[:3]) for row in rows] == [(*of, word) for of, words in WORD_COLUMNS.items() for word in words]
    assert all(row[3].endswith(".") for row in rows)


def test_the_first_sheet_names_every_other(book: Any) -> None:
    said = "\n".join(str(value) for row in cells(book["Read me"]) for value in row if value)
    assert [name for name in book.sheetnames[1:] if name not in said and not name.startswith("Example")] == []
    assert "Example ..." in said
    assert all(column in said for column in ("event", "neurological_involvement", "registered_from", "patient_id"))


# What the audit makes of it


def test_the_empty_template_is_nothing_to_audit(folder: Path, tmp_path: Path) -> None:
    done = b12audit("run", folder / "t.xlsx", "--out", tmp_path / "out")
    assert done.exit_code == 6
    assert re.search(r"sheet Treatments\n  what to do: Fill in that sheet", done.stderr)
    assert not (tmp_path / "out").exists()


def verdicts(out: Path) -> dict[tuple[str, str], tuple[str, str]]:
    with (out / "verdicts.csv").open(encoding="utf-8", newline="") as file:
        return {(row["patient_id"], row["criterion"]): (row["outcome"], row["reason"]) for row in csv.DictReader(file)}


def test_the_example_shows_what_it_says(folder: Path, tmp_path: Path) -> None:
    done = b12audit("run", folder / "e.xlsx", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    found = verdicts(tmp_path / "out")
    shown = {
        ("EX1", "loading-complete"): ("met", ""),
        ("EX1", "maintenance-started"): ("met", ""),
        ("EX1", "first-review"): ("met", ""),
        ("EX1", "folate-measured"): ("met", ""),
        ("EX1", "ferritin-measured"): ("not_met", ""),
        ("EX2", "maintenance-interval-neuro"): ("not_met", ""),
        ("EX2", "neuro-loading"): ("not_assessable", "START_NOT_OBSERVED"),
        ("EX2", "not-overdue"): ("met", ""),
        ("EX3", "maintenance-interval-standard"): ("met", ""),
        ("EX3", "not-overdue"): ("excepted", "DECLINED"),
    }
    assert {of: found[of] for of in shown} == shown
    assert {patient for patient, _ in found} == {"EX1", "EX2", "EX3"}
    assert len((tmp_path / "out" / "findings.csv").read_text(encoding="utf-8").splitlines()) == 1


def test_the_example_is_the_same_in_both_workbooks(folder: Path, book: Any) -> None:
    example = openpyxl.load_workbook(folder / "e.xlsx")
    assert example.sheetnames == ["Read me", "About", *TABLES, "Words"]
    for name in ("About", *TABLES):
        assert cells(example[name]) == cells(book[f"Example {name}"])


ROWS = [["A7", date(2025, month, 3), HYDROXO, "administered"] for month in (3, 6, 9, 12)]


def test_what_is_typed_in_is_audited_and_the_example_beside_it_is_not(folder: Path, tmp_path: Path) -> None:
    extract = read_extract(filled(folder / "t.xlsx", tmp_path / "r.xlsx", ROWS))
    assert list(extract.patients["patient_id"]) == ["A7"]
    assert set(extract.facts.ignored_sheets) == {"Read me", "Words", *EXAMPLES, *SYSTEMS}
    assert {item.sheet for item in extract.findings if item.code == "SHEET_WITHOUT_ROWS"} == {
        *("Patients", "Tests", "Reviews")
    }


def test_the_example_never_stands_in_for_a_deleted_sheet(folder: Path, tmp_path: Path) -> None:
    path = filled(folder / "t.xlsx", tmp_path / "r.xlsx", [], drop=("Treatments", "Patients"))
    refused = b12audit("run", path, "--out", tmp_path / "out")
    assert refused.exit_code == 4
    assert "NO_TREATMENTS_SHEET" in refused.stderr
    assert "Example" not in refused.stderr


def test_a_flat_sheet_of_the_practice_is_taken_beside_the_example(folder: Path, tmp_path: Path) -> None:
    path = filled(folder / "t.xlsx", tmp_path / "r.xlsx", ROWS, drop=("Patients",))
    book = openpyxl.load_workbook(path)
    book["Treatments"].title = "March"
    book.save(path)
    assert list(read_extract(path).patients["patient_id"]) == ["A7"]


def test_nhs_numbers_typed_in_become_pseudonyms_as_it_says(folder: Path, tmp_path: Path) -> None:
    rows = [[number, *row[1:]] for number in NHS for row in ROWS]
    filled(folder / "t.xlsx", tmp_path / "records.xlsx", rows)
    assert b12audit("run", tmp_path / "records.xlsx", "--out", tmp_path / "out").exit_code == 5
    (said,) = {line[1] for recipe in RECIPES for line in recipe.sections[-1].lines if line[0] == "Pseudonyms"}
    typed = shlex.split(said)[1:]
    key_folder = tmp_path / "key"
    places = {"records.xlsx": tmp_path, "records-anonymous.xlsx": tmp_path, "~/b12audit-key/practice.key": key_folder}
    arguments = [places[word] / Path(word).name if word in places else word for word in typed]
    assert b12audit(*arguments).exit_code == 0
    copy = read_extract(tmp_path / "records-anonymous.xlsx")
    assert len(copy.patients) == len(NHS)
    assert not set(copy.patients["patient_id"]) & set(NHS)
    assert len(copy.treatments) == len(rows)
    # nothing was typed into About: the meanings beside its keys are no values
    assert copy.facts.ignored_sheets == ("About",)


# Sheets and columns that were not filled in


def test_a_sheet_with_headings_only_is_warned_of(tmp_path: Path) -> None:
    whole = [TREATMENT_HEADINGS, treatment()]
    tests = [["patient_id", "date", "test"], ["1", DAY, "folate"]]
    assert "SHEET_WITHOUT_ROWS" in codes(read_sheets(tmp_path, Treatments=whole, Tests=tests[:1]))
    assert "SHEET_WITHOUT_ROWS" not in codes(read_sheets(tmp_path, Treatments=whole, Tests=tests))


@pytest.mark.parametrize(
    ("last", "warned"), [((), ["event", "quantity", "registered_from"]), (("issued", 1, DAY), [])]
)
def test_a_column_without_a_value_is_warned_of(tmp_path: Path, last: tuple[Any, ...], warned: list[str]) -> None:
    headings = ["patient_id", "date", "drug", "directions", "event", "quantity", "registered_from"]
    rows = [headings, ["1", DAY, HYDROXO], ["2", DAY, HYDROXO, "", *last]]
    extract = read_sheets(tmp_path, Treatments=rows)
    assert [item.field for item in extract.findings if item.code == "COLUMN_WITHOUT_VALUES"] == warned


# The recipes


SAID = {recipe.system: [line for part in recipe.sections for line in part.lines] for recipe in RECIPES}


def test_every_system_has_a_recipe() -> None:
    assert list(SAID) == SYSTEMS


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_recipe_says_what_matters(system: str) -> None:
    text = " ".join(f"{label} {said}" for label, said in SAID[system])
    for needed in ("CSV", "without identifiers", "with one row for each patient no interval can be seen", HISTORY,
                   "extract_date", "event: administered", "b12audit run ", "patient_id"):  # fmt: skip
        assert needed in text
    assert "may differ" in next(recipe.known for recipe in RECIPES if recipe.system == system)


@pytest.mark.parametrize("system", SYSTEMS)
def test_codes_words_and_fields_of_a_recipe_are_real(system: str) -> None:
    text = "\n".join(f"{label} {said}" for label, said in SAID[system])
    snomed = re.findall(r"(?<!\w)\d{8,18}(?!\w)", text.replace("20240312", ""))
    assert len(snomed) > 10
    assert [code for code in snomed if not check_digit_fits(code)] == []
    assert set(re.findall(r"event: (\w+)$", text, re.MULTILINE)) <= set(vocabulary.EVENT)
    fields = {name for columns in vocabulary.INPUT_COLUMNS.values() for name in columns}
    known = fields | set(vocabulary.ABOUT_KEYS) | set(vocabulary.EVENT)
    names = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", text))
    assert names <= known
    for bnf in re.findall(r"0901020\w+", text):
        assert read_drug(bnf).substance in vocabulary.B12_SUBSTANCES


def test_what_the_recipes_promise_of_reading_is_so() -> None:
    combined = "Hydroxocobalamin 1mg/1ml solution for injection ampoules, Inject 1ml every 12 weeks, 5 ampoules"
    assert read_drug(combined).substance == "hydroxocobalamin"
    interval = read_directions(combined).maintenance
    assert interval is not None
    assert (interval.high, interval.unit) == (12, "weeks")
    assert read_date("20240312", date(1899, 12, 30)) == DAY


def test_every_command_named_is_one() -> None:
    texts = [said for lines in SAID.values() for _, said in lines]
    texts += [said for filled_in in (True, False) for part in read_me(filled=filled_in) for _, said in part.lines]
    named = {command for text in texts for command in re.findall(r"\bb12audit ([a-z]+) (?=[\w~-]+[./-]|--)", text)}
    assert {"run", "pseudonymise", "template"} <= named
    assert named <= set(main.commands)
