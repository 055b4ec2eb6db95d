"""Ways to read FHIR NDJSON, measured on the same lines; and what the whole reading of such an export costs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pyarrow.json
from fhir.resources.R4B.medicationrequest import MedicationRequest

from audit.intake.read import read_extract
from benchmarks.measure import Limit, finish, print_table, timed

LINES: Final = 50_000
LINES_A_PATIENT: Final = 20
#: models are made of one line in so many, and their time is multiplied by as much
SAMPLE_EVERY: Final = 10
REPEATS: Final = 3
LEAST_TIMES_MODELS: Final = 10
MOST_SECONDS: Final = 15
_DRUG: Final = "Hydroxocobalamin 1mg/1ml solution for injection ampoules"


def main() -> None:
    """Write the lines, read them in each way in turn, compare the least disturbed times."""
    content = "".join(f"{json.dumps(_line(place))}\n" for place in range(LINES)).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "MedicationRequest.ndjson"
        path.write_bytes(content)
        read_extract(path)  # imports
        ways: dict[str, tuple[Callable[[], object], int]] = {
            "json, nothing kept of a line": (partial(_each, json.loads, content), 1),
            "pyarrow.json, parsed only": (partial(_table, content), 1),
            "pyarrow.json, as resources": (lambda: _table(content).to_pylist(), 1),
            "fhir.resources": (partial(_each, MedicationRequest.model_validate_json, _sample(content)), SAMPLE_EVERY),
            "the whole of intake": (partial(read_extract, path), 1),
        }
        costs = {name: min(timed(way)[0] for _ in range(REPEATS)) * times for name, (way, times) in ways.items()}
    print(f"{LINES:,} prescriptions, {len(content) / 1e6:.0f} MB; one model in {SAMPLE_EVERY} was made.\n")
    print_table(("", "processor seconds"), [(name, f"{cost:.2f}") for name, cost in costs.items()])
    plain, models, whole = costs["json, nothing kept of a line"], costs["fhir.resources"], costs["the whole of intake"]
    finish(
        Limit(
            f"plain json is at least {LEAST_TIMES_MODELS} times faster than models of FHIR",
            f"{models / plain:.0f} times",
            models >= LEAST_TIMES_MODELS * plain,
        ),
        Limit(f"intake takes at most {MOST_SECONDS} s", f"{whole:.1f} s", whole <= MOST_SECONDS),
    )


def _each(read: Callable[[bytes], object], content: bytes) -> int:
    return sum(read(line) is not None for line in content.splitlines())


def _table(content: bytes) -> Any:
    return pyarrow.json.read_json(BytesIO(content))


def _sample(content: bytes) -> bytes:
    return b"\n".join(content.splitlines()[::SAMPLE_EVERY])


def _line(place: int) -> dict[str, object]:
    """A prescription as UK Core writes it, 1 KB."""
    route = {"system": "http://snomed.info/sct", "code": "78421000", "display": "Intramuscular route"}
    dose = {"value": 1, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    dosage = {
        "sequence": 1,
        "text": "one ampoule every 12 weeks",
        "timing": {"repeat": {"frequency": 1, "period": 12, "periodUnit": "wk"}},
        "route": {"coding": [route]},
        "doseAndRate": [{"doseQuantity": dose}],
    }
    drug = {"system": "https://dmd.nhs.uk", "code": "39111511000001100", "display": _DRUG}
    return {
        "resourceType": "MedicationRequest",
        "id": f"mr{place}",
        "meta": {
            "lastUpdated": "2024-05-01T10:00:00Z",
            "profile": ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-MedicationRequest"],
        },
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [drug], "text": _DRUG},
        "subject": {"reference": f"Patient/p{place // LINES_A_PATIENT}"},
        "authoredOn": f"{2005 + place % LINES_A_PATIENT}-{1 + place % 12:02}-{1 + place % 28:02}T09:00:00+00:00",
        "dosageInstruction": [dosage],
        "dispenseRequest": {"quantity": {"value": 1, "unit": "ampoule"}},
    }


if __name__ == "__main__":
    main()
