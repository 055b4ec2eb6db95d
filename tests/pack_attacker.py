"""Somebody who wants to know the suppressed counts of a pack: every published number, every rule, and a solver.

What they know beyond the pack:

* all rules of `disclosure.toml`, and of every suppressed count whether it is small itself or went with another. (Of a
  row that is suppressed whole, total and all, nobody can tell which of its parts are small: only what its total is.)
* how the populations of STANDARD.md hang together: the relations below, written from the standard and not from the
  program; and of every "may add up", in which practices nobody is left over, so that it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from ortools.sat.python import cp_model

from audit.results.disclosure import PARTS
from audit.results.pack_counts import FIELDS, PackCounts
from audit.results.publish import Hidden, Release
from audit.standards.disclosure import Profile

MOST: Final = 10_000
ENOUGH: Final = 5

#: STANDARD 3: the patients of a row that could not be read are "cannot tell" in every criterion but this one
_NEVER_UNREADABLE: Final = "cause-recorded"
_UNREADABLE: Final = "readable treatment rows"

#: STANDARD 4: what can leave an answer open, by criterion, as the fields of the pack's map; "left" is
#: LEFT_DURING_WINDOW, which is no field
OPEN: Final = {
    "loading-complete": ("start of treatment", "left"),
    "loading-spacing": ("start of treatment", "left"),
    "neuro-loading": ("start of treatment", "left"),
    "neuro-continued": ("start of treatment", "left", "event", "reviews"),
    "neuro-review-recorded": ("start of treatment", "left", "reviews", "event"),
    "neuro-not-oral-only": (),
    "maintenance-started": ("start of treatment", "neurological_involvement", "event"),
    "maintenance-interval-neuro": ("event",),
    "maintenance-interval-standard": ("neurological_involvement", "event"),
    "maintenance-interval-dietary": ("neurological_involvement", "event"),
    "not-overdue": ("neurological_involvement", "event"),
    "lifelong-treatment-continued": ("dose", "event", "left"),
    "prescribed-interval": ("neurological_involvement", "directions"),
    "given-as-prescribed": ("directions",),
    "hydroxocobalamin-injected": (),
    "dose-one-milligram": ("dose",),
    "intramuscular": ("route",),
    "irreversible-cause-injected": (),
    "low-dose-oral-only-for-diet": ("cause", "dose"),
    "no-cyanocobalamin-in-lebers": (),
    "folic-acid-not-before-b12": ("start of treatment", "dose"),
    "folate-measured": ("start of treatment", "tests", "left"),
    "ferritin-measured": ("start of treatment", "tests", "left"),
    "blood-count-measured": ("start of treatment", "tests", "left"),
    "potassium-measured-in-severe-anaemia": ("start of treatment", "tests", "left"),
    "blood-count-response": ("start of treatment", "tests", "left"),
    "first-review": ("start of treatment", "reviews", "left"),
    "no-b12-retest-on-injections": ("tests",),
}
#: STANDARD 3 and 4: where a reason to except is named
EXCEPTED: Final = (
    "loading-complete",
    "neuro-loading",
    "neuro-continued",
    "neuro-not-oral-only",
    "maintenance-started",
    "maintenance-interval-neuro",
    "maintenance-interval-standard",
    "maintenance-interval-dietary",
    "not-overdue",
    "lifelong-treatment-continued",
    "intramuscular",
    "irreversible-cause-injected",
)
_INJECTED: Final = ("hydroxocobalamin-injected", "dose-one-milligram", "intramuscular")
_MEASURED: Final = ("folate-measured", "ferritin-measured", "blood-count-measured")
_MAINTAINED: Final = ("maintenance-interval-neuro", "maintenance-interval-standard", "maintenance-interval-dietary")
_ON_INJECTIONS: Final = "no-b12-retest-on-injections"
_STARTING: Final = (*_MEASURED, "first-review")
_NEURO_STARTING: Final = ("neuro-loading", "neuro-continued", "neuro-review-recorded")
#: everybody of these has a B12 treatment in the period, as everybody of cause-recorded has: a first dose in the period,
#: an injection row in it, or the words "B12 treatment in the period"
_TREATED: Final = (
    *_INJECTED,
    *_STARTING,
    "folic-acid-not-before-b12",
    "loading-complete",
    *_NEURO_STARTING,
    "neuro-not-oral-only",
    "irreversible-cause-injected",
    "low-dose-oral-only-for-diet",
    "no-cyanocobalamin-in-lebers",
)

Form = dict[str, int]


def net(code: str, sign: int = 1) -> Form:
    """Those eligible without those of an unreadable row, who are in every criterion."""
    return {code: sign} if code == _NEVER_UNREADABLE else {code: sign, _UNREADABLE: -sign}


def judged(code: str, sign: int = 1) -> Form:
    """Those eligible of whom the record can tell."""
    return {code: sign, f"{code}/not_assessable": -sign}


def added(*forms: Form) -> Form:
    found: Form = {}
    for form in forms:
        for name, number in form.items():
            found[name] = found.get(name, 0) + number
    return found


def _of(codes: set[str], forms: Iterable[Form]) -> list[Form]:
    return [form for form in forms if {name.partition("/")[0] for name in form} <= codes | _OTHER]


_OTHER: Final = {"patients", "with intervals", "injections", "left", *FIELDS}


def always(codes: set[str]) -> list[Form]:
    """Forms that are at least 0, by the definitions."""
    found = [{"injections": 1, "with intervals": -1}, {"patients": 1, "with intervals": -1, _UNREADABLE: -1}]
    found += [{"patients": 1, code: -1} for code in codes]
    return _of(codes, (*found, *_of_what_is_missing(codes), *_of_the_treated(), *_of_maintenance()))


def may_add_up(codes: set[str]) -> list[Form]:
    """Forms that are exactly 0 where nobody is left over: pending, dietary, with involvement for part of the period."""
    return _of(codes, (*_of_starters(), added(net(_ON_INJECTIONS), *(net(part, -1) for part in _MAINTAINED))))


def _of_what_is_missing(codes: set[str]) -> Iterator[Form]:
    for code in codes - {_NEVER_UNREADABLE}:
        open_ = f"{code}/not_assessable"
        yield {open_: 1, _UNREADABLE: -1}
        yield added({open_: -1, _UNREADABLE: 1}, *({name: 1} for name in OPEN[code]))
    for name in FIELDS:
        leaving = [code for code, fields in OPEN.items() if name in fields]
        if leaving:
            yield added({name: -1}, *({f"{code}/not_assessable": 1, _UNREADABLE: -1} for code in leaving))
        # of one patient an unreadable row is the only reason
        yield {"patients": 1, name: -1} if name == _UNREADABLE else {"patients": 1, name: -1, _UNREADABLE: -1}
    # a blank cause is "not met" in cause-recorded, and everybody whose tablets ask for one is treated
    yield {"cause-recorded/not_met": 1, "cause": -1}


def _of_starters() -> Iterator[Form]:
    """All who start, and those of them with and without neurological involvement."""
    for whole in _STARTING:
        yield added(net(whole), net("loading-complete", -1), net("neuro-loading", -1))
    for group in (_STARTING, _NEURO_STARTING):
        for at, one in enumerate(group):
            yield from (added(net(one), net(other, -1)) for other in group[at + 1 :])


def _of_the_treated() -> Iterator[Form]:
    for one in _INJECTED:
        yield from ({one: 1, other: -1} for other in _INJECTED if one != other)
    for part in _TREATED:
        yield added(net("cause-recorded"), net(part, -1))
    for neuro in _NEURO_STARTING:
        yield added(net("cause-recorded"), net("loading-complete", -1), net(neuro, -1))
    yield added({"cause-recorded/met": 1}, net("irreversible-cause-injected", -1))
    yield {"cause-recorded/met": 1, "low-dose-oral-only-for-diet/met": -1}
    # those with such a cause, treated in the period or not
    yield added(net("lifelong-treatment-continued"), net("irreversible-cause-injected", -1))
    # a low haemoglobin near the start is a blood count measured
    for part in ("potassium-measured-in-severe-anaemia", "blood-count-response"):
        yield added({"blood-count-measured/met": 1}, judged(part, -1))
    yield added({"loading-complete/met": 1, "neuro-loading/met": 1}, judged("loading-spacing", -1))


def _of_maintenance() -> Iterator[Form]:
    """A closed judged interval is in one of three criteria; met means that there is one."""
    for part in _MAINTAINED:
        yield added(net(_ON_INJECTIONS), net(part, -1))
        yield {"with intervals": 1, f"{part}/met": -1}
    yield added(net(_ON_INJECTIONS), {"with intervals": -1})
    yield added(*(net(part) for part in _MAINTAINED), {"with intervals": -1})


@dataclass
class Narrowed:
    """How many suppressed counts were attacked, and the fewest values that one of them can still have."""

    attacked: int = 0
    narrowest: int = MOST
    found: list[tuple[str, str, int]] = field(default_factory=list)

    def add(self, practice: str, name: str, width: int) -> None:
        self.attacked += 1
        self.narrowest = min(self.narrowest, width)
        if width < ENOUGH:
            self.found.append((practice, name, width))

    def and_also(self, other: Narrowed) -> None:
        self.attacked += other.attacked
        self.narrowest = min(self.narrowest, other.narrowest)
        self.found += other.found


@dataclass(frozen=True)
class _Cell:
    exact: int
    shown: int
    limit: int

    @property
    def small(self) -> bool:
        return 0 < self.exact <= self.limit

    def bounds(self, half: int) -> tuple[int, int]:
        if self.shown > 0:
            return max(self.shown - half, self.limit + 1), self.shown + half
        if self.shown == 0:
            return 0, 0
        if self.small:
            return 1, self.limit
        return (self.limit + 1 if self.exact else 0), MOST


def _flat(tables: PackCounts | Release | Hidden, practice: int, criteria: Iterable[str]) -> dict[str, int]:
    """Every count of a practice by its name; of exact counts and memories no totals."""
    found = {name: int(getattr(tables, name)[practice]) for name in ("patients", "injections")}
    found |= dict(zip(FIELDS, tables.missing[practice].tolist(), strict=True))
    found |= {f"with intervals/{at}": int(number) for at, number in enumerate(tables.classes[practice])}
    if isinstance(tables, Release):
        found["with intervals"] = int(tables.with_intervals[practice])
        found |= dict(zip(criteria, tables.eligible[practice].tolist(), strict=True))
    for code, parts in zip(criteria, tables.rows[practice].tolist(), strict=True):
        found |= {f"{code}/{part}": int(number) for part, number in zip(PARTS, parts, strict=True)}
    return found


def exact_cells(counts: PackCounts, practice: int) -> dict[str, int]:
    """The truth, with its totals."""
    totals = zip(counts.criteria, counts.rows[practice].sum(axis=1).tolist(), strict=True)
    return {
        **_flat(counts, practice, counts.criteria),
        **dict(totals),
        "with intervals": int(counts.classes[practice].sum()),
    }


class WholePack:
    """The attack on everything that a release publishes; practices say nothing of each other, so one after another."""

    def __init__(self, profile: Profile, exact: PackCounts, release: Release, before: Hidden | None = None) -> None:
        self.profile, self.exact, self.release, self.before = profile, exact, release, before
        self.always, self.may_add_up = (find(set(exact.criteria)) for find in (always, may_add_up))
        self.half = profile.base // 2

    def attack(self) -> Narrowed:
        found = Narrowed()
        for practice in range(len(self.exact.practices)):
            self._attack(practice, found)
        return found

    def cells(self, practice: int) -> dict[str, _Cell]:
        shown = _flat(self.release, practice, self.exact.criteria)
        memory = {} if self.before is None else _flat(self.before, practice, self.exact.criteria)
        far, near = self.profile.back_from - 1, self.profile.largest_small
        return {
            name: _Cell(exact, shown[name], far if memory.get(name) else near)
            for name, exact in exact_cells(self.exact, practice).items()
        }

    def _attack(self, practice: int, found: Narrowed) -> None:
        cells = self.cells(practice)
        hidden = [name for name, cell in cells.items() if cell.shown < 0]
        if not hidden:
            return
        model, variables = self._model(practice, cells)
        for name, width in _widths(model, variables, hidden).items():
            found.add(self.exact.practices[practice], name, width)

    def _model(self, practice: int, cells: dict[str, _Cell]) -> tuple[cp_model.CpModel, dict[str, cp_model.IntVar]]:
        model = cp_model.CpModel()
        variables: dict[str, cp_model.IntVar] = {"left": model.new_int_var(0, MOST, "left")}
        nothing = cells["patients"].shown < 0
        for name, cell in cells.items():
            whole = name.partition("/")[0]
            # of a row or practice that is suppressed whole nobody can tell which counts are small
            lost = (whole != name and cells[whole].shown < 0) or (nothing and name != "patients")
            low, high = (0, MOST) if lost else cell.bounds(self.half)
            variables[name] = model.new_int_var(low, high, name)
        for whole in (*self.exact.criteria, "with intervals"):
            model.add(sum(variables[name] for name in cells if name.startswith(f"{whole}/")) == variables[whole])
        for form in self.always:
            model.add(sum(variables[name] * number for name, number in form.items()) >= 0)
        for form in self.may_add_up:
            if sum(cells[name].exact * number for name, number in form.items()) == 0:
                model.add(sum(variables[name] * number for name, number in form.items()) == 0)
        for code in self.exact.criteria:
            if code not in EXCEPTED:
                model.add(variables[f"{code}/excepted"] == 0)
            if code == _NEVER_UNREADABLE:
                model.add(variables[f"{code}/not_assessable"] == 0)
        self._complements(model, variables, cells)
        return model, variables

    def _complements(
        self, model: cp_model.CpModel, variables: dict[str, cp_model.IntVar], cells: dict[str, _Cell]
    ) -> None:
        """A field's patients and the rest are two counts of one table: what is known of the rest."""
        for name in FIELDS:
            rest = cells["patients"].exact - cells[name].exact
            limit = cells[name].limit
            said = variables["patients"] - variables[name]
            if cells["patients"].shown < 0:
                continue
            if 0 < rest <= limit:
                model.add(said >= 1)
                model.add(said <= limit)
            elif cells[name].shown >= 0:
                model.add(said == 0) if rest == 0 else model.add(said > limit)


def _solve(model: cp_model.CpModel) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.cp_model_presolve = False
    status = solver.solve(model)
    assert status == cp_model.OPTIMAL, "the truth itself must be possible"
    return solver


def _widths(model: cp_model.CpModel, variables: dict[str, cp_model.IntVar], hidden: list[str]) -> dict[str, int]:
    """The range of each hidden count, or what of it was seen once that is enough: many are settled by one solution."""
    low, high = dict.fromkeys(hidden, MOST), dict.fromkeys(hidden, -MOST)

    def look(objective: cp_model.LinearExprT) -> None:
        model.minimize(objective)
        solver = _solve(model)
        for name in hidden:
            value = solver.value(variables[name])
            low[name], high[name] = min(low[name], value), max(high[name], value)

    signs = np.random.default_rng(0).choice([-1, 1], (2, len(hidden)))
    for row in (np.ones(len(hidden), dtype=int), *signs):
        for direction in (1, -1):
            look(sum(variables[name] * int(sign * direction) for name, sign in zip(hidden, row, strict=True)))
    for name in hidden:
        for direction in (1, -1):
            if high[name] - low[name] + 1 < ENOUGH:
                look(variables[name] * direction)
    return {name: high[name] - low[name] + 1 for name in hidden}
