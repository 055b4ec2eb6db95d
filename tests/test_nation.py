"""A folder of tables, audited partition by partition, says what a run of one practice says, cell by cell."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.cohort.window import DateOptions
from audit.engine.layout import open_folder
from audit.engine.local import run_local
from audit.engine.shared import Wanted, input_digest
from audit.engine.spill import partition_of
from audit.engine.whole import pass_folder
from audit.errors import AuditError, IdentifiableData, InputRejected, NothingToAudit
from audit.intake.columnar import clean_ids, hashed, rounded_ids
from audit.intake.heading_map import UNMAPPED
from audit.pipeline import audit
from audit.results.nation import NationResult
from audit.standards.standard import load_standard
from tests.compare import TODAY, as_extract, engine, rows_of
from tests.generate import practice
from tests.oracle.model import Options, Records

Row = dict[str, str]
TABLES = ("Patients", "Treatments", "Tests", "Reviews")
PATIENTS = 60


def rows(records: Records, table: str) -> list[Row] | None:
    found: list[Row] | None = records[table.lower()]  # type: ignore[literal-required]
    return found


def as_table(found: Sequence[Row]) -> pa.Table:
    names = list(dict.fromkeys(key for row in found for key in row))
    return pa.table({name: [row.get(name, "") for row in found] for name in names})


def written(records: Records, folder: Path, files: int = 1, shuffled: bool = False) -> Path:
    """The records as a folder of tables of text, each in so many Parquet files."""
    place = folder / records["file_stem"]
    for table in TABLES:
        found = rows(records, table)
        if not found:
            continue
        if shuffled:
            random.Random(3).shuffle(found)
        (place / table).mkdir(parents=True)
        whole = as_table(found)
        step = -(-len(whole) // files)
        for number in range(files):
            pq.write_table(whole.slice(number * step, step), place / table / f"part-{number}.parquet")
    if records["about"]:
        pcsv.write_csv(pa.table({"key": list(records["about"]), "value": list(records["about"].values())}),
                       place / "About.csv")  # fmt: skip
    return place


def run(place: Path, out: Path, options: Options | None = None, partitions: int = 3) -> NationResult:
    """In this process."""
    given = options or Options()
    dates = DateOptions(given.extract_date, given.history_start, given.period_from, given.period_to)
    folder = open_folder(place, UNMAPPED)
    out.mkdir()
    wanted = Wanted(dates, load_standard(), TODAY, 1, partitions)
    return run_local(folder, input_digest(folder), wanted, out, pass_folder(folder), lambda *_: None)


def published(out: Path, name: str) -> list[Row]:
    table = pq.read_table(out / f"{name}.parquet").to_pandas()
    for column in table.columns[table.dtypes == "datetime64[ms]"]:
        table[column] = table[column].astype("datetime64[s]")
    if "within_grace" in table:
        table["within_grace"] = table["within_grace"].astype("boolean")
    for column in ("days", "intervals_met", "intervals_judged"):
        if column in table:
            table[column] = table[column].astype("Int32")
    return sorted(rows_of(table), key=lambda row: tuple(row.values()))


def in_order(found: list[Row]) -> list[Row]:
    return sorted(found, key=lambda row: tuple(row.values()))


@pytest.mark.parametrize(("partitions", "files", "shuffled"), [(1, 1, False), (3, 2, True), (8, 3, True)])
def test_verdicts_and_intervals_are_those_of_an_ordinary_run(
    partitions: int, files: int, shuffled: bool, tmp_path: Path
) -> None:
    records, options = practice(11, PATIENTS)
    verdicts, intervals = engine(records, options)
    run(written(records, tmp_path, files, shuffled), tmp_path / "out", options, partitions)
    assert published(tmp_path / "out", "verdicts") == in_order(verdicts)
    assert published(tmp_path / "out", "intervals") == in_order(intervals)


@pytest.mark.parametrize("variant", ["no_patients", "no_tests", "no_event", "no_quantity", "assumed", "period"])
def test_every_shape_of_extract_is_judged_alike(variant: str, tmp_path: Path) -> None:
    records, options = practice(12, PATIENTS, variant)
    verdicts, _ = engine(records, options)
    run(written(records, tmp_path), tmp_path / "out", options)
    assert published(tmp_path / "out", "verdicts") == in_order(verdicts)


def test_practices_in_folders_are_kept_apart(tmp_path: Path) -> None:
    records, options = practice(13, PATIENTS)
    place, apart = tmp_path / "data", ("A practice", "B")
    for table in TABLES:
        found = [{**row, "practice_id": ""} if table == "Patients" else row for row in rows(records, table) or []]
        for name in apart:
            (place / table / f"practice_id={name}").mkdir(parents=True)
            whole = as_table(found)
            whole = whole.drop_columns(["practice_id"]) if table == "Patients" else whole
            pq.write_table(whole, place / table / f"practice_id={name}" / "part.parquet")
    about = records["about"]
    pcsv.write_csv(pa.table({"key": list(about), "value": list(about.values())}), place / "About.csv")
    result = run(place, tmp_path / "out", options)
    for row in records["patients"] or []:
        row["practice_id"] = "A practice"
    records["about"]["practice_id"] = "A practice"
    verdicts, _ = engine(records, options)
    found = published(tmp_path / "out", "verdicts")
    assert result.practices == set(apart)
    for name in apart:
        assert [row for row in found if row["practice_id"] == name] == in_order(
            [{**row, "practice_id": name} for row in verdicts]
        )


def test_counts_do_not_depend_on_the_partitions(tmp_path: Path) -> None:
    records, options = practice(14, PATIENTS)
    place = written(records, tmp_path, files=2)
    one, many = (run(place, tmp_path / f"out{count}", options, count) for count in (1, 7))
    names = ("cohort", "scores", "sweep", "patterns", "phases", "rows", "findings", "counts")
    assert {name: getattr(one, name) for name in names} == {name: getattr(many, name) for name in names}


def test_counts_are_those_of_an_ordinary_run(tmp_path: Path) -> None:
    records, options = practice(15, PATIENTS)
    dates = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
    plain = audit([as_extract(records)], dates, load_standard(), TODAY)
    ours = run(written(records, tmp_path), tmp_path / "out", options)
    names = ("scores", "sweep", "patterns", "phases", "rows", "partial")
    assert {name: getattr(ours, name) for name in names} == {name: getattr(plain, name) for name in names}


def test_a_finding_names_file_and_row(tmp_path: Path) -> None:
    records, options = practice(16, PATIENTS)
    place = written(records, tmp_path, files=3)
    file = place / "Treatments" / "part-1.parquet"
    table = pq.read_table(file)
    drugs = table.column("drug").to_pylist()
    drugs[4] = "B12 something"
    pq.write_table(table.set_column(table.column_names.index("drug"), "drug", pa.array(drugs)), file)
    run(place, tmp_path / "out", options)
    found = pq.read_table(tmp_path / "out" / "findings.parquet").to_pylist()
    (unread,) = [row for row in found if row["code"] == "DRUG_UNREADABLE" and row["value"] == "B12 something"]
    assert (unread["sheet"], unread["row"]) == ("Treatments/part-1.parquet", 4 + 2)


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("ns")])
def test_typed_dates_are_taken_as_they_are(kind: pa.DataType, tmp_path: Path) -> None:
    place = small(tmp_path, ["2025-01-03", "2025-04-03"])
    file = place / "Treatments" / "part.parquet"
    table = pq.read_table(file)
    days = pa.array([date(2025, 1, 3), date(2025, 4, 3)], pa.date32()).cast(kind)
    pq.write_table(table.set_column(1, "date", days), file)
    result = run(place, tmp_path / "out")
    assert (result.window.history_start, result.window.extract_date) == (date(2025, 1, 3), date(2025, 4, 3))


def small(folder: Path, days: Sequence[str], patient: str = "00123") -> Path:
    (folder / "data" / "Treatments").mkdir(parents=True)
    drug = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
    table = pa.table({"patient_id": [patient] * len(days), "date": list(days), "drug": [drug] * len(days)})
    pq.write_table(table, folder / "data" / "Treatments" / "part.parquet")
    return folder / "data"


@pytest.mark.parametrize(
    ("days", "patient", "error", "code"),
    [
        (["2025-01-03"], "943 476 5919", IdentifiableData, "IDENTIFIABLE"),
        (["01/13/2025", "01/14/2025"], "1", InputRejected, "DATE_ORDER_MONTH_FIRST"),
        (["nobody knows"], "1", NothingToAudit, "NO_DATES"),
        (["2025-01-03"], "9.4E+09", InputRejected, "ID_ROUNDED"),
        ([], "1", NothingToAudit, "NO_ROWS"),
    ],
)
def test_what_a_sheet_is_refused_for_a_folder_is(
    days: list[str], patient: str, error: type[AuditError], code: str, tmp_path: Path
) -> None:
    place = small(tmp_path, days, patient)
    with pytest.raises(error) as caught:
        run(place, tmp_path / "out")
    assert caught.value.code == code


def test_csv_files_say_what_parquet_says(tmp_path: Path) -> None:
    records, options = practice(18, PATIENTS)
    place, out = written(records, tmp_path, files=2), (tmp_path / "typed", tmp_path / "text")
    run(place, out[0], options)
    for file in sorted(place.glob("*/*.parquet")):
        pcsv.write_csv(pq.read_table(file), file.with_suffix(".csv"))
        file.unlink()
    # a file of headings alone has no rows
    (place / "Treatments" / "part-2.csv").write_text(
        (place / "Treatments" / "part-0.csv").read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8"
    )
    run(place, out[1], options)
    for name in ("verdicts", "intervals"):
        assert published(out[0], name) == published(out[1], name)


@pytest.mark.parametrize(
    ("ids", "read"),
    [
        (pa.array([7, None, 10**15, 7]), ["7", "", "1000000000000000", "7"]),
        (pa.array([7.0, 7.5, None]), ["7", "7.5", ""]),
        (pa.array([" 7", None, '="007"']), ["7", "", "007"]),
        (pa.array(["7", None, "7"]).dictionary_encode(), ["7", "", "7"]),
        (pa.array(["a", "b", "c"]).slice(1), ["b", "c"]),
        (pa.array([], pa.string()), []),
    ],
)
def test_ids_of_every_type_are_read_as_a_sheet_shows_them(ids: pa.Array, read: list[str]) -> None:
    assert clean_ids(ids).to_pylist() == read


@pytest.mark.parametrize(
    ("ids", "rounded"), [(["9.4E+09"], True), (["A+1", "7"], False), ([1e15], True), ([10**15], False)]
)
def test_ids_that_excel_has_rounded_are_known(ids: list[object], rounded: bool) -> None:
    assert rounded_ids(pa.array(ids)) is rounded


def test_ids_that_differ_by_zeros_go_to_one_partition() -> None:
    ids = clean_ids(pa.array(["007", "7", " 7 ", None, "\ufeff7"]))
    assert ids.to_pylist() == ["007", "7", "7", "", "7"]
    assert len(set(partition_of(ids, 1000)[[0, 1, 2, 4]].tolist())) == 1


def test_hashes_are_the_same_on_every_run() -> None:
    # FNV-1a of "a", its high half folded in
    plain = 0xAF63DC4C8601EC8C
    assert hashed(pa.array(["a", "", "ab"]))[0] == plain ^ (plain >> 32)


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["run", *map(str, arguments)])


def test_the_command_writes_a_folder_and_finds_it_again(tmp_path: Path) -> None:
    place, out = small(tmp_path, ["2025-01-03", "2025-04-03"]), tmp_path / "out"
    first = command(place, "--format", "parquet", "--workers", 1, "--out", out)
    assert first.exit_code == 0, first.output
    manifest = json.loads((out / "run.json").read_text())
    assert manifest["left_out"] == ["report.html", "report.xlsx", "archive"]
    assert set(manifest["outputs"]) >= {"findings.parquet", "summary.json", "verdicts.parquet/part-00000.parquet"}
    assert sorted(path.name for path in out.iterdir()) == [
        "findings.parquet", "intervals.parquet", "run.json", "summary.json", "verdicts.parquet",
    ]  # fmt: skip
    again = command(place, "--format", "parquet", "--workers", 1, "--out", out)
    assert "Nothing has changed" in again.output
    silent = command(place, "--format", "parquet", "--workers", 1, "--out", out, "--quiet", "--force")
    assert (silent.exit_code, silent.output) == (0, "")
    counted = command(place, "--format", "parquet", "--workers", 1, "--out", out, "--json")
    document = json.loads(counted.stdout)
    summary = json.loads((out / "summary.json").read_text())
    assert (document["exit_code"], document["already"], document["folder"]) == (counted.exit_code, True, str(out))
    assert (document["criteria"], document["cohort"]) == (summary["criteria"], summary["cohort"])
    assert document["run"] == {"run_id": manifest["run_id"]}


def test_the_counts_as_json_say_what_was_missed(tmp_path: Path) -> None:
    place, out = small(tmp_path, ["2025-01-03", "2025-04-03"]), tmp_path / "out"
    done = command(place, "--format", "parquet", "--workers", 1, "--out", out, "--json", "--fail-under",
                   "cause-recorded=100")  # fmt: skip
    document = json.loads(done.stdout)
    assert (document["exit_code"], document["already"], done.exit_code) == (8, False, 8)
    assert len(document["missed"]) == 1 and "cause-recorded" in document["missed"][0]


@pytest.mark.parametrize("option", [("--open",), ("--notes", "report.xlsx"), ("--fill-down",)])
def test_what_a_folder_of_tables_has_not_is_refused(option: tuple[str, ...], tmp_path: Path) -> None:
    done = command(small(tmp_path, ["2025-01-03"]), "--format", "parquet", *option)
    assert done.exit_code == 2 and "ENGINE_FORMAT" in done.output


def test_csv_is_asked_for_in_parquet(tmp_path: Path) -> None:
    done = command(small(tmp_path, ["2025-01-03"]))
    assert done.exit_code == 2
    assert "--format parquet" in done.output


def test_an_interrupt_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, out = small(tmp_path, ["2025-01-03", "2025-04-03"]), tmp_path / "out"
    asked = (place, "--format", "parquet", "--workers", 1, "--out", out, "--force")
    assert command(*asked).exit_code == 0
    before = (out / "run.json").read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("audit.engine.local.judge_partition", interrupted)
    assert command(*asked).exit_code == 130
    assert (out / "run.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out"]


@pytest.mark.slow
def test_processes_say_the_same_as_one(tmp_path: Path) -> None:
    records, options = practice(17, PATIENTS)
    place = written(records, tmp_path, files=2)
    dates = ("--extract-date", options.extract_date, "--history-start", options.history_start)
    given = [part for name, value in zip(dates[::2], dates[1::2], strict=True) if value for part in (name, value)]
    for count in (1, 2):
        done = command(place, *given, "--format", "parquet", "--workers", count, "--out", tmp_path / f"out{count}")
        assert done.exit_code in (0, 3), done.output
    one, two = (json.loads((tmp_path / f"out{count}" / "summary.json").read_text()) for count in (1, 2))
    assert one["criteria"] == two["criteria"]
    first, second = (pd.read_parquet(tmp_path / f"out{count}" / "verdicts.parquet") for count in (1, 2))
    pd.testing.assert_frame_equal(first, second)
