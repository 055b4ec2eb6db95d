"""The series by quarter: which intervals count where, and the rules on series computed by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pandas as pd
import pytest

from audit.render.over_time import build_over_time, flagged_by
from audit.results.over_time import (
    COUNTED,
    OverTime,
    Quarter,
    as_summary,
    over_time,
    series,
    shifts,
    trends,
    xmr,
)
from audit.standards.standard import load_standard
from tests.compare import as_extract
from tests.generate import practice
from tests.oracle import dates as slow
from tests.upcoming import NO, YES, generated, patient, told, turned, usual


def tenths(*met: int) -> list[Fraction]:
    return [Fraction(number, 10) for number in met]


def quarters(*met: int, judged: int = 10) -> list[Quarter]:
    """Quarters from 2020 on, so many met of so many judged."""
    found = []
    for place, number in enumerate(met):
        start = date(2020 + place // 4, place % 4 * 3 + 1, 1)
        end = date(start.year + (start.month == 10), (start.month + 2) % 12 + 1, 1) - timedelta(days=1)
        found.append(Quarter(f"{start.year} Q{place % 4 + 1}", start, end, True, number, judged - number, 0, 0))
    return found


def flags(found: OverTime) -> dict[int, tuple[str, ...]]:
    return {place: item.flags for place, item in enumerate(found.quarters) if item.flags}


# The rules, on series computed by hand


@pytest.mark.parametrize(
    ("met", "flagged"),
    [
        ((1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9), set(range(12))),
        ((1, 1, 1, 1, 1, 9, 9, 9, 9, 9), set()),
        # a point on the median neither counts nor breaks
        ((1, 1, 1, 5, 1, 1, 1, 9, 9, 9, 9, 9), {0, 1, 2, 4, 5, 6}),
        ((5, 5, 5, 5, 5, 5, 5), set()),
        ((1, 2, 1, 2, 1, 9, 1, 2, 1, 2, 1, 2), {6, 7, 8, 9, 10, 11}),
    ],
)
def test_a_shift_is_six_points_on_one_side(met: tuple[int, ...], flagged: set[int]) -> None:
    assert shifts(tenths(*met), Fraction(5, 10)) == flagged


@pytest.mark.parametrize(
    ("met", "flagged"),
    [
        ((1, 2, 3, 4, 5), {0, 1, 2, 3, 4}),
        ((1, 2, 3, 4), set()),
        ((9, 7, 5, 4, 2, 8), {0, 1, 2, 3, 4}),
        # a repeated value neither counts nor breaks
        ((1, 2, 2, 3, 4, 5), {0, 1, 3, 4, 5}),
        ((1, 2, 2, 2, 3, 4), set()),
        ((1, 2, 3, 2, 3, 4), set()),
        # the turning point belongs to both
        ((1, 2, 3, 4, 5, 4, 3, 2, 1), set(range(9))),
    ],
)
def test_a_trend_is_five_points_in_one_direction(met: tuple[int, ...], flagged: set[int]) -> None:
    assert trends(tenths(*met)) == flagged


def test_limits_are_the_mean_and_two_point_six_six_moving_ranges() -> None:
    limits = xmr(tenths(5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6))
    assert limits is not None
    assert (limits.mean, limits.moving_range) == (Fraction(55, 100), Fraction(1, 10))
    assert (limits.lower, limits.upper) == (Fraction(284, 1000), Fraction(816, 1000))


def test_limits_stay_within_nothing_and_everything() -> None:
    limits = xmr(tenths(*[0, 10] * 6))
    assert limits is not None
    assert (limits.lower, limits.upper) == (Fraction(0), Fraction(1))


def test_under_twelve_points_there_is_the_median_only() -> None:
    found = series(quarters(5, 6, 7, 8, 5, 6, 7, 8, 5, 0, 7), 10)
    assert (found.median, found.limits, flags(found)) == (Fraction(6, 10), None, {})
    twelve = series(quarters(5, 6, 7, 8, 5, 6, 7, 8, 5, 0, 7, 6), 10)
    assert twelve.limits is not None


def test_a_point_outside_the_limits_names_its_rule() -> None:
    # mean 55/120, ten moving ranges of 0 and one of 0.5: lower limit 0.337
    found = series(quarters(*[5] * 11, 0), 10)
    assert found.limits is not None
    assert float(found.limits.lower) == pytest.approx(0.4583333 - 2.66 * 0.5 / 11)
    assert flags(found) == {11: ("outside_limits",)}


def test_a_series_that_never_moves_is_flagged_nowhere() -> None:
    assert flags(series(quarters(*[7] * 20), 10)) == {}


def test_a_quarter_of_few_intervals_is_no_point() -> None:
    found = series([*quarters(5, 6), *quarters(1, judged=9)], 10)
    assert [item.share for item in found.quarters] == [Fraction(1, 2), Fraction(3, 5), None]
    assert len(found.points) == 2
    assert found.median == Fraction(11, 20)


def test_flags_stay_with_their_quarter_when_others_are_no_points() -> None:
    few = quarters(1, judged=2)
    found = series([*few, *quarters(1, 2, 3, 4, 5), *few], 10)
    assert flags(found) == dict.fromkeys(range(1, 6), ("trend",))


# Which intervals count


def counted(*people: object, **run: object) -> list[tuple[str, int, int, int, int]]:
    found = over_time([told(list(people), **run)[1]])  # type: ignore[arg-type]
    return [(item.name, item.met, item.not_met, item.excepted, item.not_assessable) for item in found.quarters]


#: injections of 10 January, 10 April, 10 July and 1 December 2023 and of 20 February 2024
DOSES = "-416 -326 -235 -91 -10"
#: the record begins on 1 January 2023 and ends on 31 March 2024
RECORD = {"history": -425, "extract": 30}


def test_an_interval_counts_in_the_quarter_of_its_end() -> None:
    # the one that ended in April 2023 lies in the months in which only short ones can be seen
    assert counted(patient(DOSES, **NO), **RECORD) == [
        ("2023 Q3", 1, 0, 0, 0),
        ("2023 Q4", 0, 1, 0, 0),
        ("2024 Q1", 1, 0, 0, 0),
    ]


def test_outcomes_are_those_of_the_standard() -> None:
    assert counted(patient(DOSES, **YES), **RECORD)[0] == ("2023 Q3", 0, 1, 0, 0)
    assert counted(patient(DOSES), **RECORD)[0] == ("2023 Q3", 0, 0, 0, 1)
    assert counted(patient(DOSES, "declined -150", **NO), **RECORD)[1] == ("2023 Q4", 0, 0, 1, 0)


@pytest.mark.parametrize(
    "fields",
    [{"cause": "dietary"}, {"indication": "lebers_or_tobacco_amblyopia"}, {"indication": "metabolic"},
     {"year_of_birth": "2015"}],
)  # fmt: skip
def test_other_schedules_do_not_count(fields: dict[str, str]) -> None:
    assert {sum(item[1:]) for item in counted(patient(DOSES, **NO, **fields), **RECORD)} == {0}


def test_who_left_before_the_period_is_part_of_the_history() -> None:
    doses = "-1100 -1010 -920 -830"
    found = counted(patient(doses, **NO, registered_to="-800", registered_from=""), history=-2000, extract=30)
    assert sum(item[1] for item in found) >= 2


def test_an_interval_before_registration_does_not_count() -> None:
    found = counted(patient(DOSES, **NO, registered_from="-250"), **RECORD)
    assert {item[0]: sum(item[1:]) for item in found} == {"2023 Q3": 0, "2023 Q4": 0, "2024 Q1": 1}


def test_the_quarter_of_the_extract_date_may_be_incomplete() -> None:
    found = over_time([told([patient(DOSES, **NO)], history=-425, extract=29)[1]])
    assert [item.complete for item in found.quarters] == [True, True, False]


def test_a_short_history_has_no_quarter() -> None:
    found = over_time([told([patient(DOSES, **NO)], history=-100, extract=30)[1]])
    assert found.quarters == ()
    assert build_over_time(found, load_standard()).sentence.startswith("The recorded history is too short")


# Laws, on a generated practice


def test_the_intervals_of_the_period_have_the_published_outcomes() -> None:
    """In whole quarters of the period the series counts just what intervals.csv says; nobody's treatment stopped."""
    records, _ = practice(5, 250)
    kept = [row for row in records["treatments"] if row.get("event") != "stopped"]
    result = generated(5, 250, {"treatments": kept})
    found, (window,) = result.over_time, result.windows
    assert found is not None
    people, history = as_extract(records).patients, pd.Timestamp(window.history_start)
    table = result.intervals.merge(people[["patient_id", "registered_from"]].astype({"patient_id": str}))
    registered = table["registered_from"].fillna(history)
    seen = registered.where(registered > history, history)
    table["seen"] = table["from_date"] >= seen
    table = table[(table["kind"] == "maintenance") & table["to_date"].notna() & table["criterion"].isin(COUNTED)]
    inside = [item for item in found.quarters if item.start >= window.period_from and item.end <= window.period_to]
    assert len(inside) >= 3
    for item in inside:
        ends = table["to_date"].dt.date
        longest = pd.Series([slow.add_months(day.date(), 6) for day in seen.loc[table.index]], index=table.index)
        chosen = table["seen"] & (ends >= item.start) & (ends <= item.end) & (ends >= longest)
        published = Counter(table.loc[chosen, "outcome"])
        told_counts = {name: getattr(item, name) for name in ("met", "not_met", "excepted", "not_assessable")}
        assert published == Counter({name: number for name, number in told_counts.items() if number})
        assert item.judged > 10


def test_the_order_of_patients_changes_nothing() -> None:
    assert turned(5, 250).over_time == usual().over_time


def test_two_practices_together_are_the_sum() -> None:
    one, other = (told([patient(DOSES, **fields)], None, **RECORD)[1] for fields in (NO, YES))
    both = over_time([one, other])
    assert [item.judged for item in both.quarters] == [2, 2, 2]
    assert [item.met for item in both.quarters] == [1, 0, 1]


# What is printed


def test_the_chart_and_its_words_say_the_same() -> None:
    found = series([*quarters(*[5] * 11, 0)], 10)
    view = build_over_time(found, load_standard())
    assert view.sentence == (
        "In 2022 Q4, 0 of 10 maintenance intervals (0%) met the standard; the median of 12 quarters is 50%. "
        "1 point is flagged; the rule of each stands below."
    )
    assert view.chart is not None
    assert [dot.flagged for dot in view.chart.dots] == [False] * 11 + [True]
    assert [line.name for line in view.chart.lines] == ["median 50%", "mean 46%", "lower limit 34%", "upper limit 58%"]
    assert view.rows[-1].rule == "outside the limits"
    assert flagged_by(view.rows) == ["Flagged as outside the limits. Quarters: 2022 Q4."]
    assert view.chart.dots[-1].y == view.chart.base + ".0"
    assert any("Perla" in note for note in view.notes)
    assert any("Making Data Count" in note for note in view.notes)


def test_a_gap_breaks_the_line() -> None:
    found = series([*quarters(5, 6), *quarters(1, judged=2), *quarters(7, 8)], 10)
    chart = build_over_time(found, load_standard()).chart
    assert chart is not None
    assert [path.count("L") for path in chart.paths] == [1, 1]


def test_the_summary_has_fractions_and_null() -> None:
    told_summary = as_summary(series(quarters(5, 6), 10))
    assert (told_summary["median"], told_summary["mean"], told_summary["points"]) == (0.55, None, 2)
