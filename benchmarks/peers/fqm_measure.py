"""`not-overdue` of patients with neurological involvement as a FHIR R4 measure.

It holds by hand what a compiler of CQL would make of these lines.

codesystem "SNOMED": 'http://snomed.info/sct'
codesystem "dm+d": 'https://dmd.nhs.uk'
code "Neuropathy": '699258007' from "SNOMED"
code "Hydroxocobalamin": '39111511000001100' from "dm+d"
parameter "Measurement Period" Interval<DateTime>
context Patient
define "Day": date from end of "Measurement Period"
define "Injections": [MedicationAdministration: "Hydroxocobalamin"]
define "Initial Population": exists [Condition: "Neuropathy"]
define "Denominator": "Initial Population"
    and exists ("Injections" I where date from I.effective + 24 months after "Day")
define "Numerator": exists ("Injections" I where date from I.effective + 2 months + 7 days on or after "Day")
"""

from __future__ import annotations

import base64
import json
from itertools import count
from typing import Any, Final

from tests.fhir_files import DMD, NEUROPATHY, SNOMED, bundle

Json = dict[str, Any]
HYDROXOCOBALAMIN: Final = "39111511000001100"
_FHIR, _TYPES = "http://hl7.org/fhir", "urn:hl7-org:elm-types:r1"
_LIBRARY: Final = "http://example.org/Library/overdue"
_NUMBERS = count(1)


def measure_bundle() -> Json:
    """Measure and library, as fqm-execution takes them."""
    return bundle([_measure(), _library()])


def _measure() -> Json:
    system = "http://terminology.hl7.org/CodeSystem/measure-population"
    populations = [
        {
            "code": {"coding": [{"system": system, "code": name.lower().replace(" ", "-")}]},
            "criteria": {"language": "text/cql-identifier", "expression": name},
        }
        for name in ("Initial Population", "Denominator", "Numerator")
    ]
    scoring = {"system": "http://terminology.hl7.org/CodeSystem/measure-scoring", "code": "proportion"}
    return {
        "resourceType": "Measure",
        "id": "overdue",
        "url": "http://example.org/Measure/overdue",
        "status": "active",
        "scoring": {"coding": [scoring]},
        "library": [_LIBRARY],
        "group": [{"id": "all", "population": populations}],
    }


def _library() -> Json:
    content = base64.b64encode(json.dumps({"library": _elm()}).encode()).decode()
    return {
        "resourceType": "Library",
        "id": "overdue",
        "url": _LIBRARY,
        "status": "active",
        "type": {"coding": [{"code": "logic-library"}]},
        "content": [{"contentType": "application/elm+json", "data": content}],
    }


def _elm() -> Json:
    period = {"type": "IntervalTypeSpecifier", "pointType": _named("DateTime", _TYPES)}
    return {
        "identifier": {"id": "Overdue", "version": "1.0.0"},
        "schemaIdentifier": {"id": "urn:hl7-org:elm", "version": "r1"},
        "usings": {"def": [{"localIdentifier": "System", "uri": _TYPES},
                           {"localIdentifier": "FHIR", "uri": _FHIR, "version": "4.0.1"}]},
        "parameters": {"def": [{"name": "Measurement Period", "parameterTypeSpecifier": period}]},
        "codeSystems": {"def": [{"name": "SNOMED", "id": SNOMED}, {"name": "dm+d", "id": DMD}]},
        "codes": {"def": [_code("Neuropathy", NEUROPATHY[0], "SNOMED"),
                          _code("Hydroxocobalamin", HYDROXOCOBALAMIN, "dm+d")]},
        "contexts": {"def": [{"name": "Patient"}]},
        "statements": {"def": _statements()},
    }  # fmt: skip


def _statements() -> list[Json]:
    patient = _of("SingletonFrom", operand=_of("Retrieve", dataType=f"{{{_FHIR}}}Patient"))
    end = _of("End", operand=_of("ParameterRef", name="Measurement Period"))
    denominator = _of("And", operand=[_ref("Initial Population"), _injected("After", (24, "months"))])
    return [
        _define("Patient", patient),
        _define("Day", _of("DateFrom", operand=end)),
        _define("Injections", _retrieve("MedicationAdministration", "medication", "Hydroxocobalamin")),
        _define("Initial Population", _of("Exists", operand=_retrieve("Condition", "code", "Neuropathy"))),
        _define("Denominator", denominator),
        _define("Numerator", _injected("SameOrAfter", (2, "months"), (7, "days"))),
    ]


def _injected(compared: str, *spans: tuple[int, str]) -> Json:
    """Whether some injection, so much later, is after (or on) the last day."""
    reached = _of("DateFrom", operand=_of("Property", path="effective.value", scope="I"))
    for value, unit in spans:
        reached = _of("Add", operand=[reached, _of("Quantity", value=value, unit=unit)])
    where = _of(compared, operand=[reached, _ref("Day")])
    source = [{"alias": "I", "localId": _number(), "expression": _ref("Injections")}]
    return _of("Exists", operand=_of("Query", source=source, relationship=[], where=where))


def _retrieve(kind: str, path: str, code: str) -> Json:
    codes = _of("List", element=[_of("CodeRef", name=code)])
    return _of("Retrieve", dataType=f"{{{_FHIR}}}{kind}", templateId=f"{_FHIR}/StructureDefinition/{kind}",
               codeProperty=path, codeComparator="~", codes=codes)  # fmt: skip


def _define(name: str, expression: Json) -> Json:
    return {"name": name, "context": "Patient", "accessLevel": "Public", "localId": _number(), "expression": expression}


def _ref(name: str) -> Json:
    return _of("ExpressionRef", name=name)


def _code(name: str, code: str, system: str) -> Json:
    return {"name": name, "id": code, "accessLevel": "Public", "codeSystem": {"name": system}}


def _named(name: str, where: str) -> Json:
    return {"type": "NamedTypeSpecifier", "name": f"{{{where}}}{name}"}


def _of(kind: str, **parts: Any) -> Json:
    return {"type": kind, "localId": _number(), **parts}


def _number() -> str:
    return str(next(_NUMBERS))
