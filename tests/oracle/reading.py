"""From cell text to typed rows: `read`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from .dates import add_days, add_months, read_date
from .drugs import read_dose, read_route, read_substance
from .model import B12, Options, Patient, Practice, Records, Review, Test, Treatment

Row = dict[str, str]

EVENTS = (
    "administered",
    "self_administered",
    "given_elsewhere",
    "issued",
    "declined",
    "deferred",
    "not_attended",
    "stopped",
)
REVIEW_OUTCOMES = ("improving", "no_further_improvement", "resolved", "not_improved", "worse", "other")
SEXES = ("female", "male", "other", "unknown")
INDICATIONS = ("deficiency", "prophylaxis", "lebers_or_tobacco_amblyopia", "metabolic")
CAUSES = (
    "autoimmune",
    "gastrectomy",
    "ileal_resection",
    "malabsorption",
    "medicine",
    "nitrous_oxide",
    "dietary",
    "unknown_after_investigation",
    "unknown",
)
YES_NO_UNKNOWN = ("yes", "no", "unknown")


class Refused(ValueError):
    """The dates of the run contradict each other, or there is nothing that dates it."""


def read(records: Records, options: Options) -> Practice:
    """Type one workbook.

    Raises:
        Refused: no date to take as the extract date, or a period that ends after it or before it begins.
    """
    treatments, tests, reviews = records["treatments"], records["tests"], records["reviews"]
    end = _extract_date(records, options)
    begin = _history_start(records, options, end)
    period_to = options.period_to or _about_date(records, "period_to") or end
    if period_to > end:
        raise Refused("the audit period ends after the extract date")
    period_from = options.period_from or _about_date(records, "period_from")
    if period_from is None:
        period_from = add_days(add_months(period_to, -12), 1)
    if period_from > period_to:
        raise Refused("the audit period ends before it begins")
    return Practice(
        extract_date=period_to,
        history_start=begin,
        period_from=period_from,
        has_tests=tests is not None,
        has_reviews=reviews is not None,
        has_registered_from=_has_column(records["patients"] or [], "registered_from"),
        patients=_patients(records, treatments, tests or [], reviews or []),
    )


def _about_date(records: Records, key: str) -> date | None:
    return read_date(records["about"].get(key, ""))


def _days(rows: Iterable[Row]) -> list[date]:
    days = [read_date(row.get("date", "")) for row in rows]
    return [day for day in days if day is not None]


def _extract_date(records: Records, options: Options) -> date:
    said = options.extract_date or _about_date(records, "extract_date")
    if said is not None:
        return said
    days = _days([*records["treatments"], *(records["tests"] or []), *(records["reviews"] or [])])
    if not days:
        raise Refused("nothing dates the extract")
    return max(days)


def _history_start(records: Records, options: Options, end: date) -> date:
    said = options.history_start or _about_date(records, "history_start")
    if said is not None:
        return said
    return min(_days(records["treatments"]), default=end)


def _has_column(rows: list[Row], column: str) -> bool:
    return any(column in row for row in rows)


def _patients(records: Records, treatments: list[Row], tests: list[Row], reviews: list[Row]) -> list[Patient]:
    listed = records["patients"] or []
    ids = {row.get("patient_id", "").strip() for row in [*listed, *treatments, *tests, *reviews]}
    own: dict[str, list[Row]] = {patient_id: [] for patient_id in sorted(ids)}
    for row in listed:
        own[row.get("patient_id", "").strip()].append(row)
    found = {patient_id: _patient(patient_id, rows, records) for patient_id, rows in own.items() if patient_id}
    has_event, has_quantity = _has_column(treatments, "event"), _has_column(treatments, "quantity")
    for row in treatments:
        owner = found.get(row.get("patient_id", "").strip())
        if owner:
            _take_treatment(owner, row, has_event, has_quantity)
    for row in tests:
        owner = found.get(row.get("patient_id", "").strip())
        if owner:
            _take_test(owner, row)
    for row in reviews:
        owner = found.get(row.get("patient_id", "").strip())
        if owner:
            _take_review(owner, row)
    return list(found.values())


def _cell(rows: list[Row], column: str) -> str:
    """The one value of a patient's rows; blank when none has one, or when two differ (unknown then)."""
    values = {row.get(column, "").strip() for row in rows} - {""}
    different = {_word(value) for value in values}
    return min(values) if len(different) == 1 else ""


def _word(text: str) -> str:
    word = "_".join(text.strip().lower().split())
    return {"y": "yes", "true": "yes", "1": "yes", "n": "no", "false": "no", "0": "no"}.get(word, word)


def _listed(text: str, words: tuple[str, ...]) -> str:
    word = _word(text)
    return word if word in words else ""


def _patient(patient_id: str, rows: list[Row], records: Records) -> Patient:
    year = _cell(rows, "year_of_birth")
    practice = _cell(rows, "practice_id") or records["about"].get("practice_id", "").strip()
    return Patient(
        patient_id=patient_id,
        practice_id=practice or records["file_stem"],
        year_of_birth=int(year) if year.isdigit() else None,
        sex=_listed(_cell(rows, "sex"), SEXES),
        indication=_listed(_cell(rows, "indication"), INDICATIONS),
        cause=_listed(_cell(rows, "cause"), CAUSES),
        neuro=_listed(_cell(rows, "neurological_involvement"), YES_NO_UNKNOWN),
        onset=read_date(_cell(rows, "neurological_onset")),
        diagnosis=read_date(_cell(rows, "diagnosis_date")),
        registered_from=read_date(_cell(rows, "registered_from")),
        registered_to=read_date(_cell(rows, "registered_to")),
        pregnant=_word(_cell(rows, "pregnant_or_breastfeeding")) == "yes",
        smoker=_word(_cell(rows, "smoker")) == "yes",
    )


def _take_treatment(patient: Patient, row: Row, has_event: bool, has_quantity: bool) -> None:
    """Add the row to the patient, or only note that it could not be read."""
    drug = row.get("drug", "")
    substance = read_substance(drug)
    if substance == "other":
        return
    day = read_date(row.get("date", ""))
    event = _listed(row.get("event", ""), EVENTS) if has_event else "issued"
    if substance == "unreadable" or day is None or event == "":
        patient.unreadable_row = True
        return
    route = read_route(drug, row.get("route", ""))
    if route == "" and substance == "hydroxocobalamin":
        route = "injection"
    if route == "" and substance in B12:
        patient.unreadable_row = True
        return
    patient.treatments.append(
        Treatment(
            day=day,
            substance=substance,
            event=event,
            route=route,
            dose=read_dose(drug, row.get("dose", "")),
            quantity=_quantity(row.get("quantity", "")) if has_quantity else 1,
            directions=row.get("directions", "").strip(),
        )
    )


def _quantity(text: str) -> int | None:
    """A whole number from 1 to 100, else None."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit()):
        return None
    return int(plain) if 1 <= int(plain) <= 100 else None


def _take_test(patient: Patient, row: Row) -> None:
    day, name = read_date(row.get("date", "")), _word(row.get("test", ""))
    if day is None or name == "":
        patient.unreadable_test = True
        return
    patient.tests.append(Test(day, name, row.get("value", "").strip()))


def _take_review(patient: Patient, row: Row) -> None:
    day, outcome = read_date(row.get("date", "")), _listed(row.get("outcome", ""), REVIEW_OUTCOMES)
    if day is not None and outcome != "":
        patient.reviews.append(Review(day, outcome))
