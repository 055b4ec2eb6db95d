"""The command as a person runs it: real files in, exit codes and messages out, the old report never harmed."""

from __future__ import annotations

import csv
import json
import shlex
import shutil
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

import audit.render.folder as folder_module
from audit.cli import main
from schemas import vocabulary as words

FILES = {
    "report.html",
    "report.xlsx",
    "verdicts.csv",
    "intervals.csv",
    "findings.csv",
    "summary.json",
    "run.json",
    *(f"archive/1/{table}.parquet" for table in ("patients", "treatments", "tests", "reviews")),
    "archive/1/facts.json",
}
TREATMENTS = ["patient_id", "date", "drug", "event"]
Table = Sequence[Sequence[object]]
INJECTION = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["run", *map(str, arguments)])


def workbook(path: Path, sheets: dict[str, Table]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def small(path: Path, **sheets: Table) -> Path:
    """A practice of one patient, with sheets replaced by those given."""
    usual: dict[str, Table] = {
        "About": [["extract_date", "2024-06-01"], ["history_start", "2019-01-01"]],
        "Patients": [["patient_id", "neurological_involvement"], ["A1", "yes"]],
        "Treatments": [TREATMENTS, *(["A1", day, INJECTION, "administered"] for day in ("2023-10-01", "2024-01-05"))],
    }
    return workbook(path, {**usual, **sheets})


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def audited_little(little: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("little") / "out"
    assert run(little, "--out", folder).exit_code == 0
    return folder


@pytest.fixture
def out(audited_little: Path, tmp_path: Path) -> Path:
    """A folder `out` as a run of the little practice left it."""
    return Path(shutil.copytree(audited_little, tmp_path / "out"))


def test_the_sample_practice_gives_the_whole_folder(audited_once: Path) -> None:
    assert set(fingerprint(audited_once)) == FILES
    verdicts = rows_of(audited_once / "verdicts.csv")
    assert tuple(verdicts[0]) == words.VERDICT_COLUMNS
    assert tuple(rows_of(audited_once / "intervals.csv")[0]) == words.INTERVAL_COLUMNS
    # every outcome of the standard is shown by somebody
    assert {row["outcome"] for row in verdicts} == set(words.OUTCOME)
    keys = [(row["practice_id"], row["patient_id"], row["criterion"]) for row in verdicts]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_the_next_command_that_is_suggested_works(little: Path, tmp_path: Path) -> None:
    copy = shutil.copy(little, tmp_path / "records.xlsx")
    (suggested,) = (line for line in run(copy).stdout.splitlines() if line.startswith("Next: b12audit "))
    done = CliRunner().invoke(main, shlex.split(suggested)[2:])
    assert done.exit_code == 0, done.output
    assert "Nobody overdue on the extract date: not met" in done.output


def test_the_default_folder_stands_beside_the_input(little: Path, tmp_path: Path) -> None:
    copy = shutil.copy(little, tmp_path / "records.xlsx")
    assert run(copy).exit_code == 0
    assert (tmp_path / "records-b12audit-2026-03-31" / "report.html").is_file()


def test_a_second_run_makes_the_same_bytes(sample: Path, audited_once: Path, tmp_path: Path) -> None:
    assert run(sample, "--out", tmp_path / "two").exit_code == 0
    one, two = fingerprint(audited_once), fingerprint(tmp_path / "two")
    assert {**one, "run.json": ""} == {**two, "run.json": ""}
    manifests = [json.loads((folder / "run.json").read_text()) for folder in (audited_once, tmp_path / "two")]
    for manifest in manifests:
        assert manifest.pop("started_at")
    assert manifests[0] == manifests[1]


def test_the_manifest_names_every_file_and_input(sample: Path, audited_once: Path) -> None:
    manifest = json.loads((audited_once / "run.json").read_text())
    assert manifest["outputs"] == {k: v for k, v in fingerprint(audited_once).items() if k != "run.json"}
    assert manifest["inputs"][0]["sha256"] == sha256(sample.read_bytes()).hexdigest()


def test_an_audited_input_is_not_audited_again(little: Path, out: Path) -> None:
    before = (out / "run.json").stat().st_mtime_ns
    again = run(little, "--out", out)
    assert again.exit_code == 0
    assert "Already audited" in again.output
    assert (out / "run.json").stat().st_mtime_ns == before
    assert run(little, "--out", out, "--force").exit_code == 0
    assert (out / "run.json").stat().st_mtime_ns != before


def test_other_options_make_another_run_in_the_same_place(little: Path, out: Path, tmp_path: Path) -> None:
    (out / "my notes.txt").write_text("mine")
    other = run(little, "--out", out, "--to", "2025-12-31")
    assert other.exit_code == 0, other.output
    assert "Already audited" not in other.output
    assert (out / "my notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_parquet_holds_the_same_rows(little: Path, audited_little: Path, tmp_path: Path) -> None:
    import pandas as pd  # noqa: PLC0415

    run(little, "--out", tmp_path / "parquet", "--format", "parquet")
    table = pd.read_parquet(tmp_path / "parquet" / "verdicts.parquet")
    rows = rows_of(audited_little / "verdicts.csv")
    assert tuple(table.columns) == words.VERDICT_COLUMNS
    assert table["outcome"].tolist() == [row["outcome"] for row in rows]
    assert str(table["from_date"].dtype).startswith("datetime64")
    dates = table["from_date"].dt.strftime("%Y-%m-%d").fillna("").tolist()
    assert dates == [row["from_date"] for row in rows]


def test_csv_folder_and_workbook_agree(tmp_path: Path) -> None:
    small(tmp_path / "practice.xlsx")
    place = tmp_path / "practice"
    place.mkdir()
    (place / "About.csv").write_text("extract_date,2024-06-01\nhistory_start,2019-01-01\n")
    (place / "Patients.csv").write_text("patient_id,neurological_involvement\nA1,yes\n")
    lines = [f"A1,{day},{INJECTION},administered" for day in ("2023-10-01", "2024-01-05")]
    (place / "Treatments.csv").write_text("\n".join([",".join(TREATMENTS), *lines, ""]))
    one, two = tmp_path / "one", tmp_path / "two"
    assert run(tmp_path / "practice.xlsx", "--out", one).exit_code == 0
    assert run(place, "--out", two).exit_code == 0
    assert (one / "verdicts.csv").read_bytes() == (two / "verdicts.csv").read_bytes()


def test_two_practices_keep_their_patients_apart(tmp_path: Path) -> None:
    files = [small(tmp_path / f"{name}.xlsx") for name in ("north", "south")]
    done = run(*files, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    found = {(row["practice_id"], row["patient_id"]) for row in rows_of(tmp_path / "out" / "verdicts.csv")}
    assert found == {("north", "A1"), ("south", "A1")}


def test_the_same_patient_in_two_files_is_refused(tmp_path: Path) -> None:
    about = [["practice_id", "W1"], ["extract_date", "2024-06-01"]]
    files = [small(tmp_path / f"{name}.xlsx", About=about) for name in ("a", "b")]
    done = run(*files, "--out", tmp_path / "out")
    assert done.exit_code == 4
    assert "PATIENT_IN_TWO_FILES" in done.output
    assert "A1" not in done.output


def test_one_bad_file_of_two_makes_a_partial_report(tmp_path: Path) -> None:
    good, bad = small(tmp_path / "good.xlsx"), tmp_path / "bad.xlsx"
    bad.write_bytes(b"not a workbook")
    done = run(good, bad, "--out", tmp_path / "out")
    assert done.exit_code == 3
    assert "bad.xlsx" in (tmp_path / "out" / "report.html").read_text()


def test_many_unreadable_rows_make_a_partial_report(tmp_path: Path) -> None:
    good = ["A1", "2024-01-05", INJECTION, "administered"]
    # two rows of nine are 22 per cent
    rows = [TREATMENTS, *([*good[:1], f"2024-01-{day:02d}", *good[2:]] for day in range(1, 8))]
    spoilt = [["A1", "soon", INJECTION, "administered"], ["A1", "later", INJECTION, "administered"]]
    assert run(small(tmp_path / "a.xlsx", Treatments=[*rows, *spoilt])).exit_code == 3
    assert run(small(tmp_path / "b.xlsx", Treatments=[*rows, spoilt[0]])).exit_code == 0


# -- bad input: a code, a place, a remedy, no traceback, nothing written ------------------------------------------

BadInput = Callable[[Path], Path]


def _text(content: bytes) -> BadInput:
    def make(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return make


BAD: dict[str, tuple[BadInput, int, tuple[str, ...]]] = {
    "no such file": (lambda path: path, 4, ("input.xlsx", "Check the name")),
    "not a workbook": (_text(b"\x00\x01\x02nothing"), 4, ("input.xlsx",)),
    "an empty file": (_text(b""), 4, ("input.xlsx",)),
    "no Treatments": (
        lambda path: workbook(path, {"Patient": [["patient_id"], ["A1"]]}),
        4,
        ("input.xlsx", "Patient", "Treatments"),
    ),
    "missing columns": (
        lambda path: small(path, Treatments=[["patient_id", "when", "drug"], ["A1", "2024-01-01", INJECTION]]),
        4,
        ("input.xlsx", "Treatments", "date"),
    ),
    "header only": (lambda path: small(path, Treatments=[TREATMENTS]), 6, ("input.xlsx", "Treatments")),
    "month first": (
        lambda path: small(
            path,
            Treatments=[TREATMENTS, *(["A1", day, INJECTION, "given"] for day in ("03/13/2024", "25/03/2024"))],
        ),
        4,
        ("input.xlsx", "Treatments", "DATE_ORDER"),
    ),
    "a typing error of the far future": (
        lambda path: workbook(
            path,
            {"Treatments": [TREATMENTS, *(["A1", f"{year}-01-01", INJECTION, "given"] for year in (2024, 2162))]},
        ),
        4,
        ("input.xlsx", "2162", "--extract-date"),
    ),
    "nobody with vitamin B12": (
        lambda path: small(
            path,
            Patients=[["patient_id"], ["A1"]],
            Treatments=[TREATMENTS, ["A1", "2024-01-01", "Vitamin D", "given"]],
        ),
        6,
        ("input.xlsx",),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_and_nothing_is_written(name: str, out: Path, tmp_path: Path) -> None:
    make, code, says = BAD[name]
    before = fingerprint(out)
    done = run(make(tmp_path / "input.xlsx"), "--out", out)
    assert done.exit_code == code, done.output
    assert fingerprint(out) == before
    for text in says:
        assert text in done.output
    assert "Traceback" not in done.output
    assert "what to do" in done.output
    assert len(done.output.splitlines()) <= 25
    assert {path.name for path in tmp_path.iterdir()} <= {"out", "input.xlsx"}


FOUND: dict[str, tuple[list[object], str, str]] = {
    "unreadable dates": (["A1", "31/02/2024", INJECTION, "administered"], "DATE_UNREADABLE", "B4"),
    "no date": (["A1", None, INJECTION, "administered"], "DATE_MISSING", "B4"),
    "unknown events": (["A1", "2024-03-01", INJECTION, "telephoned"], "EVENT_UNREADABLE", "D4"),
    "a drug nobody knows": (["A1", "2024-03-01", "???", "administered"], "DRUG_UNREADABLE", "C4"),
    "no patient": ([None, "2024-03-01", INJECTION, "administered"], "PATIENT_ID_MISSING", "A4"),
    "a repeated row": (["A1", "2024-01-05", INJECTION, "administered"], "DUPLICATE_EVENT", "A4"),
    "a row of the future": (["A1", "2024-06-02", INJECTION, "administered"], "EVENT_AFTER_END", "B4"),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_bad_row_is_found_with_its_cell(name: str, tmp_path: Path) -> None:
    row, code, cell = FOUND[name]
    usual = [["A1", day, INJECTION, "administered"] for day in ("2023-10-01", "2024-01-05")]
    path = small(tmp_path / "input.xlsx", Treatments=[TREATMENTS, *usual, row])
    run(path, "--out", tmp_path / "out")
    findings = [row for row in rows_of(tmp_path / "out" / "findings.csv") if row["code"] == code]
    assert [f"{row['column']}{row['row']}" for row in findings] == [cell]
    assert findings[0]["sheet"] == "Treatments"
    assert findings[0]["file"] == "input.xlsx"


def test_ids_that_differ_by_a_leading_zero_are_two_patients(tmp_path: Path) -> None:
    rows = [TREATMENTS, *([who, "2024-01-05", INJECTION, "administered"] for who in ("0123", "123"))]
    path = small(tmp_path / "input.xlsx", Patients=[["patient_id"], ["0123"], ["123"]], Treatments=rows)
    assert run(path, "--out", tmp_path / "out").exit_code == 0
    assert {row["patient_id"] for row in rows_of(tmp_path / "out" / "verdicts.csv")} == {"0123", "123"}
    assert "ID_LEADING_ZERO" in {row["code"] for row in rows_of(tmp_path / "out" / "findings.csv")}


def test_two_rows_of_a_patient_that_disagree(tmp_path: Path) -> None:
    patients = [["patient_id", "neurological_involvement"], ["A1", "yes"], ["A1", "no"]]
    path = small(tmp_path / "input.xlsx", Patients=patients)
    assert run(path, "--out", tmp_path / "out").exit_code == 0
    assert "PATIENT_CONFLICT" in {row["code"] for row in rows_of(tmp_path / "out" / "findings.csv")}
    intervals = rows_of(tmp_path / "out" / "intervals.csv")
    assert {row["neurological"] for row in intervals} == {"unknown"}


def test_patients_without_rows_and_rows_without_patients(tmp_path: Path) -> None:
    patients = [["patient_id", "cause"], ["A1", "autoimmune"], ["A2", "dietary"]]
    rows = [TREATMENTS, *([who, "2024-01-05", INJECTION, "administered"] for who in ("A1", "A3"))]
    path = small(tmp_path / "input.xlsx", Patients=patients, Treatments=rows)
    assert run(path, "--out", tmp_path / "out").exit_code == 0
    assert {row["patient_id"] for row in rows_of(tmp_path / "out" / "verdicts.csv")} == {"A1", "A2", "A3"}
    assert "PATIENT_ROW_MISSING" in {row["code"] for row in rows_of(tmp_path / "out" / "findings.csv")}


# -- usage and places ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ("--extract-date", "31/03/2026"),
        ("--to", "2026-04-01"),
        ("--from", "2026-03-01", "--to", "2026-02-01"),
        ("--standard", "nobody"),
        ("--no-such-option",),
    ],
)
def test_wrong_usage_is_code_2(options: tuple[str, ...], little: Path, tmp_path: Path) -> None:
    done = run(little, "--out", tmp_path / "out", *options)
    assert done.exit_code == 2, done.output
    assert not (tmp_path / "out").exists()


def test_somebody_elses_folder_is_not_touched(little: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    done = run(little, "--out", out)
    assert done.exit_code == 7
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_a_file_in_the_way_of_the_folder(little: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    assert run(little, "--out", tmp_path / "out").exit_code == 7
    assert (tmp_path / "out").read_text() == "a file"


def test_a_disk_that_refuses_leaves_the_old_report(
    little: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint(out)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_module, "_verify", refuse)
    done = run(little, "--out", out, "--force")
    assert done.exit_code == 7
    assert "No space left on device" in done.output
    assert fingerprint(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_internal_error_shows_no_data(little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("patient P0001 and all that is known of them")

    monkeypatch.setattr("audit.pipeline.audit", fail)
    done = run(little, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "P0001" not in done.output
    assert "Traceback" not in done.output


def test_what_a_killed_run_left_is_swept(little: Path, tmp_path: Path) -> None:
    left = tmp_path / ".b12audit-out-ab_d1234"
    left.mkdir()
    (left / "report.html").write_text("half")
    assert run(little, "--out", tmp_path / "out").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_grouped_export_asks_for_fill_down_and_the_remedy_works(tmp_path: Path) -> None:
    days = [f"2024-0{month}-01" for month in range(1, 6)]
    grouped = [[["A1", None][bool(place)], day, INJECTION, "administered"] for place, day in enumerate(days)]
    path = small(tmp_path / "grouped.xlsx", Treatments=[TREATMENTS, *grouped])
    refused = run(path, "--out", tmp_path / "out")
    assert refused.exit_code == 4
    assert "--fill-down" in refused.output
    done = run(path, "--out", tmp_path / "out", "--fill-down")
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "out" / "run.json").read_text())
    assert "fill-down" in manifest["options"]
    assert "A1" in {row["patient_id"] for row in rows_of(tmp_path / "out" / "intervals.csv")}
