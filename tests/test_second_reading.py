"""A second reading of the standard: `corpora/second_reading.txt`, answered by hand from the text before any run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from tests.compare import engine, oracle, without_advice
from tests.oracle.model import Options, Records

Row = dict[str, str]

CASES = Path(__file__).resolve().parent / "corpora" / "second_reading.txt"
PRACTICES = {
    "main": {"extract_date": "2024-12-31"},
    "covid": {"extract_date": "2021-06-30"},
    "bare": {"extract_date": "2024-12-31"},
    "cut": {"extract_date": "2024-12-31", "period_from": "2023-01-01", "period_to": "2024-07-01"},
    "leap": {"extract_date": "2024-02-29", "history_start": "2023-05-09"},
    "span": {"extract_date": "2024-12-31", "period_from": "2024-02-29"},
}
ABSENT = {"bare": ("Tests", "Reviews", "event", "quantity", "registered_from"), "leap": ("registered_from",)}
CODES = {
    "ld": "loading-complete",
    "ls": "loading-spacing",
    "nl": "neuro-loading",
    "nc": "neuro-continued",
    "nr": "neuro-review-recorded",
    "no": "neuro-not-oral-only",
    "ms": "maintenance-started",
    "mn": "maintenance-interval-neuro",
    "mi": "maintenance-interval-standard",
    "md": "maintenance-interval-dietary",
    "od": "not-overdue",
    "lt": "lifelong-treatment-continued",
    "tm": "two-monthly-for-everyone",
    "pi": "prescribed-interval",
    "gp": "given-as-prescribed",
    "hi": "hydroxocobalamin-injected",
    "dm": "dose-one-milligram",
    "im": "intramuscular",
    "ir": "irreversible-cause-injected",
    "lo": "low-dose-oral-only-for-diet",
    "cl": "no-cyanocobalamin-in-lebers",
    "cs": "no-cyanocobalamin-in-smokers",
    "fa": "folic-acid-not-before-b12",
    "fm": "folate-measured",
    "fe": "ferritin-measured",
    "bc": "blood-count-measured",
    "b6": "vitamin-b6-measured",
    "pm": "potassium-measured-in-severe-anaemia",
    "br": "blood-count-response",
    "fr": "first-review",
    "rt": "no-b12-retest-on-injections",
    "cr": "cause-recorded",
}
OUTCOMES = {
    "M": "met",
    "N": "not_met",
    "A": "not_assessable",
    "E": "excepted",
    "P": "pending",
    "-": "not_applicable",
    "X": "excluded",
}
EVENTS = {
    "a": "administered",
    "s": "self_administered",
    "g": "given_elsewhere",
    "i": "issued",
    "e": "",
    "dec": "declined",
    "def": "deferred",
    "dna": "not_attended",
    "stop": "stopped",
}
DRUGS = {
    "": ("Hydroxocobalamin 1mg/1ml solution for injection ampoules", "intramuscular", "1 mg"),
    "cyi": ("Cyanocobalamin 1mg/1ml solution for injection ampoules", "intramuscular", "1 mg"),
    "cyt1000": ("Cyanocobalamin 1mg tablets", "oral", "1000 micrograms"),
    "cyt500": ("Cyanocobalamin 500microgram tablets", "oral", "500 micrograms"),
    "cyt50": ("Cyanocobalamin 50microgram tablets", "oral", "50 micrograms"),
    "fa5": ("Folic acid 5mg tablets", "oral", "5 mg"),
    "fa400": ("Folic acid 400microgram tablets", "oral", "400 micrograms"),
}
FIELDS = {
    "yob": "year_of_birth",
    "sex": "sex",
    "ind": "indication",
    "cause": "cause",
    "neuro": "neurological_involvement",
    "onset": "neurological_onset",
    "diag": "diagnosis_date",
    "reg": "registered_from",
    "left": "registered_to",
    "preg": "pregnant_or_breastfeeding",
    "smoker": "smoker",
}
USUAL = {"yob": "1960", "sex": "female", "cause": "autoimmune", "neuro": "no", "reg": "2010-01-01"}
COLUMNS = {
    "Treatments": ("patient_id", "date", "drug", "event", "route", "dose", "quantity", "directions"),
    "Patients": ("patient_id", *FIELDS.values()),
    "Tests": ("patient_id", "date", "test", "value", "unit"),
    "Reviews": ("patient_id", "date", "outcome"),
}
ANSWER = re.compile(
    r"(?P<code>\w\w)=(?P<outcome>[MNAEPX-])(:(?P<reason>\w+))?(@(?P<dates>[\d,-]*))?(!(?P<grace>\w+))?(#(?P<counts>\S+))?"
)
#: What an answer says of a whole patient: the basis, the rows of intervals.csv.
UNTOLD = re.compile(r"(basis|iv)=\S+")
EVIDENCE = ("from_date", "due_date", "limit_date", "to_date", "days")


@dataclass(frozen=True)
class Case:
    """One line: a patient of one practice, what is recorded, and what the standard says of it."""

    practice: str
    patient: str
    clause: str
    fields: dict[str, str]
    facts: str
    answers: str


def pairs(text: str) -> dict[str, str]:
    """`a=b c=` as a dictionary; an underscore of a value is a space."""
    return dict(item.split("=", 1) for item in text.split())


@cache
def cases() -> list[Case]:
    """Every line of the file that is not a note."""
    lines = [line for line in CASES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [Case(who, patient, clause, pairs(fields), *rest) for who, patient, clause, fields, *rest in cells]


def days_of(word: str) -> list[str]:
    """`2024-01-30+0+2` is two days; `BLANK` is a blank cell."""
    start, *steps = word.split("+")
    if start == "BLANK" or not steps:
        return [start.replace("BLANK", "")]
    return [(date.fromisoformat(start) + timedelta(days=int(step))).isoformat() for step in steps]


def treatment(case: Case, kind: str, words: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of one kind of event, on each of its days; `drug=`, `route=`, `dose=` and the like change all of them."""
    said = {key: value.replace("_", " ") for key, value in pairs(" ".join(w for w in words if "=" in w)).items()}
    name = said.pop("drug", "")
    drug, route, dose = DRUGS.get(name, (name, "intramuscular", "1 mg")) if "drug=" not in words else ("", "", "")
    row = {"patient_id": case.patient, "drug": drug, "event": EVENTS[kind], "route": route, "dose": dose}
    row |= {"quantity": said.pop("q", "1" if kind == "i" else ""), "directions": said.pop("dir", "")} | said
    for day in (day for word in words if "=" not in word for day in days_of(word)):
        yield "Treatments", row | {"date": day}


def rows(case: Case) -> Iterator[tuple[str, dict[str, str]]]:
    """Every row of a case with the sheet that it stands in."""
    fields = USUAL | case.fields
    yield "Patients", {"patient_id": case.patient} | {FIELDS[key]: value for key, value in fields.items()}
    for kind, *words in (fact.split() for fact in case.facts.split(";") if fact.strip()):
        if kind == "t":
            test, day, value, unit = (*(word.replace("BLANK", "") for word in words), "")[:4]
            yield "Tests", {"patient_id": case.patient, "date": day, "test": test, "value": value, "unit": unit}
        elif kind == "r":
            yield "Reviews", {"patient_id": case.patient, "date": days_of(words[0])[0], "outcome": words[1]}
        else:
            yield from treatment(case, kind, words)


def of(practice: str) -> list[Case]:
    """The patients of a practice: the lines that name it."""
    return [case for case in cases() if case.practice == practice]


def records(practice: str, chosen: list[Case]) -> Records:
    """A practice as text, with these of its patients."""
    absent = ABSENT.get(practice, ())
    found = [row for case in chosen for row in rows(case)]

    def sheet(wanted: str) -> list[dict[str, str]] | None:
        columns = [column for column in COLUMNS[wanted] if column not in absent]
        rows_of_it = [{column: row.get(column, "") for column in columns} for name, row in found if name == wanted]
        return None if wanted in absent else rows_of_it

    return Records(
        about={"practice_id": practice, "history_start": "2015-01-01"} | PRACTICES[practice],
        patients=sheet("Patients"),
        treatments=sheet("Treatments") or [],
        tests=sheet("Tests"),
        reviews=sheet("Reviews"),
        file_stem=practice,
    )


def differences(case: Case, verdicts: dict[tuple[str, str], Row]) -> Iterator[str]:
    """What a run says otherwise than the answers of a case."""
    for answer in ANSWER.finditer(case.answers):
        row = verdicts[case.patient, CODES[answer["code"]]]
        expected = {"outcome": OUTCOMES[answer["outcome"]], "reason": answer["reason"] or ""}
        if answer["dates"] is not None:
            expected |= dict(zip(EVIDENCE, answer["dates"].split(","), strict=True))
        if answer["grace"]:
            expected["within_grace"] = answer["grace"]
        if answer["counts"]:
            expected |= dict(zip(("intervals_met", "intervals_judged"), answer["counts"].split("/"), strict=True))
        for column, value in expected.items():
            if row[column] != value:
                yield f"{case.patient} {answer['code']} {column}: {row[column]!r}, by hand {value!r} ({case.clause})"
    for basis in re.findall(r"basis=(\w+)", case.answers):
        found = {row["basis"] for (patient, _), row in verdicts.items() if patient == case.patient}
        if found != {basis.replace("none", "")}:
            yield f"{case.patient} basis: {found}, by hand {basis} ({case.clause})"


def interval_differences(case: Case, intervals: list[Row]) -> Iterator[str]:
    """What intervals.csv says otherwise than `iv=` of a case: kind, from, to, months, outcome, reason, criterion."""
    columns = ("kind", "from_date", "to_date", "months", "outcome", "reason", "criterion")
    for said in re.findall(r"iv=(\S+)", case.answers):
        by_hand = [] if said == "none" else said.replace("_or_", " or ").split(",")
        mine = [row for row in intervals if row["patient_id"] == case.patient]
        found = [":".join(row[column] for column in columns) for row in mine]
        if found != by_hand:
            yield f"{case.patient} intervals: {found}, by hand {by_hand} ({case.clause})"


def unlike(chosen: list[Case], published: tuple[list[Row], list[Row]]) -> list[str]:
    """Every difference between what was published of these patients and the answers by hand."""
    verdicts = {(row["patient_id"], row["criterion"]): row for row in published[0]}
    both = [(differences(case, verdicts), interval_differences(case, published[1])) for case in chosen]
    return [line for pair in both for lines in pair for line in lines]


@pytest.mark.parametrize("practice", PRACTICES)
def test_every_answer_by_hand_is_the_engines(practice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    without_advice(monkeypatch)
    assert unlike(of(practice), engine(records(practice, of(practice)), Options())) == []


@pytest.mark.parametrize("practice", PRACTICES)
def test_every_answer_by_hand_is_the_oracles(practice: str) -> None:
    # the oracle reads no directions but those of its own list: section 6 is not asked of it
    chosen = [case for case in of(practice) if not case.clause.startswith("6")]
    assert unlike(chosen, oracle(records(practice, chosen), Options())) == []


def test_the_file_answers_for_every_criterion_and_outcome() -> None:
    read = [case for case in cases() if case.practice in PRACTICES]
    answers = [answer for case in read for answer in ANSWER.finditer(case.answers)]
    assert {answer["code"] for answer in answers} == set(CODES)
    assert {answer["outcome"] for answer in answers} == set(OUTCOMES)
    assert len({(case.practice, case.patient) for case in cases()}) == len(read) == len(cases())
    assert [case.patient for case in read if ANSWER.sub("", UNTOLD.sub("", case.answers)).strip()] == []
