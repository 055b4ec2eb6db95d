"""One file per criterion, found by walking this folder: a module with `CRITERION` is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from audit.criteria.criterion import Criterion
from audit.standards.standard import Standard, check_criteria


@cache
def catalogue() -> tuple[Criterion, ...]:
    """All criteria, by code; their texts name numbers by placeholders."""
    modules = (importlib.import_module(f"{__name__}.{item.name}") for item in pkgutil.iter_modules(__path__))
    found = [module.CRITERION for module in modules if hasattr(module, "CRITERION")]
    return tuple(sorted(found, key=lambda criterion: criterion.code))


def judged_by(standard: Standard) -> tuple[Criterion, ...]:
    """The criteria that the standard leaves on, by code, worded with its numbers.

    Raises:
        UsageError: the standard names a criterion that there is not, or leaves none on.
    """
    check_criteria(standard, [item.code for item in catalogue()])
    return tuple(item.worded(standard) for item in catalogue() if item.code not in standard.off)


def criterion(code: str) -> Criterion:
    """The criterion of that code; KeyError when there is none."""
    return {item.code: item for item in catalogue()}[code]
