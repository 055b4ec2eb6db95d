"""The patients that the rows of a table name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from audit.errors import InputRejected
from audit.intake.cells import Codes, Grid, Mask
from audit.intake.values import read_id

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Ids:
    """The patient_id column of one table: the distinct ids, and for each row which of them (-1: none)."""

    distinct: tuple[str, ...]
    codes: Codes

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

    def coded(self, code_of: Mapping[str, int]) -> Codes:
        """For each row the patient's code, -1 where there is no id."""
        return np.append(self.places(code_of), np.int32(NOBODY))[self.codes]


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
