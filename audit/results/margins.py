"""What somebody can work out of a release who knows every rule and how the counts hang together; and how to end it.

Every count of a practice that is published or suppressed is a cell; practices say nothing of each other. A cell's
bounds are those of its rounding or suppression, narrowed by one relation after the other until nothing changes. Where
a suppressed cell is left with too few values, a cell of a relation that narrows it is given up as well: the one that
the reader misses least.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from audit.criteria import catalogue
from audit.results.disclosure import PARTS, Counts, Mask, rounded
from audit.results.pack_counts import FIELDS
from audit.results.patterns import CLASSES
from audit.standards.disclosure import Profile
from audit.standards.related import INJECTIONS, PATIENTS, WITH_INTERVALS, Relation, consequences, relations, sums

#: more than any count; a sum of as many as there are cells still fits
_UNBOUNDED: Final = np.int64(1 << 40)
#: the tables of a release in the order of their cells
_ORDER: Final = ("patients", "injections", "with_intervals", "classes", "missing", "eligible", "rows")
#: how much the reader misses a cell; of two that are alike the smaller is given up, no count reaching what is between
_FIELD, _PART, _PERMITTED, _SHARE_PART, _MIX, _MANDATED, _ALL, _NOBODY = range(8)
_APART: Final = 1 << 20


def cells_of(tables: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """The tables of a release, or masks of them, side by side: practices x cells."""
    return np.concatenate([tables[name].reshape(len(tables[name]), -1) for name in _ORDER], axis=1)


def tables_of(cells: Mask, criteria: Sequence[str]) -> dict[str, Mask]:
    """The same back again."""
    number = len(criteria)
    shapes = ((), (), (), (len(CLASSES),), (len(FIELDS),), (number,), (number, len(PARTS)))
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    pieces = zip(_ORDER, np.split(cells, ends, axis=1), shapes, strict=True)
    return {name: piece.reshape(len(cells), *shape) for name, piece, shape in pieces}


def _names(criteria: Sequence[str]) -> list[str]:
    mix = [f"{WITH_INTERVALS}/{name}" for name in CLASSES]
    parts = [f"{code}/{part}" for code in criteria for part in PARTS]
    return [PATIENTS, INJECTIONS, WITH_INTERVALS, *mix, *FIELDS, *criteria, *parts]


def _sums(criteria: Sequence[str]) -> Iterator[Relation]:
    """Totals are the sums of their parts."""
    yield {WITH_INTERVALS: 1, **{f"{WITH_INTERVALS}/{name}": -1 for name in CLASSES}}
    for code in criteria:
        yield {code: 1, **{f"{code}/{part}": -1 for part in PARTS}}


@dataclass(frozen=True, slots=True)
class Margins:
    """Exact cells of all practices, and the relations between them.

    Attributes:
        exact, limit: practices x cells; up to its limit a count is small.
        whole: of each cell the place of its total, of others their own.
        at, times: relations x terms, places of cells and how often they are added; 0 times beyond a relation's end.
        least, most: practices x relations, between what the sum is known to be.
        missed: practices x cells, how much the reader misses each. said: zeros that cannot be given up.
    """

    exact: Counts
    limit: Counts
    whole: Counts
    at: Counts
    times: Counts
    least: Counts
    most: Counts
    missed: Counts
    said: Mask
    profile: Profile

    @classmethod
    def of(cls, exact: Counts, limit: Counts, said: Mask, criteria: Sequence[str], profile: Profile) -> Margins:
        """The relations as they hold in these practices.

        Args:
            exact: practices x cells, as `cells_of` puts them.
            limit: the same, up to where each is small.
            said: the same, zeros that cannot be given up.
            criteria: codes.
            profile: the rules.
        """
        names = _names(criteria)
        place = {name: at for at, name in enumerate(names)}
        rests = [{PATIENTS: 1, name: -1} for name in FIELDS]
        equal, always = [*_sums(criteria), *sums(criteria, FIELDS)], list(relations(criteria, FIELDS))
        given, follow = [[pair[side] for pair in consequences(criteria, FIELDS)] for side in (0, 1)]
        at, times = _arrays([*rests, *equal, *always, *follow], place)
        left_over = (exact[:, at] * times).sum(axis=2)
        exactly = np.arange(len(at)) < len(rests) + len(equal)
        # what the records contradict says nothing
        known = np.where(exactly, left_over == 0, left_over >= 0)
        if given:
            condition_at, condition_times = _arrays(given, place)
            known[:, -len(given) :] &= (exact[:, condition_at] * condition_times).sum(axis=2) == 0
        least = np.where(known, 0, -_UNBOUNDED)
        most = np.where(known & exactly, 0, _UNBOUNDED)
        _know_the_rest(left_over, limit[:, [place[name] for name in FIELDS]], least, most)
        whole = np.array([place[name.partition("/")[0]] for name in names])
        return cls(exact, limit, whole, at, times, least, most, _missed(exact, names), said, profile)

    def of_practices(self, which: npt.NDArray[Any]) -> Margins:
        """The same of some practices alone."""
        names = ("exact", "limit", "least", "most", "missed", "said")
        return replace(self, **{name: getattr(self, name)[which] for name in names})

    def give_up(self, hidden: Mask) -> Mask:
        """Cells that have to be suppressed as well; none when nothing is narrowed too far.

        Args:
            hidden: practices x cells, what is suppressed now.
        """
        base_low, base_high = self._known(hidden)
        low, high = self._narrowed(base_low, base_high)
        found = np.zeros(hidden.shape, dtype=bool)
        close = hidden & (high - low + 1 < self.profile.least_possible)
        for practice in np.flatnonzero(close.any(axis=1)).tolist():
            search = _Search(self, practice, hidden, (base_low, base_high), (low, high))
            narrow = np.flatnonzero(close[practice]).tolist()
            able = [chosen for chosen in map(search.cheapest, narrow) if chosen is not None]
            if able:
                # one at a time: what is missed least may mend the others as well
                found[practice, min(able, key=search.missed)] = True
        return found

    def _known(self, hidden: Mask) -> tuple[Counts, Counts]:
        """The bounds of each cell by itself."""
        shown, half, past = rounded(self.exact, self.profile), self.profile.base // 2, self.limit + 1
        zero, primary = self.exact == 0, (self.exact > 0) & (self.exact <= self.limit)
        low = np.where(zero, 0, np.maximum(shown - half, past))
        high = np.where(zero, 0, shown + half)
        # somebody may know which counts are suppressed for themselves, but not where a whole row or practice is;
        # the first cell is the practice's patients, without which nothing of it is said
        lost = hidden & hidden[:, self.whole] & (self.whole != np.arange(len(self.whole)))
        lost[:, 1:] |= hidden[:, :1]
        hidden_low = np.where(lost | zero, 0, np.where(primary, 1, past))
        hidden_high = np.where(primary & ~lost, self.limit, _UNBOUNDED)
        return np.where(hidden, hidden_low, low), np.where(hidden, hidden_high, high)

    def implied(self, low: Counts, high: Counts) -> tuple[Counts, Counts]:
        """Between what each term's cell has to be by its relation: practices x relations x terms."""
        ends = low[:, self.at] * self.times, high[:, self.at] * self.times
        smallest, largest = np.minimum(*ends), np.maximum(*ends)
        least = self.least[:, :, None] - (largest.sum(axis=2)[:, :, None] - largest)
        most = self.most[:, :, None] - (smallest.sum(axis=2)[:, :, None] - smallest)
        times = np.where(self.times == 0, 1, self.times)
        up, down = -(-least // times), most // times
        below, above = -(-most // times), least // times
        none = self.times == 0
        found_low = np.where(none, -_UNBOUNDED, np.where(times > 0, up, below))
        found_high = np.where(none, _UNBOUNDED, np.where(times > 0, down, above))
        return found_low, found_high

    def _narrowed(self, low: Counts, high: Counts) -> tuple[Counts, Counts]:
        low, high = low.copy(), high.copy()
        rows = np.arange(len(low))[:, None, None]
        while True:
            before = low.copy(), high.copy()
            found_low, found_high = self.implied(low, high)
            np.maximum.at(low, (rows, self.at[None]), found_low)
            np.minimum.at(high, (rows, self.at[None]), found_high)
            if np.array_equal(low, before[0]) and np.array_equal(high, before[1]):
                return low, high


def _arrays(forms: Sequence[Relation], place: Mapping[str, int]) -> tuple[Counts, Counts]:
    longest = max(map(len, forms))
    at, times = (np.zeros((len(forms), longest), dtype=np.int64) for _ in range(2))
    for row, form in enumerate(forms):
        at[row, : len(form)] = [place[name] for name in form]
        times[row, : len(form)] = list(form.values())
    return at, times


def _know_the_rest(left_over: Counts, limit: Counts, least: Counts, most: Counts) -> None:
    """A field's patients and the others are two counts of one table: of both it is known whether they are small."""
    rest = left_over[:, : limit.shape[1]]
    few = (rest > 0) & (rest <= limit)
    least[:, : limit.shape[1]] = np.where(few, 1, np.where(rest == 0, 0, limit + 1))
    most[:, : limit.shape[1]] = np.where(few, limit, np.where(rest == 0, 0, _UNBOUNDED))


def _missed(exact: Counts, names: Sequence[str]) -> Counts:
    """By kind, then by size; zeros last of all, because they tell of nobody."""
    strengths = {item.code: item.strength for item in catalogue()}

    def kind(name: str) -> int:
        whole, _, part = name.partition("/")
        if whole in FIELDS:
            return _FIELD
        if whole in strengths:
            by_strength = _PERMITTED if strengths[whole] != "mandated" else _MANDATED
            return by_strength if not part or part in ("met", "not_met") else _PART
        return _ALL if whole == PATIENTS else _MIX

    kinds = np.array([kind(name) for name in names])
    return np.where(exact == 0, kinds + _NOBODY, kinds) * _APART + exact


@dataclass(frozen=True, slots=True)
class _Search:
    """One practice's relations, from a cell that is narrowed to what narrows it."""

    margins: Margins
    practice: int
    hidden: Mask
    base: tuple[Counts, Counts]
    found: tuple[Counts, Counts]

    def missed(self, cell: int) -> int:
        """How much the reader misses it."""
        return int(self.margins.missed[self.practice, cell])

    def cheapest(self, cell: int) -> int | None:
        """What to give up so that the cell is narrowed less; None when nothing is left."""
        seen, wave = {cell}, {cell}
        while wave:
            around = {other for one in wave for other in self._narrowing(one)} - seen
            able = [other for other in map(self._given_up, around | wave) if other is not None]
            if able:
                return min(able, key=self.missed)
            seen |= around
            wave = around
        return None

    def _given_up(self, cell: int) -> int | None:
        """What stands for the cell: itself when it is shown, the total of its row when only that is."""
        if not self.hidden[self.practice, cell]:
            return None if self.margins.said[self.practice, cell] else cell
        whole = int(self.margins.whole[cell])
        return None if self.hidden[self.practice, whole] else whole

    def _narrowing(self, cell: int) -> set[int]:
        """The other cells of the relations that set one of its bounds."""
        margins, at = self.margins, self.practice
        rows, terms = np.nonzero((margins.at == cell) & (margins.times != 0))
        one = slice(at, at + 1)
        low, high = (ends[one] for ends in self.found)
        implied_low, implied_high = margins.of_practices(np.array([at])).implied(low, high)
        tight = (implied_low[0, rows, terms] >= low[0, cell]) & (low[0, cell] > self.base[0][at, cell])
        tight |= (implied_high[0, rows, terms] <= high[0, cell]) & (high[0, cell] < self.base[1][at, cell])
        chosen = rows[tight]
        return set(margins.at[chosen][margins.times[chosen] != 0].tolist()) - {cell}
