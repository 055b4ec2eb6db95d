"""Mistakes in what is typed: commands, options, their values, and who or what is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.corpora.mistakes_in_files import _audited
from tests.corpora.user_mistakes import INPUT, PATIENTS, Mistake, kind, practice, written


def _typed(name: str, *argv: str, says: str, code: int = 2, then: str = "", audited: bool = False) -> Mistake:
    make = _audited if audited else written(practice())
    # a threshold that can be read may be missed
    return Mistake(name, make, argv=argv, exit_code=code, says=says, then=then, after=frozenset((0, 3, 8)))


@kind("command mistyped")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for typed in ("rnu", "chekc", "explian", "standard", "pseudonymize", "comapre"):
        yield _typed(name, typed, INPUT, says="NO_SUCH_COMMAND", then="paste")


@kind("option mistyped")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for typed in ("--extract-dat", "--fil-down", "--stadard", "--ouput", "--qiet", "--histroy-start"):
        yield _typed(name, "run", INPUT, typed, says="NO_SUCH_OPTION", then="paste")


@kind("a date that the command does not read")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for typed in ("31/03/2025", "31-03-2025", "2025-02-30", "yesterday", "2025-3-31", "March 2025"):
        yield _typed(name, "run", INPUT, "--extract-date", typed, says="VALUE_WRONG", then="paste")


@kind("dates that contradict each other")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    run = ("run", INPUT)
    yield _typed(name, *run, "--from", "2025-04-01", "--to", "2024-04-01", says="PERIOD_REVERSED")
    yield _typed(name, *run, "--to", "2026-04-01", says="PERIOD_AFTER_EXTRACT")
    yield _typed(name, *run, "--extract-date", "2062-03-31", says="EXTRACT_DATE_IN_FUTURE")
    for start, end in (("2019-01-01", "2019-12-31"), ("2001-04-01", "2002-03-31"), ("2022-01-01", "2022-06-30")):
        yield _typed(name, *run, "--from", start, "--to", end, says="NO_PATIENTS_IN_PERIOD", code=6, then="add")


@kind("standard, criterion or threshold mistyped")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    run = ("run", INPUT)
    yield _typed(name, *run, "--standard", "natonal", says="STANDARD_UNKNOWN")
    yield _typed(name, *run, "--standard", "ours.toml", says="STANDARD_UNREADABLE")
    yield _typed(name, *run, "--fail-under", "not-overdu=90", says="UNKNOWN_NAME")
    yield _typed(name, *run, "--fail-under", "not-overdue=most", says="PERCENT_WRONG", then="add")
    yield _typed(name, *run, "--compare", "national", says="STANDARD_TWICE")
    yield _typed(name, "standards", "show", "licens", says="STANDARD_UNKNOWN")


@kind("asked about what is not there")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    source = ("--from", "out")
    yield _typed(name, "explain", "QX7Z-99", *source, says="NO_SUCH_PATIENT", audited=True)
    yield _typed(name, "explain", PATIENTS[0], "not-overdu", *source, says="UNKNOWN_NAME", audited=True)
    yield _typed(name, "explain", PATIENTS[0], says="NO_REPORT_HERE", code=4)
    yield _typed(name, "compare", INPUT, INPUT, says="NO_REPORT_HERE", code=4)
    yield _typed(name, "recall", says="NO_REPORT_HERE", code=4)
    yield _typed(name, "compare", "nowhere", "out", says="NO_SUCH_FILE", code=4, audited=True)
