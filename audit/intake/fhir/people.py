"""Patients: the columns that the audit needs, and what in a resource would identify somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from audit.intake.cells import Cell
from audit.intake.fhir.elements import Element, Names, first_day, part, parts, texts, word

FIELDS: Final = ("patient_id", "practice_id", "year_of_birth", "sex", "registered_to")
_ODS: Final = "ods-organization-code"
_NHS_NUMBER: Final = "nhs-number"
_YEAR, _FULL_DATE = 4, re.compile(r"\d{4}-\d{2}-\d{2}.*")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_PSEUDONYM: Final = re.compile(r"pseudo|anonym", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^>]*>")
_NOTHING: Final = re.compile(r"[\W_]*(?:x+|removed|redacted|withheld|masked|anonymised|anonymous|unknown)?[\W_]*", re.I)
_OUTWARD: Final = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?", re.IGNORECASE)
#: What of an address places nobody.
_WIDE: Final = ("country", "use", "type", "start", "end", "url")
#: What of a name or number is nobody's.
_ASIDE: Final = frozenset(("use", "system", "url", "start", "end", "prefix", "suffix", "rank", "code"))


def patient_row(patient: Element, names: Names) -> list[Cell]:
    """The cells of `FIELDS`; a full date of birth stays one, so that it is refused."""
    born = word(patient, "birthDate")
    return [
        word(patient, "id"),
        _practice(patient, names),
        born if _FULL_DATE.fullmatch(born) else born[:_YEAR],
        word(patient, "gender"),
        first_day(patient, "deceasedDateTime"),
    ]


def organization_code(organization: Element) -> str:
    """The ODS code of a practice, blank when it has none."""
    return next((word(one, "value") for one in parts(organization, "identifier") if _ODS in word(one, "system")), "")


def _practice(patient: Element, names: Names) -> str:
    """The organisation that keeps the record, else the patient's practice; never a person."""
    for reference in (part(patient, "managingOrganization"), *parts(patient, "generalPractitioner")):
        id_ = names.id_of(reference, "Organization")
        given = part(reference, "identifier")
        code = word(given, "value") if _ODS in word(given, "system") else ""
        if code or id_:
            return code or id_
    return ""


# --- what identifies


def identifying(resource: Element) -> Iterator[str]:
    """The elements of a resource that identify a patient, or somebody close, by their names."""
    kind = word(resource, "resourceType")
    if kind in ("Patient", "RelatedPerson", "Person"):
        yield from (f"{kind}.{name}" for name in _of_person(resource))
    for name in ("subject", "patient"):
        about = part(resource, name)
        if _says(word(about, "display")):
            yield f"{kind}.{name}.display"
        if _says(word(part(about, "identifier"), "value")):
            yield f"{kind}.{name}.identifier"
    for contained in parts(resource, "contained"):
        yield from identifying(contained)


def _of_person(person: Element) -> Iterator[str]:
    for name in ("name", "telecom", "photo"):
        if any(map(_tells, parts(person, name))):
            yield name
    if any(_tells(part(one, "name")) or any(map(_tells, parts(one, "telecom"))) for one in parts(person, "contact")):
        yield "contact"
    if any(_is_somewhere(one) for one in parts(person, "address")):
        yield "address"
    if any(_is_number(one, word(person, "id")) for one in parts(person, "identifier")):
        yield "identifier"
    if _FULL_DATE.fullmatch(word(person, "birthDate")):
        yield "birthDate"
    if _says(_TAG.sub(" ", word(part(person, "text"), "div"))):
        yield "text"
    for extension in parts(person, "extension"):
        if part(extension, "valueAddress") or part(extension, "valueHumanName"):
            yield "extension"


def _says(text: str) -> bool:
    return _NOTHING.fullmatch(text) is None


def _tells(element: Element) -> bool:
    return any(_says(said) for at, said in texts(element) if at.rpartition(".")[2] not in _ASIDE)


def _is_somewhere(address: Element) -> bool:
    for at, said in texts(address):
        name = at.rpartition(".")[2]
        if name == "postalCode" and _OUTWARD.fullmatch(said.strip()):
            continue
        if name not in _WIDE and _says(said):
            return True
    return False


def _is_number(identifier: Element, id_: str) -> bool:
    """Whether an identifier is another than the pseudonym: one of the NHS, or of the practice's own system."""
    value, system = word(identifier, "value"), word(identifier, "system")
    if not _says(value) or _NHS_NUMBER in system:
        return _says(value)
    kind = " ".join(said for _, said in texts(part(identifier, "type")))
    return value != id_ and not (_UUID.fullmatch(value) or _PSEUDONYM.search(f"{system} {kind}"))
