from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit.errors import InputRejected
from audit.intake.cells import ORIGIN_1900, Column, letter, text
from audit.intake.dates import EARLIEST, LATEST, read_date
from audit.intake.quantities import read_quantity
from audit.intake.read import read_extract
from audit.intake.values import (
    Dose,
    is_blank,
    read_dose,
    read_id,
    read_result,
    read_year,
)
from audit.intake.words import VOCABULARY, read_word
from schemas import canonical
from tests.intake_files import (
    TREATMENT_HEADINGS,
    cell,
    codes,
    column,
    found,
    read_sheets,
    read_treatments,
    treatment,
    write_xlsx,
)

MARCH = date(2024, 3, 12)


@pytest.mark.parametrize(
    "typed",
    [
        MARCH,
        datetime(2024, 3, 12, 9, 30),
        45363.0,
        45363,
        45363.75,
        "45363",
        "2024-03-12",
        "2024-03-12 00:00:00",
        "2024-03-12T14:05:06Z",
        "12/03/2024",
        "12/3/2024",
        "12/03/2024 14:05",
        "12-03-2024",
        "12.03.2024",
        "12/03/24",
        "12-Mar-2024",
        "12-mar-24",
        "12 Mar 2024",
        "12 MARCH 2024",
        " 12\xa0March  2024 ",
        "20240312",
    ],
)
def test_a_day_is_read_however_it_is_typed(typed: Any) -> None:
    assert read_date(typed, ORIGIN_1900) == MARCH


@pytest.mark.parametrize(
    "typed",
    [
        "soon",
        "March 2024",
        "2024",
        "31/02/2024",
        "30 Feb 2024",
        "12/03",
        "12/03-2024",
        "12-03-24",
        "12 Foo 2024",
        "2024-3-12",
        "2024-13-01",
        "00/01/2024",
        "12/03/2024 or later",
        "",
        19_999.0,
        60_001.0,
        0.0,
        True,
        time(0, 0),
        timedelta(days=3),
        date(1900, 2, 28),
        date(2200, 1, 1),
        "28/02/1900",
        "01/01/2200",
    ],
)
def test_what_is_no_day_is_not_guessed(typed: Any) -> None:
    assert read_date(typed, ORIGIN_1900) is None


def test_the_range_of_days_is_the_contract_s() -> None:
    assert pd.Timestamp(EARLIEST) == canonical.EARLIEST
    assert pd.Timestamp(LATEST) == canonical.LATEST
    assert read_date(EARLIEST, ORIGIN_1900) == EARLIEST
    assert read_date("31/12/2199", ORIGIN_1900) == LATEST


@pytest.mark.parametrize("typed", ["01/02/{}", "1 Feb {}", "01-Feb-{} 09:30"])
def test_short_years_are_read_only_where_one_century_can_be_meant(typed: str) -> None:
    """Somebody registered in 1965 is not registered in 2065."""
    read = {year: read_date(typed.format(year), ORIGIN_1900) for year in ("00", "29", "30", "65", "69", "70", "99")}
    years = {short: day and day.year for short, day in read.items()}
    assert years == {"00": 2000, "29": 2029, "30": None, "65": None, "69": None, "70": 1970, "99": 1999}


@pytest.mark.parametrize(
    ("typed", "dose"),
    [
        ("1 mg", Dose(1000, "micrograms")),
        ("1mg", Dose(1000, "micrograms")),
        ("1000 micrograms", Dose(1000, "micrograms")),
        ("1,000mcg", Dose(1000, "micrograms")),
        ("1000µg", Dose(1000, "micrograms")),
        ("0.5 mg", Dose(500, "micrograms")),
        ("2.5 g", Dose(2_500_000, "micrograms")),
        ("1.1 mg", Dose(1100, "micrograms")),
        (1000.0, Dose(1000, "micrograms")),
        ("50", Dose(50, "micrograms")),
        ("1mg/1ml", Dose(1000, "micrograms")),
        ("10mg/2ml", Dose(10_000, "micrograms")),
        ("1 mg (1 ml)", Dose(1000, "micrograms")),
        ("1 mg IM", Dose(1000, "micrograms")),
        ("1ml", Dose(1, "ml")),
        ("One ampoule", Dose(1, "units")),
        ("2 amps", Dose(2, "units")),
        ("one", Dose(1, "units")),
        ("Half", Dose(0.5, "units")),
    ],
)
def test_a_dose_is_read(typed: Any, dose: Dose) -> None:
    assert read_dose(typed) == dose


@pytest.mark.parametrize(
    "typed", ["as directed", "50-150 micrograms", "1,5 mg", "0 mg", "1 IU", "1 mg twice", "mg", "-1", True, MARCH]
)
def test_a_dose_that_is_not_wholly_understood_is_unreadable(typed: Any) -> None:
    assert read_dose(typed) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (142.0, 142),
        ("142 ng/L", 142),
        (">2000", 2000),
        (">= 1,000 ng/L", 1000),
        ("<70", 70),
        ("5.2", 5.2),
        ("4.5 10*9/L", 4.5),
        ("142 (low)", 142),
    ],
)
def test_the_number_of_a_result(typed: Any, number: float) -> None:
    assert read_result(typed) == number


@pytest.mark.parametrize("typed", ["positive", "70-80", "12/03/2024", "Transfer-degraded", "5,2", "1.2.3", True, MARCH])
def test_a_result_without_one_number_has_none(typed: Any) -> None:
    assert read_result(typed) is None


PACKS = [("1 x 5 ampoules", 5), ("2x5 amps", 10), ("5 x 1 ml", 5), ("1 × 5 x 1ml ampoules", 5), ("1 x 1ml ampoule", 1)]


@pytest.mark.parametrize(("typed", "number"), [(1, 1), (5.0, 5), ("100", 100), ("5.0", 5), *PACKS])
def test_a_quantity_is_a_whole_number(typed: Any, number: float) -> None:
    assert read_quantity(typed) == number


@pytest.mark.parametrize(
    "typed", [0, 101, 1.5, "1.5", "5 ml", "2 packs", "2 x 5", "30 x 5 amps", "5 x 1 mg", "abc", "-1", True, MARCH]
)
def test_any_other_quantity_is_missing(typed: Any) -> None:
    assert read_quantity(typed) is None


def test_a_year_of_birth() -> None:
    assert [read_year(typed) for typed in (1950.0, "1950", 1879, 2200, "50", MARCH)] == [1950, 1950, *[None] * 4]


def test_ids_stay_text() -> None:
    assert [read_id(typed) for typed in ("0123", 123.0, 123, " A 1\xa0", '="0123"', 12.5, True)] == [
        *("0123", "123", "123", "A 1", "0123", "12.5", "TRUE")
    ]


@pytest.mark.parametrize("typed", ["9.43477E+09", 1e15, 39238111000001107])
def test_ids_that_excel_has_rounded_are_refused(typed: Any) -> None:
    assert read_id(typed) is None


@pytest.mark.parametrize("typed", ["", "n/a", "NA", "None", "NULL", "nan", "-"])
def test_blank_words(typed: str) -> None:
    assert is_blank("event", typed)
    assert is_blank("patient_id", typed) == is_blank("drug", typed) == (typed == "")


def test_sodium_is_no_blank() -> None:
    assert not is_blank("test", "Na")
    assert is_blank("test", "NA")


@pytest.mark.parametrize(
    ("field", "typed", "word"),
    [
        ("event", "Given", "administered"),
        ("event", "administered by nurse", "administered"),
        ("event", "Self Administered", "self_administered"),
        ("event", "given elsewhere", "given_elsewhere"),
        ("event", "hospital", None),
        ("event", "Issue", "issued"),
        ("event", "PRESCRIBED", "issued"),
        ("event", "refused", "declined"),
        ("event", "postponed", "deferred"),
        ("event", "DNA", "not_attended"),
        ("event", "did not attend", "not_attended"),
        ("event", "ceased", "stopped"),
        ("event", "due", None),
        ("route", "i.m.", "intramuscular"),
        ("route", "S/C", "subcutaneous"),
        ("route", "subcut", "subcutaneous"),
        ("route", "IV", "intravenous"),
        ("route", "by mouth", "oral"),
        ("route", "SL", "sublingual"),
        ("sex", "F", "female"),
        ("sex", "Male", "male"),
        ("cause", "Pernicious Anaemia", "autoimmune"),
        ("cause", "autoimmune-gastritis", "autoimmune"),
        ("cause", "Crohn's ileal resection", "ileal_resection"),
        ("cause", "metformin", "medicine"),
        ("cause", "coeliac", None),
        ("indication", "Leber's", "lebers_or_tobacco_amblyopia"),
        ("neurological_involvement", "Y", "yes"),
        ("neurological_involvement", "FALSE", "no"),
        ("neurological_involvement", "maybe", None),
        ("smoker", "ex-smoker", "no"),
        ("test", "Serum vitamin B12 level", "vitamin_b12"),
        ("test", "Hb", "haemoglobin"),
        ("test", "Hemoglobin", "haemoglobin"),
        ("test", "HbA1c", None),
        ("test", "K", "potassium"),
        ("test", "Plasma folate", "folate"),
        ("test", "B12/Folate", None),
        ("outcome", "No further improvement", "no_further_improvement"),
        ("outcome", "deteriorated", "worse"),
        ("outcome", "seen", None),
    ],
)
def test_words_are_read_forgivingly_and_never_guessed(field: str, typed: str, word: str | None) -> None:
    place = read_word(field, typed)
    assert (None if place is None else VOCABULARY[field][place]) == word


def test_every_published_word_is_read_as_itself() -> None:
    for field, words in VOCABULARY.items():
        assert [read_word(field, word) for word in words] == list(range(len(words)))


def test_letters_are_excel_s() -> None:
    assert [letter(place) for place in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_a_truth_is_not_taken_for_a_one() -> None:
    found_ = Column.of("A", [1.0, True, 0.0, False])
    assert [text(found_.distinct[code]) for code in found_.codes] == ["1", "TRUE", "0", "FALSE"]


def test_a_column_with_one_order_of_days_is_read_in_it(tmp_path: Path) -> None:
    days = ["12/03/2024", "13/03/2024", "05/06/2024"]
    extract = read_treatments(tmp_path, *(treatment(date=day) for day in days))
    assert column(extract.treatments, "date") == [MARCH, date(2024, 3, 13), date(2024, 6, 5)]


def test_month_first_is_refused_with_a_cell_of_each_kind(tmp_path: Path) -> None:
    days = ["01/02/2024", "03/14/2024", "13/03/2024"]
    with pytest.raises(InputRejected) as error:
        read_treatments(tmp_path, *(treatment(date=day) for day in days))
    assert error.value.code == "DATE_ORDER_MIXED"
    assert "sheet Treatments, cell B4; month first: practice.xlsx, sheet Treatments, cell B3" in error.value.where


def test_a_column_that_can_only_be_month_first_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as error:
        read_treatments(tmp_path, treatment(date="01/02/2024"), treatment(date="03-13-2024"))
    assert error.value.code == "DATE_ORDER_MONTH_FIRST"
    assert error.value.where.endswith("practice.xlsx, sheet Treatments, cell B3")


def test_month_first_in_a_patient_s_column_is_refused_too(tmp_path: Path) -> None:
    patients = [["patient_id", "diagnosis_date"], ["1", "12/31/2020"]]
    with pytest.raises(InputRejected) as error:
        read_treatments(tmp_path, treatment(), Patients=patients)
    assert "sheet Patients, cell B2" in error.value.where


def test_day_numbers_are_read_and_counted_once(tmp_path: Path) -> None:
    extract = read_treatments(tmp_path, treatment(), treatment(date=45363), treatment(date=45364))
    (note,) = found(extract, "DATE_SERIAL")
    assert (cell(note), note.severity, note.message[:2]) == ("Treatments!B3", "note", "2 ")
    assert column(extract.treatments, "date")[2] == date(2024, 3, 13)


def test_day_numbers_of_a_1904_workbook(tmp_path: Path) -> None:
    rows = [TREATMENT_HEADINGS, treatment(), treatment(date=45363 - 1462)]
    path = write_xlsx(tmp_path / "mac.xlsx", {"Treatments": rows}, date_1904=True)
    assert column(read_extract(path).treatments, "date") == [MARCH, MARCH]


def test_blank_words_count_in_dates_but_not_in_ids(tmp_path: Path) -> None:
    rows = [["patient_id", "date", "drug"], ["-", "n/a", "Neo-Cytamen"]]
    extract = read_sheets(tmp_path, Treatments=rows)
    assert column(extract.patients, "patient_id") == ["-"]
    assert "DATE_MISSING" in codes(extract)
