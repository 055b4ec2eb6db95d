"""Puts the findings of all partitions together: counted, a sample listed, each with its file and row."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from audit.engine.layout import DataFolder
from audit.intake.extract import Finding
from audit.intake.findings import is_single
from audit.results.findings import findings_table
from schemas.vocabulary import SEVERITY

#: how many findings are listed; the others are counted
MOST_LISTED: Final = 10_000
_NUMBER: Final = re.compile(r"^[\d,]+(?= )")
_ROWS: Final = re.compile(r"^Rows \d+ and \d+ give")
#: findings about many rows of which each tells of another text; over partitions they are one
_ONE: Final = {
    "DIRECTIONS_UNREAD": "{count} rows have directions from which no maintenance interval can be read.",
}
_Kind = tuple[str, str]


class Gathered:
    """Takes the findings of one partition after another; holds no more than will be listed."""

    def __init__(self, folder: DataFolder) -> None:
        self._starts = {name: _starts(folder, name) for name in folder.tables}
        self._single: dict[_Kind, list[Finding]] = {}
        self._whole: dict[Finding, tuple[int, Finding]] = {}

    def take(self, findings: Iterable[Finding]) -> None:
        """Takes the findings of one partition, in the order of partitions."""
        for finding in findings:
            if finding.row and is_single(finding):
                listed = self._single.setdefault((finding.severity, finding.code), [])
                if len(listed) < MOST_LISTED:
                    listed.append(finding)
            else:
                self._add(finding)

    def _add(self, finding: Finding) -> None:
        """Adds up findings about many rows that differ in their number only; the first row stands for all."""
        found = _NUMBER.match(finding.message)
        message = _ONE.get(finding.code) or _NUMBER.sub("{count}", finding.message)
        key = replace(finding, row=0, message=message)
        count, first = self._whole.get(key, (0, finding))
        number = int(found[0].replace(",", "")) if found else 0
        self._whole[key] = (count + number, min(first, finding, key=lambda item: item.row))

    def table(self) -> pd.DataFrame:
        """CONTRACT's findings, at most MOST_LISTED of them, of every kind its share."""
        whole = [replace(first, message=key.message.replace("{count}", f"{count:,}"))
                 for key, (count, first) in self._whole.items()]  # fmt: skip
        share = _share([len(listed) for listed in self._single.values()], MOST_LISTED - len(whole))
        single = [finding for listed in self._single.values() for finding in sorted(listed, key=_place)[:share]]
        return findings_table(tuple(self._placed(finding) for finding in (*whole, *single)))

    def counts(self, single: Mapping[_Kind, int]) -> dict[str, dict[str, int]]:
        """How many findings there are by severity and by code; `single` counts those about single rows."""
        every = Counter(single) + Counter((finding.severity, finding.code) for finding in self._whole)
        severities = {name: sum(n for (severity, _), n in every.items() if severity == name) for name in SEVERITY}
        codes: Counter[str] = Counter()
        for (_, code), number in every.items():
            codes[code] += number
        by_severity = {name: number for name, number in sorted(severities.items()) if number}
        return {"by_severity": by_severity, "by_code": dict(sorted(codes.items()))}

    def _placed(self, finding: Finding) -> Finding:
        """File and row in place of the row among all of the table."""
        starts = self._starts.get(finding.sheet)
        if starts is None or not finding.row:
            return finding
        numbers, names = starts
        at = bisect_right(numbers, finding.row - _FIRST) - 1
        message = _ROWS.sub("Two rows give", finding.message)
        return replace(finding, sheet=names[at], row=finding.row - numbers[at], message=message)


#: the number, as a spreadsheet counts, of the row below the headings
_FIRST: Final = 2


def _place(finding: Finding) -> tuple[str, int, str]:
    return finding.sheet, finding.row, finding.column


def _starts(folder: DataFolder, name: str) -> tuple[list[int], list[str]]:
    numbers, names, start = [], [], 0
    for part in folder.tables[name].parts:
        numbers.append(start)
        names.append(part.path.relative_to(folder.path).as_posix())
        start += part.most
    return numbers, names


def _share(sizes: Sequence[int], most: int) -> int:
    """The largest number of each kind with which all kinds together are no more than `most`."""
    share = 0
    for size in sorted({*sizes, most}):
        if sum(min(size, other) for other in sizes) <= most:
            share = size
    smaller = [size for size in sizes if size <= share]
    larger = len(sizes) - len(smaller)
    return (most - sum(smaller)) // larger if larger else share
