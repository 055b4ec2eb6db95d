"""The practice report as one page: no network, nothing from outside, nothing that runs but one known script."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from audit.render.compare_page import ComparePage
from audit.render.view import View

_REPORT: Final = "report.html"
_COMPARISON: Final = "compare.html"
_STYLE: Final = "report.css"
_SCRIPT: Final = "report.js"


def render_html(view: View) -> str:
    """The page. Everything in the view is text and is escaped; style and script are ours and named by their hash."""
    return _render(_REPORT, view)


def render_comparison(view: ComparePage) -> str:
    """The page of two cycles, under the same rules."""
    return _render(_COMPARISON, view)


def _render(template: str, view: View | ComparePage) -> str:
    environment = _environment()
    return environment.get_template(template).render(view=view, policy=_policy(environment)) + "\n"


@cache
def _environment() -> Environment:
    """Autoescape whatever the template's name; a name that the view lacks is an error."""
    return Environment(
        loader=PackageLoader("report_templates", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _policy(environment: Environment) -> str:
    """Content security policy: nothing is loaded, and only the one style and the one script apply."""
    style, script = (_hash(environment.get_template(name).render()) for name in (_STYLE, _SCRIPT))
    allowed = f"style-src {style}; script-src {script}; img-src data:"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    """A source of the policy: the text between the element's tags, as the page holds it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
