"""What stands beside the cells: names of files and sheets, comments, headers and properties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from audit.intake.cells import Sheet
from audit.intake.extract import Finding
from audit.intake.identifiers import Hit, find, names_somebody
from audit.intake.identity.column import SEVERAL

FILE_NAME: Final = "the file's name"


@dataclass(frozen=True, slots=True)
class Aside:
    """Text of a workbook that stands in no cell.

    Attributes:
        place: what it is and where, as messages print it: "comment", "header or footer".
        text: what it says; never printed.
        strict: a single hit is enough to refuse.
    """

    place: str
    text: str
    strict: bool = False


def bad_names(sheets: Sequence[Sheet], file_name: str) -> list[str]:
    """The places whose names hold a person's details: the file's, and sheets by their number."""
    places = []
    if any(map(is_bad_file, {file_name, *(sheet.file for sheet in sheets)})):
        places.append(FILE_NAME)
    places += [
        f"the name of sheet {number}"
        for number, sheet in enumerate(sheets, 1)
        if not sheet.delimited and names_somebody(sheet.name)
    ]
    return places


def is_bad_file(name: str) -> bool:
    """Whether a file's name, or that of its folder, holds a person's details; its ending is none of them."""
    stem = name.rpartition(".")[0] or name
    return any(names_somebody(part) for part in (stem, *stem.split("/")))


def _aside_hits(aside: Aside) -> set[str]:
    return {hit.value for hit in find(aside.text) if hit.kind not in ("ten_digits", "staff") and _is_sure(hit)}


def _is_sure(hit: Hit) -> bool:
    return hit.sure or hit.kind == "number"


def bad_asides(asides: Sequence[Aside]) -> list[str]:
    """The places with several different hits, or with a single one where they are strict."""
    hits: dict[tuple[str, bool], set[str]] = {}
    for aside in asides:
        hits.setdefault((aside.place, aside.strict), set()).update(_aside_hits(aside))
    return [place for (place, strict), values in hits.items() if len(values) >= (1 if strict else SEVERAL)]


def aside_warnings(asides: Sequence[Aside], file_name: str) -> Iterator[Finding]:
    """One warning for each place with a hit."""
    places = dict.fromkeys(aside.place for aside in asides if _aside_hits(aside))
    for place in places:
        message = f"What looks like a person's details stands in {place}. Check it before the file is passed on."
        yield Finding("warning", "IDENTIFIER_SUSPECTED", message, file_name)
