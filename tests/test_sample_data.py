"""The synthetic practices: rebuilt byte for byte, nobody real in them, and each story shows what it says."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import sample_data
from audit.cohort.window import DateOptions
from audit.criteria import catalogue
from audit.intake.read import read_extract
from audit.pipeline import audit
from audit.results.audit import AuditResult
from audit.standards.standard import load_standard
from sample_data import build, messy, path
from sample_data import stories as tell
from sample_data.clinic import EXTRACT_DATE, HISTORY_START, Every, add_months, is_open
from sample_data.person import Person
from schemas.vocabulary import INPUT_COLUMNS

BOOKS = ("records.xlsx", "messy.xlsx")
#: Every word of three letters or more in both workbooks: another one could be somebody's name.
WORDS = frozenset(
    re.findall(
        r"\w+",
        """
about acid administered administration after all alternate amblyopia amp ampoule ampoules anaemia and
antibody apr attended audit aug autoimmune birth bloods breastfeeding cause cobalin count cyanocobalamin
cyanokit cytamen date day days dec declined deferred deficiency diagnosis diet dietary directions dna dose
draft drug each elsewhere event every extract factor feb female ferritin folate folic for four from further
gastrectomy given grand haemoglobin history hospital hydroxocobalamin hydroxocobalamine hydroxycobalamin
ileal improvement improving indication influenza infusion inj inject injected injection injections
intramuscular intravenous intrinsic investigation involvement issue issued issues jab jan jul jun known
labels lebers list malabsorption male mar march may mcg mcv medicine metabolic microgram micrograms mmol
monthly months negative neo neurological nitrous nmol not notes nov nurse oct one onset oral outcome oxide
paracetamol patient pernicious plateau positive potassium powder practice pregnant prescription printed
prophylaxis quantity registered resection resolved reviews route row see seen self sep serum sex smoker
solution source split start stopped subcutaneous surgery synthetic system tablets taken template test then
this three times tobacco total tree true twelve twice two unit unknown until vaccine value vegan vials
virion vitamin week weekly weeks willow year yes
        """,
    )
)
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b")
CONTACT = re.compile(r"@|www\.|\b0\d{2,4}\s?\d{3}\s?\d{3,4}\b")
TEN_DIGITS = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")


@cache
def audited(book: str) -> AuditResult:
    return audit([read_extract(path(book))], DateOptions(), load_standard(), date(2026, 6, 1))


def cells(book: str) -> Iterator[tuple[str, object]]:
    """Every cell that is not blank, with the name of its sheet."""
    for sheet in openpyxl.load_workbook(path(book)):
        for row in sheet.iter_rows(values_only=True):
            yield from ((sheet.title, cell) for cell in row if cell is not None)


def rows(sheet: str) -> list[dict[str, object]]:
    """The rows of a sheet of records.xlsx."""
    heading, *body = openpyxl.load_workbook(path("records.xlsx"))[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in body]


def is_nhs_number(digits: str) -> bool:
    """Whether ten digits pass the check of an NHS number (modulus 11)."""
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits[:9], strict=True))
    return (11 - total % 11) % 11 == int(digits[9])


# The files


def members(content: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(content) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def rebuilt(tmp_path: Path) -> Callable[[str], Path]:
    def again(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(path("README.md"), folder)
        build.build(folder)
        return folder

    return again


def test_two_builds_are_byte_identical(rebuilt: Callable[[str], Path]) -> None:
    one, two = rebuilt("one"), rebuilt("two")
    for book in BOOKS:
        assert (one / book).read_bytes() == (two / book).read_bytes()


def test_the_files_here_are_what_the_builder_writes(rebuilt: Callable[[str], Path]) -> None:
    # part by part: another zlib packs the same parts into other bytes
    folder = rebuilt("again")
    for book in BOOKS:
        assert members(folder / book) == members(path(book))


def test_the_readme_is_current() -> None:
    text = path("README.md").read_text(encoding="utf-8")
    assert build.readme(text) == text
    assert build.readme(text.replace("Moved away during loading.", "")) == text


def test_a_readme_without_markers_is_an_error() -> None:
    with pytest.raises(ValueError, match="markers"):
        build.readme("# Sample data")


def test_a_path_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        sample_data.path("patients.xlsx")


# Nobody real


@pytest.mark.parametrize("book", BOOKS)
def test_no_cell_could_identify_anybody(book: str) -> None:
    for sheet, cell in cells(book):
        text = cell.isoformat() if isinstance(cell, date) else str(cell)
        unknown = set(re.findall(r"[^\W\d_]{3,}", text.lower())) - WORDS if isinstance(cell, str) else set()
        assert not unknown, (sheet, text)
        assert not POSTCODE.search(text) and not CONTACT.search(text), (sheet, text)
        numbers = [re.sub(r"\D", "", found) for found in TEN_DIGITS.findall(text)]
        assert not any(map(is_nhs_number, numbers)), (sheet, text)


def test_what_could_identify_somebody_is_found() -> None:
    assert POSTCODE.search("Leeds LS1 4AP")
    assert CONTACT.search("0113 496 0000")
    assert CONTACT.search("someone@example.org")
    assert CONTACT.search("00104") is None
    assert is_nhs_number("9434765919")
    assert not is_nhs_number("9434765918")
    assert TEN_DIGITS.findall("943 476 5919")


@pytest.mark.parametrize("book", BOOKS)
def test_ids_are_plainly_made_up(book: str) -> None:
    ids = audited(book).patients["patient_id"]
    assert ids.str.fullmatch(r"P\d{4}|00\d{3}|104").all()
    assert set(audited(book).patients["practice_id"]) <= {"W90001", "W90002"}


# records.xlsx


def test_the_practice_has_its_patients_and_columns() -> None:
    patients = rows("Patients")
    ids = [id_ for _, story_ids in tell.cast() for id_ in story_ids]
    assert [row["patient_id"] for row in patients] == ids == [f"P{n:04d}" for n in range(1, len(ids) + 1)]
    assert 110 <= len(ids) <= 140
    for sheet in ("Treatments", "Tests", "Reviews"):
        assert tuple(rows(sheet)[0]) == INPUT_COLUMNS[sheet]
    # About names the practice
    assert tuple(patients[0]) == tuple(name for name in INPUT_COLUMNS["Patients"] if name != "practice_id")


def test_dates_are_date_cells_of_open_days() -> None:
    for sheet in ("Treatments", "Tests", "Reviews"):
        for row in rows(sheet):
            day = row["date"]
            assert isinstance(day, datetime), row
            assert HISTORY_START <= day.date() <= EXTRACT_DATE, row
            assert is_open(day.date()), row


def test_the_tidy_extract_is_read_whole() -> None:
    result = audited("records.xlsx")
    assert [row.set_aside for row in result.rows] == [{}, {}, {}]
    assert set(result.findings["code"]) == {"CYANIDE_ANTIDOTE", "DIRECTIONS_UNREAD", "ROUTE_ASSUMED"}


def test_neurological_status_is_as_mixed_as_in_a_practice() -> None:
    status = Counter(row["neurological_involvement"] or "unknown" for row in rows("Patients"))
    assert status["yes"] >= 20
    assert 0.2 <= status["unknown"] / status.total() <= 0.3


@pytest.mark.parametrize("criterion", [item.code for item in catalogue()])
def test_every_criterion_has_somebody_on_both_sides(criterion: str) -> None:
    verdicts = audited("records.xlsx").verdicts
    outcomes = set(verdicts.loc[verdicts["criterion"] == criterion, "outcome"])
    assert {"excluded", "not_applicable", "met", "not_met"} <= outcomes


@pytest.mark.parametrize(
    "criterion", ["loading-complete", "maintenance-interval-neuro", "maintenance-interval-standard"]
)
def test_the_main_criteria_show_every_outcome(criterion: str) -> None:
    verdicts = audited("records.xlsx").verdicts
    own = verdicts[verdicts["criterion"] == criterion]
    every = {"excluded", "not_applicable", "not_assessable", "pending", "met", "not_met", "excepted"}
    assert set(own["outcome"]) == every
    assert own["within_grace"].any()


NEURO, STANDARD = "maintenance-interval-neuro", "maintenance-interval-standard"
GRACE = "within grace"
#: Story, criterion, outcome, and reason or grace: the same for all who tell the story.
CLAIMS = (
    (tell.twelve_weekly_on_time, STANDARD, "met", ""),
    (tell.ten_weekly_on_time, STANDARD, "met", ""),
    (tell.two_monthly_without_nerves, "two-monthly-for-everyone", "met", GRACE),
    (tell.within_grace_after_christmas, STANDARD, "met", GRACE),
    (tell.missed_appointment, STANDARD, "not_met", "LATE_NOT_ATTENDED"),
    (tell.late_without_a_reason, STANDARD, "not_met", ""),
    (tell.declined_for_months, STANDARD, "excepted", "DECLINED"),
    (tell.tablets_while_abroad, STANDARD, "excepted", "ORAL_COVER"),
    (tell.overdue_now, "not-overdue", "not_met", ""),
    (tell.prescribed_too_seldom, STANDARD, "not_met", ""),
    (tell.status_unknown_twelve_weekly, STANDARD, "not_assessable", "NEURO_UNKNOWN"),
    (tell.status_unknown_eight_weekly, STANDARD, "met", ""),
    (tell.status_unknown_and_late, STANDARD, "not_met", ""),
    (tell.nerves_held_to_three_monthly, NEURO, "not_met", ""),
    (tell.nerves_long_overdue, NEURO, "not_met", ""),
    (tell.nerves_long_overdue, "not-overdue", "not_met", ""),
    (tell.nerves_declined_for_months, NEURO, "excepted", "DECLINED"),
    (tell.nerves_until_plateau, "neuro-continued", "met", ""),
    (tell.nerves_just_on_maintenance, NEURO, "pending", ""),
    (tell.nerves_stopped_while_improving, "neuro-continued", "not_met", "STOPPED_WHILE_IMPROVING"),
    (tell.nerves_stopped_before_plateau, "neuro-continued", "not_met", "STOPPED_BEFORE_PLATEAU"),
    (tell.nerves_standard_course, "neuro-continued", "not_met", "STOPPED_AT_STANDARD_COURSE"),
    (tell.nerves_without_review, "neuro-continued", "not_assessable", "NO_REVIEW_RECORDED"),
    (tell.nerves_declined_more, "neuro-continued", "excepted", "DECLINED"),
    (tell.nerves_three_injections, "neuro-loading", "not_met", ""),
    (tell.nerves_course_under_way, "neuro-continued", "pending", ""),
    (tell.starter_on_time, "loading-complete", "met", ""),
    (tell.starter_over_easter, "loading-complete", "met", GRACE),
    (tell.starter_over_christmas, "maintenance-started", "pending", ""),
    (tell.starter_with_a_gap, "loading-spacing", "not_met", ""),
    (tell.starter_stopped_too_early, "loading-complete", "not_met", ""),
    (tell.starter_once_a_week, "loading-complete", "not_met", ""),
    (tell.starter_declined_the_rest, "loading-complete", "excepted", "DECLINED"),
    (tell.starter_under_way, "loading-complete", "pending", ""),
    (tell.starter_forgotten_after_loading, "maintenance-started", "not_met", ""),
    (tell.starter_moved_away, "loading-complete", "not_assessable", "LEFT_DURING_WINDOW"),
    (tell.newly_registered, "maintenance-started", "not_assessable", "START_NOT_OBSERVED"),
    (tell.issued_in_fives_with_nerves, NEURO, "not_assessable", "ISSUES_ONLY"),
    (tell.issued_to_start_with_nerves, "neuro-continued", "not_assessable", "ISSUES_ONLY"),
    (tell.vegan_tablets, NEURO, "not_applicable", "NO_INJECTIONS"),
    (tell.vegan_late, "maintenance-interval-dietary", "not_met", ""),
    (tell.nerves_switched_to_tablets, "neuro-not-oral-only", "not_met", ""),
    (tell.lost_to_follow_up, "lifelong-treatment-continued", "not_met", ""),
    (tell.never_treated, "lifelong-treatment-continued", "not_met", "NEVER_TREATED"),
    (tell.diagnosed_this_month, "lifelong-treatment-continued", "pending", ""),
    (tell.declined_further_treatment, "not-overdue", "excepted", "DECLINED"),
    (tell.lebers_on_hydroxocobalamin, STANDARD, "not_applicable", "OWN_SCHEDULE"),
    (tell.metabolic, STANDARD, "excluded", "METABOLIC"),
    (tell.child, "loading-complete", "excluded", "UNDER_16"),
    (tell.left_before_the_period, STANDARD, "excluded", "LEFT_BEFORE_PERIOD"),
    (tell.died_in_the_period, "not-overdue", "not_applicable", "NOT_IN_POPULATION"),
    (tell.cyanide_antidote, STANDARD, "excluded", "CYANIDE_ANTIDOTE"),
    (tell.never_deficient, STANDARD, "excluded", "NOT_IN_COHORT"),
)


@pytest.mark.parametrize(("story", "criterion", "outcome", "reason"), CLAIMS)
def test_a_story_shows_what_it_says(story: Callable[[Person], None], criterion: str, outcome: str, reason: str) -> None:
    ids = next(ids for one, ids in tell.cast() if one.tell is story)
    verdicts = audited("records.xlsx").verdicts
    own = verdicts[verdicts["patient_id"].isin(ids) & (verdicts["criterion"] == criterion)]
    assert len(own) == len(ids)
    assert set(own["outcome"]) == {outcome}
    assert set(own["reason"]) == {"" if reason == GRACE else reason}
    if reason == GRACE:
        assert own["within_grace"].all()


def test_some_with_nerves_involved_are_long_overdue() -> None:
    patients = audited("records.xlsx").patients.set_index("patient_id")
    ids = next(ids for story, ids in tell.cast() if story.tell is tell.nerves_long_overdue)
    assert len(ids) == 3
    last = pd.to_datetime(patients.loc[ids, "last_dose"]).dt.date
    assert all(add_months(day, 5) <= EXTRACT_DATE < add_months(day, 10) for day in last)


def test_the_pandemic_put_injections_off() -> None:
    put_off = [row for row in rows("Treatments") if row["event"] == "deferred" and str(row["date"]) < "2021"]
    assert len({row["patient_id"] for row in put_off}) >= 10


# messy.xlsx


def test_the_messy_practice_has_two_dozen_patients() -> None:
    # one of whom only the treatments know, and one whose id differs by its zeros
    assert len(audited("messy.xlsx").patients) == len(messy.TELLERS) + 2 == 25


@pytest.mark.parametrize(
    "code",
    [
        *("DATE_MISSING", "DATE_UNREADABLE", "DRUG_UNREADABLE", "EVENT_UNREADABLE", "PATIENT_ID_MISSING"),
        *("QUANTITY_UNREADABLE", "REVIEW_UNREADABLE", "TEST_UNREADABLE", "DATE_SERIAL", "DRUG_NOT_USED"),
        *("EVENT_AFTER_END", "PATIENT_REPEATED", "DUPLICATE_EVENT", "ID_LEADING_ZERO", "PATIENT_CONFLICT"),
        *("PATIENT_ROW_MISSING", "HISTORY_START_ASSUMED"),
    ],
)
def test_a_fault_of_the_messy_practice_is_found(code: str) -> None:
    assert code in set(audited("messy.xlsx").findings["code"])


def test_most_of_the_messy_practice_can_be_used() -> None:
    (treatments,) = [row for row in audited("messy.xlsx").rows if row.table == "Treatments"]
    assert treatments.used / treatments.read > 0.9


# The calendar


def test_the_surgery_keeps_its_hours() -> None:
    assert is_open(date(2025, 4, 17))
    assert not is_open(date(2025, 4, 18))
    assert not is_open(date(2025, 4, 19))


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2023-11-30", 3, "2024-02-29"), ("2022-11-30", 3, "2023-02-28"), ("2025-12-31", 2, "2026-02-28")],
)
def test_months_are_calendar_months(day: str, months: int, later: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)
    assert Every(months, "months", ()).after(date.fromisoformat(day)) == date.fromisoformat(later)
