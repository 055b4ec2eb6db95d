"""Scores as printed: the headline sentences, and the table of criteria by strength."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from audit.criteria.criterion import Criterion
from audit.render.charts import Bar, bar
from audit.render.words import NONE, percent, share_text, source_label
from audit.results.audit import AuditResult, Score
from audit.results.explain import REASONS
from audit.results.phrases import joined, plural
from audit.results.targets import target_verdicts
from audit.standards.standard import Standard
from audit.standards.wording import with_numbers

#: The criteria of the summary: heading, and whom the sentence is about.
HEADLINES: Final = {
    "maintenance-interval-neuro": "With neurological involvement",
    "maintenance-interval-standard": "Without neurological involvement, or not recorded",
}
GROUPS: Final = {
    "mandated": ("Mandated", "What the BNF's doses and NICE's “offer” ask for. The headline uses these only."),
    "permitted": ("Permitted", "What NICE asks to consider, and local good practice."),
    "patient_group": (
        "Patient organisations",
        "Recommendations that go beyond BNF and NICE, shown apart: a practice that follows the BNF may differ here.",
    ),
}


@dataclass(frozen=True, slots=True)
class Headline:
    """One score in words, with its bar; `target` is the local one and what the score says of it, blank without one."""

    code: str
    heading: str
    share: str
    sentence: str
    beside: str
    target: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason and how many patients have it."""

    text: str
    count: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion with its counts as printed and as numbers (for cells), its rule, and its local target."""

    code: str
    title: str
    clause: str
    eligible: int
    met: int
    not_met: int
    excepted: int
    not_assessable: int
    pending: int
    not_applicable: int
    excluded: int
    share: str
    upper: str
    assessed: str
    interval: str
    target: str
    bar: Bar
    why: str
    who: str
    rule: str
    notes: str
    intervals: str
    sources: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Criteria of one strength."""

    strength: str
    heading: str
    intro: str
    rows: tuple[CriterionRow, ...]


def least_eligible(standard: Standard) -> int:
    """Under this many patients no percentage is printed."""
    return standard.number("score.least_eligible")


def build_headlines(result: AuditResult) -> tuple[Headline, ...]:
    """The summary's scores, the headline first."""
    scores, targets = _by_code(result), _targets(result)
    least = least_eligible(result.standard)
    return tuple(
        Headline(
            code=code,
            heading=heading,
            share=_short_share(scores[code], least),
            sentence=headline_sentence(scores[code], least),
            beside=_beside(scores[code], least),
            target=targets.get(code, ""),
            bar=bar(scores[code]),
        )
        for code, heading in HEADLINES.items()
        if code in scores
    )


def headline_sentence(score: Score, least: int) -> str:
    """For example "58 of 120 patients (48%) had every maintenance injection on time. ..." with its upper bound."""
    if not score.eligible:
        waiting = f" {plural(score.pending, 'patient')} still waiting." if score.pending else ""
        return f"No patients to judge.{waiting}"
    had = "had every maintenance injection on time"
    counts = f"{score.met:,} of {plural(score.eligible, 'patient')}"
    first = f"{counts} {had}." if score.eligible < least else f"{counts} ({percent(score.met / score.eligible)}) {had}."
    return " ".join(part for part in (first, _late(score), _unclear(score, least)) if part)


def _late(score: Score) -> str:
    with_reason = f"{score.excepted:,} {'was' if score.excepted == 1 else 'were'} late with a recorded reason"
    if score.not_met and score.excepted:
        return f"{score.not_met:,} did not, and {with_reason}."
    return f"{with_reason}." if score.excepted else f"{score.not_met:,} did not." if score.not_met else ""


def _unclear(score: Score, least: int) -> str:
    if not score.not_assessable:
        return ""
    best = score.met + score.not_assessable
    most = f"{best:,}" if score.eligible < least else percent(best / score.eligible)
    return f"For {score.not_assessable:,} the record cannot tell; if all of these were on time it would be {most}."


def _beside(score: Score, least: int) -> str:
    """The same without what the record cannot tell, with its interval."""
    assessed = score.met + score.not_met
    if not assessed or score.wilson_low is None or score.wilson_high is None:
        return ""
    text = f"Of those assessed and without a recorded reason: {share_text(score.met, assessed, least)}"
    return f"{text}{_interval(score, least, ', 95% confidence interval ')}."


def _interval(score: Score, least: int, before: str = "") -> str:
    if score.wilson_low is None or score.wilson_high is None or score.eligible < least:
        return ""
    if score.met + score.not_met < least:
        return ""
    return f"{before}{percent(score.wilson_low)} to {percent(score.wilson_high)}"


def _short_share(score: Score, least: int) -> str:
    if not score.eligible:
        return "No patients"
    small = score.eligible < least
    return f"{score.met:,} of {score.eligible:,}" if small else percent(score.met / score.eligible)


def build_groups(result: AuditResult) -> tuple[Group, ...]:
    """Every criterion by strength, the headline's first, then by code; a strength without criteria is left out."""
    scores, targets = _by_code(result), _targets(result)
    ordered = sorted(result.criteria, key=lambda item: (item.code not in HEADLINES, item.code))
    found = [item for item in ordered if item.code in scores]
    rows = {item.code: _row(item, scores[item.code], result.standard, targets.get(item.code, "")) for item in found}
    return tuple(
        Group(strength, heading, intro, tuple(chosen))
        for strength, (heading, intro) in GROUPS.items()
        if (chosen := [rows[item.code] for item in found if item.strength == strength])
    )


def _row(criterion: Criterion, score: Score, standard: Standard, target: str) -> CriterionRow:
    least, assessed = least_eligible(standard), score.met + score.not_met
    return CriterionRow(
        code=criterion.code,
        title=criterion.title,
        clause=joined([source_label(key) for key in criterion.sources]),
        eligible=score.eligible,
        met=score.met,
        not_met=score.not_met,
        excepted=score.excepted,
        not_assessable=score.not_assessable,
        pending=score.pending,
        not_applicable=score.not_applicable,
        excluded=score.excluded,
        share=_short_share(score, least),
        upper=_upper(score, least),
        assessed=share_text(score.met, assessed, least) if score.eligible else NONE,
        interval=_interval(score, least) or NONE,
        target=target,
        bar=bar(score),
        why=criterion.why,
        who=criterion.who,
        rule=criterion.met,
        notes=criterion.notes,
        intervals=_intervals(criterion, score),
        sources=tuple(standard.source_text(key) for key in criterion.sources),
        reasons=_reasons(score, standard),
    )


def _upper(score: Score, least: int) -> str:
    """The share if everyone of whom the record cannot tell had met it; blank where it can tell of all."""
    if not score.not_assessable:
        return ""
    best = score.met + score.not_assessable
    return f"at most {best:,}" if score.eligible < least else f"at most {percent(best / score.eligible)}"


def _intervals(criterion: Criterion, score: Score) -> str:
    if not criterion.judges_intervals or not score.intervals_judged:
        return ""
    return f"{score.intervals_met:,} of {plural(score.intervals_judged, 'interval')} on time."


def _reasons(score: Score, standard: Standard) -> tuple[Reason, ...]:
    ordered = sorted(score.reasons.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Reason(with_numbers(REASONS[code], standard), f"{count:,}") for code, count in ordered if code)


def _targets(result: AuditResult) -> dict[str, str]:
    """Each local target and what the score says of it, in words, by criterion."""
    found = target_verdicts(result.scores, result.standard)
    return {item.criterion: f"Local target {item.percent}%: {item.wording}." for item in found}


def _by_code(result: AuditResult) -> dict[str, Score]:
    return {score.criterion: score for score in result.scores}
