"""Everything that the pack prints, as text: made from a `SafePack` and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from audit.render.pack_charts import STEPS, Chart, funnel_chart, strip_chart
from audit.render.pack_words import (
    FLAG,
    STATEMENT,
    SUPPRESSED_WORD,
    count_text,
    interval_word,
    method,
    pooled_sentence,
    share_word,
)
from audit.render.words import NONE, percent
from audit.results.change import newcombe
from audit.results.funnel import LEAST_PRACTICES, Funnel, funnel
from audit.results.pack import Label, SafeCriterion, SafePack, SafePractice, SafeRow, Share, assert_safe
from audit.results.phrases import joined, plural
from audit.standards.disclosure import Profile

_STRENGTHS: Final = {"mandated": "Mandated", "permitted": "Permitted", "patient_group": "Patient organisations"}
#: from which share on a cell of the map is how dark
_BANDS: Final = (0.05, 0.15, 0.3, 0.5)
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Table:
    """A table as printed: the first cell of a row is its heading; `bands` shades the cells after it, 0 to 4."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bands: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionPart:
    """One criterion: sentence, funnel (or why there is none), strip, table."""

    id: str
    code: str
    title: str
    strength: str
    sentence: str
    funnel: Chart | None
    said: str
    strip: Chart | None
    table: Table


@dataclass(frozen=True, slots=True)
class Section:
    """A sentence, notes, and a table; no rows when there is nothing to tell."""

    sentence: str
    notes: tuple[str, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class PackPage:
    """Everything that the pack prints; `partial` is blank where every practice's report was whole.

    Attributes:
        charted: criteria with charts and a row for each practice. others: all together, one row each; their practices
            stand in `tables`, which the workbook prints for every criterion.
    """

    title: str
    practice: str
    period: str
    statement: str
    partial: str
    facts: tuple[tuple[str, str], ...]
    participation: Section
    charted: tuple[CriterionPart, ...]
    others: Table
    tables: tuple[CriterionPart, ...]
    mix: Section
    missing: Section
    change: Section
    workload: Section
    flag: str
    method: tuple[str, ...]
    version: str


def build_pack_page(pack: SafePack, profile: Profile, *, version: str) -> PackPage:
    """The page.

    Raises:
        TypeError: something in the pack is not of the types that may be published.
    """
    assert_safe(pack)
    parts = tuple(_criterion(item) for item in pack.criteria)
    mandated = [part for part in parts if part.strength == _STRENGTHS["mandated"]]
    return PackPage(
        title="Vitamin B12 injections: commissioner pack",
        practice=plural(len(pack.practices), "practice"),
        period=pack.period.text,
        statement=STATEMENT,
        partial=_partial(pack.practices),
        facts=_facts(pack, profile),
        participation=_participation(pack),
        charted=tuple(mandated),
        others=_others([item for item in pack.criteria if item.strength.text != "mandated"]),
        tables=parts,
        mix=_mix(pack),
        missing=_missing(pack),
        change=_change(pack),
        workload=_workload(pack),
        flag=FLAG,
        method=method(profile),
        version=version,
    )


def _partial(practices: Sequence[SafePractice]) -> str:
    names = [item.name.text for item in practices if item.state.text == "partial"]
    return f"Some rows of these practices could not be used: {joined(names)}." if names else ""


def _facts(pack: SafePack, profile: Profile) -> tuple[tuple[str, str], ...]:
    return (
        ("Practices", f"{len(pack.practices):,}"),
        ("Period", pack.period.text),
        ("Standard", pack.standard.text),
        ("Disclosure control", f"{profile.name}: {profile.what}"),
        ("Last release", pack.before.text if pack.before else "none to compare with"),
    )


# Participation


def _participation(pack: SafePack) -> Section:
    whole = sum(item.state.text == "whole" for item in pack.practices)
    sentence = f"{plural(len(pack.practices), 'practice')} took part; the report of {whole:,} was whole."
    notes = [
        *([f"New since the last release: {_named(pack.joined)}."] if pack.joined else []),
        *([f"In the last release and not in this one: {_named(pack.left)}."] if pack.left else []),
        "Completeness is how many criteria can be shown; a small practice has few that can.",
    ]
    rows = tuple(
        (item.name.text, item.state.text, count_text(item.patients), f"{_shown(pack, at):,} of {len(pack.criteria):,}")
        for at, item in enumerate(pack.practices)
    )
    headings = ("Practice", "Report", "Patients", "Criteria shown")
    return Section(sentence, tuple(notes), Table("Who took part, by name", headings, rows))


def _named(labels: Sequence[Label]) -> str:
    return joined([label.text for label in labels])


def _shown(pack: SafePack, at: int) -> int:
    rows = (item.rows[at] for item in pack.criteria)
    return sum(row.eligible.value is not None and row.met.value is not None for row in rows)


# Criteria

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


def _criterion(item: SafeCriterion) -> CriterionPart:
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
        strength=_STRENGTHS[item.strength.text],
        sentence=sentence,
        funnel=funnel_chart(f"Funnel: {sentence}", shown, found) if found else None,
        said=_funnel_words(found, flagged, len(shown)),
        strip=strip_chart(f"Practices by size: {sentence}", shown, pooled) if shown and pooled is not None else None,
        table=Table(title, _HEADINGS, tuple(_row(row, found is not None, flagged) for row in item.rows)),
    )


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


def _others(items: Sequence[SafeCriterion]) -> Table:
    headings = ("Criterion", "Strength", "Practices shown", "Asked", "Met", "Share met")
    rows = tuple(
        (
            item.title.text,
            _STRENGTHS[item.strength.text],
            f"{sum(row.shown for row in item.rows):,}",
            count_text(item.pooled.eligible),
            count_text(item.pooled.met),
            share_word(item.pooled.share),
        )
        for item in items
    )
    return Table("Other criteria, all practices that can be shown together", headings, rows)


# The other sections


def _mix(pack: SafePack) -> Section:
    whole = [item for item in pack.practices if item.with_intervals.value and None not in _values(item.classes)]
    sums = [sum(values) for values in zip(*(_numbers(item) for item in whole), strict=True)]
    total, names = sum(sums), [label.text for label in pack.classes]
    said = [f"{percent(part / total)} {name}" for part, name in zip(sums, names, strict=False)] if total else []
    over = f"Over the {plural(len(whole), 'practice')} that can be shown"
    sentence = f"{over}: {joined(said)}." if said else "The numbers of no practice can be shown."
    rows = tuple(
        (item.name.text, count_text(item.with_intervals), *map(count_text, item.classes)) for item in pack.practices
    )
    headings = ("Practice", "Patients with an interval", *(name.capitalize() for name in names))
    notes = (
        "Each patient whose intervals are judged, by the median of their maintenance intervals of the period. "
        "Without neurological involvement both two- and three-monthly follow the BNF: neither is better. This "
        "describes, and judges nothing.",
        "With and without neurological involvement together: apart, most numbers would be too small to show.",
    )
    return Section(sentence, notes, Table("Patients by their usual interval", headings, rows))


def _values(counts: Sequence[object]) -> list[object]:
    return [getattr(count, "value", None) for count in counts]


def _numbers(item: SafePractice) -> list[int]:
    return [count.value or 0 for count in item.classes]


def _missing(pack: SafePack) -> Section:
    cells = [[Share(count, item.patients) for count in item.missing] for item in pack.practices]
    lines = zip(pack.practices, cells, strict=True)
    rows = tuple((item.name.text, *(_cell(share) for share in shares)) for item, shares in lines)
    bands = tuple(tuple(_band(share) for share in shares) for shares in cells)
    headings = ("Practice", *(label.text.capitalize() for label in pack.fields))
    notes = ("Patients for whom a missing field left at least one answer open, of all patients of the practice.",)
    sentence = "Which field is missing where: filling in the darkest cells would settle most open answers."
    return Section(sentence, notes, Table("Missing fields by practice", headings, rows, bands))


def _cell(share: Share) -> str:
    return count_text(share.part) if share.value is None else f"{share.part.value:,} ({percent(share.value)})"


def _band(share: Share) -> int:
    return sum((share.value or 0) >= edge for edge in _BANDS)


def _change(pack: SafePack) -> Section:
    headings = ("Criterion", "Practices compared", "Then", "Now", "Change", "95% interval")
    caption = "Each criterion then and now"
    if pack.before is None:
        sentence = "There is no earlier release of the same practices and standard to compare with."
        return Section(sentence, (), Table(caption, headings, ()))
    rows = tuple(_moved(item) for item in pack.criteria if item.strength.text == "mandated")
    notes = (
        "Over the practices whose share can be shown in both releases. Both periods share months where releases come "
        "each quarter, and the same patients are in both: the interval is wider than needed.",
    )
    sentence = f"Compared with the last release, {pack.before.text}."
    return Section(sentence, notes, Table(caption, headings, rows))


def _moved(item: SafeCriterion) -> tuple[str, ...]:
    both = [pair for pair in zip(item.before, item.rows, strict=True) if pair[0].shown and pair[1].shown]
    if not both:
        return (item.title.text, "0", NONE, NONE, NONE, NONE)
    old, new = (_summed([pair[side] for pair in both]) for side in (0, 1))
    found = newcombe(old, new)
    points = f"{_points(found.points)} points"
    limits = f"{_points(found.low)} to {_points(found.high)}"
    return (item.title.text, f"{len(both):,}", _of(old), _of(new), points, limits)


def _summed(rows: Sequence[SafeRow]) -> tuple[int, int]:
    return sum(row.met.value or 0 for row in rows), sum(row.eligible.value or 0 for row in rows)


def _of(pair: tuple[int, int]) -> str:
    return f"{pair[0]:,} of {pair[1]:,} ({percent(pair[0] / pair[1])})"


def _points(fraction: float) -> str:
    whole = round(fraction * _HUNDRED)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole else "0"


def _workload(pack: SafePack) -> Section:
    shown = [item.injections.value for item in pack.practices if item.injections.value is not None]
    sentence = f"About {sum(shown):,} maintenance injections in the period, in {plural(len(shown), 'practice')}."
    notes = (
        "Injections that ended an interval which a criterion judges. Loading courses, injections of excluded patients "
        "and those of people without an earlier injection on record are not counted: practices' reports do not hold "
        "them by quarter.",
    )
    rows = tuple((item.name.text, count_text(item.patients), count_text(item.injections)) for item in pack.practices)
    headings = ("Practice", "Patients", "Maintenance injections in the period")
    return Section(sentence, notes, Table("Workload by practice", headings, rows))


def every_table(page: PackPage) -> Iterator[tuple[str, Table]]:
    """All tables with the name of each, for the workbook."""
    yield "Participation", page.participation.table
    yield "Change", page.change.table
    yield "Interval mix", page.mix.table
    yield "Missing fields", page.missing.table
    yield "Workload", page.workload.table


__all__ = ["SUPPRESSED_WORD", "CriterionPart", "PackPage", "Section", "Table", "build_pack_page", "every_table"]
