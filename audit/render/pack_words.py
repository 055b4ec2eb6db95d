"""What the pack says in words: published numbers as printed, and the sentences that hold for every pack."""

from __future__ import annotations

from typing import Final

from audit.render.words import NONE, percent
from audit.results.disclosure import SafeCount
from audit.results.pack import SafeRow, Share
from audit.standards.disclosure import Profile

SUPPRESSED_WORD: Final = "suppressed"
FLAG: Final = "A flag is a starting point for a conversation, not a judgement: check the data first."
STATEMENT: Final = (
    "This pack counts what records show against published guidance. It does not assess individual clinical need or the "
    "quality of any practice, and injections given elsewhere may be missing. Practices stand in the order of their "
    "names or sizes, never of their results."
)
_MISSING: Final = (
    "This is not the share of the whole area: a practice drops out where one of its counts is small, often because "
    "nearly everybody met."
)
#: with fewer patients asked a share is not printed as a percentage
LEAST_FOR_PERCENT: Final = 10


def count_text(count: SafeCount) -> str:
    """The count, or that it is suppressed."""
    return SUPPRESSED_WORD if count.value is None else f"{count.value:,}"


def share_word(share: Share) -> str:
    """The share as a percentage: suppressed where a part is; a dash where nobody is asked, or too few."""
    if share.whole.value == 0 or (share.whole.value or LEAST_FOR_PERCENT) < LEAST_FOR_PERCENT:
        return NONE
    return SUPPRESSED_WORD if share.value is None else percent(share.value)


def interval_word(share: Share) -> str:
    """Its 95% interval, "40% to 70%"; a dash where there is no share."""
    found = share.interval
    return NONE if found is None else f"{percent(found[0])} to {percent(found[1])}"


def pooled_sentence(row: SafeRow, shown: int, asked: int) -> str:
    """All together, over the practices whose numbers can be shown."""
    if row.share.value is None:
        return "The numbers of no practice can be shown."
    over = f"over the {shown:,} of {asked:,} practices whose numbers can be shown"
    bound = Share(row.not_assessable, row.eligible).value
    none = row.not_assessable.value == 0
    unclear = f" For {'none' if none else count_text(row.not_assessable)} the record cannot tell."
    unclear = unclear if bound is not None else ""
    fewer = f" {_MISSING}" if shown < asked else ""
    counts = f"{count_text(row.met)} of {count_text(row.eligible)} ({percent(row.share.value)})"
    return f"About {counts} met, {over}.{unclear}{fewer}"


def method(profile: Profile) -> tuple[str, ...]:
    """How the numbers were made safe to publish."""
    return (
        f"Counts of 1 to {profile.largest_small} are suppressed, all others rounded to the nearest {profile.base}. "
        f"{profile.name.capitalize()} profile: {profile.what}.",
        "Where a suppressed count could be worked out from those beside it, one more is suppressed. With fewer than "
        f"{profile.extremes_below} patients asked, nobody and everybody are suppressed too.",
        f"A count that was suppressed in the last release is shown again from {profile.back_from} on.",
        "Percentages, intervals, limits and places in charts are computed from the published counts alone, so they can "
        "differ by a few points from those in a practice's own report. Counts may not add up.",
        "What is said of all practices together is the sum of published counts, over those whose numbers can be shown: "
        "small practices are under-represented there.",
        'Suppressed is never 0: it is the word "suppressed" in tables, and null in pack.json.',
        "The share counts patients of whom the record cannot tell as not met, so that missing data never flatters.",
        "Intervals are Wilson's, at 95%. Funnel limits are exact binomial ones at 95% and 99.8%, around the share of "
        "all together, from 8 practices on; only the outer ones flag.",
        "Nothing here is dated more closely than a quarter, and nothing is said of any single patient.",
    )
