from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import IdentifiableData, InputRejected, NothingToAudit
from audit.intake.cells import text
from audit.intake.read import inputs, read_extract
from schemas.vocabulary import INPUT_COLUMNS
from tests.intake_files import (
    HYDROXO,
    TREATMENT_HEADINGS,
    codes,
    column,
    read_sheets,
    treatment,
    write_csv,
    write_xlsx,
)

ANY_CELL = st.one_of(
    st.sampled_from(["", " ", "-", "n/a", "1", "01", "given", "im", "12/03/2024", "soon", "F", "yes", "Vitamin D"]),
    st.sampled_from([HYDROXO, "Methylcobalamin", "B12", "1 mg", 1, 0, 2.5, 45363, True, "03/13/2024", 1950]),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1900, 1, 1), date(2300, 1, 1)),
)
#: Findings that say why rows are set aside.
CAUSES = {
    "unreadable": {
        *("DRUG_MISSING", "DRUG_UNREADABLE", "DATE_MISSING", "EVENT_MISSING", "EVENT_UNREADABLE"),
        *("DATE_UNREADABLE", "ROUTE_UNKNOWN"),
    },
    "no_patient_id": {"PATIENT_ID_MISSING"},
    "duplicate": {"DUPLICATE_EVENT"},
    "not_b12": {"DRUG_NOT_USED"},
}
ROWS = [["patient_id", "date", "drug"], ["1", "12/03/2024", HYDROXO]]


def test_a_file_is_an_input(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    assert inputs([path, tmp_path / "." / "a.csv"]) == [path]


def test_a_folder_with_treatments_is_one_input_and_any_other_several(tmp_path: Path) -> None:
    one, several = tmp_path / "one", tmp_path / "several"
    one.mkdir()
    several.mkdir()
    write_csv(one / "treatments.CSV", ROWS)
    write_csv(one / "Patients.csv", [["patient_id"]])
    write_csv(several / "b.csv", ROWS)
    write_xlsx(several / "A.XLSX", {"Treatments": ROWS})
    for name in ("~$A.xlsx", ".hidden.csv", "letter.docx"):
        (several / name).write_text("x")
    assert inputs([one, several]) == [one, several / "A.XLSX", several / "b.csv"]


def test_a_workbook_of_another_format_in_a_folder_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "old.xls").write_bytes(b"x")
    (path,) = inputs([tmp_path])
    with pytest.raises(InputRejected) as error:
        read_extract(path)
    assert error.value.code == "TEXT_NOT_WORKBOOK"


def test_a_folder_of_practices_folders_is_all_of_them(tmp_path: Path) -> None:
    for name in ("north/Treatments.csv", "south/records.xlsx", "south/others.xlsx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".hidden").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in inputs([tmp_path])]
    assert found == ["north", "south/others.xlsx", "south/records.xlsx"]
    (tmp_path / "west").mkdir()
    with pytest.raises(InputRejected, match="holds no") as error:
        inputs([tmp_path])
    assert error.value.where == str(tmp_path / "west"), "a practice is not left out in silence"


def test_paths_that_are_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as error:
        inputs([tmp_path])
    assert error.value.code == "NOTHING_READABLE"
    for call in (lambda path: inputs([path]), read_extract):
        with pytest.raises(InputRejected) as error:
            call(tmp_path / "none.xlsx")
        assert error.value.code == "NO_SUCH_FILE"
    with pytest.raises(InputRejected) as error:
        read_extract(tmp_path)
    assert error.value.code == "NO_TREATMENTS_SHEET"


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)

    def refuse(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputRejected) as error:
        read_extract(path)
    assert error.value.code == "CANNOT_OPEN"


def test_csv_and_workbook_of_the_same_cells_are_read_alike(tmp_path: Path) -> None:
    rows = [TREATMENT_HEADINGS, treatment(date="12/03/2024", quantity="1"), treatment(drug="x", date="")]
    from_csv = read_extract(write_csv(tmp_path / "same.csv", rows))
    from_xlsx = read_extract(write_xlsx(tmp_path / "same.xlsx", {"same": rows}))
    pd.testing.assert_frame_equal(from_csv.treatments, from_xlsx.treatments)
    pd.testing.assert_frame_equal(from_csv.patients, from_xlsx.patients)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"Treatments": [TREATMENT_HEADINGS, treatment(), treatment(dose="?")]})
    first, second = read_extract(path), read_extract(path)
    assert (first.findings, first.facts, first.about) == (second.findings, second.facts, second.about)


def test_shuffled_rows_and_columns_give_the_same_treatments(tmp_path: Path) -> None:
    chance = random.Random(4)
    rows = [
        treatment(patient_id=str(place % 7), date=date(2024, 1, 1) + timedelta(days=place), dose=place + 1)
        for place in range(60)
    ]
    before = read_sheets(tmp_path, Treatments=[TREATMENT_HEADINGS, *rows])
    order = chance.sample(range(len(TREATMENT_HEADINGS)), len(TREATMENT_HEADINGS))
    shuffled = [[row[place] for place in order] for row in chance.sample(rows, len(rows))]
    after = read_sheets(tmp_path, Treatments=[[TREATMENT_HEADINGS[place] for place in order], *shuffled])
    pd.testing.assert_frame_equal(before.patients, after.patients)
    pd.testing.assert_frame_equal(_in_order(before.treatments), _in_order(after.treatments))


def _in_order(treatments: pd.DataFrame) -> pd.DataFrame:
    keys = ["patient", "date", "dose_micrograms"]
    return treatments.drop(columns="row").sort_values(keys).reset_index(drop=True)


@pytest.mark.parametrize("examples", [10, pytest.param(1_000, marks=pytest.mark.slow)])
def test_whatever_the_cells_hold_every_row_is_kept_and_every_contract(examples: int) -> None:
    rows = st.lists(st.lists(ANY_CELL, min_size=20, max_size=20), min_size=1, max_size=6)
    settings(max_examples=examples)(given(rows=rows)(_every_row_is_kept_and_every_contract))()


def _every_row_is_kept_and_every_contract(rows: list[list[Any]]) -> None:
    fields = [*TREATMENT_HEADINGS, *INPUT_COLUMNS["Patients"][1:]]
    filled = [row for row in rows if any(text(cell) for cell in row)]
    with TemporaryDirectory() as folder:
        path = write_xlsx(Path(folder) / "a.xlsx", {"Treatments": [fields, *rows]})
        try:
            extract = read_extract(path)
        except (IdentifiableData, InputRejected, NothingToAudit) as error:
            # IDENTIFIABLE: full dates where a year of birth should stand
            assert error.code in {"DATE_ORDER_MIXED", "DATE_ORDER_MONTH_FIRST", "ID_ROUNDED", "NO_ROWS", "IDENTIFIABLE"}
            return
    assert len(extract.treatments) <= len(filled)
    assert "CONTRACT_BROKEN" not in codes(extract)
    placed = extract.treatments["patient"] >= 0
    assert set(extract.treatments.loc[placed, "patient"]) == set(range(len(extract.patients)))
    for code in ("unreadable", "no_patient_id", "duplicate", "not_b12"):
        told = {one.code for one in extract.findings if one.field in TREATMENT_HEADINGS}
        assert (extract.treatments["set_aside"] == code).any() == bool(told & CAUSES[code])


def test_no_argument_is_changed_and_no_row_lost(tmp_path: Path) -> None:
    extract = read_sheets(tmp_path, Treatments=[TREATMENT_HEADINGS, *[treatment()] * 5, treatment(patient_id="")])
    assert len(extract.treatments) == 6
    assert column(extract.treatments, "set_aside").count("duplicate") == 4
