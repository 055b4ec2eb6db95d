"""The catalogue of criteria as a page: a section each, made from the criterion, its examples and its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pandas as pd
import pandera.pandas as pa

from audit.cohort.cohort import build_cohort
from audit.cohort.window import AuditWindow
from audit.criteria.criterion import Criterion, Example, Gate
from audit.intake.extract import About, Extract, Facts
from audit.render.markdown import code, listing, page, table
from audit.render.scoreboard import GROUPS
from audit.render.words import source_label
from audit.results.phrases import date_text, joined
from audit.standards.layer import Guidance
from audit.standards.standard import Number, Standard
from schemas import canonical

#: What is asked before the criterion's own rule, as the reasons that the answer gives.
GATES: Final[Mapping[Gate, Sequence[str]]] = {
    "unreadable": ("UNREADABLE_ROW",),
    "own_schedule": ("OWN_SCHEDULE",),
    "prophylaxis": ("PROPHYLAXIS",),
    "doses": ("NO_INJECTIONS",),
    "starter": ("NOT_A_STARTER", "START_NOT_OBSERVED"),
    "on_injections": ("NOT_ON_INJECTIONS",),
    "reviews": ("NO_REVIEW_DATA",),
    "tests": ("UNREADABLE_TEST", "NO_TESTS_DATA"),
}
#: Sections of the standard that say what a patient, a start, a dose and a course are, whatever is asked of them.
_SHARED_SECTIONS: Final = ("cohort", "start", "basis", "course")
_SHARED_NUMBERS: Final = ("loading.units", "oral.cover_micrograms")
#: The lengths that an interval criterion holds intervals to, where not to all of them.
_LENGTHS: Final[Mapping[str, Sequence[str]]] = {
    "maintenance-interval-neuro": ("neuro",),
    "maintenance-interval-standard": ("neuro", "standard"),
    "maintenance-interval-dietary": ("neuro", "dietary"),
    "maintenance-started": ("neuro", "standard"),
    "two-monthly-for-everyone": (),
}
_ALL_LENGTHS: Final = ("neuro", "standard", "dietary")
_RUN: Final = {
    "extract": "extract date on day {}",
    "history": "history from day {}",
    "start": "period from day {}",
    "end": "period to day {}",
    "day_0": "day 0 is {}",
    "without": "no sheet {}",
}
_NUMBER_HEADINGS: Final = ("number", "value", "unit", "source", "what")
_INTRODUCTION: Final = """\
What b12audit asks of a record, one section for each question. A section says why it is asked, of whom, when the answer
is "met", what makes an exception, and which numbers decide, with their sources; then it tells patients' stories with
the answer to each. The stories are run by the tests, so this page cannot promise what the program does not do.

A criterion gives each patient one of seven outcomes, asked in this order: `excluded`, `not_applicable`,
`not_assessable` (the record cannot tell), `pending` (the window is still open), `met` or `not_met`, and `excepted` (not
met, with a recorded reason). The [data dictionary](data-dictionary.md#reasons) explains the reasons. A cell left blank
never turns `not_met` or `not_assessable` into `met`."""
_NOTATION: Final = """\
Days are counted from day 0, Friday 1 March 2024 unless the story says otherwise. The extract date is day 200, and the
audit period the year up to it, unless the story says otherwise.

* `doses 0 2 4`: injections recorded as given on these days. `12x3`: an issue of 3 ampoules on day 12; `x?`: of a
  quantity that could not be read. `+2m`: two calendar months after day 0; `+2m7`: seven days more.
* `also`: other rows, each with its day: `declined 5`, `oral 30 1000` (micrograms a day; none: dose not recorded),
  `injection 30 1000` (given), `folic 30 5000`.
* `reviews improving 20`, `tests haemoglobin -3 72` (day, then value), `directions` (of every dose), and `patient` (the
  fields of the patient's row; dates as days)."""


def catalogue_page(criteria: Sequence[Criterion], standard: Standard) -> str:
    """The whole page in Markdown.

    Args:
        criteria: the catalogue.
        standard: whose numbers, sources and dated guidance are printed.
    """
    groups = {strength: [item for item in criteria if item.strength == strength] for strength in GROUPS}
    contents = (f"**{GROUPS[strength][0]}.** {_links(group)}" for strength, group in groups.items())
    sections = (_group(strength, group, standard) for strength, group in groups.items())
    return page(
        "Criteria",
        "`audit/criteria/` and `audit/standards/`",
        _INTRODUCTION,
        *contents,
        _shared(standard),
        _local(standard),
        f"## How to read the stories\n\n{_NOTATION}",
        *sections,
    )


def numbers_read(criterion: Criterion, standard: Standard) -> tuple[str, ...]:
    """Keys of the numbers that decide this criterion, those that all criteria share aside.

    They are noted while the criterion judges an extract without patients; a number of the same section that only
    prepares what it looks at (a haemoglobin in g/dL, say) belongs to it too.
    """
    listening = standard.listening()
    heard: set[str] = listening.read if listening.read is not None else set()
    cohort = build_cohort(_nobody(), AuditWindow(0, 0, 0, 0, "option", "option"), listening)
    prepared = frozenset(heard)
    heard.clear()
    criterion.judge(cohort)
    own = frozenset(heard)
    sections = {key.partition(".")[0] for key in own}
    beside = {key for key in prepared if key.partition(".")[0] in sections and not _is_shared(key)}
    found = own | beside | (set() if own else _of_intervals(criterion, standard))
    return tuple(key for key in standard.numbers if key in found)


def _nobody() -> Extract:
    """An extract without a row."""
    facts = Facts("", "", (), (), True, True, True, True, True, None, None, None)
    patients, treatments, tests, reviews = map(_empty, canonical.TABLES.values())
    return Extract(About(), facts, patients, treatments, tests, reviews, ())


def _empty(schema: pa.DataFrameSchema) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype=column.dtype.type) for name, column in schema.columns.items()})


def _is_shared(key: str) -> bool:
    return key.startswith(tuple(f"{section}." for section in _SHARED_SECTIONS)) or key in _SHARED_NUMBERS


def _of_intervals(criterion: Criterion, standard: Standard) -> set[str]:
    """Lengths and graces of a criterion that judges intervals under the cohort's schedules."""
    lengths = _LENGTHS.get(criterion.code, _ALL_LENGTHS) if criterion.judges_intervals else ()
    heads = tuple(f"maintenance.{length}_" for length in lengths)
    return {key for key in standard.numbers if heads and key.startswith(heads)}


def _links(group: Iterable[Criterion]) -> str:
    return joined([f"[{item.code}](#{item.code})" for item in group])


def _shared(standard: Standard) -> str:
    numbers = [key for key in standard.numbers if _is_shared(key)]
    text = (
        "They say who is in the cohort, what counts as the start, what a dose and a course are, and what an issue "
        "covers; every criterion that asks for one of these rests on them."
    )
    return f"## Numbers that all criteria share\n\n{text}\n\n{_numbers(numbers, standard)}"


def _local(standard: Standard) -> str:
    text = "Off unless a practice's own standard sets them."
    root = standard.layers[0].definitions
    rows = ((code(key), item.unit, item.what) for key, item in root.items() if item.value is None)
    return f"## Local rules\n\n{text}\n\n{table(('number', 'unit', 'what'), rows)}"


def _group(strength: str, group: Sequence[Criterion], standard: Standard) -> str:
    heading, text = GROUPS[strength]
    return "\n\n".join([f"## {heading}", text, *(section(item, standard) for item in group)])


def section(criterion: Criterion, standard: Standard) -> str:
    """One criterion's section, in the numbers of the standard."""
    criterion = criterion.worded(standard)
    gates = [code(reason) for gate in criterion.gates for reason in GATES[gate]]
    facts = {
        "Why": criterion.why,
        "Who": criterion.who,
        "Met": criterion.met,
        "Exceptions, waiting and blanks": criterion.notes or "None of its own.",
        "Asked first": f"{joined(gates)}." if gates else "Nothing.",
    }
    numbers = numbers_read(criterion, standard)
    blocks = (
        f"### {criterion.code}",
        f"**{criterion.title}** ({GROUPS[criterion.strength][0].lower()})",
        listing(f"**{name}:** {text}" for name, text in facts.items()),
        "#### Numbers",
        _numbers(numbers, standard) if numbers else "None beyond those that all criteria share.",
        "#### Guidance in force",
        listing(_dated(criterion, standard)) or "No dated change: the same on every day that is judged.",
        "#### Sources",
        listing(map(standard.source_text, criterion.sources)),
        "#### Examples",
        table(("story", "record", "outcome", "reason"), map(_example, criterion.examples)),
    )
    return "\n\n".join(blocks)


def _numbers(keys: Iterable[str], standard: Standard) -> str:
    return table(_NUMBER_HEADINGS, (_number(key, standard.numbers[key]) for key in keys))


def _number(key: str, number: Number) -> tuple[str, ...]:
    values = number.value if isinstance(number.value, tuple) else (number.value,)
    return code(key), ", ".join(f"{value:,}" for value in values), number.unit, source_label(number.source), number.what


def _dated(criterion: Criterion, standard: Standard) -> list[str]:
    return [_clause(entry) for entry in standard.guidance if criterion.code in entry.criteria]


def _clause(entry: Guidance) -> str:
    start, end = date_text(entry.start), date_text(entry.end)
    if start and end:
        span = f"{start} to {end}"
    elif start:
        span = f"From {start}"
    else:
        span = f"Until {end}" if end else "Always"
    label = source_label(entry.source)
    return f"{span}: {entry.text}" + ("." if entry.text.startswith(label) else f" ({label}).")


def _example(example: Example) -> tuple[str, ...]:
    outcome, _, reason = example.expect.partition(", ")
    return example.title, _record(example), outcome, reason


def _record(example: Example) -> str:
    rows = {"doses": example.doses, "also": example.events, "reviews": example.reviews, "tests": example.tests}
    parts = [f"{name} {text}" for name, text in rows.items() if text]
    parts += [f'directions "{example.directions}"'] if example.directions else []
    fields = [f"{name.replace('_', ' ')} {value}" for name, value in example.patient.items()]
    parts += [f"patient: {', '.join(fields)}"] if fields else []
    parts += [_RUN[name].format(value) for name, value in example.run.items()]
    return "; ".join(parts) or "no rows"
