"""The worklist: one row a patient whose record differs from a mandated criterion, most pressing first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from audit.cohort.calendar import add_months_to, to_date, to_day
from audit.criteria.criterion import Criterion
from audit.render.charts import Scale, Timeline, month_scale, timeline
from audit.render.words import NONE, clean, source_label
from audit.results.audit import AuditResult
from audit.results.explain import days_late, differs, end_of, explain
from audit.results.phrases import date_text, joined, plural
from audit.results.records import Event, Interval, Person, Verdict, records

#: Rows of the page; the workbook has them all.
MOST_ROWS: Final = 1000
OVERDUE: Final = "not-overdue"
_NEURO: Final = "neuro"
_YEAR: Final = 12
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Other:
    """Another criterion of the same patient that is not met."""

    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its value, both as printed."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One patient. Dates and days stand as values too, for writers that have cells of those types.

    Attributes:
        anchor: the row's place on the page.
        neuro: neurological involvement is recorded.
        overdue: overdue on the extract date.
        late: days from the due date to the interval's end; None where the criterion knows no interval.
        dates: every date of the evidence, named.
        timeline: None for rows that stand in the workbook only.
    """

    anchor: str
    patient: str
    practice: str
    neuro: bool
    overdue: bool
    criterion: str
    criterion_title: str
    clause: str
    rule: str
    why: str
    asks: str
    changes: str
    last_injection: date | None
    last_injection_text: str
    due: date | None
    due_text: str
    late: int | None
    late_text: str
    others: tuple[Other, ...]
    dates: tuple[Fact, ...]
    injections: str
    timeline: Timeline | None


@dataclass(frozen=True, slots=True)
class Worklist:
    """All rows, the ones that the page shows, and what it says of the rest."""

    rows: tuple[WorkRow, ...]
    shown: tuple[WorkRow, ...]
    scale: Scale | None
    note: str
    several_practices: bool
    overdue_neuro: int
    overdue_others: int

    def first(self, count: int) -> Worklist:
        """The same with at most `count` rows on the page, and the sentence that says so."""
        return replace(self, shown=self.shown[:count], note=shown_note(min(count, len(self.shown)), len(self.rows)))


class Teller:
    """Explains verdicts of one result: knows each patient's row and the interval that a verdict is about."""

    def __init__(self, result: AuditResult) -> None:
        self._standard = result.standard
        self.criteria: Mapping[str, Criterion] = {item.code: item for item in result.criteria}
        self.mandated = [code for code, item in self.criteria.items() if item.strength == "mandated"]
        self.people: Mapping[Key, Person] = {item.key: item for item in records(result.patients, Person)}
        self._asked: dict[tuple[str, str], str] = {}
        self._intervals: dict[tuple[str, str, date | None], Interval] = {
            (item.practice_id, item.patient_id, item.from_date): item for item in records(result.intervals, Interval)
        }

    def why(self, verdict: Verdict) -> str:
        """The verdict in full sentences."""
        interval = self._intervals.get((verdict.practice_id, verdict.patient_id, verdict.from_date))
        criterion, person = self.criteria[verdict.criterion], self.people[verdict.key]
        return clean_sentence(explain(verdict, criterion, self._standard, person, interval))

    def late(self, verdict: Verdict) -> int | None:
        """Days late of a verdict that is not met; None of any other."""
        return days_late(verdict) if verdict.outcome in ("not_met", "excepted") else None

    def asks(self, verdict: Verdict) -> str:
        """What it asks of the reader: the same for every patient with that outcome of that criterion."""
        key = verdict.criterion, verdict.outcome
        if key not in self._asked:
            self._asked[key] = differs(verdict, self.criteria[verdict.criterion], self._standard)
        return self._asked[key]


def clean_sentence(text: str) -> str:
    """The sentence with its first letter large."""
    return text[:1].upper() + text[1:]


def build_worklist(result: AuditResult, teller: Teller) -> Worklist:
    """Everyone with a mandated criterion that is not met: neurological involvement first, then by days late."""
    by_patient = _not_met(result, teller)
    chosen = {key: sorted(found, key=_rank) for key, found in by_patient.items()}
    order = sorted(chosen, key=lambda key: _order(teller.people[key], chosen[key][0]))
    events = _events(result, set(order[:MOST_ROWS]))
    scale = _scale(result)
    rows = tuple(
        _row(number, chosen[key], teller, events.get(key, []), scale if number <= MOST_ROWS else None)
        for number, key in enumerate(order, 1)
    )
    overdue = [row for row in rows if row.overdue]
    neuro = sum(row.neuro for row in overdue)
    return Worklist(
        rows=rows,
        shown=rows[:MOST_ROWS],
        scale=scale,
        note=shown_note(min(len(rows), MOST_ROWS), len(rows)),
        several_practices=result.patients["practice_id"].nunique() > 1,
        overdue_neuro=neuro,
        overdue_others=len(overdue) - neuro,
    )


def _not_met(result: AuditResult, teller: Teller) -> dict[Key, list[Verdict]]:
    table = result.verdicts
    wanted = (table["outcome"] == "not_met") & table["criterion"].isin(teller.mandated)
    found: dict[Key, list[Verdict]] = defaultdict(list)
    for verdict in records(table[wanted], Verdict):
        found[verdict.key].append(verdict)
    return found


def _rank(verdict: Verdict) -> tuple[bool, bool, str]:
    """Overdue first, because it can still be acted on; then neurological criteria; then the rest."""
    return verdict.criterion != OVERDUE, _NEURO not in verdict.criterion, verdict.criterion


def _order(person: Person, first: Verdict) -> tuple[bool, bool, int, Key]:
    late = days_late(first)
    return person.neurological_involvement != "yes", late is None, -(late or 0), person.key


def _events(result: AuditResult, keys: set[Key]) -> dict[Key, list[Event]]:
    found: dict[Key, list[Event]] = defaultdict(list)
    table = result.events
    for event in records(table[table["patient_id"].isin({patient for _, patient in keys})], Event):
        if event.key in keys:
            found[event.key].append(event)
    return found


def _scale(result: AuditResult) -> Scale | None:
    """The last year that the run saw, for all timelines alike."""
    if not result.windows:
        return None
    end = max(window.period_to for window in result.windows)
    return month_scale(to_date(add_months_to(to_day(end), -_YEAR) + 1), end)


def _row(
    number: int, verdicts: Sequence[Verdict], teller: Teller, events: Sequence[Event], scale: Scale | None
) -> WorkRow:
    first = verdicts[0]
    person, criterion = teller.people[first.key], teller.criteria[first.criterion]
    late = days_late(first)
    return WorkRow(
        anchor=f"p{number}",
        patient=clean(first.patient_id),
        practice=clean(first.practice_id),
        neuro=person.neurological_involvement == "yes",
        overdue=first.criterion == OVERDUE,
        criterion=criterion.code,
        criterion_title=criterion.title,
        clause=joined([source_label(key) for key in criterion.sources]),
        rule=criterion.met,
        why=teller.why(first),
        asks=teller.asks(first),
        changes=_changes(criterion),
        last_injection=person.last_dose,
        last_injection_text=date_text(person.last_dose) or NONE,
        due=first.due_date,
        due_text=date_text(first.due_date) or NONE,
        late=late,
        late_text=NONE if late is None else f"{late:,}",
        others=tuple(_other(item, first, teller) for item in verdicts[1:]),
        dates=_dates(first),
        injections=_injections(events, scale),
        timeline=timeline(events, first, scale) if scale else None,
    )


def _other(verdict: Verdict, first: Verdict, teller: Teller) -> Other:
    """Another criterion of the patient; what rests on the same interval is not told twice."""
    same = verdict.from_date and (verdict.from_date, verdict.due_date) == (first.from_date, first.due_date)
    title = teller.criteria[verdict.criterion].title
    return Other(title, "the same interval." if same and verdict.days == first.days else teller.why(verdict))


def _changes(criterion: Criterion) -> str:
    if criterion.judges_intervals:
        return "An injection given elsewhere, a refusal or a deferral that is missing from the extract."
    return "An entry that is missing from the extract."


def _dates(verdict: Verdict) -> tuple[Fact, ...]:
    """The evidence, date by date; nothing where the criterion shows none."""
    window = verdict.days is None
    end = end_of(verdict)
    named = (
        ("Looked from" if window else "From", date_text(verdict.from_date)),
        ("Due", date_text(verdict.due_date)),
        ("Looked until" if window else "Late after (with grace)", date_text(verdict.limit_date)),
        ("Next recorded", date_text(verdict.to_date)),
        ("None recorded by", "" if verdict.to_date else date_text(end)),
        ("Length", plural(verdict.days, "day") if verdict.days is not None else ""),
    )
    return tuple(Fact(name, value) for name, value in named if value)


def _injections(events: Sequence[Event], scale: Scale | None) -> str:
    if not scale:
        return ""
    doses = [event.date for event in events if event.kind == "dose" and scale.start <= event.date <= scale.end]
    return joined([date_text(day) for day in doses]) or "none"


def shown_note(shown: int, total: int) -> str:
    """Says that the page does not show every row; blank where it does."""
    return f"Showing the first {shown:,} of {total:,}; the workbook has all." if shown < total else ""
