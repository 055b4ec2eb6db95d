"""The examples of every criterion, executed; and what the catalogue as a whole must show."""

from __future__ import annotations

import functools

import pytest

from audit.criteria import catalogue
from audit.criteria.criterion import Criterion
from audit.standards.standard import Standard, load_standard
from schemas import vocabulary as words
from tests.stories import Story, tell


@functools.cache
def told() -> tuple[Story, ...]:
    return tuple(tell(catalogue(), load_standard()))


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
    reached = {story.reason for story in told()}
    # reasons of criteria that the second step adds
    later = {
        "UNREADABLE_TEST",
        "NO_TESTS_DATA",
        "ROUTE_MISSING",
        "CAUSE_UNKNOWN",
        "DIRECTIONS_MISSING",
        "DIRECTIONS_UNREAD",
        "SELF_ADMINISTERED",
    }
    assert set(words.REASON) - reached == later


# -- the pin test: nudge each number by one; some example must notice ------------------------------------------------

#: numbers that no verdict reads: they shape what is shown
SHOWN_ONLY = ("sweep.", "pattern.", "score.", "cohort.period_months")


def pinned_numbers() -> list[str]:
    return [key for key in load_standard().numbers if not key.startswith(SHOWN_ONLY)]


@functools.cache
def _said(standard_key: str, step: int) -> tuple[str, ...]:
    standard = load_standard()
    nudged = standard.with_number(standard_key, standard.number(standard_key) + step) if step else standard
    return tuple(story.said for story in tell(catalogue(), nudged))


@pytest.mark.parametrize("key", pinned_numbers())
@pytest.mark.parametrize("step", [-1, 1])
def test_some_example_notices_a_nudged_number(key: str, step: int) -> None:
    assert _said(key, step) != tuple(story.said for story in told())


@pytest.mark.parametrize("criterion", catalogue(), ids=lambda item: item.code)
def test_a_criterion_notices_the_numbers_it_reads_itself(criterion: Criterion) -> None:
    listening: Standard = load_standard().listening()
    before = [story.said for story in tell([criterion], listening)]
    everywhere = _read_by_the_cohort()
    read = {key for key in listening.read or () if key not in everywhere}
    unnoticed = [
        f"{key} {step:+d}"
        for key in sorted(read)
        for step in (-1, 1)
        if [s.said for s in tell([criterion], load_standard().with_number(key, load_standard().number(key) + step))]
        == before
    ]
    assert not unnoticed


@functools.cache
def _read_by_the_cohort() -> frozenset[str]:
    """Numbers that building any cohort reads: the catalogue as a whole pins them."""
    (cause,) = (criterion for criterion in catalogue() if criterion.code == "cause-recorded")
    listening = load_standard().listening()
    tell([cause], listening)
    return frozenset(listening.read or ())
