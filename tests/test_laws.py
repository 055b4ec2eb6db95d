"""The laws of the audit standard (section 3) as properties of generated practices.

X, H and the period are held fixed: every practice is judged with them as options. A law is a function of a `Case`;
each runs on a few practices, and `slow` on eighty times as many. Seeds do not shrink, so a counterexample is
cut down here, to one patient and one cell.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from audit.cohort.window import DateOptions
from audit.intake.read import read_extract
from audit.pipeline import audit
from audit.results.audit import AuditResult, RowCount
from audit.standards.standard import load_standard
from schemas.vocabulary import OUTCOME
from tests.compare import TODAY, rows_of, without_advice, written
from tests.generate import VARIANTS, practice
from tests.intake_files import write_xlsx
from tests.oracle import Options, Records, read
from tests.oracle.drugs import read_dose, read_route, read_substance
from tests.oracle.model import B12, Treatment

Row = dict[str, str]
Rows = list[Row]
#: The tables of a practice by their names; a sheet that it lacks is absent.
Tables = dict[str, Rows]
NAMES: Final = ("patients", "treatments", "tests", "reviews")
FOUR_YEARS: Final = 1461
SHOWN: Final = 3


@dataclass(frozen=True)
class Case:
    """One generated practice, and the seed of what is done to it."""

    seed: int
    variant: str
    dice: int

    @property
    def rng(self) -> Random:
        return Random(self.dice)


CASES = st.builds(Case, st.integers(0, 10**9), st.sampled_from(VARIANTS), st.integers(0, 10**9))


@pytest.fixture(autouse=True)
def verdicts_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "slow" not in request.keywords:
        without_advice(monkeypatch)


# ---------------------------------------------------------------------- practices


def made(case: Case, patients: int) -> tuple[Records, Options]:
    """The practice of a case, and its dates as options."""
    records, options = practice(case.seed, patients, case.variant)
    known = read(records, options)
    return records, Options(known.extract_date, known.history_start, known.period_from, known.period_to)


def tables_of(records: Records) -> Tables:
    names = {name: records[name] for name in NAMES}
    return {name: rows for name, rows in names.items() if rows is not None}


def with_tables(records: Records, tables: Tables) -> Records:
    return Records(
        about=records["about"],
        patients=tables.get("patients"),
        treatments=tables["treatments"],
        tests=tables.get("tests"),
        reviews=tables.get("reviews"),
        file_stem=records["file_stem"],
    )


def owner(row: Row) -> str:
    return row["patient_id"].strip()


def by_owner(records: Records) -> dict[str, Tables]:
    """The rows of each patient, table by table."""
    tables = tables_of(records)
    names = sorted({owner(row) for rows in tables.values() for row in rows} - {""})
    found: dict[str, Tables] = {name: {table: [] for table in tables} for name in names}
    for table, rows in tables.items():
        for row in rows:
            if owner(row):
                found[owner(row)][table].append(row)
    return found


def only(records: Records, patients: Iterable[str]) -> Records:
    """The rows of these patients alone."""
    chosen = set(patients)
    tables = tables_of(records)
    return with_tables(records, {name: [row for row in rows if owner(row) in chosen] for name, rows in tables.items()})


def story(records: Records, patient: str) -> str:
    """Everything recorded of one patient, for a message; blank cells left out."""
    lines = [f"about {records['about']}"]
    for name, rows in tables_of(only(records, [patient])).items():
        lines += [f"{name}: {_short(row)}" for row in rows]
    return "\n".join(lines)


def audited(path: Path, options: Options) -> AuditResult:
    dates = DateOptions(options.extract_date, options.history_start, options.period_from, options.period_to)
    return audit([read_extract(path)], dates, load_standard(), TODAY)


def result_of(records: Records, options: Options) -> AuditResult:
    with tempfile.TemporaryDirectory() as folder:
        return audited(written(records, Path(folder)), options)


#: verdicts and intervals, as the files hold them
Published = tuple[Rows, Rows]


def published(result: AuditResult) -> Published:
    return rows_of(result.verdicts), rows_of(result.intervals)


def judged(records: Records, options: Options) -> Published:
    return published(result_of(records, options))


def of_patients(tables: Published, patients: Iterable[str]) -> Published:
    chosen = set(patients)
    verdicts, intervals = ([row for row in rows if row["patient_id"] in chosen] for rows in tables)
    return verdicts, intervals


def unlike(before: Published, after: Published) -> list[str]:
    """Patients whose rows differ, or stand in another order."""
    names = {row["patient_id"] for table in (*before, *after) for row in table}
    left, right = ([_by_patient(table) for table in tables] for tables in (before, after))
    return sorted(name for name in names if any(a.get(name) != b.get(name) for a, b in zip(left, right, strict=True)))


def _by_patient(rows: Rows) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for row in rows:
        found.setdefault(row["patient_id"], []).append(row)
    return found


def changes(before: Published, after: Published, patient: str) -> str:
    """The rows of a patient that stand on one side only."""
    left, right = ([row for table in of_patients(one, [patient]) for row in table] for one in (before, after))
    gone = [f"- {_short(row)}" for row in left if row not in right]
    return "\n".join([*gone, *(f"+ {_short(row)}" for row in right if row not in left)])


def _short(row: Row) -> str:
    return " ".join(f"{key}={cell}" for key, cell in row.items() if cell)


def assert_same(records: Records, before: Published, after: Published) -> None:
    """No patient's rows differ, nor the order of the patients."""
    differing = unlike(before, after)
    shown = [f"{name}:\n{changes(before, after, name)}\n{story(records, name)}" for name in differing[:SHOWN]]
    assert not differing, f"{len(differing)} patients differ\n" + "\n\n".join(shown)
    assert before == after


# ---------------------------------------------------------------------- blanking a cell


@dataclass(frozen=True)
class Cell:
    """One filled cell: `place` counts the patient's own rows of the table."""

    table: str
    place: int
    column: str


#: Whose blank is documented to mean something, with `patient_id`.
ASIDE = {
    "patients": ("cause", "indication", "pregnant_or_breastfeeding", "smoker", "registered_to"),
    "treatments": (),
    "tests": (),
    "reviews": (),
}
IsAside = Callable[[Cell, Rows], bool]


def is_aside(cell: Cell, rows: Rows) -> bool:
    """Whether the law does not speak of this cell; `rows` are the patient's own rows of its table."""
    row, column = rows[cell.place], cell.column
    if column == "patient_id" or column in ASIDE[cell.table]:
        return True
    if cell.table == "patients":
        return len({other[column].strip() for other in rows} - {""}) > 1
    if cell.table == "treatments" and column in ("dose", "route"):
        return _name_speaks(row, column)
    return False


def _name_speaks(row: Row, column: str) -> bool:
    """A dose or route without which the row says something else: the name's, an injection, or no antidote.

    Where the name says nothing a blank dose is missing data, and the law holds.
    """
    drug, substance = row["drug"], read_substance(row["drug"])
    if substance not in (*B12, "folic_acid"):
        return False
    if column == "dose":
        return read_dose(drug, "") is not None or _is_antidote(row)
    return read_route(drug, "") != "" or substance == "hydroxocobalamin"


def _is_antidote(row: Row) -> bool:
    drug = row["drug"]
    route, dose = read_route(drug, row["route"]), read_dose(drug, row["dose"])
    return Treatment(date.min, read_substance(drug), "", route, dose, None, "").is_antidote


def cells_of(tables: Tables, aside: IsAside) -> list[Cell]:
    """The filled cells of one patient of which the law speaks."""
    cells = [
        Cell(name, place, column)
        for name, rows in tables.items()
        for place, row in enumerate(rows)
        for column in row
        if row[column].strip()
    ]
    return [cell for cell in cells if not aside(cell, tables[cell.table])]


@dataclass(frozen=True)
class Copy:
    """A patient's double, under a name of its own, with one cell blanked."""

    name: str
    patient: str
    cell: Cell
    tables: Tables


def copies_of(patient: str, tables: Tables, cells: Iterable[Cell]) -> Iterator[Copy]:
    for number, cell in enumerate(cells):
        name = f"{patient}-{number}"
        copied = {table: [row | {"patient_id": name} for row in rows] for table, rows in tables.items()}
        copied[cell.table][cell.place][cell.column] = ""
        yield Copy(name, patient, cell, copied)


def doubled(records: Records, rng: Random, each: int, aside: IsAside = is_aside) -> tuple[Records, list[Copy]]:
    """The practice with up to `each` doubles of every patient."""
    copies: list[Copy] = []
    for patient, tables in by_owner(records).items():
        cells = cells_of(tables, aside)
        copies += copies_of(patient, tables, rng.sample(cells, min(each, len(cells))))
    more = {name: list(rows) for name, rows in tables_of(records).items()}
    for copy in copies:
        for name, rows in copy.tables.items():
            more[name] += rows
    return with_tables(records, more), copies


def flattered(verdicts: Rows, copies: Iterable[Copy]) -> list[tuple[Copy, str]]:
    """Doubles that a blank turned from not_met or not_assessable into met, and by which criterion."""
    by_patient = _by_patient(verdicts)
    found = []
    for copy in copies:
        after = {row["criterion"]: row["outcome"] for row in by_patient[copy.name]}
        before = {row["criterion"]: row["outcome"] for row in by_patient[copy.patient]}
        bad = [code for code, outcome in before.items() if outcome in ("not_met", "not_assessable")]
        found += [(copy, code) for code in bad if after[code] == "met"]
    return found


def blank_never_flatters(case: Case) -> None:
    records, options = made(case, 40)
    many, copies = doubled(records, case.rng, each=15)
    verdicts, _ = judged(many, options)
    found = flattered(verdicts, copies)
    lines = [f"{code} met after {copy.cell} is blank\n{story(many, copy.patient)}" for copy, code in found[:SHOWN]]
    assert not found, f"{options}\n" + "\n\n".join(lines)


def everything_but(column: str) -> IsAside:
    """Speaks of the cells of one column alone, whatever the law says of them."""

    def aside(cell: Cell, _rows: Rows) -> bool:
        return cell.column != column

    return aside


OF_COLUMNS = ["cause", *(pytest.param(name, marks=pytest.mark.slow) for name in ("registered_to", "route", "dose"))]


@pytest.mark.parametrize("column", OF_COLUMNS)
def test_a_cell_set_aside_could_flatter(column: str) -> None:
    """The law's test can fail, and each of these cells is set aside for a reason."""
    records, options = made(Case(5, "plain", 0), 400)
    many, copies = doubled(records, Random(0), 4, everything_but(column))
    assert flattered(judged(many, options)[0], copies)


def test_one_of_two_cells_in_conflict_could_flatter() -> None:
    """Two answers that contradict each other are unknown; without one of them the other holds."""
    column = "neurological_involvement"
    records, options = made(Case(5, "plain", 0), 200)
    listed = records["patients"] or []
    second = [dict.fromkeys(row, "") | {"patient_id": owner(row), column: "no"} for row in listed]
    twice = with_tables(records, tables_of(records) | {"patients": listed + second})
    many, copies = doubled(twice, Random(0), 2, everything_but(column))
    found = flattered(judged(many, options)[0], copies)
    assert found
    assert all(is_aside(copy.cell, by_owner(twice)[copy.patient]["patients"]) for copy, _ in found)


# ---------------------------------------------------------------------- order and repetition


def shuffled(rows: Sequence[Row], rng: Random) -> list[list[str]]:
    """A sheet with its columns and rows in any order and some rows twice."""
    columns = list(rows[0])
    rng.shuffle(columns)
    cells = [[row[column] for column in columns] for row in (*rows, *rng.choices(rows, k=1 + len(rows) // 8))]
    rng.shuffle(cells)
    return [columns, *cells]


def write_shuffled(records: Records, rng: Random, folder: Path) -> Path:
    """A workbook with everything in any order."""
    sheets = {name.title(): shuffled(rows, rng) for name, rows in tables_of(records).items() if rows}
    sheets["About"] = [["key", "value"], *([key, cell] for key, cell in records["about"].items())]
    order = rng.sample(list(sheets), len(sheets))
    return write_xlsx(folder / f"{records['file_stem']}.xlsx", {name: sheets[name] for name in order})


def order_does_not_matter(case: Case) -> None:
    records, options = made(case, 100)
    with tempfile.TemporaryDirectory() as folder:
        after = published(audited(write_shuffled(records, case.rng, Path(folder)), options))
    assert_same(records, judged(records, options), after)


# ---------------------------------------------------------------------- moving every date


def moved(text: str, days: int) -> str:
    """The date so many days later; text that is none stays."""
    try:
        return (date.fromisoformat(text.strip()) + timedelta(days)).isoformat()
    except ValueError:
        return text


def moved_row(row: Row, days: int, years: int = 0) -> Row:
    later = {key: moved(cell, days) for key, cell in row.items()}
    if later.get("year_of_birth"):
        later["year_of_birth"] = str(int(later["year_of_birth"]) + years)
    return later


def moved_practice(records: Records, options: Options, days: int) -> tuple[Records, Options]:
    """Every date of the practice and of its run so many days later; birth by whole years."""
    tables = {
        name: [moved_row(row, days, round(days / 365.25)) for row in rows] for name, rows in tables_of(records).items()
    }
    changed = with_tables(records, tables)
    changed["about"] = moved_row(records["about"], days)
    dates = (options.extract_date, options.history_start, options.period_from, options.period_to)
    return changed, Options(*(day + timedelta(days) for day in dates if day is not None))


def moved_back(before: Published, days: int) -> Published:
    verdicts, intervals = ([moved_row(row, -days) for row in table] for table in before)
    return verdicts, intervals


def after_section_7(records: Records, options: Options) -> tuple[Records, Options]:
    """Twelve years on: every dose of the generator then lies after the last of the dated guidance."""
    later = moved_practice(records, options, 3 * FOUR_YEARS)
    days = [moved(row["date"], 0) for row in later[0]["treatments"]]
    assert min(day for day in days if day[:2] == "20") > "2024-03-06"
    return later


def four_years_do_not_matter(case: Case) -> None:
    records, options = after_section_7(*made(case, 100))
    before = judged(records, options)
    after = judged(*moved_practice(records, options, FOUR_YEARS))
    assert_same(records, before, moved_back(after, FOUR_YEARS))


def test_moving_by_a_day_less_than_four_years_is_seen() -> None:
    """Other months have other lengths, so this law's test can fail."""
    records, options = after_section_7(*made(Case(5, "plain", 0), 300))
    after = judged(*moved_practice(records, options, FOUR_YEARS - 1))
    assert unlike(judged(records, options), moved_back(after, FOUR_YEARS - 1))


# ---------------------------------------------------------------------- other patients


def other_patients_do_not_matter(case: Case) -> None:
    records, options = made(case, 80)
    rng, names = case.rng, list(by_owner(records))
    chosen = rng.sample(names, rng.choice((len(names) // 2, 5, 1)))
    some = only(records, chosen)
    before = of_patients(judged(records, options), chosen)
    # a sheet without rows cannot show its columns, and an extract without a patient to audit is refused
    assume(bool(some["treatments"]) and (bool(some["patients"]) or records["patients"] is None))
    assume(any(row["reason"] != "NOT_IN_COHORT" for row in before[0]))
    assert_same(some, before, judged(some, options))


# ---------------------------------------------------------------------- patients and rows are conserved


def every_patient_is_counted_once(case: Case) -> None:
    records, options = made(case, 100)
    result = result_of(records, options)
    names, codes = list(by_owner(records)), {criterion.code for criterion in result.criteria}
    verdicts, intervals = published(result)
    assert Counter((row["patient_id"], row["criterion"]) for row in verdicts) == Counter(
        (name, code) for name in names for code in codes
    )
    assert len({tuple(row.values()) for row in intervals}) == len(intervals)
    for score in result.scores:
        own = Counter(row["outcome"] for row in verdicts if row["criterion"] == score.criterion)
        assert {outcome: getattr(score, outcome) for outcome in OUTCOME} == {name: own[name] for name in OUTCOME}
        assert sum(getattr(score, outcome) for outcome in OUTCOME) == len(names)


def planted(records: Records, options: Options) -> dict[str, Rows]:
    """Treatment rows of a patient already there, by the reason for which each is set aside."""
    assert options.extract_date
    after = (options.extract_date + timedelta(1)).isoformat()
    row = {column: "" for column in records["treatments"][0]} | {"date": after, "drug": "Hydroxocobalamin"}
    row |= {"event": "declined"} if "event" in row else {}
    row["patient_id"] = next(owner(one) for one in records["treatments"] if owner(one))
    unused = [row | {"directions": f"planted {number}"} for number in range(4)]
    return {
        "after_end": unused[:1],
        "unreadable": [unused[1] | {"date": "soon"}],
        "not_b12": [unused[2] | {"drug": "Vitamin D 800unit capsules"}],
        "no_patient_id": [unused[3] | {"patient_id": ""}],
    }


def row_counts(records: Records, options: Options) -> dict[str, RowCount]:
    return {row.table.lower(): row for row in result_of(records, options).rows}


def rows_are_conserved(case: Case) -> None:
    records, options = made(case, 100)
    before = row_counts(records, options)
    for name, count in before.items():
        assert count.read == len(tables_of(records).get(name, []))
        assert count.read == count.used + sum(count.set_aside.values())
        assert min(count.used, *count.set_aside.values(), 0) == 0
    extra = planted(records, options)
    more = [*records["treatments"], *(row for rows in extra.values() for row in rows)]
    after = row_counts(with_tables(records, tables_of(records) | {"treatments": more}), options)["treatments"]
    expected = Counter(before["treatments"].set_aside) + Counter({reason: len(rows) for reason, rows in extra.items()})
    assert after.set_aside == dict(expected)
    assert after.used == before["treatments"].used


# ---------------------------------------------------------------------- all of them

LAWS: dict[Callable[[Case], None], int] = {
    blank_never_flatters: 3,
    order_does_not_matter: 2,
    four_years_do_not_matter: 2,
    other_patients_do_not_matter: 3,
    every_patient_is_counted_once: 3,
    rows_are_conserved: 2,
}
SCALES = [pytest.param(1, id="few"), pytest.param(80, id="many", marks=pytest.mark.slow)]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Callable[[Case], None], scale: int) -> None:
    examples = settings(max_examples=LAWS[law] * scale, phases=[Phase.explicit, Phase.generate])
    examples(given(CASES)(law))()
