"""What a person sees at the terminal and a program does not: progress, colour, --json, --quiet, --open, completion."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.commands.progress import stage
from audit.commands.reporting import print_lines

BEST = "Workbook  out/report.xlsx   <- start here"
ESCAPE = "\x1b["


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of which nothing is said."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="module")
def made(little: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A run whose stderr and stdout are no terminal."""
    out = tmp_path_factory.mktemp("made") / "out"
    return out, run("run", little, "--out", out)


def shown(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, quiet: bool = False) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    with stage("Judging", quiet=quiet):
        pass
    return stream.getvalue()


def test_progress_is_for_a_terminal_that_can_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Judging ..." in shown(Screen(), monkeypatch)
    assert shown(io.StringIO(), monkeypatch) == ""
    assert shown(Screen(), monkeypatch, quiet=True) == ""
    monkeypatch.setenv("TERM", "dumb")
    assert shown(Screen(), monkeypatch) == ""


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Screen, {}, True),
        (io.StringIO, {}, False),
        (Screen, {"NO_COLOR": "1"}, False),
        (Screen, {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_a_terminal_that_wants_it(
    stream: type[io.StringIO], environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    printed = stream()
    monkeypatch.setattr(sys, "stdout", printed)
    print_lines(["Overdue now  14", BEST])
    first, last = printed.getvalue().splitlines()
    assert first == "Overdue now  14"
    assert (last.startswith(ESCAPE), BEST in last) == (coloured, True)


def test_without_a_terminal_there_is_no_progress(made: tuple[Path, Result]) -> None:
    _, done = made
    assert done.exit_code == 0
    assert done.stderr == ""
    assert ESCAPE not in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Next: b12audit explain ")


def test_json_is_one_document_of_the_summarys_numbers(made: tuple[Path, Result], little: Path) -> None:
    out, _ = made
    done = run("run", little, "--out", out, "--json")
    document = json.loads(done.stdout)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (done.stderr, document["exit_code"], document["already"]) == ("", 0, True)
    assert {name: document[name] for name in summary if name != "run"} == {
        name: value for name, value in summary.items() if name != "run"
    }


def test_quiet_says_nothing_and_open_opens_the_report(
    made: tuple[Path, Result], little: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    done = run("run", little, "--out", made[0], "--quiet", "--open")
    assert (done.exit_code, done.output) == (0, "")
    assert opened == [str(made[0] / "report.html")]
    assert Path(opened[0]).is_file()


def completed(words: str, number: int) -> list[str]:
    """What bash is offered for the last of these words."""
    asked = {"_B12AUDIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(number)}
    found = CliRunner().invoke(main, [], prog_name="b12audit", env=asked)
    return [line.partition(",")[2] for line in found.stdout.splitlines()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_the_program(shell: str) -> None:
    done = run("completion", shell)
    assert done.exit_code == 0
    assert f"_B12AUDIT_COMPLETE={shell}_complete" in done.stdout


def test_the_shell_is_offered_commands_and_options() -> None:
    assert completed("b12audit re", 1) == ["recall"]
    assert {"--json", "--quiet", "--open"} <= set(completed("b12audit run --", 2))


@pytest.mark.slow
def test_demo_makes_the_report_of_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("demo")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "b12audit-demo" / "report.html").is_file()
    assert "<- start here" in done.stdout


@pytest.mark.slow
def test_somebody_at_a_terminal_sees_what_is_going_on(little: Path, tmp_path: Path) -> None:
    """The program itself, its stderr a terminal and its stdout a pipe."""
    screen, terminal = pty.openpty()
    program = [sys.executable, "-c", "from audit.cli import main; main()"]
    command = [*program, "run", str(little), "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, text=True) as running:
        os.close(terminal)
        seen = _all_of(screen)
        assert running.stdout is not None
        results = running.stdout.read()
    for text in ("Reading and validating ...", "Judging ...", "Writing the report ..."):
        assert text in seen
    assert 'Reading records.xlsx ... sheet "Treatments", 468 rows, 11 patients' in seen
    assert ESCAPE not in results and "<- start here" in results


def _all_of(screen: int) -> str:
    found = b""
    while True:
        try:
            part = os.read(screen, 65536)
        except OSError:  # Linux says so when the other side has gone
            part = b""
        if not part:
            os.close(screen)
            return found.decode()
        found += part
