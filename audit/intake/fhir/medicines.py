"""Prescriptions and administrations: rows of treatments.

* An order (and an order that follows from one) is a prescription issued on the day it was written; a plan or a
  proposal is a template of repeats, and nothing that was supplied.
* An administration that is completed was given; one given by the patient to him- or herself is self-administered.
* A statement says that somebody takes a medicine, not that a dose was given on a day. GP Connect writes one for every
  plan. None of them counts as a dose, wherever the medicine is said to be given: a day that nobody recorded would be
  made up. They are counted, so that a practice whose injections stand only there is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from audit.intake.cells import Cell
from audit.intake.drugs import read_drug
from audit.intake.fhir.elements import (
    Element,
    Names,
    first_day,
    is_true,
    number,
    pairs,
    part,
    parts,
    patient_of,
    word,
    words_of,
)
from audit.intake.fhir.timing import directions_of
from audit.intake.values import read_dose
from audit.intake.words import read_word, squash
from schemas.vocabulary import EVENT

#: Why a resource is no row; `findings` has the words.
PLAN, NOT_IN_FORCE, NOT_DONE, STATEMENT = "plan", "not_in_force", "not_done", "statement"
_ORDERS: Final = frozenset(("order", "original-order", "reflex-order", "filler-order", "instance-order"))
_PLANS: Final = frozenset(("plan", "proposal", "option"))
_VOID_REQUESTS: Final = frozenset(("cancelled", "entered-in-error", "draft", "on-hold"))
_VOID_ADMINISTRATIONS: Final = frozenset(("in-progress", "on-hold", "entered-in-error", "stopped"))
_ROUTES: Final = {
    "78421000": "intramuscular",
    "34206005": "subcutaneous",
    "47625008": "intravenous",
    "26643006": "oral",
    "37839007": "sublingual",
    "46713006": "nasal",
}
#: What is counted one by one, as `quantity` is.
_COUNTED: Final = frozenset(
    (
        *("", "ampoule", "ampoules", "amp", "amps", "vial", "vials", "injection", "injections", "unit", "units"),
        *("tablet", "tablets", "tab", "tabs", "capsule", "capsules", "dose", "doses", "each", "1"),
    )
)
#: Reasons why nothing was given, word for word; those of `words.py` are read as well.
_REASONS: Final = {
    "declined": ("refusal of treatment by patient", "patient refusal", "treatment declined", "treatment refused"),
    "deferred": ("treatment deferred", "treatment postponed", "procedure deferred"),
    "not_attended": ("patient did not attend", "patient not attended", "patient absent"),
}
_REASON: Final = {squash(said): event for event, listed in _REASONS.items() for said in listed}

#: patient_id, date, drug, event, route, dose, quantity, directions; and the id of a Medication that names the drug.
Row = tuple[list[Cell], str]
_DRUG: Final = 2


def request_row(resource: Element, names: Names) -> Row | str:
    """The row of a MedicationRequest, or why there is none."""
    intent, status = word(resource, "intent"), word(resource, "status")
    if intent in _PLANS:
        return PLAN
    if status in _VOID_REQUESTS or is_true(resource, "doNotPerform"):
        return NOT_IN_FORCE
    dosages = parts(resource, "dosageInstruction")
    # an intent that nobody knows is an event that cannot be read
    event = "issued" if intent in _ORDERS else intent
    cells = [event, _route(dosages), _dose(dosages), _quantity(part(resource, "dispenseRequest", "quantity"))]
    return _row(resource, names, first_day(resource, "authoredOn"), [*cells, directions_of(dosages)])


def administration_row(resource: Element, names: Names) -> Row | str:
    """The row of a MedicationAdministration, or why there is none."""
    status, dosage = word(resource, "status"), part(resource, "dosage")
    day = first_day(resource, "effectiveDateTime", "effectivePeriod")
    if status in _VOID_ADMINISTRATIONS:
        return NOT_IN_FORCE
    # STU3 says in an element of its own that nothing was given
    if status == "not-done" or is_true(resource, "notGiven"):
        event = reason_of(resource, "statusReason", "reasonNotGiven")
        return _row(resource, names, day, [event, _route([dosage]), "", "", ""]) if event else NOT_DONE
    event = _given(resource, names) if status == "completed" else status
    return _row(resource, names, day, [event, _route([dosage]), _dose([dosage]), "", word(dosage, "text")])


def immunization_row(resource: Element, names: Names) -> Row | str | None:
    """The row of an Immunization whose product is a drug that is read; None for any other vaccine."""
    drug = drug_of(part(resource, "vaccineCode"))
    if read_drug(drug).substance in (None, "other"):
        return None
    event = "administered"
    if word(resource, "status") == "entered-in-error":
        return NOT_IN_FORCE
    if word(resource, "status") == "not-done" or is_true(resource, "notGiven"):
        event = reason_of(resource, "statusReason")
    if not event:
        return NOT_DONE
    route = _route([resource])
    dose = _amount(part(resource, "doseQuantity"))
    day = first_day(resource, "occurrenceDateTime", "date")
    return [patient_of(resource, names), day, drug, event, route, dose, "", ""], ""


def reason_of(resource: Element, *names: str) -> str:
    """The event that stands for why something was not done; blank when the reason cannot be read."""
    concepts = [one for name in names for one in (part(resource, name), *parts(resource, name)) if one]
    for said in (pair.term for concept in concepts for pair in pairs(concept)):
        place = read_word("event", said)
        event = _REASON.get(squash(said)) or ("" if place is None else EVENT[place])
        if event in _REASONS:
            return event
    return ""


def drug_of(concept: Element) -> str:
    """The drug in words or as a code: what of it is read as one of ours first, else its words.

    Where words and codes are of two substances both are given, and are unreadable together.
    """
    said = [text for pair in pairs(concept) for text in (pair.term, pair.code) if text]
    ours = {read_drug(text).substance: text for text in reversed([words_of(concept), *said]) if text}
    known = [text for substance, text in ours.items() if substance not in (None, "other")]
    return " / ".join(known) or words_of(concept)


def _row(resource: Element, names: Names, day: str, cells: Sequence[Cell]) -> Row:
    drug, later = _medication(resource, names)
    return [patient_of(resource, names), day, drug, *cells], later


def _medication(resource: Element, names: Names) -> tuple[str, str]:
    """The drug, or the id of the Medication that names it."""
    concept = part(resource, "medicationCodeableConcept")
    if concept:
        return drug_of(concept), ""
    reference = part(resource, "medicationReference")
    said = word(reference, "reference")
    if said.startswith("#"):
        inside = [one for one in parts(resource, "contained") if word(one, "id").lstrip("#") == said[1:]]
        return next((drug_of(part(one, "code")) for one in inside), ""), ""
    return word(reference, "display"), names.id_of(reference, "Medication")


def named(row: Row, drugs: dict[str, str]) -> list[Cell]:
    """The cells of a row, with the drug of the Medication that it refers to."""
    cells, later = row
    if later in drugs:
        cells[_DRUG] = drugs[later]
    return cells


def _given(resource: Element, names: Names) -> str:
    patient = patient_of(resource, names)
    actors = [names.id_of(part(one, "actor"), "Patient") for one in parts(resource, "performer")]
    return "self_administered" if patient and patient in actors else "administered"


# --- dosages


def _route(dosages: Sequence[Element]) -> str:
    """The one route of all dosages; several make a text that nothing reads."""
    said = [_route_of(part(dosage, "route")) for dosage in dosages]
    return " or ".join(dict.fromkeys(filter(None, said)))


def _route_of(concept: Element) -> str:
    return next((_ROUTES[pair.code] for pair in pairs(concept) if pair.code in _ROUTES), words_of(concept))


def _dose(dosages: Sequence[Element]) -> str:
    """The one dose of all dosages; several make a text that nothing reads."""
    said = [_amount(one) for dosage in dosages for one in _quantities(dosage)]
    return " or ".join(dict.fromkeys(filter(None, said)))


def _quantities(dosage: Element) -> list[Element]:
    """R4 keeps the dose in `doseAndRate`, an administration in `dose`, STU3 in the dosage itself."""
    rates = [part(rate, "doseQuantity") for rate in parts(dosage, "doseAndRate")]
    return [*rates, part(dosage, "doseQuantity"), part(dosage, "dose")]


def _amount(quantity: Element) -> str:
    """A dose with its unit; blank for one ampoule, whose strength the drug's name tells."""
    count = number(quantity, "value")
    unit = word(quantity, "unit") or word(quantity, "code")
    if count is None:
        return ""
    # a bare number would be read as micrograms
    said = f"{count:g} {unit}" if unit else f"{count:g} of no unit"
    read = read_dose(said)
    return "" if count == 1 and (read is None or read.unit == "units") else said


def _quantity(quantity: Element) -> Cell:
    count = number(quantity, "value")
    unit = word(quantity, "unit")
    if count is None:
        return ""
    return count if squash(unit) in _COUNTED else f"{count:g} {unit}"
