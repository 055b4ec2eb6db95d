"""A list of coded events becomes tables of treatments, tests and patients, ready for their own readers.

Each row of the list (patient, date, code or term, value, unit) goes to one table at most, and keeps its row number and
column letters. Nothing is judged here: values, dates and drugs stay cells for `build_tests` and `build_treatments`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from audit.intake.cells import Codes, Column, Grid, Mask, text
from audit.intake.coded_patients import coded_patients
from audit.intake.codes import CodeMeanings, read_codes
from audit.intake.drugs import read_drug
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.ids import Ids, read_ids
from audit.intake.supplies import NOTHING_SUPPLIED, Supplies
from audit.intake.tables import report_nobody
from schemas.vocabulary import B12_SUBSTANCES, EVENT, GIVEN_EVENTS, ROUTE, TEST

#: The columns of a list of coded events; `code` or `term` may be lacking, not both.
CODED_COLUMNS: Final = ("patient_id", "date", "code", "term", "value", "unit")
#: Where a row goes. `not_used`: known, and of no use here; `medicine`: the code of a drug.
DESTINATIONS: Final = ("treatments", "tests", "patients", "not_used", "medicine", "unread")
#: The drug of an event that is no dose: that it was about an injection of vitamin B12 is all that counts of it.
_OF_NO_DOSE: Final = "Hydroxocobalamin injection"
#: Names no cobalamin, and is unreadable on purpose.
_UNKNOWN_DRUG: Final = "Vitamin B12 injection"
_OF_PATIENTS: Final = (
    *("deficiency", "cause", "cause_from"),
    *("neurological_involvement", "indication", "smoker"),
)


@dataclass(frozen=True, slots=True)
class CodedEvents:
    """What a list of coded events holds; a table without any row is None.

    Attributes:
        treatments: patient_id, date, drug, event, route.
        tests: patient_id, date, test; value and unit where the list has them.
        patients: patient_id and the fields that codes tell.
        rows: word of `DESTINATIONS` -> how many rows; together all of the list.
    """

    treatments: Grid | None
    tests: Grid | None
    patients: Grid | None
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Coded:
    """The list with its distinct pairs of code and term read; `pair` is each row's."""

    grid: Grid
    ids: Ids
    pair: NDArray[np.int64]
    meanings: CodeMeanings

    def says(self, field: str) -> NDArray[np.int8]:
        return self.meanings.places(field)[self.pair]

    def spread(self, pairs: Mask) -> Mask:
        rows: Mask = pairs[self.pair]
        return rows

    @property
    def at(self) -> str:
        """The column that findings point to."""
        return "code" if "code" in self.grid.columns else "term"


def read_coded_events(
    grid: Grid, findings: Findings, supplies: Supplies = NOTHING_SUPPLIED, injected: str = ""
) -> CodedEvents:
    """Translate a list of coded events.

    A code for an injection does not say which cobalamin was injected. It is that of the term where the term names
    it, else what the patient is supplied with, else `injected`; otherwise the drug stays unreadable, so that its
    patient cannot be assessed: a guess could only flatter.

    Args:
        grid: columns of `CODED_COLUMNS`.
        findings: receives what is not used, and why.
        supplies: what the treatments of the same input say.
        injected: the drug that the practice itself says it injects; blank where it does not say.

    Raises:
        InputRejected: Excel has rounded the patient ids, or the dates have the month first.
    """
    pair, meanings = _read_pairs(grid)
    coded = _Coded(grid, read_ids(grid), pair, meanings)
    goes = _destinations(meanings)[pair]
    _report(coded, findings)
    report_nobody(grid, (goes == DESTINATIONS.index("patients")) & coded.ids.missing, findings)
    said = {field: coded.says(field) for field in _OF_PATIENTS}
    patients = coded_patients(grid, coded.ids, said, _treated(coded, supplies), findings)
    counts = np.bincount(goes, minlength=len(DESTINATIONS)).tolist()
    return CodedEvents(
        treatments=_treatments(coded, supplies, injected, findings),
        tests=_tests(coded),
        patients=patients,
        rows=dict(zip(DESTINATIONS, counts, strict=True)),
    )


def _read_pairs(grid: Grid) -> tuple[NDArray[np.int64], CodeMeanings]:
    """For each row which distinct pair of code and term it has, and what the pairs say."""
    nothing = Column("", ("",), np.zeros(len(grid), np.int32))
    code, term = grid.columns.get("code", nothing), grid.columns.get("term", nothing)
    keys = code.codes.astype(np.int64) * len(term.distinct) + term.codes
    distinct, pair = np.unique(keys, return_inverse=True)
    codes, terms = np.divmod(distinct, len(term.distinct))
    typed = [text(code.distinct[place]) for place in codes.tolist()]
    return pair, read_codes(typed, [text(term.distinct[place]) for place in terms.tolist()])


def _destinations(meanings: CodeMeanings) -> NDArray[np.int64]:
    """Of each pair the place in `DESTINATIONS`."""
    of_patient = np.logical_or.reduce([meanings.places(field) != -1 for field in _OF_PATIENTS])
    conditions = [
        meanings.places("event") != -1,
        meanings.places("test") != -1,
        of_patient,
        meanings.drug,
        meanings.unread,
    ]
    words = ("treatments", "tests", "patients", "medicine", "unread")
    return np.select(conditions, [DESTINATIONS.index(word) for word in words], DESTINATIONS.index("not_used"))


def _given(coded: _Coded) -> Mask:
    given: Mask = np.isin(coded.says("event"), [EVENT.index(word) for word in GIVEN_EVENTS])
    return given


def _treated(coded: _Coded, supplies: Supplies) -> Mask:
    """By patient, whether anything shows vitamin B12 treatment."""
    ids = coded.ids
    treated = np.fromiter((id_ in supplies.treated for id_ in ids.distinct), np.bool_, len(ids.distinct))
    treated[ids.codes[_given(coded) & ~ids.missing]] = True
    return treated


# --- tables


def _only(column: Column, rows: Mask) -> Column:
    """The column of some rows, without the cells that stand in none of them."""
    used, codes = np.unique(column.codes[rows], return_inverse=True)
    return Column(column.letter, tuple(column.distinct[place] for place in used.tolist()), codes.astype(np.int32))


def _part(coded: _Coded, table: str, rows: Mask, columns: Mapping[str, Column]) -> Grid | None:
    """Some rows of the list as another table; columns not given are those of the list."""
    if not rows.any():
        return None
    grid = coded.grid
    kept = {field: _only(column, rows) for field, column in columns.items()}
    return Grid(table, grid.file, grid.sheet, grid.origin, grid.rows[rows], kept)


def _own(coded: _Coded, *fields: str) -> dict[str, Column]:
    return {field: coded.grid.columns[field] for field in fields if field in coded.grid.columns}


def _tests(coded: _Coded) -> Grid | None:
    test = coded.says("test")
    named = Column(coded.grid.letter(coded.at), TEST, np.maximum(test, 0).astype(np.int32))
    own = _own(coded, "patient_id", "date", "value", "unit")
    return _part(coded, "Tests", test != -1, {**own, "test": named})


def _treatments(coded: _Coded, supplies: Supplies, injected: str, findings: Findings) -> Grid | None:
    event, route = coded.says("event"), coded.says("route")
    letter = coded.grid.letter(coded.at)
    columns = _own(coded, "patient_id", "date") | {
        "drug": _drugs(coded, supplies, injected, findings),
        "event": Column(letter, EVENT, np.maximum(event, 0).astype(np.int32)),
        "route": Column(letter, (*ROUTE, ""), np.where(route == -1, len(ROUTE), route).astype(np.int32)),
    }
    return _part(coded, "Treatments", event != -1, columns)


def _drugs(coded: _Coded, supplies: Supplies, injected: str, findings: Findings) -> Column:
    """The drug of each row; of rows that are no event of an injection it means nothing."""
    names = [_OF_NO_DOSE, injected or _UNKNOWN_DRUG]
    by_term, by_patient = _named_by_term(coded, names), _named_by_patient(coded, supplies, names)
    given = _given(coded)
    place = np.select([~given, by_term != -1, by_patient != -1], [np.int32(0), by_term, by_patient], np.int32(1))
    message = (
        "{count} injections are recorded by a code that does not say which vitamin B12 was injected, and no "
        "prescription of their patients does: they cannot be read. Add the prescriptions to the extract."
    )
    unknown = given & (place == 1) & (not injected)
    findings.first("warning", "INJECTION_DRUG_UNKNOWN", message, (coded.grid, coded.at), unknown)
    return Column(coded.grid.letter(coded.at), tuple(names), place.astype(np.int32))


def _named_by_term(coded: _Coded, names: list[str]) -> Codes:
    """For each row the place among `names` of the drug in its term, which is added to them; -1 for none."""
    if "term" not in coded.grid.columns:
        return np.full(len(coded.grid), -1, np.int32)
    column = coded.grid.columns["term"]
    events = np.unique(column.codes[coded.says("event") != -1]).tolist()
    places = np.full(len(column.distinct), -1, np.int32)
    for place in events:
        if read_drug(text(column.distinct[place])).substance in B12_SUBSTANCES:
            places[place] = len(names)
            names.append(text(column.distinct[place]))
    return column.spread(places)


def _named_by_patient(coded: _Coded, supplies: Supplies, names: list[str]) -> Codes:
    """The same of what the row's patient is supplied with."""
    place_of = {name: len(names) + place for place, name in enumerate(dict.fromkeys(supplies.injected.values()))}
    names.extend(place_of)
    known = [place_of.get(supplies.injected.get(id_, ""), -1) for id_ in coded.ids.distinct]
    return np.array([*known, -1], np.int32)[coded.ids.codes]


# --- findings

_SAYS: Final = {
    "damaged": (
        "CODE_DAMAGED",
        "The code is damaged: its check digit does not fit, as when Excel rounds a long number. It is not used, and "
        "the words beside it are read instead; export the code as text.",
    ),
    "differs": ("CODE_TERM_DIFFER", "The code and the words beside it say different things; the code counts."),
}
_COUNTED: Final = {
    "lost": (
        "CODE_LOST",
        "{count} rows lost their code on the way from another practice, and their words cannot be read.",
    ),
    "drug": (
        "CODED_DRUG_NOT_USED",
        "{count} rows of the list of codes are medicines with vitamin B12 or folic acid, and are not used: whether "
        "they were issued or given is not said. Export the prescriptions as treatments.",
    ),
}


def _report(coded: _Coded, findings: Findings) -> None:
    """What is not used as it stands. Words of a term are not repeated: they may be free text, and name a person."""
    meanings, grid = coded.meanings, coded.grid
    for name, (code, message) in _SAYS.items():
        findings.cells("warning", code, message, (grid, coded.at), coded.spread(getattr(meanings, name)))
    flags = {"lost": meanings.degraded & meanings.unread, "drug": meanings.drug}
    for name, (code, message) in _COUNTED.items():
        findings.first("warning", code, message, (grid, coded.at), coded.spread(flags[name]))
    unread = coded.spread(meanings.unread)
    message = "{count} rows have codes and words that this audit does not know, and are not used."
    findings.first("note", "CODE_UNREAD", message, (grid, coded.at), unread)
    message = "{count} rows say that a patient is pregnant or breastfeeding, not whether at the start of treatment."
    pregnant = coded.says("pregnant_or_breastfeeding") != -1
    findings.first("note", "PREGNANCY_NOT_USED", message, (grid, coded.at), pregnant)
    _report_b12(coded, findings)


def _report_b12(coded: _Coded, findings: Findings) -> None:
    """Each pair that names vitamin B12 and is not understood, with its count, by the cell where it first stands."""
    grid, rows = coded.grid, coded.spread(coded.meanings.names_b12)
    _, first, counts = np.unique(coded.pair[rows], return_index=True, return_counts=True)
    at = grid.rows[rows][first]
    for place in sorted(range(len(counts)), key=lambda place: (-counts[place], at[place])):
        message = f"{counts[place]:,} rows have these words about vitamin B12, and nothing can be read from them."
        where = (grid.file, grid.sheet, int(at[place]), grid.letter("term"), "term")
        findings.add(Finding("warning", "CODE_B12_UNREAD", message, *where))
