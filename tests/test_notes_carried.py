"""What the manager writes into a report's workbook comes back in the next one, and is never lost."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from audit.cli import main
from audit.intake.notes import Note, Notes, Planned, read_notes
from audit.render.carried import carry, digest_of, lines_of_plan, together
from audit.render.html import render_html
from audit.render.todo import sign_off_problems
from audit.render.view import View, build_view
from tests import fake_result as fake
from tests.pages import report

INJECTION = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
OVERDUE = "Nobody overdue on the extract date"
NOTE = ("Booked", "Nurse", date(2024, 6, 3), "=1+1, telephoned")


def practice(path: Path, patients: Sequence[str], overdue: bool = True) -> Path:
    """Patients on injections every two months; the last injection lies half a year back where they are overdue."""
    book = Workbook()
    months = (1, 3, 5, 7, 9, 11) if overdue else (1, 3, 5, 7, 9, 11, 13, 15, 17)
    days = [date(2023 + month // 13, (month - 1) % 12 + 1, 1) for month in months]
    sheets: dict[str, list[list[Any]]] = {
        "About": [["extract_date", "2024-06-01"], ["history_start", "2019-01-01"], ["practice_id", "Y1"]],
        "Patients": [["patient_id", "neurological_involvement"], *([name, "yes"] for name in patients)],
        "Treatments": [
            ["patient_id", "date", "drug", "event", "route", "dose"],
            *([name, day, INJECTION, "administered", "im", "1 mg"] for name in patients for day in days),
        ],
    }
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["run", *map(str, arguments), "--no-archive"])


def written(*arguments: str | Path) -> Result:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return done


def rows_of(path: Path, name: str) -> list[dict[str, Any]]:
    page = openpyxl.load_workbook(path)[name]
    (table,) = page.tables.values()
    head, *rows = ([cell.value for cell in row] for row in page[table.ref])
    return [dict(zip(head, row, strict=True)) for row in rows]


def type_into(path: Path, name: str, typed: Mapping[str, Sequence[Any]], columns: Sequence[str]) -> None:
    """Types values into the named columns of the rows whose first cell is so; a row more where there is none."""
    book = openpyxl.load_workbook(path)
    page = book[name]
    (table,) = page.tables.values()
    head, *rows = page[table.ref]
    places = {cell.value: cell.column for cell in head}
    lines = {str(row[0].value): row[0].row for row in rows}
    free = rows[-1][0].row + 1
    for first, values in typed.items():
        line = lines.get(first, free)
        page.cell(line, 1, first)
        for column, value in zip(columns, values, strict=True):
            cell = page.cell(line, places[column], value)
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)


def note(path: Path, patient: str = "A1", typed: Sequence[Any] = NOTE) -> None:
    type_into(path, "Worklist", {patient: typed}, ("Action", "Owner", "Date done", "Comment"))


def noted(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("Action", "Owner", "Date done", "Comment"))


THEIRS = ("Booked", "Nurse", datetime(2024, 6, 3), "=1+1, telephoned")
BLANK = (None, None, None, None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    written(practice(folder / "records.xlsx", ("A1", "A2")), "--out", folder / "out")
    return folder


@pytest.fixture
def two(made: Path, tmp_path: Path) -> Path:
    """An input of two overdue patients, and a run of it in `out`."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "records.xlsx"


def test_notes_in_the_report_that_is_replaced_come_back_on_their_rows(two: Path, tmp_path: Path) -> None:
    book = tmp_path / "out" / "report.xlsx"
    note(book)
    done = written(two, "--out", tmp_path / "out")
    assert "Carrying 1 note forward" in done.output
    assert {row["Patient"]: noted(row) for row in rows_of(book, "Worklist")} == {"A1": THEIRS, "A2": BLANK}
    assert "Earlier notes" not in openpyxl.load_workbook(book).sheetnames


def test_the_same_run_again_touches_nothing(two: Path, tmp_path: Path) -> None:
    book = tmp_path / "out" / "report.xlsx"
    note(book)
    written(two, "--out", tmp_path / "out")
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in (tmp_path / "out").iterdir()}
    written(two, "--out", tmp_path / "out")
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in (tmp_path / "out").iterdir()} == before
    written(two, "--out", tmp_path / "out", "--force")
    assert book.read_bytes() == before["report.xlsx"][1]


def test_three_generations_lose_nothing(two: Path, tmp_path: Path) -> None:
    """A1 is noted, leaves the extract, A2 is noted and no longer overdue, and A1 comes back."""
    out, book = tmp_path / "out", tmp_path / "out" / "report.xlsx"
    note(book)
    written(practice(tmp_path / "second.xlsx", ("A2",)), "--out", out)
    (kept,) = rows_of(book, "Earlier notes")
    assert (kept["Patient"], noted(kept), kept["Why it is here"]) == ("A1", THEIRS, "Patient not in this extract")
    assert kept["Was due"] == datetime(2024, 1, 1)
    note(book, "A2", ("Contacted", None, None, "second"))
    written(practice(tmp_path / "third.xlsx", ("A2",), overdue=False), "--out", out)
    kept_2 = rows_of(book, "Earlier notes")
    assert [(row["Patient"], row["Comment"]) for row in kept_2] == [("A1", NOTE[3]), ("A2", "second")]
    assert kept_2[1]["Why it is here"] == "No longer on the worklist"
    written(practice(tmp_path / "fourth.xlsx", ("A2",), overdue=False), "--out", out)
    assert rows_of(book, "Earlier notes") == kept_2
    written(two, "--out", out)
    rows = {row["Patient"]: noted(row) for row in rows_of(book, "Worklist")}
    assert rows == {"A1": THEIRS, "A2": ("Contacted", None, None, "second")}
    assert "Earlier notes" not in openpyxl.load_workbook(book).sheetnames


def test_a_workbook_that_is_named_counts_before_the_one_in_place(two: Path, tmp_path: Path) -> None:
    old, book = tmp_path / "old.xlsx", tmp_path / "out" / "report.xlsx"
    old.write_bytes(book.read_bytes())
    note(old, "A1", ("Contacted", "", None, "from the old one"))
    note(book, "A1")
    written(two, "--out", tmp_path / "out", "--notes", old)
    rows = {row["Patient"]: row["Comment"] for row in rows_of(book, "Worklist")}
    assert rows == {"A1": "from the old one", "A2": None}
    (kept,) = rows_of(book, "Earlier notes")
    assert (noted(kept), kept["Why it is here"]) == (THEIRS, "On the worklist again; this is an older note")


def test_the_earlier_cycle_counts_where_there_is_no_other_workbook(tmp_path: Path) -> None:
    source = practice(tmp_path / "records.xlsx", ("A1", "A2"))
    command = ["run", str(source), "--to", "2024-05-31", "--extract-date"]
    assert CliRunner().invoke(main, [*command, "2024-05-31", "--out", str(tmp_path / "old")]).exit_code == 0
    note(tmp_path / "old" / "report.xlsx")
    written(source, "--out", tmp_path / "new")
    rows = {row["Patient"]: noted(row) for row in rows_of(tmp_path / "new" / "report.xlsx", "Worklist")}
    assert rows["A1"] == THEIRS


def test_the_action_plan_comes_back_as_typed(two: Path, tmp_path: Path) -> None:
    book = tmp_path / "out" / "report.xlsx"
    (ours, *_) = [row["Problem"] for row in rows_of(book, "Action plan")]
    assert ours == "2 patients overdue"
    columns = ("Action", "Owner", "By", "Done")
    (discussed, *others) = sign_off_problems()
    typed = {
        ours: ("Phone them", "Ann", date(2024, 7, 1), "Not yet"),
        "The fridge": ("", "", None, ""),
        discussed: ("Practice meeting", "", date(2024, 6, 3), ""),
    }
    type_into(book, "Action plan", typed, columns)
    written(two, "--out", tmp_path / "out")
    rows = rows_of(book, "Action plan")
    assert tuple(rows[0].values()) == (ours, "Phone them", "Ann", datetime(2024, 7, 1), "Not yet")
    assert [row["Problem"] for row in rows if row["Problem"]][-4:] == ["The fridge", discussed, *others]
    assert tuple(rows[-3].values())[1:] == ("Practice meeting", None, datetime(2024, 6, 3), None)
    written(practice(tmp_path / "one.xlsx", ("A1",)), "--out", tmp_path / "out")
    problems = [row["Problem"] for row in rows_of(book, "Action plan") if row["Problem"]]
    assert problems[0] == "1 patient overdue"
    assert problems[-5:] == [ours, "The fridge", discussed, *others]
    assert len(problems) == len(set(problems))


def test_the_sign_off_is_a_fact_of_the_first_cycle_and_no_action() -> None:
    text = " ".join(re.sub(r"<[^>]*>", " ", report("compare")).split())
    assert "Discussed at (meeting, date) Practice meeting, AB, 3 June 2025" in text
    assert "Sign-off" not in text
    assert "1 action is noted" in text


# What must not be overwritten


def fingerprint(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("marker", ["~$report.xlsx", ".~lock.report.xlsx#"])
def test_a_workbook_that_is_open_is_not_replaced(marker: str, two: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / marker).write_text("Ann")
    written(two, "--out", out)  # already there: nothing is to be written
    note(out / "report.xlsx")
    before = fingerprint(out)
    done = run(two, "--out", out)
    assert done.exit_code == 7
    assert "close it in Excel" in done.output
    assert marker in done.output
    assert fingerprint(out) == before


def _without_owner(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    (cell,) = (cell for row in book["Worklist"].iter_rows() for cell in row if cell.value == "Owner")
    cell.value = "Who"
    book.save(path)


DAMAGE = {
    "cut off": lambda book: book.write_bytes(book.read_bytes()[:-2000]),
    "no workbook": lambda book: book.write_bytes(b"nothing"),
    "another workbook": lambda book: practice(book, ("A1",)),
    "a heading gone": _without_owner,
}


@pytest.mark.parametrize("name", DAMAGE)
@pytest.mark.parametrize("named", [True, False])
def test_notes_that_cannot_be_read_are_refused_and_not_overwritten(
    name: str, named: bool, two: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    book = tmp_path / "old.xlsx" if named else out / "report.xlsx"
    book.write_bytes((out / "report.xlsx").read_bytes())
    DAMAGE[name](book)
    before = (fingerprint(out), book.read_bytes())
    done = run(two, "--out", out, "--force", *(("--notes", book) if named else ()))
    assert done.exit_code in (4, 11), done.output
    assert "what to do" in done.output
    assert "Traceback" not in done.output
    assert (fingerprint(out), book.read_bytes()) == before


def test_a_workbook_saved_while_the_report_is_made_stays(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "out" / "report.xlsx"

    def slowly(view: View) -> str:
        note(book)
        return render_html(view)

    monkeypatch.setattr("audit.render.write.render_html", slowly)
    done = run(two, "--out", tmp_path / "out", "--force")
    assert done.exit_code == 7
    assert "saved while the report was being made" in done.output
    assert [item.patient for item in read_notes(book).worklist] == ["A1"]


def test_messages_hold_nothing_of_a_note(two: Path, tmp_path: Path) -> None:
    note(tmp_path / "out" / "report.xlsx", "A1", ("Booked", "Nurse", None, "secret"))
    done = written(two, "--out", tmp_path / "out")
    assert "secret" not in done.output
    said = json.loads((tmp_path / "out" / "run.json").read_text())
    assert "secret" not in json.dumps(said)
    assert "secret" not in (tmp_path / "out" / "report.html").read_text()


# The pieces


def view_of(notes: Notes | None = None) -> View:
    return build_view(fake.result(), version="1", command="b12audit run records.xlsx", notes=notes)


def of_row(number: int = 0, **changes: Any) -> Note:
    row = view_of().worklist.rows[number]
    due = row.due.isoformat() if row.due else ""
    return replace(Note(row.patient, row.practice, row.criterion_title, "Booked", "", "", "", due), **changes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"criterion": "Another"}, "no longer on the worklist"),
        ({"patient": "P9999"}, "patient not in this extract"),
        ({"practice": "Z9"}, "practice not in this extract"),
        ({"patient": ""}, "its row names no patient or no criterion"),
    ],
)
def test_a_note_without_its_row_says_why(changes: dict[str, Any], why: str) -> None:
    placed = view_of(Notes(worklist=(of_row(**changes),))).notes
    assert placed.rows == {}
    assert [item.why for item in placed.earlier] == [why]


def test_an_older_note_of_another_due_date_stays_apart() -> None:
    old = of_row(due="2020-01-01")
    placed = view_of(Notes(earlier=(old,))).notes
    assert [(item.note, item.why) for item in placed.earlier] == [(old, "on the worklist again; this is an older note")]
    assert view_of(Notes(worklist=(old,))).notes.earlier == ()


def test_rows_that_look_alike_get_no_note() -> None:
    result = fake.result([replace(fake.STORIES[0], patient=name) for name in ("A\x01", "A\x02")])
    view = build_view(result, version="1", command="")
    row = view.worklist.rows[0]
    mine = Note(row.patient, row.practice, row.criterion_title, "Booked", "", "", "")
    placed = carry(Notes(worklist=(mine,)), view.worklist, result.patients)
    assert [item.why for item in placed.earlier] == ["two patients look alike on the worklist"]


def test_the_digest_knows_words_not_places() -> None:
    one, other = of_row(), of_row(1)
    straight = digest_of(Notes(worklist=(one, other)))
    assert digest_of(Notes(worklist=(other,), earlier=(replace(one, due=""), one))) == straight
    assert digest_of(Notes(worklist=(one,))) != straight
    assert digest_of(Notes(worklist=(one, replace(other, comment="x")))) != straight
    untouched = [Planned(problem, "", "", "", "") for problem in ("1,204 cells to fill", *sign_off_problems())]
    assert digest_of(Notes()) == digest_of(Notes(plan=tuple(untouched))) == ""


def test_notes_of_two_workbooks_stand_together() -> None:
    first, second = of_row(comment="first"), of_row(comment="second")
    placed = view_of(together([Notes(worklist=(first,)), Notes(worklist=(second, of_row(1)))])).notes
    assert sorted(note.comment for note in placed.rows.values()) == ["", "first"]
    assert [item.note.comment for item in placed.earlier] == ["second"]


def test_the_plan_keeps_its_order_when_it_is_carried_again() -> None:
    typed = (Planned("B", "x", "", "", ""), Planned("2 cells to fill", "", "Ann", "", ""), Planned("C", "", "", "", ""))
    once = lines_of_plan(("1 cell to fill", "2 cells to fill", ""), typed)
    assert [line.problem for line in once] == ["1 cell to fill", "2 cells to fill", "B", "C", "", *sign_off_problems()]
    again = [line for line in once if line.acted or line.problem == "C"]
    assert lines_of_plan(("1 cell to fill", "2 cells to fill", ""), again) == once
