"""Settles the dates of one input: extract date, history start, audit period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from audit.cohort.calendar import add_months_to, to_date, to_day
from audit.errors import AuditError, InputRejected, NothingToAudit, UsageError
from audit.intake.extract import Extract, Finding
from audit.standards.standard import Standard

Origin = Literal["option", "about", "assumed"]


@dataclass(frozen=True, slots=True)
class DateOptions:
    """Dates given on the command line; None where not given."""

    extract_date: date | None = None
    history_start: date | None = None
    period_from: date | None = None
    period_to: date | None = None


@dataclass(frozen=True, slots=True)
class AuditWindow:
    """Days (not dates): `extract` X, `history` H, audit period [`start` P0, `end` P1]; P1 = X."""

    extract: int
    history: int
    start: int
    end: int
    extract_from: Origin
    history_from: Origin


def settle_window(
    extract: Extract, options: DateOptions, standard: Standard, today: date
) -> tuple[AuditWindow, tuple[Finding, ...]]:
    """The input's window, and the warnings for what had to be assumed.

    Raises:
        InputRejected: an assumed extract date lies after `today`, one of the About sheet a whole period after it, or
            the About sheet's dates contradict each other.
        UsageError: the options' dates contradict each other or the extract, or lie a whole period after `today`.
        NothingToAudit: there is no dated row to take a date from.
    """
    about, facts = extract.about, extract.facts
    last, extract_from = _first_known(options.extract_date, about.extract_date, facts.last_entry)
    first, history_from = _first_known(options.history_start, about.history_start, facts.first_treatment or last)
    if last is None or first is None:
        raise NothingToAudit(
            "No row of the file has a date that can be read.",
            where=facts.file,
            remedy="give the day the extract was made with --extract-date YYYY-MM-DD, or mend the date column",
            code="NO_DATES",
        )
    # a given date may lie ahead, as for an extract that is made for the end of the month; decades ahead it is mistyped
    ahead = 0 if extract_from == "assumed" else standard.number("cohort.period_months")
    if last > to_date(add_months_to(to_day(today), ahead)):
        raise _in_the_future(facts.file, last, extract_from)
    end = options.period_to or about.period_to or last
    start = options.period_from or about.period_from
    if start is None:
        start = to_date(add_months_to(to_day(end), -standard.number("cohort.period_months")) + 1)
    _check_period(extract, options, start, end, last)
    window = AuditWindow(to_day(end), to_day(first), to_day(start), to_day(end), extract_from, history_from)
    return window, tuple(_assumed(window, last, first, facts.file))


def _first_known(option: date | None, about: date | None, found: date | None) -> tuple[date | None, Origin]:
    if option is not None:
        return option, "option"
    return (about, "about") if about is not None else (found, "assumed")


def _in_the_future(file: str, last: date, origin: Origin) -> AuditError:
    """An extract of a day so far ahead does not exist: the date, wherever it stands, is mistyped."""
    if origin != "assumed":
        return (UsageError if origin == "option" else InputRejected)(
            f"The extract date, {_said(last)}, lies in the future.",
            where="--extract-date" if origin == "option" else f"{file}, sheet About, extract_date",
            remedy="give the last day that the extract covers",
            code="EXTRACT_DATE_IN_FUTURE",
        )
    return InputRejected(
        f"The latest entry is dated {_said(last)}, which lies in the future, and no extract date is given.",
        where=file,
        remedy="mend the mistyped date, or give the day the extract was made with --extract-date YYYY-MM-DD",
        code="EXTRACT_DATE_IN_FUTURE",
    )


def _check_period(extract: Extract, options: DateOptions, start: date, end: date, last: date) -> None:
    given = options.period_from or options.period_to or options.extract_date
    error = UsageError if given is not None else InputRejected
    where = extract.facts.file if given is not None else f"{extract.facts.file}, sheet About"
    if end > last:
        raise error(
            f"The audit period ends on {_said(end)}, after the extract's last day, {_said(last)}.",
            where=where,
            remedy="end the period (--to) on or before the extract date",
            code="PERIOD_AFTER_EXTRACT",
        )
    if start > end:
        raise error(
            f"The audit period begins on {_said(start)}, after its end, {_said(end)}.",
            where=where,
            remedy="let --from lie before --to",
            code="PERIOD_REVERSED",
        )


def _assumed(window: AuditWindow, last: date, first: date, file: str) -> list[Finding]:
    findings = []
    if window.extract_from == "assumed":
        message = f"Extract date {_said(last)} taken from the latest entry; --extract-date changes it"
        findings.append(Finding("warning", "EXTRACT_DATE_ASSUMED", message, file))
    if window.history_from == "assumed":
        message = f"History start {_said(first)} taken from the earliest treatment; --history-start changes it"
        findings.append(Finding("warning", "HISTORY_START_ASSUMED", message, file))
    return findings


def _said(day: date) -> str:
    """As people write it: 6 August 2018."""
    return f"{day.day} {day:%B %Y}"
