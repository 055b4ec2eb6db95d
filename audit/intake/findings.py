"""Gathers findings as whole columns of rows, and writes out at most a thousand of a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from audit.intake.cells import Codes, Grid, Mask, text
from audit.intake.extract import Finding, Severity

#: How many findings of one code and sheet are written out.
LIMIT = 1_000
#: How much of a cell a finding quotes.
WIDTH = 40
#: Fields whose cells a finding may quote: never one that may identify a person.
QUOTED = frozenset(
    (
        *("date", "drug", "event", "route", "dose", "quantity", "test", "outcome", "indication", "cause"),
        *("sex", "neurological_involvement", "pregnant_or_breastfeeding", "smoker"),
    )
)


@dataclass(frozen=True, slots=True)
class _Batch:
    """The same finding about many rows."""

    pattern: Finding
    rows: Codes
    values: Sequence[str]

    def expand(self, most: int) -> list[Finding]:
        rows = self.rows[:most].tolist()
        return [
            replace(self.pattern, row=row, value=value) for row, value in zip(rows, self.values[:most], strict=True)
        ]


def quote(grid: Grid, field: str, positions: Codes) -> list[str]:
    """The cells of a field at some data rows, as a finding may show them; "" where it may not."""
    if field not in QUOTED or field not in grid.columns:
        return [""] * len(positions)
    column = grid.columns[field]
    return [text(column.distinct[code])[:WIDTH] for code in column.codes[positions]]


class Findings:
    """Collects the findings of one input."""

    def __init__(self) -> None:
        self._batches: list[_Batch] = []

    def add(self, finding: Finding) -> None:
        """Add one finding."""
        self._batches.append(_Batch(finding, np.array([finding.row], np.int32), [finding.value]))

    def cells(self, severity: Severity, code: str, message: str, at: tuple[Grid, str], rows: Mask) -> None:
        """Add one finding for each marked data row, about a field's cell."""
        positions = np.flatnonzero(rows)[:LIMIT].astype(np.int32)
        if len(positions):
            grid, field = at
            pattern = Finding(severity, code, message, grid.file, grid.sheet, 0, grid.letter(field), field)
            values = quote(grid, field, positions)
            # the rows past the limit are only counted, so their cells are never looked at
            self._batches.append(_Batch(pattern, grid.rows[rows], values))

    def first(self, severity: Severity, code: str, message: str, at: tuple[Grid, str], rows: Mask) -> None:
        """Add one finding about the first marked data row; `{count}` in the message is how many there are."""
        if rows.any():
            grid, field = at
            found = message.format(count=f"{int(rows.sum()):,}")
            row, column = int(grid.rows[rows.argmax()]), grid.letter(field)
            self.add(Finding(severity, code, found, grid.file, grid.sheet, row, column, field))

    def counts(self) -> Counter[tuple[str, str]]:
        """How many there are about single rows, by severity and code, those past the limit included."""
        counted: Counter[tuple[str, str]] = Counter()
        for batch in self._batches:
            if batch.rows[0] and is_single(batch.pattern):
                counted[batch.pattern.severity, batch.pattern.code] += len(batch.rows)
        return counted

    def finish(self, rest: bool = True) -> tuple[Finding, ...]:
        """Every finding, in the order added; past the limit one that says how many more there are, if `rest`."""
        written: Counter[tuple[str, str, str]] = Counter()
        left_out: dict[tuple[str, str, str], tuple[Finding, int]] = {}
        out: list[Finding] = []
        for batch in self._batches:
            key = (batch.pattern.code, batch.pattern.file, batch.pattern.sheet)
            take = min(len(batch.rows), LIMIT - written[key])
            out += batch.expand(take)
            written[key] += take
            if more := len(batch.rows) - take:
                left_out[key] = (batch.pattern, left_out.get(key, (batch.pattern, 0))[1] + more)
        return (*out, *(_more(pattern, count) for pattern, count in left_out.values() if rest))


def is_single(finding: Finding) -> bool:
    """Whether it is about one row; else its message begins with a number of rows."""
    return not finding.message[:1].isdigit() and not finding.message.startswith("{count}")


def _more(pattern: Finding, count: int) -> Finding:
    message = f"{count:,} more findings of this kind in this sheet are not listed one by one."
    return replace(pattern, row=0, column="", field="", value="", message=message)
