"""What a hostile file could do, and who may read what is made of it; docs/threat-model.md says which test holds."""

from __future__ import annotations

import csv
import re
import stat
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from audit.cli import main

ROOT = Path(__file__).resolve().parent.parent
THREATS = ROOT / "docs" / "threat-model.md"

STARTS = ("=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width on purpose
CALLS = ("cmd|' /C calc'!A0", 'HYPERLINK("http://x.invalid","y")', "1+1", "SUM(1,1)*IMPORTXML(A1)")
MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></table><h1>x</h1>",
    "<svg/onload=alert(1)>",
    '"><b>x</b>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}",
    "{% raw %}",
    "javascript:alert(1)",
    "data:text/html,<b>x</b>",
    "&lt;script&gt;",
    "<!--",
    "]]>",
    "</style><style>*{display:none}",
    "</script><script>1</script>",
    "<a href=//x.invalid>y</a>",
    "<iframe src=x>",
    "http://x.invalid/",
    "file:///c:/x",
    "internal:a!A1",
)
PAYLOADS = (*(f"{start}{call}" for start in STARTS for call in CALLS), *MARKUP)


class Page(HTMLParser):
    """The elements of a page, and the attributes that could run or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.running: list[tuple[str, str]] = []
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            loads = name in ("href", "src") and not (value or "").startswith("#")
            if name.startswith("on") or name == "style" or loads:
                self.running.append((name, value or ""))


def page_of(folder: Path) -> Page:
    page = Page()
    page.feed((folder / "report.html").read_text(encoding="utf-8"))
    return page


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a practice in which every payload stands in eight fields."""
    folder = tmp_path_factory.mktemp("hostile")
    headings = ["patient_id", "date", "drug", "event", "route", "dose", "directions"]
    rows: list[list[str]] = []
    for number, text in enumerate(PAYLOADS):
        who = f"{text}{number}"
        good = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
        rows.append([who, "2023-10-01", good, "administered", text, text, text])
        rows.append([who, "2024-01-05", text, "administered", "", "", text])
        rows.append([who, "2024-02-05", good, text, "", "", ""])
        rows.append([who, text, good, "administered", "", "", ""])
        overdue = f"{text} {number}"
        for patient in (who, overdue):
            days = [f"20{year}-0{month}-03" for year in range(19, 24) for month in (1, 4, 7)]
            rows += [[patient, day, good, "administered", "", "", ""] for day in days]
    patients = [["patient_id", "cause"], *([f"{text}{number}", text] for number, text in enumerate(PAYLOADS))]
    about = [["extract_date", "2024-06-01"], ["history_start", "2019-01-01"]]
    (folder / "practice").mkdir()
    for name, table in (("About", about), ("Patients", patients), ("Treatments", [headings, *rows])):
        with (folder / "practice" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)
    done = CliRunner().invoke(main, ["run", str(folder / "practice"), "--out", str(folder / "out")])
    assert done.exit_code in (0, 3), done.output
    return folder / "out"


def test_there_are_sixty_payloads() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 60


def test_no_cell_of_a_table_is_a_formula(hostile: Path) -> None:
    cells = 0
    for name in ("verdicts", "intervals", "findings"):
        with (hostile / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    cells += any(text in cell for text in PAYLOADS)
                    first = unicodedata.normalize("NFKC", cell[:1])
                    assert first not in ("=", "+", "@", "\t", "\r"), cell
                    assert first != "-" or re.fullmatch(r"-\d+(\.\d+)?", cell), cell
    assert cells > 1_000


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(hostile: Path) -> None:
    book = openpyxl.load_workbook(hostile / "report.xlsx")
    typed = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert sum(any(text in str(cell.value) for text in PAYLOADS) for cell in typed) > 500
    assert [cell.coordinate for cell in typed if cell.data_type == "f" or cell.hyperlink] == []


def test_no_text_becomes_a_part_of_the_page(hostile: Path, audited_once: Path) -> None:
    page, usual = page_of(hostile), page_of(audited_once)
    assert page.tags <= usual.tags
    assert page.running == []
    assert sum(text in page.text for text in MARKUP) > len(MARKUP) / 2


def test_all_that_a_run_makes_is_its_owners_alone(audited_once: Path) -> None:
    made = [audited_once, *audited_once.rglob("*")]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in made}
    assert modes == {0o600, 0o700}
    assert any(path.suffix == ".parquet" for path in made)


def test_every_threat_names_tests_that_there_are() -> None:
    text = THREATS.read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 15
    for threat, control, tests in rows:
        assert control.strip(), threat
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", tests)
        assert named, threat
        for file, test in named:
            found = f"def {test}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
            assert found, f"{threat.strip()}: {file} has no {test}"
