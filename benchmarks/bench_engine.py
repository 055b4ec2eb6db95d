"""The engine against the slow, obvious re-implementation of `tests/oracle`, on the same patients."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from audit.criteria import catalogue
from audit.results.judge import Verdicts
from audit.standards.standard import load_standard
from benchmarks.measure import Limit, finish, print_table, timed
from benchmarks.stages import engine
from schemas.vocabulary import OUTCOME, REASON
from tests import generate, oracle
from tests.compare import as_extract
from tests.oracle.history import History
from tests.oracle.run import verdict_of

PATIENTS: Final = 50_000
#: the re-implementation judges one patient in so many; its time is multiplied by as much
SAMPLE_EVERY: Final = 10
LEAST_TIMES: Final = 30
#: all criteria cost at most so many times what the first fourteen (loading, neurological, maintenance, cause) cost
MOST_TIMES_CORE: Final = 3
CORE: Final = (
    "loading-complete",
    "loading-spacing",
    "neuro-loading",
    "neuro-continued",
    "neuro-review-recorded",
    "neuro-not-oral-only",
    "maintenance-started",
    "maintenance-interval-neuro",
    "maintenance-interval-standard",
    "maintenance-interval-dietary",
    "not-overdue",
    "lifelong-treatment-continued",
    "two-monthly-for-everyone",
    "cause-recorded",
)
SEED: Final = 1
REPEATS: Final = 3

#: patient -> criterion, outcome and reason of each verdict
Said = dict[str, set[tuple[str, str, str]]]


def main() -> None:
    """Generate, judge twice, see that both say the same, compare the times."""
    codes = [criterion.code for criterion in catalogue()]
    # the variant whose dates all stand in the About sheet, so that a sample has the dates of the whole
    records, _ = generate.practice(SEED, PATIENTS)
    extract = as_extract(records)
    practice = oracle.read(_sample(records), oracle.Options())
    # the re-implementation makes many objects: it is not to pay for walking over the records as well
    gc.collect()
    gc.freeze()
    ours, core, theirs, published = [], [], [], []
    # in turn, so that a busy machine slows both; of each the least disturbed counts
    for _ in range(REPEATS):
        ours.append(timed(partial(engine, extract, load_standard())))
        core.append(timed(partial(engine, extract, load_standard(), CORE))[0])
        theirs.append(timed(partial(_judge_slowly, practice, codes)))
        published.append(timed(partial(oracle.judge, practice))[0])
    (_, verdicts), said = ours[-1][1], theirs[-1][1]
    shown = _said(list(extract.patients["patient_id"]), verdicts)
    differing = [patient for patient, verdicts_ in said.items() if shown[patient] != verdicts_]
    print(f"{PATIENTS:,} generated patients, {len(extract.treatments):,} treatment rows, {len(codes)} criteria.")
    print(f"The re-implementation judged {len(said):,} of them, one in {SAMPLE_EVERY}; times {SAMPLE_EVERY} below.\n")
    slow = min(seconds for seconds, _ in theirs) * SAMPLE_EVERY
    fast = min(seconds for seconds, _ in ours)
    _report(fast, min(core), slow, min(published) * SAMPLE_EVERY, len(differing))


def _sample(records: oracle.Records) -> oracle.Records:
    """The records of one patient in SAMPLE_EVERY."""

    def chosen(rows: list[dict[str, str]] | None) -> list[dict[str, str]]:
        # `messy` records have blanks around an id
        ids = ((row, row["patient_id"].strip()) for row in rows or [])
        return [row for row, id_ in ids if id_ and int(id_[1:]) % SAMPLE_EVERY == 0]

    return oracle.Records(
        about=records["about"],
        patients=chosen(records["patients"]),
        treatments=chosen(records["treatments"]),
        tests=chosen(records["tests"]),
        reviews=chosen(records["reviews"]),
        file_stem=records["file_stem"],
    )


def _judge_slowly(practice: oracle.Practice, codes: Sequence[str]) -> Said:
    """What the engine does and no more: the criteria that it has, no rows to publish."""
    said: Said = {}
    for patient in practice.patients:
        history = History(practice, patient)
        found = ((code, verdict_of(history, code)) for code in codes)
        said[patient.patient_id] = {(code, verdict.outcome, verdict.reason) for code, verdict in found}
    return said


def _said(patients: Sequence[str], verdicts: Sequence[Verdicts]) -> Said:
    outcomes, reasons = np.array(OUTCOME), np.array(REASON)
    said: Said = {patient: set() for patient in patients}
    for verdict in verdicts:
        pairs = zip(outcomes[verdict.outcome].tolist(), reasons[verdict.reason].tolist(), strict=True)
        for patient, (outcome, reason) in zip(patients, pairs, strict=True):
            said[patient].add((verdict.criterion.code, outcome, reason))
    return said


def _report(fast: float, core: float, slow: float, everything: float, differing: int) -> None:
    times = slow / fast
    rows = [
        ("engine: cohort and all criteria", fast),
        ("engine: cohort and the first fourteen criteria", core),
        ("re-implementation: the same criteria", slow),
        ("re-implementation: every criterion it has, and the rows to publish", everything),
    ]
    print_table(
        ("", "processor seconds", "patients a second", "x engine"),
        [(name, f"{cost:.2f}", f"{PATIENTS / cost:,.0f}", f"{cost / fast:.2g}") for name, cost in rows],
    )
    finish(
        Limit("both give every sampled patient the same verdicts", f"{differing} patients differing", not differing),
        Limit(
            f"all criteria cost at most {MOST_TIMES_CORE} times the first fourteen",
            f"{fast / core:.2f} times",
            fast <= MOST_TIMES_CORE * core,
        ),
        Limit(f"the engine is at least {LEAST_TIMES} times faster", f"{times:.0f} times", times >= LEAST_TIMES),
    )


if __name__ == "__main__":
    main()
