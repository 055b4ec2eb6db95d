"""The fix list: which single blank or unreadable cell, once filled, settles which verdicts.

Nothing is guessed from reasons. A cell settles a verdict when every value that the cell may come to hold gives an
outcome other than not_assessable, and each value is asked: which cells there are is `audit.results.blanks`, what each
may come to hold `audit.results.cell_values`, how all are judged `audit.results.tries`.

Of dates and drugs there is no list of values. For them it is asked what the cell could settle at best, and the fix
says that it is not certain. So does a fix whose patient has a second row that says something of the same field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from audit.cohort.calendar import Days
from audit.cohort.cohort import Cohort
from audit.cohort.window import AuditWindow
from audit.intake.extract import Extract, SheetFacts
from audit.results.as_judged import Case
from audit.results.blanks import PATIENTS, Blank, all_blanks
from audit.results.fix import Fix, ranked
from audit.results.judge import Verdicts
from audit.results.tries import Answer, ask_all
from audit.results.what_if import CELLS
from audit.standards.standard import Standard
from schemas.vocabulary import INPUT_COLUMNS, LIST_COLUMNS


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
    case = Case(extract, window, standard, cohort, tuple(verdicts))
    blanks = [blank for blank in all_blanks(case) if len(blank.patient)]
    found = [fix for blank, answer in zip(blanks, ask_all(case, blanks), strict=True)
             for fix in _fixes_of(case, blank, answer)]  # fmt: skip
    return ranked(found)


def _fixes_of(case: Case, blank: Blank, answer: Answer) -> Iterator[Fix]:
    people = case.extract.patients
    sure = np.full(len(blank.patient), blank.exact)
    if blank.table == PATIENTS:
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


def _place(extract: Extract, blank: Blank) -> tuple[list[SheetFacts | None], Days, list[str]]:
    """Of each cell the table in which it stands, if there is one, its row, and the name of its sheet."""
    if blank.table != PATIENTS:
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
    listed = {facts.table: facts for facts in extract.facts.sheets}.get(PATIENTS)
    found_all = [listed or sheet] * len(blank.patient)
    return found_all, rows[blank.patient], [facts.sheet if facts else "" for facts in found_all]


def _patients_sheet(extract: Extract) -> SheetFacts | None:
    """Without a sheet of patients, the one beside whose treatments, or codes, their fields stand."""
    fields = set(INPUT_COLUMNS[PATIENTS][1:])
    sheets = [facts for facts in extract.facts.sheets if facts.table in ("Treatments", *LIST_COLUMNS)]
    with_fields = [facts for facts in sheets if fields & set(facts.columns)]
    return next(iter([*with_fields, *sheets]), None)
