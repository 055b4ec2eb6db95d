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
        least_possible: a suppressed count must leave at least so many possible values.
    """

    name: str
    what: str
    largest_small: int
    extremes_below: int
    back_from: int
    base: int
    least_possible: int


@cache
def profiles() -> Mapping[str, Profile]:
    """The profiles that ship, by name."""
    content = tomllib.loads(files(__package__).joinpath("disclosure.toml").read_text(encoding="utf-8"))
    return {name: Profile(name=name, base=content["base"], **rules) for name, rules in content["profile"].items()}
