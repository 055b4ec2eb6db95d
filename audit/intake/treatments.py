"""The canonical treatments: every data row of the sheet, read or set aside with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.intake import drugs
from audit.intake.cells import Grid, Mask, text
from audit.intake.dates import Dates, read_dates
from audit.intake.directions.reading import read_directions
from audit.intake.extract import Finding
from audit.intake.findings import WIDTH, Findings
from audit.intake.headings import blank_cells
from audit.intake.ids import CodeOf, Ids
from audit.intake.quantities import read_quantity
from audit.intake.tables import categorical, reason, report_dates, report_nobody, source, texts
from audit.intake.values import Reading, read_column, read_dose, read_words
from schemas.vocabulary import (
    B12_SUBSTANCES,
    DIRECTIONS_STATUS,
    EVENT,
    INPUT_COLUMNS,
    INTERVAL_UNIT,
    ROUTE,
    SUBSTANCE,
)

_FIELDS = INPUT_COLUMNS["Treatments"]
_OTHER = SUBSTANCE.index("other")
_HYDROXOCOBALAMIN = SUBSTANCE.index("hydroxocobalamin")
_INJECTION = ROUTE.index("injection")
#: routes whose directions say how often a day, not how long an interval
_BY_MOUTH = ("oral", "sublingual", "nasal", "other")
_NAME_WIDTH = 80
#: Row keys stay below this, and so within 64 bits.
_LARGEST_KEY = 2**62

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Treatments:
    """The frame of `schemas.canonical.TREATMENTS`, and how many rows each drug that is not ours has."""

    frame: pd.DataFrame
    unmapped_drugs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Drugs:
    """What the drug column says, per row; codes are -1 and numbers NaN where it does not say."""

    blank: Mask
    substance: NDArray[np.int8]
    route: NDArray[np.int8]
    micrograms: Floats
    micrograms_per_ml: Floats


def build_treatments(grid: Grid, ids: Ids, code_of: CodeOf, findings: Findings, flat: bool) -> Treatments:
    """Read a Treatments sheet.

    Args:
        grid: the sheet.
        ids: its patient_id column.
        code_of: the row number of each patient in the patients' frame.
        findings: receives what is wrong.
        flat: there is no Patients sheet; a row without treatment cells then only brings its patient.
    """
    named, unmapped = _read_drugs(grid, findings)
    dates, events = read_dates(grid, "date"), _read_events(grid, findings)
    aside = _aside(grid, ids, named, flat)
    read = aside == reason("")
    route, assumed, routeless = _routes(grid, named, read, findings)
    unread = _unread(named, dates, events) | {"ROUTE_UNKNOWN": routeless}
    unreadable = read & np.logical_or.reduce(list(unread.values()))
    _report_rows(grid, aside, unread, findings)
    report_dates(grid, "date", dates, findings)
    frame = pd.DataFrame(
        {
            "patient": ids.coded(code_of),
            "date": dates.values.astype("datetime64[s]"),
            "substance": categorical(named.substance, SUBSTANCE),
            "event": categorical(events.values, EVENT),
            "route": categorical(route, ROUTE),
            "route_assumed": assumed,
            "dose_micrograms": _doses(grid, named, read & ~unreadable, findings),
            "quantity": _quantities(grid, findings),
            "directions": texts(grid, "directions"),
            **_directions(grid),
            **source(grid, np.where(unreadable, reason("unreadable"), aside)),
        }
    )
    _report_directions(grid, frame, findings)
    return Treatments(frame, unmapped)


def _read_drugs(grid: Grid, findings: Findings) -> tuple[_Drugs, dict[str, int]]:
    column = grid.columns["drug"]
    names = [text(cell) for cell in column.distinct]
    read = [drugs.read_drug(name) for name in names]
    substance = _places([drug.substance for drug in read], SUBSTANCE)
    named = _Drugs(
        blank=column.spread(blank_cells("drug", column)),
        substance=column.spread(substance),
        route=column.spread(_places([drug.route for drug in read], ROUTE)),
        micrograms=column.spread(np.array([drug.micrograms for drug in read], np.float64)),
        micrograms_per_ml=column.spread(np.array([drug.micrograms_per_ml for drug in read], np.float64)),
    )
    return named, _unmapped(grid, names, named.substance == _OTHER, findings)


def _places(words: list[str | None], vocabulary: tuple[str, ...]) -> NDArray[np.int8]:
    return np.array([-1 if word is None else vocabulary.index(word) for word in words], np.int8)


def _unmapped(grid: Grid, names: list[str], rows: Mask, findings: Findings) -> dict[str, int]:
    """How many rows each drug that is not ours has, the most frequent first; one note each."""
    column = grid.columns["drug"]
    codes, first, counts = np.unique(column.codes[rows], return_index=True, return_counts=True)
    at = grid.rows[rows][first]
    out: Counter[str] = Counter()
    order = sorted(range(len(codes)), key=lambda place: (-counts[place], names[codes[place]]))
    for place in order:
        name = names[codes[place]][:_NAME_WIDTH]
        out[name] += int(counts[place])
        message = f"{counts[place]:,} rows of a drug that this audit does not use."
        where = (grid.file, grid.sheet, int(at[place]), column.letter, "drug", name[:WIDTH])
        findings.add(Finding("note", "DRUG_NOT_USED", message, *where))
    return dict(out)


def _read_events(grid: Grid, findings: Findings) -> Reading[np.int8]:
    if "event" in grid.columns:
        return read_words(grid.columns["event"], "event")
    message = "There is no event column: every row counts as a prescription issued, not as given."
    findings.add(Finding("warning", "EVENT_ASSUMED_ISSUED", message, grid.file, grid.sheet, field="event"))
    none = np.zeros(len(grid), np.bool_)
    return Reading(np.full(len(grid), EVENT.index("issued"), np.int8), none, none)


def _aside(grid: Grid, ids: Ids, named: _Drugs, flat: bool) -> NDArray[np.int8]:
    """Why rows are set aside before anything else in them is read; the first reason that holds."""
    other = named.substance == _OTHER
    only_patient = _without_treatment(grid) if flat else np.zeros(len(grid), np.bool_)
    aside = np.select(
        [other, ids.missing, only_patient],
        [reason("not_b12"), reason("no_patient_id"), reason("patient_only")],
        default=reason(""),
    )
    again = _repeated(grid, ids, aside == reason(""))
    return np.where(again, reason("duplicate"), aside).astype(np.int8)


def _without_treatment(grid: Grid) -> Mask:
    cells = [(field, grid.columns[field]) for field in _FIELDS[1:] if field in grid.columns]
    blank = [column.spread(blank_cells(field, column)) for field, column in cells]
    all_blank: Mask = np.all(blank, axis=0)
    return all_blank


def _repeated(grid: Grid, ids: Ids, rows: Mask) -> Mask:
    """The marked rows whose cells all equal those of a marked row above."""
    key = ids.codes.astype(np.int64)
    size = len(ids.distinct)
    for column in (grid.columns[field] for field in _FIELDS[1:] if field in grid.columns):
        if size * len(column.distinct) > _LARGEST_KEY:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = len(key)
        key = key * len(column.distinct) + column.codes
        size *= len(column.distinct)
    out, marked = np.zeros(len(grid), np.bool_), key[rows]
    ordered = np.sort(marked)
    # to sort numbers is cheaper than to look each up, and few repeat
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    at = np.flatnonzero(rows)[pd.Series(marked).isin(repeated)]
    out[at] = pd.Series(key[at]).duplicated().to_numpy()
    return out


def _routes(grid: Grid, named: _Drugs, read: Mask, findings: Findings) -> tuple[NDArray[np.int8], Mask, Mask]:
    """The route, where it is assumed, and where a B12 drug has none at all."""
    route = named.route
    if "route" in grid.columns:
        typed = read_words(grid.columns["route"], "route")
        message = "The route cannot be read; what the drug's name says is used."
        findings.cells("warning", "VALUE_UNKNOWN", message, (grid, "route"), typed.bad & read)
        route = np.where(typed.values == -1, named.route, typed.values)
    lacking = route == -1
    lacking[lacking] = np.isin(named.substance[lacking], range(len(B12_SUBSTANCES)))
    assumed = lacking & (named.substance == _HYDROXOCOBALAMIN)
    field = "route" if "route" in grid.columns else "drug"
    message = "{count} rows of hydroxocobalamin do not say how it is given; it is taken as injected."
    findings.first("warning", "ROUTE_ASSUMED", message, (grid, field), assumed & read)
    return np.where(assumed, np.int8(_INJECTION), route), assumed, lacking & ~assumed


def _unread(named: _Drugs, dates: Dates, events: Reading[np.int8]) -> dict[str, Mask]:
    """By finding, the rows that lack what every row must say."""
    return {
        "DRUG_MISSING": named.blank,
        "DRUG_UNREADABLE": ~named.blank & (named.substance == -1),
        "DATE_MISSING": dates.blank,
        "DATE_UNREADABLE": dates.bad,
        "EVENT_MISSING": events.blank,
        "EVENT_UNREADABLE": events.bad,
    }


_SAYS = {
    "DRUG_MISSING": ("drug", "The row names no drug"),
    "DRUG_UNREADABLE": ("drug", "The drug cannot be read"),
    "DATE_MISSING": ("date", "The row has no date"),
    "DATE_UNREADABLE": ("date", "The date cannot be read"),
    "EVENT_MISSING": ("event", "The row does not say what happened"),
    "EVENT_UNREADABLE": ("event", "The event cannot be read"),
    "ROUTE_UNKNOWN": ("drug", "Neither the row nor the drug's name says how it is given"),
}


def _report_rows(grid: Grid, aside: NDArray[np.int8], unread: Mapping[str, Mask], findings: Findings) -> None:
    report_nobody(grid, aside == reason("no_patient_id"), findings)
    message = "The row repeats a row above, cell for cell; it counts once."
    findings.cells("warning", "DUPLICATE_EVENT", message, (grid, "patient_id"), aside == reason("duplicate"))
    for code, rows in unread.items():
        field, says = _SAYS[code]
        message = f"{says}: it is set aside, and its patient cannot be assessed."
        findings.cells("error", code, message, (grid, field), rows & (aside == reason("")))


def _doses(grid: Grid, named: _Drugs, used: Mask, findings: Findings) -> Floats:
    """Micrograms per dose: as typed, else as the drug's name says; NaN where neither tells."""
    if "dose" not in grid.columns:
        return named.micrograms
    column = grid.columns["dose"]
    blank = column.spread(blank_cells("dose", column))
    typed = np.full(len(grid), np.nan)
    read = [read_dose(cell) for cell in column.distinct]
    per = {"micrograms": 1.0, "ml": named.micrograms_per_ml, "units": named.micrograms}
    units = {dose.unit for dose in read if dose}
    for unit, size in ((unit, size) for unit, size in per.items() if unit in units):
        amounts = np.array([dose.amount if dose and dose.unit == unit else np.nan for dose in read])
        typed = np.where(np.isnan(typed), column.spread(amounts) * size, typed)
    message = "The dose cannot be read; it counts as unknown."
    findings.cells("warning", "DOSE_UNREADABLE", message, (grid, "dose"), ~blank & np.isnan(typed) & used)
    return np.where(blank, named.micrograms, typed)


def _directions(grid: Grid) -> dict[str, pd.Categorical | Floats]:
    """What each row's directions say of maintenance; every distinct text is read once."""
    if "directions" not in grid.columns:
        blank = np.zeros(len(grid), np.int8)
        return _as_columns(blank, np.full(len(grid), np.nan), np.full(len(grid), -1, np.int8))
    column = grid.columns["directions"]
    read = [read_directions(text(cell)).maintenance for cell in column.distinct]
    blank_cell = blank_cells("directions", column)
    status = np.where(blank_cell, 0, [1 if interval is None else 2 for interval in read]).astype(np.int8)
    high = np.array([np.nan if interval is None else interval.high for interval in read], np.float64)
    unit = _places([None if interval is None else interval.unit for interval in read], INTERVAL_UNIT)
    return _as_columns(column.spread(status), column.spread(high), column.spread(unit))


def _report_directions(grid: Grid, frame: pd.DataFrame, findings: Findings) -> None:
    """Each text that no interval can be read from, with its count, by the cell where it first stands.

    The text itself is not repeated: directions are free text, and may name a person.
    """
    if "directions" not in grid.columns:
        return
    column = grid.columns["directions"]
    rows = np.array((frame["directions_status"] == "unread") & (frame["set_aside"] == ""))
    unread = frame.loc[rows, ["substance", "route"]]
    rows[rows] = unread["substance"].isin(B12_SUBSTANCES) & ~unread["route"].isin(_BY_MOUTH)
    _, first, counts = np.unique(column.codes[rows], return_index=True, return_counts=True)
    at = grid.rows[rows][first]
    for place in sorted(range(len(counts)), key=lambda place: (-counts[place], at[place])):
        message = f"{counts[place]:,} rows have these directions, and no maintenance interval can be read from them."
        where = (grid.file, grid.sheet, int(at[place]), column.letter, "directions")
        findings.add(Finding("note", "DIRECTIONS_UNREAD", message, *where))


def _as_columns(
    status: NDArray[np.int8], high: Floats, unit: NDArray[np.int8]
) -> dict[str, pd.Categorical | Floats]:
    return {
        "directions_status": categorical(status, DIRECTIONS_STATUS),
        "interval_high": high,
        "interval_unit": categorical(unit, INTERVAL_UNIT),
    }


def _quantities(grid: Grid, findings: Findings) -> Floats:
    if "quantity" in grid.columns:
        return read_column(grid.columns["quantity"], "quantity", read_quantity, np.nan, np.float64).values
    message = "There is no quantity column: every prescription counts as one ampoule."
    findings.add(Finding("warning", "QUANTITY_ASSUMED", message, grid.file, grid.sheet, field="quantity"))
    return np.ones(len(grid))
