"""Golden outputs: what the sample practices give, word for word. `pytest --update-golden` writes them anew."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit import __version__
from audit.cli import main
from sample_data import path as sample_path

GOLDEN = Path(__file__).parent / "golden"
FILES = ("verdicts.csv", "intervals.csv", "findings.csv", "summary.json", "report.html")


@pytest.fixture(scope="module", params=["messy", "records"])
def out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp(request.param) / "out"
    done = CliRunner().invoke(main, ["run", str(sample_path(f"{request.param}.xlsx")), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return request.param, folder


def told(path: Path) -> str:
    """The file without what differs by machine or version: libraries, the hash of the packed sample, style, script."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return page_told(text)
    if path.name != "summary.json":
        return text
    content = json.loads(text)
    content.pop("run")
    return json.dumps(content, indent=1, ensure_ascii=False)


def page_told(text: str) -> str:
    for part, shown in (
        (r"<(style|script)>.*?</\1>", r"<\1></\1>"),
        (r"sha256-[\w+/=]+", "sha256-"),
        (r"SHA-256 [0-9a-f]{12}", "SHA-256 "),
        (rf"b12audit {re.escape(__version__)}", "b12audit"),
    ):
        text, count = re.subn(part, shown, text, flags=re.S)
        assert count, part
    return text


@pytest.mark.parametrize("name", FILES)
def test_outputs_are_golden(name: str, out: tuple[str, Path], request: pytest.FixtureRequest) -> None:
    practice, folder = out
    if practice == "records" and name == "verdicts.csv":
        text = "\n".join(line for line in told(folder / name).split("\n") if ",not_applicable," not in line)
    else:
        text = told(folder / name)
    golden = GOLDEN / f"{practice}-{name}"
    if request.config.getoption("--update-golden"):
        golden.write_text(text, encoding="utf-8", newline="")
    assert text == golden.read_text(encoding="utf-8")
