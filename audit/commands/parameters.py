"""Values that several commands take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from audit.intake.heading_map import HeadingMap, read_map

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


#: Options that say what is read, and as what: the same for every command that reads inputs.
_INPUT_OPTIONS: Final = (
    click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."),
    click.option("--extract-date", type=IsoDate(), help="Last day the extract covers."),
    click.option("--history-start", type=IsoDate(), help="First day from which the history is complete."),
    click.option("--from", "period_from", type=IsoDate(), help="First day of the audit period."),
    click.option("--to", "period_to", type=IsoDate(), help="Last day of the audit period."),
    click.option("--fill-down", is_flag=True, help="A blank patient id means the patient above (grouped exports)."),
    click.option(
        "--map", "mapping", multiple=True, metavar='FIELD="HEADING"', help="Which column is which; or FILE.toml."
    ),
)
_DATES: Final = ("extract_date", "history_start", "period_from", "period_to")


def input_options(command: Command) -> Command:
    """Adds FILE... and the options that say how it is read; `Given.of` takes them from what was typed."""
    for option in reversed(_INPUT_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Given:
    """What is read, as typed; `dates` by the field of `DateOptions`, None where not given."""

    files: tuple[Path, ...]
    fill_down: bool
    mapping: HeadingMap
    dates: dict[str, date | None]

    @classmethod
    def of(cls, options: dict[str, Any]) -> Given:
        """Takes its own options out of all that were typed, and reads the headings."""
        dates = {name: options.pop(name) for name in _DATES}
        return cls(options.pop("files"), options.pop("fill_down"), read_map(options.pop("mapping")), dates)

    def days(self) -> dict[str, str]:
        """The dates that were given, by the name of their option."""
        return {name.replace("_", "-").removeprefix("period-"): str(day) for name, day in self.dates.items() if day}

    def manner(self) -> dict[str, str]:
        """How the inputs are to be read, by the name of the option; blank for one without a value."""
        filled = {"fill-down": ""} if self.fill_down else {}
        return {**filled, **({"map": self.mapping.told()} if self.mapping.pairs else {})}


def given_files(*files: Path) -> Given:
    """These files, with nothing said of how they are to be read."""
    return Given(files, False, read_map(()), dict.fromkeys(_DATES))


def standard_named(name: str) -> Standard:
    """The standard of that name or file, checked before any input is read."""
    from audit.criteria import judged_by  # noqa: PLC0415 - heavy imports wait
    from audit.standards.standard import load_standard  # noqa: PLC0415

    standard = load_standard(name)
    judged_by(standard)
    return standard
