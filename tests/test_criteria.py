"""The examples of every criterion, executed; and what the catalogue as a whole must show."""

from __future__ import annotations

import functools
from collections import Counter

import pytest

from audit.criteria import catalogue
from audit.criteria import criterion as find_criterion
from audit.criteria.criterion import Criterion
from audit.standards.standard import load_standard
from schemas import vocabulary as words
from tests.stories import Story, tell


@functools.cache
def told() -> tuple[Story, ...]:
    return tuple(story for criterion in catalogue() for story in tell(criterion, load_standard()))


@pytest.mark.parametrize("criterion", catalogue(), ids=lambda item: item.code)
def test_examples(criterion: Criterion) -> None:
    stories = [story for story in told() if story.criterion is criterion]
    wrong = [
        f"{story.example.title}: {story.said}, not {story.example.expect}"
        for story in stories
        if story.said != story.example.expect
    ]
    assert stories
    assert not wrong, "\n".join(wrong)


def test_codes_are_unique_and_named_like_their_files() -> None:
    codes = [criterion.code for criterion in catalogue()]
    assert len(set(codes)) == len(codes)
    for criterion in catalogue():
        assert criterion.judge.__module__.rsplit(".", 1)[1] == criterion.code.replace("-", "_")


def test_strengths_are_those_of_the_standard() -> None:
    of = {strength: {c.code for c in catalogue() if c.strength == strength} for strength in words.STRENGTH}
    assert of["patient_group"] == {"two-monthly-for-everyone", "no-cyanocobalamin-in-smokers", "vitamin-b6-measured"}
    assert of["permitted"] == {
        "loading-spacing",
        "neuro-review-recorded",
        "maintenance-interval-dietary",
        "given-as-prescribed",
        "low-dose-oral-only-for-diet",
        "folate-measured",
        "ferritin-measured",
        "blood-count-measured",
        "potassium-measured-in-severe-anaemia",
        "blood-count-response",
        "no-b12-retest-on-injections",
        "cause-recorded",
    }
    assert len(of["mandated"]) == 17


@pytest.mark.parametrize("criterion", catalogue(), ids=lambda item: item.code)
def test_both_met_and_not_met_are_shown(criterion: Criterion) -> None:
    shown = {example.expect.split(",")[0] for example in criterion.examples}
    assert {"met", "not_met"} <= shown


@pytest.mark.parametrize("criterion", catalogue(), ids=lambda item: item.code)
def test_example_titles_are_unique(criterion: Criterion) -> None:
    titles = [example.title for example in criterion.examples]
    assert len(set(titles)) == len(titles)


def test_every_source_is_named_in_the_standard() -> None:
    standard = load_standard()
    for criterion in catalogue():
        assert criterion.sources
        for source in criterion.sources:
            assert standard.source_text(source)
        assert criterion.strength in words.STRENGTH


def test_every_reason_is_reached_by_some_example() -> None:
    assert {story.reason for story in told()} == set(words.REASON)


# -- the pin test: nudge each number by one; some example must notice ----------------------------------------

#: numbers that no verdict reads: they shape what is shown
SHOWN_ONLY = ("sweep.", "pattern.", "score.", "forecast.", "cohort.period_months")


def pinned_numbers() -> list[str]:
    return [key for key in load_standard().numbers if not key.startswith(SHOWN_ONLY)]


def notices(criterion: Criterion, key: str, step: int) -> bool:
    standard = load_standard()
    nudged = tell(criterion, standard.with_number(key, standard.number(key) + step))
    usual = [story.said for story in told() if story.criterion is criterion]
    return [story.said for story in nudged] != usual


def reads(criterion: Criterion) -> frozenset[str]:
    """The numbers read while this criterion's examples run, those of the cohort included."""
    listening = load_standard().listening()
    tell(criterion, listening)
    return frozenset(listening.read or ())


@functools.cache
def read_by_the_cohort() -> frozenset[str]:
    """Numbers that building any cohort reads: the catalogue as a whole pins them."""
    return reads(find_criterion("cause-recorded"))


@pytest.mark.parametrize("criterion", catalogue(), ids=lambda item: item.code)
def test_a_criterion_notices_each_number_it_reads_itself(criterion: Criterion) -> None:
    own = sorted(reads(criterion) - read_by_the_cohort())
    unnoticed = [f"{key} {step:+d}" for key in own for step in (-1, 1) if not notices(criterion, key, step)]
    assert not unnoticed


#: how many of the cohort's numbers each criterion has noticed: who noticed many is asked first
NOTICED: Counter[str] = Counter()


def somebody_notices(key: str, step: int) -> bool:
    asked = sorted(catalogue(), key=lambda criterion: -NOTICED[criterion.code])
    noticed = next((criterion for criterion in asked if notices(criterion, key, step)), None)
    NOTICED.update([noticed.code] if noticed else [])
    return noticed is not None


@pytest.mark.parametrize("key", sorted(read_by_the_cohort()))
def test_some_criterion_notices_each_number_of_the_cohort(key: str) -> None:
    assert key.startswith(SHOWN_ONLY) or all(somebody_notices(key, step) for step in (-1, 1))


def test_every_number_is_read() -> None:
    read = frozenset().union(*(reads(criterion) for criterion in catalogue()))
    assert set(pinned_numbers()) <= read
