"""Somebody with a solver and everything that a pack publishes works out no suppressed count."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audit.commands.demo_pack import audited_practices
from audit.commands.pack import published_codes
from audit.commands.parameters import standard_named
from audit.intake.run_folder import RunTables, read_run_folder
from audit.results.margins import Margins
from audit.results.pack_counts import Counts, PackCounts, count_run, together
from audit.results.publish import publish
from audit.results.releases import Entry, Quarter, settle
from audit.standards.disclosure import Profile, profiles
from tests import counts as tables
from tests.pack_attacker import EXCEPTED, MOST, Narrowed, WholePack, always, exact_cells

ATTACK = "the attack on packs"
STRICT, NDA = profiles()["strict"], profiles()["nda"]
QUARTERS = Quarter(8103, 12), Quarter(8104, 12)
SUMMED = ("rows", "classes", "missing", "patients", "injections", "injected")


# Random practices: patients as the program judged them, in random numbers


def one_by_one(run: RunTables, prefix: str) -> PackCounts:
    """The counts of each patient alone: as many practices of one patient."""
    verdicts = run.verdicts[run.verdicts["criterion"].isin(published_codes())]
    apart = {"practice_id": lambda table: prefix + table["patient_id"].astype(str)}
    return count_run(verdicts.assign(**apart), run.intervals.assign(**apart), run.period, run.numbers)


def of_the_sample(folder: Path) -> PackCounts:
    return one_by_one(read_run_folder(folder, json.loads((folder / "run.json").read_text())), "")


@cache
def of_the_area() -> PackCounts:
    """The patients of the demo's forty practices."""
    with tempfile.TemporaryDirectory() as place:
        quarters = audited_practices(Path(place), standard_named("national"))
        return together([one_by_one(run, f"{at}/") for at, run in enumerate(quarters[-1])])


def practices_of(pool: PackCounts, times: Counts) -> PackCounts:
    """Practices with each patient of the pool so many times."""
    number = len(times)
    return PackCounts(
        practices=tuple(f"W9{at:04d}" for at in range(number)),
        partial=(False,) * number,
        criteria=pool.criteria,
        **{name: np.tensordot(times, getattr(pool, name), axes=1) for name in SUMMED},
    )


def draw(rng: np.random.Generator, pool: int, practices: int) -> Counts:
    """Few or many kinds of patients, and few or many of them."""
    times = np.zeros((practices, pool), dtype=np.int64)
    for row in times:
        kinds = rng.choice(pool, int(rng.integers(3, 120)), replace=False)
        np.add.at(row, rng.choice(kinds, int(np.exp(rng.uniform(np.log(4), np.log(300))))), 1)
    return times


def packs(seed: int, number: int, pool: PackCounts) -> Iterator[PackCounts]:
    rng = np.random.default_rng(seed)
    sizes = (int(rng.integers(1, 3)) for _ in range(number))
    return (practices_of(pool, draw(rng, len(pool.practices), size)) for size in sizes)


def pairs(seed: int, number: int, pool: PackCounts) -> Iterator[tuple[PackCounts, PackCounts]]:
    """A quarter and the next: some patients have left, and in half of the practices some have come."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        old = draw(rng, len(pool.practices), int(rng.integers(1, 3)))
        come = draw(rng, len(pool.practices), len(old)) * (rng.random(old.shape) < 0.2)
        new = old * (rng.random(old.shape) < 0.8) + come * (rng.random((len(old), 1)) < 0.5)
        yield practices_of(pool, old), practices_of(pool, new)


def attack_packs(found: Iterable[PackCounts], profile: Profile = STRICT) -> Narrowed:
    total = Narrowed()
    for exact in found:
        total.and_also(WholePack(profile, exact, publish(exact, profile)).attack())
    return total


def attack_pairs(found: Iterable[tuple[PackCounts, PackCounts]], profile: Profile = STRICT) -> Narrowed:
    """The second release of each, by somebody who has the first."""
    total = Narrowed()
    for exact in found:
        old, new = (
            Entry(quarter, profile.name, "national 2026-11", one, publish(one, profile))
            for quarter, one in zip(QUARTERS, exact, strict=True)
        )
        released = settle(new, [old], profile, new_cohort=False).entry.release
        total.and_also(WholePack(profile, exact[1], released, old.release.hidden).attack())
    return total


def side_by_side(attack: Callable[[Iterable[Any]], Narrowed], found: Iterable[Any]) -> Narrowed:
    """The attack by as many processes as there are cores."""
    total = Narrowed()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        for part in workers.map(attack, in_parts(found)):
            total.and_also(part)
    return total


def in_parts(found: Iterable[Any]) -> Iterator[list[Any]]:
    waiting = iter(found)
    return iter(lambda: list(islice(waiting, 20)), [])


def test_a_solver_with_the_whole_pack_recovers_nothing(audited_once: Path) -> None:
    pool = of_the_sample(audited_once)
    first, second = attack_packs(packs(1, 4, pool)), attack_pairs(pairs(2, 2, pool))
    assert [*first.found, *second.found] == []
    assert first.attacked + second.attacked > 100


def test_the_same_solver_recovers_counts_of_tables_that_stand_each_for_itself(
    audited_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Margins, "give_up", lambda _, hidden: np.zeros_like(hidden))
    assert attack_packs(packs(1, 6, of_the_sample(audited_once))).narrowest < STRICT.least_possible


def contradicted(pool: PackCounts) -> set[str]:
    """What the standard says of populations, and these patients' verdicts do not obey."""
    wrong = set()
    for at in range(len(pool.practices)):
        cells = exact_cells(pool, at)
        wrong |= {str(form) for form in always(set(pool.criteria)) if "left" not in form and total(form, cells) < 0}
        wrong |= {code for code in pool.criteria if code not in EXCEPTED and cells[f"{code}/excepted"]}
    return wrong


def total(form: dict[str, int], cells: dict[str, int]) -> int:
    return sum(cells[name] * number for name, number in form.items())


def test_what_the_attacker_believes_of_populations_is_so(audited_once: Path) -> None:
    assert contradicted(of_the_sample(audited_once)) == set()


@pytest.mark.slow
def test_it_is_so_in_forty_practices() -> None:
    assert contradicted(of_the_area()) == set()


@pytest.mark.slow
def test_a_thousand_whole_packs_and_two_hundred_pairs() -> None:
    pool, rows = of_the_area(), []
    for title, attack, found in (
        ("Packs, profile strict", partial(attack_packs, profile=STRICT), [*packs(3, 1_000, pool)]),
        ("Next releases, profile strict", partial(attack_pairs, profile=STRICT), [*pairs(4, 200, pool)]),
        ("Packs, profile nda", partial(attack_packs, profile=NDA), [*packs(5, 100, pool)]),
        ("Next releases, profile nda", partial(attack_pairs, profile=NDA), [*pairs(6, 50, pool)]),
    ):
        narrowed, least = side_by_side(attack, found), attack.keywords["profile"].least_possible
        wrong = sum(width < least for *_, width in narrowed.found)
        counted = (len(found), narrowed.attacked, narrowed.narrowest, least, wrong)
        rows.append(f"| {title} | {' | '.join(f'{number:,}' for number in counted)} |")
        assert narrowed.narrowest < MOST
    became = ("suppressed counts attacked", "fewest values left, of 5 and more 5", "promised", "narrowed further")
    tables.write(ATTACK, "releases", rows, became)
    assert [row for row in rows if not row.endswith(" 0 |")] == []


def test_the_page_tells_how_the_attack_went() -> None:
    rows = tables.read(ATTACK)
    assert rows["Packs, profile strict"][0] == 1_000
    assert rows["Next releases, profile strict"][0] == 200
    for title, (_, attacked, narrowest, promised, wrong) in rows.items():
        assert attacked > 1_000, title
        assert (narrowest >= promised, wrong) == (True, 0), title
