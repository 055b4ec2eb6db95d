"""Commands that read an input again read it as its run did, and take what says how."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from audit.cli import main
from audit.errors import InputRejected
from audit.intake.run_folder import read_run_folder

INJECTION = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
OPTIONS = ("--fill-down", "--map", "date=When")
COMMANDS = (["recall"], ["forecast"], ["explain", "A1", "--from"])


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of an export that names its patient once and has a heading of its own."""
    path = tmp_path_factory.mktemp("grouped") / "grouped.xlsx"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["patient_id", "When", "drug", "event"])
    for month in range(1, 6):
        sheet.append(["A1" if month == 1 else None, f"2024-0{month}-01", INJECTION, "administered"])
    book.save(path)
    done = invoke("run", path, *OPTIONS, "--out", path.parent / "report")
    assert done.exit_code == 0, done.output
    return path.parent / "report"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_report_is_read_again_as_its_run_read_it(audited: Path, command: list[str]) -> None:
    done = invoke(*command, audited)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_what_the_refusal_of_an_export_asks_for_can_be_typed(audited: Path, command: list[str]) -> None:
    export = audited.parent / "grouped.xlsx"
    refused = invoke(*command, export, *OPTIONS[1:])
    assert (refused.exit_code, "--fill-down" in refused.output) == (4, True)
    done = invoke(*command, export, *OPTIONS)
    assert done.exit_code == 0, done.output


def test_other_headings_come_before_those_of_the_report(audited: Path) -> None:
    assert invoke("recall", audited, "--map", "date=drug").exit_code == 4


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_report_is_judged_again_by_its_own_standard(audited: Path, command: list[str]) -> None:
    by_group = audited.parent / "patient-group"
    invoke("run", audited.parent / "grouped.xlsx", *OPTIONS, "--standard", "patient-group", "--out", by_group)
    told = invoke(*command, by_group).output
    assert told == invoke(*command, by_group, "--standard", "patient-group").output
    assert told != invoke(*command, by_group, "--standard", "national").output


def test_a_report_by_a_file_finds_it_beside_its_folder_or_asks_for_it(audited: Path) -> None:
    ours = audited.parent / "ours.toml"
    ours.write_text('name = "ours"\ntitle = "Ours"\nedition = "1"\nextends = "national"\n', encoding="utf-8")
    by_file = audited.parent / "by-file"
    done = invoke("run", audited.parent / "grouped.xlsx", *OPTIONS, "--standard", ours, "--out", by_file)
    assert done.exit_code == 0, done.output
    assert invoke("recall", by_file).exit_code == 0
    ours.rename(ours.with_name("moved.toml"))
    refused = invoke("recall", by_file)
    assert (refused.exit_code, "--standard ours.toml" in refused.output) == (2, True)
    assert invoke("recall", by_file, "--standard", ours.with_name("moved.toml")).exit_code == 0


def test_an_export_is_compared_as_it_is_told_to_be_read(audited: Path, tmp_path: Path) -> None:
    export = audited.parent / "grouped.xlsx"
    assert invoke("compare", export, audited, "--out", tmp_path / "out").exit_code == 4
    done = invoke("compare", export, audited, *OPTIONS, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / "compare.html").read_text(encoding="utf-8")
    assert " --map date=&#34;When&#34; --fill-down" in page


def test_a_report_of_several_practices_says_so(audited: Path, tmp_path: Path) -> None:
    for name in ("north.xlsx", "south.xlsx"):
        shutil.copy(audited.parent / "grouped.xlsx", tmp_path / name)
    done = invoke("run", tmp_path / "north.xlsx", tmp_path / "south.xlsx", *OPTIONS, "--out", tmp_path / "both")
    assert done.exit_code == 0, done.output
    refused = invoke("recall", tmp_path / "both")
    assert (refused.exit_code, "SEVERAL_PRACTICES" in refused.output) == (4, True)
    assert "b12audit recall FILE" in refused.output


def test_practices_of_different_periods_are_told_how_to_get_one(tmp_path: Path) -> None:
    periods = [{"period_from": f"{year}-04-01", "period_to": f"{year + 1}-03-31"} for year in (2023, 2024)]
    with pytest.raises(InputRejected) as error:
        read_run_folder(tmp_path, {"inputs": periods, "standard": {"numbers": {}}})
    assert (error.value.code, "--from" in error.value.remedy) == ("RUN_FOLDER_PERIODS", True)


def test_a_pack_of_a_folder_of_extracts_says_how_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "our practices").mkdir()
    refused = invoke("pack", tmp_path / "our practices")
    assert (refused.exit_code, f'--from-inputs "{tmp_path / "our practices"}"' in refused.output) == (4, True)
