"""The recall list: who is in it, when the next injection falls due, and that everybody else is counted."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from audit.cli import main
from audit.errors import CannotWrite, UsageError
from audit.render.recall import build_recall
from audit.render.recall_file import check_file, write_recall
from audit.results.recall import Recall, as_summary, by_week, recall, within
from audit.standards.standard import load_standard
from schemas.vocabulary import NOT_IN_RECALL, RECALL_COLUMNS
from tests.upcoming import NO, YES, patient, told, turned, usual

Row = dict[str, object]
IN_THE_LIST = [
    patient("-92 0", **NO),
    patient("-60 0", **YES),
    patient("-60 0"),
    patient("-180 0", **NO, cause="dietary"),
    patient("-60 0", "deferred 80", **YES),
    patient("-60 0", "unreadable 20", **NO),
    patient("-92x1 0x2", **NO),
    patient("-92 50", **YES),
]
NOT_IN_THE_LIST = {
    "NOT_IN_COHORT": patient(""),
    "UNDER_16": patient("-60 0", **NO, year_of_birth="2015"),
    "METABOLIC": patient("-60 0", indication="metabolic"),
    "LEFT_BEFORE_PERIOD": patient("-700 -600", registered_to="-400"),
    "CYANIDE_ANTIDOTE": patient("", "antidote 0"),
    "OWN_SCHEDULE": patient("-60 0", indication="lebers_or_tobacco_amblyopia"),
    "LEFT": patient("-60 0", **NO, registered_to="90"),
    "NO_INJECTIONS": patient("", cause="autoimmune"),
    "STOPPED": patient("-60 0", "stopped 50", **NO),
    "NOT_ON_INJECTIONS": patient("-990 -900", **NO),
    "COURSE_UNDER_WAY": patient("-200 92 94 96", **NO),
    "DECLINED": patient("-60 0", "declined 50", **NO),
}
#: Sunday 9 June 2024
X = 100


def found() -> Recall:
    return recall([told([*IN_THE_LIST, *NOT_IN_THE_LIST.values()], extract=X)])


def rows(table: pd.DataFrame) -> dict[str, Row]:
    plain = table.astype(object).where(table.notna(), None)
    return {str(row["patient_id"]): {str(name): row[name] for name in row} for row in plain.to_dict("records")}


def facts(row: Row) -> tuple[object, ...]:
    """State, week, earlier due date, due date, limit, days late, months."""
    days = [None if row[name] is None else pd.Timestamp(str(row[name])).date().isoformat()
            for name in ("earlier_due_date", "due_date", "limit_date")]  # fmt: skip
    return (row["state"], row["week"], *days, row["days_late"], row["months"])


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (0, ("due", "2024-W22", None, "2024-06-01", "2024-06-15", None, "3")),
        (1, ("overdue", "2024-W18", None, "2024-05-01", "2024-05-08", 39, "2")),
        (2, ("cannot_tell", "2024-W18", "2024-05-01", "2024-06-01", "2024-06-15", None, "2 or 3")),
        (3, ("to_come", "2024-W35", None, "2024-09-01", "2024-09-29", None, "6")),
        (4, ("deferred", "2024-W18", None, "2024-05-01", "2024-05-08", 39, "2")),
        (5, ("cannot_tell", "", None, None, None, None, "")),
        (6, ("to_come", "2024-W35", None, "2024-09-01", "2024-09-15", None, "3")),
        (7, ("to_come", "2024-W25", None, "2024-06-20", "2024-06-27", None, "2")),
    ],
)
def test_a_row_states_when_the_next_injection_falls_due(place: int, expected: tuple[object, ...]) -> None:
    assert facts(rows(found().table)[f"P{place:04d}"]) == expected


def test_the_columns_are_those_of_the_contract() -> None:
    assert tuple(found().table.columns) == RECALL_COLUMNS


def test_overdue_come_first_then_the_day_it_falls_due_then_those_without_a_date() -> None:
    assert list(found().table["patient_id"]) == [f"P{n:04d}" for n in (1, 2, 4, 0, 7, 3, 6, 5)]


def test_everybody_else_is_counted_with_a_reason() -> None:
    assert found().left_out == dict.fromkeys(NOT_IN_THE_LIST, 1)
    assert tuple(NOT_IN_THE_LIST) == NOT_IN_RECALL


@pytest.mark.parametrize("event", ["declined 0", "stopped -1"])
def test_a_refusal_or_stop_before_the_last_injection_ends_nothing(event: str) -> None:
    assert len(recall([told([patient("-60 0", event, **NO)], extract=X)]).table) == 1


def test_a_day_of_two_years_belongs_to_its_iso_week() -> None:
    # due on Monday 30 December 2024, in the first ISO week of 2025
    made = recall([told([patient("-92 0", **NO)], day_0="2024-09-30", extract=30)])
    (row,) = rows(made.table).values()
    assert (row["week"], str(row["due_date"])[:10]) == ("2025-W01", "2024-12-30")


def test_the_weeks_add_up() -> None:
    told_weeks = by_week(found(), 2)
    assert (told_weeks.fell_due, told_weeks.later, told_weeks.undated) == (4, 2, 1)
    assert [(week.name, week.start, week.end, week.patients) for week in told_weeks.weeks] == [
        ("2024-W24", date(2024, 6, 10), date(2024, 6, 16), 0),
        ("2024-W25", date(2024, 6, 17), date(2024, 6, 23), 1),
    ]
    assert list(within(found(), 1)["patient_id"]) == [f"P{n:04d}" for n in (1, 2, 4, 0, 5)]
    assert list(within(found(), 2)["patient_id"]) == [f"P{n:04d}" for n in (1, 2, 4, 0, 7, 5)]


@pytest.mark.parametrize("weeks", [1, 7, 16, 104])
def test_the_weeks_hold_everybody_once(weeks: int) -> None:
    made = usual().recall
    assert made is not None
    told_weeks = by_week(made, weeks)
    inside = sum(week.patients for week in told_weeks.weeks)
    assert told_weeks.fell_due + inside + told_weeks.later + told_weeks.undated == len(made.table)
    assert len(within(made, weeks)) == len(made.table) - told_weeks.later
    assert len(made.table) + sum(made.left_out.values()) == len(usual().patients)


def test_overdue_is_what_the_criterion_says() -> None:
    made = usual().recall
    assert made is not None
    said = usual().verdicts[usual().verdicts["criterion"] == "not-overdue"].set_index("patient_id")
    by_state = {state: set(made.table.loc[made.table["state"] == state, "patient_id"]) for state in ("overdue", "due")}
    assert by_state["overdue"] == set(said.index[said["outcome"] == "not_met"])
    assert len(by_state["overdue"]) > 5
    listed = made.table.set_index("patient_id")
    dated = listed[listed["state"] == "overdue"]
    both = said.loc[dated.index]
    assert (both["due_date"] == dated["due_date"]).all()
    assert (both["limit_date"] == dated["limit_date"]).all()
    assert set(said.loc[list(by_state["due"]), "outcome"]) <= {"met"}


def test_the_order_of_patients_changes_nothing() -> None:
    first, again = usual().recall, turned(5, 250).recall
    assert first is not None and again is not None
    pd.testing.assert_frame_equal(first.table, again.table)
    assert first.left_out == again.left_out


def test_the_summary_holds_counts_alone() -> None:
    made = found()
    text = str(as_summary(made, 16))
    assert not any(str(name) in text for name in made.table["patient_id"])
    assert "'overdue': 1" in text


# What is printed


def test_the_sentence_states_facts_and_advises_nothing() -> None:
    view = build_recall(found(), load_standard(), "")
    said = {row.patient: row.words for row in view.rows}
    assert said["P0001"] == (
        "After the injection on 1 March 2024 the next injection falls due on 1 May 2024, by the interval of the "
        "standard (2 months)."
    )
    assert said["P0002"] == (
        "After the injection on 1 March 2024 the next injection falls due on 1 May 2024 or 1 June 2024, by the "
        "interval of the standard (2 or 3 months). Whether there is neurological involvement is not recorded."
    )
    assert said["P0006"].startswith("After the issue on 1 March 2024 the next injection falls due on 1 September 2024")
    assert said["P0005"].startswith("A treatment row of this patient could not be read")
    text = " ".join([*said.values(), view.sentence, view.left_out, view.title])
    assert not re.search(r"\b(give|book|should|must|recommend)\b", text, re.IGNORECASE)
    assert view.sentence == (
        "Of 8 patients on maintenance injections, for 4 the next injection fell due by 9 June 2024 (1 overdue), for 3 "
        "it falls due in the 16 weeks after that, for 0 later and for 1 a row that could not be read leaves it open."
    )
    assert view.left_out.startswith("Not in the list: 12 patients: 1 without vitamin B12 treatment")


# Files


def test_the_workbook_has_real_dates_a_filter_and_fits_the_page(tmp_path: Path) -> None:
    out = tmp_path / "recall.xlsx"
    write_recall(found(), build_recall(found(), load_standard(), ""), out, 16)
    (page,) = openpyxl.load_workbook(out).worksheets
    (table,) = page.tables.values()
    head, first, *rest = ([cell.value for cell in row] for row in page[table.ref])
    assert table.autoFilter.ref == table.ref
    assert page.sheet_properties.pageSetUpPr.fitToPage
    # as many pages high as it needs; one page wide is what the file leaves unsaid
    setup = page.page_setup
    assert (setup.orientation, setup.fitToWidth, setup.fitToHeight) == ("landscape", None, 0)
    told_first = dict(zip(head, first, strict=True))
    assert (told_first["Falls due"], told_first["Days late"]) == (datetime(2024, 5, 1), 39)
    assert told_first["Week begins"] == datetime(2024, 4, 29)
    assert len(rest) == 7
    assert out.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["=1+1", "+1", "@SUM(A1)", "\uff1d1+1"])
def test_a_text_that_looks_like_a_formula_stays_text(tmp_path: Path, text: str) -> None:
    made = found()
    hostile = replace(made, table=made.table.assign(patient_id=[text] * len(made.table)))
    view = build_recall(hostile, load_standard(), "")
    write_recall(hostile, view, tmp_path / "r.xlsx", 16)
    write_recall(hostile, view, tmp_path / "r.csv", 16)
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets[0] for cell in row]
    assert sum(cell.value == text for cell in cells) == 8
    assert not [cell for cell in cells if cell.data_type == "f"]
    listed = list(csv.DictReader(StringIO((tmp_path / "r.csv").read_text(encoding="utf-8"))))
    assert {row["patient_id"] for row in listed} == {f"'{text}"}


def test_a_partial_record_says_so_on_the_sheet(tmp_path: Path) -> None:
    view = build_recall(found(), load_standard(), "5 of 9 treatment rows could not be used.")
    write_recall(found(), view, tmp_path / "r.xlsx", 16)
    page = openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets[0]
    assert "PARTIAL: 5 of 9" in str(page["A1"].value)


def test_a_place_that_is_taken_or_another_ending_is_refused(tmp_path: Path) -> None:
    taken = tmp_path / "recall.csv"
    taken.write_text("mine", encoding="utf-8")
    with pytest.raises(CannotWrite, match="not replaced"):
        write_recall(found(), build_recall(found(), load_standard(), ""), taken, 16)
    assert taken.read_text(encoding="utf-8") == "mine"
    with pytest.raises(UsageError, match="ending"):
        check_file(tmp_path / "recall.pdf")
    with pytest.raises(CannotWrite, match="cannot be written"):
        write_recall(found(), build_recall(found(), load_standard(), ""), tmp_path / "no" / "r.csv", 16)
    assert [path.name for path in tmp_path.iterdir()] == ["recall.csv"]


def test_the_command_writes_the_list_and_names_no_patient(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "recall.csv"
    done = CliRunner().invoke(main, ["recall", str(sample), "--weeks", "3", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == f"Recall list  {out}"
    listed = list(csv.DictReader(StringIO(out.read_text(encoding="utf-8"))))
    assert len(listed) == 15 + 1 + 10 + 9
    assert not [row for row in listed if row["patient_id"] in done.output]
    assert "Fallen due by the extract date               15" in done.output
    again = CliRunner().invoke(main, ["recall", str(sample), "--out", str(out)])
    assert (again.exit_code, "OUT_EXISTS" in again.output) == (7, True)


def test_without_a_report_here_it_says_what_to_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["recall"])
    assert done.exit_code == 4
    assert "b12audit recall FILE" in done.output
