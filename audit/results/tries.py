"""Each blank cell is tried with each of its answers: which verdicts it settles under all of them, and under some.

The patient is copied, the one cell of the copy is filled, and the copy is judged as any patient is. Copies do not
influence each other, so all are judged together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from audit.cohort.calendar import Days
from audit.cohort.cohort import build_cohort
from audit.intake.extract import Extract
from audit.intake.values import QUANTITIES
from audit.results.as_judged import Case, Flags
from audit.results.blanks import PATIENTS, Blank
from audit.results.judge import NOT_ASSESSABLE, judge
from audit.results.what_if import Copies, Value, copies, with_cell, with_field

#: copies judged at once; bounds the memory of a large run
MOST_COPIES: Final = len(QUANTITIES) ** 2


@dataclass(frozen=True, slots=True)
class _Question:
    """One answer put into some of the cells of a blank."""

    number: int
    blank: Blank
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
class Answer:
    """Cells by criteria: what is settled by every answer, and by some."""

    every: Flags
    some: Flags


def ask_all(case: Case, blanks: Sequence[Blank]) -> list[Answer]:
    """One answer for all, then the others for the cells that may still settle something."""
    unclear = [case.unclear[blank.patient] for blank in blanks]
    answers = [Answer(flags.copy(), np.zeros_like(flags)) for flags in unclear]
    first = [_Question(number, blank, blank.answers[0], _worth_asking(answers[number].every))
             for number, blank in enumerate(blanks)]  # fmt: skip
    _ask(case, first, answers)
    rest = [_Question(number, blank, answer, _worth_asking(unclear[number] if blank.hint else answers[number].every))
            for number, blank in enumerate(blanks) for answer in blank.answers[1:]]  # fmt: skip
    _ask(case, rest, answers)
    return answers


def _worth_asking(flags: Flags) -> Days:
    return np.flatnonzero(flags.any(axis=1))


def _ask(case: Case, questions: Sequence[_Question], answers: Sequence[Answer]) -> None:
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


def _judged(case: Case, batch: Sequence[_Question]) -> Flags:
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
    if blank.table == PATIENTS:
        return with_field(extract, own, blank.field, values)
    rows = copied.row(blank.table, own, np.concatenate([blank.row[part.cells] for part in parts]))
    return with_cell(extract, blank.table, rows, blank.field, values)
