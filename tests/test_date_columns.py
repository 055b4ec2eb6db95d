"""Columns of dates whose true days are known: read as they are, refused, or what is not read is said."""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path

import pytest

from audit.errors import AuditError
from audit.intake.extract import Extract
from audit.intake.read import read_extract
from tests import counts
from tests.corpora.date_columns import EACH, KINDS, LONGEST, DateColumn, date_columns
from tests.intake_files import HYDROXO, codes, column, found, write_csv, write_xlsx

FEW = 2
DATES = "date columns"


@functools.cache
def few() -> tuple[DateColumn, ...]:
    return tuple(date_columns(FEW))


def written(made: DateColumn, folder: Path) -> Path:
    rows = [["patient_id", "date", "drug", "event"]]
    rows += [[f"P{place}", cell, HYDROXO, "given"] for place, cell in enumerate(made.cells)]  # type: ignore[list-item]
    if made.workbook:
        return write_xlsx(folder / "practice.xlsx", {"Treatments": rows}, date_1904=made.from_1904)
    return write_csv(folder / "practice.csv", rows)


def outcome(made: DateColumn, folder: Path) -> str:
    """A refusal's code, `same`, `said`, or `silent` and why.

    Said: every cell without a true day has a finding of its own, and any wrong day a warning of its column.
    """
    try:
        extract = read_extract(written(made, folder))
    except AuditError as error:
        whole = error.code and error.where and error.remedy and error.exit_code in (4, 6)
        return error.code if whole else f"silent {error.code}"
    days = column(extract.treatments, "date")
    if len(days) != len(made.days):
        return "silent rows"
    if any(true and not day for day, true in zip(days, made.days, strict=True)):
        return "silent loss"
    if any(day and day != true for day, true in zip(days, made.days, strict=True)):
        return "said" if found(extract, "DATE_ORDER_DOUBTFUL") else "silent wrong"
    return _unread(made, extract, [place for place, day in enumerate(days) if not day])


def _unread(made: DateColumn, extract: Extract, places: list[int]) -> str:
    told = {one.row for code in ("DATE_UNREADABLE", "DATE_MISSING") for one in found(extract, code)}
    if told != {place + 2 for place in places}:
        return "silent unread"
    return "said" if places else "same"


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_columns_of_every_kind(kind: str, tmp_path: Path) -> None:
    columns = [made for made in few() if made.kind == kind]
    assert len(columns) == FEW
    for made in columns:
        assert outcome(made, tmp_path) in made.becomes, (made.kind, made.cells[:20])


def test_the_columns_are_as_many_and_as_long_as_they_claim() -> None:
    columns = list(date_columns())
    lengths = [len(made.cells) for made in columns]
    assert (len(columns), len(KINDS), EACH) == (2_000, 40, 50)
    assert (min(lengths), max(lengths)) == (1, LONGEST)
    assert all(len(made.cells) == len(made.days) for made in columns)
    refused = [made for made in columns if not made.becomes & {"same", "said"}]
    assert len(refused) == 6 * EACH
    assert {len(made.becomes) for made in columns} == {1}


def test_a_wrong_day_would_be_noticed(tmp_path: Path) -> None:
    """The first column of real dates, and a day and a blank put in place of true ones."""
    made = next(one for one in few() if one.kind == "2024-03-12")
    cells = list(made.cells)
    for cell, becomes in (("1999-01-01", "silent wrong"), ("", "silent loss")):
        other = DateColumn(made.kind, [cell, *cells[1:]], made.days, made.becomes)
        assert outcome(other, tmp_path) == becomes


@pytest.mark.slow
def test_all_columns_and_write_their_counts(tmp_path: Path) -> None:
    outcomes: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    unexpected = []
    for made in date_columns():
        became = outcome(made, tmp_path)
        outcomes[made.kind][became] += 1
        if became not in made.becomes:
            unexpected.append((made.kind, became, made.cells[:20]))
    assert not unexpected, unexpected[:5]
    counts.write(DATES, "columns", [counts.row(kind, of_kind) for kind, of_kind in outcomes.items()])


def test_the_page_holds_the_counts_of_all_columns() -> None:
    columns = counts.read(DATES)
    assert set(columns) == set(KINDS)
    for total, refused, same, said, wrong in columns.values():
        assert (total, refused + same + said, wrong) == (EACH, EACH, 0)


@pytest.mark.parametrize(("cells", "is_said"), [(2, True), (1, False)])
def test_the_warning_names_the_first_date_cell(cells: int, is_said: bool, tmp_path: Path) -> None:
    made = next(one for one in few() if one.kind == "the same, a few dates")
    text = [cell for cell in made.cells if isinstance(cell, str)][:2]
    real = [cell for cell in made.cells if not isinstance(cell, str)][:cells]
    days = [None] * (len(text) + len(real))
    extract = read_extract(written(DateColumn("", [*text, *real], days, frozenset(), workbook=True), tmp_path))
    assert ("DATE_ORDER_DOUBTFUL" in codes(extract)) == is_said
    assert [(one.severity, one.row, one.column) for one in found(extract, "DATE_ORDER_DOUBTFUL")] == (
        [("warning", 4, "B")] if is_said else []
    )
