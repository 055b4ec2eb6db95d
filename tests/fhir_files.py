"""Writes canonical sheets as FHIR R4 bulk NDJSON, the way a clinical system would record them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from audit.intake.extract import Extract
from audit.intake.read import read_extract

Resource = dict[str, Any]
#: One row of a sheet by heading; blank cells as "".
Row = dict[str, Any]
Sheets = dict[str, list[Row]]

SNOMED, DMD, UCUM = "http://snomed.info/sct", "https://dmd.nhs.uk", "http://unitsofmeasure.org"
PATIENT = "p1"
ORGANIZATION = "1b0a"
HYDROXO = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"

CAUSES = {
    "autoimmune": ("84027009", "Pernicious anaemia"),
    "gastrectomy": ("12238007", "Megaloblastic anaemia due to gastrectomy"),
    "malabsorption": ("717946000", "Megaloblastic anaemia due to B12 deficiency secondary to intestinal disease"),
    "medicine": ("717947009", "Vitamin B12 deficiency anaemia caused by drug"),
    "nitrous_oxide": ("73891003", "Acute megaloblastic anaemia caused by nitrous oxide"),
    "dietary": ("267517008", "Vitamin B12 deficiency anaemia due to dietary causes"),
}
DEFICIENCY = ("190634004", "Cobalamin deficiency")
NEUROPATHY = ("699258007", "Neuropathy due to vitamin B12 deficiency")
LEBER = ("58610003", "Leber's optic atrophy")
SMOKING = {"yes": ("77176002", "Smoker"), "no": ("8392000", "Non-smoker")}
ROUTES = {
    "intramuscular": ("78421000", "Intramuscular route"),
    "subcutaneous": ("34206005", "Subcutaneous route"),
    "intravenous": ("47625008", "Intravenous route"),
    "oral": ("26643006", "Oral route"),
}
TESTS = {
    "vitamin_b12": ("993391000000108", "Serum vitamin B12 level"),
    "folate": ("993411000000108", "Serum folate level"),
    "ferritin": ("993381000000106", "Serum ferritin level"),
    "potassium": ("1000651000000109", "Serum potassium level"),
    "haemoglobin": ("1022431000000105", "Haemoglobin estimation"),
    "mcv": ("1022491000000106", "Mean corpuscular volume"),
}
#: Of patients whom this practice prescribes nothing.
IN_WORDS = "Hydroxocobalamin injection given at hospital"
REASONS = {"declined": "Patient declined", "deferred": "Deferred", "not_attended": "Did not attend"}
ELSEWHERE, STOPPED = ("170822000", "B12 injections - at home"), ("170826002", "B12 injections stopped")


# --- single resources


def concept(code: str = "", display: str = "", system: str = SNOMED) -> Resource:
    """A CodeableConcept; of words alone when there is no code."""
    return {"coding": [{"system": system, "code": code, "display": display}]} if code else {"text": display}


def about(patient: str = PATIENT) -> Resource:
    """Whom a resource is about."""
    return {"reference": f"Patient/{patient}"}


def patient(id_: str = PATIENT, **elements: Any) -> Resource:
    """A Patient without anything that identifies."""
    return {"resourceType": "Patient", "id": id_, "gender": "female", "birthDate": "1950"} | elements


def request(day: str = "2024-01-15", **elements: Any) -> Resource:
    """A prescription of one ampoule, issued."""
    return {
        "resourceType": "MedicationRequest",
        "status": "completed",
        "intent": "order",
        "subject": about(),
        "authoredOn": day,
        "medicationCodeableConcept": concept("39111511000001100", HYDROXO, DMD),
        "dosageInstruction": [{"text": "one ampoule every 12 weeks"}],
        "dispenseRequest": {"quantity": {"value": 1, "unit": "ampoule"}},
    } | elements


def administration(day: str = "2024-01-15", **elements: Any) -> Resource:
    """An injection given."""
    return {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "subject": about(),
        "effectiveDateTime": day,
        "medicationCodeableConcept": concept("39111511000001100", HYDROXO, DMD),
        "dosage": {"route": concept(*ROUTES["intramuscular"]), "dose": {"value": 1, "unit": "mg"}},
    } | elements


def procedure(day: str = "2024-01-15", code: tuple[str, str] = ELSEWHERE, **elements: Any) -> Resource:
    """Something coded that was done."""
    common = {"resourceType": "Procedure", "status": "completed", "subject": about(), "code": concept(*code)}
    return common | {"performedDateTime": day} | elements


def condition(code: tuple[str, str], day: str = "", **elements: Any) -> Resource:
    """A diagnosis."""
    confirmed = concept("confirmed", "", "http://terminology.hl7.org/CodeSystem/condition-ver-status")
    del confirmed["coding"][0]["display"]
    out = {"resourceType": "Condition", "subject": about(), "code": concept(*code), "verificationStatus": confirmed}
    return out | ({"onsetDateTime": day} if day else {}) | elements


def observation(day: str = "2024-01-15", code: tuple[str, str] = TESTS["vitamin_b12"], **elements: Any) -> Resource:
    """A result."""
    out = {"resourceType": "Observation", "status": "final", "subject": about(), "code": concept(*code)}
    return out | {"effectiveDateTime": day} | elements


# --- files


def write(folder: Path, resources: Iterable[Resource], manifest: Resource | None = None) -> Path:
    """A folder of NDJSON, one file for each type of resource."""
    folder.mkdir(parents=True, exist_ok=True)
    by_kind: dict[str, list[Resource]] = {}
    for resource in resources:
        by_kind.setdefault(resource["resourceType"], []).append(resource)
    for kind, listed in by_kind.items():
        (folder / f"{kind}.ndjson").write_text(lines(listed), encoding="utf-8")
    if manifest:
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def lines(resources: Iterable[Resource]) -> str:
    """NDJSON."""
    return "".join(json.dumps(resource) + "\n" for resource in resources)


def bundle(resources: Sequence[Resource], **elements: Any) -> Resource:
    """A Bundle of these resources, each under a URL that is not its id."""
    entries = [{"fullUrl": f"urn:uuid:{place}", "resource": one} for place, one in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} | elements


def read(tmp_path: Path, *resources: Resource) -> Extract:
    """Read a folder of these resources."""
    return read_extract(write(tmp_path / "export", resources))


# --- whole practices


def by_heading(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Sheets:
    """Sheets of cells as rows by heading."""
    names = ("Patients", "Treatments", "Tests")
    return {name: [dict(zip(sheets[name][0], row, strict=True)) for row in sheets[name][1:]] for name in names}


def carried(sheets: Sheets) -> Sheets:
    """What FHIR can say of the same records, and how: there is no code for "no nerves involved", nor for a review."""
    patients = [_carried(row) for row in sheets["Patients"]]
    supplied = {row["patient_id"] for row in sheets["Treatments"] if row["event"] in ("issued", "administered")}
    # a code for an injection elsewhere says neither the dose nor into what, nor of which drug
    bare = {"route": "", "dose": "", "directions": ""}
    elsewhere = {True: bare, False: bare | {"drug": IN_WORDS}}
    treatments = [
        row | elsewhere[row["patient_id"] in supplied] if row["event"] == "given_elsewhere" else row
        for row in sheets["Treatments"]
    ]
    return {"Patients": patients, "Treatments": treatments, "Tests": sheets["Tests"]}


def _carried(row: Row) -> Row:
    out = {name: row[name] for name in ("patient_id", "year_of_birth", "sex", "registered_to", "smoker")}
    days = sorted(str(day) for day in (row["neurological_onset"], row["diagnosis_date"]) if day)
    diagnosed, nerves = row["diagnosis_date"] or "", row["neurological_involvement"] == "yes"
    leber = row["indication"] == "lebers_or_tobacco_amblyopia"
    return out | {
        "indication": row["indication"] if leber else "",
        "cause": row["cause"] if row["cause"] in (*CAUSES, "ileal_resection") else "",
        "neurological_involvement": "yes" if nerves else "",
        "neurological_onset": (row["neurological_onset"] or diagnosed) if nerves else "",
        "diagnosis_date": days[0] if nerves and days else diagnosed,
    }


def as_fhir(sheets: Sheets) -> Iterable[Resource]:
    """Rows of `carried` as resources."""
    ods = {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "W90001"}
    yield {"resourceType": "Organization", "id": ORGANIZATION, "identifier": [ods]}
    for row in sheets["Patients"]:
        yield _patient(row)
        yield from _conditions(row)
    for row in sheets["Treatments"]:
        yield _treatment(row) | {"subject": about(row["patient_id"])}
    for row in sheets["Tests"]:
        yield _test(row) | {"subject": about(row["patient_id"])}


def _patient(row: Row) -> Resource:
    out = patient(row["patient_id"], managingOrganization={"reference": f"Organization/{ORGANIZATION}"})
    out |= {"gender": row["sex"], "birthDate": str(row["year_of_birth"])}
    if not row["year_of_birth"]:
        del out["birthDate"]
    return out | ({"deceasedDateTime": str(row["registered_to"])} if row["registered_to"] else {})


def _conditions(row: Row) -> Iterable[Resource]:
    whose, day = {"subject": about(row["patient_id"])}, str(row["diagnosis_date"] or "")
    if row["cause"] in CAUSES:
        yield condition(CAUSES[row["cause"]], day) | whose
    elif day:
        yield condition(DEFICIENCY, day) | whose
    if row["cause"] == "ileal_resection":
        yield procedure("2010-02-03", ("", "Ileal resection")) | whose
    if row["neurological_involvement"]:
        yield condition(NEUROPATHY, str(row["neurological_onset"])) | whose
    if row["indication"]:
        yield condition(LEBER, "2009-05-06") | whose
    if row["smoker"]:
        yield observation("2023-05-06", SMOKING[row["smoker"]]) | whose


def _treatment(row: Row) -> Resource:
    event, day, drug = row["event"], str(row["date"]), {"medicationCodeableConcept": {"text": row["drug"]}}
    if event == "given_elsewhere":
        return procedure(day, ("", IN_WORDS) if row["drug"] == IN_WORDS else ELSEWHERE)
    if event == "stopped":
        return procedure(day, STOPPED)
    route = {"route": concept(*ROUTES[row["route"]])} if row["route"] else {}
    if event == "issued":
        return _issue(row, day, route) | drug
    if event in REASONS:
        out = administration(day, status="not-done", statusReason=[{"text": REASONS[event]}])
        del out["dosage"]
        return out | drug
    dosage = route | ({"dose": _quantity(row["dose"])} if row["dose"] else {})
    dosage |= {"text": row["directions"]} if row["directions"] else {}
    out = administration(day, dosage=dosage) | drug
    by_patient = {"performer": [{"actor": about(row["patient_id"])}]} if event == "self_administered" else {}
    if not dosage:
        del out["dosage"]
    return out | by_patient


def _issue(row: Row, day: str, route: Resource) -> Resource:
    dosage = route | ({"doseAndRate": [{"doseQuantity": _quantity(row["dose"])}]} if row["dose"] else {})
    dosage |= {"text": row["directions"]} if row["directions"] else {}
    out = request(day, dispenseRequest={"quantity": {"value": row["quantity"]}} if row["quantity"] else {})
    return {key: value for key, value in (out | {"dosageInstruction": [dosage]}).items() if value not in ({}, [{}])}


def _quantity(dose: str) -> Resource:
    value, unit = dose.split()
    return {"value": float(value), "unit": unit}


def _test(row: Row) -> Resource:
    code = TESTS.get(row["test"], ("", row["test"].replace("_", " ")))
    value = row["value"]
    if isinstance(value, str) and not value.lstrip("<>="):
        return observation(str(row["date"]), code)
    if isinstance(value, str) and value[0] not in "<>":
        return observation(str(row["date"]), code, valueCodeableConcept={"text": value})
    quantity: Resource = {"unit": row["unit"]} if row["unit"] else {}
    if isinstance(value, str):
        quantity |= {"comparator": value[0]}
        value = float(value[1:])
    return observation(str(row["date"]), code, valueQuantity=quantity | {"value": value})
