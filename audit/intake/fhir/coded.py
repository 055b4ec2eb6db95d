"""Coded events become rows of treatments, tests and patients, by the reader of coded lists that exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from audit.intake.cells import Cell, Column, Grid, Place, Sheet
from audit.intake.coded_events import CODED_COLUMNS, read_coded_events
from audit.intake.codes import read_codes
from audit.intake.extract import Finding
from audit.intake.fhir.clinical import FALLBACK, Event
from audit.intake.fhir.elements import Pair
from audit.intake.fhir.medicines import NOT_DONE
from audit.intake.fhir.notes import Notes
from audit.intake.findings import Findings
from audit.intake.places import findings_to_lines
from audit.intake.supplies import NOTHING_SUPPLIED, Supplies, read_supplies
from schemas.vocabulary import EVENT, GIVEN_EVENTS

Placed = tuple[Event, Place]
#: A row by field, and its place.
Row = tuple[dict[str, Cell], Place]
_LIST = "Codes"


@dataclass(frozen=True, slots=True)
class Coded:
    """What coded events say, as rows by table, and the findings about them."""

    treatments: tuple[Row, ...] = ()
    tests: tuple[Row, ...] = ()
    patients: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_events(events: Sequence[Placed], treatments: Sheet, notes: Notes) -> Coded:
    """Read coded events.

    Args:
        events: as gathered.
        treatments: what was prescribed, so that an injection whose code names no cobalamin is of the one supplied.
        notes: receives the events that are not used.
    """
    chosen = list(_chosen(events, notes))
    if not chosen:
        return Coded()
    cells = [[event.patient, event.date, *_words(event), event.value, event.unit] for event, _ in chosen]
    places = [("", 0), *(place for _, place in chosen)]
    sheet = Sheet(treatments.file, _LIST, [CODED_COLUMNS, *cells], places=places)
    findings = Findings()
    read = read_coded_events(_grid(sheet), findings, _supplies(treatments))
    return Coded(
        treatments=tuple(_rows(read.treatments, places)),
        tests=tuple(_rows(read.tests, places)),
        patients=tuple(_rows(read.patients, places)),
        findings=findings_to_lines(findings.finish(), {(sheet.file, sheet.name): places}),
    )


def _supplies(treatments: Sheet) -> Supplies:
    return read_supplies(_grid(treatments)) if len(treatments.rows) > 1 else NOTHING_SUPPLIED


def _grid(sheet: Sheet) -> Grid:
    """A sheet that was made here: its headings stand in the first row, and no row is blank."""
    headings, *rows = sheet.rows
    columns = {str(name): Column.of("", [row[place] for row in rows]) for place, name in enumerate(headings)}
    numbers = np.arange(2, len(sheet.rows) + 1, dtype=np.int32)
    return Grid(sheet.name, sheet.file, sheet.name, sheet.origin, numbers, columns)


def _words(event: Event) -> tuple[str, str]:
    return event.pairs[0].code, event.pairs[0].term


def _rows(grid: Grid | None, places: Sequence[Place]) -> Iterator[Row]:
    """The rows of a grid as cells again."""
    if grid is None:
        return
    fields = tuple(grid.columns)
    cells = [[column.distinct[code] for code in column.codes.tolist()] for column in grid.columns.values()]
    for *row, line in zip(*cells, grid.rows.tolist(), strict=True):
        yield dict(zip(fields, row, strict=True)), places[line - 1]


# --- which of several codes counts


@dataclass(slots=True)
class _Meanings:
    """What every pair of a code and a term says, each read once."""

    known: set[Pair] = field(default_factory=set)
    saying: set[Pair] = field(default_factory=set)
    given: set[Pair] = field(default_factory=set)
    smoker: set[Pair] = field(default_factory=set)

    @classmethod
    def of(cls, every: Sequence[Pair]) -> _Meanings:
        read = read_codes([pair.code for pair in every], [pair.term for pair in every])
        fields = ("deficiency", "cause", "neurological_involvement", "indication", "smoker", "event", "test")
        said = {name: read.places(name) for name in fields}
        given = [EVENT.index(word) for word in GIVEN_EVENTS]
        return cls(
            known={pair for pair, group in zip(every, read.group.tolist(), strict=True) if group >= 0},
            saying={pair for place, pair in enumerate(every) if any(said[name][place] >= 0 for name in fields)},
            given={pair for pair, event in zip(every, said["event"].tolist(), strict=True) if event in given},
            smoker={pair for pair, word in zip(every, said["smoker"].tolist(), strict=True) if word >= 0},
        )

    def best(self, pairs: Sequence[Pair]) -> Pair:
        """The first that says something, else the first that is known, else the first."""
        return next(pair for wanted in (self.saying, self.known, set(pairs)) for pair in pairs if pair in wanted)


def _chosen(events: Sequence[Placed], notes: Notes) -> Iterator[Placed]:
    """Each event with the one pair that counts; what was not done is told by the words for that."""
    every = list(dict.fromkeys(pair for event, _ in events for pair in (*event.pairs, *event.answers)))
    meanings = _Meanings.of(every)
    for event, place in events:
        pair = meanings.best(event.pairs)
        if event.instead:
            if pair not in meanings.given:
                notes.add(place, NOT_DONE)
                continue
            pair = Pair("", event.instead)
        elif pair not in meanings.saying:
            pair = next((answer for answer in event.answers if answer in meanings.smoker), pair)
        if event.fallback and pair in meanings.saying:
            notes.add(place, FALLBACK)
        yield replace(event, pairs=(pair,)), place
