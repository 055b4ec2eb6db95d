"""The papers of clinical safety are true: each control names tests that exist, ratings follow the matrix."""

from __future__ import annotations

import ast
import csv
import functools
import html
import re
import shutil
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from audit.cli import main
from audit.commands import auditing
from tests.test_architecture import Module, modules, runtime_imports, snippet

ROOT = Path(__file__).resolve().parent.parent
SAFETY = ROOT / "docs" / "safety"
CASE = SAFETY / "safety-case.md"
COLUMNS = (
    *("id", "hazard", "effect", "cause", "severity_before", "likelihood_before", "risk_before", "control", "where"),
    *("test", "severity_after", "likelihood_after", "risk_after", "owner", "status"),
)
OWNERS = {"developer", "practice", "clinical safety officer"}
STATUSES = {"controlled", "open"}
#: The hazards that the log began with, each by words that its row holds. None may be dropped.
FIRST = {
    "blank": "on time because a blank counts",
    "lost rows": "on time because rows were lost",
    "day and month": "on time because day and month were exchanged",
    "missing": "A patient is missing from the list",
    "chased": "A patient who is on time is chased",
    "standard": "judged by the wrong standard",
    "merged": "Two people are merged into one, or one person is split",
    "old report": "An old report is read as the current state",
    "advice": "taken as advice to prescribe",
    "prescribed": "A prescription issued is counted as an injection given",
    "identified": "identified in a pack",
    "notes": "notes are lost, or attached to the wrong patient",
    "partial": "a part of the files is read as the whole",
    "chart": "A chart is misread",
    "headings": "foreign heading is taken for the wrong column",
    "codes": "A code is misread",
    "plans": "A plan or a statement of a FHIR export",
    "example": "template's example is audited",
    "status": "stale or damaged status",
    "clock": "The extract date is wrong",
    "small numbers": "A small number is read",
    "cycles": "compared by different standards",
}

Row = dict[str, str]


@functools.cache
def hazards() -> tuple[Row, ...]:
    with (SAFETY / "hazard-log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True, restkey="too many", restval="missing"))
    return tuple(rows)


def section(name: str) -> str:
    """What stands between the marks of that name in the safety case."""
    return CASE.read_text(encoding="utf-8").split(f"<!-- {name}: begin -->\n")[1].split(f"<!-- {name}: end -->")[0]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


@functools.cache
def matrix() -> dict[tuple[str, str], int]:
    """The risk of each severity and likelihood, as the safety case prints it."""
    head, _, *body = (cells(line) for line in section("matrix").splitlines())
    return {(severity, row[0]): int(risk) for row in body for severity, risk in zip(head[1:], row[1:], strict=True)}


# The log


def test_the_log_is_whole() -> None:
    assert len(hazards()) >= len(FIRST)
    for row in hazards():
        assert tuple(row) == COLUMNS
        assert all(cell == cell.strip() and cell for cell in row.values()), row["id"]
        assert row["owner"] in OWNERS, row["id"]
        assert row["status"] in STATUSES, row["id"]
    ids = [row["id"] for row in hazards()]
    assert ids == [f"H{number:02}" for number in range(1, len(ids) + 1)]


@pytest.mark.parametrize("name", FIRST)
def test_a_hazard_once_known_stays_in_the_log(name: str) -> None:
    assert sum(FIRST[name] in row["hazard"] for row in hazards()) == 1


def test_risks_follow_the_matrix_and_no_control_makes_them_larger() -> None:
    assert len(matrix()) == 25
    for row in hazards():
        for when in ("before", "after"):
            rated = matrix()[row[f"severity_{when}"], row[f"likelihood_{when}"]]
            assert row[f"risk_{when}"] == str(rated), row["id"]
        assert row["risk_after"] <= row["risk_before"], row["id"]
        assert int(row["risk_after"]) <= 3, row["id"]


def test_the_matrix_rises_with_severity_and_likelihood() -> None:
    rows = [[int(cell) for cell in cells(line)[1:]] for line in section("matrix").splitlines()[2:]]
    assert all(row == sorted(row) for row in rows)
    assert all(list(column) == sorted(column, reverse=True) for column in zip(*rows, strict=True))


def test_what_is_open_says_so() -> None:
    for row in hazards():
        assert (row["status"] == "open") == ("Open:" in row["control"]), row["id"]
        assert row["status"] == "controlled" or row["risk_after"] == row["risk_before"], row["id"]


# The tests that prove the controls


@functools.cache
def collected_from(path: Path) -> dict[str, str]:
    """The test functions that pytest collects from a file, each with its decorators."""
    if not path.is_file():
        return {}
    found = (node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef))
    return {
        node.name: " ".join(map(ast.unparse, node.decorator_list)) for node in found if node.name.startswith("test_")
    }


def unproven(row: Row) -> list[str]:
    """Tests that a row names and that are not there, or do not run with every change."""
    named = [name.partition("::") for name in row["test"].split("; ")]
    return [
        f"{path}::{test}"
        for path, _, test in named
        if re.search(r"mark\.(slow|skip|xfail)", collected_from(ROOT / path).get(test, "mark.skip"))
    ]


@pytest.mark.parametrize("row", hazards(), ids=lambda row: row["id"])
def test_every_control_has_its_files_and_its_tests(row: Row) -> None:
    assert [path for path in row["where"].split("; ") if not (ROOT / path).is_file()] == []
    assert unproven(row) == []


@pytest.mark.parametrize(
    "name",
    [
        "tests/test_nowhere.py::test_a",
        "tests/test_safety.py::test_that_was_never_written",
        "tests/test_safety.py::hazards",
        "tests/test_disclosure.py::test_a_thousand_packs",
        "tests/test_safety.py",
    ],
)
def test_a_test_that_does_not_run_proves_nothing(name: str) -> None:
    assert unproven({"test": name})


# The safety case


def summary() -> str:
    """The hazards as the safety case lists them."""
    head = ["| id | hazard | risk before | risk after | owner | status |", "|---|---|---|---|---|---|"]
    columns = ("id", "hazard", "risk_before", "risk_after", "owner", "status")
    rows = [f"| {' | '.join(row[column] for column in columns)} |" for row in hazards()]
    before, after = (Counter(row[f"risk_{when}"] for row in hazards()) for when in ("before", "after"))
    count = "; ".join(f"risk {risk}: {before[risk]} before, {after[risk]} after" for risk in "54321")
    return "\n".join([f"{len(rows)} hazards. By number, {count}.", "", *head, *rows, ""])


def test_the_safety_case_lists_the_hazards_of_the_log(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        text = CASE.read_text(encoding="utf-8").replace(
            section("hazards") + "<!-- hazards: end", summary() + "<!-- hazards: end"
        )
        CASE.write_text(text, encoding="utf-8", newline="")
    assert section("hazards") == summary(), "run pytest tests/test_safety.py --update-golden"


def test_what_remains_is_named_among_the_residual_risks() -> None:
    said = CASE.read_text(encoding="utf-8").split("## 6. Residual risks")[1].split("\n## ")[0]
    remains = {row["id"] for row in hazards() if row["risk_after"] == "3" or row["status"] == "open"}
    assert remains - set(re.findall(r"H\d\d", said)) == set()


def test_hazards_that_the_papers_name_are_in_the_log() -> None:
    ids = {row["id"] for row in hazards()}
    for path in SAFETY.glob("*.md"):
        assert set(re.findall(r"\bH\d\d\b", path.read_text(encoding="utf-8"))) <= ids, path.name


def test_the_statement_of_purpose_is_the_one_that_is_printed() -> None:
    from audit.render.words import STATEMENT  # noqa: PLC0415 - one test needs it

    assert STATEMENT in " ".join((SAFETY / "intended-purpose.md").read_text(encoding="utf-8").split())


def test_the_picture_has_words_and_loads_nothing() -> None:
    tree = ET.parse(SAFETY / "data-flow.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    title, words = (tree.find(f"{space}{name}") for name in ("title", "desc"))
    assert title is not None
    assert words is not None
    assert title.text
    assert len(words.text or "") > 200
    assert tree.get("role") == "img"
    assert tree.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    named = [*tree.iter()]
    assert not any(node.tag.endswith(("script", "image", "foreignObject", "style", "}a")) for node in named)
    assert not any("href" in key or key.startswith("on") for node in named for key in node.attrib)


# Controls that no other test proves


class Later(datetime):
    """A clock that is three years ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Later:
        moved = datetime.now(tz or UTC) + timedelta(days=3 * 365)
        return cls.fromisoformat(moved.isoformat())


def test_a_moved_clock_changes_no_verdict(
    sample: Path, audited_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "datetime", Later)
    done = CliRunner().invoke(main, ["run", str(sample), "--out", str(tmp_path / "later")])
    assert done.exit_code == 0, done.output
    names = {path.name for path in audited_once.iterdir() if path.is_file()} - {"run.json"}
    assert len(names) > 5
    for name in sorted(names):
        assert (tmp_path / "later" / name).read_bytes() == (audited_once / name).read_bytes(), name
    # the clock did move
    assert str(datetime.now(UTC).year + 3) in (tmp_path / "later" / "run.json").read_text(encoding="utf-8")


def printed(folder: Path) -> str:
    """What people read of a report, as plain text without what only a program reads."""
    page = re.sub(r"(?s)<(style|script)\b.*?</\1>", " ", (folder / "report.html").read_text(encoding="utf-8"))
    book = openpyxl.load_workbook(folder / "report.xlsx", read_only=True)
    rows = (str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    text = " ".join([re.sub(r"<[^>]+>", " ", html.unescape(page)), *rows])
    book.close()
    return " ".join(text.split())


ADVICE = re.compile(
    r"\b(priorit\w+|urgen\w+|risk (score|of)|at risk|should|ought|needs? (an|the|another) injection"
    r"|(give|inject|prescribe|book|increase|reduce) (him|her|them|the (patient|dose)|an injection|now|today))\b",
    re.IGNORECASE,
)


def test_nothing_printed_advises_or_ranks(audited_once: Path) -> None:
    text = printed(audited_once)
    assert len(text) > 100_000
    assert [text[max(0, found.start() - 60) : found.end() + 30] for found in ADVICE.finditer(text)] == []
    for column in ("priority", "rank", "risk", "score"):
        assert column not in (audited_once / "verdicts.csv").read_text(encoding="utf-8").partition("\n")[0]


@pytest.mark.parametrize("text", ["Give an injection now.", "High priority", "P1 is at risk", "She should be seen"])
def test_advice_would_be_found(text: str) -> None:
    assert ADVICE.search(text)


def test_what_people_read_names_its_day(little: Path, audited_once: Path, tmp_path: Path) -> None:
    page = (audited_once / "report.html").read_text(encoding="utf-8")
    assert "31 March 2026" in page.split("<h2")[0]
    book = openpyxl.load_workbook(audited_once / "report.xlsx", read_only=True)
    for name in ("Worklist", "Summary"):
        assert "to 31 March 2026" in str(next(book[name].iter_rows(values_only=True))[0])
    book.close()
    copy = shutil.copy(little, tmp_path / "records.xlsx")
    screen = CliRunner().invoke(main, ["recall", str(copy)]).output
    assert "31 March 2026" in screen


DOORS_TO_THE_NETWORK = re.compile(r"^(socket|ssl|http|ftplib|smtplib|imaplib|requests|httpx|aiohttp|urllib\.request)\b")


def doors(module: Module) -> list[str]:
    return [name for _, name in runtime_imports(module) if DOORS_TO_THE_NETWORK.match(name)]


def test_no_code_of_the_tool_opens_a_connection() -> None:
    assert {module.path: doors(module) for module in modules() if doors(module)} == {}


@pytest.mark.parametrize("text", ["import socket", "from urllib.request import urlopen", "import http.client"])
def test_a_way_to_the_network_would_be_found(text: str) -> None:
    assert doors(snippet(text))
