"""The codes and words of `codes.toml`: what each group says, and by which code or term it is found."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from schemas import vocabulary

#: What a group may say, and in which words. `cause_from` tells how surely a cause is that of the deficiency: its code
#: says so, an operation took the place of absorption away, or a condition may have led to it.
SAYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "deficiency": ("diagnosed", "history"),
        "cause": vocabulary.CAUSE,
        "cause_from": ("deficiency", "operation", "condition"),
        "neurological_involvement": vocabulary.YES_NO_UNKNOWN,
        "indication": vocabulary.INDICATION,
        "smoker": vocabulary.YES_NO,
        "pregnant_or_breastfeeding": vocabulary.YES_NO,
        "event": vocabulary.EVENT,
        "route": vocabulary.ROUTE,
        "test": vocabulary.TEST,
    }
)
SYSTEMS: Final[Mapping[str, str]] = MappingProxyType({"snomed": "SNOMED CT", "read2": "Read v2", "ctv3": "CTV3"})
HISTORY: Final = "history"

_TAG: Final = re.compile(r"\s*\((?:disorder|finding|procedure|situation|observable entity|regime/therapy)\)$")
_FLAG: Final = re.compile(r"^\[x\]\s*")
_BEFORE: Final = re.compile(
    r"^(?:h/o|ho|hx|history|previous history|past history|past medical history|pmh)\b:?(?: of\b)?"
)
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Code:
    """One code: its system (a key of `SYSTEMS`), the code, its term, and the letters of its sources."""

    system: str
    code: str
    term: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Codes and words that say the same.

    Attributes:
        says: field of `SAYS` -> word; empty for what is known and not used.
        because: why it says that, where it needs a reason.
        words: whole terms.
        actions: what stands beside the name of an injection.
    """

    title: str
    says: Mapping[str, str]
    because: str
    codes: tuple[Code, ...]
    words: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeList:
    """`codes.toml`, ready to be looked up in.

    Attributes:
        groups: as listed, then of each deficiency its history.
        listed: how many of them are listed.
        by_code, by_key: code, or key of a term -> place in `groups`.
        test_places: test of the vocabulary -> place of its group.
        injections: names of an injection that an action goes with.
        denials, not_alone: words and keys as `codes.toml` explains them.
        degraded: the code of a record whose own code is lost; `degraded_key`: the key of its term.
        sources: letter -> source.
        spelling: how terms become keys.
    """

    groups: tuple[Group, ...]
    listed: int
    by_code: Mapping[str, int]
    by_key: Mapping[str, int]
    test_places: Mapping[str, int]
    injections: tuple[str, ...]
    denials: frozenset[str]
    not_alone: frozenset[str]
    degraded: str
    degraded_key: str
    sources: Mapping[str, str]
    spelling: Spelling

    def find_code(self, code: str) -> int | None:
        """The group of a code, with or without the two characters that Read puts behind, or its last dots."""
        found = self.by_code.get(code)
        if found is None and not code.isdigit():
            # 42T..00 names a synonym of 42T..; 42T has lost its dots
            found = self.by_code.get(code[:-2] if len(code) == _READ_WITH_TERM else code.ljust(_READ, "."))
        return found


_READ, _READ_WITH_TERM = 5, 7


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a term becomes its key: words in order, each written in one way, without those that change nothing."""

    neutral: frozenset[str]
    same: Mapping[str, str]

    def key(self, term: str) -> str:
        """The key of a term; `history` stands first for "H/O: ...".

        A term with a question mark has none, and so no key ("").
        """
        plain = unicodedata.normalize("NFKC", term).casefold().strip()
        if "?" in plain:
            return ""
        plain = _BEFORE.sub(f"{HISTORY} ", _FLAG.sub("", _TAG.sub("", plain)))
        words = _join_b12(_WORD.findall(plain.replace("'", "").replace("’", "")))
        written = (self.same.get(word, word) for word in words)
        return " ".join(word for phrase in written for word in phrase.split() if word not in self.neutral)


def _join_b12(words: Sequence[str]) -> list[str]:
    """B-12 and B 12 as one word."""
    return f" {' '.join(words)} ".replace(" b 12 ", " b12 ").split()


@cache
def code_list() -> CodeList:
    """Read `codes.toml` once."""
    with resources.files("audit.intake").joinpath("codes.toml").open("rb") as file:
        data = tomllib.load(file)
    terms = data["terms"]
    spelling = Spelling(frozenset(terms["neutral"]), terms["same"])
    groups = tuple(map(_group, data["groups"]))
    names = tuple(data["injection"]["names"])
    past = {place: replace(group, says={**group.says, "deficiency": HISTORY}) for place, group in _past(groups)}
    everything = (*groups, *past.values())
    later = {place: len(groups) + number for number, place in enumerate(past)}
    return CodeList(
        groups=everything,
        listed=len(groups),
        by_code={code.code: place for place, group in enumerate(groups) for code in group.codes},
        by_key=dict(_keys(groups, later, names, spelling)),
        test_places={group.says["test"]: place for place, group in enumerate(groups) if "test" in group.says},
        injections=names,
        denials=frozenset(terms["denials"]),
        not_alone=frozenset(map(spelling.key, terms["not_alone"])),
        degraded=terms["degraded"],
        degraded_key=spelling.key(terms["degraded_term"]),
        sources=data["sources"],
        spelling=spelling,
    )


def _group(table: Mapping[str, Any]) -> Group:
    codes = [
        Code(system, code, term, tuple(sources.split()))
        for system in SYSTEMS
        for code, term, sources in table.get(system, ())
    ]
    words, actions = tuple(table.get("words", ())), tuple(table.get("actions", ()))
    return Group(table["title"], table.get("says", {}), table.get("because", ""), tuple(codes), words, actions)


def _past(groups: Sequence[Group]) -> Iterator[tuple[int, Group]]:
    """The groups of a deficiency that may be told as history: with nerves involved "since when" would be lost."""
    for place, group in enumerate(groups):
        if group.says.get("deficiency") == "diagnosed" and "neurological_involvement" not in group.says:
            yield place, replace(group, title=f"History: {group.title}", codes=(), words=(), actions=())


def _keys(
    groups: Sequence[Group], later: Mapping[int, int], names: Sequence[str], spelling: Spelling
) -> Iterator[tuple[str, int]]:
    """Every key, with the place of its group; a past operation is as good as one."""
    for place, group in enumerate(groups):
        terms = [*(code.term for code in group.codes), *group.words]
        told = later.get(place, place if group.says.get("cause_from") == "operation" else None)
        if told is not None:
            yield from ((f"{HISTORY} {spelling.key(term)}", told) for term in terms)
        for action in group.actions:
            terms += [term for name in names for term in (f"{name} {action}", f"{action} {name}")]
        yield from ((spelling.key(term), place) for term in terms)
