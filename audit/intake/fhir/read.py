"""The door of FHIR: the files of one export become the sheets that a workbook would have.

Sheets Patients, Treatments and Tests have the headings of the contract, and of each row the file and line it was made
from; the rest of intake reads them as it reads any other. Choices where neither the standard nor FHIR decides:

* The extract date is the `transactionTime` of a manifest, else the `timestamp` of a Bundle. `meta.lastUpdated` is when
  a server last wrote a resource, which may be the day of a move between servers, and is not used.
* The identity gate sees the sheets, every free text, and by name the elements that identify somebody.
* A Tests sheet is there only when some test was read: an export without one says nothing about tests.
* An injection recorded by a code is of the drug that the patient is prescribed; where nothing says which, it cannot be
  read (`audit.intake.coded_events`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.errors import InputRejected
from audit.intake.cells import Cell, Place, Sheet
from audit.intake.extract import Finding
from audit.intake.fhir import medicines, people
from audit.intake.fhir.coded import Coded, Row, read_events
from audit.intake.fhir.gather import READ, TREATING, Gathered, gather
from audit.intake.fhir.resources import Export, check_counts, open_export
from audit.intake.identity.beside import Aside, is_bad_file
from schemas.vocabulary import INPUT_COLUMNS, REQUIRED_COLUMNS

_LISTED = 12
_ASK = (
    "Export MedicationRequest, MedicationAdministration, Procedure, Immunization, Observation, Condition and Patient: "
    "$export?_type=Patient,Condition,MedicationRequest,MedicationAdministration,Procedure,Immunization,Observation"
)


@dataclass(frozen=True, slots=True)
class FhirRead:
    """One export, read.

    Attributes:
        sheets: About, Patients, Treatments, Tests; only Treatments is always there.
        findings: what is to be said of it, with files and lines.
        details: places of what identifies somebody, in words.
        asides: free texts, which are not read but may name somebody.
    """

    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...]
    details: tuple[str, ...]
    asides: tuple[Aside, ...]


def read_fhir(contents: Mapping[str, bytes], source: str) -> FhirRead:
    """Read one export.

    Args:
        contents: name of each file -> its bytes.
        source: the name of the input, as findings print it.

    Raises:
        InputRejected: a file is no FHIR of a version that is read, or nothing says who was treated when.
        InputIncomplete: a file breaks off, or files of the export are missing.
    """
    export = open_export(contents)
    gathered = gather(export)
    check_counts(export, gathered.kinds, source)
    prescribed = _sheet(source, "Treatments", _prescribed(gathered))
    coded = read_events(gathered.events, prescribed, gathered.notes)
    treatments = _sheet(source, "Treatments", [*_prescribed(gathered), *coded.treatments])
    _check_treatments(gathered, treatments, source)
    tables = {"Patients": list(_patients(gathered, coded)), "Tests": coded.tests}
    sheets = [_sheet(source, name, rows) for name, rows in tables.items() if rows]
    return FhirRead(
        sheets=(*_about(export, source), treatments, *sheets),
        findings=(*coded.findings, *gathered.notes.findings(source), *_notes(export, gathered, source)),
        details=tuple(_details(gathered, contents)),
        asides=tuple(
            Aside(f"{at} ({file})", "\n".join(sorted(said))) for (at, file), said in gathered.free.items()
        ),
    )


# --- sheets


def _sheet(source: str, table: str, rows: Sequence[Row]) -> Sheet:
    """Rows under the headings of the contract; a column that no row fills is absent, unless it is needed."""
    needed = (*REQUIRED_COLUMNS[table], *(("event",) if table == "Treatments" else ()))
    filled = {name for cells, _ in rows for name, cell in cells.items() if cell != ""}
    columns = [name for name in INPUT_COLUMNS[table] if name in filled or name in needed]
    cells = [[row.get(name, "") for name in columns] for row, _ in rows]
    return Sheet(source, table, [columns, *cells], places=[("", 0), *(place for _, place in rows)])


def _prescribed(gathered: Gathered) -> list[Row]:
    fields = INPUT_COLUMNS["Treatments"]
    rows = ((medicines.named(row, gathered.drugs), place) for row, place in gathered.treatments)
    return [(dict(zip(fields, cells, strict=True)), place) for cells, place in rows]


def _patients(gathered: Gathered, coded: Coded) -> Iterator[Row]:
    """Each patient with what codes say; a second word for the same field stays a row of its own, to be found."""
    said: dict[Cell, list[Row]] = {}
    for one in coded.patients:
        said.setdefault(one[0]["patient_id"], []).append(one)
    for cells, place in gathered.patients:
        row: dict[str, Cell] = dict(zip(people.FIELDS, cells, strict=True))
        row["practice_id"] = gathered.practices.get(str(row["practice_id"]), row["practice_id"])
        own = said.get(row["patient_id"], [])
        yield row | (own.pop(0)[0] if own else {}), place
    for rest in said.values():
        yield from rest


def _about(export: Export, source: str) -> Iterator[Sheet]:
    day = export.manifest.extract_date
    if day:
        yield Sheet(source, "About", [["extract_date", day]])


# --- what is said


def _check_treatments(gathered: Gathered, treatments: Sheet, source: str) -> None:
    if len(treatments.rows) > 1 or any(gathered.kinds[kind] for kind in TREATING):
        return
    found = _counted(gathered.kinds.items()) or "no resource"
    raise InputRejected(
        f"Nothing in the export says who was treated when: it holds {found}.",
        where=source,
        remedy=_ASK,
        code="FHIR_NO_TREATMENTS",
    )


def _counted(kinds: Iterable[tuple[str, int]]) -> str:
    ordered = sorted(kinds, key=lambda item: -item[1])
    # a type is part of FHIR and nobody's text, unless the file is something else
    return ", ".join(f"{kind} ({count:,})" for kind, count in ordered[:_LISTED] if kind.isalpha())


def _notes(export: Export, gathered: Gathered, source: str) -> Iterator[Finding]:
    others = _counted((kind, count) for kind, count in gathered.kinds.items() if kind not in READ)
    if others:
        yield Finding("note", "FHIR_NOT_READ", f"Resources of other types are not used: {others}.", source)
    if export.manifest.since:
        message = "Only what changed since some day was exported: whatever is older counts as if it had never been."
        yield Finding("warning", "FHIR_SINCE", message, source)


def _details(gathered: Gathered, contents: Mapping[str, bytes]) -> Iterator[str]:
    for element, (place, count) in gathered.identifying.items():
        yield f"{element}, {count:,} resource{'s' * (count > 1)}, first in line {_line(place)}"
    for number, name in enumerate(contents, 1):
        if is_bad_file(name):
            yield f"the name of file {number} in the folder"


def _line(place: Place) -> str:
    return f"{place[1]:,} of {place[0]}"
