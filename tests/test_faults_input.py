"""Broken input: whatever happens to a file, it is read as if nothing had happened, refused, or what differs is said."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd
import pytest

from audit.errors import AuditError, InputRejected
from audit.intake.extract import Extract
from audit.intake.read import read_extract
from tests import counts
from tests.corpora import broken, other_formats
from tests.corpora.bombs import bombs

ROOT = Path(__file__).resolve().parent.parent
SOUND: dict[str, Callable[[], bytes]] = {
    "xlsx": broken.workbook,
    "xlsb": lambda: other_formats.xlsb(broken.sheets()),
    "ods": lambda: other_formats.ods(broken.sheets()),
    "zip": lambda: other_formats.zipped(_csv_files()),
}


def _csv_files() -> dict[str, bytes]:
    return {
        f"{name}.csv": "".join(",".join(map(str, row)) + "\r\n" for row in rows).encode()
        for name, rows in broken.sheets().items()
    }


def _same(one: Extract, other: Extract) -> bool:
    tables = ("patients", "treatments", "tests", "reviews")
    return one.about == other.about and all(_equal(getattr(one, name), getattr(other, name)) for name in tables)


def _equal(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return one.equals(other)


def outcome(path: Path, content: bytes, intact: Extract) -> str:
    """What became of a broken file: its refusal's code, `same`, `said` (by a finding of its own), or `silent`.

    A refusal without a code, a place or a remedy, or with an exit code of its own making, counts as `silent`.
    """
    path.write_bytes(content)
    try:
        extract = read_extract(path)
    except AuditError as error:
        whole = error.code and error.where and error.remedy and error.exit_code in (4, 6, 11)
        return error.code if whole else f"silent {error.code}"
    if _same(extract, intact):
        return "same"
    known = {(finding.code, finding.row, finding.column) for finding in intact.findings}
    new = [finding for finding in extract.findings if (finding.code, finding.row, finding.column) not in known]
    return "said" if any(finding.severity != "note" for finding in new) else "silent"


def count(tmp_path: Path, name: str, cases: Iterable[tuple[str, bytes]]) -> tuple[Counter[str], list[str]]:
    """Outcomes of all cases of one kind of file, and the cases that were read silently wrong."""
    path = tmp_path / f"practice.{name}"
    path.write_bytes(SOUND[name]())
    intact = read_extract(path)
    outcomes = [(case, outcome(path, content, intact)) for case, content in cases]
    return Counter(kind for _, kind in outcomes), [case for case, kind in outcomes if kind.startswith("silent")]


# --- workbooks broken before they were packed: their check sums are right


@pytest.fixture(scope="module")
def malformed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    path = tmp_path_factory.mktemp("malformed") / "practice.xlsx"
    path.write_bytes(broken.workbook())
    intact = read_extract(path)
    return [(case, outcome(path, content, intact)) for case, content in broken.malformed()]


def test_no_malformed_workbook_is_read_silently_wrong(malformed: list[tuple[str, str]]) -> None:
    assert len(malformed) == 200
    assert [case for case, kind in malformed if kind.startswith("silent")] == []


def test_nearly_every_malformed_workbook_is_refused(malformed: list[tuple[str, str]]) -> None:
    read = {case: kind for case, kind in malformed if kind in ("same", "said")}
    # bytes after the archive, a number that is no number but a number of Excel's, a cell that stands twice unused
    assert {case.rpartition("-")[0] for case in read} <= {"something_around_it", "number_unreadable", "cell_twice"}
    assert len(read) < 10


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("part_missing", {"DAMAGED_FILE"}),
        ("no_worksheet", {"NO_WORKSHEET"}),
        ("name_leads_out", {"UNSAFE_FILE"}),
        ("never_calculated", {"FORMULAS_NOT_CALCULATED"}),
        ("archive_flags", {"DAMAGED_FILE", "PASSWORD_PROTECTED"}),
    ],
)
def test_the_refusal_says_what_is_wrong(malformed: list[tuple[str, str]], kind: str, codes: set[str]) -> None:
    assert {code for case, code in malformed if case.startswith(kind)} == codes


# --- damaged and cut-off files

FORMATS = tuple(SOUND)
#: Of each format, so many bits turned over and so many files cut off; all of them, and by default.
FLIPS = {"xlsx": (6_000, 120), "xlsb": (400, 40), "ods": (400, 40), "zip": (200, 40)}
CUTS = {"xlsx": (200, 30), "xlsb": (40, 10), "ods": (40, 10), "zip": (20, 10)}


@pytest.mark.parametrize("name", FORMATS)
def test_a_turned_bit_is_never_read_silently_wrong(tmp_path: Path, name: str) -> None:
    outcomes, silent = count(tmp_path, name, broken.flipped(SOUND[name](), FLIPS[name][1], 11))
    assert silent == []
    assert outcomes.total() == FLIPS[name][1]
    assert outcomes["same"] < outcomes.total() / 4


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path, name: str) -> None:
    outcomes, silent = count(tmp_path, name, broken.truncated(SOUND[name](), CUTS[name][1], 12))
    assert silent == []
    assert not outcomes.keys() & {"same", "said"}
    assert outcomes["FILE_INCOMPLETE"] >= CUTS[name][1] / 2


def test_an_old_workbook_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "practice.xls"
    content = other_formats.xls(broken.sheets())
    path.write_bytes(content)
    intact = read_extract(path)
    cuts = [outcome(path, cut, intact) for _, cut in broken.truncated(content, 30, 13)]
    assert {*cuts} <= {"FILE_INCOMPLETE", "OLD_EXCEL_FORMAT", "TEXT_NOT_WORKBOOK"}


def test_a_csv_cut_off_anywhere_but_between_rows_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "practice.csv"
    content = _csv_files()["Treatments.csv"]
    path.write_bytes(content)
    intact = read_extract(path)
    heading_end = content.index(b"\n") + 1
    cuts = [place for place in range(heading_end + 1, len(content), 13) if content[place - 1 : place] not in b"\r\n"]
    kinds = Counter(outcome(path, content[:place], intact) for place in cuts)
    assert kinds.keys() <= {"FILE_INCOMPLETE", "said"}
    assert kinds["FILE_INCOMPLETE"] > len(cuts) / 2


# --- bombs

#: A refusal takes less, in seconds and in megabytes for the whole process.
MOST_SECONDS, MOST_MEGABYTES = 2, 150
BOMBS = list(bombs())
_WATCHED = """
import sys, time
from pathlib import Path
from audit.errors import AuditError, InputRejected
from audit.intake.read import read_extract
began = time.perf_counter()
try:
    read_extract(Path(sys.argv[1]))
except AuditError as error:
    peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(error.code, error.exit_code, time.perf_counter() - began, int(peak) / 1024)
"""


def _codes(name: str) -> set[str]:
    if name.startswith(("520", "spaces", "one", "table")):
        return {"ZIP_BOMB"}
    if name.startswith(("far", "repeated")):
        return {"CELL_FAR_AWAY"}
    return {"texts": {"TEXT_BOMB"}, "lying": {"DAMAGED_FILE"}}.get(name.partition(".")[0], {"XML_ENTITIES"})


def test_there_are_twenty_four_bombs() -> None:
    assert len({name for name, _ in BOMBS}) == 24


@pytest.mark.parametrize(("name", "make"), BOMBS, ids=[name for name, _ in BOMBS])
def test_a_bomb_is_refused(tmp_path: Path, name: str, make: Callable[[], bytes]) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(InputRejected) as error:
        read_extract(path)
    assert {error.value.code} == _codes(name)
    assert error.value.remedy
    assert name in error.value.where


def _watch(path: Path) -> tuple[str, float, float]:
    """A fresh process reads the file: its refusal's code, the seconds it took, the megabytes it ever held."""
    command = [sys.executable, "-c", _WATCHED, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=ROOT)
    code, exit_code, seconds, megabytes = done.stdout.split()
    assert exit_code == "4"
    return code, float(seconds), float(megabytes)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("which", ["520 MB.xlsx", "far cell.xlsx", "laughs sharedStrings.xml.xlsx"])
def test_a_bomb_costs_neither_time_nor_memory(tmp_path: Path, which: str) -> None:
    path = tmp_path / which
    path.write_bytes(dict(BOMBS)[which]())
    _, seconds, megabytes = _watch(path)
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES


# --- the whole corpora, and the page that says how they went

BROKEN = "broken input"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_the_whole_corpora_and_write_their_counts(tmp_path: Path, malformed: list[tuple[str, str]]) -> None:
    rows = [counts.row("Malformed workbooks (20 kinds, 10 each)", Counter(kind for _, kind in malformed))]
    for title, sizes, damage, seed in (
        ("Bits turned over", FLIPS, broken.flipped, 21),
        ("Cut off", CUTS, broken.truncated, 22),
    ):
        for name in FORMATS:
            outcomes, silent = count(tmp_path, name, damage(SOUND[name](), sizes[name][0], seed))
            assert silent == []
            rows.append(counts.row(f"{title}, .{name}", outcomes))
    rows.append(counts.row("Bombs and XML attacks", _all_bombs(tmp_path)))
    assert sum(sizes[0] for sizes in FLIPS.values()) == 7_000
    assert sum(sizes[0] for sizes in CUTS.values()) == 300
    counts.write(BROKEN, "files", rows)


def _all_bombs(tmp_path: Path) -> Counter[str]:
    codes: Counter[str] = Counter()
    for name, make in BOMBS:
        path = tmp_path / name
        path.write_bytes(make())
        code, seconds, megabytes = _watch(path)
        assert seconds < MOST_SECONDS, name
        assert megabytes < MOST_MEGABYTES, name
        codes[code] += 1
    return codes


def test_the_page_holds_the_counts_of_the_whole_corpora() -> None:
    files = counts.read(BROKEN)
    assert len(files) == 10
    for total, refused, same, said, wrong in files.values():
        assert (refused + same + said, wrong) == (total, 0)
    assert sum(one[0] for name, one in files.items() if name.startswith("Bits")) == 7_000
    assert sum(one[0] for name, one in files.items() if name.startswith("Cut")) == 300
