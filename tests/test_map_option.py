"""`--map` and `--save-map`: what a refusal proposes can be pasted, what was used can be saved, and a run tells it."""

from __future__ import annotations

import json
import shlex
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from tests.intake_files import HYDROXO, write_csv

HEADINGS = ["Pseudo ID", "Date of Issue", "Date Given", "Drug nmae", "Event Type", "Dosage", "YOB"]


def export(path: Path) -> Path:
    rows: list[list[Any]] = [HEADINGS]
    for patient in range(1, 4):
        for month in range(1, 13, 2):
            day = date(2024, month, 3 + patient)
            rows.append([f"P{patient}", day, day, HYDROXO, "given", "every 2 months", 1950])
    return write_csv(path, rows)


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def pasted(refused: Result, *more: object) -> Result:
    """What the refusal proposes, run as it stands."""
    (line,) = [line for line in refused.stderr.splitlines() if "b12audit run" in line]
    words = shlex.split(line[line.index("b12audit run") :])
    return command(*words[1:], *more)


def test_what_a_refusal_proposes_runs_as_it_stands_and_the_run_tells_it(tmp_path: Path) -> None:
    folder = tmp_path / "a practice"
    folder.mkdir()
    refused = command("run", export(folder / "list 1.csv"), "--out", tmp_path / "out")
    assert (refused.exit_code, "HEADING_UNSURE" in refused.stderr) == (4, True)
    done = pasted(refused, "--out", folder / "out", "--save-map", tmp_path / "map.toml")
    assert done.exit_code == 0, done.output
    manifest = json.loads((folder / "out" / "run.json").read_text())
    assert manifest["options"]["map"].split("\n") == ['date="Date of Issue"', 'drug="Drug nmae"']
    page = (folder / "out" / "report.html").read_text()
    assert "--map date=&#34;Date of Issue&#34; --map drug=&#34;Drug nmae&#34;" in page
    # the report knows how its input was read
    told = command("explain", "P1", "not-overdue", "--from", folder / "out")
    assert (told.exit_code, "P1" in told.stdout) == (0, True)
    told = command(
        "explain", "P1", "--from", folder / "list 1.csv", "--map", "date=Date Given", "--map", "drug=Drug nmae"
    )
    assert (told.exit_code, "P1" in told.stdout) == (0, True)
    # another heading makes another run
    other = command("run", folder / "list 1.csv", "--out", folder / "out", "--map", tmp_path / "map.toml")
    assert other.exit_code == 0, other.output
    assert json.loads((folder / "out" / "run.json").read_text())["run_id"] != manifest["run_id"]


def test_what_was_used_is_saved_for_next_time(tmp_path: Path) -> None:
    given, saved = export(tmp_path / "list.csv"), tmp_path / "map.toml"
    pairs = ["--map", "date=Date Given", "--map", "drug=Drug nmae", "--map", "event="]
    done = command("run", given, *pairs, "--save-map", saved, "--out", tmp_path / "one")
    assert done.exit_code == 0, done.output
    first = saved.read_text(encoding="utf-8")
    assert first.startswith("# ")
    assert first.splitlines()[2:] == [
        "[Treatments]",
        'date = "Date Given"',
        'directions = "Dosage"',
        'drug = "Drug nmae"',
        'event = ""',
        'patient_id = "Pseudo ID"',
        'year_of_birth = "YOB"',
    ]
    again = command("run", given, "--map", saved, "--save-map", saved, "--out", tmp_path / "two")
    assert again.exit_code == 0, again.output
    assert saved.read_text(encoding="utf-8") == first
    verdicts = [(tmp_path / folder / "verdicts.csv").read_bytes() for folder in ("one", "two")]
    assert verdicts[0] == verdicts[1]
    assert not list(tmp_path.glob(".b12audit-*"))


@pytest.mark.parametrize(
    ("name", "code", "exit_code"), [("map.txt", "ENDING_NOT_WRITTEN", 2), ("own.toml", "OUT_EXISTS", 7)]
)
def test_a_map_is_saved_over_nothing_else(tmp_path: Path, name: str, code: str, exit_code: int) -> None:
    (tmp_path / "own.toml").write_text('name = "mine"\n')
    pairs = ["--map", "date=Date Given", "--map", "drug=Drug nmae"]
    done = command("run", export(tmp_path / "list.csv"), *pairs, "--save-map", tmp_path / name, "--out", tmp_path / "o")
    assert (done.exit_code, code in done.stderr) == (exit_code, True)
    assert (tmp_path / "own.toml").read_text() == 'name = "mine"\n'
    assert not (tmp_path / "o").exists()


def test_files_that_differ_have_no_map_in_common(tmp_path: Path) -> None:
    given = export(tmp_path / "list.csv")
    write_csv(tmp_path / "other.csv", [["Study ID", "date", "drug"], ["S1", date(2024, 1, 2), HYDROXO]])
    pairs = ["--map", "date=Date Given", "--map", "drug=Drug nmae"]
    both = command("run", given, tmp_path / "other.csv", *pairs, "--save-map", tmp_path / "map.toml")
    # the headings that were given stand in one of the two only
    assert (both.exit_code, "MAP_HEADING_UNKNOWN" in both.stderr or "Left out other.csv" in both.stderr) == (3, True)
    assert "date = " in (tmp_path / "map.toml").read_text()
    write_csv(tmp_path / "third.csv", [["Study ID", *HEADINGS[1:4]], ["S1", "", date(2024, 1, 2), HYDROXO]])
    differ = command("run", given, tmp_path / "third.csv", *pairs, "--save-map", tmp_path / "map.toml")
    assert (differ.exit_code, "MAP_DIFFERS" in differ.stderr) == (2, True)


@pytest.mark.parametrize("given", ["datum=Date Given", "nothing", "missing.toml"])
def test_a_wrong_pair_is_wrong_usage(tmp_path: Path, given: str) -> None:
    done = command("run", export(tmp_path / "list.csv"), "--map", given, "--out", tmp_path / "out")
    assert (done.exit_code, done.stderr.startswith("MAP_")) == (2, True)
    assert not (tmp_path / "out").exists()
