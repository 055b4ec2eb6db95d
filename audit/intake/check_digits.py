"""The check digit of SNOMED CT and dm+d codes, and codes that a spreadsheet has damaged."""

from __future__ import annotations

import re
from typing import Final

#: Excel keeps 15 digits of a number, and prints longer ones as 9.93391E+14.
_LONG_CODE: Final = re.compile(r"\d{16,18}")
_EXPONENT: Final = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
#: Verhoeff's check: the product of the dihedral group of ten, and the permutation applied at each place.
_TURNS = 5
_PRODUCT = tuple(
    tuple(
        (a + b) % _TURNS + _TURNS * (b >= _TURNS)
        if a < _TURNS
        else (a - b) % _TURNS + _TURNS * (b < _TURNS)
        for b in range(10)
    )
    for a in range(10)
)
_FIRST_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def check_digit_fits(code: str) -> bool:
    """Whether the last digit of a SNOMED CT or dm+d code is the check digit (Verhoeff) of the others."""
    check = 0
    permutation = tuple(range(10))
    for digit in reversed(code):
        check = _PRODUCT[check][permutation[int(digit)]]
        permutation = tuple(_FIRST_PERMUTATION[place] for place in permutation)
    return check == 0


def is_exponent(typed: str) -> bool:
    """Whether a text is a long number as a spreadsheet shortens it: 3.92381E+16."""
    return _EXPONENT.fullmatch(typed) is not None


def is_damaged(typed: str) -> bool:
    """Whether a text is a long code whose digits a spreadsheet has rounded, or written as 3.92381E+16."""
    return is_exponent(typed) or (_LONG_CODE.fullmatch(typed) is not None and not check_digit_fits(typed))
