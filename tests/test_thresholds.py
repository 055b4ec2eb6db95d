"""--fail-under: exit 8 when a share is under its threshold, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from audit.cli import main


@pytest.mark.parametrize(
    ("threshold", "code", "says"),
    [
        ("cause-recorded=90", 0, ""),
        ("maintenance-interval-neuro=90", 8, "Threshold missed: maintenance-interval-neuro is met by 33%, under 90%"),
        ("maintenance-interval-neuro=33", 0, ""),
        ("maintenance-interval=90", 2, 'did you mean "maintenance-interval-neuro"'),
        ("cause-recorded=most", 2, "whole number from 0 to 100"),
        ("cause-recorded=101", 2, "whole number from 0 to 100"),
    ],
)
def test_a_missed_threshold_is_code_8(threshold: str, code: int, says: str, little: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["run", str(little), "--out", str(out), "--fail-under", threshold])
    assert done.exit_code == code, done.output
    assert says in done.output
    # a missed threshold is an answer: the report is there
    assert (out / "report.html").is_file() == (code != 2)
