"""Reads clinical codes and their terms: what a pair of them says, by the lists of `codes.toml`.

The code comes first, the term only where the code is not known. Nothing is matched by likeness, and a term counts
only when every word of it is accounted for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from audit.intake.cells import Mask
from audit.intake.check_digits import is_damaged
from audit.intake.code_list import SAYS, CodeList, Group, code_list
from audit.intake.drugs import read_drug
from audit.intake.words import read_word
from schemas.vocabulary import B12_SUBSTANCES, TEST

_UNREAD: Final = -1
_OURS: Final = frozenset((*B12_SUBSTANCES, "folic_acid"))
#: Says only how sure or by which way; two readings that share nothing else contradict each other.
_ASIDE: Final = frozenset(("cause_from", "route"))


@dataclass(frozen=True, slots=True)
class CodeMeanings:
    """What pairs of a code and a term say; every array has one entry per pair.

    Attributes:
        group: place among the groups of `code_list()`; -1: nothing is known of the pair.
        by_term: the term was read, because the code is blank, not known, damaged or lost.
        damaged: the code's digits were damaged by a spreadsheet; it is not used.
        degraded: the code only says that the record lost its own on the way from another practice.
        drug: the code is that of a medicine with vitamin B12 or folic acid (`drugs.read_drug` reads it).
        differs: the code is used, and the term says something else, or denies it.
        names_b12: nothing is known of the pair, and its term names vitamin B12.
        unread: nothing is known of the pair.
    """

    group: NDArray[np.int16]
    by_term: Mask
    damaged: Mask
    degraded: Mask
    drug: Mask
    differs: Mask
    names_b12: Mask
    unread: Mask

    def places(self, field: str) -> NDArray[np.int8]:
        """What the pairs say of a field of `SAYS`: places in its vocabulary, -1 where they say nothing."""
        words = SAYS[field]
        said = [words.index(group.says[field]) if field in group.says else -1 for group in code_list().groups]
        return np.array([*said, -1], np.int8)[self.group]

    def says(self, field: str, word: str) -> Mask:
        """Which pairs say this word of a field."""
        said: Mask = self.places(field) == SAYS[field].index(word)
        return said


def read_codes(codes: Sequence[str], terms: Sequence[str]) -> CodeMeanings:
    """Read pairs of a code and a term; the caller passes each distinct pair once.

    Args:
        codes: SNOMED CT, Read v2 or CTV3 codes, trimmed; blank where there is none.
        terms: the words beside them, trimmed; blank where there are none.
    """
    listed = code_list()
    read = [_read(listed, code, term) for code, term in zip(map(_plain, codes), terms, strict=True)]

    def flags(name: str) -> Mask:
        return np.fromiter((getattr(pair, name) for pair in read), np.bool_, len(read))

    group = np.fromiter((pair.group for pair in read), np.int16, len(read))
    unread = (group == _UNREAD) & ~flags("drug")
    return CodeMeanings(
        group=group,
        by_term=flags("by_term"),
        damaged=flags("damaged"),
        degraded=flags("degraded"),
        drug=flags("drug"),
        differs=flags("differs"),
        names_b12=unread & flags("names_b12"),
        unread=unread,
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    group: int = _UNREAD
    by_term: bool = False
    damaged: bool = False
    degraded: bool = False
    drug: bool = False
    differs: bool = False
    names_b12: bool = False


def _plain(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip()


def _read(listed: CodeList, code: str, term: str) -> _Pair:
    by_code, by_term = listed.find_code(code), _read_term(listed, term)
    if by_code is not None:
        return _Pair(group=by_code, differs=_differs(listed, by_code, by_term, term))
    if code and read_drug(code).substance in _OURS:
        return _Pair(drug=True)
    damaged, degraded = is_damaged(code), code == listed.degraded
    if by_term is not None:
        return _Pair(group=by_term, by_term=True, damaged=damaged, degraded=degraded)
    names_b12 = not {"b12", "cobalamin", "hydroxocobalamin", "cyanocobalamin", "pernicious"}.isdisjoint(
        listed.spelling.key(term.replace("?", " ")).split()
    )
    return _Pair(damaged=damaged, degraded=degraded, names_b12=names_b12)


# --- terms


def _read_term(listed: CodeList, term: str) -> int | None:
    """The group of a term; None when a word of it is not accounted for."""
    key = listed.spelling.key(term)
    if not key or key == listed.degraded_key:
        return None
    found = listed.by_key.get(key)
    if found is not None or key in listed.not_alone:
        return found
    test = read_word("test", term)
    return None if test is None else listed.test_places[TEST[test]]


def _differs(listed: CodeList, by_code: int, by_term: int | None, term: str) -> bool:
    """Whether a term says something else than the code beside it, or denies it."""
    if by_term is not None:
        return _contradict(listed.groups[by_code], listed.groups[by_term])
    words = listed.spelling.key(term.replace("?", " ")).split()
    denied = "?" in term or not listed.denials.isdisjoint(words)
    return denied and bool(listed.groups[by_code].says)


def _contradict(one: Group, other: Group) -> bool:
    """Whether two groups share nothing that they say, or say two things of one field."""
    first, second = _facts(one), _facts(other)
    shared = [field for field, _ in first if field in dict(second)]
    return bool(first or second) and (not shared or any(one.says[field] != other.says[field] for field in shared))


def _facts(group: Group) -> frozenset[tuple[str, str]]:
    return frozenset((field, word) for field, word in group.says.items() if field not in _ASIDE)
