from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.intake.extract import Extract
from tests.intake_files import (
    DAY,
    HYDROXO,
    TREATMENT_HEADINGS,
    cell,
    codes,
    column,
    found,
    read_sheets,
    read_treatments,
    treatment,
)

BARE_HEADINGS = ["patient_id", "date", "drug"]
METHYL = "Methylcobalamin"


def aside(extract: Extract) -> list[str]:
    return column(extract.treatments, "set_aside")


def test_a_whole_row(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(event="Issued", quantity=5, directions=" 1 amp  monthly "))
    (row,) = extract.treatments.to_dict("records")
    assert row.pop("date").date() == DAY
    assert row == {
        "patient": 0,
        "substance": "hydroxocobalamin",
        "event": "issued",
        "route": "intramuscular",
        "route_assumed": False,
        "dose_micrograms": 1000.0,
        "quantity": 5.0,
        "directions": "1 amp  monthly",
        "directions_status": "read",
        "interval_high": 1.0,
        "interval_unit": "months",
        "set_aside": "",
        "sheet": "Treatments",
        "row": 2,
    }
    assert extract.findings == ()


@pytest.mark.parametrize(
    ("cells", "code", "at"),
    [
        ({"drug": " "}, "DRUG_MISSING", "C2"),
        ({"drug": "-"}, "DRUG_UNREADABLE", "C2"),
        ({"drug": "Vitamin B12 something"}, "DRUG_UNREADABLE", "C2"),
        ({"date": ""}, "DATE_MISSING", "B2"),
        ({"date": "n/a"}, "DATE_MISSING", "B2"),
        ({"date": "31/02/2024"}, "DATE_UNREADABLE", "B2"),
        ({"event": ""}, "EVENT_MISSING", "D2"),
        ({"event": "hospital"}, "EVENT_UNREADABLE", "D2"),
        ({"drug": METHYL, "route": ""}, "ROUTE_UNKNOWN", "C2"),
        ({"drug": "Folic acid 5mg tablets", "date": "soon"}, "DATE_UNREADABLE", "B2"),
    ],
)
def test_rows_that_cannot_be_read(tmp_path: Path, cells: dict[str, Any], code: str, at: str) -> None:
    extract = read_treatments(tmp_path, treatment(**cells))
    (finding,) = found(extract, code)
    assert (cell(finding), finding.severity) == (f"Treatments!{at}", "error")
    assert aside(extract) == ["unreadable"]


def test_a_row_may_lack_several_things(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(drug="", date="", event="?"))
    assert codes(extract) == {"DRUG_MISSING", "DATE_MISSING", "EVENT_UNREADABLE"}


def test_a_drug_that_is_not_ours_is_counted_whatever_its_row_lacks(tmp_path: Path) -> None:
    rows = [
        treatment(drug="Ramipril 5mg capsules"),
        treatment(drug="Vitamin D", date="soon", event="", patient_id=""),
        treatment(drug="Ramipril 5mg capsules"),
    ]
    extract = read_treatments(tmp_path, *rows)
    assert aside(extract) == ["not_b12"] * 3
    assert dict(extract.facts.unmapped_drugs) == {"Ramipril 5mg capsules": 2, "Vitamin D": 1}
    notes = [(note.value, cell(note), note.severity) for note in extract.findings]
    assert notes == [("Ramipril 5mg capsules", "Treatments!C2", "note"), ("Vitamin D", "Treatments!C3", "note")]
    assert codes(extract) == {"DRUG_NOT_USED"}


def test_folic_acid_is_used(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(drug="Folic acid 5mg tablets", route="", dose=""))
    assert (column(extract.treatments, "substance"), aside(extract)) == (["folic_acid"], [""])
    assert column(extract.treatments, "dose_micrograms") == [5000.0]


def test_exact_duplicates_keep_the_first(tmp_path: Path) -> None:
    rows = [treatment(), treatment(quantity=2), treatment(), treatment(), treatment(patient_id="2")]
    extract = read_treatments(tmp_path, *rows)
    assert aside(extract) == ["", "", "duplicate", "duplicate", ""]
    assert [finding.row for finding in found(extract, "DUPLICATE_EVENT")] == [4, 5]


@pytest.mark.slow
def test_many_distinct_cells_do_not_hide_a_duplicate(tmp_path: Path) -> None:
    rows = [treatment(patient_id=f"P{n}", directions=f"text {n}", dose=n + 1, date=44000 + n) for n in range(3000)]
    spread = [[*row[:3], ("given", "issued")[n % 2], *row[4:]] for n, row in enumerate(rows)]
    extract = read_treatments(tmp_path, *spread, spread[7])
    assert aside(extract) == [*[""] * 3000, "duplicate"]


def test_a_row_without_patient_is_set_aside(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), treatment(patient_id=" "), treatment(patient_id=""))
    assert aside(extract) == ["", "no_patient_id", "no_patient_id"]
    assert column(extract.treatments, "patient") == [0, -1, -1]
    assert [cell(finding) for finding in extract.findings] == ["Treatments!A3", "Treatments!A4"]


def test_without_an_event_column_every_row_is_issued(tmp_path: Path) -> None:
    extract = read_sheets(tmp_path, Treatments=[BARE_HEADINGS, ["1", DAY, HYDROXO], ["2", DAY, HYDROXO]])
    assert column(extract.treatments, "event") == ["issued", "issued"]
    assert len(found(extract, "EVENT_ASSUMED_ISSUED")) == len(found(extract, "QUANTITY_ASSUMED")) == 1
    assert column(extract.treatments, "quantity") == [1.0, 1.0]
    assert not (extract.facts.has_event or extract.facts.has_quantity)


def test_a_quantity_that_is_no_whole_number_to_100_is_missing_without_a_finding(tmp_path: Path) -> None:
    rows = [treatment(quantity=quantity) for quantity in (1, 100, 0, 101, 2.5, "", "five")]
    extract = read_treatments(tmp_path, *rows)
    assert column(extract.treatments, "quantity") == [1, 100, *[None] * 5]
    assert (extract.findings, set(aside(extract))) == ((), {""})


@pytest.mark.parametrize(
    ("drug", "typed", "route", "assumed"),
    [
        (HYDROXO, "s/c", "subcutaneous", False),
        (HYDROXO, "", "injection", False),
        ("Hydroxocobalamin", "", "injection", True),
        ("Hydroxocobalamin", "im", "intramuscular", False),
        ("Cyanocobalamin 50microgram tablets", "", "oral", False),
        ("Cyanokit", "", "intravenous", False),
        ("Neo-Cytamen", "", "injection", False),
        (METHYL, "sublingual", "sublingual", False),
    ],
)
def test_the_route(tmp_path: Path, drug: str, typed: str, route: str, assumed: bool) -> None:
    extract = read_treatments(tmp_path, treatment(drug=drug, route=typed))
    assert column(extract.treatments, "route") == [route]
    assert column(extract.treatments, "route_assumed") == [assumed]
    assert ("ROUTE_ASSUMED" in codes(extract), aside(extract)) == (assumed, [""])


def test_an_unknown_route_counts_as_blank(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(route="deltoid"), treatment(drug=METHYL, route="deltoid"))
    assert column(extract.treatments, "route")[0] == "injection"
    assert aside(extract) == ["", "unreadable"]
    unknown = found(extract, "VALUE_UNKNOWN")
    assert [(cell(finding), finding.value) for finding in unknown] == [
        ("Treatments!E2", "deltoid"),
        ("Treatments!E3", "deltoid"),
    ]


def test_assumed_routes_are_counted_in_one_finding(tmp_path: Path) -> None:
    rows = [treatment(), *(treatment(drug="Hydroxocobalamin", route="", date=DAY.replace(day=d)) for d in (1, 2))]
    (finding,) = found(read_treatments(tmp_path, *rows), "ROUTE_ASSUMED")
    assert (cell(finding), finding.message[:7]) == ("Treatments!E3", "2 rows ")


@pytest.mark.parametrize(
    ("drug", "typed", "micrograms"),
    [
        (HYDROXO, "", 1000),
        (HYDROXO, "none", 1000),
        (HYDROXO, "1ml", 1000),
        (HYDROXO, "1 amp", 1000),
        (HYDROXO, 500, 500),
        ("Hydroxocobalamin 10mg/2ml solution for injection ampoules", "1 ml", 5000),
        ("Hydroxocobalamin 10mg/2ml solution for injection ampoules", "1 amp", 10_000),
        ("Cyanocobalamin 50microgram tablets", "2 tablets", 100),
        ("Hydroxocobalamin", "", None),
    ],
)
def test_the_dose(tmp_path: Path, drug: str, typed: Any, micrograms: float | None) -> None:
    extract = read_treatments(tmp_path, treatment(drug=drug, dose=typed))
    assert column(extract.treatments, "dose_micrograms") == [micrograms]
    assert "DOSE_UNREADABLE" not in codes(extract)


@pytest.mark.parametrize(("drug", "typed"), [(HYDROXO, "a little"), ("Hydroxocobalamin", "1ml")])
def test_an_unreadable_dose_does_not_fall_back_to_the_name(tmp_path: Path, drug: str, typed: str) -> None:
    extract = read_treatments(tmp_path, treatment(drug=drug, dose=typed))
    assert column(extract.treatments, "dose_micrograms") == [None]
    assert [cell(finding) for finding in found(extract, "DOSE_UNREADABLE")] == ["Treatments!F2"]
    assert aside(extract) == [""]


def test_the_first_and_last_day_cover_every_readable_date(tmp_path: Path) -> None:
    rows = [
        treatment(),
        treatment(drug="Ramipril", date=date(2019, 1, 1)),
        treatment(event="?", date=date(2024, 5, 5)),
        treatment(date="soon"),
    ]
    tests = [["patient_id", "date", "test"], ["1", date(2024, 6, 6), "Hb"]]
    facts = read_treatments(tmp_path, *rows, Tests=tests).facts
    assert (facts.first_treatment, facts.last_treatment) == (date(2019, 1, 1), date(2024, 5, 5))
    assert facts.last_entry == date(2024, 6, 6)


def test_no_readable_date_at_all(tmp_path: Path) -> None:
    facts = read_treatments(tmp_path, treatment(date="soon")).facts
    assert (facts.first_treatment, facts.last_treatment, facts.last_entry) == (None, None, None)


def test_rows_are_conserved_and_blank_ones_no_rows(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), [], treatment(drug="x y z"), treatment(patient_id=""))
    (sheet,) = [facts for facts in extract.facts.sheets if facts.table == "Treatments"]
    assert sheet.rows == len(extract.treatments) == 3
    assert sheet.columns == dict(zip(TREATMENT_HEADINGS, "ABCDEFGH", strict=True))


def test_free_text_and_ids_are_never_quoted(tmp_path: Path) -> None:
    rows = [treatment(patient_id="MARY", date="soon", directions="ask MARY"), treatment(patient_id="MARY", dose="?")]
    extract = read_treatments(tmp_path, *rows)
    assert extract.findings
    assert "MARY" not in str(extract.findings)


def test_directions_that_cannot_be_read_are_listed_once_with_their_count(tmp_path: Path) -> None:
    texts = ["every 3 months", "as directed", "ask Mrs Smith", "as directed", ""]
    rows = [treatment(date=f"2024-01-{day:02d}", directions=text) for day, text in enumerate(texts, 1)]
    tablets = treatment(drug="Cyanocobalamin 50microgram tablets", route="oral", directions="one a day as directed")
    extract = read_treatments(tmp_path, *rows, tablets)
    found = [one for one in extract.findings if one.code == "DIRECTIONS_UNREAD"]
    assert [(one.row, one.message.split(" ", 1)[0]) for one in found] == [(3, "2"), (4, "1")]
    assert all(one.value == "" and "Smith" not in one.message for one in found)
