"""Texts say the numbers of the standard in use: each comes from a placeholder, and moves when the number moves."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit.cli import main
from audit.criteria import catalogue, judged_by
from audit.criteria import criterion as find_criterion
from audit.criteria.criterion import TEXTS, Criterion
from audit.results.explain import REASONS
from audit.standards.standard import Standard, load_standard
from audit.standards.wording import interval_length, keys_in, with_numbers

NATIONAL = load_standard()
CODES = [item.code for item in catalogue()]
_UNITS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|twice"
#: A number in figures or in words, and a unit that stands for one of it; the 12 of B12 is none.
SAID = re.compile(
    rf"(?<![A-Za-z0-9])\d+|\b({_UNITS})\b|\ba (week|month|year)\b|\bthe day (before|after)\b", re.IGNORECASE
)
#: Numbers that a text may say itself: no local standard can change what they state. By criterion, with the reason.
ALLOWED = {
    "first-review": ("6 March 2024", "the day NG239 came out, as in the dated guidance, which no local file changes"),
    "given-as-prescribed": ("a month later every time", "a figure of speech"),
    "hydroxocobalamin-injected": ("two- to three-monthly", "what the BNF says of the drug"),
    "loading-spacing": ("three times a week for two weeks", "what the BNF says"),
    "two-monthly-for-everyone": ("three months have passed|both two and three months", "of patients, of the BNF"),
}


def texts(item: Criterion) -> dict[str, str]:
    return {name: getattr(item, name) for name in TEXTS}


def unfilled(item: Criterion) -> str:
    """A criterion's texts as they stand in its file, without placeholders and without what is allowed."""
    raw = re.sub(r"\{[^}]*\}", "", " / ".join(texts(item).values()))
    return re.sub(ALLOWED[item.code][0], "", raw) if item.code in ALLOWED else raw


@pytest.mark.parametrize("code", CODES)
def test_a_text_says_no_number_of_its_own(code: str) -> None:
    assert [found[0] for found in SAID.finditer(unfilled(find_criterion(code)))] == []


@pytest.mark.parametrize("text", ["within 14 days", "Six of them", "a year after", "the day after it", "two-monthly"])
def test_a_number_of_its_own_is_found(text: str) -> None:
    assert SAID.search(text)


def test_vitamins_and_firsts_are_no_numbers() -> None:
    assert not SAID.search("The first vitamin B12 or B6 of any route, so much a day")


@pytest.mark.parametrize("code", ALLOWED)
def test_what_is_allowed_is_still_said(code: str) -> None:
    said = " / ".join(texts(find_criterion(code)).values())
    assert all(re.search(part, said) for part in ALLOWED[code][0].split("|"))


def test_the_date_in_a_text_is_that_of_the_guidance() -> None:
    (entry,) = NATIONAL.dated("first-review")
    assert entry.start is not None
    assert f"{entry.start.day} {entry.start:%B %Y}" == ALLOWED["first-review"][0]


NAMED = [(item.code, key) for item in catalogue() for key in sorted(keys_in(" ".join(texts(item).values()), NATIONAL))]


@pytest.mark.parametrize(("code", "key"), NAMED)
def test_a_number_that_moves_is_said(code: str, key: str) -> None:
    item, moved = find_criterion(code), NATIONAL.with_number(key, NATIONAL.number(key) + 1)
    assert texts(item.worded(moved)) != texts(item.worded(NATIONAL))


def test_most_criteria_name_a_number() -> None:
    assert len({code for code, _ in NAMED}) >= 20
    assert len(NAMED) >= 40


@pytest.mark.parametrize("standard", [NATIONAL, load_standard("patient-group"), load_standard("licence")])
def test_every_placeholder_is_filled(standard: Standard) -> None:
    for item in judged_by(standard):
        said = " ".join(texts(item).values())
        assert not re.search(r"[{}]|  ", said), item.code


def test_words_of_the_national_standard() -> None:
    loading = find_criterion("loading-complete").worded(NATIONAL)
    assert loading.title == "Six loading injections in two weeks"
    assert loading.met == "Six injections of 1 mg by day 14 after the first; within grace by day 21."
    assert find_criterion("blood-count-response").worded(NATIONAL).title.endswith("after six to twelve weeks")
    neuro = find_criterion("maintenance-interval-neuro").worded(NATIONAL)
    assert neuro.met == "Every such interval is at most 2 months, with 7 days' grace."
    assert neuro.why.endswith("when injections are three-monthly instead of two-monthly.")
    standard = find_criterion("maintenance-interval-standard").worded(NATIONAL)
    assert "judged under 2 and under 3 months;" in standard.notes


@pytest.mark.parametrize(
    ("text", "key", "value", "said"),
    [
        ("{loading.days:span}", "loading.days", 10, "10 days"),
        ("{loading.days:span}", "loading.days", 7, "a week"),
        ("{loading.days:span}", "loading.days", 1, "1 day"),
        ("{folic.after_days:span}", "folic.after_days", 365, "a year"),
        ("{loading.units:Word}", "loading.units", 12, "Twelve"),
        ("{loading.units:Word}", "loading.units", 13, "13"),
        ("{dose.micrograms:mg}", "dose.micrograms", 1500, "1.5 mg"),
        ("{dose.micrograms:plain}", "dose.micrograms", 1500, "1500"),
        ("{oral.cover_micrograms}", "oral.cover_micrograms", 1500, "1,500"),
        ("{maintenance.neuro_grace_days:grace}", "maintenance.neuro_grace_days", 1, "1 day's grace"),
        ("{maintenance.neuro_grace_days:grace}", "maintenance.neuro_grace_days", 0, "no grace"),
        ("{maintenance.neuro:monthly}", "maintenance.neuro_months", 1, "monthly"),
        ("{maintenance.neuro:count}", "maintenance.neuro_months", 1, "1 month"),
        ("{review.months:words}", "review.months", 1, "one month"),
        ("{neuro.review_first_day:day} after", "neuro.review_first_day", 3, "3 days after"),
        ("{response.from_days/response.to_days:range}", "response.from_days", 40, "40 to 84 days"),
        ("day {loading.days+loading.grace_days}", "loading.grace_days", 5, "day 19"),
    ],
)
def test_forms(text: str, key: str, value: int, said: str) -> None:
    assert with_numbers(text, NATIONAL.with_number(key, value)) == said


@pytest.mark.parametrize("text", ["{no.such}", "{loading.days:nowhere}", "{loading.days:range}"])
def test_an_unknown_key_or_form_is_an_error(text: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        with_numbers(text, NATIONAL)


def test_a_list_is_no_number_of_a_text() -> None:
    with pytest.raises(TypeError):
        with_numbers("{sweep.grace_days}", NATIONAL)


def test_reasons_name_numbers_that_there_are() -> None:
    assert all("{" not in with_numbers(text, NATIONAL) for text in REASONS.values())


def test_wording_reads_no_number_for_a_verdict() -> None:
    listening = NATIONAL.listening()
    judged_by(listening)
    interval_length("maintenance.neuro", listening)
    assert listening.read == set()


# Under a standard of one's own

LOCAL = """\
name = "ours"
title = "Our surgery"
edition = "1"
extends = "national"
[numbers]
"maintenance.neuro_weeks" = 8
"maintenance.standard_months" = 4
"maintenance.dietary_months" = 7
"loading.days" = 21
"measured.after_days" = 20
"oral.cover_micrograms" = 2000
"""


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ours") / "ours.toml"
    path.write_text(LOCAL, encoding="utf-8")
    return path


SAYS = (
    "Six loading injections in three weeks",
    "Six injections of 1 mg by day 21 after the first; within grace by day 28.",
    "Every such interval is at most 8 weeks, with 7 days' grace.",
    "Unknown status is judged under 8 weeks and under 4 months;",
    "when injections are four-monthly instead of eight-weekly.",
    "to 20 days after it.",
    "oral cover of 2 mg a day",
)


def test_a_report_by_a_local_standard_says_its_numbers(ours: Path, little: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["run", str(little), "--standard", str(ours), "--out", str(out)])
    assert done.exit_code == 0, done.output
    page = " ".join(html.unescape((out / "report.html").read_text(encoding="utf-8")).split())
    assert [text for text in SAYS if text not in page] == []
    national = ("loading injections in two weeks", "two-monthly instead", "to 14 days after it", "oral cover of 1 mg")
    assert [text for text in national if text in page] == []
    summary = (out / "summary.json").read_text(encoding="utf-8")
    assert "Six loading injections in three weeks" in summary


def test_a_criterion_is_shown_in_the_words_of_the_standard_asked_for(ours: Path) -> None:
    shown = CliRunner().invoke(main, ["standards", "show", "loading-complete", "--standard", str(ours)]).output
    assert "Six loading injections in three weeks" in shown
    listed = CliRunner().invoke(main, ["standards", "list"]).output
    assert "Six loading injections in two weeks" in listed
    assert "{" not in listed
