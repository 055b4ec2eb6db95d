"""The tables of docs/reliability.md: the slow tests write them, the fast ones read them."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"


def row(title: str, outcomes: Counter[str]) -> str:
    """One line: outcomes are codes of refusals, `same`, `said`, and what begins with `silent`."""
    refused = {code: number for code, number in outcomes.items() if code not in ("same", "said")}
    by_code = ", ".join(f"{code} {number:,}" for code, number in sorted(refused.items(), key=lambda one: -one[1]))
    total, wrong = outcomes.total(), sum(number for code, number in outcomes.items() if code.startswith("silent"))
    numbers = (total, sum(refused.values()) - wrong, outcomes["same"], outcomes["said"], wrong)
    return f"| {title} | {' | '.join(f'{number:,}' for number in numbers)} | {by_code} |"


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- counts of {name}: begin -->", f"<!-- counts of {name}: end -->"


#: what becomes of a broken file
READ = ("refused", "read the same", "read, and what differs is said", "silently wrong", "refusals")
#: what becomes of a report whose run is disturbed
BECAME = ("the old report stood", "the new one did, whole", "absent, put back by the next run", "wrong", "exit codes")


def write(name: str, of_what: str, rows: list[str], became: Sequence[str] = READ) -> None:
    """Put the table between its marks; the rest of the page is left as it is."""
    titles = ("what", of_what, *became)
    head = [f"| {' | '.join(titles)} |", "|" + "---|" * len(titles)]
    begin, end = _marks(name)
    table = "\n".join([*head, *rows])
    # the tests of several processes write into the one page
    with FileLock(Path(tempfile.gettempdir()) / "b12audit-counts.lock"):
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
        PAGE.write_text(f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def read(name: str) -> dict[str, list[int]]:
    """Of each line its counts: all, refused, the same, said, silently wrong."""
    begin, end = _marks(name)
    table = PAGE.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    return {cells[0]: [int(cell.replace(",", "")) for cell in cells[1:6]] for cells in rows}
