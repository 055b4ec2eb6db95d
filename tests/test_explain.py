from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from audit.criteria import catalogue
from audit.criteria import criterion as find_criterion
from audit.results.explain import REASONS, days_late, differs, end_of, explain, reason_text
from audit.results.phrases import date_text, joined, plural
from audit.results.records import Interval, Person, Verdict, records
from audit.standards.standard import load_standard
from audit.standards.wording import with_numbers
from schemas.vocabulary import OUTCOME, REASON
from tests import fake_result as fake

NATIONAL = load_standard()
CRITERIA = {item.code: item for item in fake.CRITERIA}
PERSON = Person("P1", "Y1", "yes", "", "given", date(2025, 1, 1), date(2025, 12, 20), fake.END, True)
OPEN_LATE = Verdict(
    "P1", "Y1", "not-overdue", "not_met", "", None, "given", date(2025, 12, 20), date(2026, 2, 20), date(2026, 2, 27),
    None, 101, None, None,
)  # fmt: skip
CLOSED_LATE = replace(
    OPEN_LATE, criterion=fake.STANDARD, from_date=date(2025, 3, 3), due_date=date(2025, 6, 3),
    limit_date=date(2025, 6, 17), to_date=date(2025, 8, 11), days=161,
)  # fmt: skip


def said(verdict: Verdict, months: str = "", neurological: str = "no", person: Person = PERSON) -> str:
    interval = Interval("P1", "Y1", verdict.from_date, months, neurological) if months else None
    return explain(verdict, CRITERIA[verdict.criterion], NATIONAL, person, interval)


def test_every_reason_of_the_vocabulary_is_a_sentence() -> None:
    assert set(REASONS) == set(REASON) - {""}
    for reason in REASONS:
        text = reason_text(reason, NATIONAL)
        assert text[0].isupper() and text.endswith(".") and "{" not in text


def test_numbers_come_from_the_standard() -> None:
    assert with_numbers("at most {maintenance.neuro_months} months", NATIONAL) == "at most 2 months"
    changed = NATIONAL.with_number("maintenance.neuro_months", 5)
    text = explain(OPEN_LATE, CRITERIA["not-overdue"], changed, PERSON, Interval("P1", "Y1", None, "2", "yes"))
    assert "at most 5 months with neurological involvement" in text
    with pytest.raises(KeyError):
        with_numbers("{no.such_number}", NATIONAL)


def test_an_open_late_interval() -> None:
    assert said(OPEN_LATE, "2", "yes") == (
        "After the injection on 20 December 2025 the next was due by 20 February 2026 (BNF: at most 2 months with "
        "neurological involvement); none is recorded by 31 March 2026, 39 days later."
    )


def test_without_its_interval_no_schedule_is_named() -> None:
    assert said(OPEN_LATE) == (
        "After the injection on 20 December 2025 the next was due by 20 February 2026; none is recorded by "
        "31 March 2026, 39 days later."
    )


def test_a_closed_late_interval_counts_from_the_due_date() -> None:
    assert said(CLOSED_LATE, "3").endswith("it was given on 11 August 2025, 69 days later.")
    assert days_late(CLOSED_LATE) == (date(2025, 8, 11) - date(2025, 6, 3)).days
    assert end_of(OPEN_LATE) == fake.END
    assert days_late(replace(OPEN_LATE, days=None)) is None


def test_unknown_status_that_is_late_both_ways_names_both() -> None:
    assert said(CLOSED_LATE, "2 or 3", "unknown").startswith(
        "After the injection on 3 March 2025 the next was due by 3 June 2025 (at most 2 months with neurological "
        "involvement, 3 without; not recorded which); it was given"
    )


def test_an_issue_is_never_called_an_injection() -> None:
    text = said(replace(CLOSED_LATE, basis="issued"), "3")
    assert text.startswith("What was issued on 3 March 2025 lasts until 3 June 2025")
    assert "it was issued on 11 August 2025" in text
    assert "injection" not in text.replace("injections", "")


def test_unknown_status_that_decides() -> None:
    text = said(replace(CLOSED_LATE, outcome="not_assessable", reason="NEURO_UNKNOWN"), "2 or 3", "unknown")
    assert text == (
        "From the injection on 3 March 2025 to the next on 11 August 2025 is 161 days. Whether there is neurological "
        "involvement is not recorded, and it decides the answer."
    )


@pytest.mark.parametrize(
    ("reason", "tail"),
    [
        ("DECLINED", "A refusal is recorded."),
        ("ORAL_COVER", "Oral vitamin B12 of at least 1,000 micrograms a day was issued in that time."),
        ("COVID_DEFERRAL", "It fell due in the months of pandemic deferrals."),
    ],
)
def test_an_exception_tells_its_reason(reason: str, tail: str) -> None:
    assert said(replace(CLOSED_LATE, outcome="excepted", reason=reason), "3").endswith(f"69 days later. {tail}")


def test_met_waiting_and_grace() -> None:
    met = replace(
        CLOSED_LATE, outcome="met", to_date=date(2025, 6, 10), days=99, within_grace=True, intervals_met=3,
        intervals_judged=4,
    )  # fmt: skip
    assert said(met, "3") == (
        "3 of 4 intervals on time. The one nearest its limit ran from 3 March 2025 to 10 June 2025 (99 days); it was "
        "due by 3 June 2025 (BNF: at most 3 months without neurological involvement), within the days of grace."
    )
    waiting = replace(OPEN_LATE, outcome="pending", due_date=date(2026, 3, 28), limit_date=date(2026, 4, 4))
    assert said(waiting) == (
        "The last injection is that of 20 December 2025. The next is due by 28 March 2026, and counts as late only "
        "after 4 April 2026; the record ends on 31 March 2026."
    )


@pytest.mark.parametrize(
    ("story", "code", "text"),
    [
        (7, "loading-complete", "fewer are recorded by 22 September 2025."),
        (8, "neuro-loading", "the last of them was on 15 January 2026."),
        (8, "neuro-continued", "The loading course ended while the latest review said improving."),
        (13, "lifelong-treatment-continued", "No injection and no oral treatment is recorded."),
        (9, "cause-recorded", "A cause is recorded."),
        (10, "cause-recorded", "Younger than 16 in the year of the extract."),
        (11, "not-overdue", "A treatment row of this patient could not be read, and could change the answer."),
    ],
)
def test_stories_of_other_criteria(story: int, code: str, text: str) -> None:
    made = fake.result()
    (verdict,) = (
        item
        for item in records(made.verdicts, Verdict)
        if (item.patient_id, item.criterion) == (fake.STORIES[story].patient, code)
    )
    person = records(made.patients, Person)[story]
    assert explain(verdict, CRITERIA[code], NATIONAL, person).endswith(text)


BLAME = re.compile(r"breach|fail|should|wrong|error|neglect|poor|\bNone\b|\bnan\b|\{|  ")


@pytest.mark.parametrize("evidence", ["none", "window", "interval"])
@pytest.mark.parametrize("outcome", OUTCOME)
def test_every_verdict_is_a_modest_sentence(outcome: str, evidence: str) -> None:
    for code in CRITERIA:
        text = sentence(code, outcome, evidence)
        assert text[0].isupper() or text[0].isdigit(), text
        assert text.endswith("."), text
        assert not BLAME.search(text), text


def sentence(code: str, outcome: str, evidence: str) -> str:
    reason = {"not_assessable": "UNREADABLE_ROW", "excluded": "UNDER_16", "not_applicable": "NO_INJECTIONS"}
    verdict = replace(OPEN_LATE, criterion=code, outcome=outcome, reason=reason.get(outcome, ""))
    if evidence != "interval":
        verdict = replace(verdict, days=None)
    if evidence == "none":
        verdict = replace(verdict, from_date=None, due_date=None, limit_date=None)
    return explain(verdict, CRITERIA[code], NATIONAL, PERSON)


def test_only_not_met_asks_for_a_reason() -> None:
    asked = differs(OPEN_LATE, CRITERIA["not-overdue"], NATIONAL)
    assert asked == "Differs from the BNF maintenance interval; check for a documented reason."
    assert differs(replace(OPEN_LATE, outcome="excepted"), CRITERIA["not-overdue"], NATIONAL) == ""
    everyone = differs(OPEN_LATE, CRITERIA["two-monthly-for-everyone"], NATIONAL)
    assert everyone.startswith("Differs from the recommendation of the patient organisations")
    assert "BNF" not in everyone


def test_phrases() -> None:
    assert date_text(date(2018, 8, 6)) == "6 August 2018"
    assert date_text(None) == ""
    assert [plural(count, "patient") for count in (0, 1, 1204)] == ["0 patients", "1 patient", "1,204 patients"]
    assert plural(2, "entry", "entries") == "2 entries"
    assert [joined(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def test_every_month_has_its_own_name() -> None:
    days = [date(2025, 1, 15) + timedelta(days=30 * step) for step in range(12)]
    assert len({date_text(day).split()[1] for day in days}) == 12


@pytest.mark.parametrize(
    ("outcome", "tail"),
    [("met", "vitamin B12 had begun by then."), ("not_met", "vitamin B12 is first recorded later.")],
)
def test_folic_acid_before_b12_is_no_finding_of_what_was_looked_for(outcome: str, tail: str) -> None:
    criterion = replace(CRITERIA["cause-recorded"], code="folic-acid-not-before-b12")
    verdict = replace(OPEN_LATE, criterion=criterion.code, outcome=outcome, to_date=date(2026, 1, 2), days=None)
    text = explain(verdict, criterion, NATIONAL, PERSON)
    assert text == f"Folic acid in a treatment dose is first recorded on 2 January 2026; {tail}"


def test_a_window_tells_what_was_found() -> None:
    code = "neuro-review-recorded"
    window = replace(OPEN_LATE, criterion=code, days=None)
    found = replace(window, outcome="met", to_date=date(2026, 1, 2))
    looked = "Looked for from 20 December 2025 to 27 February 2026; "
    assert said(found) == f"{looked}recorded on 2 January 2026."
    assert said(window) == f"{looked}none is recorded."
    assert said(replace(window, outcome="pending")) == f"{looked}not recorded yet."


PLAIN = sorted(item.code for item in catalogue() if not item.judges_intervals)


@pytest.mark.parametrize("code", PLAIN)
@pytest.mark.parametrize("outcome", ["met", "not_met"])
def test_every_criterion_says_what_the_record_shows(code: str, outcome: str) -> None:
    criterion = find_criterion(code)
    verdict = replace(OPEN_LATE, criterion=code, outcome=outcome, days=None, to_date=date(2026, 1, 2))
    text = explain(verdict, criterion, NATIONAL, PERSON)
    assert text[0].isupper() and text.endswith(".") and "{" not in text
    # a sentence of its own, not the rule repeated
    assert "what is asked" not in text
