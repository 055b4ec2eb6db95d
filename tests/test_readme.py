"""The README is true: each of its commands runs, and its tables are those of the program."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from audit import errors
from audit.cli import main
from schemas import vocabulary
from tests.intake_files import write_csv
from tests.profile_files import EMIS, coded_list, issue_list

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?:sh|bat)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCK.findall(README) for line in block.splitlines() if line.strip()]
TARGETS = [line.split()[1] for line in COMMANDS if line.startswith("make ")]
#: What has to be there before a command: the runs that it compares.
BEFORE = {
    "compare": ("b12audit run records.xlsx --to 2025-03-31", "b12audit run records.xlsx"),
    "pack": ("b12audit run north.xlsx south.xlsx --out both-practices",),
}
#: Commands that another test runs: the file and the name of the test.
ELSEWHERE = {
    "py -m pip install .": ("test_packaging.py", "test_the_installed_wheel_makes_a_report"),
    **dict.fromkeys(
        ("b12audit doctor", "b12audit nightly", "b12audit status --max-age 26h"),
        ("test_nightly.py", "test_the_commands_of_the_readme_in_their_order"),
    ),
}
RUNS = [line for line in COMMANDS if line.startswith("b12audit ") and line not in ELSEWHERE]


def practice(little: Path, path: Path) -> None:
    """The sample as another practice, named after its file."""
    book = openpyxl.load_workbook(little)
    for sheet in book:
        for row in sheet.iter_rows():
            if row[0].value == "practice_id" and len(row) > 1:
                row[1].value = path.stem
    book.save(path)


@pytest.fixture(scope="session")
def workbooks(little: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbooks that the README names."""
    place = tmp_path_factory.mktemp("workbooks")
    (place / "sample_data").mkdir()
    for name in ("records.xlsx", "sample_data/records.xlsx"):
        shutil.copy(little, place / name)
    for name in ("north.xlsx", "south.xlsx"):
        practice(little, place / name)
    return place


@pytest.fixture
def folder(workbooks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with copies of these workbooks; the test stands in it."""
    shutil.copytree(workbooks, tmp_path, dirs_exist_ok=True)
    write_csv(tmp_path / "emis_issues.csv", issue_list(EMIS))
    write_csv(tmp_path / "emis_coded.csv", coded_list(EMIS))
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return tmp_path


def b12audit(command: str) -> Result:
    """What a command line does; Windows's separators are read as ours."""
    return CliRunner().invoke(main, shlex.split(command.replace("\\", "/"))[1:])


def dry_run(target: str) -> str:
    """What make would run for a target."""
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def cells(heading: str) -> list[list[str]]:
    """The body of the table below a heading, cell by cell, backquotes left out."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in row] for row in rows[2:]]


# Commands


def test_every_command_is_run_by_a_test() -> None:
    known = {*RUNS, *ELSEWHERE, *(f"make {target}" for target in TARGETS)}
    assert [line for line in COMMANDS if line not in known] == []
    assert COMMANDS[:2] == ["make demo", "make test"]


@pytest.mark.parametrize("target", TARGETS)
def test_a_make_target_exists(target: str) -> None:
    assert dry_run(target).strip()


def test_make_demo_is_the_first_run_shown_for_windows() -> None:
    assert RUNS[0].replace("\\", "/") in dry_run("demo")


@pytest.mark.parametrize("command", ELSEWHERE)
def test_the_test_of_another_command_exists(command: str) -> None:
    file, name = ELSEWHERE[command]
    assert command in COMMANDS
    assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


#: commands that audit several times: run by the slow suite
LONG = ("b12audit compare ", "b12audit pack ", "b12audit run ", "b12audit forecast ", "b12audit demo")
CASES = [
    pytest.param(line, marks=pytest.mark.slow) if number and line.startswith(LONG) else line
    for number, line in enumerate(RUNS)
]


@pytest.mark.parametrize("command", CASES)
def test_a_command_succeeds(command: str, folder: Path) -> None:
    for earlier in (before := BEFORE.get(command.split()[1], ())):
        assert b12audit(earlier).exit_code == 0
    result = b12audit(command)
    assert result.exit_code == 0, result.output
    reports = len(list(folder.glob("**/report.html"))) - len(before)
    assert reports == int(command.startswith("b12audit run ") and "--help" not in command)


# Tables and links


def test_the_files_named_are_the_files_made(folder: Path) -> None:
    assert b12audit("b12audit run records.xlsx --out made").exit_code == 0
    told = {file for file, _ in cells("What comes out")}
    assert {path.name for path in (folder / "made").iterdir()} == told


def test_without_out_the_report_is_beside_the_workbook(folder: Path) -> None:
    assert b12audit("b12audit run records.xlsx --extract-date 2024-06-30").exit_code == 0
    assert (folder / "records-b12audit-2024-06-30" / "report.html").is_file()


def test_the_exit_codes_are_those_of_the_program() -> None:
    told = {int(code) for codes, _ in cells("Exit codes") for code in codes.split(",")}
    finished = {errors.COMPLETE, errors.PARTIAL, errors.THRESHOLD_MISSED}
    kinds: list[type[errors.AuditError]] = [errors.AuditError, *errors.AuditError.__subclasses__()]
    raised = {kind.exit_code for kind in kinds}
    assert told == finished | raised | {130, 143}


def test_the_columns_are_those_of_the_contract() -> None:
    told = {sheet.strip("*"): columns.split(", ") for sheet, _, columns in cells("Audit your own practice")}
    about = told.pop("About")
    assert told.keys() == vocabulary.INPUT_COLUMNS.keys()
    for sheet, names in told.items():
        assert [name.strip("*") for name in names] == list(vocabulary.INPUT_COLUMNS[sheet])
        needed = [name.strip("*") for name in names if name.endswith("*")]
        assert needed == list(vocabulary.REQUIRED_COLUMNS[sheet])
    assert about == list(vocabulary.ABOUT_KEYS)


def test_every_link_leads_to_a_file() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []
