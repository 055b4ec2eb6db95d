"""Exports in the shapes of clinical systems, made from the tables of the sample practice.

`workbook` holds what of those tables the lists can say at all: its verdicts are those that the lists must have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from audit.intake.code_list import code_list
from sample_data.build import records
from sample_data.clinic import EXTRACT_DATE, HISTORY_START
from schemas.vocabulary import INPUT_COLUMNS
from tests.intake_files import write_csv, write_xlsx

Row = dict[str, Any]

#: What lists of codes say of a patient, by the field and word of the tables.
CODES: Final = {
    "autoimmune": ("84027009", "Pernicious anaemia"),
    "dietary": ("267517008", "Dietary vitamin B12 deficiency"),
    "medicine": ("717947009", "Vitamin B12 deficiency anaemia caused by drug"),
    "gastrectomy": ("12238007", "Megaloblastic anaemia due to gastrectomy"),
    "nitrous_oxide": ("73891003", "Acute megaloblastic anaemia caused by nitrous oxide"),
    "malabsorption": ("", "Vitamin B12 deficiency due to malabsorption"),
    "ileal_resection": ("190634004", "Cobalamin deficiency"),
    "": ("190634004", "Cobalamin deficiency"),
}
RESECTION: Final = ("", "Ileal resection")
NERVES: Final = ("82108004", "Nutritional optic neuropathy")
LEBERS: Final = ("58610003", "Leber's optic atrophy")
SMOKING: Final = {"yes": ("77176002", "Smoker"), "no": ("", "Non-smoker")}
SAID: Final = {
    "self_administered": "self administered",
    "given_elsewhere": "given elsewhere",
    "declined": "declined",
    "deferred": "deferred",
    "not_attended": "did not attend",
    "stopped": "stopped",
}
INJECTION: Final = "Hydroxocobalamin injection"


@cache
def sample() -> Mapping[str, tuple[Row, ...]]:
    """The sample practice's tables as rows by field."""
    tables = records()
    return {
        name: tuple(dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:])
        for name, rows in ((name, tables[name]) for name in ("Patients", "Treatments", "Tests"))
    }


def issues() -> list[Row]:
    """Prescriptions: drug, quantity and directions."""
    kept = ("patient_id", "date", "drug", "event", "quantity", "directions")
    return [{name: row[name] for name in kept} for row in sample()["Treatments"] if row["event"] == "issued"]


def given() -> list[Row]:
    """Injections given in the practice: the drug as it was named, and the route."""
    kept = ("patient_id", "date", "drug", "event", "route")
    return [{name: row[name] for name in kept} for row in sample()["Treatments"] if row["event"] == "administered"]


def said() -> list[Row]:
    """Other events, of which a code says that they were about an injection; the antidote has none."""
    rows = [row for row in sample()["Treatments"] if row["event"] in SAID and row["route"] != "intravenous"]
    return [{**{name: row[name] for name in ("patient_id", "date", "event")}, "drug": INJECTION} for row in rows]


def people(codes: bool = True, roll: bool = True) -> list[Row]:
    """Patients' fields as codes (`codes`) and a list of patients (`roll`) can say them."""
    return [{**_coded(row, codes), **_enrolled(row, roll)} for row in sample()["Patients"]]


def _enrolled(row: Row, roll: bool) -> Row:
    kept = ("year_of_birth", "sex", "registered_from", "registered_to") if roll else ()
    return {"patient_id": row["patient_id"], **{name: row[name] for name in kept}}


def _coded(row: Row, codes: bool) -> Row:
    if not codes:
        return {}
    yes = row["neurological_involvement"] == "yes"
    return {
        "cause": row["cause"] if row["cause"] in CODES else "",
        "neurological_involvement": "yes" if yes else "",
        "neurological_onset": row["neurological_onset"] if yes else "",
        "diagnosis_date": row["diagnosis_date"],
        "indication": row["indication"] if row["indication"].startswith("lebers") else "",
        "smoker": row["smoker"],
    }


# --- what the lists should be read as


def workbook(path: Path, patients: Iterable[Row], treatments: Iterable[Row], tests: Iterable[Row]) -> Path:
    """The tables that lists carry, as a workbook."""
    tables = {"Patients": list(patients), "Treatments": list(treatments), "Tests": list(tests)}
    sheets: dict[str, Sequence[Any]] = {"About": [("extract_date", EXTRACT_DATE), ("history_start", HISTORY_START)]}
    for name, rows in tables.items():
        fields = [field for field in INPUT_COLUMNS[name] if any(field in row for row in rows)]
        sheets[name] = [fields, *([row.get(field, "") for field in fields] for row in rows)]
    return write_xlsx(path, sheets)


# --- lists


@dataclass(frozen=True)
class Style:
    """The headings that a system prints, how it writes days, and whether a report has rows above its headings."""

    issues: tuple[str, ...]
    codes: tuple[str, ...]
    procedures: tuple[str, ...]
    patients: tuple[str, ...]
    day: str
    preamble: bool = False


EMIS: Final = Style(
    issues=("Pseudo ID", "Date of Issue", "Name", "Dosage", "Quantity", "Issue Method"),
    codes=("Pseudo ID", "Date", "SNOMED Code", "Code Term", "Value", "Units"),
    procedures=("Pseudo ID", "Date", "Code Term", "Route", "Batch Number"),
    patients=("Pseudo ID", "Age", "Gender", "Year of Birth", "Registration Date", "Date of Deduction"),
    day="%d-%b-%Y",
    preamble=True,
)
TPP: Final = Style(
    issues=("IDPatient", "DateEvent", "NameOfMedication", "MedicationDosage", "MedicationQuantity", "RemovedData"),
    codes=("IDPatient", "DateEvent", "SNOMEDCode", "SNOMEDText", "NumericValue", "NumericUnit"),
    procedures=("IDPatient", "DateEvent", "CTV3Text", "Method", "VaccBatchNumber"),
    patients=("IDPatient", "Age", "Gender", "Year of Birth", "Date Registered", "Date of Deduction"),
    day="%d %b %Y",
)


def _day(cell: Any, style: Style) -> str:
    return cell.strftime(style.day) if isinstance(cell, date) else str(cell)


def _report(style: Style, headings: Sequence[str], rows: Iterable[Sequence[Any]], group: str = "") -> list[Any]:
    above: list[Any] = []
    if style.preamble:
        run = f"{EXTRACT_DATE:%d/%m/%Y} 10:15:32"
        groups = ["Patient Details", group, *[""] * (len(headings) - 2)]
        above = [["Report Path", "Audits\\B12"], ["Last Run", "", "", run], [], groups]
    return [*above, headings, *rows]


def issue_list(style: Style) -> list[Any]:
    """A list of medication issues."""
    rows = [
        [row["patient_id"], _day(row["date"], style), row["drug"], row["directions"], row["quantity"], ""]
        for row in issues()
    ]
    return _report(style, style.issues, rows, "Medication Issues")


def procedure_list(style: Style) -> list[Any]:
    """A list of immunisations: injections given, by the name of the drug."""
    rows = [[row["patient_id"], _day(row["date"], style), row["drug"], row["route"], "B1"] for row in given()]
    return _report(style, style.procedures, rows, "Immunisations")


def patient_list(style: Style) -> list[Any]:
    """A list of patients."""
    rows = []
    for row in people(codes=False):
        days = [_day(row[name], style) for name in ("registered_from", "registered_to")]
        rows.append([row["patient_id"], 2026 - row["year_of_birth"], row["sex"], row["year_of_birth"], *days])
    return _report(style, style.patients, rows)


def coded_rows() -> list[tuple[str, Any, str, str, Any, str]]:
    """Coded events: patient, day, code, term, value, unit."""
    rows: list[tuple[str, Any, str, str, Any, str]] = []
    for row in people(roll=False):
        rows += [(row["patient_id"], day, *pair, "", "") for day, pair in _codes_of(row)]
    rows += [(row["patient_id"], row["date"], "", f"{INJECTION} {SAID[row['event']]}", "", "") for row in said()]
    for row in sample()["Tests"]:
        rows.append((row["patient_id"], row["date"], *coded_test(row["test"]), row["value"], row["unit"]))
    return rows


def _codes_of(row: Row) -> Iterable[tuple[Any, tuple[str, str]]]:
    if row["cause"] or row["diagnosis_date"]:
        yield row["diagnosis_date"], CODES[row["cause"]]
    if row["cause"] == "ileal_resection":
        yield "", RESECTION
    if row["neurological_involvement"]:
        yield row["neurological_onset"], NERVES
    if row["indication"]:
        yield "", LEBERS
    if row["smoker"]:
        yield EXTRACT_DATE, SMOKING[row["smoker"]]


def coded_test(test: str) -> tuple[str, str]:
    """A code of a test, and its term."""
    listed = code_list()
    group = listed.groups[listed.test_places[test]]
    code = next((code for code in group.codes if code.system == "snomed"), None)
    return (code.code, code.term) if code else ("", test.replace("_", " "))


def coded_list(style: Style) -> list[Any]:
    """A list of coded events."""
    rows = [[id_, _day(day, style), *rest] for id_, day, *rest in coded_rows()]
    return _report(style, style.codes, rows, "Clinical Codes")


def export(folder: Path, style: Style) -> list[Path]:
    """All lists of a practice as csv files, the issues first."""
    folder.mkdir(exist_ok=True)
    lists = {"issues": issue_list, "coded": coded_list, "immunisations": procedure_list, "people": patient_list}
    return [write_csv(folder / f"{name}.csv", make(style)) for name, make in lists.items()]


# --- wide reports and journals


def breakdown(path: Path) -> Path:
    """A SystmOne report of issues with two breakdowns merged in, so that rows are multiplied."""
    headings = ["Patient Ref", "Gender", "Event Date", "Drug", "Dosage", "Quantity"]
    headings += [f"{topic} {part}" for topic in ("B12", "Hb") for part in ("Term", "Date", "Value")]
    rows: list[Any] = [headings]
    for person in sample()["Patients"]:
        id_ = person["patient_id"]
        own = [_issue(row) for row in issues() if row["patient_id"] == id_] or [[""] * 4]
        triples = [_triples(id_, test) for test in ("vitamin_b12", "haemoglobin")]
        for parts in product(own, *triples):
            rows.append([f"{id_} ", person["sex"], *(cell for part in parts for cell in part)])
    return write_csv(path, rows)


def _issue(row: Row) -> list[str]:
    quantity = f"{row['quantity']} ampoules" if row["quantity"] else ""
    return [f"{row['date']:%d %b %Y}", row["drug"], row["directions"], quantity]


def _triples(id_: str, test: str) -> list[list[Any]]:
    own = [row for row in sample()["Tests"] if (row["patient_id"], row["test"]) == (id_, test)]
    term = coded_test(test)[1]
    return [[f"{term} ", f"{row['date']:%d %b %Y}", f"{row['value']} {row['unit']}"] for row in own] or [[""] * 3]


JOURNAL: Final = (
    *("PID", "ID", "DATE", "RECORDED_DATE", "CODE", "SNOMED_CODE", "EPISODE", "TEXT", "RUBRIC", "DMD_CODE"),
    *("IMMS_METHOD", "VALUE1", "VALUE1_UNITS", "END_DATE", "ACTION", "SUBSET"),
)


def journal(path: Path) -> Path:
    """A Vision journal with its headings."""
    rows: list[Any] = []

    def add(subset: str, id_: str, day: Any, **cells: Any) -> None:
        typed = day.strftime("%Y%m%d") if isinstance(day, date) else ""
        fields = {"PID": id_, "DATE": typed, "RECORDED_DATE": typed, "SUBSET": subset, "ACTION": "A", **cells}
        rows.append([fields.get(name, "") for name in JOURNAL])

    for row in issues():
        named = {"RUBRIC": row["drug"], "TEXT": row["directions"], "VALUE1": row["quantity"]}
        add("S", row["patient_id"], row["date"], **named)
        add("R", row["patient_id"], row["date"], **named)
    for row in given():
        term = {"SNOMED_CODE": "", "RUBRIC": f"{INJECTION} given", "IMMS_METHOD": row["route"]}
        add("I", row["patient_id"], row["date"], **term)
    for id_, day, code, term_, value, unit in coded_rows():
        cells = {"SNOMED_CODE": code, "RUBRIC": term_, "VALUE1": value, "VALUE1_UNITS": unit}
        add("T" if unit else "C", id_, day, **cells)
    return write_csv(path, [JOURNAL, *rows])
