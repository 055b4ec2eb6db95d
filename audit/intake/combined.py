"""One cell that holds drug, directions and quantity, with commas between: EMIS's "Name, Dosage and Quantity".

Nothing is guessed: what no drug can be read from stays whole, and is then a drug that cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from audit.intake.cells import Cell, Column, text
from audit.intake.drugs import read_drug
from audit.intake.quantities import names_unit

#: The comma of "1,000 micrograms" parts nothing.
_COMMA: Final = re.compile(r"(?<!\d),|,(?!\d)")


@dataclass(frozen=True, slots=True)
class Parts:
    """What one cell says; "" where it says nothing."""

    drug: str
    directions: str
    quantity: str


def split_cell(typed: str) -> Parts:
    """Drug: the text before the first comma that a drug can be read from; quantity: the last part, with a unit."""
    commas = [match.start() for match in _COMMA.finditer(typed)]
    end = next((at for at in commas if read_drug(typed[:at].strip()).substance is not None), None)
    if end is None:
        return Parts(typed, "", "")
    rest = [part.strip() for part in _COMMA.split(typed[end + 1 :])]
    quantity = rest.pop() if names_unit(rest[-1]) else ""
    return Parts(typed[:end].strip(), ", ".join(filter(None, rest)), quantity)


def split_columns(columns: Mapping[str, Column]) -> dict[str, Column]:
    """The columns of a table whose drug column is such a one; a column of directions or quantities of its own stays."""
    whole = columns["drug"]
    parts = [split_cell(text(cell)) for cell in whole.distinct]
    own = {
        "drug": _derived(whole, [one.drug for one in parts]),
        "quantity": _derived(whole, [one.quantity for one in parts]),
        "directions": _derived(whole, [one.directions for one in parts]),
    }
    return {**own, **columns, "drug": own["drug"]}


def _derived(column: Column, cells: Sequence[Cell]) -> Column:
    """A column of the same rows with other cells: one for each distinct cell there was."""
    again = Column.of(column.letter, cells)
    return Column(column.letter, again.distinct, again.codes[column.codes].astype(np.int32))
