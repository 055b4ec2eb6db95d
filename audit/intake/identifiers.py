"""What identifies a person, as it is written: numbers, postcodes, telephones, e-mail, names, and their headings."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from audit.intake.words import squash

#: `ten_digits` is a number that is none of a patient's; `staff` a person who is not the patient.
Kind = Literal["number", "ten_digits", "postcode", "telephone", "email", "person", "staff"]

REMOVED: Final = "[removed]"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something in a text that may identify a person.

    Attributes:
        kind: what it looks like.
        start: where it begins in the text.
        end: where it ends.
        value: without spaces and case, to tell one from another; never printed.
        sure: False when as many other things are written like it, unless a whole column is.
    """

    kind: Kind
    start: int
    end: int
    value: str
    sure: bool = True


# --- NHS, CHI and H&C numbers

_DIGITS: Final = 10
_MODULUS: Final = 11
_NUMBER: Final = re.compile(
    r"(?<![\w.,/-])(?:NHS ?(?:no|number)?[.:]? ?)?(\d{3})([ -]?)(\d{3})[ -]?(\d{4})(?![\w/-]|[.,]\d)", re.IGNORECASE
)
#: The first digits of numbers ever issued: Northern Ireland, England and Wales, numbers for tests.
_ISSUED: Final = ("32", "33", "34", "35", "36", "37", "38", "39", "4", "6", "7", "9")
#: In Scotland the first six digits are the date of birth.
_SCOTTISH: Final = re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d{6}")


def pass_check(numbers: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts of ten digits pass the check that NHS, CHI and H&C numbers share; 1 in 11 random ones does."""
    digits = np.frombuffer("".join(numbers).encode("ascii"), np.uint8).reshape(-1, _DIGITS).astype(np.int32) - ord("0")
    # the last digit makes the sum, weighted 10 to 1, a multiple of 11
    passed: NDArray[np.bool_] = digits @ np.arange(_DIGITS, 0, -1) % _MODULUS == 0
    return passed


def is_issued(digits: str) -> bool:
    """Whether ten digits pass the check and begin as numbers do that were ever given to somebody."""
    return bool(pass_check([digits])[0]) and (digits.startswith(_ISSUED) or _SCOTTISH.fullmatch(digits) is not None)


def _numbers(typed: str) -> Iterator[Hit]:
    for match in _NUMBER.finditer(typed):
        digits = match[1] + match[3] + match[4]
        yield Hit("number" if is_issued(digits) else "ten_digits", *match.span(), digits, bool(match[2]))


# --- postcodes, telephones, e-mail

_AREAS: Final = (
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?|"
    "M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
_OUTWARD: Final = rf"(?:{_AREAS})\d[\dA-Z]?"
_POSTCODE: Final = re.compile(rf"(?<![\w.])({_OUTWARD})( ?)(\d[ABD-HJLNP-UW-Z]{{2}})(?!\w)")
_OUTWARD_ALONE: Final = re.compile(_OUTWARD, re.IGNORECASE)
#: "B12 1st dose", "B12 5ug", "B12 8hr": numbers with their endings and units.
_NOT_INWARD: Final = re.compile(r"1ST|2ND|3RD|\dTH|\d(?:UG|NG|HR|YR|PW|PD|AM|PM|DY|WD)")
#: Of Birmingham's B12 only these sectors exist; the rest is the vitamin.
_B12_SECTORS: Final = ("0", "8", "9")


def _postcodes(typed: str) -> Iterator[Hit]:
    for match in _POSTCODE.finditer(typed):
        vitamin = match[1] == "B12" and not match[3].startswith(_B12_SECTORS)
        if not vitamin and not _NOT_INWARD.fullmatch(match[3]):
            yield Hit("postcode", *match.span(), match[1] + match[3], bool(match[2]))


def is_postcode(typed: str) -> bool:
    """Whether a text is one full postcode, in any case, with or without its space."""
    found = list(_postcodes(" ".join(typed.upper().split())))
    return bool(found) and found[0].end - found[0].start == len(" ".join(typed.split()))


def is_outward(typed: str) -> bool:
    """Whether a text is the first half of a postcode, which names no street."""
    return _OUTWARD_ALONE.fullmatch(typed.strip()) is not None


_TELEPHONE: Final = re.compile(
    r"(?<![\w.,/+-])(?:(\+44|0044)[ -]?(?:\(0\)[ -]?)?|\(?0)"
    r"(?:7\d{3}\)?[ -]?\d{3}[ -]?\d{3}|2\d\)?[ -]?\d{4}[ -]?\d{4}|[1238]\d{2}\)?[ -]?\d{3}[ -]?\d{4}"
    r"|1\d{3}\)?[ -]?\d{3}[ -]?\d{2,3})(?![\w/]|[.,-]\d)"
)
_EMAIL: Final = re.compile(r"(?<![\w.+'-])[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")


def _telephones(typed: str) -> Iterator[Hit]:
    for match in _TELEPHONE.finditer(typed):
        digits = re.sub(r"\D", "", match[0])
        yield Hit("telephone", *match.span(), digits, bool(match[1]) or digits != match[0])


def _emails(typed: str) -> Iterator[Hit]:
    if "@" in typed:
        yield from (Hit("email", *match.span(), match[0].casefold()) for match in _EMAIL.finditer(typed))


# --- people

_TITLED: Final = re.compile(
    r"(?<!\w)(Mr|Mrs|Ms|Miss|MRS|Dr|Prof)\.? {1,2}([A-Z][A-Za-z'’-]+)((?: [A-Z][a-z'’-]+){0,2})(?!\w)"
)
_STAFF_TITLES: Final = ("Dr", "Prof")
_WORD: Final = r"[^\W\d_][^\W\d_'’.-]*(?:['’-][^\W\d_]+)*\.?"
_PERSON: Final = re.compile(rf"({_WORD})(?:,? {_WORD}){{1,3}}(?: \(\w+\))?|{_WORD},{_WORD}")


@cache
def _words() -> dict[str, dict[str, frozenset[str]]]:
    content = resources.files(__package__).joinpath("identity_words.toml").read_text(encoding="utf-8")
    tables: dict[str, Any] = tomllib.loads(content)
    return {table: {key: frozenset(words) for key, words in lists.items()} for table, lists in tables.items()}


def _people(typed: str) -> Iterator[Hit]:
    for match in _TITLED.finditer(typed):
        if match[1] != "Miss" or match[2].casefold() not in _words()["names"]["not_after_miss"]:
            yield Hit("staff" if match[1] in _STAFF_TITLES else "person", *match.span(), match[0].casefold())


def _name_words(typed: str) -> list[str]:
    return [word.casefold() for word in re.findall(r"[^\W\d_]+", typed)]


def is_title(typed: str) -> bool:
    """Whether a text is Mr, Mrs or the like."""
    return typed.strip().strip(".").casefold() in _words()["names"]["titles"]


def is_person_like(typed: str) -> bool:
    """Whether a text has the shape of a full name: two to four words, no digits, none of a place or a drug."""
    if _PERSON.fullmatch(typed) is None:
        return False
    return _words()["names"]["not_a_person"].isdisjoint(_name_words(typed))


def is_named(typed: str) -> bool:
    """Whether a text has the shape of a full name and a common forename first, or after the comma."""
    if not is_person_like(typed):
        return False
    words = [word for word in _name_words(typed) if word not in _words()["names"]["titles"]]
    first = words[1:2] if "," in typed else words[:1]
    return bool(_words()["names"]["forenames"].intersection(first))


# --- all of them


def find(typed: str) -> list[Hit]:
    """Everything in a text that may identify a person, and other ten-digit numbers, in no order.

    Lines are never read across; so many texts can be joined with line feeds and searched at once.
    """
    return [*_numbers(typed), *_postcodes(typed), *_telephones(typed), *_emails(typed), *_people(typed)]


def mask(typed: str) -> str:
    """The text with everything that may identify a person replaced."""
    out = typed
    for hit in sorted(find(typed), key=lambda hit: hit.start, reverse=True):
        if hit.kind != "ten_digits":
            out = out[: hit.start] + REMOVED + out[hit.end :]
    return out


def names_somebody(typed: str) -> bool:
    """Whether a heading, or the name of a sheet or file, holds what identifies a patient."""
    plain = typed.replace("_", " ").strip()
    return is_named(plain) or any(hit.kind not in ("ten_digits", "staff") for hit in find(plain))


# --- headings

_BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_IN_FRONT: Final = re.compile(r"^(?:patient|pt|client)(?:['’]?s)?(?: details?(?:['’]s)?)?[ :._-]+(?=\w)")


@cache
def _headings() -> dict[str, str]:
    return {squash(word): kind for kind, words in _words()["headings"].items() for word in words}


def heading_kind(typed: str) -> str | None:
    """What stands below a heading: number, local, name, bare_name, title, birth, ... of `identity_words.toml`."""
    plain = " ".join(_BRACKETS.sub(" ", unicodedata.normalize("NFKC", typed)).casefold().split())
    for heading in (plain, _IN_FRONT.sub("", plain.replace("_", " "))):
        squashed = squash(heading)
        kind = _headings().get(squashed) or _headings().get(squashed.rstrip("0123456789"))
        if kind:
            return kind
    return None
