"""One patient's account: the same sentences as the worklist, true source rows, and changes that really change it."""

from __future__ import annotations

import functools
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from audit.cli import main
from audit.cohort.window import AuditWindow, DateOptions, settle_window
from audit.errors import UsageError
from audit.intake.extract import Extract
from audit.intake.read import read_extract
from audit.pipeline import audit
from audit.render.view import build_view
from audit.results.account import Account, account, only_patient, parse_what_if
from audit.results.audit import AuditResult
from audit.standards.standard import load_standard
from sample_data import path as sample_path

TODAY = date(2026, 11, 21)
RECORDS = sample_path("records.xlsx")


@functools.cache
def extract() -> Extract:
    return read_extract(RECORDS)


@functools.cache
def window() -> AuditWindow:
    return settle_window(extract(), DateOptions(), load_standard(), TODAY)[0]


@functools.cache
def result() -> AuditResult:
    return audit([extract()], DateOptions(), load_standard(), TODAY)


def told_of(patient: str, *criteria: str, what_if: tuple[str, str] | None = None) -> Account:
    return account(extract(), window(), load_standard(), patient, criteria, what_if)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


@pytest.mark.slow
def test_the_account_has_the_worklists_sentences() -> None:
    rows = build_view(result(), version="0", command="").worklist.rows
    assert len(rows) > 20
    for row in rows[::5]:
        told = told_of(row.patient, row.criterion).told[0]
        assert told.sentence == row.why


def test_judging_one_patient_alone_changes_no_verdict() -> None:
    verdicts = result().verdicts
    for patient in ("P0047", "P0060", "P0112"):
        own = verdicts[(verdicts["patient_id"] == patient) & ~verdicts["outcome"].isin(["excluded", "not_applicable"])]
        assert [told.criterion for told in told_of(patient).told] == own["criterion"].tolist()
        assert only_patient(extract(), patient).patients["patient_id"].tolist() == [patient]


def test_source_rows_hold_the_dates_that_are_told() -> None:
    (told,) = told_of("P0047", "maintenance-interval-neuro").told
    sheet = load_workbook(RECORDS, read_only=False)["Treatments"]
    assert told.rows
    for text in told.rows:
        row = int(text.split()[2])
        patient, day = sheet.cell(row, 1).value, sheet.cell(row, 2).value
        assert patient == "P0047"
        assert f"({day.day} {day:%B %Y})" in text


def test_what_would_change_it_does() -> None:
    (told,) = told_of("P0047", "prescribed-interval").told
    assert told.outcome == "not met"
    assert "if neurological involvement were no: met" in told.changes
    (changed,) = told_of("P0047", "prescribed-interval", what_if=("neurological_involvement", "no")).told
    assert changed.outcome == "met"


def test_guidance_is_that_in_force() -> None:
    (told,) = told_of("P0047", "prescribed-interval").told
    assert any("2 to 3 months" in text for text in told.guidance)


def test_the_command_tells_it(little: Path, tmp_path: Path) -> None:
    done = run("P0047", "maintenance-interval-neuro", "--from", str(little))
    assert done.exit_code == 0, done.output
    assert "due by 10 May 2025" in done.output
    assert "Treatments row" in done.output
    supposed = run("P0047", "maintenance-interval-neuro", "--from", str(little), "--what-if", "neuro=no")
    assert "not asked" in supposed.output
    # from a run folder, as long as its input stands beside it unchanged
    copy = shutil.copy(little, tmp_path / "records.xlsx")
    assert CliRunner().invoke(main, ["run", str(copy), "--out", str(tmp_path / "out")]).exit_code == 0
    again = run("P0047", "maintenance-interval-neuro", "--from", str(tmp_path / "out"))
    assert again.output == done.output
    Path(copy).write_bytes(b"changed")
    gone = run("P0047", "--from", str(tmp_path / "out"))
    assert gone.exit_code == 4
    assert "INPUT_NOT_FOUND" in gone.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("P9999",), "NO_SUCH_PATIENT"),
        (("P0047", "neuro-continuedd"), 'did you mean "neuro-continued"'),
        (("P0047", "--what-if", "neuro=perhaps"), "yes, no, unknown"),
        (("P0047", "--what-if", "shoes=yes"), "There is no field"),
        (("P0047", "--what-if", "onset=soon"), "YYYY-MM-DD"),
    ],
)
def test_wrong_names_are_usage_errors(arguments: tuple[str, ...], says: str, little: Path) -> None:
    done = run(*arguments, "--from", str(little))
    assert done.exit_code == 2
    assert says in done.output
    assert "P9999" not in done.output


def test_no_report_to_explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("P0047")
    assert done.exit_code == 4
    assert "NO_REPORT_HERE" in done.output


def test_what_if_reads_words_and_dates() -> None:
    assert parse_what_if("neuro = Yes") == ("neurological_involvement", "yes")
    assert parse_what_if("cause=ileal resection") == ("cause", "ileal_resection")
    assert parse_what_if("diagnosis_date=2024-01-05") == ("diagnosis_date", date(2024, 1, 5))
    with pytest.raises(UsageError):
        parse_what_if("cause=magic")
