"""One flat sheet says the same as Patients and Treatments apart (CONTRACT section 1)."""

from __future__ import annotations

import pytest

from tests.compare import Row, engine
from tests.generate import practice
from tests.oracle.model import Records


def flat(records: Records) -> Records:
    """The patient's columns repeated on each treatment row; patients without one bring a row of their own."""
    patients: dict[str, Row] = {row["patient_id"]: row for row in records["patients"] or ()}
    columns = list(next(iter(patients.values())))
    blank = dict.fromkeys(columns, "")
    rows = [{**blank, **patients.get(row["patient_id"], {}), **row} for row in records["treatments"]]
    treated = {row["patient_id"] for row in rows}
    nothing = dict.fromkeys(records["treatments"][0], "")
    rows += [{**nothing, **row} for key, row in patients.items() if key not in treated]
    return {**records, "patients": None, "treatments": rows}


def listed_once(records: Records) -> Records:
    """Without the patients who have two rows in Patients: a flat sheet cannot say that."""
    ids = [row["patient_id"] for row in records["patients"] or ()]
    twice = {key for key in ids if ids.count(key) > 1}

    def kept(rows: list[Row] | None) -> list[Row] | None:
        return None if rows is None else [row for row in rows if row["patient_id"] not in twice]

    return {
        **records,
        "patients": kept(records["patients"]),
        "treatments": kept(records["treatments"]) or [],
        "tests": kept(records["tests"]),
        "reviews": kept(records["reviews"]),
    }


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("variant", ["plain", "no_tests", "no_reviews", "period", "assumed"])
def test_a_flat_sheet_gives_the_same_verdicts(seed: int, variant: str) -> None:
    records, options = practice(seed, 120, variant)
    two_sheets = listed_once(records)
    assert engine(flat(two_sheets), options) == engine(two_sheets, options)
