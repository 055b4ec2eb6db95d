"""The phases of treatment: both sides of what parts them, everybody in exactly one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from audit.cohort.cohort import build_cohort
from audit.cohort.window import settle_window
from audit.criteria.criterion import Example
from audit.render.phases import build_phases
from audit.results.audit import PhaseRow
from audit.results.phases import PHASES, phase_of, phases
from audit.standards.standard import load_standard
from tests import fake_result as fake
from tests.stories import build_extract

COURSE = "0 2 4 7 9 11"
LONGER = f"{COURSE} 13"
NEURO = {"neurological_involvement": "yes"}
STORIES = (
    Example("a first course that may go on", "loading", doses=COURSE, run={"extract": 21}),
    Example("a first course that has ended", "maintenance", doses=COURSE, run={"extract": 22}),
    Example("six with neurological involvement", "loading", doses=COURSE, patient=NEURO, run={"extract": 21}),
    Example("the seventh with neurological involvement", "continuation", doses=LONGER, patient=NEURO,
            run={"extract": 23}),
    Example("the seventh without", "loading", doses=LONGER, run={"extract": 23}),
    Example("a reload course is loading", "loading", doses=f"{COURSE} 100 102 104 107 109 111 113", patient=NEURO,
            run={"extract": 120}),
    Example("stopped after the last", "stopped", doses=COURSE, events="stopped 11", run={"extract": 15}),
    Example("stopped before the last", "loading", doses=COURSE, events="stopped 10", run={"extract": 15}),
    Example("tablets after the stop", "oral", doses=COURSE, events="stopped 60, oral 70 1000"),
    Example("tablets alone", "oral", events="oral 70 50"),
    Example("tablets too long ago", "untreated", events="oral -600 50"),
    Example("nothing for years", "lapsed", doses="-900 -810 -720"),
    Example("a diagnosis alone", "untreated", patient={"cause": "autoimmune"}),
    Example("its own schedule", "own_schedule", doses="0 30", patient={"indication": "lebers_or_tobacco_amblyopia"}),
)  # fmt: skip


@pytest.mark.parametrize("example", STORIES, ids=lambda example: example.title)
def test_a_story_is_in_its_phase(example: Example) -> None:
    extract, options = build_extract([example], example.run)
    standard = load_standard()
    cohort = build_cohort(extract, settle_window(extract, options, standard, date(2100, 1, 1))[0], standard)
    assert PHASES[int(phase_of(cohort)[0])] == example.expect
    counted = phases([cohort])
    assert [row.phase for row in counted] == list(PHASES)
    assert {row.phase: row.yes + row.no + row.unknown for row in counted if row != PhaseRow(row.phase, 0, 0, 0)} == {
        example.expect: 1
    }


def test_the_report_names_the_phases_and_leaves_out_the_empty() -> None:
    rows = (PhaseRow("loading", 0, 1, 0), PhaseRow("maintenance", 2, 3, 4), PhaseRow("stopped", 0, 0, 1))
    section = build_phases(replace(fake.result(), phases=rows))
    assert section.sentence == (
        "On the last day of their record, 9 of 11 patients are on maintenance injections, 1 in a loading course and "
        "0 in a continued one."
    )
    assert [(line.name, line.total) for line in section.lines] == [
        ("Loading", 1), ("Continuation", 0), ("Maintenance", 9), ("Stopped", 1),
    ]  # fmt: skip


def test_an_empty_audit_has_a_sentence() -> None:
    assert build_phases(replace(fake.result(), phases=())).sentence == "No patient is in the audit."
