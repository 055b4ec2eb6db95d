"""The fix list: which single blank or unreadable cell, once filled, settles which verdicts.

Nothing is guessed from reasons. A cell settles a verdict when every value that the cell may come to hold gives an
outcome other than not_assessable, and each value is asked: the patient is copied, the one cell of the copy is
filled, and the copy is judged as any patient is. Copies do not influence each other, so all are judged together.

What a cell may come to hold is made of the values that some rule tells apart:

* neurological involvement, cause, event, route, test: every word of the list that says more than what stands there;
* dose: on and between all doses that the standard compares with;
* quantity: 1 to 100. Units only ever lengthen cover and complete courses, so that from some quantity on nothing
  changes any more (the cover reaches past the extract date); the values up to there are asked;
* directions: an interval of each unit on either side of every length that the standard compares with.

Of dates and drugs there is no such list. For them it is asked what the cell could settle at best, and the fix says
that it is not certain. So does a fix whose patient has a second row that says something of the same field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Days, Mask, to_date, to_dates
from audit.cohort.cohort import Cohort, build_cohort
from audit.cohort.events import Events
from audit.cohort.rows import TreatmentRows, unreadable_patients
from audit.cohort.window import AuditWindow
from audit.criteria import catalogue
from audit.intake.extract import Extract, SheetFacts
from audit.intake.values import QUANTITIES
from audit.results.judge import EXCLUDED, NOT_ASSESSABLE, Verdicts, judge
from audit.results.what_if import CELLS, OTHER_TEST, Copies, Value, copies, lacking, with_cell, with_field
from audit.standards.standard import Standard
from schemas.vocabulary import (
    CAUSE,
    DIRECTIONS_STATUS,
    EVENT,
    INPUT_COLUMNS,
    INTERVAL_UNIT,
    LIST_COLUMNS,
    REASON,
    ROUTE,
    SET_ASIDE,
    TEST,
)

#: copies judged at once; bounds the memory of a large run
MOST_COPIES: Final = len(QUANTITIES) ** 2
_PATIENTS: Final = "Patients"
_UNREADABLE: Final = SET_ASIDE.index("unreadable")
#: numbers of the standard that a dose is compared with
_DOSES: Final = (
    "dose.micrograms",
    "dose.low_oral_micrograms",
    "oral.cover_micrograms",
    "folic.micrograms",
    "cohort.antidote_micrograms",
)
#: lengths in months of which a cover is a multiple
_MONTHS: Final = (
    "maintenance.neuro_months",
    "maintenance.standard_months",
    "maintenance.dietary_months",
    "everyone.months",
    "lifelong.months",
)
_INTERVALS: Final = ("neuro", "standard", "dietary")
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fix:
    """One cell to fill.

    Attributes:
        table: Patients, Treatments or Tests.
        file, sheet, row, column_letter: where the cell stands; row 0: the patient has no row among the patients;
            a blank letter: the sheet has no such column.
        field: the input column.
        settles: codes of the criteria whose verdict it settles; may be empty for neurological involvement, which is
            listed for every patient whose status is unknown.
        mandated: how many of them are mandated.
        patients: always 1: a cell belongs to one patient. verdicts: how many are settled.
        certain: every value settles them; otherwise some value does.
    """

    table: str
    file: str
    sheet: str
    row: int
    column_letter: str
    patient_id: str
    practice_id: str
    field: str
    settles: tuple[str, ...]
    mandated: int
    patients: int
    verdicts: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What filling the first cells of the list settles for certain: "12 cells settle 25 verdicts of 25 patients".

    Each verdict counts once. `mandated` counts those of mandated criteria.
    """

    cells: int
    patients: int
    verdicts: int
    mandated: int


def plan(fixes: Sequence[Fix], limit: int) -> Plan:
    """The gain of the first `limit` cells of the ranked list that settle a verdict for certain."""
    chosen = [fix for fix in fixes if fix.certain and fix.settles][:limit]
    settled = {(fix.practice_id, fix.patient_id, code) for fix in chosen for code in fix.settles}
    people = {(practice, patient) for practice, patient, _ in settled}
    mandated = {criterion.code for criterion in catalogue() if criterion.strength == "mandated"}
    return Plan(len(chosen), len(people), len(settled), sum(code in mandated for _, _, code in settled))


def ranked(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """Certain ones first; by mandated verdicts settled, all verdicts settled, place."""
    return tuple(sorted(fixes, key=_rank))


def fixes(
    extract: Extract, window: AuditWindow, standard: Standard, cohort: Cohort, verdicts: Sequence[Verdicts]
) -> tuple[Fix, ...]:
    """The cells of one input that settle not_assessable verdicts, and those of unknown neurological status, ranked.

    Args:
        extract: the input.
        window: the dates it was judged with.
        standard: the numbers it was judged with.
        cohort: the extract's cohort under these.
        verdicts: of every criterion, in any order.
    """
    if not verdicts:
        return ()
    case = _Case(extract, window, standard, cohort, tuple(verdicts))
    blanks = [blank for blank in _blanks(case) if len(blank.patient)]
    found = [fix for blank, answer in zip(blanks, _ask_all(case, blanks), strict=True)
             for fix in _fixes_of(case, blank, answer)]  # fmt: skip
    return ranked(found)


def _rank(fix: Fix) -> tuple[object, ...]:
    kind = 2 if not fix.settles else 0 if fix.certain else 1
    return (kind, -fix.mandated, -fix.verdicts, fix.file, fix.sheet, fix.row, fix.column_letter, fix.field,
            fix.practice_id, fix.patient_id)  # fmt: skip


# ---------------------------------------------------------------------- which cells are blank


@dataclass(frozen=True)
class _Case:
    """One input as it was judged."""

    extract: Extract
    window: AuditWindow
    standard: Standard
    cohort: Cohort
    verdicts: tuple[Verdicts, ...]

    @cached_property
    def unclear(self) -> Flags:
        """Patients by criteria: not assessable."""
        return np.column_stack([verdict.outcome == NOT_ASSESSABLE for verdict in self.verdicts])

    def because(self, *reasons: str) -> Mask:
        """Patients with a not_assessable verdict for one of these reasons."""
        codes = [REASON.index(reason) for reason in reasons]
        found: Mask = np.any([np.isin(verdict.reason, codes) for verdict in self.verdicts], axis=0)
        return found

    def number(self, key: str) -> int:
        """A number of the standard."""
        return self.standard.number(key)


@dataclass(frozen=True, slots=True)
class _Blank:
    """Blank cells of one field.

    Attributes:
        table, field: of the canonical tables.
        patient: whose each cell is. row: its position in the table.
        answers: what the cells are filled with, one after another.
        exact: the answers stand for every value that the cells may hold.
        hint: worth listing even where only some answer settles a verdict.
        listed: listed even where none does.
    """

    table: str
    field: str
    patient: Days
    row: Days
    answers: tuple[Value, ...]
    exact: bool = True
    hint: bool = False
    listed: bool = False


def _blanks(case: _Case) -> Iterator[_Blank]:
    """Every cell that could settle something; those that cannot are left out only where that is plain."""
    yield from _status_and_cause(case)
    yield from _starts(case)
    yield from _unreadable_rows(case)
    yield from _unreadable_tests(case)
    yield _quantities(case)
    yield _doses(case)
    yield _routes(case)
    yield _directions(case)


def _of_patients(field: str, who: Mask, answers: tuple[Value, ...], exact: bool = True, hint: bool = False) -> _Blank:
    at = np.flatnonzero(who)
    return _Blank(_PATIENTS, field, at, at, answers, exact, hint)


def _status_and_cause(case: _Case) -> Iterator[_Blank]:
    people = case.cohort.people
    included = case.verdicts[0].outcome != EXCLUDED
    at = np.flatnonzero(included & people.neuro_unknown)
    yield _Blank(_PATIENTS, "neurological_involvement", at, at, ("no", "yes"), hint=True, listed=True)
    # a cause that absorbs nothing changes no other verdict than a blank does, so that other reasons stay
    causes = tuple(cause for cause in CAUSE if cause != "unknown")
    yield _of_patients("cause", case.because("CAUSE_UNKNOWN") & ~people.cause_recorded, causes)


def _starts(case: _Case) -> Iterator[_Blank]:
    """The dates that could show the start; that they may show it was not leaves the verdict as it is."""
    table, first = case.extract.patients, case.cohort.doses.first
    unseen = case.because("START_NOT_OBSERVED")
    if case.extract.facts.has_registered_from:
        blank = unseen & table["registered_from"].isna().to_numpy()
        yield _of_patients("registered_from", blank, (to_date(case.window.history),), exact=False, hint=True)
    blank = unseen & table["diagnosis_date"].isna().to_numpy()
    yield _of_patients("diagnosis_date", blank, (to_dates(first[blank]),), exact=False, hint=True)


def _ends(case: _Case) -> tuple[Value, ...]:
    """Dates before everything that is judged, and after it."""
    return to_date(case.window.history), to_date(case.window.extract + 1)


def _unreadable_rows(case: _Case) -> Iterator[_Blank]:
    """The only unreadable row of a patient, when it lacks one cell: with another, or another such row, none settles."""
    table = case.extract.treatments
    rows = np.flatnonzero(table["set_aside"].cat.codes.to_numpy() == _UNREADABLE)
    missing = lacking(table.iloc[rows])
    patient = table["patient"].to_numpy(dtype=np.int64)[rows]
    alone = _only_one(patient, case.cohort.size) & ~case.cohort.doses.unreadable[patient]
    alone &= np.sum(list(missing.values()), axis=0) == 1
    exact: dict[str, tuple[Value, ...]] = {"event": EVENT, "route": ROUTE}
    ends: dict[str, tuple[Value, ...]] = {"date": _ends(case), "substance": ("other",)}
    for field, answers in {**exact, **ends}.items():
        chosen = alone & missing[field]
        known = field in exact
        yield _Blank("Treatments", field, patient[chosen], rows[chosen], answers, exact=known, hint=not known)


def _unreadable_tests(case: _Case) -> Iterator[_Blank]:
    table = case.extract.tests
    rows = np.flatnonzero(table["set_aside"].cat.codes.to_numpy() == _UNREADABLE)
    patient = table["patient"].to_numpy(dtype=np.int64)[rows]
    alone = _only_one(patient, case.cohort.size)
    dated = table["date"].notna().to_numpy()[rows]
    named, undated = alone & dated, alone & ~dated
    yield _Blank("Tests", "test", patient[named], rows[named], (*TEST, OTHER_TEST))
    yield _Blank("Tests", "date", patient[undated], rows[undated], _ends(case), exact=False, hint=True)


def _quantities(case: _Case) -> _Blank:
    """The only unreadable quantity of a patient without an unreadable row."""
    rows, size = case.cohort.doses.bad_quantity, case.cohort.size
    patient = case.extract.treatments["patient"].to_numpy(dtype=np.int64)[rows]
    alone = _only_one(patient, size) & ~unreadable_patients(case.extract.treatments, size)[patient]
    return _Blank("Treatments", "quantity", patient[alone], rows[alone], _units(case, rows[alone]))


def _units(case: _Case, rows: Days) -> tuple[Value, ...]:
    """Whole numbers from 1 to where none makes a difference any more.

    There the cover of the earliest of the rows reaches past the extract date, whatever is taken off for a course.
    """
    if not len(rows):
        return ()
    if any(case.standard.optional(f"maintenance.{kind}_weeks") is not None for kind in _INTERVALS):
        return tuple(QUANTITIES)  # a schedule in weeks may be shorter than any in months: every number is asked
    days = case.extract.treatments["date"].to_numpy(dtype="datetime64[M]")[rows]
    months = int((np.datetime64(to_date(case.window.extract), "M") - days.min()).astype(np.int64))
    shortest = min(case.number(key) for key in _MONTHS)
    course = max(case.number("loading.units"), case.number("neuro.standard_units"))
    return tuple(range(QUANTITIES.start, min(course + max(months, 0) // shortest + 2, QUANTITIES.stop - 1) + 1))


def _doses(case: _Case) -> _Blank:
    """Of the injections that are judged the only one without a dose; any tablets without."""
    cohort = case.cohort
    rows, judged = cohort.rows, cohort.injected_rows
    blank = judged.only(np.isnan(judged.dose))
    injected = blank.at[_only_one(blank.patient, cohort.size)]
    others = rows.only(np.isnan(rows.dose) & ((rows.oral & (rows.given | rows.issued)) | rows.folic_acid))
    at = np.concatenate([injected, others.at])
    return _of_rows(case, "dose_micrograms", at, case.because("DOSE_MISSING"), _dose_values(case))


def _dose_values(case: _Case) -> tuple[Value, ...]:
    """Every dose that some rule compares with, one between each two, and one on either side of all."""
    edges = sorted({float(case.number(key)) for key in _DOSES})
    between = [(low + high) / 2 for low, high in pairwise(edges)]
    return (*edges, edges[0] / 2, *between, edges[-1] * 2)


def _routes(case: _Case) -> _Blank:
    """Of the injections that are judged the only one whose route is not stated."""
    judged = case.cohort.injected_rows
    unsaid = judged.only(judged.route_is("injection"))
    at = unsaid.at[_only_one(unsaid.patient, case.cohort.size)]
    says_more = tuple(route for route in ROUTE if route != "injection")
    return _of_rows(case, "route", at, case.because("ROUTE_MISSING"), says_more)


def _directions(case: _Case) -> _Blank:
    """Directions without an interval on the latest day of issues, and on that of given injections."""
    cohort, rows = case.cohort, case.cohort.rows
    since = cohort.months_before_period("cohort.lookback_months")
    recent = rows.injection & (rows.day >= since) & (rows.day <= case.window.end)
    latest = _on_latest_day(rows, recent & rows.issued) | _on_latest_day(rows, recent & rows.given)
    read = case.extract.treatments["directions_status"].cat.codes.to_numpy() == DIRECTIONS_STATUS.index("read")
    at = rows.at[latest & ~read[rows.at]]
    unread = case.because("DIRECTIONS_MISSING", "DIRECTIONS_UNREAD")
    return _of_rows(case, "directions", at, unread, tuple(_interval_values(case)))


def _on_latest_day(rows: TreatmentRows, chosen: Mask) -> Mask:
    size = int(rows.patient.max(initial=0)) + 1
    latest = Events.of(rows.patient[chosen], rows.day[chosen], size).last(FAR_PAST, FAR_FUTURE)
    return np.asarray(chosen & (rows.day == latest[rows.patient]))


def _interval_values(case: _Case) -> Iterator[tuple[int, str]]:
    """In each unit every length that directions are compared with, and a longer one."""
    for unit in INTERVAL_UNIT:
        edges = sorted({case.number(f"prescribed.{kind}_{unit}") for kind in _INTERVALS})
        yield from ((high, unit) for high in (*edges, edges[-1] + 1))


def _of_rows(case: _Case, field: str, at: Days, who: Mask, answers: tuple[Value, ...]) -> _Blank:
    patient = case.extract.treatments["patient"].to_numpy(dtype=np.int64)[at]
    kept = who[patient]
    return _Blank("Treatments", field, patient[kept], at[kept], answers)


def _only_one(patient: Days, size: int) -> Mask:
    """The entries whose patient has no other entry."""
    return np.asarray(np.bincount(patient, minlength=size)[patient] == 1)


# ---------------------------------------------------------------------- asking


@dataclass(frozen=True, slots=True)
class _Question:
    """One answer put into some of the cells of a blank."""

    number: int
    blank: _Blank
    answer: Value
    cells: Days

    def parts(self, most: int) -> Iterator[_Question]:
        """The same question about at most so many cells at a time."""
        for begin in range(0, len(self.cells), most):
            yield replace(self, cells=self.cells[begin : begin + most])

    def values(self) -> npt.NDArray[Any]:
        """What each of the cells is filled with."""
        if isinstance(self.answer, np.ndarray):
            return self.answer[self.cells]
        if isinstance(self.answer, date):
            return np.full(len(self.cells), np.datetime64(self.answer, "s"))
        # a tuple is one value; numbers and words stay as they are
        out = np.empty(len(self.cells), dtype=float if isinstance(self.answer, int | float) else object)
        out.fill(self.answer)
        return out


@dataclass(frozen=True, slots=True)
class _Answer:
    """Cells by criteria: what is settled by every answer, and by some."""

    every: Flags
    some: Flags


def _ask_all(case: _Case, blanks: Sequence[_Blank]) -> list[_Answer]:
    """One answer for all, then the others for the cells that may still settle something."""
    unclear = [case.unclear[blank.patient] for blank in blanks]
    answers = [_Answer(flags.copy(), np.zeros_like(flags)) for flags in unclear]
    first = [_Question(number, blank, blank.answers[0], _worth_asking(answers[number].every))
             for number, blank in enumerate(blanks)]  # fmt: skip
    _ask(case, first, answers)
    rest = [_Question(number, blank, answer, _worth_asking(unclear[number] if blank.hint else answers[number].every))
            for number, blank in enumerate(blanks) for answer in blank.answers[1:]]  # fmt: skip
    _ask(case, rest, answers)
    return answers


def _worth_asking(flags: Flags) -> Days:
    return np.flatnonzero(flags.any(axis=1))


def _ask(case: _Case, questions: Sequence[_Question], answers: Sequence[_Answer]) -> None:
    """Judges the questions, and notes in the answers what each settled."""
    for batch in _batches(questions):
        unclear = _judged(case, batch)
        begin = 0
        for question in batch:
            cells, end = question.cells, begin + len(question.cells)
            settled = case.unclear[question.blank.patient[cells]] & ~unclear[begin:end]
            answers[question.number].every[cells] &= settled
            answers[question.number].some[cells] |= settled
            begin = end


def _batches(questions: Sequence[_Question]) -> Iterator[list[_Question]]:
    batch: list[_Question] = []
    size = 0
    for part in (part for question in questions for part in question.parts(MOST_COPIES)):
        if batch and size + len(part.cells) > MOST_COPIES:
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += len(part.cells)
    if batch:
        yield batch


def _judged(case: _Case, batch: Sequence[_Question]) -> Flags:
    """Which verdicts are still not assessable: a row for each cell of each question, in order."""
    copied = copies(case.extract, np.concatenate([part.blank.patient[part.cells] for part in batch]))
    extract, begin = copied.extract, 0
    for _, group in groupby(batch, lambda part: part.number):
        parts = list(group)
        own = np.arange(begin, begin + sum(len(part.cells) for part in parts))
        extract = _filled(extract, copied, parts, own)
        begin += len(own)
    cohort = build_cohort(extract, case.window, case.standard)
    return np.column_stack([judge(verdict.criterion, cohort).outcome == NOT_ASSESSABLE for verdict in case.verdicts])


def _filled(extract: Extract, copied: Copies, parts: Sequence[_Question], own: Days) -> Extract:
    """The copies `own` with the cells of one blank filled."""
    blank = parts[0].blank
    values = np.concatenate([part.values() for part in parts])
    if blank.table == _PATIENTS:
        return with_field(extract, own, blank.field, values)
    rows = copied.row(blank.table, own, np.concatenate([blank.row[part.cells] for part in parts]))
    return with_cell(extract, blank.table, rows, blank.field, values)


# ---------------------------------------------------------------------- from answers to a list


def _fixes_of(case: _Case, blank: _Blank, answer: _Answer) -> Iterator[Fix]:
    people = case.extract.patients
    sure = np.full(len(blank.patient), blank.exact)
    if blank.table == _PATIENTS:
        sure &= ~people["said_elsewhere"].to_numpy()[blank.patient]
    surely = sure & (answer.every.any(axis=1) | (not blank.hint))
    settled = np.where(surely[:, None], answer.every, answer.some if blank.hint else answer.every)
    sure &= surely | ~settled.any(axis=1)
    criteria = [verdict.criterion for verdict in case.verdicts]
    mandated = settled @ np.array([criterion.strength == "mandated" for criterion in criteria], dtype=np.int64)
    names = people["patient_id"].to_numpy()[blank.patient], people["practice_id"].to_numpy()[blank.patient]
    sheets, rows, places = _place(case.extract, blank)
    field = CELLS[blank.table][blank.field] if blank.table in CELLS else blank.field
    for cell in np.flatnonzero(settled.any(axis=1) | blank.listed).tolist():
        sheet = sheets[cell]
        file = sheet.file if sheet else case.extract.facts.file
        letter = sheet.columns.get(field, "") if sheet else ""
        codes = tuple(criteria[place].code for place in np.flatnonzero(settled[cell]))
        whose = names[0][cell], names[1][cell]
        counts = int(mandated[cell]), 1, len(codes)
        where = file, places[cell], int(rows[cell])
        yield Fix(blank.table, *where, letter, *whose, field, codes, *counts, bool(sure[cell]))


def _place(extract: Extract, blank: _Blank) -> tuple[list[SheetFacts | None], Days, list[str]]:
    """Of each cell the table in which it stands, if there is one, its row, and the name of its sheet."""
    if blank.table != _PATIENTS:
        table = {"Treatments": extract.treatments, "Tests": extract.tests}[blank.table]
        # a list of codes may hold rows of several tables; a sheet's own table comes before
        order = sorted(extract.facts.sheets, key=lambda facts: facts.table == blank.table)
        by_name = {facts.label or facts.sheet: facts for facts in order}
        own = next((facts for facts in reversed(order) if facts.table == blank.table), None)
        names = table["sheet"].astype(str).to_numpy()[blank.row].tolist()
        found = [by_name.get(name) for name in names]
        places = [facts.sheet if facts else name for facts, name in zip(found, names, strict=True)]
        return [facts or own for facts in found], table["row"].to_numpy(dtype=np.int64)[blank.row], places
    rows = extract.patients["row"].to_numpy(dtype=np.int64)
    sheet = _patients_sheet(extract) if rows.any() else None
    listed = {facts.table: facts for facts in extract.facts.sheets}.get(_PATIENTS)
    found_all = [listed or sheet] * len(blank.patient)
    return found_all, rows[blank.patient], [facts.sheet if facts else "" for facts in found_all]


def _patients_sheet(extract: Extract) -> SheetFacts | None:
    """Without a sheet of patients, the one beside whose treatments, or codes, their fields stand."""
    fields = set(INPUT_COLUMNS[_PATIENTS][1:])
    sheets = [facts for facts in extract.facts.sheets if facts.table in ("Treatments", *LIST_COLUMNS)]
    with_fields = [facts for facts in sheets if fields & set(facts.columns)]
    return next(iter([*with_fields, *sheets]), None)
