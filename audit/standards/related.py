"""How the counts of a pack hang together (related.toml): what somebody may use to narrow what is suppressed."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import permutations, product
from typing import Any, Final

#: names beside those of criteria and fields
PATIENTS, INJECTIONS, WITH_INTERVALS = "patients", "injections", "with intervals"
OPEN_PART: Final = "not_assessable"
_UNMET: Final = ("not_met", "excepted", OPEN_PART)
_LEFT: Final = "left"

#: how often each count is added (or taken off): the sum is at least 0
Relation = Mapping[str, int]


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("related.toml").read_text(encoding="utf-8"))


def never_excepted() -> frozenset[str]:
    """Criteria in which no recorded reason excuses."""
    return frozenset(_content()["never_excepted"])


def fields_of(code: str) -> tuple[str, ...] | None:
    """The fields that can leave an answer of the criterion open; None where something else can too, or is not known."""
    said = _content()["open"].get(code)
    everywhere = () if code == _content()["but_not_in"] else (_content()["in_every"],)
    if said is None:
        return None if everywhere else ()
    return None if _LEFT in said else (*said, *everywhere)


def relations(codes: Sequence[str], fields: Sequence[str]) -> Iterator[Relation]:
    """What holds of everybody, among the counts of these criteria and fields; what names another is left out."""
    said = (*_of_subsets(), *_of_lines(), *_of_everybody(codes, fields), *_of_what_is_missing(codes, fields))
    return _known(said, codes, fields)


def sums(codes: Sequence[str], fields: Sequence[str]) -> Iterator[Relation]:
    """Populations that may add up, as relations: the sum is 0 where nobody is left over, and else anything."""
    return _known(_of_sums(), codes, fields)


def consequences(codes: Sequence[str], fields: Sequence[str]) -> Iterator[tuple[Relation, Relation]]:
    """Pairs of sums: where the first is 0, the second is at least 0. What follows from several relations at once."""
    everywhere = _content()["in_every"]
    for wholes, parts, asked in _content()["follows"]:
        without = [f"{part}/{name}" for part in parts for name in _UNMET]
        for whole in wholes:
            follows = _sides([whole, everywhere, f"{asked}/{OPEN_PART}"], [asked, *without])
            pair = tuple(_known((_net([whole], parts), follows), codes, fields))
            if len(pair) > 1:
                yield pair[0], pair[1]


def _known(said: Iterable[Counter[str]], codes: Sequence[str], fields: Sequence[str]) -> Iterator[Relation]:
    known = {*codes, *fields, PATIENTS, INJECTIONS, WITH_INTERVALS}
    for one in said:
        form = {name: number for name, number in one.items() if number}
        if {name.partition("/")[0] for name in form} <= known:
            yield form


def _sides(more: Iterable[str], less: Iterable[str]) -> Counter[str]:
    form = Counter(more)
    form.subtract(Counter(less))
    return form


def _net(more: Sequence[str], less: Sequence[str]) -> Counter[str]:
    """The same without the patients who are in every criterion."""
    form, content = _sides(more, less), _content()
    codes = {*content["open"]}
    for name, number in list(form.items()):
        if name in codes:
            form[content["in_every"]] -= number
    return form


def _of_sums() -> Iterator[Counter[str]]:
    for wholes, parts in _content()["adds"]:
        yield from (_net([whole], parts) for whole in wholes)


def _of_subsets() -> Iterator[Counter[str]]:
    content = _content()
    for group in content["same"]:
        yield from (_net([one], [other]) for one, other in permutations(group, 2))
    for wholes, *parts in content["holds"]:
        yield from (_net([whole], part) for whole, part in product(wholes, parts))


def _of_lines() -> Iterator[Counter[str]]:
    for line in _content()["lines"]:
        more, less = line.split(" >= ")
        yield _sides(more.split(" + "), less.split(" + "))


def _of_everybody(codes: Sequence[str], fields: Sequence[str]) -> Iterator[Counter[str]]:
    everywhere = _content()["in_every"]
    for code in codes:
        yield _sides([PATIENTS], [code])
    for name in fields:
        yield _sides([PATIENTS], [name] if name == everywhere else [name, everywhere])
    yield _sides([PATIENTS], [WITH_INTERVALS, everywhere])


def _of_what_is_missing(codes: Sequence[str], fields: Sequence[str]) -> Iterator[Counter[str]]:
    content = _content()
    everywhere, open_ = content["in_every"], content["open"]
    asked = [code for code in codes if code in open_]
    for code in asked:
        part = f"{code}/{OPEN_PART}"
        yield _sides([part], [everywhere])
        if _LEFT not in open_[code]:
            yield _sides([everywhere, *open_[code]], [part])
    for name in fields:
        leaving = [code for code in open_ if name in open_[code]]
        if leaving:
            yield _sides([f"{code}/{OPEN_PART}" for code in leaving], [name, *[everywhere] * len(leaving)])
