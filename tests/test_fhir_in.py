"""FHIR R4 in: the same records give the same verdicts, and what cannot be read is said with file and line."""

from __future__ import annotations

import json
import shlex
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from fhir.resources.R4B import get_fhir_model_class

from audit.cli import main
from audit.cohort.window import DateOptions
from audit.errors import AuditError, IdentifiableData, InputIncomplete, InputRejected
from audit.intake.directions.reading import read_directions
from audit.intake.extract import Extract, Finding
from audit.intake.fhir.elements import day_of
from audit.intake.fhir.timing import directions_of
from audit.intake.read import inputs, read_extract
from audit.pipeline import audit
from audit.standards.standard import load_standard
from sample_data.build import records
from schemas.vocabulary import GIVEN_EVENTS
from tests.fhir_files import (
    DEFICIENCY,
    ELSEWHERE,
    HYDROXO,
    NEUROPATHY,
    ROUTES,
    SMOKING,
    SNOMED,
    STOPPED,
    Resource,
    Sheets,
    about,
    administration,
    as_fhir,
    bundle,
    by_heading,
    carried,
    concept,
    condition,
    lines,
    observation,
    patient,
    procedure,
    read,
    request,
    write,
)
from tests.intake_files import codes, column, found, write_xlsx

MANIFEST = {"transactionTime": "2026-03-31T12:00:00Z", "request": "https://example.org/$export", "output": []}
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
IN_SURGERY = ("170823005", "B12 injections - at surgery")


def place_of(finding: Finding) -> str:
    return f"{finding.sheet}:{finding.row}"


def refused(path: Path) -> AuditError:
    with pytest.raises(AuditError) as error:
        read_extract(path)
    assert error.value.where
    assert error.value.remedy
    return error.value


def events(extract: Extract, after: date = date(1900, 1, 1)) -> dict[str, str]:
    """Patient -> the event of the row that is used, of a patient with one."""
    used = extract.treatments[extract.treatments["set_aside"] == ""]
    names = extract.patients["patient_id"].to_numpy()[used["patient"]]
    rows = zip(names, column(used, "event"), column(used, "date"), strict=True)
    return {name: event for name, event, day in rows if day > after}


def treatments(extract: Extract) -> list[tuple[Any, ...]]:
    used = extract.treatments[extract.treatments["set_aside"] == ""]
    used = used.sort_values("date", kind="stable")
    return list(zip(column(used, "event"), column(used, "date"), column(used, "substance"), strict=True))


# --- whole practices


@pytest.fixture(scope="module")
def sample() -> Sheets:
    """A third of the sample practice."""
    sheets = carried(by_heading(records()))
    kept = {row["patient_id"] for row in sheets["Patients"][::3]}
    return {name: [row for row in rows if row["patient_id"] in kept] for name, rows in sheets.items()}


def verdicts(extract: Extract) -> pd.DataFrame:
    dates = DateOptions(None, date(2019, 1, 1), None, None)
    return audit([extract], dates, load_standard(), date(2100, 1, 1)).verdicts


def test_the_same_records_give_the_same_verdicts(tmp_path: Path, sample: Sheets) -> None:
    sheets: dict[str, Any] = {
        name: [list(rows[0]), *(list(row.values()) for row in rows)] for name, rows in sample.items()
    }
    sheets["About"] = [["practice_id", "W90001"], ["extract_date", date(2026, 3, 31)]]
    resources = list(as_fhir(sample))
    workbook = read_extract(write_xlsx(tmp_path / "book.xlsx", sheets))
    fhir = read_extract(write(tmp_path / "export", resources, MANIFEST))
    assert set(workbook.treatments["event"]) >= {*GIVEN_EVENTS, "issued", "declined", "deferred", "stopped"}
    pd.testing.assert_frame_equal(verdicts(fhir), verdicts(workbook))
    assert {finding.severity for finding in fhir.findings} <= {"note", "warning"}


def test_what_the_tests_write_is_fhir(sample: Sheets) -> None:
    shapes = ((one["resourceType"], *sorted(one), str(one.get("dosage", one.get("code")))) for one in as_fhir(sample))
    by_shape = dict(zip(shapes, as_fhir(sample), strict=True))
    assert len(by_shape) > 20
    for one in by_shape.values():
        get_fhir_model_class(one["resourceType"]).model_validate(one)


# --- inputs


def test_a_folder_a_zip_a_file_and_a_bundle(tmp_path: Path) -> None:
    resources = [patient(), request(), request("2024-04-08")]
    folder = write(tmp_path / "export", resources, MANIFEST)
    (folder / "notes.json").write_text('{"mine": 1}')
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"inside/{file.name}")
    (tmp_path / "all.ndjson").write_text(lines(resources))
    (tmp_path / "all.json").write_text(json.dumps(bundle(resources, timestamp="2026-03-31T12:00:00Z"), indent=1))
    assert inputs([folder]) == [folder]
    extracts = [read_extract(tmp_path / name) for name in ("export", "export.zip", "all.ndjson", "all.json")]
    for extract in extracts:
        assert column(extract.treatments, "date") == [date(2024, 1, 15), date(2024, 4, 8)]
        assert column(extract.patients, "year_of_birth") == [1950]
        assert not found(extract, "PATIENT_ROW_MISSING")
    assert [extract.about.extract_date for extract in extracts] == [date(2026, 3, 31)] * 2 + [None, date(2026, 3, 31)]


def test_urls_of_a_bundle_are_references(tmp_path: Path) -> None:
    given = administration(subject={"reference": "urn:uuid:0"})
    (tmp_path / "all.json").write_text(json.dumps(bundle([patient("abc"), given])))
    assert column(read_extract(tmp_path / "all.json").patients, "patient_id") == ["abc"]


def test_references(tmp_path: Path) -> None:
    uuid = "0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    said = ["Patient/a.1-b", "https://example.org/fhir/Patient/b1", "Patient/c1/_history/3", f"urn:uuid:{uuid}"]
    extract = read(tmp_path, *(request(subject={"reference": one}) for one in said))
    assert column(extract.patients, "patient_id") == [uuid, "a.1-b", "b1", "c1"]


def test_no_patient(tmp_path: Path) -> None:
    subjects: list[Any] = [{}, {"reference": "Group/1"}, {"reference": 5}, "Patient/p1"]
    extract = read(tmp_path, request(), *(request(subject=subject) for subject in subjects))
    missing = found(extract, "PATIENT_ID_MISSING")
    assert [place_of(finding) for finding in missing] == [f"MedicationRequest.ndjson:{line}" for line in range(2, 6)]


def test_a_manifest_that_names_more(tmp_path: Path) -> None:
    output = [
        {"type": "MedicationRequest", "url": "a", "count": 2},
        {"type": "MedicationRequest", "url": "b", "count": 1},
    ]
    folder = write(tmp_path / "export", [request()], MANIFEST | {"output": output})
    assert isinstance(refused(folder), InputIncomplete)
    extract = read_extract(
        write(folder, [request()] * 3, MANIFEST | {"request": "https://x/$export?_since=2024-01-01"})
    )
    assert found(extract, "FHIR_SINCE")


@pytest.mark.parametrize(
    ("text", "kind", "code", "where"),
    [
        ('{"resourceType": "Patient"}\nJohn Smith\n{"resourceType": "Patient"}\n', InputRejected, "NOT_JSON", "line 2"),
        ('{"resourceType": "Patient", "x": NaN}\n', InputRejected, "NOT_JSON", "line 1"),
        ('{"resourceType": "Patient"}\n' + '{"a":' * 100_000 + "\n{}\n", InputRejected, "NOT_JSON", "line 2"),
        ("[]\n", InputRejected, "NOT_JSON", "line 1"),
        ('{"a": 1}\n', InputRejected, "NOT_FHIR", "line 1"),
        ('{"resourceType": "Bundle"}\n', InputRejected, "NOT_FHIR", "line 1"),
        ('{"resourceType": "Patient"}\n{"resourceType": "Jo', InputIncomplete, "FILE_INCOMPLETE", "line 2"),
        (lines([observation()]), InputRejected, "FHIR_NO_TREATMENTS", "a.ndjson"),
        ("", InputRejected, "FHIR_NO_TREATMENTS", "a.ndjson"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, kind: type[AuditError], code: str, where: str) -> None:
    (tmp_path / "a.ndjson").write_text(text)
    error = refused(tmp_path / "a.ndjson")
    assert (type(error), error.code) == (kind, code)
    assert where in error.where
    assert "John" not in "".join(error.lines())
    assert error.__cause__ is None or "John" not in str(error.__cause__)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"resourceType": "Patient"}', "NOT_FHIR"),
        (b"{", "NOT_JSON"),
        (b"\xff\xfe{\x00}\x00", "NOT_TEXT"),
        (json.dumps(bundle([], link=[{"relation": "next", "url": "x"}])).encode(), "BUNDLE_PAGED"),
    ],
)
def test_broken_json(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    assert refused(tmp_path / "a.json").code == code


def test_tables_beside_resources(tmp_path: Path) -> None:
    folder = write(tmp_path / "export", [request()])
    (folder / "Treatments.csv").write_text("patient_id,date,drug\n")
    assert refused(folder).code == "TWO_FORMATS"


@pytest.mark.parametrize(
    ("resource", "version"),
    [
        (request(medication={"concept": concept("1", "x")}), "R5"),
        (administration(occurenceDateTime="2024-01-01"), "R5"),
        (procedure(occurrenceDateTime="2024-01-01"), "R5"),
        ({"resourceType": "MedicationOrder"}, "DSTU2"),
    ],
)
def test_other_versions(tmp_path: Path, resource: dict[str, Any], version: str) -> None:
    error = refused(write(tmp_path / "export", [resource]))
    assert error.code == "FHIR_VERSION"
    assert version in error.what


def test_an_stu3_observation_is_read(tmp_path: Path) -> None:
    """As in NHS test records: a Read code first, a comparator, several ranges, and a code lost on the way."""
    read_code = {"system": "http://read.info/readv2", "code": "42T..00", "display": "Serum vitamin B12"}
    coded = {"coding": [read_code, {"system": SNOMED, "code": "993391000000108", "display": "Serum vitamin B12 level"}]}
    meta = {"profile": ["https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-Observation-1"]}
    lost = {"coding": [{"system": SNOMED, "code": "196411000000103", "display": "Transfer-degraded record entry"}]}
    high = {"value": 1000.0, "comparator": ">=", "unit": "ng/L"}
    one = observation("2010-02-25", meta=meta, status="unknown", valueQuantity=high, referenceRange=[{}, {}]) | {
        "code": coded
    }
    other = observation(status="unknown", issued="2010-02-25T15:41:00+00:00") | {
        "code": lost | {"text": "Serum ferritin"}
    }
    del other["effectiveDateTime"]
    extract = read(tmp_path, request(), one, other)
    assert column(extract.tests, "test") == ["vitamin_b12", "ferritin"]
    assert column(extract.tests, "value") == [1000.0, None]
    assert column(extract.tests, "date") == [date(2010, 2, 25)] * 2
    assert [place_of(finding) for finding in found(extract, "FHIR_DATE_RECORDED")] == ["Observation.ndjson:2"]


# --- identity


@pytest.mark.parametrize(
    "elements",
    [
        {"name": [{"family": "Pear", "given": ["Anna"]}]},
        {"name": [{"text": "Anna Pear"}]},
        {"telecom": [{"system": "phone", "value": "01632 960001"}]},
        {"address": [{"line": ["1 High Street"]}]},
        {"address": [{"postalCode": "LS1 4AP"}]},
        {"birthDate": "1950-03-04"},
        {"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"}]},
        {"identifier": [{"system": "https://EMISWeb/A82038", "value": "12345"}]},
        {"contact": [{"name": {"family": "Pear"}}]},
        {"text": {"status": "generated", "div": "<div>Anna Pear</div>"}},
    ],
)
def test_identifiable_patients(tmp_path: Path, elements: dict[str, Any]) -> None:
    error = refused(write(tmp_path / "export", [patient(), patient("p2", **elements), request()]))
    assert isinstance(error, IdentifiableData)
    assert f"Patient.{next(iter(elements))}" in error.what
    assert "line 2 of Patient.ndjson" in error.what
    assert "Pear" not in "".join(error.lines())


def test_pseudonymous_patients(tmp_path: Path) -> None:
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
    elements: list[Resource] = [
        {"birthDate": "1950-03"},
        {"name": [{"family": "[removed]"}]},
        {"name": [{"extension": [absent]}]},
        {"address": [{"postalCode": "LS1", "country": "GB"}]},
        {"identifier": [{"system": "urn:x", "value": "p4"}, {"value": "DAED5527-1985-45D9-993E-C5FF51F36828"}]},
        {"identifier": [{"system": "https://example.org/pseudonym", "value": "K7Q2"}]},
    ]
    extract = read(tmp_path, *(patient(f"p{place}", **one) for place, one in enumerate(elements)), request())
    assert column(extract.patients, "year_of_birth") == [1950] * 6


def test_identifiers_elsewhere(tmp_path: Path) -> None:
    shown = request(subject=about() | {"display": "Anna Pear"})
    by_number = request(subject={"identifier": {"value": "9434765919"}})
    numbers = [patient(id_) for id_ in ("9434765919", "9434765870", "9434765889", "9434765897", "9434765900")]
    notes = [observation(note=[{"text": f"ring 07700 90000{place}"}]) for place in range(4)]
    for place_, resources in enumerate(([shown], [by_number], [*numbers, request()], [request(), *notes])):
        assert isinstance(refused(write(tmp_path / f"export{place_}", resources)), IdentifiableData)
    sites = [{"resourceType": "Location", "address": {"text": f"{n} High Street LS1 4A{n}"}} for n in "ABDE"]
    assert len(read_extract(write(tmp_path / "sites", [request(), *sites])).treatments) == 1
    folder = write(tmp_path / "export", [request()])
    (folder / "MedicationRequest.ndjson").rename(folder / "9434765919.ndjson")
    assert isinstance(refused(folder), IdentifiableData)


def test_the_remedy_of_a_refusal_works_when_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    named = patient(name=[{"family": "Pear"}], birthDate="1950-03-04")
    write(Path("export"), [named, request()])
    Path("one.ndjson").write_text(lines([named, request()]))
    for given, out, new in (("export", "export-pseudonymised", True), ("one.ndjson", "one-pseudonymised.xlsx", False)):
        command = refused(Path(given)).remedy.partition("b12audit ")[2]
        assert f'"{out}"' in command
        arguments = [one.replace("~", str(tmp_path / "home")) for one in shlex.split(command)]
        result = CliRunner().invoke(main, arguments if new else [one for one in arguments if one != "--new-key"])
        assert result.exit_code == 0, result.output
        assert column(read_extract(Path(out)).patients, "year_of_birth") == [1950]


def test_a_command_names_lines(tmp_path: Path) -> None:
    given = [administration(), administration("2024-05-01")]
    folder = write(tmp_path / "export", [patient(), request("2023-01-15"), *given])
    arguments = ["run", str(folder), "--history-start", "2023-01-01", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Patient.ndjson line 1" in report
    assert "a row to add" not in report


# --- treatments


REQUESTS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "issued", ""),
    ({"intent": "instance-order", "status": "stopped"}, "issued", ""),
    ({"intent": "plan"}, "", "FHIR_PLAN"),
    ({"intent": "proposal"}, "", "FHIR_PLAN"),
    ({"status": "cancelled"}, "", "FHIR_NOT_IN_FORCE"),
    ({"status": "entered-in-error"}, "", "FHIR_NOT_IN_FORCE"),
    ({"status": "draft"}, "", "FHIR_NOT_IN_FORCE"),
    ({"doNotPerform": True}, "", "FHIR_NOT_IN_FORCE"),
    ({"intent": "wish"}, "", "EVENT_UNREADABLE"),
]
ADMINISTRATIONS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "administered", ""),
    ({"effectiveDateTime": None, "effectivePeriod": {"start": "2024-01-15T09:00:00Z"}}, "administered", ""),
    ({"performer": [{"actor": {"reference": "Patient/p2"}}]}, "self_administered", ""),
    ({"status": "not-done", "statusReason": [{"text": "Patient declined"}]}, "declined", ""),
    ({"notGiven": True, "reasonNotGiven": [{"text": "DNA"}]}, "not_attended", ""),
    ({"status": "not-done", "statusReason": [{"text": "not refused"}]}, "", "FHIR_NOT_DONE"),
    ({"status": "not-done"}, "", "FHIR_NOT_DONE"),
    ({"status": "entered-in-error"}, "", "FHIR_NOT_IN_FORCE"),
    ({"status": "unknown"}, "", "EVENT_UNREADABLE"),
    ({"effectiveDateTime": "2024-01"}, "", "DATE_UNREADABLE"),
]


@pytest.mark.parametrize("make", [request, administration])
def test_prescriptions_and_administrations(tmp_path: Path, make: Callable[..., Resource]) -> None:
    """Each case is a patient of its own, and line n of the file is case n."""
    cases = REQUESTS if make is request else ADMINISTRATIONS
    extract = read(tmp_path, *(make(subject=about(f"p{place}"), **case[0]) for place, case in enumerate(cases)))
    assert events(extract) == {f"p{place}": case[1] for place, case in enumerate(cases) if case[1]}
    for why in {case[2] for case in cases} - {""}:
        lines_ = [place for place, case in enumerate(cases, 1) if case[2] == why]
        finding = found(extract, why)[0]
        assert place_of(finding) == f"{make()['resourceType']}.ndjson:{lines_[0]}"
        assert len(lines_) == 1 or finding.message.startswith(f"{len(lines_)} ")


CODED: list[tuple[tuple[str, str], dict[str, Any], str]] = [
    (IN_SURGERY, {}, "administered"),
    (ELSEWHERE, {}, "given_elsewhere"),
    (STOPPED, {}, "stopped"),
    (("1842071000006108", "Vitamin B12 injection due"), {}, ""),
    (IN_SURGERY, {"status": "not-done", "statusReason": {"text": "Deferred"}}, "deferred"),
    (IN_SURGERY, {"notDone": True}, ""),
    (IN_SURGERY, {"status": "entered-in-error"}, ""),
    (IN_SURGERY, {"status": "in-progress"}, ""),
    (("", "Gastrectomy"), {"status": "not-done", "statusReason": {"text": "Declined"}}, ""),
]


@pytest.mark.parametrize("kind", ["Procedure", "Immunization", "Observation"])
def test_coded_injections(tmp_path: Path, kind: str) -> None:
    cases = [case for case in CODED if kind != "Observation" or not case[1]]
    resources = []
    for place, (code, elements, _) in enumerate(cases):
        coded = procedure("2024-01-15", code, **elements) | {"subject": about(f"p{place}")}
        if kind == "Immunization":
            coded |= {"vaccineCode": coded["code"], "occurrenceDateTime": "2024-01-15"}
        if kind == "Observation":
            coded = observation("2024-01-15", code, subject=about(f"p{place}"))
        resources += [coded | {"resourceType": kind}, request("2023-01-01", subject=about(f"p{place}"), intent="order")]
    extract = read(tmp_path, *resources)
    given = events(extract, after=date(2024, 1, 1))
    assert given == {f"p{place}": case[2] for place, case in enumerate(cases) if case[2]}
    assert column(extract.patients, "cause") == [None] * len(cases)


def test_a_code_alone_does_not_say_which_drug(tmp_path: Path) -> None:
    extract = read(tmp_path, procedure(code=IN_SURGERY))
    assert [place_of(finding) for finding in found(extract, "INJECTION_DRUG_UNKNOWN")] == ["Procedure.ndjson:1"]
    assert [place_of(finding) for finding in found(extract, "DRUG_UNREADABLE")] == ["Procedure.ndjson:1"]


def test_a_product_recorded_as_an_immunisation(tmp_path: Path) -> None:
    given = {
        "resourceType": "Immunization",
        "status": "completed",
        "patient": about(),
        "occurrenceDateTime": "2024-01-15",
    }
    other = given | {"vaccineCode": {"text": "Influenza vaccine"}}
    extract = read(
        tmp_path, given | {"vaccineCode": {"text": HYDROXO}, "route": concept(*ROUTES["subcutaneous"])}, other
    )
    assert treatments(extract) == [("administered", date(2024, 1, 15), "hydroxocobalamin")]
    assert column(extract.treatments, "route") == ["subcutaneous"]


def test_statements_are_no_doses(tmp_path: Path) -> None:
    statement = {"resourceType": "MedicationStatement", "status": "active", "subject": about()}
    ours = statement | {"medicationCodeableConcept": {"text": HYDROXO}, "effectiveDateTime": "2024-03-01"}
    extract = read(
        tmp_path, request(), ours, statement | {"medicationCodeableConcept": {"text": "Aspirin 75mg tablets"}}
    )
    assert len(extract.treatments) == 1
    assert [finding.message[:1] for finding in found(extract, "FHIR_STATEMENT")] == ["1"]


def test_medicines_by_reference(tmp_path: Path) -> None:
    medication = {
        "resourceType": "Medication",
        "id": "m1",
        "code": concept("39111511000001100", HYDROXO, "https://dmd.nhs.uk"),
    }
    none: dict[str, Any] = {"medicationCodeableConcept": None}
    listed = request(medicationReference={"reference": "Medication/m1"}, **none)
    inside = request("2024-02-01", medicationReference={"reference": "#m1"}, contained=[medication], **none)
    lost = request("2024-03-01", medicationReference={"reference": "Medication/m2"}, **none)
    extract = read(tmp_path, listed, inside, lost, medication)
    assert column(extract.treatments, "substance") == ["hydroxocobalamin", "hydroxocobalamin", None]
    assert codes(extract) >= {"DRUG_MISSING"}


def test_words_and_code_of_two_drugs(tmp_path: Path) -> None:
    both = concept("37084011000001108", "Cyanocobalamin 1mg/1ml", "https://dmd.nhs.uk") | {"text": HYDROXO}
    extract = read(tmp_path, request(medicationCodeableConcept=both))
    assert column(extract.treatments, "set_aside") == ["unreadable"]
    brand = concept("39111511000001100", "Paracetamol", "https://dmd.nhs.uk")
    assert treatments(read(tmp_path, request(medicationCodeableConcept=brand)))[0][2] == "hydroxocobalamin"


def test_doses_and_quantities(tmp_path: Path) -> None:
    strong = "Hydroxocobalamin 10mg/2ml solution for injection ampoules"
    doses: list[tuple[Resource, str, float | None]] = [
        ({"value": 1, "unit": "mg"}, HYDROXO, 1000),
        ({"value": 500, "unit": "microgram"}, HYDROXO, 500),
        ({"value": 1, "unit": "ampoule"}, strong, 10_000),
        ({"value": 2, "unit": "ampoule"}, HYDROXO, 2000),
        ({"value": 1}, HYDROXO, 1000),
        ({"value": 2}, HYDROXO, None),
        ({}, HYDROXO, 1000),
    ]
    quantities = [({"value": 5, "unit": "ampoule"}, 5), ({"value": 5}, 5), ({"value": 5, "unit": "ml"}, None)]
    resources = [
        request(medicationCodeableConcept={"text": drug}, dosageInstruction=[{"doseAndRate": [{"doseQuantity": dose}]}])
        for dose, drug, _ in doses
    ]
    resources += [request(dispenseRequest={"quantity": quantity}) for quantity, _ in quantities]
    extract = read(tmp_path, *resources)
    assert column(extract.treatments, "dose_micrograms")[: len(doses)] == [case[2] for case in doses]
    assert column(extract.treatments, "quantity")[len(doses) :] == [case[1] for case in quantities]
    assert not found(extract, "QUANTITY_ASSUMED")


def test_no_quantity_at_all_is_assumed(tmp_path: Path) -> None:
    assert found(read(tmp_path, request(dispenseRequest={})), "QUANTITY_ASSUMED")


# --- directions: the loading examples of NHS England, and others


def repeat(sequence: int | None = None, **elements: Any) -> dict[str, Any]:
    return {"timing": {"repeat": elements}} | ({"sequence": sequence} if sequence else {})


THREE_A_WEEK: Resource = {"frequency": 3, "period": 1, "periodUnit": "wk"}


@pytest.mark.parametrize(
    ("dosages", "text"),
    [
        ([repeat(**THREE_A_WEEK, boundsDuration={"value": 2, "code": "wk"})], "3 times a week for 2 weeks"),
        (
            [
                repeat(2, frequency=1, period=3, periodUnit="mo", boundsPeriod={"start": "2019-11-01"}),
                repeat(1, **THREE_A_WEEK, count=6),
            ],
            "3 times a week for 6 doses then every 3 months",
        ),
        ([repeat(period=10, periodMax=12, periodUnit="wk")], "every 10-12 weeks"),
        ([repeat(dayOfWeek=["mon", "wed", "fri"])], "every mon, wed, fri"),
        ([repeat(frequency=1, period=2, periodUnit="d", boundsPeriod={"start": "2024-01-01", "end": "2024-01-14"})],
         "every 2 days for 14 days"),
        ([repeat(frequency=1, period=1, periodUnit="d")], "once a day"),
        ([{"text": "1mg IM every 12 weeks", "timing": {"repeat": THREE_A_WEEK}}], "1mg IM every 12 weeks"),
    ],
)  # fmt: skip
def test_timings(dosages: list[dict[str, Any]], text: str) -> None:
    assert directions_of(dosages) == text
    assert read_directions(text).status == "read"


@pytest.mark.parametrize(
    "dosage",
    [
        repeat(frequency=6, period=2, periodUnit="wk"),
        repeat(frequency=1, period=12, periodUnit="wk", when=["AC"]),
        repeat(frequency=1, frequencyMax=2, period=12, periodUnit="wk"),
        repeat(period=1.5, periodUnit="mo"),
        repeat(period=8, periodUnit="wk", boundsDuration={"value": 2, "unit": "moons"}),
        repeat(dayOfWeek=[{}]),
        repeat(period=12, periodUnit="wk") | {"asNeededBoolean": True},
    ],
)
def test_timings_without_words_stay_unread(dosage: dict[str, Any]) -> None:
    assert read_directions(directions_of([dosage])).status == "unread"


def test_no_directions() -> None:
    assert directions_of([{"text": "No information available."}]) == ""


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2024-06-30T23:00:00Z", "2024-07-01"),
        ("2024-06-30T23:59:59+01:00", "2024-06-30"),
        ("2024-01-31T23:30:00+00:00", "2024-01-31"),
        ("2024-03-31T00:59:00Z", "2024-03-31"),
        ("2024-10-27T23:30:00Z", "2024-10-27"),
        ("2024-06", "2024-06"),
        ("2024-99-01T00:00:00Z", "2024-99-01T00:00:00Z"),
    ],
)
def test_days(said: str, day: str) -> None:
    assert day_of(said) == day


# --- patients


def test_what_conditions_say(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        patient(managingOrganization={"reference": "Organization/o1"}, deceasedDateTime="2025-02-03T00:00:00Z"),
        {"resourceType": "Organization", "id": "o1", "identifier": [{"system": ODS, "value": "A81001"}]},
        condition(("84027009", "Pernicious anaemia"), "2020-05-01"),
        condition(NEUROPATHY, "2021-05-01", verificationStatus="confirmed"),
        observation("2022-01-01", SMOKING["yes"]),
        request(),
    )  # fmt: skip
    row = {name: column(extract.patients, name)[0] for name in extract.patients.columns.astype(str)}
    assert (row["practice_id"], row["sex"], row["cause"]) == ("A81001", "female", "autoimmune")
    assert (row["neurological_involvement"], row["neurological_onset"]) == ("yes", date(2021, 5, 1))
    assert (row["diagnosis_date"], row["registered_to"]) == (date(2020, 5, 1), date(2025, 2, 3))
    assert (row["smoker"], row["row"]) == ("yes", 1)


def test_conditions_that_are_none(tmp_path: Path) -> None:
    said = ["refuted", "entered-in-error", "differential", "provisional"]
    shapes = [*said, *(concept(word, "") for word in said)]
    none = [condition(NEUROPATHY, "2021-05-01", verificationStatus=shape) for shape in shapes]
    extract = read(tmp_path, patient(), request(), *none)
    assert column(extract.patients, "neurological_involvement") == ["unknown"]
    assert [finding.message[:1] for finding in found(extract, "FHIR_UNCERTAIN")] == ["6"]
    assert [finding.message[:1] for finding in found(extract, "FHIR_NOT_IN_FORCE")] == ["2"]


def test_recorded_dates_stand_in(tmp_path: Path) -> None:
    extract = read(tmp_path, patient(), request(), condition(DEFICIENCY, recordedDate="2020-05-01"))
    assert column(extract.patients, "diagnosis_date") == [date(2020, 5, 1)]
    assert found(extract, "FHIR_DATE_RECORDED")


def test_two_causes_are_a_conflict(tmp_path: Path) -> None:
    causes = condition(("84027009", "Pernicious anaemia")), condition(("267517008", "B12 deficiency anaemia, dietary"))
    extract = read(tmp_path, patient(), request(), *causes)
    assert column(extract.patients, "cause") == [None]
    assert found(extract, "PATIENT_CONFLICT")


# --- tests


def test_results(tmp_path: Path) -> None:
    cases: list[tuple[Resource, list[float | None]]] = [
        ({"valueQuantity": {"value": 142, "unit": "ng/L"}}, [142.0]),
        ({"valueQuantity": {"value": 50, "comparator": "<", "unit": "ng/L"}}, [50.0]),
        ({"valueString": "> 2000 ng/L"}, [2000.0]),
        ({"status": "amended", "valueInteger": 7}, [7.0]),
        ({}, [None]),
        ({"status": "entered-in-error"}, []),
        ({"status": "preliminary"}, []),
    ]
    extract = read(tmp_path, request(), *(observation(**elements) for elements, _ in cases))
    assert column(extract.tests, "value") == [value for _, values in cases for value in values]
    assert column(extract.tests, "unit")[:2] == ["ng/L", "ng/L"]


def test_no_result_that_is_read_is_no_table_of_tests(tmp_path: Path) -> None:
    assert not read(tmp_path, request(), observation(status="preliminary")).facts.has_tests


def test_components_and_answers(tmp_path: Path) -> None:
    parts = [
        {"code": {"text": "Haemoglobin"}, "valueQuantity": {"value": 72, "unit": "g/L"}},
        {"code": {"text": "MCV"}, "valueQuantity": {"value": 104.5, "unit": "fL"}},
    ]
    asked = observation(code=("365981007", "Tobacco smoking behaviour"), valueCodeableConcept=concept(*SMOKING["no"]))
    panel = observation(code=("", "Full blood count"), component=parts)
    extract = read(tmp_path, patient(), request(), panel, asked)
    assert column(extract.tests, "test") == ["haemoglobin", "mcv"]
    assert column(extract.tests, "row") == [1, 1]
    assert column(extract.patients, "smoker") == ["no"]
