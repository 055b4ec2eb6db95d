"""Everything that happened to the patients beside doses, as windows can ask for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.cohort.calendar import Mask
from audit.cohort.columns import masked
from audit.cohort.events import Events
from audit.cohort.rows import ReviewRows, TreatmentRows
from audit.standards.standard import Standard


@dataclass(frozen=True, slots=True)
class Happenings:
    """Events within each patient's window, by kind.

    Attributes:
        treatment: B12, antidote aside, issued or given by any route.
        oral: of these by mouth; oral_full: of at least the covering dose a day; oral_unknown: of unknown dose.
        folic_acid: issued or given, in full dose; folic_acid_unknown: of unknown dose.
        declined, deferred, not_attended, stopped: of injections.
        reviews: of any outcome; plateaued: no further improvement or resolved; improving: still improving.
    """

    treatment: Events
    oral: Events
    oral_full: Events
    oral_unknown: Events
    folic_acid: Events
    folic_acid_unknown: Events
    declined: Events
    deferred: Events
    not_attended: Events
    stopped: Events
    reviews: Events
    plateaued: Events
    improving: Events


def build_happenings(rows: TreatmentRows, reviews: ReviewRows, size: int, standard: Standard) -> Happenings:
    """Sorts the rows of `size` patients into their kinds."""
    oral = rows.oral & (rows.given | rows.issued)

    def treatments(mask: Mask) -> Events:
        return Events.of(masked(rows.patient, mask), masked(rows.day, mask), size)

    def reviewed(mask: Mask) -> Events:
        return Events.of(masked(reviews.patient, mask), masked(reviews.day, mask), size)

    return Happenings(
        treatment=treatments(rows.treatment),
        oral=treatments(oral),
        oral_full=treatments(oral & (rows.dose >= standard.number("oral.cover_micrograms"))),
        oral_unknown=treatments(oral & np.isnan(rows.dose)),
        folic_acid=treatments(rows.folic_acid & (rows.dose >= standard.number("folic.micrograms"))),
        folic_acid_unknown=treatments(rows.folic_acid & np.isnan(rows.dose)),
        declined=treatments(rows.injection & rows.event_is("declined")),
        deferred=treatments(rows.injection & rows.event_is("deferred")),
        not_attended=treatments(rows.injection & rows.event_is("not_attended")),
        stopped=treatments(rows.injection & rows.event_is("stopped")),
        reviews=reviewed(np.ones(reviews.day.shape, dtype=np.bool_)),
        plateaued=reviewed(reviews.outcome_is("no_further_improvement", "resolved")),
        improving=reviewed(reviews.outcome_is("improving")),
    )
