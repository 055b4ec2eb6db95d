"""The pack as FHIR R4: a Measure for each criterion, a summary MeasureReport for each practice and criterion.

Populations: those eligible are the initial population and the denominator; of whom the record cannot tell, a
denominator exclusion; a recorded reason, a denominator exception; met, the numerator. FHIR's score of a proportion is
then met among those assessed. A suppressed count is absent, with the reason "masked".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from audit.results.disclosure import SafeCount
from audit.results.pack import SafeCriterion, SafePack, SafeRow, assert_safe

_POPULATION: Final = "http://terminology.hl7.org/CodeSystem/measure-population"
_SCORING: Final = "http://terminology.hl7.org/CodeSystem/measure-scoring"
_IMPROVEMENT: Final = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation"
_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
#: the code of each population, what it is in words, and the part of a row that counts it
POPULATIONS: Final = (
    ("initial-population", "eligible", "eligible"),
    ("denominator", "eligible", "eligible"),
    ("denominator-exclusion", "eligible, and the record cannot tell", "not_assessable"),
    ("denominator-exception", "not met, with a recorded reason", "excepted"),
    ("numerator", "met", "met"),
)
_PERIOD: Final = re.compile(r"(\d+) months to (\d+)/\d+ Q(\d)")
_YEAR, _QUARTER = 12, 3
_DIGITS: Final = 3


def measures(pack: SafePack, words: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """A Bundle of the criteria.

    Args:
        pack: whose criteria.
        words: who is asked, and when it is met, by code.
    """
    assert_safe(pack)
    entries = [{"fullUrl": _url(item), "resource": _measure(item, pack, words)} for item in pack.criteria]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def reports(pack: SafePack) -> Iterator[dict[str, Any]]:
    """One summary for each criterion and practice that asks anybody; by criterion, then practice."""
    assert_safe(pack)
    period = _period(pack)
    for item in pack.criteria:
        for row in item.rows:
            if row.eligible.value != 0:
                yield _report(item, row, period)


def _url(item: SafeCriterion) -> str:
    return f"urn:b12audit:measure:{item.code.text}"


def _measure(item: SafeCriterion, pack: SafePack, words: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    who, met = words[item.code.text]
    return {
        "resourceType": "Measure",
        "id": item.code.text,
        "url": _url(item),
        "title": item.title.text,
        "status": "active",
        "description": f"{item.title.text}. Standard: {pack.standard.text}.",
        "scoring": _coded(_SCORING, "proportion"),
        "improvementNotation": _coded(_IMPROVEMENT, "increase"),
        "group": [{"population": [_criteria(code, said, who, met) for code, said, _ in POPULATIONS]}],
    }


def _criteria(code: str, said: str, who: str, met: str) -> dict[str, Any]:
    text = met if code == "numerator" else who if said == "eligible" else f"{who} ({said})"
    return {
        "code": _coded(_POPULATION, code),
        "criteria": {"description": text, "language": "text/plain", "expression": said},
    }


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _period(pack: SafePack) -> dict[str, str]:
    """Months, never days."""
    found = _PERIOD.fullmatch(pack.period.text)
    if not found:
        raise ValueError("a period that is no quarter")
    length, year, quarter = map(int, found.groups())
    last = year * _YEAR + _QUARTER * quarter + 2
    return {"start": _month(last - length + 1), "end": _month(last)}


def _month(number: int) -> str:
    year, month = divmod(number, _YEAR)
    return f"{year:04d}-{month + 1:02d}"


def _report(item: SafeCriterion, row: SafeRow, period: Mapping[str, str]) -> dict[str, Any]:
    group: dict[str, Any] = {"population": [_counted(code, getattr(row, part)) for code, _, part in POPULATIONS]}
    score = _score(row)
    return {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": _url(item),
        "reporter": {"display": row.practice.text},
        "period": dict(period),
        "improvementNotation": _coded(_IMPROVEMENT, "increase"),
        "group": [group if score is None else {**group, "measureScore": {"value": score}}],
    }


def _counted(code: str, count: SafeCount) -> dict[str, Any]:
    if count.value is None:
        masked = {"extension": [{"url": _ABSENT, "valueCode": "masked"}]}
        return {"code": _coded(_POPULATION, code), "_count": masked}
    return {"code": _coded(_POPULATION, code), "count": count.value}


def _score(row: SafeRow) -> float | None:
    """Met among met and not met; None where one is suppressed or nobody is assessed."""
    met, not_met = row.met.value, row.not_met.value
    if met is None or not_met is None or not met + not_met:
        return None
    return round(met / (met + not_met), _DIGITS)
