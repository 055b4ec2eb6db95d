"""What stands in a workbook of fixes: the list of findings, and the sheets of the input with their cells marked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xlsxwriter.utility import xl_cell_to_rowcol

from audit.intake.cells import ORIGIN_1904, Cell, Sheet
from audit.intake.extract import Finding
from audit.intake.source import Source
from audit.render.kinds import LABELS, place, problem, ranked
from audit.render.remedies import remedy
from audit.render.words import clean
from audit.results.checked import CheckedInput
from audit.results.phrases import plural

#: Inputs with more rows than this are not copied whole.
MOST_ROWS: Final = 100_000
#: In place of the row of the headings, for a sheet that is no table.
NO_HEADING: Final = -1
LIST_NAME: Final = "Fixes"
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_RESERVED: Final = ("history", LIST_NAME.casefold())
_LONGEST_NAME: Final = 31
#: A sheet's name can stand in a link when it has nothing but these.
_LINKABLE = re.compile(r"[A-Za-z0-9 _.-]+")
_MEND: Final = (
    "Mend these in the system that the file comes from, or in the file itself, and check it again. The other sheets "
    "are a copy of the file as it was read, with these cells marked and explained."
)
_NOT_COPIED: Final = "Hidden sheets are not copied, and what looks like a person's details is masked."


@dataclass(frozen=True, slots=True)
class FixLine:
    """One finding as printed; `link` is a place in this workbook, blank where there is none."""

    sheet: str
    cell: str
    problem: str
    what_to_do: str
    value: str
    severity: str
    code: str
    link: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How a cell stands out (a severity), and what its comment says."""

    look: str
    text: str


@dataclass(frozen=True, slots=True)
class CopiedSheet:
    """A sheet of the input. Rows and columns count from 0, as in the input.

    Attributes:
        rows: each row that is copied, by its number in the input; all of them when `whole`.
        marks: by row and column.
        to_do: by row.
        heading: the row of the headings, or NO_HEADING.
        width: the first column after the last that holds anything.
        whole: every row stands where it stands in the input.
        positions: of each row that is copied, where it stands in the copy.
    """

    name: str
    rows: Mapping[int, Sequence[Cell]]
    marks: Mapping[tuple[int, int], Mark]
    to_do: Mapping[int, str]
    heading: int
    width: int
    whole: bool
    positions: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class FixesBook:
    """The whole workbook; `from_1904` when the input counts its days from 1904."""

    notes: tuple[str, ...]
    lines: tuple[FixLine, ...]
    sheets: tuple[CopiedSheet, ...]
    from_1904: bool


def build_fixes(source: Source, checked: CheckedInput) -> FixesBook:
    """The workbook of fixes of one input."""
    names = _names(source.sheets)
    found = _by_sheet(source.sheets, checked.findings)
    whole = sum(len(sheet.rows) for sheet in source.sheets) <= MOST_ROWS
    headings = {(facts.file, facts.sheet): facts.heading_row - 1 for facts in checked.facts.sheets}
    sheets = [
        _copied(sheet, names[number], found[number], headings.get((sheet.file, sheet.name), NO_HEADING), whole)
        for number, sheet in enumerate(source.sheets)
        if whole or found[number]
    ]
    homes = {id(item): names[number] for number, items in found.items() for item in items}
    by_name = {sheet.name: sheet for sheet in sheets}
    lines = tuple(_line(item, by_name.get(homes.get(id(item), ""))) for item in ranked(checked.findings))
    notes = (*_summary(checked), _MEND, _NOT_COPIED, *([] if whole else [_only_faulty(source.sheets)]))
    return FixesBook(notes, lines, tuple(sheets), any(sheet.origin == ORIGIN_1904 for sheet in source.sheets))


def _summary(checked: CheckedInput) -> list[str]:
    counts = [(LABELS[name], sum(item.severity == name for item in checked.findings)) for name in LABELS]
    return [f"{clean(checked.facts.file)}: " + ", ".join(f"{label}: {count:,}" for label, count in counts) + "."]


def _only_faulty(sheets: Sequence[Sheet]) -> str:
    rows = plural(sum(len(sheet.rows) for sheet in sheets), "row")
    return f"The file has {rows}: only those with something to mend are copied, each with its number in the file."


def _names(sheets: Sequence[Sheet]) -> list[str]:
    """A name for each sheet that Excel takes, and that no other has."""
    taken = set(_RESERVED)
    out = []
    for sheet in sheets:
        stem = _cut(clean(_NOT_IN_NAMES.sub("_", sheet.name)).strip("' "), _LONGEST_NAME) or "Sheet"
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            end = f" ({number})"
            name = _cut(stem, _LONGEST_NAME - len(end)) + end
        taken.add(name.casefold())
        out.append(name)
    return out


def _cut(name: str, longest: int) -> str:
    """The beginning of a name, as long as Excel counts: a rare letter outside the usual plane is two."""
    return name.encode("utf-16-le")[: 2 * longest].decode("utf-16-le", "ignore").rstrip("' ")


def _by_sheet(sheets: Sequence[Sheet], findings: Sequence[Finding]) -> Mapping[int, list[Finding]]:
    """The findings with a row, by the number of their sheet; those of the rest of the file are left out."""
    places = {sheet.name: number for number, sheet in enumerate(sheets)}
    places_in_file = {(sheet.file, sheet.name): number for number, sheet in enumerate(sheets)}
    out: dict[int, list[Finding]] = defaultdict(list)
    for item in findings:
        number = places_in_file.get((item.file, item.sheet), places.get(item.sheet))
        if number is not None and 0 < item.row <= len(sheets[number].rows):
            out[number].append(item)
    return out


def _copied(sheet: Sheet, name: str, found: Sequence[Finding], heading: int, whole: bool) -> CopiedSheet:
    cells: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    rows: dict[int, list[Finding]] = defaultdict(list)
    for item in ranked(found):
        rows[item.row - 1].append(item)
        if item.column:
            cells[item.row - 1, column_of(item)].append(item)
    wanted = range(len(sheet.rows)) if whole else sorted({*range(heading + 1), *rows})
    kept = {number: sheet.rows[number] for number in wanted}
    width = max((_filled(row) for row in kept.values()), default=0)
    return CopiedSheet(
        name=name,
        rows=kept,
        marks={at: Mark(items[0].severity, "\n".join(map(_comment, items))) for at, items in cells.items()},
        to_do={row: " ".join(dict.fromkeys(map(_to_do, items))) for row, items in rows.items()},
        heading=heading,
        width=max([width, *(column + 1 for _, column in cells)]),
        whole=whole,
        positions={number: position for position, number in enumerate(kept)},
    )


def column_of(finding: Finding) -> int:
    """The finding's column, from 0."""
    return int(xl_cell_to_rowcol(f"{finding.column}1")[1])


def _filled(row: Sequence[Cell]) -> int:
    """How many cells of a row it takes to hold all that are filled."""
    return next((place for place in range(len(row), 0, -1) if row[place - 1] != ""), 0)


def _comment(finding: Finding) -> str:
    return f"{LABELS[finding.severity]}: {problem(finding)} What to do: {remedy(finding)}"


def _to_do(finding: Finding) -> str:
    where = f"{finding.field or 'Cell'} (column {finding.column})" if finding.column else "The row"
    return f"{where}: {remedy(finding)}"


def _line(finding: Finding, sheet: CopiedSheet | None) -> FixLine:
    cell = place(finding).removeprefix(clean(finding.sheet)).strip()
    return FixLine(
        sheet=clean(finding.sheet),
        cell=cell,
        problem=problem(finding),
        what_to_do=remedy(finding),
        value=clean(finding.value),
        severity=LABELS[finding.severity],
        code=finding.code,
        link=_link(finding, sheet) if sheet else "",
    )


def _link(finding: Finding, sheet: CopiedSheet) -> str:
    """A place in this workbook; none to a sheet with a name in which anything but letters and figures stands."""
    if not _LINKABLE.fullmatch(sheet.name):
        return ""
    row = sheet.positions[finding.row - 1] + 1
    return f"'{sheet.name}'!{finding.column or 'A'}{row}"
