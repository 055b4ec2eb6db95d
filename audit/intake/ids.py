"""The patients that the rows of a table name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from audit.errors import InputRejected
from audit.intake.cells import Codes, Grid, Mask
from audit.intake.values import read_id

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Ids:
    """The patient_id column of one table: the distinct ids, and for each row which of them (-1: none)."""

    distinct: tuple[str, ...]
    codes: Codes

    @property
    def missing(self) -> Mask:
        """The rows without an id."""
        missing: Mask = self.codes == _NOBODY
        return missing

    def first_rows(self) -> dict[str, int]:
        """Of each id, the first data row that has it, counted from 0."""
        codes, rows = np.unique(self.codes, return_index=True)
        pairs = zip(codes.tolist(), rows.tolist(), strict=True)
        return {self.distinct[code]: row for code, row in pairs if code != _NOBODY}

    def coded(self, code_of: Mapping[str, int]) -> Codes:
        """For each row the patient's code, -1 where there is no id."""
        codes = np.array([*(code_of[id_] for id_ in self.distinct), _NOBODY], np.int32)
        return codes[self.codes]


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
    places = {id_: place for place, id_ in enumerate(names)} | {"": _NOBODY}
    codes = np.array([places[cast(str, id_)] for id_ in typed], np.int32)
    return Ids(names, column.spread(codes))
