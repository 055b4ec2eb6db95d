"""What one criterion is: its words, its sources, its examples, and the function that judges a whole cohort."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from audit.standards.wording import with_numbers

if TYPE_CHECKING:
    from audit.cohort.cohort import Cohort
    from audit.criteria.judgement import Judgement
    from audit.standards.standard import Standard

#: The texts of a criterion; a number in them is a placeholder, filled from the standard in use.
TEXTS: Final = ("title", "why", "who", "met", "notes")
Strength = Literal["mandated", "permitted", "patient_group"]
Judge = Callable[["Cohort"], "Judgement"]
#: What is asked of every patient before the criterion's own rule; `results/judge.py` asks it in one order.
Gate = Literal[
    "unreadable",  # a treatment row that could not be read -> UNREADABLE_ROW
    "own_schedule",  # indication with a schedule of its own -> OWN_SCHEDULE
    "prophylaxis",  # no loading in prophylaxis -> PROPHYLAXIS
    "doses",  # at least one dose -> NO_INJECTIONS
    "starter",  # first dose in the period -> NOT_A_STARTER, START_NOT_OBSERVED
    "on_injections",  # -> NOT_ON_INJECTIONS
    "reviews",  # reads reviews -> NO_REVIEW_DATA
    "tests",  # reads tests -> UNREADABLE_TEST, NO_TESTS_DATA
]
LOADING: tuple[Gate, ...] = ("unreadable", "own_schedule", "prophylaxis", "doses", "starter")
#: starters of a criterion on neurological involvement
NEURO_STARTERS: tuple[Gate, ...] = ("unreadable", "own_schedule", "doses", "starter")
#: criteria on what was injected
INJECTION_ROWS: tuple[Gate, ...] = ("unreadable", "doses")
#: starters of a criterion on tests or reviews, which every schedule shares
STARTERS: tuple[Gate, ...] = ("unreadable", "doses", "starter")
ON_INJECTIONS: tuple[Gate, ...] = ("unreadable", "own_schedule", "doses", "on_injections")


@dataclass(frozen=True, slots=True)
class Example:
    """One patient's story and what the criterion must say of it: executed as a test, printed as documentation.

    Days are offsets from day 0 (Friday 1 March 2024 unless `run` says otherwise).

    Attributes:
        title: what the story shows, in a few words.
        expect: the outcome, then a reason in capitals or "within grace", separated by commas.
        doses: day offsets of injections recorded as given ("0 2 4"); "12x3" is an issue of 3 ampoules on day 12.
            "+2m" is two calendar months after day 0, "+2m7" seven days more.
        events: other treatment rows, separated by commas: "declined 5", "oral 30 1000" (micrograms), "oral 30".
        reviews: "improving 20, resolved 40".
        tests: "haemoglobin -3 72, ferritin 2 30".
        directions: of every dose of `doses`.
        patient: fields of the patient, as typed into the workbook; dates may be offsets.
        run: what differs from the usual extract: `extract`, `history`, `start`, `end` (offsets), `day_0` (ISO date),
            `without` (sheets left out).
    """

    title: str
    expect: str
    doses: str = ""
    events: str = ""
    reviews: str = ""
    tests: str = ""
    directions: str = ""
    patient: Mapping[str, str] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One testable statement of good care. Its texts hold placeholders for numbers until `worded` fills them.

    Attributes:
        code: the published code, which is also the file's name with hyphens.
        title: what good care looks like, as a heading.
        strength: mandated, permitted or patient_group.
        why: why it matters, one or two sentences.
        who: the denominator in words.
        met: when it is met, in words.
        notes: pending, exceptions and blanks, in words.
        sources: keys of the standard's sources.
        judge: the whole cohort at once, in columns.
        gates: what is asked first.
        judges_intervals: its evidence is an interval, shown also where it cannot be assessed.
        examples: stories on both sides of every boundary.
    """

    code: str
    title: str
    strength: Strength
    why: str
    who: str
    met: str
    notes: str
    sources: Sequence[str]
    judge: Judge
    gates: Sequence[Gate]
    examples: Sequence[Example]
    judges_intervals: bool = False

    def worded(self, standard: Standard) -> Criterion:
        """The same criterion, its texts with the numbers of that standard."""
        title, why, who, met, notes = (with_numbers(getattr(self, name), standard) for name in TEXTS)
        return replace(self, title=title, why=why, who=who, met=met, notes=notes)
