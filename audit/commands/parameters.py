"""Values that several commands take."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from audit.standards.standard import Standard


class IsoDate(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date, or a usage error that says which form is wanted."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is not a date; write it as YYYY-MM-DD, for example 2026-03-31', param, ctx)


def standard_named(name: str) -> Standard:
    """The standard of that name or file, checked before any input is read."""
    from audit.criteria import judged_by  # noqa: PLC0415 - heavy imports wait
    from audit.standards.standard import load_standard  # noqa: PLC0415

    standard = load_standard(name)
    judged_by(standard)
    return standard
