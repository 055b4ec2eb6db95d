"""The criteria of a pack as printed: sentence, funnel, strip and table of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from audit.render.pack_charts import STEPS, funnel_chart, strip_chart
from audit.render.pack_page import CriterionPart, Section, Table
from audit.render.pack_words import FLAG, count_text, interval_word, pooled_sentence, share_word
from audit.render.words import NONE
from audit.results.funnel import LEAST_PRACTICES, Funnel, funnel
from audit.results.pack import SafeCriterion, SafeRow
from audit.results.phrases import plural

STRENGTHS: Final = {"mandated": "Mandated", "permitted": "Permitted", "patient_group": "Patient organisations"}
_HEADINGS: Final = (
    "Practice",
    "Asked",
    "Met",
    "Not met",
    "With a recorded reason",
    "Cannot tell",
    "Share met",
    "95% interval",
    "Limits",
)
_OVERVIEW: Final = (
    "Criterion",
    "Strength",
    "Practices shown",
    "Asked",
    "Met",
    "Share met",
    "Cannot tell",
    "Outside 99.8% limits",
    "Differ, times chance",
)


def criterion_part(item: SafeCriterion) -> CriterionPart:
    """One criterion, practice by practice."""
    shown = sorted((row for row in item.rows if row.shown), key=lambda row: (row.eligible.value, row.practice.text))
    asked = sum(row.eligible.value != 0 for row in item.rows)
    found = funnel([row.met.value or 0 for row in shown], [row.eligible.value or 0 for row in shown], STEPS)
    flagged = _flagged(shown, found)
    title, pooled = item.title.text, item.pooled.share.value
    sentence = pooled_sentence(item.pooled, len(shown), asked) if asked else "No patient is asked in any practice."
    return CriterionPart(
        id=item.code.text,
        code=item.code.text,
        title=title,
        overview=_overview(item, f"{len(shown):,} of {asked:,}" if asked else NONE, found),
        sentence=sentence,
        funnel=funnel_chart(f"{title}, funnel: {sentence}", shown, found) if found else None,
        said=_funnel_words(found, flagged, len(shown)),
        strip=strip_chart(f"{title}, by size: {sentence}", shown, pooled) if shown and pooled is not None else None,
        table=Table(title, _HEADINGS, tuple(_row(row, found is not None, flagged) for row in item.rows)),
    )


def _overview(item: SafeCriterion, shown: str, found: Funnel | None) -> tuple[str, ...]:
    pooled = item.pooled
    parts = (count_text(pooled.eligible), count_text(pooled.met), share_word(pooled.share))
    told = (*parts, count_text(pooled.not_assessable)) if shown != NONE else (NONE,) * 4
    limits = (f"{sum(found.flagged):,}", f"{found.overdispersion:.1f}") if found else (NONE, NONE)
    return (item.title.text, STRENGTHS[item.strength.text], shown, *told, *limits)


def _flagged(shown: Sequence[SafeRow], found: Funnel | None) -> frozenset[str]:
    flags = found.flagged if found else ()
    return frozenset(row.practice.text for row, flag in zip(shown, flags, strict=False) if flag)


def _funnel_words(found: Funnel | None, flagged: frozenset[str], shown: int) -> str:
    if found is None:
        few = shown < LEAST_PRACTICES
        why = f"fewer than {LEAST_PRACTICES} practices can be shown" if few else "all practices show the same"
        return f"No funnel: {why}."
    spread = f"The practices differ {found.overdispersion:.1f} times as much as chance alone would make them"
    cause = ", so limits of chance alone flag too many." if found.overdispersion > 1 else "."
    outside = "lies" if len(flagged) == 1 else "lie"
    said = f"{plural(len(flagged), 'practice')} {outside} outside the 99.8% limits." if flagged else "None is flagged."
    return f"{said} {spread} (overdispersion){cause}"


def _row(row: SafeRow, limits: bool, flagged: frozenset[str]) -> tuple[str, ...]:
    place = "outside 99.8%" if row.practice.text in flagged else "within" if limits and row.shown else NONE
    parts = (row.eligible, row.met, row.not_met, row.excepted, row.not_assessable)
    return (row.practice.text, *map(count_text, parts), share_word(row.share), interval_word(row.share), place)


def overview(parts: Sequence[CriterionPart]) -> Section:
    """All criteria on one table, each leading to its own part of the page."""
    rows, links = tuple(part.overview for part in parts), tuple(f"c-{part.id}" for part in parts)
    table = Table("All criteria, over the practices that can be shown", _OVERVIEW, rows, links=links)
    notes = (
        "Each row adds up the practices whose numbers can be shown. A practice drops out where one of its counts is "
        "small, often because nearly everybody met: these are not the shares of the whole area.",
        "The last two columns: how many practices lie outside the 99.8% limits of chance, and how many times as much "
        "as chance alone the practices differ (from 8 practices on).",
    )
    return Section(FLAG, notes, table)
