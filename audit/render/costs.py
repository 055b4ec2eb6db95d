"""What it costs in answers when a field that matters says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from audit.results.completeness import Completeness

#: By field: what a blank cell costs, and what a missing column does.
COSTS: Final[Mapping[str, tuple[str, str]]] = {
    "neurological_involvement": (
        "judged by both schedules; where the two differ, the report cannot tell",
        "nobody's schedule is known; where the two differ, the report cannot tell",
    ),
    "registered_from": (
        "the start of treatment may not show, so that loading cannot be judged",
        "everyone counts as registered since the history start",
    ),
    "event": (
        "the row is set aside, and its patient cannot be assessed",
        "every row counts as issued, not as given, which proves no injection",
    ),
    "route": (
        "whether it went into the muscle cannot be told",
        "only the drug's name tells; whether it went into the muscle often cannot be told",
    ),
    "dose": (
        "whether the dose was right cannot be told",
        "only the drug's name tells; where it does not, the dose cannot be judged",
    ),
    "directions": (
        "what interval was prescribed cannot be told",
        "what interval was prescribed cannot be told",
    ),
}


def cost(item: Completeness) -> str:
    """What the blanks of one field cost; blank when there are none."""
    when_blank, without_column = COSTS[item.field]
    if item.present:
        return when_blank if item.blank else ""
    return without_column
