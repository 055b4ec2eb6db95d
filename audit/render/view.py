"""The view of the practice report: every number and sentence as printed; templates and writers only loop and print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from audit.intake.notes import Notes
from audit.render.by_standard import ByStandard, build_by_standard
from audit.render.carried import NOTHING, Carried, carry
from audit.render.cycles import Cycles, build_cycles
from audit.render.fixlist import FixList, build_fixlist
from audit.render.forecast import ForecastView, build_forecast
from audit.render.numbers import UsedNumber, changed_sentence, used_numbers
from audit.render.over_time import OverTimeView, build_over_time
from audit.render.phases import Phases, build_phases
from audit.render.quality import Quality, build_quality
from audit.render.recall import RecallView, build_recall
from audit.render.rhythm import Rhythm, build_rhythm
from audit.render.scoreboard import Group, Headline, build_groups, build_headlines
from audit.render.todo import SIGN_OFF, Action, build_actions, overdue_sentence, problems
from audit.render.words import STATEMENT, clean, origin, short_hash
from audit.render.worklist import Fact, Teller, Worklist, build_worklist
from audit.results.audit import AuditResult, Window
from audit.results.compare_cycles import CyclesCompared
from audit.results.compare_standards import StandardsCompared
from audit.results.phrases import date_text, joined, plural

_MOST_NAMED: Final = 3
#: fits a cell of a workbook
_LONGEST_COMMAND: Final = 30_000


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the report and what it means."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class View:
    """Everything the practice report prints.

    Attributes:
        partial: what is missing from this report, to be said on every page; blank when it is whole.
        facts: of the run. files: facts of each input where there are several.
        numbers: every number of the standard. changed: the sentence on those that are not national; blank if none.
        problems: the first column of the action plan, blank where the practice writes its own. sign_off: what
            is filled in below it.
        cycles: the comparison with the previous cycle; None where there is none.
        by_standard: the same records under several standards; None where that was not asked for.
        notes: the manager's, carried forward; only the workbook shows them.
        overdue: the first sentence: how many patients are overdue; blank where nobody is asked.
        unknown_neuro: the sentence beside the headline on patients of unknown neurological status.
    """

    title: str
    practice: str
    period: str
    statement: str
    partial: str
    overdue: str
    headlines: tuple[Headline, ...]
    unknown_neuro: str
    facts: tuple[Fact, ...]
    files: tuple[tuple[Fact, ...], ...]
    actions: tuple[Action, ...]
    worklist: Worklist
    groups: tuple[Group, ...]
    rhythm: Rhythm
    phases: Phases
    quality: Quality
    fixes: FixList
    problems: tuple[str, ...]
    sign_off: tuple[str, ...]
    words: tuple[Word, ...]
    sources: tuple[str, ...]
    limits: tuple[str, ...]
    numbers: tuple[UsedNumber, ...]
    changed: str
    version: str
    command: str
    over_time: OverTimeView
    forecast: ForecastView
    recall: RecallView
    cycles: Cycles | None = None
    by_standard: ByStandard | None = None
    notes: Carried = NOTHING


def build_view(
    result: AuditResult,
    *,
    version: str,
    command: str,
    compared: CyclesCompared | None = None,
    standards: StandardsCompared | None = None,
    notes: Notes | None = None,
) -> View:
    """The view of one run.

    Args:
        result: the run.
        version: the tool's.
        command: the one that reproduces the report, as typed.
        compared: with the previous cycle, where there is one.
        standards: the same records under several standards, where that was asked for.
        notes: from the workbooks before, where there are any.
    """
    view = _view_of_run(result, version, command)
    return replace(
        view,
        cycles=build_cycles(compared) if compared else None,
        by_standard=build_by_standard(standards) if standards else None,
        notes=carry(notes, view.worklist, result.patients) if notes else NOTHING,
    )


def _view_of_run(result: AuditResult, version: str, command: str) -> View:
    """What the run says alone: beside no other cycle, no other standard and nobody's notes."""
    teller = Teller(result)
    worklist, quality, fixes = build_worklist(result, teller), build_quality(result), build_fixlist(result)
    return View(
        title="Vitamin B12 injections: practice report",
        practice=_practices(result),
        period=_period(result.windows),
        statement=STATEMENT,
        partial=clean(result.partial, _LONGEST_COMMAND),
        overdue=overdue_sentence(result, worklist),
        headlines=build_headlines(result),
        unknown_neuro=_unknown_neuro(result),
        facts=_facts(result, quality, version),
        files=tuple(_file_facts(window) for window in result.windows) if len(result.windows) > 1 else (),
        actions=(actions := build_actions(worklist, fixes)),
        worklist=worklist,
        groups=build_groups(result),
        rhythm=build_rhythm(result),
        phases=build_phases(result),
        quality=quality,
        fixes=fixes,
        problems=problems(actions),
        sign_off=SIGN_OFF,
        words=_words(result),
        sources=tuple(f"{text[:1].upper()}{text[1:]}." for text in result.standard.sources.values()),
        limits=_LIMITS,
        numbers=used_numbers(result.standard),
        changed=changed_sentence(result.standard),
        version=version,
        command=clean(command, _LONGEST_COMMAND),
        over_time=build_over_time(result.over_time, result.standard),
        forecast=build_forecast(result.forecast, result.standard),
        recall=build_recall(result.recall, result.standard, clean(result.partial, _LONGEST_COMMAND)),
    )


def _practices(result: AuditResult) -> str:
    names = [clean(name) for name in sorted(result.patients["practice_id"].unique())]
    if len(names) > _MOST_NAMED:
        return f"{plural(len(names), 'practice')}: {', '.join(names[:_MOST_NAMED])} and others"
    return f"{'Practices' if len(names) > 1 else 'Practice'} {joined(names)}" if names else "No practice"


def _period(windows: Sequence[Window]) -> str:
    periods = sorted({(window.period_from, window.period_to) for window in windows})
    if not periods:
        return ""
    if len(periods) > 1:
        first, last = min(start for start, _ in periods), max(end for _, end in periods)
        return f"Audit periods between {date_text(first)} and {date_text(last)}, one for each file"
    return f"Audit period {date_text(periods[0][0])} to {date_text(periods[0][1])}"


def _unknown_neuro(result: AuditResult) -> str:
    patients = result.patients[result.patients["in_cohort"].astype(bool)]
    unknown = int((~patients["neurological_involvement"].isin(["yes", "no"])).sum())
    if not len(patients):
        return ""
    total = plural(len(patients), "patient")
    return f"Neurological involvement is not recorded for {unknown:,} of {total} in the audit."


def _facts(result: AuditResult, quality: Quality, version: str) -> tuple[Fact, ...]:
    inside = int(result.patients["in_cohort"].astype(bool).sum())
    outside = len(result.patients) - inside
    standard = result.standard
    one = _file_facts(result.windows[0]) if len(result.windows) == 1 else ()
    files = () if one else (Fact("Files", f"{len(result.windows):,}"),)
    return (
        *one,
        *files,
        Fact("Rows", quality.conservation),
        Fact("Patients", f"{plural(len(result.patients), 'patient')} = {inside:,} in the audit + {outside:,} excluded"),
        Fact("Standard", f"{standard.title}, edition {standard.edition}"),
        Fact("Version", f"b12audit {version}"),
    )


def _file_facts(window: Window) -> tuple[Fact, ...]:
    return (
        Fact("Input", f"{clean(window.file)} (SHA-256 {short_hash(window)}…)"),
        Fact("Extract date", f"{date_text(window.extract_date)} ({origin(window.extract_date_from)})"),
        Fact("History from", f"{date_text(window.history_start)} ({origin(window.history_start_from)})"),
        Fact("Audit period", f"{date_text(window.period_from)} to {date_text(window.period_to)}"),
    )


_LIMITS: Final = (
    "An injection given elsewhere (hospital, home, another practice) counts only if the record holds it.",
    "A prescription issued is not proof of an injection. Where a patient's injections are not recorded as given, each "
    "issue stands for the injections it supplied, and the report says so.",
    "Missing data never counts as good care: it is shown as “cannot tell”, and every share is printed with its upper "
    "bound.",
    "Days late are counted from the due date. An injection counts as late only after the days of grace.",
    "Small numbers move a lot by chance; under 10 patients no percentage is printed.",
    "The intended use is retrospective quality audit. The report holds no dose to give and no date to give it.",
)


def _words(result: AuditResult) -> tuple[Word, ...]:
    grace = result.standard.number
    days = f"{grace('maintenance.neuro_grace_days')} days on a 2-month rule, "
    days += f"{grace('maintenance.standard_grace_days')} on a 3-month rule, "
    days += f"{grace('maintenance.dietary_grace_days')} on a 6-month rule"
    return (
        Word("Met", "The record shows what the criterion asks."),
        Word("Not met", "The record differs from the criterion. It may still be good care: check for a documented "
             "reason."),
        Word("Not met, with a recorded reason", "For example a refusal, a deferral, or tablets in the meantime."),
        Word("Cannot tell", "The record lacks something that decides the answer; the reason says what."),
        Word("Waiting", "The time allowed has not passed yet. Counted apart."),
        Word("Grace", f"Days after the due date that still count as on time: {days}."),
        Word("Share met", "Met, of all patients of whom the question is asked, those the record cannot tell included. "
             "The upper bound is the share if all of those had met it."),
        Word("Of those assessed", "Met, of met and not met, with its Wilson 95% interval: how far chance may move it."),
        Word("Maintenance interval", "From one injection to the next after the loading course; the one after the last "
             "injection is open and runs to the end of the record."),
    )  # fmt: skip
