"""How often the fields that matter most say nothing, or nothing that can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from audit.cohort.cohort import Cohort
from audit.intake.extract import Extract
from schemas.vocabulary import B12_SUBSTANCES, GIVEN_EVENTS

#: Patients' fields, then those of treatments.
_PATIENTS: Final = ("neurological_involvement", "registered_from")
_TREATMENTS: Final = ("event", "route", "dose", "directions")
_INJECTION: Final = "injection"


@dataclass(frozen=True, slots=True)
class Completeness:
    """One field.

    Attributes:
        table: Patients or Treatments.
        present: whether any sheet has a column for it.
        blank: how many patients, or rows, say nothing that can be used; of the route and dose, not by the drug either.
        of: of how many: the patients in the audit, or the rows of vitamin B12 that are used or were set aside because
            they cannot be read. Of these, route and dose ask the rows that stand for doses, directions those issued.
    """

    table: str
    field: str
    present: bool
    blank: int
    of: int


def completeness(extract: Extract, cohort: Cohort) -> tuple[Completeness, ...]:
    """The fields that matter most, of one input."""
    columns = {field for sheet in extract.facts.sheets for field in sheet.columns}
    inside = ~cohort.excluded
    people = {
        "neurological_involvement": (extract.patients["neurological_involvement"] == "unknown").to_numpy(),
        "registered_from": extract.patients["registered_from"].isna().to_numpy(),
    }
    rows = extract.treatments
    b12 = (rows["substance"].isin(B12_SUBSTANCES) & rows["set_aside"].isin(["", "unreadable"])).to_numpy()
    doses = b12 & _stand_for_doses(rows, cohort)
    asked = {"event": b12, "route": doses, "dose": doses, "directions": b12 & (rows["event"] == "issued").to_numpy()}
    unsaid = {
        "event": rows["event"].isna().to_numpy() | ("event" not in columns),
        "route": (rows["route"].isna() | (rows["route"] == _INJECTION)).to_numpy(),
        "dose": rows["dose_micrograms"].isna().to_numpy(),
        "directions": (rows["directions_status"] != "read").to_numpy(),
    }
    return (
        *(_count("Patients", name, name in columns, people[name] & inside, inside) for name in _PATIENTS),
        *(_count("Treatments", name, name in columns, unsaid[name] & asked[name], asked[name]) for name in _TREATMENTS),
    )


def over_inputs(found: Sequence[Sequence[Completeness]]) -> tuple[Completeness, ...]:
    """The same fields over all inputs of a run; at least one."""
    return tuple(
        Completeness(
            parts[0].table,
            parts[0].field,
            any(part.present for part in parts),
            sum(part.blank for part in parts),
            sum(part.of for part in parts),
        )
        for parts in zip(*found, strict=True)
    )


def _stand_for_doses(rows: pd.DataFrame, cohort: Cohort) -> np.ndarray:
    """What was given; where only issues of a patient are known, those."""
    issues_only = np.append(cohort.doses.issued_basis, False)[rows["patient"].to_numpy()]
    given, issued = rows["event"].isin(GIVEN_EVENTS).to_numpy(), (rows["event"] == "issued").to_numpy()
    return np.where(issues_only, issued, given)


def _count(table: str, field: str, present: bool, blank: np.ndarray, of: np.ndarray) -> Completeness:
    return Completeness(table, field, present, int(blank.sum()), int(of.sum()))
