"""Builds real workbooks and csv files for the intake's tests, and reads them back."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from audit.intake.extract import Extract, Finding
from audit.intake.read import read_extract

#: Rows of cells; of mixed literals a type checker would make a list of objects.
Rows = Sequence[Any]

HYDROXO = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"
DAY = date(2024, 3, 12)
TREATMENT_HEADINGS = ("patient_id", "date", "drug", "event", "route", "dose", "quantity", "directions")


def write_xlsx(path: Path, sheets: Mapping[str, Rows], first: tuple[int, int] = (0, 0), **options: Any) -> Path:
    """Write sheets as given: text stays text, dates become date cells, None and "" stay empty."""
    texts = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(path, {**texts, **options})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows, first[0]):
            for place, cell in enumerate(row, first[1]):
                if isinstance(cell, date | datetime):
                    sheet.write_datetime(number, place, cell, day)
                elif cell not in (None, ""):
                    sheet.write(number, place, cell)
    book.close()
    return path


def write_csv(path: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Write one csv file."""
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def treatment(**cells: Any) -> list[Any]:
    """One row under `TREATMENT_HEADINGS`: patient 1 was injected on 12 March 2024, unless told otherwise."""
    usual = {"patient_id": "1", "date": DAY, "drug": HYDROXO, "event": "administered", "route": "im"}
    usual |= {"dose": "1 mg", "quantity": 1, "directions": "every 3 months"}
    return [(usual | cells)[heading] for heading in TREATMENT_HEADINGS]


def read_treatments(tmp_path: Path, *rows: Sequence[Any], **sheets: Rows) -> Extract:
    """Read a workbook with these treatments under all headings, and a Patients sheet unless told otherwise."""
    book: dict[str, Rows] = {"Patients": [["patient_id"], ["1"]], "Treatments": [TREATMENT_HEADINGS, *rows]}
    return read_extract(write_xlsx(tmp_path / "practice.xlsx", book | sheets))


def read_sheets(tmp_path: Path, **sheets: Rows) -> Extract:
    """Read a workbook of exactly these sheets."""
    return read_extract(write_xlsx(tmp_path / "practice.xlsx", sheets))


def found(extract: Extract, code: str) -> list[Finding]:
    """The findings of one code."""
    return [finding for finding in extract.findings if finding.code == code]


def codes(extract: Extract) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in extract.findings}


def cell(finding: Finding) -> str:
    """A finding's cell as Excel writes it."""
    return f"{finding.sheet}!{finding.column}{finding.row}"


def column(frame: pd.DataFrame, name: str) -> list[Any]:
    """A column as plain values, None where missing; dates as dates."""
    values = [None if pd.isna(value) else value for value in frame[name]]
    return [value.date() if isinstance(value, pd.Timestamp) else value for value in values]
