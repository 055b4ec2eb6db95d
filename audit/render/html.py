"""The practice report as one page: no network, nothing from outside, nothing that runs but one known script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from audit.render.compare_page import ComparePage
from audit.render.pack_page import PackPage
from audit.render.view import View

_REPORT: Final = "report.html"
_COMPARISON: Final = "compare.html"
_PACK: Final = "pack.html"
_STYLE: Final = "report.css"
_SCRIPT: Final = "report.js"


#: bytes; a page that would be larger shows fewer rows, and says so
MOST_BYTES: Final = 3_000_000
#: of the rows that would fill the page: how many are tried, so that one that runs long does not need a third try
_HEADROOM: Final = 0.97


def render_html(view: View) -> str:
    """The page, at most `MOST_BYTES` long: a page that would be longer shows fewer rows of the worklist.

    Everything in the view is text and is escaped; style and script are ours and named by their hash.
    """

    def page(count: int) -> str:
        return _render(_REPORT, replace(view, worklist=view.worklist.first(count)))

    return _that_fits(page, len(view.worklist.shown))


def render_comparison(view: ComparePage) -> str:
    """The page of two cycles, under the same rules."""
    return _that_fits(lambda count: _render(_COMPARISON, view.first(count)), max(len(view.shown), len(view.acted_on)))


def _that_fits(page: Callable[[int], str], rows: int) -> str:
    """The page with as many rows as there is room for; an estimate of each row's size says how many to try next."""
    text = page(rows)
    size = _size(text)
    if size <= MOST_BYTES or not rows:
        return text
    bare = _size(page(0))
    while size > MOST_BYTES and rows:
        share = max(MOST_BYTES - bare, 0) / max(size - bare, 1)
        rows = min(int(rows * share * _HEADROOM), rows - 1)
        text = page(rows)
        size = _size(text)
    return text


def _size(text: str) -> int:
    return len(text.encode())


def render_pack(view: PackPage) -> str:
    """The commissioner pack, under the same rules."""
    return _render(_PACK, view)


def _render(template: str, view: View | ComparePage | PackPage) -> str:
    environment = page_environment()
    return environment.get_template(template).render(view=view, policy=_policy(environment)) + "\n"


@cache
def page_environment() -> Environment:
    """Autoescape whatever the template's name; a name that the view lacks is an error."""
    environment = Environment(
        loader=PackageLoader("report_templates", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = "{:,}".format
    return environment


def _policy(environment: Environment) -> str:
    """Content security policy: nothing is loaded, and only the one style and the one script apply."""
    style, script = (_hash(environment.get_template(name).render()) for name in (_STYLE, _SCRIPT))
    allowed = f"style-src {style}; script-src {script}; img-src data:"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    """A source of the policy: the text between the element's tags, as the page holds it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
