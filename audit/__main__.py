"""The program: `b12audit`, and `python -m audit`. Ctrl-C is taken before anything heavy is imported."""

from __future__ import annotations

from audit.commands.stopping import stoppable


def main() -> None:
    """Runs the command line; ends the process."""
    with stoppable(ends=True):
        from audit.cli import main as command  # noqa: PLC0415 - heavy imports wait

        command(prog_name="b12audit")


if __name__ == "__main__":
    main()
