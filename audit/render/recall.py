"""The recall list as printed: when the next injection of each patient falls due, by the interval of the standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from audit.render.words import STATEMENT, clean
from audit.results.explain import reason_text
from audit.results.phrases import date_text, joined, plural
from audit.results.recall import Recall, Weeks, by_week, within
from audit.results.records import Due, records
from audit.standards.standard import Standard

#: how far ahead the workbook's list reaches
WEEKS: Final = 16
STATES: Final[Mapping[str, str]] = {
    "overdue": "Overdue",
    "deferred": "Past its limit; a deferral is recorded",
    "due": "Fallen due, within the days of grace",
    "to_come": "Falls due later",
    "cannot_tell": "The record cannot tell",
}
#: a patient who is not in the list, as a clause after a count
_NOT_LISTED: Final[Mapping[str, str]] = {
    "NOT_IN_COHORT": "without vitamin B12 treatment, cause or diagnosis date",
    "UNDER_16": "too young for this audit",
    "METABOLIC": "with a metabolic disorder",
    "LEFT_BEFORE_PERIOD": "who left, or died, before the audit period",
    "CYANIDE_ANTIDOTE": "with the cyanide antidote alone",
    "OWN_SCHEDULE": "with a schedule of their own",
    "LEFT": "who left, or died, before the extract date",
    "NO_INJECTIONS": "without an injection on record",
    "STOPPED": "whose injections are recorded as stopped",
    "NOT_ON_INJECTIONS": "whose last injection lies before the year that precedes the audit period",
    "COURSE_UNDER_WAY": "with a loading course under way",
    "DECLINED": "with a refusal since the last injection",
}


@dataclass(frozen=True, slots=True)
class RecallRow:
    """One patient as printed; dates and days stand as values."""

    patient: str
    practice: str
    state: str
    week: str
    week_from: date | None
    last_injection: date | None
    earlier_due: date | None
    due: date | None
    limit: date | None
    late: int | None
    neurological: str
    words: str


@dataclass(frozen=True, slots=True)
class RecallView:
    """The list for a number of weeks, and everybody who is not in it.

    Attributes:
        title, statement, partial: of the sheet, where it stands alone.
        sentence: counts of the list. left_out: counts of the others.
        weeks: a label and a count each: fallen due, the weeks, later, without a date.
    """

    title: str
    statement: str
    partial: str
    sentence: str
    left_out: str
    rows: tuple[RecallRow, ...]
    weeks: tuple[tuple[str, int], ...]


def build_recall(found: Recall | None, standard: Standard, partial: str, weeks: int = WEEKS) -> RecallView:
    """The list of so many weeks; without a recall list an empty one."""
    title = f"Recall: when the next injection falls due, by the interval of the standard ({standard.title})"
    if found is None:
        return RecallView(title, STATEMENT, partial, "", "", (), ())
    told = by_week(found, weeks)
    return RecallView(
        title=title,
        statement=STATEMENT,
        partial=partial,
        sentence=_sentence(found, told),
        left_out=_left_out(found.left_out),
        rows=tuple(_row(item, standard) for item in records(within(found, weeks), Due)),
        weeks=_weeks(told),
    )


def _sentence(found: Recall, told: Weeks) -> str:
    overdue = int((found.table["state"] == "overdue").sum())
    total = plural(len(found.table), "patient")
    coming = sum(week.patients for week in told.weeks)
    parts = [
        f"for {told.fell_due:,} the next injection fell due by {date_text(found.extract_date)} ({overdue:,} overdue)",
        f"for {coming:,} it falls due in the {plural(len(told.weeks), 'week')} after that",
        f"for {told.later:,} later",
        *([f"for {told.undated:,} a row that could not be read leaves it open"] if told.undated else []),
    ]
    return f"Of {total} on maintenance injections, {joined(parts)}."


def _left_out(counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    parts = [f"{count:,} {_NOT_LISTED[reason]}" for reason, count in counts.items()]
    return f"Not in the list: {plural(sum(counts.values()), 'patient')}: {joined(parts)}."


def _weeks(told: Weeks) -> tuple[tuple[str, int], ...]:
    weeks = [(f"{week.name}, {date_text(week.start)} to {date_text(week.end)}", week.patients) for week in told.weeks]
    last = [("Later", told.later), ("Without a date", told.undated)]
    return (("Fallen due by the extract date", told.fell_due), *weeks, *last)


def _row(item: Due, standard: Standard) -> RecallRow:
    return RecallRow(
        patient=clean(item.patient_id),
        practice=clean(item.practice_id),
        state=STATES[item.state],
        week=item.week,
        week_from=item.week_from,
        last_injection=item.last_injection,
        earlier_due=item.earlier_due_date,
        due=item.due_date,
        limit=item.limit_date,
        late=item.days_late,
        neurological=item.neurological,
        words=_words(item, standard),
    )


def _words(item: Due, standard: Standard) -> str:
    """The facts of one row in sentences."""
    reason = reason_text(item.reason, standard)
    if item.due_date is None:
        return reason
    days = joined([date_text(day) for day in (item.earlier_due_date, item.due_date) if day], "or")
    event = "issue" if item.basis == "issued" else "injection"
    length = item.months if item.months.endswith("weeks") else f"{item.months} month{'' if item.months == '1' else 's'}"
    told = f"After the {event} on {date_text(item.last_injection)} the next injection falls due on {days}, "
    told += f"by the interval of the standard ({length})."
    grace = f"The days of grace end on {date_text(item.limit_date)}." if item.state == "due" else ""
    unknown = "Whether there is neurological involvement is not recorded." if item.neurological == "unknown" else ""
    said = unknown if item.reason == "NEURO_UNKNOWN" else " ".join(filter(None, (unknown, reason)))
    return " ".join(filter(None, (told, grace, said)))


def recall_lines(view: RecallView) -> list[str]:
    """What the terminal says of the list: counts by week, no patient."""
    width = max(len(label) for label, _ in view.weeks)
    weeks = [f"  {label.ljust(width)}  {count:>5,}" for label, count in view.weeks]
    partial = [f"Partial: {view.partial}"] if view.partial else []
    return [view.title, *partial, "", *weeks, "", *filter(None, (view.left_out, view.sentence))]
