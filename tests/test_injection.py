"""Hostile texts in every field of real input files: in page, workbook and tables they stay text."""

from __future__ import annotations

import csv
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from audit.cli import main
from audit.render.words import clean
from tests import counts
from tests.corpora.injections import INJECTIONS
from tests.intake_files import TREATMENT_HEADINGS, Rows, treatment, write_xlsx
from tests.test_html import parsed

ROWS = "Patient, drug, directions, event and cause"
FILES = "Practice, sheet, file and About"
OUTPUTS = ("html", "xlsx", "csv")
DAYS = [date(2023, month, 12) for month in (1, 3, 5)]
LAST = date(2023, 12, 1)
RESULTS = "injections"


def book(path: Path, patients: Sequence[str], text: str = "", about: Rows = (), sheet: str = "More") -> Path:
    """A workbook in which `patients` are overdue and each hostile `text` stands in every field of a row."""
    hostile = patients if not text else [text]
    rows = [treatment(patient_id=who, date=day) for who in patients for day in DAYS]
    for number, one in enumerate(hostile):
        rows += [
            treatment(patient_id=f"N{number}", **{field: one}, date=day)
            for field, day in zip(("drug", "directions", "event"), DAYS, strict=True)
        ]
    people = [[who, "no", one] for who, one in zip(patients, hostile, strict=True)]
    sheets: dict[str, Rows] = {
        "About": [["extract_date", LAST], *about],
        "Patients": [["patient_id", "neurological_involvement", "cause"], *people],
        "Treatments": [TREATMENT_HEADINGS, *rows],
        sheet: [["patient", "what"], ["1", "2"]],
    }
    return write_xlsx(path, sheets)


def audited(source: Path, out: Path) -> Path:
    done = CliRunner().invoke(main, ["run", str(source), "--out", str(out)])
    assert done.exit_code in (0, 3), done.output
    return out


def file_name(text: str) -> str:
    """As a file system takes it."""
    return text.replace("/", "_").replace("\\", "_").strip() + ".xlsx"


def sheet_name(text: str) -> str:
    """As Excel takes it."""
    return re.sub(r"[\[\]:*?/\\]", "_", text)[:31].strip("'") or "_"


@pytest.fixture(scope="module")
def by_row(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run of one workbook: each text as a patient's reference, drug, directions, event and cause."""
    folder = tmp_path_factory.mktemp("rows")
    return audited(book(folder / "rows.xlsx", INJECTIONS), folder / "out")


def by_file(folder: Path, texts: Sequence[str]) -> Path:
    """One run of a folder of workbooks: each text as a practice, a sheet, a file and what stands in About."""
    inputs = folder / "in"
    inputs.mkdir()
    for number, text in enumerate(texts):
        about = [["practice_id", text], ["note", text], [text, text]]
        book(inputs / file_name(text), [f"P{number}"], text, about, sheet_name(text))
    return audited(inputs, folder / "out")


# What counts as active

NEVER = {"iframe", "object", "embed", "base", "form", "link", "img", "audio", "video", "textarea", "image", "animate"}


def active_html(path: Path) -> list[str]:
    """Elements and attributes that a report never has, and places that lead off the page."""
    page = parsed(path.read_text(encoding="utf-8"))
    wrong = [f"fault {fault}" for fault in page.faults]
    once = Counter(element.name for element in page.elements)
    wrong += [f"{name} x{once[name]}" for name in ("script", "style", "body", "main", "input") if once[name] > 1]
    wrong += sorted(NEVER & set(once))
    for element in page.elements:
        for name, value in element.attributes.items():
            if name.startswith("on") or name in ("style", "src", "srcdoc", "action", "formaction", "autofocus"):
                wrong.append(f"{element.name} {name}")
            if name.endswith("href") and not re.fullmatch(r"#[a-z][a-z0-9-]*", value or ""):
                wrong.append(f"{element.name} {name} {value}")
            if name in ("class", "id") and not re.fullmatch(r"[A-Za-z0-9 _-]*", value or ""):
                wrong.append(f"{element.name} {name} {value}")
    return wrong


def active_xlsx(path: Path) -> list[str]:
    """Formulas, links off the workbook, code, connections."""
    wrong: list[str] = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace")
            if re.search(r"vba|macro|external|connection|oleobject|activex|ddelink|query|embedd", name, re.IGNORECASE):
                wrong.append(name)
            if name.startswith("xl/worksheets/") and re.search(r"<f[ >]|<hyperlink |<oleObject|<controls", text):
                wrong.append(f"{name}: formula or link")
            if 'TargetMode="External"' in text or re.search(r"ddeLink|externalReference", text):
                wrong.append(f"{name}: external")
    return wrong


def active_csv(path: Path) -> list[str]:
    """Cells that a spreadsheet program would run: what looks like a formula and is no number."""
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    starts = ("=", "+", "-", "@", "\t", "\r", "\n")
    number = re.compile(r"-?\d+(\.\d+)?")
    first = {cell: unicodedata.normalize("NFKC", cell.lstrip(" \ufeff\u200b")[:1]) for cell in cells}
    return [
        f"{path.name}: {cell!r}" for cell in cells if first[cell].startswith(starts) and not number.fullmatch(cell)
    ]


def active(out: Path) -> dict[str, list[str]]:
    tables = [found for path in sorted(out.glob("*.csv")) for found in active_csv(path)]
    return {"html": active_html(out / "report.html"), "xlsx": active_xlsx(out / "report.xlsx"), "csv": tables}


def texts(out: Path) -> dict[str, str]:
    """Everything that can be read in each output."""
    (whole,) = parsed((out / "report.html").read_text(encoding="utf-8")).all("html")
    cells = [
        str(cell) for sheet in openpyxl.load_workbook(out / "report.xlsx").worksheets
        for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    ]  # fmt: skip
    tables = "\n".join(path.read_text(encoding="utf-8") for path in sorted(out.glob("*.csv")))
    return {"html": whole.text, "xlsx": "\n".join(cells), "csv": tables.replace('""', '"')}


def test_nothing_of_a_row_becomes_active(by_row: Path) -> None:
    assert active(by_row) == {name: [] for name in OUTPUTS}


def test_what_was_typed_stands_there_as_text(by_row: Path) -> None:
    shown = texts(by_row)
    typed = [text for text in INJECTIONS if text.isprintable() and text == text.strip()]
    assert len(typed) > 50
    assert [text for text in typed if text not in shown["csv"]] == []
    for name in ("html", "xlsx"):
        assert [text for text in typed if clean(text) not in shown[name]] == [], name
    assert "\u202e" not in shown["html"] + shown["xlsx"]
    assert not re.search(r"(?<![\d,])49(?![\d,])", " ".join(re.findall(r"\S*7\*7\S*", shown["html"])))


def test_names_of_files_sheets_and_practices_do_not_become_active(tmp_path: Path) -> None:
    assert active(by_file(tmp_path, INJECTIONS[::15])) == {name: [] for name in OUTPUTS}


def test_what_is_active_would_be_found(by_row: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    whole = (by_row / "report.html").read_text(encoding="utf-8")
    for text in ("<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">x</a>', "<script>1</script>"):
        page.write_text(whole.replace("</main>", f"{text}</main>"), encoding="utf-8")
        assert active_html(page), text
    table = tmp_path / "findings.csv"
    for text in ("=1+1", "\uff1d1+1", " =1+1", "-1+1"):
        table.write_text(f"a,b\n1,{text}\n", encoding="utf-8")
        assert active_csv(table), text
    table.write_text("a,b\n-5,'=1+1\n", encoding="utf-8")
    assert active_csv(table) == []
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(tmp_path / "active.xlsx")
    assert active_xlsx(tmp_path / "active.xlsx")


def became(what: str, out: Path) -> dict[str, Counter[str]]:
    """Of each output, how many texts are shown as typed, how many otherwise or not at all, and what is active."""
    found, shown = active(out), texts(out)
    lines = {}
    for name in OUTPUTS:
        same = sum(text in shown[name] for text in INJECTIONS)
        lines[f"{what}: {name}"] = +Counter(same=same, said=len(INJECTIONS) - same, silent=len(found[name]))
    return lines


@pytest.mark.slow
def test_every_text_in_every_field(by_row: Path, tmp_path: Path) -> None:
    lines = became(ROWS, by_row) | became(FILES, by_file(tmp_path, INJECTIONS))
    counts.write(RESULTS, "texts", [counts.row(title, outcomes) for title, outcomes in lines.items()])
    assert {title: outcomes["silent"] for title, outcomes in lines.items() if outcomes["silent"]} == {}


def test_the_counts_are_those_of_the_corpus() -> None:
    lines = counts.read(RESULTS)
    assert list(lines) == [f"{what}: {name}" for what in (ROWS, FILES) for name in OUTPUTS]
    assert {(line[0], line[4]) for line in lines.values()} == {(len(INJECTIONS), 0)}
