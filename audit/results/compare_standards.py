"""The same records under several standards, side by side, and the patients whose verdict depends on the choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from audit.cohort.cohort import build_cohort
from audit.cohort.window import DateOptions, settle_window
from audit.criteria import catalogue, judged_by
from audit.errors import UsageError
from audit.intake.extract import Extract
from audit.results.audit import Score
from audit.results.judge import Verdicts, judge
from audit.results.scores import score
from audit.standards.standard import Standard
from schemas.vocabulary import OUTCOME

#: by criterion, the verdicts of each input
_Judged = dict[str, list[Verdicts]]
_COUNTS: Final = ("met", "not_met", "excepted", "not_assessable", "pending", "eligible", "share_met", "share_met_upper")


@dataclass(frozen=True, slots=True)
class CriterionCompared:
    """One criterion's scores in the order of the standards; None under one that switches it off."""

    criterion: str
    scores: tuple[Score | None, ...]


@dataclass(frozen=True, slots=True)
class Dependent:
    """A verdict that depends on the standard: its outcomes in the order of the standards, None where switched off."""

    practice_id: str
    patient_id: str
    criterion: str
    outcomes: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class StandardsCompared:
    """The comparison: criteria by code; verdicts by practice, patient and criterion."""

    standards: tuple[Standard, ...]
    criteria: tuple[CriterionCompared, ...]
    verdicts: tuple[Dependent, ...]

    @property
    def patients(self) -> int:
        """How many patients have a verdict that depends on the choice."""
        return len({(item.practice_id, item.patient_id) for item in self.verdicts})


def compare_standards(
    extracts: Sequence[Extract], options: DateOptions, standards: Sequence[Standard], today: date
) -> StandardsCompared:
    """Judges every extract under every standard.

    A criterion that a standard switches off makes no verdict depend on the choice: it was not asked.

    Args:
        extracts: at least one.
        options: dates given by the user.
        standards: at least two, of different names.
        today: see `settle_window`.

    Raises:
        UsageError: two standards of one name, or a standard that names an unknown criterion.
    """
    _check_names(standards)
    judged = [_judged(extracts, options, standard, today) for standard in standards]
    codes = [item.code for item in catalogue() if any(item.code in under for under in judged)]
    found = (item for code in codes for item in _dependent(extracts, code, [under.get(code) for under in judged]))
    return StandardsCompared(
        tuple(standards),
        tuple(CriterionCompared(code, tuple(_score(under.get(code)) for under in judged)) for code in codes),
        tuple(sorted(found, key=lambda item: (item.practice_id, item.patient_id, item.criterion))),
    )


def _check_names(standards: Sequence[Standard]) -> None:
    names = [standard.name for standard in standards]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f'The standard "{twice[0]}" is to be compared with itself.',
            remedy="name each standard once, in --standard or in --compare",
            code="STANDARD_TWICE",
        )


def _judged(extracts: Sequence[Extract], options: DateOptions, standard: Standard, today: date) -> _Judged:
    cohorts = [build_cohort(item, settle_window(item, options, standard, today)[0], standard) for item in extracts]
    return {item.code: [judge(item, cohort) for cohort in cohorts] for item in judged_by(standard)}


def _score(parts: list[Verdicts] | None) -> Score | None:
    return None if parts is None else score(parts)


def _dependent(extracts: Sequence[Extract], code: str, under: list[list[Verdicts] | None]) -> Iterator[Dependent]:
    for at, extract in enumerate(extracts):
        outcomes = [None if parts is None else parts[at].outcome for parts in under]
        asked = np.array([outcome for outcome in outcomes if outcome is not None])
        keys = extract.patients[["practice_id", "patient_id"]]
        for row in np.flatnonzero((asked != asked[0]).any(axis=0)):
            practice, patient = keys.iloc[row]
            words = tuple(None if outcome is None else OUTCOME[outcome[row]] for outcome in outcomes)
            yield Dependent(str(practice), str(patient), code, words)


def as_summary(compared: StandardsCompared) -> dict[str, Any]:
    """The comparison as `summary.json` has it under `standards`."""
    names = [standard.name for standard in compared.standards]
    return {
        "compared": [_facts(standard) for standard in compared.standards],
        "criteria": [
            {"code": item.criterion, "scores": dict(zip(names, map(_counts, item.scores), strict=True))}
            for item in compared.criteria
        ],
        "patients": compared.patients,
        "verdicts": [
            {
                "practice_id": item.practice_id,
                "patient_id": item.patient_id,
                "criterion": item.criterion,
                "outcomes": dict(zip(names, item.outcomes, strict=True)),
            }
            for item in compared.verdicts
        ],
    }


def _facts(standard: Standard) -> dict[str, Any]:
    changed = {change.key: {"was": change.was, "value": change.number.value} for change in standard.changes}
    head = {"name": standard.name, "title": standard.title, "edition": standard.edition}
    return {**head, "files": [layer.file for layer in standard.layers], "changed": changed, "off": sorted(standard.off)}


def _counts(counted: Score | None) -> dict[str, Any] | None:
    return None if counted is None else {name: getattr(counted, name) for name in _COUNTS}
