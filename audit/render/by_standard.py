"""The same records under several standards as printed: counts side by side, and whose answers depend on the choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.criteria import catalogue
from audit.criteria.criterion import Criterion
from audit.render.numbers import used_numbers
from audit.render.scoreboard import GROUPS, HEADLINES, least_eligible
from audit.render.words import OUTCOMES, clean, share_text
from audit.results.audit import Score
from audit.results.compare_standards import CriterionCompared, Dependent, StandardsCompared
from audit.results.phrases import plural
from audit.standards.standard import Standard

#: patients' rows of the page; the workbook has them all
MOST_SHOWN: Final = 200
#: characters of a standard's title as a heading
_LONGEST: Final = 60
_OFF: Final = "switched off"


@dataclass(frozen=True, slots=True)
class Under:
    """One criterion under one standard: the share, the other counts, and its score for cells; None where it is off."""

    share: str
    rest: str
    score: Score | None


@dataclass(frozen=True, slots=True)
class StandardRow:
    """One criterion under every standard; `turned` is how many patients' answers depend on the choice."""

    code: str
    title: str
    strength: str
    cells: tuple[Under, ...]
    turned: int

    @property
    def on_the_page(self) -> bool:
        """Whether the report's own standard asks for it, so that its row stands among the criteria."""
        return self.cells[0].score is not None


@dataclass(frozen=True, slots=True)
class Asks:
    """A standard: its heading and edition, and each number in which it differs from the national one."""

    heading: str
    edition: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Depends:
    """An answer that depends on the standard, in the order of the standards."""

    patient: str
    practice: str
    title: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByStandard:
    """What the report prints of the comparison.

    Attributes:
        sentence: how many answers depend on the standard, and whose.
        basis: which standard the rest of the report is by.
        standards: in the order of the columns; the report's own first.
        differing: criteria whose counts differ. alike: those whose counts are the same.
        depends: every answer that depends. note: says that the page does not show them all; blank where it does.
    """

    sentence: str
    basis: str
    standards: tuple[Asks, ...]
    differing: tuple[StandardRow, ...]
    alike: tuple[StandardRow, ...]
    depends: tuple[Depends, ...]
    note: str
    several_practices: bool

    @property
    def shown(self) -> tuple[Depends, ...]:
        """Those of the page."""
        return self.depends[:MOST_SHOWN]


def build_by_standard(compared: StandardsCompared) -> ByStandard:
    """The comparison in words; criteria that nobody is asked about under any standard are left out."""
    criteria = {item.code: item for item in _worded(compared.standards)}
    least, turned = least_eligible(compared.standards[0]), Counter(item.criterion for item in compared.verdicts)
    rows = [
        _row(item, criteria[item.criterion], turned[item.criterion], least)
        for item in sorted(compared.criteria, key=lambda item: _order(criteria[item.criterion]))
        if any(score and score.eligible for score in item.scores)
    ]
    standards = _asks(compared.standards)
    return ByStandard(
        sentence=_sentence(compared),
        basis=f"All else in this report is by the first, {standards[0].heading}. The records are the same; only what "
        "is asked of them differs, and no answer says how a patient fared.",
        standards=standards,
        differing=tuple(row for row in rows if _differs(row)),
        alike=tuple(row for row in rows if not _differs(row)),
        depends=tuple(_depends(item, criteria) for item in compared.verdicts),
        note=_note(len(compared.verdicts)),
        several_practices=len({item.practice_id for item in compared.verdicts}) > 1,
    )


def _worded(standards: Sequence[Standard]) -> list[Criterion]:
    """The catalogue in the words of the first standard that asks for each criterion."""
    return [
        item.worded(next((standard for standard in standards if item.code not in standard.off), standards[0]))
        for item in catalogue()
    ]


def _order(criterion: Criterion) -> tuple[int, bool, str]:
    return [*GROUPS].index(criterion.strength), criterion.code not in HEADLINES, criterion.code


def _asks(standards: Sequence[Standard]) -> tuple[Asks, ...]:
    """Each under its title, or under its name where two titles look alike."""
    titles = [clean(standard.title, _LONGEST) for standard in standards]
    names = [clean(standard.name, _LONGEST) for standard in standards]
    headings = titles if len({title.casefold() for title in titles}) == len(titles) else names
    return tuple(
        Asks(heading, clean(standard.edition), tuple(_changed(standard)))
        for heading, standard in zip(headings, standards, strict=True)
    )


def _changed(standard: Standard) -> list[str]:
    numbers = [f"{item.what}: {item.value} (nationally {item.was})" for item in used_numbers(standard) if item.was]
    return [*numbers, *(f"{code}: {_OFF}" for code in sorted(standard.off))]


def _sentence(compared: StandardsCompared) -> str:
    others = ", or ".join(clean(standard.title, _LONGEST) for standard in compared.standards)
    if not compared.verdicts:
        return f"No patient's answer depends on the standard: {others}."
    answers, patients = plural(len(compared.verdicts), "answer"), plural(compared.patients, "patient")
    verb = "depends" if len(compared.verdicts) == 1 else "depend"
    return f"{answers} of {patients} {verb} on the standard: {others}."


def _row(item: CriterionCompared, criterion: Criterion, turned: int, least: int) -> StandardRow:
    cells = tuple(_under(one, least) for one in item.scores)
    return StandardRow(item.criterion, criterion.title, GROUPS[criterion.strength][0], cells, turned)


def _under(score: Score | None, least: int) -> Under:
    if score is None:
        return Under(_OFF, "", None)
    counts = (
        (score.not_met, "not met"),
        (score.excepted, "with a recorded reason"),
        (score.not_assessable, "cannot tell"),
        (score.pending, "waiting"),
    )
    rest = ", ".join(f"{count:,} {name}" for count, name in counts if count)
    return Under(share_text(score.met, score.eligible, least), rest, score)


def _differs(row: StandardRow) -> bool:
    return bool(row.turned) or len({(cell.share, cell.rest) for cell in row.cells}) > 1


def _depends(item: Dependent, criteria: dict[str, Criterion]) -> Depends:
    answers = tuple(_OFF if outcome is None else OUTCOMES[outcome] for outcome in item.outcomes)
    return Depends(clean(item.patient_id), clean(item.practice_id), criteria[item.criterion].title, answers)


def _note(total: int) -> str:
    return f"The first {MOST_SHOWN:,} of {total:,}; the workbook has all." if total > MOST_SHOWN else ""
