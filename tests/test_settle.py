"""The fix list is exact: each cell is filled in the sheet with each value, and the record judged again.

The sheet is filled as text and judged twice: by the engine, through intake, and by the independent oracle, neither
of which knows the fix list. Every filled record is a patient of its own; that patients do not influence each other is
a law of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import pytest

from audit.cohort.cohort import build_cohort
from audit.cohort.window import AuditWindow, DateOptions
from audit.criteria import catalogue
from audit.intake.extract import Extract
from audit.pipeline import audit
from audit.render.terminal import result_lines
from audit.results import tries
from audit.results.fix import Fix, Plan, plan, ranked
from audit.results.judge import EXCLUDED, NOT_ASSESSABLE, judge
from audit.results.settle import fixes
from audit.standards.standard import load_standard
from schemas import vocabulary as words
from tests.compare import TODAY, as_extract, oracle
from tests.oracle import Options, Records
from tests.oracle.drugs import read_substance
from tests.test_laws import Case, by_owner, made, owner, tables_of, with_tables
from tests.test_what_if import window_of

CODES: Final = tuple(criterion.code for criterion in catalogue())
MANDATED: Final = {criterion.code for criterion in catalogue() if criterion.strength == "mandated"}
QUANTITIES: Final = tuple(str(number) for number in range(1, 101))
#: what each field may come to say, as a person would type it
TYPED: Final[dict[str, tuple[str, ...]]] = {
    "neurological_involvement": ("yes", "no"),
    "cause": tuple(cause for cause in words.CAUSE if cause != "unknown"),
    "event": words.EVENT,
    "route": words.ROUTE,
    "dose": ("1", "50", "999", "1 mg", "1001", "5 mg", "2499999", "2.5 g", "5 g"),
    "quantity": QUANTITIES,
    "directions": tuple(
        f"every {number} {unit}"
        for unit, numbers in {"days": (7, 62, 63, 92, 93, 184, 185), "weeks": (1, 8, 9, 13, 14, 26, 27)}.items()
        for number in numbers
    )
    + tuple(f"every {number} months" for number in (1, 2, 3, 4, 6, 7, 12, 24)),
    "test": (*words.TEST, "serum rhubarb"),
}
#: enough of the quantities where every blank one is tried
SOME_QUANTITIES: Final = ("1", "2", "3", "5", "6", "7", "8", "10", "12", "20", "100")
#: of the dates and drugs, for which nothing is certain, some
MAY_BE: Final[dict[str, tuple[str, ...]]] = {
    "date": ("1999-01-01", "2017-05-05", "2023-06-01", "2190-01-01"),
    "drug": ("Vitamin D 800unit capsules", "Folic acid 5mg tablets", "Neo-Cytamen"),
}
Verdict = tuple[str, str]


#: what happens to half of the patients' rows
SPOILT: Final[tuple[dict[str, str], ...]] = (
    {"event": ""},
    {"event": "banana"},
    {"quantity": "two"},
    {"dose": "", "drug": "Hydroxocobalamin"},
    {"directions": "as directed"},
    {"date": "31/31/2024"},
    {"drug": "???"},
    {"route": "", "drug": "Hydroxocobalamin"},
    {"route": "", "drug": "Cyanocobalamin"},
)


@dataclass(frozen=True)
class Judged:
    """A practice, and the fix list of it."""

    records: Records
    options: Options
    extract: Extract
    window: AuditWindow
    fixes: tuple[Fix, ...]
    unclear: frozenset[Verdict]
    excluded: frozenset[str]


def judged(records: Records, options: Options) -> Judged:
    extract = as_extract(records)
    window, standard = window_of(extract, options), load_standard()
    cohort = build_cohort(extract, window, standard)
    verdicts = [judge(criterion, cohort) for criterion in catalogue()]
    names = extract.patients["patient_id"].tolist()
    unclear = {(names[at], verdict.criterion.code) for verdict in verdicts
               for at in np.flatnonzero(verdict.outcome == NOT_ASSESSABLE)}  # fmt: skip
    out = {names[at] for at in np.flatnonzero(verdicts[0].outcome == EXCLUDED)}
    found = fixes(extract, window, standard, cohort, verdicts)
    return Judged(records, options, extract, window, found, frozenset(unclear), frozenset(out))


@cache
def case_of(seed: int, variant: str, patients: int) -> Judged:
    """A generated practice in which more cells are blank or unreadable than usual, and some rows stand twice."""
    records, options = made(Case(seed, variant, 0), patients)
    rng = Random(seed)
    tables = {name: [dict(row) for row in rows] for name, rows in tables_of(records).items()}
    for own in by_owner(with_tables(records, tables)).values():
        if own["treatments"] and rng.random() < 0.5:
            change = rng.choice(SPOILT)
            rng.choice(own["treatments"]).update({key: cell for key, cell in change.items() if _has(tables, key)})
        if own.get("tests") and rng.random() < 0.1:
            rng.choice(own["tests"])["test"] = ""
    tables["treatments"] += [dict(row) for row in rng.sample(tables["treatments"], patients // 4)]
    return judged(with_tables(records, tables), options)


def _has(tables: dict[str, list[dict[str, str]]], column: str) -> bool:
    return column in tables["treatments"][0]


# ---------------------------------------------------------------------- filling a cell of the sheet


@dataclass(frozen=True)
class Cell:
    """One cell of a sheet, with what is typed into it; row 0: a new row of the patient among the patients."""

    table: str
    row: int
    patient: str
    field: str
    typed: str


def filled(case: Judged, cells: Sequence[Cell]) -> Records:
    """The patient of each cell with that cell filled, under the cell's number as id."""
    tables: dict[str, list[dict[str, str]]] = {name: [] for name in ("patients", *tables_of(case.records))}
    everyone = _numbered(case.records)
    for number, cell in enumerate(cells):
        for name, rows in everyone[cell.patient].items():
            tables[name] += [row | {"patient_id": f"N{number}"} | _typed(cell, name, place) for place, row in rows]
        if cell.row == 0:
            tables["patients"].append({"patient_id": f"N{number}", cell.field: cell.typed})
    return with_tables(case.records, {name: _even(rows) for name, rows in tables.items() if rows or name != "patients"})


def _typed(cell: Cell, table: str, row: int) -> dict[str, str]:
    return {cell.field: cell.typed} if (table, row) == (cell.table.lower(), cell.row) else {}


def _even(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    columns = dict.fromkeys(key for row in rows for key in row)
    return [{column: row.get(column, "") for column in columns} for row in rows]


def _numbered(records: Records) -> dict[str, dict[str, list[tuple[int, dict[str, str]]]]]:
    """Of each patient the rows of each sheet, with their row numbers."""
    out: dict[str, dict[str, list[tuple[int, dict[str, str]]]]] = defaultdict(lambda: defaultdict(list))
    for name, rows in tables_of(records).items():
        for place, row in enumerate(rows):
            out[owner(row)][name].append((place + 2, row))
    return out


def engine_says(case: Judged, cells: Sequence[Cell]) -> list[set[str]]:
    """Of each filled record, the criteria that cannot be assessed."""
    extract = as_extract(filled(case, cells))
    cohort = build_cohort(extract, case.window, load_standard())
    at = {name: place for place, name in enumerate(extract.patients["patient_id"])}
    unclear = np.column_stack([judge(criterion, cohort).outcome == NOT_ASSESSABLE for criterion in catalogue()])
    return [{CODES[place] for place in np.flatnonzero(unclear[at[f"N{number}"]])} for number in range(len(cells))]


def oracle_says(case: Judged, cells: Sequence[Cell]) -> list[set[str]]:
    verdicts, _ = oracle(filled(case, cells), case.options)
    unclear: dict[str, set[str]] = defaultdict(set)
    for row in verdicts:
        if row["outcome"] == "not_assessable":
            unclear[row["patient_id"]].add(row["criterion"])
    return [unclear[f"N{number}"] for number in range(len(cells))]


def answers_to(fix: Fix) -> list[Cell]:
    """Every value, as a cell; a route may not say again that it is injected where that is known."""
    typed = TYPED[fix.field]
    return [Cell(fix.table, fix.row, fix.patient_id, fix.field, text) for text in typed]


# ---------------------------------------------------------------------- what is listed is true

PRACTICES: Final = [(1, "plain"), (2, "no_patients"), (3, "no_quantity"), (4, "no_event"), (5, "no_registered_from"),
                    (6, "no_reviews"), (7, "ng239")]  # fmt: skip
FEW: Final = 45
#: each cell of a treatment is tried: two of the practices only in the slow suite
EACH_CELL: Final = [PRACTICES[0], *(pytest.param(*one, marks=pytest.mark.slow) for one in PRACTICES[1:3])]
SCALES: Final = [pytest.param(FEW, id="few"), pytest.param(500, id="many", marks=pytest.mark.slow)]


@pytest.mark.parametrize("patients", SCALES)
@pytest.mark.parametrize(("seed", "variant"), PRACTICES, ids=str)
def test_whatever_a_certain_cell_says_settles_what_it_claims(seed: int, variant: str, patients: int) -> None:
    case = case_of(seed, variant, patients)
    claims = [(fix, cell) for fix in case.fixes if fix.certain and fix.settles for cell in answers_to(fix)]
    claims = [(fix, cell) for fix, cell in claims if not _says_no_more(case, fix, cell)]
    assert claims
    cells = [cell for _, cell in claims]
    for says in (engine_says, oracle_says):
        wrong = [f"{fix}\n  {cell.typed}: {sorted(set(fix.settles) & unclear)}"
                 for (fix, cell), unclear in zip(claims, says(case, cells), strict=True)
                 if set(fix.settles) & unclear]  # fmt: skip
        assert not wrong, "\n".join(wrong[:3])


def _says_no_more(case: Judged, fix: Fix, cell: Cell) -> bool:
    """ "injection" typed where the row is taken as injected already answers nothing."""
    if (fix.field, cell.typed) != ("route", "injection"):
        return False
    return bool(case.extract.treatments["route"].iloc[fix.row - 2] == "injection")


@pytest.mark.parametrize("patients", SCALES)
@pytest.mark.parametrize(("seed", "variant"), PRACTICES, ids=str)
def test_every_status_that_settles_a_verdict_is_listed(seed: int, variant: str, patients: int) -> None:
    """By brute force: every patient of the practice with either answer."""
    case = case_of(seed, variant, patients)
    listed = {fix.patient_id: fix for fix in case.fixes if fix.field == "neurological_involvement"}
    table = case.extract.patients.set_index("patient_id")
    unknown = table.index[table["neurological_involvement"] == "unknown"]
    assert set(listed) == set(unknown) - case.excluded
    single = [name for name in listed if not table.loc[name, "said_elsewhere"]]
    rows = dict(zip(table.index, table["row"].tolist(), strict=True))
    found = brute(case, [("Patients", rows[name], name, "neurological_involvement") for name in single])
    assert sum(map(len, found)) or patients < 100
    for name, settled in zip(single, found, strict=True):
        assert listed[name].certain == (bool(settled) or not listed[name].settles)
        assert not settled or set(listed[name].settles) == settled, name


def brute(case: Judged, places: Iterable[tuple[str, int, str, str]]) -> list[set[str]]:
    """For each cell, the verdicts that are settled whatever of TYPED it says."""
    answers = TYPED | {"quantity": SOME_QUANTITIES}
    cells = [[Cell(*place, typed) for typed in answers[place[3]]] for place in places]
    said = iter(engine_says(case, [cell for group in cells for cell in group]))
    return [
        {code for name, code in case.unclear if name == group[0].patient} - set().union(*(next(said) for _ in group))
        for group in cells
    ]


@pytest.mark.parametrize("patients", SCALES)
@pytest.mark.parametrize(("seed", "variant"), EACH_CELL, ids=str)
def test_no_cell_of_a_treatment_is_missed(seed: int, variant: str, patients: int) -> None:
    """By brute force: every blank or unreadable cell that TYPED has values for, in every row of a patient."""
    case = case_of(seed, variant, patients)
    certain = {(fix.table, fix.row, fix.patient_id, fix.field): set(fix.settles) for fix in case.fixes
               if fix.certain and fix.settles}  # fmt: skip
    places = list(dict.fromkeys(blank_cells(case)))
    found = {place: settled for place, settled in zip(places, brute(case, places), strict=True) if settled}
    assert found
    assert found == {place: codes for place, codes in certain.items() if place in found}
    missed = {place for place in certain if place not in found and place[0] == "Treatments" and place[3] != "route"}
    assert not missed


def blank_cells(case: Judged) -> Iterator[tuple[str, int, str, str]]:
    table, names = case.extract.treatments, case.extract.patients["patient_id"].to_numpy()
    unclear = {name for name, _ in case.unclear}
    for at, row in enumerate(case.records["treatments"]):
        name, b12 = owner(row), read_substance(row["drug"]) != "other"
        if name not in unclear or not b12 or table["set_aside"].iloc[at] in ("duplicate", "not_b12"):
            continue
        assert names[table["patient"].iloc[at]] == name
        says = {"event": table["event"], "dose": table["dose_micrograms"], "quantity": table["quantity"]}
        blank = [field for field, column in says.items() if field in row and column.isna().iloc[at]]
        blank += ["directions"] * (table["directions_status"].iloc[at] != "read")
        yield from (("Treatments", int(table["row"].iloc[at]), name, field) for field in blank)


@pytest.mark.parametrize(("seed", "variant"), PRACTICES[:2], ids=str)
def test_an_uncertain_cell_can_settle_something(seed: int, variant: str) -> None:
    """Of the cells of which nothing is certain each settles what it claims under some value, as the engine sees it."""
    case = case_of(seed, variant, 300)
    uncertain = [fix for fix in case.fixes if not fix.certain and fix.field in MAY_BE]
    assert {fix.field for fix in uncertain} == set(MAY_BE)
    cells = [
        Cell(fix.table, fix.row, fix.patient_id, fix.field, typed) for fix in uncertain for typed in MAY_BE[fix.field]
    ]
    said = dict(zip(cells, engine_says(case, cells), strict=True))
    for fix in uncertain:
        settled = set(fix.settles)
        still = [
            said[cell] for cell in cells if (cell.patient, cell.row, cell.field) == (fix.patient_id, fix.row, fix.field)
        ]
        assert settled == set().union(*(settled - unclear for unclear in still))


def test_a_date_that_could_show_the_start_is_listed_as_uncertain() -> None:
    case = case_of(1, "plain", 300)
    starts = [fix for fix in case.fixes if fix.field in ("registered_from", "diagnosis_date")]
    assert {fix.field for fix in starts} == {"registered_from", "diagnosis_date"}
    assert all(fix.settles and not fix.certain and fix.table == "Patients" for fix in starts)
    column = case.extract.patients.set_index("patient_id")
    assert all(column.isna().loc[fix.patient_id, fix.field] for fix in starts)


def test_without_a_column_of_registration_nobody_is_asked_for_it() -> None:
    case = case_of(5, "no_registered_from", 90)
    late = judged(case.records, replace(case.options, history_start=case.options.period_from))
    fields = {fix.field for fix in late.fixes}
    assert "diagnosis_date" in fields
    assert "registered_from" not in fields


# ---------------------------------------------------------------------- places, order, sums


@pytest.mark.parametrize(("seed", "variant"), PRACTICES, ids=str)
def test_the_place_is_the_cell(seed: int, variant: str) -> None:
    case = case_of(seed, variant, FEW)
    sheets = {name.title(): rows for name, rows in tables_of(case.records).items()}
    for fix in case.fixes:
        rows = sheets.get(fix.table, [])
        columns = list(dict.fromkeys(key for row in rows for key in row))
        letter = "ABCDEFGHIJKLM"[columns.index(fix.field)] if fix.field in columns else ""
        assert fix.column_letter == (letter if fix.row or fix.field in columns else "")
        assert fix.sheet == (fix.table if rows else "")
        if fix.row:
            assert owner(rows[fix.row - 2]) == fix.patient_id
        else:
            assert fix.table == "Patients" and fix.patient_id not in {owner(row) for row in rows}
    assert len({(fix.table, fix.row, fix.patient_id, fix.field) for fix in case.fixes}) == len(case.fixes)


def test_each_kind_of_cell_is_found_somewhere() -> None:
    """The practices hold what the tests above are about."""
    found = Counter((fix.field, fix.certain) for seed, variant in PRACTICES for fix in case_of(seed, variant, FEW).fixes
                    if fix.settles)  # fmt: skip
    assert {field for field, certain in found if certain} == set(TYPED)
    assert {field for field, certain in found if not certain} >= {*MAY_BE, "registered_from", "diagnosis_date"}


def test_a_second_row_that_says_something_makes_a_status_uncertain() -> None:
    case = case_of(1, "plain", 300)
    fix = next(fix for fix in case.fixes if fix.field == "neurological_involvement" and fix.certain and fix.settles)
    again = {"patient_id": fix.patient_id, "neurological_involvement": "unknown"}
    rows = [*(case.records["patients"] or []), again]
    tables = tables_of(case.records) | {"patients": _even(rows)}
    (same,) = [other for other in judged(with_tables(case.records, tables), case.options).fixes
               if (other.patient_id, other.field) == (fix.patient_id, fix.field)]  # fmt: skip
    assert same == replace(fix, certain=False)


def test_counts_and_order() -> None:
    listed = case_of(1, "plain", 300).fixes
    for fix in listed:
        assert (fix.patients, fix.verdicts) == (1, len(fix.settles))
        assert fix.mandated == len(MANDATED & set(fix.settles))
    kinds = ["certain" if fix.certain else "may" if fix.settles else "none" for fix in listed if fix.settles]
    assert kinds == sorted(kinds)
    certain = [
        (-fix.mandated, -fix.verdicts, fix.file, fix.sheet, fix.row) for fix in listed if fix.certain and fix.settles
    ]
    assert certain == sorted(certain)
    assert not any(fix.settles for fix in listed[len(kinds) :])
    shuffled = Random(0).sample(listed, len(listed))
    assert ranked(shuffled) == listed


def fix_of(patient: str, *settles: str, certain: bool = True, row: int = 2) -> Fix:
    mandated = len(MANDATED & set(settles))
    place = ("Patients", "file.xlsx", "Patients", row, "C", patient, "P", "neurological_involvement")
    return Fix(*place, settles, mandated, 1, len(settles), certain)


def test_a_plan_counts_each_verdict_once_and_only_what_is_certain() -> None:
    first, second = "maintenance-interval-standard", "cause-recorded"
    listed = ranked(
        [
            fix_of("1", first, second),
            fix_of("1", first, row=7),
            fix_of("2", first, row=3),
            fix_of("3", first, second, certain=False, row=4),
            fix_of("4", row=5),
        ]
    )
    assert plan(listed, 10) == Plan(cells=3, patients=2, verdicts=3, mandated=2)
    assert plan(listed, 1) == Plan(cells=1, patients=1, verdicts=2, mandated=1)
    assert plan((), 10) == Plan(0, 0, 0, 0)


def test_the_plan_of_a_practice_settles_that_many_verdicts() -> None:
    case = case_of(1, "plain", 300)
    certain = [fix for fix in case.fixes if fix.certain and fix.settles]
    told = plan(case.fixes, 12)
    settled = {(fix.patient_id, code) for fix in certain[:12] for code in fix.settles}
    assert (told.cells, told.verdicts, told.patients) == (12, len(settled), len({name for name, _ in settled}))
    assert settled <= case.unclear
    assert plan(case.fixes, len(case.fixes)).cells == len(certain)


def test_small_batches_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(1, "plain", FEW)
    monkeypatch.setattr(tries, "MOST_COPIES", 7)
    assert judged(case.records, case.options).fixes == case.fixes


# ---------------------------------------------------------------------- in the result and on the terminal


def test_the_result_of_several_inputs_holds_the_fixes_of_all() -> None:
    cases = [case_of(1, "plain", FEW), case_of(3, "no_quantity", FEW)]
    cases = [judged(renamed(case.records, f"site-{at}"), case.options) for at, case in enumerate(cases)]
    result = audit([case.extract for case in cases], DateOptions(), load_standard(), TODAY)
    alone = [fix for case in cases for fix in audit([case.extract], DateOptions(), load_standard(), TODAY).fixes]
    assert result.fixes == ranked(alone)
    assert len({fix.file for fix in result.fixes}) > 1


def renamed(records: Records, practice: str) -> Records:
    """The same records as those of another practice."""
    rows = [row | {"practice_id": practice} for row in records["patients"] or []]
    changed = with_tables(records, tables_of(records) | {"patients": rows})
    changed["file_stem"] = practice
    changed["about"] = changed["about"] | {"practice_id": practice}
    return changed


def test_the_terminal_says_what_a_few_cells_settle() -> None:
    case = case_of(1, "plain", 300)
    options = case.options
    dates = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
    result = audit([case.extract], dates, load_standard(), TODAY)
    (line,) = [line for line in result_lines(result, Path("out"), already=False) if "Cannot tell" in line]
    unclear = sum(code in MANDATED for _, code in case.unclear)
    settled = sum(fix.mandated for fix in [fix for fix in case.fixes if fix.certain and fix.settles][:12])
    assert line == f"  Cannot tell  {unclear:,} verdicts   fill 12 cells to settle {settled} of them"
    bare = result_lines(replace(result, fixes=()), Path("out"), already=False)
    assert f"  Cannot tell  {unclear:,} verdicts" in bare
