"""Values that several commands take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from audit.results.forecast import Inputs
    from audit.standards.standard import Standard


Command = TypeVar("Command", bound=Callable[..., Any])


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


#: more than any practice pays or takes for one injection or one hour
_MOST: Final = 1_000_000


class Amount(click.ParamType[Decimal]):
    """Minutes or pounds: a number from 0 up, with a point and no sign of a currency."""

    name = "NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The amount, or a usage error that says which form is wanted."""
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount <= _MOST:
            self.fail(f'"{value}" is no amount; write a number without a currency, for example 1.50', param, ctx)
        return amount


def inputs_of(options: Mapping[str, Any]) -> Inputs:
    """What an injection takes in this practice, from the options of those names.

    Raises:
        UsageError: see `Inputs.checked`.
    """
    from audit.results.forecast import Inputs  # noqa: PLC0415 - heavy imports wait

    return Inputs(**{name: options[name] for name in INPUTS}).checked()


INPUTS: Final = ("minutes_per_injection", "cost_per_ampoule", "cost_per_hour")
_INPUT_HELP: Final = (
    "Nurse minutes that an injection takes, for the forecast.",
    "Pounds for an ampoule, for the forecast.",
    "Pounds for an hour of a nurse, for the forecast.",
)


def forecast_inputs(command: Command) -> Command:
    """Gives a command the options of what an injection takes; no value has a default."""
    for name, text in reversed(list(zip(INPUTS, _INPUT_HELP, strict=True))):
        command = click.option(f"--{name.replace('_', '-')}", type=Amount(), help=text)(command)
    return command


def standard_named(name: str) -> Standard:
    """The standard of that name or file, checked before any input is read."""
    from audit.criteria import judged_by  # noqa: PLC0415 - heavy imports wait
    from audit.standards.standard import load_standard  # noqa: PLC0415

    standard = load_standard(name)
    judged_by(standard)
    return standard
