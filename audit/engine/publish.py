"""The published tables of one partition as Arrow, straight from codes: no word is ever written out once a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.cohort.calendar import FAR_FUTURE, FAR_PAST, Days, Mask
from audit.cohort.cohort import Cohort
from audit.cohort.outcomes import INTERVAL_REASONS
from audit.criteria.judgement import BLANK
from audit.intake.extract import Extract
from audit.results.judge import Verdicts
from audit.results.tables import INTERVAL_CRITERIA, criterion_of, entering, months_allowed
from schemas.vocabulary import INTERVAL_COLUMNS, OUTCOME, REASON, VERDICT_COLUMNS

_BASIS: Final = ("", "given", "issued")
_KIND: Final = ("maintenance", "transition")
_NEURO: Final = ("no", "unknown", "yes")
#: evidence by column, and what stands for a blank
_DATES: Final = {"from_date": "start", "due_date": "due", "limit_date": "limit", "to_date": "to"}
_NUMBERS: Final = {"days": "days", "intervals_met": "met", "intervals_judged": "judged"}
Codes = NDArray[np.integer]


def verdicts_of(extract: Extract, cohort: Cohort, verdicts: Sequence[Verdicts]) -> pa.Table:
    """CONTRACT's verdicts, a row a patient and criterion, by practice, patient and criterion within the partition."""
    ordered = sorted(verdicts, key=lambda verdict: verdict.criterion.code)
    count = len(ordered)

    def stacked(take: Callable[[Verdicts], Codes], kind: type[np.signedinteger]) -> Codes:
        out = np.empty((cohort.size, count), kind)
        for place, verdict in enumerate(ordered):
            out[:, place] = take(verdict)
        return out.ravel()

    person = np.repeat(np.arange(cohort.size, dtype=np.int32), count)
    grace = stacked(lambda verdict: verdict.grace, np.int8)
    codes = np.tile(np.arange(count, dtype=np.int8), cohort.size)
    columns = {
        **_people(extract, person),
        "criterion": words(codes, [verdict.criterion.code for verdict in ordered]),
        "outcome": words(stacked(lambda verdict: verdict.outcome, np.int8), OUTCOME),
        "reason": words(stacked(lambda verdict: verdict.reason, np.int8), REASON),
        "within_grace": _known(pa.bool_(), _bits(grace == 1), grace >= 0),
        "basis": words(np.repeat(_basis(cohort), count), _BASIS),
        **{name: dates(stacked(partial(_shown, key), np.int32)) for name, key in _DATES.items()},
        **{name: numbers(stacked(partial(_shown, key), np.int32)) for name, key in _NUMBERS.items()},
    }
    return pa.table({name: columns[name] for name in VERDICT_COLUMNS})


def _shown(key: str, verdict: Verdicts) -> Codes:
    column: Codes = getattr(verdict.evidence, key)
    return column


def intervals_of(extract: Extract, cohort: Cohort) -> pa.Table:
    """CONTRACT's intervals of the partition: those that enter an interval criterion."""
    intervals, outcomes = cohort.intervals, cohort.outcomes
    at = np.flatnonzero(entering(cohort))
    who = intervals.patient[at]
    neuro = np.where(intervals.neuro_yes[at], 2, np.where(intervals.neuro_unknown[at], 1, 0))
    length = (intervals.end - intervals.start)[at]
    columns = {
        **_people(extract, who.astype(np.int32)),
        "kind": words(intervals.transition[at].astype(np.int8), _KIND),
        "from_date": dates(intervals.start[at]),
        "to_date": dates(np.where(intervals.is_open[at], FAR_FUTURE, intervals.end[at])),
        "days": pa.array(length.astype(np.int32)),
        "months": _months(cohort, at),
        "due_date": dates(outcomes.due[at]),
        "limit_date": dates(outcomes.limit[at]),
        "neurological": words(neuro, _NEURO),
        "criterion": words(criterion_of(cohort)[at], INTERVAL_CRITERIA),
        "outcome": words(outcomes.outcome[at], OUTCOME),
        "reason": words(outcomes.reason[at], INTERVAL_REASONS),
        "basis": words(_basis(cohort)[who], _BASIS),
    }
    return pa.table({name: columns[name] for name in INTERVAL_COLUMNS})


def words(codes: Codes, texts: Sequence[str]) -> pa.DictionaryArray:
    """Codes as a column of text; each text is stored once."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(list(texts), pa.string()))


def dates(days: Codes) -> pa.Array:
    """Days as dates, FAR_PAST and FAR_FUTURE as missing; of the type that a run of one workbook writes."""
    moments = np.multiply(days, _MILLISECONDS, dtype=np.int64)
    return _known(pa.timestamp("ms"), moments, (days > FAR_PAST) & (days < FAR_FUTURE))


_MILLISECONDS: Final = 86_400_000


def numbers(values: Codes) -> pa.Array:
    """Whole numbers with BLANK as missing."""
    return _known(pa.int32(), values.astype(np.int32, copy=False), values != BLANK)


def _known(kind: pa.DataType, values: Codes, known: Mask) -> pa.Array:
    """Values where they are known, missing elsewhere; as they lie in memory, which Arrow reads without copying."""
    return pa.Array.from_buffers(kind, len(known), [pa.py_buffer(_bits(known)), pa.py_buffer(values)])


def _bits(mask: Mask) -> NDArray[np.uint8]:
    return np.packbits(mask, bitorder="little")


def _people(extract: Extract, person: NDArray[np.int32]) -> dict[str, pa.Array]:
    """Patient and practice of each row, from the row's place among the patients."""
    ids, practices = (pa.array(extract.patients[name], pa.string()) for name in ("patient_id", "practice_id"))
    practice = practices.dictionary_encode()
    return {
        "patient_id": pa.DictionaryArray.from_arrays(pa.array(person), ids),
        "practice_id": practice.take(pa.array(person)),
    }


def _basis(cohort: Cohort) -> NDArray[np.int8]:
    return np.where(cohort.doses.any, np.where(cohort.doses.issued_basis, 2, 1), 0).astype(np.int8)


def _months(cohort: Cohort, at: Days) -> pa.Array:
    """The lengths as text, made once for each pair of readings."""
    shown, other = cohort.intervals.shown, cohort.intervals.other
    readings = [column[at] for part in (shown, other) for column in (part.months, part.weeks) if column is not None]
    if not len(at):
        return pa.array([], pa.string())
    key = np.zeros(len(at), np.int64)
    for column in readings:
        key = key * (int(column.max()) + 1) + column
    _, first, code = np.unique(key, return_index=True, return_inverse=True)
    texts = months_allowed(cohort, at[first]).tolist()
    return pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int32)), pa.array(texts, pa.string()))
