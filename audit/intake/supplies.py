"""What a table of treatments says of each patient's vitamin B12, for events whose code does not say which it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from audit.intake.cells import Grid, Mask, text
from audit.intake.drugs import Drug, read_drug
from audit.intake.ids import read_ids
from audit.intake.values import read_words
from schemas.vocabulary import B12_SUBSTANCES, ROUTE

_INJECTED: Final = ("intramuscular", "subcutaneous", "injection")


@dataclass(frozen=True, slots=True)
class Supplies:
    """Of one input.

    Attributes:
        treated: patients with a row of vitamin B12, by any route.
        injected: patient -> the one drug that his or her injections are; patients with several are left out.
    """

    treated: frozenset[str] = frozenset()
    injected: Mapping[str, str] = field(default_factory=dict)


NOTHING_SUPPLIED: Final = Supplies()


def read_supplies(grid: Grid) -> Supplies:
    """Read a table of treatments.

    Where the injections of a patient differ in strength only, the drug is named without one.

    Raises:
        InputRejected: Excel has rounded the patient ids.
    """
    column, ids = grid.columns["drug"], read_ids(grid)
    names = [text(cell) for cell in column.distinct]
    drugs = [read_drug(name) for name in names]
    ours = column.spread(np.array([drug.substance in B12_SUBSTANCES for drug in drugs], np.bool_)) & ~ids.missing
    treated = frozenset(ids.distinct[code] for code in np.unique(ids.codes[ours]).tolist())
    rows = ours & _injections(grid, drugs)
    frame = pd.DataFrame({"patient": ids.codes[rows], "drug": column.codes[rows]}).drop_duplicates()
    frame["substance"] = pd.Series([drugs[place].substance for place in frame["drug"]], frame.index, dtype="str")
    frame["strength"] = [drugs[place].micrograms or 0.0 for place in frame["drug"]]
    by_patient = frame.groupby("patient").agg(
        drug=("drug", "first"),
        substance=("substance", "first"),
        substances=("substance", "nunique"),
        strengths=("strength", "nunique"),
    )
    one = by_patient[by_patient["substances"] == 1]
    bare = one["substance"].str.capitalize() + " injection"
    exact = pd.Series([names[place] for place in one["drug"]], index=one.index, dtype="str")
    chosen = exact.where(one["strengths"] == 1, bare)
    patients = [ids.distinct[code] for code in one.index.tolist()]
    return Supplies(treated, dict(zip(patients, chosen.tolist(), strict=True)))


def _injections(grid: Grid, drugs: list[Drug]) -> Mask:
    """Rows of an injection by their route, else their drug's; hydroxocobalamin without a route is one."""
    column = grid.columns["drug"]
    named = column.spread(np.array([ROUTE.index(drug.route) if drug.route else -1 for drug in drugs], np.int8))
    if "route" in grid.columns:
        typed = read_words(grid.columns["route"], "route").values
        named = np.where(typed == -1, named, typed)
    hydroxocobalamin = column.spread(np.array([drug.substance == B12_SUBSTANCES[0] for drug in drugs], np.bool_))
    injected: Mask = np.isin(named, [ROUTE.index(route) for route in _INJECTED]) | ((named == -1) & hydroxocobalamin)
    return injected
