"""A release as a line of the ledger, and back again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from audit.results.disclosure import PARTS
from audit.results.pack_counts import FIELDS, PackCounts
from audit.results.patterns import CLASSES
from audit.results.publish import Release
from audit.results.releases import KEPT, PUBLISHED, Entry, Quarter

#: raised when a line of the ledger gets another form
FORM: Final = 1


def as_line(entry: Entry) -> dict[str, Any]:
    """The entry as the ledger keeps it."""
    counts, release = entry.counts, entry.release
    return {
        "form": FORM,
        "quarter": [entry.quarter.number, entry.quarter.months],
        "ends": entry.ends.isoformat() if entry.ends else None,
        "profile": entry.profile,
        "standard": entry.standard,
        "practices": list(counts.practices),
        "criteria": list(counts.criteria),
        "exact": {name: getattr(counts, name).tolist() for name in KEPT},
        "published": {name: getattr(release, name).tolist() for name in PUBLISHED},
    }


def from_line(said: Mapping[str, Any]) -> Entry:
    """The entry of a ledger's line; raises KeyError, TypeError or ValueError where it has another form."""
    if said["form"] != FORM:
        raise ValueError(f"form {said['form']}")
    practices, criteria = tuple(said["practices"]), tuple(said["criteria"])
    shapes = {
        "rows": (len(practices), len(criteria), len(PARTS)),
        "eligible": (len(practices), len(criteria)),
        "classes": (len(practices), len(CLASSES)),
        "missing": (len(practices), len(FIELDS)),
    }

    def array(kind: str, name: str) -> npt.NDArray[np.int64]:
        return np.array(said[kind][name], dtype=np.int64).reshape(shapes.get(name, (len(practices),)))

    kept = {name: array("exact", name) for name in KEPT}
    counts = PackCounts(
        practices=practices,
        partial=(False,) * len(practices),
        criteria=criteria,
        injected=np.zeros(len(practices), dtype=np.int64),
        **kept,
    )
    release = Release(**{name: array("published", name) for name in PUBLISHED})
    ends = date.fromisoformat(said["ends"]) if said.get("ends") else None
    return Entry(Quarter(*said["quarter"]), said["profile"], said["standard"], counts, release, ends)
