"""What was prescribed; form, dose and route; cofactors and safety; review and cause."""

from __future__ import annotations

from datetime import date
from statistics import median

from .criteria_loading import excuse_declined, in_window, not_a_starter
from .dates import add_days, add_months
from .directions import Every, read_directions
from .history import History
from .intervals import Interval, intervals_of, judged_or_waiting, schedules
from .model import Test, Treatment
from .verdict import Verdict, met_or_not, not_applicable, not_assessable

# ---------------------------------------------------------------------- what was prescribed


def _prescribed_rows(history: History) -> list[Treatment]:
    """The injection rows of the latest day: of the issues when there are any, else of the given ones."""
    recent = [row for row in history.injections() if row.day >= history.year_before_period]
    issued = [row for row in recent if row.is_issued]
    rows = issued or [row for row in recent if row.is_given]
    return [row for row in rows if row.day == max(other.day for other in rows)]


def _longest_direction(rows: list[Treatment]) -> Every | str:
    """The longest prescribed interval, or the reason why there is none."""
    if any(row.directions == "" for row in rows):
        return "DIRECTIONS_MISSING"
    readings = [read_directions(row.directions) for row in rows]
    read = [reading for reading in readings if reading is not None]
    if len(read) < len(readings):
        return "DIRECTIONS_UNREAD"
    return max(read, key=lambda reading: reading.rough_days())


def prescribed_interval(history: History) -> Verdict:
    """The directions allow no longer interval than the schedule."""
    if not history.doses:
        return not_applicable("NO_INJECTIONS")
    if not history.on_injections:
        return not_applicable("NOT_ON_INJECTIONS")
    rows = _prescribed_rows(history)
    if not rows or history.initial_unfinished:
        return not_applicable("NOT_IN_POPULATION")
    longest = _longest_direction(rows)
    if isinstance(longest, str):
        return not_assessable(longest)
    lengths = schedules(history, history.neuro_at(history.w1))
    answers = {longest.within(months) for months in lengths}
    return met_or_not(answers.pop()) if len(answers) == 1 else not_assessable("NEURO_UNKNOWN")


def given_as_prescribed(history: History) -> Verdict:
    """The usual interval is the prescribed one."""
    if not history.doses:
        return not_applicable("NO_INJECTIONS")
    rows = _prescribed_rows(history)
    if not history.given_basis or not rows:
        return not_applicable("NOT_IN_POPULATION")
    closed = _closed_after_first_run(history)
    if not closed:
        return not_applicable("NO_INTERVAL_IN_PERIOD")
    longest = _longest_direction(rows)
    if isinstance(longest, str):
        return not_assessable(longest)
    usual = median(interval.days for interval in closed)
    return met_or_not(usual <= longest.days_from(closed[-1].first.day) + 14)


def _closed_after_first_run(history: History) -> list[Interval]:
    return [
        interval
        for interval in intervals_of(history)
        if interval.kind == "maintenance"
        and not interval.is_open
        and history.in_period(interval.end)
        and interval.first not in history.runs[0]
    ]


# ---------------------------------------------------------------------- form, dose, route


def _injections_in_period(history: History) -> list[Treatment]:
    """Given rows on basis given, issues on basis issued."""
    rows = [row for row in history.injections() if history.in_period(row.day)]
    return [row for row in rows if (row.is_given if history.given_basis else row.is_issued)]


def _no_injections_in_period(history: History) -> Verdict | None:
    if not history.doses:
        return not_applicable("NO_INJECTIONS")
    return None if _injections_in_period(history) else not_applicable("NOT_IN_POPULATION")


def hydroxocobalamin_injected(history: History) -> Verdict:
    """The form that the BNF names."""
    rows = _injections_in_period(history)
    other = _no_injections_in_period(history)
    return other or met_or_not(all(row.substance == "hydroxocobalamin" for row in rows))


def dose_one_milligram(history: History) -> Verdict:
    """Every dose is 1 mg."""
    other = _no_injections_in_period(history)
    if other:
        return other
    doses = [row.dose for row in _injections_in_period(history)]
    if any(dose is not None and dose != 1000 for dose in doses):
        return Verdict("not_met")
    return not_assessable("DOSE_MISSING") if None in doses else Verdict("met")


def intramuscular(history: History) -> Verdict:
    """Every injection is into muscle."""
    other = _no_injections_in_period(history)
    if other:
        return other
    rows = _injections_in_period(history)
    under_skin = [row for row in rows if row.route == "subcutaneous"]
    if under_skin:
        by_patient = all(row.event == "self_administered" for row in under_skin)
        return Verdict("excepted", "SELF_ADMINISTERED") if by_patient else Verdict("not_met")
    if any(row.route == "injection" for row in rows):
        return not_assessable("ROUTE_MISSING")
    return Verdict("met")


def irreversible_cause_injected(history: History) -> Verdict:
    """Tablets alone do not do where B12 cannot be absorbed."""
    if not history.irreversible or not history.treatments_in_period():
        return not_applicable("NOT_IN_POPULATION")
    verdict = met_or_not(not history.oral_only())
    return excuse_declined(history, verdict, history.year_before_period, history.w1)


def low_dose_oral_only_for_diet(history: History) -> Verdict:
    """Low-dose tablets are for a dietary cause."""
    oral = [row for row in history.treatments_in_period() if row.is_oral]
    low = [row for row in oral if row.dose is not None and row.dose < 1000]
    if not low and all(row.dose is not None for row in oral):
        return not_applicable("NOT_IN_POPULATION")
    if not low:
        return not_assessable("DOSE_MISSING")
    if not history.cause_known:
        return not_assessable("CAUSE_UNKNOWN")
    return met_or_not(history.dietary)


def no_cyanocobalamin_in_lebers(history: History) -> Verdict:
    """Cyanocobalamin may harm the optic nerve there."""
    rows = history.treatments_in_period()
    if not history.own_schedule or not rows:
        return not_applicable("NOT_IN_POPULATION")
    return met_or_not(all(row.substance != "cyanocobalamin" for row in rows))


def no_cyanocobalamin_in_smokers(history: History) -> Verdict:
    """No cyanocobalamin injected into smokers."""
    rows = history.treatments_in_period()
    if not history.patient.smoker or not rows:
        return not_applicable("NOT_IN_POPULATION")
    injected = [row for row in rows if row.is_injection]
    return met_or_not(all(row.substance != "cyanocobalamin" for row in injected))


# ---------------------------------------------------------------------- cofactors and safety


def folic_acid_not_before_b12(history: History) -> Verdict:
    """Folic acid of 1 mg and more does not come before B12."""
    other = not_a_starter(history, lambda: bool(_folic_acid_days(history) or _unknown_before_b12(history)))
    if other:
        return other
    days = _folic_acid_days(history)
    b12 = _first_b12(history)
    if not (days and days[0] < b12) and _unknown_before_b12(history):
        return not_assessable("DOSE_MISSING")
    verdict = met_or_not(b12 <= days[0])
    verdict.from_date, verdict.limit_date = add_days(history.d1, -90), add_days(history.d1, 365)
    verdict.to_date = days[0]
    return verdict


def _folic_acid(history: History) -> list[Treatment]:
    begin, end = add_days(history.d1, -90), add_days(history.d1, 365)
    return [row for row in history.treatments if row.is_folic_acid and begin <= row.day <= end]


def _folic_acid_days(history: History) -> list[date]:
    """Days of rows of at least 1 mg in the window."""
    return sorted(row.day for row in _folic_acid(history) if row.dose is not None and row.dose >= 1000)


def _unknown_before_b12(history: History) -> bool:
    return any(row.dose is None and row.day < _first_b12(history) for row in _folic_acid(history))


def _first_b12(history: History) -> date:
    """First B12 treatment of any route; every dose is one."""
    return min(row.day for row in history.b12_treatments())


def folate_measured(history: History) -> Verdict:
    """Folate around the start."""
    return _measured(history, ("folate",))


def ferritin_measured(history: History) -> Verdict:
    """Ferritin around the start."""
    return _measured(history, ("ferritin",))


def blood_count_measured(history: History) -> Verdict:
    """Haemoglobin or MCV around the start."""
    return _measured(history, ("haemoglobin", "mcv"))


def vitamin_b6_measured(history: History) -> Verdict:
    """Vitamin B6 around the start."""
    return _measured(history, ("vitamin_b6",))


def _measured(history: History, names: tuple[str, ...]) -> Verdict:
    other = not_a_starter(history, lambda: True)
    if other:
        return other
    if not history.practice.has_tests:
        return not_assessable("NO_TESTS_DATA")
    return _result_in(history, names, add_days(history.d1, -90), add_days(history.d1, 14))


def _result_in(history: History, names: tuple[str, ...], begin: date, end: date) -> Verdict:
    results = history.results(names, begin, end)
    return in_window(history, begin, end, results[0].day if results else None)


def _latest_haemoglobin(history: History, begin: date, end: date) -> float | None:
    """In g/L; of two on the latest day the lower."""
    rows = [(test, _grams_per_litre(test)) for test in history.results(("haemoglobin",), begin, end)]
    numbers = [(test.day, grams) for test, grams in rows if grams is not None]
    if not numbers:
        return None
    latest = max(day for day, _ in numbers)
    return min(grams for day, grams in numbers if day == latest)


def _grams_per_litre(test: Test) -> float | None:
    try:
        number = float(test.value)
    except ValueError:
        return None
    return number * 10 if number <= 25 else number


def potassium_measured_in_severe_anaemia(history: History) -> Verdict:
    """Potassium soon after the start when haemoglobin is under 80 g/L."""

    def severe() -> bool:
        grams = _latest_haemoglobin(history, add_days(history.d1, -28), history.d1)
        return not history.practice.has_tests or (grams is not None and grams < 80)

    other = not_a_starter(history, severe)
    if other:
        return other
    if not history.practice.has_tests:
        return not_assessable("NO_TESTS_DATA")
    return _result_in(history, ("potassium",), add_days(history.d1, 1), add_days(history.d1, 14))


def blood_count_response(history: History) -> Verdict:
    """Haemoglobin again after treatment of anaemia."""

    def low() -> bool:
        grams = _latest_haemoglobin(history, add_days(history.d1, -90), add_days(history.d1, 14))
        normal = 130 if history.patient.sex == "male" else 120
        return not history.practice.has_tests or (grams is not None and grams < normal)

    other = not_a_starter(history, low)
    if other:
        return other
    if not history.practice.has_tests:
        return not_assessable("NO_TESTS_DATA")
    return _result_in(history, ("haemoglobin",), add_days(history.d1, 42), add_days(history.d1, 84))


# ---------------------------------------------------------------------- review and cause


def first_review(history: History) -> Verdict:
    """A review about three months after the start; one month in pregnancy."""
    other = not_a_starter(history, lambda: history.d1 >= date(2024, 3, 6))
    if other:
        return other
    if not history.practice.has_reviews:
        return not_assessable("NO_REVIEW_DATA")
    if history.patient.pregnant:
        begin, end = add_days(history.d1, 7), add_days(add_months(history.d1, 1), 14)
    else:
        begin, end = add_days(history.d1, 14), add_days(add_months(history.d1, 3), 28)
    reviews = history.reviews_between(begin, end)
    return in_window(history, begin, end, reviews[0].day if reviews else None)


def no_b12_retest_on_injections(history: History) -> Verdict:
    """B12 is not measured again in somebody on injections."""
    if not history.doses:
        return not_applicable("NO_INJECTIONS")
    if not history.on_injections:
        return not_applicable("NOT_ON_INJECTIONS")
    if not judged_or_waiting(history, "maintenance"):
        return not_applicable("NO_INTERVAL_IN_PERIOD")
    if not history.practice.has_tests:
        return not_assessable("NO_TESTS_DATA")
    settled = history.dl if history.initial else history.d1
    retests = [
        test
        for test in history.tests
        if test.name == "vitamin_b12" and history.in_period(test.day) and settled < test.day < history.w1
    ]
    return met_or_not(not retests)


def cause_recorded(history: History) -> Verdict:
    """The cause of the deficiency stands in the record."""
    if not history.treatments_in_period():
        return not_applicable("NOT_IN_POPULATION")
    return met_or_not(history.cause_known)
