"""Percentages, places and labels as the report prints them, and text of the input made harmless to look at."""

from __future__ import annotations

import re
from typing import Final

from audit.results.audit import Window
from audit.results.phrases import joined

NONE: Final = "–"
STATEMENT: Final = (
    "This report audits records against published guidance. It does not assess individual clinical need, does not "
    "recommend treatment, and may miss injections given elsewhere. Check the clinical record before acting."
)
OUTCOMES: Final = {
    "met": "Met",
    "not_met": "Not met",
    "excepted": "Not met, with a recorded reason",
    "not_assessable": "Cannot tell",
    "pending": "Waiting",
    "not_applicable": "Not asked",
    "excluded": "Excluded",
}
SOURCES: Final = {
    "bnf": "BNF",
    "bnf2018": "BNF change of 2018",
    "smpc": "SmPC",
    "ng239": "NICE NG239",
    "cks": "NICE CKS",
    "bsh": "BSH guideline",
    "patient_group": "Patient organisations",
    "standard": "Audit standard",
    "perla2011": "Perla 2011",
    "making_data_count": "NHS England, Making Data Count",
}
SET_ASIDE: Final = {
    "duplicate": "exact duplicates",
    "not_b12": "not vitamin B12",
    "unreadable": "unreadable",
    "no_patient_id": "without a patient reference",
    "patient_only": "that only bring a patient",
    "after_end": "dated after the end",
}
_ORIGINS: Final = {
    "option": "given with the command",
    "about": "stated in the file",
    "assumed": "assumed from the entries; nobody stated it",
}
#: Characters that no writer may pass on: controls but tab and line breaks, lone surrogates, non-characters, and the
#: marks that turn the direction of text (they can make one patient's reference look like another's).
_HARMFUL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_LONGEST: Final = 300
_HALF, _ALL = 0.5, 100


def clean(text: str, longest: int = _LONGEST) -> str:
    """Text of the input as it may be shown: no control characters, at most `longest` characters."""
    shown = _HARMFUL.sub("\ufffd", text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def percent(share: float) -> str:
    """A fraction as a whole percentage that says 0% and 100% only where that is exactly so."""
    whole = int(share * 100 + _HALF)
    if share > 0 and not whole:
        return "under 1%"
    return "over 99%" if share < 1 and whole == _ALL else f"{whole}%"


def share_text(part: int, whole: int, least: int) -> str:
    """For example "58 of 120 (48%)"; under `least` patients no percentage; "no patients" where there is nobody."""
    if not whole:
        return "no patients"
    counts = f"{part:,} of {whole:,}"
    return counts if whole < least else f"{counts} ({percent(part / whole)})"


def source_label(key: str) -> str:
    """A source's short name; its key where it has none."""
    return SOURCES.get(key, key)


def origin(came_from: str) -> str:
    """Where one of the run's dates came from."""
    return _ORIGINS.get(came_from, came_from)


def set_aside_text(reasons: dict[str, int]) -> str:
    """For example "19 exact duplicates and 5 unreadable"; blank when nothing was set aside."""
    return joined([f"{count:,} {SET_ASIDE.get(reason, reason)}" for reason, count in reasons.items()])


def short_hash(window: Window) -> str:
    """The first 12 digits of the input's SHA-256."""
    return window.sha256[:12]
