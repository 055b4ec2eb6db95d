"""Reads the name or code of a drug: which substance, by which route, how much in one unit.

Every name, brand, code and misspelling stands in `drugs.toml`; nothing is matched by likeness.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from audit.intake.check_digits import is_exponent


@dataclass(frozen=True, slots=True)
class Drug:
    """What a drug's name says; a field is None where it says nothing.

    Attributes:
        substance: one of `schemas.vocabulary.SUBSTANCE` ("other": readable, not ours), or None: unreadable.
        route: one of `schemas.vocabulary.ROUTE`.
        micrograms: in one unit (ampoule, tablet, or the volume printed with the strength).
        micrograms_per_ml: strength of a liquid.
    """

    substance: str | None
    route: str | None
    micrograms: float | None
    micrograms_per_ml: float | None


UNREADABLE: Final = Drug(None, None, None, None)
NOT_OURS: Final = Drug("other", None, None, None)

_BNF_CODE: Final = re.compile(r"(?P<chapter>\d{2})\d{5}(?=\d*[A-Z])[0-9A-Z]{2}(?:[0-9A-Z]{6})?")
_BNF_B12, _BNF_LAST_CHAPTER, _BNF_SUBSTANCE = "0901020", 17, 9
_READ_CODE: Final = re.compile(r"(?=.*\d)[0-9A-Za-z]{2,4}\.{1,3}")
#: Literally B12, or a B and a 12 with only spaces, points or dashes between.
_B12: Final = re.compile(r"b12(?!\d)|\bb[\s.-]+12(?!\d|\.\d)")
_DASH: Final = re.compile("[\u2010-\u2015\u2212]")
_WORD: Final = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?")
_BESIDE: Final = re.compile(r"\s/\s|\s\+\s|\s(?:and|with)\s|&")
_LOOSE_SLASH: Final = re.compile(r"(?<=[a-z])\s*/\s*(?=\d|ml\b)")
_UNITS: Final = {"m": 1000.0, "g": 1_000_000.0}
_STRENGTH: Final = re.compile(
    r"(?P<range>\d\s*(?:-|to)\s*)?(?<![\d.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s*"
    r"(?P<unit>micrograms?|microgrammes?|microg|mcgs?|mcgm|ugs?|milligrams?|milligrammes?|mgs?|mgm|"
    r"grams?|grammes?|gm|g)(?![a-z])"
    r"(?P<liquid>\s*(?:/|\bper\b|\bin\b)\s*(?P<volume>\d+(?:\.\d+)?)?\s*(?:mls?|millilitres?)(?![a-z]))?"
)
_VOLUME: Final = re.compile(r"(?<![\d.,/])(\d+(?:\.\d+)?)\s*(?:mls?|millilitres?)(?![a-z])")
#: More than this is a bottle or a multidose vial, of which the name does not say how much one dose is.
_LARGEST_AMPOULE_ML: Final = 5.0
_INJECTED: Final = frozenset({"injection", "intramuscular", "subcutaneous", "intravenous"})


@cache
def read_drug(text: str) -> Drug:
    """The drug that `text`, a product's name or a bare dm+d, BNF or Read code, stands for.

    Unreadable (substance None): blank; no letter; `cobalamin` or `B12` in a name that is not recognised, such
    as "Vitamin B12 injection", which does not say which cobalamin; two of the four cobalamins in one name; a
    brand beside a form it does not have ("Neo-Cytamen tablets"). A bare code that is not listed is unreadable
    as well, its check digit right or wrong, because a number alone cannot be told from an unlisted code of
    ours. A BNF code is the exception, its chapters 1 to 17 having B12 in paragraph 9.1.2 only: one of another
    paragraph there is "other".

    A name of a B12 drug together with folic acid is the B12 drug, with the strength printed next to it: on
    that day both were supplied, so folic acid did not come before B12. A strength "1 mg/ml" without the
    ampoule's volume is taken as one of 1 ml.
    """
    name = _tidy(text)
    code = _read_code(text)
    if code is not None:
        return code
    if not any(letter.isalpha() for letter in name):
        return UNREADABLE
    return _read_name(name)


def _tidy(text: str) -> str:
    """Case, compatibility forms, the micro sign and BNF's underscores made uniform."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("μ", "u").replace("·", ".")
    return _DASH.sub("-", plain).replace("_", " ").strip()


def _words(name: str) -> str:
    """Runs of letters and numbers, one space around each, so that a phrase is found only as whole words."""
    return f" {' '.join(_WORD.findall(name))} "


# --- codes


def _read_code(text: str) -> Drug | None:
    """The drug of a bare code; None when `text` is not a code."""
    code = unicodedata.normalize("NFKC", text).strip()
    known = _table().codes.get(code) or _table().codes.get(code.upper())
    if known is not None:
        return _read_name(_tidy(known))
    bnf = _BNF_CODE.fullmatch(code.upper())
    if bnf:
        return _read_bnf(bnf[0], int(bnf["chapter"]))
    return UNREADABLE if _READ_CODE.fullmatch(code) or is_exponent(code) else None


def _read_bnf(code: str, chapter: int) -> Drug:
    substance = _table().codes.get(code[:_BNF_SUBSTANCE])
    if substance is not None:
        return _read_name(_tidy(substance))
    known_chapter = 1 <= chapter <= _BNF_LAST_CHAPTER
    return NOT_OURS if known_chapter and not code.startswith(_BNF_B12) else UNREADABLE


# --- names


@dataclass(frozen=True, slots=True)
class _Table:
    """`drugs.toml`, its phrases as `_words` writes them, longest first."""

    names: Mapping[str, Drug]
    routes: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, str]


@cache
def _table() -> _Table:
    with resources.files("audit.intake").joinpath("drugs.toml").open("rb") as file:
        data = tomllib.load(file)
    names = dict(_names(data))
    routes = {route: tuple(map(_words, phrases)) for route, phrases in data["routes"].items()}
    return _Table({name: names[name] for name in sorted(names, key=len, reverse=True)}, routes, data["codes"])


def _names(data: Mapping[str, Any]) -> Iterator[tuple[str, Drug]]:
    for substance, stems in data["stems"].items():
        for stem in stems:
            for ending in data["endings"]:
                yield _words(stem + ending), Drug(substance, None, None, None)
                yield _words(f"{stem} {ending}"), Drug(substance, None, None, None)
    for substance, names in data["names"].items():
        yield from ((_words(name), Drug(substance, None, None, None)) for name in names)
    for brand in data["brands"]:
        facts = (brand.get(key) for key in ("route", "micrograms", "micrograms_per_ml"))
        drug = Drug(brand["substance"], *facts)
        yield from ((_words(name), drug) for name in brand["names"])


def _read_name(name: str) -> Drug:
    found, rest = _find(_words(name))
    substances = {drug.substance for drug in found.values()}
    b12 = substances - {"folic_acid"}
    if "cobalamin" in rest or len(b12) > 1 or (not b12 and _B12.search(name)):
        return UNREADABLE
    if not substances:
        return NOT_OURS
    substance = next(iter(b12 or substances))
    brand = next((drug for drug in found.values() if drug.route and drug.substance == substance), None)
    phrases = [phrase for phrase, drug in found.items() if drug.substance == substance]
    return _describe(name, substance, brand, phrases)


def _find(words: str) -> tuple[dict[str, Drug], str]:
    """The known phrases in `words`, and what is left of it."""
    found = {}
    for phrase, drug in _table().names.items():
        if phrase in words:
            found[phrase] = drug
            words = words.replace(phrase, " | ")
    return found, words


def _describe(name: str, substance: str | None, brand: Drug | None, phrases: list[str]) -> Drug:
    written = _written_route(_words(name))
    implied = brand.route if brand else None
    if written and implied and (written in _INJECTED) != (implied in _INJECTED):
        return UNREADABLE
    route = implied if written is None or (written == "injection" and implied) else written
    part = _part_with(name, phrases)
    if _STRENGTH.search(part):
        return _with_brand_volume(Drug(substance, route, *_strength(part, route)), brand)
    return Drug(substance, route, *((brand.micrograms, brand.micrograms_per_ml) if brand else (None, None)))


def _with_brand_volume(drug: Drug, brand: Drug | None) -> Drug:
    """With the brand's strength of a liquid, where the printed dose is the brand's own and has no volume."""
    if brand is None or drug.micrograms_per_ml is not None or drug.micrograms != brand.micrograms:
        return drug
    return Drug(drug.substance, drug.route, drug.micrograms, brand.micrograms_per_ml)


def _written_route(words: str) -> str | None:
    """The route that form words tell; None when they tell none, or both a swallowed and an injected one."""
    routes = _table().routes
    written = [route for route in routes if any(phrase in words for phrase in routes[route])]
    injected = [route for route in written if route in _INJECTED and route != "injection"]
    if any(route not in _INJECTED for route in written):
        return written[0] if not _INJECTED.intersection(written) else None
    if len(injected) == 1:
        return injected[0]
    return "injection" if written else None


def _part_with(name: str, phrases: list[str]) -> str:
    """Of a name of several substances, the part that names this one: its strength is not another's."""
    tight = _LOOSE_SLASH.sub("/", name)
    parts = [part for part in _BESIDE.split(tight) if any(phrase in _words(part) for phrase in phrases)]
    return parts[0] if parts else tight


# --- strengths


def _strength(name: str, route: str | None) -> tuple[float | None, float | None]:
    """Micrograms in one unit and in a millilitre; None where the name gives none, or two that differ."""
    matches = list(_STRENGTH.finditer(name))
    if any(match["range"] for match in matches):
        return None, None
    liquid = {_mass(match) / _volume(match) for match in matches if _is_liquid(match)}
    volumes = set() if route == "oral" else {float(v) for v in _VOLUME.findall(_STRENGTH.sub(" ", name))}
    if not liquid and len(matches) == len(volumes) == 1 and 0 < min(volumes) <= _LARGEST_AMPOULE_ML:
        liquid = {_mass(matches[0]) / min(volumes)}
    per_ml = liquid.pop() if len(liquid) == 1 else None
    return _one_dose(matches, volumes, per_ml), per_ml or None


def _one_dose(matches: list[re.Match[str]], volumes: set[float], per_ml: float | None) -> float | None:
    """Of "5mg/ml 2ml" the volume printed apart is the ampoule's; of "10mg/2ml" the ampoule is 2 ml."""
    doses = {_mass(match) for match in matches if not (volumes and _is_liquid(match))}
    if volumes and per_ml is not None:
        doses |= {per_ml * volume if volume <= _LARGEST_AMPOULE_ML else 0.0 for volume in volumes}
    dose = doses.pop() if len(doses) == 1 else 0.0
    return dose or None


def _is_liquid(match: re.Match[str]) -> bool:
    """Whether a volume, not zero, is printed with this strength: `/1ml`, `/ml`."""
    return match["liquid"] is not None and _volume(match) > 0


def _volume(match: re.Match[str]) -> float:
    return float(match["volume"] or 1)


def _mass(match: re.Match[str]) -> float:
    unit = match["unit"]
    factor = 1.0 if unit.startswith(("micro", "mc", "u")) else _UNITS[unit[0]]
    return float(match["number"].replace(",", "")) * factor
