"""What intake hands on: the canonical tables of one input, the facts about it, and its findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One data-quality finding, with the cell it is about.

    `row` is as Excel numbers it (0: the whole sheet), `column` a letter, `value` never of a column that may
    identify a person.
    """

    severity: Severity
    code: str
    message: str
    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    field: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What the workbook's About sheet says; None where it says nothing."""

    practice_id: str | None = None
    extract_date: date | None = None
    history_start: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    source_system: str | None = None


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """One table as it stood in the file: where, how many data rows, which field in which column letter, its heading.

    `table` is Codes or Procedures for a list, from which rows of several tables may come. `label` is how the rows of
    the tables name the sheet, `called` what it was taken for where the practice is put together from lists.
    `heading_row` is as Excel numbers it.
    """

    table: str
    file: str
    sheet: str
    rows: int
    columns: Mapping[str, str]
    headings: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    called: str = ""
    heading_row: int = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of the extract as a whole; `parts` are its files with their SHA-256, where there are several."""

    file: str
    sha256: str
    sheets: tuple[SheetFacts, ...]
    ignored_sheets: tuple[str, ...]
    has_tests: bool
    has_reviews: bool
    has_event: bool
    has_quantity: bool
    has_registered_from: bool
    first_treatment: date | None
    last_treatment: date | None
    last_entry: date | None
    unmapped_drugs: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extract:
    """The canonical tables of one input (contracts in `schemas.canonical`)."""

    about: About
    facts: Facts
    patients: pd.DataFrame
    treatments: pd.DataFrame
    tests: pd.DataFrame
    reviews: pd.DataFrame
    findings: tuple[Finding, ...]
