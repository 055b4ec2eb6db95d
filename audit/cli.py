"""The door: every command of `audit.commands` under one name."""

from __future__ import annotations

import click

from audit import __version__
from audit.commands.check import check
from audit.commands.compare import compare
from audit.commands.completion import completion
from audit.commands.demo import demo
from audit.commands.docs import docs
from audit.commands.explain import explain
from audit.commands.forecast import forecast
from audit.commands.pack import pack
from audit.commands.pseudonymise import pseudonymise
from audit.commands.recall import recall
from audit.commands.reporting import Door
from audit.commands.run import run
from audit.commands.site import doctor, init, nightly, schedule, status, verify
from audit.commands.standards import standards
from audit.commands.template import template


@click.group("b12audit", cls=Door, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="b12audit")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_context
def main(context: click.Context, debug: bool) -> None:
    """Audits vitamin B12 injections of a practice against the BNF/NICE pattern."""
    context.obj = debug


_COMMANDS = (
    *(run, check, compare, explain, recall, forecast, pack, standards, template, pseudonymise),
    *(init, nightly, status, verify, doctor, schedule),
    *(demo, completion, docs),
)
for _command in _COMMANDS:
    main.add_command(_command)
