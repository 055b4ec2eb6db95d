"""`check`: says what a file holds and what to mend, in its own cells, as a run would find it, and judges nobody."""

from __future__ import annotations

import ast
import csv
import json
import re
import shlex
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

import audit.pipeline
import audit.render.fixes
from audit.cli import main
from audit.intake.cells import Sheet, text
from audit.intake.findings import LIMIT
from audit.intake.own_files import has_fixes_title, is_fixes
from audit.intake.read import inputs, read_extract
from audit.intake.source import open_source
from audit.render.check_json import KEYS
from audit.render.fixes_workbook import ROW_IN_FILE, TO_DO
from audit.render.remedies import REMEDIES
from tests.intake_files import HYDROXO, TREATMENT_HEADINGS, Rows, treatment, write_csv, write_xlsx

ROOT = Path(__file__).resolve().parent.parent
MESSY = ROOT / "sample_data" / "messy.xlsx"
ABOUT = [["extract_date", "2024-06-01"], ["history_start", "2019-01-01"]]


def check(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


def document(*arguments: object) -> dict[str, Any]:
    done = check(*arguments, "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["exit_code"] == done.exit_code
    return found


def practice(path: Path, *rows: list[Any]) -> Path:
    """A workbook of one patient with these treatments; three good ones unless told otherwise."""
    usual = [treatment(date=date(2024, month, 1)) for month in (1, 3, 5)]
    patients = [["patient_id", "neurological_involvement"], ["1", "no"]]
    treatments = [TREATMENT_HEADINGS, *(rows or usual)]
    return write_xlsx(path, {"About": ABOUT, "Patients": patients, "Treatments": treatments})


# The messy sample, checked once


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The messy sample beside its workbook of fixes, and what was said."""
    path = tmp_path_factory.mktemp("messy") / "messy.xlsx"
    path.write_bytes(MESSY.read_bytes())
    return path, check(path)


@pytest.fixture(scope="module")
def report(messy: tuple[Path, Result]) -> Path:
    """The report of a run on the same file."""
    path, _ = messy
    made = CliRunner().invoke(main, ["run", str(path), "--out", str(path.parent / "out")])
    assert made.exit_code == 0, made.output
    return path.parent / "out"


def fixes_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}-fixes.xlsx")


def test_what_is_next_runs_as_it_is_pasted(tmp_path: Path) -> None:
    rows = [["Pt code", "Day given", "Injected"], ["A1", "01/03/2024", HYDROXO], ["", "08/03/2024", HYDROXO]]
    path = write_csv(tmp_path / "clinic list.csv", rows)
    given = ("--map", "patient_id=Pt code", "--map", "date=Day given", "--map", "drug=Injected", "--fill-down")
    done = check(path, *given, "--extract-date", "2024-04-01")
    program, *words = shlex.split(done.stdout.splitlines()[-1].removeprefix("Next: "))
    assert (program, words[0], "'" in done.stdout.splitlines()[-1]) == ("b12audit", "run", False)
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == done.exit_code == 0, ran.output
    assert json.loads((next(tmp_path.glob("*/run.json"))).read_text())["options"]["extract-date"] == "2024-04-01"


def test_the_screen_says_what_was_read_what_is_missing_and_what_is_next(messy: tuple[Path, Result]) -> None:
    path, done = messy
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert len(lines) <= 26
    assert lines[2].startswith('  Sheet "Treatments", 469 rows below row 5: patient_id A, date B, drug C, event D')
    for said in (
        "  Not read: Sheet2",
        "messy.xlsx: extract date 31 March 2026 (stated in the file)",
        "Used 446 of 469 treatment rows; set aside 23: 9 exact duplicates, 8 that could not be read, "
        "2 dated after the end, 2 without a patient id, 2 not vitamin B12",
        "Set aside 2 of 148 rows of Tests and 2 of 4 rows of Reviews",
        "  neurological_involvement  8 of 25 patients: judged by both schedules; where the two differ, the report "
        "cannot tell",
        "  event                     2 of 455 rows: the row is set aside, and its patient cannot be assessed",
        "Found 15 not used, 14 to check, 11 notes",
        "  3 x The date cannot be read: it is set aside, and its patient cannot be assessed. First: Treatments B146",
    ):
        assert said in lines
    assert lines[-3].split()[:2] == ["Fixes", str(fixes_of(path))]
    assert lines[-2:] == ["Can be audited.", f"Next: b12audit run {path}"]
    assert done.stderr == ""


def test_the_numbers_are_those_of_a_run(messy: tuple[Path, Result], report: Path) -> None:
    summary = json.loads((report / "summary.json").read_text(encoding="utf-8"))
    run = json.loads((report / "run.json").read_text(encoding="utf-8"))
    found = document(messy[0], "--no-fixes")
    assert found["cohort"] == summary["cohort"]
    assert found["findings"] == summary["findings"]
    (one,) = found["inputs"]
    assert {key: one[key] for key in run["inputs"][0]} == run["inputs"][0]
    assert one["rows"] == run["counts"]["rows"]
    assert sum(kind["count"] for kind in one["findings"]) == run["counts"]["findings"]
    treatments = next(sheet for sheet in one["sheets"] if sheet["table"] == "Treatments")
    assert (treatments["rows"], treatments["heading_row"]) == (469, 5)
    assert treatments["columns"]["date"] == {"column": "B", "heading": "Date"}
    assert one["fixes"] is None


def copied(path: Path) -> dict[str, Sheet]:
    """The sheets that a reader of values sees, without the list of fixes."""
    return {sheet.name: sheet for sheet in open_source(path).sheets if sheet.name != "Fixes"}


def last_column(sheet: Sheet) -> int | None:
    """Where the added column stands, None in a sheet without one."""
    return next((row.index(TO_DO) for row in sheet.rows if TO_DO in row), None)


def test_the_cells_that_stand_out_are_those_of_the_findings(messy: tuple[Path, Result], report: Path) -> None:
    book = openpyxl.load_workbook(fixes_of(messy[0]))
    marked = set()
    for page in book.worksheets[1:]:
        for row in page.iter_rows():
            for cell in row:
                if cell.fill.fill_type == "solid" and cell.value != TO_DO:
                    marked.add((page.title, cell.coordinate))
                    assert cell.comment is not None
                    assert "What to do: " in cell.comment.text
                else:
                    assert cell.comment is None
    with (report / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = {(row["sheet"], row["column"] + row["row"]) for row in rows if row["column"] and row["row"]}
    assert len(named) > 20
    assert marked == named


def test_all_other_cells_are_as_in_the_input(messy: tuple[Path, Result]) -> None:
    path, _ = messy
    before, after = copied(path), copied(fixes_of(path))
    assert list(before) == list(after)
    for name, sheet in before.items():
        added = last_column(after[name])
        for row, cells in enumerate(sheet.rows):
            here = list(after[name].rows[row])[:added] if row < len(after[name].rows) else []
            width = max(len(cells), len(here))
            assert [*here, *[""] * (width - len(here))] == [*cells, *[""] * (width - len(cells))], (name, row)


def test_each_faulty_row_says_what_to_do(messy: tuple[Path, Result]) -> None:
    path, _ = messy
    sheet = copied(fixes_of(path))["Treatments"]
    place = last_column(sheet)
    assert place == 8
    assert sheet.rows[145][place] == "date (column B): Type the whole date, day first, for example 13/03/2024."
    assert sheet.rows[258][place] == (
        "event (column D): Type what happened in one of the words that are read. Words that are read: administered, "
        "self_administered, given_elsewhere, issued, declined, deferred, not_attended, stopped."
    )


def test_the_list_has_every_finding_and_leads_to_its_cell(messy: tuple[Path, Result]) -> None:
    path, _ = messy
    page = openpyxl.load_workbook(fixes_of(path)).worksheets[0]
    assert page.title == "Fixes"
    rows = list(page.iter_rows())
    top = next(number for number, row in enumerate(rows) if row[0].value == "Sheet")
    listed = rows[top + 1 :]
    assert len(listed) == document(path, "--no-fixes")["findings"]["by_severity"]["error"] + 14 + 11
    order = ["Not used", "Check", "Note"]
    severities = [order.index(row[5].value) for row in listed]
    assert severities == sorted(severities)
    for row in listed:
        if row[1].value and re.fullmatch(r"[A-Z]+\d+", row[1].value):
            assert row[1].hyperlink.location == f"'{row[0].value}'!{row[1].value}"
            assert row[1].hyperlink.target is None


def test_the_same_input_gives_the_same_bytes_and_is_not_touched(messy: tuple[Path, Result]) -> None:
    path, _ = messy
    made = fixes_of(path).read_bytes()
    assert check(path).exit_code == 0
    assert fixes_of(path).read_bytes() == made
    assert path.read_bytes() == MESSY.read_bytes()
    assert stat.S_IMODE(fixes_of(path).stat().st_mode) == 0o600
    assert not list(path.parent.glob(".b12audit-*"))


def test_nobody_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(*_: object) -> None:
        raise AssertionError

    for name in ("judge", "fixes", "score"):
        monkeypatch.setattr(audit.pipeline, name, judged)
    assert check(practice(tmp_path / "a.xlsx")).exit_code == 0


# The document


def test_every_key_of_the_document_is_explained_and_every_explained_key_is_there(tmp_path: Path) -> None:
    practice(tmp_path / "a.xlsx")
    write_csv(tmp_path / "b.csv", [["patient_id", "date"], ["1", "2024-01-01"]])
    found = document(tmp_path)
    assert found["exit_code"] == 3
    lists = ("inputs", "refused")
    within = [f"{name}.{key}" for name in lists for key in found[name][0]]
    assert sorted([*found, *within]) == sorted(KEYS)
    assert found["refused"][0]["code"] == "COLUMNS_MISSING"
    assert found["inputs"][0]["fixes"] == str(tmp_path / "a-fixes.xlsx")


def test_a_refusal_is_a_document_too(tmp_path: Path) -> None:
    found = document(write_csv(tmp_path / "b.csv", [["patient_id", "date"], ["1", "2024-01-01"]]))
    assert (found["can_be_audited"], found["cohort"], found["inputs"]) == (False, None, [])
    assert found["refused"][0]["exit_code"] == found["exit_code"] == 4
    assert document(tmp_path / "none.csv")["refused"][0]["code"] == "NO_SUCH_FILE"


# Exit codes


def test_a_file_with_a_fifth_of_its_rows_lost_can_be_audited_in_part_only(tmp_path: Path) -> None:
    good, bad = treatment(), treatment(date="soon")
    path = practice(tmp_path / "a.xlsx", good, treatment(date=date(2024, 1, 1)), bad)
    done = check(path)
    assert done.exit_code == 3
    assert done.stdout.splitlines()[-2] == "Can be audited only in part: 1 of 3 treatment rows could not be used."
    assert CliRunner().invoke(main, ["run", str(path)]).exit_code == 3


def test_what_a_run_refuses_is_refused_with_its_code_and_leaves_no_fixes(tmp_path: Path) -> None:
    treatments = [["patient_id", "date", "drug"], ["1", "2024-01-01", HYDROXO]]
    named = [[*treatments[0], "NHS Number"], *([*treatments[1], number] for number in ("9434765919", "9434765870"))]
    whole = practice(tmp_path / "whole.xlsx").read_bytes()
    (tmp_path / "whole.xlsx").unlink()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) * 2 // 3])
    refused = {
        4: write_csv(tmp_path / "columns.csv", [["patient_id", "date"], ["1", "2024-01-01"]]),
        5: write_csv(tmp_path / "named.csv", named),
        6: write_csv(tmp_path / "empty.csv", [["patient_id", "date", "drug"]]),
        11: tmp_path / "cut.xlsx",
    }
    for code, path in refused.items():
        done = check(path)
        assert (done.exit_code, done.stdout) == (code, ""), path
        assert "what to do:" in done.stderr
    drugs = write_csv(tmp_path / "drugs.csv", [treatments[0], ["1", "2024-01-01", "Aspirin 75mg tablets"]])
    assert check(drugs).exit_code == 6
    assert CliRunner().invoke(main, ["run", str(drugs)]).exit_code == 6
    assert not list(tmp_path.glob("*-fixes.xlsx"))


def test_several_files_are_listed_each(tmp_path: Path) -> None:
    practice(tmp_path / "north.xlsx")
    practice(tmp_path / "south.xlsx")
    write_csv(tmp_path / "west.csv", [["patient_id", "date"], ["1", "2024-01-01"]])
    done = check(tmp_path)
    assert done.exit_code == 3
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:7:3]] == ["north.xlsx", "south.xlsx", "west.csv"]
    assert "west.csv: would be refused. The column drug cannot be found" in lines[6]
    assert sorted(path.name for path in tmp_path.glob("*-fixes.xlsx")) == ["north-fixes.xlsx", "south-fixes.xlsx"]


# Where the fixes go


def test_a_workbook_of_fixes_is_no_input_of_its_folder(tmp_path: Path) -> None:
    path = practice(tmp_path / "a.xlsx")
    assert check(tmp_path).exit_code == check(tmp_path).exit_code == 0
    assert inputs([tmp_path]) == [path]
    own = practice(tmp_path / "own-fixes.xlsx")
    assert inputs([tmp_path]) == [path, own]
    assert is_fixes(tmp_path / "a-fixes.xlsx")
    (tmp_path / "b-fixes.xlsx").write_bytes(b"PK\x03\x04 damaged")
    assert not has_fixes_title(tmp_path / "b-fixes.xlsx")


def test_what_is_no_workbook_of_fixes_is_not_replaced_but_the_rest_is_said(tmp_path: Path) -> None:
    path = practice(tmp_path / "a.xlsx")
    own = practice(tmp_path / "a-fixes.xlsx")
    before = own.read_bytes()
    done = check(path)
    assert done.exit_code == 7
    assert "FIXES_TAKEN" in done.stderr
    assert done.stdout.splitlines()[-2] == "Can be audited."
    assert "Fixes " not in done.stdout
    assert own.read_bytes() == before
    assert document(path)["inputs"][0]["fixes"] is None


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = practice(tmp_path / "a.xlsx")
    monkeypatch.setattr(tempfile, "mkdtemp", denied)
    done = check(path)
    assert done.exit_code == 7
    assert "CANNOT_WRITE: The workbook of fixes cannot be written (Permission denied)." in done.stderr
    assert "--no-fixes" in done.stderr
    assert check(path, "--no-fixes").exit_code == 0


@pytest.mark.parametrize(
    "asked",
    [("--fixes", "a.xlsx"), ("--fixes", "a.csv"), ("--no-fixes", "--fixes", "x.xlsx"), ("b.xlsx", "--fixes", "x.xlsx")],
)
def test_a_place_that_makes_no_sense_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = practice(Path("a.xlsx")).read_bytes()
    practice(Path("b.xlsx"))
    assert check("a.xlsx", *asked).exit_code == 2
    assert Path("a.xlsx").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_two_inputs_of_one_name_do_not_share_their_fixes(tmp_path: Path) -> None:
    paths = practice(tmp_path / "a.xlsx"), write_csv(tmp_path / "a.csv", [TREATMENT_HEADINGS])
    assert check(*paths).exit_code == 2
    (tmp_path / "there").mkdir()
    assert check(paths[0], "--fixes", tmp_path / "there").exit_code == 0
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["a-fixes.xlsx"]


# What the input may hold


LINKS = ('=HYPERLINK("http://x.example","y")', "http://x.example/", "mailto:a", "external:a", "internal:a!A1")
PAYLOADS = ("=1+1", "@x", "+2", "-2+3", "\uff1d1", "\tq", "{=1}", *LINKS)


def parts(path: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name, archive.read(name).decode("utf-8", "replace")


def test_text_of_the_input_never_runs_and_never_links(tmp_path: Path) -> None:
    rows = [treatment(directions=payload, date="soon", event=payload) for payload in PAYLOADS]
    good = [treatment(patient_id=str(number), event="issued") for number in range(2, 60)]
    others: dict[str, Rows] = {"http_x": [["=2+2"]], "Fixes": [["x"], ["external:y"]]}
    sheets: dict[str, Rows] = {"=1+1": [TREATMENT_HEADINGS, *good, *rows], **others}
    path = write_xlsx(tmp_path / "a.xlsx", sheets)
    done = check(path, "--extract-date", "2024-06-01")
    assert done.exit_code in (0, 3), done.output
    made = fixes_of(path)
    for name, content in parts(made):
        assert "<f>" not in content, name
        assert 'TargetMode="External"' not in content, name
        assert "<hyperlink " not in content, "a sheet whose name is no plain word gets no links"
    book = openpyxl.load_workbook(made)
    assert book.sheetnames[0] == "Fixes"
    typed = [cell.value for cell in book["=1+1"]["H"]]
    assert [value for value in typed if value in PAYLOADS] == list(PAYLOADS)
    assert {cell.data_type for cell in book["=1+1"]["H"] if cell.value} == {"s"}
    assert book["Fixes (2)"]["A2"].value == "external:y"


def test_cells_keep_their_kind_and_blank_ones_are_marked_too(tmp_path: Path) -> None:
    cells = ["0123", datetime(2024, 3, 12, 9, 30), HYDROXO, "administered", "im", 1.5, True, "every 3 months"]
    sheets = {"Treatments": [TREATMENT_HEADINGS, cells, treatment(event=""), treatment(patient_id="0123")]}
    path = write_xlsx(tmp_path / "a.xlsx", sheets, date_1904=True)
    assert check(path, "--extract-date", "2024-06-01").exit_code == 3
    before, after = copied(path)["Treatments"], copied(fixes_of(path))["Treatments"]
    assert list(after.rows[1][:8]) == list(before.rows[1]) == cells
    assert after.origin == before.origin
    cell = openpyxl.load_workbook(fixes_of(path))["Treatments"]["D3"]
    assert (cell.value, cell.fill.fill_type) == (None, "solid")


def test_a_csv_file_with_uneven_rows_is_copied_as_text(tmp_path: Path) -> None:
    first, short = ["0123", "01/02/2024", HYDROXO, "administered"], ["0123", "1/5/2024", HYDROXO]
    issued = [["0123", f"{day}/3/2024", HYDROXO, "issued", "", "", 1] for day in range(1, 9)]
    path = write_csv(tmp_path / "a.csv", [["note"], [*TREATMENT_HEADINGS], first, short, *issued])
    assert check(path).exit_code == 0
    (after,) = copied(fixes_of(path)).values()
    assert [text(cell) for cell in after.rows[2][:4]] == ["0123", "01/02/2024", HYDROXO, "administered"]
    assert last_column(after) == len(TREATMENT_HEADINGS)
    assert "event (column D): Type what happened." in str(after.rows[3][8])


def test_of_a_large_input_only_faulty_rows_are_copied_with_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit.render.fixes, "MOST_ROWS", 20)
    rows = [treatment(date=date(2024, 1, 1 + day)) for day in range(25)]
    rows[17] = treatment(date="soon")
    path = practice(tmp_path / "a.xlsx", *rows)
    assert check(path).exit_code == 0
    book = openpyxl.load_workbook(fixes_of(path))
    assert book.sheetnames == ["Fixes", "Treatments"]
    page = book["Treatments"]
    assert page.max_row == 2
    assert [cell.value for cell in page[1]][-2:] == [TO_DO, ROW_IN_FILE]
    assert (page["B2"].value, page["J2"].value, page["B2"].fill.fill_type) == ("soon", 19, "solid")
    links = [cell.hyperlink.location for row in book["Fixes"].iter_rows() for cell in row if cell.hyperlink]
    assert links == ["'Treatments'!B2"]
    notes = " ".join(str(row[0]) for row in book["Fixes"].iter_rows(values_only=True))
    assert "only those with something to mend are copied" in notes


def test_what_may_be_a_persons_is_masked_in_the_copy(tmp_path: Path) -> None:
    rows = [treatment(date=date(2024, 1, day), directions="every 3 months") for day in range(1, 20)]
    rows[3] = treatment(date=date(2024, 1, 4), directions="ring 07700 900123 then every 3 months")
    path = practice(tmp_path / "a.xlsx", *rows)
    done = check(path)
    assert done.exit_code == 0
    assert "IDENTIFIER_SUSPECTED" in document(path)["findings"]["by_code"]
    assert not [name for name, content in parts(fixes_of(path)) if "900123" in content]
    assert "900123" not in done.output


# What to do


CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
RAISERS = {"Finding": 1, "cells": 1, "first": 1, "_note": 1, "_at": 3, "_remark": 3}
LOOKED_AT = [*sorted((ROOT / "audit" / "intake").rglob("*.py")), ROOT / "audit" / "cohort" / "window.py"]
LOOKED_AT += [ROOT / "audit" / "results" / "findings.py"]


def raised(tree: ast.Module) -> set[str]:
    """The kinds of finding that a module raises; where one is no plain text, every word of the module that may be."""
    codes: set[str] = set()
    others = {id(word.value) for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    exported = [node.value for node in assigned if ast.unparse(node.targets[0]) == "__all__"]
    others |= {id(name) for names in exported for name in ast.walk(names)}
    for node in ast.walk(tree):
        name = ast.unparse(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""
        if not isinstance(node, ast.Call) or len(node.args) <= RAISERS.get(name, len(node.args)):
            continue
        given = node.args[RAISERS[name]]
        if isinstance(given, ast.Constant):
            codes |= {given.value} if isinstance(given.value, str) else set()
        else:
            constants = [one for one in ast.walk(tree) if isinstance(one, ast.Constant) and id(one) not in others]
            codes |= {one.value for one in constants if isinstance(one.value, str) and CODE.fullmatch(one.value)}
    return codes


def test_every_kind_of_finding_has_a_remedy_and_no_remedy_is_left_over() -> None:
    codes = set().union(*(raised(ast.parse(path.read_text(encoding="utf-8"))) for path in LOOKED_AT))
    assert codes == set(REMEDIES)


def test_a_kind_without_a_remedy_is_noticed() -> None:
    module = 'findings.cells("error", "NEW_KIND", m, at, rows)\n_note(g, code, m)\nx = {"OTHER_KIND": 1}'
    assert raised(ast.parse(module)) == {"NEW_KIND", "OTHER_KIND"}
    assert raised(ast.parse('raise InputRejected("x", code="NO_KIND")\nFinding("note", "A_KIND", m)')) == {"A_KIND"}


def test_the_kinds_of_the_samples_are_among_those_that_were_looked_for() -> None:
    assert {item.code for item in read_extract(MESSY).findings} <= set(REMEDIES)


def test_remedies_are_sentences_that_fit_a_cell() -> None:
    assert [code for code, said in REMEDIES.items() if not said.endswith(".") or len(said) > 110] == []
    assert LIMIT <= 1000, "so many comments a workbook can bear"


def test_names_of_sheets_become_names_that_excel_takes(tmp_path: Path) -> None:
    names = ("Treatments", "'a[1]:b*?'", "A_1__B__", "x" * 40, "x" * 41, "\U0001f600" * 20, "history", " ")
    sheets = [Sheet("a.zip", name, [["x"]]) for name in names]
    made = audit.render.fixes._names(sheets)
    assert made[:4] == ["Treatments", "a_1__b__", "A_1__B__ (2)", "x" * 31]
    assert made[4:] == ["x" * 27 + " (2)", "\U0001f600" * 15, "history (2)", "Sheet"]
    write_xlsx(tmp_path / "a.xlsx", {name: [["x"]] for name in made})
