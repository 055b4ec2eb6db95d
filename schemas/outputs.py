"""Pandera contracts of the published tables: verdicts, intervals and findings, as a run holds and writes them.

Dates are whole days as datetime64[s], missing as NaT. Text is never missing: blank is "". Counts and days are whole
numbers, missing where CONTRACT says blank. Each column carries the sentence that the data dictionary prints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import pandera.pandas as pa

from schemas import vocabulary as words

BASIS: Final = ("given", "issued", "")
INTERVAL_KIND: Final = ("transition", "maintenance")
#: An interval that is neither judged nor waiting is not published.
INTERVAL_OUTCOME: Final = ("met", "not_met", "excepted", "not_assessable", "pending")
_WITHOUT_REASON: Final = ("met", "pending")
_WITH_REASON: Final = ("excluded", "not_applicable", "not_assessable", "excepted")


def _is_text(column: pd.Series) -> bool:
    plain = column.dtype == "object" or isinstance(column.dtype, pd.StringDtype)
    return plain and pd.api.types.is_string_dtype(column)


def _is_day(column: pd.Series) -> bool:
    return column.dtype == "datetime64[s]"


def _is_int(column: pd.Series) -> bool:
    return str(column.dtype) in ("int32", "Int32")


def _text(description: str, *checks: pa.Check) -> pa.Column:
    """A column of text; an empty table may hold it as plain objects."""
    return pa.Column(None, [pa.Check(_is_text, name="text"), *checks], description=description)


def _word(known: Sequence[str], description: str) -> pa.Column:
    return _text(description, pa.Check.isin(list(known)))


def _code(pattern: str, description: str) -> pa.Column:
    return _text(description, pa.Check.str_matches(pattern))


def _date(description: str, nullable: bool = True) -> pa.Column:
    # pandera's own dtype does not tell seconds from nanoseconds
    return pa.Column(None, pa.Check(_is_day, name="date"), nullable=nullable, description=description)


def _whole(least: int, description: str, nullable: bool = True) -> pa.Column:
    checks = [pa.Check(_is_int, name="whole number"), pa.Check.ge(least)]
    return pa.Column(None, checks, nullable=nullable, description=description)


def _in_order(earlier: str, later: str) -> pa.Check:
    """A date is not before another, wherever both are there."""

    def holds(table: pd.DataFrame) -> pd.Series:
        return ~(table[earlier] > table[later])

    return pa.Check(holds, name=f"{earlier}_not_after_{later}")


def _reason_fits(table: pd.DataFrame) -> pd.Series:
    has = table["reason"] != ""
    wrong = has & table["outcome"].isin(_WITHOUT_REASON) | ~has & table["outcome"].isin(_WITH_REASON)
    return ~wrong


def _grace_of_met(table: pd.DataFrame) -> pd.Series:
    return table["within_grace"].isna() | (table["outcome"] == "met")


def _counts_fit(table: pd.DataFrame) -> pd.Series:
    neither = table["intervals_met"].isna() & table["intervals_judged"].isna()
    return neither | (table["intervals_met"] <= table["intervals_judged"]).fillna(False)


def _days_fit(table: pd.DataFrame) -> pd.Series:
    return table["to_date"].isna() | ((table["to_date"] - table["from_date"]).dt.days == table["days"])


def _table(columns: Mapping[str, pa.Column], order: Sequence[str], *checks: pa.Check, unique: list[str] | None = None
           ) -> pa.DataFrameSchema:  # fmt: skip
    return pa.DataFrameSchema(
        {name: columns[name] for name in order}, checks=list(checks), unique=unique, strict=True, ordered=True
    )


_PERSON: Final = {
    "patient_id": _text("The patient's pseudonym, as the extract has it.", pa.Check.str_length(min_value=1)),
    "practice_id": _text("The practice.", pa.Check.str_length(min_value=1)),
    "basis": _word(BASIS, "Whether the patient's doses are injections given or issues; blank without doses."),
}
_CRITERION: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"

#: One row for each patient and criterion, by practice, patient and criterion.
VERDICTS = _table(
    {
        **_PERSON,
        "criterion": _code(_CRITERION, "The criterion's code."),
        "outcome": _word(words.OUTCOME, "What the criterion says of the patient."),
        "reason": _word(words.REASON, "Why; blank where the outcome needs no reason."),
        "within_grace": pa.Column(
            "boolean", nullable=True, description="Met, but only with days of grace; blank unless asked and met."
        ),
        "from_date": _date("First day of the deciding interval, or of the window."),
        "due_date": _date("Day on which the next injection, or the last of loading, was due, without grace."),
        "limit_date": _date("Last day that still counts as met."),
        "to_date": _date("Last day of the deciding interval, blank while open; or the event that meets the window."),
        "days": _whole(0, "Days from the first to the last day of the interval; to the last day observed while open."),
        "intervals_met": _whole(0, "Intervals of the patient that the criterion finds met."),
        "intervals_judged": _whole(0, "Intervals of the patient that the criterion judges."),
    },
    words.VERDICT_COLUMNS,
    pa.Check(_reason_fits, name="reason_fits_outcome"),
    pa.Check(_grace_of_met, name="grace_of_met_only"),
    pa.Check(_counts_fit, name="met_among_judged"),
    _in_order("due_date", "limit_date"),
    _in_order("from_date", "limit_date"),
    unique=["practice_id", "patient_id", "criterion"],
)

#: One row for each interval that enters an interval criterion.
INTERVALS = _table(
    {
        **_PERSON,
        "kind": _word(INTERVAL_KIND, "From loading to maintenance, or between two maintenance injections."),
        "from_date": _date("The injection at its beginning.", nullable=False),
        "to_date": _date("The next injection; blank while the interval is open."),
        "days": _whole(0, "Days to the next injection, or to the last day observed while it is open.", nullable=False),
        "months": _code(
            r"^\d+( weeks)?( or \d+( weeks)?)?$",
            "Longest length in months, or in weeks where a local rule counts in them; two where both are possible.",
        ),
        "due_date": _date("Day on which the next injection was due, without grace.", nullable=False),
        "limit_date": _date("Last day that still counts as met.", nullable=False),
        "neurological": _word(words.YES_NO_UNKNOWN, "Whether neurological involvement counts for this interval."),
        "criterion": _code(_CRITERION, "The criterion that the interval enters."),
        "outcome": _word(INTERVAL_OUTCOME, "What came of it."),
        "reason": _word(words.REASON, "Why; blank where the outcome needs no reason."),
    },
    words.INTERVAL_COLUMNS,
    pa.Check(_reason_fits, name="reason_fits_outcome"),
    pa.Check(_days_fit, name="days_between_the_dates"),
    _in_order("from_date", "to_date"),
    _in_order("due_date", "limit_date"),
    unique=["practice_id", "patient_id", "from_date"],
)

#: One row for each problem of the data: errors first.
FINDINGS = _table(
    {
        "severity": _word(words.SEVERITY, "How much it matters."),
        "code": _code(r"^[A-Z][A-Z0-9_]*$", "The kind of problem."),
        "file": _text("The file in which it stands."),
        "sheet": _text("The sheet; blank where the whole file is meant."),
        "row": _whole(1, "The row as Excel numbers it; blank where a whole sheet or file is meant."),
        "column": _code(r"^[A-Z]*$", "The column's letter; blank where a whole row is meant."),
        "field": _text("The field that the column holds."),
        "value": _text("What stands there; never of a column that may identify a person."),
        "message": _text("What is wrong and what it leads to, in a sentence.", pa.Check.str_length(min_value=1)),
    },
    words.FINDING_COLUMNS,
)

_MONTHS: Final = r"^(\d+( weeks)?( or \d+( weeks)?)?)?$"


def _known_together(table: pd.DataFrame) -> pd.Series:
    """A row has week, due date and limit, or none of them."""
    known = table["due_date"].notna()
    others = (table["limit_date"].notna(), table["week_from"].notna(), table["week"] != "")
    return (others[0] == known) & (others[1] == known) & (others[2] == known)


#: One row for each patient on maintenance injections: overdue first, then by the day the next injection falls due.
RECALL = _table(
    {
        **_PERSON,
        "state": _word(words.RECALL_STATE, "Where the next injection stands on the extract date."),
        "week": _code(r"^(\d{4}-W\d{2})?$", "ISO week in which it falls due, by the earlier day of two."),
        "week_from": _date("The Monday of that week."),
        "last_injection": _date("The last injection, or issue, on record."),
        "months": _code(_MONTHS, "Longest length of the interval, in months or weeks; two where both are possible."),
        "earlier_due_date": _date("The earlier of two possible days, such as that with involvement; else blank."),
        "due_date": _date("Day on which the next injection falls due by the standard, without grace."),
        "limit_date": _date("Last day that counts as on time, with grace."),
        "days_late": _whole(0, "Days from the due date to the extract date, once the limit has passed; else blank."),
        "neurological": _word(words.YES_NO_UNKNOWN, "Whether neurological involvement counts for this interval."),
        "reason": _word(words.REASON, "Why the record cannot tell, or what it says of the delay; else blank."),
    },
    words.RECALL_COLUMNS,
    pa.Check(_known_together, name="dates_known_together"),
    _in_order("last_injection", "due_date"),
    _in_order("earlier_due_date", "due_date"),
    _in_order("due_date", "limit_date"),
    unique=["practice_id", "patient_id"],
)

TABLES: Final = {"verdicts": VERDICTS, "intervals": INTERVALS, "findings": FINDINGS, "recall": RECALL}
