"""Everything that the pack prints, as text: made from a `SafePack` and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from audit.render.pack_criteria import criterion_part, overview
from audit.render.pack_page import PackPage, Section, Table
from audit.render.pack_sections import change, missing, mix, workload
from audit.render.pack_words import FLAG, STATEMENT, count_text, method
from audit.results.pack import Label, SafePack, SafePractice, assert_safe
from audit.results.phrases import joined, plural
from audit.standards.disclosure import Profile


def build_pack_page(pack: SafePack, profile: Profile, *, version: str) -> PackPage:
    """The page.

    Raises:
        TypeError: something in the pack is not of the types that may be published.
    """
    assert_safe(pack)
    is_mandated = [item.strength.text == "mandated" for item in pack.criteria]
    mandated, permitted = (
        tuple(criterion_part(item) for item, one in zip(pack.criteria, is_mandated, strict=True) if one is wanted)
        for wanted in (True, False)
    )
    return PackPage(
        title="Vitamin B12 injections: commissioner pack",
        practice=plural(len(pack.practices), "practice"),
        period=pack.period.text,
        statement=STATEMENT,
        partial=_partial(pack.practices),
        facts=_facts(pack, profile),
        participation=_participation(pack),
        criteria=overview(mandated + permitted),
        mandated=mandated,
        permitted=permitted,
        mix=mix(pack),
        missing=missing(pack),
        change=change(pack),
        workload=workload(pack),
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


def _participation(pack: SafePack) -> Section:
    whole = sum(item.state.text == "whole" for item in pack.practices)
    all_whole = whole == len(pack.practices)
    reports = "every report was whole" if all_whole else f"{whole:,} of their reports were whole"
    sentence = f"{plural(len(pack.practices), 'practice')} took part; {reports}."
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
