"""The engine and the oracle on the same records, cell by cell."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from audit import pipeline
from audit.cohort.window import DateOptions
from audit.intake.extract import Extract
from audit.intake.read import read_extract
from audit.pipeline import audit
from audit.render.tables import as_csv
from audit.standards.standard import load_standard
from tests.oracle.model import Options, Records
from tests.oracle.reading import read
from tests.oracle.run import judge

Row = dict[str, str]
TODAY = date(2100, 1, 1)


def written(records: Records, folder: Path) -> Path:
    """The records as a folder of csv files, one a sheet, named as their practice."""
    place = folder / records["file_stem"]
    place.mkdir()
    sheets = {name: records[name.lower()] for name in ("Patients", "Treatments", "Tests", "Reviews")}  # type: ignore[literal-required]
    for name, rows in sheets.items():
        if rows is not None:
            _write(place / f"{name}.csv", rows)
    if records["about"]:
        lines = "".join(f"{key},{value}\n" for key, value in records["about"].items())
        (place / "About.csv").write_text(f"key,value\n{lines}", encoding="utf-8")
    return place


def _write(path: Path, rows: list[Row]) -> None:
    columns = list(dict.fromkeys(key for row in rows for key in row)) or ["patient_id", "date", "outcome", "test"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def without_advice(patch: pytest.MonkeyPatch) -> None:
    """Audits leave out the fix list and the sweep, which tests of their own hold: half the time, no verdict."""
    patch.setattr(pipeline, "_fixes", lambda *_: ())
    patch.setattr(pipeline, "sweep", lambda *_: ())


def as_extract(records: Records) -> Extract:
    with tempfile.TemporaryDirectory() as folder:
        return read_extract(written(records, Path(folder)))


def engine(records: Records, options: Options) -> tuple[list[Row], list[Row]]:
    """Verdicts and intervals as the product publishes them."""
    dates = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
    result = audit([as_extract(records)], dates, load_standard(), TODAY)
    return rows_of(result.verdicts), rows_of(result.intervals)


def oracle(records: Records, options: Options) -> tuple[list[Row], list[Row]]:
    return judge(read(records, options))


def rows_of(table: pd.DataFrame) -> list[Row]:
    """A table as its csv file holds it."""
    names, *rows = csv.reader(io.StringIO(as_csv(table)))
    return [dict(zip(names, row, strict=True)) for row in rows]


def differences(records: Records, options: Options) -> Iterator[str]:
    """Every cell in which the two disagree, on the criteria that the engine has."""
    ours, theirs = engine(records, options), oracle(records, options)
    known = {row["criterion"] for row in ours[0]}
    verdicts = [row for row in theirs[0] if row["criterion"] in known]
    yield from _compare("verdict", ours[0], verdicts, ("patient_id", "practice_id", "criterion"))
    yield from _compare("interval", ours[1], theirs[1], ("patient_id", "practice_id", "kind", "from_date", "criterion"))


def _compare(kind: str, ours: list[Row], theirs: list[Row], key: Iterable[str]) -> Iterator[str]:
    names = tuple(key)
    left = {tuple(row[name] for name in names): row for row in ours}
    right = {tuple(str(row[name]) for name in names): row for row in theirs}
    for missing in sorted(left.keys() ^ right.keys()):
        yield f"{kind} {' '.join(missing)}: only {'engine' if missing in left else 'oracle'}"
    for at in sorted(left.keys() & right.keys()):
        for column, value in left[at].items():
            if value != str(right[at][column]):
                yield f"{kind} {' '.join(at)}: {column} engine {value!r}, oracle {right[at][column]!r}"
