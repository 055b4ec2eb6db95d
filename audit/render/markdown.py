"""Tables and pages in Markdown, for the documents that are made from the code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

COMMAND = "b12audit docs --out docs"


def page(title: str, made_from: str, *blocks: str) -> str:
    """A whole page: who made it, its title, its blocks."""
    head = f"<!-- Made by `{COMMAND}` from {made_from}; edit that instead. -->"
    return "\n\n".join([head, f"# {title}", *blocks]) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; text of a cell that Markdown would read is made harmless."""
    lines = [headings, ["---"] * len(headings), *([cell(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """One line of text that closes no cell and opens no tag."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def listing(items: Iterable[str]) -> str:
    """A list with bullets."""
    return "\n".join(f"* {item}" for item in items)


def code(word: str) -> str:
    """A word as it stands in a file; blank says so."""
    return f"`{word}`" if word else "(blank)"
