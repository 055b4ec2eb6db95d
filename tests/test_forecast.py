"""The forecast: typed schedules, laws between the scenarios, and costs by the user's figures alone."""

from __future__ import annotations

import functools
import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from audit.cli import main
from audit.cohort.calendar import Days, add_months, to_day
from audit.cohort.cohort import build_cohort
from audit.cohort.window import DateOptions, settle_window
from audit.errors import UsageError
from audit.render.forecast import build_forecast
from audit.results.forecast import MONTHS, Forecast, Inputs, Step, as_summary, forecast, monthly
from audit.standards.standard import load_standard
from tests.compare import TODAY, as_extract
from tests.generate import practice
from tests.oracle import dates as slow
from tests.upcoming import NO, YES, generated, patient, told, turned, usual

X = to_day(date(2026, 3, 31))
#: a day of a month of which 1 is April 2026
NONE = [0] * MONTHS


def every(months: int) -> Step:
    def step(anchor: Days, number: Days) -> Days:
        return add_months(anchor, months * number)

    return step


def months(*named: int) -> list[int]:
    """One injection in each of the named months."""
    return [int(number in named) for number in range(1, MONTHS + 1)]


@pytest.mark.parametrize(
    ("last", "length", "cover", "expected"),
    [
        ("2026-02-10", 3, 1, months(2, 5, 8, 11)),
        ("2026-02-10", 2, 1, months(1, 3, 5, 7, 9, 11)),
        ("2026-01-31", 3, 1, months(1, 4, 7, 10)),
        ("2025-10-01", 3, 1, months(1, 4, 7, 10)),
        ("2025-12-31", 3, 1, months(1, 4, 7, 10)),
        ("2026-01-01", 3, 1, months(1, 4, 7, 10)),
        ("2026-03-31", 6, 1, months(6, 12)),
        # three ampoules on one day: the next two injections are supplied, and injected all the same
        ("2026-01-15", 3, 3, months(1, 4, 7, 10)),
        ("2025-09-15", 3, 3, months(3, 6, 9, 12)),
        # nine months have passed since: fallen due
        ("2025-06-15", 3, 3, months(1, 4, 7, 10)),
    ],
)
def test_a_schedule_counted_by_hand(last: str, length: int, cover: int, expected: list[int]) -> None:
    days = np.array([to_day(date.fromisoformat(last))])
    assert monthly(X, days, np.array([cover]), every(length)).tolist() == expected


def test_months_end_a_calendar_month_after_the_extract_date() -> None:
    made = forecast([told([patient("-60 0", **NO)], day_0="2026-01-31", extract=0)[1]], Inputs())
    ends = [month.end for month in made.months]
    assert ends[:3] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert made.months[1].start == date(2026, 3, 1)


def scenarios(made: Forecast) -> dict[str, list[int]]:
    return {scenario.name: list(scenario.injections) for scenario in made.scenarios}


def test_three_scenarios_of_one_patient() -> None:
    # 84 days from one injection to the next; the extract ends on 31 March 2024
    made = forecast([told([patient("-168 -84 0", **NO)], extract=30)[1]], Inputs())
    assert scenarios(made) == {
        "as_now": months(2, 5, 8, 10),
        "longest": months(3, 6, 9, 12),
        "shortest": months(2, 4, 6, 8, 10, 12),
    }
    assert (made.patients, made.own_rhythm, made.without_rhythm) == (1, 1, 0)


@pytest.mark.parametrize(
    ("fields", "longest", "shortest"),
    [
        (NO, months(3, 6, 9, 12), months(2, 4, 6, 8, 10, 12)),
        ({}, months(3, 6, 9, 12), months(2, 4, 6, 8, 10, 12)),
        (YES, months(2, 4, 6, 8, 10, 12), months(2, 4, 6, 8, 10, 12)),
        ({**NO, "cause": "dietary"}, months(6, 12), months(6, 12)),
        ({"cause": "dietary"}, months(6, 12), months(2, 4, 6, 8, 10, 12)),
    ],
)
def test_the_lengths_are_those_of_the_standard(
    fields: dict[str, str], longest: list[int], shortest: list[int]
) -> None:
    made = forecast([told([patient("0", **fields)], extract=30, history=-100)[1]], Inputs())
    assert scenarios(made)["longest"] == longest
    assert scenarios(made)["shortest"] == shortest
    # without a closed interval the patient counts with the longest
    assert scenarios(made)["as_now"] == longest
    assert (made.own_rhythm, made.without_rhythm) == (0, 1)
    assert made.neuro_unknown == int("neurological_involvement" not in fields)


def test_an_issue_of_several_ampoules_is_as_many_intervals() -> None:
    # 270 days lie between issues of three: 90 days for each injection
    made = forecast([told([patient("-270x3 0x3", **NO)], extract=30, history=-300)[1]], Inputs())
    assert scenarios(made)["as_now"] == months(2, 5, 8, 11)


def test_a_local_standard_in_weeks_counts_weeks(tmp_path: Path) -> None:
    file = tmp_path / "weeks.toml"
    file.write_text('name = "weeks"\ntitle = "W"\nedition = "1"\nextends = "national"\n'
                    '[numbers]\n"maintenance.standard_weeks" = 4\n', encoding="utf-8")  # fmt: skip
    made = forecast([told([patient("0", **NO)], load_standard(str(file)), extract=30, history=-100)[1]], Inputs())
    # 29 March has passed; then every four weeks from the day after the extract date
    assert sum(scenarios(made)["longest"]) == 14
    assert scenarios(made)["shortest"] == scenarios(made)["longest"]


def test_who_is_not_on_maintenance_is_counted_apart() -> None:
    people = [
        patient("-60 0", **NO),
        patient("-60 0", "stopped 10", **NO),
        patient("-60 0", "unreadable 10", **NO),
        patient("", cause="autoimmune"),
    ]
    made = forecast([told(people, extract=30)[1]], Inputs())
    assert made.patients == 1
    assert made.left_out == {"NO_INJECTIONS": 1, "STOPPED": 1, "UNREADABLE_ROW": 1}


# Laws, on generated practices


@functools.cache
def made(seed: int) -> Forecast:
    found = (usual() if seed == 5 else generated(seed, 120)).forecast
    assert found is not None
    return found


SEEDS = (1, 2, 5)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_shorter_interval_never_gives_fewer_injections(seed: int) -> None:
    by_name = scenarios(made(seed))
    assert made(seed).patients > 20
    assert sum(by_name["shortest"]) >= sum(by_name["longest"]) >= made(seed).patients


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_a_month_more_never_brings_an_injection_forward(length: int) -> None:
    days = np.arange(X - 400, X + 1)
    single = np.ones(len(days), dtype=np.int64)
    for day, cover in zip(days, single, strict=True):
        short, long = (monthly(X, np.array([day]), np.array([cover]), every(item)) for item in (length, length + 1))
        assert (np.cumsum(short) >= np.cumsum(long)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_patients_changes_nothing(seed: int) -> None:
    assert turned(seed, 250 if seed == 5 else 120).forecast == made(seed)


def test_two_practices_together_are_the_sum() -> None:
    cohorts = []
    for seed in (1, 2):
        records, options = practice(seed, 60)
        extract = as_extract(records)
        chosen = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
        window, _ = settle_window(extract, chosen, load_standard(), TODAY)
        cohorts.append(build_cohort(extract, window, load_standard()))
    both, apart = forecast(cohorts, Inputs()), [forecast([cohort], Inputs()) for cohort in cohorts]
    for name, counts in scenarios(both).items():
        assert counts == [sum(pair) for pair in zip(*(scenarios(one)[name] for one in apart), strict=True)]
    assert both.patients == sum(one.patients for one in apart)
    assert Counter(both.left_out) == Counter(apart[0].left_out) + Counter(apart[1].left_out)


def test_the_longest_scenario_counted_patient_by_patient() -> None:
    """The same counts from the recall list, one patient and one injection at a time."""
    found = usual().recall
    assert found is not None
    last_day, counts, fell_due = usual().windows[0].extract_date, Counter[int](), 0
    table = found.table[(found.table["basis"] == "given") & found.table["due_date"].notna()]
    for months_text, last, due in zip(table["months"], table["last_injection"], table["due_date"], strict=True):
        length, passed = int(months_text.split()[-1]), due.date() <= last_day
        fell_due += passed
        anchor = slow.add_days(last_day, 1) if passed else last.date()
        number = 0 if passed else 1
        while (day := slow.add_months(anchor, length * number)) <= slow.add_months(last_day, MONTHS):
            counts[next(m for m in range(1, MONTHS + 1) if day <= slow.add_months(last_day, m))] += 1
            number += 1
    given = generated_given_only()
    longest = next(item for item in given.scenarios if item.name == "longest")
    assert [counts[m] for m in range(1, MONTHS + 1)] == list(longest.injections)
    assert longest.fell_due == fell_due
    assert fell_due > 5


def generated_given_only() -> Forecast:
    """The forecast of the usual practice without the patients known from issues."""
    records, _ = practice(5, 250)
    table = usual().patients
    kept = set(table.loc[table["basis"] == "given", "patient_id"])
    changes = {
        name: [row for row in rows if row.get("patient_id", "").strip() in kept]
        for name in ("patients", "treatments", "tests", "reviews")
        if (rows := records[name])
    }
    found = generated(5, 250, changes).forecast
    assert found is not None
    return found


# Inputs, costs and what is printed


def test_hours_and_costs_are_the_users_figures() -> None:
    inputs = Inputs(Decimal(10), Decimal("1.50"), Decimal(40))
    amounts = forecast([told([patient("-60 0", **NO)], extract=30)[1]], inputs).amounts(6)
    assert (amounts.ampoules, amounts.hours, amounts.cost_of_ampoules) == (6, Decimal(1), Decimal(9))
    assert (amounts.cost_of_hours, amounts.cost) == (Decimal(40), Decimal(49))


def test_without_inputs_there_are_injections_alone() -> None:
    found = forecast([told([patient("-60 0", **NO)], extract=30)[1]], Inputs())
    amounts = found.amounts(6)
    assert (amounts.injections, amounts.hours, amounts.cost) == (6, None, None)
    summary = json.dumps(as_summary(found))
    assert '"hours": [null' in summary
    view = build_forecast(found, load_standard())
    assert view.headings == ("As now: injections", "Longest: injections", "Shortest: injections")
    assert any("the tool has no prices" in note for note in view.notes)


def test_ampoules_alone_have_a_cost_without_minutes() -> None:
    found = forecast([told([patient("-60 0", **NO)], extract=30)[1]], Inputs(cost_per_ampoule=Decimal("0.85")))
    assert found.amounts(100).cost == 85
    assert build_forecast(found, load_standard()).headings[-1] == "Shortest: cost"


def test_a_cost_per_hour_needs_the_minutes() -> None:
    with pytest.raises(UsageError) as error:
        Inputs(cost_per_hour=Decimal(40)).checked()
    assert "--minutes-per-injection 10" in error.value.remedy


def test_nobody_on_injections_is_no_forecast() -> None:
    found = forecast([told([patient("", cause="autoimmune")], extract=30)[1]], Inputs())
    view = build_forecast(found, load_standard())
    assert (view.rows, view.panels) == ((), ())
    assert view.sentence.startswith("No patient is on maintenance injections")


def test_columns_stand_on_one_scale_with_their_numbers() -> None:
    found = forecast([told([patient("-168 -84 0", **NO)], extract=30)[1]], Inputs())
    view = build_forecast(found, load_standard())
    assert [panel.title for panel in view.panels] == [
        "As now: 4 injections, between 0 and 1 a month.",
        "At the longest interval allowed: 4 injections, between 0 and 1 a month.",
        "At the shortest interval allowed: 6 injections, between 0 and 1 a month.",
    ]
    assert [len(panel.bars) for panel in view.panels] == [4, 4, 6]
    assert [row.name for row in view.rows[:2]] == ["April 2024", "May 2024"]
    assert view.total is not None and view.total.cells == ("4", "4", "6")


def test_the_command_prints_json_as_the_summary_has_it(sample: Path) -> None:
    options = ["--minutes-per-injection", "10", "--cost-per-hour", "40"]
    done = CliRunner().invoke(main, ["forecast", str(sample), *options, "--json"])
    assert done.exit_code == 0, done.output
    told_json = json.loads(done.stdout)
    assert told_json["inputs"] == {"minutes_per_injection": 10, "cost_per_ampoule": None, "cost_per_hour": 40}
    by_name = {item["scenario"]: item for item in told_json["scenarios"]}
    assert by_name["as_now"]["total"]["injections"] == 506
    assert by_name["as_now"]["total"]["hours"] == 84.33
    assert "P0" not in done.stdout


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "£10", "ten", "1e9"])
def test_an_amount_that_is_none_is_refused(little: Path, value: str) -> None:
    done = CliRunner().invoke(main, ["forecast", str(little), f"--cost-per-ampoule={value}"])
    assert done.exit_code == 2
    assert "without a currency" in done.output


def test_run_takes_the_figures_and_repeats_them(sample: Path, tmp_path: Path) -> None:
    figures = ["--minutes-per-injection", "10.0", "--cost-per-ampoule", "1.50"]
    done = CliRunner().invoke(main, ["run", str(sample), "--out", str(tmp_path / "out"), *figures])
    assert done.exit_code == 0, done.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["run"]["options"]["minutes-per-injection"] == "10"
    assert summary["forecast"]["scenarios"][0]["total"]["cost_of_ampoules"] == 759
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "--minutes-per-injection 10 --cost-per-ampoule 1.5" in page
    assert 'id="h-forecast"' in page and 'id="h-over-time"' in page
