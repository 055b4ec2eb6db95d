"""Judges a column by what stands in its cells: NHS numbers, other patterns, names of people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audit.intake.cells import Cell
from audit.intake.identifiers import Hit, is_issued, is_named, is_person_like, pass_check
from audit.intake.identity.column import SEVERAL, Column, Suspect

#: From so many ten-digit numbers on, half of them passing the check make a column of NHS numbers.
_NUMBERS = 5
#: Of a column's different cells so many in a hundred must look like names, and have a common forename.
_NAMES_PERCENT, _FORENAMES_PERCENT, _FEWEST_NAMES = 80, 30, 2


def judge_patterns(column: Column, hits: Sequence[tuple[Cell, Hit, bool]]) -> Iterator[Suspect]:
    """What the hits make of a column, at most one suspect of each kind."""
    numbers = [one for one in hits if one[1].kind in ("number", "ten_digits")]
    if numbers or column.bare:
        yield from _numbers(column, numbers)
    for kind in ("postcode", "telephone", "email", "person", "staff") if hits else ():
        yield from _patterns(column, kind, [one for one in hits if one[1].kind == kind])


def _numbers(column: Column, hits: Sequence[tuple[Cell, Hit, bool]]) -> Iterator[Suspect]:
    """A column of NHS numbers; or a few that are nothing but such; or strays in text."""
    passed = pass_check([digits for _, digits in column.bare])
    bare = [pair for pair, passes in zip(column.bare, passed, strict=True) if passes]
    passing = [*bare, *((cell, hit.value) for cell, hit, _ in hits if pass_check([hit.value])[0])]
    if not passing:
        return
    cells = [cell for cell, _ in passing]
    count = len(column.bare) + len({hit.value for _, hit, _ in hits})
    mostly = 2 * len({digits for _, digits in passing}) >= count
    if (count >= _NUMBERS and mostly) or (count < _NUMBERS and _only_numbers(column, hits)):
        yield column.suspect("number", cells, True)
        return
    strays = [(cell, hit.value) for cell, hit, _ in hits if hit.kind == "number"]
    if count == len(bare) == 1 and is_issued(bare[0][1]):
        strays += bare
    if strays:
        several = mostly and len({digits for _, digits in strays}) >= SEVERAL
        yield column.suspect("number", [cell for cell, _ in strays], several)


def _only_numbers(column: Column, hits: Sequence[tuple[Cell, Hit, bool]]) -> bool:
    """Whether the few numbers were all given to somebody and stand alone; a single one must be written 3-3-4."""
    alone = all(whole and hit.kind == "number" for _, hit, whole in hits)
    given = all(is_issued(digits) for _, digits in column.bare)
    return alone and given and (len(hits) + len(column.bare) > 1 or bool(hits))


def _patterns(column: Column, kind: str, hits: Sequence[tuple[Cell, Hit, bool]]) -> Iterator[Suspect]:
    sure = [(cell, hit) for cell, hit, whole in hits if hit.sure or (kind == "telephone" and not whole)]
    whole = {cell for cell, _, whole in hits if whole}
    mostly = 2 * len(whole) >= len(column.distinct)
    if kind != "staff" and (
        len({hit.value for _, hit in sure}) >= SEVERAL or (mostly and whole and (sure or len(whole) >= SEVERAL))
    ):
        yield column.suspect(kind, [cell for cell, _, _ in hits], True)
    elif sure:
        yield column.suspect(kind, [cell for cell, _ in sure], False)


def judge_names(column: Column) -> Suspect | None:
    """A column of names whatever its heading: nearly all look like one, and many begin with a common forename."""
    typed = [cell for cell in column.distinct if isinstance(cell, str)]
    # most columns are decided by a few of their cells
    sample = typed[:200]
    if len(typed) < _FEWEST_NAMES or not any(is_named(cell.strip()) for cell in sample):
        return None
    names = [cell for cell in typed if is_person_like(cell.strip())]
    named = sum(is_named(cell.strip()) for cell in names)
    # the heading is no name
    enough = 100 * len(names) >= _NAMES_PERCENT * (len(column.distinct) - 1)
    if enough and len(names) >= _FEWEST_NAMES and 100 * named >= _FORENAMES_PERCENT * len(names):
        return column.suspect("name", names, True)
    return None
