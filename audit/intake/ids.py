"""The patients that the rows of a table name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import cast

import numpy as np

from audit.errors import InputRejected
from audit.intake.cells import Codes, Grid, Mask
from audit.intake.values import read_id

NOBODY = -1
#: The code of each patient: by id, or in the order of the ids that are coded together.
CodeOf = Mapping[str, int] | Codes


@dataclass(frozen=True, slots=True)
class Ids:
    """The patient_id column of one table: distinct ids, and for each row which of them (-1: none).

    Attributes:
        distinct: the ids of this table, or of several that are coded together.
        codes: of each row.
        among: which of `distinct` are this table's, where they are those of several; None: all.
    """

    distinct: tuple[str, ...]
    codes: Codes
    among: Mask | None = None

    @property
    def named(self) -> Mask:
        """Which of `distinct` are this table's."""
        return np.ones(len(self.distinct), np.bool_) if self.among is None else self.among

    @property
    def missing(self) -> Mask:
        """The rows without an id."""
        missing: Mask = self.codes == NOBODY
        return missing

    def first_rows(self) -> Codes:
        """Of each distinct id, the first data row that has it, counted from 0; -1 of one that no row has."""
        rows = np.flatnonzero(~self.missing).astype(np.int32)
        first = np.full(len(self.distinct), NOBODY, np.int32)
        first[self.codes[rows[::-1]]] = rows[::-1]
        return first

    def places(self, place_of: Mapping[str, int]) -> Codes:
        """The place of each distinct id."""
        return np.fromiter(map(place_of.__getitem__, self.distinct), np.int32, len(self.distinct))

    def coded(self, code_of: CodeOf) -> Codes:
        """For each row the patient's code, -1 where there is no id."""
        places = code_of if isinstance(code_of, np.ndarray) else self.places(code_of)
        return np.append(places, np.int32(NOBODY)).take(self.codes)


def together(tables: Sequence[Ids]) -> list[Ids]:
    """The same columns coded among all ids of all of them, in order of appearance."""
    everyone = tables[0].distinct
    if any(ids.distinct is not everyone for ids in tables):
        everyone = tuple(dict.fromkeys(chain.from_iterable(ids.distinct for ids in tables)))
        place_of = {id_: place for place, id_ in enumerate(everyone)}
        return [_among(everyone, ids, ids.places(place_of)) for ids in tables]
    return list(tables)


def _among(everyone: tuple[str, ...], ids: Ids, places: Codes) -> Ids:
    named = np.zeros(len(everyone), np.bool_)
    named[places[ids.named]] = True
    return Ids(everyone, ids.coded(places), named)


def read_ids(grid: Grid) -> Ids:
    """Read the patient_id column.

    Raises:
        InputRejected: Excel has rounded ids to 15 digits or written them as 9.4E+09.
    """
    column = grid.columns["patient_id"]
    typed = [read_id(cell) for cell in column.distinct]
    if None in typed:
        row = int(np.flatnonzero(column.codes == typed.index(None))[0])
        raise InputRejected(
            "Excel has rounded the patient ids: two patients may have become one.",
            where=grid.address("patient_id", row),
            remedy="Format the column as text and export it again.",
            code="ID_ROUNDED",
        )
    names = tuple(dict.fromkeys(id_ for id_ in typed if id_))
    places = {id_: place for place, id_ in enumerate(names)} | {"": NOBODY}
    codes = np.array([places[cast(str, id_)] for id_ in typed], np.int32)
    return Ids(names, column.spread(codes))
