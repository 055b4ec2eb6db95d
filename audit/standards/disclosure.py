"""The rules by which counts are suppressed and rounded before they leave a practice (disclosure.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Profile:
    """One set of rules.

    Attributes:
        name: as `--profile` takes it.
        what: whom it is for.
        largest_small: counts from 1 to this are suppressed.
        extremes_below: with fewer eligible, nobody and everybody are suppressed too.
        back_from: a count that was suppressed last time is published again from this on.
        base: every published count is the nearest multiple of it.
        days_apart: a period ends at least so many days after that of the last release.
        least_possible: a suppressed count must leave at least so many possible values.
    """

    name: str
    what: str
    largest_small: int
    extremes_below: int
    back_from: int
    base: int
    days_apart: int
    least_possible: int


@cache
def profiles() -> Mapping[str, Profile]:
    """The profiles that ship, by name."""
    content = tomllib.loads(files(__package__).joinpath("disclosure.toml").read_text(encoding="utf-8"))
    common = {"base": content["base"], "days_apart": content["days_apart"]}
    return {name: Profile(name=name, **common, **rules) for name, rules in content["profile"].items()}
