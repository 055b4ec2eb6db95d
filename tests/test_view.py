from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from audit.render.charts import bar, by_week, histogram
from audit.render.quality import FILL, conservation
from audit.render.scoreboard import headline_sentence
from audit.render.view import View, build_view
from audit.render.words import clean, percent, share_text
from audit.render.worklist import MOST_ROWS
from audit.results.audit import AuditResult, RowCount, Score
from audit.results.fix import Fix
from audit.results.scores import share, wilson
from tests import fake_result as fake


def score(met: int, not_met: int, excepted: int, unclear: int, code: str = fake.NEURO, **changes: Any) -> Score:
    eligible = met + not_met + excepted + unclear
    low, high = wilson(met, met + not_met)
    made = Score(
        criterion=code, met=met, not_met=not_met, excepted=excepted, not_assessable=unclear, pending=0,
        not_applicable=0, excluded=0, within_grace=0, intervals_met=0, intervals_judged=0, reasons={},
        eligible=eligible, share_met=share(met, eligible), share_met_upper=share(met + unclear, eligible),
        share_of_assessed=share(met, met + not_met), wilson_low=low, wilson_high=high,
    )  # fmt: skip
    return replace(made, **changes)


def view(result: AuditResult) -> View:
    return build_view(result, version="1.2.3", command="b12audit run records.xlsx --from 2025-04-01")


@pytest.fixture(scope="module")
def usual() -> View:
    return view(fake.result())


def test_the_headline_is_the_sentence_of_the_standard() -> None:
    assert headline_sentence(score(58, 30, 0, 32), 10) == (
        "58 of 120 patients (48%) had every maintenance injection on time. 30 did not. For 32 the record cannot tell; "
        "if all of these were on time it would be 75%."
    )


def test_a_recorded_reason_is_told_apart() -> None:
    assert "20 did not, and 10 were late with a recorded reason." in headline_sentence(score(58, 20, 10, 32), 10)
    assert "did not" not in headline_sentence(score(58, 0, 1, 0), 10)


def test_under_ten_there_is_no_percentage() -> None:
    assert headline_sentence(score(4, 1, 0, 1), 10) == (
        "4 of 6 patients had every maintenance injection on time. 1 did not. For 1 the record cannot tell; if all of "
        "these were on time it would be 5."
    )
    assert "%" in headline_sentence(score(5, 5, 0, 0), 10)


def test_nobody_is_never_nought_per_cent() -> None:
    assert headline_sentence(score(0, 0, 0, 0, pending=2), 10) == "No patients to judge. 2 patients still waiting."


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0, "0%"), (0.001, "under 1%"), (0.005, "1%"), (0.483, "48%"), (0.485, "49%"), (0.996, "over 99%"), (1, "100%")],
)
def test_whole_percentages_without_false_ends(fraction: float, text: str) -> None:
    assert percent(fraction) == text


def test_shares() -> None:
    assert share_text(58, 120, 10) == "58 of 120 (48%)"
    assert share_text(4, 9, 10) == "4 of 9"
    assert share_text(0, 0, 10) == "no patients"


def test_the_least_number_for_a_percentage_is_the_standards() -> None:
    made = fake.result()
    assert "%" not in view(made).headlines[1].sentence
    lower = replace(made, standard=made.standard.with_number("score.least_eligible", 2))
    assert "%" in view(lower).headlines[1].sentence


def test_the_wilson_interval_is_printed_from_ten_assessed_only() -> None:
    made = fake.result()
    many = replace(made, scores=tuple(score(21, 17, 0, 0, item.criterion) for item in made.scores))
    (row, *_) = view(many).groups[0].rows
    assert row.interval == "40% to 70%"
    few = replace(made, scores=tuple(score(4, 4, 0, 9, item.criterion) for item in made.scores))
    assert view(few).groups[0].rows[0].interval == "–"


def test_the_worklist_is_one_row_a_patient_in_order(usual: View) -> None:
    rows = usual.worklist.rows
    assert [row.patient for row in rows] == ["P0001", "P0009", "P0004", "P0005", "P0008", "P0014"]
    assert [row.neuro for row in rows] == [True, True, False, False, False, False]
    assert [row.late for row in rows] == [39, None, 89, 69, None, None]
    assert len({row.anchor for row in rows}) == len(rows)


def test_who_is_overdue_comes_with_that_criterion(usual: View) -> None:
    first = usual.worklist.rows[0]
    assert (first.criterion, first.overdue) == ("not-overdue", True)
    assert [other.title for other in first.others] == [
        "Every maintenance injection on time, with neurological involvement"
    ]
    assert (first.due, first.last_injection) == (date(2026, 2, 20), date(2025, 12, 20))
    assert (first.due_text, first.last_injection_text) == ("20 February 2026", "20 December 2025")


def test_only_mandated_criteria_make_work() -> None:
    story = replace(fake.STORIES[2], said={"cause-recorded": fake.Said("not_met")})
    assert view(fake.result((story,))).worklist.rows == ()


def test_everyone_not_met_on_a_mandated_criterion_is_on_the_worklist(usual: View) -> None:
    made = fake.result()
    mandated = {item.code for item in made.criteria if item.strength == "mandated"}
    table = made.verdicts[(made.verdicts["outcome"] == "not_met") & made.verdicts["criterion"].isin(mandated)]
    assert {row.patient for row in usual.worklist.rows} == set(table["patient_id"])
    assert sum(1 + len(row.others) for row in usual.worklist.rows) == len(table)


def test_a_long_worklist_is_cut_on_the_page_only() -> None:
    worklist = view(fake.many(1200)).worklist
    assert (len(worklist.rows), len(worklist.shown)) == (1200, MOST_ROWS)
    assert worklist.note == "Showing the first 1,000 of 1,200; the workbook has all."
    assert [row.neuro for row in worklist.rows] == [True] * 600 + [False] * 600
    assert all(row.timeline for row in worklist.shown)
    assert view(fake.many(1000)).worklist.note == ""


def test_actions_count_patients(usual: View) -> None:
    assert [(action.count, action.text) for action in usual.actions] == [
        ("2", "patients overdue"),
        ("4", "patients not overdue, but the record differs"),
    ]
    assert usual.actions[0].detail.startswith("1 with neurological involvement, listed first. ")
    assert view(fake.result(())).actions == ()


def test_the_first_sentence_says_who_is_overdue(usual: View) -> None:
    said = "On 31 March 2026 2 patients are overdue, 1 of them with neurological involvement"
    assert usual.overdue == f"{said}; for 1 more the record cannot tell."
    assert view(fake.many(1)).overdue == "On 31 March 2026 1 patient is overdue, with neurological involvement."
    assert view(fake.result((fake.STORIES[12],))).overdue == ""
    assert view(fake.result(())).overdue == ""


def test_every_part_of_a_bar_has_its_number_in_words() -> None:
    assert [part.said for part in bar(score(99, 1, 0, 0)).parts] == ["99 met", "1 not met"]


def test_what_would_settle_most_comes_first(usual: View) -> None:
    verdicts = [gap.verdicts for gap in usual.quality.gaps]
    assert verdicts == sorted(verdicts, reverse=True)
    assert set(FILL) >= {gap.code for gap in usual.quality.gaps}


def test_rows_are_conserved_in_words(usual: View) -> None:
    assert usual.quality.conservation == "61 rows read = 56 used + 5 set aside: 3 exact duplicates and 2 unreadable."
    counts = [RowCount("Treatments", 1842, 1842, {})]
    assert conservation(counts) == "1,842 rows read = 1,842 used + 0 set aside."


def test_several_files_are_added_up() -> None:
    made = fake.result()
    both = view(replace(made, windows=(fake.WINDOW, fake.WINDOW), rows=made.rows * 2))
    assert both.quality.conservation.startswith("122 rows read = 112 used + 10 set aside")
    assert [line.table for line in both.quality.tables] == ["Treatments", "Tests", "Reviews"]
    assert len(both.files) == 2


def test_the_facts_say_where_the_dates_came_from(usual: View) -> None:
    facts = {fact.name: fact.value for fact in usual.facts}
    assert facts["Extract date"] == "31 March 2026 (stated in the file)"
    assert "assumed" in facts["History from"]
    assert facts["Input"] == "records.xlsx (SHA-256 ab12ab12ab12…)"
    assert facts["Patients"] == "14 patients = 13 in the audit + 1 excluded"
    assert facts["Version"] == "b12audit 1.2.3"


def test_unknown_status_stands_beside_the_headline(usual: View) -> None:
    assert usual.unknown_neuro == "Neurological involvement is not recorded for 2 of 13 patients in the audit."


def test_strengths_stand_apart_and_the_headline_first(usual: View) -> None:
    assert [group.strength for group in usual.groups] == ["mandated", "permitted", "patient_group"]
    assert [row.code for row in usual.groups[0].rows[:2]] == [fake.NEURO, fake.STANDARD]
    assert sum(len(group.rows) for group in usual.groups) == len(fake.CRITERIA)


def test_the_four_counts_add_up_to_the_eligible(usual: View) -> None:
    for group in usual.groups:
        for row in group.rows:
            assert row.met + row.not_met + row.excepted + row.not_assessable == row.eligible
            assert row.eligible + row.pending + row.not_applicable + row.excluded == len(fake.STORIES)


def test_a_bar_fills_its_width_and_says_the_same_in_words() -> None:
    drawn = bar(score(1, 1, 0, 1))
    assert sum(float(part.width.rstrip("%")) for part in drawn.parts) == pytest.approx(100, abs=0.05)
    assert drawn.title == "3 patients: 1 met, 1 not met and 1 cannot tell"
    assert [part.kind for part in drawn.parts] == ["met", "not-met", "unclear"]
    assert [part.label for part in bar(score(99, 1, 0, 0)).parts] == ["99", ""]
    assert bar(score(0, 0, 0, 0)).parts == ()


def test_a_histogram_holds_every_interval() -> None:
    drawn = histogram("All", by_week([0, 6, 7, 56, 69, 84, 104, 105, 5000]))
    assert drawn.title == "All: 9 intervals, of them 2 of 8 to 9 weeks and 2 of 12 to 14 weeks."
    assert Counter(box.x for box in drawn.bars) == Counter({"1": 1, "16": 1, "121": 1, "136": 1, "181": 1, "211": 1,
                                                           "226": 1, "391": 1})  # fmt: skip


def test_a_timeline_marks_what_happened(usual: View) -> None:
    line = usual.worklist.rows[2].timeline
    assert line is not None
    assert line.title == "12 months: 3 injections and 1 appointment not attended; due 1 January 2026"
    assert [mark.shape for mark in line.marks] == ["cross"]
    assert line.late is not None
    assert float(line.late[0]) + float(line.late[1]) == pytest.approx(210, abs=0.2)
    loading = usual.worklist.rows[4].timeline
    assert loading is not None and loading.late is None


def test_neither_interval_is_called_better(usual: View) -> None:
    assert usual.rhythm.neither == "Without neurological involvement both follow the BNF: neither is better."
    assert usual.rhythm.sentence == (
        "By the median of their intervals, 2 of 8 patients are on 2-monthly and 4 on 3-monthly injections."
    )
    assert "1995" in usual.rhythm.benchmark
    assert [line.total for line in usual.rhythm.patterns] == [0, 2, 4, 2]
    assert usual.rhythm.graces == ("0 days", "7 days", "14 days", "28 days")
    assert all(len(line.cells) == 4 for line in usual.rhythm.sweep)


def test_findings_show_example_cells(usual: View) -> None:
    (line,) = usual.quality.findings
    assert (line.severity, line.count, line.code) == ("Row not used", "1", "DATE_UNREADABLE")
    assert line.examples == "P0012 row B2 (“31/02/2025”)"


def test_a_partial_run_says_so() -> None:
    assert view(fake.result(partial="1 of 3 files could not be read.")).partial == "1 of 3 files could not be read."


def test_harmful_characters_do_not_pass() -> None:
    assert clean("a\x00b\u202ec\ud800") == "a\ufffdb\ufffdc\ufffd"
    assert len(clean("x" * 5000)) == 300
    command = "b12audit run " + " ".join(f"practice-{number}.xlsx" for number in range(100))
    assert build_view(fake.result(), version="1", command=command).command == command


@pytest.mark.parametrize("make", [fake.result, fake.all_unknown, fake.payloads, fake.long_words])
def test_the_result_is_left_as_it_was(make: Callable[[], AuditResult]) -> None:
    made, again = make(), make()
    first = view(made)
    for name in ("patients", "verdicts", "intervals", "findings", "events", "closed_gaps"):
        pd.testing.assert_frame_equal(getattr(made, name), getattr(again, name))
    assert first == view(again)


def test_an_empty_run_is_a_view_too() -> None:
    empty = view(fake.result(()))
    assert [item.share for item in empty.headlines] == ["No patients", "No patients"]
    assert empty.worklist.rows == ()
    assert empty.practice == "No practice"


def test_the_cells_that_settle_most_are_one_thing_to_do(usual: View) -> None:
    fix = Fix("Patients", "records.xlsx", "Patients", 7, "G", "P1", "Y1", "neurological_involvement",
              ("maintenance-interval-standard",), 1, 1, 1, True)  # fmt: skip
    perhaps = replace(fix, field="date", row=9, certain=False)
    with_fixes = view(fake.result(fixes=(fix, perhaps)))
    assert [action.text for action in with_fixes.actions][1] == "cell to fill"
    assert with_fixes.fixes.sentence == "Fill 1 cell to settle 1 open answer of 1 patient."
    assert [row.place for row in with_fixes.fixes.shown] == ["Patients G7"]
    assert [row.certain for row in with_fixes.fixes.rows] == [True, False]
    assert usual.fixes.sentence == ""
