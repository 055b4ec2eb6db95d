"""What a pack prints beside its criteria: interval mix, missing fields, change and workload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from audit.render.pack_page import Section, Table
from audit.render.pack_words import count_text
from audit.render.words import NONE, percent
from audit.results.change import newcombe
from audit.results.pack import SafeCriterion, SafePack, SafeRow, Share
from audit.results.phrases import joined, plural

#: from which share on a cell of the map is how dark
_BANDS: Final = (0.05, 0.15, 0.3, 0.5)
_HUNDRED: Final = 100


def mix(pack: SafePack) -> Section:
    """Patients by class of their usual interval."""
    names = [label.text for label in pack.classes]
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
    return Section(_mixed(pack), notes, Table("Patients by their usual interval", headings, rows))


def _mixed(pack: SafePack) -> str:
    """The two usual classes over the practices that show both: the rare ones beside them are seldom shown."""
    places = [at for at, label in enumerate(pack.classes) if label.text in ("2-monthly", "3-monthly")]
    both = [[item.classes[at].value for at in places] for item in pack.practices if item.with_intervals.value]
    shown = [pair for pair in both if None not in pair]
    if not shown:
        return "The numbers of no practice can be shown."
    sums = [sum(value or 0 for value in pair) for pair in zip(*shown, strict=True)]
    said = [f"{number:,} patients {pack.classes[at].text}" for number, at in zip(sums, places, strict=True)]
    return f"Over the {plural(len(shown), 'practice')} that can show both: about {joined(said)}."


def missing(pack: SafePack) -> Section:
    """Which field is missing where, of how many."""
    cells = [[Share(count, item.patients) for count in item.missing] for item in pack.practices]
    lines = zip(pack.practices, cells, strict=True)
    rows = tuple((item.name.text, *(_cell(share) for share in shares)) for item, shares in lines)
    bands = tuple(tuple(_band(share) for share in shares) for shares in cells)
    headings = ("Practice", *(label.text.capitalize() for label in pack.fields))
    notes = ("Patients for whom a missing field left at least one answer open, of all patients of the practice.",)
    sentence = "Which field is missing where: filling in the darkest cells would settle most open answers."
    return Section(sentence, notes, Table("Missing fields by practice", headings, rows, bands))


def _cell(share: Share) -> str:
    return f"{share.part.value:,} ({percent(share.value)})" if share.value else count_text(share.part)


def _band(share: Share) -> int:
    return sum((share.value or 0) >= edge for edge in _BANDS)


def change(pack: SafePack) -> Section:
    """Mandated criteria then and now."""
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


def workload(pack: SafePack) -> Section:
    """Maintenance injections by practice."""
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
