"""Two audit cycles: what is kept, judged again, matched, counted and carried over; and what a run says of the last."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from scipy.stats import binom, binomtest

from audit.cli import main
from audit.cohort.window import DateOptions
from audit.errors import AuditError, InputRejected, UsageError
from audit.intake.archive import Cycle, read_archive
from audit.intake.notes import read_notes
from audit.intake.read import read_extract
from audit.pipeline import audit, compare
from audit.render.archive import write_archive
from audit.render.cycles import build_cycles
from audit.render.folder import digests
from audit.results.change import mcnemar_mid_p, newcombe
from audit.results.compare_cycles import Change, CyclesCompared
from audit.standards.standard import load_standard
from schemas.canonical import TABLES
from tests.conftest import ROOT

INJECTION = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
ON_TIME, LATE = 84, 130
TODAY = date(2026, 6, 1)
FIRST, SECOND = date(2025, 3, 31), date(2026, 3, 31)
STANDARD = "maintenance-interval-standard"
EVERYONE = "two-monthly-for-everyone"
#: patient by patient the days between injections in the first and in the second cycle; None: not there
Steps = Mapping[str, tuple[int | None, int | None]]
IMPROVED = {f"I{place}": (LATE, ON_TIME) for place in range(4)}
WORSENED = {"W0": (ON_TIME, LATE)}
STEADY = {f"S{place}": (ON_TIME, ON_TIME) for place in range(7)}
PRACTICE: Steps = {**IMPROVED, **WORSENED, **STEADY, "LEFT": (ON_TIME, None), "NEW": (None, ON_TIME)}


def doses(steps: tuple[int | None, int | None], until: date) -> Iterator[date]:
    """Injections from the start of 2023 on, in the rhythm of each cycle; one stands shortly before the first ends."""
    first, second = (step or ON_TIME for step in steps)
    day, turn = date(2023, 1, 9), FIRST - timedelta(days=21)
    while day < turn:
        yield day
        day += timedelta(days=first)
    while turn <= until:
        yield turn
        turn += timedelta(days=second)


def records(folder: Path, steps: Steps, until: date, practice: str = "Y1", name: str = "") -> Path:
    """The practice's extract of a day, as a folder of tables."""
    place = folder / (name or f"cycle-{until.year}")
    place.mkdir(parents=True)
    there = {who: each for who, each in steps.items() if each[0 if until == FIRST else 1] is not None}
    rows = [f"{who},{day},{INJECTION},administered" for who, each in there.items() for day in doses(each, until)]
    people = [f"{who},no,autoimmune" for who in there]
    about = [f"practice_id,{practice}"] if practice else []
    about += [f"extract_date,{until}", "history_start,2022-01-01"]
    (place / "About.csv").write_text("\n".join([*about, ""]))
    (place / "Patients.csv").write_text("\n".join(["patient_id,neurological_involvement,cause", *people, ""]))
    (place / "Treatments.csv").write_text("\n".join(["patient_id,date,drug,event", *rows, ""]))
    return place


def b12audit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def compared(folder: Path, old: Steps, new: Steps, **options: Any) -> CyclesCompared:
    paths = records(folder, old, FIRST), records(folder, new, SECOND)
    cycles = [Cycle(path.name, (read_extract(path),)) for path in paths]
    return compare(cycles[0], cycles[1], options.pop("standard", load_standard()), TODAY, **options)[0]


def change_of(found: CyclesCompared, criterion: str) -> Change:
    (one,) = (change for change in found.changes if change.criterion == criterion)
    return one


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of two runs of one practice, a year apart."""
    folder = tmp_path_factory.mktemp("both")
    runs = []
    for until in (FIRST, SECOND):
        done = b12audit("run", records(folder, PRACTICE, until), "--out", folder / f"run-{until.year}")
        assert done.exit_code == 0, done.output
        runs.append(folder / f"run-{until.year}")
    return runs[0], runs[1]


@pytest.fixture
def copies(both: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """The same folders, to be spoilt."""
    for path in both:
        shutil.copytree(path, tmp_path / path.name)
    return tmp_path / both[0].name, tmp_path / both[1].name


# Statistics


def test_the_published_example() -> None:
    found = newcombe((22, 38), (27, 38))
    assert [round(100 * value) for value in (found.points, found.low, found.high)] == [13, -8, 33]


@pytest.mark.parametrize(
    ("new", "old", "low", "high"),
    [
        # Newcombe 1998, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_own_table(new: tuple[int, int], old: tuple[int, int], low: float, high: float) -> None:
    found = newcombe(old, new)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_the_published_mid_p() -> None:
    assert mcnemar_mid_p(9, 2) == pytest.approx(0.039, abs=5e-4)
    assert mcnemar_mid_p(0, 0) is None


@pytest.mark.parametrize(("up", "down"), [(1, 0), (0, 6), (9, 2), (2, 9), (30, 41), (5, 5), (200, 100)])
def test_the_mid_p_is_the_exact_one_less_half_of_both_ends(up: int, down: int) -> None:
    exact = binomtest(up, up + down).pvalue
    ends = float(binom.pmf(up, up + down, 0.5)) * (1 if up != down else 0)
    assert mcnemar_mid_p(up, down) == pytest.approx(exact - ends)


# The archive


def test_what_is_read_back_is_what_was_read(tmp_path: Path) -> None:
    extract = read_extract(ROOT / "sample_data" / "messy.xlsx")
    write_archive([extract, extract], tmp_path)
    one, again = read_archive(tmp_path, {"outputs": digests(tmp_path)})
    for table in map(str.lower, TABLES):
        pd.testing.assert_frame_equal(getattr(one, table), getattr(extract, table))
    assert (one.about, one.facts, one.findings) == (extract.about, extract.facts, extract.findings)
    assert again.facts == one.facts
    read, kept = (audit([item], DateOptions(), load_standard(), TODAY).verdicts for item in (extract, one))
    pd.testing.assert_frame_equal(kept, read)


def test_an_absent_sheet_is_still_absent(tmp_path: Path) -> None:
    extract = read_extract(records(tmp_path, PRACTICE, FIRST))
    write_archive([extract], tmp_path / "kept")
    (back,) = read_archive(tmp_path / "kept", {"outputs": digests(tmp_path / "kept")})
    assert not back.facts.has_tests
    pd.testing.assert_frame_equal(back.tests, extract.tests)


def test_the_archive_is_for_its_owner_and_the_same_each_time(both: tuple[Path, Path], tmp_path: Path) -> None:
    kept = both[0] / "archive"
    assert {oct(path.stat().st_mode & 0o777) for path in kept.rglob("*") if path.is_file()} == {"0o600"}
    assert {oct(path.stat().st_mode & 0o777) for path in (kept, kept / "1")} == {"0o700"}
    write_archive([read_extract(both[0].parent / "cycle-2025")], tmp_path)
    assert digests(tmp_path / "archive") == digests(kept)
    assert {f"archive/{name}": value for name, value in digests(kept).items()}.items() <= outputs(both[0]).items()


def outputs(folder: Path, name: str = "run.json") -> dict[str, str]:
    said: dict[str, str] = json.loads((folder / name).read_text())["outputs"]
    return said


@pytest.mark.parametrize("name", ["archive/1/patients.parquet", "archive/1/facts.json", "summary.json"])
def test_a_damaged_archive_is_refused(name: str, copies: tuple[Path, Path]) -> None:
    path = copies[0] / name
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    done = b12audit("compare", *copies)
    assert done.exit_code == 4
    assert "ARCHIVE_DAMAGED" in done.output
    path.unlink()
    assert "ARCHIVE_DAMAGED" in b12audit("compare", *copies).output


def test_an_archive_of_another_form_is_refused(tmp_path: Path) -> None:
    write_archive([read_extract(records(tmp_path, PRACTICE, FIRST))], tmp_path)
    path = tmp_path / "archive" / "1" / "facts.json"
    path.write_text(path.read_text().replace('"form": 1', '"form": 99'))
    with pytest.raises(InputRejected) as caught:
        read_archive(tmp_path, {"outputs": {f"archive/{k}": v for k, v in digests(tmp_path / "archive").items()}})
    assert caught.value.code == "ARCHIVE_FORM"


def test_without_an_archive_the_input_itself_can_be_compared(both: tuple[Path, Path], tmp_path: Path) -> None:
    source = records(tmp_path, PRACTICE, FIRST)
    assert b12audit("run", source, "--no-archive", "--out", tmp_path / "bare").exit_code == 0
    assert not (tmp_path / "bare" / "archive").exists()
    assert "no-archive" in json.loads((tmp_path / "bare" / "run.json").read_text())["options"]
    refused = b12audit("compare", tmp_path / "bare", both[1], "--out", tmp_path / "out")
    assert refused.exit_code == 4
    assert "ARCHIVE_MISSING" in refused.output
    done = b12audit("compare", source, both[1], "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    by_run, by_file = (numbers(both, tmp_path / "by-run"), json.loads((tmp_path / "out" / "compare.json").read_text()))
    assert [{**item, "printed_then": None} for item in by_run["criteria"]] == by_file["criteria"]


def test_a_file_of_the_users_own_in_the_archive_is_kept(copies: tuple[Path, Path], both: tuple[Path, Path]) -> None:
    (copies[0] / "archive" / "why.txt").write_text("mine")
    (copies[0] / "archive" / "1" / "also.txt").write_text("mine too")
    source = both[0].parent / "cycle-2025"
    assert b12audit("run", source, "--out", copies[0], "--no-archive").exit_code == 0
    left = {path.relative_to(copies[0]).as_posix() for path in (copies[0] / "archive").rglob("*") if path.is_file()}
    assert left == {"archive/why.txt", "archive/1/also.txt"}


# The comparison


def numbers(runs: tuple[Path, Path], out: Path, *options: str) -> dict[str, Any]:
    done = b12audit("compare", *runs, "--out", out, *options)
    assert done.exit_code == 0, done.output
    content: dict[str, Any] = json.loads((out / "compare.json").read_text())
    return content


def test_matched_left_joined_improved_worsened(tmp_path: Path) -> None:
    found = compared(tmp_path, PRACTICE, PRACTICE)
    assert (found.matched, found.left, found.joined) == (12, 1, 1)
    change = change_of(found, STANDARD)
    assert (change.old.met, change.old.eligible) == (9, 13)
    assert (change.new.met, change.new.eligible) == (12, 13)
    assert (change.paired.both, change.paired.improved, change.paired.worsened) == (12, 4, 1)
    assert change.paired.mid_p == mcnemar_mid_p(4, 1)
    assert change.difference == newcombe((9, 13), (12, 13))
    moved = {(item.patient_id, item.improved) for item in found.moved if item.criterion == STANDARD}
    assert moved == {*((who, True) for who in IMPROVED), ("W0", False)}


def test_a_cycle_compared_with_itself_has_not_changed(both: tuple[Path, Path], tmp_path: Path) -> None:
    content = numbers((both[1], both[1]), tmp_path / "out")
    assert content["patients"] == {"matched": 13, "left": 0, "joined": 0}
    assert content["moved"] == []
    for item in content["criteria"]:
        assert item["old"] == item["new"]
        assert item["difference"] is None or item["difference"]["points"] == 0
        assert item["matched_and_assessed"]["mid_p"] is None
        assert item["printed_then"] == {"met": item["new"]["met"], "eligible": item["new"]["eligible"]}


def test_the_counts_add_up(tmp_path: Path) -> None:
    found = compared(tmp_path, PRACTICE, PRACTICE)
    assert found.matched + found.left == found.old.patients
    assert found.matched + found.joined == found.new.patients
    for change in found.changes:
        turned = [item.improved for item in found.moved if item.criterion == change.criterion]
        assert (sum(turned), len(turned) - sum(turned)) == (change.paired.improved, change.paired.worsened)
        assert change.paired.both <= found.matched


def test_the_same_reference_in_another_practice_is_another_patient(tmp_path: Path) -> None:
    north = [records(tmp_path, PRACTICE, until, "north", f"north-{until}") for until in (FIRST, SECOND)]
    south = [records(tmp_path, {"I0": (LATE, LATE)}, until, "south", f"south-{until}") for until in (FIRST, SECOND)]
    first, second = (Cycle("", tuple(map(read_extract, pair))) for pair in zip(north, south, strict=True))
    found, _ = compare(first, second, load_standard(), TODAY)
    assert (found.matched, found.left, found.joined) == (13, 1, 1)
    assert ("north", "I0") in {(item.practice_id, item.patient_id) for item in found.moved}
    assert "south" not in {item.practice_id for item in found.moved if item.criterion == STANDARD}
    with pytest.raises(InputRejected, match="same practices"):
        compare(first, Cycle("", second.extracts[:1]), load_standard(), TODAY)
    with pytest.raises(UsageError, match="one practice each"):
        compare(first, second, load_standard(), TODAY, same_practice=True)


def test_a_practice_named_after_its_file_is_matched_on_request_only(tmp_path: Path) -> None:
    runs = []
    for until in (FIRST, SECOND):
        source = records(tmp_path, PRACTICE, until, practice="")
        assert b12audit("run", source, "--out", tmp_path / f"run-{until.year}").exit_code == 0
        runs.append(tmp_path / f"run-{until.year}")
    refused = b12audit("compare", *runs)
    assert refused.exit_code == 4
    assert "--same-practice" in refused.output
    content = numbers((runs[0], runs[1]), tmp_path / "out", "--same-practice")
    assert content["patients"]["matched"] == 12
    assert content["options"] == {"same-practice": ""}


def test_the_order_of_the_cycles_matters(both: tuple[Path, Path]) -> None:
    done = b12audit("compare", both[1], both[0])
    assert done.exit_code == 2
    assert "CYCLES_REVERSED" in done.output


def test_the_old_cycle_is_judged_by_the_new_standard(both: tuple[Path, Path], tmp_path: Path) -> None:
    local = tmp_path / "ours.toml"
    local.write_text(
        'name = "ours"\ntitle = "Our surgery"\nedition = "1"\nextends = "national"\n'
        "[numbers]\n\"maintenance.standard_months\" = 2\n\"maintenance.standard_grace_days\" = 7\n"
    )
    usual = numbers(both, tmp_path / "usual")
    strict = numbers(both, tmp_path / "strict", "--standard", str(local))
    codes = [item["code"] for item in usual["criteria"]]
    old = [content["criteria"][codes.index(STANDARD)] for content in (usual, strict)]
    assert [item["old"]["met"] for item in old] == [9, 0]
    assert [item["printed_then"] for item in old] == [{"met": 9, "eligible": 13}] * 2
    assert strict["old"]["reported"]["other_numbers"] == 2
    page = (tmp_path / "strict" / "compare.html").read_text()
    assert "Printed then: 9 of 13 (69%)." in page
    assert "2 numbers of it were not as here" in page


def test_a_standard_of_ones_own_is_found_beside_the_new_run_or_asked_for(tmp_path: Path) -> None:
    local = tmp_path / "ours.toml"
    local.write_text(
        'name = "ours"\ntitle = "Our surgery"\nedition = "1"\nextends = "national"\n'
        '[numbers]\n"maintenance.standard_months" = 2\n'
    )
    run = tmp_path / "run"
    assert b12audit("run", records(tmp_path, PRACTICE, SECOND), "--standard", local, "--out", run).exit_code == 0
    assert numbers((run, run), tmp_path / "out")["standard"]["name"] == "ours"
    local.rename(tmp_path / "elsewhere.toml")
    done = b12audit("compare", run, run)
    assert done.exit_code == 2
    assert "--standard ours.toml" in done.output


def test_two_comparisons_make_the_same_bytes(both: tuple[Path, Path], tmp_path: Path) -> None:
    for name in ("one", "two"):
        numbers(both, tmp_path / name)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert set(digests(tmp_path / "one")) == {"compare.html", "compare.xlsx", "compare.json"}
    said = outputs(tmp_path / "one", "compare.json")
    assert said == {name: value for name, value in digests(tmp_path / "one").items() if name != "compare.json"}
    before = (tmp_path / "one" / "compare.json").stat().st_mtime_ns
    again = b12audit("compare", *both, "--out", tmp_path / "one")
    assert "Already compared" in again.output
    assert (tmp_path / "one" / "compare.json").stat().st_mtime_ns == before


def test_the_comparison_stands_beside_the_new_run_and_touches_no_other_folder(copies: tuple[Path, Path]) -> None:
    before = [digests(path) for path in copies]
    assert b12audit("compare", *copies).exit_code == 0
    assert (copies[1].parent / "run-2026-compared-with-2025-03-31" / "compare.html").is_file()
    assert [digests(path) for path in copies] == before
    refused = b12audit("compare", *copies, "--out", copies[0])
    assert refused.exit_code == 7
    assert [digests(path) for path in copies] == before


def test_the_page_has_what_an_inspection_asks(both: tuple[Path, Path], tmp_path: Path) -> None:
    content = numbers(both, tmp_path / "out")
    page = (tmp_path / "out" / "compare.html").read_text()
    for item in (*content["old"]["inputs"], *content["new"]["inputs"]):
        assert item["sha256"] in page
    for text in (
        "13 patients in the audit then, 13 now: 12 in both, 1 left, 1 joined.",
        "9 of 13 (69%)",
        "12 of 13 (92%)",
        "+23 points",
        "4 improved, 1 worsened of 12 in both",
        f"p {mcnemar_mid_p(4, 1):.3f}",
        "1 April 2024 to 31 March 2025",
        "Newcombe",
    ):
        assert text in page, text
    assert "default-src &#39;none&#39;" in page
    assert "<script" not in page
    book = openpyxl.load_workbook(tmp_path / "out" / "compare.xlsx")
    assert book.sheetnames == ["Cycles", "Compare", "Actions", "Patients", "Method"]


def test_under_ten_there_is_no_percentage_and_no_change(tmp_path: Path) -> None:
    few: Steps = {"A": (LATE, ON_TIME), "B": (ON_TIME, ON_TIME), "C": (LATE, LATE)}
    found = compared(tmp_path, few, few)
    change = change_of(found, STANDARD)
    assert change.difference is None
    words = build_cycles(found)
    (row,) = (row for group in words.groups for row in group.rows if row.code == STANDARD)
    assert (row.old, row.new, row.change, row.interval, row.mid_p) == ("1 of 3", "2 of 3", "–", "", "")
    said = " ".join((words.since, *(text for item in words.headlines for text in item.sentences)))
    assert "1 of 3 on time then, 2 of 3 now" in said
    assert "%" not in said
    assert "more" not in said
    assert "fewer" not in said


def test_more_patients_but_a_smaller_share_is_no_more(tmp_path: Path) -> None:
    old: Steps = {f"P{place}": (ON_TIME if place < 8 else LATE, None) for place in range(10)}
    new: Steps = {f"P{place}": (None, ON_TIME if place < 9 else LATE) for place in range(20)}
    since = build_cycles(compared(tmp_path, old, new)).since
    assert "8 of 10 (80%) on time then, 9 of 20 (45%) now" in since


# What a run says of the last


def test_a_run_says_what_changed_since(both: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(both[0], tmp_path / "run-2025")
    source = records(tmp_path, PRACTICE, SECOND)
    done = b12audit("run", source)
    assert done.exit_code == 0, done.output
    sentence = (
        "Since last time (31 March 2025): without neurological involvement, or not recorded, 3 more patients on time "
        "(69% to 92%); "
    )
    assert sentence in " ".join(done.stdout.split())
    target = tmp_path / "cycle-2026-b12audit-2026-03-31"
    page = (target / "report.html").read_text()
    assert sentence in page
    assert '<section id="cycles"' in page
    summary = json.loads((target / "summary.json").read_text())
    assert summary["previous"]["patients"] == {"matched": 12, "left": 1, "joined": 1}
    assert "Compare" in openpyxl.load_workbook(target / "report.xlsx").sheetnames


def test_the_first_run_says_nothing_of_a_last(both: tuple[Path, Path]) -> None:
    page = (both[0] / "report.html").read_text()
    assert "Since last time" not in page
    assert 'id="cycles"' not in page
    assert "previous" not in json.loads((both[0] / "run.json").read_text())


@pytest.mark.slow
def test_already_audited_is_of_the_same_previous_cycle(copies: tuple[Path, Path], both: tuple[Path, Path]) -> None:
    source, target = both[1].parent / "cycle-2026", copies[1]

    def again() -> str:
        done = b12audit("run", source, "--out", target)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "Already audited" in again()
    previous = json.loads((target / "run.json").read_text())["previous"]["name"]
    shutil.rmtree(copies[0])
    assert previous == "run-2025"
    assert "Already audited" in again()
    assert b12audit("run", both[0].parent / "cycle-2025", "--standard", "licence", "--out", copies[0]).exit_code == 0
    assert "Already audited" not in again()
    assert "Already audited" in again()


@pytest.mark.slow
def test_a_report_that_takes_the_place_of_the_last_is_compared_with_it(tmp_path: Path) -> None:
    out = tmp_path / "report"
    assert b12audit("run", records(tmp_path, PRACTICE, FIRST), "--out", out).exit_code == 0
    source = records(tmp_path, PRACTICE, SECOND)
    assert "Since last time" in b12audit("run", source, "--out", out).stdout
    assert "Already audited" in b12audit("run", source, "--out", out).stdout
    assert "Since last time" in (out / "report.html").read_text()
    # written anew, there is no last cycle any more, and that is a report of its own
    assert "Since last time" not in b12audit("run", source, "--out", out, "--force").stdout
    assert "Already audited" in b12audit("run", source, "--out", out).stdout


def test_other_practices_and_later_runs_are_no_last_time(both: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(both[0], tmp_path / "run-2025")
    shutil.copytree(both[1], tmp_path / "run-2026")
    other = b12audit("run", records(tmp_path, PRACTICE, SECOND, "Y2", "other"))
    assert "Since last time" not in other.stdout
    shutil.rmtree(tmp_path / "run-2025")
    assert "Since last time" not in b12audit("run", records(tmp_path, PRACTICE, FIRST)).stdout


def test_a_damaged_last_run_is_left_out_when_found_and_refused_when_named(
    copies: tuple[Path, Path], both: tuple[Path, Path]
) -> None:
    (copies[0] / "archive" / "1" / "facts.json").write_text("{}")
    source, out = both[1].parent / "cycle-2026", copies[0].parent / "new"
    done = b12audit("run", source, "--out", out)
    assert done.exit_code == 0
    assert "Not compared with run-2025: " in done.stderr
    assert "Since last time" not in done.stdout
    named = b12audit("run", source, "--out", out, "--previous", copies[0], "--force")
    assert named.exit_code == 4
    assert "ARCHIVE_DAMAGED" in named.output
    assert b12audit("run", source, "--out", out, "--previous", out.parent).exit_code == 4
    reversed_ = b12audit("run", both[0].parent / "cycle-2025", "--out", out, "--previous", copies[1])
    assert reversed_.exit_code == 2
    assert "CYCLES_REVERSED" in reversed_.output


def test_the_last_run_can_be_named(both: tuple[Path, Path], tmp_path: Path) -> None:
    source, out = both[1].parent / "cycle-2026", tmp_path / "new"
    assert "Since last time" not in b12audit("run", source, "--out", out).stdout
    done = b12audit("run", source, "--out", out, "--previous", both[0])
    assert "Since last time (31 March 2025)" in done.stdout
    assert json.loads((out / "run.json").read_text())["options"]["previous"] == "run-2025"


# The manager's notes


def noted(folder: Path, notes: Mapping[str, tuple[str, str, Any, str]]) -> Path:
    """Writes into the worklist what the manager would: action, owner, date done, comment, by patient."""
    path = folder / "report.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Worklist"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "Patient")
    places = {cell.value: cell.column for cell in head}
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        typed = notes.get(str(row[0].value), ("", "", None, ""))
        for name, value in zip(("Action", "Owner", "Date done", "Comment"), typed, strict=True):
            sheet.cell(row[0].row, places[name], value or None)
    book.save(path)
    return path


NOTES = {
    "I0": ("Booked", "Nurse", date(2025, 5, 2), "<script>alert(1)</script>"),
    "I1": ("Contacted", "Reception", None, "=1+1"),
}


def test_actions_are_carried_into_the_evidence(copies: tuple[Path, Path], tmp_path: Path) -> None:
    noted(copies[0], NOTES)
    actions = numbers(copies, tmp_path / "out")["actions"]
    assert (actions["worklist"], actions["done"]) == (4, 1)
    assert [(row["patient"], row["action"], row["owner"], row["done"]) for row in actions["noted"]] == [
        ("I0", "Booked", "Nurse", "2 May 2025"),
        ("I1", "Contacted", "Reception", ""),
    ]
    assert {row["outcome"] for row in actions["noted"]} <= {"Met", "Not met"}
    page = (tmp_path / "out" / "compare.html").read_text()
    assert "The first report&#39;s worklist has 4 patients. 2 actions are noted, 1 done." in page
    assert "<script" not in page
    sheet = openpyxl.load_workbook(tmp_path / "out" / "compare.xlsx")["Actions"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_actions_of_the_plan_are_carried_too(copies: tuple[Path, Path], tmp_path: Path) -> None:
    path = copies[0] / "report.xlsx"
    book = openpyxl.load_workbook(path)
    page = book["Action plan"]
    top = next(row[0].row for row in page.iter_rows() if row[0].value == "Problem")
    problem = page.cell(top + 1, 1).value
    for column, value in enumerate(("Phone them", "Ann", date(2025, 7, 1), "Done"), 2):
        page.cell(top + 1, column, value)
    book.save(path)
    actions = numbers(copies, tmp_path / "out")["actions"]
    assert [(row["problem"], row["action"], row["owner"], row["by"], row["done"]) for row in actions["noted"]] == [
        (problem, "Phone them", "Ann", "1 July 2025", "Done")
    ]
    shown = (tmp_path / "out" / "compare.html").read_text()
    assert "Phone them" in shown and "1 July 2025" in shown


def test_an_edited_note_makes_another_page(copies: tuple[Path, Path], tmp_path: Path) -> None:
    numbers(copies, tmp_path / "out")
    noted(copies[0], NOTES)
    assert "Already compared" not in b12audit("compare", *copies, "--out", tmp_path / "out").stdout


def test_without_the_old_workbook_the_page_says_so(copies: tuple[Path, Path], tmp_path: Path) -> None:
    (copies[0] / "report.xlsx").unlink()
    assert numbers(copies, tmp_path / "out")["actions"] == {"worklist": None, "done": 0, "noted": []}
    assert "no workbook of the first cycle" in (tmp_path / "out" / "compare.html").read_text()


def test_notes_are_read_from_moved_columns_and_rows(copies: tuple[Path, Path]) -> None:
    path = noted(copies[0], NOTES)
    straight = read_notes(path)
    book = openpyxl.load_workbook(path)
    rows = [[cell.value for cell in row] for row in book["Worklist"].iter_rows()]
    top = next(number for number, row in enumerate(rows) if row[0] == "Patient")
    place = book.sheetnames.index("Worklist")
    del book["Worklist"]
    moved = book.create_sheet("Worklist", place)
    for row in [["sorted by me"], *([None, *reversed(row)] for row in [rows[top], *reversed(rows[top + 1 :])])]:
        moved.append(row)
    del book["Action plan"]
    plan = book.create_sheet("Action plan")
    plan.append(["Done", "Owner", "Problem", "By", "Action"])
    plan.append(["yes", "A", "P", date(2025, 6, 1), "B"])
    book.save(path)
    found = read_notes(path)
    assert sorted(found.worklist, key=str) == sorted(straight.worklist, key=str)
    assert {note.patient: note.done for note in found.worklist} == {"I0": "2025-05-02", "I1": ""}
    assert [(line.problem, line.action, line.by, line.done) for line in found.plan] == [("P", "B", "2025-06-01", "yes")]


def test_a_workbook_that_is_not_ours_is_refused(tmp_path: Path, copies: tuple[Path, Path]) -> None:
    with pytest.raises(InputRejected) as caught:
        read_notes(ROOT / "sample_data" / "records.xlsx")
    assert caught.value.code == "NOT_A_REPORT"
    path = copies[0] / "report.xlsx"
    book = openpyxl.load_workbook(path)
    (cell,) = (cell for row in book["Worklist"].iter_rows() for cell in row if cell.value == "Owner")
    cell.value = "Who"
    book.save(path)
    with pytest.raises(AuditError) as lacking:
        read_notes(path)
    assert lacking.value.code == "NOTES_COLUMNS_MISSING"


def test_a_changed_report_folder_is_known_by_its_hash(both: tuple[Path, Path]) -> None:
    said = json.loads((both[1] / "run.json").read_text())
    name = "archive/1/patients.parquet"
    assert said["outputs"][name] == sha256((both[1] / name).read_bytes()).hexdigest()
    assert said["practices"] == ["Y1"]
