"""The gate itself: refuses what looks identifiable, and warns of single strays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from audit.intake.cells import Sheet
from audit.intake.extract import Finding
from audit.intake.identity.beside import Aside, aside_warnings, bad_asides, bad_names
from audit.intake.identity.column import Suspect
from audit.intake.identity.judge import suspects
from audit.intake.identity.messages import identifiable, warning


def check_identity(
    sheets: Sequence[Sheet],
    file_name: str,
    hidden: Sequence[Sheet] = (),
    asides: Sequence[Aside] = (),
    details: Sequence[str] = (),
    given: Path | None = None,
) -> tuple[Finding, ...]:
    """Refuse what looks identifiable; of single strays give findings.

    Args:
        sheets: every sheet of the input, the ignored ones too.
        file_name: the input's name, a folder's for a folder.
        hidden: hidden sheets, where a single stray is enough.
        asides: comments, headers, properties, as `asides.read_asides` gives them.
        details: places that are known to hold a person's details, because their format says so.
        given: where the input stands, as it was typed, for the command that makes a copy without them.

    Returns:
        Findings of severity warning, with the first cell of each kind in each column, never its value.

    Raises:
        IdentifiableData: with columns and counts of cells.
    """
    found = [(sheet, suspect) for sheet in sheets for suspect in suspects(sheet)]
    found += [
        (sheet, replace(suspect, refused=True)) for sheet in hidden for suspect in suspects(sheet) if _counts(suspect)
    ]
    elsewhere = [*bad_names([*sheets, *hidden], file_name), *details, *bad_asides(asides)]
    refused = [(sheet, suspect) for sheet, suspect in found if suspect.refused]
    if refused or elsewhere:
        raise identifiable(refused, elsewhere, (file_name, given))
    return (*(warning(sheet, suspect) for sheet, suspect in found), *aside_warnings(asides, file_name))


def _counts(suspect: Suspect) -> bool:
    return suspect.kind != "staff"
