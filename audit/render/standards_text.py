"""Standards and criteria as the terminal prints them: list, show, diff, and a run under several standards."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from audit.criteria.criterion import Criterion, Example
from audit.render.catalogue import numbers_read
from audit.render.terminal import share_line
from audit.render.text_table import WIDTH, table
from audit.render.words import NONE, OUTCOMES, clean, source_label
from audit.results.audit import Score
from audit.results.compare_standards import StandardsCompared
from audit.results.phrases import date_text, joined, plural
from audit.standards.checks import allowed
from audit.standards.layer import Guidance, Value
from audit.standards.standard import Change, Number, Standard

_STRENGTHS: Final = {
    "mandated": "mandated by BNF or NICE",
    "permitted": "permitted: good practice, beside the headline",
    "patient_group": "recommended by patient organisations, beyond BNF and NICE",
}
_MOST_VERDICTS: Final = 10
_NOT_SET: Final = "not set"


# The commands


def list_lines(standards: Sequence[Standard], criteria: Sequence[Criterion]) -> list[str]:
    """The standards that ship and the criteria, one a row, and how to name a standard of one's own.

    Args:
        standards: those that ship; the criteria are worded by the first.
        criteria: the catalogue.
    """
    rows = [(item.name, item.title, item.edition, _differs(item)) for item in standards]
    worded = (item.worded(standards[0]) for item in criteria)
    return [
        *table(("standard", "title", "edition", "what differs"), rows),
        "",
        *table(("criterion", "strength", "what good care looks like"), map(_in_short, worded)),
        "",
        "A standard of your own is a file ending in .toml:  b12audit run FILE --standard our-surgery.toml",
    ]


def _in_short(criterion: Criterion) -> tuple[str, str, str]:
    return criterion.code, criterion.strength.replace("_", " "), criterion.title


def criterion_lines(criterion: Criterion, standard: Standard) -> list[str]:
    """One criterion: its words, the numbers it uses, the guidance in force, its sources and its examples."""
    criterion = criterion.worded(standard)
    facts = {
        "Strength": _STRENGTHS[criterion.strength],
        "Why": criterion.why,
        "Who": criterion.who,
        "Met": criterion.met,
        "Notes": criterion.notes,
    }
    keys = numbers_read(criterion, standard)
    return [
        f"{criterion.code}: {criterion.title}",
        "",
        *(line for name, text in facts.items() for line in _paragraph(name, text)),
        *_local(criterion, standard, keys),
        *_section("Numbers", numbers_table(keys, standard)),
        *_section("Guidance in force", _guidance(criterion, standard)),
        *_section("Sources", [line for key in criterion.sources for line in _cited(key, standard)]),
        *_section("Examples", table(("story", "record", "verdict"), map(_example, criterion.examples))),
    ]


def standard_lines(standard: Standard) -> list[str]:
    """A whole standard: its files, what differs, every number with its unit, source and file."""
    root = standard.layers[0]
    unset = [key for key in root.definitions if key not in standard.numbers]
    optional = [f"{key}: {root.definitions[key].what}; {allowed(root.definitions[key])}" for key in unset]
    limits = [line for layer in standard.layers for text in layer.not_expressed for line in _item(text)]
    return [
        f"{standard.name}: {standard.title}, edition {standard.edition}",
        f"Files: {', '.join(layer.file for layer in standard.layers)} ({_differs(standard)})",
        *_section("Not judged, as no number says it", limits),
        *_section("Local targets", [f"{code}: {percent}%" for code, percent in standard.targets.items()]),
        *_section("Criteria switched off", sorted(standard.off)),
        *_section("Numbers", numbers_table(standard.numbers, standard)),
        *_section("Rules that a local standard may switch on", [line for text in optional for line in _item(text)]),
        *_section("Sources", [line for key in standard.sources for line in _cited(key, standard)]),
    ]


def diff_lines(one: Standard, other: Standard) -> list[str]:
    """Numbers, targets and criteria in which two standards differ."""
    names, both = (one.name, other.name), (one, other)
    keys, codes = sorted({*one.numbers, *other.numbers}), sorted({*one.targets, *other.targets})
    parts = {
        "Numbers": [(key, *(_worded(item.numbers.get(key)) for item in both)) for key in keys],
        "Targets": [(code, *(_percent(item.targets.get(code)) for item in both)) for code in codes],
        "Criteria": [(code, *_switches(code, both)) for code in sorted(one.off | other.off)],
    }
    differing = {title: [row for row in rows if len(set(row[1:])) > 1] for title, rows in parts.items()}
    found = [line for title, rows in differing.items() for line in _section(title, table(("", *names), rows))]
    return [f"{names[0]} and {names[1]}", *found] if found else [f"{names[0]} and {names[1]} do not differ."]


def _switches(code: str, standards: Iterable[Standard]) -> list[str]:
    return ["off" if code in item.off else "on" for item in standards]


def compared_lines(compared: StandardsCompared, least: int) -> list[str]:
    """A run under several standards: the criteria that come out differently, and the first verdicts that depend.

    Args:
        compared: the comparison.
        least: with fewer eligible patients counts are printed without a percentage.
    """
    names = [standard.name for standard in compared.standards]
    rows = [
        (item.criterion, *(_share(found, least) for found in item.scores))
        for item in compared.criteria
        if len(set(map(_counted, item.scores))) > 1
    ]
    if not rows:
        return ["", f"No score differs between {', '.join(names)}."]
    verdicts = plural(len(compared.verdicts), "verdict")
    return [
        "",
        *table(("under each standard", *names), rows),
        f"{verdicts} of {plural(compared.patients, 'patient')} depend on the standard:",
        *table(("patient", "criterion", *names), _verdicts(compared)),
        *(["summary.json lists them all."] if len(compared.verdicts) > _MOST_VERDICTS else []),
    ]


# Parts


def numbers_table(keys: Iterable[str], standard: Standard) -> list[str]:
    """Numbers with their units, sources, and the file that set each."""
    found = {key: standard.numbers[key] for key in keys}
    rows = [(key, _worded(item), source_label(item.source), item.layer, item.what) for key, item in found.items()]
    return table(("number", "value", "source", "set by", "what it says"), rows)


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _paragraph(name: str, text: str) -> list[str]:
    head = f"{name + ':':<10}"
    return _wrap(text or NONE, head, " " * len(head))


def _item(text: str) -> list[str]:
    return _wrap(text, "", "  ")


def _wrap(text: str, first: str, later: str) -> list[str]:
    """Lines of whole words; a criterion's code is one word."""
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)


def _cited(key: str, standard: Standard) -> list[str]:
    return _item(f"{source_label(key)}: {standard.source_text(key)}")


def _value(value: Value) -> str:
    return ", ".join(f"{item:,}" for item in (value if isinstance(value, tuple) else (value,)))


def _percent(target: int | None) -> str:
    return _NOT_SET if target is None else f"{target}%"


def _differs(standard: Standard) -> str:
    """How a standard differs from the one it rests on, in a few words."""
    if len(standard.layers) == 1:
        return "the default; every other standard rests on it"
    parts = [plural(len(standard.changes), "number")]
    parts += [plural(len(standard.targets), "target")] if standard.targets else []
    parts += [f"{plural(len(standard.off), 'criterion', 'criteria')} switched off"] if standard.off else []
    return f"differs from {standard.layers[0].name} in {', '.join(parts)}"


def _local(criterion: Criterion, standard: Standard, keys: Iterable[str]) -> list[str]:
    """What this standard makes of the criterion: switched off, a target, numbers that its words do not name."""
    target, read = standard.targets.get(criterion.code), set(keys)
    changed = [_change(change) for change in standard.changes if change.key in read]
    said = {
        "Off": f"not judged under {standard.name}" if criterion.code in standard.off else "",
        "Target": "" if target is None else f"{target}%, local",
        "But": f"the words above are the national ones; under {standard.name} {joined(changed)}" if changed else "",
    }
    return [line for name, text in said.items() if text for line in _paragraph(name, text)]


def _change(change: Change) -> str:
    was = _NOT_SET if change.was is None else _value(change.was)
    return f"{change.key} is {_value(change.number.value)} (nationally {was})"


def _guidance(criterion: Criterion, standard: Standard) -> list[str]:
    found = [entry for entry in standard.guidance if criterion.code in entry.criteria]
    return [line for entry in found for line in _item(f"{_span(entry)}: {entry.text} ({source_label(entry.source)})")]


def _span(entry: Guidance) -> str:
    start, end = date_text(entry.start), date_text(entry.end)
    if start and end:
        return f"{start} to {end}"
    return f"from {start}" if start else f"until {end}" if end else "always"


def _example(example: Example) -> tuple[str, str, str]:
    rows = {
        "doses": example.doses,
        "also": example.events,
        "reviews": example.reviews,
        "tests": example.tests,
        "directions": example.directions,
        "patient": _pairs(example.patient),
        "run": _pairs(example.run),
    }
    return example.title, "; ".join(f"{name} {text}" for name, text in rows.items() if text), example.expect


def _pairs(fields: Mapping[str, object]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value or 'blank'}" for name, value in fields.items())


def _worded(number: Number | None) -> str:
    return _NOT_SET if number is None else f"{_value(number.value)} {number.unit}"


def _share(found: Score | None, least: int) -> str:
    return "switched off" if found is None else share_line(found, least)


def _counted(found: Score | None) -> tuple[int, ...] | None:
    if found is None:
        return None
    return found.met, found.not_met, found.excepted, found.not_assessable, found.pending, found.eligible


def _verdicts(compared: StandardsCompared) -> list[tuple[str, ...]]:
    shown = compared.verdicts[:_MOST_VERDICTS]
    return [(clean(item.patient_id), item.criterion, *map(_outcome, item.outcomes)) for item in shown]


def _outcome(outcome: str | None) -> str:
    return "switched off" if outcome is None else OUTCOMES[outcome].lower()
