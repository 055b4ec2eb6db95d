"""Goes through all resources of an export once, and keeps of each what the audit needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from audit.errors import InputRejected
from audit.intake.cells import Cell, Place
from audit.intake.drugs import read_drug
from audit.intake.fhir import clinical, medicines, people
from audit.intake.fhir.clinical import Event
from audit.intake.fhir.elements import Element, Names, part, texts, word
from audit.intake.fhir.notes import Notes
from audit.intake.fhir.resources import Export, Resource
from schemas.vocabulary import B12_SUBSTANCES

#: Types of resource that say who was treated when.
TREATING: Final = ("MedicationRequest", "MedicationAdministration", "Procedure", "Immunization")
READ: Final = (*TREATING, "Patient", "Condition", "Observation", "MedicationStatement", "Medication", "Organization")
#: Resources with names and addresses that are no patient's; nothing of them is printed.
_OF_PRACTICES: Final = ("Organization", "Practitioner", "PractitionerRole", "Location", "HealthcareService", "Device")
_FREE: Final = frozenset(("text", "div", "comment", "valueString", "patientInstruction", "display", "description"))
#: R5 renamed when these were done, and spells it in two ways.
_TIMED: Final = ("MedicationAdministration", "Procedure")
_OCCURRED: Final = ("occurrence", "occurence")
_ASK_FOR_R4: Final = "Export it as FHIR R4 (fhirVersion 4.0)."


@dataclass(slots=True)
class Gathered:
    """What was kept of an export.

    Attributes:
        patients: cells of `people.FIELDS`, and their places.
        treatments: rows of `medicines`, and their places.
        events: coded events, and their places.
        drugs: id of a Medication -> its drug.
        practices: id of an Organization -> its code.
        kinds: how many resources of each type.
        notes: what is not used, and why.
        identifying: element that identifies -> its first place, and how many resources have it.
        free: element of free text, and its file -> the texts.
    """

    patients: list[tuple[list[Cell], Place]] = field(default_factory=list)
    treatments: list[tuple[medicines.Row, Place]] = field(default_factory=list)
    events: list[tuple[Event, Place]] = field(default_factory=list)
    drugs: dict[str, str] = field(default_factory=dict)
    practices: dict[str, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    notes: Notes = field(default_factory=Notes)
    identifying: dict[str, tuple[Place, int]] = field(default_factory=dict)
    free: dict[tuple[str, str], set[str]] = field(default_factory=dict)


def gather(export: Export) -> Gathered:
    """Read every resource.

    Raises:
        InputRejected: a line is no resource, or one of another version of FHIR whose shape differs.
        InputIncomplete: the last line breaks off.
    """
    out = Gathered()
    for resource in export.resources():
        kind = resource.kind
        out.kinds[kind] += 1
        _check_version(resource, kind)
        _look_for_people(resource, out)
        _keep(resource.element, kind, (resource.file, resource.line), (export.names, out))
    return out


def _check_version(resource: Resource, kind: str) -> None:
    """Refuse resources whose elements have other names in another version, and would be read as blank."""
    where = f"{resource.file}, line {resource.line:,}"
    if kind == "Bundle":
        raise InputRejected(
            "The line holds a Bundle.",
            where=where,
            remedy="Export one resource a line; name a file that is one Bundle .json.",
            code="NOT_FHIR",
        )
    version = _version(resource.element, kind)
    if version:
        what = f"The {kind} is one of FHIR {version}, which keeps in other places what is needed here."
        raise InputRejected(what, where=where, remedy=_ASK_FOR_R4, code="FHIR_VERSION")


def _version(element: Element, kind: str) -> str:
    """The version of FHIR that alone has a resource of this shape; blank when it is of R4, or as good as."""
    if kind == "MedicationOrder":
        return "DSTU2"
    if kind.startswith("Medication") and part(element, "medication"):
        return "R5"
    return "R5" if kind in _TIMED and any(name.startswith(_OCCURRED) for name in element) else ""


def _look_for_people(resource: Resource, out: Gathered) -> None:
    place = (resource.file, resource.line)
    for element in people.identifying(resource.element):
        first, count = out.identifying.get(element, (place, 0))
        out.identifying[element] = (first, count + 1)
    if resource.kind in _OF_PRACTICES:
        return
    for at, said in texts(resource.element):
        if at.rpartition(".")[2] in _FREE:
            out.free.setdefault((at, resource.file), set()).add(said)


def _keep(element: Element, kind: str, place: Place, to: tuple[Names, Gathered]) -> None:
    names, out = to
    if kind == "Patient":
        out.patients.append((people.patient_row(element, names), place))
    elif kind == "Medication":
        out.drugs[word(element, "id")] = medicines.drug_of(part(element, "code"))
    elif kind == "Organization" and (code := people.organization_code(element)):
        out.practices[word(element, "id")] = code
    elif kind == "MedicationStatement":
        if read_drug(medicines.drug_of(part(element, "medicationCodeableConcept"))).substance in B12_SUBSTANCES:
            out.notes.add(place, medicines.STATEMENT)
    elif kind in _ROWS:
        _keep_row(_ROWS[kind](element, names), place, out)
    elif kind == "Immunization" and (row := medicines.immunization_row(element, names)) is not None:
        _keep_row(row, place, out)
    else:
        _keep_events(_events(element, kind, names), place, out)


_ROWS: Final = {
    "MedicationRequest": medicines.request_row,
    "MedicationAdministration": medicines.administration_row,
}
_EVENTS: Final = {
    "Condition": clinical.condition,
    "Procedure": clinical.procedure,
    "Immunization": clinical.immunization,
}


def _events(element: Element, kind: str, names: Names) -> Iterator[Event | str]:
    if kind == "Observation":
        yield from clinical.observation(element, names)
    elif kind in _EVENTS:
        yield _EVENTS[kind](element, names)


def _keep_events(events: Iterator[Event | str], place: Place, out: Gathered) -> None:
    for event in events:
        if isinstance(event, str):
            out.notes.add(place, event)
        elif event.pairs:
            out.events.append((event, place))


def _keep_row(row: medicines.Row | str, place: Place, out: Gathered) -> None:
    if isinstance(row, str):
        out.notes.add(place, row)
    else:
        out.treatments.append((row, place))

