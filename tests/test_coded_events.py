"""A list of coded events becomes tables that the readers of treatments, tests and patients read as they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import InputRejected
from audit.intake.cells import ORIGIN_1900, Column, Grid, letter
from audit.intake.coded_events import CODED_COLUMNS, DESTINATIONS, CodedEvents, read_coded_events
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.ids import read_ids
from audit.intake.patients import build_patients
from audit.intake.results import build_tests
from audit.intake.supplies import NOTHING_SUPPLIED, Supplies, read_supplies
from audit.intake.treatments import build_treatments
from schemas.canonical import TABLES
from tests.intake_files import column

DAY = date(2024, 3, 12)
PERNICIOUS, DEFICIENCY, PAST, CORD = "84027009", "190634004", "161457000", "60576007"
COELIAC, DIETARY, GIVEN, AT_SURGERY = "396331005", "267517008", "308752009", "170823005"
SMOKER, EX_SMOKER, LEBERS, B12 = "77176002", "8517006", "58610003", "993391000000108"

Row = Sequence[Any]


def table(name: str, fields: Sequence[str], rows: Sequence[Row]) -> Grid:
    """A grid as it stands in a sheet: headings in row 1, columns from A on."""
    cells = list(zip(*rows, strict=True)) or [()] * len(fields)
    columns = {field: Column.of(letter(place), cells[place]) for place, field in enumerate(fields)}
    numbers = np.arange(2, len(rows) + 2, dtype=np.int32)
    return Grid(name, "list.csv", "events", ORIGIN_1900, numbers, columns)


def coded(*rows: Row) -> Grid:
    """Rows of patient, date, code, term, value, unit; what is left out is blank."""
    return table("Coded", CODED_COLUMNS, [(*row, *[""] * (len(CODED_COLUMNS) - len(row))) for row in rows])


def translate(*rows: Row, **options: Any) -> tuple[CodedEvents, tuple[Finding, ...]]:
    findings = Findings()
    return read_coded_events(coded(*rows), findings, **options), findings.finish()


def treatments(events: CodedEvents) -> tuple[pd.DataFrame, set[str]]:
    """The treatments as their own reader reads them, and what it found."""
    grid, findings = events.treatments, Findings()
    assert grid is not None
    ids = read_ids(grid)
    code_of = {id_: place for place, id_ in enumerate(ids.distinct)}
    frame = build_treatments(grid, ids, code_of, findings, flat=False).frame
    TABLES["Treatments"].validate(frame)
    return frame, {finding.code for finding in findings.finish()} - {"QUANTITY_ASSUMED"}


def results(events: CodedEvents) -> pd.DataFrame:
    grid = events.tests
    assert grid is not None
    ids = read_ids(grid)
    frame = build_tests(grid, ids, {id_: place for place, id_ in enumerate(ids.distinct)}, Findings())
    TABLES["Tests"].validate(frame)
    return frame


def patients(events: CodedEvents) -> tuple[dict[str, dict[str, Any]], tuple[Finding, ...]]:
    """What the reader of patients knows of each: the fields that are said, and the findings."""
    findings = Findings()
    if events.patients is None:
        return {}, ()
    frame = build_patients(events.patients, [], "practice", findings).frame
    TABLES["Patients"].validate(frame)
    fields = ("cause", "neurological_involvement", "neurological_onset", "diagnosis_date", "indication", "smoker")
    usual = {"neurological_involvement": "unknown", "indication": "deficiency"}
    told = {field: column(frame, field) for field in fields}
    found = {
        id_: {field: told[field][place] for field in fields if told[field][place] not in (None, usual.get(field))}
        for place, id_ in enumerate(column(frame, "patient_id"))
    }
    return found, findings.finish()


def said(*rows: Row, **options: Any) -> dict[str, Any]:
    """What is known of patient 1."""
    return patients(translate(*rows, **options)[0])[0].get("1", {})


def codes(findings: Sequence[Finding]) -> list[str]:
    return [finding.code for finding in findings]


# --- where rows go


def test_each_row_goes_to_one_table_and_keeps_its_number() -> None:
    events, _ = translate(
        ("1", DAY, PERNICIOUS, "Pernicious anaemia"),
        ("1", DAY, "38341003", "Hypertension"),
        ("1", DAY, B12, "Serum vitamin B12 level", ">2000", "ng/L"),
        ("2", DAY, GIVEN, "Intramuscular injection of vitamin B12"),
        ("2", DAY, "170821007", "B12 injections started"),
        ("2", DAY, "327531006", "Hydroxocobalamin 1mg/1ml"),
        injected="Hydroxocobalamin 1mg/1ml injection",
    )
    assert events.rows == dict(zip(DESTINATIONS, (1, 1, 1, 1, 1, 1), strict=True))
    assert events.treatments and events.tests and events.patients
    assert [grid.rows.tolist() for grid in (events.treatments, events.tests, events.patients)] == [[5], [4], [2]]
    assert (events.treatments.letter("drug"), events.tests.letter("test"), events.tests.letter("value")) == (
        *("C", "C", "E"),
    )
    assert (events.patients.letter("cause"), events.patients.letter("diagnosis_date")) == ("C", "B")
    # a patient stands in a table only with a row there
    assert read_ids(events.tests).distinct == ("1",)


def test_a_table_without_rows_is_absent() -> None:
    events, findings = translate(("1", DAY, "38341003", "Hypertension"))
    assert (events.treatments, events.tests, events.patients) == (None, None, None)
    assert [(finding.code, finding.severity) for finding in findings] == [("CODE_UNREAD", "note")]


def test_a_list_of_no_rows() -> None:
    events, findings = translate()
    assert set(events.rows.values()) == {0}
    assert (events.treatments, events.tests, events.patients, findings) == (None, None, None, ())


@pytest.mark.parametrize("lacking", ["code", "term"])
def test_codes_or_terms_alone_are_enough(lacking: str) -> None:
    fields = [field for field in CODED_COLUMNS if field not in (lacking, "value", "unit")]
    row = ("1", DAY, "Smoker" if lacking == "code" else SMOKER)
    events = read_coded_events(table("Coded", fields, [row]), Findings())
    assert patients(events)[0] == {"1": {"smoker": "yes"}}
    assert events.patients
    assert events.patients.letter("smoker") == "C"


def test_tests_are_read_by_their_own_reader() -> None:
    events, _ = translate(
        ("1", DAY, B12, "", ">2000", "ng/L"),
        ("1", "12/03/2024", "", "1BF", "", ""),
        ("1", "31/02/2024", "423..00", "Haemoglobin estimation", 11.7, "g/dL"),
    )
    frame = results(events)
    assert column(frame, "test") == ["vitamin_b12", "vitamin_b12", "haemoglobin"]
    assert column(frame, "value") == [2000, None, 11.7]
    assert column(frame, "unit") == ["ng/L", "", "g/dL"]
    assert column(frame, "set_aside") == ["", "", "unreadable"]


# --- injections


@pytest.mark.parametrize(
    ("code", "event", "route"),
    [
        (GIVEN, "administered", "intramuscular"),
        (AT_SURGERY, "administered", "injection"),
        ("170822000", "given_elsewhere", "injection"),
    ],
)
def test_a_dose_takes_its_drug_from_the_prescription(code: str, event: str, route: str) -> None:
    drug = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
    events, findings = translate(("1", DAY, code), supplies=Supplies(frozenset("1"), {"1": drug}))
    frame, found = treatments(events)
    row = frame.iloc[0]
    assert (row["substance"], row["event"], row["route"]) == ("hydroxocobalamin", event, route)
    assert (row["dose_micrograms"], row["set_aside"], found, findings) == (1000, "", set(), ())


def test_the_term_names_the_drug_before_the_prescription_does() -> None:
    supplies = Supplies(frozenset("1"), {"1": "Hydroxocobalamin 1mg/1ml injection"})
    frame, _ = treatments(translate(("1", DAY, "", "Cyanocobalamin injection given"), supplies=supplies)[0])
    assert column(frame, "substance") == ["cyanocobalamin"]


def test_an_injection_of_an_unknown_cobalamin_is_unreadable_and_said() -> None:
    rows = [("1", DAY, GIVEN), ("2", DAY, AT_SURGERY)]
    events, findings = translate(*rows)
    frame, found = treatments(events)
    assert (column(frame, "set_aside"), found) == (["unreadable"] * 2, {"DRUG_UNREADABLE"})
    assert [(finding.code, finding.row, finding.column) for finding in findings] == [("INJECTION_DRUG_UNKNOWN", 2, "C")]
    events, findings = translate(*rows, injected="Hydroxocobalamin 1mg/1ml injection")
    assert (column(treatments(events)[0], "set_aside"), findings) == ([""] * 2, ())


@pytest.mark.parametrize(
    ("code", "term", "event"),
    [
        ("170826002", "", "stopped"),
        ("", "B12 injection refused", "declined"),
        ("", "B12 injection postponed", "deferred"),
        ("", "Did not attend for vitamin B12 injection", "not_attended"),
    ],
)
def test_an_event_that_is_no_dose_needs_no_drug(code: str, term: str, event: str) -> None:
    events, findings = translate(("1", DAY, code, term))
    frame, found = treatments(events)
    assert (column(frame, "event"), column(frame, "set_aside"), found, findings) == ([event], [""], set(), ())
    assert column(frame, "route") == ["injection"]


@pytest.mark.parametrize("code", ["170821007", "1842071000006108", "170818005"])
def test_started_due_and_monitoring_are_no_injection(code: str) -> None:
    events, _ = translate(("1", DAY, code))
    assert (events.treatments, events.rows["not_used"]) == (None, 1)


# --- what is supplied


def supplied(*rows: Row, fields: Sequence[str] = ("patient_id", "date", "drug", "route")) -> Supplies:
    return read_supplies(table("Treatments", fields, [(row[0], DAY, *row[1:]) for row in rows]))


def test_supplies() -> None:
    ampoule = "Hydroxocobalamin 1mg/1ml injection"
    supplies = supplied(
        ("one product", ampoule, ""),
        ("one product", "Hydroxocobalamin_Inj 1mg/ml 1ml Amp", ""),
        ("two strengths", ampoule, ""),
        ("two strengths", "Hydroxocobalamin 10mg/2ml injection", ""),
        ("two drugs", ampoule, ""),
        ("two drugs", "Cytamen", ""),
        ("tablets", "Cyanocobalamin 50microgram tablets", ""),
        ("by mouth", "Hydroxocobalamin", "oral"),
        ("no route", "Hydroxocobalamin", ""),
        ("tablets and injection", "Cyanocobalamin 50microgram tablets", ""),
        ("tablets and injection", ampoule, "im"),
        ("not ours", "Paracetamol 500mg tablets", ""),
        ("unreadable", "Vitamin B12 injection", ""),
        ("", ampoule, ""),
    )
    assert supplies.injected == {
        "one product": ampoule,
        "two strengths": "Hydroxocobalamin injection",
        "no route": "Hydroxocobalamin",
        "tablets and injection": ampoule,
    }
    treated = {*supplies.injected, "two drugs", "tablets", "by mouth"}
    assert supplies.treated == treated


def test_supplies_without_a_column_of_routes_or_without_b12() -> None:
    fields = ("patient_id", "date", "drug")
    assert supplied(("1", "Neo-Cytamen"), fields=fields).injected == {"1": "Neo-Cytamen"}
    assert supplied(("1", "Aspirin"), fields=fields) == NOTHING_SUPPLIED


# --- patients


def test_a_cause_that_the_code_states() -> None:
    assert said(("1", DAY, PERNICIOUS)) == {"cause": "autoimmune", "diagnosis_date": DAY}


def test_two_causes_are_a_conflict_and_the_cause_is_unknown() -> None:
    events, _ = translate(("1", DAY, PERNICIOUS), ("2", DAY, DIETARY), ("1", DAY, DIETARY), ("1", DAY, PERNICIOUS))
    found, findings = patients(events)
    assert found == {"1": {"diagnosis_date": DAY}, "2": {"cause": "dietary", "diagnosis_date": DAY}}
    [conflict] = [finding for finding in findings if finding.code == "PATIENT_CONFLICT"]
    assert (conflict.row, conflict.column, conflict.field) == (4, "C", "cause")
    assert "Rows 2 and 4" in conflict.message


@pytest.mark.parametrize(
    ("others", "options", "cause"),
    [
        ([], {}, None),
        ([("1", DAY, SMOKER)], {}, None),
        ([("2", DAY, DEFICIENCY)], {}, None),
        ([("1", DAY, DEFICIENCY)], {}, "malabsorption"),
        ([("1", DAY, PAST)], {}, "malabsorption"),
        ([("1", DAY, GIVEN)], {}, "malabsorption"),
        ([("1", DAY, "170826002")], {}, None),
        ([], {"supplies": Supplies(frozenset("1"))}, "malabsorption"),
        ([("1", DAY, DIETARY)], {}, "dietary"),
        ([("1", DAY, DEFICIENCY), ("1", DAY, "", "Ileal resection")], {}, "ileal_resection"),
        ([("1", DAY, DEFICIENCY), ("1", DAY, "", "Vegan diet")], {}, None),
    ],
)
def test_a_condition_is_a_cause_only_beside_a_deficiency_or_treatment(
    others: list[Row], options: dict[str, Any], cause: str | None
) -> None:
    assert said(("1", DAY, COELIAC), *others, **options).get("cause") == cause


def test_nerves_are_involved_since_the_earliest_code() -> None:
    rows = [("1", DAY, CORD), ("1", DAY - timedelta(9), "699258007"), ("2", DAY, PERNICIOUS)]
    found = patients(translate(*rows)[0])[0]
    assert found["1"]["neurological_involvement"] == "yes"
    assert found["1"]["neurological_onset"] == DAY - timedelta(9)
    assert "neurological_involvement" not in found["2"]


@pytest.mark.parametrize("day", ["", "soon"])
def test_an_undated_code_leaves_the_days_open(day: str) -> None:
    events, findings = translate(("1", DAY, CORD), ("1", day, CORD))
    assert patients(events)[0] == {"1": {"neurological_involvement": "yes"}}
    assert [(finding.code, finding.row, finding.column) for finding in findings] == [("CODE_UNDATED", 3, "B")]


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        ([(DAY, PERNICIOUS), (DAY - timedelta(1), DEFICIENCY)], DAY - timedelta(1)),
        ([(DAY, PERNICIOUS), (DAY + timedelta(1), PAST)], DAY),
        ([(DAY, PERNICIOUS), (DAY, PAST)], None),
        ([(DAY, PERNICIOUS), (DAY - timedelta(1), PAST)], None),
        ([(DAY, PERNICIOUS), ("", PAST)], None),
        ([(DAY, PERNICIOUS), ("", DEFICIENCY)], None),
        ([(DAY, PAST)], None),
        ([(DAY, "82108004")], None),
    ],
)
def test_the_day_of_diagnosis_is_that_of_the_earliest_deficiency(rows: list[Row], day: date | None) -> None:
    assert said(*(("1", *row) for row in rows)).get("diagnosis_date") == day


@pytest.mark.parametrize(
    ("rows", "smoker"),
    [
        ([(DAY, SMOKER), (DAY + timedelta(1), EX_SMOKER)], "no"),
        ([(DAY + timedelta(1), SMOKER), (DAY, EX_SMOKER)], "yes"),
        ([(DAY, SMOKER), ("", EX_SMOKER)], "yes"),
        ([("", EX_SMOKER)], "no"),
        ([(DAY, SMOKER), (DAY, EX_SMOKER)], None),
    ],
)
def test_the_latest_code_of_smoking_counts(rows: list[Row], smoker: str | None) -> None:
    assert said(*(("1", *row) for row in rows)).get("smoker") == smoker


def test_an_indication() -> None:
    assert said(("1", DAY, LEBERS)) == {"indication": "lebers_or_tobacco_amblyopia"}


def test_a_row_without_a_patient_is_said() -> None:
    events, findings = translate(("", DAY, PERNICIOUS), ("1", DAY, SMOKER))
    assert patients(events)[0] == {"1": {"smoker": "yes"}}
    assert [(finding.code, finding.row) for finding in findings] == [("PATIENT_ID_MISSING", 2)]


# --- findings


def test_what_is_not_used_is_said_without_its_words() -> None:
    events, findings = translate(
        ("1", DAY, 1105051000000102.0, ""),
        ("1", DAY, "1105051000000100", "Serum ferritin"),
        ("1", DAY, PERNICIOUS, "FH: pernicious anaemia"),
        ("1", DAY, "196411000000103", "Mrs Smith rang"),
        ("1", DAY, "327531006", ""),
        ("1", DAY, "", "Pregnant"),
        ("1", DAY, "", "Mrs Smith wants a B12 injection"),
        ("1", DAY, "", "Mrs Smith wants a B12 injection"),
    )
    assert {(finding.code, finding.row) for finding in findings} == {
        ("CODE_DAMAGED", 3),
        ("CODE_TERM_DIFFER", 4),
        ("CODE_LOST", 5),
        ("CODED_DRUG_NOT_USED", 6),
        ("CODE_UNREAD", 5),
        ("PREGNANCY_NOT_USED", 7),
        ("CODE_B12_UNREAD", 8),
    }
    assert not any("Smith" in f"{finding.message}{finding.value}" for finding in findings)
    assert "2 rows" in next(finding.message for finding in findings if finding.code == "CODE_B12_UNREAD")
    assert events.rows["unread"] == 3


def test_months_first_are_refused() -> None:
    with pytest.raises(InputRejected, match="month first"):
        translate(("1", "03/13/2024", SMOKER))


# --- laws

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "", "3"]),
        st.one_of(st.just(""), st.dates(date(2020, 1, 1), date(2024, 1, 1))),
        st.sampled_from(["", PERNICIOUS, COELIAC, CORD, PAST, GIVEN, SMOKER, EX_SMOKER, B12, "170826002", "x", LEBERS]),
        st.sampled_from(["", "Vegan diet", "Serum ferritin", "No B12", "Total gastrectomy"]),
    ),
    max_size=12,
)


@settings(max_examples=30)
@given(ROWS)
def test_no_row_is_lost(rows: list[Row]) -> None:
    events, _ = translate(*rows)
    assert sum(events.rows.values()) == len(rows)
    for grid, word in ((events.treatments, "treatments"), (events.tests, "tests")):
        assert (len(grid) if grid else 0) == events.rows[word]


@settings(max_examples=30)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[Row], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    assert patients(translate(*rows)[0])[0] == patients(translate(*shuffled)[0])[0]


@settings(max_examples=30)
@given(ROWS)
def test_a_patient_does_not_depend_on_another(rows: list[Row]) -> None:
    alone = [row for row in rows if row[0] == "1"]
    assert said(*rows) == said(*alone)
