from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.intake.directions.items import Interval, Loading
from audit.intake.directions.reading import Directions, read_directions

CORPUS = Path(__file__).parent / "corpora" / "directions.csv"
#: Of the texts of the corpus that state an interval, at least this share is read.
READ_SHARE = 0.98


@dataclass(frozen=True)
class Expected:
    """A row of the corpus: `loading` is times a week, `course` when the text gives no frequency, or blank."""

    text: str
    status: str
    maintenance: Interval | None
    loading: str


def _expected(row: dict[str, str]) -> Expected:
    units = {"days": "days", "weeks": "weeks", "months": "months"}
    interval = Interval(int(row["low"]), int(row["high"]), units[row["unit"]]) if row["unit"] else None  # type: ignore[arg-type]
    return Expected(row["text"], row["status"], interval, row["loading"])


def _rows() -> list[Expected]:
    with CORPUS.open(encoding="utf-8", newline="") as file:
        return [_expected(row) for row in csv.DictReader(file)]


ROWS = _rows()
READ = [row.text for row in ROWS if row.status == "read"]


def _as_expected(got: Directions, loading: str | None = None) -> Expected:
    if loading is None:
        loading = "" if got.loading is None else _per_week(got.loading)
    return Expected(got.text, got.status, got.maintenance, loading)


def _per_week(loading: Loading) -> str:
    return "course" if loading.per_week is None else f"{loading.per_week:g}"


def _stated(row: Expected) -> bool:
    return row.maintenance is not None


# --- the corpus


def test_the_corpus_is_large_and_of_every_kind() -> None:
    assert len(ROWS) >= 400
    assert len({row.text for row in ROWS}) == len(ROWS)
    assert sum(map(_stated, ROWS)) >= 300
    assert sum(row.status == "unread" for row in ROWS) >= 100
    assert sum(row.loading != "" and _stated(row) for row in ROWS) >= 30


def test_nearly_every_text_that_states_an_interval_is_read() -> None:
    stated = [row for row in ROWS if _stated(row)]
    read = [row for row in stated if read_directions(row.text).status == "read"]
    assert len(read) >= READ_SHARE * len(stated)


def test_no_text_of_the_corpus_is_read_wrongly() -> None:
    readings = [(row, _as_expected(read_directions(row.text))) for row in ROWS]
    assert [(row, got) for row, got in readings if got.status != "unread" and got != row] == []


def test_nothing_that_must_stay_unread_is_read() -> None:
    must = [row.text for row in ROWS if row.status != "read"]
    assert [text for text in must if read_directions(text).status == "read"] == []


# --- the standard's own list


STANDARD = [
    ("every 12 weeks", 12, 12, "weeks"),
    ("every 3 months", 3, 3, "months"),
    ("3 monthly", 3, 3, "months"),
    ("three-monthly", 3, 3, "months"),
    ("every 2-3 months", 2, 3, "months"),
    ("every 10-12 weeks", 10, 12, "weeks"),
    ("10 to 12 weekly", 10, 12, "weeks"),
    ("every 8/52", 8, 8, "weeks"),
    ("12/52", 12, 12, "weeks"),
    ("3/12", 3, 3, "months"),
    ("every 2/12", 2, 2, "months"),
    ("q3m", 3, 3, "months"),
    ("q12w", 12, 12, "weeks"),
    ("every 84 days", 84, 84, "days"),
    ("once every three months", 3, 3, "months"),
    ("every other month", 2, 2, "months"),
    ("every quarter", 3, 3, "months"),
    ("twice a year", 6, 6, "months"),
    ("monthly", 1, 1, "months"),
    ("INJECT ONE EVERY TWELVE WEEKS", 12, 12, "weeks"),
    ("1 amp every 3/12 by nurse", 3, 3, "months"),
]


@pytest.mark.parametrize(("text", "low", "high", "unit"), STANDARD)
def test_the_standards_list_is_read(text: str, low: int, high: int, unit: str) -> None:
    got = read_directions(text)
    assert (got.status, got.loading) == ("read", None)
    assert got.maintenance is not None
    assert (got.maintenance.low, got.maintenance.high, got.maintenance.unit) == (low, high, unit)


@pytest.mark.parametrize(
    ("text", "maintenance", "loading"),
    [
        (
            "1mg IM 3 times a week for 2 weeks then every 3 months",
            Interval(3, 3, "months"),
            Loading(3.0, days=14),
        ),
        (
            "alternate days for 2 weeks then 1mg every 2 months",
            Interval(2, 2, "months"),
            Loading(3.5, days=14),
        ),
        (
            "one ampoule on alternate days until no further improvement, then 2-monthly",
            Interval(2, 2, "months"),
            Loading(3.5),
        ),
        ("6 x 1mg over 2 weeks, then 12 weekly", Interval(12, 12, "weeks"), Loading(None, 6, 14)),
        ("3 times a week for 6 doses, then 3 monthly", Interval(3, 3, "months"), Loading(3.0, 6)),
        ("Every 2 days", None, Loading(3.5)),
        ("three times a week", None, Loading(3.0)),
        ("every 6 days", None, Loading(7 / 6)),
        ("every 7 days", Interval(7, 7, "days"), None),
    ],
)
def test_a_loading_part_is_told_from_maintenance(
    text: str, maintenance: Interval | None, loading: Loading | None
) -> None:
    got = read_directions(text)
    assert (got.status, got.maintenance, got.loading) == ("read", maintenance, loading)


@pytest.mark.parametrize(("text", "per_day"), [("one daily", 1.0), ("3 times a day", 3.0), ("3 a week", None)])
def test_times_a_day(text: str, per_day: float | None) -> None:
    assert read_directions(text).per_day == per_day


# --- what every text obeys

UNITS = {"days": ("days", "/7"), "weeks": ("weeks", "/52"), "months": ("months", "/12")}
NUMBERS = {2: "two", 3: "three", 8: "eight", 12: "twelve", 24: "twenty-four"}
NOTES = ["", "1 amp ", "Inject 1ml IM ", "1mg ", "1000 micrograms ", "B12 injection "]
AFTERWARDS = ["", " by nurse", " for life", " into the deltoid", ", next due 03/06/2024", " (IM)"]


def _every(low: int, more: int, joint: str, unit: str, pattern: str) -> tuple[str, Interval]:
    number = f"{low}{joint}{low + more}" if more else f"{low}"
    words, slash = UNITS[unit]
    interval = Interval(low, low + more, unit)  # type: ignore[arg-type]
    return pattern.format(number, unit=words, slash=slash), interval


PRINTED = st.builds(
    _every,
    st.integers(1, 13),
    st.integers(0, 11),
    st.sampled_from(["-", " - ", " to ", " or "]),
    st.sampled_from(["weeks", "months"]),
    st.sampled_from(["every {} {unit}", "every {}{slash}", "at intervals of {} {unit}", "once every {} {unit}"]),
)


@given(
    PRINTED,
    st.sampled_from(NOTES),
    st.sampled_from(AFTERWARDS),
    st.sampled_from([str.lower, str.upper, str.title]),
)
def test_a_printed_interval_is_read_back(
    printed: tuple[str, Interval], before: str, after: str, case: Callable[[str], str]
) -> None:
    text, interval = printed
    got = read_directions(case(before + text + after))
    assert (got.status, got.maintenance) == ("read", interval)


@given(st.sampled_from(sorted(NUMBERS)), st.sampled_from(["weekly", "monthly"]), st.sampled_from([" ", "-"]))
def test_number_words_and_digits_read_alike(number: int, adverb: str, joint: str) -> None:
    in_digits = read_directions(f"{number}{joint}{adverb}").maintenance
    assert in_digits is not None
    assert in_digits.high == number
    assert read_directions(f"{NUMBERS[number]}{joint}{adverb}").maintenance == in_digits


@given(st.sampled_from(READ), st.integers(0, 40), st.from_regex(r"zq[a-z]{1,8}|[?=~<>%€]", fullmatch=True))
def test_a_text_with_any_unknown_word_is_unread(text: str, place: int, unknown: str) -> None:
    words = text.split()
    words.insert(place % (len(words) + 1), unknown)
    got = read_directions(" ".join(words))
    assert (got.status, got.maintenance, got.loading) == ("unread", None, None)
    assert unknown in got.unread_words


@pytest.mark.parametrize("word", ["not", "was", "now", "if", "prn", "stopped", "review", "or", "minimum"])
@pytest.mark.parametrize("text", ["every 3 months", "1mg 3 times a week for 2 weeks then 12 weekly"])
def test_a_word_that_may_change_the_meaning_is_unknown(word: str, text: str) -> None:
    assert read_directions(f"{word} {text}").status == "unread"
    assert read_directions(f"{text} {word}").status == "unread"


@given(
    st.sampled_from(["every 8 weeks", "3 monthly", "every 2/12", "every 56 days", "monthly", "11/52"]),
    st.sampled_from(["every 12 weeks", "2-3 monthly", "every 4/12", "weekly", "every 10-12 weeks"]),
    st.sampled_from([" ", ", ", ". ", " then ", " (", " and ", " - ", "\n", "; maintenance "]),
)
def test_two_different_intervals_are_unread(first: str, second: str, joint: str) -> None:
    for text in (f"{first}{joint}{second}", f"{second}{joint}{first}"):
        assert read_directions(text).status == "unread"


@pytest.mark.parametrize("text", ["3 monthly, every 3/12", "12 weekly (84 days apart)", "quarterly: 4 times a year"])
def test_one_interval_said_twice_is_read(text: str) -> None:
    assert read_directions(text).status == "read"


@given(st.sampled_from(READ), st.sampled_from([str.lower, str.upper, str.title]))
def test_case_and_spaces_do_not_matter(text: str, case: Callable[[str], str]) -> None:
    plain = read_directions(text)
    other = read_directions("  " + case(text).replace(" ", "  ") + "\n")
    assert (other.maintenance, other.loading) == (plain.maintenance, plain.loading)


@given(st.text(max_size=60) | st.lists(st.sampled_from(sorted({w for t in READ for w in t.split()}))).map(" ".join))
def test_any_text_has_one_of_three_readings(text: str) -> None:
    got = read_directions(text)
    assert got.text == text
    assert (got.status == "blank") == (not text.strip())
    if got.status == "read":
        assert got.unread_words == ()
        assert got.words_used != ()
        assert got.maintenance is not None or got.loading is not None
    else:
        assert (got.maintenance, got.loading, got.per_day) == (None, None, None)
    if got.maintenance is not None:
        days = {"days": 1, "weeks": 7, "months": 28}[got.maintenance.unit]
        assert 7 <= got.maintenance.low * days <= got.maintenance.high * days


def test_what_was_not_understood_is_named() -> None:
    got = read_directions("every 3 months unless Unwell")
    assert got.unread_words == ("unless", "unwell")
    assert got.words_used == ("every", "3", "months")
