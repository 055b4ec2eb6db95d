"""fqm-execution, which calculates clinical quality measures over FHIR, against ours: one criterion, same patients."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from audit.cohort.cohort import build_cohort
from audit.cohort.window import DateOptions, settle_window
from audit.criteria import catalogue
from audit.intake.extract import Extract
from audit.intake.read import read_extract
from audit.results.judge import judge
from audit.standards.standard import load_standard
from benchmarks import nation
from benchmarks.in_memory import EXTRACT, HISTORY, TODAY
from benchmarks.measure import Limit, finish, print_table, run, timed
from benchmarks.peers.environments import node_with
from benchmarks.peers.fqm_measure import measure_bundle
from schemas.vocabulary import OUTCOME
from tests.fhir_files import NEUROPATHY, Resource, about, administration, bundle, condition, patient, write

FQM: Final = "fqm-execution@1.8.6"
PATIENTS: Final = 1_000
REPEATS: Final = 3
_PERIOD: Final = ("2025-04-01", "2026-03-31")
_SCRIPT: Final = Path(__file__).parent / "peers" / "fqm.mjs"
_NOTES: Final = f"""
{FQM} calculates any measure compiled from CQL over any resources; ours only its own criteria.
The measure is the smallest that says the same as ours for patients with neurological involvement: `not-overdue`, two
calendar months and seven days. Highlighting, coverage and verbose results of fqm-execution are off. Ours reads every
resource with its gates, keeps findings and evidence, and builds the whole cohort for that one criterion; it cannot take
a measure written by somebody else. Both read the same resources from files, ours sorted by kind, theirs by patient.
"""


def main(patients: str = str(PATIENTS)) -> None:
    """Write the resources, calculate both ways, compare patient by patient."""
    records = _records(int(patients))
    with node_with(FQM) as node, tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        theirs = _theirs(records, node, place)
        folder = write(place / "export", (resource for person in records.values() for resource in person))
        reads, judges, said = _ours(folder)
    involved = [name for name, person in records.items() if any(one["resourceType"] == "Condition" for one in person)]
    same = sum(_population(said[name]) == theirs["populations"].get(name) for name in involved)
    print(_NOTES.strip() + "\n")
    cost = {"read": theirs["read"], "calculate": theirs["calculate"]}
    _report(len(records), cost, {"read": reads, "calculate": judges}, (same, len(involved)))


def _records(patients: int) -> dict[str, list[Resource]]:
    """Of each patient the resources: injections of the synthetic nation as given, a diagnosis where nerves suffer."""
    tables = {name: pa.concat_tables(pieces) for name, pieces in nation.tables(patients).items()}
    found: dict[str, list[Resource]] = {}
    for row in tables["Patients"].to_pylist():
        name = row["patient_id"]
        found[name] = [patient(name)]
        if row["neurological_involvement"] == "yes":
            onset = str(row["neurological_onset"])
            found[name].append(condition(NEUROPATHY, onset, id=f"{name}-c", subject=about(name)))
    for number, row in enumerate(tables["Treatments"].to_pylist()):
        if row["route"] == "intramuscular":
            name = row["patient_id"]
            found[name].append(administration(str(row["date"]), id=f"{name}-{number}", subject=about(name)))
    return found


def _theirs(records: dict[str, list[Resource]], node: Path, place: Path) -> dict[str, Any]:
    measure, bundles = place / "measure.json", place / "patients.ndjson"
    measure.write_text(json.dumps(measure_bundle()), encoding="utf-8")
    with bundles.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(bundle(person))}\n" for person in records.values())
    found: dict[str, Any] = json.loads(run("node", _SCRIPT, measure, bundles, *_PERIOD, node).output)
    return found


def _ours(folder: Path) -> tuple[float, float, dict[str, str]]:
    """Least processor seconds of reading and of judging, and the outcome of each patient."""
    read_extract(folder)  # imports
    reads, judges = [], []
    for _ in range(REPEATS):
        seconds, extract = timed(partial(read_extract, folder))
        reads.append(seconds)
        seconds, said = timed(partial(_judged, extract))
        judges.append(seconds)
    return min(reads), min(judges), said


def _judged(extract: Extract) -> dict[str, str]:
    standard = load_standard()
    window, _ = settle_window(extract, DateOptions(EXTRACT, HISTORY), standard, TODAY)
    (criterion,) = (item for item in catalogue() if item.code == "not-overdue")
    verdicts = judge(criterion, build_cohort(extract, window, standard))
    outcomes = (OUTCOME[place] for place in verdicts.outcome)
    return dict(zip(map(str, extract.patients["patient_id"]), outcomes, strict=True))


def _population(outcome: str) -> list[str]:
    """Where a measure would count a patient of ours with neurological involvement."""
    inside = ["initial-population", "denominator", "numerator"]
    return inside[: {"met": 3, "not_met": 2}.get(outcome, 1)]


def _report(patients: int, theirs: dict[str, float], ours: dict[str, float], agreeing: tuple[int, int]) -> None:
    print_table(
        (f"{patients} patients", "processor s", "patients a second", "x ours"),
        list(_rows(patients, theirs, ours)),
    )
    same, of = agreeing
    times = sum(theirs.values()) / sum(ours.values())
    finish(
        Limit("both count every patient with neurological involvement alike", f"{same} of {of} patients", same == of),
        Limit("ours takes less processor time", f"fqm-execution {times:.0f} times ours", times > 1),
    )


def _rows(patients: int, theirs: dict[str, float], ours: dict[str, float]) -> Iterator[tuple[str, ...]]:
    for what in ("read", "calculate"):
        for name, cost in ((FQM.replace("@", " "), theirs), ("b12audit", ours)):
            seconds = cost[what]
            yield f"{what}: {name}", f"{seconds:.3f}", f"{patients / seconds:,.0f}", f"{seconds / ours[what]:,.1f}"


if __name__ == "__main__":
    main(*sys.argv[1:])
