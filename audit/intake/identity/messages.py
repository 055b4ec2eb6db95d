"""What is said of identifiable data: places and counts, and what can be done; never what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from audit.errors import IdentifiableData
from audit.intake.cells import Sheet, letter
from audit.intake.extract import Finding
from audit.intake.identifiers import mask, names_somebody
from audit.intake.identity.beside import FILE_NAME, is_bad_file
from audit.intake.identity.column import Suspect

_LISTED = 8
_WIDTH = 40
#: Endings of FHIR resources, whose copy is tables.
_COPIED_AS_WORKBOOK: Final = (".ndjson", ".json")

_WORDS: Final = {
    "number": "NHS, CHI or H&C numbers",
    "local": "numbers of the clinical system or a hospital",
    "name": "names",
    "person": "names",
    "title": "titles of persons",
    "birth": "dates of birth",
    "postcode": "postcodes",
    "address": "addresses",
    "telephone": "telephone numbers",
    "email": "e-mail addresses",
    "staff": "names of staff",
    "heading": "headings with a person's details",
}
_STRAY: Final = {
    "number": "an NHS, CHI or H&C number",
    "person": "a person's name",
    "birth": "a full date of birth",
    "postcode": "a postcode",
    "telephone": "a telephone number",
    "email": "an e-mail address",
    "staff": "a name of staff",
}


def safe_name(name: str) -> str:
    """The name of a file or sheet as messages may print it."""
    return "(name not shown)" if names_somebody(name) or is_bad_file(name) else mask(name)


def warning(sheet: Sheet, suspect: Suspect) -> Finding:
    """The warning of a stray, with its first cell and how many there are."""
    more = f" {suspect.cells:,} cells of the column do." if suspect.cells > 1 else ""
    message = f"The cell looks as if it held {_STRAY[suspect.kind]}.{more} If it is a patient's, remove it."
    place = (sheet.file, sheet.name, suspect.row + 1, letter(suspect.column))
    return Finding("warning", "IDENTIFIER_SUSPECTED", message, *place)


def identifiable(
    refused: Sequence[tuple[Sheet, Suspect]], elsewhere: Sequence[str], of: tuple[str, Path | None]
) -> IdentifiableData:
    """The refusal, with the first places and how many more; `of` is the file's name and where it stands as typed."""
    file_name, given = of
    listed = [
        f"{_WORDS[suspect.kind]} ({_place(sheet, suspect)}, {suspect.cells:,} cell{'s' * (suspect.cells > 1)})"
        for sheet, suspect in refused
    ]
    listed += [f"a person's details ({place})" for place in elsewhere]
    more = f"; and {len(listed) - _LISTED} more places" if len(listed) > _LISTED else ""
    what = f"The file looks like identifiable data: {'; '.join(listed[:_LISTED])}{more}."
    remedy = _remedy(elsewhere, given or Path(file_name))
    return IdentifiableData(what, where=safe_name(file_name), remedy=remedy, code="IDENTIFIABLE")


def _place(sheet: Sheet, suspect: Suspect) -> str:
    inside = f"sheet {safe_name(sheet.name)[:_WIDTH]}, column {letter(suspect.column)}"
    return f"{inside}, row {suspect.row + 1}" if suspect.kind == "heading" else inside


def _remedy(elsewhere: Sequence[str], given: Path) -> str:
    if FILE_NAME in elsewhere:
        return "Give the file a name without a person's details, and remove such columns."
    copied = ".xlsx" if given.suffix.lower() in _COPIED_AS_WORKBOOK else given.suffix
    out = given.with_name(f"{given.stem}-pseudonymised{copied}") if given.name else Path("pseudonymised")
    # folders above the file may be named after a person
    named = {"IN": str(given), "OUT": str(out)}
    shown = [f'"{place}"' if safe_name(place) == place else name for name, place in named.items()]
    return (
        "Remove what is named above, or write a copy without it:  "
        f"b12audit pseudonymise {' '.join(shown)} --key-file ~/b12audit-key/practice.key --new-key"
    )
