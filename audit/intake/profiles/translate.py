"""Lists of coded events become tables of treatments, tests and patients' fields, beside what the input has of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from audit.intake.cells import Cell, Column, Grid, Mask, text
from audit.intake.code_list import code_list
from audit.intake.coded_events import CodedEvents, read_coded_events
from audit.intake.codes import read_codes
from audit.intake.drugs import read_drug
from audit.intake.extract import Finding
from audit.intake.findings import Findings
from audit.intake.supplies import NOTHING_SUPPLIED, Supplies, read_supplies
from audit.intake.values import read_words
from schemas.vocabulary import B12_SUBSTANCES, EVENT, GIVEN_EVENTS

#: Words that change nothing in the name of an injection on a list of what was done.
_FORMS: Final = frozenset(
    (
        *("injection", "injections", "inj", "ampoule", "ampoules", "amp", "solution", "for", "of", "im", "sc", "given"),
        *("intramuscular", "subcutaneous", "vitamin", "vit", "b", "mg", "ml", "mcg", "microgram", "micrograms", "dose"),
        *("neo", "cytamen", "cobalin", "h"),
    )
)
_GIVEN: Final = "Vitamin B12 injection given"
_SWALLOWED: Final = ("oral", "sublingual", "nasal")
#: Tests that criteria ask for; of a list without them it cannot be told whether they were done.
_ASKED_FOR: Final = ("folate", "ferritin", "haemoglobin", "potassium", "vitamin_b6", "vitamin_b12")


@dataclass(frozen=True, slots=True)
class Translated:
    """What the lists of coded events add to each table."""

    treatments: tuple[Grid, ...] = ()
    tests: tuple[Grid, ...] = ()
    patients: tuple[Grid, ...] = ()

    @property
    def gives(self) -> bool:
        """Whether anything in them was given."""
        return any(_has_given(grid) for grid in self.treatments)


def translate(lists: Sequence[Grid], treatments: Sequence[Grid], findings: Findings) -> Translated:
    """Translate the lists of one input.

    Args:
        lists: of the tables Codes and Procedures.
        treatments: the tables of treatments beside them.
        findings: receives what is not used, and why.

    Raises:
        InputRejected: Excel has rounded the patient ids, or the dates have the month first.
    """
    supplies = read_supplies(treatments[0]) if treatments else NOTHING_SUPPLIED
    parts = [(_direct(grid), grid) for grid in map(_merged, lists)]
    events = [_read(grid if direct is None else _without(grid, direct), findings, supplies) for direct, grid in parts]
    told = list(zip((grid for _, grid in parts), events, strict=True))
    named = [_named(grid, direct) for direct, grid in parts if direct is not None and direct.any()]
    for grid, read in told:
        _report(grid, read, findings)
    routed = [_routed(read.treatments, grid) for grid, read in told if read.treatments]
    out = Translated(
        treatments=(*named, *routed),
        tests=tuple(replace(read.tests, label=grid.label) for grid, read in told if read.tests),
        patients=tuple(replace(read.patients, label=grid.label) for grid, read in told if read.patients),
    )
    _report_tests(out.tests, findings)
    return out


def _read(grid: Grid, findings: Findings, supplies: Supplies) -> CodedEvents:
    return read_coded_events(grid, findings, supplies)


def _has_given(grid: Grid) -> bool:
    given = [EVENT.index(word) for word in GIVEN_EVENTS]
    return bool(np.isin(read_words(grid.columns["event"], "event").values, given).any())


# --- columns


def _cells(grid: Grid, name: str) -> list[Cell]:
    column = grid.columns.get(name)
    return [""] * len(grid) if column is None else [column.distinct[code] for code in column.codes.tolist()]


def _merged(grid: Grid) -> Grid:
    """A list with one column of codes, one of terms, and comparators before their numbers."""
    columns = dict(grid.columns)
    for name in ("code", "term"):
        other = columns.pop(f"other_{name}", None)
        if other is not None:
            pairs = zip(_cells(grid, name), _cells(grid, f"other_{name}"), strict=True)
            cells = [first if text(first) else second for first, second in pairs]
            own = columns.get(name)
            columns[name] = Column.of(own.letter if own else other.letter, cells)
    if "comparator" in columns and "value" in columns:
        signs = map(text, _cells(grid, "comparator"))
        pairs = zip(signs, _cells(grid, "value"), strict=True)
        cells = [f"{sign}{text(cell)}" if sign and text(cell) else cell for sign, cell in pairs]
        columns["value"] = Column.of(columns["value"].letter, cells)
    columns.pop("comparator", None)
    return replace(grid, columns=columns)


def _without(grid: Grid, rows: Mask) -> Grid:
    """A list without some rows; injections without a name of their drug are written as codes have them."""
    columns = {name: column.keep(~rows) for name, column in grid.columns.items()}
    if "term" in columns:
        term = columns["term"]
        cells: list[Cell] = [_GIVEN if _is_injection(text(cell)) else cell for cell in term.distinct]
        again = Column.of(term.letter, cells)
        columns["term"] = Column(term.letter, again.distinct, again.codes[term.codes].astype(np.int32))
    return replace(grid, rows=grid.rows[~rows], columns=columns)


# --- lists of what was done


def _direct(grid: Grid) -> Mask | None:
    """On a list of what was done, the rows that name the drug that was injected; None for other lists."""
    if grid.table != "Procedures" or "term" not in grid.columns:
        return None
    column = grid.columns["term"]
    names = [_names_drug(text(cell)) for cell in column.distinct]
    return column.spread(np.array(names, np.bool_))


def _plain_words(typed: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", typed.casefold())


def _names_drug(typed: str) -> bool:
    drug = read_drug(typed)
    if drug.substance not in B12_SUBSTANCES or drug.route in _SWALLOWED:
        return False
    words = _plain_words(typed)
    return all(word in _FORMS or read_drug(word).substance in B12_SUBSTANCES for word in words)


def _is_injection(typed: str) -> bool:
    """Whether a term is the bare name of an injection of vitamin B12: on a list of what was done, it was given."""
    listed = code_list()
    key = listed.spelling.key(typed)
    known = {listed.spelling.key(name) for name in listed.injections}
    return key in known and bool(read_codes([""], [typed]).unread[0])


def _named(grid: Grid, rows: Mask) -> Grid:
    letter = grid.letter("term")
    columns = {name: grid.columns[name].keep(rows) for name in ("patient_id", "date", "route") if name in grid.columns}
    given = np.full(int(rows.sum()), EVENT.index("administered"), np.int32)
    columns |= {"drug": grid.columns["term"].keep(rows), "event": Column(letter, EVENT, given)}
    return replace(grid, table="Treatments", rows=grid.rows[rows], columns=_unsupplied(columns, len(given)))


def _unsupplied(columns: Mapping[str, Column], count: int) -> dict[str, Column]:
    """With a column of quantities in which nothing stands: what is given is not counted in ampoules."""
    return {**columns, "quantity": Column("", ("",), np.zeros(count, np.int32))}


def _routed(treatments: Grid, grid: Grid) -> Grid:
    """Treatments from codes with the list's own column of routes, where their code says none."""
    columns = _unsupplied(treatments.columns, len(treatments))
    if "route" in grid.columns:
        own = dict(zip(grid.rows.tolist(), _cells(grid, "route"), strict=True))
        by_code = [text(cell) for cell in _cells(treatments, "route")]
        pairs = zip(by_code, treatments.rows.tolist(), strict=True)
        cells = [said if said and said != "injection" else own[row] or said for said, row in pairs]
        columns["route"] = Column.of(grid.letter("route"), cells)
    return replace(treatments, columns=columns, label=grid.label)


# --- what is to be said


def _report(grid: Grid, read: CodedEvents, findings: Findings) -> None:
    rows = read.rows
    message = (
        f"{len(grid):,} coded events: {rows['treatments']:,} of treatment, {rows['tests']:,} results, "
        f"{rows['patients']:,} about patients, {rows['not_used'] + rows['medicine'] + rows['unread']:,} not used."
    )
    findings.add(Finding("note", "CODES_READ", message, grid.file, grid.sheet))


def _report_tests(tests: Sequence[Grid], findings: Findings) -> None:
    """Warn of tests that occur nowhere: nobody can tell whether they were not done or not exported."""
    columns = [grid.columns["test"] for grid in tests]
    held = {text(column.distinct[code]) for column in columns for code in np.unique(column.codes)}
    lacking = [name for name in _ASKED_FOR if name not in held]
    if tests and lacking:
        message = (
            f"The lists hold no result of {', '.join(lacking)} for any patient. If these were not exported, what is "
            "said of them counts as not done; export them too."
        )
        findings.add(Finding("warning", "TESTS_NOT_LISTED", message, tests[0].file, tests[0].sheet))

