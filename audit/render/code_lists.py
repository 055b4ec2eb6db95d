"""The clinical codes and words that are read, as a part of the data dictionary: for a clinician to check."""

from __future__ import annotations

from collections.abc import Iterator

from audit.intake.code_list import SYSTEMS, Code, Group, code_list
from audit.intake.words import synonyms
from audit.render.markdown import cell, code, listing, table

_INTRODUCTION = """\
What a list of coded events says in the words of this audit, from `audit/intake/codes.toml`. The code comes first, the
words beside it only where the code is not known, damaged or lost. Words count as a whole, whatever their case: with
any other word beside them ("no", "family history of", "at risk of", "screening for"), or a question mark, nothing is
read. "History of" may stand before a deficiency without nerves involved, and before an operation. Names of tests that
are names of medicines too (folic acid, cobalamin, pyridoxine) count only with a word like serum or level. Drugs' codes
stand in `audit/intake/drugs.toml`."""
_PATIENTS = """\
Of the causes, one that the code of a deficiency states comes first, then an operation, then a condition
(`cause_from`); the last two count only for patients with a deficiency or treatment with vitamin B12. Two different
causes of one kind are a conflict, and the cause is then unknown. Nerves are involved since the earliest code; without
a code that is unknown, never no. The date of diagnosis is that of the earliest code of a deficiency, and blank when
the record tells of one before it. Of smoking the latest code counts."""


def code_section() -> str:
    """The section in Markdown: each group with what it says, its codes with their sources, and its words."""
    listed = code_list()
    blocks = [_group(group) for group in listed.groups[: listed.listed]]
    sources = listing(f"{letter}: {cell(source)}" for letter, source in listed.sources.items())
    names = listing(map(cell, listed.injections))
    return "\n\n".join(
        [
            f"## Clinical codes\n\n{_INTRODUCTION}\n\n{_PATIENTS}",
            *blocks,
            f"### Names of an injection\n\nAn action goes before or behind one of these.\n\n{names}",
            f"### Sources of the codes\n\n{sources}",
        ]
    )


def _group(group: Group) -> str:
    parts = [f"### Codes: {group.title}", _meaning(group)]
    if group.codes:
        parts.append(table(("code", "system", "term", "sources"), map(_row, group.codes)))
    parts += [f"{heading}: {'; '.join(map(cell, words))}." for heading, words in _words(group) if words]
    return "\n\n".join(parts)


def _meaning(group: Group) -> str:
    says = ", ".join(f"{field} {code(word)}" for field, word in group.says.items())
    sentence = f"Says: {says}." if says else "Known, and not used."
    return f"{sentence} {cell(group.because)}".strip()


def _row(listed: Code) -> tuple[str, str, str, str]:
    return code(listed.code), SYSTEMS[listed.system], listed.term, " ".join(listed.sources)


def _words(group: Group) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "Words, beside the terms of its codes" if group.codes else "Words", group.words
    yield "Actions, beside the name of an injection", group.actions
    test = group.says.get("test")
    yield "Names of the test, alone or with serum, plasma, blood, level and the like", synonyms("test", test or "")
