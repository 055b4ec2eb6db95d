"""Reads how much was issued: a number of ampoules or tablets, with its unit or without."""

from __future__ import annotations

import re
from typing import Final

from audit.intake.cells import Cell, text
from audit.intake.values import QUANTITIES

_UNIT: Final = (
    r"(?:amp(?:s|oules?|ules?|oule\(s\)|ule\(s\))?|vials?|vial\(s\)|injections?|injection\(s\)|doses?|dose\(s\)"
    r"|tab(?:s|lets?|let\(s\))?|cap(?:s|sules?|sule\(s\))?)\.?"
)
_STRENGTH: Final = r"[\d.,]+ ?(?:mg|g|micrograms?|mcg|ug|ml)(?: ?/ ?[\d.,]* ?ml)?"
_PLAIN: Final = re.compile(r"(\d{1,9})(?:\.0*)?")
_TIMES: Final = " ?[x×] ?"
#: "5 ampoules", "5 x 1ml ampoules", "21 tablet(s) - 500micrograms"
_COUNTED: Final = re.compile(
    rf"(\d{{1,9}})(?:\.0*)? ?(?:[x×] ?)?(?:{_STRENGTH} ?)?{_UNIT}(?: ?- ?{_STRENGTH})?", re.IGNORECASE
)
#: "2 packs of 5 ampoules", "2 x 5 ampoules", "2 x 5 x 1ml ampoules"
_PACKS: Final = re.compile(
    rf"(\d{{1,4}})(?: packs? of |{_TIMES})(\d{{1,4}}) ?(?:[x×] ?{_STRENGTH} ?)?{_UNIT}", re.IGNORECASE
)
#: "5 x 1 ml": so many of one volume
_VOLUMES: Final = re.compile(rf"(\d{{1,9}}){_TIMES}\d{{1,2}}(?:\.\d+)? ?mls?\.?", re.IGNORECASE)


def read_quantity(cell: Cell) -> float | None:
    """A whole number from 1 to 100, of ampoules, vials, tablets or the like where a unit is named.

    A volume alone ("2 ml") or a bare number of packs does not say how many ampoules there are, and is not read.
    """
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    typed = " ".join(text(cell).split())
    match = _PLAIN.fullmatch(typed) or _COUNTED.fullmatch(typed) or _VOLUMES.fullmatch(typed)
    packs = None if match else _PACKS.fullmatch(typed)
    number = int(match[1]) if match else int(packs[1]) * int(packs[2]) if packs else 0
    return float(number) if number in QUANTITIES else None


def names_unit(typed: str) -> bool:
    """Whether a text is a quantity with its unit, as "5 ampoules" is and "5" is not."""
    plain = " ".join(typed.split())
    return (_COUNTED.fullmatch(plain) or _PACKS.fullmatch(plain)) is not None
