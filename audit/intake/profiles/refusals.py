"""What is said of lists that cannot be audited as they are: what is missing, and how it is exported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from audit.errors import InputRejected
from audit.intake.cells import Sheet
from audit.intake.extract import Finding
from audit.intake.heading_map import HeadingMap
from audit.intake.profiles.kinds import CALLED, is_code_list, is_practice_level
from schemas.vocabulary import LIST_COLUMNS

_NEEDED: Final = (
    "Export every issue with its own date (EMIS: a list report of Medication Issues with Date of Issue and Name, "
    "Dosage and Quantity; SystmOne: a breakdown of all issues with Event Date, Drug, Dosage and Quantity; Vision: the "
    "journal with its headings)"
)
_SHOWN: Final = 40


def check_patients(sheet: Sheet) -> None:
    """Refuse what is known to hold no patients.

    Raises:
        InputRejected: counts of a practice's prescriptions, or a list of codes.
    """
    where = f"{sheet.file}, sheet {sheet.name}"
    remedy = f"{_NEEDED}, with a pseudonym for each patient."
    if is_practice_level(sheet):
        what = "This is not patient-level data: it counts what practices prescribe, and has no patients or days."
        raise InputRejected(what, where=where, remedy=remedy, code="PRACTICE_LEVEL")
    if is_code_list(sheet):
        what = "This is a list of codes, not of patients: no column names a patient or a day."
        raise InputRejected(what, where=where, remedy=remedy, code="CODE_LIST")


def no_treatments(tables: Iterable[str], where: str, asked: HeadingMap) -> InputRejected:
    """The refusal of lists in which nothing says that anybody was treated."""
    kinds = " and ".join(CALLED[table] for table in CALLED if table in set(tables))
    return InputRejected(
        f"The list of medication issues is missing: here is {kinds}, and nothing in it says that vitamin B12 was "
        "injected.",
        where=where,
        remedy=f"{_NEEDED}, then name both:  b12audit run issues.csv {asked.files()}",
        code="TREATMENTS_MISSING",
    )


def undated_drugs(note: Finding, asked: HeadingMap) -> InputRejected:
    """The refusal of a report whose medicines have no date of issue."""
    return InputRejected(
        "The report names medicines without a date of issue, so that intervals cannot be seen.",
        where=f"{note.file}, sheet {note.sheet}",
        remedy=f"{_NEEDED}, then name both:  b12audit run issues.csv {asked.files()}",
        code=note.code,
    )


def twice(table: str, places: Sequence[tuple[str, str]]) -> InputRejected:
    """The refusal of two lists of one kind."""
    named = " and ".join(f"{file}, sheet {sheet}" for file, sheet in places)
    called = CALLED[table] if table in LIST_COLUMNS else f"the table {table}"
    return InputRejected(
        f"Two sheets hold {called}.",
        where=named,
        remedy="Delete the one that is not meant, or export both as one list.",
        code="LIST_TWICE",
    )


def ambiguous(files: Sequence[tuple[str, str]]) -> InputRejected:
    """The refusal of files that may be one practice or several.

    Args:
        files: the name of each, and what it was taken for.
    """
    listed = "; ".join(f"{name[:_SHOWN]} is {called}" for name, called in files)
    return InputRejected(
        f"It cannot be told which files belong to one practice: {listed}.",
        where=", ".join(name for name, _ in files),
        remedy="Put the files of each practice into a folder of its own, one list of each kind, and name the folders:  "
        "b12audit run north south",
        code="PRACTICES_UNCLEAR",
    )
